//! Radicals and private-use characters that stand for ordinary characters.
//!
//! Neither is wrong-codec damage: no bytes are missing, and a table says what
//! each code point means. What has to be decided is whether it is meant: a
//! radical in running text came out of a PDF, a radical in a table of radicals
//! is the subject; U+E863 in a name is 䶮, U+F120 in a prompt is an icon.

mod private_use;
mod private_use_table;
mod radical;
mod radical_table;

use std::ops::Range;

use crate::edit::{Bits, Edit, Finding, Kind, Safety, Step};

/// Appends the edits that fold radicals and map private-use characters in `text`,
/// sorted by position.
pub(crate) fn repair(text: &str, out: &mut Vec<Edit>) {
    if !is_suspect(text) {
        return;
    }
    let from = out.len();
    radical::repair(text, out);
    private_use::repair(text, out);
    out[from..].sort_by_key(|edit| edit.range.start);
}

/// Appends what is seen in `text` and not repaired: private-use characters
/// without a known meaning among Chinese text.
pub(crate) fn findings(text: &str, out: &mut Vec<Finding>) {
    if is_suspect(text) {
        private_use::findings(text, out);
    }
}

/// Whether `text` holds a radical (E2 BA..BF) or a private-use character (EE, EF 80..A3).
fn is_suspect(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3_iter(0xE2, 0xEE, 0xEF, bytes).any(|at| match bytes[at] {
        0xE2 => bytes[at + 1] >= 0xBA,
        0xEE => true,
        _ => bytes[at + 1] <= 0xA3,
    })
}

/// An edit that a table determines.
fn edit(text: &str, range: Range<usize>, after: &str, step: &'static str) -> Edit {
    Edit {
        before: text[range.clone()].to_owned(),
        range,
        after: after.to_owned(),
        kind: Kind::Compat,
        steps: vec![Step::Apply(step)],
        safety: Safety::Exact,
        bits: Bits(0), // a table's word, not a likelihood
        filled: Vec::new(),
    }
}
