//! Codes of characters, and a map to them in which each is one word.

/// Marks a code point with several codes, in a bit that no packed code has.
pub(super) const MORE: u32 = 1 << 31;

/// The bytes of one character in some codec: `C4 E3`.
///
/// A shorter code sorts before a longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    len: u8,
    bytes: [u8; 4],
}

impl Code {
    pub(super) fn new(code: &[u8]) -> Code {
        let mut bytes = [0; 4];
        bytes[..code.len()].copy_from_slice(code);
        Code { len: code.len() as u8, bytes }
    }

    /// The bytes, first one first.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone {
        self.bytes.into_iter().take(self.len())
    }

    /// The bytes as a slice.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// How many bytes, 1 to 4.
    #[allow(clippy::len_without_is_empty)] // a code is never empty
    pub fn len(self) -> usize {
        usize::from(self.len)
    }

    /// The bytes of a code that has two.
    #[inline]
    pub fn pair(self) -> Option<[u8; 2]> {
        let [lead, trail, ..] = self.bytes;
        (self.len == 2).then_some([lead, trail])
    }

    /// Appends the bytes.
    #[inline]
    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        // a copy of any length takes longer than that of two bytes
        match self.pair() {
            Some(pair) => bytes.extend_from_slice(&pair),
            None => bytes.extend_from_slice(self.as_bytes()),
        }
    }

    /// A code of at most three bytes in one word, which is never 0.
    pub(super) fn pack(self) -> u32 {
        let [a, b, c, _] = self.bytes;
        u32::from_le_bytes([a, b, c, self.len])
    }

    /// The code in a word, if one is.
    pub(super) fn unpack(word: u32) -> Option<Code> {
        let [a, b, c, len] = (word & !MORE).to_le_bytes();
        (len > 0).then_some(Code { len, bytes: [a, b, c, 0] })
    }
}

/// Numbers by BMP code point, in rows of 256 that are there where one of them is not 0: most of
/// them are not, in all but the largest codecs.
#[derive(Clone, Debug)]
pub(super) struct CodeMap {
    /// By upper byte, the index of a row.
    rows: [u16; 256],
    /// By lower byte; the first row is empty.
    codes: Vec<[u32; 256]>,
}

impl Default for CodeMap {
    fn default() -> CodeMap {
        CodeMap { rows: [0; 256], codes: vec![[0; 256]] }
    }
}

impl CodeMap {
    /// The number of a character of the BMP.
    #[inline]
    pub(super) fn get(&self, character: char) -> Option<u32> {
        let row = *self.rows.get(character as usize >> 8)?;
        Some(self.codes[usize::from(row)][character as usize & 0xFF])
    }

    /// The place for the number of a character of the BMP.
    pub(super) fn slot(&mut self, character: char) -> Option<&mut u32> {
        let row = self.rows.get_mut(character as usize >> 8)?;
        if *row == 0 {
            *row = self.codes.len() as u16;
            self.codes.push([0; 256]);
        }
        Some(&mut self.codes[usize::from(*row)][character as usize & 0xFF])
    }
}
