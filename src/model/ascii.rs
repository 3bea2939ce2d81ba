//! What ASCII stands in Chinese text, which the pairs do not know: in what is damaged, it mostly
//! stands as it was. Where it does not, only this tells `</b>` from ` /b>`.

use super::format::{ASCII_STEPS, FOLLOWERS, SIGNS};
use crate::edit::Bits;

/// The trained table; see [`super::format`] for its layout.
static TABLE: &[u8; SIGNS * (2 + FOLLOWERS)] = include_bytes!("ascii.bin");

/// The cost of an ASCII character below `@` behind one of Chinese, among its like, as the pairs of
/// the model have it on average.
pub fn mean_of_pairs(sign: u8) -> Bits {
    cost(usize::from(sign))
}

/// The cost of an ASCII character below `@` behind one of Chinese in ordinary text. The pairs know
/// tagged newspapers, too, in which each word has a `/`.
pub fn cost_of_sign(sign: u8) -> Bits {
    cost(SIGNS + usize::from(sign))
}

/// The cost of what follows such a character: ASCII, or anything else.
pub fn cost_behind_sign(sign: u8, next: Option<u8>) -> Bits {
    let follower = next.map_or(FOLLOWERS - 1, usize::from);
    cost(2 * SIGNS + usize::from(sign) * FOLLOWERS + follower)
}

fn cost(at: usize) -> Bits {
    Bits(i32::from(TABLE[at]) * (Bits::ONE.0 / ASCII_STEPS))
}
