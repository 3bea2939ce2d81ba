//! A character of shifted text as its bytes (R8: or as those of what it is folded from).

use super::search::Search;
use super::{Arena, Reached};
use crate::repair::pinyin::fold;
use crate::repair::resync::{Byte, Reading};

/// Bytes that the text at an offset may stand for.
pub(super) struct Shown {
    bytes: Vec<u8>,
    /// Where the text goes on.
    end: usize,
    /// Charged for taking the text for these bytes.
    cost: i32,
}

/// All bytes that the character at `at` may stand for.
pub(super) fn shown(search: &Search<'_>, at: usize) -> Vec<Shown> {
    let rest = &search.text[at..];
    let Some(next) = rest.chars().next() else { return Vec::new() };
    let kept = search.table.codes(next).map(|code| Shown {
        bytes: code.bytes().collect(),
        end: at + next.len_utf8(),
        cost: 0,
    });
    let folded = fold::unfolded(rest).map(|folded| Shown {
        bytes: folded.pair.to_vec(),
        end: at + folded.becomes.len(),
        cost: search.page.folded_cost(),
    });
    kept.chain(folded).collect()
}

impl Shown {
    /// The first of the bytes.
    pub(super) fn first(&self) -> u8 {
        self.bytes[0]
    }

    /// Charged for taking the text for these bytes.
    pub(super) fn cost(&self) -> i32 {
        self.cost
    }

    /// A reading that goes on with these bytes, and where the text goes on.
    pub(super) fn read(&self, readings: &mut Arena<'_>, reading: Reading) -> Option<Reached> {
        let mut bytes = self.bytes.iter().map(|&byte| Byte::kept(byte));
        let read = bytes.try_fold(reading, |reading, byte| readings.push(reading, byte))?;
        Some((self.end, read.charged(self.cost)))
    }
}
