//! The scripts of documents, a line for each stretch of lines in one script.

use std::io::{self, Write};

use serde::Serialize;

use super::place::{Place, Places};
use super::text::{Palette, visible};
use crate::convert::{Evidence, Script, script_spans};

/// The scripts of a document, which may come in parts.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    stretches: Vec<Stretch>,
}

/// Lines in one script.
#[derive(Clone, Debug)]
struct Stretch {
    line: usize,
    end_line: usize,
    script: Script,
    evidence: Evidence,
}

impl Scripts {
    /// Adds a part of the document that starts at `start`.
    pub fn add(&mut self, text: &str, start: Place) {
        let mut places = Places::starting_at(text, start);
        for span in script_spans(text) {
            let line = places.at(span.range.start).line;
            // the place behind a line feed is on the next line
            let end = places.at(span.range.end);
            let end_line = if end.column == 1 { end.line - 1 } else { end.line };
            let stretch = Stretch { line, end_line, script: span.script, evidence: span.evidence };
            if let Some(last) = self.stretches.last_mut()
                && last.script.join(&mut last.evidence, span.script, span.evidence)
            {
                last.end_line = end_line;
            } else {
                self.stretches.push(stretch);
            }
        }
    }

    /// What tells in the whole document.
    fn evidence(&self) -> Evidence {
        let mut all = Evidence::default();
        self.stretches.iter().for_each(|stretch| all += stretch.evidence);
        all
    }
}

/// Writes `path: script counts` where a document is all in one script, and else
/// `path:first-last script counts` for each stretch of lines, as in
/// `a.txt:1-12 Hant 340 traditional, 2 simplified`.
///
/// # Errors
/// Those of `out`.
pub fn write_text(path: &str, found: &Scripts, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let Palette { path: style, note, .. } = Palette::new(color);
    for Stretch { line, end_line, script, evidence } in &found.stretches {
        write!(out, "{style}{}{style:#}:", visible(path))?;
        if found.stretches.len() > 1 {
            write!(out, "{line}-{end_line}")?;
        }
        let Evidence { simplified, traditional, .. } = evidence;
        write!(out, " {note}{script}{note:#} ")?;
        writeln!(out, "{traditional} traditional, {simplified} simplified")?;
    }
    Ok(())
}

/// Writes a JSON object with the keys `path`, `script` (`Hans`, `Hant`, `mixed` or `neither`),
/// `traditional` and `simplified` (how many characters only that script has) and `spans`, each
/// with the same keys but the path, `line` and `end_line` (both from 1, inclusive).
///
/// # Errors
/// Those of `out`.
pub fn write_json(path: &str, found: &Scripts, out: &mut dyn Write) -> io::Result<()> {
    let spans = found.stretches.iter().map(|stretch| Span {
        line: stretch.line,
        end_line: stretch.end_line,
        written: Written::new(stretch.script, stretch.evidence),
    });
    let all = found.evidence();
    let line = Line { path, written: Written::new(all.script(), all), spans: spans.collect() };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(flatten)]
    written: Written,
    spans: Vec<Span>,
}

#[derive(Serialize)]
struct Span {
    line: usize,
    end_line: usize,
    #[serde(flatten)]
    written: Written,
}

/// A script and what it was told by.
#[derive(Serialize)]
struct Written {
    script: &'static str,
    traditional: usize,
    simplified: usize,
}

impl Written {
    fn new(script: Script, Evidence { simplified, traditional, .. }: Evidence) -> Written {
        Written { script: script.name(), traditional, simplified }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scripts of a text that comes in parts.
    fn found<'a>(parts: impl IntoIterator<Item = &'a str>) -> Scripts {
        let mut scripts = Scripts::default();
        let mut start = Place::default();
        for part in parts {
            scripts.add(part, start);
            start = start.behind(part);
        }
        scripts
    }

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write_text("a.txt", &found([text]), false, &mut out).unwrap();
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
        write_json("a.txt", &found(["漢\n字\n", "汉字"]), &mut out).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&line["script"], &line["traditional"]), (&"mixed".into(), &1.into()));
        assert_eq!(line["spans"][1]["script"], "Hans");
        assert_eq!(
            (&line["spans"][1]["line"], &line["spans"][1]["end_line"]),
            (&3.into(), &3.into())
        );
    }
}
