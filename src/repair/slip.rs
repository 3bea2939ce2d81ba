//! Text that slipped by a byte: a lead byte was torn from its character, and
//! everything up to the next byte of ASCII is read half a character off.
//!
//! ```text
//! B1 CF B2 BB D3 EB CE D2 5C    …不与我\
//! B1 ␊ CF B2 BB D3 EB CE D2 5C  a line break came in between
//! �␊ 喜 挥 胛 襖               B1 and ␊ are no pair; 襖 is D25C
//! ```
//!
//! The torn byte is chosen by the language model, and the whole is accepted only if
//! tearing the repaired text in the same place gives the damaged text again.

use memchr::memmem;

use super::Repaired;
use super::resync::{Byte, Item, Reading, Readings, posteriors, prune};
use crate::codec::{Codec, Decoder, Flavour};
use crate::edit::{Bits, Edit, Filled, Kind, Safety, Step};
use crate::model;
use crate::segment::{self, Bar};

/// The codecs whose text slips, the most frequent first.
const CODECS: [Codec; 3] = [Codec::Gbk, Codec::Big5, Codec::EucKr];

/// What the repaired text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 20 * Bits::ONE.0;

/// What a character of the repaired text may cost at most in the mean. Clean text is at
/// 6 to 8 bits; other damage read half a character off, at 12 and more.
const MAX_MEAN: i32 = 10 * Bits::ONE.0;

/// How many characters must come straight: two are as easily found in noise.
const MIN_RUN: usize = 3;

/// How many readings are kept at each character; the torn byte has 126 values.
const WIDTH: usize = 126;

/// A reading so much worse than the best does not come back.
const MARGIN: i32 = 40 * Bits::ONE.0;

/// Text is shifted no further than this many characters: ASCII or the end of the line
/// puts it straight.
const MAX_RUN: usize = 200;

/// Bytes behind a torn byte within which damage must begin: line breaks may come between.
const NEAR: usize = 8;

/// Spots in a row that turn out to be no slip before the rest of a document is let be: a
/// search is dear, and other damage has thousands of such spots.
const MISSES: usize = 32;

/// How many complete readings are weighed against each other.
const RIVALS: usize = 24;

/// What a torn byte leaves behind.
const TORN: &str = "\u{FFFD}";

/// Puts slipped text straight.
///
/// `confidence` is the posterior that a character with a lost byte needs before it is
/// filled in; below it, U+FFFD stays in its place.
pub(crate) fn repair(text: &str, confidence: f32) -> Repaired {
    let mut repaired = Repaired::default();
    let (mut from, mut misses) = (0, 0);
    // what stands behind a slip looks damaged; a lone lost character in clean text does not
    let torn: Vec<usize> = memmem::find_iter(text.as_bytes(), TORN).collect();
    let suspects = if torn.is_empty() { vec![] } else { segment::suspects(text, Bar::Unknown) };
    for start in torn {
        let next = suspects.partition_point(|suspect| suspect.span.end <= start);
        let looks_slipped = suspects.get(next).is_some_and(|s| s.span.start <= start + NEAR);
        if start < from || !looks_slipped {
            continue;
        }
        if misses == MISSES {
            break;
        }
        misses += 1;
        let slips = CODECS.into_iter().filter_map(|codec| Slip::read(text, start, codec));
        if let Some(slip) = slips.max_by_key(|slip| slip.gain) {
            from = slip.end;
            misses = 0;
            repaired.edits.push(slip.edit(text, start, confidence));
        }
    }
    repaired
}

/// Slipped text as it was.
struct Slip {
    codec: Codec,
    /// Where the text is straight again.
    end: usize,
    /// The characters, and whether a byte of each is a guess.
    characters: Vec<(char, bool)>,
    posteriors: Vec<f32>,
    gain: Bits,
}

/// A reading up to where the text is straight again.
struct Complete {
    end: usize,
    reading: Reading,
    gain: i32,
}

impl Complete {
    /// Whether this is text at all, and not only likelier than what stands there.
    fn is_plausible(&self, readings: &Readings<'_, ()>) -> bool {
        // without the character before the slip
        let characters = readings.items(self.reading).len() - 1;
        characters >= MIN_RUN && self.reading.cost <= MAX_MEAN * characters as i32
    }
}

