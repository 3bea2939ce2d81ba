//! What differs between a stretch of text and what it became.

use crate::edit::{common_prefix, common_suffix};

/// A part of a text that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Byte offset in the text.
    pub at: usize,
    /// What stood there.
    pub before: &'a str,
    /// What stands there now.
    pub after: &'a str,
}

/// The parts of `before` that differ from `after`, in order; neighbouring characters that
/// differ are one part.
///
/// Texts of as many characters are compared character by character. Of others
/// (埠 → 端口) the part between what both start and end with is one.
pub fn pieces<'a>(before: &'a str, after: &'a str) -> impl Iterator<Item = Piece<'a>> {
    let same_chars = before.chars().count() == after.chars().count();
    let mut at = 0;
    let mut after_at = 0;
    std::iter::from_fn(move || {
        let (before_len, after_len);
        let same = common_prefix(&before[at..], &after[after_at..]);
        (at, after_at) = (at + same, after_at + same);
        if same_chars {
            (before_len, after_len) = differing_prefix(&before[at..], &after[after_at..]);
        } else {
            let end = common_suffix(&before[at..], &after[after_at..]);
            before_len = before.len() - at - end;
            after_len = after.len() - after_at - end;
        }
        let (before, after) =
            (&before[at..at + before_len], &after[after_at..after_at + after_len]);
        let piece = Piece { at, before, after };
        (at, after_at) = (at + before_len, after_at + after_len);
        (before != after).then_some(piece)
    })
}

fn differing_prefix(a: &str, b: &str) -> (usize, usize) {
    let differing = a.chars().zip(b.chars()).take_while(|(a, b)| a != b);
    differing.fold((0, 0), |(a_len, b_len), (a, b)| (a_len + a.len_utf8(), b_len + b.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs<'a>(before: &'a str, after: &'a str) -> Vec<(usize, &'a str, &'a str)> {
        pieces(before, after).map(|piece| (piece.at, piece.before, piece.after)).collect()
    }

    #[test]
    fn characters_that_differ() {
        assert_eq!(pairs("一国两制", "一國兩制"), [(3, "国两", "國兩")]);
        assert_eq!(pairs("头的发", "頭的髮"), [(0, "头", "頭"), (6, "发", "髮")]);
        assert_eq!(pairs("同", "同"), []);
    }

    #[test]
    fn words_of_other_length() {
        assert_eq!(pairs("埠", "端口"), [(0, "埠", "端口")]);
        assert_eq!(pairs("U盤的", "隨身碟的"), [(0, "U盤", "隨身碟")]);
        assert_eq!(pairs("甲型肝炎", "A肝炎"), [(0, "甲型", "A")]);
    }
}
