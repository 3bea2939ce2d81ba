//! A stream of lines cut into chunks for the workers, in constant memory.

use std::io::{self, BufRead, Read};

use super::csv::Quotes;

/// How many bytes a worker gets at a time: enough that handing over costs nothing
/// beside the work, few enough that results come steadily.
const CHUNK: usize = 1 << 18;

/// A part of the stream. All chunks together are the stream, byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Whole lines; only the last line of the stream may lack its newline.
    Lines {
        /// The number of the first, from 1.
        first: u64,
        /// The lines with their ends.
        bytes: Vec<u8>,
        /// Where in the bytes each line ends, behind its newline.
        ends: Vec<usize>,
    },
    /// A piece of a line that is longer than a record may be.
    Oversized {
        /// The number of the line.
        line: u64,
        /// Whether this is its first piece.
        starts: bool,
        /// The piece.
        bytes: Vec<u8>,
    },
}

impl Chunk {
    /// The bytes of the stream.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Chunk::Lines { bytes, .. } | Chunk::Oversized { bytes, .. } => bytes,
        }
    }
}

/// Cuts a stream.
pub struct Chunks<R> {
    reader: R,
    /// The longest line that is a record, without its newline.
    limit: u64,
    line: u64,
    in_oversized: bool,
    /// Where the reader is, if a line goes on over a newline inside double quotes.
    quotes: Option<Quotes>,
    /// What was read behind the chunk that was given out last.
    pending: Option<io::Result<Chunk>>,
}

impl<R: BufRead> Chunks<R> {
    /// The chunks of `reader`, with lines of up to `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Chunks<R> {
        Chunks {
            reader,
            limit: limit as u64,
            line: 1,
            in_oversized: false,
            quotes: None,
            pending: None,
        }
    }

    /// Chunks in which lines with a newline inside double quotes are one.
    pub fn quoted(self, quotes: Option<Quotes>) -> Chunks<R> {
        Chunks { quotes, ..self }
    }

    /// Takes the next line, as far as it is no longer than a record may be.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn take_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.read_line(&mut line, self.room())?;
        Ok(line)
    }

    /// Room for the longest line that is a record and its newline.
    fn room(&self) -> u64 {
        self.limit.saturating_add(1)
    }

    /// Appends a line of up to `limit` bytes; says whether its end is there.
    fn read_line(&mut self, bytes: &mut Vec<u8>, limit: u64) -> io::Result<bool> {
        let start = bytes.len();
        loop {
            let before = bytes.len();
            let room = limit - (before - start) as u64;
            (&mut self.reader).take(room).read_until(b'\n', bytes)?;
            let read = &bytes[before..];
            let newline = read.ends_with(b"\n");
            self.line += u64::from(newline);
            let goes_on = self.quotes.as_mut().is_some_and(|quotes| quotes.open_after(read));
            if !(newline && goes_on) {
                return Ok(newline);
            }
        }
    }

    /// Whole lines up to the size of a chunk.
    fn lines(&mut self) -> Option<io::Result<Chunk>> {
        let first = self.line;
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        while bytes.len() < CHUNK {
            let (start, line) = (bytes.len(), self.line);
            let ended = match self.read_line(&mut bytes, self.room()) {
                Ok(ended) => ended,
                Err(error) => {
                    // what was read of the line goes on its way; the error follows it
                    self.pending = Some(Err(error));
                    break;
                }
            };
            if !ended && (bytes.len() - start) as u64 > self.limit {
                let piece = bytes.split_off(start);
                self.pending = Some(Ok(Chunk::Oversized { line, starts: true, bytes: piece }));
                self.in_oversized = true;
                break;
            }
            if !ended {
                break;
            }
            ends.push(bytes.len());
        }
        if bytes.is_empty() {
            return self.pending.take();
        }
        // the last line of the stream may lack its newline
        if ends.last() != Some(&bytes.len()) {
            ends.push(bytes.len());
        }
        Some(Ok(Chunk::Lines { first, bytes, ends }))
    }

    /// The next piece of a line that is too long; none where it has ended.
    fn piece(&mut self) -> Option<io::Result<Chunk>> {
        let line = self.line;
        let mut bytes = Vec::new();
        let ended = match self.read_line(&mut bytes, CHUNK as u64) {
            Ok(ended) => ended,
            Err(error) => return Some(Err(error)),
        };
        if bytes.is_empty() || ended {
            self.in_oversized = false;
        }
        (!bytes.is_empty()).then_some(Ok(Chunk::Oversized { line, starts: false, bytes }))
    }
}

