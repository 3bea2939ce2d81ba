//! UTF-8, whole and damaged.

use super::map::Form;
use super::reading::Builder;
use super::shifted::Mode;

/// The bytes as text where all of them are well-formed.
///
/// Not `simdutf8::basic`, which is a little faster on text but reads other bytes to their end.
pub(super) fn valid(bytes: &[u8]) -> Option<&str> {
    simdutf8::compat::from_utf8(bytes).ok()
}

/// Offset of the first bytes that are ill-formed.
pub(super) fn first_malformed(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Err(error) = simdutf8::compat::from_utf8(&bytes[at..]) {
        at += error.valid_up_to();
        match lenient(&bytes[at..]) {
            Some((_, len)) => at += len,
            None => return Some(at),
        }
    }
    None
}

/// Whether bytes are UTF-8, be it cut within the last character.
pub(super) fn is_valid_up_to_cut(bytes: &[u8]) -> bool {
    simdutf8::compat::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none())
}

/// Well-formed characters of several bytes that other bytes hardly have in a row.
const MANY: usize = 8;
/// Ill-formed sequences among them, one in so many at most.
const FEW_ILL_FORMED: usize = 16;

/// How many characters of several bytes there are in UTF-8 that was damaged a little; `None` where
/// the bytes are rather in another encoding. Of GBK, one character in ten is valid UTF-8 by chance.
pub(super) fn of_damaged(bytes: &[u8]) -> Option<usize> {
    let (mut characters, mut ill_formed) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        ill_formed += usize::from(!chunk.invalid().is_empty());
        // other encodings are told by their first lines
        if ill_formed > MANY && ill_formed * FEW_ILL_FORMED > characters {
            return None;
        }
    }
    (characters >= MANY && ill_formed * FEW_ILL_FORMED <= characters).then_some(characters)
}

/// Reads `bytes[from..to]` into `builder`.
///
/// What other programs write for want of real UTF-8 is understood: a surrogate pair of two times
/// three bytes (CESU-8: `ED A0 BD ED B8 80` is 😀) and `C0 80` for NUL (Java). Every other
/// overlong form and every lone surrogate is ill-formed: decoders that let them through are how
/// `C0 AF` became a `/`. Ill-formed bytes give one U+FFFD for each maximal subpart, as the
/// Unicode standard recommends and `String::from_utf8_lossy` does.
pub(super) fn read_into(builder: &mut Builder, bytes: &[u8], from: usize, to: usize) {
    let mut at = from;
    while at < to {
        let (text, bad) = match simdutf8::compat::from_utf8(&bytes[at..to]) {
            Ok(text) => (text, 0),
            Err(error) => {
                let valid = &bytes[at..at + error.valid_up_to()];
                let left = to - at - error.valid_up_to();
                // checked just now: `from_utf8` cannot fail on what it called valid
                let text = std::str::from_utf8(valid).unwrap_or_default();
                (text, error.error_len().unwrap_or(left))
            }
        };
        if !text.is_empty() {
            builder.piece(at, Form::Same);
            builder.text.push_str(text);
            at += text.len();
        }
        if bad == 0 {
            continue;
        }
        if let Some((character, len)) = lenient(&bytes[at..to]) {
            builder.piece(at, Form::Whole(Mode::Ascii));
            builder.text.push(character);
            at += len;
        } else {
            builder.malformed(at..at + bad);
            at += bad;
        }
    }
}

/// The character of a form that is not UTF-8 but common, and its length.
fn lenient(bytes: &[u8]) -> Option<(char, usize)> {
    match *bytes {
        [0xC0, 0x80, ..] => Some(('\0', 2)),
        [0xED, a @ 0xA0..=0xAF, b @ 0x80..=0xBF, 0xED, c @ 0xB0..=0xBF, d @ 0x80..=0xBF, ..] => {
            let unit = |second: u8, third: u8| {
                0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F)
            };
            let pair = [unit(a, b), unit(c, d)];
            let character = char::decode_utf16(pair).next()?.ok()?;
            Some((character, 6))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::charset::Charset;
    use crate::decode::reading::{Reading, read as read_in};

    fn read(bytes: &[u8]) -> Reading<'_> {
        read_in(Charset::Utf8, bytes, 0)
    }

    #[test]
    fn surrogate_pairs_and_nul_of_other_writers_are_read() {
        let reading = read(b"a\xED\xA0\xBD\xED\xB8\x80b\xC0\x80c\xC0\xAF");
        assert_eq!(reading.text, "a😀b\0c\u{FFFD}\u{FFFD}");
        let at: Vec<usize> = reading.malformed.iter().map(|bad| bad.bytes.start).collect();
        assert_eq!(at, [11, 12]);
        assert_eq!(first_malformed(b"a\xED\xA0\xBD\xED\xB8\x80b\xC0\x80c\xC0\xAF"), Some(11));
    }

    #[test]
    fn ill_formed_bytes_are_told_as_the_standard_library_tells_them() {
        for bytes in [
            b"\xE4\xB8\xAD\xE4\xB8".as_slice(),
            b"\xE4\xB8a\xFF\xF0\x9F\x98\xE4\xB8\xAD",
            b"\xED\xA0\x80x\x80\x80",
        ] {
            let reading = read(bytes);
            assert_eq!(reading.text, String::from_utf8_lossy(bytes));
            assert_eq!(reading.text.matches('\u{FFFD}').count(), reading.malformed.len());
        }
    }

    #[test]
    fn damaged_utf8_is_told_by_what_is_left() {
        let garbled: String = "设置已保存".bytes().map(char::from).collect();
        let with_a_byte = |text: &str| [text.as_bytes(), b"\xFF"].concat();
        assert_eq!(of_damaged(&with_a_byte(&garbled)), None);
        assert_eq!(of_damaged(&with_a_byte(&garbled.repeat(2))), Some(30));
        let (gbk, _, _) = encoding_rs::GBK.encode("设置已保存，请重新启动电脑后再登录。");
        assert_eq!(of_damaged(&gbk), None);
    }
}
