//! Which of the readings of a torn stretch it was, as far as that can be told.

use super::clause::Clause;
use super::paired::Line;
use super::run::{Run, character};
use super::search::{COUNTED, Found, Gaps, Search};
use super::{Arena, odds};
use crate::edit::{Bits, Edit};
use crate::model;
use crate::repair::pinyin::proof;
use crate::repair::pinyin::script::simplified;
use crate::repair::resync::Reading;
use crate::script::is_han;

/// What a proof takes of the budget, in readings.
const PROOF: usize = 100;

/// Characters before and behind a torn stretch that tell what was in it: as many as a word with
/// its first or last character in the stretch may have besides.
const AROUND: usize = 3;

/// What the costs of a reading by pairs and as words count for: each sees what the other does not.
/// Of the fills on generated pages 99.1 % are right like this; with words at a fifth, 98.4 %.
const BY_PAIRS: i32 = 3;
const AS_WORDS: i32 = 2;

/// What marks by pairs count for among words, as a divisor. With all of it, four more of 137 split
/// marks of generated pages stay lost; with none, half of those that were split twice are guessed
/// wrong, with this, none.
const MARKS_COUNTED: i32 = 2;

/// A reading that costs so much more by pairs than another is not asked for as words: it would not
/// count in any case.
const NEAR: i32 = 20 * Bits::ONE.0;

/// How many readings are tried before a ruin is given up, and how many rivals of the best.
const TRIES: usize = 64;

/// What is to be done about a ruin.
#[derive(Clone)]
pub(super) enum Verdict {
    /// Most of it was the same in all originals that are likely.
    Mended(Edit),
    /// It is a ruin up to `end`, and the likely originals have little in common.
    Undetermined { end: usize },
    /// Nothing that the injector tears to the text is likelier than the text.
    NoRuin,
}

impl Verdict {
    /// What the verdict on a ruin at `from` is on the same ruin at `to`.
    pub(super) fn at(&self, from: usize, to: usize) -> Verdict {
        let moved = |offset: usize| offset - from + to;
        match self {
            Verdict::Mended(edit) => {
                let range = moved(edit.range.start)..moved(edit.range.end);
                Verdict::Mended(Edit { range, ..edit.clone() })
            }
            Verdict::Undetermined { end } => Verdict::Undetermined { end: moved(*end) },
            Verdict::NoRuin => Verdict::NoRuin,
        }
    }
}

/// Judges the ruin whose `?` is at `ruin`.
pub(super) fn mend_at(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    ruin: usize,
    confidence: f32,
) -> Verdict {
    search.begin(ruin);
    let mut proven = proven(search, readings, ruin, Gaps::Left, confidence);
    if !proven.first().is_some_and(Run::is_whole) {
        let with_gaps = self::proven(search, readings, ruin, Gaps::Tried, confidence);
        if !with_gaps.is_empty() {
            proven = with_gaps;
        }
    }
    // a reading that is no text still is a rival of one that is
    if !proven.first().is_some_and(|best| best.is_text(search.text, ruin)) {
        return Verdict::NoRuin;
    }
    let mut best = proven.remove(0);
    // second gaps take the longest to tell, and most runs with gaps are undetermined before
    if best.has_gap() && best.is_told(&proven, confidence) {
        best.weigh_second_gaps(search);
    }
    let posteriors = best.posteriors(&proven);
    match best.edit(search, ruin, &posteriors, confidence) {
        Some(edit) => Verdict::Mended(edit),
        None if best.is_certain(&proven, confidence) => Verdict::NoRuin,
        None => Verdict::Undetermined { end: best.end },
    }
}

