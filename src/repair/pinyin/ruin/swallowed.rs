//! A lost lead byte in shifted text that ate one byte of ASCII (R7).
//!
//! ```text
//! B8 [BDD0] A1 29      附小) shifted by a byte
//! BDD0 A1)             叫?
//! ```

use super::super::bracket::syllable_to_parenthesis;
use super::Arena;
use super::search::Search;
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading, prune};

/// What a lost lead byte eats: ASCII below 40 that text has; `(` only with its reading,
/// and `?` is eaten no more often than it is one of the sites' own.
const SWALLOWED: &[u8] = b"\n !\"#$%&')*+,-./0123456789:;<=>";

/// How many values of a lost lead byte are tried with each byte of ASCII it may have eaten.
const WIDTH: usize = 16;

/// A value of a lost lead byte so much worse than the best is not tried.
const MARGIN: i32 = 16 * Bits::ONE.0;

/// Charged where the text leaves a parenthesis open.
const UNBALANCED_COST: i32 = 10 * Bits::ONE.0;

/// `?` at `at` as every lost lead byte with every byte of ASCII.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    at: usize,
    reading: Reading,
) -> Vec<Reading> {
    let open = leaves_open(search.text, at);
    let mut lost = readings.guess_lead(reading);
    prune(&mut lost, WIDTH, MARGIN);
    let mut read = Vec::new();
    for lost in lost {
        for &ascii in SWALLOWED {
            let cost = match (open, ascii) {
                (false, b')') => continue,
                (true, b')') => 0,
                (true, _) => search.page.ascii_cost(ascii) + UNBALANCED_COST,
                (false, _) => search.page.ascii_cost(ascii),
            };
            if let Some(pushed) = readings.push(lost, Byte::guess(ascii)) {
                // what follows a Han character on this page, not in general
                read.push(pushed.charged(lost.cost + cost - pushed.cost));
            }
        }
    }
    read
}

/// Whether a `(` before `at` on its line has no `)` on the line.
fn leaves_open(text: &str, at: usize) -> bool {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let line = &text[line_start..line_end];
    // a bracket whose `(` was eaten has a `)` too many
    let torn = line
        .match_indices('?')
        .filter(|(at, _)| syllable_to_parenthesis(&line[at + 1..]).is_some());
    let closed = line.matches(')').count().saturating_sub(torn.count());
    line.matches('(').count() > closed
}
