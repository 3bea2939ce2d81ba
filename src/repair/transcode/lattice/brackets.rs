//! A bracket or a quotation mark that was lost is told by its partner on the line.
//!
//! ```text
//! 《红楼梦□      E3 80 is left of 》 (E3 80 8B) and of 。 (E3 80 82) alike
//! ```

use crate::edit::Bits;
use crate::script::{is_paired, unpaired};

/// Characters on each side in which a partner is looked for.
const NEAR: usize = 100;
/// What a bracket without its partner costs, or one less of them gains. Of those that are open on a
/// line, all but one in 300 are closed on it (8 bits, in Simplified text); and where one is open, its
/// partner is likelier than the characters before it say.
const UNPAIRED: Bits = Bits::whole(12);
/// What a quotation mark without its partner costs: in Traditional text, one quotation in 25 goes
/// on over the end of a line.
const UNQUOTED: Bits = Bits::whole(8);
/// Quotation marks.
const QUOTES: [char; 10] = ['“', '”', '‘', '’', '«', '»', '「', '」', '『', '』'];

/// What stands on a line around what was lost.
pub(super) struct Brackets<'t> {
    before: &'t [char],
    behind: &'t [char],
    /// Whether a partner may stand where none is seen: farther ahead, or in the place of a character
    /// that was lost, too.
    may_be_hidden: bool,
    /// How many marks have no partner if none was lost.
    unpaired: usize,
}

impl<'t> Brackets<'t> {
    /// What is around `len` characters of a text, in which U+FFFD stands for others that were lost.
    pub(super) fn around(text: &'t [char], at: usize, len: usize) -> Brackets<'t> {
        let before = &text[at.saturating_sub(NEAR)..at];
        let behind = &text[at + len..text.len().min(at + len + NEAR)];
        let start = before.iter().rposition(|&c| c == '\n');
        let before = &before[start.map_or(0, |start| start + 1)..];
        let behind = behind.split(|&c| c == '\n').next().unwrap_or_default();
        let unpaired = unpaired(before.iter().chain(behind).copied());
        let is_lost = before.iter().chain(behind).any(|&c| c == char::REPLACEMENT_CHARACTER);
        Brackets { before, behind, may_be_hidden: is_lost || start.is_none(), unpaired }
    }

    /// Whether all of them have their partners, so that none is looked for.
    pub(super) fn are_paired(&self) -> bool {
        self.unpaired == 0
    }

    /// What it costs that these characters were lost, in 1/256 bit.
    pub(super) fn cost(&self, lost: &[char]) -> i32 {
        if !lost.iter().copied().any(is_paired) {
            return 0;
        }
        let each = if lost.iter().any(|c| QUOTES.contains(c)) { UNQUOTED } else { UNPAIRED };
        let line = self.before.iter().chain(lost).chain(self.behind);
        let more = unpaired(line.copied()) as i32 - self.unpaired as i32;
        if more > 0 && self.may_be_hidden { 0 } else { more * each.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a character costs in the place of the `□` of a line, in bits.
    fn cost(line: &str, lost: char) -> i32 {
        let text: Vec<char> = line.chars().collect();
        let at = text.iter().position(|&c| c == '□').unwrap();
        Brackets::around(&text, at, 1).cost(&[lost]) / Bits::ONE.0
    }

    #[test]
    fn what_is_open_is_closed() {
        assert_eq!(cost("\n《红楼梦□", '》'), -12);
        assert_eq!(cost("\n《红楼梦□", '。'), 0);
        assert_eq!(cost("\n《红楼梦□", '」'), 8);
        assert_eq!(cost("\n□红楼梦》是一本书", '《'), -12);
        assert_eq!(cost("\n《红楼梦》□", '》'), 12);
        assert_eq!(cost("\n《红楼\n梦□", '》'), 12);
        assert_eq!(cost("很长的一行，红楼梦□", '》'), 0);
        assert_eq!(cost("\n三个数□1\u{FFFD}2", '（'), 0);
        assert_eq!(cost("\n三个数（1□2\u{FFFD}3", '）'), -12);
    }
}
