//! Exact inverses of the wrong decoders, built from the decoders' own tables.
//!
//! ```
//! use hanfix::codec::{Codec, Decoder, Flavour};
//!
//! // 用户 is E7 94 A8 E6 88 B7 in UTF-8, three GBK pairs
//! let gbk = Decoder::new(Codec::Gbk, Flavour::WEB);
//! assert_eq!(gbk.decode("用户".as_bytes()), "鐢ㄦ埛");
//! // Windows swallows the quote behind the odd byte 8D of 名
//! let cp936 = Decoder::new(Codec::Gbk, Flavour::WINDOWS);
//! assert_eq!(cp936.decode("名\"".as_bytes()), "鍚?");
//! ```

mod code;
mod conversion;
mod decoder;
mod double_byte;
mod flavour;
mod four_byte;
mod incremental;
mod single_byte;
mod table;

use std::fmt;
use std::sync::OnceLock;

use double_byte::Repertoire;

use crate::script::is_private_use;

pub use code::Code;
pub use conversion::Conversion;
pub(crate) use decoder::SWALLOWABLE;
pub use decoder::{Decoder, Unit};
pub use flavour::{Afterwards, Flavour, Scraped, Software};
pub use incremental::{First, Incremental, Pushed};
pub(crate) use single_byte::{SOFT_HYPHEN, is_c1};
use table::ByteOrder;
pub use table::Table;

/// A character encoding that Chinese text is written in or wrongly read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// GBK; cp936. As the codec that text is written in, all of GB18030.
    Gbk,
    /// Big5 with HKSCS; cp950.
    Big5,
    /// Shift_JIS; cp932.
    ShiftJis,
    /// EUC-KR; cp949.
    EucKr,
    /// EUC-JP, with JIS X 0212 in three bytes.
    EucJp,
    /// UTF-16, the upper byte of each code unit first.
    Utf16Be,
    /// UTF-16, the lower byte of each code unit first.
    Utf16Le,
    /// ISO-8859-1 proper, C1 controls included.
    Latin1,
    /// windows-1252.
    Cp1252,
    /// windows-1250.
    Cp1250,
    /// windows-1251.
    Cp1251,
    /// windows-1254.
    Cp1254,
    /// ISO-8859-2.
    Iso8859_2,
    /// ISO-8859-15.
    Iso8859_15,
    /// IBM code page 437.
    Cp437,
    /// IBM code page 850.
    Cp850,
    /// IBM code page 866.
    Cp866,
    /// KOI8-R.
    Koi8R,
    /// Mac OS Roman.
    MacRoman,
}

impl Codec {
    /// Every codec.
    pub const ALL: [Codec; 20] = [
        Codec::Utf8,
        Codec::Gbk,
        Codec::Big5,
        Codec::ShiftJis,
        Codec::EucKr,
        Codec::EucJp,
        Codec::Utf16Be,
        Codec::Utf16Le,
        Codec::Latin1,
        Codec::Cp1252,
        Codec::Cp1250,
        Codec::Cp1251,
        Codec::Cp1254,
        Codec::Iso8859_2,
        Codec::Iso8859_15,
        Codec::Cp437,
        Codec::Cp850,
        Codec::Cp866,
        Codec::Koi8R,
        Codec::MacRoman,
    ];

