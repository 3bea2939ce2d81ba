//! Which paths a damaged text may have come, found on a sample.
//!
//! Undoing a wrong path gives bytes that the true codec rejects at every other
//! character, so a quick reading without any search tells the few paths that are
//! worth one.

use super::path::{self, Layer, MAX_LAYERS, Path};
use super::quick::{Encoded, Limits, Quick, Sample, text_cost};
use super::{fit, is_mostly_lost};
use crate::codec::{
    Afterwards, Codec, Conversion, Decoder, Flavour, Incremental, Pushed, Software, is_c1,
};
use crate::edit::Bits;
use crate::script::{is_ideograph, is_private_use, may_be_byte};

/// Characters of a sample: enough to tell paths apart, few enough to try them all.
const SAMPLE: usize = 64;
/// Paths that a full search is run for.
const MOST: usize = 4;
/// How much more than the best a path may cost for a full search, in 1/256 bit, and on top this part
/// of what the best costs: a fourth. A search moves a cost by less.
const CLOSE: i32 = 24 * Bits::ONE.0;
const CLOSE_PART: i32 = 4;
/// At most one character in this many may be rejected by the true codec.
const INVALID_SHARE: usize = 6;
/// At most one character in this many may be rejected where a quick reading may go wrong: a converted
/// character has several codes, a blank may be a byte, and of UTF-8 as GBK two characters in five have
/// lost a byte where none left a marker.
const INVALID_SHARE_UNSURE: usize = 3;
/// At most one character may be rejected for so many that are not, where scrapers may have taken out
/// C1 controls and soft hyphens: of Chinese in windows-1252, one line in five loses bytes of more than
/// one character in four, one in 20 of more than one in three, and one in 200 of more than half.
const INVALID_SHARE_SCRAPED: usize = 1;
/// At most one private-use character was taken out for so many that are left. Of 23,554 pieces of Chinese
/// of up to 40 characters that have any in GBK, half have one for 14 others, and 0.7 % more than this.
const STRIPPED_SHARE: usize = 3;

/// Ideographs of text that may have been converted, at least.
const FEW_CONVERTED: usize = 4;
/// At most one ideograph in this many may be one that the conversion at the end changes.
const UNCONVERTED_SHARE: usize = 8;

/// What a path costs on top, in 1/256 bit, whose decoder shows all single bytes while `?` stands for some:
/// beside a C1 control, that of `ç”?` (用) is none that windows-1252 lost. More than the priors of a second
/// layer, so that the path with this one comes first.
const IMPOSSIBLE: i32 = 24 * Bits::ONE.0;

/// A quick reading that costs less than this a character, in 1/256 bit, needs no further layer undone.
const GARBLED: i32 = 10 * Bits::ONE.0;

/// The codecs that text is wrongly read as, the most frequent first.
const WRONG: [Codec; 17] = [
    Codec::Gbk,
    Codec::Cp1252,
    Codec::Latin1,
    Codec::MacRoman,
    Codec::Cp437,
    Codec::Cp1251,
    Codec::Cp1254,
    Codec::Koi8R,
    Codec::EucKr,
    Codec::Big5,
    Codec::Cp866,
    Codec::Cp850,
    Codec::ShiftJis,
    Codec::EucJp,
    Codec::Cp1250,
    Codec::Iso8859_15,
    Codec::Iso8859_2,
];

/// The codecs that text is written in.
const TRUE: [Codec; 6] =
    [Codec::Utf8, Codec::Gbk, Codec::Big5, Codec::ShiftJis, Codec::EucKr, Codec::EucJp];

/// UTF-16 as a wrong codec, each with the codecs that such text is written in: UTF-16 in the
/// other byte order, which is the same both ways, or bytes that were no UTF-16 at all.
const WRONG_UTF16: [(Codec, &[Codec]); 2] = [
    (Codec::Utf16Be, &[Codec::Utf16Le, Codec::Utf8, Codec::Gbk]),
    (Codec::Utf16Le, &[Codec::Utf8, Codec::Gbk]),
];

/// The codecs whose characters a conversion between scripts changes.
const CONVERTED: [Codec; 2] = [Codec::Gbk, Codec::Big5];

/// A path and how well a sample reads along it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The path, in the flavour of the web.
    pub path: Path,
    /// The cost of the sample as undone, in 1/256 bit.
    pub cost: i32,
    /// Whether anything was lost.
    pub lossy: bool,
    /// Whether a blank was taken as a no-break space.
    pub spaced: bool,
}

