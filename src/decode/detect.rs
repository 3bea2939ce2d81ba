//! Which encoding bytes are in that are neither marked nor valid UTF-8.
//!
//! The candidates race: every decoder reads the same lines, taken from all over the file, and
//! pays the language model's bits for its characters and a penalty for each ill-formed sequence.
//! Who falls behind hopelessly is out, and the race ends when one is left or the lines run out.
//! Readings of different lengths compare fairly, as all of them explain the same bytes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{KOI8_R, KOI8_U, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

use super::charset::Charset;
use super::derived::Derived;
use super::reading::{self, Reading};
use super::sample::{WINDOW, in_strides, sample, sample_units};
use super::utf8;
use crate::edit::Bits;
use crate::model;
use crate::script::is_private_use;

/// Who races, and what each must make up for being rarer than GBK and Big5 among the files that
/// need repair. The numbers are small: they decide words of two characters, not sentences.
const PRIORS: [(Charset, Bits); 10] = [
    (Charset::Gbk, Bits::whole(0)),
    (Charset::Big5, Bits::whole(0)),
    (Charset::Utf8, Bits::whole(0)), // damaged
    (Charset::ShiftJis, Bits::whole(4)),
    (Charset::EucKr, Bits::whole(4)),
    (Charset::EucJp, Bits::whole(8)),
    (Charset::Single(WINDOWS_1252), Bits::whole(0)),
    (Charset::Single(WINDOWS_1250), Bits::whole(4)),
    (Charset::Single(WINDOWS_1251), Bits::whole(4)),
    (Charset::Single(KOI8_R), Bits::whole(6)),
];

/// What an encoding that only chardetng or a declaration names must make up for.
const OTHER: Bits = Bits::whole(6);

/// What an encoding that hardly any file is in must make up for, and not by a word: its bytes are
/// also valid in others.
const RARE: Bits = Bits::whole(24);

/// What UTF-16 without a byte order mark must make up for: hardly anybody writes it.
const UNMARKED: Bits = Bits::whole(16);

/// What an ill-formed sequence costs: more than any character, as it also breaks the claim that
/// the file is in the encoding, but not so much that one damaged byte outweighs a sentence.
pub(super) const MALFORMED: Bits = Bits::whole(24);

/// What a private-use character costs on top. Text hardly has any, but every decoder of double
/// bytes gives them for what another encoding means: `A2 64` is ▋ in Big5, U+E503 in GBK.
const PRIVATE_USE: Bits = Bits::whole(12);

/// What a declaration is worth: about two characters of evidence. Wrong ones are common.
const DECLARED: Bits = Bits::whole(24);

/// What it is worth that the file was in an encoding up to here.
const KNOWN: Bits = Bits::whole(64);

/// What chardetng's opinion is worth where all race.
const ADVISED: Bits = Bits::whole(8);

/// What its opinion on the script of a Western file is worth for each byte outside ASCII: nothing
/// for a word, more than the model for a paragraph. The model knows the letters of Hebrew, Arabic
/// or Thai only as a class, but accented Latin letters well. What the file says of itself is worth
/// as much again where it is of that script: `õ` and `û` of windows-1252 are hardly less likely
/// than `ő` and `ű` of ISO-8859-2.
const SCRIPT_BYTE: Bits = Bits::ONE;

/// A candidate that is so far behind is out; no declaration makes up for it.
const OUT: Bits = Bits::whole(160);

/// Bytes that chardetng, which takes 100 ns for each, is asked about: few to tell whether the file
/// is Western at all, more to tell which of the Western encodings it is in.
const BRIEF: usize = 512;
const FULL: usize = 64 << 10;

/// Bytes that are read between two looks at who is out.
const LAP: usize = 256;

/// What each well-formed character of several bytes speaks for UTF-8 where nearly all are: in other
/// encodings, one in eight is at most.
const WELL_FORMED: Bits = Bits::whole(3);

/// Bits per character above which a reading is noise: random characters of the basic plane cost
/// more, text in any script less.
const NOISE: Bits = Bits::whole(17);

/// A few rare characters make no noise.
const SLACK: Bits = Bits::whole(16);

/// An encoding and how well it explains the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub charset: Charset,
    /// What its text costs.
    pub bits: Bits,
    pub characters: usize,
}

/// The outcome of a race.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub charset: Charset,
    /// The second best, and how far it was behind when it was last compared.
    pub second: Charset,
    pub lead: Bits,
}

/// The encoding of `bytes`, which hold no NUL; what came before them was in `known`, and what the
/// file says of itself is `declared`.
pub(super) fn race(bytes: &[u8], known: Option<Charset>, declared: Option<Charset>) -> Verdict {
    let verdict = race_by_text(bytes, known, declared);
    if verdict.charset == Charset::Utf8 {
        return verdict;
    }
    // text that was damaged before it was saved in UTF-8 reads no better than in GBK: `Ã¤` is 盲
    utf8::of_damaged(bytes).map_or(verdict, |characters| {
        let lead = Bits::saturating(characters as i64 * i64::from(WELL_FORMED.0));
        Verdict { charset: Charset::Utf8, second: verdict.charset, lead }
    })
}

