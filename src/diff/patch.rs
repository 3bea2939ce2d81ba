//! A unified patch of raw bytes that `git apply` and `patch -p1` accept.
//!
//! Lines are compared and printed as bytes, so a patch of a GBK or a UTF-16 file
//! applies to that file; nothing is re-encoded on the way.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Component, Path};

use imara_diff::sources::byte_lines;
use imara_diff::{Algorithm, Diff, Hunk, InternedInput};

/// Unchanged lines around a change, as git and diff show.
const CONTEXT: u32 = 3;

/// The lines of two versions of a file, and where they differ.
pub struct LineDiff<'a> {
    before: Vec<&'a [u8]>,
    after: Vec<&'a [u8]>,
    changes: Vec<Hunk>,
}

impl<'a> LineDiff<'a> {
    /// Compares two versions of a file.
    pub fn new(before: &'a [u8], after: &'a [u8]) -> LineDiff<'a> {
        let input = InternedInput::new(before, after);
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        LineDiff {
            before: byte_lines(before).collect(),
            after: byte_lines(after).collect(),
            changes: diff.hunks().collect(),
        }
    }

    /// The changed places, as ranges of bytes of both versions.
    pub fn changed_bytes(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let (before, after) = (starts(&self.before), starts(&self.after));
        let bytes = |starts: &[usize], lines: &Range<u32>| {
            starts[lines.start as usize]..starts[lines.end as usize]
        };
        self.changes
            .iter()
            .map(|change| (bytes(&before, &change.before), bytes(&after, &change.after)))
            .collect()
    }

    /// Writes the patch of the file that is called `name`; nothing where there is no change.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_patch(&self, name: &PatchName, out: &mut dyn Write) -> io::Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        name.write_header(out)?;
        let near = |one: &Hunk, next: &Hunk| next.before.start - one.before.end <= 2 * CONTEXT;
        for group in self.changes.chunk_by(near) {
            self.write_hunk(group, out)?;
        }
        Ok(())
    }

    /// Writes changes that are near each other as one hunk.
    fn write_hunk(&self, group: &[Hunk], out: &mut dyn Write) -> io::Result<()> {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let lead = first.before.start.min(CONTEXT);
        let tail = (self.before.len() as u32 - last.before.end).min(CONTEXT);
        write!(out, "@@ -")?;
        write_range(first.before.start - lead..last.before.end + tail, out)?;
        write!(out, " +")?;
        write_range(first.after.start - lead..last.after.end + tail, out)?;
        writeln!(out, " @@")?;
        let mut at = first.before.start - lead;
        for change in group {
            write_lines(b' ', lines(&self.before, at..change.before.start), out)?;
            write_lines(b'-', lines(&self.before, change.before.clone()), out)?;
            write_lines(b'+', lines(&self.after, change.after.clone()), out)?;
            at = change.before.end;
        }
        write_lines(b' ', lines(&self.before, at..at + tail), out)
    }
}

/// The byte offset of every line, and of the end.
fn starts(lines: &[&[u8]]) -> Vec<usize> {
    let ends = lines.iter().scan(0, |end, line| {
        *end += line.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

fn lines<'a, 'b>(all: &'b [&'a [u8]], range: Range<u32>) -> &'b [&'a [u8]] {
    &all[range.start as usize..range.end as usize]
}

/// Writes `start,count` as POSIX has it: an empty range names the line before it.
fn write_range(lines: Range<u32>, out: &mut dyn Write) -> io::Result<()> {
    match lines.len() {
        0 => write!(out, "{},0", lines.start),
        1 => write!(out, "{}", lines.start + 1),
        count => write!(out, "{},{count}", lines.start + 1),
    }
}

fn write_lines(sign: u8, lines: &[&[u8]], out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
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
    use super::*;

    fn patch(before: &str, after: &str) -> String {
        let mut out = Vec::new();
        let name = PatchName::new(Path::new("./a.txt"), Path::new("/here"));
        LineDiff::new(before.as_bytes(), after.as_bytes()).write_patch(&name, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn name(path: &str) -> String {
        let mut out = Vec::new();
        PatchName::new(Path::new(path), Path::new("/here")).write_side("a/", &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_change_is_no_patch() {
        assert_eq!(patch("一\n", "一\n"), "");
    }

    #[test]
    fn a_missing_newline_is_told_on_both_sides() {
        assert_eq!(
            patch("一\n門", "一\n门"),
            "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n 一\n\
             -門\n\\ No newline at end of file\n+门\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let before: String = (0..30).map(|n| format!("{n}\n")).collect();
        let after = before.replace("\n4\n", "\nfour\n").replace("\n25\n", "\n25\nand\n");
        let patch = patch(&before, &after);
        assert!(patch.contains("@@ -2,7 +2,7 @@\n"), "{patch}");
        assert!(patch.contains("@@ -24,6 +24,7 @@\n"), "{patch}");
    }

    #[test]
    fn names_are_relative_and_quoted_only_where_they_must_be() {
        assert_eq!(name("./目录/../文 件.txt"), "a/文 件.txt");
        assert_eq!(name("/here/b.txt"), "a/b.txt");
        assert_eq!(name("../there/b.txt"), "a/there/b.txt");
        assert_eq!(name("q\"门\n.txt"), "\"a/q\\\"\\351\\227\\250\\n.txt\"");
    }

    #[test]
    fn changed_bytes_cover_every_difference() {
        let (before, after) = ("一\n門\n二\n", "一\n门\n二\n三");
        let changed = LineDiff::new(before.as_bytes(), after.as_bytes()).changed_bytes();
        assert_eq!(changed, [(4..8, 4..8), (12..12, 12..15)]);
    }
}
