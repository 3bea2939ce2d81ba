//! The layout of the model's tables, which `tools/train` writes and the model reads.
//!
//! `table.bin` has three parts, one after the other:
//!
//! 1. [`UNIGRAMS`]: a byte for each BMP code point, −log2 P(character | class) in 1/8 bit;
//! 2. [`TRANSITIONS`]: a byte for each pair of classes, −log2 P(next class, no pair
//!    stored | class) in 1/8 bit;
//! 3. pairs: buckets of [`BUCKET`] entries of three little-endian bytes, each a
//!    fingerprint of the pair in the upper 19 bits and −log2 P(next | previous) in half
//!    bits in the lower 5. A bucket that is full keeps the pairs that save the most.
//!
//! `triples.bin` has buckets like the third part, of −log2 P(next | the two before).
//!
//! Eight fingerprints of 19 bits let one unknown pair in 65,000 pass for a known one. With
//! 11 bits, which fit two bytes, it was one in 256: too many where the search tries 64
//! characters for a lost byte and takes the likeliest.

use super::Class;

/// Bytes of the first part.
pub const UNIGRAMS: usize = 0x1_0000;
/// Bytes of the second part.
pub const TRANSITIONS: usize = Class::COUNT * Class::COUNT;
/// Entries in a bucket.
pub const BUCKET: usize = 8;
/// Bytes of an entry.
pub const ENTRY: usize = 3;
/// Bits of an entry that hold the cost.
pub const COST_BITS: u32 = 5;

/// Steps of a unigram or transition cost in a bit.
pub const CLASS_STEPS: i32 = 8;
/// Steps of a pair's or triple's cost in a bit.
pub const PAIR_STEPS: i32 = 2;

/// The bucket of a pair, of `buckets` (a power of two), and its fingerprint, which is never 0.
pub fn place(previous: char, next: char, buckets: usize) -> (usize, u32) {
    place_behind(previous.into(), next, buckets)
}

/// The bucket and the fingerprint of a triple, as [`place`] has them of a pair.
pub fn place_triple(before: char, previous: char, next: char, buckets: usize) -> (usize, u32) {
    let context = (hash(before.into(), previous) >> 32) as u32;
    place_behind(context, next, buckets)
}

fn place_behind(context: u32, next: char, buckets: usize) -> (usize, u32) {
    let hash = hash(context, next);
    let bucket = (hash >> 24) as usize & (buckets - 1);
    let fingerprint = (hash >> (64 - (8 * ENTRY as u32 - COST_BITS))) as u32;
    (bucket, fingerprint.max(1))
}

fn hash(context: u32, next: char) -> u64 {
    let pair = u64::from(context) << 21 | u64::from(u32::from(next));
    // the multiplier of splitmix64: all upper bits depend on all lower ones
    pair.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The entry for a fingerprint and a cost.
pub const fn entry(fingerprint: u32, cost: u32) -> [u8; ENTRY] {
    let [a, b, c, _] = (fingerprint << COST_BITS | cost).to_le_bytes();
    [a, b, c]
}

/// The fingerprint and the cost of an entry; 0 and 0 of an empty one.
pub const fn parts(entry: [u8; ENTRY]) -> (u32, u32) {
    let [a, b, c] = entry;
    let entry = u32::from_le_bytes([a, b, c, 0]);
    (entry >> COST_BITS, entry & ((1 << COST_BITS) - 1))
}
