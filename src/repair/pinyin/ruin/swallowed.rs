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
use crate::script::is_han;

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
    behind_han: i32,
    behind_mark: i32,
    /// The cheapest that was read through it.
    cheapest: i32,
}

impl Eaten {
    /// What is charged up to it behind a character: a line ends with `。”` more often than with 好.
    fn cost_behind(&self, end: &End) -> i32 {
        let before = if self.ascii == b'\n' { end.cost_on_line } else { end.ended.cost };
        before + if is_han(end.ended.character) { self.behind_han } else { self.behind_mark }
    }
}

/// A character that a lost lead byte may end.
struct End {
    ended: Ended,
    /// What it costs at the end of a line.
    cost_on_line: i32,
}

impl End {
    fn new(ended: Ended, reading: Reading) -> End {
        let closing = Page::closing_cost(reading.previous, ended.character);
        let closing = closing.map_or(i32::MAX, |closing| reading.cost + closing);
        End { cost_on_line: ended.cost.min(closing), ended }
    }

    /// The cheapest come first.
    fn order(&self) -> (i32, u8) {
        (self.cost_on_line, self.ended.byte.value)
    }
}

/// All bytes of ASCII that the `?` at `at` may have eaten.
pub(super) fn eaten(search: &Search<'_>, at: usize) -> Vec<Eaten> {
    let open = leaves_open(search, at);
    let eaten = |&ascii: &u8| {
        let [behind_han, behind_mark] = match (open, ascii) {
            (false, b')') => return None,
            (true, b')') => [0; 2],
            (true, _) => search.page.ascii_costs(ascii).map(|cost| cost + UNBALANCED_COST),
            (false, _) => search.page.ascii_costs(ascii),
        };
        Some(Eaten { ascii, behind_han, behind_mark, cheapest: i32::MAX - COUNTED })
    };
    SWALLOWABLE.iter().filter(|ascii| !NOT_EATEN.contains(ascii)).filter_map(eaten).collect()
}

/// `?` as every lost lead byte that counts with each of these bytes of ASCII.
///
/// Behind the same ASCII all readings go on alike, so that one that is far behind stays there.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    eaten: &mut [Eaten],
    reading: Reading,
) -> Vec<Reading> {
    let Some(half) = reading.lead else { return Vec::new() };
    let mut ends: Vec<End> =
        readings.ends(reading, half).map(|ended| End::new(ended, reading)).collect();
    if ends.len() > WIDTH {
        ends.select_nth_unstable_by_key(WIDTH, End::order);
        ends.truncate(WIDTH);
    }
    ends.sort_unstable_by_key(End::order);
    let each = |end| eaten.iter().map(move |eaten| eaten.cost_behind(end));
    let Some(best) = ends.iter().flat_map(each).min() else { return Vec::new() };
    let mut read = Vec::new();
    for end in &ends {
        for eaten in eaten.iter_mut() {
            let cost = eaten.cost_behind(end);
            if cost - best > MARGIN {
                continue;
            }
            // what follows a Han character on this page, not in general
            let cost = cost + search.page.mark_cost(end.ended.character, eaten.ascii);
            eaten.cheapest = eaten.cheapest.min(cost);
            if cost <= eaten.cheapest + COUNTED {
                let bytes = [end.ended.byte, Byte::guess(eaten.ascii)];
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
