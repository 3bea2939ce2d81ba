//! The weights of pairs of letters, each asked of the language model once.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{NEUTRAL, STEPS};
use crate::edit::Bits;
use crate::hash;
use crate::model;

/// Pairs that are remembered, as a power of two. A language has some thousand in use.
const SLOT_BITS: u32 = 12;
/// Bits of a slot that hold the weight; above them is the pair.
const WEIGHT_BITS: u32 = 16;
/// Bits of a code point.
const CHAR_BITS: u32 = 21;

/// By hash of a pair, the pair and its weight; 0 is free.
///
/// A weight is found here at a quarter of the cost of asking the model, which doubles the speed
/// over Russian. What a slot holds is true whoever wrote it, so threads need no order among them.
static KNOWN: [AtomicU64; 1 << SLOT_BITS] = [const { AtomicU64::new(0) }; 1 << SLOT_BITS];

/// The weight of a letter, which is not ASCII, after another character.
#[inline]
pub(super) fn weight(previous: char, letter: char) -> i32 {
    let pair = u64::from(previous) << CHAR_BITS | u64::from(letter);
    let slot = &KNOWN[hash::place(pair, SLOT_BITS)];
    let known = slot.load(Relaxed);
    if known >> WEIGHT_BITS == pair {
        return i32::from(known as i16);
    }
    let weight = model::cost(previous, letter).0 / (Bits::ONE.0 / STEPS) - NEUTRAL;
    slot.store(pair << WEIGHT_BITS | u64::from(weight as u16), Relaxed);
    weight
}
