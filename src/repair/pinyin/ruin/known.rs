//! Ruins that a document has more than once: `教?chù)煟` in every second sentence of a page.
//!
//! What is judged of a ruin rests on the text around it and on the document, so the same text
//! is not searched again.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::weigh::Verdict;

/// How much of the text behind its `?` a ruin is looked up by, in bytes: `?zhuàng)` and a
/// character.
const KEY: usize = 12;

/// Verdicts that are kept for one key: each has other text around it.
const MOST_ALIKE: usize = 16;

/// Verdicts that are kept of a document, some megabytes with their edits.
const MOST: usize = 1 << 14;

/// The verdicts on the ruins of a document so far.
pub(super) struct Known<'a> {
    text: &'a str,
    verdicts: FxHashMap<&'a str, Vec<Judged>>,
    len: usize,
}

/// A verdict, and what it rests on.
struct Judged {
    /// Where the `?` is.
    ruin: usize,
    /// What was looked at.
    examined: Range<usize>,
    verdict: Verdict,
}

impl<'a> Known<'a> {
    pub(super) fn new(text: &'a str) -> Known<'a> {
        Known { text, verdicts: FxHashMap::default(), len: 0 }
    }

    /// The verdict on the ruin whose `?` is at `ruin`, if the same text was judged before.
    pub(super) fn verdict(&self, ruin: usize) -> Option<Verdict> {
        let alike = self.verdicts.get(self.key(ruin))?;
        alike.iter().find_map(|known| {
            let start = (ruin + known.examined.start).checked_sub(known.ruin)?;
            let same = self.text.get(start..start + known.examined.len())?;
            (same == &self.text[known.examined.clone()]).then(|| known.verdict.at(known.ruin, ruin))
        })
    }

    /// Keeps the verdict on a ruin, which rests on what is `examined`.
    pub(super) fn keep(&mut self, ruin: usize, examined: Range<usize>, verdict: &Verdict) {
        // what begins or ends the document does so once
        let is_inside = examined.start > 0 && examined.end < self.text.len();
        if !is_inside || self.len >= MOST {
            return;
        }
        let key = self.key(ruin);
        let alike = self.verdicts.entry(key).or_default();
        if alike.len() < MOST_ALIKE {
            alike.push(Judged { ruin, examined, verdict: verdict.clone() });
            self.len += 1;
        }
    }

    fn key(&self, ruin: usize) -> &'a str {
        &self.text[ruin..self.text.ceil_char_boundary(ruin + 1 + KEY)]
    }
}
