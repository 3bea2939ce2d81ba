//! Tables of the East Asian codecs, in the repertoires that decoders differ by.
//!
//! The web's table comes out of encoding_rs's *decoder*; its encoder is no
//! inverse (Big5 refuses 3,847 pairs that decode). The narrower tables of strict
//! decoders are the web's less the ranges named here, which were found by
//! comparing all pairs with CPython 3.11's codecs.

use std::ops::RangeInclusive;

use encoding_rs::Encoding;

use super::table::Table;
use crate::script::is_private_use;

/// The characters a decoder knows of its codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repertoire {
    /// Whether vendor extensions and user-defined zones (as private use) are in it.
    pub extensions: bool,
    /// Whether GBK's byte 80 is `€`, as Windows added it in 1998.
    pub euro: bool,
}

/// A range of pairs, both ends included, as in `0xA140..=0xA7A0` with any trail.
type Pairs = RangeInclusive<u16>;

/// Two bytes and what they stand for.
pub(super) type Pair = ([u8; 2], char);

/// Decodable on the web, no part of GBK as Microsoft registered it in 1995.
const GBK_EXTENSIONS: &[Pairs] = &[
    0xA2E3..=0xA2E3, // the euro sign of GB18030
    0xA3A0..=0xA3A0, // read as an ideographic space on the web
    0xA6D9..=0xA6DF, // vertical punctuation
    0xA6EC..=0xA6ED,
    0xA6F3..=0xA6F3,
    0xA8BC..=0xA8BC, // ḿ
    0xA8BF..=0xA8BF, // ǹ
    0xA989..=0xA995, // ideographic description characters
    0xFE50..=0xFEA0, // components and rare characters of GB18030
];

/// HKSCS and ETEN characters outside Big5 as cp950 has it.
const BIG5_EXTENSIONS: &[Pairs] =
    &[0x8140..=0xA0FE, 0xA3C0..=0xA3E0, 0xC6A1..=0xC8FE, 0xF9FE..=0xF9FE, 0xFA40..=0xFEFE];

/// Pairs of Big5 that no encoder writes, since there is another one of the same character: B05F is
/// 起, and so is 8FFE of HKSCS. (Encoding Standard, "index Big5 pointer".)
pub(super) const BIG5_DUPLICATES: &[Pairs] =
    &[0x8140..=0xA0FE, 0xA2A4..=0xA2A7, 0xA2CC..=0xA2CC, 0xA2CE..=0xA2CE];

/// Pairs of Shift_JIS that no encoder writes, what NEC selected of IBM's extensions: ED40 is 纊, and
/// so is FA5C. (Encoding Standard, "index Shift_JIS pointer".)
pub(super) const SHIFT_JIS_DUPLICATES: &[Pairs] = &[0xED40..=0xEEFC];

/// ETEN's kana and signs.
const BIG5_ETEN: Pairs = 0xC6A1..=0xC8FE;

/// Runs of CPython's big5 and cp950 between C6A1 and C7FC, after the first table that the
/// Unicode consortium published; ETEN and the web have other characters there.
const BIG5_PYTHON: &[(Pairs, char)] = &[
    (0xC6A1..=0xC6A1, 'ヾ'),
    (0xC6A2..=0xC6A3, 'ゝ'),
    (0xC6A4..=0xC6A4, '々'),
    (0xC6A5..=0xC6F7, 'ぁ'),
    (0xC6F8..=0xC7B0, 'ァ'),
    (0xC7B1..=0xC7B2, 'Д'),
    (0xC7B3..=0xC7B3, 'Ё'),
    (0xC7B4..=0xC7BA, 'Ж'),
    (0xC7BB..=0xC7CD, 'У'),
    (0xC7CE..=0xC7CE, 'ё'),
    (0xC7CF..=0xC7E8, 'ж'),
    (0xC7E9..=0xC7F2, '①'),
    (0xC7F3..=0xC7FC, '⑴'),
];

/// The user-defined zones of Windows' cp950.
const BIG5_USER_DEFINED: &[(Pairs, char)] = &[
    (0xFA40..=0xFEFE, '\u{E000}'),
    (0x8E40..=0xA0FE, '\u{E311}'),
    (0x8140..=0x8DFE, '\u{EEB8}'),
    (0xC6A1..=0xC8FE, '\u{F6B1}'),
];

