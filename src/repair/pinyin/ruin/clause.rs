//! How far apart marks stand: no 。 is lost in `，保□策略；`, which would make clauses of one
//! character and of two.

use std::cell::OnceCell;
use std::sync::LazyLock;

use super::search::{Found, Search};
use crate::edit::Bits;
use crate::repair::pinyin::fold;

/// Of a thousand clauses, those of 0, 1, 2 … characters; the last is of longer ones, too
/// (318,000 clauses of the text that the model was trained on).
const LENGTHS: [u32; 25] =
    [1, 7, 46, 37, 101, 73, 108, 94, 93, 79, 67, 55, 45, 36, 29, 23, 18, 15, 12, 10, 8, 7, 5, 4, 4];

/// One in so many characters is a mark, and by pairs and words it is one anywhere.
const MARKS: u32 = 10;

/// What the lengths of clauses count for beside the costs of characters, as a divisor: what stands
/// around a mark says some of the same (measured on generated pages: 0.28 to 0.52).
const COUNTED: i32 = 2;

/// The clause that a torn stretch stands in.
pub(super) struct Clause<'s, 'a> {
    search: &'s Search<'a>,
    found: &'s Found,
    /// Its characters before and behind the stretch.
    around: OnceCell<(usize, usize)>,
}

impl<'s, 'a> Clause<'s, 'a> {
    pub(super) fn new(search: &'s Search<'a>, found: &'s Found) -> Clause<'s, 'a> {
        Clause { search, found, around: OnceCell::new() }
    }

    /// What it costs that marks stand where they do if the stretch, with the character before it,
    /// is read like this; beside the stretch without any.
    pub(super) fn cost(&self, read: &[char]) -> i32 {
        if !read.iter().copied().any(ends_clause) {
            return 0;
        }
        let &(before, behind) = self.around.get_or_init(|| self.measure());
        let mut cost = -length_cost(before + read.len() + behind);
        let mut length = before;
        for &character in read {
            match character {
                // a line that ends with `。”` ends no clause of one character
                '”' | '」' | '\n' if length == 0 => {}
                _ if ends_clause(character) => {
                    cost += length_cost(length);
                    length = 0;
                }
                _ => length += 1,
            }
        }
        (cost + length_cost(length + behind)) / COUNTED
    }

    fn measure(&self) -> (usize, usize) {
        let before = self.search.characters_before(self.found.start, LENGTHS.len());
        let behind = self.search.characters_behind(self.found.end, LENGTHS.len());
        let is_mark = |&character: &char| ends_clause(character);
        let last = before.iter().rev().position(is_mark);
        let first = behind.iter().position(is_mark);
        (last.unwrap_or(before.len()), first.unwrap_or(behind.len()))
    }
}

/// How much rarer clauses of this length are than if marks stood anywhere, in 1/256 bit.
fn length_cost(length: usize) -> i32 {
    static COSTS: LazyLock<[i32; LENGTHS.len()]> = LazyLock::new(|| {
        let mark = Bits::of_share(1, MARKS.into()).0;
        let no_mark = Bits::of_share((MARKS - 1).into(), MARKS.into()).0;
        let anywhere = |length| mark + length as i32 * no_mark;
        let share = |length: usize| Bits::of_share(LENGTHS[length].into(), 1000).0;
        std::array::from_fn(|length| share(length) - anywhere(length))
    });
    COSTS[length.min(LENGTHS.len() - 1)]
}

/// Whether a clause ends with a character; `?` is a lost byte more often.
fn ends_clause(character: char) -> bool {
    matches!(fold::full_width(character), '，' | '。' | '；' | '：' | '？' | '！' | '、' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_of_one_character_are_rare() {
        assert!(length_cost(1) > 3 * Bits::ONE.0);
        assert!(length_cost(8) < 0);
        // two short clauses are dearer than one of their lengths together
        assert!(length_cost(2) + length_cost(3) > length_cost(6));
    }
}
