//! The readings of a stretch that compete, weighed against each other.

use std::ops::Range;

use super::search::{Accident, Complete, Note, Search};
use crate::edit::Bits;
use crate::repair::resync::Item;

/// How many complete readings are tried before a stretch is given up.
const TRIES: usize = 8;

/// Characters with lost bytes that are told from what else they may be: one at each end of
/// the damage, and ASCII that went down with the last.
const MAX_GUESSES: usize = 3;

/// How much likelier a byte may be gained than lost, or lost than gained: nobody knows how often
/// either happens, and sure is what is sure both ways.
const DOUBT: f64 = 8.0;

/// How many complete readings are weighed against each other.
const RIVALS: usize = 256;

/// A character of the text as it was.
#[derive(Clone, Copy)]
pub(super) struct Read {
    pub(super) character: char,
    /// Whether the model chose a byte of it.
    pub(super) guessed: bool,
    pub(super) posterior: f32,
}

/// A reading of slipped text.
pub(super) struct Way {
    pub(super) range: Range<usize>,
    pub(super) gain: Bits,
    pub(super) reads: Vec<Read>,
    /// Where a byte had come in: how likely that is, and before which character.
    pub(super) gained: Option<(f32, usize)>,
}

/// The accident at which a reading leaves the text as it stands.
pub(super) fn accident(items: &[Item<Note>]) -> Option<&Note> {
    match items.first() {
        Some(Item::Note(note)) => Some(note),
        _ => None,
    }
}

/// The characters of a reading, and whether a byte of each is a guess.
pub(super) fn characters(items: &[Item<Note>]) -> impl DoubleEndedIterator<Item = (char, bool)> {
    items.iter().filter_map(|item| match *item {
        Item::Char { character, guessed, .. } => Some((character, guessed)),
        Item::Note(_) => None,
    })
}

/// What was done to the bytes of a reading.
#[derive(Clone, Copy, PartialEq)]
enum Cause {
    /// None came in.
    Lost,
    /// One came in that the text has no reason for.
    Gained,
    /// One came in that is a copy of its neighbour.
    Doubled,
}

impl Cause {
    fn of(items: &[Item<Note>]) -> Cause {
        let mut accidents = items.iter().filter_map(|item| match item {
            Item::Note(note) => Some(note.accident),
            Item::Char { .. } => None,
        });
        let gained = |accident| match accident {
            Accident::Gained(..) => Some(Cause::Gained),
            Accident::Doubled(..) => Some(Cause::Doubled),
            _ => None,
        };
        accidents.find_map(gained).unwrap_or(Cause::Lost)
    }

    /// How much a rival's likelihood may be told too low, beside a reading of another cause.
    fn doubt(self, rival: Cause) -> f64 {
        match (self, rival) {
            (Cause::Lost, Cause::Gained) | (Cause::Gained, Cause::Lost) => DOUBT,
            _ => 1.0,
        }
    }
}

/// The readings of a stretch that compete, weighed against each other.
pub(super) struct Rivals {
    /// What any of them changes.
    pub(super) range: Range<usize>,
    rivals: Vec<Rival>,
}

/// One of them.
pub(super) struct Rival {
    complete: Complete,
    likelihood: f64,
    /// What happened, and where.
    accident: (Accident, usize),
    cause: Cause,
    /// How many of the first characters are before the slip.
    standing: usize,
    /// The characters, the last first, and whether a byte of each is a guess. The first
    /// are those that all rivals end with.
    characters: Vec<(char, bool)>,
}

