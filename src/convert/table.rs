//! The table file `tables.bin`, which `tools/opencc-compile` makes from OpenCC's dictionaries.
//!
//! All numbers are little-endian, all offsets count from the end of the head.
//! ```text
//! head     section            characters of the normalization
//!          section × 2        u16 × any, characters of Simplified and of Traditional text only
//!          u32                number of configurations
//!          config × number
//! config   [u8; 8]            name, padded with NUL
//!          section × 11       in the order of the fields of `ConfigTable`
//! section  u32, u32           offset, length
//!
//! chars    (u32 from, u32 to) sorted; a `to` above U+10FFFF is two characters of 16 bits
//! pairs    (u16, u16)         code points, sorted
//! phrases  u32 bits           the hash table has 2^bits slots
//!          u32 × 2^bits       part of the hash of two characters (10 bits), offset of their
//!                             bucket (22 bits); 0 is free
//!          buckets            u8 length, the two characters; u8 count, then as often,
//!                             longest first: u8 key length, u8 value length, key behind
//!                             the two characters, value (none: as its characters convert)
//! filter   u64 × power of 2   three bits of one word for each key
//! settled  u32 bits           the hash table has 2^bits slots
//!          slot × 2^bits      [u8; 6] the first bytes of texts, zeros if free; u16 a bit for the
//!                             low four bits of each third byte behind; u32 offset of the bucket,
//!                             with the highest bit where the first bytes alone are a text
//!          buckets            with that bit: u8 value length, value
//!                             u8 count, then as often, longest first: u8 key length, u8 value
//!                             length, key behind the six bytes, value
//!          value              none: not known; else 1 where a segment may cut it, or 0, and
//!                             what the text becomes
//! choices  text               two lines for each character
//! ```
//! Phrases, stretches and filters are used where they lie; character tables and pairs are
//! unpacked, into arrays by code point and a set, when a configuration is first used.

use std::char;

use super::config::Config;
use crate::scan::MULTIPLIER;
use crate::script::CharSet;

static FILE: &[u8] = include_bytes!("tables.bin");

/// Bytes of a configuration's name.
const NAME_BYTES: usize = 8;
/// Sections of a configuration.
const SECTIONS: usize = 11;
/// Bytes of a section's offset and length.
const SECTION_BYTES: usize = 8;
/// Bytes of the head before the configurations.
const HEAD_BYTES: usize = 3 * SECTION_BYTES + 4;
const CONFIG_BYTES: usize = NAME_BYTES + SECTIONS * SECTION_BYTES;

/// Slots of a table of a few thousand phrases.
const SMALL_TABLE: usize = 4096;
const CHAR_BITS: u32 = 21;
const OFFSET_BITS: u32 = 22;

/// Bytes of two Chinese characters, by which stretches are found.
const PAIR_BYTES: usize = 6;
/// Bytes of a slot of the stretches: those of a pair, a bit for each third byte behind it (by
/// its low four bits), and the offset of a bucket.
const SLOT_BYTES: usize = PAIR_BYTES + 2 + 4;
/// The bit of a bucket's offset that says that the six bytes are a stretch.
const ALONE: u32 = 1 << 31;
/// The six bytes that filters look at, of a word of eight bytes of text.
pub const HEAD_MASK: u64 = (1 << (8 * PAIR_BYTES)) - 1;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn section(at: usize) -> &'static [u8] {
    let configs = u32_at(FILE, 3 * SECTION_BYTES) as usize;
    let body = &FILE[HEAD_BYTES + configs * CONFIG_BYTES..];
    let (offset, length) = (u32_at(FILE, at) as usize, u32_at(FILE, at + 4) as usize);
    &body[offset..offset + length]
}

/// The characters that normalization replaces, which is the same in every configuration.
pub fn normalization() -> CharTable {
    CharTable::new([section(0)])
}

/// Characters that only Simplified text has.
pub fn simplified() -> CharSet {
    CharSet::new(units(section(SECTION_BYTES)))
}

/// Characters that only Traditional text has.
pub fn traditional() -> CharSet {
    CharSet::new(units(section(2 * SECTION_BYTES)))
}

fn units(section: &'static [u8]) -> impl Iterator<Item = u16> {
    section.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit))
}

