//! Suspect spans to edits, one file a kind of damage.
//!
//! A repair is only ever applied when re-damaging the repaired text reproduces
//! the damaged span exactly and the repaired reading is far likelier.

mod compat;
mod escapes;
mod lost;
pub mod pinyin;
mod resync;
mod script;
mod slip;
mod transcode;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::edit::{self, Edit, Finding, Kind};

/// How often the repairs run over what they made of a text: damage under damage
/// (radicals in what was transcoded) takes a second run, and the third finds nothing.
const RUNS: usize = 3;

/// Which repairs run, and how sure they must be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kinds that run.
    pub kinds: BTreeSet<Kind>,
    /// The posterior that a lost character needs before it is filled in.
    pub confidence: f32,
}

impl Default for Options {
    fn default() -> Options {
        let kinds = [Kind::Transcode, Kind::Slip, Kind::Pinyin, Kind::Compat];
        Options { kinds: kinds.into_iter().collect(), confidence: 0.99 }
    }
}

/// What the repairs did and saw.
#[derive(Clone, Debug, Default)]
pub struct Repaired {
    /// Changes, sorted by position.
    pub edits: Vec<Edit>,
    /// What was seen but not changed, sorted by position.
    pub findings: Vec<Finding>,
}

/// Runs the repairs that `options` names on one document.
pub fn repair(text: &str, options: &Options) -> Repaired {
    let mut draft = Draft { text, edits: vec![], result: Cow::Borrowed(text) };
    let mut findings = Vec::new();
    for run in 0..RUNS {
        let mut changed = false;
        for kind in Kind::ALL.into_iter().filter(|kind| options.kinds.contains(kind)) {
            let repaired = stage(kind, &draft.result, options);
            if run == 0 {
                findings.extend(repaired.findings.into_iter().map(|finding| draft.origin(finding)));
            }
            changed |= draft.add(repaired.edits);
        }
        if !changed {
            break;
        }
    }
    let mut lost = Vec::new();
    lost::findings(&draft.result, &mut lost);
    findings.extend(lost.into_iter().map(|finding| draft.origin(finding)));
    findings.sort_by_key(|finding| finding.range.start);
    // several lost characters of one edit are one finding
    findings.dedup();
    Repaired { edits: draft.edits, findings }
}

/// Runs one kind of repair.
fn stage(kind: Kind, text: &str, options: &Options) -> Repaired {
    let mut repaired = Repaired::default();
    match kind {
        Kind::Escape => escapes::repair(text, &mut repaired.edits),
        Kind::Transcode => repaired = transcode::repair(text, options),
        Kind::Compat => {
            compat::repair(text, &mut repaired.edits);
            compat::findings(text, &mut repaired.findings);
        }
        Kind::Pinyin => repaired = pinyin::repair(text, options.confidence),
        Kind::Slip => repaired = slip::repair(text, options.confidence),
        Kind::Convert => {}
    }
    repaired
}

/// A text on its way: the edits so far, and what they make of it.
struct Draft<'a> {
    text: &'a str,
    edits: Vec<Edit>,
    result: Cow<'a, str>,
}

impl Draft<'_> {
    /// Adds edits of the result; says whether there were any.
    fn add(&mut self, edits: Vec<Edit>) -> bool {
        if edits.is_empty() {
            return false;
        }
        self.edits = edit::compose(self.text, std::mem::take(&mut self.edits), edits);
        self.result = Cow::Owned(edit::apply(self.text, &self.edits));
        true
    }

    /// What was seen in the result, told as a place of the input.
    fn origin(&self, finding: Finding) -> Finding {
        let range = edit::origin(&self.edits, finding.range);
        Finding { before: self.text[range.clone()].to_owned(), range, ..finding }
    }
}
