//! GB18030's codes of four bytes, for all that GBK lacks: `81 30 84 36` is `¥`.
//!
//! They matter in text that was written in GB18030. A wrong decoder meets none, since they have
//! a digit behind a byte from 81 on twice over, `81 30 84 36`. What stands behind the first digit
//! in UTF-8, Big5, Shift_JIS or EUC is ASCII or leads a character, and no character goes on with
//! a digit.

use encoding_rs::GB18030;

use crate::script::only_char;

/// The character of four bytes.
pub(super) fn decode(bytes: [u8; 4]) -> Option<char> {
    let text = GB18030.decode_without_bom_handling_and_without_replacement(&bytes)?;
    only_char(&text)
}

/// The four bytes of a character that GBK lacks.
pub(super) fn encode(character: char) -> Option<[u8; 4]> {
    let mut buffer = [0; 4];
    let (bytes, _, _) = GB18030.encode(character.encode_utf8(&mut buffer));
    bytes.as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;

    #[test]
    fn four_bytes_both_ways() {
        assert_eq!(encode('¥'), Some([0x81, 0x30, 0x84, 0x36]));
        assert_eq!(decode([0x81, 0x30, 0x84, 0x36]), Some('¥'));
        assert_eq!(decode([0x94, 0x39, 0xFC, 0x36]), Some('😀'));
        assert_eq!(decode([0xFE, 0x39, 0xFE, 0x39]), None);
        // GBK has it in two bytes
        assert_eq!(encode('中'), None);
    }

    #[test]
    fn no_text_in_another_codec_holds_four_bytes() {
        let characters = || ('\u{80}'..=char::MAX).step_by(7);
        for codec in [Codec::Utf8, Codec::Big5, Codec::EucKr, Codec::EucJp] {
            for bytes in characters().filter_map(|c| codec.encode(c.encode_utf8(&mut [0; 4]))) {
                // a digit stands behind the last byte at most, and no lead byte is a character
                let has_digit = bytes.iter().any(u8::is_ascii_digit);
                assert!(!has_digit && bytes.len() > 1, "{codec} {bytes:X?}");
            }
        }
    }
}
