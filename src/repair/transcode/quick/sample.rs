//! What a quick reading reads: a sample, and the bytes that a decoder may have made it of.

use super::cost;
use crate::codec::{Decoder, Flavour};

/// At most one character in this many may be unknown to the wrong decoder: a clean
/// one that stands between damaged ones.
const UNKNOWN_SHARE: usize = 4;

/// A byte or what stands between bytes.
pub(super) enum Token {
    Byte(u8),
    /// A character that no byte was decoded to: a lost one, or a clean one.
    Shown(char),
}

/// A text that may be damaged.
pub struct Sample<'t> {
    pub text: &'t str,
    /// The characters that are beyond ASCII and not lost.
    wide: Vec<char>,
    /// What the ASCII costs that no wrong decoder can have made: see [`AsciiRun`]. In 1/256 bit.
    ascii: i32,
}

impl<'t> Sample<'t> {
    pub fn new(text: &'t str) -> Sample<'t> {
        let (mut run, mut ascii, mut previous) = (AsciiRun::default(), 0, '\n');
        for character in text.chars() {
            if run.goes_on_with(character.is_ascii()) {
                ascii += cost(previous, character);
            }
            previous = character;
        }
        Sample { text, wide: text.chars().filter(is_wide).collect(), ascii }
    }

    /// Whether a decoder knows nearly all of the characters.
    #[inline]
    fn is_known_to(&self, decoder: &Decoder) -> bool {
        // most codecs know nothing of a text, which a quarter of it is enough to say
        let mut unknown = self.wide.len() / UNKNOWN_SHARE;
        let is_known = |&character: &char| {
            decoder.table().has_code(character)
                || match unknown.checked_sub(1) {
                    Some(less) => {
                        unknown = less;
                        true
                    }
                    None => false,
                }
        };
        !self.wide.is_empty() && self.wide.iter().all(is_known)
    }
}

/// Whether a character is of those that tell of damage.
fn is_wide(c: &char) -> bool {
    !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER
}

/// A run of ASCII. Its first character may have been the second byte of another, and what it
/// costs depends on what was before it; from the third on, a character costs in every reading
/// what it costs as it stands.
#[derive(Default)]
pub(super) struct AsciiRun(usize);

impl AsciiRun {
    /// Whether one more character costs the same in every reading.
    pub(super) fn goes_on_with(&mut self, is_ascii: bool) -> bool {
        self.0 = if is_ascii { self.0 + 1 } else { 0 };
        self.0 > 2
    }
}

/// The bytes that a decoder read.
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// The characters that no byte was decoded to, and how many bytes are before each.
    pub(super) shown: Vec<(usize, char)>,
    /// How many of the bytes may begin a character that tells of damage: those beyond ASCII, and
    /// in UTF-16 all.
    pub(super) telling: usize,
    /// Whether ASCII was damaged, too, as in UTF-16.
    pub(super) ascii_tells: bool,
    /// What is certain to be paid for ASCII, in 1/256 bit.
    pub(super) ascii: i32,
}

impl Encoded {
    /// The bytes of a sample, if the decoder knows nearly all of the characters.
    #[inline]
    pub fn new(sample: &Sample, decoder: &Decoder) -> Option<Encoded> {
        sample.is_known_to(decoder).then(|| Encoded::of(sample, decoder))
    }

    /// The bytes of a sample, and the characters that the decoder does not know.
    #[inline]
    fn of(sample: &Sample, decoder: &Decoder) -> Encoded {
        let ascii_tells = decoder.codec.is_utf16();
        // a `?` of Windows may stand for itself, the `・` of its Shift_JIS seldom does
        let marker = decoder.in_flavour(Flavour::WINDOWS).marker();
        let is_lost = |c: char| c == char::REPLACEMENT_CHARACTER || Some(c) == marker;
        let mut encoded = Encoded {
            bytes: Vec::with_capacity(sample.text.len()),
            shown: vec![],
            telling: 0,
            ascii_tells,
            ascii: if ascii_tells { 0 } else { sample.ascii },
        };
        for character in sample.text.chars() {
            if character.is_ascii() && !ascii_tells {
                encoded.bytes.push(character as u8);
            } else if is_lost(character) {
                encoded.show(char::REPLACEMENT_CHARACTER);
            } else if let Some(code) = decoder.table().first_code(character) {
                let tells = |byte: &&u8| ascii_tells || !byte.is_ascii();
                encoded.telling += code.as_bytes().iter().filter(tells).count();
                code.append_to(&mut encoded.bytes);
            } else {
                encoded.show(character);
            }
        }
        encoded
    }

    /// Adds a character that no byte was decoded to.
    fn show(&mut self, character: char) {
        self.shown.push((self.bytes.len(), character));
    }

    /// Whether a character that was read tells of damage.
    pub(super) fn tells(&self, character: char) -> bool {
        !character.is_ascii() || self.ascii_tells && !character.is_control()
    }

    /// The bytes and what stands between them.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Token> {
        let mut shown = self.shown.iter().peekable();
        let mut at = 0;
        std::iter::from_fn(move || {
            if let Some(&(_, character)) = shown.next_if(|(before, _)| *before == at) {
                return Some(Token::Shown(character));
            }
            let byte = *self.bytes.get(at)?;
            at += 1;
            Some(Token::Byte(byte))
        })
    }
}
