//! One codec as a table, read both ways.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::code::{Code, CodeMap, MORE};

/// What the bytes of a codec stand for, and which bytes stand for a character.
///
/// The way back is multi-valued: in GBK as browsers read it, `€` is both 80 and
/// A2E3, and a repair must try both.
#[derive(Debug)]
pub struct Table {
    singles: [Option<char>; 256],
    /// By lead byte, from 80, and trail byte.
    pairs: Vec<Option<char>>,
    /// What the codec has beside bytes and pairs.
    further: Further,
    /// For characters of the BMP: a packed code; `MORE` where `others` holds further ones.
    codes: CodeMap,
    /// Codes of characters beyond the BMP, and second codes; sorted.
    others: Vec<(char, Code)>,
    /// By lead byte: the trail bytes that make no character with it.
    gaps: OnceLock<Vec<Vec<u8>>>,
}

/// Codes that are neither one byte nor a listed pair.
#[derive(Clone, Debug)]
enum Further {
    None,
    /// EUC-JP: 8F before a pair of JIS X 0212; by the pair.
    Prefixed(Vec<Option<char>>),
    /// UTF-16: the two bytes of a code unit, or the four of two surrogates.
    Utf16(ByteOrder),
}

/// Which byte of a UTF-16 code unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    /// The bytes of a code unit.
    fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            ByteOrder::Big => unit.to_be_bytes(),
            ByteOrder::Little => unit.to_le_bytes(),
        }
    }

    /// The code unit of two bytes.
    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Big => u16::from_be_bytes(bytes),
            ByteOrder::Little => u16::from_le_bytes(bytes),
        }
    }

    /// The code of a character.
    fn code(self, character: char) -> Code {
        match *character.encode_utf16(&mut [0; 2]) {
            [one, two] => Code::new([self.bytes(one), self.bytes(two)].as_flattened()),
            ref one => Code::new(&self.bytes(one[0])),
        }
    }
}

/// The byte in front of JIS X 0212 in EUC-JP.
const PREFIX: u8 = 0x8F;
/// The bytes that may follow it.
const PREFIXED: RangeInclusive<u8> = 0xA1..=0xFE;

