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

/// How much likelier part of a core must be half a character off to be looked at: half of that.
const WORTH_A_LOOK: i32 = 6 * Bits::ONE.0;

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

/// A text, character by character, beside what it is half a character off.
struct Walk<'t> {
    text: &'t str,
    /// How far it has come.
    to: usize,
    table: &'static Table,
    windows: &'static Table,
    /// The last character of either.
    standing: char,
    shifted: Option<char>,
    pair: Option<[u8; 2]>,
}

/// A character of a text.
struct Step {
    at: Range<usize>,
    /// The one before it, and itself.
    standing: [char; 2],
    shifted: Shifted,
}

/// What a character is half a character off.
enum Shifted {
    /// Nothing that speaks for either side: it begins a run, or it is lost.
    Open,
    /// No text goes on like this.
    Never,
    /// A character behind another one.
    Char([char; 2]),
}

impl<'t> Walk<'t> {
    fn new(text: &'t str, range: Range<usize>, codec: Codec) -> Walk<'t> {
        Walk {
            text: &text[..range.end],
            to: range.start,
            table: codec.table(Flavour::Web),
            windows: codec.table(Flavour::Windows),
            standing: text[..range.start].chars().next_back().unwrap_or('\n'),
            shifted: None,
            pair: None,
        }
    }

    /// The first pair of bytes that stands for a character.
    fn pair(&self, character: char) -> Option<[u8; 2]> {
        let pair = first_pair(self.table, character);
        // Windows has private use of its own
        pair.or_else(|| is_private_use(character).then(|| first_pair(self.windows, character))?)
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    #[inline]
    fn next(&mut self) -> Option<Step> {
        let character = self.text[self.to..].chars().next()?;
        let at = self.to..self.to + character.len_utf8();
        self.to = at.end;
        let pair = self.pair(character);
        let before = std::mem::replace(&mut self.pair, pair);
        let standing = [std::mem::replace(&mut self.standing, character), character];
        let shifted = match before.zip(pair) {
            None if character == char::REPLACEMENT_CHARACTER => Shifted::Open,
            None if pair.is_some() => return Some(Step { at, standing, shifted: Shifted::Open }),
            None => Shifted::Never,
            Some((before, pair)) => match self.table.pair(before[1], pair[0]) {
                Some(next) if !is_private_use(next) => {
                    let previous = self.shifted.replace(next).unwrap_or(' ');
                    return Some(Step { at, standing, shifted: Shifted::Char([previous, next]) });
                }
                _ => Shifted::Never,
            },
        };
        self.shifted = None;
        Some(Step { at, standing, shifted })
    }
}

impl Step {
    /// What the character costs less half a character off.
    fn gain(&self, [previous, next]: [char; 2]) -> i32 {
        model::cost(self.standing[0], self.standing[1]).0 - cost(previous, next)
    }
}

/// Whether part of a core reads better half a character off, which it does in all slips.
pub(super) fn may_gain(text: &str, core: Range<usize>, codec: Codec) -> bool {
    let mut sum = 0;
    // the first character half a character off has the one before the core in it
    let from = text[..core.start].char_indices().next_back().map_or(0, |(at, _)| at);
    Walk::new(text, from..core.end, codec).any(|step| {
        match step.shifted {
            Shifted::Char(shifted) => sum = (sum + step.gain(shifted)).max(0),
            Shifted::Open => {}
            Shifted::Never => sum = 0,
        }
        sum >= WORTH_A_LOOK
    })
}

/// The first stretch of a run that reads better half a character off, if it begins in front
/// of `limit`.
pub(super) fn stretch(
    text: &str,
    run: Range<usize>,
    limit: usize,
    codec: Codec,
) -> Option<Stretch> {
    let mut sum = Sum::default();
    for step in Walk::new(text, run, codec) {
        if step.at.start >= limit && sum.sum == 0 {
            break;
        }
        match step.shifted {
            Shifted::Open => {}
            Shifted::Char([previous, next]) => {
                let standing = model::cost(step.standing[0], step.standing[1]).0;
                if sum.add(standing, cost(previous, next), step.at) {
                    break;
                }
            }
            Shifted::Never => {
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
