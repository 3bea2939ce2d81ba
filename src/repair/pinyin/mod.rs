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

use rustc_hash::FxHashSet;

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
    let inferred = List::infer(text, &brackets, known);
    let proof = if inferred.is_none() { &*torn_readings(text) } else { &[] };
    let suspected = || if proof.is_empty() { None } else { List::suspect(text, &brackets) };
    let none = || Repaired { edits: Vec::new(), findings: hollow::findings(text) };
    let Some(list) = inferred.or_else(suspected) else { return none() };
    let injected: Vec<&Bracket> = brackets.iter().filter(|bracket| list.strips(bracket)).collect();
    let mended = ruin::mend(text, &list, &injected, confidence);
    let is_proof = |edit: &Edit| {
        proof.binary_search(&edit.range.start).is_ok() && is_likelier_than_inserted(text, edit)
    };
    if !proof.is_empty() && !mended.edits.iter().any(is_proof) {
        return none();
    }
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

/// How much of a line is looked at for a `(`, in bytes.
const LINE: usize = 512;

/// Where a lost byte ate the `(` of a reading with its tone, `?qū)嶒灨`, that no `(` before it on
/// the line is for.
///
/// That injecting into other text makes just these bytes is a proof, however few readings there
/// are: the reading, the byte before it and all text up to the next ASCII have to go together.
fn torn_readings(text: &str) -> Vec<usize> {
    let is_torn = |&at: &usize| {
        let reading = syllable_to_parenthesis(&text[at + 1..]);
        let near = &text[text.ceil_char_boundary(at.saturating_sub(LINE))..at];
        let line = near.rsplit('\n').next().unwrap_or_default();
        let is_open = line.rfind('(') > line.rfind(')');
        reading.is_some_and(|(syllable, _)| syllable.has_tone()) && !is_open
    };
    ruin::ruins(text).filter(is_torn).collect()
}

/// What text from several readings that lost their `(` may cost more for each but the first, where
/// they are all there is of it, `要?jiǎng)?wù)`: a character comes back that is not in the rest,
/// which costs 8 bits in the mean and no more than this in clean text.
const COME_BACK: Bits = Bits(16 * Bits::ONE.0);

/// Whether a mended stretch is likelier than what it was if `?shì)` was just put
/// into text that is whole: that is torn where the mended text would not have been.
fn is_likelier_than_inserted(text: &str, edit: &Edit) -> bool {
    let mut inserted = String::with_capacity(edit.before.len());
    let (mut rest, mut torn) = (&*edit.before, FxHashSet::default());
    while let Some(next) = rest.chars().next() {
        let torn_reading = rest.strip_prefix('?').and_then(syllable_to_parenthesis);
        let whole = || bracket::syllable_in_parentheses(rest).map(|(_, len)| len);
        torn.extend(torn_reading.map(|(syllable, _)| syllable));
        match torn_reading.map(|(_, len)| 1 + len).or_else(whole) {
            Some(len) => rest = &rest[len..],
            None => {
                inserted.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    let behind = text[edit.range.end..].chars().next();
    let cost = |between: &str| {
        let mut previous = text[..edit.range.start].chars().next_back().unwrap_or('\n');
        between.chars().chain(behind).fold(0, |cost, next| {
            let step = page::simplified_cost(previous, next);
            previous = next;
            cost + step
        })
    };
    let allowed = COME_BACK.0 * torn.len().saturating_sub(1) as i32;
    cost(&edit.after) <= cost(&inserted) + allowed
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

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> String {
        crate::edit::applied(text, &repair(text, 0.99, false).edits).into_owned()
    }

    #[test]
    fn one_ruin_that_is_torn_again_alike_is_a_proof() {
        for (torn, mended) in [
            ("舊(jiù)書搬到陽?shān)_上晾曬，忘了收。", "舊書搬到陽臺上晾曬，忘了收。"),
            ("這是要?jiǎng)?wù)之一。", "這是要務之一。"),
        ] {
            assert_eq!(repaired(torn), mended);
        }
        // one that is in brackets of the text's own, and those that were put into whole text
        for honest in [
            "（這個字(是讀?shān)不是）",
            "義寧?mī)華岩洞和純陽真人，修?xiǎng)正公布第九條條文。",
            "抽出與中籤者?zhǎn)?zhǎn)相同數量之備取者。",
        ] {
            assert_eq!(repaired(honest), honest);
        }
    }
}
