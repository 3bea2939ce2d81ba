//! What a worker does with a chunk of lines.

use std::io::{self, Write};

use memchr::memchr_iter;

use super::policy::{ChunkRewrite, Policy, Portion, Refused, Worked};
use crate::cli::pool::guarded;
use crate::records::Lines;
use crate::records::chunks::Chunk;

impl Portion for Chunk {
    fn size(&self) -> usize {
        match self {
            Chunk::Lines { bytes, ends, .. } => bytes.len() + size_of_val(ends.as_slice()),
            Chunk::Oversized { bytes, .. } => bytes.len(),
        }
    }

    fn pass(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.bytes())
    }
}

/// What a worker on lines needs to know.
pub struct Worker<'a> {
    /// What repairs a record.
    pub lines: &'a dyn Lines,
    /// What is done with what comes of it.
    pub policy: Policy<'a>,
}

impl Worker<'_> {
    /// Repairs the records of a chunk.
    pub fn work(&self, chunk: &Chunk) -> Worked {
        match chunk {
            Chunk::Lines { first, bytes, ends } => self.lines(*first, bytes, ends),
            Chunk::Oversized { line, starts, bytes } => {
                self.policy.oversized(&format!(":{line}"), *starts, bytes)
            }
        }
    }

    fn lines(&self, first: u64, bytes: &[u8], ends: &[usize]) -> Worked {
        let mut worked = Worked::default();
        let mut rewrite = ChunkRewrite::new(bytes);
        let mut start = 0;
        let mut number = first;
        for &next in ends {
            let line = &bytes[start..next];
            let record = line.strip_suffix(b"\n").unwrap_or(line);
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            match self.record(number, record, &mut worked) {
                Ok(None) => {}
                Ok(Some(new)) => rewrite.replace(start..start + record.len(), &new),
                Err(Refused) if self.policy.refuse(line, &mut worked) => {
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
        let result = guarded(|| self.lines.repair(record));
        let id = || self.lines.id(record);
        let place = |column| format!(":{number}:{column}");
        self.policy.settle(number, result, id, place, worked)
    }
}
