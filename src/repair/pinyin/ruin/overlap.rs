//! A lost lead byte that ate the `(` of a reading (R1–R3).
//!
//! ```text
//! D2 [AA 84] D5        要務, with 獎 (AA84) across them
//! D2AA 84( jiǎng) D5   要?jiǎng)…      the lost byte ends the character AA‥ read jiǎng
//! ```

use super::super::page::simplified_cost;
use super::super::reading::{Fit, Syllable};
use super::Arena;
use super::search::Search;
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading};

/// Charged for a character that nothing else says is on the injector's list.
const UNLISTED_COST: i32 = 4 * Bits::ONE.0;

/// Every lost byte that ends a character with this reading, begun by the last byte.
///
/// Readings but for the tone count only where nothing has the reading itself.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    reading: Reading,
    syllable: Syllable,
) -> Vec<Reading> {
    let begun = reading.tail[1];
    let owners: Vec<(char, u8, Fit)> = (0x81..=0xFEu8)
        .filter_map(|lost| {
            let owner = search.table.pair(begun, lost)?;
            Some((owner, lost, syllable.fit(owner)?))
        })
        .collect();
    let Some(fit) = owners.iter().map(|&(_, _, fit)| fit).min() else { return Vec::new() };
    let fitting = || owners.iter().filter(|owner| owner.2 == fit);
    let byte = if fitting().count() == 1 { Byte::kept } else { Byte::guess };
    fitting()
        .filter_map(|&(owner, lost, _)| {
            let read = readings.push(reading, byte(lost))?;
            Some(read.charged(unlisted_cost(search, owner)))
        })
        .collect()
}

/// Charged for a character that no bracket elsewhere says is on the injector's list;
/// lists hold everyday characters.
fn unlisted_cost(search: &Search<'_>, owner: char) -> i32 {
    if search.list.brackets.contains_key(&owner) {
        return 0;
    }
    // behind a blank, the model sees little but how common a character is
    UNLISTED_COST + simplified_cost(' ', owner)
}
