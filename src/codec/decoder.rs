//! Decoders as they are met in the wild: a table, and what becomes of the bytes
//! that are not in it.
//!
//! Running a decoder forward *is* the damage, so it is also the proof of a repair.

use std::fmt;

use super::Codec;
use super::conversion::Conversion;
use super::table::Table;

/// How a decoder treats bytes that it cannot decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Browsers: vendor extensions are known, an ASCII second byte is kept, any other
    /// pair is lost as a whole.
    Web,
    /// Windows: one `?`, in Shift_JIS `・`, and the second byte is swallowed, even an ASCII one.
    Windows,
    /// iconv-like: as the web, without the extensions.
    Narrow,
    /// Java: the extensions but no euro sign, only the first byte is lost.
    Java,
    /// Python's `replace`: as Java, without the extensions.
    Python,
    /// Python's `ignore`, `iconv -c`: as `Python`, and no marker is left.
    Drop,
    /// Browsers, and a program behind them took out the marker of lost bytes.
    Unmarked,
    /// Browsers, and a program behind them took out private-use characters: of 中文 in UTF-8,
    /// E4B8 ADE6 9687, GBK leaves `涓枃` and U+E15F between, which nobody sees.
    Stripped,
    /// Windows, and a program behind it took those out.
    StrippedWindows,
    /// Java, and a program behind it took those out.
    StrippedJava,
    /// Browsers, and a scraper behind them did something about characters of a single-byte codec
    /// that cannot be seen.
    Scraped(Scraped),
}

/// What a scraper does about characters that cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scraped {
    /// Whether no-break spaces became plain ones: `Ã\u{A0}`, à in Latin-1, became `Ã `.
    pub spaces: bool,
    /// Whether C1 controls went missing: of `å\u{9B}½`, 国, `å½` was left.
    pub controls: bool,
    /// Whether soft hyphens went missing: of `ä¸\u{AD}`, 中, `ä¸` was left.
    pub hyphens: bool,
}

impl Flavour {
    /// Every flavour, the most frequent first.
    pub const ALL: [Flavour; 17] = [
        Flavour::Web,
        Flavour::Windows,
        Flavour::Narrow,
        Flavour::Java,
        Flavour::Python,
        Flavour::Drop,
        Flavour::Unmarked,
        Flavour::Stripped,
        Flavour::StrippedWindows,
        Flavour::StrippedJava,
        Flavour::scraped(true, false, false),
        Flavour::scraped(false, false, true),
        Flavour::scraped(false, true, false),
        Flavour::scraped(false, true, true),
        Flavour::scraped(true, true, true),
        Flavour::scraped(true, false, true),
        Flavour::scraped(true, true, false),
    ];

    /// How many of them are those of no scraper.
    const UNSCRAPED: usize = 10;
    /// How many flavours a table of them has room for.
    pub(super) const SLOTS: usize = Self::UNSCRAPED + (1 << 3);

    /// That of a scraper which does something about these.
    const fn scraped(spaces: bool, controls: bool, hyphens: bool) -> Flavour {
        Flavour::Scraped(Scraped { spaces, controls, hyphens })
    }

    /// What decoded the text before private-use characters were taken out, if they were.
    pub const fn before_stripping(self) -> Option<Flavour> {
        match self {
            Flavour::Stripped => Some(Flavour::Web),
            Flavour::StrippedWindows => Some(Flavour::Windows),
            Flavour::StrippedJava => Some(Flavour::Java),
            _ => None,
        }
    }

    /// Whether private-use characters were taken out.
    pub const fn is_stripped(self) -> bool {
        self.before_stripping().is_some()
    }

    /// Its place in a table of flavours.
    pub(super) const fn slot(self) -> usize {
        match self {
            Flavour::Web => 0,
            Flavour::Windows => 1,
            Flavour::Narrow => 2,
            Flavour::Java => 3,
            Flavour::Python => 4,
            Flavour::Drop => 5,
            Flavour::Unmarked => 6,
            Flavour::Stripped => 7,
            Flavour::StrippedWindows => 8,
            Flavour::StrippedJava => 9,
            Flavour::Scraped(Scraped { spaces, controls, hyphens }) => {
                let kinds = (spaces as usize) + 2 * (controls as usize) + 4 * (hyphens as usize);
                Self::UNSCRAPED + kinds
            }
        }
    }
}

