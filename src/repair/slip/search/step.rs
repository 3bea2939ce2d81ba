//! How readings go on with a character of the text: as it stands, or with an accident in it.

use std::ops::Range;

use super::limit::Limit;
use super::{Accident, BLANK, BRANCHES, Note, Search};
use crate::codec::{Flavour, SWALLOWABLE, Unit};
use crate::edit::Bits;
use crate::repair::resync::{Byte, Reading};

/// Charged for a gained byte: nothing in the text says which it was, which takes 8 bits.
const GAINED: i32 = 8 * Bits::ONE.0;
/// Charged for a gained byte that is a copy of its neighbour, the commonest accident.
const DOUBLED: i32 = 2 * Bits::ONE.0;

/// Charged for each blank that came in behind a torn byte; line breaks are what tears.
const INSERTED: i32 = 8 * Bits::ONE.0;

/// Charged where a byte at the end of the damage is lost and the decoder would not lose it.
const CUT: i32 = 4 * Bits::ONE.0;

/// A character of the text that readings go on with.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    /// Where it stands.
    pub(super) at: usize,
    pub(super) character: char,
    /// What readings may cost.
    pub(super) limit: Limit,
}

/// What a torn lead byte left behind.
pub(super) struct Torn {
    /// The reading before it.
    before: Reading,
    /// What stands for it in the text.
    marker: Range<usize>,
}

impl Search<'_> {
    /// Goes on with a character of the text, of which the first byte ends one of the true
    /// text.
    pub(super) fn feed(&mut self, reading: Reading, symbol: Symbol, next: &mut Vec<Reading>) {
        if self.decoder.marker() == Some(symbol.character) {
            self.feed_lost(reading, symbol, next);
        }
        for code in self.decoder.table().codes(symbol.character) {
            let mut bytes = code.bytes().map(Byte::kept);
            next.extend(bytes.try_fold(reading, |reading, byte| self.readings.push(reading, byte)));
        }
    }

    /// Goes on with what the decoder could not read: the last trail byte before ASCII
    /// or a cut, or this and a byte more.
    fn feed_lost(&mut self, reading: Reading, symbol: Symbol, next: &mut Vec<Reading>) {
        let behind = self.byte_behind(symbol);
        let mut ends = Vec::new();
        for trail in 0x80..=0xFF {
            if !self.is_within(reading, trail, symbol.limit) {
                continue;
            }
            let Some(fed) = self.readings.push(reading, Byte::guess(trail)) else { continue };
            if self.is_lost_alone(trail, behind) {
                next.push(fed);
            } else if self.decoder.flavour != Flavour::WINDOWS {
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
            let bytes = SWALLOWABLE.iter().copied().chain(0x80..=0xFF);
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
    pub(super) fn is_within(&self, reading: Reading, trail: u8, limit: Limit) -> bool {
        let pair = reading.lead.map(|lead| [lead.value, trail]);
        let priced = pair.and_then(|pair| self.readings.price(reading, pair));
        priced.is_some_and(|(character, cost)| limit.admits(character, cost))
    }

    /// Whether the decoder loses a byte that ends up in a lead byte's place, and nothing more.
    pub(super) fn is_lost_alone(&self, byte: u8, behind: Option<u8>) -> bool {
        let unit = match behind {
            Some(behind) => self.decoder.unit(&[byte, behind]),
            None => self.decoder.unit(&[byte]),
        };
        unit == (Unit::Lost, 1)
    }

    /// Reads a character of the text with a byte that was lost or gained in it or before it.
    pub(super) fn slip(&mut self, reading: Reading, symbol: Symbol, next: &mut Vec<Reading>) {
        let Symbol { at, character, limit } = symbol;
        if !limit.may_admit(reading.cost) {
            return;
        }
        let behind = self.byte_behind(symbol);
        for [lead, trail] in self.decoder.table().pairs_of(character) {
            next.extend(self.lose(reading, at, &[lead, trail], limit));
            let gained = self.gain(reading, at, lead, Some(trail));
            next.extend(self.readings.push(gained, Byte::kept(trail)));
            if let Some(kept) = self.readings.push(reading, Byte::kept(lead)) {
                next.extend(self.lose(kept, at, &[trail], limit));
                // behind a character, ASCII has put the text straight
                if kept.lead.is_some() || !trail.is_ascii() {
                    next.push(self.gain(kept, at, trail, behind));
                }
            }
        }
    }

    /// Guesses a lost byte and goes on with those that are there, within a limit.
    pub(super) fn lose(
        &mut self,
        reading: Reading,
        at: usize,
        rest: &[u8],
        limit: Limit,
    ) -> impl Iterator<Item = Reading> {
        let index = usize::from(reading.lead.is_some());
        let reading = self.note(reading, Accident::Lost(index), at..at);
        // what ends no character begins one
        let values = if index == 0 { 0x81..=0xFE } else { 0x40..=0xFE };
        let guess = move |value| {
            let pair = match (reading.lead, rest.first()) {
                (Some(lead), _) => [lead.value, value],
                (None, Some(&trail)) => [value, trail],
                (None, None) => return None,
            };
            let (character, cost) = self.readings.price(reading, pair)?;
            if !limit.admits(character, cost) {
                return None;
            }
            let guessed = self.readings.push(reading, Byte::guess(value))?;
            let mut rest = rest.iter().map(|&byte| Byte::kept(byte));
            rest.try_fold(guessed, |reading, byte| self.readings.push(reading, byte))
        };
        values.filter_map(guess)
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
    pub(super) fn torn(&self, torn: Option<Torn>, before: Reading, symbol: Symbol) -> Option<Torn> {
        let Symbol { at, character, .. } = symbol;
        if self.decoder.marker() == Some(character) {
            return Some(Torn { before, marker: at..at + character.len_utf8() });
        }
        torn.filter(|_| matches!(character, '\r' | '\n' | ' '))
    }

    /// Goes on behind a torn lead byte and what came in between.
    pub(super) fn go_on_behind(&mut self, torn: &Torn, symbol: Symbol, next: &mut Vec<Reading>) {
        let symbol = Symbol { limit: Limit::NONE, ..symbol };
        let at = symbol.at;
        if self.decoder.table().pairs_of(symbol.character).next().is_none() {
            return;
        }
        let blanks = self.text[torn.marker.end..at].matches(' ').count() as i32;
        let before = torn.before.charged(blanks * INSERTED);
        let cut = self.note(before, Accident::Torn, torn.marker.start..at);
        for reading in self.readings.guess_lead(cut) {
            self.feed(reading, symbol, next);
        }
        if &self.text[torn.marker.end..at] == "  "
            && self.readings.table().pair(BLANK[0], BLANK[1]) == Some('\u{3000}')
        {
            let cut = self.note(torn.before, Accident::Blanked, torn.marker.start..at);
            for reading in self.readings.guess_lead(cut) {
                let Some(reading) = self.readings.push_pair(reading, BLANK) else { continue };
                self.feed(reading, symbol, next);
            }
        }
    }

    /// The byte that follows a character.
    fn byte_behind(&self, symbol: Symbol) -> Option<u8> {
        self.byte_at(symbol.at + symbol.character.len_utf8())
    }
}
