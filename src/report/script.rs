//! The scripts of documents, a line for each stretch of lines in one script.

use std::io::{self, Write};

use serde::Serialize;

use super::place::Places;
use super::text::{Palette, visible};
use crate::convert::{Evidence, ScriptSpan, script_spans};

/// Writes `path: script counts` where a document is all in one script, and else
/// `path:first-last script counts` for each stretch of lines, as in
/// `a.txt:1-12 Hant 340 traditional, 2 simplified`.
///
/// # Errors
/// Those of `out`.
pub fn write_text(path: &str, text: &str, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let Palette { path: style, note, .. } = Palette::new(color);
    let stretches = stretches(text);
    for stretch in &stretches {
        write!(out, "{style}{}{style:#}:", visible(path))?;
        if stretches.len() > 1 {
            write!(out, "{}-{}", stretch.line, stretch.end_line)?;
        }
        write!(out, " {note}{}{note:#} ", stretch.script)?;
        writeln!(out, "{} traditional, {} simplified", stretch.traditional, stretch.simplified)?;
    }
    Ok(())
}

/// Writes a JSON object with the keys `path`, `script` (`Hans`, `Hant`, `mixed` or `neither`),
/// `traditional` and `simplified` (how many characters only that script has) and `spans`, each
/// with the same keys but the path, `line` and `end_line` (both from 1, inclusive).
///
/// # Errors
/// Those of `out`.
pub fn write_json(path: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let Evidence { simplified, traditional } = Evidence::of(text);
    let script = Evidence { simplified, traditional }.script().name();
    let line = Line { path, script, traditional, simplified, spans: stretches(text) };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    script: &'static str,
    traditional: usize,
    simplified: usize,
    spans: Vec<Stretch>,
}

/// Lines in one script.
#[derive(Serialize)]
struct Stretch {
    line: usize,
    end_line: usize,
    script: &'static str,
    traditional: usize,
    simplified: usize,
}

/// The stretches of a text; none where it is empty.
fn stretches(text: &str) -> Vec<Stretch> {
    let mut places = Places::new(text);
    let stretch = |span: ScriptSpan| {
        let line = places.at(span.range.start).line;
        // the place behind a line feed is on the next line
        let end = places.at(span.range.end);
        let end_line = if end.column == 1 { end.line - 1 } else { end.line };
        let Evidence { simplified, traditional } = span.evidence;
        Stretch { line, end_line, script: span.script.name(), traditional, simplified }
    };
    script_spans(text).into_iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write_text("a.txt", text, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_line_for_each_stretch() {
        assert_eq!(written("漢字\n"), "a.txt: Hant 1 traditional, 0 simplified\n");
        let text = "漢字\n\n汉字简化\n";
        assert_eq!(
            written(text),
            "a.txt:1-2 Hant 1 traditional, 0 simplified\na.txt:3-3 Hans 0 traditional, 2 simplified\n"
        );
        assert_eq!(written("abc"), "a.txt: neither 0 traditional, 0 simplified\n");
    }

    #[test]
    fn json_has_the_documented_keys() {
        let mut out = Vec::new();
        write_json("a.txt", "漢字\n汉字", &mut out).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&line["script"], &line["traditional"]), (&"mixed".into(), &1.into()));
        assert_eq!(line["spans"][1]["script"], "Hans");
        assert_eq!(
            (&line["spans"][1]["line"], &line["spans"][1]["end_line"]),
            (&2.into(), &2.into())
        );
    }
}