impl Rivals {
    pub(super) fn new(text: &str, search: &Search<'_>) -> Option<Rivals> {
        let complete = &search.complete()[..search.complete().len().min(RIVALS)];
        let best = complete.first()?.gain;
        let end = complete.iter().map(|one| one.end).max()?;
        let items: Vec<_> = complete.iter().map(|one| search.items(one)).collect();
        let starts = || items.iter().filter_map(|items| accident(items)).map(|note| note.start);
        let start = starts().min()?;
        let rival = |(complete, items): (&Complete, &Vec<Item<Note>>)| {
            let note = accident(items)?;
            let standing = |range: Range<usize>| text[range].chars().rev().map(|c| (c, false));
            let stands = text[start..note.start].chars().count();
            let characters = standing(complete.end..end)
                .chain(characters(items).rev())
                .chain(standing(start..note.start));
            Some(Rival {
                complete: *complete,
                likelihood: Bits(complete.gain - best).odds(),
                accident: (note.accident, note.start),
                cause: Cause::of(items),
                standing: stands,
                characters: characters.collect(),
            })
        };
        let rivals = complete.iter().zip(&items).filter_map(rival).collect();
        Some(Rivals { range: start..end, rivals })
    }

    /// The best reading of the accident that is the likeliest over all its readings: a byte of
    /// which many values will do was lost more likely than one of which only the best will.
    pub(super) fn likeliest(&self, holds: impl Fn(&Complete) -> bool) -> Option<&Rival> {
        let mut accidents: Vec<((Accident, usize), f64, Vec<&Rival>)> = Vec::new();
        for rival in &self.rivals {
            match accidents.iter_mut().find(|(accident, ..)| *accident == rival.accident) {
                Some((_, sum, readings)) => {
                    *sum += rival.likelihood;
                    readings.push(rival);
                }
                None => accidents.push((rival.accident, rival.likelihood, vec![rival])),
            }
        }
        accidents.sort_by(|one, two| two.1.total_cmp(&one.1));
        let readings = accidents.into_iter().flat_map(|(_, _, readings)| readings);
        readings.take(TRIES).find(|rival| holds(&rival.complete))
    }

    /// How likely it is that a byte came in, as it did in `chosen`.
    fn share_gained(&self, chosen: &Rival) -> f32 {
        let sum = |is_lost: bool| -> f64 {
            let rivals = self.rivals.iter().filter(|rival| (rival.cause == Cause::Lost) == is_lost);
            rivals.map(|rival| chosen.cause.doubt(rival.cause) * rival.likelihood).sum()
        };
        (sum(false) / (sum(false) + sum(true))) as f32
    }

    /// The characters of a rival, each as likely as the rivals agree on it.
    pub(super) fn way(&self, chosen: &Rival) -> Way {
        let mut reads: Vec<Read> =
            (0..chosen.characters.len()).map(|place| self.read(chosen, place)).rev().collect();
        if reads.iter().filter(|read| read.guessed).count() > MAX_GUESSES {
            // the search kept too few of their combinations to weigh them
            reads.iter_mut().filter(|read| read.guessed).for_each(|read| read.posterior = 0.0);
        }
        let is_gained = chosen.cause != Cause::Lost;
        let gained = is_gained.then(|| (self.share_gained(chosen), chosen.standing));
        Way { range: self.range.clone(), gain: Bits(chosen.complete.gain), reads, gained }
    }

    /// The character of a rival at a place, counted from the end.
    ///
    /// Rivals agree with one that stands before the slip if they have it as far from the start,
    /// and with any other if they have it as far from the end: that they have more or fewer
    /// characters in between makes no difference.
    fn read(&self, chosen: &Rival, place: usize) -> Read {
        let (character, guessed) = chosen.characters[place];
        let nth = chosen.characters.len() - 1 - place;
        let (mut agree, mut all) = (0.0, 0.0);
        for rival in &self.rivals {
            let other = if nth < chosen.standing {
                rival.characters.iter().nth_back(nth)
            } else {
                rival.characters.get(place)
            };
            let same = other.is_some_and(|o| o.0 == character && (o.1 || !guessed));
            let likelihood = chosen.cause.doubt(rival.cause) * rival.likelihood;
            agree += if same { likelihood } else { 0.0 };
            all += likelihood;
        }
        Read { character, guessed, posterior: (agree / all) as f32 }
    }
}
