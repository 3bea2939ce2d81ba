//! The way back from a result to the text that edits made it of.

use std::ops::Range;

use super::Edit;
use super::apply::{Shift, shifted};

/// Where the places of a result were in the input.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// By position: the range of each edit in the result and in the input.
    pub(super) edits: Vec<(Range<usize>, Range<usize>)>,
    /// By position: the range of each lost character in them, in the result and in the input.
    pub(super) lost: Vec<(Range<usize>, Range<usize>)>,
}

impl Origins {
    /// The places that `edits` led to.
    pub fn new(edits: &[Edit]) -> Origins {
        let mut origins = Origins::default();
        let mut shift = Shift::default();
        for edit in edits {
            let result = shift.pass(edit);
            let start = result.start;
            origins.edits.push((result, edit.range.clone()));
            let lost = edit.lost.iter().map(|lost| {
                let at = start + lost.at;
                let from = shifted(&lost.from, edit.range.start);
                (at..at + char::REPLACEMENT_CHARACTER.len_utf8(), from)
            });
            origins.lost.extend(lost);
        }
        origins
    }

    /// The range of the input that a range of the result came from; edits that the range
    /// touches are in it whole, but for the lost characters that it begins or ends with.
    pub fn of(&self, range: Range<usize>) -> Range<usize> {
        let start = self.edits.partition_point(|(result, _)| result.end <= range.start);
        let end = self.edits.partition_point(|(result, _)| result.start < range.end);
        let touched = self.edits.get(start..end).unwrap_or_default();
        // outside of edits a place keeps its distance from the edit before it
        let outside = |at: usize, edits: usize| match self.edits[..edits].last() {
            Some((result, input)) => input.end + (at - result.end),
            None => at,
        };
        let from = match touched.first() {
            Some((result, input)) if result.start <= range.start => input.start,
            _ => outside(range.start, start),
        };
        let to = match touched.last() {
            Some((result, input)) if result.end >= range.end => input.end,
            _ => outside(range.end, start.max(end)),
        };
        let begins_lost = self.lost.binary_search_by_key(&range.start, |(result, _)| result.start);
        let ends_lost = self.lost.binary_search_by_key(&range.end, |(result, _)| result.end);
        let from = begins_lost.map_or(from, |at| self.lost[at].1.start);
        let to = ends_lost.map_or(to, |at| self.lost[at].1.end);
        from..to.max(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::tests::edit;
    use crate::edit::{Kind, apply};

    #[test]
    fn a_place_in_the_result_is_found_in_the_input() {
        let text = "ab(dāng)cdef";
        let edits = [edit(2..9, text, "", Kind::Pinyin), edit(11..12, text, "XYZ", Kind::Compat)];
        assert_eq!(apply(text, &edits), "abcdXYZf");
        let origins = Origins::new(&edits);
        assert_eq!(origins.of(0..2), 0..2);
        assert_eq!(origins.of(2..3), 9..10);
        assert_eq!(origins.of(5..6), 11..12);
        assert_eq!(origins.of(3..8), 10..13);
        assert_eq!(origins.of(7..8), 12..13);
        // the edit grew by more than all that stands before the range
        let grown = Origins::new(&[edit(0..1, text, "\u{FFFD}VWXYZ", Kind::Slip)]);
        assert_eq!(grown.of(0..3), 0..1);
    }
}
