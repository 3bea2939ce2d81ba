//! What two texts begin and end with in common, in whole characters.

use std::ops::Range;

/// The parts of two texts between what both begin and both end with.
pub(crate) fn differing(one: &str, other: &str) -> (Range<usize>, Range<usize>) {
    let start = common_prefix(one, other);
    let end = common_suffix(&one[start..], &other[start..]);
    (start..one.len() - end, start..other.len() - end)
}

/// Bytes of the characters that two texts both begin with.
pub(crate) fn common_prefix(one: &str, other: &str) -> usize {
    common(one.chars().zip(other.chars()))
}

/// Bytes of the characters that two texts both end with.
pub(crate) fn common_suffix(one: &str, other: &str) -> usize {
    common(one.chars().rev().zip(other.chars().rev()))
}

/// Bytes of the first characters that are pairwise equal.
fn common(pairs: impl Iterator<Item = (char, char)>) -> usize {
    pairs.take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}
