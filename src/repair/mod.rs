//! Suspect spans to edits, one file a kind of damage.
//!
//! A repair is only ever applied when re-damaging the repaired text reproduces
//! the damaged span exactly and the repaired reading is far likelier.

pub mod pinyin;
mod resync;
mod slip;
mod transcode;

use std::collections::BTreeSet;

use crate::edit::{Edit, Finding, Kind};
use crate::segment;

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
    if options.kinds.contains(&Kind::Pinyin) {
        let repaired = pinyin::repair(text, options.confidence);
        if !repaired.edits.is_empty() {
            return repaired;
        }
    }
    let mut edits = Vec::new();
    if options.kinds.contains(&Kind::Transcode) {
        edits = transcode::repair(text, &segment::suspects(text), options);
    }
    Repaired { edits, findings: vec![] }
}