/// The readings that the injector tears to the text, those that count, the best first; no more of
/// them than it takes for most of the best to be uncertain.
fn proven(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    ruin: usize,
    gaps: Gaps,
    confidence: f32,
) -> Vec<Run> {
    readings.clear();
    let Some(found) = search.run(readings, ruin, gaps) else { return Vec::new() };
    let complete = complete(search, readings, &found);
    let mut proven: Vec<Run> = Vec::new();
    for (cost, &reading) in complete.into_iter().take(TRIES) {
        if proven.first().is_some_and(|best| cost - best.cost > COUNTED) {
            break;
        }
        if !search.spend(PROOF) {
            return Vec::new();
        }
        let mut run =
            Run::new(search.text, readings.items(reading), readings.places(reading), cost);
        let torn = found.start..run.end;
        if proof::reproduces(search.text, torn, &run.items, search.list) {
            if proven.is_empty() {
                run.gaps = odds::of_gaps(search, &run.items, run.behind(search.text), gaps);
            }
            proven.push(run);
            // what is no text itself has no need of rivals, and further ones make nothing certain
            let (best, rivals) = proven.split_first().expect("one was pushed");
            let needs_no_rivals = rivals.is_empty() && !best.is_text(search.text, ruin);
            if needs_no_rivals || !best.is_told(rivals, confidence) {
                break;
            }
        }
    }
    proven
}

/// The readings of a torn stretch with what they cost up to the text behind it, the cheapest
/// first.
///
/// The search goes by pairs, which tell less than triples and words: 外設□基于 has many characters
/// that go with 設 and with 基, but only 。 is often before 基于.
fn complete<'f>(
    search: &Search<'_>,
    readings: &Arena<'_>,
    found: &'f Found,
) -> Vec<(i32, &'f Reading)> {
    // most ruins have one original only; what is around it is not asked for
    if let [reading] = &found.readings[..] {
        return vec![(reading.cost, reading)];
    }
    let before = search.characters_before(found.start, AROUND);
    let behind = search.characters_behind(found.end, AROUND);
    let clause = Clause::new(search, found);
    let line = Line::new(search, found);
    let cost = |reading: &'f Reading| {
        let items = readings.items(*reading);
        let read = items.iter().filter_map(character);
        let characters: Vec<char> =
            before.iter().copied().chain(read).chain(behind.iter().copied()).collect();
        let next = behind.first().map_or(0, |&next| search.page.cost(reading.previous, next));
        let read = &characters[before.len()..characters.len() - behind.len()];
        let nearby = &characters[before.len().saturating_sub(1)..];
        let nearby = &nearby[..nearby.len() - behind.len().saturating_sub(2)];
        let by_pairs = reading.cost + next - search.page.gain_behind_two(nearby);
        // words see nothing of how marks stand
        let by_marks = line.cost(read) + clause.cost(read);
        let as_words = cost_as_words(&characters) + cost_of_marks(search, nearby);
        (weighed(by_pairs, as_words) + by_marks, reading)
    };
    let cheapest = found.readings.iter().map(|reading| reading.cost).min().unwrap_or(0);
    let near = found.readings.iter().filter(|reading| reading.cost - cheapest <= NEAR);
    let mut complete: Vec<_> = near.map(cost).collect();
    complete.sort_by_key(|(cost, reading)| (*cost, reading.item()));
    complete
}

/// What characters of either script cost as words, which the model knows as Simplified ones: see
/// [`model::cost_as_words`].
fn cost_as_words(characters: &[char]) -> i32 {
    let simplified: Vec<char> = characters.iter().copied().map(simplified).collect();
    model::cost_as_words(&simplified).0
}

/// What marks and ASCII cost more or less than as words, which see only that they are there: `此,`
/// is as likely as `大,` to them.
fn cost_of_marks(search: &Search<'_>, characters: &[char]) -> i32 {
    let pairs = characters.windows(2).filter(|pair| !is_han(pair[1]));
    let more = pairs.map(|pair| search.page.cost(pair[0], pair[1]) - model::OTHER_AS_WORD.0);
    more.sum::<i32>() / MARKS_COUNTED
}

/// A cost by pairs and one as words taken together.
fn weighed(by_pairs: i32, as_words: i32) -> i32 {
    (BY_PAIRS * by_pairs + AS_WORDS * as_words) / (BY_PAIRS + AS_WORDS)
}