/// The most promising paths for a damaged text, the best first.
pub fn candidates(text: &str, previous: char) -> Vec<Candidate> {
    let (head, tail) = sampled(text);
    let mut found = explored(head, previous);
    // most lines lose a byte at their end
    if let (Some(best), Some(tail)) = (found.first(), tail)
        && best.path.is_utf8_in_single_bytes()
        && let Some(saved) = explored(tail, ' ').into_iter().next()
        && saved.path.is_saved_with_losses()
    {
        found.insert(0, Candidate { cost: best.cost, ..saved });
    }
    found
}

/// The most promising paths for a sample of a damaged text, the best first.
fn explored(text: &str, previous: char) -> Vec<Candidate> {
    let clean = text_cost(text, previous);
    let sample = Sample::new(text);
    let mut explorer = Explorer { previous, clean, ..Explorer::default() };
    explorer.explore(&sample, WRONG.map(web));
    let may_be_utf16 = is_mostly_wide(text);
    for (wrong, truths) in WRONG_UTF16.into_iter().filter(|_| may_be_utf16) {
        explorer.explore_truths(&sample, web(wrong), truths);
    }
    // text is converted last
    let converted = conversions(text)
        .into_iter()
        .flat_map(|conversion| CONVERTED.map(|codec| web(codec).converted(conversion)));
    explorer.explore(&sample, converted);
    let mut found = explorer.found;
    found.retain(|candidate| candidate.cost < clean);
    drop_needless_conversions(&mut found);
    found.sort_by_key(|candidate| (candidate.cost, candidate.path.layers().len()));
    let Some(best) = found.first().cloned() else { return found };
    let others = found.split_off(found.len().min(MOST));
    // a single pair of signs is too short to leave out the likeliest of all paths
    found.extend(others.iter().find(|one| one.path.is_utf8_in_single_bytes()).cloned());
    found.retain(|one| one.cost - best.cost <= CLOSE + best.cost / CLOSE_PART);
    // pairs that lost a byte are out of step in the right codec, and in its variant only up to the next
    // character that this does not show: of 已经 (D2D1 BEAD) `ÒÑ¾` is left, and ¾ is not in ISO-8859-15
    let is_variant =
        |one: &&Candidate| best.path.is_pairs_in_single_bytes() && one.path.is_variant(&best.path);
    found.extend(others.iter().filter(is_variant).cloned());
    found
}

/// The characters of a text that tell its path, the first ones up to [`SAMPLE`]; and, if none of these may
/// have lost a byte, as many up to the first letter that may: `ã€?` is 。 before a line break.
fn sampled(text: &str) -> (&str, Option<&str>) {
    let Some((end, _)) = text.char_indices().nth(SAMPLE) else { return (text, None) };
    let is_torn =
        |&(at, _): &(usize, &str)| text[..at].chars().next_back().is_some_and(may_be_byte);
    let torn = text.match_indices('?').find(is_torn).filter(|&(at, _)| at >= end);
    let tail = torn.map(|(at, mark)| {
        let text = &text[..at + mark.len()];
        let start = text.char_indices().nth_back(SAMPLE - 1).map_or(0, |(at, _)| at);
        &text[start..]
    });
    (&text[..end], tail)
}

/// Whether half of a text or more are characters from U+0800 on: whatever was read as UTF-16
/// became such characters, but the few with a byte from 00 to 07 in front.
fn is_mostly_wide(text: &str) -> bool {
    let wide = text.chars().filter(|&c| c >= '\u{800}').count();
    wide * 2 >= text.chars().count()
}

/// Drops paths with a conversion that undoing explains no more than the same path without.
fn drop_needless_conversions(found: &mut Vec<Candidate>) {
    let is_converted = |one: &mut Candidate| one.path.layers()[0].wrong.conversion.is_some();
    let converted: Vec<Candidate> = found.extract_if(.., is_converted).collect();
    let explains_more = |one: &Candidate| {
        let path = one.path.unconverted();
        found.iter().all(|plain| one.cost < plain.cost || path != plain.path)
    };
    let needed: Vec<Candidate> = converted.into_iter().filter(explains_more).collect();
    found.extend(needed);
}

/// A decoder in the flavour of the web.
fn web(codec: Codec) -> Decoder {
    Decoder::new(codec, Flavour::WEB)
}

/// The search for candidates.
#[derive(Default)]
struct Explorer {
    previous: char,
    /// What the sample costs as it stands.
    clean: i32,
    /// The layers that are undone so far.
    layers: Vec<Layer>,
    found: Vec<Candidate>,
}

impl Explorer {
    /// Tries decoders on top of the layers that are undone, and layers below them.
    fn explore(&mut self, sample: &Sample, decoders: impl IntoIterator<Item = Decoder>) {
        for wrong in decoders {
            self.explore_truths(sample, wrong, &TRUE);
        }
    }

