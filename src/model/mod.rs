//! The language model: how likely is a text, in bits.
//!
//! A character costs −log2 of its probability after the one before it. Pairs that
//! are frequent in Chinese, Japanese and Korean are stored; for all others the
//! class of the character before gives the class, and the class gives the
//! character. That is enough to tell 用户 (11 bits) from 鐢ㄦ埛 (60), and every
//! number is an integer, so that a decision is the same on every machine.
//!
//! Which of many characters a lost byte belonged to, pairs tell less well: 心血□管 may be 液,
//! 脑 or 流. Frequent triples are stored for those choices; searches go by pairs, and
//! [`cost_behind_two`] weighs what they found.

mod class;
#[doc(hidden)]
pub mod format;

pub use class::Class;

use crate::edit::Bits;
use format::{BUCKET, CLASS_STEPS, COST_BITS, ENTRY, PAIR_STEPS, TRANSITIONS, UNIGRAMS};

/// The trained table; see [`format`] for its layout and `tools/train` for its making.
static TABLE: &[u8] = include_bytes!("table.bin");

/// The trained triples, in the same layout as the pairs.
static TRIPLES: &[u8] = include_bytes!("triples.bin");

/// What an astral character costs within its class: emoji and rare Han alike.
const ASTRAL_COST: i32 = 12 * Bits::ONE.0;

/// What a character costs that repeats the one before it, if the pair is not stored:
/// `····` and `±±±±` are ornaments, as likely of one character as of another.
const REPEATED: i32 = 4 * Bits::ONE.0;

/// The cost of `next` after `previous`: −log2 of its probability.
pub fn cost(previous: char, next: char) -> Bits {
    Bits(pair_cost(previous, next).unwrap_or_else(|| class_cost(previous, next)))
}

/// The cost of `next` behind two characters; that behind the second where nothing is stored
/// of the three.
///
/// Triples are stored that are likelier than their pairs say, and what they make unlikely is
/// not: over all characters the probabilities sum to more than one. Only costs of texts with the
/// same characters around what is lost are to be compared.
pub fn cost_behind_two(before: char, previous: char, next: char) -> Bits {
    let pair = cost(previous, next);
    triple_cost(before, previous, next).map_or(pair, |triple| pair.min(Bits(triple)))
}

/// The cost of a whole text that starts after a line break.
pub fn text_cost(text: &str) -> Bits {
    text_cost_after('\n', text)
}

/// The cost of a whole text that stands after `previous`.
pub fn text_cost_after(mut previous: char, text: &str) -> Bits {
    let mut sum = 0;
    for next in text.chars() {
        sum += cost(previous, next).0;
        previous = next;
    }
    Bits(sum)
}

/// The cost of a pair that is stored.
fn pair_cost(previous: char, next: char) -> Option<i32> {
    // pairs of ASCII are not stored: they read the same in every codec
    if previous.is_ascii() && next.is_ascii() {
        return None;
    }
    let (buckets, _) = TABLE[UNIGRAMS + TRANSITIONS..].as_chunks();
    stored(buckets, format::place(previous, next, buckets.len()))
}

/// The cost of a triple that is stored.
fn triple_cost(before: char, previous: char, next: char) -> Option<i32> {
    let (buckets, _) = TRIPLES.as_chunks();
    stored(buckets, format::place_triple(before, previous, next, buckets.len()))
}

/// The cost in the entry with a fingerprint in a bucket.
fn stored(buckets: &[[u8; ENTRY * BUCKET]], (bucket, fingerprint): (usize, u32)) -> Option<i32> {
    let entry = cheapest(&buckets[bucket], fingerprint << COST_BITS)?;
    Some(entry as i32 * (Bits::ONE.0 / PAIR_STEPS))
}

/// The cost in the entry of a bucket that has the fingerprint in `key`.
///
/// An entry that differs from the key only below [`COST_BITS`] is the one that is looked for,
/// and then the difference is its cost. All eight are looked at without a branch: to stop at
/// the right one costs a wrongly foreseen branch, twice what the eight take together.
fn cheapest(bucket: &[u8; ENTRY * BUCKET], key: u32) -> Option<u32> {
    let (entries, _) = bucket.as_chunks::<ENTRY>();
    let difference = |&[a, b, c]: &[u8; ENTRY]| u32::from_le_bytes([a, b, c, 0]) ^ key;
    let least = entries.iter().map(difference).fold(u32::MAX, u32::min);
    (least < 1 << COST_BITS).then_some(least)
}

/// The cost by classes.
fn class_cost(previous: char, next: char) -> i32 {
    if previous == next {
        return REPEATED;
    }
    const STEP: i32 = Bits::ONE.0 / CLASS_STEPS;
    let class = Class::of(next);
    let transition = TABLE[UNIGRAMS + Class::of(previous) as usize * Class::COUNT + class as usize];
    let within = match TABLE[..UNIGRAMS].get(next as usize) {
        Some(&cost) => i32::from(cost) * STEP,
        None => ASTRAL_COST,
    };
    i32::from(transition) * STEP + within
}
