//! Records that are gzip members of their own, as in every file of a crawl: an index
//! can then point at each. Members that do not change are copied as they are.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::{GzDecoder, GzEncoder};

use super::cut::{Cut, Cutter, Parts};
use super::header::broken;
use super::stream::{Begin, CHUNK, HEADER_LIMIT, begin, records};
use super::{Entry, Part};

/// How records lie in a file that is compressed with gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each is a member.
    Members,
    /// They are compressed as one stream.
    Stream,
}

/// Opens a gzip file, and tells its layout by its first member. `keep` says whether
/// members are given out as they are, to be copied.
///
/// # Errors
/// Where the first member cannot be read.
pub fn open(
    file: impl BufRead + Send + 'static,
    limit: usize,
    keep: bool,
) -> io::Result<(Layout, Parts)> {
    let mut members = Members::new(file, limit, keep);
    let mut first = Vec::new();
    let ended = members.decoder.as_mut().map_or(Ok(true), |member| {
        read_up_to(member, limit.saturating_add(HEADER_LIMIT), &mut first)
    })?;
    if ended && begin(&first, limit, true) == Begin::Record(first.len()) {
        members.read = Some(first);
        return Ok((Layout::Members, Box::new(Cutter::new(members))));
    }
    let rest = members.decoder.map(|mut decoder| {
        decoder.get_mut().raw = None;
        decoder
    });
    let rest = BufReader::with_capacity(CHUNK, Concatenated { decoder: rest });
    Ok((Layout::Stream, records(Cursor::new(first).chain(rest), limit)))
}

/// A gzip member that holds `record`.
pub fn compress(record: &[u8]) -> Vec<u8> {
    let mut member = Vec::new();
    let mut encoder = GzEncoder::new(record, flate2::Compression::default());
    encoder.read_to_end(&mut member).expect("memory is read without errors");
    member
}

/// Reads until `bytes` holds more than `limit`; says whether the reader has ended before.
fn read_up_to(reader: impl Read, limit: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let room = (limit as u64).saturating_add(1);
    Ok((reader.take(room).read_to_end(bytes)? as u64) < room)
}

/// A reader that remembers what it gave out.
struct Tee<R> {
    inner: R,
    /// What was read since this was last taken; none where nobody asks.
    raw: Option<Vec<u8>>,
    /// How much was read.
    offset: u64,
}

impl<R> Tee<R> {
    /// What was read since the last time.
    fn take(&mut self) -> Option<Vec<u8>> {
        self.raw.as_mut().map(std::mem::take)
    }
}

impl<R: BufRead> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Tee<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        if let Some(raw) = &mut self.raw
            && let Ok(read) = self.inner.fill_buf()
        {
            raw.extend_from_slice(&read[..length]);
        }
        self.offset += length as u64;
        self.inner.consume(length);
    }
}

/// The member that a file goes on with; none at its end.
fn next_member<R: BufRead>(mut file: Tee<R>) -> io::Result<Option<GzDecoder<Tee<R>>>> {
    let more = !file.fill_buf()?.is_empty();
    Ok(more.then(|| GzDecoder::new(file)))
}

/// What the members of a file hold, as one stream.
struct Concatenated<R> {
    decoder: Option<GzDecoder<Tee<R>>>,
}

impl<R: BufRead> Read for Concatenated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let length = decoder.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let file = self.decoder.take().map(GzDecoder::into_inner);
            self.decoder = file.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// Takes each member of a file as a record.
struct Members<R> {
    /// The next member, or one that passes in pieces; none at the end.
    decoder: Option<GzDecoder<Tee<R>>>,
    limit: usize,
    /// The number of the next record.
    number: u64,
    /// Where it starts in the file.
    offset: u64,
    /// What of it was read already: all, or as much as a record may have.
    read: Option<Vec<u8>>,
    /// It is too long and passes in pieces.
    passing: bool,
}

impl<R: BufRead> Members<R> {
    fn new(file: R, limit: usize, keep: bool) -> Members<R> {
        let file = Tee { inner: file, raw: keep.then(Vec::new), offset: 0 };
        Members {
            decoder: Some(GzDecoder::new(file)),
            limit,
            number: 1,
            offset: 0,
            read: None,
            passing: false,
        }
    }

    /// Goes to the next member.
    fn advance(&mut self) -> io::Result<()> {
        let file = self.decoder.take().map(GzDecoder::into_inner);
        self.offset = file.as_ref().map_or(self.offset, |file| file.offset);
        self.decoder = file.map(next_member).transpose()?.flatten();
        self.number += 1;
        Ok(())
    }
}

