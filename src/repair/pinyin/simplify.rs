//! Single characters from Traditional to Simplified, for the language model.

use std::sync::LazyLock;

use crate::convert::{Config, Converter};

/// The ideographs of the BMP that are looked up.
const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

/// The Simplified form of each ideograph from [`FIRST`] to [`LAST`].
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let ideographs = || (FIRST..=LAST).filter_map(char::from_u32);
    // a line each, so that no two convert as a word
    let lines: String = ideographs().flat_map(|ideograph| [ideograph, '\n']).collect();
    let converted = Converter::new(Config::T2s).convert(&lines).into_owned();
    let first = |line: &str| line.chars().next();
    ideographs().zip(converted.lines()).map(|(from, to)| first(to).unwrap_or(from)).collect()
});

/// The Simplified form of a character.
pub(super) fn simplified(character: char) -> char {
    let index = u32::from(character).wrapping_sub(FIRST) as usize;
    SIMPLIFIED.get(index).copied().unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_by_one() {
        for (from, to) in [('會', '会'), ('前', '前'), ('鿿', '鿿'), (',', ','), ('一', '一')]
        {
            assert_eq!(simplified(from), to);
        }
    }
}
