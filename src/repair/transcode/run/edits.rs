//! The edits that repair a run.

use std::ops::Range;

use super::{Loss, Piece, Run, Standing};
use crate::edit::{Bits, Edit, Filled, Kind, Lost, Safety, shifted};
use crate::repair::Options;
use crate::repair::transcode::path::Path;
use crate::segment::{self, Bar};

/// Bytes of ASCII between two repaired pieces of a line that still make one edit.
const JOINED: usize = 8;

impl Run {
    /// Appends the edits of `text` that repair the run as it was read, if its evidence holds.
    pub fn add_edits(
        self,
        text: &str,
        path: &Path,
        standing: Standing,
        options: &Options,
        edits: &mut Vec<Edit>,
    ) {
        let Ok(bits) = self.evidence(text, path, standing) else { return };
        let all: i64 = self.pieces.iter().map(|piece| piece.range.len() as i64).sum();
        let before_run = edits.len();
        for piece in self.pieces {
            let before = &text[piece.range.clone()];
            if !path.leads_to(&piece.after, before) || piece.may_hide_a_blank(before) {
                continue;
            }
            let share = i64::from(bits.0) * piece.range.len() as i64 / all;
            let edit = piece.edit(text, path, Bits(share as i32), options);
            match edits[before_run..].last_mut() {
                Some(last) if joins(text, last.range.end..edit.range.start) => {
                    join(last, edit, text)
                }
                _ => edits.push(edit),
            }
        }
    }
}

impl Piece {
    /// Whether a blank that was taken as a byte stands for that byte and a blank: `Ã la` is
    /// à la where runs of blanks were made one, and àla where they were not.
    fn may_hide_a_blank(&self, before: &str) -> bool {
        let before_letter = self.behind.is_some_and(|(behind, _)| behind.is_ascii_alphabetic());
        before.ends_with(' ') && !self.after.ends_with(' ') && before_letter
    }

    /// The edit that repairs the piece, for which so many bits speak.
    fn edit(self, text: &str, path: &Path, bits: Bits, options: &Options) -> Edit {
        // what still looks damaged is not what was written: a byte was lost before the damage, or
        // went without a trace
        let is_whole =
            self.losses.is_empty() && segment::suspects(&self.after, Bar::Unknown).next().is_none();
        let safety = if is_whole { Safety::Exact } else { Safety::Inferred };
        let unwritten = Edit::new(text, self.range, "", Kind::Transcode, path.steps());
        let mut edit = Edit { safety, bits, ..unwritten };
        write(&mut edit, self.after, self.losses, options.confidence);
        edit
    }
}

/// Writes what was read into an edit; U+FFFD stays where a character is not sure enough.
fn write(edit: &mut Edit, read: String, losses: Vec<Loss>, confidence: f32) {
    if losses.is_empty() {
        edit.after = read;
        return;
    }
    edit.after.reserve(read.len());
    let mut written = 0;
    for Loss { at, from, guess, posterior } in losses {
        edit.after.push_str(&read[written..at]);
        written = at + guess.len_utf8();
        let at = edit.after.len();
        if posterior >= confidence {
            edit.after.push(guess);
            edit.filled.push(Filled { at, character: guess, posterior });
        } else {
            edit.after.push(char::REPLACEMENT_CHARACTER);
            let from = from.start - edit.range.start..from.end - edit.range.start;
            edit.lost.push(Lost { at, from, guess, posterior });
        }
    }
    edit.after.push_str(&read[written..]);
}

/// Whether two edits are one with the text between them.
fn joins(text: &str, between: Range<usize>) -> bool {
    between.len() <= JOINED && !text[between].contains('\n')
}

fn join(first: &mut Edit, second: Edit, text: &str) {
    let between = &text[first.range.end..second.range.start];
    let moved = first.after.len() + between.len();
    let begun = first.before.len() + between.len();
    first.before.push_str(between);
    first.before.push_str(&second.before);
    first.after.push_str(between);
    first.after.push_str(&second.after);
    first.range.end = second.range.end;
    first.safety = first.safety.max(second.safety);
    first.bits.0 = first.bits.0.saturating_add(second.bits.0);
    let filled = second.filled.into_iter();
    first.filled.extend(filled.map(|fill| Filled { at: fill.at + moved, ..fill }));
    let lost = second.lost.into_iter();
    first.lost.extend(lost.map(|lost| Lost {
        at: lost.at + moved,
        from: shifted(&lost.from, begun),
        ..lost
    }));
}
