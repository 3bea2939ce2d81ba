//! How much of pinyin injection is repaired, and how much honest pinyin is left alone.
//!
//! `cargo bench --bench pinyin_accuracy` prints one line a group. The real excerpts
//! and the corpora are not part of the project: groups whose data is absent say so.

mod corpora;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hanfix::codec::{Codec, Decoder, Flavour, Unit};
use hanfix::convert::{Config, Converter};
use hanfix::repair::pinyin::{Injector, Loss, Tear, Traced};
use hanfix::{Fixed, Fixer, Kind, model};
use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

use corpora::{CORPORA, HELD_OUT};

/// About the size of an article; excerpts are repeated up to it.
const PAGE_CHARACTERS: usize = 1500;

/// What stands for a lost spot in the hand-checked truths.
const LOST: char = '□';

fn main() {
    let fixer = Fixer::builder().repair([Kind::Pinyin]).build().expect("valid options");
    excerpts(&fixer);
    honest(&fixer);
    slips();
    generated();
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

/// Sentences of a paragraph.
const SENTENCES: usize = 5;

/// Clean pages as the sites have them before the injection: mainland text, converted.
///
/// They come from the stretch of the corpus that the model was not trained on. The first
/// half of it is for finding constants (`HALF=tune`), the second for measuring.
fn clean_pages() -> Vec<String> {
    let middle = HELD_OUT.start.midpoint(HELD_OUT.end);
    let half = match std::env::var_os("HALF") {
        Some(_) => HELD_OUT.start..middle,
        None => middle..HELD_OUT.end,
    };
    let lines = corpora::lines("zh-hans", half);
    if lines.is_empty() {
        println!("generated pages: skipped, no zh-hans in {CORPORA}");
        return Vec::new();
    }
    let converter = Converter::new(Config::S2t);
    let mut pages = vec![String::new()];
    for line in &lines {
        let line = converter.convert(line);
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
        // the corpus has a sentence a line; pages have paragraphs
        if page.matches('。').count() % SENTENCES == 0 {
            page.push('\n');
        }
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

/// The hardest thing about a tear, by the names of the ruins.
fn ruin(tear: &Tear, damaged: &str) -> &'static str {
    let has = |wanted: fn(Loss) -> bool| tear.losses.iter().any(|&(_, loss)| wanted(loss));
    let twice = |pair: &[(usize, Loss)]| {
        pair[0].1 == Loss::Split && pair[1].1 == Loss::Split && pair[0].0 + 1 == pair[1].0
    };
    let shown = &damaged[tear.damaged.clone()];
    let behind_brackets = shown.rsplit(')').next().unwrap_or(shown);
    if has(|loss| matches!(loss, Loss::Swallowed(_))) {
        "R7 swallowed"
    } else if has(|loss| loss == Loss::Vanished) {
        "R6 vanished"
    } else if tear.losses.windows(2).any(twice) {
        "R5 split twice"
    } else if has(|loss| loss == Loss::Split) {
        "R4 split"
    } else if behind_brackets.chars().any(|c| c > '\u{2000}') {
        "R3 long shift"
    } else if behind_brackets.is_empty() {
        "R1 overlap"
    } else {
        "R2 ascii trail"
    }
}

/// Whether folding changed shifted characters of a tear, other than the marks.
fn is_folded(tear: &Tear, damaged: &str) -> bool {
    let shown = damaged[tear.damaged.clone()].chars().filter(|c| !"，；？！".contains(*c));
    shown.clone().nfkc().ne(shown)
}

/// The bytes of a text in GBK.
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// Bytes as Windows decodes them; `None` where that loses some.
fn decoded(mut bytes: &[u8]) -> Option<String> {
    let decoder = Decoder::new(Codec::Gbk, Flavour::WINDOWS);
    let mut text = String::new();
    while !bytes.is_empty() {
        let (unit, len) = decoder.unit(bytes);
        let Unit::Char(character) = unit else { return None };
        text.push(character);
        bytes = &bytes[len..];
    }
    Some(text)
}

/// How much of a line around a tear its reader sees, in characters on each side.
const CONTEXT: usize = 12;

/// What the reader needs of the posterior to call a tear determined.
const DETERMINED: f64 = 0.99;

/// Candidates this much less likely than the truth, in bits, are not counted.
const COUNTED_BITS: i32 = 16;

/// Whether only one original is plausible: the posterior of the truth, among all bytes that
/// the same injector tears to the same text, by the project's model alone.
///
/// The bytes of each loss are tried with those of the others as they were.
fn is_determined(tear: &Tear, page: &[u8], starts: &[usize], injector: &Injector) -> bool {
    let first = starts.partition_point(|&start| start < tear.original.start);
    let end = starts.partition_point(|&start| start < tear.original.end);
    let from = starts[first.saturating_sub(CONTEXT)];
    let to = starts[(end + CONTEXT).min(starts.len() - 1)];
    let window = &page[from..to];
    let truth = decoded(window).expect("clean");
    let damaged = injector.inject(&truth);
    let simplified = Converter::new(Config::T2s);
    let cost = |text: &str| model::text_cost(&simplified.convert(text)).0;
    let true_cost = cost(&truth);
    tear.losses.iter().all(|&(offset, loss)| {
        let at = offset - from;
        let leads = || (0x81..=0xFEu8).map(|lead| vec![lead]);
        let candidates: Vec<Vec<u8>> = match loss {
            Loss::Bracket | Loss::Split => leads().collect(),
            Loss::Swallowed(_) => (0x0A..0x40)
                .flat_map(|ascii| leads().map(move |lead| vec![lead[0], ascii]))
                .collect(),
            Loss::Vanished => leads()
                .flat_map(|first| leads().map(move |second| vec![first[0], second[0]]))
                .collect(),
        };
        let mut total = 1.0;
        for candidate in candidates {
            let mut bytes = window.to_vec();
            bytes[at..at + candidate.len()].copy_from_slice(&candidate);
            if bytes == window {
                continue;
            }
            let Some(text) = decoded(&bytes) else { continue };
            let worse = cost(&text) - true_cost;
            if worse < COUNTED_BITS * 256 && injector.inject(&text) == damaged {
                total += (-f64::from(worse) / 256.0).exp2();
            }
        }
        1.0 / total >= DETERMINED
    })
}

/// What became of a tear.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Exact,
    /// U+FFFD stands for some of what was lost, and all else is right.
    Partly,
    Left,
    Wrong,
}

impl Outcome {
    /// What became of text that was `damaged`, is `ours` now and was the `truth`.
    fn of(damaged: &str, ours: &str, truth: &str) -> Outcome {
        if ours == truth {
            Outcome::Exact
        } else if is_partly(&chars(ours), &chars(truth)) {
            Outcome::Partly
        } else if ours.chars().eq(damaged.nfkc()) {
            Outcome::Left
        } else {
            Outcome::Wrong
        }
    }

    fn name(self) -> &'static str {
        match self {
            Outcome::Exact => "exact",
            Outcome::Partly => "partly",
            Outcome::Left => "left",
            Outcome::Wrong => "WRONG",
        }
    }
}

