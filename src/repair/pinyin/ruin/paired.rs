//! Marks in pairs: what opens on a line closes there.

use std::cell::OnceCell;

use super::search::{Found, Search};
use crate::edit::Bits;
use crate::script::{is_paired, unpaired};

/// Charged for a mark on the line that has no partner there.
const UNPAIRED_COST: i32 = 4 * Bits::ONE.0;

/// The line that a torn stretch stands on.
pub(super) struct Line<'s, 'a> {
    search: &'s Search<'a>,
    found: &'s Found,
    around: OnceCell<Around>,
}

/// The marks in pairs before and behind a stretch on its line.
struct Around {
    before: Vec<char>,
    behind: Vec<char>,
    /// How many of them have no partner without the stretch.
    unpaired: usize,
}

impl<'s, 'a> Line<'s, 'a> {
    pub(super) fn new(search: &'s Search<'a>, found: &'s Found) -> Line<'s, 'a> {
        Line { search, found, around: OnceCell::new() }
    }

    /// What is charged if the stretch is read like this for marks on the line that have no partner,
    /// beside the stretch without any: before `代操作系統》`, `《現` is likelier than `。兌`.
    pub(super) fn cost(&self, read: &[char]) -> i32 {
        if !read.iter().copied().any(is_paired) {
            return 0;
        }
        let around = self.around.get_or_init(|| self.around());
        let line = around.before.iter().chain(read).chain(&around.behind);
        (unpaired(line.copied()) as i32 - around.unpaired as i32) * UNPAIRED_COST
    }

    fn around(&self) -> Around {
        let Found { start, end, .. } = *self.found;
        let line = self.search.line(start..end);
        let marks =
            |part: &str| part.chars().filter(|&mark| is_paired(mark)).collect::<Vec<char>>();
        let before = marks(&self.search.text[line.start..start]);
        let behind = marks(&self.search.text[end..line.end]);
        let unpaired = unpaired(before.iter().chain(&behind).copied());
        Around { before, behind, unpaired }
    }
}
