//! Files put back as they were.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::format::{Change, Changes, Replaced};
use super::runs::Journals;
use crate::write::temporary::commit_guard;
use crate::write::{Digest, Draft, Original, WriteError};

/// What became of an undone run.
#[derive(Debug)]
pub struct UndoneRun {
    /// The files that it changed, the last change first.
    pub files: Vec<Undone>,
    /// Whether the journal ends within an entry, as where the run was killed while it wrote that;
    /// the file it would be about was not changed yet.
    pub is_torn: bool,
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
    /// Puts back the files that a run changed, the last change first. Once all are back,
    /// the journal is gone; where some are not, it stays.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn undo(&self, run: u32) -> io::Result<UndoneRun> {
        let directory = self.directory(run);
        let Changes { changes, is_torn } = Changes::read(&self.list_of(run))?;
        let files: Vec<Undone> =
            changes.iter().rev().map(|change| change.undo(&directory)).collect();
        if files.iter().all(|file| file.result.is_ok()) {
            let _commit = commit_guard();
            fs::remove_dir_all(directory)?;
        }
        Ok(UndoneRun { files, is_torn })
    }
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
