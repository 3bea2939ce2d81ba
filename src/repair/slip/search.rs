//! The search for the place of a slip and for the bytes that were lost.
//!
//! The text is walked once. Up to the slip it is read as it stands; around the place that
//! the fast look found, each character is also read with a byte too few or too many; and
//! from there on all is read half a character off until it comes straight:
//!
//! ```text
//! aligned ── a byte lost, gained, torn off ──▶ half a character off ──▶ aligned
//!    │                                             ASCII, U+FFFD, the end of the text,
//!    └── as it stands ──▶ aligned                  or another byte lost or gained
//! ```

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::outlook::{Gain, Outlook};
use super::scan::pairs;
use super::{SILENT_THRESHOLD, THRESHOLD};
use crate::codec::{Decoder, Flavour, Unit};
use crate::edit::Bits;
use crate::model;
use crate::repair::resync::{Byte, Item, Reading, Readings, prune, prune_behind};
use crate::script::char_before;

/// How many readings are kept at each character; a lost byte has some 190 values.
const WIDTH: usize = 126;

/// A reading so much worse than the best does not come back.
const MARGIN: i32 = 16 * Bits::ONE.0;

/// Of the readings of text that is half a character off, so many are told apart where more
/// bytes are lost at its end: guesses would multiply.
const BRANCHES: usize = 16;

/// So many are tried with a second byte lost or gained.
const SECONDS: usize = 4;

/// Characters on each side of the places that the fast look found in which the slip may
/// be: the first shifted ones may happen to be frequent.
const ZONE: usize = 4;

/// Text is shifted no further than this many characters: ASCII or the end of the line
/// puts it straight.
pub(super) const MAX_RUN: usize = 1000;

/// A reading so much worse than another one that goes on alike counts for nothing.
const COUNTED: i32 = 12 * Bits::ONE.0;

/// What triples and rivals of a reading may take it below its threshold by pairs.
const SLACK: i32 = 8 * Bits::ONE.0;

/// How many complete readings are weighed by triples, the best by pairs.
const WEIGHED: usize = 256;

/// Characters on each side that triples are looked up with.
pub(super) const AROUND: usize = 2;

/// Charged for a gained byte: nothing in the text says which it was, which takes 8 bits.
const GAINED: i32 = 8 * Bits::ONE.0;
/// The same where the byte is a copy of its neighbour, the commonest accident.
const DOUBLED: i32 = 2 * Bits::ONE.0;
/// Charged where a second byte was lost or gained, which puts the text straight.
pub(super) const SECOND: i32 = 16 * Bits::ONE.0;

/// Charged for each blank that came in behind a torn byte; line breaks are what tears.
const INSERTED: i32 = 8 * Bits::ONE.0;

/// Charged where a byte at the end of the damage is lost and the decoder would not lose it.
const CUT: i32 = 4 * Bits::ONE.0;

/// What a line break costs at most: wrapped lines have some forty characters.
const WRAPPED: i32 = 6 * Bits::ONE.0;

/// What a character costs at least behind itself.
const REPEATED: i32 = 9 * Bits::ONE.0;

/// What Windows lost together with a torn lead byte: the ASCII below 40 that text has.
const SWALLOWED: &[u8] = b"\r\n\t !\"#$%&'()*+,-./0123456789:;<=>?";

/// A full-width blank in GBK and EUC-KR.
pub(super) const BLANK: [u8; 2] = [0xA1, 0xA1];

/// What happened to the bytes of the character that follows in a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accident {
    /// The byte of this index, 0 or 1, was lost.
    Lost(usize),
    /// A byte came in before the byte of this index.
    Gained(usize, u8),
    /// The same, and it is a copy of its neighbour.
    Doubled(usize, u8),
    /// The text was cut behind the first byte, which was then decoded without the second;
    /// ASCII may have come in.
    Torn,
    /// The text was cut behind the first byte: the second one and the next, A1 A1, are on
    /// their own a full-width blank, for which two blanks were put in.
    Blanked,
}