    /// Tries a decoder on top of the layers that are undone, for text in some codecs.
    fn explore_truths(&mut self, sample: &Sample, wrong: Decoder, truths: &[Codec]) {
        let Some(encoded) = Encoded::new(sample, &wrong) else { return };
        for &truth in truths.iter().filter(|&&truth| truth != wrong.codec) {
            self.layers.push(Layer { wrong, truth });
            self.undo(sample, &encoded);
            self.layers.pop();
        }
    }

    /// Undoes the last of the layers, and tries layers below it.
    fn undo(&mut self, sample: &Sample, encoded: &Encoded) {
        let Some(&layer) = self.layers.last() else { return };
        let Layer { wrong, truth } = layer;
        let is_utf8 = truth == Codec::Utf8;
        let may_be_saved = self.may_be_saved_with_losses(sample, encoded);
        let blank = if is_utf8 { blank(&wrong) } else { None };
        // markers and private use are what GBK leaves of two characters in five
        let may_lack_some = is_utf8
            && wrong.codec == Codec::Gbk
            && !(sample.text.contains(char::REPLACEMENT_CHARACTER)
                && sample.text.contains(is_private_use));
        let unsure = blank.is_some() || wrong.conversion.is_some() || may_lack_some;
        // what is taken out goes missing at the end
        let may_be_scraped = || {
            let is_last = is_utf8 && self.layers.len() == 1;
            let lacks_controls =
                || may_lack_controls(&wrong, sample.text) && has_lost_ends(&encoded.bytes);
            is_last && (lacks_controls() || may_lack_some && lacks_private_use(layer, sample.text))
        };
        let share = match unsure {
            true if may_be_scraped() => INVALID_SHARE_SCRAPED,
            true => INVALID_SHARE_UNSURE,
            false => INVALID_SHARE,
        };
        let prior = path::prior(&self.layers) * Bits::ONE.0;
        // what has no layer below it must read better than it stands
        let limit = if is_utf8 || may_be_saved { i32::MAX } else { self.clean - prior };
        let limits = Limits { share, cost: limit };
        let undone = Quick::read(encoded, layer, blank, self.previous, &limits);
        let is_meant = |undone: &Quick| {
            undone.text != sample.text && !is_rather_cp1252(layer, sample.text, &undone.text)
        };
        let Some(Quick { text, mut cost, spaced, .. }) = undone.filter(is_meant) else { return };
        let shows_all = is_utf8 && !wrong.table().is_double_byte() && sample.text.contains(is_c1);
        if shows_all && loses_to_marks_only(&encoded.bytes) {
            cost += IMPOSSIBLE;
        }
        self.found.push(Candidate {
            cost: cost + prior,
            path: Path::new(self.layers.clone()),
            lossy: text.contains(char::REPLACEMENT_CHARACTER),
            spaced,
        });
        let is_garbled = cost > GARBLED * text.chars().count() as i32;
        if !is_garbled || is_mostly_lost(&text) || self.layers.len() == MAX_LAYERS {
            return;
        }
        if is_utf8 {
            // text that was saved in between was saved as UTF-8
            self.explore(&Sample::new(&text), WRONG.map(web));
        } else if may_be_saved {
            self.explore_truths(&Sample::new(&text), web(truth), &[Codec::Utf8]);
        }
    }

    /// Whether the last of the layers may have read what the codec of its text had made of UTF-8 before:
    /// of 用 before a blank, E7 94 A8 20, GBK leaves `鐢?`, which was saved as E7 94 3F. Where nothing
    /// was lost, that is the same as UTF-8. Where controls may have been taken out, nothing tells the two.
    fn may_be_saved_with_losses(&self, sample: &Sample, encoded: &Encoded) -> bool {
        let [Layer { wrong, truth: Codec::Gbk }] = self.layers[..] else { return false };
        !wrong.table().is_double_byte()
            && loses_to_marks_only(&encoded.bytes)
            && !may_lack_controls(&wrong, sample.text)
    }
}

/// The conversions that a text may have gone through: nearly none of its characters would
/// be changed once more.
fn conversions(text: &str) -> Vec<Conversion> {
    let ideographs = || text.chars().filter(|&c| is_ideograph(c));
    let all = ideographs().count();
    let shows_rare = ideographs().any(|c| c > '\u{FFFF}');
    let is_possible = |conversion: &Conversion| {
        let rare = *conversion == Conversion::RareSimplified;
        let mut changed = ideographs().filter(|&c| conversion.changes(c));
        let too_many = all / UNCONVERTED_SHARE;
        all >= FEW_CONVERTED && rare == shows_rare && changed.nth(too_many).is_none()
    };
    Conversion::ALL.into_iter().filter(is_possible).collect()
}

