//! Byte order marks.

use super::charset::Charset;

/// Every byte order mark; the one of UTF-32LE stands before its prefix, that of UTF-16LE.
const MARKS: [(&[u8], Charset); 6] = [
    (b"\xEF\xBB\xBF", Charset::Utf8),
    (b"\xFF\xFE\0\0", Charset::Utf32Le),
    (b"\0\0\xFE\xFF", Charset::Utf32Be),
    (b"\xFF\xFE", Charset::Utf16Le),
    (b"\xFE\xFF", Charset::Utf16Be),
    (b"\x84\x31\x95\x33", Charset::Gb18030),
];

/// The encoding whose byte order mark `bytes` start with, and the length of the mark.
pub(super) fn of(bytes: &[u8]) -> Option<(Charset, usize)> {
    MARKS
        .iter()
        .find(|(mark, charset)| bytes.starts_with(mark) && fits(*charset, bytes))
        .map(|(mark, charset)| (*charset, mark.len()))
}

/// Units of four bytes that are looked at to tell UTF-32LE from UTF-16LE.
const UNITS: usize = 64;

/// `FF FE 00 00` is also UTF-16LE that starts with NUL; in units of four bytes, most of UTF-32 are
/// code points, and pairs of characters are not. Its end may be cut off.
fn fits(charset: Charset, bytes: &[u8]) -> bool {
    let units = || bytes.chunks_exact(4).skip(1).take(UNITS);
    let is_code_point =
        |unit: &&[u8]| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]) <= char::MAX.into();
    let mark_alone = bytes.len() == 4;
    charset != Charset::Utf32Le
        || mark_alone
        || 2 * units().filter(is_code_point).count() > units().len()
}

/// The byte order mark of an encoding; empty where it has none.
pub(super) fn mark(charset: Charset) -> &'static [u8] {
    MARKS.iter().find(|(_, of)| *of == charset).map_or(b"", |(mark, _)| mark)
}