impl Slip {
    /// Reads the text behind the U+FFFD at `start` half a character off.
    fn read(text: &str, start: usize, codec: Codec) -> Option<Slip> {
        let before = text[..start].chars().next_back().unwrap_or('\n');
        let torn = start + TORN.len();
        let shifted = text[torn..].trim_start_matches(['\r', '\n']);
        let first = text.len() - shifted.len();
        // a torn byte with nothing double-byte behind it shifts nothing
        if shifted.chars().next().is_none_or(|next| next.is_ascii() || next == '\u{FFFD}') {
            return None;
        }
        let cost = |previous, next| model::cost(previous, next).0;
        let mut readings: Readings<'_, ()> = Readings::new(codec.table(Flavour::Web), &cost);
        let mut complete = read_on(&mut readings, text, start, first, before);
        complete.sort_by_key(|complete| -complete.gain);
        let proven = |complete: &Complete, readings: &Readings<'_, ()>| {
            // the proof is dear and the last to be asked for
            complete.gain >= THRESHOLD && complete.is_plausible(readings) && {
                let bytes = bytes(readings, complete.reading);
                reproduces(codec, &bytes, &text[torn..first], &text[start..complete.end])
            }
        };
        let best = complete.iter().position(|one| proven(one, &readings))?;
        let characters = |reading| -> Vec<(char, bool)> {
            let character = |item| match item {
                Item::Char { character, guessed, .. } => Some((character, guessed)),
                Item::Note(()) => None,
            };
            readings.items(reading).into_iter().filter_map(character).skip(1).collect()
        };
        let plain = |characters: &[(char, bool)]| characters.iter().map(|one| one.0).collect();
        let best = &complete[best];
        // of readings that end elsewhere, the gain says how likely they are
        let rivals: Vec<(Vec<char>, i32)> = complete
            .iter()
            .take(RIVALS)
            .filter(|rival| rival.reading.item() != best.reading.item())
            .map(|rival| (plain(&characters(rival.reading)), -rival.gain))
            .collect();
        let characters = characters(best.reading);
        let plain: Vec<char> = plain(&characters);
        Some(Slip {
            codec,
            end: best.end,
            posteriors: posteriors((&plain, -best.gain), &rivals),
            characters,
            gain: Bits(best.gain),
        })
    }

    fn edit(self, text: &str, start: usize, confidence: f32) -> Edit {
        let mut after = String::new();
        let mut filled = Vec::new();
        for ((character, guessed), posterior) in self.characters.into_iter().zip(self.posteriors) {
            if guessed && posterior < confidence {
                after.push(char::REPLACEMENT_CHARACTER);
                continue;
            }
            if guessed {
                filled.push(Filled { at: after.len(), character, posterior });
            }
            after.push(character);
        }
        Edit {
            range: start..self.end,
            before: text[start..self.end].to_owned(),
            after,
            kind: Kind::Slip,
            steps: vec![Step::Encode(self.codec.name()), Step::Decode(self.codec.name())],
            safety: Safety::Inferred,
            bits: self.gain,
            filled,
        }
    }
}

/// Every reading of the text from `first` on, shifted, up to where it is straight again.
fn read_on(
    readings: &mut Readings<'_, ()>,
    text: &str,
    start: usize,
    first: usize,
    before: char,
) -> Vec<Complete> {
    let begun = readings.start(before, [0; 2]);
    let mut column = readings.guess_lead(begun);
    let mut complete = Vec::new();
    let mut as_it_stands = Costs::new(before);
    text[start..first].chars().for_each(|character| as_it_stands.add(character));
    for (nth, (offset, character)) in text[first..].char_indices().take(MAX_RUN).enumerate() {
        // U+FFFD ends every reading, each with some 24,000 guesses: none for a run too short
        if character == char::REPLACEMENT_CHARACTER && nth + 1 < MIN_RUN {
            break;
        }
        prune(&mut column, WIDTH, MARGIN);
        let at = first + offset;
        let end = at + character.len_utf8();
        as_it_stands.add(character);
        let behind = text[end..].chars().next();
        let mut next = Vec::new();
        for reading in column {
            for reading in shifted(readings, reading, character) {
                if reading.lead.is_some() {
                    next.push(reading);
                } else {
                    let cost = behind.map_or(0, |b| model::cost(reading.previous, b).0);
                    let gain = as_it_stands.with(behind) - reading.cost - cost;
                    complete.push(Complete { end, reading, gain });
                }
            }
        }
        column = next;
        if column.is_empty() {
            break;
        }
    }
    complete
}

/// The ways to go on with one character of the shifted text.
fn shifted(readings: &mut Readings<'_, ()>, reading: Reading, character: char) -> Vec<Reading> {
    if character == char::REPLACEMENT_CHARACTER {
        // the last trail byte, which found no partner
        let trails = (0x40..=0xFE).map(Byte::guess);
        return trails.filter_map(|trail| readings.push(reading, trail)).collect();
    }
    let codes: Vec<_> = readings.table().codes(character).collect();
    let push = |code: crate::codec::Code| {
        code.bytes().try_fold(reading, |reading, byte| readings.push(reading, Byte::kept(byte)))
    };
    codes.into_iter().filter_map(push).collect()
}

/// The cost of a text as it grows.
struct Costs {
    previous: char,
    cost: i32,
}

impl Costs {
    fn new(before: char) -> Costs {
        Costs { previous: before, cost: 0 }
    }

    fn add(&mut self, next: char) {
        self.cost += model::cost(self.previous, next).0;
        self.previous = next;
    }

    /// The cost with one character more.
    fn with(&self, behind: Option<char>) -> i32 {
        self.cost + behind.map_or(0, |behind| model::cost(self.previous, behind).0)
    }
}

/// The bytes of a reading.
fn bytes(readings: &Readings<'_, ()>, reading: Reading) -> Vec<u8> {
    let items = readings.items(reading).into_iter().skip(1);
    let code = |item| match item {
        Item::Char { code, .. } => code,
        Item::Note(()) => [0, 0],
    };
    items.flat_map(code).filter(|&byte| byte != 0).collect()
}

/// Whether tearing `bytes` behind the first one, with `between` coming in, gives `torn`.
///
/// What came in may be gone since; a control character stands for it then.
fn reproduces(codec: Codec, bytes: &[u8], between: &str, torn: &str) -> bool {
    const GONE: char = '\u{1F}';
    let Some((first, rest)) = bytes.split_first() else { return false };
    let came_in = if between.is_empty() { GONE.to_string() } else { between.to_owned() };
    // ASCII behind the span keeps a last byte from finding a partner further on
    let damaged = [&[*first], came_in.as_bytes(), rest, GONE.to_string().as_bytes()].concat();
    let decoded = Decoder::new(codec, Flavour::Web).decode(&damaged);
    decoded.replace(GONE, "") == torn
}
