//! Files of any size in constant memory: blocks cut at line ends.

use std::collections::VecDeque;

use super::charset::Charset;
use super::{DecodeError, Decoded, Options, bom, decode, decode_later, detect};

/// How many bytes are decoded at once: enough to tell any encoding, and for a repair to find its
/// evidence in.
const BLOCK: usize = 1 << 20;

/// Turns bytes that arrive in chunks into blocks of text.
///
/// A block ends at a line end, so that no character, no `\r\n` and no damaged span is cut in two;
/// in a line longer than a block, behind a character. The first block tells the encoding, and the
/// later ones are read in it unless they say otherwise.
///
/// ```
/// use hanfix::decode::{Options, Stream};
///
/// let mut stream = Stream::with_block_size(&Options::default(), 16);
/// let mut text = String::new();
/// for chunk in "第一行\n第二行\n第三行\n".as_bytes().chunks(5) {
///     stream.push(chunk);
///     while let Some(block) = stream.next_block() {
///         text.push_str(&block?.decoded.text);
///     }
/// }
/// stream.end();
/// while let Some(block) = stream.next_block() {
///     text.push_str(&block?.decoded.text);
/// }
/// assert_eq!(text, "第一行\n第二行\n第三行\n");
/// # Ok::<(), hanfix::decode::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    options: Options,
    size: usize,
    buffer: VecDeque<u8>,
    /// Bytes of the block that was given out last.
    given: usize,
    /// Offset of the buffer in the file.
    offset: u64,
    ended: bool,
    started: bool,
    /// The encoding of the blocks so far, unless they are all ASCII.
    known: Option<Charset>,
}

/// A part of a file.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// Its text and the way back to its bytes; all offsets are those within the block.
    pub decoded: Decoded<'a>,
    /// Where the block starts in the file, in bytes.
    pub offset: u64,
}

impl Stream {
    /// A stream of blocks of about a megabyte.
    pub fn new(options: &Options) -> Stream {
        Stream::with_block_size(options, BLOCK)
    }

    /// A stream of blocks of about `size` bytes; two blocks are the most that is held.
    pub fn with_block_size(options: &Options, size: usize) -> Stream {
        Stream {
            options: options.clone(),
            size: size.max(1),
            buffer: VecDeque::new(),
            given: 0,
            offset: 0,
            ended: false,
            started: false,
            known: None,
        }
    }

    /// Takes in the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.forget();
        self.buffer.extend(bytes);
    }

    /// Says that there are no more bytes.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next block, once there are enough bytes for one; after [`Stream::end`] all that is left.
    ///
    /// # Errors
    /// Where the block is no text, with offsets in bytes of the file. The block is skipped then.
    pub fn next_block(&mut self) -> Option<Result<Block<'_>, DecodeError>> {
        self.forget();
        let enough = self.buffer.len() >= self.size || self.ended;
        // an empty file has one block, too
        if !enough || self.buffer.is_empty() && self.started {
            return None;
        }
        let bytes = self.buffer.make_contiguous();
        let first = !std::mem::replace(&mut self.started, true);
        if first {
            self.known = guess(bytes, &self.options);
        }
        let len = if self.ended && bytes.len() <= self.size {
            bytes.len()
        } else {
            cut(bytes, self.size, self.known.unwrap_or(Charset::Utf8))
        };
        self.given = len;
        let (bytes, offset) = (&bytes[..len], self.offset);
        let decoded = if first {
            decode(bytes, &self.options)
        } else {
            decode_later(bytes, self.known, self.options.from.is_some())
        };
        match decoded {
            Ok(decoded) => {
                self.known = decoded.expected_next().or(self.known);
                Some(Ok(Block { decoded, offset }))
            }
            Err(error) => Some(Err(error.moved(offset))),
        }
    }

    /// Drops the bytes of the block that was given out last.
    fn forget(&mut self) {
        self.buffer.drain(..self.given);
        self.offset += self.given as u64;
        self.given = 0;
    }
}

/// The encoding of the first block, as far as it shows without decoding.
fn guess(bytes: &[u8], options: &Options) -> Option<Charset> {
    let marked = bom::of(bytes).map(|(charset, _)| charset);
    let stated = options.from.and_then(Charset::from_label);
    let wide = || memchr::memchr(0, bytes).and_then(|_| detect::wide(bytes));
    marked.or(stated).or_else(|| wide().map(|wide| wide.charset))
}

/// The length of the first block of `bytes`, about `size`.
fn cut(bytes: &[u8], size: usize, charset: Charset) -> usize {
    let head = &bytes[..bytes.len().min(size)];
    line_end(head, charset)
        .or_else(|| character_end(bytes, head.len(), charset))
        .unwrap_or(head.len())
}

/// The end of the last whole line of `bytes`.
fn line_end(bytes: &[u8], charset: Charset) -> Option<usize> {
    let unit = charset.unit();
    if unit == 1 {
        return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    }
    let little = matches!(charset, Charset::Utf16Le | Charset::Utf32Le);
    let is_line_feed = |code: &[u8]| {
        let value = if little { code[0] } else { code[unit - 1] };
        value == b'\n' && code.iter().map(|byte| u32::from(*byte)).sum::<u32>() == u32::from(b'\n')
    };
    let index = bytes.chunks_exact(unit).rposition(is_line_feed)?;
    Some((index + 1) * unit)
}

/// The end of the last whole character before `limit`, in a line that is longer.
fn character_end(bytes: &[u8], limit: usize, charset: Charset) -> Option<usize> {
    // no byte below 30 is part of a longer character, in any encoding that extends ASCII
    let is_alone = |byte: &u8| *byte < 0x30 && *byte != b'\r';
    if charset.extends_ascii()
        && let Some(at) = bytes[..limit].iter().rposition(is_alone)
    {
        return Some(at + 1);
    }
    let mut at = 0;
    loop {
        let next = at + charset.unit_len(&bytes[at..]);
        if next > limit {
            return (at > 0).then_some(at);
        }
        at = next;
    }
}