/// The encoding in which bytes read best.
fn race_by_text(bytes: &[u8], known: Option<Charset>, declared: Option<Charset>) -> Verdict {
    let lines = sample(bytes);
    let brief = in_strides(&lines).scan(0, |fed, line| {
        let more = *fed < BRIEF;
        *fed += line.len();
        more.then_some(line)
    });
    let rare = rare(bytes);
    let racing = start(known, declared, advise(brief), &rare);
    if let Some((charset, second, lead)) = unmarked(bytes, &racing) {
        return Verdict { charset, second, lead };
    }
    let verdict = run(racing, &lines);
    if !matches!(verdict.charset, Charset::Single(_)) {
        return verdict;
    }
    // all of a small file: its ASCII letters tell the language too
    let advised = if bytes.len() <= FULL { advise([bytes]) } else { advise(lines.iter().copied()) };
    let outside = lines.iter().flat_map(|line| line.iter()).filter(|byte| !byte.is_ascii()).count();
    let worth = Bits(outside.min(FULL) as i32 * SCRIPT_BYTE.0);
    let mut racing = start(known, declared, advised, &rare);
    // everybody's default, which says nothing of a page in Polish
    let told = declared.filter(|declared| *declared != Charset::Single(WINDOWS_1252));
    for candidate in racing.iter_mut().filter(|one| one.charset.same_script(advised)) {
        let votes = 1 + i32::from(told == Some(candidate.charset));
        candidate.bits.0 -= votes * worth.0;
    }
    run(racing, &lines)
}

/// Lets candidates race over the lines.
fn run(mut racing: Vec<Candidate>, lines: &[&[u8]]) -> Verdict {
    // the one that was last told to be behind
    let mut out: Option<(Charset, Bits)> = None;
    let mut lap = 0;
    for line in in_strides(lines) {
        for candidate in &mut racing {
            candidate.read(line);
        }
        lap += line.len();
        if lap >= LAP {
            lap = 0;
            racing.sort_by_key(|candidate| candidate.bits);
            let limit = racing[0].bits.0 + OUT.0;
            let left = racing.partition_point(|candidate| candidate.bits.0 <= limit);
            if let Some(first_out) = racing.get(left) {
                out = Some((first_out.charset, Bits(first_out.bits.0 - racing[0].bits.0)));
            }
            racing.truncate(left);
            if left == 1 {
                break;
            }
        }
    }
    racing.sort_by_key(|candidate| candidate.bits);
    let best = racing[0];
    let behind = |other: &Candidate| (other.charset, Bits(other.bits.0 - best.bits.0));
    let (second, lead) = racing.get(1).map(behind).or(out).unwrap_or((Charset::Utf8, OUT));
    Verdict { charset: best.charset, second, lead }
}

/// The candidates at the start.
fn start(
    known: Option<Charset>,
    declared: Option<Charset>,
    advised: Charset,
    rare: &[Charset],
) -> Vec<Candidate> {
    let mut priors = PRIORS.to_vec();
    priors.extend(rare.iter().map(|charset| (*charset, RARE)));
    for charset in known.into_iter().chain(declared).chain([advised]) {
        let ascii_compatible = charset.extends_ascii();
        if ascii_compatible && !priors.iter().any(|(known, _)| *known == charset) {
            priors.push((charset, OTHER));
        }
    }
    let candidate = |(charset, Bits(mut bits)): (Charset, Bits)| {
        if known == Some(charset) {
            bits -= KNOWN.0;
        }
        if declared == Some(charset) {
            bits -= DECLARED.0;
        }
        if advised == charset {
            bits -= ADVISED.0;
        }
        Candidate { charset, bits: Bits(bits), characters: 0 }
    };
    priors.into_iter().map(candidate).collect()
}

/// The rare encodings that `bytes` may be in, as far as their first words tell.
fn rare(bytes: &[u8]) -> Vec<Charset> {
    let Some(first) = bytes.iter().position(|byte| !byte.is_ascii()) else { return Vec::new() };
    let head = &bytes[first..bytes.len().min(first + WINDOW)];
    let fitting = Derived::ALL.into_iter().filter(|derived| derived.fits(head));
    fitting.map(Charset::Derived).collect()
}