/// Where a tear and all edits that touch it stand in the damaged text, and what is there
/// in the fixed text and was in the original.
fn compared(
    tear: &Tear,
    traced: &Traced,
    fixed: &Fixed<'_>,
    page: &[u8],
) -> (Range<usize>, String, String) {
    let touches = |range: &Range<usize>, edit: &Range<usize>| {
        edit.start < range.end && range.start < edit.end
    };
    let mut range = tear.damaged.clone();
    let mut original = tear.original.clone();
    for edit in fixed.edits.iter().filter(|edit| touches(&tear.damaged, &edit.range)) {
        range = range.start.min(edit.range.start)..range.end.max(edit.range.end);
    }
    let place = |damaged: usize| traced.places.partition_point(|&(place, _)| place < damaged);
    if range.end > tear.damaged.end {
        (range.end, original.end) = traced.places[place(range.end)];
    }
    if range.start < tear.damaged.start {
        let before = traced.places.partition_point(|&(place, _)| place <= range.start) - 1;
        (range.start, original.start) = traced.places[before];
    }
    let mut after = String::new();
    let mut at = range.start;
    for edit in fixed.edits.iter().filter(|edit| touches(&range, &edit.range)) {
        after.push_str(&traced.text[at..edit.range.start]);
        after.push_str(&edit.after);
        at = edit.range.end;
    }
    after.push_str(&traced.text[at..range.end]);
    let truth = decoded(&page[original]).unwrap_or_default();
    (range, after.nfkc().collect(), truth.nfkc().collect())
}

