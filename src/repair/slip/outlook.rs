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
//! What depends on guesses is taken to cost nothing, so that no reading gains more.

use std::ops::Range;

use super::scan::pairs;
use super::search::{MAX_RUN, SECOND, cost};
use crate::codec::Decoder;
use crate::model;
use crate::repair::resync::Reading;
use crate::repair::script::is_private_use;

/// No reading goes on there.
const NEVER: i32 = i32::MIN / 4;

/// A character of the text, and what stands there half a character off.
#[derive(Clone, Copy)]
struct Place {
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
    /// They do not.
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
    /// Those that have before it what the text half a character off has there.
    known: i32,
    /// Those that have a guess before it.
    guess: i32,
    /// Those that have a guess before it and half of one in it.
    half: i32,
}

/// What readings may still gain, by character from the start of a search on.
pub(super) struct Outlook {
    places: Vec<Place>,
    most: Vec<Most>,
}

impl Outlook {
    /// Looks at the characters of `text` from byte `first` on. All slips begin before byte
    /// `begun`; in `may_end`, a second one may put the text straight.
    pub(super) fn new(
        text: &str,
        first: usize,
        begun: usize,
        may_end: &Range<usize>,
        decoder: &Decoder,
    ) -> Outlook {
        let places = places(text, first, begun, may_end, decoder);
        // what stands behind the last place
        let end = Most { known: 0, guess: 0, half: 0 };
        let mut most = vec![end; places.len() + 1];
        let mut behind = 0;
        for (nth, place) in places.iter().enumerate().rev() {
            let standing = place.standing;
            let ends = place.ends_at_most(behind);
            let next = most[nth + 1];
            let (known, guess) = match place.shifted {
                Shifted::Known(cost) => (standing - cost + next.known, standing + next.known),
                Shifted::Guess => (standing + next.guess, standing + next.guess),
                Shifted::Never => (NEVER, NEVER),
            };
            let half = standing + next.guess;
            most[nth] =
                Most { known: known.max(ends), guess: guess.max(ends), half: half.max(ends) };
            behind = standing;
        }
        Outlook { places, most }
    }

    /// What a reading gains at most from the `nth` character on.
    pub(super) fn beyond(&self, nth: usize, reading: &Reading) -> i32 {
        let Some(place) = self.places.get(nth) else { return 0 };
        let most = self.most[nth];
        match reading.lead {
            Some(lead) if Some(lead.value) != place.lead => most.half,
            _ if Some(reading.previous) != place.previous => most.guess,
            _ => most.known,
        }
    }

    /// What a reading that slips at the `nth` character may gain behind a guess.
    pub(super) fn of_slip(&self, nth: usize) -> Gain {
        let standing = |nth: usize| self.places.get(nth).map_or(0, |place| place.standing);
        let ends = self.of_end(nth);
        let Some(next) = self.places.get(nth + 1) else { return Gain { ends, ..Gain::NONE } };
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
        self.places.iter().skip(nth).take(2).map(|place| place.standing).sum()
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

impl Place {
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

fn places(
    text: &str,
    first: usize,
    begun: usize,
    may_end: &Range<usize>,
    decoder: &Decoder,
) -> Vec<Place> {
    let mut places = Vec::new();
    let (table, marker) = (decoder.table(), decoder.flavour.marker());
    let mut before = text[..first].chars().next_back().unwrap_or('\n');
    let mut lead = None;
    // the last two characters half a character off
    let mut read: [Option<char>; 2] = [None; 2];
    for (offset, character) in text[first..].char_indices().take(MAX_RUN) {
        let at = first + offset;
        let mut codes = pairs(table, character);
        let code = codes.next();
        let many = code.is_some() && codes.next().is_some();
        let is_marker = marker == Some(character);
        let character_read = lead.zip(code).and_then(|(lead, code): (u8, [u8; 2])| {
            table.pair(lead, code[0]).filter(|&read| !is_private_use(read))
        });
        let shifted = match (character_read, code) {
            _ if is_marker || many => Shifted::Guess,
            (Some(next), _) => match read {
                [before, Some(previous)] => {
                    let triple =
                        before.map_or(0, |before| model::gain_behind_two(before, previous, next).0);
                    Shifted::Known(cost(previous, next) - triple)
                }
                // behind a guess
                _ => Shifted::Known(0),
            },
            (None, Some(_)) if lead.is_none() => Shifted::Guess,
            (None, _) => Shifted::Never,
        };
        let comes_straight = code.is_some_and(|code| table.single(code[1]).is_some());
        let ends = if character.is_ascii() || is_marker || many || comes_straight {
            Ends::Straight
        } else if may_end.contains(&at) {
            if marker.is_none() { Ends::Unmarked } else { Ends::Slipped }
        } else {
            Ends::No
        };
        places.push(Place {
            standing: cost(before, character),
            lead,
            previous: read[1],
            character: character_read.filter(|_| !many && !is_marker),
            shifted,
            ends,
        });
        before = character;
        lead = code.map(|code| code[1]).filter(|_| !many);
        read = [read[1], character_read.filter(|_| !many && !is_marker)];
        if at >= begun && (character.is_ascii() || matches!(shifted, Shifted::Never)) {
            break;
        }
    }
    places
}
