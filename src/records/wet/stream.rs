//! Records one after another, not compressed or compressed as a whole.

use std::io::{self, BufRead};

use memchr::memmem;

use super::cut::{Cut, Cutter, Parts};
use super::header::{END, Header, START, Unread, broken};
use super::{Entry, Part};
use crate::records::RecordError;

/// How many bytes of records are given out at a time.
pub const CHUNK: usize = 1 << 18;

/// How long a header may be; those of crawlers have some hundred bytes.
pub const HEADER_LIMIT: usize = 1 << 16;

/// What some bytes begin with.
#[derive(Debug, PartialEq, Eq)]
pub enum Begin {
    /// A record of this length.
    Record(usize),
    /// A record that is longer than one may be.
    Oversized(u64),
    /// No record.
    Broken(RecordError),
    /// Too little to tell.
    Incomplete,
}

/// Reads what some bytes begin with; with `is_all`, nothing follows them.
pub fn begin(bytes: &[u8], limit: usize, is_all: bool) -> Begin {
    let head = &bytes[..bytes.len().min(HEADER_LIMIT)];
    let header = match Header::begin(head) {
        Ok(header) => header,
        Err(Unread::Broken(error)) => return Begin::Broken(error),
        Err(Unread::Incomplete) if is_all || bytes.len() > head.len() => {
            return Begin::Broken(broken(0, "the header does not end"));
        }
        Err(Unread::Incomplete) => return Begin::Incomplete,
    };
    let block = header.block();
    let Some(rest) = bytes.get(block.end..) else {
        return if is_all {
            Begin::Broken(broken(bytes.len(), "the record ends too early"))
        } else if block.len() > limit {
            Begin::Oversized((block.end + END.len()) as u64)
        } else {
            Begin::Incomplete
        };
    };
    if rest.starts_with(END) {
        Begin::Record(block.end + END.len())
    } else if !END.starts_with(rest) {
        Begin::Broken(broken(block.end, "the record does not end where its Content-Length says"))
    } else if is_all {
        // the last line ends are often missing
        Begin::Record(bytes.len())
    } else {
        Begin::Incomplete
    }
}

/// Where the next record may begin behind the first byte: at `WARC/` in a line of its own. The bytes
/// before `from` hold none.
fn resume(bytes: &[u8], from: usize) -> Option<usize> {
    let mut starts = memmem::find_iter(&bytes[from..], START).map(|at| from + at);
    starts.find(|at| *at > 0 && bytes[at - 1] == b'\n')
}

/// The parts of `reader`, with blocks of up to `limit` bytes.
pub fn records(reader: impl BufRead + Send + 'static, limit: usize) -> Parts {
    Box::new(Cutter::new(Records::new(reader, limit)))
}

/// Records as a stream has them.
struct Records<R> {
    reader: R,
    limit: usize,
    /// What was read and not given out.
    buffer: Vec<u8>,
    /// Where that starts in the stream.
    offset: u64,
    /// The stream has ended.
    ended: bool,
    /// The number of the next record.
    number: u64,
    passing: Option<Passing>,
}

/// A record that passes in pieces.
struct Passing {
    number: u64,
    offset: u64,
    /// How much of it is to come; where that is not known, all up to the next record.
    rest: Option<u64>,
}

impl<R: BufRead> Records<R> {
    fn new(reader: R, limit: usize) -> Records<R> {
        Records {
            reader,
            limit,
            buffer: Vec::new(),
            offset: 0,
            ended: false,
            number: 1,
            passing: None,
        }
    }

    /// Reads on, unless the stream has ended.
    fn fill(&mut self) -> io::Result<()> {
        let read = self.reader.fill_buf()?;
        self.ended = read.is_empty();
        self.buffer.extend_from_slice(read);
        let length = read.len();
        self.reader.consume(length);
        Ok(())
    }

    /// Gives out the first bytes of the buffer.
    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        self.offset += length as u64;
        std::mem::replace(&mut self.buffer, rest)
    }

    /// Drops the first bytes of the buffer.
    fn forget(&mut self, length: usize) {
        self.buffer.drain(..length);
        self.offset += length as u64;
    }

    /// The record at a place of the buffer, to pass in pieces.
    fn pass(&mut self, at: usize, rest: Option<u64>) -> Passing {
        let (number, offset) = (self.number, self.offset + at as u64);
        self.number += 1;
        Passing { number, offset, rest }
    }
}

impl<R: BufRead> Cut for Records<R> {
    fn records(&mut self, entries: &mut Vec<Entry>) -> io::Result<()> {
        // where the next record starts in the buffer
        let mut at = 0;
        // how much of what begins there was looked through for the next record
        let mut searched = 0;
        while at < CHUNK {
            let bytes = &self.buffer[at..];
            if bytes.is_empty() && self.ended {
                break;
            }
            let (length, broken) = match begin(bytes, self.limit, self.ended) {
                Begin::Record(length) => (length, None),
                Begin::Oversized(length) => {
                    self.passing = Some(self.pass(at, Some(length)));
                    break;
                }
                Begin::Broken(error) => match resume(bytes, searched) {
                    Some(length) => (length, Some(error)),
                    None if self.ended => (bytes.len(), Some(error)),
                    None if bytes.len() > self.limit.saturating_add(HEADER_LIMIT) => {
                        self.passing = Some(self.pass(at, None));
                        break;
                    }
                    None => {
                        // the start of the next record may be cut
                        searched = bytes.len().saturating_sub(START.len());
                        self.fill()?;
                        continue;
                    }
                },
                Begin::Incomplete => {
                    self.fill()?;
                    continue;
                }
            };
            let record = bytes[..length].to_owned();
            let (number, offset) = (self.number, self.offset + at as u64);
            entries.push(Entry { number, offset, record, member: None, broken });
            self.number += 1;
            at += length;
            searched = 0;
        }
        self.forget(at);
        Ok(())
    }

