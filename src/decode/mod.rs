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
//! once, Big5 is cp950, and with HKSCS where a file uses it, Shift_JIS is cp932, EUC-KR is cp949,
//! ISO-8859-1 is windows-1252; but who asks for text in `gb2312` or `iso-8859-1` gets the standard
//! of that name ([`Decoded::encode_to`]). Johab and EUC-TW, which WHATWG lacks, are made of its
//! EUC-KR and Big5. Where tables of others differ (the 2005 and 2022 editions of GB18030 on two
//! dozen characters), the text shows what the WHATWG table says, and bytes that are not edited
//! stay what they were.

mod binary;
mod bom;
mod charset;
mod declared;
mod decoded;
mod derived;
mod detect;
mod encode;
mod error;
mod label;
mod malformed;
mod map;
mod mixed;
mod reading;
mod repertoire;
mod sample;
mod shifted;
mod splice;
mod stream;
mod utf8;

use self::charset::Charset;
use self::decoded::Detection;
pub use self::decoded::{Decoded, Evidence, Segment};
use self::detect::Candidate;
pub use self::error::{DecodeError, EncodeError};
use self::label::Label;
pub use self::malformed::Malformed;
use self::reading::Reading;
use self::repertoire::Target;
use self::shifted::Shifted;
pub use self::splice::{Splice, splice};
pub use self::stream::{Block, Stream};
use crate::edit::Bits;
use crate::model;

/// How bytes are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding, by a label that [`encoding_name`] knows, where it is known; detected
    /// otherwise.
    pub from: Option<&'static str>,
}

/// The name of the encoding that goes by `label`, in any letter case and most spellings known to
/// the web, Python or iconv.
///
/// `utf-16` and `utf-32` are names of their own: they go by the byte order mark.
///
/// ```
/// assert_eq!(hanfix::decode::encoding_name("CP936"), Some("gbk"));
/// assert_eq!(hanfix::decode::encoding_name("klingon"), None);
/// ```
pub fn encoding_name(label: &str) -> Option<&'static str> {
    Label::new(label).marked().or_else(|| Charset::from_label(label).map(Charset::name))
}

/// Whether every character of the encoding that goes by `label` has several bytes: a line of
/// UTF-16 does not end at the `0A` of `0A 00`, and 上 (`0A 4E`) is no line end.
#[cfg(feature = "cli")]
pub(crate) fn is_wide(label: &str) -> bool {
    Charset::from_label(label).is_some_and(|charset| charset.unit() > 1)
}

/// The name of what is written under `label` by [`Decoded::encode_to`].
///
/// # Errors
/// Where it is no encoding, or one that is only read.
///
/// ```
/// use hanfix::decode::written_name;
///
/// assert_eq!(written_name("latin-1").as_deref(), Ok("iso-8859-1"));
/// assert!(written_name("cesu-8").is_err());
/// ```
pub fn written_name(label: &str) -> Result<&'static str, EncodeError> {
    Target::from_label(label).map(Target::name)
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
    if let Some(text) = utf8::valid(bytes) {
        return decode_utf8(bytes, text);
    }
    match memchr::memchr(0, bytes) {
        Some(offset) => decode_wide(bytes, offset),
        None => decode_legacy(bytes, None),
    }
}

/// Reads a later part of a file whose earlier parts are in `known`, unless they are all ASCII.
fn decode_later(
    bytes: &[u8],
    known: Option<Charset>,
    stated: bool,
) -> Result<Decoded<'_>, DecodeError> {
    decode_on(bytes, known, stated).map(Decoded::continued)
}

