//! Tables of the single-byte codecs.

use encoding_rs::Encoding;

use super::flavour::Scraped;
use super::table::Table;

/// Byte A0 of Latin-1.
const NO_BREAK_SPACE: char = '\u{A0}';
/// Byte AD of Latin-1.
pub(crate) const SOFT_HYPHEN: char = '\u{AD}';

/// ISO-8859-1 proper: every byte is the code point of the same number.
pub(super) fn latin1() -> Table {
    Table::new(|byte| Some(char::from(byte)), [])
}

/// A WHATWG single-byte encoding, where the unassigned bytes of windows-125x are C1 controls.
pub(super) fn whatwg(encoding: &'static Encoding) -> Table {
    let decode = |byte: u8| {
        let bytes = [byte];
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        text.chars().next().filter(|&c| c != char::REPLACEMENT_CHARACTER)
    };
    Table::new(decode, [])
}

/// A windows-125x encoding as strict decoders have it: in windows-1252, 81, 8D, 8F, 90
/// and 9D are unassigned.
pub(super) fn strict(encoding: &'static Encoding) -> Table {
    let web = whatwg(encoding);
    Table::new(|byte| web.single(byte).filter(|&c| !is_c1(c)), [])
}

/// A codec of which a scraper changed or took out what cannot be seen.
pub(super) fn scraped(table: &Table, scraped: Scraped) -> Table {
    let Scraped { spaces, controls, hyphens } = scraped;
    let is_gone = |&c: &char| !(controls && is_c1(c) || hyphens && c == SOFT_HYPHEN);
    let shown = |c| if spaces && c == NO_BREAK_SPACE { ' ' } else { c };
    Table::new(|byte| table.single(byte).filter(is_gone).map(shown), [])
}

impl Scraped {
    /// What a scraper may have done about the characters of a text that a decoder with this table
    /// showed: there are none left of a kind that it takes out.
    pub(crate) fn possible(text: &str, table: &Table) -> Scraped {
        let may_lack = |is_of_kind: &dyn Fn(char) -> bool| {
            let shows = |byte: u8| table.single(byte).is_some_and(is_of_kind);
            !table.is_double_byte() && (0x80..=0xFF).any(shows) && !text.contains(is_of_kind)
        };
        Scraped {
            spaces: may_lack(&|c| c == NO_BREAK_SPACE),
            controls: may_lack(&is_c1),
            hyphens: may_lack(&|c| c == SOFT_HYPHEN),
        }
    }
}

/// Whether a character is one of the C1 controls.
pub(crate) fn is_c1(character: char) -> bool {
    ('\u{80}'..='\u{9F}').contains(&character)
}

/// An IBM code page, from the table of its upper half.
pub(super) fn ibm(upper: &[char; 128]) -> Table {
    Table::new(
        |byte| Some(byte.checked_sub(0x80).map_or(char::from(byte), |at| upper[usize::from(at)])),
        [],
    )
}
