//! The layout of `tables.bin`, which `tools/opencc-compile` writes and the conversion reads.
//!
//! All numbers are little-endian, all offsets count from the end of the head.
//! ```text
//! head     section            characters of the normalization
//!          section × 2        u16 × any, characters of Simplified and of Traditional text only
//!          u32                number of configurations
//!          config × number
//! config   [u8; 8]            name, padded with NUL
//!          section × 11       in the order of the fields of `ConfigTable`
//! section  u32, u32           offset, length
//!
//! chars    (u32 from, u32 to) sorted; a `to` above U+10FFFF is two characters of 16 bits
//! pairs    (u16, u16)         code points, sorted
//! phrases  u32 bits           the hash table has 2^bits slots
//!          u32 × 2^bits       part of the hash of two characters (10 bits), offset of their
//!                             bucket (22 bits); 0 is free
//!          buckets            u8 length, the two characters; u8 count, then as often,
//!                             longest first: u8 key length, u8 value length, key behind
//!                             the two characters, value (none: as its characters convert)
//! filter   u64 × power of 2   three bits of one word for each key
//! precomputed
//!          u32 bits           the hash table has 2^bits slots
//!          slot × 2^bits      [u8; 6] the first bytes of texts, zeros if free; u16 a bit for the
//!                             low four bits of each third byte behind; u32 offset of the bucket,
//!                             with the highest bit where the first bytes alone are a text
//!          buckets            with that bit: u8 value length, value
//!                             u8 count, then as often, longest first: u8 key length, u8 value
//!                             length, key behind the six bytes, value
//!          value              none: not known; else 1 where a segment may cut it, or 0, and
//!                             what the text becomes
//! choices  text               two lines for each character
//! ```

use crate::hash;

/// Bytes of a configuration's name, padded with NUL.
pub const NAME_BYTES: usize = 8;
/// Bytes of two Chinese characters, by which stretches and neutral pairs are found.
pub const PAIR_BYTES: usize = 6;

/// Slots of a table of phrases that fits the first-level cache beside all else.
pub const SMALL_TABLE: usize = 4096;
/// A slot's low bits: the offset of a bucket; the bits above them are of the pair's hash.
pub const OFFSET_BITS: u32 = 22;

/// Bytes of a slot of the stretches: those of a pair, a bit for each third byte behind it (by
/// its low four bits), and the offset of a bucket.
pub const SLOT_BYTES: usize = PAIR_BYTES + 2 + 4;
/// The bit of a bucket's offset that says that the pair alone is a stretch.
pub const ALONE: u32 = 1 << 31;

/// Bits of a code point.
const CHAR_BITS: u32 = 21;

/// The hash of the two characters that phrases begin with.
#[inline(always)]
pub fn hash_of_chars(first: char, second: char) -> u64 {
    hash::folded(u64::from(first) << CHAR_BITS | u64::from(second))
}

/// The six bytes of a pair as a number.
#[inline(always)]
pub fn pair_key([a, b, c, d, e, f]: [u8; PAIR_BYTES]) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

/// The word of a filter of 2^`bits` that a pair is in, and the bits of it that are set.
#[inline(always)]
pub fn filter_place(pair: u64, bits: u32) -> (usize, u64) {
    let hash = hash::folded(pair);
    let set = 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63);
    ((hash >> (u64::BITS - bits)) as usize, set)
}
