//! What stretches of text become, worked out ahead.

use super::format::{ALONE, PAIR_BYTES, SLOT_BYTES, pair_key};
use super::u32_at;
use crate::hash;

/// Stretches of text whose conversion was worked out ahead: all that may not convert by
/// character, or beginnings of them of which nothing is known.
#[derive(Clone, Copy)]
pub struct Precomputed {
    slots: &'static [[u8; SLOT_BYTES]],
    bits: u32,
    buckets: &'static [u8],
}

/// A stretch of text that may not convert by character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Bytes of the text that it takes.
    pub len: usize,
    /// What it becomes, UTF-8; nothing where that is not known.
    pub value: Option<&'static [u8]>,
    /// Whether a segment may start inside of it and end behind it; then the value is wrong.
    pub may_be_cut: bool,
}

impl Stretch {
    /// A stretch and what the file says of it.
    #[inline(always)]
    fn new(len: usize, value: &'static [u8]) -> Stretch {
        let (tag, value) = value.split_first().unzip();
        Stretch { len, value, may_be_cut: tag == Some(&1) }
    }
}

impl Precomputed {
    pub(super) fn new(section: &'static [u8]) -> Precomputed {
        let (head, rest) = section.split_at(4);
        let bits = u32_at(head, 0);
        let (slots, buckets) = rest.split_at(SLOT_BYTES << bits);
        Precomputed { slots: slots.as_chunks().0, bits, buckets }
    }

    /// The longest stretch that `text` starts with.
    ///
    /// Where it is right to start a stretch, and there is none, the text converts by character
    /// as far as phrases are concerned that start there.
    #[inline]
    pub fn longest(&self, text: &[u8]) -> Option<Stretch> {
        let (head, rest) = text.split_first_chunk()?;
        let head = self.head(pair_key(*head))?;
        let bucket = self.buckets.get(head.offset..)?;
        let (alone, longer) = if head.is_stretch {
            let (len, tail) = bucket.split_first()?;
            let (value, tail) = tail.split_at(usize::from(*len));
            (Some(Stretch::new(PAIR_BYTES, value)), tail)
        } else {
            (None, bucket)
        };
        // mostly none of the longer ones is there: that they, of which there may be a hundred, need
        // not be read saves s2twp an eighth of its time
        let may_go_on = rest.get(2).is_none_or(|third| head.thirds >> (third & 15) & 1 == 1);
        let longer = if may_go_on { longest_behind(longer, rest) } else { None };
        longer.or(alone)
    }

    /// The head of stretches that has these bytes.
    #[inline]
    fn head(&self, bytes: u64) -> Option<Head> {
        let mask = self.slots.len() - 1;
        let mut slot = hash::place(bytes, self.bits);
        // half of the slots are free, so this ends
        loop {
            let head = Head::read(self.slots[slot & mask]);
            if head.bytes == bytes {
                return Some(head);
            }
            if head.bytes == 0 {
                return None;
            }
            slot += 1;
        }
    }

    /// The first six bytes of every stretch, and a bit for the low four bits of each third byte
    /// with which the text may be one.
    pub fn heads(&self) -> impl Iterator<Item = (u64, u16)> {
        let heads = self.slots.iter().map(|slot| Head::read(*slot));
        heads.map(|head| (head.bytes, if head.is_stretch { u16::MAX } else { head.thirds }))
    }
}

/// The longest stretch of a bucket of which `rest` is what stands behind the head.
#[inline]
fn longest_behind(bucket: &'static [u8], rest: &[u8]) -> Option<Stretch> {
    let (count, mut entries) = bucket.split_first()?;
    for _ in 0..*count {
        let [key_len, value_len, tail @ ..] = entries else { break };
        let (key, tail) = tail.split_at(usize::from(*key_len));
        let (value, tail) = tail.split_at(usize::from(*value_len));
        // the third byte tells most characters apart, and saves a call
        if key.get(2) == rest.get(2) && rest.starts_with(key) {
            return Some(Stretch::new(PAIR_BYTES + key.len(), value));
        }
        entries = tail;
    }
    None
}

/// What a slot says of the stretches that start with six bytes.
struct Head {
    bytes: u64,
    /// A bit for the low four bits of each third byte behind, of those that are longer.
    thirds: u16,
    /// Whether the six bytes are one.
    is_stretch: bool,
    /// Where their bucket is.
    offset: usize,
}

impl Head {
    #[inline(always)]
    fn read([a, b, c, d, e, f, g, h, bucket @ ..]: [u8; SLOT_BYTES]) -> Head {
        let bucket = u32::from_le_bytes(bucket);
        Head {
            bytes: pair_key([a, b, c, d, e, f]),
            thirds: u16::from_le_bytes([g, h]),
            is_stretch: bucket & ALONE != 0,
            offset: (bucket & !ALONE) as usize,
        }
    }
}