    /// The name in lower case, as in `gbk` or `windows-1252`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Gbk => "gbk",
            Codec::Big5 => "big5",
            Codec::ShiftJis => "shift_jis",
            Codec::EucKr => "euc-kr",
            Codec::EucJp => "euc-jp",
            Codec::Utf16Be => "utf-16be",
            Codec::Utf16Le => "utf-16le",
            Codec::Latin1 => "latin-1",
            Codec::Cp1252 => "windows-1252",
            Codec::Cp1250 => "windows-1250",
            Codec::Cp1251 => "windows-1251",
            Codec::Cp1254 => "windows-1254",
            Codec::Iso8859_2 => "iso-8859-2",
            Codec::Iso8859_15 => "iso-8859-15",
            Codec::Cp437 => "cp437",
            Codec::Cp850 => "cp850",
            Codec::Cp866 => "cp866",
            Codec::Koi8R => "koi8-r",
            Codec::MacRoman => "macroman",
        }
    }

    /// The table that software of a flavour decodes with. UTF-8 needs none and has only ASCII in it.
    #[inline]
    pub fn table(self, flavour: Flavour) -> &'static Table {
        let flavour = self.representative(flavour);
        let cell = &TABLES[self as usize][flavour.slot()];
        cell.get_or_init(|| self.build(flavour))
    }

    /// Whether it is UTF-16, in which every byte is one of a pair.
    pub const fn is_utf16(self) -> bool {
        matches!(self, Codec::Utf16Be | Codec::Utf16Le)
    }

    /// The bytes of `text`, each character in the code that encoders write.
    ///
    /// `None` where a character is not in the codec, vendor extensions included.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        if self == Codec::Utf8 {
            return Some(text.as_bytes().to_vec());
        }
        let table = self.table(Flavour::WEB);
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            if let Some(pair) = table.only_code_of::<2>(character) {
                bytes.extend(pair);
                continue;
            }
            match table.first_code(character) {
                Some(code) => code.append_to(&mut bytes),
                None if self == Codec::Gbk => bytes.extend(four_byte::encode(character)?),
                None => return None,
            }
        }
        Some(bytes)
    }

    /// The flavour that shares its table with `flavour`, so that none is built twice.
    #[inline]
    fn representative(self, flavour: Flavour) -> Flavour {
        let double_byte = matches!(
            self,
            Codec::Gbk | Codec::Big5 | Codec::ShiftJis | Codec::EucKr | Codec::EucJp
        );
        if matches!(self, Codec::Utf8 | Codec::Utf16Be | Codec::Utf16Le) {
            return Flavour::WEB;
        }
        let Flavour { software, afterwards } = flavour;
        // only what single bytes stand for is lost in scraping, and only the private use of GBK is
        // met in text
        let afterwards = match afterwards {
            Afterwards::Scraped(_) if !double_byte => return flavour,
            Afterwards::Stripped if self == Codec::Gbk => Afterwards::Stripped,
            _ => Afterwards::Kept,
        };
        let software = match (self, software) {
            (Codec::Gbk, Software::Narrow | Software::Java) => software,
            (Codec::Big5, Software::Narrow | Software::Windows) => software,
            // cp932 of Windows and CPython
            (Codec::ShiftJis, Software::Windows | Software::Java) => Software::Windows,
            (_, Software::Windows) if double_byte => Software::Web,
            // only GBK has a euro sign to lack
            (_, Software::Web | Software::Java) => Software::Web,
            _ => Software::Python,
        };
        software.then(afterwards)
    }

    fn build(self, flavour: Flavour) -> Table {
        let Flavour { software, afterwards } = flavour;
        let repertoire = Repertoire {
            extensions: !matches!(software, Software::Narrow | Software::Python),
            euro: matches!(software, Software::Web | Software::Narrow),
        };
        if let Afterwards::Scraped(scraped) = afterwards {
            return single_byte::scraped(self.table(Flavour::WEB), scraped);
        }
        let windows = |encoding| match software {
            Software::Web => single_byte::whatwg(encoding),
            _ => single_byte::strict(encoding),
        };
        let pairs = |encoding| match flavour {
            Flavour::WEB => double_byte::web_pairs(encoding),
            _ if flavour.is_stripped() => {
                let pairs = self.table(Flavour::WEB).pairs();
                pairs.filter(|(_, character)| !is_private_use(*character)).collect()
            }
            // what the web knows, others know at most, with few exceptions
            _ => self.table(Flavour::WEB).pairs().collect(),
        };
        match self {
            Codec::Utf8 => Table::new(|byte| byte.is_ascii().then_some(char::from(byte)), []),
            Codec::Gbk => double_byte::gbk(pairs(encoding_rs::GBK), repertoire),
            Codec::Big5 => {
                let pairs = pairs(encoding_rs::BIG5);
                let pairs = double_byte::written_first(pairs, double_byte::BIG5_DUPLICATES);
                match software {
                    Software::Windows => double_byte::big5_windows(pairs),
                    Software::Narrow => double_byte::big5_eten(pairs),
                    Software::Python => double_byte::big5_python(pairs),
                    _ => double_byte::big5(pairs),
                }
            }
            Codec::ShiftJis => {
                let pairs = pairs(encoding_rs::SHIFT_JIS);
                let pairs = double_byte::written_first(pairs, double_byte::SHIFT_JIS_DUPLICATES);
                match software {
                    Software::Windows => double_byte::cp932(pairs),
                    _ => double_byte::shift_jis(pairs, repertoire),
                }
            }
            Codec::EucKr => double_byte::euc_kr(pairs(encoding_rs::EUC_KR), repertoire),
            Codec::EucJp => double_byte::euc_jp(pairs(encoding_rs::EUC_JP), repertoire),
            Codec::Utf16Be => Table::utf16(ByteOrder::Big),
            Codec::Utf16Le => Table::utf16(ByteOrder::Little),
            Codec::Latin1 => single_byte::latin1(),
            Codec::Cp1252 => windows(encoding_rs::WINDOWS_1252),
            Codec::Cp1250 => windows(encoding_rs::WINDOWS_1250),
            Codec::Cp1251 => windows(encoding_rs::WINDOWS_1251),
            Codec::Cp1254 => windows(encoding_rs::WINDOWS_1254),
            Codec::Iso8859_2 => single_byte::whatwg(encoding_rs::ISO_8859_2),
            Codec::Iso8859_15 => single_byte::whatwg(encoding_rs::ISO_8859_15),
            Codec::Cp437 => single_byte::ibm(&oem_cp::code_table::DECODING_TABLE_CP437),
            Codec::Cp850 => single_byte::ibm(&oem_cp::code_table::DECODING_TABLE_CP850),
            Codec::Cp866 => single_byte::whatwg(encoding_rs::IBM866),
            Codec::Koi8R => single_byte::whatwg(encoding_rs::KOI8_R),
            Codec::MacRoman => single_byte::whatwg(encoding_rs::MACINTOSH),
        }
    }
}

/// By codec and flavour: tables, each built at its first use.
static TABLES: [[OnceLock<Table>; Flavour::SLOTS]; Codec::ALL.len()] =
    [const { [const { OnceLock::new() }; Flavour::SLOTS] }; Codec::ALL.len()];

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
