//! How much of each kind of damage is restored, and how much clean text is changed.
//!
//! ```text
//! cargo bench --bench accuracy [-- damage|lossy|documents|fill|clean|cases]
//! ```
//!
//! Text comes from `../shared/corpora`. The damage tables use only the stretch of each
//! file that training left out (`tools/train`: lines 480–530 ‰, mostly sources of their
//! own); clean text is every line of every file.
//!
//! With `HANFIX_STRINGS=FILE` the damaged strings are written to a file, for
//! `ftfy_accuracy.py` to repair the same ones.

mod corpora;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use hanfix::codec::{Afterwards, Codec, Decoder, Flavour};
use hanfix::{Fixed, Fixer, Kind, model};

use corpora::{CORPORA, HELD_OUT};

const CASES: &str = "../shared/cases";
/// The whole of a corpus, in thousandths.
const ALL: Range<usize> = 0..1000;
/// Characters of a piece of text.
const LENGTHS: [usize; 6] = [2, 4, 8, 16, 32, 64];
/// Pieces for each path and length.
const PIECES: usize = 400;
/// Documents, and lines of each.
const DOCUMENTS: usize = 400;
const LINES: usize = 10;

fn main() {
    if !Path::new(CORPORA).exists() {
        println!("skipped: {CORPORA} is not there");
        return;
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let tables: [(&str, fn()); 6] = [
        ("damage", damage),
        ("lossy", lossy),
        ("documents", documents),
        ("fill", fill),
        ("clean", clean),
        ("cases", cases),
    ];
    for (name, print) in tables {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            print();
        }
    }
}

/// How train and test text are split.
const SPLIT: &str = "text: lines 480–530 ‰ of each corpus, which training left out";

/// Writes damaged strings for other programs, where that is asked for.
struct Strings(Option<BufWriter<File>>);

impl Strings {
    fn open() -> Strings {
        let path = std::env::var_os("HANFIX_STRINGS");
        let append = |path| OpenOptions::new().create(true).append(true).open(path);
        Strings(path.map(|path| BufWriter::new(append(path).expect("a file for the strings"))))
    }

    fn add(&mut self, table: &str, row: &str, text: &str, damaged: &str) {
        // a tab or a line break in a string would be one of the file
        let parts = [text, damaged].iter().any(|s| s.contains(['\t', '\n', '\r']));
        if let (Some(file), false) = (&mut self.0, parts) {
            let length = text.chars().count();
            writeln!(file, "{table}\t{row}\t{length}\t{text}\t{damaged}").expect("room to write");
        }
    }
}

/// Pieces of `length` characters, without ASCII, from the stretch that was not trained on.
fn pieces(held_out: &[String], length: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for run in held_out.iter().flat_map(|line| line.split(|c: char| c.is_ascii())) {
        let characters: Vec<char> = run.chars().collect();
        pieces
            .extend(characters.chunks_exact(length).map(|chunk| chunk.iter().collect::<String>()));
    }
    let step = (pieces.len() / PIECES).max(1);
    pieces.into_iter().step_by(step).take(PIECES).collect()
}

/// The text as a wrong decoder shows it; `None` where bytes are lost or there are none.
fn damage_losslessly(text: &str, truth: Codec, wrong: Codec) -> Option<String> {
    let bytes = truth.encode(text)?;
    let decoder = Decoder::new(wrong, Flavour::WEB);
    let damaged = decoder.decode(&bytes);
    (!damaged.contains('\u{FFFD}') && damaged != text).then_some(damaged)
}

/// Restored strings, and those of which something was not and nothing is wrong: left as they
/// were, or with U+FFFD for characters that are not sure.
#[derive(Default)]
struct Tally {
    right: usize,
    unchanged: usize,
    wrong: usize,
}

/// Whether a text is the true one but for characters that are marked as lost.
fn is_part(fixed: &str, truth: &str) -> bool {
    let mut pairs = fixed.chars().zip(truth.chars());
    fixed.chars().count() == truth.chars().count()
        && pairs.all(|(one, other)| one == other || one == char::REPLACEMENT_CHARACTER)
}

