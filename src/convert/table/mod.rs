//! The table file `tables.bin`, which `tools/opencc-compile` makes from OpenCC's dictionaries; see
//! [`format`] for its layout.
//!
//! Phrases, stretches and filters are used where they lie; character tables and pairs are
//! unpacked, into arrays by code point and a set, when a configuration is first used.

mod chars;
mod format;
mod phrases;
mod precomputed;

pub use chars::{CharTable, Replacement};
pub use phrases::{Phrase, Phrases};
pub use precomputed::{Precomputed, Stretch};

use super::config::Config;
use crate::script::CharSet;
use format::{NAME_BYTES, PAIR_BYTES, filter_place};

static FILE: &[u8] = include_bytes!("../tables.bin");

/// Sections of a configuration.
const SECTIONS: usize = 11;
/// Bytes of a section's offset and length.
const SECTION_BYTES: usize = 8;
/// Bytes of the head before the configurations.
const HEAD_BYTES: usize = 3 * SECTION_BYTES + 4;
const CONFIG_BYTES: usize = NAME_BYTES + SECTIONS * SECTION_BYTES;

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
    /// What stretches of text become; see [`Precomputed`].
    pub precomputed: Precomputed,
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
            precomputed: Precomputed::new(section(9)),
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

/// A set of pairs, which may seem to hold some that were never put in.
#[derive(Clone, Copy)]
pub struct Filter {
    words: &'static [[u8; 8]],
    bits: u32,
}

impl Filter {
    fn new(section: &'static [u8]) -> Filter {
        let words = section.as_chunks().0;
        Filter { words, bits: words.len().ilog2() }
    }

    /// Whether it may hold the first six bytes of `word`, eight bytes of text.
    #[inline(always)]
    pub fn may_hold(self, word: u64) -> bool {
        let (place, bits) = filter_place(word & HEAD_MASK, self.bits);
        u64::from_le_bytes(self.words[place]) & bits == bits
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
}
