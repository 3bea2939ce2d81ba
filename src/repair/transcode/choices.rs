//! Characters that are less sure than a search of pairs finds them.
//!
//! Some the wrong decoder shows for more than one code. Then the bytes are not known although
//! nothing was lost, and only the text tells which they were:
//!
//! ```text
//! 纊      FA 5C or ED 40 in cp932, which are 鶿 and 鞝 in GBK
//! ```

use super::edges::whole;
use super::lattice::{Read, probability};
use super::path::{Layer, Path};
use crate::codec::{Code, Codec, Flavour};
use crate::edit::Bits;
use crate::model;
use crate::script::{is_ideograph, is_kana};

/// A choice that is at least so sure is none.
const SURE: f32 = 0.9999;

/// How sure kana are that stand alone, at most.
const LONE_KANA: f32 = 0.5;

/// How sure vertical forms, variation selectors, the euro sign and digits are, at most.
const UNTOLD: f32 = 0.5;

/// What a rare character costs more than, at the start of a text.
const RARE: Bits = Bits::whole(20);

/// How sure the characters of a given name are, at most: of those that pairs and words find sure, one
/// in ten is another.
const GIVEN_NAME: f32 = 0.9;

/// Some hundred of the most frequent family names, and how Traditional text writes them.
const FAMILY_NAMES: &str = "\
    王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余\
    于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷\
    龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常傅張劉陳楊黃趙吳孫馬羅鄭謝許韓鄧馮蕭蔣葉蘇呂\
    盧鍾鐘譚陸韋賈鄒閻龍賀顧龔萬錢嚴";

/// Makes characters a guess that may have had other bytes.
pub fn doubt(reads: &mut [Read], path: &Path) {
    let [layer] = path.layers() else { return };
    if layer.truth == Codec::Utf8 || !layer.wrong.table().is_double_byte() {
        return;
    }
    for at in 0..reads.len() {
        let others = others(&reads[at], layer);
        if others.is_empty() {
            continue;
        }
        let last = |read: &Read| read.emitted.last();
        let first = |read: &Read| read.emitted.iter().next().map(|(character, _)| character);
        let before = reads[..at].iter().rev().find_map(last).unwrap_or('\n');
        let behind = reads[at + 1..].iter().find_map(first).unwrap_or('\n');
        let cost = |c: char| model::cost(before, c).0 + model::cost(c, behind).0;
        let Some(chosen) = whole(&reads[at]) else { continue };
        let weight = |&other: &char| probability(cost(other) - cost(chosen));
        let share = (1.0 / (1.0 + others.iter().map(weight).sum::<f64>())) as f32;
        if share < SURE {
            reads[at].guess(share);
        }
    }
}

/// Makes characters a guess that no text tells: vertical forms (of U+FE0F behind an emoji, EF B8 is
/// left, and the model knows `︰`, EF B8 B0, only), the euro sign, the one character that GBK has in
/// a byte (80), where a marker stands that something else left, and digits: `1鏈?鏃` is the first of
/// January or any other day of 1月2日 to 1月9日.
pub fn doubt_untold(reads: &mut [Read]) {
    let is_untold =
        |c: char| c == '€' || c.is_ascii_digit() || ('\u{FE00}'..='\u{FE3F}').contains(&c);
    doubt_filled(reads, UNTOLD, is_untold);
}

/// Makes kana that were filled in a guess where no other kana stand: a model of pairs finds の
/// likely between any two ideographs.
pub fn doubt_lone_kana(reads: &mut [Read]) {
    let mut characters = reads.iter().flat_map(|read| read.emitted.iter());
    if characters.any(|(character, lost)| !lost && is_kana(character)) {
        return;
    }
    doubt_filled(reads, LONE_KANA, is_kana);
}

