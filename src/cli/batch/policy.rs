//! What is done with what comes of a record, whatever its form.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;
use serde_json::value::RawValue;

use super::stats::Stats;
use crate::cli::args::OnError;
use crate::cli::pool::Panicked;
use crate::records::{FieldEdits, FieldItem, RecordError, Repaired};

/// Some records as they were read.
pub trait Portion: Send {
    /// How many bytes of memory they take.
    fn size(&self) -> usize;

    /// Writes them as they were.
    ///
    /// # Errors
    /// Those of the writer.
    fn pass(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// What came of a chunk.
#[derive(Default)]
pub struct Worked {
    /// The records; none where they are those that came in.
    pub records: Option<Vec<u8>>,
    /// Records that were taken out.
    pub quarantined: Vec<u8>,
    /// Edits and findings as `--sidecar` tells them.
    pub sidecar: Vec<u8>,
    /// What is wrong with records, each with its place.
    pub errors: Vec<String>,
    /// A bug of ours was met.
    pub internal: bool,
    /// What was done.
    pub stats: Stats,
    /// The run is to end behind `records`.
    pub stop: bool,
}

/// A record that cannot be read; why stands among the errors.
pub struct Refused;

/// Where a worker is in a chunk; copies only once something changes.
pub struct ChunkRewrite<'a> {
    bytes: &'a [u8],
    copied: usize,
    out: Option<Vec<u8>>,
}

impl<'a> ChunkRewrite<'a> {
    /// At the start of a chunk.
    pub fn new(bytes: &'a [u8]) -> ChunkRewrite<'a> {
        ChunkRewrite { bytes, copied: 0, out: None }
    }

    /// Puts `new` in the place of some bytes, behind those that were replaced before.
    pub fn replace(&mut self, range: Range<usize>, new: &[u8]) {
        let out = self.out.get_or_insert_with(|| Vec::with_capacity(self.bytes.len()));
        out.extend_from_slice(&self.bytes[self.copied..range.start]);
        out.extend_from_slice(new);
        self.copied = range.end;
    }

    /// The new chunk; none where nothing was replaced.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if let Some(out) = &mut self.out {
            out.extend_from_slice(&self.bytes[self.copied..]);
        }
        self.out
    }
}

/// An edit or finding as a line of `--sidecar`.
#[derive(Serialize)]
struct SidecarLine<'a> {
    record: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    item: FieldItem<'a>,
}

/// What is done with what comes of a record, whatever its form.
#[derive(Clone, Copy)]
pub struct Policy<'a> {
    /// What messages call the input.
    pub label: &'a str,
    /// What is done with a record that cannot be read.
    pub on_error: OnError,
    /// Whether edits and findings are told one by one.
    pub sidecar: bool,
}

impl Policy<'_> {
    /// Takes in what came of a record; the new record, where it changes.
    ///
    /// `number` counts records from 1 as the sidecar does, `id` is what one is known by
    /// elsewhere, and `place` says where in the input a column of the record is, as it follows the label.
    pub fn settle(
        &self,
        number: u64,
        result: Result<Result<Repaired, RecordError>, Panicked>,
        id: impl FnOnce() -> Option<String>,
        place: impl FnOnce(usize) -> String,
        worked: &mut Worked,
    ) -> Result<Option<Vec<u8>>, Refused> {
        worked.stats.records += 1;
        match result {
            Ok(Ok(repaired)) => {
                worked.stats.count(&repaired);
                if self.sidecar && !repaired.fields.is_empty() {
                    tell(number, id().as_deref(), &repaired.fields, &mut worked.sidecar);
                }
                Ok(repaired.record)
            }
            Ok(Err(error)) => {
                let place = place(error.column);
                worked.errors.push(format!("{}{place}: {error}", self.label));
                Err(Refused)
            }
            Err(panicked) => {
                let place = place(1);
                worked.errors.push(format!("{}{place}: internal error: {panicked}", self.label));
                worked.internal = true;
                Err(Refused)
            }
        }
    }

    /// Handles a record that cannot be read; says whether it is taken out.
    pub fn refuse(&self, record: &[u8], worked: &mut Worked) -> bool {
        worked.stats.errors += 1;
        match self.on_error {
            OnError::Keep => return false,
            OnError::Quarantine => worked.quarantined.extend_from_slice(record),
            OnError::Fail => worked.stop = true,
        }
        true
    }

    /// Handles a piece of a record that is too long.
    pub fn oversized(&self, place: &str, starts: bool, bytes: &[u8]) -> Worked {
        let mut worked = Worked::default();
        if starts {
            worked.stats.records = 1;
            worked.stats.errors = 1;
            worked.errors.push(format!("{}{place}: record over --max-record-bytes", self.label));
        }
        match self.on_error {
            OnError::Keep => return worked,
            OnError::Quarantine => worked.quarantined = bytes.to_owned(),
            OnError::Fail => worked.stop = true,
        }
        worked.records = Some(Vec::new());
        worked
    }
}

/// Appends the edits and findings of a record to a sidecar.
pub fn tell(record: u64, id: Option<&str>, fields: &[FieldEdits], sidecar: &mut Vec<u8>) {
    let id = id.and_then(|id| serde_json::from_str(id).ok());
    for item in fields.iter().flat_map(FieldEdits::items) {
        let line = SidecarLine { record, id, item };
        serde_json::to_writer(&mut *sidecar, &line).expect("memory takes all that has names");
        sidecar.push(b'\n');
    }
}
