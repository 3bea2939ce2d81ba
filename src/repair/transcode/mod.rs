//! Text that was decoded with the wrong codec, once or several times over.
//!
//! For each suspect span: [`candidates`] finds the paths it may have come,
//! [`lattice`] searches the best reading along each, and the winner's damaged runs
//! become edits, if going down the path again ([`path::Path::damage`]) gives back
//! exactly what was found.

mod candidates;
mod lattice;
mod path;

use std::ops::Range;

use super::Options;
use crate::codec::Flavour;
use crate::edit::{Bits, Edit, Filled, Kind, Safety};
use crate::model;
use candidates::Candidate;
use lattice::Read;
use path::{Layer, Path};

/// A run of damage is repaired where the reading is this much likelier: a million to one.
const THRESHOLD: Bits = Bits::whole(20);
/// What is left of a run's bits may be at most this part of them, in tenths: undoing a
/// row of a character table gives another row, a little likelier, and no text.
const LEFT_TENTHS: i32 = 6;
/// Bits that a character of the reading may cost on average, and bits on top for the
/// start: Chinese of four characters costs 12 in the 99th percentile.
const PLAUSIBLE: i32 = 12 * Bits::ONE.0;
const PLAUSIBLE_START: i32 = 20 * Bits::ONE.0;
/// Characters that a search takes at a time, so that its memory is bounded.
const CHUNK: usize = 2048;

/// Repairs the suspect spans of `text`, which are sorted and apart.
pub(crate) fn repair(text: &str, spans: &[Range<usize>], options: &Options) -> Vec<Edit> {
    spans.iter().flat_map(|span| repair_span(text, span.clone(), options)).collect()
}

fn repair_span(text: &str, span: Range<usize>, options: &Options) -> Vec<Edit> {
    let previous = text[..span.start].chars().next_back().unwrap_or('\n');
    let damaged = &text[span.clone()];
    let candidates = candidates::candidates(damaged, previous);
    let readings = candidates
        .iter()
        .flat_map(|candidate| flavours(damaged, candidate))
        .map(|path| Reading::new(damaged, previous, path));
    let Some(best) = readings.min_by_key(|reading| reading.cost) else { return vec![] };
    best.edits(text, span.start, options)
}

/// The candidate in the flavours that the losses speak for.
fn flavours(damaged: &str, candidate: &Candidate) -> Vec<Path> {
    let replaced = damaged.contains(char::REPLACEMENT_CHARACTER);
    let mut flavours = vec![Flavour::Web];
    if replaced {
        flavours.extend([Flavour::Narrow, Flavour::Java, Flavour::Python]);
    }
    if damaged.contains('?') {
        flavours.push(Flavour::Windows);
    }
    if candidate.lossy && !replaced {
        flavours.push(Flavour::Drop);
    }
    let in_flavour = |flavour| {
        let layers = candidate.path.layers().iter();
        Path::new(layers.map(|l| Layer::new(l.wrong.codec, flavour, l.truth)).collect())
    };
    flavours.into_iter().map(in_flavour).collect()
}

/// The best reading of a text along a path.
struct Reading {
    path: Path,
    reads: Vec<Read>,
    cost: i32,
}

impl Reading {
    fn new(damaged: &str, previous: char, path: Path) -> Reading {
        let mut reads: Vec<Read> = Vec::new();
        let mut rest = damaged;
        let mut previous = previous;
        while !rest.is_empty() {
            let end = rest.char_indices().nth(CHUNK).map_or(rest.len(), |(end, _)| end);
            let is_damaged = reads.last().is_some_and(|read| read.damaged);
            let mut more = lattice::read(&rest[..end], previous, is_damaged, &path);
            if more.is_empty() {
                // what is left of a cut character stays as it stands
                let first = rest.chars().next().expect("not empty");
                let cost = model::cost(previous, first).0;
                more.push(Read { damaged: false, cost, characters: vec![(first, None)] });
            }
            let taken: usize = rest.chars().take(more.len()).map(char::len_utf8).sum();
            rest = &rest[taken..];
            reads.append(&mut more);
            let characters = reads.iter().rev().flat_map(|read| read.characters.last());
            previous = characters.map(|&(c, _)| c).next().unwrap_or(previous);
        }
        let cost = path.prior() * Bits::ONE.0 + reads.iter().map(|read| read.cost).sum::<i32>();
        Reading { path, reads, cost }
    }

