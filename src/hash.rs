//! Places of keys in tables whose size is a power of two (Fibonacci hashing).

/// 2^64 divided by the golden ratio, and odd.
const FIBONACCI: u64 = 0x9E37_79B9_7F4A_7C15;

/// A number of which the upper bits depend on all bits of the key.
#[inline(always)]
pub const fn spread(key: u64) -> u64 {
    key.wrapping_mul(FIBONACCI)
}

/// The place of a key among 2^`bits`.
#[inline(always)]
pub const fn place(key: u64, bits: u32) -> usize {
    // in two shifts, for there may be a single place
    (spread(key) >> 1 >> (u64::BITS - 1 - bits)) as usize
}

/// A number of which every bit depends on all bits of the key: both halves of the product.
#[inline(always)]
pub const fn folded(key: u64) -> u64 {
    let product = key as u128 * FIBONACCI as u128;
    product as u64 ^ (product >> 64) as u64
}