/// The ASCII below `@` that text has, which a decoder may swallow behind a lead byte: 9A `<` is one
/// `?` of Windows. From `@` on, the two are mostly a pair.
pub(crate) const SWALLOWABLE: &[u8; 35] = b"\n\r\t \"'()*+,-./0123456789:;<=>?!#$%&";

/// What a decoder makes of the next bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A character.
    Char(char),
    /// Bytes that are lost.
    Lost,
}

impl fmt::Debug for Decoder {
    /// Without the table, which is long and follows from the rest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decoder { codec, flavour, conversion, table: _ } = self;
        let mut decoder = f.debug_struct("Decoder");
        decoder.field("codec", codec).field("flavour", flavour).field("conversion", conversion);
        decoder.finish()
    }
}

impl PartialEq for Decoder {
    fn eq(&self, other: &Decoder) -> bool {
        // the table follows from the three
        (self.codec, self.flavour, self.conversion)
            == (other.codec, other.flavour, other.conversion)
    }
}

/// A codec as one kind of software decodes it.
#[derive(Clone, Copy)]
pub struct Decoder {
    /// The codec.
    pub codec: Codec,
    /// How it treats what it cannot decode.
    pub flavour: Flavour,
    /// The script that the text was converted to afterwards.
    pub conversion: Option<Conversion>,
    table: &'static Table,
}

impl Decoder {
    /// The decoder of a codec in one flavour.
    pub fn new(codec: Codec, flavour: Flavour) -> Decoder {
        Decoder { codec, flavour, conversion: None, table: codec.table(flavour) }
    }

    /// The decoder with a conversion behind it, character by character.
    pub fn converted(self, conversion: Conversion) -> Decoder {
        let table = conversion.table(self.codec, self.flavour);
        Decoder { conversion: Some(conversion), table, ..self }
    }

    /// The decoder alone, without a conversion.
    pub fn unconverted(self) -> Decoder {
        Decoder::new(self.codec, self.flavour)
    }

    /// The decoder in another flavour.
    pub fn in_flavour(self, flavour: Flavour) -> Decoder {
        let decoder = Decoder::new(self.codec, flavour);
        self.conversion.map_or(decoder, |conversion| decoder.converted(conversion))
    }

    /// The character that stands for bytes that are lost together, if any does.
    pub fn marker_of(&self, lost: &[u8]) -> Option<char> {
        self.marker().filter(|_| !self.strips(lost))
    }

    /// Whether bytes were a private-use character that was taken out.
    fn strips(&self, lost: &[u8]) -> bool {
        let before = || self.flavour.before_stripping().map(|before| self.codec.table(before));
        matches!(*lost, [lead, trail] if before().is_some_and(|it| it.pair(lead, trail).is_some()))
    }

    /// Whether bytes may be lost without a marker, be there one for others.
    pub fn loses_unmarked(&self) -> bool {
        self.marker().is_none() || self.flavour.is_stripped()
    }

    /// The character that stands for lost bytes, if any does.
    pub fn marker(&self) -> Option<char> {
        match self.flavour.before_stripping().unwrap_or(self.flavour) {
            // `UnicodeDefaultChar` of each code page of Windows: GetCPInfoEx
            Flavour::Windows if self.codec == Codec::ShiftJis => Some('・'),
            Flavour::Windows => Some('?'),
            Flavour::Drop | Flavour::Unmarked => None,
            // what vanishes leaves none
            Flavour::Scraped(Scraped { controls, hyphens, .. }) if controls || hyphens => None,
            _ => Some(char::REPLACEMENT_CHARACTER),
        }
    }

    /// The table behind it.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// What the bytes at the front decode to, and how many they are.
    ///
    /// `bytes` holds at least one byte; a single one is taken as the end of the input.
    #[inline]
    pub fn unit(&self, bytes: &[u8]) -> (Unit, usize) {
        let lead = bytes[0];
        if let Some(character) = self.table.single(lead) {
            return (Unit::Char(character), 1);
        }
        let Some(&trail) = bytes.get(1) else { return (Unit::Lost, 1) };
        if let Some(character) = self.table.pair(lead, trail) {
            return (Unit::Char(character), 2);
        }
        self.unit_beyond_pairs(bytes, lead, trail)
    }

    /// The [`unit`](Decoder::unit) of bytes that begin with no character of one or two.
    fn unit_beyond_pairs(&self, bytes: &[u8], lead: u8, trail: u8) -> (Unit, usize) {
        if let Some((character, len)) = self.table.long(bytes) {
            return (Unit::Char(character), len);
        }
        (Unit::Lost, self.lost_len(lead, trail, bytes.get(2).copied()))
    }

