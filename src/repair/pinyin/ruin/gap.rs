//! A pair in shifted text that decodes to private use and is gone (R6).
//!
//! ```text
//! BB F9 D3 DA D5 E2    基于這 shifted by a byte, behind A3:
//! A3BB [F9D3] DAD5 …   ；赵…      F9D3 is user-defined
//! ```

use std::sync::LazyLock;

use super::super::inject::vanishes;
use super::Arena;
use super::search::Search;
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading};

/// The second bytes of the pairs that vanish, by their first bytes.
static VANISHED: LazyLock<Vec<(u8, Vec<u8>)>> = LazyLock::new(|| {
    let seconds = |first: u8| -> Vec<u8> {
        // the second byte leads the next character
        (0x81..=0xFE).filter(|&second| vanishes(&[first, second])).collect()
    };
    (0x81..=0xFE).map(|first| (first, seconds(first))).filter(|(_, s)| !s.is_empty()).collect()
});

/// Charged for a pair that vanished: the model takes two characters that go with nothing
/// for too likely beside one that does (measured as above).
const VANISHED_COST: i32 = 3 * Bits::ONE.0;

/// A character so much dearer than the cheapest that ends in the first byte of a vanished
/// pair is not gone on with.
const MARGIN: i32 = 12 * Bits::ONE.0;

/// Every pair that may have vanished behind a reading that has a character half read.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    reading: Reading,
) -> Vec<Reading> {
    let Some(lead) = reading.lead else { return Vec::new() };
    let reading = reading.charged(VANISHED_COST);
    let ended: Vec<(Reading, &[u8])> = VANISHED
        .iter()
        .filter(|&&(first, _)| search.table.pair(lead.value, first).is_some())
        .filter_map(|(first, seconds)| {
            Some((readings.push(reading, Byte::guess(*first))?, seconds.as_slice()))
        })
        .collect();
    let best = ended.iter().map(|(read, _)| read.cost).min().unwrap_or(0);
    let mut read = Vec::new();
    for (ended, seconds) in ended {
        if ended.cost - best <= MARGIN {
            let begun = |&second: &u8| readings.push(ended, Byte::guess(second));
            read.extend(seconds.iter().filter_map(begun));
        }
    }
    read
}
