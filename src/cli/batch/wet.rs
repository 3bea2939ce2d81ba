//! What a worker does with some WARC records.

use std::io::{self, Write};

use super::policy::{Policy, Portion, Refused, Worked};
use crate::Fixer;
use crate::cli::pool::guarded;
use crate::records::wet::{Entry, Part};

impl Portion for Part {
    fn size(&self) -> usize {
        match self {
            Part::Records(entries) => entries.iter().map(Entry::size).sum(),
            Part::Oversized { bytes, .. } => bytes.len(),
        }
    }

    fn pass(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Part::Records(entries) => {
                entries.iter().try_for_each(|entry| out.write_all(entry.stored()))
            }
            Part::Oversized { bytes, .. } => out.write_all(bytes),
        }
    }
}

/// What a worker needs to know.
pub struct Worker<'a> {
    /// What repairs a record.
    pub fixer: &'a Fixer,
    /// What is done with what comes of it.
    pub policy: Policy<'a>,
}

impl Worker<'_> {
    /// Repairs the records of a part.
    pub fn work(&self, part: &Part) -> Worked {
        match part {
            Part::Records(entries) => self.records(entries),
            Part::Oversized { number, offset, starts, bytes } => {
                self.policy.oversized(&place(*number, *offset, 1), *starts, bytes)
            }
        }
    }

    fn records(&self, entries: &[Entry]) -> Worked {
        let mut worked = Worked::default();
        // copied only once something changes
        let mut out: Option<Vec<u8>> = None;
        for (index, entry) in entries.iter().enumerate() {
            let new = self.record(entry, &mut worked).unwrap_or_else(|Refused| {
                self.policy.refuse(entry.stored(), &mut worked).then(Vec::new)
            });
            if new.is_some() && out.is_none() {
                let before: Vec<_> = entries[..index].iter().map(Entry::stored).collect();
                out = Some(before.concat());
            }
            if let Some(out) = &mut out {
                out.extend_from_slice(new.as_deref().unwrap_or(entry.stored()));
            }
            if worked.stop {
                break;
            }
        }
        worked.records = out;
        worked
    }

    /// The new bytes of the file for a record, where it changes.
    fn record(&self, entry: &Entry, worked: &mut Worked) -> Result<Option<Vec<u8>>, Refused> {
        let result = guarded(|| entry.repair(self.fixer));
        let place = |column| place(entry.number, entry.offset, column);
        let new = self.policy.settle(entry.number, result, || entry.id(), place, worked)?;
        Ok(new.map(|record| entry.store(record)))
    }
}

/// Where a record is, and the byte of it that is meant, from 1, unless that is the first.
fn place(number: u64, offset: u64, column: usize) -> String {
    let record = format!(": record {number} at byte {offset}");
    if column > 1 { format!("{record}, its byte {column}") } else { record }
}
