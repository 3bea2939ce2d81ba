//! Seven-bit encodings that switch character sets: HZ and ISO-2022.
//!
//! | | two-byte text starts with | ends with |
//! |---|---|---|
//! | HZ (RFC 1843) | `~{` | `~}` or a line end |
//! | ISO-2022-JP (RFC 1468) | `ESC $ B`, `ESC $ @`, `ESC $ ( D` | `ESC ( B`, `ESC ( J` |
//! | ISO-2022-KR (RFC 1557) | SO, after `ESC $ ) C` | SI |
//! | ISO-2022-CN (RFC 1922) | SO, after `ESC $ ) A` or `ESC $ ) G` | SI or a line end |
//!
//! In ISO-2022-CN, SO leads to GB 2312 or to plane 1 of CNS 11643, whichever was announced last in
//! the line; a character of plane 2 stands behind `ESC N`, announced by `ESC $ * H`. The further
//! planes of ISO-2022-CN-EXT are not read.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

use super::derived::{Derived, PLANE_2};
use super::map::Form;
use super::reading::Builder;
use super::repertoire::is_gb2312;
use crate::script::{is_private_use, only_char};

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
    /// ASCII where SO leads to CNS 11643.
    AsciiCns,
    /// JIS X 0201: ASCII with `¥` and `‾`.
    Roman,
    /// JIS X 0201: half-width kana.
    Kana,
    Gb2312,
    /// Plane 1 of CNS 11643.
    Cns,
    Ksc5601,
    Jis0208,
    Jis0212,
}

const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// What announces KS C 5601, the only character set of ISO-2022-KR besides ASCII.
const ANNOUNCED_KOREAN: &[u8] = b"\x1B$)C";

/// What announces plane 2 of CNS 11643, and what stands before a character of it.
const ANNOUNCED_PLANE_2: &[u8] = b"\x1B$*H";
const SINGLE_SHIFT: &[u8] = b"\x1BN";

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
    pub const ALL: [Shifted; 4] = [Shifted::Hz, Shifted::Jp, Shifted::Kr, Shifted::Cn];

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

    /// Bytes that announce a character set for SO, and whether that is CNS 11643.
    fn announcements(self) -> &'static [(&'static [u8], bool)] {
        match self {
            Shifted::Kr => &[(ANNOUNCED_KOREAN, false)],
            Shifted::Cn => &[(b"\x1B$)A", false), (b"\x1B$)G", true)],
            Shifted::Hz | Shifted::Jp => &[],
        }
    }

    /// What a file starts with: in ISO-2022-KR the character set is announced once, at the
    /// beginning of a line before any SO (RFC 1557), and without it is none.
    pub fn header(self) -> &'static [u8] {
        match self {
            Shifted::Kr => ANNOUNCED_KOREAN,
            Shifted::Hz | Shifted::Jp | Shifted::Cn => b"",
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
            for shifted in [Shifted::Kr, Shifted::Cn] {
                if shifted.announcements().iter().any(|(bytes, _)| has(bytes)) {
                    return Some(shifted);
                }
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
            let encoded = self.encode_char(mode, character).ok_or((offset, character));
            let (wanted, bytes) = encoded?;
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
        if from == to {
            return;
        }
        // announced anew for each text: what stands before it in the line may be changed
        let needs_announcement = to.is_double_byte() || from.has_cns() != to.has_cns();
        if self == Shifted::Cn && needs_announcement {
            let announced = self.announcements().iter().find(|(_, cns)| *cns == to.has_cns());
            out.extend(announced.into_iter().flat_map(|(bytes, _)| *bytes));
        }
        let plain = to.with_cns(false);
        if let Some((escape, _)) = self.switches().iter().find(|(_, mode)| *mode == plain) {
            out.extend_from_slice(escape);
        }
    }

    /// The mode that has a character, preferably the one that is on, and its bytes there.
    fn encode_char(self, on: Mode, character: char) -> Option<(Mode, Vec<u8>)> {
        if character.is_ascii() {
            return Some((Mode::Ascii.with_cns(on.has_cns()), vec![character as u8]));
        }
        let sets: &[Mode] = match self {
            Shifted::Hz => &[Mode::Gb2312],
            Shifted::Cn if on.has_cns() => &[Mode::Cns, Mode::Gb2312],
            Shifted::Cn => &[Mode::Gb2312, Mode::Cns],
            Shifted::Kr => &[Mode::Ksc5601],
            Shifted::Jp => &[Mode::Jis0208],
        };
        let encoded = |mode: &Mode| Some((*mode, mode.encode(character)?));
        sets.iter().find_map(encoded).or_else(|| {
            let code = plane_2_code(character).filter(|_| self == Shifted::Cn)?;
            Some((on, [ANNOUNCED_PLANE_2, SINGLE_SHIFT, &code].concat()))
        })
    }
}

