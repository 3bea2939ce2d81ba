//! A unified patch of raw bytes that `git apply` and `patch -p1` accept.
//!
//! Lines are compared and printed as bytes, so a patch of a GBK or a UTF-16 file
//! applies to that file; nothing is re-encoded on the way.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Component, Path};

use memchr::{memchr, memchr_iter, memrchr, memrchr_iter};

use crate::decode::{Splice, splice};

/// Unchanged lines around a change, as git and diff show.
const CONTEXT: usize = 3;

/// Whole lines that are replaced.
struct Change {
    /// Where they are in the file as it was: from the start of a line to the start of
    /// another, or to the end of the file.
    before: Range<usize>,
    /// The lines in their place.
    after: Vec<u8>,
}

/// Writes the patch of a file that is called `name` and holds `bytes`, of which `splices`
/// replace some; nothing where there are none.
///
/// What changes is known, so nothing is compared.
///
/// # Errors
/// Those of `out`.
pub fn write(
    name: &PatchName,
    bytes: &[u8],
    splices: &[Splice],
    out: &mut dyn Write,
) -> io::Result<()> {
    let changes = changes(bytes, splices);
    if changes.is_empty() {
        return Ok(());
    }
    name.write_header(out)?;
    let near = |one: &Change, next: &Change| {
        memchr_iter(b'\n', &bytes[one.before.end..next.before.start]).count() <= 2 * CONTEXT
    };
    let mut hunks = Hunks { bytes, at: 0, before: 0, after: 0 };
    changes.chunk_by(near).try_for_each(|group| hunks.write(group, out))
}

/// The lines that splices change; neighbouring lines are one change.
fn changes(bytes: &[u8], splices: &[Splice]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut rest = splices;
    while !rest.is_empty() {
        let (change, length) = first_change(bytes, rest);
        rest = &rest[length..];
        match changes.last_mut() {
            Some(last) if last.before.end == change.before.start => {
                last.before.end = change.before.end;
                last.after.extend(change.after);
            }
            _ => changes.push(change),
        }
    }
    changes
}

/// The lines that the first of `splices` changes, and how many splices are in them.
fn first_change(bytes: &[u8], splices: &[Splice]) -> (Change, usize) {
    let start = line_start(bytes, splices[0].range.start);
    let (mut end, mut length) = (start, 0);
    loop {
        while let Some(splice) = splices.get(length)
            && (length == 0 || splice.range.start < end)
        {
            let at = splice.range.end;
            let until = if line_start(bytes, at) == at { at } else { line_end(bytes, at) };
            end = end.max(until);
            length += 1;
        }
        let within = splices[..length].iter().map(|splice| Splice {
            range: splice.range.start - start..splice.range.end - start,
            after: splice.after.clone(),
        });
        let after = splice(&bytes[start..end], &within.collect::<Vec<_>>());
        if end == bytes.len() || after.is_empty() || after.ends_with(b"\n") {
            return (Change { before: start..end, after }, length);
        }
        // what lost its newline runs into the next line
        end = line_end(bytes, end);
    }
}

/// The start of the line that `at` is in.
fn line_start(bytes: &[u8], at: usize) -> usize {
    memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1)
}

/// The end of the line that `at` is in, its newline included.
fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |newline| at + newline + 1)
}

/// How many lines there are, of which the last may lack its newline.
fn count(lines: &[u8]) -> usize {
    memchr_iter(b'\n', lines).count() + usize::from(!lines.is_empty() && !lines.ends_with(b"\n"))
}

/// Writes hunks one after the other, and counts lines on the way.
struct Hunks<'a> {
    bytes: &'a [u8],
    /// Up to where lines are counted: the end of the last change.
    at: usize,
    /// Lines up to there.
    before: usize,
    /// Lines up to there in the new version.
    after: usize,
}

impl Hunks<'_> {
    /// Writes changes that are near each other as one hunk.
    fn write(&mut self, group: &[Change], out: &mut dyn Write) -> io::Result<()> {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let passed = &self.bytes[self.at..first.before.start];
        let start =
            self.at + memrchr_iter(b'\n', passed).nth(CONTEXT).map_or(0, |newline| newline + 1);
        let behind = &self.bytes[last.before.end..];
        let tail = memchr_iter(b'\n', behind).nth(CONTEXT - 1);
        let end = tail.map_or(self.bytes.len(), |newline| last.before.end + newline + 1);
        let skipped = count(&self.bytes[self.at..start]);
        let (before, after) = (self.before + skipped, self.after + skipped);
        let length = count(&self.bytes[start..end]);
        let removed: usize =
            group.iter().map(|change| count(&self.bytes[change.before.clone()])).sum();
        let added: usize = group.iter().map(|change| count(&change.after)).sum();
        write!(out, "@@ -")?;
        write_range(before, length, out)?;
        write!(out, " +")?;
        write_range(after, length - removed + added, out)?;
        writeln!(out, " @@")?;
        let mut at = start;
        for change in group {
            write_lines(b' ', &self.bytes[at..change.before.start], out)?;
            write_lines(b'-', &self.bytes[change.before.clone()], out)?;
            write_lines(b'+', &change.after, out)?;
            at = change.before.end;
        }
        write_lines(b' ', &self.bytes[at..end], out)?;
        let kept = count(&self.bytes[start..last.before.end]) - removed;
        *self = Hunks {
            bytes: self.bytes,
            at: last.before.end,
            before: before + kept + removed,
            after: after + kept + added,
        };
        Ok(())
    }
}

