//! Letters that are a GBK character each, left over in Chinese that is UTF-8.
//!
//! Two bytes of GBK from C2 80 to DF BF are a letter in UTF-8, of Hebrew or Cyrillic mostly. Where
//! a program converts in place and forgets the length, or converts all but a piece, they stay in
//! clean text:
//!
//! ```text
//! 增值ֵ|开放      D6 B5 is 值, which was converted before it: the letter goes
//! 增ֵ服务         D6 B5 is 值
//! ```

use std::ops::Range;

use crate::codec::{Codec, Flavour};
use crate::edit::{Bits, Edit, Kind, Safety, Step};
use crate::model;
use crate::script::{is_bopomofo, is_ideograph};

/// Letters of one remnant, at most; more are a word.
const LONGEST: usize = 4;
/// What a character costs behind another, at most, in a word that is often written.
const FAMILIAR: Bits = Bits::whole(7);
/// What one costs at most where a word ends and another begins.
const POSSIBLE: Bits = Bits::whole(16);

/// The edits of `text` that take out the remnants in `span` or put characters in their place.
pub(super) fn repair(text: &str, span: &Range<usize>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut rest = span.clone();
    while let Some(found) = text[rest.clone()].find(is_stray) {
        let start = rest.start + found;
        let behind = text[start..].trim_start_matches(is_stray);
        let range = start..text.len() - behind.len();
        rest.start = range.end;
        edits.extend(edit(text, range));
        if rest.start >= rest.end {
            break;
        }
    }
    edits
}

/// The edit of letters that stand alone among ideographs.
fn edit(text: &str, range: Range<usize>) -> Option<Edit> {
    let found = &text[range.clone()];
    let before = text[..range.start].chars().next_back().filter(|&c| is_ideograph(c))?;
    let behind = text[range.end..].chars().next();
    if found.chars().count() > LONGEST || behind.is_some_and(is_small_letter) {
        return None;
    }
    let read = as_gbk(found)?;
    // the character itself may stand on either side
    let is_double = text[..range.start].ends_with(&read) || text[range.end..].starts_with(&read);
    let after = if is_double {
        String::new()
    } else if is_familiar(before, &read, behind) {
        read
    } else {
        return None;
    };
    let cost = |middle: &str| {
        let behind = behind.map(String::from).unwrap_or_default();
        model::text_cost_after(before, &[middle, &behind].concat()).0
    };
    let steps = vec![Step::Encode(Codec::Utf8.name()), Step::Decode(Codec::Gbk.name())];
    Some(Edit {
        bits: Bits(cost(found) - cost(&after)),
        safety: Safety::Inferred,
        ..Edit::new(text, range, after, Kind::Transcode, steps)
    })
}

/// Whether a letter is of a script that Chinese text does not speak of in passing: none of
/// pinyin, phonetics, Greek, Russian, nor a letter of western Europe.
fn is_stray(c: char) -> bool {
    let is_pinyin = matches!(c, '\u{1CD}'..='\u{1DC}' | '\u{1F8}' | '\u{1F9}');
    matches!(c, '\u{180}'..='\u{24F}' | '\u{2AE}'..='\u{36F}' | '\u{460}'..='\u{7FF}')
        && !is_pinyin
        && !is_bopomofo(c)
}

/// Whether a letter of two bytes or of ASCII goes on with a word.
fn is_small_letter(c: char) -> bool {
    c < '\u{800}' && c.is_alphabetic()
}

/// The ideographs that the bytes of letters are in GBK.
fn as_gbk(letters: &str) -> Option<String> {
    let table = Codec::Gbk.table(Flavour::WEB);
    let (pairs, []) = letters.as_bytes().as_chunks() else { return None };
    pairs
        .iter()
        .map(|&[lead, trail]| table.pair(lead, trail).filter(|&c| is_ideograph(c)))
        .collect()
}

/// Whether ideographs make a word that is often written, with each other or what is around them.
fn is_familiar(before: char, read: &str, behind: Option<char>) -> bool {
    let behind = behind.filter(|&c| is_ideograph(c));
    let characters = || std::iter::once(before).chain(read.chars()).chain(behind);
    let costs = || characters().zip(characters().skip(1)).map(|(one, next)| model::cost(one, next));
    costs().any(|cost| cost <= FAMILIAR) && costs().all(|cost| cost <= POSSIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;

    fn repaired(text: &str) -> String {
        apply(text, &repair(text, &(0..text.len())))
    }

    #[test]
    fn a_character_that_was_converted_and_kept_goes() {
        assert_eq!(repaired("链接|增值\u{5B5}|开放"), "链接|增值|开放");
        assert_eq!(repaired("当前状态\u{5F4}\u{32C}：正常"), "当前状态：正常");
        assert_eq!(repaired("返回\u{5B5}值为零"), "返回值为零");
    }

    #[test]
    fn a_character_that_was_not_converted_is_read() {
        assert_eq!(repaired("提供增\u{5B5}服务"), "提供增值服务");
        assert_eq!(repaired("保存当前\u{5F4}\u{32C}信息"), "保存当前状态信息");
    }

    #[test]
    fn letters_that_are_meant_stay() {
        for text in [
            "希伯来字母\u{5E9}的读音",
            "字母һ和Ҫ只见于几种语言",
            "罗马尼亚语的ș和ț",
            "位\u{3BB}和路·丝绸之路·敦煌",
            "注音ㄇㄚˇ，拼音mǎ",
        ] {
            assert_eq!(repaired(text), text);
        }
    }
}
