//! Bytes to text, keeping what is needed to write unchanged bytes back.
//!
//! ```text
//! bytes ─▶ byte order mark? ─▶ magic number? ─▶ valid UTF-8? ─▶ candidates read, model decides ─▶ text + map
//! ```
//!
//! What is valid UTF-8 is UTF-8, and borrowed. All else is read by every decoder that could be
//! meant, and the likeliest text wins.
//!
//! Tables are those of `encoding_rs`, that is of the WHATWG standard: GBK is cp936 and GB18030 at
//! once, Big5 is cp950, and with HKSCS where a file uses it, Shift_JIS is cp932, EUC-KR is cp949, ISO-8859-1 is
//! windows-1252. Where tables of others differ (the 2005 and 2022 editions of GB18030 on two dozen
//! characters), the text shows what the WHATWG table says, and bytes that are not edited stay
//! what they were.

mod binary;
mod bom;
mod charset;
mod declared;
mod detect;
mod encode;
mod map;
mod mixed;
mod reading;
mod shifted;
mod utf8;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use self::charset::Charset;
use self::detect::Candidate;
use self::map::{Cursor, Form, Map, Place};
use self::reading::Reading;
use self::shifted::Shifted;
use crate::edit::{self, Bits, Edit};
use crate::model;

/// How bytes are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding, by a label that [`encoding_name`] knows, where it is known; detected
    /// otherwise.
    pub from: Option<&'static str>,
}

/// The text of some bytes, and the way back.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// The name of the encoding that was found; of the most frequent one where there are several.
    pub encoding: &'static str,
    /// Whether the bytes start with a byte order mark.
    pub bom: bool,
    /// How sure the encoding is, 0 to 1.
    pub confidence: f32,
    /// What the encoding was told by, strongest first.
    pub evidence: Vec<Evidence>,
    /// Ill-formed bytes, in order; each is one U+FFFD of the text.
    pub malformed: Vec<Malformed>,
    bytes: &'a [u8],
    map: Map,
}

/// Bytes that are ill-formed in the encoding of the file. They are written back as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where they are in the file.
    pub bytes: Range<usize>,
    /// Byte offset of their U+FFFD in the text.
    pub text: usize,
}

/// A stretch of a file in one encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it is in the text.
    pub text: Range<usize>,
    /// Where it is in the file.
    pub bytes: Range<usize>,
    /// The name of its encoding.
    pub encoding: &'static str,
}

/// Something that an encoding was told by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The caller said so.
    Stated,
    /// A byte order mark.
    Bom,
    /// All bytes are ASCII.
    Ascii,
    /// All bytes are well-formed UTF-8.
    ValidUtf8,
    /// Lines or runs of lines read well in different encodings; see [`Decoded::segments`].
    Mixed,
    /// Escape sequences.
    Escapes,
    /// The bytes are text in UTF-16 or UTF-32 and noise otherwise.
    Unmarked,
    /// The file says so.
    Declared {
        /// Where it says so, such as `XML declaration`.
        by: &'static str,
    },
    /// The text is likelier than in any other encoding.
    Likelier {
        /// How much likelier than the second best.
        bits: Bits,
        /// The name of the second best encoding.
        than: &'static str,
    },
}

/// Bytes that cannot be read as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are no text in any known encoding.
    #[error("not text in any known encoding: first undecodable byte at offset {offset}")]
    Unknown {
        /// Byte offset of the first byte that no decoder takes.
        offset: usize,
    },
    /// The bytes are no text at all.
    #[error("binary: {what} at offset {offset}")]
    Binary {
        /// What told it, such as `NUL byte` or `PNG image`.
        what: &'static str,
        /// Byte offset of what told it.
        offset: usize,
    },
    /// The bytes are not in the encoding that was stated.
    #[error("not {encoding}: ill-formed byte at offset {offset}")]
    Contradicted {
        /// The name of the encoding that was stated.
        encoding: &'static str,
        /// Byte offset of the first ill-formed byte.
        offset: usize,
    },
    /// The encoding that was stated is not known.
    #[error("unknown encoding `{label}`")]
    Label {
        /// The label as it was stated.
        label: String,
    },
}

impl DecodeError {
    /// Byte offset in the input of what stands in the way, where it is a place.
    pub fn offset(&self) -> Option<usize> {
        match *self {
            DecodeError::Unknown { offset }
            | DecodeError::Binary { offset, .. }
            | DecodeError::Contradicted { offset, .. } => Some(offset),
            DecodeError::Label { .. } => None,
        }
    }
}

