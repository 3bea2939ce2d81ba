//! Files of any size in constant memory: blocks cut at line ends.

use std::collections::VecDeque;

use super::charset::Charset;
use super::{
    DecodeError, Decoded, Options, bom, decode, decode_later, detect, read_shifted, shifted, utf8,
};

/// How many bytes are decoded at once: enough to tell any encoding, and for a repair to find its
/// evidence in.
const BLOCK: usize = 1 << 20;

/// Turns bytes that arrive in chunks into blocks of text.
///
/// A block ends at a line end, so that no character, no `\r\n` and no damaged span is cut in two;
/// in a line longer than a block, behind a character. (In the seven-bit encodings, HZ and ISO-2022,
/// only where ASCII is on, for elsewhere a byte means nothing without those before it.)
/// The first block tells the encoding, and the later ones are read in it unless they say otherwise.
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

    /// A stream of blocks of about `size` bytes: half as much more at most, and half as much at
    /// least, so that the last one has evidence of its own. What is held is one block and the
    /// bytes that were pushed last.
    pub fn with_block_size(options: &Options, size: usize) -> Stream {
        Stream {
            options: options.clone(),
            size: size.max(2),
            buffer: VecDeque::new(),
            given: 0,
            offset: 0,
            ended: false,
            started: false,
            known: None,
        }
    }

    /// The largest file that is one block.
    pub fn most(&self) -> usize {
        self.size + self.size / 2
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
    /// Where the block is no text, with offsets in bytes of the file. The block is skipped then;
    /// [`Stream::bytes`] are what it holds.
    pub fn next_block(&mut self) -> Option<Result<Block<'_>, DecodeError>> {
        self.next_block_to(str::len)
    }

    /// The next block as [`Stream::next_block`] has it, but of a block that does not end the file,
    /// only as much as `shorten` says of its text, in bytes; the rest comes with the next one. Zero
    /// stands for all of it.
    ///
    /// # Errors
    /// As those of [`Stream::next_block`].
    pub fn next_block_to(
        &mut self,
        shorten: impl FnOnce(&str) -> usize,
    ) -> Option<Result<Block<'_>, DecodeError>> {
        self.forget();
        let most = self.most();
        let is_last = self.ended && self.buffer.len() <= most;
        // an empty file has one block, too
        let enough = is_last || self.buffer.len() > most;
        if !enough || self.buffer.is_empty() && self.started {
            return None;
        }
        let bytes = self.buffer.make_contiguous();
        if !self.started {
            self.known = guess(bytes, self.ended, &self.options);
        }
        let (first, offset) = (!std::mem::replace(&mut self.started, true), self.offset);
        let end = if is_last { Ok(bytes.len()) } else { cut(bytes, self.size, self.known) };
        let len = match end {
            Ok(len) => len,
            Err(error) => {
                self.given = self.size;
                return Some(Err(error.moved(offset)));
            }
        };
        let (known, options) = (self.known, &self.options);
        let read = |bytes| match first {
            true => decode(bytes, options),
            false => decode_later(bytes, known, options.from.is_some()),
        };
        let mut decoded = read(&bytes[..len]);
        self.given = len;
        if let Ok(block) = &decoded
            && !is_last
            && !matches!(known, Some(Charset::Shifted(_)))
            && let Some(len) = shortened(block, shorten)
        {
            decoded = read(&bytes[..len]);
            self.given = len;
        }
        match decoded {
            Ok(decoded) => {
                self.known = decoded.expected_next().or(self.known);
                Some(Ok(Block { decoded, offset }))
            }
            Err(error) => Some(Err(error.moved(offset))),
        }
    }

    /// The bytes of the block that was given out, or skipped, last.
    pub fn bytes(&self) -> &[u8] {
        let (front, _) = self.buffer.as_slices();
        &front[..self.given]
    }

    /// Takes out all bytes that were pushed and are in no block yet.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.buffer.drain(self.given..).collect()
    }

    /// Drops the bytes of the block that was given out last.
    fn forget(&mut self) {
        self.buffer.drain(..self.given);
        self.offset += self.given as u64;
        self.given = 0;
    }
}

/// The length in bytes of the part of a block that `end` chooses, where that is not all of it.
fn shortened(block: &Decoded<'_>, end: impl FnOnce(&str) -> usize) -> Option<usize> {
    let end = end(&block.text);
    (end > 0 && end < block.text.len()).then(|| block.byte_offset(end))
}

