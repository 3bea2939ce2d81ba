//! A mark that something invisible was put before (R4, R5).
//!
//! ```text
//! A1 [A3 AC] 46        。現 split before A3AC (，)
//! A1␟ A3AC 46          ?，F
//! D4 [A1 A3] BB        浴； split before A1A3 (。), then before A3BB (；)
//! D4␟ A1␟ A3BB         ??；
//! ```

use super::search::{COUNTED, Search};
use super::{Arena, Note};
use crate::edit::Bits;
use crate::repair::pinyin::inject::pair_of;
use crate::repair::resync::{Byte, Ended, Reading};

/// Charged for a split where the text is aligned, so that `真的??` in a page with ruins
/// stays as it is; in shifted text a `?` is a lost byte in any case.
const SPLIT_COST: i32 = 6 * Bits::ONE.0;

/// The first byte of 。 (A1A3).
const A1: u8 = 0xA1;

/// The mark that is split off, given as it is or folded.
pub(super) fn mark(character: char) -> Option<char> {
    Some(match character {
        '。' => '。',
        '，' | ',' => '，',
        '；' | ';' => '；',
        '？' | '?' => '？',
        '！' | '!' => '！',
        _ => return None,
    })
}

/// A mark behind a `?` that may have been split off.
pub(super) struct Split {
    mark: char,
    pair: [u8; 2],
    /// Whether A1 was split off before it, from a 。 that A1 makes with its first byte.
    twice: bool,
    /// How much of the text behind the `?` it takes.
    pub(super) len: usize,
    /// The cheapest that was read through it where the lost byte ends a character.
    cheapest: i32,
}

impl Split {
    fn new(mark: char, len: usize, twice: bool) -> Option<Split> {
        Some(Split { mark, pair: pair_of(mark)?, twice, len, cheapest: i32::MAX - COUNTED })
    }

    /// The marks that are split off, in the order of their bytes.
    fn marks(&self) -> impl Iterator<Item = char> {
        self.twice.then_some('。').into_iter().chain([self.mark])
    }

    /// Their bytes.
    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.twice.then_some(A1).into_iter().chain(self.pair)
    }

    /// The character that begins where a lost byte ends one.
    fn next(&self) -> char {
        if self.twice { '。' } else { self.mark }
    }
}

/// The marks that may have been split off behind a `?`: the next one, and that behind a second
/// `?`, which is A1 then.
pub(super) fn splits(behind: &str) -> Vec<Split> {
    let mut characters = behind.chars();
    let first = characters.next();
    let once = first.and_then(|first| Split::new(mark(first)?, first.len_utf8(), false));
    let second = first.filter(|&first| first == '?').and(characters.next());
    let twice = second.and_then(|second| {
        let mark = mark(second).filter(|&mark| mark != '。')?;
        Split::new(mark, '?'.len_utf8() + second.len_utf8(), true)
    });
    once.into_iter().chain(twice).collect()
}

/// Every lost lead byte that counts before a mark.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    split: &mut Split,
    reading: Reading,
) -> Vec<Reading> {
    let (reading, lost) = match reading.lead {
        None => (reading.charged(SPLIT_COST), (0x81..=0xFE).map(Byte::guess).collect()),
        Some(half) => (reading, ends(search, readings, split, reading, half)),
    };
    let goes_on = |lost| {
        let lost = readings.push(reading, lost)?;
        let noted =
            split.marks().fold(lost, |reading, mark| readings.note(reading, Note::Split(mark)));
        let mut bytes = split.bytes().map(Byte::kept);
        bytes.try_fold(noted, |reading, byte| readings.push(reading, byte))
    };
    lost.into_iter().filter_map(goes_on).collect()
}

/// The lost bytes that end a half-read character before a mark; behind the mark, all readings go
/// on alike, so that one that is far behind stays there.
fn ends(
    search: &Search<'_>,
    readings: &Arena<'_>,
    split: &mut Split,
    reading: Reading,
    half: Byte,
) -> Vec<Byte> {
    let next = search.page.next(split.next());
    let cost = |ended: &Ended| ended.cost + search.page.cost_of(ended.character, next);
    let ends: Vec<(Byte, i32)> =
        readings.ends(reading, half).map(|ended| (ended.byte, cost(&ended))).collect();
    let costs = ends.iter().map(|&(_, cost)| cost);
    split.cheapest = costs.fold(split.cheapest, i32::min);
    let counts = |&(byte, cost): &(Byte, i32)| (cost <= split.cheapest + COUNTED).then_some(byte);
    ends.iter().filter_map(counts).collect()
}
