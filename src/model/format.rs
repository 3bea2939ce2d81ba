//! The layout of the model's table, which `tools/train` writes and the model reads.
//!
//! Three parts, one after the other:
//!
//! 1. [`UNIGRAMS`]: a byte for each BMP code point, −log2 P(character | class) in 1/8 bit;
//! 2. [`TRANSITIONS`]: a byte for each pair of classes, −log2 P(next class, no pair
//!    stored | class) in 1/8 bit;
//! 3. pairs: buckets of [`BUCKET`] little-endian `u16`, each a fingerprint of the
//!    pair in the upper 11 bits and −log2 P(next | previous) in half bits in the
//!    lower 5. A bucket that is full keeps the pairs that save the most.
//!
//! Eight fingerprints of 11 bits let 0.4 % of unknown pairs pass for known ones,
//! which costs less than the pairs that the same bytes would hold with longer ones.

use super::Class;

/// Bytes of the first part.
pub const UNIGRAMS: usize = 0x1_0000;
/// Bytes of the second part.
pub const TRANSITIONS: usize = Class::COUNT * Class::COUNT;
/// Entries in a bucket: 16 bytes, one vector register.
pub const BUCKET: usize = 8;
/// Bits of an entry that hold the cost.
pub const COST_BITS: u32 = 5;

/// Steps of a unigram or transition cost in a bit.
pub const CLASS_STEPS: i32 = 8;
/// Steps of a pair's cost in a bit.
pub const PAIR_STEPS: i32 = 2;

/// The bucket of a pair, of `buckets` (a power of two), and its fingerprint, which is never 0.
pub fn place(previous: char, next: char, buckets: usize) -> (usize, u16) {
    let pair = u64::from(u32::from(previous)) << 21 | u64::from(u32::from(next));
    // the multiplier of splitmix64: all upper bits depend on all lower ones
    let hash = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bucket = (hash >> 40) as usize & (buckets - 1);
    let fingerprint = (hash >> (64 - (16 - COST_BITS))) as u16;
    (bucket, fingerprint.max(1))
}

/// The entry for a fingerprint and a cost.
pub const fn entry(fingerprint: u16, cost: u16) -> u16 {
    fingerprint << COST_BITS | cost
}