/// Whether what a layer undoes in `shown` to `text` was rather read as windows-1252. ISO-8859-15
/// shows half of the bytes of UTF-8 as C1 controls, and where there are none, `ÃŸ` is ß rather
/// than þ. (In Chinese, only one of the two makes sense.)
fn is_rather_cp1252(layer: Layer, shown: &str, text: &str) -> bool {
    (layer.wrong.codec, layer.truth) == (Codec::Iso8859_15, Codec::Utf8)
        && text.chars().all(|c| c < '\u{250}')
        && !shown.contains(is_c1)
}

/// Whether controls that a decoder shows may have been taken out of a text; whatever shows more of them
/// than one shows U+0081.
fn may_lack_controls(wrong: &Decoder, text: &str) -> bool {
    let mut codes = wrong.table().codes('\u{81}');
    codes.any(|code| code.len() == 1) && !text.contains(is_c1)
}

/// Whether private-use characters that a decoder shows may have been taken out of a text, and nothing
/// else but few bytes: of 常见副作用, E5B8 B8E8 A781 E589 AFE4 BD9C E794 A8, without A781 and AFE4, five
/// characters are as they were.
fn lacks_private_use(layer: Layer, text: &str) -> bool {
    let stripped = layer.in_flavour(Software::Web.then(Afterwards::Stripped));
    let misfits = fit::misfits(text, &stripped).least as usize;
    misfits * STRIPPED_SHARE <= text.chars().filter(|c| !c.is_ascii()).count()
}

/// Whether bytes are UTF-8 of which nothing but bytes that go on a character went missing, of half of
/// the characters at most. Of `§å®¶å¥½`, the first character was cut, and of GBK, hardly any two bytes
/// are a character. A blank may be a byte that goes on.
fn has_lost_ends(bytes: &[u8]) -> bool {
    let (mut whole, mut torn, mut to_come) = (0, 0, 0);
    for &byte in bytes {
        if to_come > 0 && matches!(byte, b' ' | 0x80..=0xBF) {
            to_come -= 1;
            whole += usize::from(to_come == 0);
            continue;
        }
        torn += usize::from(to_come > 0);
        to_come = match byte {
            0x00..=0x7F => 0,
            0xC2..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF4 => 3,
            _ => return false,
        };
    }
    torn <= whole
}

/// Whether bytes are a piece of UTF-8 that lost nothing but what `?` stands for: E7 94 3F of 用, E7 94 A8.
/// A scraper takes bytes out elsewhere, too.
fn loses_to_marks_only(bytes: &[u8]) -> bool {
    let from = bytes.iter().position(|byte| !matches!(byte, 0x80..=0xBF)).unwrap_or(bytes.len());
    let mut marks = 0;
    let mut begun = Incremental::default();
    for &byte in &bytes[from..] {
        begun = match begun.push(Codec::Utf8, byte) {
            Pushed::Pending(more) => more,
            Pushed::Char(_) => Incremental::default(),
            Pushed::Invalid if byte == b'?' => {
                marks += 1;
                Incremental::default()
            }
            Pushed::Invalid => return false,
        };
    }
    marks > 0
}

/// The byte that a decoder shows as a no-break space, and scrapers as a plain one.
fn blank(wrong: &Decoder) -> Option<u8> {
    wrong.table().codes('\u{A0}').find(|code| code.len() == 1)?.bytes().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_go_on_a_character_may_be_lost() {
        // 口 (E5 8F A3) without its control, and 好 (E5 A5 BD) whole
        assert!(has_lost_ends(&[0xE5, 0xA3, 0xE5, 0xA5, 0xBD]));
        // of 大 (E5 A4 A7), the first two bytes were cut
        assert!(!has_lost_ends(&[0xA7, 0xE5, 0xA5, 0xBD]));
        // 请输入 in GBK
        assert!(!has_lost_ends(&[0xC7, 0xEB, 0xCA, 0xE4, 0xC8, 0xEB]));
        // a no-break space became a plain one in 堠 (E5 A0 BD)
        assert!(has_lost_ends(&[0xE5, b' ', 0xBD]));
    }

    #[test]
    fn scraped_text_is_read_though_many_characters_lost_a_byte() {
        // 每次服用, of which 每 (E6 AF 8F) and 服 (E6 9C 8D) lost their last bytes
        let found = candidates("æ¯æ¬¡æœç”¨", '\n');
        let utf8 = found.iter().find(|one| one.path.is_utf8_in_single_bytes());
        assert!(utf8.is_some(), "{found:?}");
    }
}
