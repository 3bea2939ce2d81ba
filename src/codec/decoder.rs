//! Decoders as they are met in the wild: a table, and what becomes of the bytes
//! that are not in it.
//!
//! Running a decoder forward *is* the damage, so it is also the proof of a repair.

use super::Codec;
use super::table::Table;

/// How a decoder treats bytes that it cannot decode (`DAMAGE.md` §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Browsers: vendor extensions are known, an ASCII second byte is kept, any other
    /// pair is lost as a whole.
    Web,
    /// Windows: one `?`, and the second byte is swallowed, even an ASCII one.
    Windows,
    /// iconv-like: as the web, without the extensions.
    Narrow,
    /// Java: the extensions but no euro sign, only the first byte is lost.
    Java,
    /// Python's `replace`: as Java, without the extensions.
    Python,
    /// Python's `ignore`, `iconv -c`: as `Python`, and no marker is left.
    Drop,
}

impl Flavour {
    /// Every flavour, the most frequent first.
    pub const ALL: [Flavour; 6] = [
        Flavour::Web,
        Flavour::Windows,
        Flavour::Narrow,
        Flavour::Java,
        Flavour::Python,
        Flavour::Drop,
    ];

    /// The character that stands for lost bytes, if any does.
    pub const fn marker(self) -> Option<char> {
        match self {
            Flavour::Windows => Some('?'),
            Flavour::Drop => None,
            _ => Some(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// What a decoder makes of the next bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A character.
    Char(char),
    /// Bytes that are lost.
    Lost,
}

impl PartialEq for Decoder {
    fn eq(&self, other: &Decoder) -> bool {
        // the table follows from the two
        (self.codec, self.flavour) == (other.codec, other.flavour)
    }
}

/// A codec as one kind of software decodes it.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// The codec.
    pub codec: Codec,
    /// How it treats what it cannot decode.
    pub flavour: Flavour,
    table: &'static Table,
}

impl Decoder {
    /// The decoder of a codec in one flavour.
    pub fn new(codec: Codec, flavour: Flavour) -> Decoder {
        Decoder { codec, flavour, table: codec.table(flavour) }
    }

    /// The table behind it.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// What the bytes at the front decode to, and how many they are.
    ///
    /// `bytes` holds at least one byte; a single one is taken as the end of the input.
    pub fn unit(&self, bytes: &[u8]) -> (Unit, usize) {
        let lead = bytes[0];
        if let Some(character) = self.table.single(lead) {
            return (Unit::Char(character), 1);
        }
        let Some(&trail) = bytes.get(1) else { return (Unit::Lost, 1) };
        if let Some(character) = self.table.pair(lead, trail) {
            return (Unit::Char(character), 2);
        }
        (Unit::Lost, if self.loses_pair(lead, trail) { 2 } else { 1 })
    }

    /// Whether the trail byte goes down with the lead byte of an undecodable pair.
    pub fn loses_pair(&self, lead: u8, trail: u8) -> bool {
        if !self.table.is_double_byte() || matches!(lead, 0x80 | 0xFF) {
            return false;
        }
        match self.flavour {
            Flavour::Web | Flavour::Narrow => !trail.is_ascii(),
            Flavour::Windows => true,
            // Java gives up both bytes only where the second can start nothing
            Flavour::Java | Flavour::Python | Flavour::Drop => false,
        }
    }

    /// Decodes as the software does: damage, where `bytes` are in another codec.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes;
        while !rest.is_empty() {
            let (unit, len) = self.unit(rest);
            match unit {
                Unit::Char(character) => text.push(character),
                Unit::Lost => text.extend(self.flavour.marker()),
            }
            rest = &rest[len..];
        }
        text
    }
}