/// Why text cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A character that the encoding cannot hold.
    #[error("U+{:04X} `{character}` at offset {offset} cannot be written as {encoding}", u32::from(*character))]
    Unmappable {
        /// The character.
        character: char,
        /// Byte offset in the file of the character, or of the edit that puts it in.
        offset: usize,
        /// The name of the encoding.
        encoding: &'static str,
    },
    /// The encoding that was asked for is not known.
    #[error("unknown encoding `{label}`")]
    Label {
        /// The label as it was asked for.
        label: String,
    },
}

/// The name of the encoding that goes by `label`, in any letter case and spelling known to the
/// web, Python or iconv.
///
/// ```
/// assert_eq!(hanfix::decode::encoding_name("CP936"), Some("gbk"));
/// assert_eq!(hanfix::decode::encoding_name("klingon"), None);
/// ```
pub fn encoding_name(label: &str) -> Option<&'static str> {
    Charset::from_label(label).map(Charset::name)
}

/// Reads bytes as text.
///
/// # Errors
/// Where the bytes are not text in any known encoding, or not in the stated one.
///
/// ```
/// use hanfix::decode::{Options, decode};
///
/// let decoded = decode(b"\xD3\xC3\xBB\xA7\xC3\xFB\xBB\xF2\xC3\xDC\xC2\xEB", &Options::default())?;
/// assert_eq!(decoded.text, "用户名或密码");
/// assert_eq!(decoded.encoding, "gbk");
/// # Ok::<(), hanfix::decode::DecodeError>(())
/// ```
pub fn decode<'a>(bytes: &'a [u8], options: &Options) -> Result<Decoded<'a>, DecodeError> {
    if let Some(label) = options.from {
        return decode_stated(bytes, label);
    }
    if let Some((charset, len)) = bom::of(bytes) {
        return decode_marked(bytes, charset, len);
    }
    if let Some(what) = binary::format(bytes) {
        return Err(DecodeError::Binary { what, offset: 0 });
    }
    match (utf8::valid(bytes), memchr::memchr(0, bytes)) {
        (_, Some(offset)) => decode_wide(bytes, offset),
        (Some(text), None) => Ok(decode_utf8(bytes, text)),
        (None, None) => decode_legacy(bytes),
    }
}

fn decode_stated<'a>(bytes: &'a [u8], label: &str) -> Result<Decoded<'a>, DecodeError> {
    let stated =
        Charset::from_label(label).ok_or_else(|| DecodeError::Label { label: label.to_owned() })?;
    let (charset, len) = match bom::of(bytes) {
        // a label without byte order goes by the mark
        Some((marked, len)) if marked == stated || label.eq_ignore_ascii_case("utf-16") => {
            (marked, len)
        }
        Some((marked, _)) if !marked.extends_ascii() || marked == Charset::Utf8 => {
            return Err(DecodeError::Contradicted { encoding: stated.name(), offset: 0 });
        }
        _ => (stated, 0),
    };
    let reading = reading::read(charset, bytes, len);
    if let Some(bad) = reading.malformed.first() {
        return Err(DecodeError::Contradicted {
            encoding: charset.name(),
            offset: bad.bytes.start,
        });
    }
    let verdict = Verdict::certain(charset, Evidence::Stated);
    Ok(Decoded::new(bytes, reading, verdict, len > 0))
}

fn decode_marked(bytes: &[u8], charset: Charset, len: usize) -> Result<Decoded<'_>, DecodeError> {
    let reading = reading::read(charset, bytes, len);
    // no text that was marked, but bytes that look so
    if reading.malformed.len() * MALFORMED_SHARE > reading.text.chars().count() {
        let offset = reading.malformed[0].bytes.start;
        return Err(DecodeError::Unknown { offset });
    }
    Ok(Decoded::new(bytes, reading, Verdict::certain(charset, Evidence::Bom), true))
}

fn decode_utf8<'a>(bytes: &'a [u8], text: &'a str) -> Decoded<'a> {
    let ascii = bytes.is_ascii();
    if ascii && let Some(decoded) = decode_shifted(bytes) {
        return decoded;
    }
    if let Some(decoded) = decode_disguised(bytes) {
        return decoded;
    }
    let evidence = if ascii { Evidence::Ascii } else { Evidence::ValidUtf8 };
    let map = Map::one(Charset::Utf8, Form::Same, 0);
    let reading = Reading { text: Cow::Borrowed(text), map, malformed: Vec::new() };
    Decoded::new(bytes, reading, Verdict::certain(Charset::Utf8, evidence), false)
}

