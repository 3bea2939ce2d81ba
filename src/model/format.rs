//! The layout of the model's table, which `tools/train` writes and the model reads.
//!
//! Three parts, one after the other:
//!
//! 1. [`UNIGRAMS`]: a byte for each BMP code point, −log2 P(character | class) in 1/8 bit;
//! 2. [`TRANSITIONS`]: a byte for each pair of classes, −log2 P(next class, no pair
//!    stored | class) in 1/8 bit;
//! 3. pairs: buckets of [`BUCKET`] bytes with [`PLACES`] places, each for a fingerprint of the
//!    pair in 19 bits and −log2 P(next | previous) in half bits in 5. First come the lower 16
//!    bits of the fingerprints, little-endian, then a byte a place for the rest of each, the
//!    cost in its lower bits: so all places are compared at once. A bucket that is full keeps
//!    the pairs that save the most.
//!
//! Eight fingerprints of 19 bits let one unknown pair in 65,000 pass for a known one. With
//! 11 bits, which fit two bytes, it was one in 256: too many where the search tries 64
//! characters for a lost byte and takes the likeliest.

use super::Class;

/// Bytes of the first part.
pub const UNIGRAMS: usize = 0x1_0000;
/// Bytes of the second part.
pub const TRANSITIONS: usize = Class::COUNT * Class::COUNT;
/// Pairs that a bucket has a place for.
const PLACES: usize = 8;
/// Bytes of a bucket.
pub const BUCKET: usize = 3 * PLACES;
/// Bits of a fingerprint, and of a cost.
const FINGERPRINT_BITS: u32 = 19;
const COST_BITS: u32 = 5;
/// The dearest pair that can be stored, in steps.
pub const DEAREST: i32 = (1 << COST_BITS) - 1;

/// Steps of a unigram or transition cost in a bit.
pub const CLASS_STEPS: i32 = 8;
/// Steps of a pair's cost in a bit.
pub const PAIR_STEPS: i32 = 2;

/// The bucket of a pair, of `buckets` (a power of two), and its fingerprint, which is never 0.
pub fn place(previous: char, next: char, buckets: usize) -> (usize, u32) {
    let pair = u64::from(u32::from(previous)) << 21 | u64::from(u32::from(next));
    // the multiplier of splitmix64: all upper bits depend on all lower ones
    let hash = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bucket = (hash >> 24) as usize & (buckets - 1);
    let fingerprint = (hash >> (64 - FINGERPRINT_BITS)) as u32;
    (bucket, fingerprint.max(1))
}

/// The cost that a bucket has for a fingerprint, in steps.
///
/// To stop at the right place costs a wrongly foreseen branch, more than looking at all of
/// them: a bucket has each fingerprint once, so the sum of what is found is the one.
pub fn find(bucket: &[u8; BUCKET], fingerprint: u32) -> Option<u32> {
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

/// Puts a pair in a bucket, if there is room and no other pair has its fingerprint.
pub fn store(bucket: &mut [u8; BUCKET], fingerprint: u32, cost: u32) -> bool {
    // an empty place has the fingerprint 0
    let free = (0..PLACES)
        .find(|place| bucket[2 * place..][..2] == [0; 2] && bucket[2 * PLACES + place] == 0);
    let Some(place) = free.filter(|_| find(bucket, fingerprint).is_none()) else { return false };
    let (low, high) = halves(fingerprint);
    bucket[2 * place..][..2].copy_from_slice(&low.to_le_bytes());
    bucket[2 * PLACES + place] = high | cost as u8;
    true
}

/// The lower 16 bits of the fingerprints in a bucket, and the bytes with the upper ones.
fn parts(bucket: &[u8; BUCKET]) -> (&[[u8; 2]; PLACES], &[u8; PLACES]) {
    let (lower, uppers) = bucket.split_at(2 * PLACES);
    let (lower, _) = lower.as_chunks();
    let whole = "a bucket is three bytes a place";
    (lower.try_into().expect(whole), uppers.try_into().expect(whole))
}

/// A fingerprint as its place has it: the lower 16 bits, and the upper ones above a cost.
fn halves(fingerprint: u32) -> (u16, u8) {
    (fingerprint as u16, ((fingerprint >> 16) << COST_BITS) as u8)
}
