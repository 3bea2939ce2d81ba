//! The encodings of documents, one line each.

use std::io::{self, Write};

use serde::Serialize;

use super::text::{Palette, visible};
use crate::decode::{Decoded, Evidence};

/// Writes `path: encoding confidence evidence`, as in
/// `a.txt: gbk 1.000 812.3 bits likelier than big5`; what is ill-formed is counted.
///
/// # Errors
/// Those of `out`.
pub fn write_text(
    path: &str,
    decoded: &Decoded<'_>,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { path: style, note, .. } = Palette::new(color);
    let Decoded { encoding, confidence, malformed, .. } = decoded;
    write!(out, "{style}{}{style:#}: {note}{encoding}{note:#} {confidence:.3} ", visible(path))?;
    write!(out, "{}", evidence(decoded).join("; "))?;
    if !malformed.is_empty() {
        write!(out, "; {} ill-formed", malformed.len())?;
    }
    writeln!(out)
}

/// What the encoding was told by, in words; with the encodings where there are several.
fn evidence(decoded: &Decoded<'_>) -> Vec<String> {
    let told = decoded.evidence.iter().map(|evidence| match evidence {
        Evidence::Mixed => format!("{evidence}: {}", encodings(decoded).join(", ")),
        _ => evidence.to_string(),
    });
    told.collect()
}

/// Every encoding of a document, in the order in which they first occur.
fn encodings(decoded: &Decoded<'_>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for segment in decoded.segments() {
        if !names.contains(&segment.encoding) {
            names.push(segment.encoding);
        }
    }
    names
}

/// One line of JSON; `segments` are of byte offsets in the file, one but where it is mixed.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    encoding: &'a str,
    bom: bool,
    confidence: f32,
    evidence: Vec<String>,
    malformed: usize,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
struct Segment {
    start: usize,
    end: usize,
    encoding: &'static str,
}

/// Writes a JSON object with the keys `path`, `encoding`, `bom`, `confidence` (0 to 1),
/// `evidence` (a list of words), `malformed` (how many ill-formed sequences) and `segments`
/// (each `{start, end, encoding}`).
///
/// # Errors
/// Those of `out`.
pub fn write_json(path: &str, decoded: &Decoded<'_>, out: &mut dyn Write) -> io::Result<()> {
    let segments = decoded.segments().into_iter().map(|segment| Segment {
        start: segment.bytes.start,
        end: segment.bytes.end,
        encoding: segment.encoding,
    });
    let line = Line {
        path,
        encoding: decoded.encoding,
        bom: decoded.bom,
        confidence: decoded.confidence,
        evidence: evidence(decoded),
        malformed: decoded.malformed.len(),
        segments: segments.collect(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}
