//! What text half a character off may still gain: the bound that ends a search early.
//!
//! Behind the first characters, text half a character off reads the same whatever was lost or
//! gained before it, so that one pass from its end tells what any reading gains from a place
//! on at most:
//!
//! ```text
//! most[n] = max(end at n, standing[n] − shifted[n] + most[n + 1])
//! ```
//!
//! What depends on guesses is taken to cost nothing, and what triples save is taken off, so that
//! no reading gains more.

use std::ops::Range;

use super::cost::cost;
use super::search::{MAX_RUN, SECOND};
use crate::codec::Decoder;
use crate::model;
use crate::repair::resync::Reading;
use crate::script::{char_before, is_private_use};

/// No reading goes on there.
const NEVER: i32 = i32::MIN / 4;

/// A column of the trellis: a character of the text, and what stands there half a character off.
#[derive(Clone, Copy)]
struct Column {
    /// What the character costs as it stands.
    standing: i32,
    /// The first byte of a reading's next character before this one, where it is the last
    /// byte of the character before; `None` where it is a guess.
    lead: Option<u8>,
    /// What a reading has before this place, unless that is a guess.
    previous: Option<char>,
    /// What is there half a character off, unless that depends on a guess.
    character: Option<char>,
    /// What that costs behind `previous`.
    shifted: Shifted,
    /// Where a reading may end with this character, or in front of it.
    ends: Ends,
}

/// What is read of a character half a character off.
#[derive(Clone, Copy)]
enum Shifted {
    /// A character of this cost.
    Known(i32),
    /// A character that depends on a guess, or any of several.
    Guess,
    /// No character at all.
    Never,
}

/// How readings end at a character.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// No reading ends there.
    No,
    /// With another byte lost or gained, at its price.
    Slipped,
    /// With another byte lost or gained, or with one lost that leaves no mark.
    Unmarked,
    /// With ASCII, with what stands for lost bytes, or because bytes come straight.
    Straight,
}

/// What readings gain at most from a place on.
#[derive(Clone, Copy)]
struct Most {
    /// Readings that have before it what the text half a character off has there.
    known: i32,
    /// Readings that have a guess before it.
    guess: i32,
    /// Readings that have a guess before it and half of one in it.
    half: i32,
}

/// What readings may still gain, by character from the start of a search on.
pub(super) struct Bound {
    columns: Vec<Column>,
    most: Vec<Most>,
}

impl Bound {
    /// Looks at the characters of `text` from byte `first` on. All slips begin before byte
    /// `begun`; in `may_end`, a second one may put the text straight.
    pub(super) fn new(
        text: &str,
        first: usize,
        begun: usize,
        may_end: &Range<usize>,
        decoder: &Decoder,
    ) -> Bound {
        let columns = columns(text, first, begun, may_end, decoder);
        // what stands behind the last column
        let end = Most { known: 0, guess: 0, half: 0 };
        let mut most = vec![end; columns.len() + 1];
        let mut behind = 0;
        for (nth, column) in columns.iter().enumerate().rev() {
            let standing = column.standing;
            let ends = column.ends_at_most(behind);
            let next = most[nth + 1];
            let (known, guess) = match column.shifted {
                Shifted::Known(cost) => (standing - cost + next.known, standing + next.known),
                Shifted::Guess => (standing + next.guess, standing + next.guess),
                Shifted::Never => (NEVER, NEVER),
            };
            let half = standing + next.guess;
            most[nth] =
                Most { known: known.max(ends), guess: guess.max(ends), half: half.max(ends) };
            behind = standing;
        }
        Bound { columns, most }
    }

    /// What a reading gains at most from the `nth` character on.
    pub(super) fn beyond(&self, nth: usize, reading: &Reading) -> i32 {
        let Some(column) = self.columns.get(nth) else { return 0 };
        let most = self.most[nth];
        match reading.lead {
            Some(lead) if Some(lead.value) != column.lead => most.half,
            _ if Some(reading.previous) != column.previous => most.guess,
            _ => most.known,
        }
    }

    /// What a reading that slips at the `nth` character may gain behind a guess.
    pub(super) fn of_slip(&self, nth: usize) -> Gain {
        let standing = |nth: usize| self.columns.get(nth).map_or(0, |column| column.standing);
        let ends = self.of_end(nth);
        let Some(next) = self.columns.get(nth + 1) else { return Gain { ends, ..Gain::NONE } };
        let most = &self.most[nth + 1];
        let here = standing(nth);
        let ends = ends.max(here + next.ends_at_most(standing(nth + 2)));
        match (next.shifted, next.character) {
            (Shifted::Never, _) => Gain { ends, ..Gain::NONE },
            (Shifted::Known(_), Some(_)) => {
                let beyond = here + standing(nth + 1) + self.most[nth + 2].known;
                Gain { ends, next: next.character, beyond }
            }
            _ => Gain { ends, next: None, beyond: here + most.guess },
        }
    }

