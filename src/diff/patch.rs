//! A unified patch of raw bytes that `git apply` and `patch -p1` accept.
//!
//! Lines are compared and printed as bytes, so a patch of a GBK or a UTF-16 file
//! applies to that file; nothing is re-encoded on the way.
//!
//! A file is taken part by part, and a hunk is written once it is complete. The lines
//! of a hunk, which may be all of the file, and a line, which may be the only one, wait in a
//! temporary file where they are many.

use std::collections::VecDeque;
use std::io::{self, Seek, Write};

use memchr::{memchr, memchr_iter, memrchr, memrchr_iter};
use tempfile::SpooledTempFile;

use super::hunk::{Hunk, Sides, Signed, spool, spooled};
use super::name::PatchName;
use crate::decode::Splice;
use crate::pieces::each_piece;

/// Unchanged lines around a change, as git and diff show.
const CONTEXT: usize = 3;

/// The patch of a file in the making.
///
/// What changes is known, so nothing is compared: bytes between splices are the same on both
/// sides, and where neither side is inside of a line, lines that follow are the same again.
#[derive(Debug)]
pub struct Patch {
    name: PatchName,
    /// Whether there was a hunk.
    started: bool,
    /// Lines on either side before the context.
    passed: Sides<usize>,
    /// Unchanged lines that were not written yet, and may be context.
    context: VecDeque<SpooledTempFile>,
    /// The start of a line, of which nothing has changed so far.
    line: SpooledTempFile,
    /// Whether there is such a start.
    in_line: bool,
    /// Changed lines behind the context.
    changed: Sides<Signed>,
    hunk: Option<Hunk>,
}

impl Patch {
    /// The patch of a file that is called `name`.
    pub fn new(name: PatchName) -> Patch {
        Patch {
            name,
            started: false,
            passed: Sides::default(),
            context: VecDeque::new(),
            line: spool(),
            in_line: false,
            changed: Sides { before: Signed::new(b'-'), after: Signed::new(b'+') },
            hunk: None,
        }
    }

    /// Takes the next part of the file, of which `splices` replace some, and writes the hunks
    /// that are complete.
    ///
    /// # Errors
    /// Those of `out` and of temporary files.
    pub fn part(
        &mut self,
        bytes: &[u8],
        splices: &[Splice],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut at = 0;
        for Splice { range, after } in splices {
            self.same(&bytes[at..range.start], out)?;
            self.replace(&bytes[range.clone()], after)?;
            at = range.end;
        }
        self.same(&bytes[at..], out)
    }