/// How much less characters cost, each behind the two before it instead of one.
pub(super) fn gain_by_triples(characters: &[char]) -> i32 {
    let gain = |triple: &[char]| model::gain_behind_two(triple[0], triple[1], triple[2]).0;
    characters.windows(3).map(gain).sum()
}

/// A remark in a reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) accident: Accident,
    /// Where the damage begins in the text.
    pub(super) start: usize,
    /// Where the text goes on behind what came in at a cut.
    pub(super) behind: usize,
}

/// A reading up to where the text is straight again.
#[derive(Clone, Copy)]
pub(super) struct Complete {
    /// Where the text is straight again.
    pub(super) end: usize,
    /// How much likelier it is than the text as it stands, in 1/256 bit.
    pub(super) gain: i32,
    reading: Reading,
}

/// What a torn lead byte left behind.
struct Torn {
    /// The reading before it.
    before: Reading,
    /// What stands for it in the text.
    marker: Range<usize>,
}

/// The readings of a stretch, as one decoder may have damaged it.
pub(super) struct Search<'t> {
    text: &'t str,
    decoder: Decoder,
    readings: Readings<'static, Note>,
    complete: Vec<Complete>,
    /// The cost of the text as it stands, up to where the search has come.
    standing: i32,
    /// The last character of that text.
    previous: char,
    /// The most that a complete reading gained.
    best: i32,
    /// What it must gain to be weighed at all.
    worth: i32,
}

/// What a character costs behind another.
///
/// A line may be wrapped behind any character: `，` at its end is not to be read as `。`.
/// And a byte that was doubled is not the half of a character that was: 理解 with the first
/// byte twice is C0 C0 ED, which 理理解 is, too, with one byte lost.
pub(super) fn cost(previous: char, next: char) -> i32 {
    let cost = match (half_width(previous), half_width(next)) {
        (Some(previous), Some(next)) => model::cost(previous, next).0,
        _ => model::cost(previous, next).0,
    };
    match next {
        '\n' => cost.min(WRAPPED),
        _ if next == previous => cost.max(REPEATED),
        _ => cost,
    }
}

/// The ASCII that a full-width letter, digit or blank stands for.
///
/// Full-width `ｅｘｅｒｔ　ｙｕｎ` is rare, so the model knows little of it; what it says is the
/// same as in ASCII.
fn half_width(character: char) -> Option<char> {
    match character {
        '\u{3000}' => Some(' '),
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(character) - (u32::from('Ａ') - u32::from('A')))
        }
        _ => None,
    }
}

