//! Hunks of a patch, whose lines wait in temporary files where they are many.

use std::io::{self, Seek, Write};

use tempfile::SpooledTempFile;

use crate::pieces::each_piece;

/// Bytes that wait in memory, for each of the lines of context, the changed lines and the hunk.
const HELD: usize = 1 << 20;

/// Something for either side of the patch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sides<T> {
    pub before: T,
    pub after: T,
}

/// A hunk to which lines are added.
#[derive(Debug)]
pub struct Hunk {
    /// Lines before the hunk.
    pub start: Sides<usize>,
    /// Lines in the hunk.
    pub length: Sides<usize>,
    pub lines: SpooledTempFile,
}

/// Lines with a sign before each.
#[derive(Debug)]
pub struct Signed {
    sign: u8,
    lines: SpooledTempFile,
    pub count: usize,
    /// Whether the last line has no newline yet.
    open: bool,
}

impl Sides<usize> {
    pub fn add(&mut self, before: usize, after: usize) {
        self.before += before;
        self.after += after;
    }
}

impl Sides<Signed> {
    /// Whether a side is inside of a line.
    pub fn is_open(&self) -> bool {
        self.before.open || self.after.open
    }

    /// Whether there are any lines.
    pub fn has_lines(&self) -> bool {
        self.before.count + self.after.count > 0
    }
}

impl Hunk {
    pub fn new(start: Sides<usize>) -> Hunk {
        Hunk { start, length: Sides::default(), lines: spool() }
    }

    pub fn add_context(&mut self, lines: impl Iterator<Item = SpooledTempFile>) -> io::Result<()> {
        for mut line in lines {
            self.length.add(1, 1);
            let mut signed = Signed::new(b' ');
            line.rewind()?;
            each_piece(&mut line, |piece| signed.put(piece))?;
            signed.write_to(&mut self.lines)?;
        }
        Ok(())
    }

    pub fn write_to(mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "@@ -")?;
        write_range(self.start.before, self.length.before, out)?;
        write!(out, " +")?;
        write_range(self.start.after, self.length.after, out)?;
        writeln!(out, " @@")?;
        self.lines.rewind()?;
        io::copy(&mut self.lines, out).map(drop)
    }
}

impl Signed {
    pub fn new(sign: u8) -> Signed {
        Signed { sign, lines: spool(), count: 0, open: false }
    }

    /// Adds a part of the lines.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !self.open {
                self.lines.write_all(&[self.sign])?;
                self.count += 1;
            }
            self.lines.write_all(piece)?;
            self.open = !piece.ends_with(b"\n");
        }
        Ok(())
    }

    /// Writes the lines; the last one may lack its newline, which is told.
    pub fn write_to(mut self, out: &mut SpooledTempFile) -> io::Result<()> {
        self.lines.rewind()?;
        io::copy(&mut self.lines, out)?;
        if self.open {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
        Ok(())
    }
}

/// An empty temporary file, in memory unless it grows.
pub fn spool() -> SpooledTempFile {
    tempfile::spooled_tempfile(HELD)
}

pub fn spooled(bytes: &[u8]) -> io::Result<SpooledTempFile> {
    let mut file = spool();
    file.write_all(bytes)?;
    Ok(file)
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