    /// Writes what is left; nothing where nothing has changed.
    ///
    /// # Errors
    /// Those of `out` and of temporary files.
    pub fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.in_line {
            self.end_line(out)?;
        }
        self.flush_changes()?;
        self.close_hunk(out)
    }

    /// Takes bytes that are the same on both sides.
    fn same(&mut self, mut bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if self.in_line || self.changed.is_open() {
            let end = memchr(b'\n', bytes).map_or(bytes.len(), |newline| newline + 1);
            let (line, rest) = bytes.split_at(end);
            if self.in_line {
                self.line.write_all(line)?;
                if line.ends_with(b"\n") {
                    self.end_line(out)?;
                }
            } else {
                self.changed.before.put(line)?;
                self.changed.after.put(line)?;
            }
            bytes = rest;
        }
        let lines = memrchr(b'\n', bytes).map_or(0, |newline| newline + 1);
        let (lines, rest) = bytes.split_at(lines);
        self.unchanged(lines, out)?;
        if !rest.is_empty() {
            self.line.write_all(rest)?;
            self.in_line = true;
        }
        Ok(())
    }

    /// Takes bytes of one side, and those in their place on the other.
    fn replace(&mut self, before: &[u8], after: &[u8]) -> io::Result<()> {
        if self.in_line {
            let mut line = self.take_line()?;
            let Sides { before, after } = &mut self.changed;
            each_piece(&mut line, |piece| {
                before.put(piece)?;
                after.put(piece)
            })?;
        }
        self.changed.before.put(before)?;
        self.changed.after.put(after)
    }

    /// Takes the start of a line that turned out to be something else than a line.
    fn take_line(&mut self) -> io::Result<SpooledTempFile> {
        self.in_line = false;
        let mut line = std::mem::replace(&mut self.line, spool());
        line.rewind()?;
        Ok(line)
    }

    /// The line has come to its end without a change.
    fn end_line(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let line = self.take_line()?;
        self.add_context(line, out)
    }

    /// Takes whole lines that have not changed.
    fn unchanged(&mut self, mut lines: &[u8], out: &mut dyn Write) -> io::Result<()> {
        // until the hunk is over, if there is one, each line may be in it
        while !lines.is_empty() && (self.hunk.is_some() || self.changed.has_lines()) {
            let end = memchr(b'\n', lines).map_or(lines.len(), |newline| newline + 1);
            self.add_context(spooled(&lines[..end])?, out)?;
            lines = &lines[end..];
        }
        // of the others, the last ones may be the context of the next
        let start = memrchr_iter(b'\n', lines).nth(CONTEXT).map_or(0, |newline| newline + 1);
        let skipped = memchr_iter(b'\n', &lines[..start]).count();
        if skipped > 0 {
            let skipped = skipped + self.context.drain(..).count();
            self.passed.add(skipped, skipped);
        }
        for line in lines[start..].split_inclusive(|byte| *byte == b'\n') {
            self.add_context(spooled(line)?, out)?;
        }
        Ok(())
    }

    /// Adds a line that has not changed.
    fn add_context(&mut self, line: SpooledTempFile, out: &mut dyn Write) -> io::Result<()> {
        self.flush_changes()?;
        self.context.push_back(line);
        if self.hunk.is_some() && self.context.len() > 2 * CONTEXT {
            self.close_hunk(out)?;
        }
        while self.hunk.is_none() && self.context.len() > CONTEXT {
            self.context.pop_front();
            self.passed.add(1, 1);
        }
        Ok(())
    }

    /// Adds the changed lines, if there are any, to the hunk, with the context before them.
    fn flush_changes(&mut self) -> io::Result<()> {
        if !self.changed.has_lines() {
            return Ok(());
        }
        let start = self.passed;
        let hunk = self.hunk.get_or_insert_with(|| Hunk::new(start));
        hunk.add_context(self.context.drain(..))?;
        let changed = Sides { before: Signed::new(b'-'), after: Signed::new(b'+') };
        let Sides { before, after } = std::mem::replace(&mut self.changed, changed);
        hunk.length.add(before.count, after.count);
        before.write_to(&mut hunk.lines)?;
        after.write_to(&mut hunk.lines)
    }

    /// Writes the hunk, if there is one, with the context behind it.
    fn close_hunk(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(mut hunk) = self.hunk.take() else { return Ok(()) };
        hunk.add_context(self.context.drain(..self.context.len().min(CONTEXT)))?;
        if !std::mem::replace(&mut self.started, true) {
            self.name.write_header(out)?;
        }
        self.passed = hunk.start;
        self.passed.add(hunk.length.before, hunk.length.after);
        hunk.write_to(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::ops::Range;
    use std::path::Path;

    use super::*;
    use crate::decode::splice;

    /// The patch of `before` with some replacements, each of a text that is there once.
    fn patch(before: &str, replacements: &[(&str, &str)]) -> String {
        let splices = replacements.iter().map(|(old, new)| {
            let start = before.find(old).unwrap();
            Splice { range: start..start + old.len(), after: new.as_bytes().to_vec() }
        });
        written(before.as_bytes(), &splices.collect::<Vec<_>>(), before.len().max(1))
    }

    /// The patch of bytes that are taken in parts of `size`, or more where a splice is longer.
    fn written(bytes: &[u8], splices: &[Splice], size: usize) -> String {
        let mut out = Vec::new();
        let mut patch = Patch::new(PatchName::new(Path::new("./a.txt"), Path::new("/here")));
        let (mut at, mut splices) = (0, splices);
        while at < bytes.len() || !splices.is_empty() {
            let mut end = bytes.len().min(at + size);
            let mut length = 0;
            while let Some(splice) = splices.get(length)
                && splice.range.start < end.max(at + 1)
            {
                end = end.max(splice.range.end);
                length += 1;
            }
            let place = |splice: &Splice| {
                let range = splice.range.start - at..splice.range.end - at;
                Splice { range, after: splice.after.clone() }
            };
            let (now, later) = splices.split_at(length);
            let now: Vec<Splice> = now.iter().map(place).collect();
            patch.part(&bytes[at..end], &now, &mut out).unwrap();
            (at, splices) = (end, later);
        }
        patch.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The hunks of a patch.
    fn hunks(before: &str, replacements: &[(&str, &str)]) -> String {
        let patch = patch(before, replacements);
        patch[patch.find("@@").unwrap()..].to_owned()
    }

    #[test]
    fn no_change_is_no_patch() {
        assert_eq!(patch("一\n", &[]), "");
    }

    #[test]
    fn a_missing_newline_is_told_on_both_sides() {
        assert_eq!(
            patch("一\n門", &[("門", "门")]),
            "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n 一\n\
             -門\n\\ No newline at end of file\n+门\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let before: String = (0..30).map(|n| format!("{n}\n")).collect();
        let patch = patch(&before, &[("4\n", "four\n"), ("26", "and\n26"), ("29", "29!")]);
        assert!(patch.contains("@@ -2,7 +2,7 @@\n"), "{patch}");
        assert!(patch.contains("@@ -24,7 +24,8 @@\n"), "{patch}");
    }

    #[test]
    fn changes_of_neighbouring_lines_are_one() {
        assert_eq!(
            hunks("甲\n乙\n丙\n", &[("甲", "A"), ("乙", "B")]),
            "@@ -1,3 +1,3 @@\n-甲\n-乙\n+A\n+B\n 丙\n"
        );
        assert_eq!(
            hunks("甲乙丙\n丁\n", &[("甲", "A"), ("丙\n", "C"), ("丁", "D")]),
            "@@ -1,2 +1 @@\n-甲乙丙\n-丁\n+A乙CD\n"
        );
    }

    #[test]
    fn lines_are_taken_out_and_put_in_whole() {
        assert_eq!(hunks("一\n二\n三\n", &[("二\n", "")]), "@@ -1,3 +1,2 @@\n 一\n-二\n 三\n");
        assert_eq!(hunks("一\n", &[("一\n", "")]), "@@ -1 +0,0 @@\n-一\n");
        assert_eq!(
            hunks("一\n二", &[("\n二", "")]),
            "@@ -1,2 +1 @@\n-一\n-二\n\\ No newline at end of file\n+一\n\\ No newline at end of file\n"
        );
        assert_eq!(hunks("一\n二\n", &[("\n", "")]), "@@ -1,2 +1 @@\n-一\n-二\n+一二\n");
        assert_eq!(hunks("一二\n", &[("二", "\n二")]), "@@ -1 +1,2 @@\n-一二\n+一\n+二\n");
    }

    /// Applies hunks, whose line numbers and counts must be right; all lines have a newline.
    fn apply(before: &str, hunks: &str) -> String {
        let before: Vec<&str> = before.split_inclusive('\n').collect();
        let (mut after, mut at) = (Vec::new(), 0);
        for hunk in hunks.split("@@ -").skip(1) {
            let (header, body) = hunk.split_once(" @@\n").unwrap();
            let (old, new) = header.split_once(" +").unwrap();
            let (old, new) = (lines_of(old), lines_of(new));
            let side = |sign| {
                let lines = body.split_inclusive('\n').map(|line| line.split_at(1));
                lines.filter(move |(s, _)| [" ", sign].contains(s)).map(|(_, line)| line)
            };
            after.extend(&before[at..old.start]);
            assert_eq!((after.len(), side("+").count()), (new.start, new.len()));
            assert_eq!(side("-").collect::<Vec<_>>(), before[old.clone()]);
            after.extend(side("+"));
            at = old.end;
        }
        after.extend(&before[at..]);
        after.concat()
    }

    /// The lines, from 0, that `start,count` in a header names.
    fn lines_of(range: &str) -> Range<usize> {
        let (start, count) = range.split_once(',').unwrap_or((range, "1"));
        let (start, count): (usize, usize) = (start.parse().unwrap(), count.parse().unwrap());
        let start = if count == 0 { start } else { start - 1 };
        start..start + count
    }

    proptest! {
        #[test]
        fn hunks_lead_to_the_new_version(
            lines in prop::collection::vec("[ab]{0,3}", 1..40),
            cuts in prop::collection::vec((0..120usize, 0..9usize, "[x\n]{0,3}"), 1..6),
        ) {
            let before = lines.join("\n") + "\n";
            let mut splices: Vec<Splice> = Vec::new();
            for (skip, length, after) in cuts {
                let at = splices.last().map_or(0, |last| last.range.end) + skip;
                // the last newline stays
                if at + length < before.len() {
                    splices.push(Splice { range: at..at + length, after: after.into_bytes() });
                }
            }
            let patch = written(before.as_bytes(), &splices, before.len());
            let wanted = splice(before.as_bytes(), &splices);
            prop_assert_eq!(apply(&before, &patch).into_bytes(), wanted);
            for size in [1, 7, 30] {
                prop_assert_eq!(&written(before.as_bytes(), &splices, size), &patch);
            }
        }
    }
}
