//! The encodings that can be read and written, and the shape of their bytes.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
};

use super::shifted::Shifted;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Utf32Le,
    Utf32Be,
    /// Big5 with the additions of Hong Kong. Read like Big5; only written where the file uses them
    /// already, as what reads cp950 does not know them.
    Big5Hkscs,
    /// Read by `encoding_rs`: every stateless encoding of the WHATWG standard, UTF-16 included.
    Table(&'static Encoding),
    /// Seven-bit encodings that switch character sets by escape sequences.
    Shifted(Shifted),
}

pub(super) const UTF16_LE: Charset = Charset::Table(UTF_16LE);
pub(super) const UTF16_BE: Charset = Charset::Table(UTF_16BE);

/// Our names for the encodings of `encoding_rs`: its own in lower case.
const TABLE_NAMES: [(&Encoding, &str); 36] = [
    (BIG5, "big5"),
    (EUC_JP, "euc-jp"),
    (EUC_KR, "euc-kr"),
    (GB18030, "gb18030"),
    (GBK, "gbk"),
    (SHIFT_JIS, "shift_jis"),
    (UTF_16BE, "utf-16be"),
    (UTF_16LE, "utf-16le"),
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
    /// The encoding that goes by `label`, in any letter case and spelling known to the web,
    /// Python or iconv.
    pub fn from_label(label: &str) -> Option<Charset> {
        let label = label.trim().to_ascii_lowercase().replace('_', "-");
        Some(match label.as_str() {
            "utf-8-sig" | "cesu-8" => Charset::Utf8,
            "utf-32" | "utf-32le" | "utf-32-le" | "ucs-4" | "ucs-4le" => Charset::Utf32Le,
            "utf-32be" | "utf-32-be" | "ucs-4be" => Charset::Utf32Be,
            "utf-16-le" | "utf16" => UTF16_LE,
            "utf-16-be" => UTF16_BE,
            "hz" | "hz-gb-2312" | "hz-gb" => Charset::Shifted(Shifted::Hz),
            "iso2022-jp" => Charset::Shifted(Shifted::Jp),
            "iso-2022-kr" | "iso2022-kr" | "csiso2022kr" => Charset::Shifted(Shifted::Kr),
            "iso-2022-cn" | "iso-2022-cn-ext" => Charset::Shifted(Shifted::Cn),
            "cp936" | "936" | "ms936" | "windows-936" | "euc-cn" | "euccn" => Charset::Table(GBK),
            "cp54936" | "gb18030-2005" | "gb18030-2022" => Charset::Table(GB18030),
            "big5-hkscs" | "big5hkscs" | "hkscs" | "cp951" => Charset::Big5Hkscs,
            "cp950" | "950" | "ms950" | "windows-950" => Charset::Table(BIG5),
            "cp932" | "932" | "sjis" => Charset::Table(SHIFT_JIS),
            "cp949" | "949" | "uhc" => Charset::Table(EUC_KR),
            "shift-jis" | "euc-jp" | "euc-kr" => return Self::from_web(&label.replace('-', "_")),
            _ => return Self::from_web(&label),
        })
    }

    /// The encoding that the WHATWG standard calls `label`.
    fn from_web(label: &str) -> Option<Charset> {
        let spelled = [label.to_owned(), label.replace('_', "-"), code_page(label)];
        let encoding = spelled.iter().find_map(|label| Encoding::for_label(label.as_bytes()))?;
        if encoding == UTF_8 {
            Some(Charset::Utf8)
        } else if encoding == ISO_2022_JP {
            Some(Charset::Shifted(Shifted::Jp))
        } else {
            let known = TABLE_NAMES.iter().any(|(table, _)| *table == encoding);
            known.then_some(Charset::Table(encoding))
        }
    }

    /// The name shown to people; it is a label too.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Utf32Le => "utf-32le",
            Charset::Utf32Be => "utf-32be",
            Charset::Big5Hkscs => "big5-hkscs",
            Charset::Shifted(shifted) => shifted.name(),
            Charset::Table(encoding) => TABLE_NAMES
                .iter()
                .find_map(|(table, name)| (*table == encoding).then_some(*name))
                .unwrap_or("x-user-defined"),
        }
    }

    /// Whether a byte order mark belongs to the encoding.
    pub fn is_unicode(self) -> bool {
        match self {
            Charset::Utf8 | Charset::Utf32Le | Charset::Utf32Be => true,
            Charset::Table(encoding) => encoding == UTF_16LE || encoding == UTF_16BE,
            Charset::Big5Hkscs | Charset::Shifted(_) => false,
        }
    }

    /// Whether ASCII bytes that are not part of a longer character mean themselves.
    pub fn extends_ascii(self) -> bool {
        match self {
            Charset::Utf8 | Charset::Big5Hkscs => true,
            Charset::Table(_) => !self.is_unicode(),
            Charset::Utf32Le | Charset::Utf32Be | Charset::Shifted(_) => false,
        }
    }

    /// The number of bytes of the well-formed character that `bytes` starts with.
    ///
    /// Meaningless before ill-formed bytes: those are told apart when the bytes are read.
    pub fn unit_len(self, bytes: &[u8]) -> usize {
        let lead = bytes.first().copied().unwrap_or_default();
        let second = bytes.get(1).copied().unwrap_or_default();
        match self {
            Charset::Utf8 => match lead {
                0..=0x7F => 1,
                0x80..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0.. => 4,
            },
            Charset::Utf32Le | Charset::Utf32Be => 4,
            Charset::Big5Hkscs => table_unit_len(BIG5, lead, second, bytes),
            Charset::Table(encoding) => table_unit_len(encoding, lead, second, bytes),
            Charset::Shifted(_) => 1,
        }
    }

    /// The number of characters that the first `unit_len` bytes stand for.
    ///
    /// One, but for four codes of HKSCS that are a letter and a combining mark (`88 62` is `Ê̄`).
    pub fn unit_chars(self, bytes: &[u8]) -> usize {
        let big5 = matches!(self, Charset::Table(BIG5) | Charset::Big5Hkscs);
        if big5 && matches!(bytes, [0x88, 0x62 | 0x64 | 0xA3 | 0xA5, ..]) { 2 } else { 1 }
    }
}

