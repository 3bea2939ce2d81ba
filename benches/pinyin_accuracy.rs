//! How much of pinyin injection is repaired, and how much honest pinyin is left alone.
//!
//! `cargo bench --bench pinyin_accuracy` prints one line a group. The real excerpts
//! and the corpora are not part of the project: groups whose data is absent say so.

use std::path::{Path, PathBuf};

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use hanfix::convert::{Config, Converter};
use hanfix::repair::pinyin::Injector;
use hanfix::{Fixer, Kind};
use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

/// About the size of an article; excerpts are repeated up to it.
const PAGE_CHARACTERS: usize = 1500;

/// What stands for a lost spot in the hand-checked truths.
const LOST: char = '□';

fn main() {
    let fixer = Fixer::builder().repair([Kind::Pinyin]).build().expect("valid options");
    excerpts(&fixer);
    honest(&fixer);
    slips();
    generated(&fixer);
    calibration();
}

/// Text off by one byte: of the hand-checked cases, those put straight.
fn slips() {
    let fixer = Fixer::builder().repair([Kind::Slip]).confidence(0.0).build().expect("valid");
    let (mut right, mut changed, mut all) = (0, 0, 0);
    for (id, damaged, truth) in cases("mojibake.jsonl") {
        let slipped = SLIPPED.contains(&id.as_str());
        let fixed = fixer.fix(&damaged);
        if slipped {
            all += 1;
            right += usize::from(truth.as_deref() == Some(&*fixed.text));
        } else {
            changed += fixed.edits.len();
        }
    }
    println!("off by one byte, best guess: {right} of {all} exact; edits elsewhere: {changed}");
}

/// The cases of kind `gbk_off_by_one`.
const SLIPPED: [&str; 12] = [
    "B132", "B133", "B134", "B135", "B146", "B147", "B148", "B149", "B150", "B151", "B152", "B153",
];

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path)
}

fn cases(name: &str) -> Vec<(String, String, Option<String>)> {
    let path = shared("cases").join(name);
    let Ok(lines) = std::fs::read_to_string(&path) else {
        println!("{name}: skipped, no {}", path.display());
        return Vec::new();
    };
    lines
        .lines()
        .map(|line| {
            let case: serde_json::Value = serde_json::from_str(line).expect("one case a line");
            let text = |key: &str| case[key].as_str().map(str::to_owned);
            (text("id").expect("id"), text("damaged").expect("damaged"), text("truth"))
        })
        .collect()
}

/// How often an excerpt is repeated to make a page.
fn times(excerpt: &str) -> usize {
    PAGE_CHARACTERS.div_ceil(excerpt.chars().count() + 1)
}

fn page(excerpt: &str, times: usize) -> String {
    vec![excerpt; times].join("\n")
}

fn excerpts(fixer: &Fixer) {
    let (mut right, mut determined) = (0, 0);
    for (id, damaged, truth) in cases("pinyin.jsonl") {
        let Some(truth) = truth.filter(|truth| !truth.contains(LOST)) else { continue };
        determined += 1;
        let times = times(&damaged);
        let fixed = fixer.fix(&page(&damaged, times)).text.into_owned();
        let truth = page(&truth, times);
        if fixed == truth {
            right += 1;
        } else {
            let wrong = fixed
                .lines()
                .zip(truth.lines())
                .find(|(a, b)| a != b)
                .map(|(a, b)| format!("\n  {a}\n  {b}"));
            println!("  {id}: {}", wrong.unwrap_or_default());
        }
    }
    println!("real excerpts, repeated to a page: {right} of {determined} exact");
}

fn honest(fixer: &Fixer) {
    let (mut changed, mut all) = (0, 0);
    for (id, text, _) in cases("pinyin_negative.jsonl").into_iter().chain(cases("negative.jsonl")) {
        for text in [text.clone(), page(&text, times(&text))] {
            all += 1;
            if fixer.fix(&text).text != text {
                changed += 1;
                println!("  {id} changed");
            }
        }
    }
    println!("honest excerpts, alone and repeated to a page: {changed} of {all} changed");
}

/// How many lines of the corpus the pages are made of.
const LINES: usize = 60_000;

