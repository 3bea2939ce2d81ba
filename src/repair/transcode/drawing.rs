//! Lines, blocks and shapes that were drawn.

use std::collections::BTreeSet;
use std::ops::Range;

/// Shapes of which some repeat, at least.
const FEW: usize = 4;

/// Whether all but the ASCII of a text is lines, blocks and shapes that repeat: `╔═══╗`
/// reads as 轄桁桁 in GBK decoded as cp437. The bytes of true text seldom repeat so soon.
pub fn is_drawing(text: &str, core: &Range<usize>) -> bool {
    let damaged = &text[core.clone()];
    // first, because it spares nearly every text the rest
    if !damaged.chars().all(|c| c.is_ascii() || is_shape(c)) {
        return false;
    }
    let drawn: Vec<char> = damaged.chars().filter(|c| !c.is_ascii()).collect();
    let kinds: BTreeSet<char> = drawn.iter().copied().collect();
    // a third of them, at least, is there a second time
    let repeats = kinds.len() * 3 <= drawn.len() * 2;
    repeats && !are_lead_bytes(damaged, text[core.end..].chars().next())
}

/// Whether some characters are lines, blocks and shapes of which half repeat the one before, as in
/// `╔════╗`. No text does, in whatever way the document was damaged: of pairs of bytes, few such as
/// 北 (B1B1) are `▒▒` in cp437. ASCII parts them, since it may be the second byte of a pair: `┐o┐C┐g`
/// is バイト in Shift_JIS, read as KOI8-R.
pub fn repeats_one_shape(characters: impl Iterator<Item = char>) -> bool {
    let (mut last, mut all, mut repeated) = (None, 0, 0);
    for c in characters {
        if c.is_ascii() {
            last = None;
            continue;
        }
        if !is_shape(c) {
            return false;
        }
        all += 1;
        repeated += usize::from(last.replace(c) == Some(c));
    }
    all >= FEW && repeated * 2 >= all - 1
}

fn is_shape(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{25FF}')
}

/// Whether each ASCII character behind a shape can be the second byte of a pair, as those of kana
/// are: `┐o┐C┐g` is バイト in Shift_JIS read as KOI8-R. A drawing has blanks and words, and what
/// encloses a table ends its line: `│A│B│`.
fn are_lead_bytes(damaged: &str, behind: Option<char>) -> bool {
    let is_trail = |c: char| matches!(c, '\x40'..='\x7E');
    let followers = damaged.chars().skip(1).chain(behind);
    let mut pairs = damaged.chars().zip(followers);
    let shapes = damaged.chars().filter(|&c| is_shape(c)).count();
    let trails = damaged.chars().chain(behind).filter(|&c| is_trail(c)).count();
    behind.is_some_and(is_trail)
        && trails * 2 >= shapes
        && pairs.all(|(one, next)| is_shape(next) || is_shape(one) && is_trail(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_repeat_one_shape_and_text_does_not() {
        for frame in ["╔═══╗", "────────", "▓▓▓▓▓▓░░░░", "─────┬─────"]
        {
            assert!(repeats_one_shape(frame.chars()), "{frame}");
        }
        // 端口, 北京北 and 提示 in GBK as cp437, バイトで in Shift_JIS as KOI8-R
        for text in ["╢╦┐┌", "▒▒╛⌐▒▒", "╠ß╩╛", "╔═╗", "═══a", "┐o┐C┐g┌e"]
        {
            assert!(!repeats_one_shape(text.chars()), "{text}");
        }
    }
}