fn table_unit_len(encoding: &'static Encoding, lead: u8, second: u8, bytes: &[u8]) -> usize {
    if encoding.is_single_byte() {
        1
    } else if encoding == UTF_16LE {
        utf16_len(second)
    } else if encoding == UTF_16BE {
        utf16_len(lead)
    } else if lead < 0x80 {
        1
    } else if encoding == GBK || encoding == GB18030 {
        match (lead, second) {
            (0x80, _) => 1, // `€` of cp936
            (_, 0x30..=0x39) => 4,
            _ => 2,
        }
    } else if encoding == SHIFT_JIS {
        // half-width kana are single bytes
        if matches!(lead, 0x80 | 0xA1..=0xDF) { 1 } else { 2 }
    } else if encoding == EUC_JP {
        if bytes.first() == Some(&0x8F) { 3 } else { 2 }
    } else {
        2
    }
}

/// High surrogates, D800–DBFF, start a pair.
fn utf16_len(high_byte: u8) -> usize {
    if matches!(high_byte, 0xD8..=0xDB) { 4 } else { 2 }
}

/// `cp1252` and `latin-1` as the web spells them.
fn code_page(label: &str) -> String {
    match label.strip_prefix("cp") {
        Some(digits) => format!("windows-{digits}"),
        None => label.replace("latin-", "latin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_label_of_itself() {
        let tables = TABLE_NAMES.iter().map(|(encoding, _)| Charset::Table(encoding));
        let others = [Charset::Utf8, Charset::Big5Hkscs, Charset::Utf32Le, Charset::Utf32Be]
            .into_iter()
            .chain(Shifted::ALL.map(Charset::Shifted));
        for charset in tables.chain(others) {
            assert_eq!(Charset::from_label(charset.name()), Some(charset), "{}", charset.name());
        }
    }

    #[test]
    fn labels_of_python_and_iconv_are_known() {
        for (label, name) in [
            ("CP936", "gbk"),
            ("gb2312", "gbk"),
            ("GB18030", "gb18030"),
            ("cp950", "big5"),
            ("Big5-HKSCS", "big5-hkscs"),
            ("cp932", "shift_jis"),
            ("Shift_JIS", "shift_jis"),
            ("cp949", "euc-kr"),
            ("euc_jp", "euc-jp"),
            ("UTF-16", "utf-16le"),
            ("utf_8", "utf-8"),
            ("latin-1", "windows-1252"),
            ("cp1251", "windows-1251"),
            ("ISO_8859-7", "iso-8859-7"),
            ("HZ-GB-2312", "hz"),
            ("iso2022_jp", "iso-2022-jp"),
        ] {
            assert_eq!(Charset::from_label(label).map(Charset::name), Some(name), "{label}");
        }
        assert_eq!(Charset::from_label("klingon"), None);
        assert_eq!(Charset::from_label("replacement"), None);
    }
}