/// How much likelier the text must be than the ASCII that it is written in. Lisp's `~{~a~}` is
/// not HZ.
const SHIFTED_GAIN: Bits = Bits::whole(8);

fn decode_shifted(bytes: &[u8]) -> Option<Decoded<'_>> {
    let charset = Charset::Shifted(Shifted::suspected(bytes)?);
    let reading = reading::read(charset, bytes, 0);
    let ascii = model::text_cost(std::str::from_utf8(bytes).ok()?);
    let text = model::text_cost(&reading.text);
    let likelier = reading.malformed.is_empty() && text.0 + SHIFTED_GAIN.0 <= ascii.0;
    likelier
        .then(|| Decoded::new(bytes, reading, Verdict::certain(charset, Evidence::Escapes), false))
}

/// How far into valid UTF-8 control characters are looked for.
const DISGUISE: usize = 512;

/// Reads UTF-16 that happens to be valid UTF-8: `年` is `t^`, but `的` is `84 76` and `一` holds a
/// NUL, so that it is short, and its ASCII full of control characters.
fn decode_disguised(bytes: &[u8]) -> Option<Decoded<'_>> {
    let head = &bytes[..bytes.len().min(DISGUISE)];
    binary::control(head)?;
    let candidate = detect::wide(bytes)?;
    let plain = model::text_cost(utf8::valid(bytes)?);
    (candidate.bits.0 + DISGUISED_GAIN.0 <= plain.0).then(|| decode_as(bytes, &candidate))
}

/// How much likelier than its bytes as ASCII UTF-16 must be.
const DISGUISED_GAIN: Bits = Bits::whole(20);

/// Reads bytes that hold a NUL at `offset`.
fn decode_wide(bytes: &[u8], offset: usize) -> Result<Decoded<'_>, DecodeError> {
    let candidate = detect::wide(bytes).ok_or(DecodeError::Binary { what: "NUL byte", offset })?;
    Ok(decode_as(bytes, &candidate))
}

fn decode_as<'a>(bytes: &'a [u8], candidate: &Candidate) -> Decoded<'a> {
    let reading = reading::read(candidate.charset, bytes, 0);
    let verdict = Verdict::certain(candidate.charset, Evidence::Unmarked);
    Decoded::new(bytes, reading, verdict, false)
}

/// One ill-formed sequence in this many characters is more than damage.
const MALFORMED_SHARE: usize = 4;

fn decode_legacy(bytes: &[u8]) -> Result<Decoded<'_>, DecodeError> {
    let ranking = detect::rank(bytes);
    let [best, second, ..] = ranking.candidates.as_slice() else { unreachable!("many candidates") };
    // the bytes of UTF-16 are any
    if best.charset.unit() == 1
        && let Some(offset) = binary::control(bytes)
    {
        return Err(DecodeError::Binary { what: "control character", offset });
    }
    let mut verdict = Verdict::likelier(best, second);
    if let Some((charset, by)) = ranking.declared
        && charset == best.charset
    {
        verdict.evidence.push(Evidence::Declared { by });
    }
    verdict.charset = extended(best.charset, bytes);
    let reading = reading::read(verdict.charset, bytes, 0);
    if let Some(mixture) = mixed::read(bytes, best.charset, &reading) {
        return Ok(mixture_of(bytes, mixture));
    }
    if best.malformed * MALFORMED_SHARE > best.characters {
        let offset = reading.malformed.first().map_or(0, |bad| bad.bytes.start);
        return Err(DecodeError::Unknown { offset });
    }
    Ok(Decoded::new(bytes, reading, verdict, false))
}

