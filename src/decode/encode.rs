//! Text back to bytes.

use std::collections::HashMap;
use std::sync::OnceLock;

use encoding_rs::{EUC_JP, Encoding};

use super::charset::Charset;
use super::shifted::Mode;

/// Appends `text` in `charset` to `out`.
///
/// # Errors
/// The first character that the encoding cannot hold, by its offset in `text`.
pub(super) fn encode(charset: Charset, text: &str, out: &mut Vec<u8>) -> Result<(), (usize, char)> {
    match charset {
        Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
        Charset::Ascii => match text.char_indices().find(|(_, c)| !c.is_ascii()) {
            Some(outside) => return Err(outside),
            None => out.extend_from_slice(text.as_bytes()),
        },
        Charset::Utf32Le => out.extend(text.chars().flat_map(|c| u32::from(c).to_le_bytes())),
        Charset::Utf32Be => out.extend(text.chars().flat_map(|c| u32::from(c).to_be_bytes())),
        Charset::Derived(derived) => derived.encode(text, out)?,
        Charset::Shifted(shifted) => shifted.encode(text, Mode::Ascii, Mode::Ascii, out)?,
        Charset::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Charset::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        _ => {
            let Some(encoding) = charset.table() else { return Ok(()) };
            encode_table(encoding, inverse_of(charset), text, out)?;
        }
    }
    Ok(())
}

fn encode_table(
    encoding: &'static Encoding,
    inverse: Option<&Inverse>,
    text: &str,
    out: &mut Vec<u8>,
) -> Result<(), (usize, char)> {
    let (bytes, _, unmappable) = encoding.encode(text);
    if !unmappable && reads_as(encoding, &bytes, text) {
        out.extend_from_slice(&bytes);
        return Ok(());
    }
    for (offset, character) in text.char_indices() {
        let bytes = encode_char(encoding, inverse, character).ok_or((offset, character))?;
        out.extend_from_slice(&bytes);
    }
    Ok(())
}

/// The bytes that `encoding` reads as `character`.
///
/// The encoders of the WHATWG standard are no inverse of its decoders: the one of Big5 refuses
/// what HKSCS added (啲), the one of Shift_JIS writes `\` for `¥`. So what an encoder wrote is
/// read again, and what it refused is looked up in the decoder's own table.
fn encode_char(
    encoding: &'static Encoding,
    inverse: Option<&Inverse>,
    character: char,
) -> Option<Vec<u8>> {
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    let (bytes, _, unmappable) = encoding.encode(text);
    if !unmappable && reads_as(encoding, &bytes, text) {
        return Some(bytes.into_owned());
    }
    inverse?.get(&character).cloned()
}

fn reads_as(encoding: &'static Encoding, bytes: &[u8], text: &str) -> bool {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .is_some_and(|read| read == text)
}

type Inverse = HashMap<char, Vec<u8>>;

/// The inverse of a decoder whose encoder refuses some of what it reads.
///
/// None for Big5: what its encoder refuses is HKSCS, which readers of cp950 do not know.
fn inverse_of(charset: Charset) -> Option<&'static Inverse> {
    static INVERSES: [OnceLock<Inverse>; 3] = [const { OnceLock::new() }; 3];
    let refusing = [Charset::Big5Hkscs, Charset::ShiftJis, Charset::EucJp];
    let index = refusing.iter().position(|refusing| *refusing == charset)?;
    Some(INVERSES[index].get_or_init(|| invert(charset.table().unwrap_or(encoding_rs::UTF_8))))
}

/// The lowest code of every character that `encoding` reads from two or three bytes.
fn invert(encoding: &'static Encoding) -> Inverse {
    let mut inverse = Inverse::new();
    let prefixes: &[&[u8]] = if encoding == EUC_JP { &[b"", b"\x8F"] } else { &[b""] };
    for prefix in prefixes {
        for pair in 0x8140..=0xFEFEu16 {
            let bytes = [prefix, pair.to_be_bytes().as_slice()].concat();
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
            let text = text.as_deref().unwrap_or_default();
            let mut characters = text.chars();
            if let (Some(character), None) = (characters.next(), characters.next()) {
                inverse.entry(character).or_insert(bytes);
            }
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(charset: Charset, text: &str) -> Result<Vec<u8>, (usize, char)> {
        let mut out = Vec::new();
        encode(charset, text, &mut out).map(|()| out)
    }

    #[test]
    fn what_a_decoder_reads_can_be_written() {
        for (charset, text) in [
            (Charset::Big5Hkscs, "佢哋啲嘢"),
            (Charset::EucJp, "丂丄"),
            (Charset::ShiftJis, "①Ⅳ㈱"),
        ] {
            let written = bytes(charset, text).expect("in the table");
            assert!(reads_as(charset.table().expect("has one"), &written, text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_back_is_refused() {
        assert_eq!(bytes(Charset::ShiftJis, "5¥"), Err((1, '¥')));
        assert_eq!(bytes(Charset::Gbk, "中㐂"), Err((3, '㐂')));
        assert_eq!(bytes(Charset::Big5, "啲"), Err((0, '啲')), "needs HKSCS");
    }
}
