//! Seven-bit encodings that switch character sets: HZ and ISO-2022.
//!
//! | | two-byte text starts with | ends with |
//! |---|---|---|
//! | HZ (RFC 1843) | `~{` | `~}` or a line end |
//! | ISO-2022-JP (RFC 1468) | `ESC $ B`, `ESC $ @`, `ESC $ ( D` | `ESC ( B`, `ESC ( J` |
//! | ISO-2022-KR (RFC 1557) | SO, after `ESC $ ) C` | SI |
//! | ISO-2022-CN (RFC 1922), GB 2312 only | SO, after `ESC $ ) A` | SI or a line end |

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

use super::map::Form;
use super::reading::Builder;

/// One of the encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shifted {
    Hz,
    Jp,
    Kr,
    Cn,
}

/// The character set that bytes are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Ascii,
    /// JIS X 0201: ASCII with `¥` and `‾`.
    Roman,
    /// JIS X 0201: half-width kana.
    Kana,
    Gb2312,
    Ksc5601,
    Jis0208,
    Jis0212,
}

const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// Bytes that switch to a mode.
type Switch = (&'static [u8], Mode);

const HZ: &[Switch] = &[(b"~{", Mode::Gb2312), (b"~}", Mode::Ascii)];
const JP: &[Switch] = &[
    (b"\x1B$B", Mode::Jis0208),
    (b"\x1B$@", Mode::Jis0208),
    (b"\x1B$(D", Mode::Jis0212),
    (b"\x1B(B", Mode::Ascii),
    (b"\x1B(J", Mode::Roman),
    (b"\x1B(I", Mode::Kana),
];
const KR: &[Switch] = &[(&[SHIFT_OUT], Mode::Ksc5601), (&[SHIFT_IN], Mode::Ascii)];
const CN: &[Switch] = &[(&[SHIFT_OUT], Mode::Gb2312), (&[SHIFT_IN], Mode::Ascii)];

impl Shifted {
    /// The byte that escape sequences of ISO-2022 start with.
    pub const ESC: u8 = 0x1B;

    pub fn name(self) -> &'static str {
        match self {
            Shifted::Hz => "hz",
            Shifted::Jp => "iso-2022-jp",
            Shifted::Kr => "iso-2022-kr",
            Shifted::Cn => "iso-2022-cn",
        }
    }

    fn switches(self) -> &'static [Switch] {
        match self {
            Shifted::Hz => HZ,
            Shifted::Jp => JP,
            Shifted::Kr => KR,
            Shifted::Cn => CN,
        }
    }

    /// Bytes that announce the character set of SO; they switch nothing.
    fn announcement(self) -> &'static [u8] {
        match self {
            Shifted::Kr => b"\x1B$)C",
            Shifted::Cn => b"\x1B$)A",
            Shifted::Hz | Shifted::Jp => b"",
        }
    }

    /// Whether a line end switches back to ASCII.
    fn line_end_resets(self) -> bool {
        matches!(self, Shifted::Hz | Shifted::Cn)
    }

    /// The encoding whose escape sequences `bytes` contain, if any.
    pub fn suspected(bytes: &[u8]) -> Option<Shifted> {
        let has = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
        if memchr::memchr(Shifted::ESC, bytes).is_some() {
            if has(Shifted::Kr.announcement()) {
                return Some(Shifted::Kr);
            }
            if has(Shifted::Cn.announcement()) {
                return Some(Shifted::Cn);
            }
            if has(b"\x1B$B") || has(b"\x1B$@") {
                return Some(Shifted::Jp);
            }
        }
        (has(b"~{") && has(b"~}")).then_some(Shifted::Hz)
    }

    /// Appends `text` to `out`, which is in mode `from`, and leaves it in mode `to`.
    ///
    /// # Errors
    /// The first character that no character set of the encoding has, by its offset in `text`.
    pub fn encode(
        self,
        text: &str,
        from: Mode,
        to: Mode,
        out: &mut Vec<u8>,
    ) -> Result<(), (usize, char)> {
        let mut mode = from;
        for (offset, character) in text.char_indices() {
            let (wanted, bytes) = self.encode_char(character).ok_or((offset, character))?;
            self.switch(mode, wanted, out);
            mode = wanted;
            out.extend_from_slice(&bytes);
            if character == '~' && self == Shifted::Hz {
                out.push(b'~');
            }
            if character == '\n' && self.line_end_resets() {
                mode = Mode::Ascii;
            }
        }
        self.switch(mode, to, out);
        Ok(())
    }

    fn switch(self, from: Mode, to: Mode, out: &mut Vec<u8>) {
        if from != to
            && let Some((escape, _)) = self.switches().iter().find(|(_, mode)| *mode == to)
        {
            if to != Mode::Ascii && self == Shifted::Cn {
                out.extend_from_slice(self.announcement());
            }
            out.extend_from_slice(escape);
        }
    }

    fn encode_char(self, character: char) -> Option<(Mode, Vec<u8>)> {
        if character.is_ascii() {
            return Some((Mode::Ascii, vec![character as u8]));
        }
        let mode = match self {
            Shifted::Hz | Shifted::Cn => Mode::Gb2312,
            Shifted::Kr => Mode::Ksc5601,
            Shifted::Jp => Mode::Jis0208,
        };
        let mut buffer = [0; 4];
        let (bytes, _, unmappable) = mode.euc()?.encode(character.encode_utf8(&mut buffer));
        let seven: Vec<u8> = bytes.iter().map(|byte| byte & 0x7F).collect();
        let fits = !unmappable && seven.len() == 2 && bytes.iter().all(|byte| *byte >= 0xA1);
        (fits && mode.decode(&seven) == Some(character)).then_some((mode, seven))
    }
}

