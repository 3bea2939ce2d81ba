//! Which script a character belongs to, and how common it is.

use std::sync::LazyLock;

use super::inject::pair_of;
use crate::codec::{Codec, Flavour};
use crate::convert::{Config, Converter};

/// The ideographs that are looked up: GB2312 and Simplified characters have no others.
const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

/// What is to be known of a character.
#[derive(Clone, Copy)]
struct Traits {
    simplified: char,
    is_in_gb2312: bool,
    is_common: bool,
    origin: Origin,
}

/// Where text that was converted from Simplified to Traditional has a character from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is what its Simplified form becomes, 會, 前, or in everyday use in both scripts so
    /// that converters leave it, some everywhere: 于, 后.
    Converted,
    /// It is that in one standard only.
    Shape(Standard),
    /// It comes from some words only: 髮.
    Variant,
    /// It would have been converted, 会, or is a shape that no conversion makes, 閲.
    Alien,
}

/// Which shapes of characters a text was converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    /// 爲 衆 裏 啓, as OpenCC has them.
    Open,
    /// 為 眾 裡 啟.
    Taiwan,
}

/// The traits of each ideograph from [`FIRST`] to [`LAST`].
static TRAITS: LazyLock<Vec<Traits>> = LazyLock::new(|| {
    let (open, taiwan) = (converted(Config::S2t), converted(Config::S2tw));
    let becomes = |table: &[(char, char)], character: char| {
        let index = u32::from(character).wrapping_sub(FIRST) as usize;
        table.get(index).map_or(character, |&(_, converted)| converted)
    };
    let traits = |(character, simplified)| {
        let pair = pair_of(character);
        // GB2312 is the part of GBK with leads B0–F7 and trails from A1
        let is_in_gb2312 = matches!(pair, Some([0xB0..=0xF7, 0xA1..=0xFE]));
        let open = becomes(&open, simplified) == character;
        let taiwan = becomes(&taiwan, simplified) == character;
        let origin = match (open, taiwan, is_in_everyday_big5(character)) {
            (true, true, _) => Origin::Converted,
            (_, _, true) if is_in_gb2312 => Origin::Converted,
            (true, false, _) => Origin::Shape(Standard::Open),
            (false, true, _) => Origin::Shape(Standard::Taiwan),
            (false, false, true) => Origin::Variant,
            (false, false, false) => Origin::Alien,
        };
        let is_common = matches!(pair_of(simplified), Some([0xB0..=0xD7, 0xA1..=0xFE]));
        Traits { simplified, is_in_gb2312, is_common, origin }
    };
    converted(Config::T2s).into_iter().map(traits).collect()
});

/// Each ideograph with what it converts to.
fn converted(config: Config) -> Vec<(char, char)> {
    let ideographs = || (FIRST..=LAST).filter_map(char::from_u32);
    // a line each, so that no two convert as a word
    let lines: String = ideographs().flat_map(|ideograph| [ideograph, '\n']).collect();
    let converted = Converter::new(config).convert(&lines).into_owned();
    let first = |line: &str| line.chars().next();
    let pair = |(from, to)| (from, first(to).unwrap_or(from));
    ideographs().zip(converted.lines()).map(pair).collect()
}

fn traits(character: char) -> Option<Traits> {
    let index = u32::from(character).wrapping_sub(FIRST) as usize;
    TRAITS.get(index).copied()
}

/// The Simplified form of a character.
pub fn simplified(character: char) -> char {
    traits(character).map_or(character, |traits| traits.simplified)
}

/// Whether GB2312, the repertoire of Simplified Chinese, has the ideograph.
pub(super) fn is_in_gb2312(character: char) -> bool {
    traits(character).is_some_and(|traits| traits.is_in_gb2312)
}

/// Whether a character is in everyday use in either script: its Simplified form is one
/// of GB2312's 3,755 common ones (level 1, B0A1–D7F9).
pub(super) fn is_common(character: char) -> bool {
    traits(character).is_some_and(|traits| traits.is_common)
}

/// Where converted text has a character from.
pub(super) fn origin(character: char) -> Origin {
    traits(character).map_or(Origin::Converted, |traits| traits.origin)
}

/// Whether a character is in the first level of Big5 (A440–C67E), the everyday one of
/// Traditional text: 后, an empress, is; 从 and 机 are in the second, as rare forms.
fn is_in_everyday_big5(character: char) -> bool {
    let everyday = [0xA4, 0x40]..=[0xC6, 0x7E];
    Codec::Big5.table(Flavour::WEB).pairs_of(character).any(|pair| everyday.contains(&pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        for (from, to) in [('會', '会'), ('前', '前'), ('鿿', '鿿'), (',', ','), ('一', '一')]
        {
            assert_eq!(simplified(from), to);
        }
        assert!(is_in_gb2312('当') && is_in_gb2312('前') && is_in_gb2312('著'));
        assert!(!is_in_gb2312('當') && !is_in_gb2312('頁') && !is_in_gb2312('，'));
        assert!(is_common('當') && is_common('爲') && is_common('前'));
        assert!(!is_common('鶩') && !is_common('圄'));
        for character in "會前于后。".chars() {
            assert_eq!(origin(character), Origin::Converted, "{character}");
        }
        for (standard, shapes) in [(Standard::Open, "爲衆啓"), (Standard::Taiwan, "為眾啟")] {
            for character in shapes.chars() {
                assert_eq!(origin(character), Origin::Shape(standard), "{character}");
            }
        }
        for character in "髮彙".chars() {
            assert_eq!(origin(character), Origin::Variant, "{character}");
        }
        for character in "会剑从机閲".chars() {
            assert_eq!(origin(character), Origin::Alien, "{character}");
        }
    }
}
