//! A lost lead byte that ate the `(` of a reading (R1–R3).
//!
//! ```text
//! D2 [AA 84] D5        要務, with 獎 (AA84) across them
//! D2AA 84( jiǎng) D5   要?jiǎng)…      the lost byte ends the character AA‥ read jiǎng
//! ```

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Arena;
use super::search::Search;
use crate::codec::{Codec, Flavour};
use crate::edit::Bits;
use crate::repair::pinyin::page::simplified_cost;
use crate::repair::pinyin::reading::{Fit, Syllable, readings};
use crate::repair::resync::{Byte, Reading};

/// Charged for a character that nothing else says is on the injector's list.
const UNLISTED_COST: i32 = 4 * Bits::ONE.0;

/// Charged for a reading that is not the character's usual one: injectors have one
/// reading for each character, mostly the usual one.
const UNUSUAL_COST: i32 = 4 * Bits::ONE.0;

/// A character that a bracket may stand behind.
struct Owner {
    pair: [u8; 2],
    character: char,
    reading: Syllable,
    is_usual: bool,
}

/// The characters of GBK by the letters of their readings, in the order of their bytes.
static OWNERS: LazyLock<HashMap<[u8; 6], Vec<Owner>>> = LazyLock::new(|| {
    let table = Codec::Gbk.table(Flavour::WINDOWS);
    let mut owners: HashMap<[u8; 6], Vec<Owner>> = HashMap::new();
    for pair in (0x81..=0xFE).flat_map(|lead| (0x40..=0xFE).map(move |trail| [lead, trail])) {
        let Some(character) = table.pair(pair[0], pair[1]) else { continue };
        for (reading, is_usual) in readings(character) {
            let owner = Owner { pair, character, reading, is_usual };
            owners.entry(reading.letters()).or_default().push(owner);
        }
    }
    owners
});

/// A character that a torn bracket may stand behind.
pub(super) struct Torn {
    pub(super) character: char,
    /// Its second byte, lost: a guess where others are possible.
    pub(super) byte: Byte,
    /// Charged for it, whatever stands before.
    pub(super) cost: i32,
}

/// Every lost byte that ends a character with this reading, begun by the last byte.
pub(super) fn candidates(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    reading: Reading,
    syllable: Syllable,
) -> Vec<Reading> {
    let torn = torn(search, reading.tail[1], syllable).into_iter();
    torn.filter_map(|torn| Some(readings.push(reading, torn.byte)?.charged(torn.cost))).collect()
}

/// Every character that `begun` begins and that has this reading.
///
/// Readings but for the tone count only where nothing has the reading itself.
pub(super) fn torn(search: &Search<'_>, begun: u8, syllable: Syllable) -> Vec<Torn> {
    let read_alike = OWNERS.get(&syllable.letters()).map_or(&[][..], Vec::as_slice);
    let from = read_alike.partition_point(|owner| owner.pair[0] < begun);
    let mut owners: Vec<(&Owner, Fit)> = read_alike[from..]
        .iter()
        // a lost byte became `?` because it was a lead
        .take_while(|owner| owner.pair[0] == begun)
        .filter(|owner| owner.pair[1] > 0x80 && is_listed_so(search, owner.character, syllable))
        .filter_map(|owner| Some((owner, syllable.fit_reading(owner.reading, owner.is_usual)?)))
        .collect();
    if owners.iter().any(|&(_, fit)| fit != Fit::OtherTone) {
        owners.retain(|&(_, fit)| fit != Fit::OtherTone);
    }
    owners.sort_by_key(|&(owner, fit)| (owner.pair, fit));
    owners.dedup_by_key(|&mut (owner, _)| owner.pair);
    let byte = if owners.len() == 1 { Byte::kept } else { Byte::guess };
    let torn = |(owner, fit): (&Owner, Fit)| {
        let unusual = if fit == Fit::Other { UNUSUAL_COST } else { 0 };
        let cost = unlisted_cost(search, owner.character) + unusual;
        Torn { character: owner.character, byte: byte(owner.pair[1]), cost }
    };
    owners.into_iter().map(torn).collect()
}

/// The characters that a bracket with this reading may be put behind, with their first bytes.
pub(super) fn read_as(search: &Search<'_>, syllable: Syllable) -> impl Iterator<Item = (u8, char)> {
    let read_alike = OWNERS.get(&syllable.letters()).map_or(&[][..], Vec::as_slice);
    let fits = move |owner: &&Owner| {
        owner.pair[1] > 0x80
            && is_listed_so(search, owner.character, syllable)
            && syllable.fit_reading(owner.reading, owner.is_usual) == Some(Fit::Usual)
    };
    read_alike.iter().filter(fits).map(|owner| (owner.pair[0], owner.character))
}

/// Whether the injector's list may have the character with this reading: `自?yì)踊?huí)` is
/// 自動化迴, of which a pair of bytes is gone, and not 自動回, since 回 is no Traditional character.
fn is_listed_so(search: &Search<'_>, character: char, syllable: Syllable) -> bool {
    let listed = search.list.listed.get(&character);
    listed.map_or_else(|| search.list.may_have(character), |listed| listed.syllable == syllable)
}

/// Charged for a character that no bracket elsewhere says is on the injector's list;
/// lists hold everyday characters.
fn unlisted_cost(search: &Search<'_>, owner: char) -> i32 {
    if search.list.listed.contains_key(&owner) {
        return 0;
    }
    // behind a blank, the model sees little but how common a character is
    UNLISTED_COST + simplified_cost(' ', owner)
}