impl Mode {
    /// The number of bytes of a character.
    pub fn unit_len(self, bytes: &[u8]) -> usize {
        match self {
            Mode::Ascii | Mode::AsciiCns | Mode::Roman | Mode::Kana => 1,
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
            Mode::Ascii | Mode::AsciiCns | Mode::Roman | Mode::Cns => None,
        }
    }

    fn is_double_byte(self) -> bool {
        matches!(self, Mode::Gb2312 | Mode::Cns | Mode::Ksc5601 | Mode::Jis0208 | Mode::Jis0212)
    }

    /// Whether SO leads to CNS 11643.
    fn has_cns(self) -> bool {
        matches!(self, Mode::AsciiCns | Mode::Cns)
    }

    /// The mode where SO leads to CNS 11643 instead of GB 2312, or the other way round.
    fn with_cns(self, cns: bool) -> Mode {
        match (self, cns) {
            (Mode::Ascii, true) => Mode::AsciiCns,
            (Mode::AsciiCns, false) => Mode::Ascii,
            (Mode::Gb2312, true) => Mode::Cns,
            (Mode::Cns, false) => Mode::Gb2312,
            _ => self,
        }
    }

    /// The two bytes of a character, if its character set has it.
    fn encode(self, character: char) -> Option<Vec<u8>> {
        let mut buffer = [0; 4];
        let text: &str = character.encode_utf8(&mut buffer);
        let eight = match self.euc() {
            Some(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(text);
                (!unmappable).then(|| bytes.into_owned())?
            }
            None => {
                let mut bytes = Vec::new();
                Derived::EucTw.encode(text, &mut bytes).ok()?;
                bytes
            }
        };
        let seven: Vec<u8> = eight.iter().map(|byte| byte & 0x7F).collect();
        let fits = match *eight {
            // what GBK added to the rows of GB 2312 is in no seven-bit encoding
            [lead, trail] if self == Mode::Gb2312 => is_gb2312([lead, trail]),
            [lead, trail] => lead >= 0xA1 && trail >= 0xA1,
            _ => false,
        };
        (fits && self.decode(&seven) == Some(character)).then_some(seven)
    }

    /// The character that `unit`, as long as [`Mode::unit_len`] says, stands for.
    fn decode(self, unit: &[u8]) -> Option<char> {
        match (self, unit) {
            (_, [control @ ..=0x20]) => Some(char::from(*control)),
            (Mode::Roman, [0x5C]) => Some('¥'),
            (Mode::Roman, [0x7E]) => Some('‾'),
            (Mode::Ascii | Mode::AsciiCns | Mode::Roman, [byte @ ..=0x7F]) => {
                Some(char::from(*byte))
            }
            (Mode::Ascii | Mode::AsciiCns | Mode::Roman, _) => None,
            (Mode::Cns, unit) => Derived::EucTw.decode(&eight_bit(unit)?),
            (_, unit) => {
                let mut eight = eight_bit(unit)?;
                if self == Mode::Jis0212 {
                    eight.insert(0, 0x8F);
                }
                let text =
                    self.euc()?.decode_without_bom_handling_and_without_replacement(&eight)?;
                // GBK has private characters where GB 2312 has none, so that `~a` would be one
                only_char(&text).filter(|&c| !is_private_use(c))
            }
        }
    }
}

/// A code of a character set with the upper bits set, as the EUC encodings have it.
fn eight_bit(unit: &[u8]) -> Option<Vec<u8>> {
    let in_range = unit.iter().all(|byte| matches!(byte, 0x21..=0x7E));
    in_range.then(|| unit.iter().map(|byte| byte | 0x80).collect())
}

/// The character of plane 2 of CNS 11643 that a code stands for.
fn plane_2(code: &[u8]) -> Option<char> {
    Derived::EucTw.decode(&[&PLANE_2, &*eight_bit(code)?].concat())
}

/// The code of a character of plane 2.
fn plane_2_code(character: char) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    Derived::EucTw.encode(character.encode_utf8(&mut [0; 4]), &mut bytes).ok()?;
    Some(bytes.strip_prefix(&PLANE_2)?.iter().map(|byte| byte & 0x7F).collect())
}

/// What stands at the start of some bytes.
enum Token {
    /// An escape sequence.
    Escape,
    /// A character of plane 2 of CNS 11643 behind its single shift.
    Plane2,
    /// A doubled tilde of HZ.
    Tilde,
    /// A code of the mode that is on.
    Code,
}

/// What `bytes`, of which there are some, start with in a mode, its length, and the mode behind it.
fn token(shifted: Shifted, on: Mode, bytes: &[u8]) -> (Token, usize, Mode) {
    if let Some((len, next)) = escape(shifted, on, bytes) {
        (Token::Escape, len, next)
    } else if shifted == Shifted::Cn && bytes.starts_with(SINGLE_SHIFT) {
        (Token::Plane2, bytes.len().min(SINGLE_SHIFT.len() + 2), on)
    } else if shifted == Shifted::Hz && on == Mode::Ascii && bytes.starts_with(b"~~") {
        (Token::Tilde, 2, on)
    } else {
        let len = on.unit_len(bytes).min(bytes.len());
        let resets = bytes[..len] == *b"\n" && shifted.line_end_resets();
        (Token::Code, len, if resets { Mode::Ascii } else { on })
    }
}