impl Table {
    /// A table from what each byte and each pair of bytes decodes to.
    pub(super) fn new(
        singles: impl Fn(u8) -> Option<char>,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        let mut table = Table {
            singles: std::array::from_fn(|byte| singles(byte as u8)),
            pairs: Vec::new(),
            further: Further::None,
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
                table.pairs = vec![None; 0x80 << 8];
            }
            table.pairs[pair_index(pair[0], pair[1])] = Some(character);
            table.add(character, Code::new(&pair));
        }
        table.others.sort_unstable();
        table
    }

    /// The table of UTF-16, where every byte is one of a pair.
    pub(super) fn utf16(order: ByteOrder) -> Table {
        Table { further: Further::Utf16(order), ..Table::new(|_| None, []) }
    }

    /// The table with codes of three bytes, 8F and one of these pairs.
    pub(super) fn with_prefixed(
        mut self,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        let mut prefixed = vec![None; 0x80 << 8];
        for ([second, third], character) in pairs {
            prefixed[pair_index(second, third)] = Some(character);
            self.add(character, Code::new(&[PREFIX, second, third]));
        }
        self.others.sort_unstable();
        Table { further: Further::Prefixed(prefixed), ..self }
    }

    /// The table with some pairs that show another character instead; what they showed, and
    /// what else stood for that character, stay further readings.
    pub(super) fn showing(&self, changed: &[([u8; 2], char)]) -> Table {
        let mut table = Table {
            pairs: self.pairs.clone(),
            codes: self.codes.clone(),
            others: self.others.clone(),
            further: self.further.clone(),
            gaps: OnceLock::new(),
            ..*self
        };
        // from the last on, so that the first pair of a character becomes its first code
        for &(pair, character) in changed.iter().rev() {
            table.pairs[pair_index(pair[0], pair[1])] = Some(character);
            table.add_first(character, Code::new(&pair));
        }
        table.others.sort_unstable();
        table
    }

    fn add(&mut self, character: char, code: Code) {
        match self.codes.slot(character) {
            Some(first) if *first == 0 => *first = code.pack(),
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
        let before = std::mem::replace(first, code.pack());
        if let Some(before) = Code::unpack(before) {
            *first |= MORE;
            self.others.push((character, before));
        }
    }

    /// What one byte stands for on its own.
    #[inline]
    pub fn single(&self, byte: u8) -> Option<char> {
        self.singles[usize::from(byte)]
    }

    /// What a pair of bytes stands for.
    #[inline]
    pub fn pair(&self, lead: u8, trail: u8) -> Option<char> {
        if lead < 0x80 || self.pairs.is_empty() {
            let Further::Utf16(order) = self.further else { return None };
            return char::from_u32(order.unit([lead, trail]).into());
        }
        listed(&self.pairs, lead, trail)
    }

    /// What more than two bytes at the front stand for, of which the first two are no pair, and
    /// how many they are.
    pub(super) fn long(&self, bytes: &[u8]) -> Option<(char, usize)> {
        match (&self.further, bytes) {
            (Further::Prefixed(prefixed), &[PREFIX, second, third, ..])
                if PREFIXED.contains(&second) =>
            {
                Some((listed(prefixed, second, third)?, 3))
            }
            (Further::Utf16(order), &[a, b, c, d, ..]) => {
                let units = [[a, b], [c, d]].map(|bytes| order.unit(bytes));
                Some((char::decode_utf16(units).next()?.ok()?, 4))
            }
            _ => None,
        }
    }

    /// Whether bytes, of which the first two are no pair, may be the front of a longer code.
    pub(super) fn begins_long(&self, bytes: &[u8]) -> bool {
        match (&self.further, bytes) {
            (Further::Prefixed(_), [PREFIX, second]) => PREFIXED.contains(second),
            (Further::Utf16(order), &[a, b, ..]) => {
                bytes.len() < 4 && matches!(order.unit([a, b]), 0xD800..=0xDBFF)
            }
            _ => false,
        }
    }

    /// Whether a byte that stands for nothing on its own may lead a pair.
    pub(super) fn begins_pair(&self, byte: u8) -> bool {
        match self.further {
            Further::Utf16(_) => true,
            // 80 and FF lead nothing in the codecs of East Asia
            _ => !self.pairs.is_empty() && matches!(byte, 0x81..=0xFE),
        }
    }

    /// Every pair of bytes that is a character.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ([u8; 2], char)> {
        let pair = |(index, &character): (usize, &Option<char>)| {
            Some(([0x80 | (index >> 8) as u8, index as u8], character?))
        };
        self.pairs.iter().enumerate().filter_map(pair)
    }

    /// The trail bytes that make no character with a lead byte and do not go on with it; ASCII is
    /// among them only where the codec has it in pairs. A byte that is a character leads none.
    pub fn gaps(&self, lead: u8) -> &[u8] {
        let is_gap = |lead, trail| {
            self.single(lead).is_none()
                && self.pair(lead, trail).is_none()
                && (matches!(self.further, Further::Utf16(_)) || !self.begins_long(&[lead, trail]))
        };
        let gaps_of = |lead| self.leads().filter(|&trail| is_gap(lead, trail)).collect();
        let gaps = self.gaps.get_or_init(|| self.leads().map(gaps_of).collect());
        &gaps[usize::from(lead - self.leads().start())]
    }

    /// The bytes that may lead a pair, in any codec like this one.
    pub fn leads(&self) -> RangeInclusive<u8> {
        match self.further {
            Further::Utf16(_) => 0..=0xFF,
            _ => 0x80..=0xFF,
        }
    }

    /// Whether the codec has two-byte characters.
    pub fn is_double_byte(&self) -> bool {
        !self.pairs.is_empty() || matches!(self.further, Further::Utf16(_))
    }

    /// Whether `character` is in the codec.
    pub fn has_code(&self, character: char) -> bool {
        self.first_code(character).is_some()
    }

    /// Whether an ASCII character is in the codec as the byte of its own number and as
    /// nothing else.
    #[inline]
    pub fn is_itself(&self, character: char) -> bool {
        self.only_code(character).is_some_and(|code| code.len() == 1)
    }

    /// The code that decodes to `character`, where there is exactly one.
    #[inline]
    pub fn only_code(&self, character: char) -> Option<Code> {
        match self.codes.get(character) {
            Some(word) if word != 0 => Code::unpack(word).filter(|_| word & MORE == 0),
            _ => self.utf16_code(character),
        }
    }

    /// The [`only_code`](Table::only_code) where it has so many bytes, one to three: found at once.
    #[inline]
    pub fn only_code_of<const LEN: usize>(&self, character: char) -> Option<[u8; LEN]> {
        const { assert!(0 < LEN && LEN < 4) };
        // with `MORE`, the last byte is no length of a code
        let [bytes @ .., len] = self.codes.get(character)?.to_le_bytes();
        (usize::from(len) == LEN).then(|| std::array::from_fn(|at| bytes[at]))
    }

    /// The first of the [`codes`](Table::codes) of a character.
    #[inline]
    pub fn first_code(&self, character: char) -> Option<Code> {
        match self.codes.get(character) {
            Some(word) => Code::unpack(word).or_else(|| self.utf16_code(character)),
            None => self.codes(character).next(),
        }
    }

    /// Every code that decodes to `character`: a byte, then the pair that an encoder writes.
    pub fn codes(&self, character: char) -> impl Iterator<Item = Code> {
        let first = self.codes.get(character).unwrap_or(MORE);
        let others = if first & MORE == 0 {
            [].iter()
        } else {
            let from = self.others.partition_point(|&(other, _)| other < character);
            let to = self.others.partition_point(|&(other, _)| other <= character);
            self.others[from..to].iter()
        };
        let first = Code::unpack(first).or_else(|| self.utf16_code(character));
        first.into_iter().chain(others.map(|&(_, code)| code))
    }

    /// Every pair of bytes that decodes to `character`, in the order of its codes.
    pub fn pairs_of(&self, character: char) -> impl Iterator<Item = [u8; 2]> {
        self.codes(character).filter_map(Code::pair)
    }

    /// The code of a character in UTF-16, if this is its table.
    fn utf16_code(&self, character: char) -> Option<Code> {
        match self.further {
            Further::Utf16(order) => Some(order.code(character)),
            _ => None,
        }
    }
}

