//! Words: what Chinese costs if it is read as a sequence of words.
//!
//! Pairs of characters do not see where words end: to them 附型 is as good as 附小, since neither is
//! frequent. As words, 附小 is one, and 附型 is two that hardly ever stand alone.

use super::Class;
use super::format::{self, PAIRS};
use crate::edit::Bits;

/// The trained words; `format` has the layout, which is that of the pairs.
static WORDS: &[u8] = include_bytes!("words.bin");

const LONGEST: usize = format::LONGEST_WORD;

/// What a character costs that is no word: twice as rare as the rarest that is stored.
const UNKNOWN: Bits = Bits::whole(21);

/// What a character costs that is not Han: a mark is one in 30 words.
const OTHER: Bits = Bits::whole(5);

/// What a Simplified text costs as the likeliest sequence of words, each drawn by itself: −log2 of
/// its probability. Characters that are not Han are words of one character.
///
/// The words before and behind are not asked for, so that texts are to be compared that begin and
/// end alike.
pub fn cost_as_words(text: &[char]) -> Bits {
    // the cheapest way up to each of the last places, the latest first
    let mut cheapest = [Bits(0); LONGEST];
    for end in 1..=text.len() {
        let alone = cheapest[0].0 + alone(text[end - 1]).0;
        let longer = (2..=LONGEST.min(end))
            .filter_map(|len| Some(cheapest[len - 1].0 + stored(&text[end - len..end])?.0));
        let best = longer.fold(alone, i32::min);
        cheapest.rotate_right(1);
        cheapest[0] = Bits(best);
    }
    cheapest[0]
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
    fn words_are_found_inside_a_text() {
        let text = "我们在图书馆看书。";
        let parts = ["我们", "在", "图书馆", "看书", "。"];
        let sum: i32 = parts.map(|part| cost(part).0).iter().sum();
        assert!(cost(text) <= Bits(sum));
        assert_eq!(cost(""), Bits(0));
    }
}
