//! Text that slipped by a byte: one was lost or gained in the middle of a line, and
//! everything up to the next byte of ASCII is read half a character off.
//!
//! ```text
//! 中国家庭      D6 D0 B9 FA BC D2 CD A5
//! one is lost   D6    B9 FA BC D2 CD A5 ␊
//! 止昂彝�␊      D6B9 FABC D2CD A5 ␊       A5 and the line break are no pair
//! ```
//!
//! [`scan`] finds where text reads better half a character off, [`search`] tries the
//! accidents around that place and lets the language model choose, and [`proof`] has
//! the accident happen again: it must give the text as it was found.

mod proof;
mod scan;
mod search;

use std::ops::Range;

use super::resync::Item;
use super::{Repaired, pinyin};
use crate::codec::{Codec, Decoder, Flavour};
use crate::edit::{Bits, Edit, Filled, Kind, Safety, Step};
use crate::model;
use crate::segment::{self, Bar};
use search::{Accident, Complete, Note, Search};

/// The codecs whose text slips, the most frequent first.
const CODECS: [Codec; 3] = [Codec::Gbk, Codec::Big5, Codec::EucKr];

/// What the repaired text must be likelier by than the text as it stands where something
/// marks the place of the slip.
const THRESHOLD: i32 = 20 * Bits::ONE.0;

/// The same where nothing does.
const SILENT_THRESHOLD: i32 = 30 * Bits::ONE.0;

/// What a character of the repaired text may cost at most in the mean. Clean text is at
/// 6 to 8 bits; other damage read half a character off, at 12 and more.
const MAX_MEAN: i32 = 10 * Bits::ONE.0;

/// How many characters must come straight: two are as easily found in noise.
const MIN_RUN: usize = 3;

/// Characters of a run that are looked at in one piece, which bounds the work.
const MAX_RUN: usize = 1000;

/// Characters in front of what looks damaged in which the damage may begin.
const CONTEXT: usize = 8;

/// Stretches in a row that turn out to be no slip before the rest of a document is let
/// be: a search is dear, and other damage has thousands of such stretches.
const MISSES: usize = 32;

/// How many complete readings are tried before a stretch is given up.
const TRIES: usize = 8;

/// How many complete readings are weighed against each other.
const RIVALS: usize = 256;

/// Puts slipped text straight.
///
/// `confidence` is the posterior that a character with a lost byte needs before it is
/// filled in; below it, U+FFFD stands in its place.
pub(crate) fn repair(text: &str, confidence: f32) -> Repaired {
    let mut repaired = Repaired::default();
    let (mut from, mut misses) = (0, 0);
    for suspect in segment::suspects(text, Bar::Unknown) {
        from = from.max(begin(text, suspect.core.start));
        while let Some(run) = next_run(text, from, suspect.core.end) {
            match look(text, run.clone()) {
                Look::Clean => from = run.end,
                Look::Missed { end } => {
                    from = end;
                    misses += 1;
                    if misses == MISSES {
                        return repaired;
                    }
                }
                Look::Slipped(slip) => {
                    from = slip.end;
                    misses = 0;
                    repaired.edits.push(slip.edit(text, confidence));
                }
            }
        }
    }
    // what an injector of readings tore is mended as a whole
    if !repaired.edits.is_empty() && pinyin::is_injected(text) {
        return Repaired::default();
    }
    repaired
}

/// Where the damage may begin that is seen from `core` on.
fn begin(text: &str, core: usize) -> usize {
    let before = text[..core].char_indices().rev().take(CONTEXT);
    before.take_while(|(_, c)| !c.is_ascii()).last().map_or(core, |(at, _)| at)
}

/// The next characters from `from` on that are not ASCII, if they begin before `limit`.
fn next_run(text: &str, from: usize, limit: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find(|c: char| !c.is_ascii())?;
    let run = text[start..].char_indices().take(MAX_RUN).take_while(|(_, c)| !c.is_ascii());
    let end = run.last().map(|(at, c)| start + at + c.len_utf8())?;
    (start < limit).then_some(start..end)
}

/// What a look at a run of characters gave.
enum Look {
    /// Nothing reads better half a character off.
    Clean,
    /// Something does up to byte `end`, but it is no slip.
    Missed {
        end: usize,
    },
    Slipped(Slip),
}

