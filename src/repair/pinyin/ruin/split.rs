//! A mark that something invisible was put before (R4, R5).
//!
//! ```text
//! A1 [A3 AC] 46        。現 split before A3AC (，)
//! A1␟ A3AC 46          ?，F
//! D4 [A1 A3] BB        浴； split before A1A3 (。), then before A3BB (；)
//! D4␟ A1␟ A3BB         ??；
//! ```

use super::super::inject::pair_of;
use super::search::{COUNTED, Search};
use super::{Arena, Note, Reached};
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading};

/// Charged for a split where the text is aligned, so that `真的??` in a page with ruins
/// stays as it is; in shifted text a `?` is a lost byte in any case.
const SPLIT_COST: i32 = 6 * Bits::ONE.0;

/// The first byte of 。 (A1A3), which goes without its second where that begins another mark.
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

/// `?` before `behind` as a lost lead byte before a mark, or before A1 and a mark that
/// begins with A3; each with how much of `behind` it takes.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    behind: &str,
    reading: Reading,
) -> Vec<Reached> {
    let mut characters = behind.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return Vec::new() };
    let mut reached = Vec::new();
    let mut split = |marks: &[char], len| {
        let lost = split(search, readings, reading, marks);
        reached.extend(lost.into_iter().map(|reading| (len, reading)));
    };
    if let Some(mark) = mark(first) {
        split(&[mark], first.len_utf8());
    }
    if let ('?', Some(second)) = (first, second)
        && let Some(mark) = mark(second).filter(|&mark| mark != '。')
    {
        split(&['。', mark], first.len_utf8() + second.len_utf8());
    }
    reached
}

/// Every lost lead byte that counts, split off before the last of `marks`; before that, A1 was
/// split off where there are two.
fn split(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    reading: Reading,
    marks: &[char],
) -> Vec<Reading> {
    let Some(mark) = marks.last().and_then(|&mark| pair_of(mark)) else { return Vec::new() };
    let lone = (marks.len() > 1).then_some(A1);
    let bytes = || lone.into_iter().chain(mark).map(Byte::kept);
    let (reading, lost) = match reading.lead {
        None => (reading.charged(SPLIT_COST), (0x81..=0xFE).map(Byte::guess).collect()),
        // every one goes on alike behind the next character, so that one behind stays behind
        Some(half) => {
            let next = lone.map_or(mark, |lone| [lone, mark[0]]);
            let behind = |ended| {
                search.table.pair(next[0], next[1]).map_or(0, |next| search.page.cost(ended, next))
            };
            (reading, readings.likely_ends(reading, half, COUNTED, behind))
        }
    };
    let goes_on = |lost| {
        let lost = readings.push(reading, lost)?;
        let noted =
            marks.iter().fold(lost, |reading, &mark| readings.note(reading, Note::Split(mark)));
        bytes().try_fold(noted, |reading, byte| readings.push(reading, byte))
    };
    lost.into_iter().filter_map(goes_on).collect()
}