/// NEC and IBM extensions outside JIS X 0208.
const SHIFT_JIS_EXTENSIONS: &[Pairs] = &[0x8740..=0x879C, 0xED40..=0xEEFC, 0xFA40..=0xFCFC];

/// NEC and IBM extensions in EUC form.
const EUC_JP_EXTENSIONS: &[Pairs] = &[0xADA1..=0xADFC, 0xF9A1..=0xFCFE];

pub(super) fn gbk(web: Vec<Pair>, repertoire: Repertoire) -> Table {
    let euro = |byte| (repertoire.euro && byte == 0x80).then_some('€');
    build(web, repertoire, GBK_EXTENSIONS, euro)
}

/// Big5 as browsers have it, with HKSCS.
pub(super) fn big5(web: Vec<Pair>) -> Table {
    Table::new(ascii_or(|_| None), web)
}

/// Big5 as iconv has it, with ETEN's kana and signs.
pub(super) fn big5_eten(web: Vec<Pair>) -> Table {
    let eten = |&(pair, _): &Pair| BIG5_ETEN.contains(&u16::from_be_bytes(pair));
    Table::new(ascii_or(|_| None), big5_plain(&web).chain(web.iter().copied().filter(eten)))
}

/// Big5 as CPython's cp950 has it, where kana stand at codes of their own.
pub(super) fn big5_python(web: Vec<Pair>) -> Table {
    let pairs = BIG5_PYTHON.iter().flat_map(|(zone, first)| big5_zone(zone, *first));
    Table::new(ascii_or(|_| None), big5_plain(&web).chain(pairs))
}

/// Big5 as Windows has it: what cp950 leaves to users is private use.
pub(super) fn big5_windows(web: Vec<Pair>) -> Table {
    let pairs = BIG5_USER_DEFINED.iter().flat_map(|(zone, first)| big5_zone(zone, *first));
    Table::new(ascii_or(|_| None), big5_plain(&web).chain(pairs))
}

/// What all decoders of cp950 have in common.
fn big5_plain(web: &[Pair]) -> impl Iterator<Item = Pair> {
    let known = |&(pair, _): &Pair| {
        let pair = u16::from_be_bytes(pair);
        !BIG5_EXTENSIONS.iter().any(|extension| extension.contains(&pair))
    };
    web.iter().copied().filter(known).chain(big5_zone(&(0xF9FE..=0xF9FE), '▓'))
}

/// The pairs of a zone in the order of Big5's rows, with characters from `first` on.
fn big5_zone(zone: &Pairs, first: char) -> impl Iterator<Item = Pair> + use<> {
    let zone = zone.clone();
    let trails = || (0x40..=0x7E).chain(0xA1..=0xFE);
    (0x81..=0xFE)
        .flat_map(move |lead| trails().map(move |trail| [lead, trail]))
        .filter(move |&pair| zone.contains(&u16::from_be_bytes(pair)))
        .zip(first..)
}

pub(super) fn shift_jis(web: Vec<Pair>, repertoire: Repertoire) -> Table {
    build(web, repertoire, SHIFT_JIS_EXTENSIONS, |byte| match byte {
        // CPython's strict decoder rejects it
        0x80 if repertoire.extensions => Some('\u{80}'),
        _ => half_width_katakana(byte),
    })
}

/// Shift_JIS as Windows and CPython's cp932 have it: what stands alone and is no character is
/// private use.
pub(super) fn cp932(web: Vec<Pair>) -> Table {
    let all = Repertoire { extensions: true, euro: false };
    build(web, all, SHIFT_JIS_EXTENSIONS, |byte| match byte {
        0x80 => Some('\u{80}'),
        0xA0 => Some('\u{F8F0}'),
        0xFD..=0xFF => char::from_u32(0xF8F1 + u32::from(byte - 0xFD)),
        _ => half_width_katakana(byte),
    })
}

fn half_width_katakana(byte: u8) -> Option<char> {
    matches!(byte, 0xA1..=0xDF).then(|| char::from_u32(0xFF61 + u32::from(byte - 0xA1)))?
}

