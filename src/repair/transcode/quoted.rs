//! Damage that is shown on purpose: documentation and tests quote it.
//!
//! ```text
//! // 鐢ㄦ埛鐧诲綍鎴愬姛      // 用户登录成功
//! 这种乱码（“Ã©”）常见于……
//! ```

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

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

/// Whether the damage in `range` of `text`, which reads `after`, is quoted: its repair
/// stands beside it in clean text, the lines around it are about damage, or it is a single
/// character between marks, as in a test of software.
pub fn is_quoted(text: &str, range: &Range<usize>, after: &str) -> bool {
    let (before, behind) = around(text, range);
    let word = after.trim_matches(|c: char| !c.is_alphanumeric());
    let line = |text: &str, last: bool| {
        let mut lines = text.split('\n');
        (if last { lines.next_back() } else { lines.next() }).unwrap_or_default().to_owned()
    };
    let repeated = word.chars().nth(1).is_some()
        && (line(before, true).contains(word) || line(behind, false).contains(word));
    let alone = after.chars().nth(1).is_none();
    let marked = is_between_marks(before, behind);
    let names = |words: &AhoCorasick| [before, behind].iter().any(|side| words.is_match(*side));
    repeated || names(&DAMAGE_FINDER) || marked && (alone || names(&ENCODINGS_FINDER))
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
    let mark = |c: char| "\"'`“”‘’「」『』".contains(c);
    before.ends_with(mark) && behind.starts_with(mark)
}

/// The line of the range and the two next to it, before and behind the range.
fn around<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    let from = text.floor_char_boundary(range.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((range.end + NEAR).min(text.len()));
    let before = &text[from..range.start];
    let start = before.rmatch_indices('\n').nth(2).map_or(0, |(at, _)| at + 1);
    let behind = &text[range.end..to];
    let end = behind.match_indices('\n').nth(2).map_or(behind.len(), |(at, _)| at);
    (&before[start..], &behind[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

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