/// Reads `bytes` from offset `from` on into `builder`.
pub(super) fn read(shifted: Shifted, builder: &mut Builder, bytes: &[u8], from: usize) {
    let mut mode = Mode::Ascii;
    let mut at = from;
    while at < bytes.len() {
        let (token, len, next) = token(shifted, mode, &bytes[at..]);
        let unit = &bytes[at..at + len];
        let (form, character) = match token {
            Token::Escape => (Form::Whole(next), None),
            Token::Plane2 => (Form::Whole(mode), plane_2(&unit[SINGLE_SHIFT.len()..])),
            Token::Tilde => (Form::Whole(mode), Some('~')),
            Token::Code => (Form::Shifted(mode), mode.decode(unit)),
        };
        if character.is_some() || matches!(token, Token::Escape) {
            builder.piece(at, form);
            builder.text.extend(character);
        } else {
            builder.malformed_in(mode, at..at + len);
        }
        (at, mode) = (at + len, next);
    }
}

/// The last place within the first `limit` bytes where what follows means the same without those
/// before it: behind a character or escape sequence where ASCII is on, as it is at the start.
///
/// In ISO-2022-CN it is none where SO leads to CNS 11643, which was announced before.
pub(super) fn last_fresh_start(shifted: Shifted, bytes: &[u8], limit: usize) -> Option<usize> {
    let (mut mode, mut at, mut found) = (Mode::Ascii, 0, None);
    while at < bytes.len() {
        let (_, len, next) = token(shifted, mode, &bytes[at..]);
        (at, mode) = (at + len, next);
        if at > limit {
            break;
        }
        if mode == Mode::Ascii && bytes[at - 1] != b'\r' {
            found = Some(at);
        }
    }
    found
}

/// The length of the escape sequence that `bytes` start with in a mode, and the mode behind it.
fn escape(shifted: Shifted, on: Mode, bytes: &[u8]) -> Option<(usize, Mode)> {
    let starts = |(escape, _): &&(&[u8], bool)| bytes.starts_with(escape);
    if let Some((announcement, cns)) = shifted.announcements().iter().find(starts) {
        return Some((announcement.len(), on.with_cns(*cns)));
    }
    let changes_nothing: &[u8] = match shifted {
        Shifted::Cn => ANNOUNCED_PLANE_2,
        // a line end that is only for the eye
        Shifted::Hz => b"~\n",
        Shifted::Jp | Shifted::Kr => &[],
    };
    if !changes_nothing.is_empty() && bytes.starts_with(changes_nothing) {
        return Some((changes_nothing.len(), on));
    }
    let switch = shifted.switches().iter().find(|(escape, _)| bytes.starts_with(escape));
    switch.map(|(escape, mode)| (escape.len(), mode.with_cns(on.has_cns())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::charset::Charset;
    use crate::decode::{Options, decode, reading};

    #[test]
    fn what_so_leads_to_is_kept_around_an_edit() {
        // SO leads to CNS 11643 twice, announced once
        let bytes = b"\x1B$)G\x0EjW\x0F a \x0E}$\x0F";
        let reading = reading::read(Charset::Shifted(Shifted::Cn), bytes, 0);
        assert_eq!(reading.text, "臺 a 灣");
        let mut out = bytes[..8].to_vec();
        let around = Mode::AsciiCns;
        Shifted::Cn.encode("国", around, around, &mut out).expect("is in GB 2312");
        out.extend_from_slice(&bytes[8..]);
        let reading = reading::read(Charset::Shifted(Shifted::Cn), &out, 0);
        assert_eq!(reading.text, "臺国 a 灣");
    }

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
            // as glibc writes it
            (
                Shifted::Cn,
                b"\x1B$)G\x0EjW\x0F\n\x1B$)G\x0E}$\x1B$*H\x1BN!!D!}KDc\x1B$)A9z\x0F\n",
                "臺\n灣乂一籲中国\n",
            ),
        ] {
            let read = |bytes| reading::read(Charset::Shifted(shifted), bytes, 0);
            let reading = read(bytes);
            assert_eq!(reading.text, text, "{shifted:?}");
            assert!(reading.malformed.is_empty(), "{shifted:?}");
            let mut out = shifted.header().to_vec();
            let ascii = Mode::Ascii;
            shifted.encode(&reading.text, ascii, ascii, &mut out).expect("was read from it");
            assert_eq!(read(&out).text, reading.text);
            let detected = decode(&out, &Options::default()).expect("is text");
            assert_eq!((detected.encoding, &*detected.text), (shifted.name(), text));
        }
    }
}
