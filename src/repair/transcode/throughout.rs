//! Documents that were damaged from end to end.
//!
//! A line that is too short or too odd to be told by itself was damaged, too, where nearly all
//! others were:
//!
//! ```text
//! ÈÉÉê      壬申, in a list of which all else was GBK, read as Latin-1
//! ```

use std::iter;
use std::ops::Range;

use memchr::memchr_iter;

use super::Transcoder;
use super::lattice::Passage;
use super::reading::{NO_LIMIT, Reading};
use super::run::Standing;
use crate::edit::{Bits, Edit};

/// How many lines must have been repaired for each that is clean or was repaired in part: a text of
/// which more is clean was put together, and says nothing about another line of it.
const REPAIRED_SHARE: usize = 4;

impl Transcoder<'_> {
    /// Repairs the lines that were left of a text which was damaged throughout; `edits` are its
    /// repairs so far, sorted.
    pub(in crate::repair) fn left_lines(&mut self, edits: &[Edit]) -> Vec<Edit> {
        if self.known.is_empty() {
            return vec![];
        }
        let Lines { repaired, left, partly } = Lines::of(self.text, edits);
        // to read more than there is of repaired ones would take long, and come to nothing
        if left.len() > repaired || repaired < REPAIRED_SHARE * partly {
            return vec![];
        }
        let (mut readings, mut clean) = (Vec::new(), partly);
        for line in left {
            match self.read_left(line) {
                Some(reading) if reading.is_ruin(true) => {}
                Some(reading) if self.may_be_repaired(&reading) => readings.push(reading),
                _ => clean += 1,
            }
        }
        if repaired < REPAIRED_SHARE * clean {
            return vec![];
        }
        let bits = Bits::of_share(clean as u64 + 1, repaired as u64 + 1);
        let standing = Standing::Throughout(bits);
        let edits = |reading: &Reading| reading.edits(self.text, standing, self.options);
        readings.iter().flat_map(edits).collect()
    }

    /// The reading of a line along the path of the others, if all of it can be read so.
    fn read_left(&mut self, line: Range<usize>) -> Option<Reading> {
        let path = self.known.first()?.clone();
        let passage = Passage::of(self.text, line);
        let reading = Reading::new(&mut self.search, passage, path, NO_LIMIT)?;
        let is_whole = reading.is_damaged_throughout() && self.is_along_right_flavour(&reading);
        is_whole.then(|| reading.settled())
    }

    /// Whether a reading is no unlikelier than the line as it stands.
    fn may_be_repaired(&self, reading: &Reading) -> bool {
        let at_best = Standing::Throughout(Bits(i32::MAX));
        !reading.edits(self.text, at_best, self.options).is_empty()
    }
}

/// The lines of a text that have more than ASCII.
#[derive(Default)]
struct Lines {
    /// How many were repaired, all of them that is not ASCII.
    repaired: usize,
    /// How many were repaired in part.
    partly: usize,
    /// Those that have no repair.
    left: Vec<Range<usize>>,
}

impl Lines {
    fn of(text: &str, edits: &[Edit]) -> Lines {
        let mut lines = Lines::default();
        let mut edits = edits.iter().peekable();
        let ends = memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).chain([text.len()]);
        let (mut start, mut at) = (0, 0);
        for end in ends {
            at = at.max(start);
            let (mut is_repaired, mut is_whole) = (false, true);
            for edit in iter::from_fn(|| edits.next_if(|edit| edit.range.start < end)) {
                is_repaired = true;
                is_whole &= text[at.min(edit.range.start)..edit.range.start].is_ascii();
                at = edit.range.end;
            }
            is_whole &= text[at.min(end)..end].is_ascii();
            match (is_repaired, is_whole) {
                (true, true) => lines.repaired += 1,
                (true, false) => lines.partly += 1,
                (false, true) => {}
                (false, false) if at == start => lines.left.push(start..end),
                // what another line was repaired with goes on in it
                (false, false) => lines.partly += 1,
            }
            start = end;
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Kind;

    #[test]
    fn lines_are_told_by_what_was_repaired_of_them() {
        let text = "plain\n·¢¿¨\n·¢ or ¿¨\nÈÉÉê\n";
        let edit = |found: &str, from: usize| {
            let start = from + text[from..].find(found).unwrap();
            Edit::new(text, start..start + found.len(), "", Kind::Transcode, vec![])
        };
        let Lines { repaired, partly, left } =
            Lines::of(text, &[edit("·¢¿¨", 0), edit("·¢", text.find("·¢ or").unwrap())]);
        assert_eq!((repaired, partly), (1, 1));
        assert_eq!(left.iter().map(|line| &text[line.clone()]).collect::<Vec<_>>(), ["ÈÉÉê\n"]);
    }
}
