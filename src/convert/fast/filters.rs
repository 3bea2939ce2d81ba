//! Which pairs of characters may start a phrase, and with which third character one may go on.

use crate::convert::table::{HEAD_MASK, Precomputed};
use crate::hash;
use crate::scan::WORD;

/// Bits of a [`PairSet`], as a power of two: 32 KB. In the largest one bit in 16 is set, so that
/// as many other pairs pass.
const SET_BITS: u32 = 18;
/// Entries of [`Thirds`], as a power of two.
const THIRDS_BITS: u32 = 16;

/// A set of pairs of characters, which may seem to hold some that were never put in.
pub struct PairSet(Box<[u64; 1 << (SET_BITS - 6)]>);

impl PairSet {
    pub fn new(pairs: impl Iterator<Item = (u16, u16)>) -> PairSet {
        let mut words = Box::new([0; 1 << (SET_BITS - 6)]);
        for (first, second) in pairs {
            let (word, bit) = place(usize::from(first), usize::from(second));
            words[word] |= 1 << bit;
        }
        PairSet(words)
    }

    /// Whether it may hold two characters, which are given by their points.
    #[inline(always)]
    pub fn may_hold(&self, first: usize, second: usize) -> bool {
        let (word, bit) = place(first, second);
        self.0[word] >> bit & 1 == 1
    }
}

/// The word and the bit of a pair.
#[inline(always)]
fn place(first: usize, second: usize) -> (usize, u32) {
    let key = (first << 16 | second) as u64;
    let place = hash::place(key, SET_BITS);
    (place >> 6, (place & 63) as u32)
}

/// With which characters behind their first two stretches may go on.
///
/// In s2twp half of the pairs that may start a phrase do not, which their third character tells
/// here without a branch. To look them all up takes it 12 % longer, and s2t 7 %.
pub struct Thirds(Box<[u16; 1 << THIRDS_BITS]>);

impl Thirds {
    pub fn new(precomputed: &Precomputed) -> Thirds {
        let mut thirds = Box::new([0; 1 << THIRDS_BITS]);
        for (head, bits) in precomputed.heads() {
            thirds[Thirds::place(head)] |= bits;
        }
        Thirds(thirds)
    }

    #[inline(always)]
    fn place(head: u64) -> usize {
        hash::place(head, THIRDS_BITS)
    }

    /// Whether a phrase may start at a place that is a hit.
    #[inline(always)]
    pub fn may_go_on(&self, text: &[u8], place: usize) -> bool {
        let Some([head @ .., third]) = text[place..].first_chunk::<{ WORD + 1 }>() else {
            return true;
        };
        let head = u64::from_le_bytes(*head);
        let is_ascii = head & 0x80 == 0;
        // nothing is known of what may stand behind ASCII
        self.0[Thirds::place(head & HEAD_MASK)] >> (third & 15) & 1 == 1 || is_ascii
    }
}
