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

mod limit;
mod step;

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::bound::Bound;
use super::cost::{cost, gain_by_triples};
use super::{SILENT_THRESHOLD, THRESHOLD};
use crate::codec::{Decoder, Flavour};
use crate::edit::Bits;
use crate::repair::resync::{Byte, Item, Reading, Readings, prune};
use crate::script::char_before;
use limit::Limit;
use step::{Symbol, Torn};

/// How many readings are kept at each character; a lost byte has some 190 values.
const WIDTH: usize = 126;

/// A reading so much worse than the best does not come back.
const MARGIN: i32 = 16 * Bits::ONE.0;

/// Readings of text that is half a character off that are told apart where more bytes are lost at its
/// end, at most: guesses would multiply.
const BRANCHES: usize = 16;

/// Readings that are tried with a second byte lost or gained, at most.
const SECONDS: usize = 4;

/// Characters on each side of the places that the fast look found in which the slip may
/// be: the first shifted ones may happen to be frequent.
const ZONE: usize = 4;

/// Text is shifted no further than this many characters: ASCII or the end of the line puts it
/// straight. A longer run is looked at in pieces of so many, which bounds the work.
pub(super) const MAX_RUN: usize = 1000;

/// A reading so much worse than another one that goes on alike counts for nothing.
const COUNTED: i32 = 12 * Bits::ONE.0;

/// What triples and rivals of a reading may take it below its threshold by pairs.
const SLACK: i32 = 8 * Bits::ONE.0;

/// How many complete readings are weighed by triples, the best by pairs.
const WEIGHED: usize = 256;

/// Characters on each side that triples are looked up with.
pub(super) const AROUND: usize = 2;

/// Charged where a second byte was lost or gained, which puts the text straight.
pub(super) const SECOND: i32 = 16 * Bits::ONE.0;

/// A full-width blank in GBK and EUC-KR.
pub(super) const BLANK: [u8; 2] = [0xA1, 0xA1];

/// What happened to the bytes of the character that follows in a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accident {
    /// The byte of this index, 0 or 1, was lost.
    Lost(usize),
    /// A byte came in before the byte of this index.
    Gained(usize, u8),
    /// A byte came in before the byte of this index, a copy of its neighbour.
    Doubled(usize, u8),
    /// The text was cut behind the first byte, which was then decoded without the second;
    /// ASCII may have come in.
    Torn,
    /// The text was cut behind the first byte: the second one and the next, A1 A1, are on
    /// their own a full-width blank, for which two blanks were put in.
    Blanked,
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
        let readings = Readings::new(decoder.codec.table(Flavour::WEB), &cost);
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
        let bound = Bound::new(self.text, first, may_begin.end, &may_end, &self.decoder);
        self.worth = self.least_threshold(may_begin.clone()) - SLACK;
        let mut straight = Some(self.readings.start(self.previous, [0; 2]));
        let mut torn: Option<Torn> = None;
        let mut column: Vec<Reading> = Vec::new();
        let mut rest = self.text[first..].char_indices();
        for (nth, (offset, character)) in rest.by_ref().take(MAX_RUN).enumerate() {
            let at = first + offset;
            self.prune(&mut column, nth, &bound);
            let ends_here = may_end.contains(&at);
            if character.is_ascii() || ends_here {
                self.straighten_before(&column, at);
            }
            let limit = Limit::end(self.standing + bound.of_end(nth) - self.need());
            let symbol = Symbol { at, character, limit };
            let mut next = self.read_on(&column, symbol, ends_here);
            if let Some(reading) = straight.filter(|_| may_begin.contains(&at)) {
                if let Some(torn) = &torn {
                    self.go_on_behind(torn, symbol, &mut next);
                }
                let all = least_cost(&next).map_or(i32::MAX, |least| least + MARGIN);
                let limit = Limit::slip(bound.of_slip(nth), self.standing - self.need(), all);
                self.slip(reading, Symbol { limit, ..symbol }, &mut next);
                torn = self.torn(torn, reading, symbol);
                let code = self.decoder.table().pairs_of(character).next().unwrap_or_default();
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
            prune(&mut column, WIDTH, MARGIN, MARGIN);
            self.straighten_before(&column, self.text.len());
        }
    }

    /// Reads a character behind readings that are half a character off, the best first; if another
    /// slip may put the text straight here, behind the best with one, too.
    fn read_on(&mut self, column: &[Reading], symbol: Symbol, may_end: bool) -> Vec<Reading> {
        let is_lost = self.decoder.marker() == Some(symbol.character);
        let most = if is_lost { BRANCHES } else { column.len() };
        let mut next = Vec::new();
        for &reading in column.iter().take(most) {
            self.feed(reading, symbol, &mut next);
        }
        for reading in column.iter().take(SECONDS).filter(|_| may_end) {
            self.slip(reading.charged(SECOND), symbol, &mut next);
        }
        next
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
    fn prune(&self, column: &mut Vec<Reading>, nth: usize, bound: &Bound) {
        let least = self.need() - self.standing;
        column.retain(|reading| bound.beyond(nth, reading) - reading.cost >= least);
        prune(column, WIDTH, MARGIN, COUNTED);
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

    /// Ends readings with a byte that left no mark.
    fn straighten_before(&mut self, column: &[Reading], at: usize) {
        let behind = self.byte_at(at);
        let straight = self.text[at..].chars().next();
        let standing = self.standing + straight.map_or(0, |next| cost(self.previous, next));
        let mut aligned = Vec::new();
        for &reading in column.iter().take(BRANCHES) {
            let limit = Limit::end(standing - self.need());
            if behind.is_none_or(|behind| behind.is_ascii()) {
                aligned.extend(self.lose(reading.charged(SECOND), at, &[], limit));
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
