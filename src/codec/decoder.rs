//! Decoders as they are met in the wild: a table, and what becomes of the bytes
//! that are not in it.
//!
//! Running a decoder forward *is* the damage, so it is also the proof of a repair.

use std::fmt;

use super::Codec;
use super::conversion::Conversion;
use super::flavour::{Afterwards, Flavour, Scraped, Software};
use super::table::Table;

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
        let &[lead, trail] = lost else { return false };
        let as_decoded = || self.codec.table(self.flavour.as_decoded());
        self.flavour.is_stripped() && as_decoded().pair(lead, trail).is_some()
    }

    /// Whether bytes may be lost without a marker, be there one for others.
    pub fn loses_unmarked(&self) -> bool {
        self.marker().is_none() || self.flavour.is_stripped()
    }

    /// The character that stands for lost bytes, if any does.
    pub fn marker(&self) -> Option<char> {
        match (self.flavour.afterwards, self.flavour.software) {
            (Afterwards::Unmarked, _) => None,
            // what vanishes leaves none
            (Afterwards::Scraped(Scraped { controls, hyphens, .. }), _) if controls || hyphens => {
                None
            }
            // `UnicodeDefaultChar` of each code page of Windows: GetCPInfoEx
            (_, Software::Windows) if self.codec == Codec::ShiftJis => Some('・'),
            (_, Software::Windows) | (Afterwards::Questioned, _) => Some('?'),
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
        match self.flavour.software {
            _ if self.strips(&[lead, trail]) => true,
            Software::Windows => true,
            // Java gives up both bytes only where the second can start nothing
            Software::Java | Software::Python => false,
            Software::Web | Software::Narrow => !trail.is_ascii(),
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

    const STRIPPED: Flavour = Software::Web.then(Afterwards::Stripped);
    const STRIPPED_WINDOWS: Flavour = Software::Windows.then(Afterwards::Stripped);
    const STRIPPED_JAVA: Flavour = Software::Java.then(Afterwards::Stripped);

    fn decoded(flavour: Flavour, bytes: &[u8]) -> String {
        Decoder::new(Codec::Gbk, flavour).decode(bytes)
    }

    #[test]
    fn private_use_vanishes_and_other_losses_are_marked() {
        // ADE6 is U+E15F
        assert_eq!(decoded(Flavour::WEB, "中文".as_bytes()), "涓\u{E15F}枃");
        assert_eq!(decoded(STRIPPED, "中文".as_bytes()), "涓枃");
        // 8D is lost before a quotation mark, which Windows swallows
        assert_eq!(decoded(STRIPPED, "名\"".as_bytes()), "鍚\u{FFFD}\"");
        assert_eq!(decoded(STRIPPED_WINDOWS, "名\"".as_bytes()), "鍚?");
        // 80 is the euro sign, but not to Java
        assert_eq!(decoded(STRIPPED, "所".as_bytes()), "鎵€");
        assert_eq!(decoded(STRIPPED_JAVA, "所".as_bytes()), "鎵\u{FFFD}");
        // A15C is private use though 5C is ASCII
        assert_eq!(decoded(STRIPPED, b"\xA1\\n"), "n");
    }

    #[test]
    fn markers_that_were_saved_are_question_marks() {
        let questioned = |software: Software| software.then(Afterwards::Questioned);
        // 8D is lost alone before a quotation mark, 80 to all but browsers
        assert_eq!(decoded(questioned(Software::Java), "名\"".as_bytes()), "鍚?\"");
        assert_eq!(decoded(questioned(Software::Java), "所".as_bytes()), "鎵?");
        assert_eq!(decoded(questioned(Software::Web), "所".as_bytes()), "鎵€");
    }
}
