//! The layout of the model's tables, which `tools/train` writes and the model reads.
//!
//! `table.bin` has three parts, one after the other:
//!
//! 1. [`UNIGRAMS`]: a byte for each BMP code point, −log2 P(character | class) in 1/8 bit;
//! 2. [`TRANSITIONS`]: a byte for each pair of classes, −log2 P(next class, no pair
//!    stored | class) in 1/8 bit;
//! 3. pairs: buckets of [`PAIRS`] bytes with [`PLACES`] places, each for a fingerprint of the
//!    pair in 19 bits and −log2 P(next | previous) in half bits in 5. First come the lower 16
//!    bits of the fingerprints, little-endian, then a byte a place for the rest of each, the
//!    cost in its lower bits: so all places are compared at once. A bucket that is full keeps
//!    the pairs that save the most.
//!
//! `triples.bin` has buckets of [`PLACES`] entries of two little-endian bytes, each a
//! fingerprint of the triple in the upper 13 bits and in the lower 3 how many bits more than one
//! the last character is likelier behind both others than behind the second alone. Its last
//! pair is stored, too.
//!
//! `words.bin` has buckets like those of the pairs, with the fingerprints of words of up to
//! four characters and −log2 of their share of all words, in whole bits.
//!
//! `ascii.bin` has a byte for each of [`SIGNS`] ASCII characters, −log2 P(character | Chinese
//! before it, one of them behind) in all of the text that the pairs are of, another one for each
//! in ordinary text, and then [`FOLLOWERS`] bytes for each, −log2 P(next | character), of which
//! the last is for all beyond ASCII; in 1/8 bit.
//!
//! Eight fingerprints of 19 bits let one unknown pair in 65,000 pass for a known one. With
//! 11 bits, which fit two bytes, it was one in 256: too many where the search tries 64
//! characters for a lost byte and takes the likeliest. Of triples it is one in 1,000, and
//! those are asked for only where the pair is known.

use super::Class;

/// Bytes of the first part.
pub const UNIGRAMS: usize = 0x1_0000;
/// Bytes of the second part.
pub const TRANSITIONS: usize = Class::COUNT * Class::COUNT;
/// Pairs or triples that a bucket has a place for.
pub const PLACES: usize = 8;
/// Bytes of a bucket of pairs.
pub const PAIRS: usize = 3 * PLACES;
/// Bits of a fingerprint, and of a cost.
const FINGERPRINT_BITS: u32 = 19;
const COST_BITS: u32 = 5;
/// The dearest pair that can be stored, in steps.
pub const DEAREST: i32 = (1 << COST_BITS) - 1;

/// Characters of the longest word that is stored.
pub const LONGEST_WORD: usize = 4;

/// Bytes of a triple's entry.
pub const TRIPLE_ENTRY: usize = 2;
/// Bits of a triple's entry that hold the gain.
pub const GAIN_BITS: u32 = 3;
/// The most that a triple gains, in bits.
pub const MOST_GAIN: u32 = 1 << GAIN_BITS;

/// ASCII characters that a wrong decoder may take for the second byte of a pair and reject: all
/// below `@`.
pub const SIGNS: usize = 0x40;
/// What may follow one of them: ASCII or anything else.
pub const FOLLOWERS: usize = 0x80 + 1;
/// Steps of a cost of ASCII in a bit.
pub const ASCII_STEPS: i32 = 8;

/// Steps of a unigram or transition cost in a bit.
pub const CLASS_STEPS: i32 = 8;
/// Steps of a pair's cost in a bit.
pub const PAIR_STEPS: i32 = 2;

/// The bucket of a pair, of `buckets` (a power of two), and its fingerprint, which is never 0.
#[inline(always)]
pub fn place(previous: char, next: char, buckets: usize) -> (usize, u32) {
    place_hash(hash(previous.into(), next), buckets, FINGERPRINT_BITS)
}

