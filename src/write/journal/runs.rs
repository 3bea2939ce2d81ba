//! The directories of runs.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use super::format::{CHANGES, count_lines};
use super::record::Journal;

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
            let files = count_lines(&path)?;
            Ok(RunSummary { run, files, age })
        };
        self.numbers()?.into_iter().map(summary).collect()
    }

    /// Makes the directory of a new run: the next free number.
    pub(super) fn create(&self) -> io::Result<(u32, File)> {
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
        Ok((run, File::options().write(true).create_new(true).open(changes)?))
    }
}