/// What the file says of one configuration.
pub struct ConfigTable {
    /// Whether the phrases of the second step cut the text into segments, not those of the first.
    pub segmented_by_second: bool,
    /// Sections of the first step.
    pub first: StepTable,
    /// Sections of the second step; empty where there is none.
    pub second: StepTable,
    /// Characters of the last step that mainstream fonts cannot show.
    pub tofu: &'static [u8],
    /// The first six bytes of source texts that may not convert by character, read as two
    /// characters, as `u16` each.
    pairs: &'static [u8],
    /// Pairs of characters inside phrases that convert by character.
    pub neutral_pairs: Filter,
    /// One ASCII character and three bytes behind it, of phrases that start with ASCII.
    pub ascii: &'static [[u8; 4]],
    /// What stretches of text become; see [`Settled`].
    pub settled: Settled,
    /// Two lines for each character with several values: the character, and what a report says
    /// of it where it may be wrong, and where it is likely right.
    choices: &'static [u8],
}

/// Sections of one step.
#[derive(Clone, Copy)]
pub struct StepTable {
    /// The characters that it replaces.
    pub chars: &'static [u8],
    /// The phrases that it replaces or keeps whole.
    pub phrases: Phrases,
}

impl ConfigTable {
    /// The tables of a configuration.
    pub fn of(config: Config) -> ConfigTable {
        let mut name = [0; NAME_BYTES];
        name[..config.name().len()].copy_from_slice(config.name().as_bytes());
        let at = FILE[HEAD_BYTES..]
            .chunks_exact(CONFIG_BYTES)
            .position(|record| record.starts_with(&name))
            .expect("every configuration is in the file");
        let sections = HEAD_BYTES + at * CONFIG_BYTES + NAME_BYTES;
        let section = |index: usize| section(sections + index * SECTION_BYTES);
        ConfigTable {
            segmented_by_second: section(0) == [1],
            first: StepTable { chars: section(1), phrases: Phrases::new(section(2)) },
            second: StepTable { chars: section(3), phrases: Phrases::new(section(4)) },
            tofu: section(5),
            pairs: section(6),
            neutral_pairs: Filter::new(section(7)),
            ascii: section(8).as_chunks().0,
            settled: Settled::new(section(9)),
            choices: section(10),
        }
    }

    /// The first two characters of source texts that may not convert by character.
    ///
    /// The second may be three bytes of others, read as a character (the dot of names and a
    /// byte more).
    pub fn pairs(&self) -> impl Iterator<Item = (u16, u16)> {
        let unit = |bytes: [u8; 2]| u16::from_le_bytes(bytes);
        let pairs = self.pairs.as_chunks().0.iter();
        pairs.map(move |&[a, b, c, d]| (unit([a, b]), unit([c, d])))
    }

    /// Characters with several values, and what a report says of each: where it may be wrong,
    /// and where it is likely right.
    pub fn choices(&self) -> impl Iterator<Item = (char, [&'static str; 2])> {
        let text = std::str::from_utf8(self.choices).expect("the file's texts are valid");
        let mut lines = text.lines();
        std::iter::from_fn(move || {
            let (doubtful, likely) = (lines.next()?, lines.next()?);
            let c = doubtful.chars().next()?;
            Some((c, [doubtful, likely].map(|line| &line[c.len_utf8()..])))
        })
    }
}

/// What a character becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// One character, perhaps the same.
    One(char),
    /// Two characters (埠 → 端口).
    Two([char; 2]),
}

impl Replacement {
    /// Appends it to a text.
    pub fn push_to(self, out: &mut String) {
        match self {
            Replacement::One(c) => out.push(c),
            Replacement::Two(chars) => out.extend(chars),
        }
    }

    fn unpack(to: u32) -> Replacement {
        if let Some(c) = char::from_u32(to) {
            return Replacement::One(c);
        }
        let half = |bits: u32| char::from_u32(bits).expect("characters of the file are valid");
        Replacement::Two([half(to >> 16), half(to & 0xFFFF)])
    }
}

/// Characters and what they become.
pub struct CharTable {
    /// Those of the first plane, by code point; zero for itself.
    plane0: Box<[u32; 0x1_0000]>,
    /// The others, sorted.
    others: Vec<(char, u32)>,
}

