//! The gate's first pass: where the sum of weights may reach the bar.
//!
//! It starts the sum afresh nowhere, so that its sum is never below the true one, and
//! zero where the true one is. What it passes over is clean; where it stops, the text is
//! looked at properly from the last zero on.

use super::{WEIGHTS, weight};

/// Bytes of ASCII that are looked at together; the compiler makes vectors of them.
const BLOCK: usize = 64;

/// Where the sum climbs to the bar.
#[derive(Clone, Copy)]
pub(super) struct Climb {
    /// The last place where the sum was zero, which the sum climbed from.
    pub from: usize,
    /// The first place at which it has reached the bar.
    pub to: usize,
}

/// The first climb to `bar` from `from` on, where the sum is zero.
///
/// Three-byte characters from U+3000 on, which Chinese is written in, take a loop of two
/// loads and no decoding: five times the throughput of decoding every `char`.
pub(super) fn climb(text: &str, from: usize, bar: i32) -> Option<Climb> {
    let bytes = text.as_bytes();
    let (mut at, mut sum) = (from, 0);
    let mut climb = Climb { from, to: from };
    while let Some(&lead) = bytes.get(at) {
        match lead {
            // E3 80 80 is U+3000
            0xE3..=0xEF => (at, sum) = climb_wide(bytes, at, sum, bar, &mut climb.from),
            ..0x80 => at = skip_ascii(bytes, at),
            _ => {
                let character = text[at..].chars().next()?;
                let previous = text[..at].chars().next_back().unwrap_or('\n');
                sum = add(sum, weight(previous, character));
                at += character.len_utf8();
            }
        }
        if sum >= bar {
            return Some(Climb { to: at, ..climb });
        }
        if sum == 0 {
            climb.from = at;
        }
    }
    None
}

/// Adds the characters from `at` on that lie from U+3000 to U+FFFF, up to where the sum
/// reaches the bar; `zero` is moved to a place where the sum is zero.
fn climb_wide(
    bytes: &[u8],
    mut at: usize,
    mut sum: i32,
    bar: i32,
    zero: &mut usize,
) -> (usize, i32) {
    // one branch for four characters: 1.8 times the throughput of one for each
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<12>)
        && [block[0], block[3], block[6], block[9]].iter().all(is_wide)
    {
        let mut peak = 0;
        for character in block.as_chunks().0 {
            sum = add(sum, wide_weight(character));
            peak = peak.max(sum);
        }
        at += block.len();
        if peak >= bar {
            return (at, peak);
        }
        if sum == 0 {
            *zero = at;
        }
    }
    while let Some(character) = bytes.get(at..).and_then(<[u8]>::first_chunk)
        && is_wide(&character[0])
        && sum < bar
    {
        sum = add(sum, wide_weight(character));
        at += character.len();
    }
    (at, sum)
}

/// A step of the sum, held at zero from below. As arithmetic, because compilers make a branch
/// of `max` here, which one character in three takes the other way.
fn add(sum: i32, weight: i32) -> i32 {
    let sum = sum + weight;
    sum & !(sum >> 31)
}

/// Whether a byte leads one of the characters from U+3000 to U+FFFF.
fn is_wide(lead: &u8) -> bool {
    matches!(lead, 0xE3..=0xEF)
}

/// The weight of a character from U+3000 to U+FFFF.
fn wide_weight(&[lead, second, third]: &[u8; 3]) -> i32 {
    let low = |byte: u8| u16::from(byte & 0x3F);
    let code_point = u16::from(lead) << 12 | low(second) << 6 | low(third);
    i32::from(WEIGHTS[usize::from(code_point)] as i8)
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
