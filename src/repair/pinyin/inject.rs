//! The injector: the damage as a function, which makes test pages and proves repairs.

use std::ops::Range;

use memchr::memmem;
use unicode_normalization::UnicodeNormalization;

use super::fold;
use crate::codec::{Codec, Decoder, Flavour, Unit};
use crate::script::is_private_use;

/// Injects readings into a text as the sites do: on its GBK bytes, with no
/// respect for the boundaries of characters.
///
/// ```
/// use hanfix::repair::pinyin::Injector;
///
/// let injector = Injector::new([('務', "(wù)"), ('獎', "(jiǎng)")]);
/// // 要務 is D2AA 84D5, and AA84 is 獎
/// assert_eq!(injector.inject("獎品不是要務"), "獎(jiǎng)品不是要?jiǎng)?wù)");
/// ```
#[derive(Clone, Debug)]
pub struct Injector {
    list: Vec<Injection>,
    split: Vec<[u8; 2]>,
    fold: bool,
}

#[derive(Clone, Debug)]
struct Injection {
    pair: [u8; 2],
    /// The pair and the bracket behind it.
    replacement: Vec<u8>,
}

/// What goes in before a mark: a byte that no reader sees and that is no trail byte.
const INVISIBLE: u8 = 0x1F;

impl Injector {
    /// An injector that works through a list of characters and brackets in its order.
    ///
    /// Characters that GBK does not have are passed over.
    pub fn new<'a>(list: impl IntoIterator<Item = (char, &'a str)>) -> Injector {
        let injection = |(character, bracket): (char, &str)| {
            let pair = pair_of(character)?;
            // GBK has marked vowels but no combining marks
            let bracket: String = bracket.nfc().collect();
            let replacement = [&pair[..], &encode(&bracket)].concat();
            Some(Injection { pair, replacement })
        };
        let list = list.into_iter().filter_map(injection).collect();
        Injector { list, split: Vec::new(), fold: false }
    }

    /// Also puts something invisible before the bytes of these marks, in this order,
    /// wherever they match; sites split at some or all of `。，；？！`.
    pub fn split_before(mut self, marks: impl IntoIterator<Item = char>) -> Injector {
        self.split = marks.into_iter().filter_map(pair_of).collect();
        self
    }

    /// Folds the result (NFKC), as scraped corpora are.
    pub fn fold(mut self, fold: bool) -> Injector {
        self.fold = fold;
        self
    }

    /// Injects into `text`; characters that GBK does not have become `?`.
    pub fn inject(&self, text: &str) -> String {
        self.damage(encode(text))
    }

    /// Injects into `text` and tells what it tore.
    ///
    /// ```
    /// use hanfix::repair::pinyin::{Injector, Loss};
    ///
    /// let traced = Injector::new([('務', "(wù)"), ('獎', "(jiǎng)")]).trace("第一要務。");
    /// assert_eq!(traced.text, "第一要?jiǎng)?wù)。");
    /// let tear = &traced.tears[0];
    /// assert_eq!(&traced.text[tear.damaged.clone()], "?jiǎng)?wù)");
    /// // bytes of the original in GBK: B5DA D2BB D2AA 84D5 A1A3
    /// assert_eq!(tear.original, 6..8);
    /// assert_eq!(tear.losses, [(6, Loss::Bracket), (7, Loss::Bracket)]);
    /// ```
    pub fn trace(&self, text: &str) -> Traced {
        self.trace_bytes(encode(text))
    }

    /// Injects into the bytes of a text and reads them as Windows does.
    pub(super) fn damage(&self, bytes: Vec<u8>) -> String {
        let mut text = String::with_capacity(bytes.len());
        for piece in Pieces::of(&self.inject_into(bytes).bytes) {
            text.extend(piece.shown);
        }
        if self.fold { fold::fold(&text) } else { text }
    }

    fn trace_bytes(&self, bytes: Vec<u8>) -> Traced {
        let starts = starts(&bytes);
        let injected = self.inject_into(bytes);
        let mut traced = Traced::default();
        for piece in Pieces::of(&injected.bytes) {
            let origins = &injected.origins[piece.range.clone()];
            let from = traced.text.len();
            let mut shown = String::from_iter(piece.shown);
            if self.fold {
                shown = fold::fold(&shown);
            }
            traced.text.push_str(&shown);
            match origins.iter().find(|&&origin| origin != INJECTED) {
                None => {}
                Some(&origin) if is_whole(origins, &starts) => {
                    traced.places.push((from, origin as usize));
                }
                Some(_) => {
                    let loss = piece.loss(&injected, origins);
                    traced.tear(from..traced.text.len(), origins, loss);
                }
            }
        }
        traced.places.push((traced.text.len(), starts.len() - 1));
        traced.widen_tears();
        traced
    }

    /// The bytes with everything that goes in, and where each comes from.
    fn inject_into(&self, bytes: Vec<u8>) -> Injected {
        let origins = (0..bytes.len() as u32).collect();
        let mut injected = Injected { bytes, origins };
        for injection in &self.list {
            injected.replace(injection.pair, &injection.replacement, 0);
        }
        for &mark in &self.split {
            injected.replace(mark, &[INVISIBLE, mark[0], mark[1]], 1);
        }
        injected
    }
}