    /// What a reading gains at most that is straight behind the `nth` character.
    pub(super) fn of_end(&self, nth: usize) -> i32 {
        self.columns.iter().skip(nth).take(2).map(|column| column.standing).sum()
    }
}

/// What a reading may gain from a slip on, less what its first characters cost.
#[derive(Clone, Copy)]
pub(super) struct Gain {
    /// If it ends at once.
    pub(super) ends: i32,
    /// What stands behind the first guess, where that is known.
    pub(super) next: Option<char>,
    /// If it goes on, that character not paid.
    pub(super) beyond: i32,
}

impl Gain {
    /// Nothing at all.
    const NONE: Gain = Gain { ends: NEVER, next: None, beyond: NEVER };
}

impl Column {
    /// What a reading gains at most that ends here, if the next character costs so much.
    fn ends_at_most(&self, behind: i32) -> i32 {
        match self.ends {
            Ends::No => NEVER,
            Ends::Slipped => self.standing + behind - SECOND,
            // a lost byte ends a character in front of this one
            Ends::Unmarked => self.standing.max(self.standing + behind - SECOND),
            Ends::Straight => self.standing + behind,
        }
    }
}

/// The columns of the characters of `text` from byte `first` on; see [`Bound::new`].
fn columns(
    text: &str,
    first: usize,
    begun: usize,
    may_end: &Range<usize>,
    decoder: &Decoder,
) -> Vec<Column> {
    let mut walk =
        Walk { decoder, standing: char_before(text, first), lead: None, read: [None; 2] };
    let mut columns = Vec::new();
    for (offset, character) in text[first..].char_indices().take(MAX_RUN) {
        let at = first + offset;
        let column = walk.step(character, may_end.contains(&at));
        columns.push(column);
        // no reading gets beyond
        if at >= begun && (character.is_ascii() || matches!(column.shifted, Shifted::Never)) {
            break;
        }
    }
    columns
}

/// A text on its way, beside what it is half a character off.
struct Walk<'d> {
    decoder: &'d Decoder,
    /// The last character.
    standing: char,
    /// The last byte of it, where that is certain.
    lead: Option<u8>,
    /// The last two characters half a character off, where they are certain.
    read: [Option<char>; 2],
}

impl Walk<'_> {
    /// The column of the next character, in which a second slip may put the text straight.
    fn step(&mut self, character: char, may_end: bool) -> Column {
        let (table, marker) = (self.decoder.table(), self.decoder.marker());
        let mut codes = table.pairs_of(character);
        let code = codes.next();
        let is_open = marker == Some(character) || codes.next().is_some();
        let next = self.lead.zip(code).and_then(|(lead, code)| table.pair(lead, code[0]));
        let next = next.filter(|&next| !is_private_use(next));
        let shifted = match next {
            _ if is_open => Shifted::Guess,
            Some(next) => Shifted::Known(self.cost_of(next)),
            None if code.is_some() && self.lead.is_none() => Shifted::Guess,
            None => Shifted::Never,
        };
        let comes_straight = code.is_some_and(|[_, trail]| table.single(trail).is_some());
        let ends = match may_end {
            _ if character.is_ascii() || is_open || comes_straight => Ends::Straight,
            true if marker.is_none() => Ends::Unmarked,
            true => Ends::Slipped,
            false => Ends::No,
        };
        let next = next.filter(|_| !is_open);
        let standing = cost(std::mem::replace(&mut self.standing, character), character);
        let lead = code.map(|[_, trail]| trail).filter(|_| !is_open);
        let lead = std::mem::replace(&mut self.lead, lead);
        let [_, previous] = self.read;
        self.read = [previous, next];
        Column { standing, lead, previous, character: next, shifted, ends }
    }

    /// What the next character half a character off costs at least.
    fn cost_of(&self, next: char) -> i32 {
        match self.read {
            [Some(before), Some(previous)] => {
                cost(previous, next) - model::gain_behind_two(before, previous, next).0
            }
            [None, Some(previous)] => cost(previous, next),
            [_, None] => 0,
        }
    }
}
