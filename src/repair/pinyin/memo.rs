//! What was worked out for pairs of characters, kept for the next time that they are asked for.

use std::cell::Cell;

use crate::hash;

/// How many pairs are kept, as a power of two. Of the 20,000 that a page with split ruins asks for,
/// more than half were asked for before. With one bit more or less, such pages take 1 % fewer or
/// more instructions, and this much fits the first two caches.
const BITS: u32 = 12;

/// Numbers by keys, each in a place where it gives way to the next one with the same hash.
pub(super) struct Memo(Vec<Cell<(u64, i32)>>);

impl Memo {
    pub(super) fn new() -> Memo {
        // no pair has this key
        Memo(vec![Cell::new((u64::MAX, 0)); 1 << BITS])
    }

    /// The number of a key, worked out if it is not there.
    #[inline]
    pub(super) fn get(&self, key: u64, work_out: impl FnOnce() -> i32) -> i32 {
        let place = &self.0[hash::place(key, BITS)];
        let (known, number) = place.get();
        if known == key {
            return number;
        }
        let number = work_out();
        place.set((key, number));
        number
    }
}
