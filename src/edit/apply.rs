//! Applying edits, and where that moves what they leave as it is.

use std::borrow::Cow;
use std::ops::Range;

use super::Edit;

/// Applies `edits`, which are sorted and do not overlap, to the text they were made for.
///
/// # Panics
/// Where a range is not on character boundaries of `text`, or begins before the one before it ends.
///
/// ```
/// use hanfix::edit::{Edit, Kind, Step, apply};
///
/// let edit = Edit::new("大門口", 3..6, "门", Kind::Convert, vec![Step::Convert("t2s")]);
/// assert_eq!(apply("大門口", &[edit]), "大门口");
/// ```
pub fn apply(text: &str, edits: &[Edit]) -> String {
    apply_within(text, 0..text.len(), edits)
}

/// What edits make of a text: the text itself where there are none.
pub(crate) fn applied<'t>(text: &'t str, edits: &[Edit]) -> Cow<'t, str> {
    if edits.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(apply(text, edits)) }
}

/// What edits make of a range of the text they were made for, in which all of them lie.
pub(super) fn apply_within(text: &str, range: Range<usize>, edits: &[Edit]) -> String {
    let inner = |edit: &Edit| edit.range.start - range.start..edit.range.end - range.start;
    replace_ranges(&text[range.clone()], edits.iter().map(|edit| (inner(edit), &edit.after)))
}

/// The text with other text in the place of some ranges, which are sorted and do not overlap.
pub(crate) fn replace_ranges<S: AsRef<str>>(
    text: &str,
    replacements: impl IntoIterator<Item = (Range<usize>, S)>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, after) in replacements {
        out.push_str(&text[copied..range.start]);
        out.push_str(after.as_ref());
        copied = range.end;
    }
    out.push_str(&text[copied..]);
    out
}

/// A range moved by so many bytes.
pub(crate) fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// How many bytes further on edits move what stands behind them: by so much they have made the text
/// longer, or shorter, up to there.
#[derive(Clone, Copy, Default)]
pub(super) struct Shift(isize);

impl Shift {
    /// Passes the next edit, and gives the range of the result that its `after` takes.
    pub(super) fn pass(&mut self, edit: &Edit) -> Range<usize> {
        let start = self.to_result(edit.range.start);
        self.0 += edit.after.len() as isize - edit.range.len() as isize;
        start..start + edit.after.len()
    }

    /// Where a place behind the edits so far, and not behind the next one, is in the result.
    pub(super) fn to_result(self, offset: usize) -> usize {
        moved(offset, self.0)
    }

    /// Where such a place of the result was in the text.
    pub(super) fn to_text(self, offset: usize) -> usize {
        moved(offset, -self.0)
    }
}

fn moved(offset: usize, by: isize) -> usize {
    offset.checked_add_signed(by).expect("edits stay inside their text")
}