/// The character at a pair in a list of them.
#[inline]
fn listed(pairs: &[Option<char>], lead: u8, trail: u8) -> Option<char> {
    *pairs.get(pair_index(lead, trail))?
}

fn pair_index(lead: u8, trail: u8) -> usize {
    usize::from(lead & 0x7F) << 8 | usize::from(trail)
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Decoder, Flavour, Unit};

    #[test]
    fn jis_x_0212_in_three_bytes() {
        let euc_jp = Decoder::new(Codec::EucJp, Flavour::WEB);
        assert_eq!(euc_jp.unit(&[0x8F, 0xB0, 0xA1]), (Unit::Char('丂'), 3));
        assert!(euc_jp.table().codes('丂').any(|code| code.bytes().eq([0x8F, 0xB0, 0xA1])));
        // an unassigned code is lost whole, ASCII behind two bytes is kept
        assert_eq!(euc_jp.decode(&[0x8F, 0xFE, 0xFE, b'a']), "\u{FFFD}a");
        assert_eq!(euc_jp.decode(&[0x8F, 0xB0, b'a']), "\u{FFFD}a");
        // 57 is no D7
        assert_eq!(euc_jp.decode(&[0x8F, 0x57, 0xE8, 0xA1]), "\u{FFFD}W茵");
        let python = Decoder::new(Codec::EucJp, Flavour::PYTHON);
        assert_eq!(python.decode(&[0x8F, 0xB0, b'a']), "\u{FFFD}\u{FFFD}a");
    }

    #[test]
    fn a_byte_that_is_a_character_leads_no_pair() {
        let windows = Decoder::new(Codec::ShiftJis, Flavour::WINDOWS);
        // B1 is ｱ and 83 41 ア, 86 E3 is nothing
        assert!(windows.table().gaps(0xB1).is_empty());
        assert!(windows.table().gaps(0x86).contains(&0xE3));
        assert_eq!(windows.decode(b"\xB1\x86\xE3\x83\x41"), "ｱ・ア");
    }

    #[test]
    fn utf16_in_both_byte_orders() {
        let decoded = |codec, bytes: &[u8]| Decoder::new(codec, Flavour::WEB).decode(bytes);
        assert_eq!(decoded(Codec::Utf16Be, b"N\x2D\0a"), "中a");
        assert_eq!(decoded(Codec::Utf16Le, b"\x2DNa\0"), "中a");
        assert_eq!(decoded(Codec::Utf16Le, b"bush h"), "畢桳栠");
        assert_eq!(decoded(Codec::Utf16Be, b"\xD8\x3D\xDE\x00"), "😀");
        // half a pair, and half a code unit
        assert_eq!(decoded(Codec::Utf16Be, b"\xD8\x3DN\x2D\0"), "\u{FFFD}中\u{FFFD}");
    }
}
