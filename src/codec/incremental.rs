//! Decoding the true codec one byte at a time.
//!
//! The search keeps many readings alive at once, so the state is a few bytes
//! that copy for free.

use std::hash::{Hash, Hasher};

use super::{Codec, Flavour, four_byte};

/// The bytes of a character that has begun and not ended, at most three.
#[derive(Clone, Copy, Debug, Default, Eq)]
#[repr(align(4))]
pub struct Incremental {
    bytes: [u8; 3],
    len: u8,
}

impl PartialEq for Incremental {
    /// As words: byte by byte, to tell states apart was a tenth of a search.
    #[inline]
    fn eq(&self, other: &Incremental) -> bool {
        self.word() == other.word()
    }
}

impl Hash for Incremental {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u32(self.word());
    }
}

/// What one more byte did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The character needs more bytes.
    Pending(Incremental),
    /// The byte ended a character.
    Char(char),
    /// No character goes on like this.
    Invalid,
}

/// What bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// A character, of so many bytes.
    Char(char, usize),
    /// So many bytes that no character goes on behind; at least one.
    Invalid(usize),
    /// Nothing, or a part of a character.
    Cut,
}

impl Codec {
    /// What bytes of text in the codec begin with.
    #[inline(always)]
    pub fn first(self, bytes: &[u8]) -> First {
        let table = self.table(Flavour::WEB);
        let Some(&lead) = bytes.first() else { return First::Cut };
        if let Some(single) = table.single(lead) {
            return First::Char(single, 1);
        }
        match bytes.get(1).and_then(|&trail| table.pair(lead, trail)) {
            Some(pair) => First::Char(pair, 2),
            None => self.first_of_few(bytes),
        }
    }

    /// The first character of bytes that begin with none of one byte or two.
    fn first_of_few(self, bytes: &[u8]) -> First {
        let mut begun = Incremental::default();
        for (at, &byte) in bytes.iter().enumerate() {
            match begun.push(self, byte) {
                Pushed::Pending(more) => begun = more,
                Pushed::Char(character) => return First::Char(character, at + 1),
                Pushed::Invalid => return First::Invalid(at.max(1)),
            }
        }
        First::Cut
    }
}

impl Incremental {
    /// The bytes that wait for the rest of their character.
    fn pending(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The bytes and how many they are, in one word that no other has.
    #[inline]
    pub fn word(&self) -> u32 {
        let [a, b, c] = self.bytes;
        u32::from_le_bytes([a, b, c, self.len])
    }

    /// Whether no character has begun.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes one more byte of text in `codec`.
    #[inline(always)]
    pub fn push(self, codec: Codec, byte: u8) -> Pushed {
        match codec {
            Codec::Utf8 => self.push_utf8(byte),
            _ => self.push_legacy(codec, byte),
        }
    }

    #[inline(always)]
    fn push_legacy(self, codec: Codec, byte: u8) -> Pushed {
        let table = codec.table(Flavour::WEB);
        let character = match *self.pending() {
            [] if byte.is_ascii() && !codec.is_utf16() => Some(char::from(byte)),
            [] => match table.single(byte) {
                None if table.begins_pair(byte) => return self.with(byte),
                single => single,
            },
            // a digit behind a lead byte goes on a code of four bytes
            [lead] if codec != Codec::Gbk || !byte.is_ascii_digit() => {
                match table.pair(lead, byte) {
                    None => return self.push_longer(codec, byte),
                    pair => pair,
                }
            }
            _ => return self.push_longer(codec, byte),
        };
        character.map_or(Pushed::Invalid, Pushed::Char)
    }

    /// Takes one more byte of a code that is no pair.
    fn push_longer(self, codec: Codec, byte: u8) -> Pushed {
        if codec == Codec::Gbk {
            return self.push_four_byte(byte);
        }
        let table = codec.table(Flavour::WEB);
        let mut code = [0; 4];
        code[..self.pending().len()].copy_from_slice(self.pending());
        code[self.pending().len()] = byte;
        let code = &code[..=self.pending().len()];
        if table.begins_long(code) {
            return self.with(byte);
        }
        table.long(code).map_or(Pushed::Invalid, |(character, _)| Pushed::Char(character))
    }

    /// Whether one more byte of text in `codec` can follow: what [`push`](Incremental::push) says
    /// at half the cost.
    pub fn goes_on_with(self, codec: Codec, byte: u8) -> bool {
        match codec {
            Codec::Utf8 if byte.is_ascii() => self.is_empty(),
            Codec::Utf8 => self.goes_on_in_utf8(byte),
            _ => self.push(codec, byte) != Pushed::Invalid,
        }
    }

    #[inline]
    fn with(mut self, byte: u8) -> Pushed {
        self.bytes[usize::from(self.len)] = byte;
        self.len += 1;
        Pushed::Pending(self)
    }

    /// Whether a byte beyond ASCII goes on in UTF-8, as in table 3-7 of the Unicode standard: no
    /// overlong form, no surrogate.
    #[inline(always)]
    fn goes_on_in_utf8(self, byte: u8) -> bool {
        if self.len == 0 {
            return matches!(byte, 0xC2..=0xF4);
        }
        let is_second = self.len == 1;
        let is_possible = match self.bytes[0] {
            0xE0 if is_second => byte >= 0xA0,
            0xED if is_second => byte < 0xA0,
            0xF0 if is_second => byte >= 0x90,
            0xF4 if is_second => byte < 0x90,
            _ => true,
        };
        matches!(byte, 0x80..=0xBF) && is_possible
    }

    /// Inlined wherever it is: a search spends a tenth of its time here, half of it on the call.
    #[inline(always)]
    fn push_utf8(self, byte: u8) -> Pushed {
        if byte.is_ascii() && self.is_empty() {
            return Pushed::Char(char::from(byte));
        }
        if !self.goes_on_in_utf8(byte) {
            return Pushed::Invalid;
        }
        let low = |byte: u8| u32::from(byte & 0x3F);
        let [a, b, c] = self.bytes;
        let code_point = match self.len {
            1 if a < 0xE0 => u32::from(a & 0x1F) << 6 | low(byte),
            2 if a < 0xF0 => u32::from(a & 0x0F) << 12 | low(b) << 6 | low(byte),
            3 => u32::from(a & 0x07) << 18 | low(b) << 12 | low(c) << 6 | low(byte),
            _ => return self.with(byte),
        };
        char::from_u32(code_point).map_or(Pushed::Invalid, Pushed::Char)
    }

    /// Takes one more byte of GB18030's codes of four bytes: `81 30 84 36`.
    fn push_four_byte(self, byte: u8) -> Pushed {
        let fits = match self.pending() {
            [_] | [_, _, _] => byte.is_ascii_digit(),
            _ => matches!(byte, 0x81..=0xFE),
        };
        match *self.pending() {
            _ if !fits => Pushed::Invalid,
            [a, b, c] => four_byte::decode([a, b, c, byte]).map_or(Pushed::Invalid, Pushed::Char),
            _ => self.with(byte),
        }
    }
}
