//! Edits and findings as reports: one line each, JSON, SARIF, GitHub annotations; and
//! encodings and scripts.

pub mod encoding;
pub mod github;
pub mod json;
pub mod place;
pub mod sarif;
pub mod script;
pub mod text;

use std::io::{self, Write};
use std::ops::Range;

use crate::decode::Decoded;
use crate::edit::{Edit, Finding, Kind};
use place::{Place, Places};
use text::elided;

/// What was found in one document, or in one part of it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The path, or the name that stands for it.
    pub path: &'a str,
    /// The text that edits and findings are ranges of, and the way back to its bytes.
    pub decoded: &'a Decoded<'a>,
    /// Where it starts in the file, in bytes.
    pub offset: u64,
    /// The place of its start.
    pub start: Place,
    /// Changes, sorted by position.
    pub edits: &'a [Edit],
    /// What was seen but not changed, sorted by position.
    pub findings: &'a [Finding],
}

/// One line of a report.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A change.
    Edit(&'a Edit),
    /// Something that is only reported.
    Finding(&'a Finding),
}

impl<'a> Item<'a> {
    /// The bytes of the text that are concerned.
    pub fn range(self) -> Range<usize> {
        match self {
            Item::Edit(edit) => edit.range.clone(),
            Item::Finding(finding) => finding.range.clone(),
        }
    }

    /// The kind of damage.
    pub fn kind(self) -> Kind {
        match self {
            Item::Edit(edit) => edit.kind,
            Item::Finding(finding) => finding.kind,
        }
    }

    /// The text as it stands.
    pub fn before(self) -> &'a str {
        match self {
            Item::Edit(edit) => &edit.before,
            Item::Finding(finding) => &finding.before,
        }
    }

    /// What it says in one line, without colours: `before → after`, or `before: message`.
    pub fn message(self) -> String {
        let before = elided(self.before());
        match self {
            Item::Edit(edit) => format!("{before} → {}", elided(&edit.after)),
            Item::Finding(finding) => format!("{before}: {}", finding.message),
        }
    }
}

/// Edits and findings in the order of the text.
pub fn items<'a>(edits: &'a [Edit], findings: &'a [Finding]) -> Vec<Item<'a>> {
    let edits = edits.iter().map(Item::Edit);
    let findings = findings.iter().map(Item::Finding);
    let mut items: Vec<_> = edits.chain(findings).collect();
    items.sort_by_key(|item| item.range().start);
    items
}

impl<'a> Report<'a> {
    /// Edits and findings in the order of the text.
    pub fn items(&self) -> Vec<Item<'a>> {
        items(self.edits, self.findings)
    }

    /// The places of the text in its document.
    pub fn places(&self) -> Places<'a> {
        Places::starting_at(&self.decoded.text, self.start)
    }

    /// The bytes of the file that items take.
    pub fn bytes(&self, items: &[Item<'_>]) -> Vec<Range<u64>> {
        let ranges: Vec<_> = items.iter().map(|item| item.range()).collect();
        let in_file = |at: usize| self.offset + at as u64;
        let ranges = self.decoded.byte_ranges(&ranges).into_iter();
        ranges.map(|range| in_file(range.start)..in_file(range.end)).collect()
    }
}

/// The form of a report. Documents, and the parts of large ones, are written apart from each
/// other, so that they can be rendered in parallel; `open`, `between` and `close` join them.
pub trait Format: Sync {
    /// Writes what comes before the first document.
    ///
    /// # Errors
    /// Those of `out`.
    fn open(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes one document, or part of one, that has at least one item.
    ///
    /// # Errors
    /// Those of `out`.
    fn document(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands between two documents, or parts, with items.
    ///
    /// # Errors
    /// Those of `out`.
    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes what comes after the last document.
    ///
    /// # Errors
    /// Those of `out`.
    fn close(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decode::{Options, decode};
    use crate::edit::{Bits, Filled, Safety, Step};

    /// An edit of the first `before` in `text`.
    pub(crate) fn edit(text: &str, before: &str, after: &str) -> Edit {
        let start = text.find(before).expect("the text contains it");
        let steps = vec![Step::Encode("gbk"), Step::Decode("utf-8")];
        let range = start..start + before.len();
        Edit { bits: Bits::whole(40), ..Edit::new(text, range, after, Kind::Transcode, steps) }
    }

    /// A text with an edit that fills a character, on its second line, and a finding behind it.
    pub(crate) fn sample() -> (&'static str, Vec<Edit>, Vec<Finding>) {
        let text = "标题\r\n　　名称：鐢ㄦ埛鍚�，标记：\u{e004}。\n";
        let mut one = edit(text, "鐢ㄦ埛鍚�", "用户名");
        one.filled = vec![Filled { at: 6, character: '名', posterior: 0.998 }];
        one.safety = Safety::Inferred;
        let start = text.find('\u{e004}').unwrap();
        let message = "private-use character of unknown meaning";
        let finding = Finding::new(text, start..start + 3, Kind::Compat, message);
        (text, vec![one], vec![finding])
    }

    /// The sample as `format` writes it, as the only document.
    pub(crate) fn rendered(format: &dyn Format) -> String {
        let (text, edits, findings) = sample();
        let decoded = decode(text.as_bytes(), &Options::default()).expect("is UTF-8");
        let report = Report {
            path: "目录/a b.txt",
            decoded: &decoded,
            offset: 0,
            start: Place::default(),
            edits: &edits,
            findings: &findings,
        };
        let mut out = Vec::new();
        format.open(&mut out).unwrap();
        format.document(&report, &mut out).unwrap();
        format.close(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