impl<R: BufRead> Cut for Members<R> {
    fn records(&mut self, entries: &mut Vec<Entry>) -> io::Result<()> {
        let mut size = 0;
        while size < CHUNK
            && let Some(decoder) = &mut self.decoder
        {
            let record = match self.read.take() {
                Some(record) => record,
                None => {
                    let mut record = Vec::new();
                    let limit = self.limit.saturating_add(HEADER_LIMIT);
                    let (number, offset) = (self.number, self.offset);
                    let read = read_up_to(&mut *decoder, limit, &mut record);
                    let ended = read.map_err(|error| {
                        let place = format!("record {number} at byte {offset}");
                        io::Error::new(error.kind(), format!("{place}: {error}"))
                    })?;
                    if !ended {
                        self.read = Some(record);
                        self.passing = true;
                        break;
                    }
                    record
                }
            };
            let broken = match begin(&record, self.limit, true) {
                Begin::Record(length) if length == record.len() => None,
                Begin::Broken(error) => Some(error),
                _ => Some(broken(0, "the gzip member holds more than one record")),
            };
            size += record.len();
            let member = decoder.get_mut().take();
            let (number, offset) = (self.number, self.offset);
            entries.push(Entry { number, offset, record, member, broken });
            self.advance()?;
        }
        Ok(())
    }

    fn piece(&mut self) -> io::Result<Option<Part>> {
        let Some(decoder) = self.decoder.as_mut().filter(|_| self.passing) else {
            return Ok(None);
        };
        let (number, offset) = (self.number, self.offset);
        let starts = self.read.is_some();
        let mut bytes = self.read.take().unwrap_or_default();
        let ended = !starts && read_up_to(&mut *decoder, CHUNK, &mut bytes)?;
        let bytes = decoder.get_mut().take().unwrap_or(bytes);
        if ended {
            self.passing = false;
            self.advance()?;
        }
        Ok(Some(Part::Oversized { number, offset, starts, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(block: &str) -> Vec<u8> {
        let length = block.len();
        format!("WARC/1.0\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n").into_bytes()
    }

    fn parts(file: &[u8], keep: bool) -> (Layout, Vec<Part>) {
        let file = Cursor::new(file.to_vec());
        let (layout, parts) = open(BufReader::with_capacity(7, file), 100, keep).unwrap();
        (layout, parts.collect::<io::Result<_>>().unwrap())
    }

    fn stored(parts: &[Part]) -> Vec<u8> {
        let mut stored = Vec::new();
        for part in parts {
            match part {
                Part::Records(entries) => {
                    entries.iter().for_each(|entry| stored.extend_from_slice(entry.stored()));
                }
                Part::Oversized { bytes, .. } => stored.extend_from_slice(bytes),
            }
        }
        stored
    }

    #[test]
    fn members_are_kept_or_opened() {
        let records = [record("一"), record("二")];
        let members: Vec<_> = records.iter().map(|record| compress(record)).collect();
        let file = members.concat();
        let (layout, kept) = parts(&file, true);
        assert_eq!((layout, stored(&kept)), (Layout::Members, file.clone()));
        let [Part::Records(entries)] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!((entries[1].number, entries[1].offset), (2, members[0].len() as u64));
        let (_, opened) = parts(&file, false);
        assert_eq!(stored(&opened), records.concat());
    }

    #[test]
    fn a_stream_is_told_from_members() {
        let records = [record("一"), record("二"), record("三")];
        // two in the first member, one in the second
        let file = [compress(&records[..2].concat()), compress(&records[2])].concat();
        let (layout, parts) = parts(&file, true);
        assert_eq!((layout, stored(&parts)), (Layout::Stream, records.concat()));
    }

    #[test]
    fn a_member_that_is_too_long_or_broken_passes() {
        let long = compress(&record(&"一".repeat(CHUNK)));
        let double = compress(&[record("二"), record("二")].concat());
        let broken = compress(b"rubbish");
        let good = compress(&record("一"));
        let file = [&*good, &long, &double, &broken, &good].concat();
        let (_, parts) = parts(&file, true);
        assert_eq!(stored(&parts), file);
        assert!(matches!(&parts[1], Part::Oversized { number: 2, starts: true, .. }));
        assert!(matches!(&parts[2], Part::Oversized { number: 2, starts: false, .. }));
        let Part::Records(entries) = &parts[parts.len() - 1] else { panic!("{parts:?}") };
        let told: Vec<_> = entries.iter().map(|entry| entry.broken.is_some()).collect();
        assert_eq!(told, [true, true, false]);
        assert_eq!(entries[0].number, 3);
    }

    #[test]
    fn a_truncated_member_is_an_error() {
        let good = compress(&record("一"));
        let file = [&good[..], &good[..good.len() - 3]].concat();
        let (_, mut parts) = open(Cursor::new(file), 100, true).unwrap();
        let before = parts.next().unwrap().unwrap();
        assert_eq!(stored(&[before]), good, "what came before it is given out");
        assert!(parts.next().unwrap().is_err());
    }
}
