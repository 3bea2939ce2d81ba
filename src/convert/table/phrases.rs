//! Phrases that are replaced, or kept whole.

use super::format::{OFFSET_BITS, SMALL_TABLE, hash_of_chars};
use super::u32_at;

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
    pub(super) fn new(section: &'static [u8]) -> Phrases {
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
        let hash = hash_of_chars(chars.next()?, chars.next()?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::config::Config;
    use crate::convert::table::ConfigTable;

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
}
