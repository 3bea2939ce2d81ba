//! A quick reading of a sample along one layer: no search, and U+FFFD for what is lost.
//!
//! Nearly every suspect of clean text is read along nearly every path before it is let be, so
//! what cannot come to anything ends early: French read as damaged UTF-8 at its first `é`,
//! which no other byte beyond ASCII follows.

mod sample;

use super::path::Layer;
use crate::codec::{Codec, First, Incremental, Pushed};
use crate::edit::Bits;
use crate::model;
use crate::scan::skip_ascii;
use sample::{AsciiRun, Token};
pub use sample::{Encoded, Sample};

/// What a lost character costs in a quick reading, in 1/256 bit: about what a search
/// will make of it.
const LOST: i32 = 14 * Bits::ONE.0;
/// What a byte costs that the true codec rejects, in 1/256 bit.
const INVALID: i32 = 24 * Bits::ONE.0;

/// When a quick reading is given up.
pub(super) struct Limits {
    /// At most one character in this many may be rejected by the true codec.
    pub(super) share: usize,
    /// What it may cost, in 1/256 bit.
    pub(super) cost: i32,
}

/// How many characters the true codec has accepted and rejected.
#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
}

impl Tally {
    /// Whether more than one in `share` are rejected, even if all that is to come were valid.
    fn is_hopeless(&self, share: usize, to_come: usize) -> bool {
        self.invalid * share > self.valid + to_come
    }

    /// Whether there are valid ones and at most one in `share` is rejected.
    fn is_valid(&self, share: usize) -> bool {
        self.valid > 0 && !self.is_hopeless(share, 0)
    }
}

/// A quick reading.
pub(super) struct Quick {
    pub(super) text: String,
    /// In 1/256 bit.
    pub(super) cost: i32,
    /// Whether a blank was taken as a no-break space.
    pub(super) spaced: bool,
    /// The last character.
    previous: char,
}

impl Quick {
    /// The text of bytes that a layer damaged behind `previous`, if nearly all of it is valid and it
    /// costs no more than the limit; a blank where none can be may be the byte `blank`.
    pub(super) fn read(
        encoded: &Encoded,
        layer: Layer,
        blank: Option<u8>,
        previous: char,
        limits: &Limits,
    ) -> Option<Quick> {
        let truth = layer.truth;
        let is_hopeless = match truth {
            _ if !encoded.shown.is_empty() => false,
            Codec::Utf8 => is_hardly_utf8(encoded, blank, previous, limits.share),
            truth => is_hardly(encoded, truth, previous, limits),
        };
        if is_hopeless {
            return None;
        }
        let mut reader = Reader::new(encoded, truth, blank, previous, limits);
        for token in encoded.tokens() {
            if reader.quick.cost > reader.limit {
                return None;
            }
            match token {
                Token::Byte(byte) => reader.read(byte)?,
                Token::Shown(character) => reader.pass(character),
            }
        }
        let Reader { quick, tally, .. } = reader;
        (tally.is_valid(limits.share) && quick.cost <= limits.cost).then_some(quick)
    }

    /// Adds a character and gives its cost, in 1/256 bit.
    fn push(&mut self, next: char) -> i32 {
        let cost = cost(self.previous, next);
        self.cost += cost;
        self.previous = next;
        self.text.push(next);
        cost
    }
}

/// Bytes on their way through the true codec, one after the other.
struct Stepper {
    truth: Codec,
    /// The byte that a blank may be where none can be.
    blank: Option<u8>,
    /// Whether a `?` may stand for lost bytes of a character that has begun.
    has_marks: bool,
    begun: Incremental,
}

/// What one more byte did.
struct Stepped {
    /// Whether the character that had begun does not go on with it, or none begins with it.
    rejects: bool,
    /// Whether it is a blank that was taken as the byte it may be.
    is_spaced: bool,
    end: Option<End>,
}

/// What a byte ended.
enum End {
    Char(char),
    /// A character that is lost, by its mark.
    Lost,
}

