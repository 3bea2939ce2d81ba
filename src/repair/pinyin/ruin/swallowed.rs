//! A lost lead byte in shifted text that ate one byte of ASCII (R7).
//!
//! ```text
//! B8 [BDD0] A1 29      附小) shifted by a byte
//! BDD0 A1)             叫?
//! ```

use std::ops::Range;

use super::Arena;
use super::search::{COUNTED, Search};
use crate::codec::SWALLOWABLE;
use crate::edit::Bits;
use crate::repair::pinyin::bracket::syllable_to_parenthesis;
use crate::repair::pinyin::page::Page;
use crate::repair::resync::{Byte, Ended, Reading};

/// What a lost lead byte is not taken to eat: `(` goes down only with its reading, `?` no more often
/// than it is one of the sites' own, and pages have hardly a tab or a carriage return.
const NOT_EATEN: &[u8] = b"(?\t\r";

/// How many values of a lost lead byte are tried with each byte of ASCII it may have eaten.
const WIDTH: usize = 12;

/// A lost lead byte with the ASCII that it ate is not tried where it is so much worse than the best.
const MARGIN: i32 = 12 * Bits::ONE.0;

/// Charged where the text leaves a parenthesis open.
const UNBALANCED_COST: i32 = 10 * Bits::ONE.0;

/// A byte of ASCII that a lost lead byte may have eaten, and what is charged for it.
pub(super) struct Eaten {
    ascii: u8,
    cost: i32,
    /// The cheapest that was read through it.
    cheapest: i32,
}

/// All bytes of ASCII that the `?` at `at` may have eaten, the likeliest first.
pub(super) fn eaten(search: &Search<'_>, at: usize) -> Vec<Eaten> {
    let open = leaves_open(search, at);
    let cost = |ascii| match (open, ascii) {
        (false, b')') => None,
        (true, b')') => Some(0),
        (true, _) => Some(search.page.ascii_cost(ascii) + UNBALANCED_COST),
        (false, _) => Some(search.page.ascii_cost(ascii)),
    };
    let eaten =
        |&ascii: &u8| Some(Eaten { ascii, cost: cost(ascii)?, cheapest: i32::MAX - COUNTED });
    let tried = SWALLOWABLE.iter().filter(|ascii| !NOT_EATEN.contains(ascii));
    let mut eaten: Vec<Eaten> = tried.filter_map(eaten).collect();
    eaten.sort_by_key(|eaten| (eaten.cost, eaten.ascii));
    eaten
}

/// `?` as every lost lead byte that counts with each of these bytes of ASCII.
///
/// Behind the same ASCII all readings go on alike, so that one that is far behind stays there.
pub(super) fn candidates(
    readings: &mut Arena<'_>,
    eaten: &mut [Eaten],
    reading: Reading,
) -> Vec<Reading> {
    let Some(half) = reading.lead else { return Vec::new() };
    let mut ends: Vec<Ended> = readings.ends(reading, half).collect();
    let order = |ended: &Ended| (ended.cost, ended.byte.value);
    if ends.len() > WIDTH {
        ends.select_nth_unstable_by_key(WIDTH, order);
        ends.truncate(WIDTH);
    }
    ends.sort_unstable_by_key(order);
    let (Some(end), Some(ascii)) = (ends.first(), eaten.first()) else { return Vec::new() };
    let best = end.cost + ascii.cost;
    let mut read = Vec::new();
    for end in ends {
        let counts = |eaten: &&mut Eaten| end.cost + eaten.cost - best <= MARGIN;
        for eaten in eaten.iter_mut().take_while(counts) {
            // what follows a Han character on this page, not in general
            let cost = end.cost + eaten.cost + Page::mark_cost(end.character, eaten.ascii);
            eaten.cheapest = eaten.cheapest.min(cost);
            if cost <= eaten.cheapest + COUNTED {
                let bytes = [end.byte, Byte::guess(eaten.ascii)];
                let pushed = bytes
                    .into_iter()
                    .try_fold(reading, |reading, byte| readings.push(reading, byte));
                read.extend(pushed.map(|pushed| pushed.charged(cost - pushed.cost)));
            }
        }
    }
    read
}

/// Whether a `(` before `at` on its line has no `)` on the line.
fn leaves_open(search: &Search<'_>, at: usize) -> bool {
    let Range { start, end } = search.line(at..at);
    // a line that is long begins and ends anywhere, inside of a bracket, too
    let Some(open) = search.text[start..at].find('(') else { return false };
    let close = search.text[at..end].rfind(')').map_or(0, |close| close + 1);
    let line = &search.text[start + open..at + close];
    // a bracket whose `(` was eaten has a `)` too many
    let torn = line
        .match_indices('?')
        .filter(|(at, _)| syllable_to_parenthesis(&line[at + 1..]).is_some());
    let closed = line.matches(')').count().saturating_sub(torn.count());
    line.matches('(').count() > closed
}
