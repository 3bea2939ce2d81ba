//! Injected pages that were read as UTF-8 with every invalid byte dropped: only the ASCII of
//! the brackets is left, beyond repair (R11).
//!
//! ```text
//! 農(nóng)業(yè)學(xué)圖書(shū)館
//! DE72 ( n A8AE ng ) 9849 ( y A8A8 ) 8C57 ( xu A8A6 ) 8844 95F8 ( sh A8B1 ) F05E
//!   r  ( n      ng )   I  ( y      )   W  ( xu      )   D       ( sh      )   ^
//! ```

use std::sync::LazyLock;

use memchr::memchr_iter;
use pinyin::ToPinyin;
use rustc_hash::FxHashSet;

use crate::edit::{Finding, Kind};

/// Brackets in a row that no code or formula has: `f(x)g(y)h(z)` is three.
const MIN_BRACKETS: usize = 4;

/// Of them, those with several letters.
const MIN_LONG: usize = 3;

/// How many bytes may be left between two brackets: ASCII, and what happened to be UTF-8.
const MAX_BETWEEN: usize = 8;

/// The most letters that a syllable has without its marked vowel: `zhung`.
const MAX_LETTERS: usize = 5;

/// Every syllable without the vowel that bears its tone mark, which GBK has in two bytes.
static HOLLOW: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let readings = ('\u{4E00}'..='\u{9FFF}').filter_map(|character| character.to_pinyin());
    let hollow = |syllable: &str| syllable.chars().filter(char::is_ascii).collect();
    readings.map(|reading| hollow(reading.with_tone())).collect()
});

/// Finds what is left of injected pages.
pub(super) fn findings(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut run = Run::default();
    for open in memchr_iter(b'(', text.as_bytes()) {
        let Some(letters) = letters_in_parentheses(&text.as_bytes()[open..]) else { continue };
        if !run.goes_on(text, open) {
            findings.extend(run.finding(text));
            run = Run { start: start_of_token(text, open), ..Run::default() };
        }
        run.add(open, letters);
    }
    findings.extend(run.finding(text));
    findings
}

/// Brackets in a row.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    brackets: usize,
    long: usize,
    /// Where the letters of the first brackets start, and how many there are.
    first: Vec<(usize, usize)>,
}

impl Run {
    fn goes_on(&self, text: &str, open: usize) -> bool {
        let between = text.as_bytes().get(self.end..open).unwrap_or_default();
        self.brackets > 0 && between.len() <= MAX_BETWEEN && !between.contains(&b'\n')
    }

    fn add(&mut self, open: usize, letters: usize) {
        self.brackets += 1;
        self.long += usize::from(letters > 1);
        self.end = open + letters + 2;
        if self.first.len() < MIN_BRACKETS {
            self.first.push((open + 1, letters));
        }
    }

    fn finding(&self, text: &str) -> Option<Finding> {
        let is_hollow = |&(at, letters): &(usize, usize)| HOLLOW.contains(&text[at..at + letters]);
        let found = self.brackets >= MIN_BRACKETS
            && self.long >= MIN_LONG
            && self.first.iter().all(is_hollow);
        let message = "injected pinyin whose characters are lost";
        found.then(|| Finding::new(text, self.start..self.end, Kind::Pinyin, message))
    }
}

/// How many lower-case letters, and nothing else, are in the parentheses at the front.
fn letters_in_parentheses(bytes: &[u8]) -> Option<usize> {
    let inside = &bytes[1..bytes.len().min(MAX_LETTERS + 2)];
    let letters = inside.iter().position(|byte| !byte.is_ascii_lowercase())?;
    (letters > 0 && inside[letters] == b')').then_some(letters)
}

/// Where the characters start that stand before a bracket without a blank.
fn start_of_token(text: &str, open: usize) -> usize {
    let before = text[..open].bytes().rev().take(MAX_BETWEEN);
    open - before.take_while(u8::is_ascii_graphic).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        findings(text).into_iter().map(|finding| finding.before).collect()
    }

    #[test]
    fn what_is_left_of_a_page_is_found() {
        // 館藏圖書(shū)、電(diàn)子(zǐ)學(xué)習(xí)
        let text = "1) ^DD(sh)(din)(z)W(xu)(x) 2";
        assert_eq!(found(text), ["^DD(sh)(din)(z)W(xu)(x)"]);
    }

    #[test]
    fn code_and_formulas_are_not() {
        for text in [
            "f(x)g(y)h(z)f(x)g(y)",
            "sin(x)+cos(y)*log(n)/exp(t)",
            "cat(ls) | grep(rc) | sort(n) | uniq(c)",
            "main(argc)(argv)(envp)(auxv)",
            "(a)(b)(c)(d)(e)(f)",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
