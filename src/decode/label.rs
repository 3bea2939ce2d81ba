//! The names that encodings go by.
//!
//! Those of the web are the ones of `encoding_rs`; what is listed here are names of ours, and those
//! of Python and iconv that the web has not.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_874, X_MAC_CYRILLIC};

use super::charset::Charset;
use super::derived::Derived;
use super::shifted::Shifted;

/// A label in the spelling that is compared: lower case, without what stands between letters and
/// digits (`eucjp` for `EUC_JP`), as Unicode's report 22 has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label(String);

/// How labels of code pages start that the web also reads under the name of a part of ISO 8859.
const CODE_PAGES: [&str; 7] = ["windows", "cp125", "xcp125", "125", "cp874", "874", "dos874"];

impl Label {
    pub fn new(label: &str) -> Label {
        let is_between = |c: &char| matches!(c, '-' | '_' | '.' | ':' | ' ');
        let letters = label.trim().chars().filter(|c| !is_between(c));
        Label(letters.map(|c| c.to_ascii_lowercase()).collect())
    }

    /// The encoding that always has a byte order mark when written, and goes by it when read, under
    /// the name that says so.
    pub fn marked(&self) -> Option<&'static str> {
        match self.0.as_str() {
            "utf16" | "u16" => Some("utf-16"),
            "utf32" | "u32" => Some("utf-32"),
            "utf8sig" => Some("utf-8-sig"),
            _ => None,
        }
    }

    /// Whether the label is that of CESU-8: UTF-8 with surrogate pairs, which is read, but not
    /// written.
    pub fn is_cesu(&self) -> bool {
        matches!(self.0.as_str(), "cesu8" | "cscesu8")
    }

    /// Whether GBK is meant, where a label stands for GBK or GB 2312.
    pub fn is_gbk(&self) -> bool {
        self.0.contains("gbk") || self.0.contains("936") && self.0 != "cp51936"
    }

    /// Whether a code page of Windows is meant, where a label stands for one or a part of ISO 8859.
    pub fn is_code_page(&self) -> bool {
        CODE_PAGES.iter().any(|start| self.0.starts_with(start))
    }

    /// The encoding of the name of ours, or of an alias that the web has not or has for less.
    fn charset(&self) -> Option<Charset> {
        let alias = match self.0.as_str() {
            "ascii" | "usascii" | "csascii" | "isoir6" | "iso646us" | "cp367" | "ibm367"
            | "367" | "646" | "ansix341968" | "ansix341986" => Charset::Ascii,
            "u8" | "utf8sig" | "cp65001" | "65001" => Charset::Utf8,
            _ if self.is_cesu() => Charset::Utf8,
            "utf16" | "u16" | "ucs2le" => Charset::Utf16Le,
            "ucs2be" => Charset::Utf16Be,
            "utf32" | "u32" | "ucs4le" => Charset::Utf32Le,
            // as both iconvs have it
            "ucs4" | "ucs4be" => Charset::Utf32Be,
            "cp936" | "936" | "ms936" | "windows936" | "euccn" | "cp51936" | "eucgb2312cn"
            | "gb231280" | "gb23121980" => Charset::Gbk,
            "cp54936" | "54936" | "gb180302000" | "gb180302005" | "gb180302022" => Charset::Gb18030,
            "cp950" | "950" | "ms950" | "windows950" | "big5tw" => Charset::Big5,
            "hkscs" | "cp951" | "951" | "big5hkscs1999" | "big5hkscs2001" | "big5hkscs2004"
            | "big5hkscs2008" => Charset::Big5Hkscs,
            "cp932" | "932" => Charset::ShiftJis,
            "ujis" | "cp51932" => Charset::EucJp,
            "cp949" | "949" | "ms949" | "uhc" | "cp51949" | "ksx1001" => Charset::EucKr,
            "cp1361" | "1361" | "ms1361" | "ksc56011992" => Charset::Derived(Derived::Johab),
            "xeuctw" | "cp964" | "964" => Charset::Derived(Derived::EucTw),
            "hzgb2312" | "hzgb" => Charset::Shifted(Shifted::Hz),
            "csiso2022kr" => Charset::Shifted(Shifted::Kr),
            "csiso2022cn" | "iso2022cnext" => Charset::Shifted(Shifted::Cn),
            "tis620" | "tis6200" | "tis62025291" => Charset::Single(WINDOWS_874),
            "macroman" => Charset::Single(MACINTOSH),
            "maccyrillic" => Charset::Single(X_MAC_CYRILLIC),
            _ => return Charset::all().find(|charset| Label::new(charset.name()) == *self),
        };
        Some(alias)
    }

    /// `cp1252` and `1252` as the web spells them.
    fn code_page(&self) -> String {
        let digits = self.0.strip_prefix("cp").unwrap_or(&self.0);
        format!("windows-{digits}")
    }
}

