//! A text and the way back to its bytes.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::charset::Charset;
use super::declared::Claim;
use super::error::EncodeError;
use super::label::Label;
use super::malformed::Malformed;
use super::map::{Cursor, Map, Offsets, Piece};
use super::reading::Reading;
use super::repertoire::Target;
use super::splice::{Splice, splice};
use super::{bom, detect, encode};
use crate::edit::{self, Bits, Edit};

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
    /// Whether these are not the first bytes of their file.
    continues: bool,
    bytes: &'a [u8],
    map: Map,
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
    /// All bytes are well-formed UTF-8, which ASCII is a part of.
    ValidUtf8,
    /// What came before in the same stream.
    Continued,
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
    /// The file says that it is in an encoding that it is not in.
    Overruled {
        /// The encoding that it names, in lower case.
        label: String,
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

/// An encoding and why.
pub(super) struct Detection {
    charset: Charset,
    confidence: f32,
    evidence: Vec<Evidence>,
}

impl Detection {
    pub fn certain(charset: Charset, evidence: Evidence) -> Detection {
        Detection { charset, confidence: 1.0, evidence: vec![evidence] }
    }

    pub fn of_race(charset: Charset, race: &detect::Verdict) -> Detection {
        // the posterior, were there only the best two
        let evidence = vec![Evidence::Likelier { bits: race.lead, than: race.second.name() }];
        Detection {
            charset,
            confidence: (1.0 / (1.0 + Bits(-race.lead.0).odds())) as f32,
            evidence,
        }
    }
}

impl<'a> Decoded<'a> {
    pub(super) fn new(
        bytes: &'a [u8],
        reading: Reading<'a>,
        detection: Detection,
        bom: bool,
    ) -> Decoded<'a> {
        let Reading { text, map, malformed } = reading;
        let Detection { charset, confidence, evidence } = detection;
        Decoded {
            text,
            encoding: charset.name(),
            bom,
            confidence,
            evidence,
            malformed,
            continues: false,
            bytes,
            map,
        }
    }

    /// Characters that are not spelled as UTF-8 has them, by their bytes and their place in the text.
    pub(super) fn misspelled(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let pieces = &self.map.pieces;
        let ends = pieces.iter().skip(1).map(|next| (next.bytes, next.text));
        let ends = ends.chain([(self.bytes.len(), self.text.len())]);
        pieces.iter().zip(ends).filter_map(|(piece, (bytes, text))| {
            let spelled = &self.text[piece.text..text];
            let is_character = !spelled.is_empty() && spelled != "\u{FFFD}";
            (is_character && !piece.is_proper()).then_some((piece.bytes..bytes, piece.text..text))
        })
    }

    /// The name of the encoding at a byte of the file.
    pub(super) fn encoding_at(&self, offset: usize) -> &'static str {
        let pieces = &self.map.pieces;
        let piece = pieces.partition_point(|piece| piece.bytes <= offset).saturating_sub(1);
        pieces.get(piece).map_or(self.encoding, |piece| piece.charset.name())
    }

    /// The bytes that were read.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The text with what the file says of itself.
    pub(super) fn claimed(mut self, claim: Option<Claim>) -> Decoded<'a> {
        let Some(Claim { charset, label, by }) = claim else { return self };
        if self.map.pieces.iter().any(|piece| piece.charset.same_family(charset)) {
            self.evidence.push(Evidence::Declared { by });
        } else if !(charset.extends_ascii() && self.text.is_ascii()) {
            self.evidence.push(Evidence::Overruled { label, by });
        }
        self
    }

    /// The text as a later part of its file.
    pub(super) fn continued(self) -> Decoded<'a> {
        Decoded { continues: true, ..self }
    }

    /// The bytes with `edits` applied: the bytes between the edits are those that were read.
    ///
    /// `edits` are sorted and do not overlap. What they put in is written in the encoding that the
    /// file has in that place. A U+FFFD that an edit keeps stays the bytes that it stands for.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn encode(&self, edits: &[Edit]) -> Result<Vec<u8>, EncodeError> {
        Ok(splice(self.bytes, &self.splices(edits)?))
    }

    /// What [`Decoded::encode`] replaces in the bytes, sorted and apart from each other; as little
    /// as the encoding allows.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn splices(&self, edits: &[Edit]) -> Result<Vec<Splice>, EncodeError> {
        let mut splices: Vec<Splice> = Vec::new();
        let mut cursor = Cursor::new(&self.text, self.bytes, &self.map);
        for edit in edits {
            let before = &self.text[edit.range.clone()];
            let (range, after) = edit::differing(before, &edit.after);
            if !range.is_empty() || !after.is_empty() {
                let range = edit::shifted(&range, edit.range.start);
                let next = self.replacement(&mut cursor, range, &edit.after[after])?;
                match splices.last_mut() {
                    // a million of them where every character is converted
                    Some(last) if last.range.end == next.range.start => {
                        last.range.end = next.range.end;
                        last.after.extend(next.after);
                    }
                    _ => splices.push(next),
                }
            }
        }
        Ok(splices)
    }

    /// The bytes that `range` of the text takes, and those of `after` in their place.
    fn replacement(
        &self,
        cursor: &mut Cursor<'_>,
        range: Range<usize>,
        after: &str,
    ) -> Result<Splice, EncodeError> {
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
        Ok(Splice { range: start.bytes..end.bytes, after: out })
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
    /// `utf-32` and `utf-8-sig` always write one, but for later blocks of a [`super::Stream`].
    /// What is well-formed in the new encoding already is written as [`Decoded::encode`] does;
    /// a surrogate pair in UTF-8 (CESU-8) is not, and becomes the character it stands for.
    ///
    /// The labels `ascii`, `gb2312`, `hz` and `iso-8859-1`, `-9` and `-11` stand for these
    /// standards here, and not for what the web reads under their names (GBK, windows-1252 …).
    ///
    /// # Errors
    /// Where `label` is no encoding, or CESU-8, which is only read; where the encoding cannot hold a character, or ill-formed bytes
    /// are left, which stand for no character.
    pub fn encode_to(&self, edits: &[Edit], label: &str) -> Result<Vec<u8>, EncodeError> {
        let target = Target::from_label(label)?;
        if let Some(bad) = self.malformed.iter().find(|bad| !bad.is_repaired(edits)) {
            let encoding = target.name();
            return Err(EncodeError::Malformed { offset: bad.bytes.start, encoding });
        }
        let is_marked = Label::new(label).marked().is_some() && !self.continues;
        if (self.bom || !is_marked) && self.is_in(target) {
            return self.encode(edits);
        }
        let text = edit::apply(&self.text, edits);
        let mut out = Vec::with_capacity(text.len());
        if is_marked || self.bom && target.charset.is_unicode() {
            out.extend_from_slice(bom::mark(target.charset));
        }
        if !self.continues
            && let Charset::Shifted(shifted) = target.charset
        {
            out.extend_from_slice(shifted.header());
        }
        target.encode(&text, &mut out).map_err(|(offset, character)| EncodeError::Unmappable {
            character,
            offset: self.byte_offset(unedited(offset, edits)),
            encoding: target.name(),
        })?;
        Ok(out)
    }

    /// Whether the file, where it is well-formed, is in the encoding without a doubt.
    fn is_in(&self, target: Target) -> bool {
        let is_in = |piece: &Piece| piece.charset == target.charset && piece.is_proper();
        target.is_whole() && self.map.pieces.iter().all(is_in)
    }

    /// The encoding to expect of what follows; none where all is ASCII.
    pub(super) fn expected_next(&self) -> Option<Charset> {
        let charset = Charset::from_label(self.encoding)?;
        (charset != Charset::Utf8 || !self.text.is_ascii()).then_some(charset)
    }

    /// The byte offset in the file of the character at `offset` of the text.
    ///
    /// Takes time in proportion to the text before it, but for UTF-8.
    pub fn byte_offset(&self, offset: usize) -> usize {
        let Offsets { bytes, .. } = Cursor::new(&self.text, self.bytes, &self.map).start_of(offset);
        bytes
    }

    /// The offset in the text of the character that the byte at `offset` of the file is part of;
    /// the end of the text where there is none.
    ///
    /// Takes time in proportion to the text before it, but for UTF-8.
    pub fn text_offset(&self, offset: usize) -> usize {
        Cursor::new(&self.text, self.bytes, &self.map).text_at(offset)
    }

    /// The ranges of the file's bytes that ranges of the text take, each in the place of its own.
    ///
    /// Takes time in proportion to the text and the number of ranges, whatever their order.
    pub fn byte_ranges(&self, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut found = vec![0..0; ranges.len()];
        let mut order: Vec<usize> = (0..ranges.len()).collect();
        order.sort_by_key(|index| ranges[*index].start);
        let mut cursor = Cursor::new(&self.text, self.bytes, &self.map);
        for index in &order {
            found[*index].start = cursor.start_of(ranges[*index].start).bytes;
        }
        order.sort_by_key(|index| ranges[*index].end);
        let mut cursor = Cursor::new(&self.text, self.bytes, &self.map);
        for index in order {
            // an empty range before an escape sequence would end before it starts
            let end = cursor.end_of(ranges[index].end).bytes;
            found[index].end = end.max(found[index].start);
        }
        found
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
            Evidence::ValidUtf8 => f.write_str("valid utf-8"),
            Evidence::Unmarked => f.write_str("text in units of several bytes"),
            Evidence::Continued => f.write_str("as before"),
            Evidence::Mixed => f.write_str("several encodings"),
            Evidence::Escapes => f.write_str("escape sequences"),
            Evidence::Declared { by } => write!(f, "declared by {by}"),
            Evidence::Overruled { label, by } => write!(f, "{by} says {label}: overruled"),
            Evidence::Likelier { bits, than } => write!(f, "{bits} bits likelier than {than}"),
        }
    }
}