fn decode_on(
    bytes: &[u8],
    known: Option<Charset>,
    stated: bool,
) -> Result<Decoded<'_>, DecodeError> {
    if let Some(charset) = known.filter(|charset| stated || !charset.extends_ascii()) {
        let evidence = if stated { Evidence::Stated } else { Evidence::Continued };
        let reading = reading::read(charset, bytes, 0);
        return match reading.malformed.first().filter(|_| stated) {
            Some(bad) => {
                Err(DecodeError::Contradicted { encoding: charset.name(), offset: bad.bytes.start })
            }
            None => Ok(Decoded::new(bytes, reading, Detection::certain(charset, evidence), false)),
        };
    }
    if known.is_none()
        && let Some(decoded) = decode_shifted(bytes)
    {
        return Ok(decoded);
    }
    let charset = known.unwrap_or(Charset::Utf8);
    if charset == Charset::Utf8 && utf8::valid(bytes).is_some() || bytes.is_ascii() {
        let reading = reading::read(charset, bytes, 0);
        let detection = Detection::certain(charset, Evidence::Continued);
        return Ok(Decoded::new(bytes, reading, detection, false));
    }
    // as in a file that is read whole, where only the head of valid UTF-8 is looked at for one
    match memchr::memchr(0, bytes) {
        Some(offset) => Err(DecodeError::Binary { what: "NUL byte", offset }),
        None => decode_legacy(bytes, known),
    }
}

fn decode_stated<'a>(bytes: &'a [u8], label: &str) -> Result<Decoded<'a>, DecodeError> {
    let stated =
        Charset::from_label(label).ok_or_else(|| DecodeError::Label { label: label.to_owned() })?;
    let (charset, len) = match bom::of(bytes) {
        // a label without byte order goes by the mark
        Some((marked, len)) if marked == stated || Label::new(label).marked().is_some() => {
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
    let detection = Detection::certain(charset, Evidence::Stated);
    Ok(Decoded::new(bytes, reading, detection, len > 0))
}

fn decode_marked(bytes: &[u8], charset: Charset, len: usize) -> Result<Decoded<'_>, DecodeError> {
    let reading = reading::read(charset, bytes, len);
    // no text that was marked, but bytes that look so
    if let Some(offset) = reading.first_of_many_malformed(charset, bytes) {
        return Err(DecodeError::Mismarked { encoding: charset.name(), offset });
    }
    let decoded = Decoded::new(bytes, reading, Detection::certain(charset, Evidence::Bom), true);
    Ok(decoded.claimed(declared::find(bytes)))
}

/// How far into valid UTF-8 is looked for what it could be besides: looking through all of it
/// would take as long as validating it, and what is no UTF-8 shows early.
const HEAD: usize = 256 << 10;

fn decode_utf8<'a>(bytes: &'a [u8], text: &'a str) -> Result<Decoded<'a>, DecodeError> {
    let head = &bytes[..bytes.len().min(HEAD)];
    if memchr::memchr3(0, Shifted::ESC, b'~', head).is_some() {
        if let Some(offset) = memchr::memchr(0, head) {
            return decode_wide(bytes, offset);
        }
        if let Some(decoded) = decode_shifted(bytes) {
            return Ok(decoded);
        }
    }
    if let Some(decoded) = decode_disguised(bytes) {
        return Ok(decoded);
    }
    let reading = Reading::same(text, 0);
    let detection = Detection::certain(Charset::Utf8, Evidence::ValidUtf8);
    Ok(Decoded::new(bytes, reading, detection, false).claimed(declared::find(bytes)))
}

/// How much likelier the text must be than the ASCII that it is written in. Lisp's `~{~a~}` is
/// not HZ.
const SHIFTED_GAIN: Bits = Bits::whole(8);

fn decode_shifted(bytes: &[u8]) -> Option<Decoded<'_>> {
    let (charset, reading) = read_shifted(bytes)?;
    Some(Decoded::new(bytes, reading, Detection::certain(charset, Evidence::Escapes), false))
}

/// Reads ASCII that switches character sets, where what it says then is the likelier text.
fn read_shifted(bytes: &[u8]) -> Option<(Charset, Reading<'_>)> {
    if !bytes.is_ascii() {
        return None;
    }
    let charset = Charset::Shifted(Shifted::suspected(bytes)?);
    let reading = reading::read(charset, bytes, 0);
    let ascii = model::steps_after('\n', std::str::from_utf8(bytes).ok()?);
    let text = model::steps_after('\n', &reading.text);
    let likelier = reading.malformed.is_empty() && text + i64::from(SHIFTED_GAIN.0) <= ascii;
    likelier.then_some((charset, reading))
}