impl CharTable {
    /// Unpacks sections of characters; later sections go over earlier ones.
    pub fn new<const N: usize>(sections: [&'static [u8]; N]) -> CharTable {
        let mut table = CharTable { plane0: Box::new([0; 0x1_0000]), others: Vec::new() };
        let records = sections.into_iter().flat_map(|section| section.as_chunks::<8>().0);
        for record in records {
            let (from, to) = (u32_at(record, 0), u32_at(record, 4));
            match table.plane0.get_mut(from as usize) {
                Some(entry) => *entry = to,
                None => {
                    let from = char::from_u32(from).expect("characters of the file are valid");
                    table.others.push((from, to));
                }
            }
        }
        // stable, and the last of equal ones is what the search below must find
        table.others.reverse();
        table.others.sort_by_key(|(from, _)| *from);
        table.others.dedup_by_key(|(from, _)| *from);
        table
    }

    /// What a character becomes.
    pub fn get(&self, c: char) -> Replacement {
        let to = match self.plane0.get(c as usize) {
            Some(0) => return Replacement::One(c),
            Some(to) => *to,
            None => match self.others.binary_search_by_key(&c, |(from, _)| *from) {
                Ok(at) => self.others[at].1,
                Err(_) => return Replacement::One(c),
            },
        };
        Replacement::unpack(to)
    }

    /// Appends what each character of a text becomes.
    pub fn convert(&self, text: &str, out: &mut String) {
        text.chars().for_each(|c| self.get(c).push_to(out));
    }

    /// The characters of the first plane that become something else.
    pub fn plane0(&self) -> impl Iterator<Item = char> {
        let changed = self.plane0.iter().enumerate().filter(|(_, to)| **to != 0);
        changed.filter_map(|(from, _)| char::from_u32(from as u32))
    }
}

/// Phrases by their first two characters.
#[derive(Clone, Copy)]
pub struct Phrases {
    slots: &'static [[u8; 4]],
    buckets: &'static [u8],
}

/// A phrase that was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Bytes of the text that it takes.
    pub len: usize,
    /// What it becomes; nothing where that is what its characters become.
    pub value: Option<&'static str>,
}

impl Phrases {
    fn new(section: &'static [u8]) -> Phrases {
        if section.is_empty() {
            return Phrases { slots: &[], buckets: &[] };
        }
        let (head, rest) = section.split_at(4);
        let (slots, buckets) = rest.split_at(4 << u32_at(head, 0));
        Phrases { slots: slots.as_chunks().0, buckets }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether they are few enough that most characters start none.
    pub fn is_small(&self) -> bool {
        self.slots.len() <= SMALL_TABLE
    }

    /// The first character of every phrase, some more than once.
    pub fn first_chars(&self) -> impl Iterator<Item = char> {
        self.slots.iter().filter_map(|slot| {
            let bucket = self.bucket(u32::from_le_bytes(*slot));
            let pair = bucket.get(1..)?.get(..usize::from(bucket[0]))?;
            std::str::from_utf8(pair).ok()?.chars().next()
        })
    }

    fn bucket(&self, slot: u32) -> &'static [u8] {
        &self.buckets[(slot & ((1 << OFFSET_BITS) - 1)) as usize..]
    }

    /// Bytes of the longest phrase that starts with the first two characters of `text`; zero
    /// where there is none.
    pub fn longest_from(&self, text: &str) -> usize {
        // count, then the length of the longest key behind the pair
        self.entries_of(text)
            .map_or(0, |(entries, rest)| text.len() - rest.len() + usize::from(entries[1]))
    }

    /// The longest phrase that `text` starts with.
    pub fn longest(&self, text: &str) -> Option<Phrase> {
        let (entries, rest) = self.entries_of(text)?;
        let (count, mut entries) = entries.split_first()?;
        for _ in 0..*count {
            let (lengths, tail) = entries.split_at(2);
            let (key, tail) = tail.split_at(usize::from(lengths[0]));
            let (value, tail) = tail.split_at(usize::from(lengths[1]));
            if rest.starts_with(key) {
                let value = (!value.is_empty())
                    .then(|| std::str::from_utf8(value).expect("values of the file are valid"));
                return Some(Phrase { len: text.len() - rest.len() + key.len(), value });
            }
            entries = tail;
        }
        None
    }

    /// The entries of the first two characters of `text`, and the text behind them.
    fn entries_of<'a>(&self, text: &'a str) -> Option<(&'static [u8], &'a [u8])> {
        if self.is_empty() {
            return None;
        }
        let mut chars = text.chars();
        let hash = hash(u64::from(chars.next()?) << CHAR_BITS | u64::from(chars.next()?));
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> (64 - self.slots.len().ilog2())) as usize;
        // a quarter of the slots is free, so this ends
        loop {
            let entry = u32::from_le_bytes(self.slots[slot & mask]);
            if entry == 0 {
                return None;
            }
            if (entry ^ (hash as u32) << OFFSET_BITS) >> OFFSET_BITS == 0 {
                let bucket = self.bucket(entry);
                let (pair, entries) = bucket[1..].split_at(usize::from(bucket[0]));
                if let Some(rest) = text.as_bytes().strip_prefix(pair) {
                    return Some((entries, rest));
                }
            }
            slot += 1;
        }
    }
}