/// The encoding of the first block, as far as it shows without decoding; `whole` says that the
/// file ends with it.
fn guess(bytes: &[u8], whole: bool, options: &Options) -> Option<Charset> {
    // the length of UTF-32 tells it from UTF-16, and that of a part says nothing
    let units = if whole { bytes.len() } else { bytes.len() / 4 * 4 };
    let marked = bom::of(&bytes[..units]).map(|(charset, _)| charset);
    let stated = options.from.and_then(Charset::from_label);
    let wide = || memchr::memchr(0, bytes).and_then(|_| detect::wide(bytes));
    let shifted = || read_shifted(bytes).map(|(charset, _)| charset);
    marked.or(stated).or_else(|| wide().map(|wide| wide.charset)).or_else(shifted)
}

/// The length of the first block of `bytes`, which are more than `size`: from half of it up to all
/// of it, or any in text that switches character sets.
///
/// # Errors
/// Where such text can be cut nowhere.
fn cut(bytes: &[u8], size: usize, known: Option<Charset>) -> Result<usize, DecodeError> {
    if let Some(charset @ Charset::Shifted(shifted)) = known {
        return line_end(&bytes[..size], charset)
            .or_else(|| shifted::last_fresh_start(shifted, bytes, size))
            .ok_or(DecodeError::Endless { encoding: charset.name(), offset: 0 });
    }
    let charset = known.unwrap_or(Charset::Utf8);
    // by whole characters of any encoding
    let half = size / 8 * 4;
    let end = line_end(&bytes[half..size], charset).map(|end| half + end).or_else(|| {
        // only a line that is longer than a block needs to know where its characters end
        let charset = known.unwrap_or_else(|| charset_of_line(&bytes[..size]));
        character_end(bytes, size, charset)
    });
    Ok(end.unwrap_or(size))
}

/// The encoding of the start of a long line.
fn charset_of_line(bytes: &[u8]) -> Charset {
    // a character may go on behind the end
    if utf8::is_valid_up_to_cut(bytes) {
        Charset::Utf8
    } else {
        detect::race(bytes, None, None).charset
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 4096;

    /// The text of a stream, and the most bytes that it held at once.
    fn text_and_most_held(bytes: &[u8], options: &Options) -> Result<(String, usize), DecodeError> {
        let mut stream = Stream::with_block_size(options, SIZE);
        let (mut text, mut most) = (String::new(), 0);
        for chunk in bytes.chunks(SIZE).chain([b"".as_slice()]) {
            stream.push(chunk);
            if chunk.is_empty() {
                stream.end();
            }
            most = most.max(stream.buffer.len());
            while let Some(block) = stream.next_block() {
                text.push_str(&block?.decoded.text);
            }
        }
        Ok((text, most))
    }

    #[test]
    fn a_long_line_of_ascii_with_tildes_is_held_in_part() {
        let json = [r#"{"format":"~{~a~}","#, &r#""key":"value","#.repeat(1 << 16)].concat();
        for from in [None, Some("hz")] {
            // in HZ, ~{ and ~} are there to switch
            let line = if from.is_some() { json.replace('~', "") } else { json.clone() };
            let options = Options { from };
            let (text, most) = text_and_most_held(line.as_bytes(), &options).expect("is text");
            assert!(text == line, "{from:?}");
            assert!(most <= 3 * SIZE, "{most}");
        }
    }

    #[test]
    fn a_long_line_that_switches_is_cut_where_ascii_is_on() {
        let hz = b"~{NRCG6<JGVP9zHK~}, ".repeat(1 << 14);
        let (text, most) = text_and_most_held(&hz, &Options::default()).expect("is HZ");
        assert!(text == "我们都是中国人, ".repeat(1 << 14));
        assert!(most <= 3 * SIZE, "{most}");
    }

    #[test]
    fn a_long_line_that_never_switches_back_is_refused() {
        let hz = [b"~{".as_slice(), &b"NRCG6<JGVP9zHK".repeat(1 << 14), b"~}"].concat();
        let options = Options { from: Some("hz") };
        let error = text_and_most_held(&hz, &options).expect_err("cannot be cut");
        assert_eq!(error, DecodeError::Endless { encoding: "hz", offset: 0 });
    }
}
