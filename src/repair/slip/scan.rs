//! Where text may have slipped: the fast look, which decides nothing.
//!
//! Between two bytes of ASCII, all pairs of bytes are read half a character off, and
//! the model says from where to where that reads better:
//!
//! ```text
//! 国 家 统 一      B9 FA BC D2 CD B3 D2 BB
//!  �  揖 惩 骋        |FA|BC D2|CD B3|D2 BB   as it stands: CAD2 …
//! ```

use std::ops::Range;

use crate::codec::{Code, Codec, Flavour, Table};
use crate::edit::Bits;
use crate::model;
use crate::repair::script::is_private_use;

/// How much likelier the text must be half a character off to be searched: half of what a
/// repair needs, because the characters at both ends count only in the search.
const WORTH_A_SEARCH: i32 = 12 * Bits::ONE.0;

/// How far the sum falls from its peak before the stretch is over.
const FALL: i32 = 24 * Bits::ONE.0;

/// A stretch of text that reads better half a character off, as bytes of the text.
pub(super) fn stretch(text: &str, run: Range<usize>, codec: Codec) -> Option<Range<usize>> {
    let table = codec.table(Flavour::Web);
    let mut sum = Sum::default();
    let mut before = text[..run.start].chars().next_back().unwrap_or('\n');
    // what stands before a character in the reading that is half a character off
    let mut shifted_before = None;
    let mut last: Option<[u8; 2]> = None;
    for (offset, character) in text[run.clone()].char_indices() {
        let pair = pair(table, character);
        let standing = model::cost(before, character).0;
        before = character;
        let shifted = last.zip(pair).map(|(last, pair)| table.pair(last[1], pair[0]));
        last = pair;
        match shifted {
            // what is lost speaks for neither side
            None if character == char::REPLACEMENT_CHARACTER => shifted_before = None,
            None if pair.is_some() => {}
            Some(Some(shifted)) if !is_private_use(shifted) => {
                let cost = model::cost(shifted_before.unwrap_or(' '), shifted).0;
                shifted_before = Some(shifted);
                if sum.add(standing - cost, run.start + offset, character.len_utf8()) {
                    break;
                }
            }
            // no text goes on like this
            _ => {
                shifted_before = None;
                if sum.peak >= WORTH_A_SEARCH {
                    break;
                }
                sum = Sum::default();
            }
        }
    }
    (sum.peak >= WORTH_A_SEARCH).then_some(sum.from..sum.to)
}

/// The two bytes of a character, if it has two.
fn pair(table: &Table, character: char) -> Option<[u8; 2]> {
    pairs(table, character).next()
}

/// Every pair of bytes that stands for a character.
pub(super) fn pairs(table: &Table, character: char) -> impl Iterator<Item = [u8; 2]> {
    let two = |code: Code| {
        let mut bytes = code.bytes();
        let pair = [bytes.next()?, bytes.next()?];
        bytes.next().is_none().then_some(pair)
    };
    table.codes(character).filter_map(two)
}

/// A sum that is held at zero from below, and its peak.
#[derive(Default)]
struct Sum {
    sum: i32,
    peak: i32,
    from: usize,
    to: usize,
}

impl Sum {
    /// Adds what the character at `at` gains; says whether the stretch is over.
    fn add(&mut self, gain: i32, at: usize, len: usize) -> bool {
        if self.sum == 0 {
            if self.peak >= WORTH_A_SEARCH {
                return true;
            }
            (self.peak, self.from) = (0, at);
        }
        self.sum = (self.sum + gain).max(0);
        if self.sum > self.peak {
            (self.peak, self.to) = (self.sum, at + len);
        }
        self.peak >= WORTH_A_SEARCH && self.sum + FALL < self.peak
    }
}