/// Stretches of text whose conversion was worked out ahead: all that may not convert by
/// character, or beginnings of them of which nothing is known.
#[derive(Clone, Copy)]
pub struct Settled {
    slots: &'static [[u8; SLOT_BYTES]],
    shift: u32,
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

impl Settled {
    fn new(section: &'static [u8]) -> Settled {
        let (head, rest) = section.split_at(4);
        let bits = u32_at(head, 0);
        let (slots, buckets) = rest.split_at(SLOT_BYTES << bits);
        Settled { slots: slots.as_chunks().0, shift: 63 - bits, buckets }
    }

    /// The longest stretch that `text` starts with.
    ///
    /// Where it is right to start a stretch, and there is none, the text converts by character
    /// as far as phrases are concerned that start there.
    #[inline]
    pub fn longest(&self, text: &[u8]) -> Option<Stretch> {
        let (head, rest) = text.split_first_chunk()?;
        let head = self.head(head_key(*head))?;
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
        let mut slot = (bytes.wrapping_mul(MULTIPLIER) >> 1 >> self.shift) as usize;
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
            bytes: head_key([a, b, c, d, e, f]),
            thirds: u16::from_le_bytes([g, h]),
            is_stretch: bucket & ALONE != 0,
            offset: (bucket & !ALONE) as usize,
        }
    }
}

/// The first six bytes of a text as a number.
#[inline(always)]
fn head_key([a, b, c, d, e, f]: [u8; PAIR_BYTES]) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

/// Both halves of the product, so that every bit of the key reaches every bit of the hash.
#[inline(always)]
fn hash(key: u64) -> u64 {
    let product = u128::from(key) * u128::from(MULTIPLIER);
    product as u64 ^ (product >> 64) as u64
}

/// A set of short texts, which may seem to hold some that were never put in.
#[derive(Clone, Copy)]
pub struct Filter {
    words: &'static [[u8; 8]],
    shift: u32,
}

impl Filter {
    fn new(section: &'static [u8]) -> Filter {
        let words = section.as_chunks().0;
        Filter { words, shift: 64 - words.len().ilog2() }
    }

    /// Whether it may hold the first six bytes of `word`, eight bytes of text.
    #[inline(always)]
    pub fn may_hold(self, word: u64) -> bool {
        self.may_hold_key(word & HEAD_MASK)
    }

    #[inline(always)]
    fn may_hold_key(self, key: u64) -> bool {
        let hash = hash(key);
        let bits = 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63);
        let word = u64::from_le_bytes(self.words[(hash >> self.shift) as usize]);
        word & bits == bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_is_there() {
        for config in Config::ALL {
            let table = ConfigTable::of(config);
            assert!(!table.first.chars.is_empty(), "{config}");
        }
    }

    #[test]
    fn later_sections_go_over_earlier_ones() {
        let table = ConfigTable::of(Config::T2s);
        assert!(!table.tofu.is_empty());
        let with = CharTable::new([table.first.chars, table.tofu]);
        let without = CharTable::new([table.first.chars]);
        assert_eq!(with.get('㑮'), Replacement::One('𫝈'));
        assert_eq!(without.get('㑮'), Replacement::One('㑮'));
        assert_eq!(with.get('門'), Replacement::One('门'));
    }

    #[test]
    fn the_longest_phrase_wins() {
        let phrases = ConfigTable::of(Config::S2t).first.phrases;
        assert_eq!(phrases.longest("干燥剂"), Some(Phrase { len: 9, value: Some("乾燥劑") }));
        assert_eq!(phrases.longest("干燥的"), Some(Phrase { len: 6, value: Some("乾燥") }));
        assert_eq!(phrases.longest("一国两制"), Some(Phrase { len: 12, value: None }));
        assert_eq!(phrases.longest("的的"), None);
        assert_eq!(phrases.longest("干"), None);
        assert_eq!(phrases.longest(""), None);
    }

    #[test]
    fn one_character_may_become_two() {
        let table = ConfigTable::of(Config::Tw2sp);
        let chars = CharTable::new([table.first.chars]);
        assert_eq!(chars.get('埠'), Replacement::Two(['端', '口']));
    }
}