pub(super) fn euc_kr(web: Vec<Pair>, repertoire: Repertoire) -> Table {
    // cp949 extends EUC-KR by every pair that has a byte below A1
    let wansung = |&(pair, _): &Pair| repertoire.extensions || (pair[0] >= 0xA1 && pair[1] >= 0xA1);
    Table::new(ascii_or(|_| None), web.into_iter().filter(wansung))
}

pub(super) fn euc_jp(web: Vec<Pair>, repertoire: Repertoire) -> Table {
    let table = build(web, repertoire, EUC_JP_EXTENSIONS, |_| None);
    table.with_prefixed(web_codes(encoding_rs::EUC_JP, 0xA1..=0xFE, Some(0x8F)))
}

fn build(
    web: Vec<Pair>,
    repertoire: Repertoire,
    extensions: &[Pairs],
    single: impl Fn(u8) -> Option<char>,
) -> Table {
    let known = |&(pair, character): &Pair| {
        let pair = u16::from_be_bytes(pair);
        let is_extension = || extensions.iter().any(|extension| extension.contains(&pair));
        repertoire.extensions || !is_private_use(character) && !is_extension()
    };
    Table::new(ascii_or(single), web.into_iter().filter(known))
}

fn ascii_or(single: impl Fn(u8) -> Option<char>) -> impl Fn(u8) -> Option<char> {
    move |byte| if byte.is_ascii() { Some(char::from(byte)) } else { single(byte) }
}

/// Pairs of a codec in the order in which they become the codes of a character: what encoders write
/// before its duplicates.
pub(super) fn written_first(pairs: Vec<Pair>, duplicates: &[Pairs]) -> Vec<Pair> {
    let is_written = |&(pair, _): &Pair| {
        let pair = u16::from_be_bytes(pair);
        !duplicates.iter().any(|duplicate| duplicate.contains(&pair))
    };
    let (mut written, others): (Vec<Pair>, Vec<Pair>) = pairs.into_iter().partition(is_written);
    written.extend(others);
    written
}

/// Every pair that encoding_rs decodes to one character.
pub(super) fn web_pairs(encoding: &'static Encoding) -> Vec<Pair> {
    web_codes(encoding, 0x81..=0xFE, None)
}

/// Every pair with one of these lead bytes that encoding_rs decodes to one character behind a
/// prefix.
///
/// All go through the decoder in one piece, a line feed behind each, so that a code that is
/// refused cannot reach into the next.
fn web_codes(
    encoding: &'static Encoding,
    leads: RangeInclusive<u8>,
    prefix: Option<u8>,
) -> Vec<Pair> {
    let trails = 0x40..=0xFE;
    let mut pairs = Vec::with_capacity(leads.len() * trails.len());
    let mut bytes = Vec::with_capacity(4 * pairs.capacity());
    for lead in leads {
        for trail in trails.clone() {
            pairs.push([lead, trail]);
            bytes.extend(prefix);
            bytes.extend([lead, trail, b'\n']);
        }
    }
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    let mut rest = &*text;
    let mut found = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let mut characters = rest.chars();
        let first = characters.next().filter(|&c| c != char::REPLACEMENT_CHARACTER);
        rest = characters.as_str();
        if let Some(next) = rest.strip_prefix('\n') {
            rest = next;
            found.extend(first.map(|first| (pair, first)));
        } else {
            // refused with its second byte kept, or two characters
            rest = rest.split_once('\n').map_or("", |(_, next)| next);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Flavour};

    #[test]
    fn of_several_codes_the_one_that_encoders_write_is_written() {
        let codecs = [
            (Codec::Big5, encoding_rs::BIG5, "起十營緒恢═卅"),
            (Codec::ShiftJis, encoding_rs::SHIFT_JIS, "≒∵Ⅲⅲ纊髙"),
        ];
        for (codec, encoding, characters) in codecs {
            for character in characters.chars() {
                let codes = codec.table(Flavour::WEB).codes(character).count();
                assert!(codes > 1, "{character} has one code in {codec:?}");
                let text = String::from(character);
                let (written, ..) = encoding.encode(&text);
                assert_eq!(codec.encode(&text).as_deref(), Some(&*written), "{character}");
            }
        }
    }
}