/// Makes rare characters that were filled in a guess where private use was taken out: 吀 is all that
/// Java's `鍚�绛` can be, but 后 and a comma that went down with its last byte is likelier.
pub fn doubt_rare(reads: &mut [Read], path: &Path) {
    if path.is_stripped() {
        doubt_filled(reads, UNTOLD, |c| model::cost('\n', c) > RARE);
    }
}

/// Makes characters of a kind that were filled in so sure at most.
pub fn doubt_filled(reads: &mut [Read], most: f32, is_of_kind: impl Fn(char) -> bool) {
    for read in reads {
        for (at, (character, lost)) in read.emitted.iter().enumerate() {
            if lost && is_of_kind(character) {
                read.posteriors[at] = read.posteriors[at].min(most);
            }
        }
    }
}

/// Makes ideographs that were filled in a guess where a family name and two more stand alone that are
/// not often seen behind it: 张文化 may well be a name that lost its last byte, as 张文匡 did.
pub fn doubt_names(reads: &mut [Read]) {
    if reads.iter().all(|read| read.emitted.iter().all(|(_, lost)| !lost)) {
        return;
    }
    let places = |(at, read): (usize, &Read)| {
        let characters = read.emitted.iter().enumerate();
        let place = move |(nth, (character, lost))| Place { at, nth, character, lost };
        characters.map(place).collect::<Vec<_>>()
    };
    let places: Vec<Place> = reads.iter().enumerate().flat_map(places).collect();
    let is_han = |place: &Place| is_ideograph(place.character);
    for run in places.chunk_by(|one, next| is_han(one) == is_han(next)) {
        let [family, one, other] = run else { continue };
        let [a, b, c] = [family, one, other].map(|place| place.character);
        let is_name = is_han(one) && FAMILY_NAMES.contains(a);
        if !is_name || model::gain_behind_two(a, b, c) > Bits(0) {
            continue;
        }
        for given in [one, other].into_iter().filter(|place| place.lost) {
            let posterior = &mut reads[given.at].posteriors[given.nth];
            *posterior = posterior.min(GIVEN_NAME);
        }
    }
}

/// A character of a reading.
struct Place {
    /// Which of the reads it is of, and which of its characters it is.
    at: usize,
    nth: usize,
    character: char,
    lost: bool,
}

/// What else a character of the text may have been, where it was undone as a whole one.
fn others(read: &Read, layer: &Layer) -> Vec<char> {
    let Layer { wrong, truth } = layer;
    if !read.damaged || wrong.table().only_code(read.symbol).is_some() {
        return vec![];
    }
    let Some(chosen) = whole(read) else { return vec![] };
    let table = truth.table(Flavour::WEB);
    let read_as = |code: Code| code.pair().and_then(|[lead, trail]| table.pair(lead, trail));
    let mut all: Vec<char> = wrong.table().codes(read.symbol).filter_map(read_as).collect();
    // where it is not among them, the bytes are halves of two characters
    let is_whole = all.contains(&chosen);
    all.retain(|&character| is_whole && character != chosen);
    all
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Decoder, Flavour};
    use crate::edit;
    use crate::repair::{Options, repair};

    #[test]
    fn what_was_lost_behind_an_emoji_is_no_vertical_form() {
        let python = Decoder::new(Codec::Gbk, Flavour::PYTHON);
        let damaged = python.decode("谢谢大家的支持☺\u{FE0F}".as_bytes());
        let repaired = repair(&damaged, &Options::default());
        assert_eq!(edit::apply(&damaged, &repaired.edits), "谢谢大家的支持☺\u{FFFD}");
    }

    #[test]
    fn a_given_name_that_was_lost_is_a_guess() {
        let java = Decoder::new(Codec::Gbk, Flavour::JAVA);
        let lines = "本次活动的志愿者如下，请互相转告。\n张文匡\n";
        let damaged = java.decode(lines.as_bytes());
        let repaired = repair(&damaged, &Options::default());
        assert_eq!(edit::apply(&damaged, &repaired.edits), lines.replace('匡', "\u{FFFD}"));
    }
}
