//! EUC-TW: plane 1 of CNS 11643 in two bytes, any plane in four, `8E A2 A1 A1` for plane 2.
//!
//! Planes 1 and 2 are what Big5 has, and all that texts are made of; further planes, which hold
//! rare characters, are read as ill-formed, so that their bytes are kept.

use encoding_rs::BIG5;

use super::{character_of, cns};

/// What a plane is named after.
pub(super) const PLANE: u8 = 0x8E;

/// What a character of plane 2 begins with.
pub(in crate::decode) const PLANE_2: [u8; 2] = [PLANE, 0xA2];

/// The cells of a row, and the characters of a plane.
const ROW: usize = 94;
const SIZE: usize = ROW * ROW;

/// Where a run of characters comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// Big5, by the index of the first character among all pairs of bytes, from `A1 40`.
    Big5(u16),
    /// Unicode, by the first code point.
    Unicode(u16),
}

/// The index of a code: planes one after the other, row by row.
pub(super) fn index(unit: &[u8]) -> Option<usize> {
    let (plane, pair) = match unit {
        [PLANE, plane @ 0xA1..=0xA2, pair @ ..] => (usize::from(plane - 0xA1), pair),
        pair => (0, pair),
    };
    let [row @ 0xA1..=0xFE, cell @ 0xA1..=0xFE] = pair else { return None };
    Some(plane * SIZE + usize::from(row - 0xA1) * ROW + usize::from(cell - 0xA1))
}

/// The code with an index.
pub(super) fn bytes(index: usize) -> impl Iterator<Item = u8> {
    let high = |value: usize| 0xA1 + value as u8;
    let (plane, index) = (index / SIZE, index % SIZE);
    let named = (plane > 0).then(|| [PLANE, high(plane)]);
    named.into_iter().flatten().chain([high(index / ROW), high(index % ROW)])
}

/// Every code that stands for a character. Three radicals of plane 1 come again as characters.
pub(super) fn characters() -> impl Iterator<Item = (usize, char)> {
    let run = |plane: usize| {
        move |&(first, count, source): &(u16, u16, Source)| {
            let index = plane * SIZE + usize::from(first);
            (0..count).filter_map(move |at| Some((index + usize::from(at), character(source, at)?)))
        }
    };
    cns::PLANE_1.iter().flat_map(run(0)).chain(cns::PLANE_2.iter().flat_map(run(1)))
}

/// Whether an index is one of a code.
pub(super) fn is_code(index: usize) -> bool {
    let runs: &[(u16, u16, Source)] = if index < SIZE { &cns::PLANE_1 } else { &cns::PLANE_2 };
    let at = index % SIZE;
    let behind = runs.partition_point(|(first, ..)| usize::from(*first) <= at);
    let run = behind.checked_sub(1).and_then(|before| runs.get(before));
    run.is_some_and(|(first, count, _)| at < usize::from(first + count))
}

/// A character of a run.
fn character(source: Source, at: u16) -> Option<char> {
    match source {
        Source::Unicode(first) => char::from_u32(u32::from(first + at)),
        Source::Big5(first) => {
            // second bytes are 40–7E and A1–FE
            const LOW: u16 = 0x7F - 0x40;
            const TRAILS: u16 = LOW + ROW as u16;
            let (lead, trail) = ((first + at) / TRAILS, (first + at) % TRAILS);
            let trail = if trail < LOW { 0x40 + trail } else { 0xA1 + (trail - LOW) };
            character_of(BIG5, [0xA1 + lead as u8, trail as u8])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Derived;

    #[test]
    fn characters_have_the_codes_of_the_standard() {
        // as ICU's converter `euc-tw-2014` has them
        for (unit, character) in [
            (b"\xC4\xE3".as_slice(), '中'),
            (b"\xC4\xA1", '一'),
            (b"\xA1\xA3", '、'),
            (b"\xFD\xCB", '籲'),
            (b"\x8E\xA2\xA1\xA1", '乂'),
            (b"\x8E\xA1\xC4\xE3", '中'),
        ] {
            assert_eq!(Derived::EucTw.decode(unit), Some(character), "{unit:X?}");
        }
        assert_eq!(Derived::EucTw.decode(b"\x8E\xA3\xA1\xA1"), None, "plane 3");
    }
}