impl Tally {
    fn add(&mut self, damaged: &str, fixed: &str, truth: &str) {
        if fixed == truth {
            self.right += 1;
        } else if fixed == damaged || is_part(fixed, truth) {
            self.unchanged += 1;
        } else {
            self.wrong += 1;
            if std::env::var_os("SHOW").is_some() {
                eprintln!("{truth} damaged {damaged:?} fixed {fixed:?}");
            }
        }
    }

    fn all(&self) -> usize {
        self.right + self.unchanged + self.wrong
    }

    fn share(&self) -> f64 {
        share(self.right, self.all())
    }
}

/// A part of a whole, in per cent.
fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Lossless damage: a row for each path, % restored and the number wrongly changed by length.
fn damage() {
    let fixer = Fixer::default();
    let texts: Vec<(&str, Vec<Codec>)> = vec![
        ("zh-hans", vec![Codec::Utf8, Codec::Gbk]),
        ("zh-hant", vec![Codec::Utf8, Codec::Big5]),
        ("ja", vec![Codec::Utf8, Codec::ShiftJis]),
        ("ko", vec![Codec::Utf8, Codec::EucKr]),
    ];
    let mut strings = Strings::open();
    println!("{SPLIT}");
    println!("lossless damage: % restored exactly (number wrongly changed), by characters");
    print!("{:32}", "");
    LENGTHS.iter().for_each(|length| print!("{length:>12}"));
    println!();
    let mut totals: BTreeMap<usize, (f64, usize, usize)> = BTreeMap::new();
    for (name, truths) in texts {
        let held_out = corpora::lines(name, HELD_OUT);
        let all_pieces: Vec<_> = LENGTHS.iter().map(|&length| pieces(&held_out, length)).collect();
        for truth in truths {
            // text that was no UTF-16 is hardly ever read as UTF-16: a table of its own
            let is_wrong =
                |wrong: &Codec| *wrong != truth && *wrong != Codec::Utf8 && !wrong.is_utf16();
            for wrong in Codec::ALL.into_iter().filter(is_wrong) {
                let row = format!("{name} {truth} as {wrong}");
                print!("{row:32}");
                for (&length, pieces) in LENGTHS.iter().zip(&all_pieces) {
                    let mut tally = Tally::default();
                    for piece in pieces {
                        let Some(damaged) = damage_losslessly(piece, truth, wrong) else {
                            continue;
                        };
                        strings.add("lossless", &row, piece, &damaged);
                        tally.add(&damaged, &fixer.fix(&damaged).text, piece);
                    }
                    if tally.all() < 20 {
                        print!("{:>12}", "–");
                        continue;
                    }
                    print!("{:>12}", format!("{:.2} ({})", tally.share(), tally.wrong));
                    let total = totals.entry(length).or_default();
                    *total = (total.0 + tally.share(), total.1 + 1, total.2 + tally.wrong);
                }
                println!();
            }
        }
    }
    print!("{:32}", "mean");
    for (sum, paths, wrong) in totals.values() {
        print!("{:>12}", format!("{:.2} ({wrong})", sum / *paths as f64));
    }
    println!();
}

/// Lossy UTF-8 as GBK: % of characters right with best guesses, and of those filled by default.
fn lossy() {
    let guessing = Fixer::builder().confidence(0.0).build().expect("0 is a probability");
    let careful = Fixer::default();
    let mut strings = Strings::open();
    println!("{SPLIT}");
    println!(
        "lossy utf-8 as gbk: % of characters right (best guess), % of filled ones right at the default confidence (filled)"
    );
    for name in ["zh-hans", "zh-hant"] {
        let held_out = corpora::lines(name, HELD_OUT);
        for flavour in Flavour::ALL.into_iter().filter(|flavour| !is_single_byte(*flavour)) {
            let row = format!("{name} {flavour:?}");
            print!("{row:32}");
            for length in LENGTHS {
                let decoder = Decoder::new(Codec::Gbk, flavour);
                let (mut right, mut all, mut filled) = (0, 0, Filled::default());
                for piece in pieces(&held_out, length) {
                    let damaged = decoder.decode(piece.as_bytes());
                    strings.add("lossy", &row, &piece, &damaged);
                    right += same(&guessing.fix(&damaged).text, &piece);
                    all += length;
                    let fixed = careful.fix(&damaged);
                    filled.add(&fixed, &matched(&fixed.text, &piece));
                }
                let (right, sure) = (share(right, all), filled.share());
                print!("{:>22}", format!("{right:.1} {sure:.1} ({})", filled.all));
            }
            println!();
        }
    }
}

