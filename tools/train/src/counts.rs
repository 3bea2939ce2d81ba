//! Counts of characters, of pairs of neighbours and of three in a row.

use std::collections::HashMap;

use crate::table::is_triple;

/// What an occurrence in a text of weight 1 counts: weights are given in tenths.
pub const ONE: u64 = 10;

/// Weighted counts, in tenths. Whole numbers, so that sums are the same in any order.
#[derive(Default)]
pub struct Counts {
    pub characters: HashMap<char, u64>,
    pub pairs: HashMap<[char; 2], u64>,
    /// Of those triples that may be stored.
    pub triples: HashMap<[char; 3], u64>,
}

impl Counts {
    /// Counts a line, with the breaks at both its ends.
    pub fn add_line(&mut self, line: &str, weight: u64) {
        let (mut before, mut previous) = ('\n', '\n');
        for next in line.chars().chain(['\n']) {
            *self.characters.entry(next).or_default() += weight;
            *self.pairs.entry([previous, next]).or_default() += weight;
            let triple = [before, previous, next];
            if is_triple(triple) {
                *self.triples.entry(triple).or_default() += weight;
            }
            (before, previous) = (previous, next);
        }
    }
}
