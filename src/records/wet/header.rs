//! The version line and named fields of a record.

use std::ops::Range;

use memchr::memmem;

use super::digest;
use crate::decode::{Splice, splice};
use crate::records::RecordError;

/// What a record begins with; the version follows.
pub const START: &[u8] = b"WARC/";

/// What follows the block of a record.
pub const END: &[u8] = b"\r\n\r\n";

/// What ends the fields.
const EMPTY_LINE: &[u8] = b"\r\n\r\n";

/// A record's fields as far as they concern its text.
#[derive(Debug)]
pub struct Header<'a> {
    /// Where the block is.
    block: Range<usize>,
    length: Value<'a>,
    digests: Vec<Value<'a>>,
    r#type: Option<&'a str>,
    content_type: Option<&'a str>,
    id: Option<&'a str>,
}

/// The value of a field and where it stands.
#[derive(Clone, Copy, Debug)]
struct Value<'a> {
    start: usize,
    value: &'a str,
}

impl Value<'_> {
    /// What puts another value in its place.
    fn replaced(self, by: String) -> Splice {
        Splice { range: self.start..self.start + self.value.len(), after: by.into_bytes() }
    }
}

/// A header that is not there yet, or never will be.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// The bytes end before the header does.
    Incomplete,
    /// They are no header.
    Broken(RecordError),
}

impl<'a> Header<'a> {
    /// Reads the header of a record that is there as a whole.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(record: &'a [u8]) -> Result<Header<'a>, RecordError> {
        Header::begin(record).map_err(|unread| match unread {
            Unread::Broken(error) => error,
            Unread::Incomplete => broken(record.len(), "the header does not end"),
        })
    }

    /// Reads the header that some bytes begin with.
    pub fn begin(bytes: &'a [u8]) -> Result<Header<'a>, Unread> {
        if !bytes.starts_with(&START[..START.len().min(bytes.len())]) {
            return Err(Unread::Broken(broken(0, "no WARC record begins here")));
        }
        let end = memmem::find(bytes, EMPTY_LINE).ok_or(Unread::Incomplete)?;
        Header::parse(bytes, end).map_err(Unread::Broken)
    }

    /// Reads the fields of a header whose last line ends at `end`.
    fn parse(bytes: &'a [u8], end: usize) -> Result<Header<'a>, RecordError> {
        let text = std::str::from_utf8(&bytes[..end])
            .map_err(|error| broken(error.valid_up_to(), "the header is not UTF-8"))?;
        let (mut length, mut digests) = (None, Vec::new());
        let (mut r#type, mut content_type, mut id) = (None, None, None);
        let mut start = 0;
        for line in text.split("\r\n") {
            if let Some((name, value)) = line.split_once(':') {
                let blanks = value.len() - value.trim_ascii_start().len();
                let start = start + name.len() + 1 + blanks;
                let value = value.trim_ascii();
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = Some(Value { start, value }),
                    // the payload of a text is its block
                    "warc-block-digest" | "warc-payload-digest" => {
                        digests.push(Value { start, value });
                    }
                    "warc-type" => r#type = Some(value),
                    "content-type" => content_type = Some(value),
                    "warc-record-id" => id = Some(value),
                    _ => {}
                }
            }
            start += line.len() + "\r\n".len();
        }
        let length = length.ok_or_else(|| broken(0, "the header has no Content-Length"))?;
        let block_start = end + EMPTY_LINE.len();
        let size: usize = length
            .value
            .parse()
            .map_err(|_| broken(length.start, "the Content-Length is no number"))?;
        // with room for the two line ends behind it
        let record = block_start.checked_add(size).and_then(|end| end.checked_add(END.len()));
        let record =
            record.ok_or_else(|| broken(length.start, "the Content-Length is too large"))?;
        let block = block_start..record - END.len();
        Ok(Header { block, length, digests, r#type, content_type, id })
    }

    /// Where the block of the record is.
    pub fn block(&self) -> Range<usize> {
        self.block.clone()
    }

    /// The `WARC-Record-ID`.
    pub fn id(&self) -> Option<&'a str> {
        self.id
    }

    /// Whether the block is the text of a page.
    pub fn is_text(&self) -> bool {
        let is_plain = self.content_type.is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or(value);
            media_type.trim_ascii().eq_ignore_ascii_case("text/plain")
        });
        is_plain && matches!(self.r#type, Some("conversion" | "resource"))
    }

    /// The record with another block, and the length and digests of that.
    ///
    /// # Errors
    /// Where a digest cannot be computed.
    pub fn with_block(&self, record: &[u8], block: Vec<u8>) -> Result<Vec<u8>, RecordError> {
        let mut splices = vec![self.length.replaced(block.len().to_string())];
        for old in &self.digests {
            let new = digest::like(old.value, &block).ok_or_else(|| {
                let algorithm = old.value.split(':').next().unwrap_or_default();
                let message = format!("a digest by `{algorithm}` cannot be computed again");
                RecordError { column: old.start + 1, message }
            })?;
            splices.push(old.replaced(new));
        }
        splices.push(Splice { range: self.block.clone(), after: block });
        splices.sort_by_key(|splice| splice.range.start);
        Ok(splice(record, &splices))
    }
}

/// What is wrong at a byte of a record, counted from 0.
pub fn broken(at: usize, message: &str) -> RecordError {
    RecordError { column: at + 1, message: message.to_owned() }
}
