//! Temporary files, and the end of the process: none of them stays behind, and what is done to a
//! file is done in full.
//!
//! A run may have to end at any moment, while one thread waits for a pipe and another writes a
//! file. Whoever ends it by [`leave`] waits for those only that are putting something in its
//! place, and removes what the others have begun.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use tempfile::{NamedTempFile, TempPath};

/// The temporary files that there are.
static REGISTERED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Shared by all who must not be interrupted, and held alone by whoever ends the process.
static COMMITS: RwLock<()> = RwLock::new(());

/// What is done until the guard is dropped is done in full, or the process is killed.
pub fn commit_guard() -> RwLockReadGuard<'static, ()> {
    COMMITS.read().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process once nothing is being committed, and removes all temporary files. Not to be
/// called by a thread that holds a [`commit_guard`].
pub fn leave(code: i32) -> ! {
    let _no_commits = COMMITS.write().unwrap_or_else(PoisonError::into_inner);
    // held to the end, so that no other file is made
    let registered = registered();
    for path in registered.iter() {
        // nobody is left to be told
        let _ = fs::remove_file(path);
    }
    std::process::exit(code)
}

fn registered() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is removed unless it gets a name to stay under.
#[derive(Debug)]
pub struct Temporary {
    file: File,
    path: PathBuf,
}

impl Temporary {
    /// The file that `make` makes.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn create(make: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<Temporary> {
        // before the file is there, so that it never is without being known
        let mut registered = registered();
        let (file, path) = make()?.into_parts();
        let path = path.keep().map_err(|error| error.error)?;
        registered.insert(path.clone());
        Ok(Temporary { file, path })
    }

    /// The file.
    pub fn as_file(&self) -> &File {
        &self.file
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file a name, in the place of what goes by it.
    ///
    /// # Errors
    /// Where the file system refuses; the file is then gone.
    pub fn persist(self, name: &Path) -> io::Result<()> {
        let mut registered = registered();
        fs::rename(&self.path, name)?;
        registered.remove(&self.path);
        Ok(())
    }

    /// Gives the file a name that is not taken.
    ///
    /// # Errors
    /// Where it is taken, or the file system refuses; the file is then gone.
    pub fn persist_noclobber(self, name: &Path) -> io::Result<()> {
        let mut registered = registered();
        let path = TempPath::try_from_path(&self.path)?;
        // which is removed by `path` where that fails
        registered.remove(&self.path);
        path.persist_noclobber(name).map_err(|error| error.error)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut registered = registered();
        if registered.remove(&self.path) {
            // what cannot be removed was removed by somebody else
            let _ = fs::remove_file(&self.path);
        }
    }
}