    fn piece(&mut self) -> io::Result<Option<Part>> {
        let Some(mut passing) = self.passing.take() else { return Ok(None) };
        while self.buffer.len() < CHUNK && !self.ended {
            self.fill()?;
        }
        let (length, goes_on) = match &mut passing.rest {
            Some(rest) => {
                let length = self.buffer.len().min(usize::try_from(*rest).unwrap_or(usize::MAX));
                *rest -= length as u64;
                (length, *rest > 0 && !self.ended)
            }
            None => match resume(&self.buffer, 0) {
                Some(length) => (length, false),
                None if self.ended => (self.buffer.len(), false),
                // the start of the next record may be cut
                None => (self.buffer.len() - START.len(), true),
            },
        };
        let (number, offset) = (passing.number, passing.offset);
        let starts = self.offset == offset;
        self.passing = goes_on.then_some(passing);
        let bytes = self.take(length);
        Ok(Some(Part::Oversized { number, offset, starts, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(block: &str) -> String {
        format!("WARC/1.0\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    }

    /// The parts of a stream that is read seven bytes at a time.
    fn parts(stream: &str, limit: usize) -> Vec<Part> {
        let reader = io::BufReader::with_capacity(7, stream.as_bytes());
        let parts = Cutter::new(Records::new(reader, limit));
        let parts: Vec<Part> = parts.collect::<io::Result<_>>().unwrap();
        let joined: Vec<u8> = parts.iter().flat_map(bytes).collect();
        assert_eq!(String::from_utf8(joined).unwrap(), stream, "nothing is lost");
        parts
    }

    fn bytes(part: &Part) -> Vec<u8> {
        match part {
            Part::Records(entries) => {
                entries.iter().flat_map(|entry| entry.stored()).copied().collect()
            }
            Part::Oversized { bytes, .. } => bytes.clone(),
        }
    }

    /// The number, offset and error of each record of the only part.
    fn entries(stream: &str) -> Vec<(u64, u64, Option<String>)> {
        let parts = parts(stream, 100);
        let [Part::Records(entries)] = parts.as_slice() else { panic!("{parts:?}") };
        let entry = |entry: &Entry| {
            (entry.number, entry.offset, entry.broken.as_ref().map(ToString::to_string))
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn records_are_cut_by_their_length() {
        let (one, two) = (record("一\r\n\r\nWARC/1.0\r\n"), record(""));
        assert_eq!(entries(&format!("{one}{two}")), [(1, 0, None), (2, one.len() as u64, None)]);
        assert_eq!(
            entries(record("一").trim_end()),
            [(1, 0, None)],
            "the last line ends may be missing"
        );
        assert_eq!(parts("", 100), []);
    }

    #[test]
    fn a_broken_record_ends_where_the_next_begins() {
        let good = record("一");
        let told = |bad: &str| {
            let entries = entries(&format!("{good}{bad}{good}"));
            assert_eq!(entries.len(), 3, "{bad}");
            assert_eq!(entries[2].1, (good.len() + bad.len()) as u64);
            entries[1].2.clone().unwrap()
        };
        assert_eq!(told("rubbish\r\n"), "no WARC record begins here");
        let no_length = "WARC/1.0\r\nX: y\r\n\r\n\r\n\r\n";
        assert_eq!(told(no_length), "the header has no Content-Length");
        let long = record("一").replace(": 3", ": 9");
        let too_large = "the Content-Length is too large";
        let wrong = "the record does not end where its Content-Length says";
        assert_eq!(told(&long), wrong);
        assert_eq!(told(&record("一").replace(": 3", ": 1")), wrong);
        assert_eq!(told(&record("一").replace(": 3", ": x")), "the Content-Length is no number");
        // 2^64 − 77, which the header and the two line ends exceed
        let huge = record("一").replace(": 3", ": 18446744073709551539");
        assert_eq!(told(&huge.replace("\r\nC", "\r\nWARC-Type: conversion\r\nC")), too_large);
        let cut = format!("{good}{}", &good[..good.len() - "一\r\n\r\n".len()]);
        assert_eq!(entries(&cut)[1].2.as_deref(), Some("the record ends too early"));
    }

    #[test]
    fn a_record_that_is_too_long_passes_in_pieces() {
        let long = record(&"一".repeat(CHUNK / 2));
        let stream = [record("二"), long.clone(), record("三")].concat();
        let parts = parts(&stream, 100);
        let starts: Vec<_> = parts[1..parts.len() - 1]
            .iter()
            .map(|part| match part {
                Part::Oversized { number: 2, starts, .. } => *starts,
                _ => panic!("{part:?}"),
            })
            .collect();
        assert!(starts.len() > 1 && starts[0] && !starts[1], "{starts:?}");
        let Part::Records(last) = &parts[parts.len() - 1] else { panic!("{parts:?}") };
        assert_eq!(last[0].number, 3);
    }

    #[test]
    fn rubbish_that_is_too_long_passes_up_to_the_next_record() {
        let stream = ["x".repeat(3 * CHUNK), "\r\n".to_owned(), record("三")].concat();
        let parts = parts(&stream, 100);
        assert!(parts.len() > 2);
        let Part::Records(last) = &parts[parts.len() - 1] else { panic!("{parts:?}") };
        assert_eq!((last[0].number, last[0].record.len()), (2, record("三").len()));
    }
}
