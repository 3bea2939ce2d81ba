//! Ill-formed bytes: kept as they are, and told.

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
    /// The ill-formed bytes that `edits` leave, those side by side in one finding, and those that
    /// stand for a character all the same (CESU-8); the first byte that was read is at `offset` of
    /// the file.
    pub fn findings(&self, edits: &[Edit], offset: u64) -> Vec<Finding> {
        let runs = self.malformed.chunk_by(Malformed::goes_on_with);
        let left = runs.filter(|run| !run.iter().all(|bad| bad.is_repaired(edits)));
        let ends = left.filter_map(|run| Some((run.first()?, run.last()?)));
        let told = ends.map(|(first, last)| {
            let text = first.text..last.text + REPLACEMENT;
            self.finding(first.bytes.start..last.bytes.end, text, offset)
        });
        let mut findings: Vec<Finding> = told.collect();
        findings.extend(self.misspelled().map(|(bytes, text)| {
            let mut finding = self.finding(bytes, text, offset);
            finding.message += "; `fix --to utf-8` writes what they stand for";
            finding
        }));
        findings.sort_by_key(|finding| finding.range.start);
        findings
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

    /// A finding of `bytes` that are `text`.
    fn finding(&self, bytes: Range<usize>, text: Range<usize>, offset: u64) -> Finding {
        let (at, encoding) = (offset + bytes.start as u64, self.encoding_at(bytes.start));
        let bytes = &self.bytes()[bytes];
        let shown: Vec<_> = bytes.iter().take(MOST_SHOWN).map(|b| format!("{b:02X}")).collect();
        let more = if bytes.len() > MOST_SHOWN { " …" } else { "" };
        let (name, are) = if bytes.len() == 1 { ("byte", "is") } else { ("bytes", "are") };
        let shown = shown.join(" ");
        let message = format!("{name} {shown}{more} at offset {at} {are} no valid {encoding}");
        Finding::new(&self.text, text, Kind::Malformed, message)
    }
}
