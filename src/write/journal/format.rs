//! What a journal says of a changed file.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::pieces::each_piece;
use crate::write::Digest;

/// The file in a run's directory that lists what was changed.
pub(super) const CHANGES: &str = "changes.jsonl";

/// One changed file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Change {
    /// The file; as bytes, for a path need not be text.
    pub(super) path: OsString,
    /// The file before the change.
    pub(super) before: Digest,
    /// The file after it.
    pub(super) after: Digest,
    /// What was replaced, in order.
    pub(super) replaced: Vec<Replaced>,
    /// The file in the run's directory that tells what was replaced, where it was too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaced_in: Option<String>,
}

/// A range of the new file, and what was there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Replaced {
    pub(super) start: u64,
    pub(super) end: u64,
    #[serde(with = "hex")]
    pub(super) was: Vec<u8>,
}

/// What a list of changes holds.
pub(super) struct Changes {
    /// Its lines, in order.
    pub(super) changes: Vec<Change>,
    /// Whether a line behind them was cut short.
    pub(super) is_torn: bool,
}

impl Changes {
    /// Reads the list that is at `path`.
    pub(super) fn read(path: &Path) -> io::Result<Changes> {
        let mut list = BufReader::new(File::open(path)?);
        let (mut changes, mut line) = (Vec::new(), Vec::new());
        while list.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            changes.push(serde_json::from_slice(&line)?);
            line.clear();
        }
        Ok(Changes { changes, is_torn: !line.is_empty() })
    }
}

/// How many lines a list has, without one that was cut short.
pub(super) fn count_lines(path: &Path) -> io::Result<usize> {
    let mut count = 0;
    each_piece(File::open(path)?, |piece| {
        count += memchr::memchr_iter(b'\n', piece).count();
        io::Result::Ok(())
    })?;
    Ok(count)
}
