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

    /// Offset of the first ill-formed bytes, where there are too many of them for the bytes that
    /// were read in `charset` to be text; a character that is cut off by their end is no more than
    /// that.
    pub fn first_of_many_malformed(&self, charset: Charset, bytes: &[u8]) -> Option<usize> {
        let first = self.malformed.first()?;
        let is_cut_off = self.malformed.last().is_some_and(|last| last.bytes.end == bytes.len());
        let count = self.malformed.len() - usize::from(is_cut_off);
        let sure = if charset == Charset::Utf8 { sure_utf8(&self.text) } else { 0 };
        let count = count.saturating_sub(sure);
        let too_many = count * MALFORMED_SHARE > self.text.chars().count();
        too_many.then_some(first.bytes.start)
    }
}

/// One ill-formed sequence in this many characters is more than damage.
const MALFORMED_SHARE: usize = 4;

/// How many characters of a text have a form in UTF-8 that other bytes hardly ever have: each
/// makes up for an ill-formed sequence.
///
/// Of random bytes beyond ASCII one in eight leads three bytes and one in two is a trail, so that
/// one in 32 starts such a character, and most of the others are ill-formed.
fn sure_utf8(text: &str) -> usize {
    text.chars().filter(|c| c.len_utf8() > 2 && *c != char::REPLACEMENT_CHARACTER).count()
}

/// Reads `bytes` from offset `from` on; never fails, but ill-formed bytes become U+FFFD.
pub(super) fn read(charset: Charset, bytes: &[u8], from: usize) -> Reading<'_> {
    whole(charset, bytes, from).unwrap_or_else(|| piecewise(charset, bytes, from))
}

/// Reads `bytes` from offset `from` on at once; none where some are ill-formed, or where the
/// encoding is not read so.
pub(super) fn whole(charset: Charset, bytes: &[u8], from: usize) -> Option<Reading<'_>> {
    if charset == Charset::Utf8 {
        return utf8::valid(&bytes[from..]).map(|text| Reading::same(text, from));
    }
    let encoding = charset.table()?;
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[from..])?;
    Some(Reading { text, map: Map::one(charset, Form::Units, from), malformed: Vec::new() })
}

/// Reads `bytes` from offset `from` on as [`read`] does, whatever they are.
pub(super) fn piecewise(charset: Charset, bytes: &[u8], from: usize) -> Reading<'_> {
    let mut builder = Builder::new(charset, bytes.len());
    match charset {
        Charset::Ascii => read_ascii(&mut builder, bytes, from),
        Charset::Utf8 => utf8::read_into(&mut builder, bytes, from, bytes.len()),
        Charset::Utf32Le => read_utf32(&mut builder, bytes, from, u32::from_le_bytes),
        Charset::Utf32Be => read_utf32(&mut builder, bytes, from, u32::from_be_bytes),
        Charset::Derived(derived) => derived::read(derived, &mut builder, bytes, from),
        Charset::Shifted(shifted) => shifted::read(shifted, &mut builder, bytes, from),
        _ => {
            if let Some(encoding) = charset.table() {
                builder.read_table(encoding, bytes, from..bytes.len());
            }
        }
    }
    builder.finish(bytes.len())
}

/// Offset of the first bytes that are ill-formed.
pub(super) fn first_malformed(charset: Charset, bytes: &[u8]) -> Option<usize> {
    let Some(encoding) = charset.table() else { return utf8::first_malformed(bytes) };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut decoded = [0; DECODED];
    let mut at = 0;
    loop {
        let (result, read, _) =
            decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut decoded, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return None,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(len, behind) => return Some(at - usize::from(len + behind)),
        }
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

fn read_ascii(builder: &mut Builder, bytes: &[u8], from: usize) {
    let mut at = from;
    for run in bytes[from..].chunk_by(|one, next| one.is_ascii() && next.is_ascii()) {
        match str::from_utf8(run) {
            Ok(text) => {
                builder.piece(at, Form::Same);
                builder.text.push_str(text);
            }
            Err(_) => builder.malformed(at..at + run.len()),
        }
        at += run.len();
    }
}

fn read_utf32(builder: &mut Builder, bytes: &[u8], from: usize, code_point: fn([u8; 4]) -> u32) {
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
}
