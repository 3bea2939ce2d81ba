//! GB18030's codes of four bytes, for all that GBK lacks: `81 30 84 36` is `¥`.
//!
//! They matter in text that was written in GB18030. A wrong decoder meets none, since they have
//! a digit behind a byte from 81 on twice over, `81 30 84 36`. What stands behind the first digit
//! in UTF-8, Big5, Shift_JIS or EUC is ASCII or leads a character, and no character goes on with
//! a digit.

use encoding_rs::GB18030;

/// The character of four bytes.
pub(super) fn decode(bytes: [u8; 4]) -> Option<char> {
    let text = GB18030.decode_without_bom_handling_and_without_replacement(&bytes)?;
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// The four bytes of a character that GBK lacks.
pub(super) fn encode(character: char) -> Option<[u8; 4]> {
    let mut buffer = [0; 4];
    let (bytes, _, _) = GB18030.encode(character.encode_utf8(&mut buffer));
    bytes.as_ref().try_into().ok()
}