/// Whether a text is another one but for U+FFFD, which stands for one character or, where a pair
/// vanished, two.
fn is_partly(ours: &[char], truth: &[char]) -> bool {
    match ours {
        [] => truth.is_empty(),
        [char::REPLACEMENT_CHARACTER, rest @ ..] => {
            (1..=truth.len().min(3)).any(|lost| is_partly(rest, &truth[lost..]))
        }
        [one, rest @ ..] => truth.first() == Some(one) && is_partly(rest, &truth[1..]),
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

#[derive(Default)]
struct Row {
    exact: usize,
    partly: usize,
    left: usize,
    wrong: usize,
}

impl Row {
    fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Exact => &mut self.exact,
            Outcome::Partly => &mut self.partly,
            Outcome::Left => &mut self.left,
            Outcome::Wrong => &mut self.wrong,
        } += 1;
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Row { exact, partly, left, wrong } = self;
        let all = exact + partly + left + wrong;
        write!(f, "n {all:5}  exact {exact:5}  partly {partly:5}  left {left:5}  wrong {wrong:5}")
    }
}

/// Whether characters are right as often as their posteriors say, by posterior.
#[derive(Default)]
struct Calibration([(usize, usize); 11]);

impl Calibration {
    fn add(&mut self, posterior: f32, right: bool) {
        let bin = if posterior >= 0.99 { 10 } else { (posterior * 10.0) as usize };
        self.0[bin].0 += 1;
        self.0[bin].1 += usize::from(right);
    }
}

impl std::fmt::Display for Calibration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (bin, (all, right)) in self.0.iter().enumerate().filter(|(_, (all, _))| *all > 0) {
            let from = if bin == 10 { 0.99 } else { bin as f32 / 10.0 };
            write!(f, "  {from:.2}: {right}/{all}")?;
        }
        Ok(())
    }
}

/// A page made by the injector.
struct Torn<'p> {
    page: &'p str,
    /// The page in GBK.
    bytes: Vec<u8>,
    /// Where its characters start in that, and where it ends.
    starts: Vec<usize>,
    injector: Injector,
    traced: Traced,
    /// The same without folding.
    unfolded: Traced,
}

impl<'p> Torn<'p> {
    /// The page with the number `index`, by which injectors split off marks and fold.
    fn new(page: &'p str, index: usize, injector: &Injector) -> Torn<'p> {
        let marks = if index.is_multiple_of(2) { "，。；？！" } else { "" };
        let unfolded = injector.clone().split_before(marks.chars());
        let injector = unfolded.clone().fold(index.is_multiple_of(3));
        let bytes = gbk(page);
        Torn {
            page,
            starts: starts(&bytes),
            bytes,
            traced: injector.trace(page),
            unfolded: unfolded.trace(page),
            injector,
        }
    }
}

/// What became of the tears of many pages.
#[derive(Default)]
struct Measured {
    /// By the names of the ruins, and whether they are determined.
    rows: BTreeMap<(&'static str, bool), Row>,
    by_pages: BTreeMap<&'static str, Row>,
    /// Edits with filled characters.
    filled: Row,
    calibration: BTreeMap<&'static str, Calibration>,
}

impl Measured {
    /// Adds a page as it was fixed, and as it was with the best guesses.
    fn add(&mut self, torn: &Torn<'_>, fixed: &Fixed<'_>, guessed: &Fixed<'_>) {
        let mut all_determined = true;
        for (tear, in_unfolded) in torn.traced.tears.iter().zip(&torn.unfolded.tears) {
            let name = ruin(tear, &torn.traced.text);
            let determined = is_determined(tear, &torn.bytes, &torn.starts, &torn.injector);
            all_determined &= determined;
            let outcome = self.add_tear(tear, torn, fixed, (name, determined));
            if is_folded(in_unfolded, &torn.unfolded.text) {
                self.rows.entry(("R8 folded", determined)).or_default().add(outcome);
            }
            let (range, ours, truth) = compared(tear, &torn.traced, guessed, &torn.bytes);
            let filled = touching(guessed, &range).flat_map(|edit| &edit.filled);
            if let Some(least) = filled.map(|filled| filled.posterior).reduce(f32::min) {
                self.calibration.entry(name).or_default().add(least, ours == truth);
            }
        }
        let group = match (torn.traced.tears.is_empty(), all_determined) {
            (true, _) => "no tear",
            (false, true) => "determined tears",
            (false, false) => "tears not determined",
        };
        let is_untouched = || fixed.edits.iter().all(|edit| edit.steps.len() <= 1);
        self.by_pages.entry(group).or_default().add(match fixed.text.nfkc().eq(torn.page.nfkc()) {
            true => Outcome::Exact,
            false if is_untouched() => Outcome::Left,
            false => Outcome::Wrong,
        });
    }

