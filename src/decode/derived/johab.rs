//! Johab: KS X 1001, annex 3.
//!
//! A syllable is `1 iiiii mmmmm fffff`: its initial, medial and final letter in five bits each,
//! so that all 11,172 modern ones have a code, where EUC-KR has 2,350. 한 is `D0 65`,
//! `1 10100 00011 00101`: ㅎ, ㅏ, ㄴ. Symbols and hanja are those of KS X 1001, two of its rows
//! under each lead byte. Bytes below 80 are ASCII, as in cp1361; the standard has `₩` for `\`.

use encoding_rs::EUC_KR;

use super::character_of;

/// Code points of the first syllable, 가, and of the letters that stand alone.
const SYLLABLES: u32 = 0xAC00;
const MEDIALS: u32 = 0x314F;
const FINALS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ',
    'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];

/// What five bits say of a letter of a syllable.
#[derive(Clone, Copy)]
enum Letter {
    /// There is none.
    Absent,
    /// The letter with this number, from 0.
    Number(u32),
}

/// The initial letter: 1 stands for none, 2 to 20 for the nineteen.
fn initial(bits: u32) -> Option<Letter> {
    match bits {
        1 => Some(Letter::Absent),
        2..=20 => Some(Letter::Number(bits - 2)),
        _ => None,
    }
}

/// The medial letter: 2 stands for none; the 21 vowels leave out what would make a second byte
/// below 41.
fn medial(bits: u32) -> Option<Letter> {
    match bits {
        2 => Some(Letter::Absent),
        3..=7 => Some(Letter::Number(bits - 3)),
        10..=15 => Some(Letter::Number(bits - 5)),
        18..=23 => Some(Letter::Number(bits - 7)),
        26..=29 => Some(Letter::Number(bits - 9)),
        _ => None,
    }
}

/// The final letter: 1 stands for none; 18 is left out.
fn last(bits: u32) -> Option<Letter> {
    match bits {
        1 => Some(Letter::Absent),
        2..=17 => Some(Letter::Number(bits - 2)),
        19..=29 => Some(Letter::Number(bits - 3)),
        _ => None,
    }
}

/// The index of a code is its number.
pub(super) fn index(unit: &[u8]) -> Option<usize> {
    let unit = <[u8; 2]>::try_from(unit).ok()?;
    Some(usize::from(u16::from_be_bytes(unit)))
}

/// The code with an index.
pub(super) fn bytes(index: usize) -> [u8; 2] {
    (index as u16).to_be_bytes()
}

/// Every code that stands for a character, the best one of two last: nobody writes a letter that
/// is also an initial as a final one that stands alone.
pub(super) fn characters() -> impl Iterator<Item = (usize, char)> {
    let codes =
        |alone: bool| (0x8000..=0xFFFF_u16).filter(move |code| (code >> 5 == FINAL_ALONE) == alone);
    codes(true).chain(codes(false)).filter_map(|code| {
        let character = hangul(code).or_else(|| symbol(code))?;
        Some((usize::from(code), character))
    })
}

/// Whether an index is one of a code, as far as its shape tells.
pub(super) fn is_code(index: usize) -> bool {
    let code = index as u16;
    hangul(code).is_some() || symbol_pair(code).is_some()
}

/// The upper bits of a final letter without an initial and a medial one.
const FINAL_ALONE: u16 = 0b1_00001_00010;

/// The syllable or letter of a code.
fn hangul(code: u16) -> Option<char> {
    use Letter::{Absent, Number};
    let code = u32::from(code);
    let five = |shift: u32| code >> shift & 0x1F;
    match (initial(five(10))?, medial(five(5))?, last(five(0))?) {
        (Number(initial), Number(medial), last) => {
            let last = if let Number(last) = last { last + 1 } else { 0 };
            char::from_u32(SYLLABLES + (initial * 21 + medial) * 28 + last)
        }
        (Number(initial), Absent, Absent) => INITIALS.get(initial as usize).copied(),
        (Absent, Number(medial), Absent) => char::from_u32(MEDIALS + medial),
        (Absent, Absent, Number(last)) => FINALS.get(last as usize).copied(),
        // the blank of the letters
        (Absent, Absent, Absent) => Some('\u{3000}'),
        _ => None,
    }
}

/// The symbol or hanja of a code.
fn symbol(code: u16) -> Option<char> {
    character_of(EUC_KR, symbol_pair(code)?)
}

/// The code in EUC-KR of a symbol or hanja: rows 21 to 2C of KS X 1001 stand under D9 to DE, 4A to
/// 7D under E0 to F9. The modern letters of row 24 have the codes above.
fn symbol_pair(code: u16) -> Option<[u8; 2]> {
    let [lead, trail] = code.to_be_bytes();
    let first = match lead {
        0xD9..=0xDE => 0x21 + 2 * (lead - 0xD9),
        0xE0..=0xF9 => 0x4A + 2 * (lead - 0xE0),
        _ => return None,
    };
    let cell = match trail {
        0x31..=0x7E => trail - 0x31,
        0x91..=0xFE => trail - 0x43,
        _ => return None,
    };
    let (row, cell) = (first + cell / 94, 0x21 + cell % 94);
    let is_letter = row == 0x24 && cell <= 0x53;
    (!is_letter).then_some([row | 0x80, cell | 0x80])
}

#[cfg(test)]
mod tests {
    use super::super::Derived;
    use super::*;

    #[test]
    fn syllables_letters_symbols_and_hanja_have_the_codes_of_the_standard() {
        // as Python's codec `johab` has them
        for (code, character) in [
            (0xD065, '한'),
            (0x8861, '가'),
            (0xD3BD, '힣'),
            (0x8841, 'ㄱ'),
            (0x8461, 'ㅏ'),
            (0x8444, 'ㄳ'),
            (0xD931, '\u{3000}'),
            (0xDC48, '㎏'),
            (0xE3D1, '金'),
            (0xF9FE, '詰'),
        ] {
            assert_eq!(Derived::Johab.decode(&bytes(code)), Some(character), "{code:X}");
        }
    }
}
