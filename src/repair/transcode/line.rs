//! Lines that are damaged from end to end and can be read in one way only.
//!
//! Behind a damaged line most others are damaged the same way throughout, and without a loss. Such
//! a line is undone as a whole, one layer after the other, and then priced: the same reading as by
//! the search, in a fiftieth of the time.
//!
//! ```text
//! Ö Ð Î Ä      D6 D0 | CE C4      two groups: ÖÐ is 中, ÎÄ is 文
//! ```

use std::ops::Range;

use super::expand::{ENTER, inside, leaving};
use super::lattice::BEAM_DEPTH;
use super::path::{Layer, Path};
use super::reading;
use super::run::Run;
use crate::codec::{Incremental, Pushed};
use crate::model;
use crate::script::char_before;

/// Reads lines one after the other, in the same memory.
#[derive(Default)]
pub struct LineReader {
    undone: Undone,
    /// What the next layer makes of it.
    inner: Undone,
    /// What each of its characters costs, in 1/256 bit.
    costs: Vec<i32>,
}

/// A text as it was before damage.
#[derive(Default)]
struct Undone {
    text: String,
    /// The whole text, as it was found and as it was.
    groups: Vec<Group>,
}

/// The fewest characters that stand for the same bytes as whole characters of the true codec.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Bytes of the characters as they were found.
    found: usize,
    /// Bytes of those that they were.
    read: usize,
    /// How many those are.
    characters: usize,
}

impl LineReader {
    /// The run that a line at `range` of `text` is, if all of it but ASCII can be read in one way
    /// only and reads like any other text: the same as a search of the line finds.
    pub fn read(&mut self, path: &Path, text: &str, range: Range<usize>) -> Option<Run> {
        self.undo(path, &text[range.clone()])?;
        let Undone { text: read, groups } = &self.undone;
        self.costs.clear();
        self.costs.extend(model::steps_of_each('\n', read));
        let mut costs = &self.costs[..];
        let mut run = Run::default();
        let (mut cost, mut characters) = (i64::from(ENTER), 0);
        // where the group and the piece that it is of begin, as found and as read
        let (mut at, mut from) = (range.start, 0);
        let (mut piece_at, mut piece_from) = (at, from);
        for group in groups {
            let (more, rest) = costs.split_at(group.characters);
            costs = rest;
            let found = &text[at..at + group.found];
            if let &[ascii @ ..0x80] = found.as_bytes() {
                run.take(piece_at..at, &read[piece_from..from]);
                run.pass(at, ascii.into(), || more[0]);
                (piece_at, piece_from) = (at + 1, from + 1);
            } else {
                let more: i64 = more.iter().map(|&cost| i64::from(cost)).sum();
                if is_left_for(found, &read[..from], more + i64::from(BEAM_DEPTH)) {
                    return None;
                }
                cost += more;
                characters += group.characters;
            }
            (at, from) = (at + group.found, from + group.read);
        }
        run.take(piece_at..at, &read[piece_from..from]);
        run.pay(cost);
        reading::goes_on(cost, characters, path).then_some(run)
    }

    /// Undoes every layer of a line.
    fn undo(&mut self, path: &Path, line: &str) -> Option<()> {
        let (outer, inner) = path.layers().split_first()?;
        self.undone.undo(outer, line)?;
        for layer in inner {
            self.inner.undo(layer, &self.undone.text)?;
            join(&self.undone.groups, &mut self.inner.groups);
            std::mem::swap(&mut self.undone, &mut self.inner);
        }
        Some(())
    }
}

/// Whether to leave the characters of a group as found, behind what was `read`, and to go on with
/// the next group costs at most `bar`.
fn is_left_for(found: &str, read: &str, bar: i64) -> bool {
    let mut rest = found.chars();
    let (Some(first), Some(last)) = (rest.next(), found.chars().next_back()) else { return false };
    let mut cost = i64::from(leaving(first) + ENTER + inside(last));
    // mostly that is enough, and the model need not be asked
    if cost <= bar {
        cost += model::steps_after(first, rest.as_str());
    }
    let behind_read = || model::cost(char_before(read, read.len()), first).0;
    cost <= bar && cost + i64::from(behind_read()) <= bar
}

impl Undone {
    /// Undoes a layer of a text, where each character has one code of the wrong decoder and those
    /// are all of the true codec. ASCII between such characters stands for itself.
    fn undo(&mut self, layer: &Layer, found: &str) -> Option<()> {
        let Layer { wrong, truth } = *layer;
        let (marker, table) = (wrong.marker(), wrong.table());
        self.text.clear();
        self.groups.clear();
        let mut begun = Incremental::default();
        // where the group begins, as found and as read
        let (mut at, mut from, mut characters) = (0, 0, 0);
        for (start, symbol) in found.char_indices() {
            // what vanished without a marker may have vanished anywhere
            let is_sure = match marker {
                _ if symbol.is_ascii() && begun.is_empty() => {
                    table.is_itself(symbol) && marker != Some(symbol)
                }
                marker => marker.is_some_and(|marker| marker != symbol),
            };
            if !is_sure {
                return None;
            }
            for &byte in table.only_code(symbol)?.as_bytes() {
                match begun.push(truth, byte) {
                    // text that was lost before this damage is for the search to weigh
                    Pushed::Invalid | Pushed::Char(char::REPLACEMENT_CHARACTER) => return None,
                    Pushed::Pending(more) => begun = more,
                    Pushed::Char(character) => {
                        begun = Incremental::default();
                        self.text.push(character);
                        characters += 1;
                    }
                }
            }
            if begun.is_empty() {
                let end = start + symbol.len_utf8();
                let read = self.text.len() - from;
                self.groups.push(Group { found: end - at, read, characters });
                (at, from, characters) = (end, self.text.len(), 0);
            }
        }
        begun.is_empty().then_some(())
    }
}

/// Makes groups of what was undone twice: `inner` from the text between both to what it was, and
/// then from the text as found to what it was.
fn join(outer: &[Group], inner: &mut Vec<Group>) {
    let mut outer = outer.iter();
    let mut joined = Group::default();
    // how much more the outer groups have taken of the text between than the inner ones
    let mut ahead = 0;
    inner.retain_mut(|group| {
        joined.read += group.read;
        joined.characters += group.characters;
        while ahead < group.found
            && let Some(outer) = outer.next()
        {
            joined.found += outer.found;
            ahead += outer.read;
        }
        ahead -= group.found;
        let is_whole = ahead == 0;
        if is_whole {
            *group = std::mem::take(&mut joined);
        }
        is_whole
    });
}
