//! Where text may have slipped: the fast look, which decides nothing.
//!
//! Between two bytes of ASCII, all pairs of bytes are read half a character off, and
//! the model says from where to where that reads better:
//!
//! ```text
//! 国 家 统 一      B9 FA BC D2 CD B3 D2 BB
//!  �  揖 惩 骋        |FA|BC D2|CD B3|D2 BB   as it stands: CAD2 …
//! ```

use std::cell::LazyCell;
use std::ops::Range;

use super::cost::cost;
use super::search::MAX_RUN;
use crate::codec::{Codec, Flavour, Table};
use crate::edit::Bits;
use crate::model;
use crate::script::{char_before, is_escaped, is_private_use, last_line};

/// How much likelier the text must be half a character off to be searched: half of what a
/// repair needs, because the characters at both ends count only in the search.
const WORTH_A_SEARCH: i32 = 12 * Bits::ONE.0;

/// How much likelier part of it must be, in what the gate suspects or close to it.
const WORTH_A_LOOK: i32 = 9 * Bits::ONE.0;

/// Characters before and behind what the gate suspects that are close to it: the first ones of a
/// slip happen to be frequent more often than the last ones.
const BEFORE: usize = 4;
const BEHIND: usize = 2;

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

/// A text half a character off, as it is read on.
struct Shift {
    table: &'static Table,
    windows: &'static Table,
    /// The bytes of the last character, and the last character half a character off.
    pair: Option<[u8; 2]>,
    character: Option<char>,
}

/// What a character is half a character off.
enum Shifted {
    /// Nothing that speaks for either side: it begins a run, or it is lost.
    Open,
    /// No text goes on like this.
    Never,
    /// A character behind another one.
    Char(char, char),
}

impl Shift {
    fn new(codec: Codec) -> Shift {
        let [table, windows] = [Flavour::WEB, Flavour::WINDOWS].map(|flavour| codec.table(flavour));
        Shift { table, windows, pair: None, character: None }
    }

    /// Goes on with a character of the text.
    fn step(&mut self, character: char) -> Shifted {
        let pair = first_pair(self.table, character);
        // Windows has private use of its own
        let windows = || first_pair(self.windows, character);
        let pair = pair.or_else(|| is_private_use(character).then(windows)?);
        let before = std::mem::replace(&mut self.pair, pair);
        let previous = self.character.take();
        match before.zip(pair) {
            None if character == char::REPLACEMENT_CHARACTER => Shifted::Open,
            None if pair.is_some() => {
                self.character = previous;
                Shifted::Open
            }
            None => Shifted::Never,
            Some((before, pair)) => {
                self.character = self.table.pair(before[1], pair[0]);
                self.character = self.character.filter(|&next| !is_private_use(next));
                let read = |next| Shifted::Char(previous.unwrap_or(' '), next);
                self.character.map_or(Shifted::Never, read)
            }
        }
    }
}

/// For each codec, whether part of a core and its surroundings reads better half a character off,
/// as all that slipped does.
pub(super) fn may_gain<const N: usize>(
    text: &str,
    core: &Range<usize>,
    codecs: [Codec; N],
) -> [bool; N] {
    let before = text[..core.start].char_indices().rev().take(BEFORE);
    let start = before.last().map_or(core.start, |(at, _)| at);
    let behind = text[core.end..].char_indices().nth(BEHIND);
    let end = behind.map_or(text.len(), |(at, _)| core.end + at);
    let mut shifts = codecs.map(|codec| (Shift::new(codec), 0));
    let mut gains = [false; N];
    let mut previous = char_before(text, start);
    for (offset, character) in text[start..].char_indices() {
        let is_decided = |((_, sum), gains): (&(Shift, i32), &bool)| *gains || *sum == 0;
        if start + offset >= end && shifts.iter().zip(&gains).all(is_decided) {
            break;
        }
        let standing = LazyCell::new(|| model::cost(previous, character).0);
        for ((shift, sum), gains) in shifts.iter_mut().zip(&mut gains).filter(|(_, gains)| !**gains)
        {
            match shift.step(character) {
                Shifted::Char(before, next) => {
                    *sum = (*sum + *standing - cost(before, next)).max(0)
                }
                Shifted::Open => {}
                Shifted::Never => *sum = 0,
            }
            *gains = *sum >= WORTH_A_LOOK;
        }
        previous = character;
    }
    gains
}

/// The first stretch of a run that reads better half a character off, if it begins in front
/// of `limit`.
pub(super) fn stretch(
    text: &str,
    run: Range<usize>,
    limit: usize,
    codec: Codec,
) -> Option<Stretch> {
    let mut shift = Shift::new(codec);
    let mut sum = Sum::default();
    let mut previous = char_before(text, run.start);
    for (offset, character) in text[run.clone()].char_indices() {
        let at = run.start + offset;
        if at >= limit && sum.sum == 0 {
            break;
        }
        match shift.step(character) {
            Shifted::Open => {}
            Shifted::Char(before, next) => {
                let standing = model::cost(previous, character).0;
                if sum.add(standing, cost(before, next), at..at + character.len_utf8()) {
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
        previous = character;
    }
    let range = sum.from..sum.to;
    sum.is_worth_a_search().then(|| Stretch { most: sum.peak + edges(text, &range), range })
}

/// The stretch behind the line break at byte `start` that tore a character apart, if it ends in
/// the backslash of an escape.
///
/// `好！\n` is BAC3 A3A1 5C 6E. Torn behind A3, it goes on with A1 5C and `n`: the next ASCII byte
/// puts text straight, unless it goes down as the second byte of a character. Of those, private use
/// (A15C) stands in no text; 許 (B35C in Big5) does, and only a string that was opened before the
/// break and closes behind the escape tells.
pub(super) fn torn_escape(text: &str, start: usize, codec: Codec) -> Option<Range<usize>> {
    let before = text[..start].strip_suffix('\n')?;
    let before = before.strip_suffix('\r').unwrap_or(before);
    if !before.ends_with(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let run = text[start..].char_indices().take(MAX_RUN).take_while(|(_, c)| !c.is_ascii());
    let (last, character) = run.last()?;
    let [_, b'\\'] = first_pair(codec.table(Flavour::WINDOWS), character)? else { return None };
    let range = start..start + last + character.len_utf8();
    let behind = &text[range.end..];
    let is_escape = match is_private_use(character) {
        true => behind.starts_with(is_escaped),
        false => ends_string(last_line(before), behind),
    };
    is_escape.then_some(range)
}

/// Whether an escape of white space at the front of `behind` is the last of a string that was opened in
/// the line before.
fn ends_string(line: &str, behind: &str) -> bool {
    let quote = behind.strip_prefix(['n', 't', 'r']).and_then(|rest| rest.chars().next());
    quote.is_some_and(|quote| matches!(quote, '"' | '\'') && line.matches(quote).count() % 2 == 1)
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
    table.first_code(character)?.pair().or_else(|| table.pairs_of(character).next())
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
