//! Which encoding bytes are in that are neither marked nor valid UTF-8.
//!
//! Every candidate decoder reads the same sample, and the reading with the fewest bits wins:
//! the language model's bits for its characters and a penalty for each ill-formed sequence.
//! Readings of different lengths compare fairly, as all of them explain the same bytes.

use std::cmp::Reverse;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{KOI8_R, KOI8_U, WINDOWS_1251, WINDOWS_1252};

use super::charset::Charset;
use super::declared;
use super::reading;
use crate::edit::Bits;
use crate::model;

/// The encodings that the language model decides among, and what each must make up for being
/// rarer than GBK and Big5 among the files that need repair. The numbers are small: they decide
/// words of two characters, not sentences.
const PRIORS: [(Charset, Bits); 11] = [
    (Charset::Gbk, Bits::whole(0)),
    (Charset::Big5, Bits::whole(0)),
    (Charset::Utf8, Bits::whole(0)), // damaged
    (Charset::ShiftJis, Bits::whole(4)),
    (Charset::EucKr, Bits::whole(4)),
    (Charset::EucJp, Bits::whole(8)),
    // hardly anybody writes it without a byte order mark
    (Charset::Utf16Le, Bits::whole(16)),
    (Charset::Utf16Be, Bits::whole(16)),
    (Charset::Single(WINDOWS_1252), Bits::whole(0)),
    (Charset::Single(WINDOWS_1251), Bits::whole(4)),
    (Charset::Single(KOI8_R), Bits::whole(6)),
];

/// What an encoding that only chardetng or a declaration names must make up for.
const OTHER: Bits = Bits::whole(6);

/// What an ill-formed sequence costs: more than any character, as it also breaks the claim that
/// the file is in the encoding, but not so much that one damaged byte outweighs a sentence.
pub(super) const MALFORMED: Bits = Bits::whole(24);

/// What a declaration is worth: about two characters of evidence. Wrong ones are common.
const DECLARED: Bits = Bits::whole(24);

/// What chardetng's opinion is worth among encodings that the model decides.
const ADVISED: Bits = Bits::whole(8);

/// Bits per character above which a reading is noise: random characters of the basic plane cost
/// more, text in any script less.
const NOISE: Bits = Bits::whole(17);

/// A few rare characters make no noise.
const SLACK: Bits = Bits::whole(16);

/// Files up to this size are judged by all of their bytes, larger ones by [`WINDOWS`] samples.
const WHOLE: usize = 32 << 10;
const WINDOWS: usize = 16;
const WINDOW: usize = 2 << 10;

/// An encoding and how well it explains the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub charset: Charset,
    pub bits: Bits,
    pub malformed: usize,
    pub characters: usize,
}

/// The candidates, best first, and the declaration that was taken into account.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    pub candidates: Vec<Candidate>,
    pub declared: Option<(Charset, &'static str)>,
}

/// Ranks the encodings that `bytes`, which hold no NUL and are not valid UTF-8, can be in.
pub(super) fn rank(bytes: &[u8]) -> Ranking {
    let lines = sample_lines(bytes);
    let units = sample_units(bytes, 2);
    let declared = declared::find(bytes);
    let advised = advise(&lines);
    let mut priors = PRIORS.to_vec();
    for charset in declared.iter().map(|(charset, _)| *charset).chain([advised]) {
        if !priors.iter().any(|(known, _)| *known == charset) {
            priors.push((charset, OTHER));
        }
    }
    let judge = |(charset, prior): (Charset, Bits)| {
        let sample = if charset.unit() == 2 { &units } else { &lines };
        let mut candidate = score(charset, sample);
        candidate.bits.0 += prior.0;
        if declared.is_some_and(|(declared, _)| declared == charset) {
            candidate.bits.0 -= DECLARED.0;
        }
        if charset == advised {
            candidate.bits.0 -= ADVISED.0;
        }
        candidate
    };
    let mut candidates: Vec<Candidate> = priors.into_iter().map(judge).collect();
    candidates.retain(|candidate| candidate.charset.unit() == 1 || candidate.is_text());
    candidates.sort_by_key(|candidate| (candidate.bits, Reverse(candidate.characters)));
    Ranking { candidates, declared }
}