impl<'t> Search<'t> {
    /// Reads the `stretch` of `text` that the fast look found, and nothing before `floor`.
    pub(super) fn new(
        text: &'t str,
        floor: usize,
        stretch: &Range<usize>,
        decoder: Decoder,
    ) -> Search<'t> {
        let first = first(text, floor, stretch.start, decoder.marker());
        let previous = char_before(text, first);
        let readings = Readings::new(decoder.codec.table(Flavour::Web), &cost);
        let complete = Vec::new();
        let mut search =
            Search { text, decoder, readings, complete, standing: 0, previous, best: 0, worth: 0 };
        search.run(first, stretch);
        search.sort();
        search.complete.truncate(WEIGHED);
        search.weigh(first);
        search.sort();
        search
    }

    /// The complete readings, the best first.
    pub(super) fn complete(&self) -> &[Complete] {
        &self.complete
    }

    /// The items of a reading from the slip on: the first is a note.
    pub(super) fn items(&self, complete: &Complete) -> Vec<Item<Note>> {
        let items = self.readings.items(complete.reading).into_iter();
        items.skip_while(|item| matches!(item, Item::Char { .. })).collect()
    }

    fn sort(&mut self) {
        self.complete.sort_by_key(|complete| (-complete.gain, complete.reading.item()));
    }

    /// Weighs the complete readings of the text from `first` on by triples.
    fn weigh(&mut self, first: usize) {
        let mut context: Vec<char> = self.text[..first].chars().rev().take(AROUND).collect();
        context.reverse();
        let mut characters: Vec<char> = Vec::new();
        let mut weigh = |read: &mut dyn Iterator<Item = char>, end: usize| {
            characters.clear();
            let behind = self.text[end..].chars().take(AROUND);
            characters.extend(context.iter().copied().chain(read).chain(behind));
            gain_by_triples(&characters)
        };
        // most readings end at the same few places
        let mut standing: FxHashMap<usize, i32> = FxHashMap::default();
        for complete in &mut self.complete {
            let end = complete.end;
            let standing = *standing
                .entry(end)
                .or_insert_with(|| weigh(&mut self.text[first..end].chars(), end));
            let items = self.readings.items(complete.reading);
            // the first is the last before the stretch
            let read = items.iter().filter_map(|item| match *item {
                Item::Char { character, .. } => Some(character),
                Item::Note(_) => None,
            });
            complete.gain += weigh(&mut read.skip(1), end) - standing;
        }
    }

    /// Walks the text from `first` on, and collects the complete readings.
    fn run(&mut self, first: usize, stretch: &Range<usize>) {
        let may_begin = first..forth(self.text, stretch.start);
        let may_end = self.may_end(stretch.end);
        let outlook = Outlook::new(self.text, first, may_begin.end, &may_end, &self.decoder);
        self.worth = self.least_threshold(may_begin.clone()) - SLACK;
        let mut straight = Some(self.readings.start(self.previous, [0; 2]));
        let mut torn: Option<Torn> = None;
        let mut column: Vec<Reading> = Vec::new();
        let mut rest = self.text[first..].char_indices();
        for (nth, (offset, character)) in rest.by_ref().take(MAX_RUN).enumerate() {
            let at = first + offset;
            self.prune(&mut column, nth, &outlook);
            let ends_here = may_end.contains(&at);
            if character.is_ascii() || ends_here {
                self.straighten_before(&column, at);
            }
            let mut next = Vec::new();
            if self.decoder.marker() == Some(character) {
                column.truncate(BRANCHES);
            }
            let limit = Limit::end(self.standing + outlook.of_end(nth) - self.need());
            for &reading in &column {
                self.feed(reading, at, character, limit, &mut next);
            }
            for reading in column.iter().take(SECONDS).filter(|_| ends_here) {
                self.slip(reading.charged(SECOND), at, character, limit, &mut next);
            }
            if let Some(reading) = straight.filter(|_| may_begin.contains(&at)) {
                if let Some(torn) = &torn {
                    self.go_on_behind(torn, at, character, &mut next);
                }
                let all = least_cost(&next).map_or(i32::MAX, |least| least + MARGIN);
                let limit = Limit::slip(outlook.of_slip(nth), self.standing - self.need(), all);
                self.slip(reading, at, character, limit, &mut next);
                torn = self.torn(torn, reading, at, character);
                let code = pairs(self.decoder.table(), character).next().unwrap_or_default();
                straight = Some(self.readings.push_char(reading, character, code, false));
            } else {
                straight = None;
            }
            self.standing += cost(self.previous, character);
            self.previous = character;
            let aligned;
            (column, aligned) = next.into_iter().partition(|reading| reading.lead.is_some());
            self.add_complete(aligned, at + character.len_utf8());
            if column.is_empty() && straight.is_none() {
                return;
            }
        }
        if rest.next().is_none() {
            prune(&mut column, WIDTH, MARGIN);
            self.straighten_before(&column, self.text.len());
        }
    }

    /// What a repair must gain at least that begins in a part of the text.
    fn least_threshold(&self, may_begin: Range<usize>) -> i32 {
        let marker = self.decoder.marker();
        match marker.is_some_and(|marker| self.text[may_begin].contains(marker)) {
            true => THRESHOLD,
            false => SILENT_THRESHOLD,
        }
    }

    /// What a reading must gain so that it counts.
    fn need(&self) -> i32 {
        self.worth.max(self.best - MARGIN)
    }

    /// Drops the readings that will not come to anything, before the `nth` character.
    fn prune(&self, column: &mut Vec<Reading>, nth: usize, outlook: &Outlook) {
        let least = self.need() - self.standing;
        column.retain(|reading| outlook.beyond(nth, reading) - reading.cost >= least);
        prune_behind(column, COUNTED);
        prune(column, WIDTH, MARGIN);
    }

    /// Where a second byte may be lost or gained: not where the text comes straight anyway.
    fn may_end(&self, stretch: usize) -> Range<usize> {
        let behind = self.text[stretch..].chars().next();
        if behind.is_none_or(|next| next.is_ascii() || next == char::REPLACEMENT_CHARACTER) {
            return stretch..stretch;
        }
        back(self.text, stretch)..forth(self.text, stretch)
    }

    fn add_complete(&mut self, readings: Vec<Reading>, end: usize) {
        let behind = self.text[end..].chars().next();
        let more = |previous| behind.map_or(0, |behind| cost(previous, behind));
        let standing = self.standing + more(self.previous);
        for reading in readings {
            let gain = standing - reading.cost - more(reading.previous);
            self.best = self.best.max(gain);
            if gain >= self.need() {
                self.complete.push(Complete { end, gain, reading });
            }
        }
    }

    /// Goes on with a character of the text, of which the first byte ends one of the true
    /// text.
    fn feed(
        &mut self,
        reading: Reading,
        at: usize,
        character: char,
        limit: Limit,
        next: &mut Vec<Reading>,
    ) {
        if self.decoder.marker() == Some(character) {
            let behind = self.byte_at(at + character.len_utf8());
            self.feed_lost(reading, behind, limit, next);
        }
        for code in self.decoder.table().codes(character) {
            let mut bytes = code.bytes().map(Byte::kept);
            next.extend(bytes.try_fold(reading, |reading, byte| self.readings.push(reading, byte)));
        }
    }

    /// Goes on with what the decoder could not read: the last trail byte before ASCII
    /// or a cut, or this and a byte more. `behind` is the byte that follows.
    fn feed_lost(
        &mut self,
        reading: Reading,
        behind: Option<u8>,
        limit: Limit,
        next: &mut Vec<Reading>,
    ) {
        let mut ends = Vec::new();
        for trail in 0x80..=0xFF {
            if !self.is_within(reading, trail, limit) {
                continue;
            }
            let Some(fed) = self.readings.push(reading, Byte::guess(trail)) else { continue };
            if self.is_lost_alone(trail, behind) {
                next.push(fed);
            } else if self.decoder.flavour != Flavour::Windows {
                // the text was cut there, as it may have been at its beginning
                next.push(fed.charged(CUT));
            }
            ends.push(fed);
        }
        // at the end of the text there is no second byte to be lost
        if behind.is_none() || !self.decoder.loses_pairs() {
            return;
        }
        ends.sort_by_key(|fed| fed.cost);
        let mut left = BRANCHES;
        for fed in ends {
            let trail = fed.tail[1];
            let lost_with = |&byte: &u8| self.decoder.unit(&[trail, byte]) == (Unit::Lost, 2);
            let bytes = SWALLOWED.iter().copied().chain(0x80..=0xFF);
            let mut seconds = bytes.filter(lost_with).peekable();
            if seconds.peek().is_none() {
                continue;
            }
            next.extend(seconds.filter_map(|byte| self.readings.push(fed, Byte::guess(byte))));
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }

    /// Whether the character that a byte ends is one and leaves a reading within a limit.
    fn is_within(&self, reading: Reading, trail: u8, limit: Limit) -> bool {
        let pair = reading.lead.map(|lead| [lead.value, trail]);
        let priced = pair.and_then(|pair| self.readings.price(reading, pair));
        priced.is_some_and(|(character, cost)| limit.admits(character, cost))
    }

    /// Whether the decoder loses a byte that ends up in a lead byte's place, and nothing more.
    fn is_lost_alone(&self, byte: u8, behind: Option<u8>) -> bool {
        let unit = match behind {
            Some(behind) => self.decoder.unit(&[byte, behind]),
            None => self.decoder.unit(&[byte]),
        };
        unit == (Unit::Lost, 1)
    }

    /// Reads a character of the text with a byte that was lost or gained in it or before it.
    fn slip(
        &mut self,
        reading: Reading,
        at: usize,
        character: char,
        limit: Limit,
        next: &mut Vec<Reading>,
    ) {
        if !limit.may_admit(reading.cost) {
            return;
        }
        let behind = self.byte_at(at + character.len_utf8());
        for [lead, trail] in pairs(self.decoder.table(), character) {
            self.lose(reading, at, &[lead, trail], limit, next);
            let gained = self.gain(reading, at, lead, Some(trail));
            next.extend(self.readings.push(gained, Byte::kept(trail)));
            if let Some(kept) = self.readings.push(reading, Byte::kept(lead)) {
                self.lose(kept, at, &[trail], limit, next);
                // behind a character, ASCII has put the text straight
                if kept.lead.is_some() || !trail.is_ascii() {
                    next.push(self.gain(kept, at, trail, behind));
                }
            }
        }
    }

    /// Guesses a lost byte and goes on with those that are there, within a limit.
    fn lose(
        &mut self,
        reading: Reading,
        at: usize,
        rest: &[u8],
        limit: Limit,
        next: &mut Vec<Reading>,
    ) {
        let index = usize::from(reading.lead.is_some());
        let reading = self.note(reading, Accident::Lost(index), at..at);
        // what ends no character begins one
        let values = if index == 0 { 0x81..=0xFE } else { 0x40..=0xFE };
        for value in values {
            let pair = match (reading.lead, rest.first()) {
                (Some(lead), _) => [lead.value, value],
                (None, Some(&trail)) => [value, trail],
                (None, None) => continue,
            };
            let Some((character, cost)) = self.readings.price(reading, pair) else { continue };
            if !limit.admits(character, cost) {
                continue;
            }
            let guessed = self.readings.push(reading, Byte::guess(value));
            let mut rest = rest.iter().map(|&byte| Byte::kept(byte));
            let mut push = |reading, byte| self.readings.push(reading, byte);
            next.extend(guessed.and_then(|guessed| rest.try_fold(guessed, &mut push)));
        }
    }

    /// Leaves out a byte that was gained; `behind` is the byte that follows.
    fn gain(&mut self, reading: Reading, at: usize, gained: u8, behind: Option<u8>) -> Reading {
        let index = usize::from(reading.lead.is_some());
        let doubled = reading.tail[1] == gained || behind == Some(gained);
        let (cost, accident) = match doubled {
            true => (DOUBLED, Accident::Doubled(index, gained)),
            false => (GAINED, Accident::Gained(index, gained)),
        };
        self.note(reading.charged(cost), accident, at..at)
    }

    fn note(&mut self, reading: Reading, accident: Accident, at: Range<usize>) -> Reading {
        self.readings.note(reading, Note { accident, start: at.start, behind: at.end })
    }

    /// What a torn lead byte left before the next character, if `character` leaves that open.
    fn torn(
        &self,
        torn: Option<Torn>,
        before: Reading,
        at: usize,
        character: char,
    ) -> Option<Torn> {
        if self.decoder.marker() == Some(character) {
            return Some(Torn { before, marker: at..at + character.len_utf8() });
        }
        torn.filter(|_| matches!(character, '\r' | '\n' | ' '))
    }

    /// Goes on behind a torn lead byte and what came in between.
    fn go_on_behind(&mut self, torn: &Torn, at: usize, character: char, next: &mut Vec<Reading>) {
        if pairs(self.decoder.table(), character).next().is_none() {
            return;
        }
        let blanks = self.text[torn.marker.end..at].matches(' ').count() as i32;
        let before = torn.before.charged(blanks * INSERTED);
        let cut = self.note(before, Accident::Torn, torn.marker.start..at);
        for reading in self.readings.guess_lead(cut) {
            self.feed(reading, at, character, Limit::NONE, next);
        }
        if &self.text[torn.marker.end..at] == "  "
            && self.readings.table().pair(BLANK[0], BLANK[1]) == Some('\u{3000}')
        {
            let cut = self.note(torn.before, Accident::Blanked, torn.marker.start..at);
            for reading in self.readings.guess_lead(cut) {
                let Some(reading) = self.readings.push_pair(reading, BLANK) else { continue };
                self.feed(reading, at, character, Limit::NONE, next);
            }
        }
    }

    /// Ends readings with a byte that left no mark.
    fn straighten_before(&mut self, column: &[Reading], at: usize) {
        let behind = self.byte_at(at);
        let straight = self.text[at..].chars().next();
        let standing = self.standing + straight.map_or(0, |next| cost(self.previous, next));
        let mut aligned = Vec::new();
        for &reading in column.iter().take(BRANCHES) {
            let limit = Limit::end(standing - self.need());
            if behind.is_none_or(|behind| behind.is_ascii()) {
                self.lose(reading.charged(SECOND), at, &[], limit, &mut aligned);
            }
            if self.decoder.marker().is_none() {
                for trail in 0x80..=0xFF {
                    if self.is_lost_alone(trail, behind) && self.is_within(reading, trail, limit) {
                        let guess = Byte::guess(trail);
                        aligned.extend(self.readings.push(reading, guess));
                    }
                }
            }
        }
        self.add_complete(aligned, at);
    }

    /// The first byte of the character at `at`.
    fn byte_at(&self, at: usize) -> Option<u8> {
        let character = self.text[at..].chars().next()?;
        let code = self.decoder.table().first_code(character)?;
        code.bytes().next()
    }
}

