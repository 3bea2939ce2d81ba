//! Brackets that hold one syllable and stand behind a character.

use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter, memmem};
use rustc_hash::FxHashMap;

use super::reading::{Fit, Syllable};
use crate::edit::Bits;
use crate::model;

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
    /// What the bracket costs the model behind its owner.
    pub(super) cost: Bits,
}

/// The full-width opening parenthesis.
const FULL_WIDTH: &[u8; 3] = b"\xEF\xBC\x88";

/// Every bracket with one syllable behind a Han character, in order.
///
/// Text without any costs one search for `(` and one for `（`.
pub(super) fn brackets(text: &str) -> Vec<Bracket> {
    let bytes = text.as_bytes();
    let mut scan = Scan { text, found: Vec::new(), last: FxHashMap::default() };
    if memmem::find(bytes, FULL_WIDTH).is_none() {
        memchr_iter(b'(', bytes).for_each(|open| scan.consider(open));
        return scan.found;
    }
    let [.., last] = *FULL_WIDTH;
    for at in memchr2_iter(b'(', last, bytes) {
        if bytes[at] == b'(' {
            scan.consider(at);
        } else if bytes[..=at].ends_with(FULL_WIDTH) {
            scan.consider(at + 1 - FULL_WIDTH.len());
        }
    }
    scan.found
}

/// The brackets of a text, on the way.
struct Scan<'a> {
    text: &'a str,
    found: Vec<Bracket>,
    /// The last bracket behind each character. An injector puts the same one behind every
    /// occurrence, so most need not be read again.
    last: FxHashMap<char, Bracket>,
}

impl Scan<'_> {
    /// Takes the bracket that opens at `open`, if it is one and a Han character owns it.
    fn consider(&mut self, open: usize) {
        let owner = match self.found.last() {
            Some(previous) if previous.range.end == open => Some(previous.owner),
            _ => self.text[..open].chars().next_back(),
        };
        let Some(owner) = owner.filter(|&owner| is_han(owner)) else { return };
        let rest = &self.text[open..];
        if let Some(last) = self.last.get(&owner)
            && rest.starts_with(&self.text[last.range.clone()])
        {
            self.found.push(Bracket { range: open..open + last.range.len(), ..*last });
            return;
        }
        let Some((syllable, len)) = syllable_in_parentheses(rest) else { return };
        let bracket = Bracket {
            range: open..open + len,
            owner,
            syllable,
            fit: syllable.fit(owner),
            cost: model::text_cost_after(owner, &rest[..len]),
        };
        self.last.insert(owner, bracket.clone());
        self.found.push(bracket);
    }
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
