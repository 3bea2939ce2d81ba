//! The proof of a mended run: injecting into its bytes must tear it the same way.
//!
//! The order of the injector's list is not known, but the ruins tell what matters
//! of it. A bracket behind bytes `ab` cuts a match `bc` that comes later:
//!
//! ```text
//! bytes  D2 AA 84 D5        AA84 and 84D5 both on the list
//! D2 AA 84( D5(             84D5 came first, then AA84
//! D2 AA 84( D5              AA84 came first and cut 84D5
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::bracket::{syllable_in_parentheses, syllable_to_parenthesis};
use super::fold::fold;
use super::gate::List;
use super::inject::Injector;
use super::ruin::Note;
use crate::codec::{Codec, Flavour};
use crate::repair::resync::Item;

/// Whether injecting into the bytes of `items` gives `torn`, a part of `text`.
pub(super) fn reproduces(
    text: &str,
    torn: Range<usize>,
    items: &[Item<Note>],
    list: &List<'_>,
) -> bool {
    let Some(run) = Bytes::of(text, items) else { return false };
    let Some(injections) = run.injections(list) else { return false };
    let injector = Injector::new(injections).split_before(run.split.iter().copied());
    let torn = &text[torn];
    let damaged = injector.damage(run.bytes);
    // pages are folded in part: ！ may be left where Ｐ has become P
    damaged == torn || fold(&damaged) == fold(torn)
}

/// The bytes of a run before the damage, and where brackets went in.
struct Bytes {
    bytes: Vec<u8>,
    /// The brackets by the number of bytes before them.
    sites: BTreeMap<usize, String>,
    /// The marks that the text is split before, in the order of the splitting.
    split: Vec<char>,
}

impl Bytes {
    /// `None` where a character of the run has no bytes in GBK.
    fn of(text: &str, items: &[Item<Note>]) -> Option<Bytes> {
        let mut run = Bytes { bytes: Vec::new(), sites: BTreeMap::new(), split: Vec::new() };
        for item in items {
            match *item {
                Item::Char { code: [0, 0], .. } => return None,
                Item::Char { code, .. } => {
                    run.bytes.extend(code.into_iter().skip_while(|&byte| byte == 0));
                }
                Item::Note(Note::Bracket { at, half_read }) => {
                    let site = run.bytes.len() + usize::from(half_read);
                    run.sites.entry(site).or_default().push_str(&bracket_at(&text[at..])?);
                }
                Item::Note(Note::Split(mark)) => run.split.push(mark),
                Item::Note(_) => {}
            }
        }
        // 。 first: its bytes are no longer there once ，(A3AC) has been split off A1 A3AC
        run.split.sort_by_key(|&mark| mark != '。');
        run.split.dedup();
        Some(run)
    }

    /// The listed characters that match in the run, with their brackets, in an order
    /// that tears it as it is torn; `None` where there is none.
    fn injections<'a>(&'a self, list: &'a List<'_>) -> Option<Vec<(char, &'a str)>> {
        let matches = self.matches(list);
        // which characters must come before a character
        let mut earlier: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
        for (&at, &(character, _)) in &matches {
            earlier.entry(character).or_default();
            let before = at.checked_sub(1).and_then(|before| matches.get(&before));
            let cut_from = before.filter(|_| self.sites.contains_key(&(at + 1)));
            match (self.sites.contains_key(&(at + 2)), cut_from) {
                // both brackets are there: the right one came first
                (true, Some(&(left, _))) => {
                    earlier.entry(left).or_default().insert(character);
                }
                (true, None) => {}
                (false, Some(&(left, _))) => {
                    earlier.entry(character).or_default().insert(left);
                }
                (false, None) => return None,
            }
        }
        let brackets: BTreeMap<char, &str> = matches.values().copied().collect();
        let mut order = Vec::with_capacity(earlier.len());
        while !earlier.is_empty() {
            let (&next, _) = earlier.iter().find(|(_, before)| before.is_empty())?;
            earlier.remove(&next);
            for before in earlier.values_mut() {
                before.remove(&next);
            }
            order.push((next, brackets[&next]));
        }
        Some(order)
    }

    /// Where the bytes of listed characters stand, aligned or not.
    fn matches<'a>(&'a self, list: &'a List<'_>) -> BTreeMap<usize, (char, &'a str)> {
        let table = Codec::Gbk.table(Flavour::WINDOWS);
        let owner = |at: usize| table.pair(self.bytes[at], self.bytes[at + 1]);
        let listed_here: BTreeMap<char, &str> = self
            .sites
            .iter()
            .filter_map(|(&site, bracket)| Some((owner(site.checked_sub(2)?)?, bracket.as_str())))
            .collect();
        let listed = |at: usize| {
            let owner = owner(at)?;
            let here = listed_here.get(&owner).copied();
            let bracket = here.or_else(|| Some(list.listed.get(&owner)?.bracket))?;
            Some((at, (owner, bracket)))
        };
        (0..self.bytes.len().saturating_sub(1)).filter_map(listed).collect()
    }
}

/// The bracket at the front of `text`, its `(` put back where `?` ate it.
fn bracket_at(text: &str) -> Option<String> {
    if let Some((_, len)) = syllable_in_parentheses(text) {
        return Some(text[..len].to_owned());
    }
    let behind = text.strip_prefix('?')?;
    let (_, len) = syllable_to_parenthesis(behind)?;
    Some(format!("({}", &behind[..len]))
}
