//! Where a document may be cut that is repaired part by part.
//!
//! ```text
//! …一百行干净的文字。␊ 鐢ㄦ埛鍚嶅拰瀵嗙爜␊ 又是干净的文字。␊
//!                     ↑ here, rather than beside the damage
//! ```

use std::ops::Range;

use super::pinyin;
use crate::segment::{self, Bar};

/// How much of the end of a part is looked through for a place, at most.
const TAIL: usize = 64 << 10;

/// Bytes around damage that its repair may look at: the lines about a quotation, the text
/// behind a torn byte, the rest of a page with injected pinyin.
const NEAR: usize = 400;

/// Bytes behind U+FFFD that may have slipped with it, line breaks in between.
const SLIPPED: usize = 8;

/// Where to end a part of a document: in the second half of `text`, and at most 64 KiB before its
/// end, the last place of the first of these kinds that has any:
///
/// 1. behind a line that has no damage near it;
/// 2. behind a line whose end is not inside of damage;
/// 3. in a longer line, behind a blank or a mark outside of damage;
/// 4. in damage without end, behind a blank, which no wrong decoder makes of half a character;
/// 5. behind a mark, which hardly any makes of one;
/// 6. behind any other character outside of damage.
pub fn calm_end(text: &str) -> usize {
    let from = text.floor_char_boundary(text.len() - TAIL.min(text.len() / 2));
    let tail = &text[from..];
    let troubles = troubles(tail);
    let is_calm = |at: usize, near: usize| {
        let next = troubles.partition_point(|trouble| trouble.end + near <= at);
        troubles.get(next).is_none_or(|trouble| at <= trouble.start.saturating_sub(near))
    };
    let behind = |is_end: fn(char) -> bool| {
        tail.char_indices().rev().filter(move |(_, c)| is_end(*c)).map(|(at, c)| at + c.len_utf8())
    };
    let line_ends = || behind(|c| c == '\n');
    let end = line_ends()
        .find(|at| is_calm(*at, NEAR))
        .or_else(|| line_ends().find(|at| is_calm(*at, 0)))
        .or_else(|| behind(is_break).find(|at| is_calm(*at, 0)))
        .or_else(|| behind(|c| c.is_ascii_whitespace() && c != '\r').next())
        .or_else(|| behind(is_break).next())
        .or_else(|| behind(|c| c != '\r').find(|at| is_calm(*at, 0)))
        .unwrap_or(tail.len());
    from + end
}

/// What no word goes across, and no phrase of a conversion.
fn is_break(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{3000}' | '。' | '，' | '、' | '；' | '！' | '？' | '”' | '」')
}

/// What should not be cut; sorted, and apart from each other.
fn troubles(text: &str) -> Vec<Range<usize>> {
    let suspects = segment::suspects(text, Bar::Damaged).map(|suspect| suspect.span);
    let torn = memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}")
        .map(|at| at..at + "\u{FFFD}".len() + SLIPPED);
    let mut troubles: Vec<_> = suspects.chain(torn).chain(pinyin::places(text)).collect();
    troubles.sort_by_key(|trouble| trouble.start);
    troubles.dedup_by(|next, last| {
        let meets = next.start <= last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    troubles
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "今天下午的会议改到三点，请大家带上上周的报告。\n";

    #[test]
    fn clean_text_is_taken_whole() {
        let text = CLEAN.repeat(40);
        assert_eq!(calm_end(&text), text.len());
    }

    #[test]
    fn lines_near_damage_stay_with_it() {
        let text = CLEAN.repeat(40) + "鐢ㄦ埛鍚嶅拰瀵嗙爜閿欒\n";
        let end = calm_end(&text);
        assert!(text[..end].ends_with('\n') && end + NEAR <= text.len(), "{end}");
        // a torn byte, the line break that parted it from what slipped, and that
        assert_eq!(calm_end("今天会议\n会\u{FFFD}\n"), 13);
    }

    #[test]
    fn a_long_line_is_cut_at_a_mark_and_in_damage_at_a_blank() {
        let long = "请大家带上上周的报告，明天早上八点集合";
        assert!(long.repeat(20)[..calm_end(&long.repeat(20))].ends_with('，'));
        let damaged = "鐢ㄦ埛 鍚嶅拰瀵嗙爜閿欒鐢ㄦ埛鍚嶅拰瀵嗙爜".repeat(20);
        assert!(damaged[..calm_end(&damaged)].ends_with(' '));
        assert_eq!(calm_end("字\r"), 3);
        assert_eq!(calm_end(""), 0);
    }
}