impl Mode {
    /// The number of bytes of a character.
    pub fn unit_len(self, bytes: &[u8]) -> usize {
        match self {
            Mode::Ascii | Mode::Roman | Mode::Kana => 1,
            // line ends and other controls stand among two-byte text as they are
            _ if bytes.first().is_some_and(|byte| *byte <= 0x20) => 1,
            _ => 2,
        }
    }

    /// The eight-bit encoding that holds the same character set.
    fn euc(self) -> Option<&'static Encoding> {
        match self {
            Mode::Gb2312 => Some(GBK),
            Mode::Ksc5601 => Some(EUC_KR),
            Mode::Jis0208 | Mode::Jis0212 => Some(EUC_JP),
            Mode::Kana => Some(SHIFT_JIS),
            Mode::Ascii | Mode::Roman => None,
        }
    }

    /// The character that `unit`, as long as [`Mode::unit_len`] says, stands for.
    fn decode(self, unit: &[u8]) -> Option<char> {
        match (self, unit) {
            (_, [control @ ..=0x20]) => Some(char::from(*control)),
            (Mode::Roman, [0x5C]) => Some('¥'),
            (Mode::Roman, [0x7E]) => Some('‾'),
            (Mode::Ascii | Mode::Roman, [byte @ ..=0x7F]) => Some(char::from(*byte)),
            (Mode::Ascii | Mode::Roman, _) => None,
            (_, unit) => {
                let in_range = unit.iter().all(|byte| matches!(byte, 0x21..=0x7E));
                let mut eight: Vec<u8> = unit.iter().map(|byte| byte | 0x80).collect();
                if self == Mode::Jis0212 {
                    eight.insert(0, 0x8F);
                }
                let text =
                    self.euc()?.decode_without_bom_handling_and_without_replacement(&eight)?;
                let mut characters = text.chars();
                in_range
                    .then(|| characters.next())
                    .flatten()
                    .filter(|_| characters.next().is_none())
            }
        }
    }
}

/// Reads `bytes` from offset `from` on into `builder`.
pub(super) fn read(shifted: Shifted, builder: &mut Builder, bytes: &[u8], from: usize) {
    let mut mode = Mode::Ascii;
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some((escape, next)) = escape(shifted, rest) {
            mode = next.unwrap_or(mode);
            builder.piece(at, Form::Whole(mode));
            at += escape;
        } else if shifted == Shifted::Hz && mode == Mode::Ascii && rest.starts_with(b"~~") {
            builder.piece(at, Form::Whole(mode));
            builder.text.push('~');
            at += 2;
        } else {
            let unit = &rest[..mode.unit_len(rest).min(rest.len())];
            match mode.decode(unit) {
                Some(character) => {
                    builder.piece(at, Form::Shifted(mode));
                    builder.text.push(character);
                }
                None => builder.malformed_in(mode, at..at + unit.len()),
            }
            at += unit.len();
            if unit == b"\n" && shifted.line_end_resets() {
                mode = Mode::Ascii;
            }
        }
    }
}

/// The length of the escape sequence that `bytes` start with, and the mode it switches to.
fn escape(shifted: Shifted, bytes: &[u8]) -> Option<(usize, Option<Mode>)> {
    let announcement = shifted.announcement();
    if !announcement.is_empty() && bytes.starts_with(announcement) {
        return Some((announcement.len(), None));
    }
    if shifted == Shifted::Hz && bytes.starts_with(b"~\n") {
        return Some((2, None));
    }
    let switch = shifted.switches().iter().find(|(escape, _)| bytes.starts_with(escape));
    switch.map(|(escape, mode)| (escape.len(), Some(*mode)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::charset::Charset;
    use crate::decode::reading;

    #[test]
    fn each_encoding_is_read_and_written_alike() {
        for (shifted, bytes, text) in [
            (
                Shifted::Hz,
                b"a~{<:Ky2;S{#,NpJ)l6HK!#~}~~b\n".as_slice(),
                "a己所不欲，勿施於人。~b\n",
            ),
            (Shifted::Jp, b"\x1B$B$3$s$K$A$O\x1B(B!", "こんにちは!"),
            (Shifted::Kr, b"\x1B$)C\x0EGQ1[\x0F.", "한글."),
            (Shifted::Cn, b"\x1B$)A\x0EVPND\x0F.", "中文."),
        ] {
            let read = |bytes| reading::read(Charset::Shifted(shifted), bytes, 0);
            let reading = read(bytes);
            if shifted != Shifted::Hz {
                assert_eq!(reading.text, text, "{shifted:?}");
            }
            assert!(reading.malformed.is_empty(), "{shifted:?}");
            let mut out = Vec::new();
            let ascii = Mode::Ascii;
            shifted.encode(&reading.text, ascii, ascii, &mut out).expect("was read from it");
            assert_eq!(read(&out).text, reading.text);
        }
    }
}
