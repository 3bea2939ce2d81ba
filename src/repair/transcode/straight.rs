//! Stretches of a damaged text that can be read in one way only.
//!
//! Where damage goes on without a loss, the only other way is to leave it, and that is given up
//! as soon as some characters of the reading are whole. So nothing else is looked at if leaving
//! is dearer than [`BEAM_DEPTH`] allows by then: the same reading as by the search, in a tenth of
//! the time.
//!
//! ```text
//! 鐢 ㄦ 埛      E7 94 A8 | E6 88 B7      用 and 户 are whole behind 埛
//! ```

use super::expand::{least_behind, leaving};
use super::lattice::{BEAM_DEPTH, Emitted, Read};
use super::path::{Layer, MAX_LAYERS, Path};
use crate::codec::{Incremental, Pushed};
use crate::model;

/// Reads `text` behind `previous` as far as only one way can be right, one [`Read`] a character,
/// and says how many bytes were read. The end is never inside of a character of the reading.
///
/// `damaged` where the character before was undone.
pub fn read(
    path: &Path,
    previous: char,
    damaged: bool,
    text: &str,
    reads: &mut Vec<Read>,
) -> usize {
    let mut reader = Reader { path, previous };
    let mut taken = 0;
    while let Some(first) = text[taken..].chars().next() {
        if first.is_ascii() {
            if !reader.is_itself(first) {
                break;
            }
            let cost = model::cost(reader.previous, first).0;
            reads.push(Read::sure(first, damaged, cost, Emitted::clean(first)));
            reader.previous = first;
            taken += 1;
            continue;
        }
        if !damaged {
            break;
        }
        let before = reads.len();
        let push = |symbol, cost, emitted| reads.push(Read::sure(symbol, true, cost, emitted));
        let leaving = reader.leaving(first);
        let group = reader.group(&text[taken..], push);
        let is_sure = |&(length, cost): &(usize, i64)| {
            let rest = &text[taken + first.len_utf8()..taken + length];
            leaving + i64::from(least_behind(first, rest)) > cost + i64::from(BEAM_DEPTH)
        };
        let is_followed = |&(length, _): &(usize, i64)| {
            !path.is_stripped() || reader.is_followed(&text[taken + length..])
        };
        let Some((length, _)) = group.filter(is_sure).filter(is_followed) else {
            reads.truncate(before);
            break;
        };
        taken += length;
    }
    taken
}

/// Whether `text` begins like damage along a path: its first characters that are not ASCII are
/// whole ones of the true codec. Other lines seldom do.
pub fn begins(path: &Path, text: &str) -> bool {
    let mut reader = Reader { path, previous: '\n' };
    reader.group(text.trim_start_matches(|c: char| c.is_ascii()), |_, _, _| ()).is_some()
}

/// What has begun in the true codec of each layer.
type Begun = [Incremental; MAX_LAYERS];

struct Reader<'a> {
    path: &'a Path,
    /// The last character of the reading.
    previous: char,
}

impl Reader<'_> {
    /// Whether ASCII stands for nothing but itself.
    fn is_itself(&self, ascii: char) -> bool {
        // of a pair, the byte before may have vanished: of 訂 (AD71) q is left
        let may_end_pair = self.path.is_pairs_in_single_bytes()
            && self.path.layers()[0].wrong.loses_unmarked()
            && matches!(ascii, '@'..='~');
        let mut wrong = self.path.layers().iter().map(|layer| layer.wrong);
        !may_end_pair
            && wrong.all(|wrong| wrong.marker() != Some(ascii) && wrong.table().is_itself(ascii))
    }

    /// Whether something goes on behind a group. Of 箭、 (E7AE ADE3 8081) `绠€侀` is left, and `绠€` is
    /// 简 (E7AE 80), but 侀 begins nothing.
    fn is_followed(&self, text: &str) -> bool {
        let mut next = Reader { path: self.path, previous: self.previous };
        text.chars().next().is_none_or(|first| first.is_ascii())
            || next.group(text, |_, _, _| ()).is_some()
    }

    /// What it costs to take a character as it stands.
    fn leaving(&self, symbol: char) -> i64 {
        i64::from(leaving(symbol) + model::cost(self.previous, symbol).0)
    }

    /// Undoes characters up to where none of the reading has begun: gives their bytes in the text
    /// and their cost, and each with what it costs and adds to `push`, even if some do not fit.
    fn group(
        &mut self,
        text: &str,
        mut push: impl FnMut(char, i32, Emitted),
    ) -> Option<(usize, i64)> {
        let mut begun = Begun::default();
        // a megabyte may be out of step before any character of the reading ends
        let (mut length, mut sum) = (0, 0i64);
        for symbol in text.chars() {
            let mut emitted = Emitted::default();
            let cost = self.undo(0, symbol, &mut begun, &mut emitted)?;
            sum += i64::from(cost);
            length += symbol.len_utf8();
            push(symbol, cost, emitted);
            if begun[..self.path.layers().len()].iter().all(Incremental::is_empty) {
                return Some((length, sum));
            }
        }
        None
    }

    /// Undoes a character in a layer, where it has one code of the wrong decoder and that goes on
    /// what has begun; gives the cost of what it adds to the reading.
    fn undo(
        &mut self,
        layer: usize,
        symbol: char,
        begun: &mut Begun,
        emitted: &mut Emitted,
    ) -> Option<i32> {
        let layers = self.path.layers();
        let Layer { wrong, truth } = layers[layer];
        // what vanished without a marker may have vanished anywhere
        if wrong.marker().is_none_or(|marker| marker == symbol) {
            return None;
        }
        let mut cost = 0;
        for &byte in wrong.table().only_code(symbol)?.as_bytes() {
            match begun[layer].push(truth, byte) {
                // text that was lost before this damage is for the search to weigh
                Pushed::Invalid | Pushed::Char(char::REPLACEMENT_CHARACTER) => return None,
                Pushed::Pending(more) => begun[layer] = more,
                Pushed::Char(character) => {
                    begun[layer] = Incremental::default();
                    cost += match layers.len() - layer {
                        1 => self.emit(character, emitted)?,
                        _ => self.undo(layer + 1, character, begun, emitted)?,
                    };
                }
            }
        }
        Some(cost)
    }

    /// Adds a character to the reading.
    fn emit(&mut self, character: char, emitted: &mut Emitted) -> Option<i32> {
        let cost = model::cost(self.previous, character).0;
        self.previous = character;
        emitted.push(character, false).then_some(cost)
    }
}
