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
    is_simplified_only: bool,
}

/// The traits of each ideograph from [`FIRST`] to [`LAST`].
static TRAITS: LazyLock<Vec<Traits>> = LazyLock::new(|| {
    let big5 = Codec::Big5.table(Flavour::Web);
    let traits = |((character, simplified), (_, traditional))| Traits {
        simplified,
        // GB2312 is the part of GBK with leads B0–F7 and trails from A1
        is_in_gb2312: matches!(pair_of(character), Some([0xB0..=0xF7, 0xA1..=0xFE])),
        is_common: matches!(pair_of(simplified), Some([0xB0..=0xD7, 0xA1..=0xFE])),
        is_simplified_only: traditional != character && !big5.has_code(character),
    };
    converted(Config::T2s).into_iter().zip(converted(Config::S2t)).map(traits).collect()
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
pub(super) fn simplified(character: char) -> char {
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

/// Whether a character is Simplified only, so that Traditional text cannot have it:
/// 剑 is, 后 is not, which Big5 has for an empress.
pub(super) fn is_simplified_only(character: char) -> bool {
    traits(character).is_some_and(|traits| traits.is_simplified_only)
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
        assert!(is_simplified_only('剑') && !is_simplified_only('后'));
        assert!(!is_simplified_only('爲') && !is_simplified_only('。'));
    }
}