impl Charset {
    /// The encoding that goes by `label`, in any letter case and spelling known to the web,
    /// Python or iconv.
    pub fn from_label(label: &str) -> Option<Charset> {
        let folded = Label::new(label);
        let of_web = || {
            // the web has `ks_c_5601-1987`, `shift-jis` and `latin1` each in some spellings
            let given = label.trim().to_ascii_lowercase();
            let dashed = given.replace('_', "-");
            let underscored = dashed.replace('-', "_");
            let spelled = [given, dashed, underscored, folded.code_page(), folded.0.clone()];
            let known = spelled.iter().find_map(|label| Encoding::for_label(label.as_bytes()));
            known.and_then(Charset::from_encoding)
        };
        folded.charset().or_else(of_web)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_label_of_itself() {
        for charset in Charset::all() {
            assert_eq!(Charset::from_label(charset.name()), Some(charset), "{}", charset.name());
        }
    }

    #[test]
    fn labels_of_the_web_python_and_iconv_are_known() {
        for (labels, name) in [
            ("US-ASCII 646 ANSI_X3.4-1968", "ascii"),
            ("utf_8 UTF8 u8 cp65001 utf-8-sig CESU-8", "utf-8"),
            ("UTF-16 utf_16 utf16 U16 UTF16LE ucs-2le UCS-2LE utf_16_le ucs-2", "utf-16le"),
            ("UTF16BE utf-16-be UCS-2BE", "utf-16be"),
            ("utf32 UTF-32 utf_32_le UCS-4LE", "utf-32le"),
            ("utf-32be UTF32BE UCS-4", "utf-32be"),
            ("CP936 gb2312 gb_2312-80 EUC_CN eucgb2312_cn x-gbk", "gbk"),
            ("GB18030 gb18030:2000 gb18030-2000 GB18030:2022", "gb18030"),
            ("cp950 BIG-5 Big5_TW big5-tw big5", "big5"),
            ("Big5-HKSCS big5hkscs BIG5-HKSCS:2004", "big5-hkscs"),
            ("cp932 Shift_JIS shiftjis SJIS s-jis ms_kanji", "shift_jis"),
            ("euc_jp EUC-JP eucjp ujis", "euc-jp"),
            ("cp949 euckr euc_kr ks_x_1001 ks_c_5601-1987 KSC5601", "euc-kr"),
            ("cp1361 johab", "johab"),
            ("EUCTW", "euc-tw"),
            ("HZ-GB-2312 hz", "hz"),
            ("iso2022_jp csISO2022JP", "iso-2022-jp"),
            ("ISO-2022-CN-EXT", "iso-2022-cn"),
            ("latin-1 L1 iso8859-1 ISO_8859-1:1987 cp819 1252 cp1252 windows_1252", "windows-1252"),
            ("cp1251 windows-1251 1251", "windows-1251"),
            ("ISO_8859-7 ISO8859-7 iso8859_7", "iso-8859-7"),
            ("iso8859-16", "iso-8859-16"),
            ("TIS-620 tis620 874 cp874", "windows-874"),
            ("mac_roman macroman MACINTOSH x-mac-roman", "macintosh"),
            ("KOI8_R", "koi8-r"),
        ] {
            for label in labels.split(' ') {
                let found = Charset::from_label(label).map(Charset::name);
                assert_eq!(found, Some(name), "{label}");
            }
        }
        for unknown in ["klingon", "replacement", "", "-", "gbk中", "12520", "cp"] {
            assert_eq!(Charset::from_label(unknown), None, "{unknown}");
        }
    }
}
