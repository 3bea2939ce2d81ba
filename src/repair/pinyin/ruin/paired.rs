//! Marks in pairs: what opens on a line closes there.

use super::search::{Found, Search};
use crate::edit::Bits;
use crate::script::{is_paired, unpaired};

/// Charged for a mark on the line that has no partner there.
const UNPAIRED_COST: i32 = 4 * Bits::ONE.0;

/// What is charged if a torn stretch is read like this for marks on its line that have no partner,
/// beside the stretch without any: before `代操作系統》`, `《現` is likelier than `。兌`.
pub(super) fn cost(search: &Search<'_>, found: &Found, read: &[char]) -> i32 {
    if !read.iter().copied().any(is_paired) {
        return 0;
    }
    let line = search.line(found.start..found.end);
    let before = || search.text[line.start..found.start].chars();
    let behind = || search.text[found.end..line.end].chars();
    let with = unpaired(before().chain(read.iter().copied()).chain(behind()));
    (with as i32 - unpaired(before().chain(behind())) as i32) * UNPAIRED_COST
}