impl Stepper {
    fn new(encoded: &Encoded, truth: Codec, blank: Option<u8>) -> Stepper {
        let has_marks = truth == Codec::Utf8 && !encoded.ascii_tells;
        Stepper { truth, blank, has_marks, begun: Incremental::default() }
    }

    /// Takes one more byte. Inside a character of UTF-8, `?` is the mark of lost ones: `å?¯` is E5, one
    /// lost, and AF; `鏄?4` is E6 98, one that went down with the blank behind it, and 4.
    #[inline(always)]
    fn step(&mut self, byte: u8) -> Stepped {
        let begun = std::mem::take(&mut self.begun);
        let mut pushed = begun.push(self.truth, byte);
        let (mut rejects, mut is_spaced) = (false, false);
        if pushed == Pushed::Invalid {
            if self.has_marks && byte == b'?' && !begun.is_empty() {
                return Stepped { rejects, is_spaced, end: Some(End::Lost) };
            }
            if let (b' ', Some(blank)) = (byte, self.blank) {
                pushed = begun.push(self.truth, blank);
            }
            is_spaced = pushed != Pushed::Invalid;
            rejects = !is_spaced;
        }
        if rejects {
            // the byte may begin the next character
            pushed = Incremental::default().push(self.truth, byte);
        }
        let mut end = None;
        match pushed {
            Pushed::Pending(more) => self.begun = more,
            Pushed::Char(character) => end = Some(End::Char(character)),
            Pushed::Invalid => {}
        }
        Stepped { rejects, is_spaced, end }
    }
}

/// A quick reading on its way.
struct Reader<'e> {
    encoded: &'e Encoded,
    /// At most one character in this many may be rejected.
    share: usize,
    quick: Quick,
    stepper: Stepper,
    run: AsciiRun,
    tally: Tally,
    /// Bytes that are to come and may begin a character that tells of damage.
    to_come: usize,
    /// How many of them each such character takes at least.
    of_character: usize,
    /// What may be paid before the ASCII that is to come, in 1/256 bit.
    limit: i32,
}

impl<'e> Reader<'e> {
    fn new(
        encoded: &'e Encoded,
        truth: Codec,
        blank: Option<u8>,
        previous: char,
        limits: &Limits,
    ) -> Reader<'e> {
        let takes_two = truth == Codec::Utf8 && blank.is_none() && !encoded.ascii_tells;
        Reader {
            encoded,
            share: limits.share,
            quick: Quick { text: String::new(), cost: 0, spaced: false, previous },
            stepper: Stepper::new(encoded, truth, blank),
            run: AsciiRun::default(),
            tally: Tally::default(),
            to_come: encoded.telling,
            of_character: if takes_two { 2 } else { 1 },
            limit: limits.cost - encoded.ascii,
        }
    }

    /// Reads a character that no byte was decoded to.
    fn pass(&mut self, character: char) {
        self.stepper.begun = Incremental::default();
        self.run = AsciiRun::default();
        self.quick.push(character);
    }

    /// Reads a byte; `None` where too much is rejected.
    fn read(&mut self, byte: u8) -> Option<()> {
        let is_certain = self.run.goes_on_with(byte.is_ascii());
        let step = self.stepper.step(byte);
        self.quick.spaced |= step.is_spaced;
        if step.rejects {
            self.reject()?;
        }
        self.to_come -= usize::from(self.encoded.ascii_tells || !byte.is_ascii());
        match step.end {
            Some(End::Char(character)) => {
                self.tally.valid += usize::from(self.encoded.tells(character));
                let cost = self.quick.push(character);
                self.limit = self.limit.saturating_add(if is_certain { cost } else { 0 });
            }
            Some(End::Lost) => {
                self.quick.push(char::REPLACEMENT_CHARACTER);
            }
            None => {}
        }
        Some(())
    }

    /// Counts a character as rejected, but for what is left of a lost one; `None` where that is one
    /// too many.
    fn reject(&mut self) -> Option<()> {
        if self.quick.previous == char::REPLACEMENT_CHARACTER {
            return Some(());
        }
        self.tally.invalid += 1;
        self.quick.push(char::REPLACEMENT_CHARACTER);
        let is_hopeless = self.tally.is_hopeless(self.share, self.to_come / self.of_character);
        (!is_hopeless).then_some(())
    }
}

