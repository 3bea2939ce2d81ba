//! Rows of character lists and of code tables.
//!
//! Any two bytes are a character in some codec, so that neighbours in a list are neighbours in
//! another one, which may well be commoner: no reading of such a row is less of a list.
//!
//! ```text
//! 僐 僑 僒 僓      83 52 | 83 53 | 83 54 | 83 55      コゴサザ in Shift_JIS
//! ```

use crate::codec::{Codec, Flavour};

/// The codecs whose tables are shown row by row; code points are another order.
const TABLES: [Codec; 4] = [Codec::Gbk, Codec::Big5, Codec::ShiftJis, Codec::EucKr];
/// How far a character is behind its neighbour at most: lists leave some out. Text goes on so in one
/// of a hundred places.
const STEP: u32 = 8;
/// Neighbours that are in order in a list, at least.
const FEW: usize = 3;
/// One pair of neighbours in so many may be out of order, as where a list goes on with another row.
const OUT_OF_ORDER: usize = 4;
/// Characters that tell whether a row is a list, at most: three times as many tell of 8,000 rows of
/// tables and lists the same, and take text three times as long.
const SAMPLE: usize = 24;

/// What parts the entries of a list, beside ASCII: `Γ、Δ、Ε`.
const SEPARATORS: [char; 6] = ['、', '，', '；', '・', '·', '\u{3000}'];

/// Whether a character may be an entry of a list, and does not part two of them.
pub fn is_entry(c: char) -> bool {
    !c.is_ascii() && !SEPARATORS.contains(&c)
}

/// Whether nearly each of some entries comes soon behind the one before, by code points or in the
/// table of a codec.
pub fn is_listing(entries: impl Iterator<Item = char>) -> bool {
    let row: Vec<char> = entries.take(SAMPLE).collect();
    row.len() > FEW
        && (is_in_order(&row, |c| Some(c.into()))
            || TABLES.into_iter().any(|codec| is_in_order(&row, |c| code(codec, c))))
}

/// The bytes of a character, as a number.
fn code(codec: Codec, character: char) -> Option<u32> {
    let pair = codec.table(Flavour::WEB).first_code(character)?.pair()?;
    Some(u16::from_be_bytes(pair).into())
}

/// Whether nearly each of some characters has a place soon behind that of the one before.
fn is_in_order(row: &[char], place: impl Fn(char) -> Option<u32>) -> bool {
    let mut places = row.iter().map(|&c| place(c));
    let Some(mut previous) = places.next() else { return false };
    let goes_on = |next: Option<u32>| {
        let both = std::mem::replace(&mut previous, next).zip(next);
        both.is_some_and(|(one, next)| next > one && next - one <= STEP)
    };
    let may_miss = (row.len() - 1) / OUT_OF_ORDER;
    // in text, the first few tell
    places.map(goes_on).filter(|goes_on| !goes_on).nth(may_miss).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_tables_are_listings() {
        // code points, GBK B0A1…, Big5 A440…, Shift_JIS 889F… and EUC-KR 8141…
        for row in ["丂丄丅丆丏", "啊阿埃挨哎唉", "一乙丁七乃九", "亜唖娃阿哀愛", "갂갃갅갆갋"]
        {
            assert!(is_listing(row.chars()), "{row}");
        }
    }

    #[test]
    fn what_parts_them_is_no_entry() {
        let entries = "Γ、Δ, Ε・Ζ　Η".chars().filter(|&c| is_entry(c));
        assert_eq!(entries.collect::<String>(), "ΓΔΕΖΗ");
    }

    #[test]
    fn what_is_left_of_text_is_none() {
        for text in ["鐢ㄦ埛鐧诲綍鎴愬姛", "涓枃", "偙傫偵偪偼", "丂丄丅", "甀甀甀甀甀"]
        {
            assert!(!is_listing(text.chars()), "{text}");
        }
    }
}