    /// Adds a tear by its name and whether it is determined.
    fn add_tear(
        &mut self,
        tear: &Tear,
        torn: &Torn<'_>,
        fixed: &Fixed<'_>,
        (name, determined): (&'static str, bool),
    ) -> Outcome {
        let text = &torn.traced.text;
        let (range, ours, truth) = compared(tear, &torn.traced, fixed, &torn.bytes);
        let damaged = &text[range.clone()];
        let outcome = Outcome::of(damaged, &ours, &truth);
        self.rows.entry((name, determined)).or_default().add(outcome);
        for _ in touching(fixed, &range).filter(|edit| !edit.filled.is_empty()) {
            self.filled.add(outcome);
        }
        if std::env::args().any(|argument| argument == "-v") {
            let (before, behind) = around(text, &range);
            let what = outcome.name();
            let sure = if determined { "determined " } else { "" };
            println!("  {what} {sure}{name}: {before}[{damaged} | {ours} | {truth}]{behind}");
        }
        outcome
    }

    fn print(&self) {
        println!("generated tears at 0.99:");
        for ((name, determined), row) in &self.rows {
            let determined = if *determined { "determined" } else { "not determined" };
            println!("  {name:15} {determined:14} {row}");
        }
        println!("  edits with filled characters: {}", self.filled);
        println!("generated pages at 0.99:");
        for (group, row) in &self.by_pages {
            println!("  {group:20} {row}");
        }
        println!("tears with filled characters at 0, by the least posterior, exact of all:");
        for (name, calibration) in &self.calibration {
            println!("  {name:15} {calibration}");
        }
    }
}

/// A few characters on each side of a range.
fn around(text: &str, range: &Range<usize>) -> (String, String) {
    /// Characters on each side.
    const SHOWN: usize = 6;
    let before: Vec<char> = text[..range.start].chars().rev().take(SHOWN).collect();
    let behind = text[range.end..].chars().take(SHOWN).collect();
    (before.into_iter().rev().collect(), behind)
}

/// Pages made by the injector, with what became of each of their tears.
fn generated() {
    let fixer = |confidence| {
        let builder = Fixer::builder().repair([Kind::Pinyin]).confidence(confidence);
        builder.build().expect("valid")
    };
    let (sure, guess) = (fixer(0.99), fixer(0.0));
    let pages = clean_pages();
    let full = list(&pages);
    let mut measured = Measured::default();
    for (size, seed) in [10, 100, 300, 2000].into_iter().flat_map(|size| [(size, 1), (size, 2)]) {
        let list = shuffled(&full[..size.min(full.len())], seed);
        let injector = Injector::new(list.iter().map(|(c, bracket)| (*c, bracket.as_str())));
        for (index, page) in pages.iter().enumerate().skip(seed as usize).step_by(3) {
            let torn = Torn::new(page, index, &injector);
            let text = &torn.traced.text;
            measured.add(&torn, &sure.fix(text), &guess.fix(text));
        }
    }
    measured.print();
}

/// The edits that touch a range.
fn touching<'a>(
    fixed: &'a Fixed<'_>,
    range: &Range<usize>,
) -> impl Iterator<Item = &'a hanfix::Edit> {
    let range = range.clone();
    fixed
        .edits
        .iter()
        .filter(move |edit| edit.range.start < range.end && range.start < edit.range.end)
}

/// Where the characters of GBK text start, and its end.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let decoder = Decoder::new(Codec::Gbk, Flavour::WINDOWS);
    let mut starts = vec![0];
    let mut at = 0;
    while at < bytes.len() {
        at += decoder.unit(&bytes[at..]).1;
        starts.push(at);
    }
    starts
}