fn look(text: &str, run: Range<usize>) -> Look {
    let mut missed = None;
    let mut best: Option<Slip> = None;
    for codec in CODECS {
        let Some(stretch) = scan::stretch(text, run.clone(), codec) else { continue };
        missed = missed.max(Some(stretch.end));
        for flavour in flavours(text, &stretch) {
            let decoder = Decoder::new(codec, flavour);
            let slip = Slip::read(text, run.start, &stretch, decoder);
            // of equals, the first is the most frequent
            best = best.into_iter().chain(slip).reduce(|a, b| if b.gain > a.gain { b } else { a });
        }
    }
    match (best, missed) {
        (Some(slip), _) => Look::Slipped(slip),
        (None, Some(end)) => Look::Missed { end },
        (None, None) => Look::Clean,
    }
}

/// The flavours that what is lost around a stretch speaks for.
fn flavours(text: &str, stretch: &Range<usize>) -> Vec<Flavour> {
    let around = search::back(text, stretch.start)..search::forth(text, stretch.end);
    let around = &text[around];
    let mut flavours = vec![Flavour::Web];
    if around.contains(char::REPLACEMENT_CHARACTER) {
        flavours.extend([Flavour::Narrow, Flavour::Java, Flavour::Python]);
    } else {
        flavours.push(Flavour::Drop);
    }
    if around.contains('?') {
        flavours.push(Flavour::Windows);
    }
    flavours
}

/// A character of the text as it was.
#[derive(Clone, Copy)]
struct Read {
    character: char,
    /// How sure it is, if the model chose a byte of it.
    posterior: Option<f32>,
}

/// Slipped text as it was.
struct Slip {
    codec: Codec,
    start: usize,
    end: usize,
    gain: Bits,
    /// The characters of the likeliest reading.
    likeliest: Vec<Read>,
    /// How likely it is that the likeliest reading left out a byte that had come in, and
    /// the likeliest of those that lack a byte instead.
    gained: Option<(f32, Vec<Read>)>,
}

impl Slip {
    /// Reads a stretch of text half a character off.
    fn read(text: &str, from: usize, stretch: &Range<usize>, decoder: Decoder) -> Option<Slip> {
        let search = Search::new(text, from, stretch, decoder);
        let complete = search.complete();
        let holds = |one: &&Complete| {
            let items = search.items(one);
            // the proof is dear and the last to be asked for
            one.gain >= threshold(&items)
                && is_plausible(text, &items)
                && proof::reproduces(&items, text, one.end, decoder)
        };
        let best = complete.iter().take(TRIES).find(holds)?;
        let rivals = Rivals::new(text, &search, best.gain);
        let items = search.items(best);
        let start = items.first().map(|item| match item {
            Item::Note(note) => note.start,
            Item::Char { .. } => best.end,
        })?;
        let lost = |one: &&Complete| !is_gained(&search.items(one));
        let gained = is_gained(&items).then(|| {
            let instead = complete.iter().filter(lost).take(TRIES).find(holds);
            let instead = instead.filter(|instead| instead.end == best.end)?;
            let instead_items = search.items(instead);
            let same_start =
                matches!(instead_items.first(), Some(Item::Note(n)) if n.start == start);
            same_start.then(|| (rivals.share_gained(), rivals.read(&instead_items, instead.end)))
        });
        Some(Slip {
            codec: decoder.codec,
            start,
            end: best.end,
            gain: Bits(best.gain),
            likeliest: rivals.read(&items, best.end),
            gained: gained.flatten(),
        })
    }

    fn edit(self, text: &str, confidence: f32) -> Edit {
        // a byte that came in and one that was lost are hard to tell apart: U+FFFD is no harm
        let reads = match self.gained {
            Some((share, instead)) if share < confidence => instead,
            _ => self.likeliest,
        };
        let mut after = String::new();
        let mut filled = Vec::new();
        for Read { character, posterior } in reads {
            match posterior {
                Some(posterior) if posterior < confidence => {
                    after.push(char::REPLACEMENT_CHARACTER);
                    continue;
                }
                Some(posterior) => filled.push(Filled { at: after.len(), character, posterior }),
                None => {}
            }
            after.push(character);
        }
        Edit {
            range: self.start..self.end,
            before: text[self.start..self.end].to_owned(),
            after,
            kind: Kind::Slip,
            steps: vec![Step::Encode(self.codec.name()), Step::Decode(self.codec.name())],
            safety: Safety::Inferred,
            bits: self.gain,
            filled,
        }
    }
}

