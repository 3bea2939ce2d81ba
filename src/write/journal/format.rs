//! What a journal says of a changed file.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

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
