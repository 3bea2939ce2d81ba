//! Brackets that hold one syllable and stand behind a character.

use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter, memmem};
use rustc_hash::FxHashMap;

use super::inject::pair_of;
use super::reading::{Fit, Syllable};
use crate::codec::{Codec, Flavour};
use crate::edit::Bits;
use crate::model;
use crate::script::is_han;

/// `(dāng)` behind a Han character.
#[derive(Clone, Debug)]
pub(super) struct Bracket {
    /// Where the bracket stands in the text, both parentheses included.
    pub(super) range: Range<usize>,
    /// The character it is behind; brackets in a row, `心(xin)(xin)`, share one.
    pub(super) owner: char,
    /// Where the owner starts; if it straddles two characters, the first of them.
    pub(super) owner_at: usize,
    /// Whether the owner is no character of the text, but the last byte of one and the ASCII
    /// behind it: 略] is C2 [D4 5D], so a site with 註 (D45D) on its list makes it `略](zhù)`.
    pub(super) straddles: bool,
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
    let mut scan = Scan { text, found: Vec::new(), known: FxHashMap::default() };
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
    /// A bracket behind each character, by its index. An injector puts the same one behind every
    /// occurrence, so most need not be read again.
    known: FxHashMap<char, usize>,
}

impl Scan<'_> {
    /// Takes the bracket that opens at `open`, if it is one and a Han character owns it.
    fn consider(&mut self, open: usize) {
        let Some(Owner { character, at, straddles }) = self.owner(open) else { return };
        let rest = &self.text[open..];
        let known = self.known.get(&character).map(|&index| &self.found[index]);
        let is_same = |known: &&Bracket| rest.starts_with(&self.text[known.range.clone()]);
        let (len, read) = match known.filter(is_same) {
            Some(known) => (known.range.len(), (known.syllable, known.fit, known.cost)),
            None => {
                let Some((syllable, len)) = syllable_in_parentheses(rest) else { return };
                let cost = model::text_cost_after(character, &rest[..len]);
                self.known.insert(character, self.found.len());
                (len, (syllable, syllable.fit(character), cost))
            }
        };
        let (syllable, fit, cost) = read;
        let range = open..open + len;
        self.found.push(Bracket {
            range,
            owner: character,
            owner_at: at,
            straddles,
            syllable,
            fit,
            cost,
        });
    }

    /// What the bracket that opens at `open` is behind.
    fn owner(&self, open: usize) -> Option<Owner> {
        if let Some(previous) = self.found.last()
            && previous.range.end == open
        {
            let &Bracket { owner: character, owner_at: at, straddles, .. } = previous;
            return Some(Owner { character, at, straddles });
        }
        let before = &self.text[..open];
        let (at, character) = before.char_indices().next_back()?;
        if character.is_ascii() {
            return straddling(before);
        }
        is_han(character).then_some(Owner { character, at, straddles: false })
    }
}

/// The owner of a bracket.
struct Owner {
    character: char,
    at: usize,
    straddles: bool,
}

/// The Han character over the last two characters of a text, if the last one is ASCII.
fn straddling(text: &str) -> Option<Owner> {
    let (&ascii, _) = text.as_bytes().split_last()?;
    let (at, left) =
        text[..text.len() - 1].char_indices().next_back().filter(|(_, left)| !left.is_ascii())?;
    let [_, trail] = pair_of(left)?;
    let character = Codec::Gbk.table(Flavour::WINDOWS).pair(trail, ascii)?;
    is_han(character).then_some(Owner { character, at, straddles: true })
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
