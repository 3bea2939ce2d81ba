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

use super::search::cost;
use crate::codec::{Code, Codec, Flavour, Table};
use crate::edit::Bits;
use crate::model;
use crate::repair::script::is_private_use;

/// How much likelier the text must be half a character off to be searched: half of what a
/// repair needs, because the characters at both ends count only in the search.
const WORTH_A_SEARCH: i32 = 12 * Bits::ONE.0;

/// Characters of a stretch, at least: one alone is rare in its text more often than shifted.
const LEAST: i32 = 2;

/// How far the sum falls from its peak before the stretch is over.
const FALL: i32 = 24 * Bits::ONE.0;

/// What a character half a character off may cost in the mean, and bits on top: the straight
/// text is at 6 to 8 once its first and last character are right. Other damage read half a
/// character off comes to 15 and more, nine stretches in ten.
const PLAUSIBLE: i32 = 10 * Bits::ONE.0;
const PLAUSIBLE_START: i32 = 24 * Bits::ONE.0;

/// Characters at each end of a stretch that a search may read better, too, and what they will
/// cost then at least.
const EDGE: usize = 2;
const EDGE_LEAST: i32 = 4 * Bits::ONE.0;

/// A stretch of text that reads better half a character off.
pub(super) struct Stretch {
    /// The bytes of the text.
    pub(super) range: Range<usize>,
    /// What a search of it can gain at most, in 1/256 bit.
    pub(super) most: i32,
}

/// The first stretch of a run that reads better half a character off, if it begins in front
/// of `limit`.
pub(super) fn stretch(
    text: &str,
    run: Range<usize>,
    limit: usize,
    codec: Codec,
) -> Option<Stretch> {
    let table = codec.table(Flavour::Web);
    let windows = codec.table(Flavour::Windows);
    let pair = |character| {
        let pair = first_pair(table, character);
        // Windows has private use of its own
        pair.or_else(|| is_private_use(character).then(|| first_pair(windows, character))?)
    };
    let mut sum = Sum::default();
    let mut before = text[..run.start].chars().next_back().unwrap_or('\n');
    // what stands before a character in the reading that is half a character off
    let mut shifted_before = None;
    let mut last: Option<[u8; 2]> = None;
    for (offset, character) in text[run.clone()].char_indices() {
        let at = run.start + offset;
        if at >= limit && sum.sum == 0 {
            break;
        }
        let pair = pair(character);
        let standing = (before, character);
        before = character;
        let shifted = last.zip(pair).map(|(last, pair)| table.pair(last[1], pair[0]));
        last = pair;
        match shifted {
            // what is lost speaks for neither side
            None if character == char::REPLACEMENT_CHARACTER => shifted_before = None,
            None if pair.is_some() => {}
            Some(Some(shifted)) if !is_private_use(shifted) => {
                let cost = cost(shifted_before.unwrap_or(' '), shifted);
                shifted_before = Some(shifted);
                if sum.add(
                    model::cost(standing.0, standing.1).0,
                    cost,
                    at..at + character.len_utf8(),
                ) {
                    break;
                }
            }
            // no text goes on like this
            _ => {
                shifted_before = None;
                if sum.is_worth_a_search() {
                    break;
                }
                sum = Sum::default();
            }
        }
    }
    let range = sum.from..sum.to;
    sum.is_worth_a_search().then(|| Stretch { most: sum.peak + edges(text, &range), range })
}

/// What the characters around a stretch may gain at most.
fn edges(text: &str, stretch: &Range<usize>) -> i32 {
    // each with one more in front, which the model sees the first behind
    let from = text[..stretch.start].char_indices().rev().nth(EDGE).map_or(0, |(at, _)| at);
    let inside = text[stretch.clone()].chars().next_back();
    let behind = text[stretch.end..].chars().take(EDGE);
    gains(text[from..stretch.start].chars()) + gains(inside.into_iter().chain(behind))
}

/// What characters behind the first of them may gain at most.
fn gains(characters: impl Iterator<Item = char>) -> i32 {
    let mut previous = None;
    let mut sum = 0;
    for next in characters {
        let cost = previous.map_or(0, |previous| model::cost(previous, next).0);
        sum += (cost - EDGE_LEAST).max(0);
        previous = Some(next);
    }
    sum
}

/// The first pair of bytes that stands for a character.
fn first_pair(table: &Table, character: char) -> Option<[u8; 2]> {
    // hardly a character has a code of another length before its pair
    table.first_code(character)?.pair().or_else(|| pairs(table, character).next())
}

/// Every pair of bytes that stands for a character.
pub(super) fn pairs(table: &Table, character: char) -> impl Iterator<Item = [u8; 2]> {
    table.codes(character).filter_map(Code::pair)
}

/// What reading half a character off gains, as a sum that is held at zero from below.
#[derive(Default)]
struct Sum {
    sum: i32,
    /// What the characters since the sum left zero cost half a character off, and how many
    /// they are.
    cost: i32,
    characters: i32,
    peak: i32,
    /// How many characters there are up to the peak.
    length: i32,
    /// The most that the characters up to the peak may cost, less what they do.
    plausible: i32,
    from: usize,
    to: usize,
}

impl Sum {
    /// Adds the character at a place, which costs so much as it stands and so much half a
    /// character off; says whether a stretch ends before it.
    fn add(&mut self, standing: i32, shifted: i32, at: Range<usize>) -> bool {
        if self.sum == 0 {
            if self.is_worth_a_search() {
                return true;
            }
            *self = Sum { from: at.start, ..Sum::default() };
        }
        self.sum = (self.sum + standing - shifted).max(0);
        self.cost += shifted;
        self.characters += 1;
        if self.sum > self.peak {
            (self.peak, self.length) = (self.sum, self.characters);
            self.plausible = PLAUSIBLE_START + PLAUSIBLE * self.characters - self.cost;
            self.to = at.end;
        }
        self.sum + FALL < self.peak && self.is_worth_a_search()
    }

    fn is_worth_a_search(&self) -> bool {
        self.peak >= WORTH_A_SEARCH && self.length >= LEAST && self.plausible >= 0
    }
}
