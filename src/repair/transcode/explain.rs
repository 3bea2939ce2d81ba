//! What each suspect of a text was tried as, and why that was taken or not.

use std::ops::Range;

use super::lattice::{Passage, Read, Search};
use super::reading::{NO_LIMIT, Reading};
use super::refusal::Refusal;
use super::suspect::{AMBIGUOUS, SAMPLE, candidates_of, with_letters_in_gbk};
use super::trials::{Trial, trials};
use crate::edit::{Bits, Edit, Step};
use crate::segment::{self, Bar, Suspect};

/// A stretch of the text that looks damaged, with what it was tried as.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The bytes of the text that look damaged.
    pub range: Range<usize>,
    /// What they may have been: what was taken, and then the likeliest first. Nothing where no wrong
    /// decoding leads to them.
    pub tried: Vec<Tried>,
}

/// What a stretch reads as along one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The bytes of the text that are read, of which some may stand for themselves.
    pub range: Range<usize>,
    /// What they read as, with the best guess of what was lost.
    pub after: String,
    /// The way there.
    pub steps: Vec<Step>,
    /// Why it was not taken; `None` where it was.
    pub refusal: Option<Refusal>,
}

/// Tells of each suspect of a text what it was tried as, given the edits that were made of it. A
/// long one is told by its first characters, on which its readings were compared.
pub fn explain(text: &str, edits: &[Edit]) -> Vec<Explained> {
    let mut search = Search::of(text);
    let suspects = segment::suspects(text, Bar::Unknown);
    let whole = |suspect: Suspect| with_letters_in_gbk(text, &suspect, 0);
    suspects.map(whole).map(|suspect| explain_one(&mut search, text, &suspect, edits)).collect()
}

/// What a stretch was tried as, among others.
struct Ranked {
    tried: Tried,
    is_taken: bool,
    /// What it costs, in 1/256 bit.
    rank: i32,
}

fn explain_one(
    search: &mut Search<'_>,
    text: &str,
    suspect: &Suspect,
    edits: &[Edit],
) -> Explained {
    let range = suspect.core.clone();
    let mut ranked = ranked(search, text, suspect, edits);
    let Some(Ranked { rank: best, is_taken, .. }) = ranked.first() else {
        return Explained { range, tried: vec![] };
    };
    let (best, is_taken) = (*best, *is_taken);
    let ranks: Vec<i32> = ranked.iter().map(|one| one.rank).collect();
    let unread = super::unreadable(text, suspect);
    for (at, one) in ranked.iter_mut().enumerate() {
        let behind = Bits(one.rank.saturating_sub(best));
        let near = |&other: &i32| Bits(other.saturating_sub(one.rank).abs()) < AMBIGUOUS;
        one.tried.refusal = match one.tried.refusal {
            _ if one.is_taken => None,
            _ if unread.is_some() => unread,
            Some(refusal) if !is_taken => Some(refusal),
            _ if behind >= AMBIGUOUS => Some(Refusal::Behind(behind)),
            _ if ranks[..at].iter().chain(&ranks[at + 1..]).any(near) => Some(Refusal::Tied),
            _ => Some(Refusal::Overruled),
        };
    }
    Explained { range, tried: ranked.into_iter().map(|one| one.tried).collect() }
}

/// What a suspect reads as: what was taken, and then the likeliest first. What reads the same along
/// another path is no other repair.
fn ranked(search: &mut Search<'_>, text: &str, suspect: &Suspect, edits: &[Edit]) -> Vec<Ranked> {
    let ranked = |reading: &Reading| {
        let tried = tried(text, reading, edits)?;
        let is_taken = edits.iter().any(|edit| tried.is_in(edit));
        Some(Ranked { tried, is_taken, rank: reading.rank() })
    };
    let readings = readings(search, text, suspect);
    let mut all: Vec<Ranked> = readings.iter().filter_map(ranked).collect();
    all.sort_by_key(|one| !one.is_taken);
    first_of_each(all, |one, other| one.tried.after == other.tried.after)
}

/// The readings of a suspect that undo anything, the likeliest first, one for all flavours of the
/// same decoders.
fn readings(search: &mut Search<'_>, text: &str, suspect: &Suspect) -> Vec<Reading> {
    let passage = Passage::of(text, suspect.span.clone());
    let end = passage.text.char_indices().nth(SAMPLE).map_or(passage.text.len(), |(end, _)| end);
    let passage = passage.until(end);
    let trials = trials(passage.text, &candidates_of(text, suspect));
    let read = |trial: Trial| Reading::new(search, passage, trial.path, NO_LIMIT);
    let readings = trials.into_iter().filter_map(read);
    let mut readings: Vec<Reading> = readings.map(Reading::settled).collect();
    readings.retain(|reading| reading.damaged_reads().is_some());
    readings.sort_by_cached_key(Reading::rank);
    first_of_each(readings, |one, other| one.path.has_same_codecs(&other.path))
}

/// All but those that are like one before them.
fn first_of_each<T>(all: Vec<T>, is_like: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut firsts: Vec<T> = Vec::with_capacity(all.len());
    for one in all {
        if !firsts.iter().any(|first| is_like(first, &one)) {
            firsts.push(one);
        }
    }
    firsts
}

/// What a reading undoes, and what speaks against it on its own.
fn tried(text: &str, reading: &Reading, edits: &[Edit]) -> Option<Tried> {
    let reads = reading.damaged_reads()?;
    let length =
        |reads: &[_]| reads.iter().map(|read: &Read| read.symbol.len_utf8()).sum::<usize>();
    let start = reading.start + length(&reading.reads[..reads.start]);
    let damaged = &reading.reads[reads];
    let steps = reading.path.steps();
    let is_known = edits.iter().any(|edit| edit.steps.starts_with(&steps));
    Some(Tried {
        range: start..start + length(damaged),
        after: damaged.iter().flat_map(|read| read.emitted.characters()).collect(),
        refusal: reading.refusal(text, is_known),
        steps,
    })
}

impl Tried {
    /// Whether it is what an edit does.
    fn is_in(&self, edit: &Edit) -> bool {
        let meets = edit.range.start < self.range.end && self.range.start < edit.range.end;
        meets && edit.steps.starts_with(&self.steps)
    }
}
