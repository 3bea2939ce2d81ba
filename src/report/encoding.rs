//! The encodings of documents, one line each.

use std::io::{self, Write};

use serde::Serialize;

use super::text::{Palette, visible};
use crate::decode::{Decoded, Evidence};

/// Ill-formed sequences whose places are told, at most.
const MOST_OFFSETS: usize = 8;

/// The encoding of a document, which may come in parts.
#[derive(Clone, Debug)]
pub struct Encoding {
    bom: bool,
    confidence: f32,
    evidence: Vec<Evidence>,
    malformed: usize,
    /// Where the first ill-formed sequences start, in bytes.
    offsets: Vec<usize>,
    segments: Vec<Segment>,
    /// Whether all of it is ASCII, which may be the start of anything that extends it.
    ascii: bool,
}

impl Encoding {
    /// The encoding of a document, or of its first part.
    pub fn of(decoded: &Decoded<'_>) -> Encoding {
        let mut encoding = Encoding {
            bom: decoded.bom,
            confidence: decoded.confidence,
            evidence: decoded.evidence.clone(),
            malformed: 0,
            offsets: Vec::new(),
            segments: Vec::new(),
            ascii: decoded.text.is_ascii() && !decoded.bom,
        };
        encoding.add_segments(decoded, 0);
        encoding
    }

    /// Adds a part of the document that starts at byte `offset`.
    pub fn add(&mut self, decoded: &Decoded<'_>, offset: u64) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        if self.ascii {
            *self = Encoding::of(decoded);
            for segment in &mut self.segments {
                segment.end += offset;
                segment.start += if segment.start == 0 { 0 } else { offset };
            }
            self.offsets.iter_mut().for_each(|at| *at += offset);
            return;
        }
        if decoded.evidence.contains(&Evidence::Mixed) && !self.evidence.contains(&Evidence::Mixed)
        {
            self.evidence.push(Evidence::Mixed);
        }
        self.confidence = self.confidence.min(decoded.confidence);
        self.add_segments(decoded, offset);
    }

    fn add_segments(&mut self, decoded: &Decoded<'_>, offset: usize) {
        self.malformed += decoded.malformed.len();
        let places = decoded.malformed.iter().map(|bad| bad.bytes.start + offset);
        self.offsets.extend(places.take(MOST_OFFSETS - self.offsets.len()));
        for segment in decoded.segments() {
            let (start, end) = (segment.bytes.start + offset, segment.bytes.end + offset);
            match self.segments.last_mut() {
                Some(last) if last.encoding == segment.encoding => last.end = end,
                _ => self.segments.push(Segment { start, end, encoding: segment.encoding }),
            }
        }
    }

    /// Every encoding of the document with how many bytes it has, in the order in which they
    /// first occur.
    fn sizes(&self) -> Vec<(&'static str, usize)> {
        let mut sizes: Vec<(&'static str, usize)> = Vec::new();
        for Segment { start, end, encoding } in &self.segments {
            match sizes.iter_mut().find(|(name, _)| name == encoding) {
                Some((_, size)) => *size += end - start,
                None => sizes.push((encoding, end - start)),
            }
        }
        sizes
    }

    /// The encoding with the most bytes, the first of them where there are several.
    fn name(&self) -> &'static str {
        let sizes = self.sizes();
        sizes.iter().rev().max_by_key(|(_, size)| *size).map_or("utf-8", |(name, _)| name)
    }

    /// What the encoding was told by, in words; with the encodings where there are several.
    fn reasons(&self) -> Vec<String> {
        let told = self.evidence.iter().map(|evidence| match evidence {
            Evidence::Mixed => {
                let names: Vec<_> = self.sizes().into_iter().map(|(name, _)| name).collect();
                format!("{evidence}: {}", names.join(", "))
            }
            _ => evidence.to_string(),
        });
        told.collect()
    }
}

/// Writes `path: encoding confidence evidence`, as in
/// `a.txt: gbk 1.000 812.3 bits likelier than big5`; what is ill-formed is counted, and the first
/// of it told by offset.
///
/// # Errors
/// Those of `out`.
pub fn write_text(
    path: &str,
    found: &Encoding,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { path: style, note, .. } = Palette::new(color);
    let (name, Encoding { confidence, malformed, .. }) = (found.name(), found);
    write!(out, "{style}{}{style:#}: {note}{name}{note:#} {confidence:.3} ", visible(path))?;
    write!(out, "{}", found.reasons().join("; "))?;
    if *malformed > 0 {
        let offsets: Vec<String> = found.offsets.iter().map(usize::to_string).collect();
        let more = if found.offsets.len() < *malformed { ", …" } else { "" };
        write!(out, "; {malformed} ill-formed at offset {}{more}", offsets.join(", "))?;
    }
    writeln!(out)
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
    malformed_at: &'a [usize],
    segments: &'a [Segment],
}

#[derive(Clone, Debug, Serialize)]
struct Segment {
    start: usize,
    end: usize,
    encoding: &'static str,
}

/// Writes a JSON object with the keys `path`, `encoding`, `bom`, `confidence` (0 to 1),
/// `evidence` (a list of words), `malformed` (how many ill-formed sequences), `malformed_at`
/// (the byte offsets of the first of them) and `segments` (each `{start, end, encoding}`).
///
/// # Errors
/// Those of `out`.
pub fn write_json(path: &str, found: &Encoding, out: &mut dyn Write) -> io::Result<()> {
    let line = Line {
        path,
        encoding: found.name(),
        bom: found.bom,
        confidence: found.confidence,
        evidence: found.reasons(),
        malformed: found.malformed,
        malformed_at: &found.offsets,
        segments: &found.segments,
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}
