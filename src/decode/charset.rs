//! The encodings that can be read and written, and the shape of their bytes.

use encoding_rs::Encoding;

use super::derived::Derived;
use super::shifted::Shifted;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// Seven bits; never detected, for all that is ASCII is UTF-8 as well.
    Ascii,
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
    /// GB 2312 and its extension by Microsoft, cp936.
    Gbk,
    /// GBK and four-byte codes for all of Unicode.
    Gb18030,
    /// Big5 as in cp950.
    Big5,
    /// Big5 with the additions of Hong Kong.
    Big5Hkscs,
    /// Shift_JIS as in cp932.
    ShiftJis,
    EucJp,
    /// EUC-KR and its extension by Microsoft, cp949.
    EucKr,
    /// A single-byte encoding of the WHATWG standard.
    Single(&'static Encoding),
    /// Encodings of our own that have the characters of others.
    Derived(Derived),
    /// Seven-bit encodings that switch character sets by escape sequences.
    Shifted(Shifted),
}

/// The encodings with a name of ours and a decoder of `encoding_rs`.
///
/// GBK stands before GB18030 and Big5 before Big5-HKSCS, which have the same decoder.
const TABLES: [(Charset, &Encoding); 9] = [
    (Charset::Utf16Le, encoding_rs::UTF_16LE),
    (Charset::Utf16Be, encoding_rs::UTF_16BE),
    (Charset::Gbk, encoding_rs::GBK),
    (Charset::Gb18030, encoding_rs::GB18030),
    (Charset::Big5, encoding_rs::BIG5),
    (Charset::Big5Hkscs, encoding_rs::BIG5),
    (Charset::ShiftJis, encoding_rs::SHIFT_JIS),
    (Charset::EucJp, encoding_rs::EUC_JP),
    (Charset::EucKr, encoding_rs::EUC_KR),
];

/// Our names for the single-byte encodings: those of the standard in lower case.
const SINGLES: [(&Encoding, &str); 28] = [
    (encoding_rs::IBM866, "ibm866"),
    (encoding_rs::ISO_8859_2, "iso-8859-2"),
    (encoding_rs::ISO_8859_3, "iso-8859-3"),
    (encoding_rs::ISO_8859_4, "iso-8859-4"),
    (encoding_rs::ISO_8859_5, "iso-8859-5"),
    (encoding_rs::ISO_8859_6, "iso-8859-6"),
    (encoding_rs::ISO_8859_7, "iso-8859-7"),
    (encoding_rs::ISO_8859_8, "iso-8859-8"),
    (encoding_rs::ISO_8859_8_I, "iso-8859-8-i"),
    (encoding_rs::ISO_8859_10, "iso-8859-10"),
    (encoding_rs::ISO_8859_13, "iso-8859-13"),
    (encoding_rs::ISO_8859_14, "iso-8859-14"),
    (encoding_rs::ISO_8859_15, "iso-8859-15"),
    (encoding_rs::ISO_8859_16, "iso-8859-16"),
    (encoding_rs::KOI8_R, "koi8-r"),
    (encoding_rs::KOI8_U, "koi8-u"),
    (encoding_rs::MACINTOSH, "macintosh"),
    (encoding_rs::WINDOWS_1250, "windows-1250"),
    (encoding_rs::WINDOWS_1251, "windows-1251"),
    (encoding_rs::WINDOWS_1252, "windows-1252"),
    (encoding_rs::WINDOWS_1253, "windows-1253"),
    (encoding_rs::WINDOWS_1254, "windows-1254"),
    (encoding_rs::WINDOWS_1255, "windows-1255"),
    (encoding_rs::WINDOWS_1256, "windows-1256"),
    (encoding_rs::WINDOWS_1257, "windows-1257"),
    (encoding_rs::WINDOWS_1258, "windows-1258"),
    (encoding_rs::WINDOWS_874, "windows-874"),
    (encoding_rs::X_MAC_CYRILLIC, "x-mac-cyrillic"),
];

impl Charset {
    /// Every encoding.
    pub fn all() -> impl Iterator<Item = Charset> {
        let unicode = [Charset::Ascii, Charset::Utf8, Charset::Utf32Le, Charset::Utf32Be];
        let tables = TABLES.iter().map(|(charset, _)| *charset);
        let singles = SINGLES.iter().map(|(encoding, _)| Charset::Single(encoding));
        let derived = Derived::ALL.into_iter().map(Charset::Derived);
        let shifted = Shifted::ALL.into_iter().map(Charset::Shifted);
        unicode.into_iter().chain(tables).chain(singles).chain(derived).chain(shifted)
    }

    /// The encoding that `encoding_rs` calls so; none for those that only stand for an error.
    pub fn from_encoding(encoding: &'static Encoding) -> Option<Charset> {
        if encoding == encoding_rs::UTF_8 {
            return Some(Charset::Utf8);
        }
        if encoding == encoding_rs::ISO_2022_JP {
            return Some(Charset::Shifted(Shifted::Jp));
        }
        let table =
            TABLES.iter().find(|(_, table)| *table == encoding).map(|(charset, _)| *charset);
        let single = || {
            let (single, _) = SINGLES.iter().find(|(single, _)| *single == encoding)?;
            Some(Charset::Single(single))
        };
        table.or_else(single)
    }

