//! Encodings that `encoding_rs` does not know, whose characters are those of one that it knows
//! in other places: Johab holds those of EUC-KR, and EUC-TW those of Big5.

mod cns;
mod euc_tw;
mod johab;

pub(super) use euc_tw::PLANE_2;

use std::collections::HashMap;
use std::sync::OnceLock;

use encoding_rs::Encoding;

use super::map::Form;
use super::reading::Builder;
use crate::script::only_char;

/// One of the encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Derived {
    /// KS X 1001, annex 3; cp1361.
    Johab,
    /// Planes 1 and 2 of CNS 11643; cp964.
    EucTw,
}

impl Derived {
    pub const ALL: [Derived; 2] = [Derived::Johab, Derived::EucTw];

    pub fn name(self) -> &'static str {
        match self {
            Derived::Johab => "johab",
            Derived::EucTw => "euc-tw",
        }
    }

    /// The number of bytes of the well-formed character that `bytes` starts with.
    pub fn unit_len(self, bytes: &[u8]) -> usize {
        match (self, bytes) {
            (_, [..0x80, ..]) => 1,
            (Derived::EucTw, [euc_tw::PLANE, ..]) => 4,
            _ => 2,
        }
    }

    /// The character that `unit`, as long as [`Derived::unit_len`] says, stands for.
    pub fn decode(self, unit: &[u8]) -> Option<char> {
        match unit {
            [byte @ ..0x80] => Some(char::from(*byte)),
            _ => {
                let index = match self {
                    Derived::Johab => johab::index(unit),
                    Derived::EucTw => euc_tw::index(unit),
                };
                self.table().characters.get(index?).copied().flatten()
            }
        }
    }

    /// Appends `text` to `out`.
    ///
    /// # Errors
    /// The first character that the encoding cannot hold, by its offset in `text`.
    pub fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), (usize, char)> {
        for (offset, character) in text.char_indices() {
            if character.is_ascii() {
                out.push(character as u8);
                continue;
            }
            let index = *self.table().indices.get(&character).ok_or((offset, character))?;
            match self {
                Derived::Johab => out.extend(johab::bytes(index)),
                Derived::EucTw => out.extend(euc_tw::bytes(index)),
            }
        }
        Ok(())
    }

    /// The table, built at its first use.
    fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; Derived::ALL.len()] = [const { OnceLock::new() }; 2];
        TABLES[self as usize].get_or_init(|| match self {
            Derived::Johab => Table::new(johab::characters()),
            Derived::EucTw => Table::new(euc_tw::characters()),
        })
    }

    /// Whether `bytes`, of which the end may be cut off, have the shape of the encoding. Asked of
    /// every file in a legacy encoding, so that no table is built for it.
    pub fn fits(self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while let Some((unit, behind)) = rest.split_at_checked(self.unit_len(rest)) {
            let is_code = match self {
                _ if unit[0].is_ascii() => true,
                Derived::Johab => johab::index(unit).is_some_and(johab::is_code),
                Derived::EucTw => euc_tw::index(unit).is_some_and(euc_tw::is_code),
            };
            if !is_code {
                return false;
            }
            rest = behind;
        }
        true
    }
}

/// What the codes of an encoding stand for, by an index of theirs, and the way back.
struct Table {
    characters: Vec<Option<char>>,
    indices: HashMap<char, usize>,
}

impl Table {
    /// A table from characters and their indices; of two indices the last is the way back.
    fn new(entries: impl Iterator<Item = (usize, char)>) -> Table {
        let mut table = Table { characters: Vec::new(), indices: HashMap::new() };
        for (index, character) in entries {
            if index >= table.characters.len() {
                table.characters.resize(index + 1, None);
            }
            table.characters[index] = Some(character);
            table.indices.insert(character, index);
        }
        table
    }
}

/// Reads `bytes` from offset `from` on into `builder`.
pub(super) fn read(derived: Derived, builder: &mut Builder, bytes: &[u8], from: usize) {
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = derived.unit_len(rest);
        match rest.get(..len).and_then(|unit| derived.decode(unit)) {
            Some(character) => {
                builder.piece(at, Form::Units);
                builder.text.push(character);
                at += len;
            }
            None => {
                // an ASCII byte is not swallowed
                let swallows = rest.get(1).is_some_and(|second| !second.is_ascii());
                let end = at + 1 + usize::from(swallows);
                builder.malformed(at..end);
                at = end;
            }
        }
    }
}

/// The character that two bytes stand for in an encoding of `encoding_rs`.
fn character_of(encoding: &'static Encoding, pair: [u8; 2]) -> Option<char> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(&pair)?;
    only_char(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::charset::Charset;
    use crate::decode::reading::read;

    #[test]
    fn every_code_is_read_back_from_what_is_written() {
        for derived in Derived::ALL {
            for character in derived.table().indices.keys() {
                let mut bytes = Vec::new();
                let text = character.to_string();
                derived.encode(&text, &mut bytes).expect("is in the table");
                let reading = read(Charset::Derived(derived), &bytes, 0);
                assert_eq!((reading.text.as_ref(), reading.malformed.len()), (&*text, 0));
                assert_eq!(derived.unit_len(&bytes), bytes.len());
                assert!(derived.fits(&bytes));
            }
        }
    }

    #[test]
    fn text_in_gbk_has_another_shape() {
        let (bytes, _, _) = encoding_rs::GBK.encode("今天下午的会议改到三点");
        assert!(Derived::ALL.iter().all(|derived| !derived.fits(&bytes)));
    }

    #[test]
    fn ill_formed_bytes_swallow_no_ascii() {
        for derived in Derived::ALL {
            let reading = read(Charset::Derived(derived), b"a\xFF\nb\xFF\xFFc\x8E", 0);
            assert_eq!(reading.text, "a\u{FFFD}\nb\u{FFFD}c\u{FFFD}");
            let ranges: Vec<_> = reading.malformed.iter().map(|bad| bad.bytes.clone()).collect();
            assert_eq!(ranges, [1..2, 4..6, 7..8]);
        }
    }
}
