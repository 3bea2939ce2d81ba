//! One codec as a table, read both ways.

use std::sync::OnceLock;

/// The bytes of one character in some codec, big-endian: `0xC4E3` is `C4 E3`.
///
/// No character but U+0000 has a leading zero byte in the codecs here, so the
/// number of bytes follows from the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(u32);

impl Code {
    pub(super) fn new(bytes: &[u8]) -> Code {
        Code(bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte)))
    }

    /// The bytes, first one first.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone {
        self.0.to_be_bytes().into_iter().skip(4 - self.len())
    }

    /// How many bytes, 1 to 4.
    #[allow(clippy::len_without_is_empty)] // a code is never empty
    pub fn len(self) -> usize {
        4 - (self.0.max(1).leading_zeros() / 8) as usize
    }
}

/// What the bytes of a codec stand for, and which bytes stand for a character.
///
/// The way back is multi-valued: in GBK as browsers read it, `€` is both 80 and
/// A2E3, and a repair must try both.
#[derive(Debug)]
pub struct Table {
    singles: [Option<char>; 256],
    /// By lead byte, from 80, and trail byte; 0 where the pair is unassigned.
    pairs: Vec<u32>,
    /// For characters of the BMP: a code; `MORE` where `others` holds further ones.
    codes: CodeMap,
    /// Codes of characters beyond the BMP, and second codes; sorted.
    others: Vec<(char, Code)>,
    /// By lead byte, from 80: the trail bytes from 80 that make no character with it.
    gaps: OnceLock<Vec<Vec<u8>>>,
}

/// Marks a code point with several codes. No code here has four bytes, so the bit is free.
const MORE: u32 = 1 << 31;

impl Table {
    /// A table from what each byte and each pair of bytes decodes to.
    pub(super) fn new(
        singles: impl Fn(u8) -> Option<char>,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        let mut table = Table {
            singles: std::array::from_fn(|byte| singles(byte as u8)),
            pairs: Vec::new(),
            codes: CodeMap::default(),
            others: Vec::new(),
            gaps: OnceLock::new(),
        };
        for byte in 0..=255 {
            if let Some(character) = table.singles[usize::from(byte)] {
                table.add(character, Code::new(&[byte]));
            }
        }
        for (pair, character) in pairs {
            if table.pairs.is_empty() {
                table.pairs = vec![0; 0x80 << 8];
            }
            table.pairs[pair_index(pair[0], pair[1])] = character.into();
            table.add(character, Code::new(&pair));
        }
        table.others.sort_unstable();
        table
    }

    /// The table with some pairs that show another character instead; what they showed, and
    /// what else stood for that character, stay further readings.
    pub(super) fn showing(&self, changed: &[([u8; 2], char)]) -> Table {
        let mut table = Table {
            pairs: self.pairs.clone(),
            codes: self.codes.clone(),
            others: self.others.clone(),
            gaps: OnceLock::new(),
            ..*self
        };
        // from the last on, so that the first pair of a character becomes its first code
        for &(pair, character) in changed.iter().rev() {
            table.pairs[pair_index(pair[0], pair[1])] = character.into();
            table.add_first(character, Code::new(&pair));
        }
        table.others.sort_unstable();
        table
    }

    fn add(&mut self, character: char, code: Code) {
        match self.codes.slot(character) {
            Some(first) if *first == 0 => *first = code.0,
            Some(first) => {
                *first |= MORE;
                self.others.push((character, code));
            }
            None => self.others.push((character, code)),
        }
    }

    /// Adds a code before those that a character has.
    fn add_first(&mut self, character: char, code: Code) {
        let Some(first) = self.codes.slot(character) else { return self.add(character, code) };
        let before = std::mem::replace(first, code.0);
        if before != 0 {
            *first |= MORE;
            self.others.push((character, Code(before & !MORE)));
        }
    }

    /// What one byte stands for on its own.
    pub fn single(&self, byte: u8) -> Option<char> {
        self.singles[usize::from(byte)]
    }

    /// What a pair of bytes stands for.
    pub fn pair(&self, lead: u8, trail: u8) -> Option<char> {
        if lead < 0x80 {
            return None;
        }
        let code_point = *self.pairs.get(pair_index(lead, trail))?;
        if code_point == 0 { None } else { char::from_u32(code_point) }
    }

    /// Every pair of bytes that is a character.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ([u8; 2], char)> {
        let pair = |(index, &code_point): (usize, &u32)| {
            let character = char::from_u32(code_point).filter(|&c| c != '\0')?;
            Some(([0x80 | (index >> 8) as u8, index as u8], character))
        };
        self.pairs.iter().enumerate().filter_map(pair)
    }

    /// The trail bytes from 80 that make no character with a lead byte from 80.
    pub fn gaps(&self, lead: u8) -> &[u8] {
        let gaps_of =
            |lead| (0x80..=0xFF).filter(|&trail| self.pair(lead, trail).is_none()).collect();
        let gaps = self.gaps.get_or_init(|| (0x80..=0xFF).map(gaps_of).collect());
        &gaps[usize::from(lead & 0x7F)]
    }

    /// Whether the codec has two-byte characters.
    pub fn is_double_byte(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// Whether `character` is in the codec.
    pub fn has_code(&self, character: char) -> bool {
        self.codes(character).next().is_some()
    }

    /// Whether `character` has codes beside the one of its own number.
    pub fn has_further_codes(&self, character: char) -> bool {
        self.codes(character).nth(1).is_some()
    }

    /// The code that decodes to `character`, where there is exactly one.
    pub fn only_code(&self, character: char) -> Option<Code> {
        match self.codes.get(character) {
            Some(code) if code != 0 && code & MORE == 0 => Some(Code(code)),
            _ => None,
        }
    }

    /// Every code that decodes to `character`; the shortest first.
    pub fn codes(&self, character: char) -> impl Iterator<Item = Code> {
        let first = self.codes.get(character).unwrap_or(MORE);
        let others = if first & MORE == 0 {
            [].iter()
        } else {
            let from = self.others.partition_point(|&(other, _)| other < character);
            let to = self.others.partition_point(|&(other, _)| other <= character);
            self.others[from..to].iter()
        };
        let first = (first & !MORE != 0).then_some(Code(first & !MORE));
        // U+0000 is its own code, which the table cannot tell from none
        let nul = (character == '\0').then_some(Code(0));
        nul.into_iter().chain(first).chain(others.map(|&(_, code)| code))
    }
}

/// Numbers by BMP code point, in rows of 256 that are there where one of them is not 0: most of
/// them are not, in all but the largest codecs.
#[derive(Clone, Debug)]
struct CodeMap {
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
    fn get(&self, character: char) -> Option<u32> {
        let row = *self.rows.get(character as usize >> 8)?;
        Some(self.codes[usize::from(row)][character as usize & 0xFF])
    }

    /// The place for the number of a character of the BMP.
    fn slot(&mut self, character: char) -> Option<&mut u32> {
        let row = self.rows.get_mut(character as usize >> 8)?;
        if *row == 0 {
            *row = self.codes.len() as u16;
            self.codes.push([0; 256]);
        }
        Some(&mut self.codes[usize::from(*row)][character as usize & 0xFF])
    }
}

fn pair_index(lead: u8, trail: u8) -> usize {
    usize::from(lead & 0x7F) << 8 | usize::from(trail)
}
