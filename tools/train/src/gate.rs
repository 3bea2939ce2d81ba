//! Trains the gate: for each character, how much likelier it is in damaged text.

use std::collections::HashMap;

use hanfix::codec::{Codec, Decoder, Flavour};
use hanfix::segment::STEPS;

/// Lines of each file that are damaged: enough to see every common character.
const SAMPLE: usize = 40_000;
/// Added to each count, as a part of all: a character never seen may still occur.
const SMOOTHING: f64 = 1e-6;
/// The steepest weight, in bits: no single character decides.
const STEEPEST: f64 = 10.0;

/// GBK shows the first two bytes of every emoji in UTF-8 (F0 9F) as this; the texts have none.
const LEADS_EMOJI: char = '馃';

/// What a language's text is written in when it is damaged.
const WRITTEN: &[(&str, &[Codec])] = &[
    ("zh-hans.txt", &[Codec::Utf8, Codec::Gbk]),
    ("zh-hant.txt", &[Codec::Utf8, Codec::Gbk, Codec::Big5]),
    ("ja.txt", &[Codec::Utf8, Codec::ShiftJis, Codec::EucJp]),
    ("ko.txt", &[Codec::Utf8, Codec::EucKr]),
];

/// How often each BMP character is seen in one kind of text, as a part of all but ASCII.
type Shares = HashMap<char, f64>;

/// A weight for each BMP code point, in 1/[`STEPS`] bit: the logarithm of the likeliest
/// damage over the likeliest clean text, so that no kind of damage or text weighs less
/// because it is rare.
pub fn build(texts: &[(&str, Vec<String>)]) -> Vec<u8> {
    let clean = texts.iter().map(|(_, lines)| shares(lines.iter().map(String::as_str)));
    let clean = likeliest(clean);
    let damaged = WRITTEN.iter().flat_map(|&(file, codecs)| {
        let (_, lines) = texts.iter().find(|(name, _)| *name == file).expect("a training text");
        let step = (lines.len() / SAMPLE).max(1);
        let sample: Vec<&str> = lines.iter().step_by(step).map(String::as_str).collect();
        codecs.iter().flat_map(move |&truth| damages(&sample, truth))
    });
    let damaged = likeliest(damaged);
    let share = |shares: &Shares, c| shares.get(&c).copied().unwrap_or(0.0) + SMOOTHING;
    (0..=0xFFFF)
        .map(|code_point| {
            let Some(character) = char::from_u32(code_point) else { return 0 };
            let bits = match character {
                LEADS_EMOJI => STEEPEST,
                _ => (share(&damaged, character) / share(&clean, character)).log2(),
            };
            (bits.clamp(-STEEPEST, STEEPEST) * f64::from(STEPS)).round() as i8 as u8
        })
        .collect()
}

/// The shares in a text read by every wrong decoder.
fn damages(sample: &[&str], truth: Codec) -> Vec<Shares> {
    let is_wrong = |wrong: &Codec| *wrong != truth && *wrong != Codec::Utf8 && !wrong.is_utf16();
    let wrong = Codec::ALL.into_iter().filter(is_wrong);
    wrong
        .flat_map(|wrong| [Flavour::WEB, Flavour::PYTHON].map(|f| Decoder::new(wrong, f)))
        .map(|decoder| {
            let lines = sample.iter().filter_map(|line| truth.encode(line));
            let damaged: Vec<String> = lines.map(|bytes| decoder.decode(&bytes)).collect();
            shares(damaged.iter().map(String::as_str))
        })
        .collect()
}

fn shares<'a>(lines: impl Iterator<Item = &'a str>) -> Shares {
    let mut counts: HashMap<char, usize> = HashMap::new();
    for character in lines.flat_map(str::chars).filter(|c| !c.is_ascii()) {
        *counts.entry(character).or_default() += 1;
    }
    let all = counts.values().sum::<usize>().max(1) as f64;
    counts.into_iter().map(|(character, count)| (character, count as f64 / all)).collect()
}

/// The largest share of each character in any of the texts.
fn likeliest(texts: impl Iterator<Item = Shares>) -> Shares {
    let mut most = Shares::new();
    for text in texts {
        for (character, share) in text {
            let best = most.entry(character).or_default();
            *best = best.max(share);
        }
    }
    most
}
