//! Sets of bytes.

/// A set of bytes, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    /// Whether a byte is in the set.
    pub fn contains(&self, byte: u8) -> bool {
        let (word, bit) = place(byte);
        self.0[word] & bit != 0
    }

    /// What is in both sets.
    pub fn and(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    /// What is in either set.
    pub fn or(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The bytes, the least first.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        [0, 64, 128, 192].into_iter().zip(self.0).flat_map(|(first, word): (u8, u64)| {
            let rest = |&word: &u64| Some(word & word.wrapping_sub(1));
            let words = std::iter::successors(Some(word), rest).take_while(|&word| word != 0);
            words.map(move |word| first + word.trailing_zeros() as u8)
        })
    }
}

impl FromIterator<u8> for ByteSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> ByteSet {
        let mut set = ByteSet::default();
        for byte in bytes {
            let (word, bit) = place(byte);
            set.0[word] |= bit;
        }
        set
    }
}

/// The word of a byte, and its bit there.
fn place(byte: u8) -> (usize, u64) {
    (usize::from(byte >> 6), 1 << (byte & 0x3F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_bytes_holds_what_was_put_in() {
        let bytes = [0x00, 0x3F, 0x40, 0x81, 0xC0, 0xFF];
        let set: ByteSet = bytes.into_iter().rev().collect();
        assert!(set.iter().eq(bytes));
        assert!((0..=0xFF).all(|byte| set.contains(byte) == bytes.contains(&byte)));
        let high: ByteSet = (0x80..=0xFF).collect();
        assert!(set.and(high).iter().eq([0x81, 0xC0, 0xFF]));
        assert_eq!(set.or(ByteSet::ALL), (0..=0xFF).collect());
    }
}
