//! One JSON object a line.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::field::Field;
use super::json::{find, id, set, splice, unescape};
use super::{FieldEdits, Lines, RecordError, Repaired, text};
use crate::edit::replace_ranges;
use crate::fixer::{Fixed, Fixer};

/// Repairs fields of JSON records.
pub struct Jsonl<'a> {
    /// What repairs them.
    pub fixer: &'a Fixer,
    /// The fields that are text.
    pub fields: &'a [Field],
    /// Where the repaired text goes; unless given, where it came from.
    pub out_field: Option<&'a str>,
    /// Where edits and findings go, in a record that has any.
    pub meta_field: Option<&'a str>,
}

/// A string of a record, quotes included: where it is, and what it becomes. It is
/// borrowed where it stays as it is.
type Value<'a> = (Range<usize>, Cow<'a, str>);

impl Lines for Jsonl<'_> {
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError> {
        let (mark, record) = split_mark(text(record)?);
        let mut repaired = Repaired::default();
        if record.trim_ascii().is_empty() {
            return Ok(repaired);
        }
        let mut values = Vec::new();
        // `text` is `/text`, and one of `/*`
        let mut seen = BTreeSet::new();
        for field in self.fields {
            for found in find(record, field)? {
                if !seen.insert(found.range.start) {
                    continue;
                }
                let raw = &record[found.range.clone()];
                let Fixed { edits, findings, .. } = self.fixer.fix(&unescape(raw));
                let value = if edits.is_empty() { raw.into() } else { splice(raw, &edits).into() };
                values.push((found.range, value));
                let field = Some(found.field.into_owned());
                repaired.add(FieldEdits { field, edits, findings });
            }
        }
        let rewritten = self.rewrite(record, values, &repaired.fields)?;
        repaired.record = rewritten.map(|record| [mark, &record].concat().into_bytes());
        Ok(repaired)
    }

    fn id(&self, record: &[u8]) -> Option<String> {
        let (_, record) = split_mark(text(record).ok()?);
        id(record)
    }
}

/// Parts a record from the byte order mark that may stand before the first one.
fn split_mark(record: &str) -> (&str, &str) {
    record.split_at(if record.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 })
}

impl Jsonl<'_> {
    /// The record with everything put in; none where it stays as it is.
    fn rewrite(
        &self,
        record: &str,
        mut values: Vec<Value<'_>>,
        fields: &[FieldEdits],
    ) -> Result<Option<String>, RecordError> {
        let mut rewritten = match (self.out_field, values.last()) {
            (Some(name), Some((_, value))) => Some(set(record, name, value)?),
            (Some(_), None) => None,
            (None, _) => {
                values.retain(|(_, value)| matches!(value, Cow::Owned(_)));
                values.sort_by_key(|(range, _)| range.start);
                (!values.is_empty()).then(|| replace_ranges(record, values))
            }
        };
        if let Some(name) = self.meta_field
            && !fields.is_empty()
        {
            let items: Vec<_> = fields.iter().flat_map(FieldEdits::items).collect();
            let list = serde_json::to_string(&items)?;
            rewritten = Some(set(rewritten.as_deref().unwrap_or(record), name, &list)?);
        }
        Ok(rewritten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `用户名或密码` in UTF-8, read as GBK.
    const GARBLED: &str = "鐢ㄦ埛鍚嶆垨瀵嗙爜";

    /// What becomes of a record, in which `G` stands for the garbled text and `R` for the
    /// repaired one.
    fn repaired(record: &str, change: impl FnOnce(&mut Jsonl<'_>)) -> Option<String> {
        let fixer = Fixer::default();
        let fields = [Field::named("text"), "/meta/title".parse().unwrap()];
        let mut lines = Jsonl { fixer: &fixer, fields: &fields, out_field: None, meta_field: None };
        change(&mut lines);
        let record = record.replace('G', GARBLED).replace('R', "用户名或密码");
        let repaired = lines.repair(record.as_bytes()).unwrap();
        let record = String::from_utf8(repaired.record?).unwrap();
        Some(record.replace(GARBLED, "G").replace("用户名或密码", "R"))
    }

    #[test]
    fn only_the_named_strings_change() {
        let record = r#"{ "n": 1.0e5, "meta":{"title" : "G"}, "text": "\\/G", "other": "G" }"#;
        assert_eq!(
            repaired(record, |_| {}).unwrap(),
            r#"{ "n": 1.0e5, "meta":{"title" : "R"}, "text": "\\/R", "other": "G" }"#
        );
        assert_eq!(repaired(r#"{"text":"R"}"#, |_| {}), None);
        assert_eq!(repaired("", |_| {}), None);
    }

    #[test]
    fn a_string_that_is_named_twice_is_one() {
        let fixer = Fixer::default();
        let fields = ["text", "/text", "/*"].map(|field| field.parse().unwrap());
        let lines = Jsonl { fixer: &fixer, fields: &fields, out_field: None, meta_field: None };
        let record = format!("{{\"text\":\"{GARBLED}\",\"title\":\"{GARBLED}\"}}");
        let repaired = lines.repair(record.as_bytes()).unwrap();
        let fields: Vec<_> = repaired.fields.iter().filter_map(|f| f.field.as_deref()).collect();
        assert_eq!(fields, ["text", "/title"]);
        assert!(repaired.fields.iter().all(|field| field.edits.len() == 1));
    }

    #[test]
    fn the_result_and_the_edits_can_go_elsewhere() {
        let into = |lines: &mut Jsonl<'_>| lines.out_field = Some("fixed");
        assert_eq!(repaired(r#"{"text":"G"}"#, into).unwrap(), r#"{"text":"G","fixed":"R"}"#);
        assert_eq!(repaired(r#"{"text":"R"}"#, into).unwrap(), r#"{"text":"R","fixed":"R"}"#);
        assert_eq!(repaired(r#"{"t":"R"}"#, into), None);
        let meta = |lines: &mut Jsonl<'_>| lines.meta_field = Some("hanfix");
        let with_meta = repaired(r#"{"text":"标题：G"}"#, meta).unwrap();
        let with_meta: serde_json::Value = serde_json::from_str(&with_meta).unwrap();
        assert_eq!(with_meta["text"], "标题：R");
        assert_eq!(with_meta["hanfix"][0]["field"], "text");
        assert_eq!(with_meta["hanfix"][0]["after"], "R");
        assert_eq!(repaired(r#"{"text":"R"}"#, meta), None);
    }
}