/// The text of a file in several encodings, under the name of the one with the most bytes.
fn mixture_of<'a>(bytes: &'a [u8], reading: Reading<'a>) -> Decoded<'a> {
    let verdict = Verdict::certain(Charset::Utf8, Evidence::Mixed);
    let mut decoded = Decoded::new(bytes, reading, verdict, false);
    let mut sizes: Vec<(usize, &'static str)> = Vec::new();
    for Segment { bytes, encoding, .. } in decoded.segments() {
        match sizes.iter_mut().find(|(_, name)| *name == encoding) {
            Some((size, _)) => *size += bytes.len(),
            None => sizes.push((bytes.len(), encoding)),
        }
    }
    if let Some((_, name)) = sizes.into_iter().max() {
        decoded.encoding = name;
    }
    decoded
}

/// The larger encoding where the bytes use what it adds: a file keeps to the repertoire that its
/// readers are known to have.
fn extended(charset: Charset, bytes: &[u8]) -> Charset {
    // second bytes of Big5 are never 80–A0, first bytes only with HKSCS
    let has_hong_kong_codes = || bytes.iter().any(|byte| matches!(byte, 0x81..=0xA0));
    match charset {
        Charset::Gbk if has_four_byte_codes(bytes) => Charset::Gb18030,
        Charset::Big5 if has_hong_kong_codes() => Charset::Big5Hkscs,
        _ => charset,
    }
}

/// Whether there are four-byte codes, which GB18030 has and GBK has not.
///
/// No two-byte text holds the pattern: behind a digit a code starts, and its second byte is no
/// digit.
fn has_four_byte_codes(bytes: &[u8]) -> bool {
    let lead = |byte: u8| u8::from(byte >= 0x81);
    let digit = |byte: u8| u8::from(byte.wrapping_sub(0x30) < 10);
    // without branches, so that it is done many bytes at a time
    bytes.windows(4).fold(0, |found, code| {
        found | lead(code[0]) & digit(code[1]) & lead(code[2]) & digit(code[3])
    }) != 0
}

/// An encoding and why.
struct Verdict {
    charset: Charset,
    confidence: f32,
    evidence: Vec<Evidence>,
}

impl Verdict {
    fn certain(charset: Charset, evidence: Evidence) -> Verdict {
        Verdict { charset, confidence: 1.0, evidence: vec![evidence] }
    }

    fn likelier(best: &Candidate, second: &Candidate) -> Verdict {
        let bits = Bits(second.bits.0 - best.bits.0);
        // the posterior, were there only these two
        let odds = (-f64::from(bits.0) / 256.0).exp2();
        let evidence = vec![Evidence::Likelier { bits, than: second.charset.name() }];
        Verdict { charset: best.charset, confidence: (1.0 / (1.0 + odds)) as f32, evidence }
    }
}

impl<'a> Decoded<'a> {
    fn new(bytes: &'a [u8], reading: Reading<'a>, verdict: Verdict, bom: bool) -> Decoded<'a> {
        let Reading { text, map, malformed } = reading;
        let Verdict { charset, confidence, evidence } = verdict;
        Decoded { text, encoding: charset.name(), bom, confidence, evidence, malformed, bytes, map }
    }

    /// The bytes with `edits` applied: the bytes between the edits are those that were read.
    ///
    /// `edits` are sorted and do not overlap. What they put in is written in the encoding that the
    /// file has in that place. A U+FFFD that an edit keeps stays the bytes that it stands for.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn encode(&self, edits: &[Edit]) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut cursor = Cursor::new(&self.text, self.bytes, &self.map);
        let mut copied = 0;
        for edit in edits {
            let before = &self.text[edit.range.clone()];
            let (range, after) = map::trim(edit.range.clone(), before, &edit.after);
            if range.is_empty() && after.is_empty() {
                continue;
            }
            let (start, end, new) = self.replacement(&mut cursor, range, after)?;
            out.extend_from_slice(&self.bytes[copied..start]);
            out.extend_from_slice(&new);
            copied = end;
        }
        out.extend_from_slice(&self.bytes[copied..]);
        Ok(out)
    }

    /// The bytes that `range` of the text takes, and those of `after` in their place.
    fn replacement(
        &self,
        cursor: &mut Cursor<'_>,
        range: Range<usize>,
        after: &str,
    ) -> Result<(usize, usize, Vec<u8>), EncodeError> {
        let start = if range.is_empty() {
            cursor.end_of(range.start)
        } else {
            cursor.start_of(range.start)
        };
        let (charset, from) = (cursor.charset(), cursor.mode());
        let end = cursor.end_of(range.end);
        let to = cursor.mode();
        // a unit of two characters of which only one is replaced
        let head = &self.text[start.text.min(range.start)..range.start];
        let tail = &self.text[range.end..end.text.max(range.end)];
        let text = [head, after, tail].concat();
        let kept = self.kept(&range, after);
        let mut out = Vec::with_capacity(text.len());
        let written = match charset {
            Charset::Shifted(shifted) => shifted.encode(&text, from, to, &mut out),
            _ => encode_keeping(charset, &text, kept, self.bytes, &mut out),
        };
        written.map_err(|(_, character)| EncodeError::Unmappable {
            character,
            offset: start.bytes,
            encoding: charset.name(),
        })?;
        Ok((start.bytes, end.bytes, out))
    }

    /// The ill-formed bytes in `range`, if `after` keeps all of them as U+FFFD.
    fn kept(&self, range: &Range<usize>, after: &str) -> &[Malformed] {
        let from = self.malformed.partition_point(|bad| bad.text < range.start);
        let to = self.malformed.partition_point(|bad| bad.text < range.end);
        let kept = after.matches(char::REPLACEMENT_CHARACTER).count();
        if kept == to - from { &self.malformed[from..to] } else { &[] }
    }

    /// The bytes of the text with `edits` applied in another encoding.
    ///
    /// A byte order mark is kept where the new encoding is a Unicode one; the labels `utf-16`,
    /// `utf-32` and `utf-8-sig` always write one.
    ///
    /// # Errors
    /// Where `label` is no encoding, or the encoding cannot hold a character.
    pub fn encode_to(&self, edits: &[Edit], label: &str) -> Result<Vec<u8>, EncodeError> {
        let charset = Charset::from_label(label)
            .ok_or_else(|| EncodeError::Label { label: label.to_owned() })?;
        let text = edit::apply(&self.text, edits);
        let marked =
            ["utf-16", "utf-32", "utf-8-sig"].iter().any(|with| with.eq_ignore_ascii_case(label));
        let mut out = Vec::with_capacity(text.len());
        if marked || self.bom && charset.is_unicode() {
            out.extend_from_slice(bom::mark(charset));
        }
        encode::encode(charset, &text, &mut out).map_err(|(offset, character)| {
            EncodeError::Unmappable {
                character,
                offset: self.byte_offset(unedited(offset, edits)),
                encoding: charset.name(),
            }
        })?;
        Ok(out)
    }

    /// The byte offset in the file of the character at `offset` of the text.
    ///
    /// Takes time in proportion to the text before it, but for UTF-8.
    pub fn byte_offset(&self, offset: usize) -> usize {
        let Place { bytes, .. } = Cursor::new(&self.text, self.bytes, &self.map).start_of(offset);
        bytes
    }

    /// The stretches of the file in one encoding each, in order; one but for mixed files.
    pub fn segments(&self) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        for piece in &self.map.pieces {
            let encoding = piece.charset.name();
            if let Some(last) = segments.last_mut() {
                last.text.end = piece.text;
                last.bytes.end = piece.bytes;
                if last.encoding == encoding {
                    continue;
                }
            }
            segments.push(Segment {
                text: piece.text..piece.text,
                bytes: piece.bytes..piece.bytes,
                encoding,
            });
        }
        if let Some(last) = segments.last_mut() {
            last.text.end = self.text.len();
            last.bytes.end = self.bytes.len();
        }
        segments
    }
}