/// Clean pages as the sites have them before the injection: mainland text, converted.
fn clean_pages() -> Vec<String> {
    let path = shared("corpora/zh-hans.txt.zst");
    let Ok(file) = std::fs::File::open(&path) else {
        println!("generated pages: skipped, no {}", path.display());
        return Vec::new();
    };
    let converter = Converter::new(Config::S2t);
    let reader = BufReader::new(zstd::Decoder::new(file).expect("zstd"));
    let mut pages = vec![String::new()];
    // every 20th line, so that all parts of the corpus are there
    for line in reader.lines().map_while(Result::ok).step_by(10).take(LINES) {
        let line = converter.convert(&line);
        let (bytes, _, unmappable) = encoding_rs::GBK.encode(&line);
        let han = line.chars().filter(|&c| ('一'..='鿿').contains(&c)).count();
        // prose: no tagged words, no word lists, no markup
        let prose = line.contains('。') && han * 10 >= line.chars().count() * 8;
        if unmappable || bytes.contains(&b'?') || !prose {
            continue;
        }
        if pages.last().is_some_and(|page| page.chars().count() > PAGE_CHARACTERS) {
            pages.push(String::new());
        }
        let page = pages.last_mut().expect("never empty");
        page.push_str(&line);
        page.push('\n');
    }
    pages
}

/// The characters beyond GB2312 with a bracket each, the most frequent first.
fn list(pages: &[String]) -> Vec<(char, String)> {
    let mut counts: HashMap<char, usize> = HashMap::new();
    pages.iter().flat_map(|page| page.chars()).for_each(|c| *counts.entry(c).or_default() += 1);
    let mut counts: Vec<(usize, char)> = counts.into_iter().map(|(c, n)| (n, c)).collect();
    counts.sort_by(|a, b| b.cmp(a));
    let beyond_gb2312 = |character: char| {
        let text = character.to_string();
        let (bytes, _, _) = encoding_rs::GBK.encode(&text);
        bytes.len() == 2 && !(bytes[0] >= 0xB0 && bytes[0] <= 0xF7 && bytes[1] >= 0xA1)
    };
    counts
        .into_iter()
        .filter(|&(_, character)| beyond_gb2312(character))
        .filter_map(|(_, character)| {
            Some((character, format!("({})", character.to_pinyin()?.with_tone())))
        })
        .collect()
}

