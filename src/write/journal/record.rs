//! What a run is about to change, written down before it does.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use super::format::{Change, Replaced};
use super::runs::Journals;
use crate::decode::Splice;
use crate::write::temporary::Temporary;
use crate::write::{Digest, sync_directory};

/// Bytes that a line may tell of before they get a file of their own.
pub(super) const LINE: usize = 1 << 20;

/// The journal of this run. Its directory is made with the first change.
#[derive(Debug)]
pub struct Journal {
    journals: Journals,
    list: OnceLock<(u32, Mutex<List>)>,
    opening: Mutex<()>,
}

/// The list of changes, line by line.
#[derive(Debug)]
struct List {
    file: File,
    /// Where the next line goes.
    end: u64,
}

impl List {
    /// Adds a line that is there in full, or not at all; returns where it is.
    fn append(&mut self, line: &[u8]) -> io::Result<Range<u64>> {
        let written = self.file.write_all_at(line, self.end).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // where that fails too, the next line takes its place
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        let start = self.end;
        self.end += line.len() as u64;
        Ok(start..self.end)
    }

    /// Takes a line away again, if it is the last.
    fn take_back(&mut self, line: Range<u64>) -> io::Result<()> {
        if line.end == self.end {
            self.file.set_len(line.start)?;
            self.end = line.start;
        }
        Ok(())
    }
}

impl Journal {
    /// The journal of a run that has changed nothing yet.
    pub(super) fn new(journals: Journals) -> Journal {
        Journal { journals, list: OnceLock::new(), opening: Mutex::new(()) }
    }

    /// Starts to record how a file is about to change.
    pub fn record(&self) -> Recording<'_> {
        let (replaced, aside) = (Vec::new(), None);
        Recording { journal: self, replaced, held: 0, aside, written: 0 }
    }

    /// The number of this run, where it has changed anything.
    pub fn run(&self) -> Option<u32> {
        self.list.get().map(|(run, _)| *run)
    }

    fn list(&self) -> io::Result<&(u32, Mutex<List>)> {
        let _one_at_a_time = self.opening.lock().expect("no panic while opening");
        if self.list.get().is_none() {
            let (run, file) = self.journals.create()?;
            self.list.get_or_init(|| (run, Mutex::new(List { file, end: 0 })));
        }
        Ok(self.list.get().expect("just set"))
    }
}

/// What is replaced in a file, part by part. Gone without a trace unless it is finished.
#[derive(Debug)]
pub struct Recording<'a> {
    journal: &'a Journal,
    /// What was replaced, as long as it is not too much for a line.
    replaced: Vec<Replaced>,
    /// How many bytes those take, about.
    held: usize,
    /// The file with what was replaced before them.
    aside: Option<BufWriter<Temporary>>,
    /// Up to where the new content was written.
    written: u64,
}

impl<'a> Recording<'a> {
    /// Records that `splices` are applied to the next part of the file.
    ///
    /// # Errors
    /// Where the journal cannot be written; the file should then be left as it is.
    pub fn part(&mut self, bytes: &[u8], splices: &[Splice]) -> io::Result<()> {
        let mut read = 0;
        for Splice { range, after } in splices {
            let start = self.written + (range.start - read) as u64;
            self.written = start + after.len() as u64;
            read = range.end;
            let was = bytes[range.clone()].to_owned();
            self.held += size_of::<Replaced>() + was.len();
            self.replaced.push(Replaced { start, end: self.written, was });
            if self.held > LINE {
                self.put_aside()?;
            }
        }
        self.written += (bytes.len() - read) as u64;
        Ok(())
    }

    /// Moves what is held to the file.
    fn put_aside(&mut self) -> io::Result<()> {
        let directory = &self.journal.journals.0;
        let aside = match &mut self.aside {
            Some(aside) => aside,
            empty => {
                self.journal.journals.make_directory()?;
                let make = || tempfile::Builder::new().suffix(".jsonl").tempfile_in(directory);
                empty.insert(BufWriter::new(Temporary::create(make)?))
            }
        };
        for replaced in self.replaced.drain(..) {
            serde_json::to_writer(&mut *aside, &replaced)?;
            aside.write_all(b"\n")?;
        }
        self.held = 0;
        Ok(())
    }

    /// Records that the file at `path` is about to go from the content `before` to `after`.
    ///
    /// # Errors
    /// Where it cannot be written; the file should then be left as it is.
    pub fn finish(
        mut self,
        path: &Path,
        before: Digest,
        after: Digest,
    ) -> io::Result<Recorded<'a>> {
        let (run, list) = self.journal.list()?;
        if self.aside.is_some() {
            self.put_aside()?;
        }
        let aside =
            self.aside.take().map(|file| keep(file, &self.journal.journals.directory(*run)));
        let change = Change {
            path: path.as_os_str().to_owned(),
            before,
            after,
            replaced: self.replaced,
            replaced_in: aside.transpose()?,
        };
        let mut line = serde_json::to_vec(&change)?;
        line.push(b'\n');
        let line = list.lock().expect("no panic while writing").append(&line)?;
        Ok(Recorded { list, line })
    }
}

/// A change as the journal has it.
#[derive(Debug)]
pub struct Recorded<'a> {
    list: &'a Mutex<List>,
    line: Range<u64>,
}

impl Recorded<'_> {
    /// The file was not changed after all. Where other changes were recorded since, this one
    /// stays: to undo it takes nothing but to find the file as it was.
    ///
    /// # Errors
    /// Where the journal cannot be written.
    pub fn take_back(self) -> io::Result<()> {
        self.list.lock().expect("no panic while writing").take_back(self.line)
    }
}

/// Moves a file to a directory; its name there.
fn keep(file: BufWriter<Temporary>, directory: &Path) -> io::Result<String> {
    let file = file.into_inner().map_err(|error| error.into_error())?;
    file.as_file().sync_data()?;
    let name = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    file.persist(&directory.join(&name))?;
    // the line that names it comes next
    sync_directory(directory)?;
    Ok(name)
}
