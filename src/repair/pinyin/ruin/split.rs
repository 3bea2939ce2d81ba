//! A mark that something invisible was put before (R4, R5).
//!
//! ```text
//! A1 [A3 AC] 46        。現 split before A3AC (，)
//! A1␟ A3AC 46          ?，F
//! D4 [A1 A3] BB        浴； split before A1A3 (。), then before A3BB (；)
//! D4␟ A1␟ A3BB         ??；
//! ```

use super::super::inject::pair_of;
use super::{Arena, Note, Reached};
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading};

/// Charged for a split at a mark, so that `真的??` in a page with ruins stays as it is.
const SPLIT_COST: i32 = 6 * Bits::ONE.0;

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
pub(super) fn candidates(readings: &mut Arena<'_>, behind: &str, reading: Reading) -> Vec<Reached> {
    let mut characters = behind.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return Vec::new() };
    let mut reached = Vec::new();
    if let Some(mark) = mark(first)
        && let Some(pair) = pair_of(mark)
    {
        reached.extend(split(readings, reading, mark, &pair, first.len_utf8()));
    }
    if let ('?', Some(second)) = (first, second)
        && let Some(mark) = mark(second).filter(|&mark| mark != '。')
        && let Some([lead, trail]) = pair_of(mark)
    {
        let len = first.len_utf8() + second.len_utf8();
        reached.extend(split(readings, reading, '。', &[0xA1, lead, trail], len));
    }
    reached
}

/// Every lost lead byte before these bytes, split before `mark`.
fn split(
    readings: &mut Arena<'_>,
    reading: Reading,
    mark: char,
    bytes: &[u8],
    len: usize,
) -> Vec<Reached> {
    let lost = readings.guess_lead(reading.charged(SPLIT_COST));
    let goes_on = |reading| {
        let noted = readings.note(reading, Note::Split(mark));
        let kept = bytes.iter().map(|&byte| Byte::kept(byte));
        let read = kept.into_iter().try_fold(noted, |reading, byte| readings.push(reading, byte));
        Some((len, read?))
    };
    lost.into_iter().filter_map(goes_on).collect()
}
