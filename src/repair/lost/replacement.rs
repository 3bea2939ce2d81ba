//! U+FFFD, alone or in runs, and the letters that survived around it.

use std::ops::Range;

use super::{Lost, is_quoted, stretch};
use crate::script::{is_cjk_punctuation, is_han_or_kana, neighbours};

/// GBK bytes read as UTF-8 leave at most so many letters between two lost ones;
/// more are a word of another script.
const SURVIVORS: usize = 3;

/// Longer chains of lost and surviving letters are told in pieces, so that each
/// letter is looked at a bounded number of times.
const CHAIN: usize = 64;

/// What is said of a lone U+FFFD.
pub const CHARACTER: &str = "lost character (U+FFFD)";
/// What is said of several in a row.
pub const RUN: &str = "run of U+FFFD; the text is lost";

/// U+FFFD with what survived around it.
pub fn replacement(text: &str, at: Range<usize>) -> Option<Lost> {
    let run = stretch(text, at, |c| c == '\u{FFFD}');
    let whole = with_survivors(text, &run);
    let (lost, kept) = text[whole.clone()].chars().fold((0, 0), |(lost, kept), c| {
        if c == '\u{FFFD}' { (lost + 1, kept) } else { (lost, kept + 1) }
    });
    // where more survived, it is text in another script that lost some letters
    if lost > 1 && kept > 0 && kept <= 2 * lost {
        return Some(Lost::certain(whole, "GBK read as UTF-8; most of the text is lost"));
    }
    let (before, after) = neighbours(text, run.start, run.end);
    let chinese = |c: char| is_han_or_kana(c) || is_cjk_punctuation(c);
    match run.len() / '\u{FFFD}'.len_utf8() {
        // in a text of another script it is that script's letter
        1 if before.is_some_and(chinese) || after.is_some_and(chinese) && before != Some('[') => {
            Some(Lost::certain(run, CHARACTER))
        }
        1 => None,
        2 if is_quoted(text, &run) => None,
        _ => Some(Lost::certain(run, RUN)),
    }
}

/// A run of U+FFFD with the letters around it that are two bytes in UTF-8, as
/// in `״̬��ʼ��ʶΪ��` (状态初始标识为假): each is a pair of bytes that happened to be valid.
fn with_survivors(text: &str, run: &Range<usize>) -> Range<usize> {
    let Some(before) = survivors(text[..run.start].chars().rev()) else { return run.clone() };
    let mut range = run.start - before..run.end;
    for _ in 0..CHAIN {
        let Some(after) = survivors(text[range.end..].chars()) else { return run.clone() };
        let end = range.end + after;
        range.end = stretch(text, end..end, |c| c == '\u{FFFD}').end;
        if range.end == end {
            break;
        }
    }
    range
}

/// How many bytes the letters are that survived; `None` where they are a word of another script.
fn survivors(letters: impl Iterator<Item = char>) -> Option<usize> {
    let mut letters = letters.take_while(|c| matches!(c, '\u{80}'..='\u{7FF}'));
    let length = letters.by_ref().take(SURVIVORS).map(char::len_utf8).sum();
    letters.next().is_none().then_some(length)
}
