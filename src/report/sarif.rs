//! A SARIF 2.1.0 log, for code scanning; the fixes it carries are the edits.
//!
//! Facts: OASIS Standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use std::io::{self, Write};

use serde_json::{Value, json};

use super::place::Places;
use super::{Format, Item, Report};
use crate::edit::Kind;

/// One log with one run; each document is written as its results.
#[derive(Clone, Copy, Debug)]
pub struct Sarif;

/// What each rule means, for the tools that show it.
fn description(kind: Kind) -> &'static str {
    match kind {
        Kind::Transcode => "Text that was decoded with the wrong codec.",
        Kind::Slip => "Text shifted by a lost or gained byte.",
        Kind::Pinyin => "Injected pinyin and the ruins it left.",
        Kind::Compat => "Radicals and private-use characters that stand for ordinary ones.",
        Kind::Escape => "Escapes left in text.",
        Kind::Convert => "Characters of the other Chinese script.",
        Kind::Malformed => "Bytes that are ill-formed in the encoding of the file.",
    }
}

fn rules() -> Value {
    Kind::ALL
        .map(|kind| json!({ "id": kind.name(), "shortDescription": { "text": description(kind) } }))
        .into()
}

impl Format for Sarif {
    fn open(&self, out: &mut dyn Write) -> io::Result<()> {
        let driver = json!({
            "name": env!("CARGO_PKG_NAME"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules(),
        });
        // the results are written as they come, so the objects around them are spelled out
        write!(out, "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",")?;
        write!(out, "\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{driver}}},")?;
        write!(out, "\"columnKind\":\"unicodeCodePoints\",\"results\":[")
    }

    fn document(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut places = report.places();
        let artifact = json!({ "uri": uri(report.path) });
        for (index, item) in report.items().into_iter().enumerate() {
            if index > 0 {
                self.between(out)?;
            }
            serde_json::to_writer(&mut *out, &result(item, &artifact, &mut places))?;
        }
        Ok(())
    }

    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, ",")
    }

    fn close(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "]}}]}}")
    }
}

fn result(item: Item<'_>, artifact: &Value, places: &mut Places<'_>) -> Value {
    let (start, end) = (places.at(item.range().start), places.at(item.range().end));
    let region = json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    });
    let level = match item {
        Item::Edit(_) => "warning",
        Item::Finding(_) => "note",
    };
    let mut result = json!({
        "ruleId": item.kind().name(),
        "level": level,
        "message": { "text": item.message() },
        "locations": [{
            "physicalLocation": { "artifactLocation": artifact, "region": region },
        }],
    });
    if let Item::Edit(edit) = item {
        result["fixes"] = json!([{
            "artifactChanges": [{
                "artifactLocation": artifact,
                "replacements": [{
                    "deletedRegion": region,
                    "insertedContent": { "text": edit.after },
                }],
            }],
        }]);
    }
    result
}

/// A path as a URI reference: everything but RFC 3986's unreserved characters and `/` as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::rendered;

    #[test]
    fn the_log_carries_places_and_fixes() {
        let log: Value = serde_json::from_str(&rendered(&Sarif)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let results = &log["runs"][0]["results"];
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%E7%9B%AE%E5%BD%95/a%20b.txt");
        assert_eq!(place["region"]["startColumn"], 6);
        let replacement = &results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(replacement["insertedContent"]["text"], "用户名");
        assert_eq!(results[1]["level"], "note");
        assert_eq!(results[1]["fixes"], Value::Null);
    }
}