/// What a reading must gain.
fn threshold(items: &[Item<Note>]) -> i32 {
    match items.first() {
        Some(Item::Note(Note { accident: Accident::Torn | Accident::Blanked, .. })) => THRESHOLD,
        _ => SILENT_THRESHOLD,
    }
}

/// Whether this is text at all, and not only likelier than what stands there.
fn is_plausible(text: &str, items: &[Item<Note>]) -> bool {
    let Some(Item::Note(Note { start, .. })) = items.first() else { return false };
    let read: String = characters(items).map(|(character, _)| character).collect();
    let before = text[..*start].chars().next_back().unwrap_or('\n');
    let count = read.chars().count();
    count >= MIN_RUN && model::text_cost_after(before, &read).0 <= MAX_MEAN * count as i32
}

/// Whether a byte came in at the slip.
fn is_gained(items: &[Item<Note>]) -> bool {
    matches!(items.first(), Some(Item::Note(Note { accident: Accident::Gained(..), .. })))
}

/// The characters of a reading, and whether a byte of each is a guess.
fn characters(items: &[Item<Note>]) -> impl DoubleEndedIterator<Item = (char, bool)> {
    items.iter().filter_map(|item| match *item {
        Item::Char { character, guessed, .. } => Some((character, guessed)),
        Item::Note(_) => None,
    })
}

/// The readings of a stretch that compete, weighed against each other.
struct Rivals<'t> {
    text: &'t str,
    /// Where the last one ends.
    end: usize,
    rivals: Vec<Rival>,
    total: f64,
}

struct Rival {
    likelihood: f64,
    gained: bool,
    /// The guessed characters by their place.
    guesses: Vec<(usize, char)>,
}

impl<'t> Rivals<'t> {
    fn new(text: &'t str, search: &Search<'_>, best: i32) -> Rivals<'t> {
        let complete = &search.complete()[..search.complete().len().min(RIVALS)];
        let end = complete.iter().map(|one| one.end).max().unwrap_or(0);
        let mut rivals = Rivals { text, end, rivals: Vec::new(), total: 0.0 };
        for one in complete {
            let items = search.items(one);
            let likelihood = (f64::from(one.gain - best) / f64::from(Bits::ONE.0)).exp2();
            let guesses = rivals.places(&items, one.end).filter(|&(_, _, guessed)| guessed);
            let guesses = guesses.map(|(place, character, _)| (place, character)).collect();
            rivals.total += likelihood;
            rivals.rivals.push(Rival { likelihood, gained: is_gained(&items), guesses });
        }
        rivals
    }

    /// The characters of a reading that ends at byte `end`, the last first, each with its
    /// distance from the end of all and whether it is a guess.
    fn places<'i>(
        &self,
        items: &'i [Item<Note>],
        end: usize,
    ) -> impl Iterator<Item = (usize, char, bool)> + use<'i> {
        let behind = self.text[end..self.end].chars().count();
        let read = characters(items).rev().enumerate();
        read.map(move |(nth, (character, guessed))| (behind + nth, character, guessed))
    }

    /// How likely it is that a byte came in.
    fn share_gained(&self) -> f32 {
        let gained = self.rivals.iter().filter(|rival| rival.gained);
        (gained.map(|rival| rival.likelihood).sum::<f64>() / self.total) as f32
    }

    /// The characters of a reading, with their posteriors.
    fn read(&self, items: &[Item<Note>], end: usize) -> Vec<Read> {
        let mut reads: Vec<Read> = self
            .places(items, end)
            .map(|(place, character, guessed)| {
                let posterior = guessed.then(|| self.posterior(place, character));
                Read { character, posterior }
            })
            .collect();
        reads.reverse();
        reads
    }

    fn posterior(&self, place: usize, character: char) -> f32 {
        let agree = self.rivals.iter().filter(|rival| rival.guesses.contains(&(place, character)));
        (agree.map(|rival| rival.likelihood).sum::<f64>() / self.total) as f32
    }
}
