//! Damage that is shown on purpose: documentation and tests quote it.
//!
//! ```text
//! // 鐢ㄦ埛鐧诲綍鎴愬姛      // 用户登录成功
//! 这种乱码（“Ã©”）常见于……
//! ```

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::edit::Edit;
use crate::script::{first_line, last_line};

/// Words of texts about damage, in lower case.
const ABOUT_DAMAGE: &[&str] = &[
    "乱码",
    "亂碼",
    "文字化け",
    "mojibake",
    "garbled",
    "ftfy",
    "encoding error",
    "encoding issue",
    "properly encoded",
    "wrongly encoded",
];

/// Words of texts that may be about damage: they count for what stands between quotation marks.
const ABOUT_ENCODINGS: &[&str] = &[
    "unicode错误",
    "unicode 错误",
    "unicode问题",
    "unicode 问题",
    "编码错误",
    "编码问题",
    "編碼錯誤",
    "編碼問題",
    "unicode error",
    "unicode issue",
    "encoding problem",
];

/// Bytes on each side of a quotation in which its subject is named, at most.
const NEAR: usize = 400;

/// What a text may be about, as far as it was searched.
pub struct Subjects {
    may_be_damage: bool,
    may_be_encodings: bool,
}

impl Subjects {
    /// What a text may be about, of which each edit may undo a quotation. Where edits take up much of
    /// it, the rest is searched once, here, rather than around each of them.
    pub fn of(text: &str, edits: &[Edit]) -> Subjects {
        let is_sparse = edits.len() * 2 * NEAR < text.len();
        let may_be = |words: &AhoCorasick| {
            is_sparse || between(text, edits).any(|clean| words.is_match(clean))
        };
        Subjects {
            may_be_damage: may_be(&DAMAGE_FINDER),
            may_be_encodings: may_be(&ENCODINGS_FINDER),
        }
    }
}

/// What stands before, between and behind edits.
fn between<'a>(text: &'a str, edits: &'a [Edit]) -> impl Iterator<Item = &'a str> {
    let starts = std::iter::once(0).chain(edits.iter().map(|edit| edit.range.end));
    let ends = edits.iter().map(|edit| edit.range.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

/// Whether the damage in `range` of `text`, which reads `after`, is quoted: its repair
/// stands beside it in clean text, the lines around it are about damage, or it is a single
/// character between marks, as in a test of software.
pub fn is_quoted(text: &str, range: &Range<usize>, after: &str, subjects: &Subjects) -> bool {
    let (before, behind) = near(text, range);
    let is_marked = is_between_marks(before, behind);
    is_repeated(after, before, behind)
        || is_marked && after.chars().nth(1).is_none()
        || subjects.may_be_damage && lines_name(&DAMAGE_FINDER, before, behind)
        || subjects.may_be_encodings && is_marked && lines_name(&ENCODINGS_FINDER, before, behind)
}

/// Whether what damage reads stands beside it in its line.
fn is_repeated(after: &str, before: &str, behind: &str) -> bool {
    let [before, behind] = [last_line(before), first_line(behind)];
    if before.is_empty() && behind.is_empty() {
        return false;
    }
    let word = after.trim_matches(|c: char| !c.is_alphanumeric());
    word.chars().nth(1).is_some() && (before.contains(word) || behind.contains(word))
}

/// Whether a word stands in the line of a range or the two next to it, before or behind the range.
fn lines_name(words: &AhoCorasick, before: &str, behind: &str) -> bool {
    let start = before.rmatch_indices('\n').nth(2).map_or(0, |(at, _)| at + 1);
    let end = behind.match_indices('\n').nth(2).map_or(behind.len(), |(at, _)| at);
    words.is_match(&before[start..]) || words.is_match(&behind[..end])
}

/// Finds words in either case, in one pass and a twentieth of the time that it takes to make
/// the text lower case and search it for each.
fn finder(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words")
}

static DAMAGE_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| finder(ABOUT_DAMAGE));
static ENCODINGS_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| finder(ABOUT_ENCODINGS));

/// Whether a quotation mark stands on each side: `'âœ”'`.
fn is_between_marks(before: &str, behind: &str) -> bool {
    let mark =
        |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』');
    before.ends_with(mark) && behind.starts_with(mark)
}

/// What stands before and behind a range, not far from it.
fn near<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    let from = text.floor_char_boundary(range.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((range.end + NEAR).min(text.len()));
    (&text[from..range.start], &text[range.end..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [`super::is_quoted`] in a text with no other such place.
    fn is_quoted(text: &str, range: &Range<usize>, after: &str) -> bool {
        super::is_quoted(text, range, after, &Subjects::of(text, &[]))
    }

    #[test]
    fn damage_beside_its_repair_is_quoted() {
        let text = "print(\"鍚嶇О\")  # 名称\n";
        let start = text.find('鍚').unwrap();
        assert!(is_quoted(text, &(start..start + 9), "名称"));
        let other = "print(\"鍚嶇О\")  # 标题\n";
        assert!(!is_quoted(other, &(start..start + 9), "名称"));
    }

    #[test]
    fn damage_between_marks_in_a_text_about_encodings_is_quoted() {
        let text = "这些编码错误例如 'â€”' 会被还原。";
        let start = text.find('â').unwrap();
        assert!(is_quoted(text, &(start..start + "â€”".len()), "——"));
        assert!(is_quoted("f('â€”')", &(3..3 + "â€”".len()), "—"));
        let text = text.replace('\'', "");
        let start = text.find('â').unwrap();
        assert!(!is_quoted(&text, &(start..start + "â€”".len()), "—"));
    }

    #[test]
    fn damage_in_a_text_about_damage_is_quoted() {
        let text = "打开文件后看到乱码：\n\n鍚嶇О\n";
        let start = text.find('鍚').unwrap();
        assert!(is_quoted(text, &(start..start + 9), "名称"));
        // too many lines away
        let text = "乱码\n\n\n\n鍚嶇О\n";
        let start = text.find('鍚').unwrap();
        assert!(!is_quoted(text, &(start..start + 9), "名称"));
    }
}