/// Encodes `text`, whose U+FFFDs stand for the bytes in `kept`.
fn encode_keeping(
    charset: Charset,
    text: &str,
    kept: &[Malformed],
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), (usize, char)> {
    if kept.is_empty() {
        return encode::encode(charset, text, out);
    }
    let mut kept = kept.iter();
    for (index, part) in text.split(char::REPLACEMENT_CHARACTER).enumerate() {
        if index > 0
            && let Some(bad) = kept.next()
        {
            out.extend_from_slice(&bytes[bad.bytes.clone()]);
        }
        encode::encode(charset, part, out)?;
    }
    Ok(())
}

/// The offset in the unedited text of what is at `offset` behind the edits.
fn unedited(offset: usize, edits: &[Edit]) -> usize {
    let mut grown = 0isize;
    for edit in edits {
        let start = edit.range.start.saturating_add_signed(grown);
        if offset < start {
            break;
        }
        if offset < start + edit.after.len() {
            return edit.range.start;
        }
        grown += edit.after.len() as isize - edit.range.len() as isize;
    }
    offset.saturating_add_signed(-grown)
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::Stated => f.write_str("stated"),
            Evidence::Bom => f.write_str("byte order mark"),
            Evidence::Ascii => f.write_str("all ascii"),
            Evidence::ValidUtf8 => f.write_str("valid utf-8"),
            Evidence::Unmarked => f.write_str("text in units of several bytes"),
            Evidence::Mixed => f.write_str("several encodings"),
            Evidence::Escapes => f.write_str("escape sequences"),
            Evidence::Declared { by } => write!(f, "declared by {by}"),
            Evidence::Likelier { bits, than } => write!(f, "{bits} bits likelier than {than}"),
        }
    }
}
