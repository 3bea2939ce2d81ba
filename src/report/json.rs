//! One JSON object a line for each edit and finding.
//!
//! | key | value |
//! |---|---|
//! | `type` | `edit` or `finding` |
//! | `path` | the file, or `stdin` |
//! | `line`, `column`, `end_line`, `end_column` | from 1, columns in code points; the end is exclusive |
//! | `start`, `end` | byte offsets in the file as it is on disk, whatever its encoding, a byte order mark counted; the end is exclusive |
//! | `kind` | `transcode`, `slip`, `pinyin`, `compat`, `escapes`, `convert`; findings also `malformed`: bytes that are ill-formed in the encoding of the file |
//! | `before` | the text as it stands |
//! | `after` | edits only: what stands there instead |
//! | `steps` | edits only: the way there, such as `["encode(gbk)", "decode(utf-8)"]` |
//! | `safety` | edits only: `exact` or `inferred` |
//! | `bits` | edits only: how much likelier `after` is, in bits |
//! | `filled` | edits only: lost characters that were put back, each `{at, character, posterior}`, `at` a byte offset in `after` |
//! | `lost` | edits only: lost characters that stay U+FFFD, each `{at, character, posterior}` with the best guess |
//! | `message` | findings only: what it is |
//!
//! The record metadata of `hanfix batch --meta-field` is such objects without `type`, `path` and
//! places. A field of a record is a text, not a file: `start` and `end` are byte offsets in
//! that text as UTF-8, with the escapes of JSON or the quotes of CSV undone.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

use super::{Format, Item, Report};
use crate::edit::Edit;

/// JSON lines.
#[derive(Clone, Copy, Debug)]
pub struct Json;

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(flatten)]
    item: ItemRecord<'a>,
}

/// An edit or a finding as a JSON object; see the module for its keys.
#[derive(Debug, Serialize)]
pub struct ItemRecord<'a> {
    start: u64,
    end: u64,
    kind: &'static str,
    before: &'a str,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum What<'a> {
    Edit {
        after: &'a str,
        steps: Vec<String>,
        safety: &'static str,
        bits: f64,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        filled: Vec<GuessRecord>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        lost: Vec<GuessRecord>,
    },
    Finding {
        message: &'a str,
    },
}

#[derive(Debug, Serialize)]
struct GuessRecord {
    at: usize,
    character: char,
    posterior: f32,
}

impl<'a> From<Item<'a>> for ItemRecord<'a> {
    fn from(item: Item<'a>) -> ItemRecord<'a> {
        let range = item.range();
        let what = match item {
            Item::Edit(edit) => What::from(edit),
            Item::Finding(finding) => What::Finding { message: &finding.message },
        };
        ItemRecord {
            start: range.start as u64,
            end: range.end as u64,
            kind: item.kind().name(),
            before: item.before(),
            what,
        }
    }
}

impl ItemRecord<'_> {
    /// The record with the bytes of the file that it takes.
    fn at(self, Range { start, end }: Range<u64>) -> Self {
        ItemRecord { start, end, ..self }
    }
}

impl<'a> From<&'a Edit> for What<'a> {
    fn from(edit: &'a Edit) -> What<'a> {
        let filled = edit.filled.iter().map(|filled| GuessRecord {
            at: filled.at,
            character: filled.character,
            posterior: filled.posterior,
        });
        let lost = edit.lost.iter().map(|lost| GuessRecord {
            at: lost.at,
            character: lost.guess,
            posterior: lost.posterior,
        });
        What::Edit {
            after: &edit.after,
            steps: edit.steps.iter().map(ToString::to_string).collect(),
            safety: edit.safety.name(),
            // a tenth of a bit, as everywhere it is shown
            bits: (f64::from(edit.bits.0) / 25.6).round() / 10.0,
            filled: filled.collect(),
            lost: lost.collect(),
        }
    }
}

impl Format for Json {
    fn document(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut places = report.places();
        let items = report.items();
        for (item, bytes) in items.iter().copied().zip(report.bytes(&items)) {
            let (start, end) = (places.at(item.range().start), places.at(item.range().end));
            let line = Line {
                r#type: match item {
                    Item::Edit(_) => "edit",
                    Item::Finding(_) => "finding",
                },
                path: report.path,
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                item: ItemRecord::from(item).at(bytes),
            };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::tests::rendered;

    #[test]
    fn every_line_is_an_object_with_the_documented_keys() {
        let lines: Vec<Value> =
            rendered(&Json).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["line"], 2);
        assert_eq!(lines[0]["end_column"], 11);
        assert_eq!(lines[0]["steps"], json!(["encode(gbk)", "decode(utf-8)"]));
        assert_eq!(lines[0]["bits"], 40.0);
        assert_eq!(lines[0]["filled"][0]["character"], "名");
        assert_eq!(lines[1]["type"], "finding");
        assert_eq!(lines[1]["after"], Value::Null);
        assert_eq!(lines.len(), 2);
    }
}
