//! The undo journal: what a run changed, so that it can be put back.
//!
//! Every run that changes a file has a directory, numbered upwards, with a file
//! `changes.jsonl`: one line a changed file, written and synced before the file
//! itself. A line holds the digests of both versions and the bytes that were
//! replaced, so a file is put back exactly or not at all. Where that would make a
//! long line, the bytes are in a file of their own, one line a replacement.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use super::temporary::Temporary;
use super::{Digest, Draft, Original, WriteError};
use crate::decode::Splice;
use serde::{Deserialize, Serialize};

/// The file in a run's directory that lists what was changed.
const CHANGES: &str = "changes.jsonl";

/// Bytes that a line may tell of before they get a file of their own.
const LINE: usize = 1 << 20;

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
    /// The file before the change.
    before: Digest,
    /// The file after it.
    after: Digest,
    /// What was replaced, in order.
    replaced: Vec<Replaced>,
    /// The file in the run's directory that tells what was replaced, where it was too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_in: Option<String>,
}

/// A range of the new file, and what was there.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Replaced {
    start: u64,
    end: u64,
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
        let undone: Vec<Undone> =
            changes.iter().rev().map(|change| change.undo(&directory)).collect();
        if undone.iter().all(|file| file.result.is_ok()) {
            fs::remove_dir_all(directory)?;
        }
        Ok(undone)
    }
}

impl Journal {
    /// Starts to record how a file is about to change.
    pub fn record(&self) -> Recording<'_> {
        let (replaced, aside) = (Vec::new(), None);
        Recording { journal: self, replaced, held: 0, aside, written: 0 }
    }

    /// The number of this run, where it has changed anything.
    pub fn run(&self) -> Option<u32> {
        self.file.get().map(|(run, _)| *run)
    }

    fn file(&self) -> io::Result<&(u32, Mutex<File>)> {
        let _one_at_a_time = self.opening.lock().expect("no panic while opening");
        if self.file.get().is_none() {
            let (run, file) = self.journals.create()?;
            self.file.get_or_init(|| (run, Mutex::new(file)));
        }
        Ok(self.file.get().expect("just set"))
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

impl Recording<'_> {
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
                fs::create_dir_all(directory)?;
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
    pub fn finish(mut self, path: &Path, before: Digest, after: Digest) -> io::Result<()> {
        let (run, changes) = self.journal.file()?;
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
        let mut changes = changes.lock().expect("no panic while writing");
        changes.write_all(&line)?;
        changes.sync_data()
    }
}

/// Moves a file to a directory; its name there.
fn keep(file: BufWriter<Temporary>, directory: &Path) -> io::Result<String> {
    let file = file.into_inner().map_err(|error| error.into_error())?;
    file.as_file().sync_data()?;
    let name = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    file.persist(&directory.join(&name))?;
    Ok(name)
}

impl Change {
    fn undo(&self, directory: &Path) -> Undone {
        let path = PathBuf::from(&self.path);
        let result = self.put_back(&path, directory);
        Undone { path, result }
    }

    fn put_back(&self, path: &Path, directory: &Path) -> Result<(), UndoError> {
        let file = Original::open(path).map_err(WriteError::from)?;
        let found = Digest::of(file.reader()).map_err(WriteError::from)?;
        if found == self.before {
            // the run ended between the journal and the file, or somebody was here first
            return Ok(());
        }
        if found != self.after {
            return Err(UndoError::Changed);
        }
        let mut draft = file.prepare()?.draft()?;
        self.reverse(&mut file.reopen().map_err(WriteError::from)?, directory, &mut draft)?;
        let staged = draft.stage(found)?;
        if staged.after() != self.before {
            return Err(UndoError::Damaged);
        }
        Ok(staged.commit()?)
    }

    /// Writes the content before the change, from that after it.
    fn reverse(
        &self,
        after: &mut impl Read,
        directory: &Path,
        before: &mut Draft<'_>,
    ) -> Result<(), UndoError> {
        let damaged = |_| UndoError::Damaged;
        let aside = self.replaced_in.as_ref().map(|name| File::open(directory.join(name)));
        let aside = aside.transpose().map_err(damaged)?;
        let lines = aside.into_iter().flat_map(|file| BufReader::new(file).lines());
        let aside = lines.map(|line| Ok(serde_json::from_str(&line?)?));
        let held = self.replaced.iter().map(|held| Ok(held.clone()));
        let mut at = 0;
        for replaced in aside.chain(held) {
            let Replaced { start, end, was } =
                replaced.map_err(|_: io::Error| UndoError::Damaged)?;
            let (kept, gone) =
                start.checked_sub(at).zip(end.checked_sub(start)).ok_or(UndoError::Damaged)?;
            before.copy(&mut after.take(kept), |_| ())?;
            io::copy(&mut after.take(gone), &mut io::sink()).map_err(WriteError::from)?;
            before.put(&was)?;
            at = end;
        }
        Ok(before.copy(after, |_| ())?)
    }
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
        record(&journal, &path, before, splices);
        fs::write(&path, after).unwrap();
        assert_eq!(journal.run(), Some(1));
        (directory, path, journals)
    }

    fn record(journal: &Journal, path: &Path, before: &[u8], splices: &[Splice]) {
        let mut recording = journal.record();
        recording.part(before, splices).unwrap();
        let [before, after] = [before, &splice(before, splices)].map(|b| Digest::of(b).unwrap());
        recording.finish(path, before, after).unwrap();
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
    fn many_replacements_are_put_aside() {
        let before = b"a\n".repeat(100_000);
        let splice = |at| Splice { range: at..at + 1, after: b"bc".to_vec() };
        let splices: Vec<Splice> = (0..before.len()).step_by(2).map(splice).collect();
        let (directory, path, journals) = changed_file(&before, &splices);
        assert_eq!(fs::read_dir(directory.path().join("state/hanfix/1")).unwrap().count(), 2);
        assert!(journals.undo(1).unwrap()[0].result.is_ok());
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(directory.path().join("state/hanfix")).unwrap().count(), 0);
    }

    #[test]
    fn what_is_not_finished_leaves_no_trace() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journals::new(directory.path().to_owned()).start();
        let mut recording = journal.record();
        let all = |len| [Splice { range: 0..len, after: vec![] }];
        recording.part(&[b'a'; 2 * LINE], &all(2 * LINE)).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        drop(recording);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        assert_eq!(journal.run(), None);
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
        record(&second, &path, b"b\n", &[Splice { range: 0..1, after: b"c".to_vec() }]);
        assert_eq!(journals.last().unwrap(), Some(2));
    }
}
