//! Why an input was not handled, and what may help.

use std::io;

use crate::decode::{DecodeError, Options, decode};
use crate::report::place::Place;

/// Why an input was not handled.
pub enum Problem {
    Read(io::Error),
    Decode {
        error: DecodeError,
        /// Where that is, and what may help.
        hint: String,
    },
    Task(anyhow::Error),
}

impl Problem {
    /// What is told of it.
    pub fn describe(&self) -> String {
        match self {
            Problem::Read(error) => error.to_string(),
            Problem::Decode { error, hint } => format!("{error}{hint}"),
            Problem::Task(error) => format!("{error:#}"),
        }
    }
}

/// Bytes of an input that are no text.
pub struct Undecodable<'b> {
    pub bytes: &'b [u8],
    /// Where they start in the input, in bytes.
    pub offset: u64,
    /// The place of their start.
    pub start: Place,
}

impl Undecodable<'_> {
    /// The problem with them, its place, and what may help.
    pub fn problem(&self, error: DecodeError) -> Problem {
        let place = self.place_of(&error).map(|place| format!(" ({place})"));
        let help = match &error {
            DecodeError::Contradicted { encoding, offset } => {
                self.without_statement(encoding, *offset)
            }
            DecodeError::Mismarked { offset, .. } => {
                let rest = self.bytes.get(*offset..).unwrap_or_default();
                let found = decode(rest, &Options::default());
                found.map_or_else(
                    |_| String::new(),
                    |found| format!("; from there on it reads as {}", found.encoding),
                )
            }
            DecodeError::Unknown { .. } | DecodeError::Binary { .. } => {
                "; if it is text, name its encoding with --from ENCODING".to_owned()
            }
            _ => String::new(),
        };
        Problem::Decode { error, hint: place.unwrap_or_default() + &help }
    }

    /// What becomes of them without the statement of an encoding that they are not in from `offset`
    /// of the input on.
    fn without_statement(&self, stated: &str, offset: usize) -> String {
        let Ok(found) = decode(self.bytes, &Options::default()) else {
            return "; without --from its encoding is detected".to_owned();
        };
        let at = offset.saturating_sub(usize::try_from(self.offset).unwrap_or(usize::MAX));
        let segments = found.segments();
        match segments.iter().find(|segment| segment.bytes.contains(&at)) {
            Some(here) if segments.len() > 1 && here.encoding != stated => {
                format!("; without --from such bytes are read as {}", here.encoding)
            }
            _ if found.encoding != stated => {
                format!("; without --from it reads as {}", found.encoding)
            }
            _ => "; without --from such bytes are kept as they are".to_owned(),
        }
    }

    /// The place of what is wrong with them, in words.
    fn place_of(&self, error: &DecodeError) -> Option<String> {
        let start = usize::try_from(self.offset).ok()?;
        let before = self.bytes.get(..error.offset()?.checked_sub(start)?)?;
        if let DecodeError::Contradicted { encoding, .. } = error {
            // so far they are in it
            let before = decode(before, &Options { from: Some(encoding) }).ok()?;
            return Some(self.start.behind(&before.text).to_string());
        }
        // lines of UTF-16 do not end where bytes say so
        if before.contains(&0) {
            return None;
        }
        let line = self.start.line + memchr::memchr_iter(b'\n', before).count();
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Some(format!("line {line}, byte {}", column + 1))
    }
}
