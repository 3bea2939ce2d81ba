//! The corpora that benchmarks take their text from, which are no part of the project.

#![allow(dead_code)] // each benchmark takes some of it

use std::ops::Range;
use std::path::Path;

/// The folder that they are in.
pub const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora");

/// The whole of a corpus, in thousandths.
pub const ALL: Range<usize> = 0..1000;

/// Thousandths of each corpus that training left out (`tools/train`): mostly sources of their own.
pub const HELD_OUT: Range<usize> = 480..530;

/// The text of a corpus, a sentence or paragraph a line; `None` where it is not there.
pub fn corpus(name: &str) -> Option<String> {
    let compressed = std::fs::read(Path::new(CORPORA).join(format!("{name}.txt.zst"))).ok()?;
    let text = zstd::decode_all(compressed.as_slice()).expect("a zstd file");
    Some(String::from_utf8(text).expect("UTF-8"))
}

/// The lines of a corpus between some of its thousandths; none where it is not there.
pub fn lines(name: &str, thousandths: Range<usize>) -> Vec<String> {
    let text = corpus(name).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = |thousandth| lines.len() * thousandth / 1000;
    let part = &lines[from(thousandths.start)..from(thousandths.end)];
    part.iter().map(|&line| line.to_owned()).collect()
}