/// Nothing sensible follows an error: see [`super::until_error`].
impl<R: BufRead> Iterator for Chunks<R> {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<io::Result<Chunk>> {
        let pending = self.pending.take();
        let piece = |chunks: &mut Self| chunks.in_oversized.then(|| chunks.piece()).flatten();
        pending.or_else(|| piece(self)).or_else(|| self.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Chunk, Chunks, Read, io};
    use crate::records::csv::Dialect;

    fn chunks(stream: &str, limit: usize) -> Vec<Chunk> {
        Chunks::new(stream.as_bytes(), limit).collect::<io::Result<_>>().unwrap()
    }

    /// Lines without a newline inside.
    fn lines(first: u64, lines: &str) -> Chunk {
        records(first, &lines.split_inclusive('\n').collect::<Vec<_>>())
    }

    fn records(first: u64, records: &[&str]) -> Chunk {
        let mut bytes = Vec::new();
        let end = |record: &&str| {
            bytes.extend_from_slice(record.as_bytes());
            bytes.len()
        };
        let ends = records.iter().map(end).collect();
        Chunk::Lines { first, bytes, ends }
    }

    #[test]
    fn lines_stay_whole_and_are_counted() {
        assert_eq!(chunks("", 9), []);
        assert_eq!(chunks("a\n\nb", 9), [lines(1, "a\n\nb")]);
        assert_eq!(chunks("a\n\nb", usize::MAX), [lines(1, "a\n\nb")]);
        let stream = "0123456789\n".repeat(100_000);
        let mut line = 1;
        let mut joined = Vec::new();
        for chunk in chunks(&stream, 10) {
            let Chunk::Lines { first, bytes, .. } = chunk else { panic!("nothing is too long") };
            assert_eq!(first, line);
            assert!(bytes.ends_with(b"\n") && bytes.len() < CHUNK + 11);
            line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            joined.extend(bytes);
        }
        assert_eq!(joined, stream.as_bytes());
    }

    #[test]
    fn a_line_that_is_too_long_passes_in_pieces() {
        let piece = |starts, bytes: &str| Chunk::Oversized { line: 2, starts, bytes: bytes.into() };
        assert_eq!(
            chunks("abcd\nabcdef\nabcd", 4),
            [lines(1, "abcd\n"), piece(true, "abcde"), piece(false, "f\n"), lines(3, "abcd")]
        );
        assert_eq!(chunks("a\nabcde", 4), [lines(1, "a\n"), piece(true, "abcde")]);
    }

    #[test]
    fn a_line_goes_on_over_a_quoted_newline() {
        let stream = "a,\"b\nc\"\nd\n";
        let quotes = Dialect::COMMA.quotes();
        let quoted = Chunks::new(stream.as_bytes(), 9).quoted(quotes);
        let quoted: Vec<_> = quoted.collect::<io::Result<_>>().unwrap();
        assert_eq!(quoted, [records(1, &["a,\"b\nc\"\n", "d\n"])]);
        let oversized = Chunks::new(stream.as_bytes(), 4).quoted(quotes);
        let pieces: Vec<_> = oversized.collect::<io::Result<_>>().unwrap();
        assert_eq!(pieces.len(), 3, "{pieces:?}");
        assert_eq!(pieces[2], lines(3, "d\n"));
    }

    #[test]
    fn what_came_before_an_error_is_given_out_first() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let mut chunks = Chunks::new(io::BufReader::new(b"a\nb".chain(Fails)), 9);
        assert_eq!(chunks.next().unwrap().unwrap(), lines(1, "a\nb"));
        assert!(chunks.next().unwrap().is_err());
    }
}
