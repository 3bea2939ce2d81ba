//! The fast part of the gate: to where the sum of weights first reaches the bar.
//!
//! *Wide* characters are those from U+3000 to U+FFFF, *narrow* ones the others beyond ASCII.

use memchr::memchr;

use super::{ASTRAL, GAP, SUSPECT, WEIGHTS, weight};
use crate::scan::{CHAR_BYTES, HIGH_BITS, LANES, POINTS, WINDOW, WORD};
use crate::scan::{first_lanes, leading_chars, point, skip_ascii};
use crate::script::char_before;

/// A one in each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// What stands for the weight of a character that is not wide: it lifts any sum over any bar.
const NOT_WIDE: i8 = i8::MAX;
const _: () = assert!(NOT_WIDE as i32 >= SUSPECT);

/// By [`point`], the weights of wide characters; 0 for zeros.
static WIDE: [i8; POINTS] = {
    let mut weights = [NOT_WIDE; POINTS];
    weights[0] = 0;
    let mut wide = 0x3000;
    while wide < WEIGHTS.len() {
        weights[wide] = WEIGHTS[wide] as i8;
        wide += 1;
    }
    weights
};

/// Where the sum climbs to the bar.
#[derive(Clone, Copy)]
pub(super) struct Climb {
    /// The last place where the sum was zero, which the sum climbed from.
    pub from: usize,
    /// The first place at which it has reached the bar.
    pub to: usize,
    /// The sum there.
    pub sum: i32,
}

/// The first climb to `bar` from `from` on, where the sum is zero.
pub(super) fn climb(text: &str, from: usize, bar: i32) -> Option<Climb> {
    let bytes = text.as_bytes();
    let (mut at, mut sum) = (from, 0);
    while let Some(&lead) = bytes.get(at) {
        (at, sum) = match lead {
            // E3 80 80 is U+3000
            0xE3..=0xEF => climb_wide(bytes, at, sum, bar),
            ..0x80 => pass_ascii(bytes, at, sum),
            _ => climb_narrow(text, at, sum, bar),
        };
        if sum >= bar {
            return Some(Climb { from: start_of_climb(text, at, sum), to: at, sum });
        }
    }
    None
}

/// Where a sum climbed from that has grown to `sum` before `end`.
///
/// Going back, the weights add up to `sum` first where it was zero last: the sum is never less
/// than the weights since any place, and just these since the last zero.
fn start_of_climb(text: &str, end: usize, sum: i32) -> usize {
    let (mut at, mut left) = (end, sum);
    let mut back = text[..end].chars().rev().peekable();
    while left > 0
        && let Some(character) = back.next()
    {
        at -= character.len_utf8();
        if !character.is_ascii() {
            left -= weight(back.peek().copied().unwrap_or('\n'), character);
        }
    }
    at
}

/// Adds the wide characters from `at` on, of which there is one, up to where the sum reaches
/// the bar.
///
/// Where a run of them ends depends on first bytes alone, which are known long before the
/// weights: with [`add_lanes`] that takes Chinese at twice the speed of a branch for each.
fn climb_wide(bytes: &[u8], mut at: usize, mut sum: i32, bar: i32) -> (usize, i32) {
    while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let chars = leading_chars(window);
        let (last, peak) = if chars == LANES {
            add_lanes(sum, window)
        } else {
            add_lanes(sum, &first_lanes(window, chars))
        };
        if peak >= bar {
            break;
        }
        (at, sum) = (at + chars * CHAR_BYTES, last);
        if chars < LANES {
            return (at, sum);
        }
    }
    // near a climb, a character from U+0800 to U+2FFF or the end of the text
    while sum < bar
        && let Some(character) = bytes.get(at..).and_then(<[u8]>::first_chunk)
        && matches!(character[0], 0xE3..=0xEF)
    {
        (at, sum) = (at + CHAR_BYTES, add(sum, wide_weight(character)));
    }
    (at, sum)
}

/// Adds the characters of a window, and gives the sum behind them and at its highest.
///
/// Not inlined: in a loop, compilers make a branch of the maximum in [`add`], which one
/// character in three takes the other way: that costs a third of the speed.
#[inline(never)]
fn add_lanes(mut sum: i32, window: &[u8; WINDOW]) -> (i32, i32) {
    let (characters, _) = window.as_chunks();
    let mut peak = 0;
    for character in &characters[..LANES] {
        sum = add(sum, wide_weight(character));
        peak = peak.max(sum);
    }
    (sum, peak)
}

/// A step of the sum, held at zero from below.
fn add(sum: i32, weight: i32) -> i32 {
    (sum + weight).max(0)
}

fn wide_weight(character: &[u8; CHAR_BYTES]) -> i32 {
    i32::from(WIDE[point(character)])
}

/// Adds the characters from `at` on that are neither wide nor ASCII, up to where the sum
/// reaches the bar.
fn climb_narrow(text: &str, mut at: usize, mut sum: i32, bar: i32) -> (usize, i32) {
    let mut previous = char_before(text, at);
    for character in text[at..].chars() {
        sum = match character {
            '\0'..'\u{80}' | '\u{3000}'..='\u{FFFF}' => break,
            '\u{80}'..'\u{3000}' => add(sum, weight(previous, character)),
            _ => add(sum, ASTRAL),
        };
        at += character.len_utf8();
        previous = character;
        if sum >= bar {
            break;
        }
    }
    (at, sum)
}

/// Passes over the ASCII from `at` on, and gives the place and the sum behind it: a line break
/// or a wide gap ends every climb.
pub(super) fn pass_ascii(bytes: &[u8], at: usize, sum: i32) -> (usize, i32) {
    // most runs in Chinese text are a few digits or letters, and end in the first word
    if let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WORD>) {
        let word = u64::from_le_bytes(*word);
        let high = word & HIGH_BITS;
        if high != 0 {
            let below_high = high.wrapping_sub(1) & !high;
            let sum = if line_breaks(word) & below_high == 0 { sum } else { 0 };
            return (at + high.trailing_zeros() as usize / 8, sum);
        }
    }
    let end = skip_ascii(bytes, at);
    let ends = sum != 0 && (end - at >= GAP || memchr(b'\n', &bytes[at..end]).is_some());
    (end, if ends { 0 } else { sum })
}

/// Marks the first line break of a word at the high bit of its byte; bytes behind it may be
/// marked that are none.
fn line_breaks(word: u64) -> u64 {
    let zero_if_break = word ^ (ONES * b'\n' as u64);
    zero_if_break.wrapping_sub(ONES) & !zero_if_break & HIGH_BITS
}
