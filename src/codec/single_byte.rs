//! Tables of the single-byte codecs.

use encoding_rs::Encoding;

use super::table::Table;

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

/// windows-1252 as Windows and Python have it: 81, 8D, 8F, 90 and 9D are unassigned.
pub(super) fn cp1252_strict() -> Table {
    let web = whatwg(encoding_rs::WINDOWS_1252);
    Table::new(|byte| web.single(byte).filter(|&c| !('\u{80}'..='\u{9F}').contains(&c)), [])
}

/// An IBM code page, from the table of its upper half.
pub(super) fn ibm(upper: &[char; 128]) -> Table {
    Table::new(
        |byte| Some(byte.checked_sub(0x80).map_or(char::from(byte), |at| upper[usize::from(at)])),
        [],
    )
}