/// An injected text and what the injection tore.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// The damaged text, as [`Injector::inject`] gives it.
    pub text: String,
    /// The torn stretches, in order.
    pub tears: Vec<Tear>,
    /// Offsets of characters that are whole, in the damaged text and in the bytes (GBK)
    /// of the original, in order; the ends of both are the last.
    pub places: Vec<(usize, usize)>,
}

/// A stretch in which no character came through whole.
#[derive(Clone, Debug)]
pub struct Tear {
    /// Where it stands in the damaged text, in bytes of UTF-8.
    pub damaged: Range<usize>,
    /// Where the characters stood in the original, in bytes of GBK.
    pub original: Range<usize>,
    /// What is gone, in order, each with the offset of its first byte in the original.
    pub losses: Vec<(usize, Loss)>,
}

/// Bytes of the original that an injection destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A lead byte became `?` together with the `(` of a reading.
    Bracket,
    /// A lead byte became `?` before a mark that was split off.
    Split,
    /// A lead byte became `?` together with this byte of ASCII behind it.
    Swallowed(u8),
    /// A pair that decodes to private use vanished.
    Vanished,
}

impl Traced {
    /// Adds a torn piece to the last tear, or as the first of a new one.
    fn tear(&mut self, damaged: Range<usize>, origins: &[u32], loss: Option<Loss>) {
        let kept = || origins.iter().filter(|&&origin| origin != INJECTED);
        let first = kept().min().map_or(0, |&origin| origin as usize);
        let end = kept().max().map_or(first, |&origin| origin as usize + 1);
        let lost = loss.map(|loss| (first, loss)).into_iter();
        let whole_between = self.places.last().map(|&(_, original)| original);
        match self.tears.last_mut() {
            Some(last) if whole_between.is_none_or(|whole| whole < last.original.end) => {
                last.damaged.end = damaged.end;
                last.original.end = end;
                last.losses.extend(lost);
            }
            _ => self.tears.push(Tear { damaged, original: first..end, losses: lost.collect() }),
        }
    }

    /// Lets each tear reach from whole character to whole character, so that bracket
    /// behind its last character is part of it.
    fn widen_tears(&mut self) {
        for tear in &mut self.tears {
            let next = self.places.partition_point(|&(damaged, _)| damaged < tear.damaged.end);
            (tear.damaged.end, tear.original.end) = self.places[next];
        }
    }
}

/// The origin of a byte that the injector put in.
const INJECTED: u32 = u32::MAX;

/// Bytes on their way through the injector.
struct Injected {
    bytes: Vec<u8>,
    /// The offset of each byte in the original, or [`INJECTED`].
    origins: Vec<u32>,
}

impl Injected {
    /// Replaces each occurrence of a pair of bytes, from left to right, by bytes that
    /// have the pair itself at `kept`.
    fn replace(&mut self, pair: [u8; 2], by: &[u8], kept: usize) {
        let found = || memmem::find_iter(&self.bytes, &pair);
        let count = found().count();
        if count == 0 {
            return;
        }
        let len = self.bytes.len() + count * (by.len() - pair.len());
        let mut bytes = Vec::with_capacity(len);
        let mut origins = Vec::with_capacity(len);
        let mut at = 0;
        for start in found() {
            bytes.extend_from_slice(&self.bytes[at..start]);
            bytes.extend_from_slice(by);
            origins.extend_from_slice(&self.origins[at..start]);
            origins.extend(std::iter::repeat_n(INJECTED, kept));
            origins.extend_from_slice(&self.origins[start..start + pair.len()]);
            origins.extend(std::iter::repeat_n(INJECTED, by.len() - kept - pair.len()));
            at = start + pair.len();
        }
        bytes.extend_from_slice(&self.bytes[at..]);
        origins.extend_from_slice(&self.origins[at..]);
        *self = Injected { bytes, origins };
    }
}