/// Writes `start,count` as POSIX has it, of `count` lines behind the first `skipped`: an
/// empty range names the line before it.
fn write_range(skipped: usize, count: usize, out: &mut dyn Write) -> io::Result<()> {
    match count {
        0 => write!(out, "{skipped},0"),
        1 => write!(out, "{}", skipped + 1),
        _ => write!(out, "{},{count}", skipped + 1),
    }
}

fn write_lines(sign: u8, lines: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        out.write_all(&[sign])?;
        out.write_all(line)?;
        if !line.ends_with(b"\n") {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

/// The name of a file in a patch: relative, without `.` and `..`.
pub struct PatchName(Vec<u8>);

impl PatchName {
    /// The name of `path` as seen from the directory `here`. A path that is not
    /// below it is named from the root, for `patch -p1 -d /`.
    pub fn new(path: &Path, here: &Path) -> PatchName {
        let mut parts = Vec::new();
        for part in here.join(path).components() {
            match part {
                Component::Normal(name) => parts.push(name.to_owned()),
                Component::ParentDir => drop(parts.pop()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let absolute: std::path::PathBuf = parts.iter().collect();
        let here: std::path::PathBuf =
            here.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        let relative = absolute.strip_prefix(&here).unwrap_or(&absolute);
        PatchName(relative.as_os_str().as_encoded_bytes().to_owned())
    }

    fn write_header(&self, out: &mut dyn Write) -> io::Result<()> {
        // git ends a name with blanks by a tab, so that no date is looked for in it
        let end = if self.0.contains(&b' ') { "\t" } else { "" };
        out.write_all(b"diff --git ")?;
        self.write_side("a/", out)?;
        out.write_all(b" ")?;
        self.write_side("b/", out)?;
        out.write_all(b"\n--- ")?;
        self.write_side("a/", out)?;
        write!(out, "{end}\n+++ ")?;
        self.write_side("b/", out)?;
        writeln!(out, "{end}")
    }

    /// Writes one side's name, quoted where git quotes with `core.quotePath` off, so
    /// that Chinese names stay readable.
    fn write_side(&self, side: &str, out: &mut dyn Write) -> io::Result<()> {
        let readable = std::str::from_utf8(&self.0).is_ok();
        let special = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'"' | b'\\');
        if readable && !self.0.iter().any(special) {
            out.write_all(side.as_bytes())?;
            return out.write_all(&self.0);
        }
        write!(out, "\"{side}")?;
        for byte in &self.0 {
            match byte {
                b'"' | b'\\' => out.write_all(&[b'\\', *byte])?,
                b'\n' => out.write_all(b"\\n")?,
                b'\t' => out.write_all(b"\\t")?,
                0x20..=0x7e => out.write_all(&[*byte])?,
                _ => write!(out, "\\{byte:03o}")?,
            }
        }
        out.write_all(b"\"")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The patch of `before` with some replacements, each of a text that is there once.
    fn patch(before: &str, replacements: &[(&str, &str)]) -> String {
        let splices = replacements.iter().map(|(old, new)| {
            let start = before.find(old).unwrap();
            Splice { range: start..start + old.len(), after: new.as_bytes().to_vec() }
        });
        let mut out = Vec::new();
        let name = PatchName::new(Path::new("./a.txt"), Path::new("/here"));
        write(&name, before.as_bytes(), &splices.collect::<Vec<_>>(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The hunks of a patch.
    fn hunks(before: &str, replacements: &[(&str, &str)]) -> String {
        let patch = patch(before, replacements);
        patch[patch.find("@@").unwrap()..].to_owned()
    }

    fn name(path: &str) -> String {
        let mut out = Vec::new();
        PatchName::new(Path::new(path), Path::new("/here")).write_side("a/", &mut out).unwrap();
        String::from_utf8(out).unwrap()
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
            let mut out = Vec::new();
            let name = PatchName::new(Path::new("a"), Path::new("/"));
            write(&name, before.as_bytes(), &splices, &mut out).unwrap();
            let wanted = splice(before.as_bytes(), &splices);
            prop_assert_eq!(apply(&before, str::from_utf8(&out).unwrap()).into_bytes(), wanted);
        }
    }

    #[test]
    fn names_are_relative_and_quoted_only_where_they_must_be() {
        assert_eq!(name("./目录/../文 件.txt"), "a/文 件.txt");
        assert_eq!(name("/here/b.txt"), "a/b.txt");
        assert_eq!(name("../there/b.txt"), "a/there/b.txt");
        assert_eq!(name("q\"门\n.txt"), "\"a/q\\\"\\351\\227\\250\\n.txt\"");
    }
}