    /// The decoder of `encoding_rs`, where it has one that keeps no state between characters.
    pub fn table(self) -> Option<&'static Encoding> {
        match self {
            Charset::Single(encoding) => Some(encoding),
            _ => TABLES.iter().find(|(charset, _)| *charset == self).map(|(_, table)| *table),
        }
    }

    /// The name shown to people; it is a label too.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Ascii => "ascii",
            Charset::Utf8 => "utf-8",
            Charset::Utf16Le => "utf-16le",
            Charset::Utf16Be => "utf-16be",
            Charset::Utf32Le => "utf-32le",
            Charset::Utf32Be => "utf-32be",
            Charset::Gbk => "gbk",
            Charset::Gb18030 => "gb18030",
            Charset::Big5 => "big5",
            Charset::Big5Hkscs => "big5-hkscs",
            Charset::ShiftJis => "shift_jis",
            Charset::EucJp => "euc-jp",
            Charset::EucKr => "euc-kr",
            Charset::Single(encoding) => SINGLES
                .iter()
                .find_map(|(single, name)| (*single == encoding).then_some(*name))
                .unwrap_or(encoding.name()),
            Charset::Derived(derived) => derived.name(),
            Charset::Shifted(shifted) => shifted.name(),
        }
    }

    /// Whether a byte order mark belongs to the encoding.
    pub fn is_unicode(self) -> bool {
        self == Charset::Utf8 || self.unit() > 1
    }

    /// Whether ASCII bytes that are not part of a longer character mean themselves.
    pub fn extends_ascii(self) -> bool {
        self.unit() == 1 && !matches!(self, Charset::Shifted(_))
    }

    /// Whether one encoding is the other, or an extension of it that goes by the same name.
    pub fn same_family(self, other: Charset) -> bool {
        let root = |charset: Charset| match charset {
            Charset::Gb18030 => Charset::Gbk,
            Charset::Big5Hkscs => Charset::Big5,
            charset => charset,
        };
        root(self) == root(other)
    }

    /// Whether two encodings are for the same script, as far as one letter tells: E9 is é in all
    /// of the Latin ones, and a letter of its own in the others.
    pub fn same_script(self, other: Charset) -> bool {
        let is_latin = |charset: Charset| match charset {
            Charset::Single(encoding) => {
                let (letter, _) = encoding.decode_without_bom_handling(b"\xE9");
                letter.chars().all(|letter| letter < '\u{250}')
            }
            _ => false,
        };
        self == other || is_latin(self) && is_latin(other)
    }

    /// The number of bytes that characters are a multiple of.
    pub fn unit(self) -> usize {
        match self {
            Charset::Utf16Le | Charset::Utf16Be => 2,
            Charset::Utf32Le | Charset::Utf32Be => 4,
            _ => 1,
        }
    }

    /// The number of bytes of the well-formed character that `bytes` starts with.
    ///
    /// Meaningless before ill-formed bytes: those are told apart when the bytes are read.
    pub fn unit_len(self, bytes: &[u8]) -> usize {
        let lead = bytes.first().copied().unwrap_or_default();
        let second = bytes.get(1).copied().unwrap_or_default();
        match self {
            Charset::Utf16Le => utf16_len(second),
            Charset::Utf16Be => utf16_len(lead),
            Charset::Utf32Le | Charset::Utf32Be => 4,
            Charset::Ascii | Charset::Single(_) | Charset::Shifted(_) => 1,
            Charset::Derived(derived) => derived.unit_len(bytes),
            _ if lead < 0x80 => 1,
            Charset::Utf8 => match lead {
                0xF0.. => 4,
                0xE0.. => 3,
                _ => 2,
            },
            Charset::Gbk | Charset::Gb18030 => match (lead, second) {
                (0x80, _) => 1, // `€` of cp936
                (_, 0x30..=0x39) => 4,
                _ => 2,
            },
            // half-width kana are single bytes
            Charset::ShiftJis if matches!(lead, 0x80 | 0xA1..=0xDF) => 1,
            Charset::EucJp if lead == 0x8F => 3,
            Charset::Big5 | Charset::Big5Hkscs => 2,
            Charset::ShiftJis | Charset::EucJp | Charset::EucKr => 2,
        }
    }

    /// The number of characters that the first `unit_len` bytes stand for.
    ///
    /// One, but for four codes of HKSCS that are a letter and a combining mark (`88 62` is `Ê̄`).
    pub fn unit_chars(self, bytes: &[u8]) -> usize {
        match (self, bytes) {
            (Charset::Big5 | Charset::Big5Hkscs, [0x88, 0x62 | 0x64 | 0xA3 | 0xA5, ..]) => 2,
            _ => 1,
        }
    }
}

/// High surrogates, D800–DBFF, start a pair.
fn utf16_len(high_byte: u8) -> usize {
    if matches!(high_byte, 0xD8..=0xDB) { 4 } else { 2 }
}
