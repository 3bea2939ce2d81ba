//! Ideographic description sequences (⿰亻尔): a character described by its parts.
//!
//! OpenCC copies a complete sequence as it is, because converting a part would
//! describe another character.

/// Operators may nest this deep, counting the innermost part.
const MAX_DEPTH: usize = 16;
/// A sequence may hold this many characters.
pub const MAX_CHARS: usize = 64;

/// Whether `c` is an operator that describes a character by its parts.
pub fn is_operator(c: char) -> bool {
    operands(c) > 0
}

/// Bytes of the complete sequence that `text` starts with, if it starts with one.
#[inline]
pub fn sequence_len(text: &str) -> Option<usize> {
    // every operator is E2 BF xx, and few other characters in Chinese text start with E2
    if *text.as_bytes().first()? != 0xE2 || !is_operator(text.chars().next()?) {
        return None;
    }
    let mut chars = text.chars();
    let mut left = MAX_CHARS;
    consume(&mut chars, MAX_DEPTH, &mut left)?;
    Some(text.len() - chars.as_str().len())
}

/// Parts that the operator `c` takes; zero for any other character.
fn operands(c: char) -> usize {
    match c {
        '⿲' | '⿳' => 3,
        '⿾' | '⿿' => 1,
        '⿰'..='⿽' => 2,
        _ => 0,
    }
}

fn consume(chars: &mut std::str::Chars<'_>, depth: usize, left: &mut usize) -> Option<()> {
    if depth == 0 {
        return None;
    }
    *left = left.checked_sub(1)?;
    let operands = operands(chars.next()?);
    (0..operands).try_for_each(|_| consume(chars, depth - 1, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_sequences_only() {
        assert_eq!(sequence_len("⿰亻尔好"), Some("⿰亻尔".len()));
        assert_eq!(sequence_len("⿱艹⿰亻尔x"), Some("⿱艹⿰亻尔".len()));
        assert_eq!(sequence_len("⿲一二三四"), Some("⿲一二三".len()));
        assert_eq!(sequence_len("⿾一二"), Some("⿾一".len()));
        assert_eq!(sequence_len("⿰亻"), None);
        assert_eq!(sequence_len("亻"), None);
        assert_eq!(sequence_len(""), None);
    }

    #[test]
    fn limits_are_those_of_opencc() {
        let nested = |depth: usize| "⿾".repeat(depth) + "一";
        assert!(sequence_len(&nested(15)).is_some());
        assert!(sequence_len(&nested(16)).is_none());
        // 31 operators of two parts describe 32 parts: 63 characters
        let wide = "⿰⿰⿰⿰一一⿰一一⿰⿰一一⿰一一⿰⿰⿰一一⿰一一⿰⿰一一⿰一一";
        let wide = format!("⿰{wide}{wide}");
        assert_eq!(sequence_len(&wide), Some(wide.len()));
        let too_wide = format!("⿲{0}{0}{0}", &wide[..wide.len() / 2 / 3 * 3]);
        assert!(too_wide.chars().count() > MAX_CHARS);
        assert_eq!(sequence_len(&too_wide), None);
    }
}