/// What readings may cost that a guess is made in.
#[derive(Clone, Copy)]
struct Limit {
    /// At any rate.
    all: i32,
    /// Where they end at once.
    ends: i32,
    /// Where they go on with a character, that one included.
    next: Option<char>,
    goes_on: i32,
}

impl Limit {
    /// No limit.
    const NONE: Limit = Limit { all: i32::MAX, ends: i32::MAX, next: None, goes_on: i32::MAX };

    /// The limit of readings that end at once.
    fn end(most: i32) -> Limit {
        Limit { all: most, ends: most, next: None, goes_on: most }
    }

    /// The limit of readings that may gain so much from here on, where they may cost `spare` if
    /// they gained nothing, and at any rate no more than `all`.
    fn slip(gain: Gain, spare: i32, all: i32) -> Limit {
        Limit { all, ends: spare + gain.ends, next: gain.next, goes_on: spare + gain.beyond }
    }

    /// Whether any reading is within the limit of which the beginning costs so much.
    fn may_admit(&self, cost: i32) -> bool {
        cost <= self.all.min(self.ends.max(self.goes_on))
    }

    /// Whether a reading is within the limit that costs so much up to a guessed character.
    fn admits(&self, guess: char, so_far: i32) -> bool {
        let on = || so_far + self.next.map_or(0, |next| cost(guess, next)) <= self.goes_on;
        so_far <= self.all && (so_far <= self.ends || so_far <= self.goes_on && on())
    }
}

/// What the cheapest reading that is half a character off costs.
fn least_cost(readings: &[Reading]) -> Option<i32> {
    let shifted = readings.iter().filter(|reading| reading.lead.is_some());
    shifted.map(|reading| reading.cost).min()
}

/// Where the search begins: some characters before the stretch, and before a marker if
/// nothing but blanks and line breaks stand between.
fn first(text: &str, floor: usize, stretch: usize, marker: Option<char>) -> usize {
    let line = text[floor..stretch].rfind('\n').map_or(floor, |at| floor + at + 1);
    let first = back(text, stretch).max(line);
    let before = text[floor..first].trim_end_matches(['\r', '\n', ' ']);
    let marked = marker.filter(|&marker| before.ends_with(marker));
    marked.map_or(first, |marker| floor + before.len() - marker.len_utf8())
}

/// [`ZONE`] characters before a place.
pub(super) fn back(text: &str, at: usize) -> usize {
    text[..at].char_indices().rev().nth(ZONE - 1).map_or(0, |(at, _)| at)
}

/// [`ZONE`] characters behind a place.
pub(super) fn forth(text: &str, at: usize) -> usize {
    text[at..].char_indices().nth(ZONE).map_or(text.len(), |(offset, _)| at + offset)
}
