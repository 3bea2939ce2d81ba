//! One codec as a table, read both ways.

use std::ops::RangeInclusive;

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

    /// How many bytes, 1 to 4.
    #[allow(clippy::len_without_is_empty)] // a code is never empty
    pub fn len(self) -> usize {
        usize::from(self.len)
    }

    /// A code of at most three bytes in one word, which is never 0.
    fn pack(self) -> u32 {
        let [a, b, c, _] = self.bytes;
        u32::from_le_bytes([a, b, c, self.len])
    }

    fn unpack(word: u32) -> Code {
        let [a, b, c, len] = (word & !MORE).to_le_bytes();
        Code { len, bytes: [a, b, c, 0] }
    }
}

/// What the bytes of a codec stand for, and which bytes stand for a character.
///
/// The way back is multi-valued: in GBK as browsers read it, `€` is both 80 and
/// A2E3, and a repair must try both.
#[derive(Debug)]
pub struct Table {
    singles: [Option<char>; 256],
    /// The first byte that may lead a pair.
    first_lead: u8,
    /// By lead byte, from `first_lead`, and trail byte; `NONE` where the pair is unassigned.
    pairs: Vec<u32>,
    /// What longer codes the codec has.
    longer: Longer,
    /// By BMP code point: a packed code, 0 for none; `MORE` where `others` holds further ones.
    codes: Vec<u32>,
    /// Codes of characters beyond the BMP, and second codes; sorted.
    others: Vec<(char, Code)>,
    /// By lead byte: the trail bytes that make no character with it, and are no ASCII unless
    /// the codec has ASCII in pairs, too.
    gaps: Vec<Vec<u8>>,
}

/// Marks a code point with several codes, in a bit that no packed code has.
const MORE: u32 = 1 << 31;

/// Stands in a table for no character.
const NONE: u32 = u32::MAX;

/// Codes of more than two bytes.
#[derive(Debug)]
enum Longer {
    None,
    /// EUC-JP: 8F before a pair of JIS X 0212, by the pair.
    Prefixed(Vec<u32>),
    /// UTF-16: two surrogates.
    Surrogates(ByteOrder),
}

/// Which byte of a UTF-16 code unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    /// The bytes of a code unit.
    pub(super) fn bytes(self, unit: u16) -> [u8; 2] {
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
}

/// The byte in front of JIS X 0212 in EUC-JP.
const PREFIX: u8 = 0x8F;
/// The bytes that may follow it.
const PREFIXED: RangeInclusive<u8> = 0xA1..=0xFE;

impl Table {
    /// A table from what each byte and each pair of bytes decodes to; a pair that is given
    /// again stands for further characters that it does not decode to.
    pub(super) fn new(
        singles: impl Fn(u8) -> Option<char>,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        Table::with_leads(0x80, singles, pairs)
    }

    /// The table of UTF-16, where every byte is one of a pair.
    pub(super) fn utf16(order: ByteOrder) -> Table {
        let character = |unit: u16| Some((order.bytes(unit), char::from_u32(unit.into())?));
        let pairs = (0..=u16::MAX).filter_map(character);
        Table { longer: Longer::Surrogates(order), ..Table::with_leads(0, |_| None, pairs) }
    }

    /// The table with codes of three bytes, 8F and a pair of which these are some.
    pub(super) fn with_prefixed(
        mut self,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        let mut prefixed = vec![NONE; 1 << 16];
        for ([second, third], character) in pairs {
            prefixed[pair_index(second, third)] = character.into();
            self.add(character, Code::new(&[PREFIX, second, third]));
        }
        self.others.sort_unstable();
        // a pair that may be the front of three bytes is not lost as a pair
        self.gaps[usize::from(PREFIX)].retain(|trail| !PREFIXED.contains(trail));
        Table { longer: Longer::Prefixed(prefixed), ..self }
    }

