//! Suspect spans to edits, one file a kind of damage.
//!
//! A repair is only ever applied when re-damaging the repaired text reproduces
//! the damaged span exactly and the repaired reading is far likelier.

mod compat;
mod cut;
mod escapes;
mod lost;
mod mojibake;
pub mod pinyin;
mod remnant;
mod resync;
mod slip;
mod transcode;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use self::cut::calm_end;
use crate::edit::{self, Edit, Finding, Kind};
use transcode::Path;
pub use transcode::{Explained, Refusal, Tried, explain};

/// How often the repairs run over what they made of a text, at most: damage under damage (radicals
/// in what was transcoded) takes a second run, lines of more layers than others further ones, and
/// the last finds nothing.
const RUNS: usize = 6;

/// Which repairs run, and how sure they must be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kinds that run.
    pub kinds: BTreeSet<Kind>,
    /// The posterior, 0 to 1, that a lost character needs before it is filled in.
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

/// What the parts of a document that came before say about the next one.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The paths that damage was seen to have come, the last one first.
    known: Vec<Path>,
}

/// Runs the repairs that `options` names on one document.
pub fn repair(text: &str, options: &Options) -> Repaired {
    repair_part(text, options, &mut Memory::default()).0
}

/// Runs the repairs on the next part of a document, and gives what they make of it.
///
/// What is too short to be suspected on its own is read along the paths that damage came in the
/// parts before. All other evidence that repairs borrow from elsewhere in the document is that of
/// the part.
pub fn repair_part<'t>(
    text: &'t str,
    options: &Options,
    memory: &mut Memory,
) -> (Repaired, Cow<'t, str>) {
    let (draft, mut findings) = run_stages(text, options, memory, 0);
    let lost = draft.origins(lost::findings(&draft.result)).collect();
    findings.extend(lost::with_guesses(lost, &draft.edits));
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.range.start, finding.range.end, finding.kind);
        key(one).cmp(&key(other)).then_with(|| one.message.cmp(&other.message))
    });
    // several lost characters of one edit are one finding, and so is what both runs of a stage saw
    findings.dedup();
    (Repaired { edits: draft.edits, findings }, draft.result)
}

/// Runs the stages over a text that so many layers were `peeled` off, and over what they made of it;
/// gives that, and what they saw but did not change.
fn run_stages<'t>(
    text: &'t str,
    options: &Options,
    memory: &mut Memory,
    peeled: usize,
) -> (Draft<'t>, Vec<Finding>) {
    let mut draft = Draft::new(text);
    let mut findings = Vec::new();
    let mut first_known = Vec::new();
    let mut seen = Seen { peeled, ..Seen::default() };
    let runs = |stage: &Stage| stage.kinds().iter().any(|kind| options.kinds.contains(kind));
    // the text that each stage would leave as it is, by the number of changes before it
    let mut settled = [None; Stage::COUNT];
    let mut changes = 0;
    for run in 0..RUNS {
        let before = changes;
        seen.known.clone_from(&memory.known);
        for stage in Stage::ORDER.into_iter().filter(runs) {
            if settled[stage as usize] == Some(changes) {
                continue;
            }
            let repaired = stage.repair(&draft.result, options, &mut seen);
            if run == 0 {
                findings.extend(draft.origins(repaired.findings));
            }
            let changed = draft.add(repaired.edits);
            changes += usize::from(changed);
            if !changed || stage.is_done_at_once() {
                settled[stage as usize] = Some(changes);
            }
        }
        if run == 0 {
            first_known.clone_from(&seen.known);
        }
        if changes == before {
            break;
        }
    }
    memory.known = first_known;
    (draft, findings)
}

/// What the stages see of one text and tell each other.
#[derive(Debug, Default)]
struct Seen {
    /// The paths that damage was seen to have come, the last one first.
    known: Vec<Path>,
    /// Whether readings were injected into the text, and are gone from it by now.
    injected: bool,
    /// How many layers were peeled off the text.
    peeled: usize,
}

/// A part of the repairs.
#[derive(Clone, Copy)]
enum Stage {
    Escapes,
    Pinyin,
    Mojibake,
    Compat,
}

impl Stage {
    /// The order in which they run: readings were injected into text, and radicals typed into it,
    /// before it was decoded; escapes were written last.
    ///
    /// Readings that show go before anything is decoded anew, too: to the others, each
    /// `當(dāng)前` looks damaged.
    const ORDER: [Stage; 5] =
        [Stage::Escapes, Stage::Pinyin, Stage::Mojibake, Stage::Pinyin, Stage::Compat];

    /// How many there are.
    const COUNT: usize = Stage::Compat as usize + 1;

    /// The kinds that the stage does.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Stage::Escapes => &[Kind::Escape],
            Stage::Pinyin => &[Kind::Pinyin],
            Stage::Mojibake => &[Kind::Transcode, Kind::Slip],
            Stage::Compat => &[Kind::Compat],
        }
    }

    fn repair(self, text: &str, options: &Options, seen: &mut Seen) -> Repaired {
        match self {
            Stage::Escapes => Repaired { edits: escapes::repair(text), findings: vec![] },
            Stage::Pinyin => {
                let repaired = pinyin::repair(text, options.confidence, seen.injected);
                seen.injected |= !repaired.edits.is_empty();
                repaired
            }
            Stage::Mojibake => mojibake::repair(text, options, seen),
            Stage::Compat => compat::repair(text),
        }
    }

    /// Whether the stage has nothing to do in what it made of a text: the brackets and ruins that
    /// it leaves stay, but damage may be under damage.
    fn is_done_at_once(self) -> bool {
        matches!(self, Stage::Pinyin)
    }
}

/// A text on its way: the edits so far, and what they make of it.
struct Draft<'a> {
    text: &'a str,
    edits: Vec<Edit>,
    result: Cow<'a, str>,
}

impl<'a> Draft<'a> {
    fn new(text: &'a str) -> Draft<'a> {
        Draft { text, edits: vec![], result: Cow::Borrowed(text) }
    }

    /// Adds edits of the result; says whether there were any.
    fn add(&mut self, edits: Vec<Edit>) -> bool {
        if edits.is_empty() {
            return false;
        }
        self.edits = edit::compose(self.text, std::mem::take(&mut self.edits), edits);
        // there are none any more where one changed back what another had changed
        self.result = edit::applied(self.text, &self.edits);
        true
    }

    /// What was seen in the result, told as places of the input.
    fn origins(&self, findings: Vec<Finding>) -> impl Iterator<Item = Finding> {
        // mostly there are none, and where the edits led to need not be worked out
        let edits = if findings.is_empty() { &[][..] } else { &self.edits };
        let origins = edit::Origins::new(edits);
        findings.into_iter().map(move |finding| {
            let range = origins.of(finding.range);
            Finding { before: self.text[range.clone()].to_owned(), range, ..finding }
        })
    }
}
