//! Texts of web pages as crawlers publish them: WARC records (ISO 28500) of type
//! `conversion`, in `.warc.wet` and `.warc.wet.gz` files.
//!
//! A record is a version line, named fields, an empty line, a block of as many bytes as
//! its `Content-Length` says, and two line ends:
//!
//! ```text
//! WARC/1.0␍␊
//! WARC-Type: conversion␍␊
//! Content-Type: text/plain␍␊
//! Content-Length: 6␍␊
//! ␍␊
//! 文字␍␊
//! ␍␊
//! ```
//!
//! The fields are read here and not by a crate, since those there are give them as a map:
//! their order, their spelling and the blanks around them would not come back.

mod cut;
mod digest;
mod header;
mod members;
mod stream;

pub use cut::Parts;
pub use members::{Layout, open};
pub use stream::records;

use crate::fixer::{Fixed, Fixer};
use header::Header;

use super::{FieldEdits, RecordError, Repaired, text};

/// A part of a file. All parts together are the file, byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// Some records.
    Records(Vec<Entry>),
    /// A piece of a record that is longer than one may be.
    Oversized {
        /// The number of the record, from 1.
        number: u64,
        /// Where it starts in the file.
        offset: u64,
        /// Whether this is its first piece.
        starts: bool,
        /// The piece, compressed where the file keeps its members.
        bytes: Vec<u8>,
    },
}

/// A record as it stands in a file, its two line ends included.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// Where it starts: in the file, if it is a member of its own, else in what the file
    /// decompresses to.
    pub offset: u64,
    /// The record.
    pub record: Vec<u8>,
    /// The gzip member that holds it, if it has one of its own.
    pub member: Option<Vec<u8>>,
    /// Why it is none, and where in it that shows.
    pub broken: Option<RecordError>,
}

impl Entry {
    /// How many bytes of memory it takes.
    pub fn size(&self) -> usize {
        self.record.len() + self.member.as_ref().map_or(0, Vec::len)
    }

    /// The bytes of the file.
    pub fn stored(&self) -> &[u8] {
        self.member.as_deref().unwrap_or(&self.record)
    }

    /// The bytes of the file that hold `record` instead.
    pub fn store(&self, record: Vec<u8>) -> Vec<u8> {
        if self.member.is_some() { members::compress(&record) } else { record }
    }

    /// Repairs the text of the record, and makes its length and digests fit again.
    /// Records that hold no text, such as `warcinfo`, have no field.
    ///
    /// # Errors
    /// Where it is no record or no UTF-8, or where a digest cannot be computed.
    pub fn repair(&self, fixer: &Fixer) -> Result<Repaired, RecordError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let mut repaired = Repaired::default();
        let header = Header::read(&self.record)?;
        if !header.is_text() {
            return Ok(repaired);
        }
        let block = header.block();
        let body = text(&self.record[block.clone()]).map_err(|error| RecordError {
            column: block.start + error.column,
            message: error.message,
        })?;
        let Fixed { text, edits, findings } = fixer.fix(body);
        if !edits.is_empty() {
            repaired.record =
                Some(header.with_block(&self.record, text.into_owned().into_bytes())?);
        }
        repaired.add(FieldEdits { field: None, edits, findings });
        Ok(repaired)
    }

    /// Its `WARC-Record-ID`, as JSON.
    pub fn id(&self) -> Option<String> {
        let header = Header::read(&self.record).ok()?;
        serde_json::to_string(header.id()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `用户名或密码` in UTF-8, read as GBK.
    const GARBLED: &str = "鐢ㄦ埛鍚嶆垨瀵嗙爜";

    fn entry(record: String) -> Entry {
        let record = record.replace('\n', "\r\n").into_bytes();
        Entry { number: 1, offset: 0, record, member: None, broken: None }
    }

    fn repaired(record: String) -> Option<String> {
        let record = entry(record).repair(&Fixer::default()).unwrap().record?;
        Some(String::from_utf8(record).unwrap().replace("\r\n", "\n"))
    }

    #[test]
    fn length_and_digests_follow_the_block() {
        let record = |text: &str, digest: &str| {
            let length = text.len();
            format!(
                "WARC/1.0\nWARC-Type: conversion\nwarc-block-digest:  sha1:{digest}\n\
                 Content-Type: text/plain\nContent-length: {length}\nX: y\n\n{text}\n\n"
            )
        };
        // `printf '用户名或密码' | sha1sum | xxd -r -p | base32`
        let wanted = record("用户名或密码", "E4YYCHTAVNRHZURAXSAMIJ3PSHCUZ46J");
        assert_eq!(repaired(record(GARBLED, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), Some(wanted));
        assert_eq!(repaired(record("好", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), None);
    }

    #[test]
    fn records_without_text_pass() {
        let info = format!("WARC/1.0\nWARC-Type: warcinfo\nContent-Length: 24\n\n{GARBLED}\n\n");
        let repaired = entry(info).repair(&Fixer::default()).unwrap();
        assert_eq!(repaired, Repaired::default());
    }

    #[test]
    fn a_digest_that_cannot_be_computed_is_an_error() {
        let record = format!(
            "WARC/1.0\nWARC-Type: conversion\nWARC-Block-Digest: tiger:X\n\
             Content-Type: text/plain\nContent-Length: {}\n\n{GARBLED}\n\n",
            GARBLED.len()
        );
        let error = entry(record).repair(&Fixer::default()).unwrap_err();
        assert_eq!(error.message, "a digest by `tiger` cannot be computed again");
        assert_eq!(error.column, "WARC/1.0__WARC-Type: conversion__WARC-Block-Digest: ".len() + 1);
    }

    #[test]
    fn what_is_not_utf_8_is_told_with_its_place() {
        let mut entry = entry(
            "WARC/1.0\nWARC-Type: conversion\nContent-Type: text/plain\n\
             Content-Length: 2\n\nab\n\n"
                .to_owned(),
        );
        let at = entry.record.len() - "b\r\n\r\n".len();
        entry.record[at] = 0xff;
        assert_eq!(entry.repair(&Fixer::default()).unwrap_err().column, at + 1);
    }
}
