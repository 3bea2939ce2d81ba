//! Ill-formed bytes: kept as they are, and told.

use std::fmt::Write as _;
use std::ops::Range;

use super::Decoded;
use crate::edit::{Edit, Finding, Kind};

/// Bytes that are ill-formed in the encoding of the file. They are written back as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where they are in the file.
    pub bytes: Range<usize>,
    /// Byte offset of their U+FFFD in the text.
    pub text: usize,
}

/// The length of a U+FFFD.
const REPLACEMENT: usize = char::REPLACEMENT_CHARACTER.len_utf8();

/// Bytes that are told by their values, at most.
const MOST_SHOWN: usize = 8;

impl Malformed {
    /// Whether an edit puts text in their place.
    pub(super) fn is_repaired(&self, edits: &[Edit]) -> bool {
        let edit = edits.get(edits.partition_point(|edit| edit.range.end <= self.text));
        edit.is_some_and(|edit| {
            edit.range.start <= self.text && !edit.after.contains(char::REPLACEMENT_CHARACTER)
        })
    }

    /// Whether others follow on these.
    fn goes_on_with(&self, next: &Malformed) -> bool {
        self.bytes.end == next.bytes.start && self.text + REPLACEMENT == next.text
    }
}

impl Decoded<'_> {
    /// The ill-formed bytes that `edits` leave, those side by side in one finding; the first byte
    /// that was read is at `offset` of the file.
    pub fn findings(&self, edits: &[Edit], offset: u64) -> Vec<Finding> {
        let runs = self.malformed.chunk_by(Malformed::goes_on_with);
        let left = runs.filter(|run| !run.iter().all(|bad| bad.is_repaired(edits)));
        left.filter_map(|run| Some(self.finding(run.first()?, run.last()?, offset))).collect()
    }

    /// Whether a finding says no more than that there are U+FFFDs, which are ill-formed bytes: the
    /// file still has what the text has lost.
    pub(crate) fn is_malformed(&self, finding: &Finding) -> bool {
        let Range { start, end } = finding.range;
        // with what happens to be a letter of two bytes among them: `״̬��` is 状态标 in GBK
        let is_rest = |c: char| matches!(c, '\u{80}'..='\u{7FF}');
        let lost = finding.before.matches(char::REPLACEMENT_CHARACTER).count();
        let from = self.malformed.partition_point(|bad| bad.text < start);
        let to = self.malformed.partition_point(|bad| bad.text < end);
        lost > 0
            && lost == to - from
            && finding.before.chars().all(|c| c == char::REPLACEMENT_CHARACTER || is_rest(c))
    }

    fn finding(&self, first: &Malformed, last: &Malformed, offset: u64) -> Finding {
        let bytes = &self.bytes()[first.bytes.start..last.bytes.end];
        let mut message = String::from(if bytes.len() == 1 { "byte" } else { "bytes" });
        for byte in bytes.iter().take(MOST_SHOWN) {
            // a string takes all that is written
            let _ = write!(message, " {byte:02X}");
        }
        message.push_str(if bytes.len() > MOST_SHOWN { " …" } else { "" });
        let at = offset + first.bytes.start as u64;
        let are = if bytes.len() == 1 { "is" } else { "are" };
        let encoding = self.encoding_at(first.bytes.start);
        let _ = write!(message, " at offset {at} {are} no valid {encoding}");
        let range = first.text..last.text + REPLACEMENT;
        Finding {
            before: self.text[range.clone()].to_owned(),
            range,
            kind: Kind::Malformed,
            message: message.into(),
        }
    }
}