/// The UTF-16 or UTF-32 that bytes with a NUL or other controls are in, if they are text.
pub(super) fn wide(bytes: &[u8]) -> Option<Candidate> {
    [Charset::Utf32Le, Charset::Utf32Be, Charset::Utf16Le, Charset::Utf16Be]
        .map(|charset| score(charset, &sample_units(bytes, charset.unit())))
        .into_iter()
        .filter(Candidate::is_text)
        .min_by_key(|candidate| candidate.bits)
}

impl Candidate {
    /// Whether the reading is text rather than noise.
    pub fn is_text(&self) -> bool {
        let limit = i64::from(NOISE.0) * self.characters as i64 + i64::from(SLACK.0);
        i64::from(self.bits.0) <= limit
    }
}

fn score(charset: Charset, sample: &[&[u8]]) -> Candidate {
    let mut candidate = Candidate { charset, bits: Bits(0), malformed: 0, characters: 0 };
    for window in sample {
        let reading = reading::read(charset, window, 0);
        candidate.malformed += reading.malformed.len();
        candidate.characters += reading.text.chars().count();
        candidate.bits.0 += model::text_cost(&reading.text).0;
    }
    candidate.bits.0 += candidate.malformed as i32 * MALFORMED.0;
    candidate
}

/// What chardetng says, which knows the letter frequencies of Western languages.
fn advise(sample: &[&[u8]]) -> Charset {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for (index, window) in sample.iter().enumerate() {
        detector.feed(window, index + 1 == sample.len());
    }
    let guess = detector.guess(None, Utf8Detection::Deny);
    // the letters of both are the same where they are Russian ones, and KOI8-R is what is meant
    let guess = if guess == KOI8_U && !ukrainian(sample) { KOI8_R } else { guess };
    Charset::from_encoding(guess).unwrap_or(Charset::Single(WINDOWS_1252))
}

/// Whether there is a byte that is a letter in KOI8-U only: є і ї ґ and their capitals.
fn ukrainian(sample: &[&[u8]]) -> bool {
    let only = |byte: &u8| matches!(byte, 0xA4 | 0xA6 | 0xA7 | 0xAD | 0xB4 | 0xB6 | 0xB7 | 0xBD);
    sample.iter().any(|window| window.iter().any(only))
}

/// Lines from all over `bytes` that are not all ASCII.
pub(super) fn sample_lines(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.len() <= WHOLE {
        return vec![bytes];
    }
    let mut sample = Vec::with_capacity(WINDOWS);
    let mut behind = 0;
    for index in 0..WINDOWS {
        let from = behind.max(index * (bytes.len() / WINDOWS));
        let Some(start) = non_ascii_line(bytes, from) else { break };
        let end = line_end(bytes, (start + WINDOW).min(bytes.len()));
        sample.push(&bytes[start..end]);
        behind = end;
    }
    sample
}

/// The start of the first line behind `from` that holds a non-ASCII byte.
///
/// Lines longer than a window count as starting at an ASCII byte before it.
fn non_ascii_line(bytes: &[u8], from: usize) -> Option<usize> {
    let from = match memchr::memchr(b'\n', &bytes[from..bytes.len().min(from + WINDOW)]) {
        Some(end) if from > 0 => from + end + 1,
        _ => from,
    };
    let first = from + bytes[from..].iter().position(|byte| !byte.is_ascii())?;
    let line = memchr::memrchr(b'\n', &bytes[from..first]).map_or(from, |end| from + end + 1);
    Some(line.max(first.saturating_sub(WINDOW / 2)))
}

/// The end of the line that `from` is in; `from` itself where the line is longer than a window.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..bytes.len().min(from + WINDOW)];
    memchr::memchr(b'\n', rest).map_or(from, |end| from + end + 1)
}

/// Pieces from all over `bytes`, cut at multiples of `unit`.
fn sample_units(bytes: &[u8], unit: usize) -> Vec<&[u8]> {
    if bytes.len() <= WHOLE {
        return vec![bytes];
    }
    let stride = bytes.len() / WINDOWS / unit * unit;
    (0..WINDOWS).map(|index| &bytes[index * stride..][..WINDOW]).collect()
}
