//! Brackets that hold one syllable and stand behind a character.

use std::ops::Range;

use memchr::{memchr_iter, memmem};

use super::reading::{Fit, Syllable};

/// `(dāng)` behind a Han character.
#[derive(Clone, Debug)]
pub(super) struct Bracket {
    /// Where the bracket stands in the text, both parentheses included.
    pub(super) range: Range<usize>,
    /// The character it is behind; brackets in a row, `心(xin)(xin)`, share one.
    pub(super) owner: char,
    /// What stands between the parentheses.
    pub(super) syllable: Syllable,
    /// Whether that is a reading of the owner.
    pub(super) fit: Option<Fit>,
}

/// Every bracket with one syllable behind a Han character, in order.
///
/// Text without any costs one search for `(` and one for `（`.
pub(super) fn brackets(text: &str) -> Vec<Bracket> {
    let mut found: Vec<Bracket> = Vec::new();
    let full_width = memmem::find(text.as_bytes(), "（".as_bytes()).is_some();
    let mut consider = |open: usize| {
        if let Some((syllable, end)) = syllable_in_parentheses(&text[open..]) {
            let owner = match found.last() {
                Some(previous) if previous.range.end == open => Some(previous.owner),
                _ => text[..open].chars().next_back(),
            };
            let Some(owner) = owner.filter(|&owner| is_han(owner)) else { return };
            let fit = syllable.fit(owner);
            found.push(Bracket { range: open..open + end, owner, syllable, fit });
        }
    };
    if full_width {
        text.match_indices(['(', '（']).for_each(|(open, _)| consider(open));
    } else {
        memchr_iter(b'(', text.as_bytes()).for_each(consider);
    }
    found
}

/// Reads `(huì)`, `(huì )` or `（huì）` from the front of `text`; gives the length in bytes.
pub(super) fn syllable_in_parentheses(text: &str) -> Option<(Syllable, usize)> {
    let open = text.chars().next().filter(|open| matches!(open, '(' | '（'))?;
    let (syllable, len) = syllable_to_parenthesis(&text[open.len_utf8()..])?;
    Some((syllable, open.len_utf8() + len))
}

/// Reads `huì)` from the front of `text`, where the opening parenthesis was swallowed.
pub(super) fn syllable_to_parenthesis(text: &str) -> Option<(Syllable, usize)> {
    let (syllable, letters) = Syllable::parse(text)?;
    let behind = text[letters..].trim_start_matches([' ', '\u{A0}']);
    let close = behind.chars().next().filter(|close| matches!(close, ')' | '）'))?;
    Some((syllable, text.len() - behind.len() + close.len_utf8()))
}

/// Whether a character is a Han ideograph.
pub(super) fn is_han(character: char) -> bool {
    matches!(character, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_brackets_of_every_form() {
        let text = "設備(設備),擴(kuò)大、機會(huì ),會（huì）心(xin)(xin)f(x)機(jī1)";
        let found: Vec<_> = brackets(text)
            .iter()
            .map(|bracket| (bracket.owner, &text[bracket.range.clone()]))
            .collect();
        let expected = [
            ('擴', "(kuò)"),
            ('會', "(huì )"),
            ('會', "（huì）"),
            ('心', "(xin)"),
            ('心', "(xin)"),
        ];
        assert_eq!(found, expected);
    }
}