    fn with_leads(
        first_lead: u8,
        singles: impl Fn(u8) -> Option<char>,
        pairs: impl IntoIterator<Item = ([u8; 2], char)>,
    ) -> Table {
        let mut table = Table {
            singles: std::array::from_fn(|byte| singles(byte as u8)),
            first_lead,
            pairs: Vec::new(),
            longer: Longer::None,
            codes: vec![0; 0x1_0000],
            others: Vec::new(),
            gaps: Vec::new(),
        };
        for byte in 0..=255 {
            if let Some(character) = table.singles[usize::from(byte)] {
                table.add(character, Code::new(&[byte]));
            }
        }
        for (pair, character) in pairs {
            if table.pairs.is_empty() {
                table.pairs = vec![NONE; (0x100 - usize::from(first_lead)) << 8];
            }
            let at = table.place(pair[0], pair[1]);
            let shown = &mut table.pairs[at];
            if *shown == NONE {
                *shown = character.into();
            }
            table.add(character, Code::new(&pair));
        }
        table.others.sort_unstable();
        let gaps_of =
            |lead| (first_lead..=0xFF).filter(|&trail| table.pair(lead, trail).is_none()).collect();
        table.gaps = (0..=0xFF).map(gaps_of).collect();
        table
    }

    fn add(&mut self, character: char, code: Code) {
        match self.codes.get_mut(character as usize) {
            Some(first) if *first == 0 => *first = code.pack(),
            Some(first) => {
                *first |= MORE;
                self.others.push((character, code));
            }
            None => self.others.push((character, code)),
        }
    }

    /// Where a pair stands; beyond the end where the lead byte is none.
    fn place(&self, lead: u8, trail: u8) -> usize {
        pair_index(lead, trail).wrapping_sub(pair_index(self.first_lead, 0))
    }

    /// What one byte stands for on its own.
    pub fn single(&self, byte: u8) -> Option<char> {
        self.singles[usize::from(byte)]
    }

    /// What a pair of bytes stands for.
    pub fn pair(&self, lead: u8, trail: u8) -> Option<char> {
        char::from_u32(*self.pairs.get(self.place(lead, trail))?)
    }

    /// What more than two bytes at the front stand for, where the first two are no pair, and
    /// how many they are.
    pub(super) fn long(&self, bytes: &[u8]) -> Option<(char, usize)> {
        match (&self.longer, bytes) {
            (Longer::Prefixed(prefixed), &[PREFIX, second, third, ..]) => {
                Some((char::from_u32(prefixed[pair_index(second, third)])?, 3))
            }
            (Longer::Surrogates(order), &[a, b, c, d, ..]) => {
                let units = [[a, b], [c, d]].map(|bytes| order.unit(bytes));
                Some((char::decode_utf16(units).next()?.ok()?, 4))
            }
            _ => None,
        }
    }

    /// Whether bytes, of which two are no pair, may be the front of a longer code.
    pub(super) fn begins_long(&self, bytes: &[u8]) -> bool {
        match (&self.longer, bytes) {
            (Longer::Prefixed(_), [PREFIX, second]) => PREFIXED.contains(second),
            (Longer::Surrogates(order), &[a, b, ..]) => {
                bytes.len() < 4 && matches!(order.unit([a, b]), 0xD800..=0xDBFF)
            }
            _ => false,
        }
    }