/// UTF-16 without a mark, where it explains the bytes best around the first that is not ASCII:
/// with the second best, and how far that is behind.
///
/// It does not race: its lines do not end where those of the others do. Without a NUL it holds no
/// ASCII, so that one place tells as much as another.
fn unmarked(bytes: &[u8], racing: &[Candidate]) -> Option<(Charset, Charset, Bits)> {
    let first = bytes.iter().position(|byte| !byte.is_ascii())?;
    let start = first.saturating_sub(WINDOW / 4) / 2 * 2;
    let head = without_padding(&bytes[start..bytes.len().min(start + WINDOW)]);
    let utf16 = [Charset::Utf16Le, Charset::Utf16Be].map(|charset| Candidate::of(charset, &head));
    let best = utf16.into_iter().filter(Candidate::is_text).min_by_key(|one| one.bits)?;
    let on_head = |candidate: &Candidate| {
        let mut candidate = *candidate;
        candidate.read(&head);
        candidate
    };
    let second = racing.iter().map(on_head).min_by_key(|one| one.bits)?;
    let lead = second.bits.0 - best.bits.0 - UNMARKED.0;
    (lead > 0).then_some((best.charset, second.charset, Bits(lead)))
}

/// Some bytes with two or three for each row of the same ASCII byte. Tables are padded with blanks and
/// ruled with `----`, which are half as many characters in UTF-16, `††` and `ⴭⴭ`, and so cost half.
fn without_padding(bytes: &[u8]) -> Vec<u8> {
    let rows = bytes.chunk_by(|one, other| one == other && one.is_ascii());
    // what goes is an even number, so that all units stay as they are
    rows.flat_map(|row| &row[..row.len().min(2 + row.len() % 2)]).copied().collect()
}

/// The UTF-16 or UTF-32 that bytes with a NUL or other controls are in, if they are text.
pub(super) fn wide(bytes: &[u8]) -> Option<Candidate> {
    [Charset::Utf32Le, Charset::Utf32Be, Charset::Utf16Le, Charset::Utf16Be]
        .map(|charset| {
            let mut candidate = Candidate::of(charset, b"");
            for window in sample_units(bytes, charset.unit()) {
                candidate.read(window);
            }
            candidate
        })
        .into_iter()
        .filter(Candidate::is_text)
        .min_by_key(|candidate| candidate.bits)
}

/// What the bytes cost as UTF-8 of which [`wide`] has read the windows in another encoding.
pub(super) fn cost_as_utf8(bytes: &[u8], other: Charset) -> Bits {
    let windows = sample_units(bytes, other.unit());
    // a window may start and end inside of a character
    let texts = windows.into_iter().flat_map(<[u8]>::utf8_chunks).map(|chunk| chunk.valid());
    Bits(texts.map(|text| model::text_cost(text).0).sum())
}

impl Candidate {
    fn of(charset: Charset, bytes: &[u8]) -> Candidate {
        let mut candidate = Candidate { charset, bits: Bits(0), characters: 0 };
        candidate.read(bytes);
        candidate
    }

    fn read(&mut self, bytes: &[u8]) {
        let (bits, characters) = cost(self.charset, bytes);
        self.bits.0 += bits.0;
        self.characters += characters;
    }

    /// Whether the reading is text rather than noise.
    fn is_text(&self) -> bool {
        let limit = i64::from(NOISE.0) * self.characters as i64 + i64::from(SLACK.0);
        i64::from(self.bits.0) <= limit
    }
}

/// What `bytes` cost in an encoding, and how many characters they are.
pub(super) fn cost(charset: Charset, bytes: &[u8]) -> (Bits, usize) {
    let Reading { text, malformed, .. } = reading::read(charset, bytes, 0);
    let mut characters = 0;
    let mut bits = malformed.len() as i32 * MALFORMED.0;
    let mut previous = '\n';
    for character in text.chars() {
        bits += character_cost(previous, character);
        characters += 1;
        previous = character;
    }
    (Bits(bits), characters)
}

/// What a character of a reading costs behind another.
pub(super) fn character_cost(previous: char, character: char) -> i32 {
    let penalty = match character {
        // no text has it
        '\0' => MALFORMED,
        _ if is_private_use(character) => PRIVATE_USE,
        _ => Bits(0),
    };
    model::cost(previous, character).0 + penalty.0
}

/// What chardetng, which knows the letter frequencies of Western languages, says of some text.
fn advise<'a>(sample: impl IntoIterator<Item = &'a [u8]>) -> Charset {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut ukrainian = false;
    for piece in sample {
        detector.feed(piece, false);
        ukrainian |= piece.iter().any(is_ukrainian);
    }
    detector.feed(b"", true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    // the letters of both are the same where they are Russian ones, and KOI8-R is what is meant
    let guess = if guess == KOI8_U && !ukrainian { KOI8_R } else { guess };
    Charset::from_encoding(guess).unwrap_or(Charset::Single(WINDOWS_1252))
}

/// Whether a byte is a letter in KOI8-U only: є і ї ґ and their capitals.
fn is_ukrainian(byte: &u8) -> bool {
    matches!(byte, 0xA4 | 0xA6 | 0xA7 | 0xAD | 0xB4 | 0xB6 | 0xB7 | 0xBD)
}
