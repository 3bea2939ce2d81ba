//! The language model: how likely is a text, in bits.

use crate::edit::Bits;

/// The cost of `next` after `previous`: −log2 of its probability.
pub fn cost(previous: char, next: char) -> Bits {
    let _ = (previous, next);
    Bits::whole(8)
}

/// The cost of a whole text that starts after a line break.
pub fn text_cost(text: &str) -> Bits {
    let mut previous = '\n';
    let mut sum = 0;
    for next in text.chars() {
        sum += cost(previous, next).0;
        previous = next;
    }
    Bits(sum)
}
