//! What readings may cost that a guess is made in: most of the 190 values of a lost byte lead
//! nowhere, and that shows before they are read.

use crate::repair::slip::bound::Gain;
use crate::repair::slip::cost::cost;

/// What readings may cost that a guess is made in.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    /// At any rate.
    all: i32,
    /// Where they end at once.
    ends: i32,
    /// Where they go on with a character, that one included.
    next: Option<char>,
    goes_on: i32,
}

impl Limit {
    /// No limit.
    pub(super) const NONE: Limit =
        Limit { all: i32::MAX, ends: i32::MAX, next: None, goes_on: i32::MAX };

    /// The limit of readings that end at once.
    pub(super) fn end(most: i32) -> Limit {
        Limit { all: most, ends: most, next: None, goes_on: most }
    }

    /// The limit of readings that may gain so much from here on, where they may cost `spare` if
    /// they gained nothing, and at any rate no more than `all`.
    pub(super) fn slip(gain: Gain, spare: i32, all: i32) -> Limit {
        Limit { all, ends: spare + gain.ends, next: gain.next, goes_on: spare + gain.beyond }
    }

    /// Whether any reading is within the limit of which the beginning costs so much.
    pub(super) fn may_admit(&self, cost: i32) -> bool {
        cost <= self.all.min(self.ends.max(self.goes_on))
    }

    /// Whether a reading is within the limit that costs so much up to a guessed character.
    pub(super) fn admits(&self, guess: char, so_far: i32) -> bool {
        let on = || so_far + self.next.map_or(0, |next| cost(guess, next)) <= self.goes_on;
        so_far <= self.all && (so_far <= self.ends || so_far <= self.goes_on && on())
    }
}