/// Code and markup with Chinese in it, UTF-8 as GBK, in whole lines: Windows swallows ASCII and line
/// breaks as well.
fn documents() {
    let guessing = Fixer::builder().confidence(0.0).build().expect("0 is a probability");
    let careful = Fixer::default();
    println!(
        "documents of {LINES} lines of code and markup, utf-8 as gbk: % of characters right (best guess), at the default confidence, % of those filled then right (filled, of them ASCII)"
    );
    let lines = corpora::lines("code-zh-comments", ALL);
    for flavour in Flavour::ALL.into_iter().filter(|flavour| !is_single_byte(*flavour)) {
        let decoder = Decoder::new(Codec::Gbk, flavour);
        let (mut all, mut guessed, mut right) = (0, 0, 0);
        let (mut filled, mut signs) = (Filled::default(), 0);
        for document in lines.chunks(lines.len() / DOCUMENTS) {
            let text: String = document.iter().take(LINES).flat_map(|line| [line, "\n"]).collect();
            let damaged = decoder.decode(text.as_bytes());
            if damaged == text {
                continue;
            }
            all += text.chars().count();
            guessed += same(&guessing.fix(&damaged).text, &text);
            let fixed = careful.fix(&damaged);
            let matched = matched(&fixed.text, &text);
            right += matched.iter().filter(|&&matched| matched).count();
            filled.add(&fixed, &matched);
            let ascii = fixed.edits.iter().flat_map(|edit| &edit.filled);
            signs += ascii.filter(|filled| filled.character.is_ascii()).count();
        }
        println!(
            "{:10}{:>8.2}{:>8.2}{:>8.2} ({}, {signs})",
            format!("{flavour:?}"),
            share(guessed, all),
            share(right, all),
            filled.share(),
            filled.all
        );
    }
}

/// One lost byte: how often the model alone chooses the right character of those that the
/// other bytes leave, by pairs and by triples.
fn fill() {
    println!("{SPLIT}");
    println!(
        "one lost byte, by pairs; by triples: % of characters right, % filled at 0.99, % of those right"
    );
    let texts = [
        ("zh-hans", Codec::Utf8),
        ("zh-hans", Codec::Gbk),
        ("zh-hant", Codec::Utf8),
        ("zh-hant", Codec::Big5),
        ("ko", Codec::EucKr),
    ];
    for (name, codec) in texts {
        let held_out = corpora::lines(name, HELD_OUT);
        let mut tallies: BTreeMap<usize, [Fill; 2]> = BTreeMap::new();
        for (at, line) in held_out.iter().enumerate() {
            let characters: Vec<char> = line.chars().collect();
            let places = CONTEXT..characters.len().saturating_sub(CONTEXT);
            // any place will do that is the same in every run
            let Some(place) = places.clone().nth(at % places.len().max(1)) else { continue };
            let around = &characters[place - CONTEXT..=place + CONTEXT];
            if around[CONTEXT].is_ascii() {
                continue;
            }
            for (byte, candidates) in candidates(around[CONTEXT], codec).into_iter().enumerate() {
                let [pairs, triples] = tallies.entry(byte).or_default();
                pairs.add(around, &candidates, |_| 0);
                triples.add(around, &candidates, gain);
            }
        }
        for (byte, [pairs, triples]) in tallies {
            println!("{name} {codec} byte {}: {pairs}; {triples}", byte + 1);
        }
    }
}

/// Characters on each side that tell what was lost.
const CONTEXT: usize = 2;

/// What triples gain over pairs.
fn gain(characters: &[char]) -> i32 {
    characters.windows(3).map(|c| model::gain_behind_two(c[0], c[1], c[2]).0).sum()
}

