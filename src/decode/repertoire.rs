//! What may be written under a label.
//!
//! Under the names of older standards the web reads what Microsoft made of them: `gb2312` is GBK,
//! `iso-8859-1` is windows-1252. That is right for reading, for the files are so. But who asks for
//! such a label has a reader that knows no more than the standard, to which `朱镕基` in GBK or a
//! curly quote in windows-1252 is an error, so that is all that is written.

use encoding_rs::{WINDOWS_874, WINDOWS_1252, WINDOWS_1254};

use super::charset::Charset;
use super::encode;
use super::error::EncodeError;
use super::label::Label;

/// An encoding to write, and which of its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub charset: Charset,
    repertoire: Repertoire,
}

/// Some of the codes of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repertoire {
    All,
    /// Those of GBK that are in GB 2312.
    Gb2312,
    /// Those of a Windows code page that are in the part of ISO 8859 of this name, which has
    /// control characters from 80 to 9F.
    Iso8859(&'static str),
}

impl Target {
    /// What is meant by a label where it is written.
    ///
    /// # Errors
    /// Where it is no encoding, or one that is only read.
    pub fn from_label(label: &str) -> Result<Target, EncodeError> {
        let unknown = || EncodeError::Label { label: label.to_owned() };
        let charset = Charset::from_label(label).ok_or_else(unknown)?;
        let folded = Label::new(label);
        if folded.is_cesu() {
            return Err(EncodeError::ReadOnly { encoding: "cesu-8", instead: charset.name() });
        }
        let repertoire = match charset {
            Charset::Gbk if !folded.is_gbk() => Repertoire::Gb2312,
            Charset::Single(encoding) if !folded.is_code_page() => Repertoire::of_single(encoding),
            _ => Repertoire::All,
        };
        Ok(Target { charset, repertoire })
    }

    /// The name shown to people.
    pub fn name(self) -> &'static str {
        match self.repertoire {
            Repertoire::All => self.charset.name(),
            Repertoire::Gb2312 => "gb2312",
            Repertoire::Iso8859(name) => name,
        }
    }

    /// Whether all of the encoding is meant.
    pub fn is_whole(self) -> bool {
        self.repertoire == Repertoire::All
    }

    /// Appends `text` to `out`.
    ///
    /// # Errors
    /// The first character that must not be written, by its offset in `text`.
    pub fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), (usize, char)> {
        let start = out.len();
        let unmappable = encode::encode(self.charset, text, out).err();
        if self.is_whole() {
            return unmappable.map_or(Ok(()), Err);
        }
        let mut rest = &out[start..];
        let outside = text.char_indices().find(|_| {
            let (code, behind) = rest.split_at(self.charset.unit_len(rest).min(rest.len()));
            rest = behind;
            !self.repertoire.has(code)
        });
        outside.or(unmappable).map_or(Ok(()), Err)
    }
}

impl Repertoire {
    fn of_single(encoding: &'static encoding_rs::Encoding) -> Repertoire {
        let parts = [
            (WINDOWS_1252, "iso-8859-1"),
            (WINDOWS_1254, "iso-8859-9"),
            (WINDOWS_874, "iso-8859-11"),
        ];
        let part = parts.into_iter().find(|(page, _)| *page == encoding);
        part.map_or(Repertoire::All, |(_, name)| Repertoire::Iso8859(name))
    }

    fn has(self, code: &[u8]) -> bool {
        match (self, code) {
            (Repertoire::All, _) | (_, [..0x80]) => true,
            (Repertoire::Gb2312, &[lead, trail]) => is_gb2312([lead, trail]),
            (Repertoire::Iso8859(_), [byte]) => *byte >= 0xA0,
            _ => false,
        }
    }
}

/// Whether a code of EUC-CN is one of the 7,445 of GB 2312-80.
///
/// GBK has more in its rows: `ⅰ` to `ⅹ` at A2A1, the brackets of vertical text in row 6, and
/// letters in row 8; and what it reads as private use is in no standard.
pub(super) fn is_gb2312([lead, trail]: [u8; 2]) -> bool {
    let (row, cell) = (lead.wrapping_sub(0xA0), trail.wrapping_sub(0xA0));
    match row {
        1 | 3 | 16..=54 | 56..=87 => matches!(cell, 1..=94),
        2 => matches!(cell, 17..=66 | 69..=78 | 81..=92),
        4 => matches!(cell, 1..=83),
        5 => matches!(cell, 1..=86),
        6 => matches!(cell, 1..=24 | 33..=56),
        7 => matches!(cell, 1..=33 | 49..=81),
        8 => matches!(cell, 1..=26 | 37..=73),
        9 => matches!(cell, 4..=79),
        55 => matches!(cell, 1..=89),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::is_private_use;

    #[test]
    fn gb2312_has_7445_characters() {
        let codes = (0xA1A1..=0xFEFEu16).filter(|code| is_gb2312(code.to_be_bytes()));
        assert_eq!(codes.clone().count(), 7445);
        for code in codes {
            let character = encoding_rs::GBK.decode(&code.to_be_bytes()).0.chars().next();
            let is_character = |c| !is_private_use(c) && c != char::REPLACEMENT_CHARACTER;
            assert!(character.is_some_and(is_character), "{code:X}");
        }
    }

    #[test]
    fn labels_of_standards_and_of_code_pages_differ() {
        for (label, name) in [
            ("GB2312", "gb2312"),
            ("EUC-CN", "gb2312"),
            ("gb_2312-80", "gb2312"),
            ("cp936", "gbk"),
            ("GBK", "gbk"),
            ("x-gbk", "gbk"),
            ("gb18030", "gb18030"),
            ("latin-1", "iso-8859-1"),
            ("ISO_8859-1", "iso-8859-1"),
            ("cp819", "iso-8859-1"),
            ("cp1252", "windows-1252"),
            ("windows_1252", "windows-1252"),
            ("WINDOWS1252", "windows-1252"),
            ("1252", "windows-1252"),
            ("cp_874", "windows-874"),
            ("Windows-1252", "windows-1252"),
            ("iso-8859-9", "iso-8859-9"),
            ("tis-620", "iso-8859-11"),
            ("iso-8859-2", "iso-8859-2"),
            ("us-ascii", "ascii"),
        ] {
            assert_eq!(Target::from_label(label).map(Target::name), Ok(name), "{label}");
        }
    }
}
