//! What Chinese costs as words, in either script.

use super::pinyin::simplified;
use crate::model;

/// What characters cost as words, in 1/256 bit: see [`model::cost_as_words`].
pub fn cost(characters: &[char]) -> i32 {
    let simplified: Vec<char> = characters.iter().copied().map(simplified).collect();
    model::cost_as_words(&simplified).0
}
