//! Mends what the injector tore: a search over the bytes behind each `?`.
//!
//! The grammar of the damage; the text is *aligned* where no character is half read:
//!
//! ```text
//! ?jiǎng)     a lost lead byte ate the (: it ends the character read jiǎng    overlap    R1–R3
//! ?，         a lost lead byte ate what stood before the mark               split      R4
//! ??；        the same, and A1, which made 。 with A3 of the mark           split      R5
//! any         not aligned: before it, a pair that vanished                  gap        R6
//! ?           not aligned: a lost lead byte ate one ASCII byte              swallowed  R7
//! ,           not aligned: also A3AC, folded                                shifted    R8
//! (zhǎng)     behind the bytes of a character read zhǎng: nothing           search
//! ```
//!
//! Each kind of ruin lists *every* original that the injector could have torn like this;
//! [`search`] follows them all until the text is aligned again, and [`weigh`] takes the
//! best that the injector tears to the very same text; U+FFFD stands for characters that others
//! which come near it have otherwise.

mod clause;
mod gap;
mod known;
mod odds;
mod overlap;
mod paired;
mod run;
mod search;
mod shifted;
mod split;
mod swallowed;
mod trail;
mod weigh;

use super::bracket::{Bracket, syllable_to_parenthesis};
use super::gate::List;
use crate::edit::{Finding, Kind};
use crate::repair::Repaired;
use crate::repair::resync::{Reading, Readings};
use known::Known;
use search::Search;
use weigh::Verdict;

/// What a reading remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The text is aligned from this offset.
    Aligned(usize),
    /// A bracket; its `(` may be the `?` that ate it.
    Bracket {
        at: usize,
        /// Whether the bytes before it end inside a character.
        half_read: bool,
    },
    /// The text was split before this mark.
    Split(char),
    /// A pair vanished; its first byte ends the character before, its second begins the next.
    Vanished,
}

/// The readings of one torn stretch.
type Arena<'a> = Readings<'a, Note>;

/// A position in the text with a reading of everything before it.
type Reached = (usize, Reading);

/// Mends the ruins of one document; gives an edit for each torn stretch.
pub(super) fn mend(
    text: &str,
    list: &List<'_>,
    injected: &[&Bracket],
    confidence: f32,
) -> Repaired {
    let mut repaired = Repaired::default();
    let mut ruins = ruins(text).peekable();
    if ruins.peek().is_none() {
        return repaired;
    }
    let search = Search::new(text, list, injected);
    let cost = |previous, next| search.page.cost(previous, next);
    let mut readings = Readings::new(search.table, &cost);
    let mut known = Known::new(text);
    let mut from = 0;
    for at in ruins {
        if at < from {
            continue;
        }
        let verdict = known.verdict(at).unwrap_or_else(|| {
            let verdict = weigh::mend_at(&search, &mut readings, at, confidence);
            known.keep(at, search.examined(), &verdict);
            verdict
        });
        match verdict {
            Verdict::Mended(edit) => {
                from = edit.range.end;
                repaired.edits.push(edit);
            }
            Verdict::Undetermined { end } => {
                from = end;
                repaired.findings.push(undetermined(text, at, end));
            }
            Verdict::NoRuin => {
                let bracket = syllable_to_parenthesis(&text[at + 1..]);
                let finding = bracket.map(|(_, len)| undetermined(text, at, at + 1 + len));
                repaired.findings.extend(finding);
            }
        }
    }
    repaired
}

/// Where ruins may start.
pub(super) fn ruins(text: &str) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'?', text.as_bytes()).filter(|&at| starts_ruin(&text[at..]))
}

/// Whether `?` at the front may be a ruin: a bracket without its `(`, or a mark, is behind.
pub(super) fn starts_ruin(text: &str) -> bool {
    let behind = &text[1..];
    behind.chars().next().is_some_and(|next| split::mark(next).is_some())
        || syllable_to_parenthesis(behind).is_some()
}

/// Whether a mark at `at`, or the ASCII one before, stands behind a `?`.
pub(super) fn is_split_off(text: &str, at: usize) -> bool {
    let (before, behind) = text.split_at(at);
    let folded = before.chars().next_back().filter(char::is_ascii);
    let ahead = |mark: char| &before[..before.len() - mark.len_utf8()];
    let folded = folded.filter(|&last| split::mark(last).is_some()).map(ahead);
    let whole = behind.chars().next().and_then(split::mark).map(|_| before);
    folded.into_iter().chain(whole).any(|before| before.ends_with('?'))
}

/// What is said of a torn stretch that stays as it is.
fn undetermined(text: &str, start: usize, end: usize) -> Finding {
    Finding::new(text, start..end, Kind::Pinyin, "injected pinyin where bytes are lost")
}
