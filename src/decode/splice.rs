//! Edits as replacements of bytes.

use std::ops::Range;

/// A replacement of one range of a file's bytes: what an edit of its text comes to in the
/// file's encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The bytes of the file that are replaced.
    pub range: Range<usize>,
    /// What stands there instead.
    pub after: Vec<u8>,
}

/// Applies `splices`, which are sorted and do not overlap, to the bytes they were made for.
///
/// ```
/// use hanfix::decode::{Splice, splice};
///
/// let splices = [Splice { range: 1..2, after: b"XY".to_vec() }];
/// assert_eq!(splice(b"abc", &splices), b"aXYc");
/// ```
pub fn splice(bytes: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for splice in splices {
        out.extend_from_slice(&bytes[copied..splice.range.start]);
        out.extend_from_slice(&splice.after);
        copied = splice.range.end;
    }
    out.extend_from_slice(&bytes[copied..]);
    out
}