/// For each byte of a character, the characters that it may be if that one is lost.
fn candidates(character: char, codec: Codec) -> Vec<Vec<char>> {
    let Some(bytes) = codec.encode(character.encode_utf8(&mut [0; 4])) else { return Vec::new() };
    // GBK has four bytes for characters that no text here has
    if bytes.len() > 3 {
        return Vec::new();
    }
    let decoder = Decoder::new(codec, Flavour::WEB);
    let with = |at: usize| {
        let read = (0x40..=0xFF).filter_map(|value| {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            let text = match codec {
                Codec::Utf8 => String::from_utf8(bytes).ok()?,
                _ => decoder.decode(&bytes),
            };
            let mut read = text.chars();
            let is_known = |c: &char| !matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFFD}');
            read.next().filter(|c| is_known(c) && read.next().is_none())
        });
        read.collect()
    };
    (0..bytes.len()).map(with).collect()
}

/// How often a lost character was chosen right.
#[derive(Default)]
struct Fill {
    all: usize,
    right: usize,
    sure: usize,
    sure_right: usize,
}

impl Fill {
    /// Chooses the character in the middle of some, by pairs and a further gain.
    fn add(&mut self, around: &[char], candidates: &[char], gain: impl Fn(&[char]) -> i32) {
        let mut text = around.to_vec();
        let mut costs: Vec<(i32, char)> = Vec::new();
        for &candidate in candidates {
            text[CONTEXT] = candidate;
            let pairs = text.windows(2).map(|pair| model::cost(pair[0], pair[1]).0);
            costs.push((pairs.sum::<i32>() - gain(&text), candidate));
        }
        let Some(&(best, chosen)) = costs.iter().min() else { return };
        let likelihood = |&(cost, _): &(i32, char)| (f64::from(best - cost) / 256.0).exp2();
        let is_sure = 1.0 / costs.iter().map(likelihood).sum::<f64>() >= 0.99;
        let is_right = chosen == around[CONTEXT];
        self.all += 1;
        self.right += usize::from(is_right);
        self.sure += usize::from(is_sure);
        self.sure_right += usize::from(is_sure && is_right);
    }
}

impl std::fmt::Display for Fill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let right = share(self.right, self.all);
        let (sure, sure_right) = (share(self.sure, self.all), share(self.sure_right, self.sure));
        write!(f, "{right:.1} {sure:.1} {sure_right:.2}")
    }
}

/// Whether a flavour differs from the web's only for single-byte codecs.
fn is_single_byte(flavour: Flavour) -> bool {
    matches!(flavour.afterwards, Afterwards::Scraped(_))
}

/// Characters that were filled in, and how many of them are right.
#[derive(Default)]
struct Filled {
    all: usize,
    right: usize,
}

impl Filled {
    /// Adds those of a result, given which of its characters are right.
    fn add(&mut self, fixed: &Fixed<'_>, matched: &[bool]) {
        let places = filled_places(fixed);
        self.all += places.len();
        self.right += places.into_iter().filter(|&at| matched[at]).count();
    }

    fn share(&self) -> f64 {
        share(self.right, self.all)
    }
}

/// Which characters of the result were filled in, counted from its start.
fn filled_places(fixed: &Fixed<'_>) -> Vec<usize> {
    let mut places = Vec::new();
    let mut grown = 0isize;
    for edit in &fixed.edits {
        let start = edit.range.start.checked_add_signed(grown).expect("inside the result");
        places.extend(edit.filled.iter().map(|fill| fixed.text[..start + fill.at].chars().count()));
        grown += edit.after.len() as isize - edit.range.len() as isize;
    }
    places
}

/// How many characters of the text stand where the truth has the same.
fn same(text: &str, truth: &str) -> usize {
    matched(text, truth).into_iter().filter(|&matched| matched).count()
}