    /// The damaged runs that are likely enough and proven, as edits of `text`; the
    /// reading begins at byte `start`.
    fn edits(&self, text: &str, start: usize, options: &Options) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut run: Option<Run> = None;
        let mut at = start;
        for (read, symbol) in self.reads.iter().zip(text[start..].chars()) {
            let end = at + symbol.len_utf8();
            if read.damaged {
                run.get_or_insert_with(|| Run::new(at)).add(at..end, symbol, read);
            } else if let Some(run) = run.take() {
                edits.extend(run.edit(text, &self.path, options));
            }
            at = end;
        }
        edits.extend(run.and_then(|run| run.edit(text, &self.path, options)));
        edits
    }
}

/// A run of damaged characters, up to the last one that is not as it was.
struct Run {
    start: usize,
    end: usize,
    after: String,
    cost: i32,
    filled: Vec<Filled>,
    /// Unchanged ASCII behind `end`: part of the run only if more damage follows.
    tail: String,
    tail_cost: i32,
}

impl Run {
    fn new(start: usize) -> Run {
        Run {
            start,
            end: start,
            after: String::new(),
            cost: 0,
            filled: vec![],
            tail: String::new(),
            tail_cost: 0,
        }
    }

    fn add(&mut self, at: Range<usize>, symbol: char, read: &Read) {
        if symbol.is_ascii() && read.characters == [(symbol, None)] {
            self.tail.push(symbol);
            self.tail_cost += read.cost;
            return;
        }
        self.after.push_str(&std::mem::take(&mut self.tail));
        self.cost += std::mem::take(&mut self.tail_cost) + read.cost;
        for &(character, posterior) in &read.characters {
            if let Some(posterior) = posterior {
                self.filled.push(Filled { at: self.after.len(), character, posterior });
            }
            self.after.push(character);
        }
        self.end = at.end;
    }

    /// The edit, if its evidence holds.
    fn edit(self, text: &str, path: &Path, options: &Options) -> Option<Edit> {
        let range = self.start..self.end;
        let before = &text[range.clone()];
        let previous = text[..range.start].chars().next_back().unwrap_or('\n');
        let found = text_cost(before, previous);
        let bits = Bits(found - self.cost);
        let plausible = PLAUSIBLE_START + PLAUSIBLE * self.after.chars().count() as i32;
        let likelier = bits >= THRESHOLD && self.cost * 10 <= found * LEFT_TENTHS;
        if !likelier || self.cost > plausible || path.damage(&self.after).as_deref() != Some(before)
        {
            return None;
        }
        let safety = if self.filled.is_empty() { Safety::Exact } else { Safety::Inferred };
        let (after, filled) = keep_the_sure(self.after, self.filled, options.confidence);
        Some(Edit {
            before: before.to_owned(),
            range,
            after,
            kind: Kind::Transcode,
            steps: path.steps(),
            safety,
            bits,
            filled,
        })
    }
}

/// Takes characters that are not sure enough out again: U+FFFD stands for them.
fn keep_the_sure(after: String, filled: Vec<Filled>, confidence: f32) -> (String, Vec<Filled>) {
    let mut text = String::with_capacity(after.len());
    let mut sure = Vec::with_capacity(filled.len());
    let mut at = 0;
    for mut fill in filled {
        text.push_str(&after[at..fill.at]);
        at = fill.at + fill.character.len_utf8();
        if fill.posterior >= confidence {
            fill.at = text.len();
            text.push(fill.character);
            sure.push(fill);
        } else {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text.push_str(&after[at..]);
    (text, sure)
}

fn text_cost(text: &str, mut previous: char) -> i32 {
    let mut sum = 0;
    for next in text.chars() {
        sum += model::cost(previous, next).0;
        previous = next;
    }
    sum
}
