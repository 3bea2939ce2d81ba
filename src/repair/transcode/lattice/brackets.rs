//! A bracket or a quotation mark that was lost is told by its partner on the line.
//!
//! ```text
//! 《红楼梦□      E3 80 is left of 》 (E3 80 8B) and of 。 (E3 80 82) alike
//! ```

use std::ops::Range;

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

/// Where a text has what may be or part the two marks of a pair: the marks, line breaks, and U+FFFD,
/// which may be anything.
pub(super) struct Marks(Vec<(usize, char)>);

impl Marks {
    /// Those of a text.
    pub(super) fn of(text: &[char]) -> Marks {
        let is_mark =
            |&(_, c): &(usize, char)| is_paired(c) || c == '\n' || c == char::REPLACEMENT_CHARACTER;
        Marks(text.iter().copied().enumerate().filter(is_mark).collect())
    }

    /// Whether any mark at some places is one of a pair.
    pub(super) fn has_paired(&self, places: Range<usize>) -> bool {
        self.within(places).iter().any(|&(_, c)| is_paired(c))
    }

    /// Makes U+FFFD of those that are of a pair: what is a guess itself tells no partner.
    pub(super) fn doubt(&mut self, places: Range<usize>) {
        let Range { start, end } = self.indices(places);
        let paired = self.0[start..end].iter_mut().filter(|(_, c)| is_paired(*c));
        paired.for_each(|(_, c)| *c = char::REPLACEMENT_CHARACTER);
    }

    fn within(&self, places: Range<usize>) -> &[(usize, char)] {
        &self.0[self.indices(places)]
    }

    fn indices(&self, places: Range<usize>) -> Range<usize> {
        let index = |place| self.0.partition_point(|&(at, _)| at < place);
        index(places.start)..index(places.end)
    }
}

/// What stands on a line around what was lost.
pub(super) struct Brackets<'m> {
    before: &'m [(usize, char)],
    behind: &'m [(usize, char)],
    /// Whether a partner may stand where none is seen: farther ahead, or in the place of a character
    /// that was lost, too.
    may_be_hidden: bool,
    /// How many marks have no partner if none was lost.
    unpaired: usize,
}

impl<'m> Brackets<'m> {
    /// What is around some places of a text.
    pub(super) fn around(marks: &'m Marks, places: Range<usize>) -> Brackets<'m> {
        let Range { start, end } = places;
        let before = marks.within(start.saturating_sub(NEAR)..start);
        let behind = marks.within(end..end + NEAR);
        let is_break = |&(_, c): &(usize, char)| c == '\n';
        let line_start = before.iter().rposition(is_break);
        let before = &before[line_start.map_or(0, |at| at + 1)..];
        let behind = behind.split(is_break).next().unwrap_or_default();
        let is_lost = before.iter().chain(behind).any(|&(_, c)| c == char::REPLACEMENT_CHARACTER);
        let may_be_hidden = is_lost || line_start.is_none();
        Brackets { before, behind, may_be_hidden, unpaired: unpaired_with(before, &[], behind) }
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
        let unpaired = unpaired_with(self.before, lost, self.behind);
        let more = unpaired as i32 - self.unpaired as i32;
        if more > 0 && self.may_be_hidden { 0 } else { more * each.0 }
    }
}

/// How many marks of a line have no partner if these characters were lost between others.
fn unpaired_with(before: &[(usize, char)], lost: &[char], behind: &[(usize, char)]) -> usize {
    let mark = |&(_, c): &(usize, char)| c;
    unpaired(before.iter().map(mark).chain(lost.iter().copied()).chain(behind.iter().map(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a character costs in the place of the `□` of a line, in bits.
    fn cost(line: &str, lost: char) -> i32 {
        let text: Vec<char> = line.chars().collect();
        let at = text.iter().position(|&c| c == '□').unwrap();
        Brackets::around(&Marks::of(&text), at..at + 1).cost(&[lost]) / Bits::ONE.0
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