/// The bucket and the fingerprint of a triple, as [`place`] has them of a pair.
pub fn place_triple(before: char, previous: char, next: char, buckets: usize) -> (usize, u32) {
    let context = (hash(before.into(), previous) >> 32) as u32;
    let fingerprint = 8 * TRIPLE_ENTRY as u32 - GAIN_BITS;
    place_hash(hash(context, next), buckets, fingerprint)
}

/// The bucket and the fingerprint of a word, as [`place`] has them of a pair.
pub fn place_word(word: &[char], buckets: usize) -> (usize, u32) {
    let add = |context, &character: &char| (hash(context, character) >> 32) as u32;
    let whole = word.iter().fold(word.len() as u32, add);
    place_hash(hash(whole, '\0'), buckets, FINGERPRINT_BITS)
}

/// The place of what has a hash, with so many bits of fingerprint.
#[inline(always)]
fn place_hash(hash: u64, buckets: usize, fingerprint: u32) -> (usize, u32) {
    let bucket = (hash >> 24) as usize & (buckets - 1);
    (bucket, ((hash >> (64 - fingerprint)) as u32).max(1))
}

#[inline(always)]
fn hash(context: u32, next: char) -> u64 {
    let pair = u64::from(context) << 21 | u64::from(u32::from(next));
    crate::hash::spread(pair)
}

/// The cost that a bucket has for a fingerprint, in steps.
///
/// To stop at the right place costs a wrongly foreseen branch, more than looking at all of
/// them: a bucket has each fingerprint once, so the sum of what is found is the one.
#[inline(always)]
pub fn find(bucket: &[u8; PAIRS], fingerprint: u32) -> Option<u32> {
    let (lower, uppers) = parts(bucket);
    let (low, high) = halves(fingerprint);
    let mut found = 0;
    for (lower, upper) in lower.iter().zip(uppers) {
        // the cost where the upper bits are alike
        let cost = upper ^ high;
        let is_it = u16::from_le_bytes(*lower) == low && cost >> COST_BITS == 0;
        found += if is_it { 1 << COST_BITS | u16::from(cost) } else { 0 };
    }
    found.checked_sub(1 << COST_BITS).map(u32::from)
}

/// The bucket with these fingerprints and costs, zeros where a place is empty.
pub fn bucket(places: &[(u32, u32); PLACES]) -> [u8; PAIRS] {
    let mut bucket = [0; PAIRS];
    for (place, &(fingerprint, cost)) in places.iter().enumerate() {
        let (low, high) = halves(fingerprint);
        bucket[2 * place..][..2].copy_from_slice(&low.to_le_bytes());
        bucket[2 * PLACES + place] = high | cost as u8;
    }
    bucket
}

/// The lower 16 bits of the fingerprints in a bucket, and the bytes with the upper ones.
fn parts(bucket: &[u8; PAIRS]) -> (&[[u8; 2]; PLACES], &[u8; PLACES]) {
    let (lower, uppers) = bucket.split_at(2 * PLACES);
    let (lower, _) = lower.as_chunks();
    let whole = "a bucket is three bytes a place";
    (lower.try_into().expect(whole), uppers.try_into().expect(whole))
}

/// A fingerprint as its place has it: the lower 16 bits, and the upper ones above a cost.
fn halves(fingerprint: u32) -> (u16, u8) {
    (fingerprint as u16, ((fingerprint >> 16) << COST_BITS) as u8)
}

/// The entry for a triple's fingerprint and gain, 1 to [`MOST_GAIN`] bits.
pub const fn triple_entry(fingerprint: u32, gain: u32) -> [u8; TRIPLE_ENTRY] {
    let [a, b, ..] = (fingerprint << GAIN_BITS | (gain - 1)).to_le_bytes();
    [a, b]
}

/// The fingerprint and the gain of a triple's entry; 0 and 1 of an empty one.
pub const fn triple_parts(entry: [u8; TRIPLE_ENTRY]) -> (u32, u32) {
    let entry = u16::from_le_bytes(entry) as u32;
    (entry >> GAIN_BITS, (entry & (MOST_GAIN - 1)) + 1)
}
