//! The undo journal: what a run changed, so that it can be put back.
//!
//! Every run that changes a file has a directory, numbered upwards, with a file
//! `changes.jsonl`: one line a changed file, written and synced before the file
//! itself. A line holds the digests of both versions and the bytes that were
//! replaced, so a file is put back exactly or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Original, WriteError};
use crate::decode::Splice;

/// The file in a run's directory that lists what was changed.
const CHANGES: &str = "changes.jsonl";

/// Where the journals of all runs are.
#[derive(Clone, Debug)]
pub struct Journals(PathBuf);

/// The journal of this run. Its directory is made with the first change.
#[derive(Debug)]
pub struct Journal {
    journals: Journals,
    file: OnceLock<(u32, Mutex<File>)>,
    opening: Mutex<()>,
}

/// One changed file.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    /// The file; as bytes, for a path need not be text.
    path: OsString,
    /// SHA-256 of the file before the change.
    #[serde(with = "hex")]
    before: Vec<u8>,
    /// SHA-256 of the file after it.
    #[serde(with = "hex")]
    after: Vec<u8>,
    replaced: Vec<Replaced>,
}

/// A range of the new file, and what was there.
#[derive(Debug, Serialize, Deserialize)]
struct Replaced {
    start: usize,
    end: usize,
    #[serde(with = "hex")]
    was: Vec<u8>,
}

/// A run that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its number.
    pub run: u32,
    /// How many files it changed.
    pub files: usize,
    /// When, in seconds before now.
    pub age: u64,
}

/// What became of one file of an undone run.
#[derive(Debug)]
pub struct Undone {
    /// The file.
    pub path: PathBuf,
    /// Whether it is as it was before the run.
    pub result: Result<(), UndoError>,
}

/// Why a file was not put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// It is not what the run left.
    #[error("changed since the run; left as it is")]
    Changed,
    /// The journal does not lead back to what was there.
    #[error("the journal does not match")]
    Damaged,
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Journals {
    /// The journals in a directory, which need not exist.
    pub fn new(directory: PathBuf) -> Journals {
        Journals(directory)
    }

    /// The journal of a new run.
    pub fn start(self) -> Journal {
        Journal { journals: self, file: OnceLock::new(), opening: Mutex::new(()) }
    }

    fn directory(&self, run: u32) -> PathBuf {
        self.0.join(run.to_string())
    }

    fn numbers(&self) -> io::Result<Vec<u32>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name()));
        let names: Vec<_> = names.collect::<io::Result<_>>()?;
        let mut numbers: Vec<u32> =
            names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The last run, where there is one.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn last(&self) -> io::Result<Option<u32>> {
        Ok(self.numbers()?.last().copied())
    }

    /// The runs that can be undone, oldest first.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<RunSummary>> {
        let summary = |run| {
            let path = self.directory(run).join(CHANGES);
            let modified = fs::metadata(&path)?.modified()?;
            let age = modified.elapsed().unwrap_or_default().as_secs();
            let files = BufReader::new(File::open(&path)?).split(b'\n').count();
            Ok(RunSummary { run, files, age })
        };
        self.numbers()?.into_iter().map(summary).collect()
    }

    /// Makes the directory of a new run: the next free number.
    fn create(&self) -> io::Result<(u32, File)> {
        fs::create_dir_all(&self.0)?;
        let mut run = self.last()?.unwrap_or(0) + 1;
        loop {
            match fs::create_dir(self.directory(run)) {
                Ok(()) => break,
                // another run took the number
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => run += 1,
                Err(error) => return Err(error),
            }
        }
        let changes = self.directory(run).join(CHANGES);
        Ok((run, File::options().append(true).create_new(true).open(changes)?))
    }

    /// Puts back the files that a run changed, the last change first. Once all are back,
    /// the journal is gone; where some are not, it stays.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn undo(&self, run: u32) -> io::Result<Vec<Undone>> {
        let directory = self.directory(run);
        let changes = BufReader::new(File::open(directory.join(CHANGES))?);
        let changes = changes.lines().map(|line| Ok(serde_json::from_str(&line?)?));
        let changes: Vec<Change> = changes.collect::<io::Result<_>>()?;
        let undone: Vec<Undone> = changes.iter().rev().map(Change::undo).collect();
        if undone.iter().all(|file| file.result.is_ok()) {
            fs::remove_dir_all(directory)?;
        }
        Ok(undone)
    }
}

impl Journal {
    /// Records that the file at `path` is about to go from `before` to `after` by `splices`.
    ///
    /// # Errors
    /// Where it cannot be written; the file should then be left as it is.
    pub fn record(
        &self,
        path: &Path,
        before: &[u8],
        splices: &[Splice],
        after: &[u8],
    ) -> io::Result<()> {
        let change = Change {
            path: path.as_os_str().to_owned(),
            before: digest(before),
            after: digest(after),
            replaced: replaced(before, splices),
        };
        let mut line = serde_json::to_vec(&change)?;
        line.push(b'\n');
        let mut file = self.file()?.lock().expect("no panic while writing");
        file.write_all(&line)?;
        file.sync_data()
    }

