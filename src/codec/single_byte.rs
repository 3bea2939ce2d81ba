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

/// A windows-125x encoding as strict decoders have it: in windows-1252, 81, 8D, 8F, 90
/// and 9D are unassigned.
pub(super) fn strict(encoding: &'static Encoding) -> Table {
    let web = whatwg(encoding);
    Table::new(|byte| web.single(byte).filter(|&c| !is_c1(c)), [])
}

/// A codec whose no-break space became a plain one on the way.
pub(super) fn spaced(table: &Table) -> Table {
    let blank = |c| if c == '\u{A0}' { ' ' } else { c };
    Table::new(|byte| table.single(byte).map(blank), [])
}

/// A codec whose no-break space became a plain one, and of which what cannot be seen went missing.
pub(super) fn stripped(table: &Table) -> Table {
    let spaced = spaced(table);
    Table::new(|byte| spaced.single(byte).filter(|&c| !is_c1(c) && c != '\u{AD}'), [])
}

fn is_c1(character: char) -> bool {
    ('\u{80}'..='\u{9F}').contains(&character)
}

/// An IBM code page, from the table of its upper half.
pub(super) fn ibm(upper: &[char; 128]) -> Table {
    Table::new(
        |byte| Some(byte.checked_sub(0x80).map_or(char::from(byte), |at| upper[usize::from(at)])),
        [],
    )
}
