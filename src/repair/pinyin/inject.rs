//! The injector: the damage as a function, which makes test pages and proves repairs.

use memchr::memmem;
use unicode_normalization::UnicodeNormalization;

use super::fold;
use crate::codec::{Codec, Decoder, Flavour, Unit};
use crate::repair::script::is_private_use;

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

    /// Injects into the bytes of a text and reads them as Windows does.
    pub(super) fn damage(&self, mut bytes: Vec<u8>) -> String {
        for injection in &self.list {
            bytes = replace(&bytes, injection.pair, &injection.replacement);
        }
        for &mark in &self.split {
            bytes = replace(&bytes, mark, &[INVISIBLE, mark[0], mark[1]]);
        }
        let text = decode(&bytes);
        if self.fold { fold::fold(&text) } else { text }
    }
}

/// Replaces each occurrence of a pair of bytes, from left to right.
fn replace(bytes: &[u8], pair: [u8; 2], by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for found in memmem::find_iter(bytes, &pair) {
        out.extend_from_slice(&bytes[at..found]);
        out.extend_from_slice(by);
        at = found + pair.len();
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// As Windows decodes and a page shows it: user-defined characters and the
/// invisible byte are gone.
fn decode(bytes: &[u8]) -> String {
    let decoder = Decoder::new(Codec::Gbk, Flavour::Windows);
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (unit, len) = decoder.unit(rest);
        match unit {
            Unit::Char(_) if vanishes(&rest[..len]) || rest[0] == INVISIBLE => {}
            Unit::Char(character) => text.push(character),
            Unit::Lost => text.push('?'),
        }
        rest = &rest[len..];
    }
    text
}

/// Whether cp936 decodes a pair to private use, which pages and corpora drop:
/// the user-defined zones, and FE50–FEA0, which only GB18030 assigns.
pub(super) fn vanishes(code: &[u8]) -> bool {
    let &[lead, trail] = code else { return false };
    let character = Codec::Gbk.table(Flavour::Windows).pair(lead, trail);
    matches!((lead, trail), (0xFE, 0x50..=0xA0)) || character.is_some_and(is_private_use)
}

/// The bytes of a text in GBK, `?` where it has none.
fn encode(text: &str) -> Vec<u8> {
    let table = Codec::Gbk.table(Flavour::Windows);
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match table.codes(character).next() {
            Some(code) => bytes.extend(code.bytes()),
            None => bytes.push(b'?'),
        }
    }
    bytes
}

/// The two bytes of a character in GBK, where it is one of two bytes.
pub(super) fn pair_of(character: char) -> Option<[u8; 2]> {
    let code = Codec::Gbk.table(Flavour::Windows).codes(character).find(|code| code.len() == 2)?;
    let mut bytes = code.bytes();
    Some([bytes.next()?, bytes.next()?])
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