/// One or two bytes as Windows decodes and a page shows them: user-defined characters
/// and the invisible byte are gone.
struct Piece {
    range: Range<usize>,
    shown: Option<char>,
}

impl Piece {
    /// What of the original is gone in this piece, given the origins of its bytes.
    fn loss(&self, injected: &Injected, origins: &[u32]) -> Option<Loss> {
        match (self.shown, &injected.bytes[self.range.clone()]) {
            (None, _) => Some(Loss::Vanished),
            (Some('?'), &[_, INVISIBLE]) => Some(Loss::Split),
            (Some('?'), &[_, _]) if origins[1] == INJECTED => Some(Loss::Bracket),
            (Some('?'), &[_, ascii]) if ascii.is_ascii() => Some(Loss::Swallowed(ascii)),
            _ => None,
        }
    }
}

/// The pieces of some bytes.
struct Pieces<'a> {
    decoder: Decoder,
    bytes: &'a [u8],
    at: usize,
}

impl Pieces<'_> {
    fn of(bytes: &[u8]) -> Pieces<'_> {
        Pieces { decoder: Decoder::new(Codec::Gbk, Flavour::WINDOWS), bytes, at: 0 }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (unit, len) = self.decoder.unit(rest);
        let shown = match unit {
            Unit::Char(_) if vanishes(&rest[..len]) || rest[0] == INVISIBLE => None,
            Unit::Char(character) => Some(character),
            Unit::Lost => Some('?'),
        };
        let range = self.at..self.at + len;
        self.at += len;
        Some(Piece { range, shown })
    }
}

/// For each byte whether a character starts there; the end counts as a start.
fn starts(bytes: &[u8]) -> Vec<bool> {
    let mut starts = vec![false; bytes.len() + 1];
    for piece in Pieces::of(bytes) {
        starts[piece.range.start] = true;
    }
    starts[bytes.len()] = true;
    starts
}

/// Whether bytes with these origins are one character of the original, whole.
fn is_whole(origins: &[u32], starts: &[bool]) -> bool {
    let Some(&first) = origins.first() else { return false };
    let consecutive = origins.iter().zip(first..).all(|(&origin, expected)| origin == expected);
    let is_start = |origin: usize| starts.get(origin).copied().unwrap_or(false);
    first != INJECTED
        && consecutive
        && is_start(first as usize)
        && is_start(first as usize + origins.len())
}

/// Whether cp936 decodes a pair to private use, which pages and corpora drop:
/// the user-defined zones, and FE50–FEA0, which only GB18030 assigns.
pub(super) fn vanishes(code: &[u8]) -> bool {
    let &[lead, trail] = code else { return false };
    let character = Codec::Gbk.table(Flavour::WINDOWS).pair(lead, trail);
    matches!((lead, trail), (0xFE, 0x50..=0xA0)) || character.is_some_and(is_private_use)
}

/// The bytes of a text in GBK, `?` where it has none.
fn encode(text: &str) -> Vec<u8> {
    let table = Codec::Gbk.table(Flavour::WINDOWS);
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match table.first_code(character) {
            Some(code) => bytes.extend(code.bytes()),
            None => bytes.push(b'?'),
        }
    }
    bytes
}

/// The two bytes of a character in GBK, where it is one of two bytes.
pub(super) fn pair_of(character: char) -> Option<[u8; 2]> {
    Codec::Gbk.table(Flavour::WINDOWS).pairs_of(character).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ruin_comes_about_as_described() {
        let list = [('獎', "(jiǎng)"), ('學', "(xué)"), ('現', "(xiàn)"), ('務', "(wù)")];
        let plain = Injector::new(list);
        let split = plain.clone().split_before("。，；？！".chars());
        let folded = split.clone().fold(true);
        // 務 84D5 is cut by 獎 AA84 before its own turn
        assert_eq!(plain.inject("要務,"), "要?jiǎng)?");
        // 肯定。現 BFCF B6A8 A1A3 AC46: A3AC is ，
        assert_eq!(split.inject("肯定。現將"), "肯定?，F(xiàn)將");
        assert_eq!(folded.inject("肯定。現將"), "肯定?,F(xiàn)將");
        assert_eq!(folded.inject("水浴；"), "水??;");
        // no damage where nothing is in the list
        assert_eq!(folded.inject("清水。"), "清水。");
    }
}
