//! Damage that is shown on purpose: documentation and tests quote it.
//!
//! ```text
//! // 鐢ㄦ埛鐧诲綍鎴愬姛      // 用户登录成功
//! 这种乱码（“Ã©”）常见于……
//! ```

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::cues::{
    ANSWERS_FINDER, ASKS_FINDER, BLAMES_FINDER, DAMAGE_FINDER, ENCODINGS_FINDER, LOOKS_FINDER,
    SHOWING, SIGNS,
};
use crate::edit::{Edit, Kind, Step};
use crate::script::{first_line, last_line};

/// Bytes on each side of a quotation in which its subject is named, at most.
const NEAR: usize = 400;

/// How sure it is that damage is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    No,
    /// If nothing else in the document was damaged along the path: a page about encodings may be
    /// damaged itself.
    Likely,
    Yes,
}

/// Which of some edits undo a quotation.
pub fn quoted(text: &str, edits: &[Edit]) -> Vec<bool> {
    let subjects = Subjects::of(text, edits);
    let verdict = |edit: &Edit| match edit.kind {
        Kind::Transcode => verdict(text, &edit.range, &edit.after, &subjects),
        _ => Verdict::No,
    };
    let verdicts: Vec<Verdict> = edits.iter().map(verdict).collect();
    let mut damaged: Vec<&[Step]> = Vec::new();
    for (edit, _) in edits.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Verdict::No) {
        if !damaged.contains(&&*edit.steps) {
            damaged.push(&edit.steps);
        }
    }
    let is_quoted = |(edit, verdict): (&Edit, Verdict)| match verdict {
        Verdict::No => false,
        Verdict::Likely => !damaged.contains(&&*edit.steps),
        Verdict::Yes => true,
    };
    edits.iter().zip(verdicts).map(is_quoted).collect()
}

/// What a text may be about, as far as it was searched.
struct Subjects {
    may_be_damage: bool,
    may_be_encodings: bool,
    may_be_looks: bool,
}

