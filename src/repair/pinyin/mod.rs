//! Injected pinyin ("garbled brackets") and the byte ruins that come with it.
//!
//! Sites that disguise scraped pages put a reading behind each character of a
//! list: `當(dāng)前位置`. They do it on GBK bytes, `replace(X, X + "(reading)")`,
//! so a match across two characters tears both apart:
//!
//! ```text
//! 要      務                 要務
//! D2 [AA  84] D5             AA84 is 獎, jiǎng
//! D2 AA 84(jiǎng)D5(wù)      and 務, 84D5, is on the list too
//! 要 ?jiǎng)?wù)             84+( and D5+( are no pairs: one `?` each, the ( is gone
//! ```

mod bracket;
mod fold;
mod gate;
mod hollow;
mod inject;
mod memo;
mod page;
mod proof;
mod reading;
mod ruin;
mod script;

use std::ops::Range;

pub use inject::{Injector, Loss, Tear, Traced};
pub(super) use script::simplified;

use super::Repaired;
use crate::edit::{Bits, Edit, Kind, Step};
use crate::model;
use bracket::{Bracket, brackets, syllable_to_parenthesis};
use gate::List;

/// Where characters with a reading behind them are, injected or not; sorted.
pub(crate) fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    brackets(text).into_iter().map(|bracket| bracket.owner_at..bracket.range.end)
}

/// Takes the injected readings out of one document and mends what they tore.
///
/// `confidence` is the posterior that a lost character needs before it is filled in; `known` is
/// whether readings were taken out of the document before.
pub(crate) fn repair(text: &str, confidence: f32, known: bool) -> Repaired {
    let brackets = brackets(text);
    let Some(list) = List::infer(text, &brackets, known) else {
        return Repaired { edits: Vec::new(), findings: hollow::findings(text) };
    };
    let injected: Vec<&Bracket> = brackets.iter().filter(|bracket| list.strips(bracket)).collect();
    let mended = ruin::mend(text, &list, &injected, confidence);
    let mut edits = Vec::with_capacity(injected.len() + mended.edits.len());
    let mut ruins = mended.edits.into_iter().peekable();
    let left = &mended.findings;
    for bracket in injected {
        // a torn stretch that is not determined stays as it is, its brackets too
        let at = bracket.range.start;
        let next = left.partition_point(|finding| finding.range.end <= at);
        if left.get(next).is_some_and(|finding| finding.range.start <= at) {
            continue;
        }
        while let Some(ruin) = ruins.next_if(|ruin| ruin.range.start < bracket.range.start) {
            edits.push(ruin);
        }
        let inside = |edit: &Edit| edit.range.end >= bracket.range.end;
        if !edits.last().is_some_and(inside) {
            edits.push(strip(text, bracket));
        }
    }
    edits.extend(ruins);
    Repaired { edits, findings: mended.findings }
}

/// Whether a document went through an injector.
pub(crate) fn is_injected(text: &str) -> bool {
    List::infer(text, &brackets(text), false).is_some()
}

/// Whether a lost byte ate the `(` of a reading in a text: `?jiǎng)`.
pub(crate) fn is_torn(text: &str) -> bool {
    ruin::ruins(text).any(|at| syllable_to_parenthesis(&text[at + 1..]).is_some())
}

/// How far from a stretch readings still say that an injector tore it, in bytes: the words
/// around a ruin have one every few characters.
const NEARBY: usize = 48;

/// Whether a part of the text is a ruin, whatever the rest of the text says: it has a reading with
/// its tone near it, `我們?nèi)粘Ｉ`, or a mark that was split off before it, `?；蛘吖ぷ`.
///
/// Ruins that are not determined stay when all readings elsewhere are gone.
pub(crate) fn is_ruin(text: &str, part: &Range<usize>) -> bool {
    let start = text.floor_char_boundary(part.start.saturating_sub(NEARBY));
    let end = text.ceil_char_boundary(part.end + NEARBY);
    let opens = memchr::memchr2_iter(b'?', b'(', &text.as_bytes()[start..end]);
    let mut readings = opens.filter_map(|at| syllable_to_parenthesis(&text[start + at + 1..]));
    readings.any(|(syllable, _)| syllable.has_tone()) || ruin::is_split_off(text, part.start)
}

fn strip(text: &str, bracket: &Bracket) -> Edit {
    let steps = &[Step::Apply(STRIP)];
    Edit {
        bits: gain(text, bracket),
        ..Edit::new(text, bracket.range.clone(), "", Kind::Pinyin, steps)
    }
}

/// How much likelier the text is without a bracket.
fn gain(text: &str, bracket: &Bracket) -> Bits {
    let next = text[bracket.range.end..].chars().next().unwrap_or('\n');
    let behind = |previous| model::cost(previous, next).0;
    Bits(bracket.cost.0 + behind(')') - behind(bracket.owner))
}

/// The step that takes out a bracket.
pub(super) const STRIP: &str = "strip-pinyin";
