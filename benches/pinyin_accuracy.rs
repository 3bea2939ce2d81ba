//! How much of pinyin injection is repaired, and how much honest pinyin is left alone.
//!
//! `cargo bench --bench pinyin_accuracy` prints one line a group. The real excerpts
//! and the corpora are not part of the project: groups whose data is absent say so.

use std::path::{Path, PathBuf};

use hanfix::{Fixer, Kind};

/// About the size of an article; excerpts are repeated up to it.
const PAGE_CHARACTERS: usize = 1500;

/// What stands for a lost spot in the hand-checked truths.
const LOST: char = '□';

fn main() {
    let fixer = Fixer::builder().repair([Kind::Pinyin]).build().expect("valid options");
    excerpts(&fixer);
    honest(&fixer);
}

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
