//! A pair in shifted text that decodes to private use and is gone (R6).
//!
//! ```text
//! BB F9 D3 DA D5 E2    基于這 shifted by a byte, behind A3:
//! A3BB [F9D3] DAD5 …   ；赵…      F9D3 is user-defined
//! ```

use std::sync::LazyLock;

use super::search::{Search, Ways, note_bracket};
use super::trail::{OnPage, RARE, keep_likely};
use super::{Arena, Note, Reached, overlap};
use crate::edit::Bits;
use crate::repair::pinyin::inject::vanishes;
use crate::repair::resync::{Byte, Reading};
use crate::script::is_private_use;

/// The pairs that vanish.
pub(super) struct Vanished {
    /// Their first bytes, each with the index of its second ones.
    pub(super) firsts: Vec<(u8, usize)>,
    /// Whether each byte is the second of such a pair, and leads the next character. Most first
    /// bytes have the same seconds: GBK lays its user-defined zones out in rectangles.
    pub(super) seconds: Vec<[bool; 256]>,
}

/// The pairs that vanish, by their first bytes.
pub(super) static VANISHED: LazyLock<Vanished> = LazyLock::new(|| {
    let mut vanished = Vanished { firsts: Vec::new(), seconds: Vec::new() };
    for first in 0x81..=0xFE {
        let seconds = std::array::from_fn(|second| {
            matches!(second, 0x81..=0xFE) && vanishes(&[first, second as u8])
        });
        if seconds.contains(&true) {
            vanished.add(first, seconds);
        }
    }
    vanished
});

impl Vanished {
    fn add(&mut self, first: u8, seconds: [bool; 256]) {
        let known = self.seconds.iter().position(|known| *known == seconds);
        let index = known.unwrap_or_else(|| {
            self.seconds.push(seconds);
            self.seconds.len() - 1
        });
        self.firsts.push((first, index));
    }
}

/// Charged for a pair that vanished: the model takes two characters that go with nothing for too
/// likely beside one that does. With 3 bits, of 510 stretches of generated pages with gaps 5 fewer
/// come back and 3 more are wrong.
const VANISHED_COST: i32 = Bits::ONE.0;

/// A character so much dearer than the cheapest that ends in the first byte of a vanished
/// pair is not gone on with.
const MARGIN: i32 = 12 * Bits::ONE.0;

/// A character that may stand behind a gap.
pub(super) struct Behind {
    /// Begun with the second byte of the pair that vanished.
    begun: OnPage,
    /// Charged for it, whatever stands before.
    cost: i32,
    through: Through,
}

/// What in the damaged text goes on behind a gap.
#[derive(Clone, Copy)]
enum Through {
    /// The bytes that the text may be, by their index.
    Shown(usize),
    /// A `?` that ate the `(` of a reading; the lost byte of its character.
    Owner(Byte),
}

/// Every character that may stand at a position behind a gap.
pub(super) fn behind(search: &Search<'_>, ways: &Ways) -> Vec<Behind> {
    let mut behind = Vec::new();
    if let Some((syllable, _)) = ways.lost.bracket {
        for second in 0x81..=0xFE {
            let torn = overlap::torn(search, second, syllable).into_iter();
            behind.extend(torn.map(|overlap::Torn { character, byte, cost }| Behind {
                begun: OnPage::new(search, second, character),
                cost,
                through: Through::Owner(byte),
            }));
        }
    }
    let mut by_trail = search.by_trail.borrow_mut();
    for (index, shown) in ways.shown.iter().enumerate() {
        let (cost, through) = (shown.cost(), Through::Shown(index));
        let begun = by_trail.ending_in(search, shown.first()).iter();
        behind.extend(begun.map(|&begun| Behind { begun, cost, through }));
    }
    keep_likely(&mut behind, RARE, |behind| behind.begun.alone + behind.cost);
    behind
}

/// A pair that may have vanished, by its first byte and what is behind it.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    first: u8,
    /// The index of what is behind.
    behind: usize,
}

/// How many gaps are gone on with behind each reading; the best are far ahead.
const WIDTH: usize = 32;

/// The cheapest gaps behind a half-read character, given its first byte and the character before.
///
/// They are weighed before any is read: there are thousands.
pub(super) fn cheapest(
    search: &Search<'_>,
    previous: char,
    lead: u8,
    behind: &[Behind],
) -> Vec<Gap> {
    let ended = |&(first, seconds): &(u8, usize)| {
        let character = search.table.pair(lead, first).filter(|&ended| !is_private_use(ended))?;
        let seconds = &VANISHED.seconds[seconds];
        Some((first, character, seconds, search.page.cost(previous, character)))
    };
    let ended: Vec<_> = VANISHED.firsts.iter().filter_map(ended).collect();
    let best = ended.iter().map(|&(.., cost)| cost).min().unwrap_or(0);
    let mut gaps = Vec::new();
    for (first, character, seconds, cost) in ended {
        if cost - best > MARGIN {
            continue;
        }
        for (index, behind) in behind.iter().enumerate() {
            if seconds[usize::from(behind.begun.first)] {
                let cost = cost + search.page.cost_of(character, behind.begun.next) + behind.cost;
                gaps.push((cost, Gap { first, behind: index }));
            }
        }
    }
    let order = |&(cost, gap): &(i32, Gap)| (cost, gap.first, gap.behind);
    if gaps.len() > WIDTH {
        gaps.select_nth_unstable_by_key(WIDTH, order);
        gaps.truncate(WIDTH);
    }
    gaps.sort_unstable_by_key(order);
    gaps.into_iter().map(|(_, gap)| gap).collect()
}

/// The reading behind a gap, and where the text goes on.
pub(super) fn read(
    readings: &mut Arena<'_>,
    reading: Reading,
    gap: Gap,
    behind: &[Behind],
    ways: &Ways,
) -> Option<Reached> {
    let next = &behind[gap.behind];
    let ended = readings.push(reading.charged(VANISHED_COST), Byte::guess(gap.first))?;
    let ended = readings.note(ended, Note::Vanished);
    let begun = readings.push(ended, Byte::guess(next.begun.first))?;
    match next.through {
        Through::Shown(index) => ways.shown[index].read(readings, begun),
        Through::Owner(byte) => {
            let (_, len) = ways.lost.bracket?;
            let read = readings.push(begun, byte)?.charged(next.cost);
            Some((ways.lost.at + 1 + len, note_bracket(readings, read, ways.lost.at)))
        }
    }
}
