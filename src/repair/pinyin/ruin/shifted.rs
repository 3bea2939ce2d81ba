//! A character of shifted text as its bytes (R8: or as those of what it is folded from).

use super::super::bracket::syllable_to_parenthesis;
use super::super::fold;
use super::search::Search;
use super::{Arena, Reached};
use crate::repair::resync::{Byte, Reading};

/// Bytes that the text at an offset may stand for.
pub(super) struct Shown {
    bytes: Vec<u8>,
    /// Where the text goes on.
    end: usize,
    /// Charged for taking the text for these bytes.
    cost: i32,
}

/// All bytes that the character at `at` may stand for.
pub(super) fn shown(search: &Search<'_>, at: usize) -> Vec<Shown> {
    let rest = &search.text[at..];
    let Some(next) = rest.chars().next() else { return Vec::new() };
    // `?shí)` is a lost byte in any case, and not A3BF, `？`, folded
    if rest.strip_prefix('?').and_then(syllable_to_parenthesis).is_some() {
        return Vec::new();
    }
    let kept = search.table.codes(next).map(|code| Shown {
        bytes: code.bytes().collect(),
        end: at + next.len_utf8(),
        cost: 0,
    });
    let folded = fold::unfolded(rest).map(|folded| Shown {
        bytes: folded.pair.to_vec(),
        end: at + folded.becomes.len(),
        cost: search.page.folded_cost(),
    });
    kept.chain(folded).collect()
}

/// Every way in which these bytes go on a reading.
pub(super) fn candidates<'r>(
    readings: &'r mut Arena<'_>,
    shown: &'r [Shown],
    reading: Reading,
) -> impl Iterator<Item = Reached> + 'r {
    shown.iter().filter_map(move |shown| {
        let mut bytes = shown.bytes.iter().map(|&byte| Byte::kept(byte));
        let read = bytes.try_fold(reading, |reading, byte| readings.push(reading, byte))?;
        Some((shown.end, read.charged(shown.cost)))
    })
}

/// The `width` cheapest ways in which these bytes go on readings that have begun a character.
///
/// They are weighed before any is made: a gap has thousands.
pub(super) fn cheapest(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    shown: &[Shown],
    begun: &[Reading],
    width: usize,
) -> Vec<Reached> {
    let weighed = |(at, reading): (usize, &Reading)| {
        let lead = reading.lead?.value;
        let cost = |shown: &Shown| {
            let next = search.table.pair(lead, *shown.bytes.first()?)?;
            Some(reading.cost + shown.cost + search.page.cost(reading.previous, next))
        };
        let cost = shown.iter().filter_map(cost).min()?;
        Some((cost, at))
    };
    let mut order: Vec<(i32, usize)> = begun.iter().enumerate().filter_map(weighed).collect();
    if order.len() > width {
        order.select_nth_unstable(width);
        order.truncate(width);
    }
    order.sort_unstable();
    order
        .into_iter()
        .flat_map(|(_, at)| candidates(readings, shown, begun[at]).collect::<Vec<_>>())
        .collect()
}
