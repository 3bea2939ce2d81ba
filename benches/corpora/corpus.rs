//! The text of a corpus.

use std::path::Path;

/// The folder that the corpora are in.
pub const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora");

/// The text of a corpus, a sentence or paragraph a line; `None` where it is not there.
pub fn corpus(name: &str) -> Option<String> {
    let compressed = std::fs::read(Path::new(CORPORA).join(format!("{name}.txt.zst"))).ok()?;
    let text = zstd::decode_all(compressed.as_slice()).expect("a zstd file");
    Some(String::from_utf8(text).expect("UTF-8"))
}
