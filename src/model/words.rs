//! Words: what Chinese costs if it is read as a sequence of words.
//!
//! Pairs of characters do not see where words end: to them 附型 is as good as 附小, since neither is
//! frequent. As words, 附小 is one, and 附型 is two that hardly ever stand alone.

use std::ops::Range;

use super::Class;
use super::format::{self, PAIRS};
use crate::edit::Bits;

/// The trained words; `format` has the layout, which is that of the pairs.
static WORDS: &[u8] = include_bytes!("words.bin");

const LONGEST: usize = format::LONGEST_WORD;

/// What a character costs that is no word: twice as rare as the rarest that is stored.
const UNKNOWN: Bits = Bits::whole(21);

/// What a character costs that is not Han: a mark is one in 30 words.
pub const OTHER: Bits = Bits::whole(5);

/// What a Simplified text costs as the likeliest sequence of words, each drawn by itself: −log2 of
/// its probability. Characters that are not Han are words of one character.
///
/// The words before and behind are not asked for, so that texts are to be compared that begin and
/// end alike.
pub fn cost_as_words(text: &[char]) -> Bits {
    let mut costs = vec![0];
    extend(&mut costs, text);
    Bits(costs[text.len()])
}

/// What texts cost as words that differ in one place only; see [`cost_as_words`].
pub struct Gap {
    text: Vec<char>,
    gap: Range<usize>,
    /// What the words cost up to each place before the gap, and while one is worked out, in it.
    before: Vec<i32>,
    /// What they cost from each place behind the gap on.
    behind: Vec<i32>,
}

impl Gap {
    /// The text around what is to be filled in at `gap`.
    pub fn new(text: Vec<char>, gap: Range<usize>) -> Gap {
        let mut before = vec![0];
        extend(&mut before, &text[..gap.start]);
        let places = gap.end..=text.len();
        let behind = places.map(|place| cost_as_words(&text[place..]).0).collect();
        Gap { text, gap, before, behind }
    }

    /// What the text costs with some characters filled in, as many as there are places for.
    pub fn cost(&mut self, filled: impl Iterator<Item = char>) -> Bits {
        let Range { start, end } = self.gap;
        self.text[start..end]
            .iter_mut()
            .zip(filled)
            .for_each(|(place, character)| *place = character);
        self.before.truncate(start + 1);
        extend(&mut self.before, &self.text[..end]);
        // a word ends with the gap, or one goes on behind it
        let mut least = self.before[end] + self.behind[0];
        for first in (end + 1).saturating_sub(LONGEST)..end {
            let last = self.text.len().min(first + LONGEST);
            for (behind, last) in (1..).zip(end + 1..=last) {
                if let Some(cost) = stored(&self.text[first..last]) {
                    least = least.min(self.before[first] + cost.0 + self.behind[behind]);
                }
            }
        }
        Bits(least)
    }
}

/// Adds what words cost up to the places of a text behind those that are known.
fn extend(costs: &mut Vec<i32>, text: &[char]) {
    for end in costs.len()..=text.len() {
        let alone = costs[end - 1] + alone(text[end - 1]).0;
        let longer = (2..=LONGEST.min(end))
            .filter_map(|len| Some(costs[end - len] + stored(&text[end - len..end])?.0));
        costs.push(longer.fold(alone, i32::min));
    }
}

/// The cost of a character as a word of its own.
fn alone(character: char) -> Bits {
    if Class::of(character) != Class::Han {
        return OTHER;
    }
    stored(&[character]).unwrap_or(UNKNOWN)
}

/// The cost of a word that is stored.
fn stored(word: &[char]) -> Option<Bits> {
    if !word.iter().all(|&character| Class::of(character) == Class::Han) {
        return None;
    }
    let (buckets, _) = WORDS.as_chunks::<PAIRS>();
    let (bucket, fingerprint) = format::place_word(word, buckets.len());
    format::find(&buckets[bucket], fingerprint).map(|cost| Bits::whole(cost as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> Bits {
        cost_as_words(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn words_cost_less_than_their_characters() {
        for (word, none) in
            [("附小", "附型"), ("代码", "的码"), ("基于", "基在"), ("图书馆", "图书官")]
        {
            assert!(cost(word) < cost(none), "{word} {none}");
        }
    }

    #[test]
    fn what_is_filled_into_a_gap_costs_what_the_whole_text_does() {
        let text: Vec<char> = "到图书馆附小，".chars().collect();
        for (start, end) in [(0, 1), (2, 3), (2, 4), (3, 3), (5, 7)] {
            let mut gap = Gap::new(text.clone(), start..end);
            for filled in [['书', '馆'], ['小', '，'], ['本', '子']] {
                let filled = &filled[..end - start];
                let whole = [&text[..start], filled, &text[end..]].concat();
                assert_eq!(gap.cost(filled.iter().copied()), cost_as_words(&whole), "{whole:?}");
            }
        }
    }

    #[test]
    fn words_are_found_inside_a_text() {
        let text = "我们在图书馆看书。";
        let parts = ["我们", "在", "图书馆", "看书", "。"];
        let sum: i32 = parts.map(|part| cost(part).0).iter().sum();
        assert!(cost(text) <= Bits(sum));
        assert_eq!(cost(""), Bits(0));
    }
}
