//! Counts of characters and of pairs of neighbours.

use std::collections::HashMap;

/// Weighted counts.
#[derive(Default)]
pub struct Counts {
    pub characters: HashMap<char, f64>,
    pub pairs: HashMap<(char, char), f64>,
}

impl Counts {
    /// Counts a line, with the breaks at both its ends.
    pub fn add_line(&mut self, line: &str, weight: f64) {
        let mut previous = '\n';
        for next in line.chars().chain(['\n']) {
            *self.characters.entry(next).or_default() += weight;
            *self.pairs.entry((previous, next)).or_default() += weight;
            previous = next;
        }
    }
}