    /// The number of this run, where it has changed anything.
    pub fn run(&self) -> Option<u32> {
        self.file.get().map(|(run, _)| *run)
    }

    fn file(&self) -> io::Result<&Mutex<File>> {
        let _one_at_a_time = self.opening.lock().expect("no panic while opening");
        if self.file.get().is_none() {
            let (run, file) = self.journals.create()?;
            self.file.get_or_init(|| (run, Mutex::new(file)));
        }
        Ok(&self.file.get().expect("just set").1)
    }
}

impl Change {
    fn undo(&self) -> Undone {
        let path = PathBuf::from(&self.path);
        let result = self.put_back(&path);
        Undone { path, result }
    }

    fn put_back(&self, path: &Path) -> Result<(), UndoError> {
        let file = Original::read(path).map_err(WriteError::from)?;
        let found = digest(file.bytes());
        if found == self.before {
            // the run ended between the journal and the file, or somebody was here first
            return Ok(());
        }
        if found != self.after {
            return Err(UndoError::Changed);
        }
        let was = self.reverse(file.bytes()).ok_or(UndoError::Damaged)?;
        if digest(&was) != self.before {
            return Err(UndoError::Damaged);
        }
        Ok(file.prepare()?.stage(&was)?.commit()?)
    }

    /// The bytes before the change, from those after it.
    fn reverse(&self, after: &[u8]) -> Option<Vec<u8>> {
        let mut before = Vec::with_capacity(after.len());
        let mut at = 0;
        for Replaced { start, end, was } in &self.replaced {
            before.extend_from_slice(after.get(at..*start)?);
            before.extend_from_slice(was);
            at = *end;
        }
        before.extend_from_slice(after.get(at..)?);
        Some(before)
    }
}

/// What `splices` take out of `before`, by the places in what they lead to.
fn replaced(before: &[u8], splices: &[Splice]) -> Vec<Replaced> {
    let (mut added, mut removed) = (0, 0);
    let replaced = splices.iter().map(|Splice { range, after }| {
        let start = range.start + added - removed;
        added += after.len();
        removed += range.len();
        Replaced { start, end: start + after.len(), was: before[range.clone()].to_owned() }
    });
    replaced.collect()
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::splice;

    /// A directory with a file that a run changed, and the journals.
    fn changed_file(before: &[u8], splices: &[Splice]) -> (tempfile::TempDir, PathBuf, Journals) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, before).unwrap();
        let journals = Journals::new(directory.path().join("state/hanfix"));
        let journal = journals.clone().start();
        let after = splice(before, splices);
        journal.record(&path, before, splices, &after).unwrap();
        fs::write(&path, after).unwrap();
        assert_eq!(journal.run(), Some(1));
        (directory, path, journals)
    }

    /// A file that went from `a` to `b`.
    fn small_change() -> (tempfile::TempDir, PathBuf, Journals) {
        changed_file(b"a\n", &[Splice { range: 0..1, after: b"b".to_vec() }])
    }

    #[test]
    fn a_run_is_put_back_byte_for_byte() {
        let before = b"\xd2\xbb\r\n\x00\xff\nlast".as_slice();
        let splices = [
            Splice { range: 0..2, after: b"one".to_vec() },
            Splice { range: 4..4, after: b"\xfe".to_vec() },
            Splice { range: 6..11, after: vec![] },
        ];
        let (_directory, path, journals) = changed_file(before, &splices);
        assert_eq!(fs::read(&path).unwrap(), b"one\r\n\xfe\x00\xff");
        let listed = journals.list().unwrap();
        assert_eq!((listed[0].run, listed[0].files), (1, 1));
        assert!(journals.undo(1).unwrap()[0].result.is_ok());
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(journals.last().unwrap(), None, "nothing is left to undo");
    }

    #[test]
    fn a_file_that_changed_since_is_left() {
        let (_directory, path, journals) = small_change();
        fs::write(&path, "c\n").unwrap();
        let undone = journals.undo(1).unwrap();
        assert!(matches!(undone[0].result, Err(UndoError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"c\n");
        assert_eq!(journals.last().unwrap(), Some(1), "it can be tried again");
    }

    #[test]
    fn a_run_that_ended_before_the_file_was_written_is_undone_by_nothing() {
        let (_directory, path, journals) = small_change();
        fs::write(&path, "a\n").unwrap();
        assert!(journals.undo(1).unwrap()[0].result.is_ok());
    }

    #[test]
    fn runs_are_numbered_upwards() {
        let (_directory, path, journals) = small_change();
        let second = journals.clone().start();
        second
            .record(&path, b"b\n", &[Splice { range: 0..1, after: b"c".to_vec() }], b"c\n")
            .unwrap();
        assert_eq!(journals.last().unwrap(), Some(2));
    }
}
