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
//! `triples.bin` has buckets of [`BUCKET`] entries of two little-endian bytes, each a
//! fingerprint of the triple in the upper 13 bits and in the lower 3 how many bits more than one
//! the last character is likelier behind both others than behind the second alone. Its last
//! pair is stored, too.
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
/// Entries in a bucket.
pub const BUCKET: usize = 8;
/// Bytes of an entry.
pub const ENTRY: usize = 3;
/// Bits of an entry that hold the cost.
pub const COST_BITS: u32 = 5;

/// Bytes of a triple's entry.
pub const TRIPLE_ENTRY: usize = 2;
/// Bits of a triple's entry that hold the gain.
pub const GAIN_BITS: u32 = 3;
/// The most that a triple gains, in bits.
pub const MOST_GAIN: u32 = 1 << GAIN_BITS;

/// Steps of a unigram or transition cost in a bit.
pub const CLASS_STEPS: i32 = 8;
/// Steps of a pair's cost in a bit.
pub const PAIR_STEPS: i32 = 2;

/// The bucket of a pair, of `buckets` (a power of two), and its fingerprint, which is never 0.
pub fn place(previous: char, next: char, buckets: usize) -> (usize, u32) {
    let fingerprint = 8 * ENTRY as u32 - COST_BITS;
    place_hash(hash(previous.into(), next), buckets, fingerprint)
}

/// The bucket and the fingerprint of a triple, as [`place`] has them of a pair.
pub fn place_triple(before: char, previous: char, next: char, buckets: usize) -> (usize, u32) {
    let context = (hash(before.into(), previous) >> 32) as u32;
    let fingerprint = 8 * TRIPLE_ENTRY as u32 - GAIN_BITS;
    place_hash(hash(context, next), buckets, fingerprint)
}

/// The place of what has a hash, with so many bits of fingerprint.
fn place_hash(hash: u64, buckets: usize, fingerprint: u32) -> (usize, u32) {
    let bucket = (hash >> 24) as usize & (buckets - 1);
    (bucket, ((hash >> (64 - fingerprint)) as u32).max(1))
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
