//! The directories of runs.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::format::{CHANGES, count_lines};
use super::record::Journal;
use crate::write::{directory_of, sync_directory};

/// The file beside the runs that holds the number of the last one there was.
const LAST: &str = "last";

/// How many runs can be undone: months of daily use, and what they replaced is small.
pub const KEPT_RUNS: usize = 100;

/// The mode of a journal: it holds bytes of files that others may not be allowed to read.
const FILE_MODE: u32 = 0o600;

/// The mode of a directory of journals, for the same reason.
const DIRECTORY_MODE: u32 = 0o700;

/// Where the journals of all runs are.
#[derive(Clone, Debug)]
pub struct Journals(pub(super) PathBuf);

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

impl Journals {
    /// The journals in a directory, which need not exist.
    pub fn new(directory: PathBuf) -> Journals {
        Journals(directory)
    }

    /// The journal of a new run.
    pub fn start(self) -> Journal {
        Journal::new(self)
    }

    pub(super) fn directory(&self, run: u32) -> PathBuf {
        self.0.join(run.to_string())
    }

    /// The list of what a run changed.
    pub(super) fn list_of(&self, run: u32) -> PathBuf {
        self.directory(run).join(CHANGES)
    }

    /// The numbers of the runs whose journals there are, upwards.
    fn numbers(&self) -> io::Result<Vec<u32>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name()));
        let names: Vec<_> = names.collect::<io::Result<_>>()?;
        let numbers = names.iter().filter_map(|name| name.to_str()?.parse().ok());
        let mut numbers: Vec<u32> = numbers.filter(|run| self.list_of(*run).exists()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The last run that changed anything, where there is one.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn last(&self) -> io::Result<Option<u32>> {
        for run in self.numbers()?.into_iter().rev() {
            if count_lines(&self.list_of(run))? > 0 {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// The runs that can be undone, oldest first.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<RunSummary>> {
        let summary = |run| {
            let path = self.list_of(run);
            let modified = fs::metadata(&path)?.modified()?;
            let age = modified.elapsed().unwrap_or_default().as_secs();
            Ok(RunSummary { run, files: count_lines(&path)?, age })
        };
        let runs: io::Result<Vec<_>> = self.numbers()?.into_iter().map(summary).collect();
        Ok(runs?.into_iter().filter(|run| run.files > 0).collect())
    }

    /// Makes the directory of a new run with its empty list of changes; they appear at once.
    pub(super) fn create(&self) -> io::Result<(u32, File)> {
        self.make_directory()?;
        let private = Permissions::from_mode(DIRECTORY_MODE);
        let mut builder = tempfile::Builder::new();
        let new = builder.prefix(".new-").permissions(private).tempdir_in(&self.0)?;
        let mut options = File::options();
        options.write(true).create_new(true).mode(FILE_MODE);
        let list = options.open(new.path().join(CHANGES))?;
        sync_directory(new.path())?;
        loop {
            let run = self.next_number()?;
            match fs::rename(new.path(), self.directory(run)) {
                Ok(()) => {
                    sync_directory(&self.0)?;
                    self.prune();
                    return Ok((run, list));
                }
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Removes the oldest runs where there are too many.
    fn prune(&self) {
        let numbers = self.numbers().unwrap_or_default();
        let too_many = numbers.len().saturating_sub(KEPT_RUNS);
        for run in &numbers[..too_many] {
            // a run that stays does no harm
            let _ = fs::remove_dir_all(self.directory(*run));
        }
    }

    /// Makes the directory of all runs.
    pub(super) fn make_directory(&self) -> io::Result<()> {
        make_private(&self.0)
    }

    /// A number that no run had before, also none that was undone.
    fn next_number(&self) -> io::Result<u32> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
        let mut file = options.open(self.0.join(LAST))?;
        // where the file system has no locks, one of two runs finds its directory taken
        let _ = file.lock();
        let mut last = String::new();
        file.read_to_string(&mut last)?;
        let last = last.parse().unwrap_or(0).max(self.numbers()?.last().copied().unwrap_or(0));
        let next: u32 = last.checked_add(1).ok_or_else(|| io::Error::other("no number is left"))?;
        // never shorter than what is there
        file.write_all_at(next.to_string().as_bytes(), 0)?;
        file.sync_data()?;
        Ok(next)
    }
}

/// Makes a directory that is its owner's alone, with those above it, to last.
fn make_private(directory: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(directory) {
        Ok(()) => sync_directory(directory_of(directory)),
        Err(_) if directory.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = directory.parent().filter(|above| !above.as_os_str().is_empty());
            make_private(above.ok_or(error)?)?;
            make_private(directory)
        }
        Err(error) => Err(error),
    }
}

/// Whether a directory cannot be renamed because something has that name.
fn is_taken(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory)
}