/// A list in another order, the same on every run.
fn shuffled(list: &[(char, String)], seed: u64) -> Vec<(char, String)> {
    let mut list = list.to_vec();
    list.sort_by_key(|&(character, _)| {
        (u64::from(u32::from(character)) ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    list
}

/// What a page asks of its repair.
#[derive(Debug, PartialEq)]
enum Ruins {
    /// Brackets only.
    None,
    /// Each `?` ate the `(` of a reading, which tells the lost byte.
    Determined,
    /// Bytes are lost that only the context can tell.
    Inferred,
}

fn ruins(damaged: &str) -> Ruins {
    let mut pieces = damaged.split('?').skip(1).peekable();
    if pieces.peek().is_none() {
        return Ruins::None;
    }
    let is_reading = |piece: &str| {
        let letters: String =
            piece.chars().take_while(|c| c.is_alphabetic() && *c < '一').collect();
        !letters.is_empty() && piece[letters.len()..].starts_with(')')
    };
    if pieces.all(is_reading) { Ruins::Determined } else { Ruins::Inferred }
}

#[derive(Default)]
struct Score {
    pages: usize,
    exact: usize,
}

impl Score {
    fn add(&mut self, exact: bool) {
        self.pages += 1;
        self.exact += usize::from(exact);
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = 100.0 * self.exact as f64 / self.pages.max(1) as f64;
        write!(f, "{} of {} exact ({share:.1} %)", self.exact, self.pages)
    }
}

fn generated(fixer: &Fixer) {
    let pages = clean_pages();
    let full = list(&pages);
    let (mut plain, mut determined, mut inferred) = Default::default();
    let (mut filled, mut filled_right, mut open) = (0usize, 0usize, 0usize);
    let mut shown = 0;
    for (size, seed) in [10, 100, 300, 2000].into_iter().flat_map(|size| [(size, 1), (size, 2)]) {
        let list = shuffled(&full[..size.min(full.len())], seed);
        let injector = Injector::new(list.iter().map(|(c, bracket)| (*c, bracket.as_str())));
        for (index, page) in pages.iter().enumerate().skip(seed as usize).step_by(11) {
            let split = index % 2 == 0;
            let marks = if split { "，。；？！" } else { "" };
            let injector = injector.clone().split_before(marks.chars()).fold(index % 3 == 0);
            let damaged = injector.inject(page);
            let truth: String = page.nfkc().collect();
            let fixed = fixer.fix(&damaged);
            let exact = fixed.text.nfkc().collect::<String>() == truth;
            let score: &mut Score = match ruins(&damaged) {
                Ruins::None => &mut plain,
                Ruins::Determined => &mut determined,
                Ruins::Inferred => &mut inferred,
            };
            score.add(exact);
            for edit in &fixed.edits {
                filled += edit.filled.len();
                open += edit.after.matches('\u{FFFD}').count();
            }
            if exact {
                filled_right += fixed.edits.iter().map(|edit| edit.filled.len()).sum::<usize>();
            } else if shown < 40
                && ruins(&damaged) != Ruins::Inferred
                && std::env::args().any(|argument| argument == "-v")
            {
                shown += 1;
                if let Ok(folder) = std::env::var("FAILS") {
                    std::fs::write(format!("{folder}/{shown}.txt"), &damaged).expect("folder");
                }
                let text: String = fixed.text.nfkc().collect();
                let wrong = text.lines().zip(truth.lines()).find(|(a, b)| a != b);
                if let Some((a, b)) = wrong {
                    let from = a
                        .chars()
                        .zip(b.chars())
                        .take_while(|(a, b)| a == b)
                        .count()
                        .saturating_sub(6);
                    let cut = |line: &str| line.chars().skip(from).take(24).collect::<String>();
                    println!("  {size} {:?}: {} | {}", ruins(&damaged), cut(a), cut(b));
                }
            }
        }
    }
    println!("generated, no ruin: {plain}");
    println!("generated, determined ruins: {determined}");
    println!("generated, ruins with lost bytes as well: {inferred}");
    println!(
        "lost characters filled: {filled} (of those on exact pages {filled_right}), left open: {open}"
    );
}

/// Whether characters filled with a posterior are right as often as it says.
fn calibration() {
    let fixer = Fixer::builder().repair([Kind::Pinyin]).confidence(0.0).build().expect("valid");
    let pages = clean_pages();
    let list = shuffled(&list(&pages)[..300.min(pages.len())], 3);
    let injector = Injector::new(list.iter().map(|(c, bracket)| (*c, bracket.as_str())))
        .split_before("，。；？！".chars());
    let mut bins = [(0, 0); 11];
    for page in pages.iter().step_by(3) {
        let damaged = injector.inject(page);
        let fixed = fixer.fix(&damaged);
        let mut grown = 0isize;
        for edit in &fixed.edits {
            for filled in &edit.filled {
                let at = edit.range.start.saturating_add_signed(grown) + filled.at;
                let line = fixed.text[..at].matches('\n').count();
                let start = fixed.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                let index = fixed.text[start..at].chars().count();
                let (Some(truth), Some(ours)) =
                    (page.lines().nth(line), fixed.text.lines().nth(line))
                else {
                    continue;
                };
                if truth.chars().count() != ours.chars().count() {
                    continue;
                }
                let bin = &mut bins[if filled.posterior >= 0.99 {
                    10
                } else {
                    (filled.posterior * 10.0) as usize
                }];
                bin.0 += 1;
                bin.1 += usize::from(truth.chars().nth(index) == Some(filled.character));
            }
            grown += edit.after.len() as isize - edit.range.len() as isize;
        }
    }
    for (bin, (all, right)) in bins.iter().enumerate() {
        println!(
            "posterior from {:.2}: {right} of {all} right",
            if bin == 10 { 0.99 } else { bin as f32 / 10.0 }
        );
    }
}