/// How far into valid UTF-8 control characters are looked for.
const DISGUISE: usize = 512;

/// Reads UTF-16 that happens to be valid UTF-8: `年` is `t^`, but `的` is `84 76` and `一` holds a
/// NUL, so that it is short, and its ASCII full of control characters.
fn decode_disguised(bytes: &[u8]) -> Option<Decoded<'_>> {
    let head = &bytes[..bytes.len().min(DISGUISE)];
    if !binary::is_doubtful(head) {
        return None;
    }
    let candidate = detect::wide(bytes)?;
    let plain = detect::cost_as_utf8(bytes, candidate.charset);
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
    let detection = Detection::certain(candidate.charset, Evidence::Unmarked);
    Decoded::new(bytes, reading, detection, false)
}

/// Reads bytes that are not all valid UTF-8; what came before them was in `known`.
fn decode_legacy(bytes: &[u8], known: Option<Charset>) -> Result<Decoded<'_>, DecodeError> {
    let claim = declared::find(bytes);
    let verdict = detect::race(bytes, known, claim.as_ref().map(|claim| claim.charset));
    // the bytes of UTF-16 are any
    if verdict.charset.unit() == 1
        && let Some(offset) = binary::control(bytes)
    {
        return Err(DecodeError::Binary { what: "control character", offset });
    }
    let mut charset = extended(verdict.charset, bytes);
    let mut whole = reading::whole(charset, bytes, 0);
    if let (Some(found), Some(claim)) = (&whole, &claim)
        && claim.charset != charset
        && let Some(claimed) = read_alike(charset, found, claim.charset, bytes)
    {
        (charset, whole) = (claim.charset, Some(claimed));
    }
    // what fits one encoding is no mixture that fits none
    let explains = |mixture: &Reading| whole.is_none() || mixture.malformed.is_empty();
    if let Some(mixture) = mixed::read(bytes, verdict.charset, whole.is_some()).filter(explains) {
        return Ok(decode_mixture(bytes, mixture).claimed(claim));
    }
    let reading = whole.unwrap_or_else(|| reading::piecewise(charset, bytes, 0));
    if let Some(offset) = reading.first_of_many_malformed(charset, bytes) {
        return Err(DecodeError::Unknown { offset });
    }
    Ok(Decoded::new(bytes, reading, Detection::of_race(charset, &verdict), false).claimed(claim))
}

/// The reading of `bytes` in the single-byte encoding that a file says it is in, where that is the
/// text which was `found` in another: ISO-8859-7 and windows-1253 have most letters in common.
fn read_alike<'a>(
    charset: Charset,
    found: &Reading<'_>,
    claimed: Charset,
    bytes: &'a [u8],
) -> Option<Reading<'a>> {
    let are_single = matches!((charset, claimed), (Charset::Single(_), Charset::Single(_)));
    let reading = are_single.then(|| reading::whole(claimed, bytes, 0)).flatten()?;
    (reading.text == found.text).then_some(reading)
}

/// The text of a file in several encodings, under the name of the one with the most bytes.
fn decode_mixture<'a>(bytes: &'a [u8], reading: Reading<'a>) -> Decoded<'a> {
    let detection = Detection::certain(Charset::Utf8, Evidence::Mixed);
    let mut decoded = Decoded::new(bytes, reading, detection, false);
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
    const STRETCH: usize = 1024;
    let digit = |byte: u8| u8::from(byte.wrapping_sub(b'0') < 10);
    (0..bytes.len()).step_by(STRETCH).any(|start| {
        // codes that reach into the next stretch are seen here
        let stretch = &bytes[start..bytes.len().min(start + STRETCH + 3)];
        let mut half = [0; STRETCH + 3];
        // without branches, so that it is done many bytes at a time
        for ((half, lead), second) in half.iter_mut().zip(stretch).zip(&stretch[1..]) {
            *half = u8::from(*lead >= 0x81) & digit(*second);
        }
        half.iter().zip(&half[2..]).fold(0, |any, (first, second)| any | first & second) != 0
    })
}
