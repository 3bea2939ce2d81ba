//! Bytes as one encoding reads them, ill-formed ones and all.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{DecoderResult, Encoding};

use super::Malformed;
use super::charset::Charset;
use super::derived;
use super::map::{Form, Map, Piece};
use super::shifted::{self, Mode};
use super::utf8;

/// A text and the way back to its bytes.
#[derive(Clone, Debug)]
pub(super) struct Reading<'a> {
    pub text: Cow<'a, str>,
    pub map: Map,
    pub malformed: Vec<Malformed>,
}

impl<'a> Reading<'a> {
    /// UTF-8 that starts at offset `from`.
    pub fn same(text: &'a str, from: usize) -> Reading<'a> {
        let map = Map::one(Charset::Utf8, Form::Same, from);
        Reading { text: Cow::Borrowed(text), map, malformed: Vec::new() }
    }
}

/// Reads `bytes` from offset `from` on; never fails, but ill-formed bytes become U+FFFD.
pub(super) fn read(charset: Charset, bytes: &[u8], from: usize) -> Reading<'_> {
    match charset {
        Charset::Utf8 => utf8::read(bytes, from),
        Charset::Utf32Le => read_utf32(charset, bytes, from, u32::from_le_bytes),
        Charset::Utf32Be => read_utf32(charset, bytes, from, u32::from_be_bytes),
        Charset::Derived(derived) => derived::read(derived, bytes, from),
        Charset::Shifted(shifted) => shifted::read(shifted, bytes, from),
        _ => match charset.table() {
            Some(encoding) => read_table(charset, encoding, bytes, from),
            None => Builder::new(charset, 0).finish(from),
        },
    }
}

/// Bytes of text that are decoded at once where a file is read stretch by stretch.
const DECODED: usize = 1024;

/// A reading in the making.
#[derive(Debug)]
pub(super) struct Builder {
    pub text: String,
    charset: Charset,
    map: Map,
    malformed: Vec<Malformed>,
}

impl Builder {
    pub fn new(charset: Charset, capacity: usize) -> Builder {
        let map = Map { pieces: Vec::new() };
        Builder { text: String::with_capacity(capacity), charset, map, malformed: Vec::new() }
    }

    /// Says that the text from here on comes from offset `bytes` on, in `form`.
    pub fn piece(&mut self, bytes: usize, form: Form) {
        self.map.push(Piece { text: self.text.len(), bytes, charset: self.charset, form });
    }

    /// Changes the encoding of what follows.
    pub fn set_charset(&mut self, charset: Charset) {
        self.charset = charset;
    }

    /// Puts U+FFFD for ill-formed bytes.
    pub fn malformed(&mut self, bytes: Range<usize>) {
        self.malformed_in(Mode::Ascii, bytes);
    }

    /// Puts U+FFFD for bytes that are ill-formed in `mode`.
    pub fn malformed_in(&mut self, mode: Mode, bytes: Range<usize>) {
        self.piece(bytes.start, Form::Whole(mode));
        self.malformed.push(Malformed { text: self.text.len(), bytes });
        self.text.push(char::REPLACEMENT_CHARACTER);
    }

    pub fn finish<'a>(mut self, end: usize) -> Reading<'a> {
        if self.map.pieces.is_empty() {
            self.piece(end, Form::Units);
        }
        Reading { text: Cow::Owned(self.text), map: self.map, malformed: self.malformed }
    }

    /// Reads `bytes[range]` with `encoding`.
    pub fn read_table(&mut self, encoding: &'static Encoding, bytes: &[u8], range: Range<usize>) {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        // not straight into the text: for that, all of its spare room would be filled with zeros,
        // for each stretch of a file in two encodings anew
        let mut decoded = [0; DECODED];
        let mut at = range.start;
        self.piece(at, Form::Units);
        loop {
            let source = &bytes[at..range.end];
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(source, &mut decoded, true);
            // a decoder writes nothing else
            self.text.push_str(utf8::valid(&decoded[..written]).unwrap_or_default());
            at += read;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(len, behind) => {
                    let end = at - usize::from(behind);
                    self.malformed(end - usize::from(len)..end);
                    self.piece(end, Form::Units);
                }
            }
        }
    }
}

fn read_table<'a>(
    charset: Charset,
    encoding: &'static Encoding,
    bytes: &'a [u8],
    from: usize,
) -> Reading<'a> {
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes[from..]) {
        Some(text) => {
            Reading { text, map: Map::one(charset, Form::Units, from), malformed: Vec::new() }
        }
        None => {
            let mut builder = Builder::new(charset, bytes.len());
            builder.read_table(encoding, bytes, from..bytes.len());
            builder.finish(bytes.len())
        }
    }
}

fn read_utf32<'a>(
    charset: Charset,
    bytes: &'a [u8],
    from: usize,
    code_point: fn([u8; 4]) -> u32,
) -> Reading<'a> {
    let mut builder = Builder::new(charset, bytes.len());
    let mut at = from;
    for unit in bytes[from..].chunks(4) {
        let end = at + unit.len();
        let character =
            <[u8; 4]>::try_from(unit).ok().and_then(|unit| char::from_u32(code_point(unit)));
        match character {
            Some(character) => {
                builder.piece(at, Form::Units);
                builder.text.push(character);
            }
            None => builder.malformed(at..end),
        }
        at = end;
    }
    builder.finish(bytes.len())
}