/// For each character of the text, whether a shortest way of edits from the text to the
/// truth keeps it: a character that was lost or added moves none of the others.
fn matched(text: &str, truth: &str) -> Vec<bool> {
    let (text, truth): (Vec<char>, Vec<char>) = (text.chars().collect(), truth.chars().collect());
    // the distance of the ends from each pair of places on
    let mut distance = vec![vec![0usize; truth.len() + 1]; text.len() + 1];
    for at in (0..=text.len()).rev() {
        for to in (0..=truth.len()).rev() {
            distance[at][to] = match (text.get(at), truth.get(to)) {
                (None, _) => truth.len() - to,
                (_, None) => text.len() - at,
                (Some(c), Some(t)) => {
                    let changed = distance[at + 1][to + 1] + usize::from(c != t);
                    changed.min(distance[at + 1][to] + 1).min(distance[at][to + 1] + 1)
                }
            };
        }
    }
    let mut matched = vec![false; text.len()];
    let (mut at, mut to) = (0, 0);
    while at < text.len() && to < truth.len() {
        let here = distance[at][to];
        if here == distance[at + 1][to + 1] + usize::from(text[at] != truth[to]) {
            matched[at] = text[at] == truth[to];
            (at, to) = (at + 1, to + 1);
        } else if here == distance[at + 1][to] + 1 {
            at += 1;
        } else {
            to += 1;
        }
    }
    matched
}

/// Clean text: lines changed, per 100,000.
fn clean() {
    let fixer = Fixer::default();
    println!("clean text: lines changed");
    let mut files: Vec<_> = std::fs::read_dir(CORPORA).expect("the corpora").flatten().collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".txt.zst") else { continue };
        let lines = corpora::lines(name, ALL);
        let mut changed: BTreeMap<Kind, usize> = BTreeMap::new();
        for line in &lines {
            let fixed = fixer.fix(line);
            if let Some(edit) = fixed.edits.first() {
                *changed.entry(edit.kind).or_default() += 1;
                if std::env::var_os("SHOW").is_some() {
                    let steps: Vec<String> = edit.steps.iter().map(ToString::to_string).collect();
                    eprintln!(
                        "{name} {} {:?} → {:?} {} {steps:?}",
                        edit.kind, edit.before, edit.after, edit.bits
                    );
                }
            }
        }
        let sum: usize = changed.values().sum();
        let rate = 100_000.0 * sum as f64 / lines.len() as f64;
        println!(
            "{name:24} {:>8} lines {sum:>6} changed {rate:>9.2} per 100,000 {changed:?}",
            lines.len()
        );
    }
}

/// The real cases, by kind.
fn cases() {
    let fixers = [
        ("default", Fixer::default()),
        ("best guess", Fixer::builder().confidence(0.0).build().expect("0 is a probability")),
    ];
    for (name, fixer) in fixers {
        for file in ["mojibake", "negative", "pinyin", "pinyin_negative"] {
            let text = std::fs::read_to_string(Path::new(CASES).join(format!("{file}.jsonl")));
            let text = text.expect("the cases");
            let mut kinds: BTreeMap<(String, bool), (Tally, usize, usize)> = BTreeMap::new();
            for line in text.lines() {
                let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
                let field = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
                let (damaged, truth) = (field("damaged"), field("truth"));
                let lossless = case["lossless"].as_bool().unwrap_or(false);
                let key = (
                    if file.ends_with("negative") { file.to_owned() } else { field("kind") },
                    lossless,
                );
                let (tally, right, all) = kinds.entry(key).or_default();
                // a case without a truth is right where nothing was invented
                let truth = if case["truth"].is_null() { damaged.clone() } else { truth };
                let fixed = fixer.fix(&damaged).text;
                tally.add(&damaged, &fixed, &truth);
                *right += same(&fixed, &truth);
                *all += truth.chars().count();
            }
            println!("{file} ({name}): exact / unchanged / other, % of characters");
            for ((kind, lossless), (tally, right, all)) in kinds {
                let share = share(right, all);
                let lossless = if lossless { "lossless" } else { "lossy" };
                println!(
                    "{kind:36} {lossless:9} {:>4} {:>4} {:>4} {share:>7.1}",
                    tally.right, tally.unchanged, tally.wrong
                );
            }
        }
    }
}
