//! Marks in pairs: what opens on a line closes there.

use super::search::{Found, Search};
use crate::edit::Bits;

/// Marks in pairs; `(` is left out, which injected brackets have, whole and torn.
const PAIRED: [[char; 2]; 6] =
    [['《', '》'], ['「', '」'], ['『', '』'], ['“', '”'], ['（', '）'], ['【', '】']];

/// Charged for a mark on the line that has no partner there.
const UNPAIRED_COST: i32 = 4 * Bits::ONE.0;

/// What is charged if a torn stretch is read like this for marks on its line that have no partner,
/// beside the stretch without any: before `代操作系統》`, `《現` is likelier than `。兌`.
pub(super) fn cost(search: &Search<'_>, found: &Found, read: &[char]) -> i32 {
    if !read.iter().any(|character| PAIRED.as_flattened().contains(character)) {
        return 0;
    }
    let line = search.line(found.start..found.end);
    let before = || search.text[line.start..found.start].chars();
    let behind = || search.text[found.end..line.end].chars();
    let with = unpaired(before().chain(read.iter().copied()).chain(behind()));
    (with - unpaired(before().chain(behind()))) * UNPAIRED_COST
}

/// How many marks have no partner.
fn unpaired(text: impl Iterator<Item = char>) -> i32 {
    let mut open = [0; PAIRED.len()];
    let mut closing = 0;
    for character in text {
        let pair = PAIRED.iter().position(|pair| pair.contains(&character));
        match pair {
            Some(pair) if PAIRED[pair][0] == character => open[pair] += 1,
            Some(pair) if open[pair] > 0 => open[pair] -= 1,
            Some(_) => closing += 1,
            None => {}
        }
    }
    closing + open.iter().sum::<i32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_without_a_partner_are_counted() {
        for (text, count) in
            [("《現代操作系統》", 0), ("。兌代操作系統》", 1), ("「他說『好」", 1), ("》《", 2)]
        {
            assert_eq!(unpaired(text.chars()), count, "{text}");
        }
    }
}
