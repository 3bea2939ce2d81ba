//! Counts of ASCII in text, to the table that tells which of it was swallowed.

use hanfix::model::format::{ASCII_STEPS, FOLLOWERS, SIGNS};

use crate::counts::{Counts, ONE};
use crate::table::{byte, cost};

/// Seen this much more often than counted.
const SMOOTHING: u64 = ONE / 2;
/// From here on, characters are of Chinese, Japanese or Korean, or their marks.
const CHINESE: char = '\u{2E80}';
/// One text in so many has CR LF; the training texts have LF.
const WITH_CR: u64 = 4;
/// Words with a tag, `迈向/v` or `新/b`, in a line of a tagged newspaper, at least.
const FEW_TAGGED: usize = 3;

/// Weighted counts of the ASCII characters below `@`, in tenths.
pub struct Ascii {
    /// Behind Chinese.
    signs: Vec<u64>,
    /// Of each, what is behind it.
    followers: Vec<Vec<u64>>,
}

impl Default for Ascii {
    fn default() -> Ascii {
        Ascii { signs: vec![SMOOTHING; SIGNS], followers: vec![vec![SMOOTHING; FOLLOWERS]; SIGNS] }
    }
}

impl Ascii {
    /// Counts a line with its break, but none of tagged words.
    pub fn add_line(&mut self, line: &str, weight: u64) {
        if is_tagged(line) {
            return;
        }
        let behind = line.chars().chain(['\n']);
        for (previous, next) in std::iter::once('\n').chain(line.chars()).zip(behind) {
            self.add(previous, next, weight);
        }
    }

    fn add(&mut self, previous: char, next: char, count: u64) {
        if is_sign(next) && previous >= CHINESE {
            self.signs[next as usize] += count;
        }
        if is_sign(previous) {
            let follower = if next.is_ascii() { next as usize } else { FOLLOWERS - 1 };
            self.followers[previous as usize][follower] += count;
        }
    }

    /// The bytes of the table. `all` are the counts that the model's pairs are made of: of tagged
    /// lines, too, in which `/` is behind every word.
    pub fn table(mut self, all: &Counts) -> Vec<u8> {
        let mut of_all = Ascii::default();
        for (&[previous, next], &count) in &all.pairs {
            of_all.add(previous, next, count);
        }
        for ascii in [&mut self, &mut of_all] {
            let [cr, lf] = [b'\r', b'\n'].map(usize::from);
            let with_cr = ascii.signs[lf] / WITH_CR;
            ascii.signs[cr] += with_cr;
            ascii.followers[cr][lf] += with_cr;
        }
        let followers = self.followers.iter().map(Vec::as_slice);
        [&of_all.signs, &self.signs]
            .into_iter()
            .map(Vec::as_slice)
            .chain(followers)
            .flat_map(costs)
            .collect()
    }
}

fn costs(counts: &[u64]) -> Vec<u8> {
    let whole = counts.iter().sum();
    counts.iter().map(|&part| byte(cost(part, whole, ASCII_STEPS))).collect()
}

fn is_sign(c: char) -> bool {
    (c as usize) < SIGNS
}

/// Whether most words of a line have a tag.
fn is_tagged(line: &str) -> bool {
    let tag =
        |word: &str| word.rsplit_once('/').is_some_and(|(_, tag)| (1..4).contains(&tag.len()));
    let words = line.split_whitespace();
    let tagged = words.clone().filter(|word| tag(word)).count();
    tagged >= FEW_TAGGED && tagged * 2 > words.count()
}