/// Whether too many of the bytes are rejected as UTF-8, which is known before any character is
/// priced.
fn is_hardly_utf8(encoded: &Encoded, blank: Option<u8>, previous: char, share: usize) -> bool {
    let bytes = &encoded.bytes[..];
    let mut stepper = Stepper::new(encoded, Codec::Utf8, blank);
    let mut tally = Tally::default();
    let mut was_lost = previous == char::REPLACEMENT_CHARACTER;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii() && stepper.begun.is_empty() && !encoded.ascii_tells {
            (at, was_lost) = (skip_ascii(bytes, at), false);
            continue;
        }
        let step = stepper.step(byte);
        if step.rejects {
            tally.invalid += usize::from(!was_lost);
            was_lost = true;
            if tally.is_hopeless(share, bytes.len() - at) {
                return true;
            }
        }
        at += 1;
        match step.end {
            Some(End::Char(character)) => {
                tally.valid += usize::from(encoded.tells(character));
                was_lost = character == char::REPLACEMENT_CHARACTER;
            }
            Some(End::Lost) => was_lost = true,
            None => {}
        }
    }
    !tally.is_valid(share)
}

/// Whether a reading in a codec other than UTF-8 rejects or costs too much, as far as it takes to
/// say so.
///
/// In the text of one double-byte codec hardly any pair of bytes is rejected by another, and most
/// readings are given up for what they cost: all that is needed to know it are two tables.
fn is_hardly(encoded: &Encoded, truth: Codec, mut previous: char, limits: &Limits) -> bool {
    let limit = limits.cost - encoded.ascii;
    let mut rest = &encoded.bytes[..];
    let mut cost = 0;
    let mut tally = Tally::default();
    while let Some(&byte) = rest.first() {
        if byte.is_ascii() && !encoded.ascii_tells {
            // all but the first two of a run of ASCII is paid for by the limit
            cost += self::cost(previous, byte.into());
            let (ascii, behind) = rest.split_at(skip_ascii(rest, 0));
            (previous, rest) = (ascii[ascii.len() - 1].into(), behind);
            continue;
        }
        let (next, length) = match truth.first(rest) {
            First::Char(character, length) => {
                tally.valid += usize::from(encoded.tells(character));
                (character, length)
            }
            First::Invalid(length) => {
                // what is left of a lost character is not counted
                tally.invalid += usize::from(previous != char::REPLACEMENT_CHARACTER);
                (char::REPLACEMENT_CHARACTER, length)
            }
            First::Cut => break,
        };
        rest = &rest[length..];
        let is_left = previous == next && next == char::REPLACEMENT_CHARACTER;
        cost += if is_left { 0 } else { self::cost(previous, next) };
        if cost > limit || tally.is_hopeless(limits.share, rest.len()) {
            return true;
        }
        previous = next;
    }
    !tally.is_valid(limits.share)
}

/// The cost of a quick reading.
pub(super) fn text_cost(text: &str, mut previous: char) -> i32 {
    let mut sum = 0;
    for next in text.chars() {
        sum += cost(previous, next);
        previous = next;
    }
    sum
}

/// The cost of a character of a quick reading.
#[inline(always)]
fn cost(previous: char, next: char) -> i32 {
    match (previous, next) {
        (char::REPLACEMENT_CHARACTER, char::REPLACEMENT_CHARACTER) => INVALID,
        (_, char::REPLACEMENT_CHARACTER) => LOST,
        // whatever stood there, it was no worse a neighbour than a blank
        (char::REPLACEMENT_CHARACTER, _) => model::cost(' ', next).0,
        _ => model::cost(previous, next).0,
    }
}