    /// Every pair of bytes that is a character.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ([u8; 2], char)> {
        let first = pair_index(self.first_lead, 0);
        let pair = move |(at, &code_point): (usize, &u32)| {
            Some((((first + at) as u16).to_be_bytes(), char::from_u32(code_point)?))
        };
        self.pairs.iter().enumerate().filter_map(pair)
    }

    /// The trail bytes that make no character with a lead byte; ASCII is among them only where
    /// the codec has it in pairs.
    pub fn gaps(&self, lead: u8) -> &[u8] {
        &self.gaps[usize::from(lead)]
    }

    /// Whether a byte that stands for nothing on its own may lead a pair.
    pub(super) fn begins_pair(&self, byte: u8) -> bool {
        // 80 and FF lead nothing in the codecs of East Asia
        self.is_double_byte() && (self.first_lead == 0 || matches!(byte, 0x81..=0xFE))
    }

    /// The bytes that may lead a pair.
    pub fn leads(&self) -> RangeInclusive<u8> {
        self.first_lead..=0xFF
    }

    /// Whether the codec has two-byte characters.
    pub fn is_double_byte(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// Whether `character` is in the codec.
    pub fn has_code(&self, character: char) -> bool {
        self.codes(character).next().is_some()
    }

    /// Whether an ASCII character is in the codec as the byte of its own number and as
    /// nothing else.
    pub fn is_itself(&self, character: char) -> bool {
        self.only_code(character).is_some_and(|code| code.len() == 1)
    }

    /// The code that decodes to `character`, where there is exactly one.
    pub fn only_code(&self, character: char) -> Option<Code> {
        match self.codes.get(character as usize) {
            Some(&word) if word != 0 && word & MORE == 0 => Some(Code::unpack(word)),
            _ => None,
        }
    }

    /// Every code that decodes to `character`; the shortest first.
    pub fn codes(&self, character: char) -> impl Iterator<Item = Code> {
        let first = self.codes.get(character as usize).copied().unwrap_or(MORE);
        let others = if first & MORE == 0 {
            [].iter()
        } else {
            let from = self.others.partition_point(|&(other, _)| other < character);
            let to = self.others.partition_point(|&(other, _)| other <= character);
            self.others[from..to].iter()
        };
        let first = (first & !MORE != 0).then_some(Code::unpack(first));
        let others = others.map(|&(_, code)| code);
        first.into_iter().chain(others).chain(self.surrogates(character))
    }

    /// The code of a character beyond the BMP in UTF-16.
    fn surrogates(&self, character: char) -> Option<Code> {
        let Longer::Surrogates(order) = self.longer else { return None };
        let mut units = [0; 2];
        match character.encode_utf16(&mut units) {
            &mut [one, two] => {
                let [a, b] = order.bytes(one);
                let [c, d] = order.bytes(two);
                Some(Code::new(&[a, b, c, d]))
            }
            _ => None,
        }
    }
}

fn pair_index(lead: u8, trail: u8) -> usize {
    usize::from(lead) << 8 | usize::from(trail)
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Decoder, Flavour, Unit};

    #[test]
    fn jis_x_0212_in_three_bytes() {
        let euc_jp = Decoder::new(Codec::EucJp, Flavour::Web);
        assert_eq!(euc_jp.unit(&[0x8F, 0xB0, 0xA1]), (Unit::Char('丂'), 3));
        assert!(euc_jp.table().codes('丂').any(|code| code.bytes().eq([0x8F, 0xB0, 0xA1])));
        // an unassigned code is lost whole, ASCII behind two bytes is kept
        assert_eq!(euc_jp.decode(&[0x8F, 0xFE, 0xFE, b'a']), "\u{FFFD}a");
        assert_eq!(euc_jp.decode(&[0x8F, 0xB0, b'a']), "\u{FFFD}a");
        let python = Decoder::new(Codec::EucJp, Flavour::Python);
        assert_eq!(python.decode(&[0x8F, 0xB0, b'a']), "\u{FFFD}\u{FFFD}a");
    }

    #[test]
    fn utf16_in_both_byte_orders() {
        let decoded = |codec, bytes: &[u8]| Decoder::new(codec, Flavour::Web).decode(bytes);
        assert_eq!(decoded(Codec::Utf16Be, b"N\x2D\0a"), "中a");
        assert_eq!(decoded(Codec::Utf16Le, b"\x2DNa\0"), "中a");
        assert_eq!(decoded(Codec::Utf16Le, b"bush h"), "畢桳栠");
        assert_eq!(decoded(Codec::Utf16Be, b"\xD8\x3D\xDE\x00"), "😀");
        // half a pair, and half a code unit
        assert_eq!(decoded(Codec::Utf16Be, b"\xD8\x3DN\x2D\0"), "\u{FFFD}中\u{FFFD}");
    }
}
