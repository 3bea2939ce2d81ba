//! What a worker does with a chunk of records.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use memchr::memchr_iter;
use serde::Serialize;

use crate::Kind;
use crate::cli::args::OnError;
use crate::cli::pool::guarded;
use crate::records::chunks::{self, Chunk};
use crate::records::{Lines, Repaired};

/// What was done, for `--stats`.
#[derive(Debug, Default, Serialize)]
pub struct Stats {
    /// Records that were read.
    pub records: u64,
    /// Records with an edit.
    pub changed: u64,
    /// Records that have none of the fields.
    pub without_field: u64,
    /// Records that could not be read.
    pub errors: u64,
    /// Edits of each kind.
    edits: BTreeMap<&'static str, u64>,
    /// What was seen but not changed.
    findings: u64,
}

impl Stats {
    fn count(&mut self, repaired: &Repaired) {
        self.changed += u64::from(repaired.edits.iter().any(|count| *count > 0));
        self.without_field += u64::from(!repaired.has_field);
        self.findings += repaired.findings;
        for (kind, count) in Kind::ALL.into_iter().zip(repaired.edits) {
            *self.edits.entry(kind.name()).or_default() += count;
        }
    }

    /// Adds what was done elsewhere.
    pub fn merge(&mut self, other: &Stats) {
        self.records += other.records;
        self.changed += other.changed;
        self.without_field += other.without_field;
        self.errors += other.errors;
        self.findings += other.findings;
        for (kind, count) in &other.edits {
            *self.edits.entry(kind).or_default() += count;
        }
    }
}

/// What came of a chunk.
#[derive(Default)]
pub struct Worked {
    /// The records; none where they are those that came in.
    pub records: Option<Vec<u8>>,
    /// Records that were taken out.
    pub quarantined: Vec<u8>,
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
struct Refused;

/// Where a worker is in a chunk; copies only once something changes.
struct Rewrite<'a> {
    bytes: &'a [u8],
    copied: usize,
    out: Option<Vec<u8>>,
}

impl Rewrite<'_> {
    /// Puts `new` in the place of some bytes.
    fn replace(&mut self, range: Range<usize>, new: &[u8]) {
        let out = self.out.get_or_insert_with(|| Vec::with_capacity(self.bytes.len()));
        out.extend_from_slice(&self.bytes[self.copied..range.start]);
        out.extend_from_slice(new);
        self.copied = range.end;
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        if let Some(out) = &mut self.out {
            out.extend_from_slice(&self.bytes[self.copied..]);
        }
        self.out
    }
}

/// What a worker needs to know.
pub struct Worker<'a> {
    /// What repairs a record.
    pub lines: &'a dyn Lines,
    /// What messages call the input.
    pub label: &'a str,
    /// What is done with a record that cannot be read.
    pub on_error: OnError,
}

impl Worker<'_> {
    /// Repairs the records of a chunk.
    pub fn work(&self, chunk: &io::Result<Chunk>) -> Worked {
        match chunk {
            Ok(Chunk::Lines { first, bytes }) => self.lines(*first, bytes),
            Ok(Chunk::Oversized { line, starts, bytes }) => self.oversized(*line, *starts, bytes),
            Err(_) => Worked::default(),
        }
    }

    fn lines(&self, first: u64, bytes: &[u8]) -> Worked {
        let mut worked = Worked::default();
        let mut rewrite = Rewrite { bytes, copied: 0, out: None };
        let mut start = 0;
        let mut number = first;
        for line in chunks::lines(bytes, self.lines.quotes()) {
            let record = line.strip_suffix(b"\n").unwrap_or(line);
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            let next = start + line.len();
            match self.record(number, record, &mut worked) {
                Ok(None) => {}
                Ok(Some(new)) => rewrite.replace(start..start + record.len(), &new),
                Err(Refused) if self.refuse(line, &mut worked) => {
                    rewrite.replace(start..next, b"");
                }
                Err(Refused) => {}
            }
            if worked.stop {
                rewrite.replace(next..bytes.len(), b"");
                break;
            }
            start = next;
            number += memchr_iter(b'\n', line).count() as u64;
        }
        worked.records = rewrite.finish();
        worked
    }

    /// The new record, where it changes.
    fn record(
        &self,
        number: u64,
        record: &[u8],
        worked: &mut Worked,
    ) -> Result<Option<Vec<u8>>, Refused> {
        if record.is_empty() {
            return Ok(None);
        }
        worked.stats.records += 1;
        match guarded(|| self.lines.repair(record)) {
            Ok(Ok(repaired)) => {
                worked.stats.count(&repaired);
                Ok(repaired.record)
            }
            Ok(Err(error)) => {
                worked.errors.push(format!("{}:{number}:{}: {error}", self.label, error.column));
                Err(Refused)
            }
            Err(panicked) => {
                worked.errors.push(format!("{}:{number}: internal error: {panicked}", self.label));
                worked.internal = true;
                Err(Refused)
            }
        }
    }

    /// Handles a record that cannot be read; says whether it is taken out.
    fn refuse(&self, line: &[u8], worked: &mut Worked) -> bool {
        worked.stats.errors += 1;
        match self.on_error {
            OnError::Keep => return false,
            OnError::Quarantine => worked.quarantined.extend_from_slice(line),
            OnError::Fail => worked.stop = true,
        }
        true
    }

    fn oversized(&self, line: u64, starts: bool, bytes: &[u8]) -> Worked {
        let mut worked = Worked::default();
        if starts {
            worked.stats.records = 1;
            worked.stats.errors = 1;
            let place = format!("{}:{line}", self.label);
            worked.errors.push(format!("{place}: record over --max-record-bytes"));
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
