//! Stretches of a damaged text that can be read in one way only.
//!
//! Where damage goes on without a loss, the only other way is to leave it, and that is given up
//! as soon as some characters of the reading are whole. So nothing else is looked at if leaving
//! alone is dearer than [`BEAM_DEPTH`] allows by then: the same reading as by the search, in a
//! tenth of the time.
//!
//! ```text
//! 鐢 ㄦ 埛      E7 94 A8 | E6 88 B7      用 and 户 are whole behind 埛
//! ```

use super::expand::leaving;
use super::lattice::{BEAM_DEPTH, Emitted, Read};
use super::path::Layer;
use crate::codec::{Incremental, Pushed};
use crate::model;

/// Reads `text` behind `previous` as far as only one way can be right, one [`Read`] a character,
/// and says how many bytes were read. The end is never inside of a character of the reading.
///
/// `damaged` where the character before was undone.
pub fn read(
    layer: &Layer,
    previous: char,
    damaged: bool,
    text: &str,
    reads: &mut Vec<Read>,
) -> usize {
    let mut reader = Reader { layer, previous, reads };
    let mut taken = 0;
    while let Some(first) = text[taken..].chars().next() {
        let length = match first {
            _ if first.is_ascii() => reader.itself(first, damaged),
            _ if damaged => reader.whole_characters(first, &text[taken..]),
            _ => None,
        };
        let Some(length) = length else { break };
        taken += length;
    }
    taken
}

/// Whether `text` begins like damage of a layer: its first characters that are not ASCII are
/// whole ones of the true codec. Other lines seldom do.
pub fn begins(layer: &Layer, text: &str) -> bool {
    let mut reads = Vec::new();
    let mut reader = Reader { layer, previous: '\n', reads: &mut reads };
    reader.group(text.trim_start_matches(|c: char| c.is_ascii())).is_some()
}

struct Reader<'a> {
    layer: &'a Layer,
    /// The last character of the reading.
    previous: char,
    reads: &'a mut Vec<Read>,
}

impl Reader<'_> {
    /// Reads ASCII that stands for nothing but itself.
    fn itself(&mut self, ascii: char, damaged: bool) -> Option<usize> {
        let wrong = self.layer.wrong;
        if wrong.flavour.marker() == Some(ascii) || !wrong.table().is_itself(ascii) {
            return None;
        }
        let cost = model::cost(self.previous, ascii).0;
        self.reads.push(Read::sure(ascii, damaged, cost, Emitted::clean(ascii)));
        self.previous = ascii;
        Some(1)
    }

    /// Undoes characters up to where none of the reading has begun, if that is certain.
    fn whole_characters(&mut self, first: char, text: &str) -> Option<usize> {
        let (reads, previous) = (self.reads.len(), self.previous);
        let leaving = leaving(first) + model::cost(previous, first).0;
        let group = self.group(text).filter(|(_, cost)| leaving > cost + BEAM_DEPTH);
        if group.is_none() {
            self.reads.truncate(reads);
            self.previous = previous;
        }
        group.map(|(length, _)| length)
    }

    /// Undoes characters up to where none of the reading has begun; gives their bytes in the
    /// text, and their cost.
    fn group(&mut self, text: &str) -> Option<(usize, i32)> {
        let mut begun = Incremental::default();
        let (mut length, mut cost) = (0, 0);
        for symbol in text.chars() {
            let read = self.undone(symbol, &mut begun)?;
            cost += read.cost;
            length += symbol.len_utf8();
            self.reads.push(read);
            if begun.is_empty() {
                return Some((length, cost));
            }
        }
        None
    }

    /// Undoes a character that has one code of the wrong decoder, where that goes on what has
    /// begun.
    fn undone(&mut self, symbol: char, begun: &mut Incremental) -> Option<Read> {
        let Layer { wrong, truth } = self.layer;
        // what vanished without a marker may have vanished anywhere
        if wrong.flavour.marker().is_none_or(|marker| marker == symbol) {
            return None;
        }
        let mut read = Read::sure(symbol, true, 0, Emitted::default());
        for byte in wrong.table().only_code(symbol)?.bytes() {
            match begun.push(*truth, byte) {
                // text that was lost before this damage is for the search to weigh
                Pushed::Invalid | Pushed::Char(char::REPLACEMENT_CHARACTER) => return None,
                Pushed::Pending(more) => *begun = more,
                Pushed::Char(character) => {
                    *begun = Incremental::default();
                    read.cost += model::cost(self.previous, character).0;
                    self.previous = character;
                    if !read.emitted.push(character, false) {
                        return None;
                    }
                }
            }
        }
        Some(read)
    }
}