    /// How many bytes go down together, of which the first two are an undecodable pair.
    fn lost_len(&self, lead: u8, trail: u8, third: Option<u8>) -> usize {
        if !self.loses_pair(lead, trail) {
            return 1;
        }
        let is_prefix = !self.codec.is_utf16() && self.table.begins_long(&[lead, trail]);
        if is_prefix && third.is_some_and(|third| !third.is_ascii()) { 3 } else { 2 }
    }

    /// The byte of a code that tells whether it makes a character with bytes before it: the first,
    /// or the upper one of a UTF-16 code unit.
    pub fn telling_byte(&self, code: &[u8]) -> u8 {
        match (self.codec, code) {
            (Codec::Utf16Le, &[_, upper, ..]) => upper,
            _ => code[0],
        }
    }

    /// Whether the trail byte goes down with the lead byte of an undecodable pair.
    pub fn loses_pair(&self, lead: u8, trail: u8) -> bool {
        if self.codec.is_utf16() {
            return true;
        }
        if !self.table.is_double_byte() || matches!(lead, 0x80 | 0xFF) {
            return false;
        }
        match self.flavour {
            _ if self.strips(&[lead, trail]) => true,
            Flavour::Windows | Flavour::StrippedWindows => true,
            // Java gives up both bytes only where the second can start nothing
            Flavour::Java | Flavour::StrippedJava | Flavour::Python | Flavour::Drop => false,
            Flavour::Web
            | Flavour::Narrow
            | Flavour::Unmarked
            | Flavour::Stripped
            | Flavour::Scraped(_) => !trail.is_ascii(),
        }
    }

    /// Whether pairs of bytes beyond ASCII go down together at all.
    pub fn loses_pairs(&self) -> bool {
        // 81 leads in every double-byte codec, and FF follows in none
        self.loses_pair(0x81, 0xFF)
    }

    /// Whether ASCII behind a lead byte goes down with it.
    pub fn swallows(&self) -> bool {
        !self.codec.is_utf16() && self.loses_pair(0x81, b'\n')
    }

    /// Decodes as the software does: damage, where `bytes` are in another codec.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        text.extend(self.characters(bytes));
        text
    }

    /// Whether the software shows just `text` for `bytes`.
    pub fn shows(&self, bytes: &[u8], text: &str) -> bool {
        if self.table.is_double_byte() || self.marker().is_none() {
            return self.characters(bytes).eq(text.chars());
        }
        // each byte is a character; nothing else takes so little time
        let mut characters = text.chars();
        let is_next = |&byte: &u8| characters.next() == self.table.single(byte).or(self.marker());
        bytes.iter().all(is_next) && characters.next().is_none()
    }

    /// The characters that the software shows for `bytes`, the markers of lost ones included.
    pub fn characters<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = char> + 'a {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let (unit, len) = self.unit(rest);
                let shown = match unit {
                    Unit::Char(character) => Some(character),
                    Unit::Lost => self.marker_of(&rest[..len]),
                };
                rest = &rest[len..];
                if shown.is_some() {
                    return shown;
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(flavour: Flavour, bytes: &[u8]) -> String {
        Decoder::new(Codec::Gbk, flavour).decode(bytes)
    }

    #[test]
    fn private_use_vanishes_and_other_losses_are_marked() {
        // ADE6 is U+E15F
        assert_eq!(decoded(Flavour::Web, "中文".as_bytes()), "涓\u{E15F}枃");
        assert_eq!(decoded(Flavour::Stripped, "中文".as_bytes()), "涓枃");
        // 8D is lost before a quotation mark, which Windows swallows
        assert_eq!(decoded(Flavour::Stripped, "名\"".as_bytes()), "鍚\u{FFFD}\"");
        assert_eq!(decoded(Flavour::StrippedWindows, "名\"".as_bytes()), "鍚?");
        // 80 is the euro sign, but not to Java
        assert_eq!(decoded(Flavour::Stripped, "所".as_bytes()), "鎵€");
        assert_eq!(decoded(Flavour::StrippedJava, "所".as_bytes()), "鎵\u{FFFD}");
        // A15C is private use though 5C is ASCII
        assert_eq!(decoded(Flavour::Stripped, b"\xA1\\n"), "n");
    }
}
