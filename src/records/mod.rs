//! Records: documents that travel many to a file, and the fields of them that are text.

pub mod chunks;
pub mod compress;
pub mod csv;
pub mod json;
pub mod jsonl;
pub mod text;

use crate::edit::{Edit, Kind};

/// What was done with one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The new record; none where it stays as it is.
    pub record: Option<Vec<u8>>,
    /// Whether it has any of the fields.
    pub has_field: bool,
    /// The edits of each kind, in the order of [`Kind::ALL`].
    pub edits: [u64; Kind::ALL.len()],
    /// What was seen but not changed.
    pub findings: u64,
}

impl Repaired {
    /// Counts what was done with a field.
    fn count(&mut self, edits: &[Edit], findings: usize) {
        self.has_field = true;
        self.findings += findings as u64;
        for (count, kind) in self.edits.iter_mut().zip(Kind::ALL) {
            *count += edits.iter().filter(|edit| edit.kind == kind).count() as u64;
        }
    }
}

/// A record that cannot be read or written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecordError {
    /// The byte of the line, from 1, at which that showed.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// A form of records of which each is a line, or some lines where it has quotes.
pub trait Lines: Sync {
    /// Repairs one record, which is given without its line end.
    ///
    /// # Errors
    /// Where the record cannot be read, or its repair cannot be written.
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError>;

    /// Whether a record goes on over a newline inside double quotes.
    fn quotes(&self) -> bool {
        false
    }
}
