//! What the characters may have been that an edit left lost.

use std::ops::Range;

use super::replacement::{CHARACTER, RUN};
use crate::edit::{self, Edit, Finding};

/// What is said of a character in whose place something else stands, such as the `?` of Windows.
const UNCERTAIN: &str = "character that is not certain";

/// The findings of lost characters with what edits of the same text know of each: a run of them
/// is told one by one, with the best guesses.
pub fn with_guesses(findings: Vec<Finding>, edits: &[Edit]) -> Vec<Finding> {
    let told = |finding: Finding| {
        let guesses = guesses(&finding, edits);
        if guesses.is_empty() { vec![finding] } else { guesses }
    };
    findings.into_iter().flat_map(told).collect()
}

/// The lost characters of an edit that a finding is about, if it is about no other.
fn guesses(finding: &Finding, edits: &[Edit]) -> Vec<Finding> {
    let Range { start, end } = finding.range;
    let next = edits.partition_point(|edit| edit.range.end <= start);
    let Some(edit) = edits.get(next).filter(|_| [CHARACTER, RUN].contains(&&*finding.message))
    else {
        return vec![];
    };
    let place = |lost: &edit::Lost| edit::shifted(&lost.from, edit.range.start);
    let guess = |lost: &edit::Lost| {
        let before = edit.before[lost.from.clone()].to_owned();
        let what = match before.contains(char::REPLACEMENT_CHARACTER) {
            true => CHARACTER,
            false => UNCERTAIN,
        };
        let message = format!("{what}, {}", lost.describe()).into();
        Finding { range: place(lost), kind: edit.kind, before, message }
    };
    // an edit of a whole page has thousands of them, and as many findings
    let first = edit.lost.partition_point(|lost| place(lost).start < start);
    let within = edit.lost[first..].iter().take_while(|lost| place(lost).end <= end);
    let guesses: Vec<Finding> = within.map(guess).collect();
    let begins = guesses.first().is_some_and(|first| first.range.start == start);
    let ends = guesses.last().is_some_and(|last| last.range.end == end);
    if begins && ends { guesses } else { vec![] }
}