impl Subjects {
    /// What a text may be about, of which each edit may undo a quotation. Where edits take up much of
    /// it, the rest is searched once, here, rather than around each of them.
    fn of(text: &str, edits: &[Edit]) -> Subjects {
        let is_sparse = edits.len() * 2 * NEAR < text.len();
        let may_be = |words: &AhoCorasick| {
            is_sparse || between(text, edits).any(|clean| words.is_match(clean))
        };
        Subjects {
            may_be_damage: may_be(&DAMAGE_FINDER),
            may_be_encodings: may_be(&ENCODINGS_FINDER),
            may_be_looks: may_be(&BLAMES_FINDER) || may_be(&ASKS_FINDER),
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
/// character between marks, as in a test of software. It is likely to be where its line or the one
/// next to it says so in other words.
fn verdict(text: &str, range: &Range<usize>, after: &str, subjects: &Subjects) -> Verdict {
    let (before, behind) = near(text, range);
    let is_marked = is_between_marks(before, behind);
    let is_quoted = is_repeated(after, before, behind)
        || is_marked && after.chars().nth(1).is_none()
        || subjects.may_be_damage && lines_name(&DAMAGE_FINDER, before, behind)
        || subjects.may_be_encodings && is_marked && lines_name(&ENCODINGS_FINDER, before, behind);
    let is_likely = || {
        is_beside_its_cell(after, before, behind)
            || is_beside_its_line(after, before, behind)
            || subjects.may_be_looks && is_said_to_look_so(before, behind)
    };
    if is_quoted {
        Verdict::Yes
    } else if is_likely() {
        Verdict::Likely
    } else {
        Verdict::No
    }
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

/// Whether the damage is a cell of a table, and what it reads another one of its row: `| Ã© | é |`.
fn is_beside_its_cell(after: &str, before: &str, behind: &str) -> bool {
    let bar = |c: char| matches!(c, '|' | '\t');
    let (mut left, mut right) = (last_line(before).rsplit(bar), first_line(behind).split(bar));
    let is_blank = |cell: Option<&str>| cell.is_some_and(|cell| cell.trim().is_empty());
    let word = after.trim();
    is_blank(left.next())
        && is_blank(right.next())
        && !word.is_ascii()
        && left.chain(right).any(|cell| cell.trim() == word)
}

/// Whether the damage and what it reads are all of two lines that stand together, but for what
/// stands in front of them and sets one against the other.
fn is_beside_its_line(after: &str, before: &str, behind: &str) -> bool {
    let is_mark = |c: char| !c.is_alphanumeric();
    let [label, tail] = [last_line(before), first_line(behind)];
    let word = after.trim();
    if !tail.chars().all(is_mark) || word.chars().nth(1).is_none() {
        return false;
    }
    let above = before[..before.len() - label.len()].trim_end_matches(['\r', '\n']);
    let below = behind[tail.len()..].trim_start_matches(['\r', '\n']);
    [last_line(above), first_line(below)].iter().any(|line| {
        let other = line.trim_end_matches(is_mark).strip_suffix(word.trim_end_matches(is_mark));
        other.is_some_and(|other| {
            line[other.len()..].starts_with(word) && are_against(label.trim(), other.trim())
        })
    })
}

/// Whether what stands in front of two lines sets one against the other: `Output:` and `Expected:`, or
/// the signs of a patch.
fn are_against(one: &str, other: &str) -> bool {
    let sign =
        |label| SIGNS.into_iter().find_map(|sign| Some((sign, str::strip_prefix(label, sign)?)));
    match (sign(one), sign(other)) {
        (Some((one, rest)), Some((other, other_rest))) => one != other && rest == other_rest,
        _ => one != other && [one, other].iter().all(|label| ANSWERS_FINDER.is_match(*label)),
    }
}

/// Whether the line of a range says of something that it looks so, and either asks why or names what
/// is to blame: `变成了 ÖÐÎÄ，求解决`, `displays as Ã©tÃ© in Latin-1`.
fn is_said_to_look_so(before: &str, behind: &str) -> bool {
    let line = [last_line(before), first_line(behind)];
    let names = |words: &AhoCorasick| line.iter().any(|part| words.is_match(part));
    let asks = names(&ASKS_FINDER);
    (asks || names(&BLAMES_FINDER)) && names(&LOOKS_FINDER) || asks && is_shown(line[0])
}

/// Whether a verb of showing stands in front of a range: `does it return Ã©tÃ©`.
fn is_shown(before: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let before = before.trim_end_matches(|c: char| !is_letter(c) && c.is_ascii());
    let verb = before.rsplit(|c| !is_letter(c)).next().unwrap_or_default();
    SHOWING.iter().any(|shows| verb.eq_ignore_ascii_case(shows))
}

/// Whether a word stands in the line of a range or the two next to it, before or behind the range.
fn lines_name(words: &AhoCorasick, before: &str, behind: &str) -> bool {
    let start = before.rmatch_indices('\n').nth(2).map_or(0, |(at, _)| at + 1);
    let end = behind.match_indices('\n').nth(2).map_or(behind.len(), |(at, _)| at);
    words.is_match(&before[start..]) || words.is_match(&behind[..end])
}

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

    /// Whether a place is quoted in a text with no other such place.
    fn is_quoted(text: &str, range: &Range<usize>, after: &str) -> bool {
        verdict(text, range, after, &Subjects::of(text, &[])) != Verdict::No
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

    /// Whether each of some places is quoted in a text with all of them.
    fn are_quoted(text: &str, damaged: &[(&str, &str)]) -> Vec<bool> {
        let edit = |&(before, after): &(&str, &str)| {
            let start = text.find(before).unwrap();
            let steps = vec![Step::Encode("gbk"), Step::Decode("utf-8")];
            Edit::new(text, start..start + before.len(), after, Kind::Transcode, steps)
        };
        quoted(text, &damaged.iter().map(edit).collect::<Vec<_>>())
    }

    #[test]
    fn damage_that_a_line_says_to_look_so_is_quoted() {
        let damaged = [("鍚嶇О", "名称")];
        for text in [
            "表头变成了 鍚嶇О，求解决",
            "用 GBK 读取就会显示为「鍚嶇О」",
            "The column is shown as 鍚嶇О without a charset",
            "Why does it return \"鍚嶇О\"?",
            "- name: 名称\n+ name: 鍚嶇О",
            "  expected: \"名称\"\n  actual:   \"鍚嶇О\"",
            "| 鍚嶇О | 名称 |",
        ] {
            assert_eq!(are_quoted(text, &damaged), [true], "{text}");
        }
        for text in [
            "<meta charset=utf-8><title>鍚嶇О</title>",
            "return \"鍚嶇О\".encode(\"gbk\")",
            "标题显示为鍚嶇О",
            "city: 名称\nname: 鍚嶇О",
            "- 鍚嶇О\n- 名称",
        ] {
            assert_eq!(are_quoted(text, &damaged), [false], "{text}");
        }
    }

    #[test]
    fn damage_in_a_document_that_is_damaged_elsewhere_is_not_quoted_for_a_cue() {
        let text = "编码显示为 鍚嶇О\n鏍囬\n";
        let damaged = [("鍚嶇О", "名称"), ("鏍囬", "标题")];
        assert_eq!(are_quoted(text, &damaged), [false, false]);
        let text = "乱码是 鍚嶇О\n\n\n鏍囬\n";
        assert_eq!(are_quoted(text, &damaged), [true, false]);
    }
}
