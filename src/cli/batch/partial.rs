//! Files that get their name only once they are whole.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::write::directory_of;
use crate::write::temporary::Temporary;

/// A file `.NAME.partial` that is to become `NAME`. It is removed where that does not
/// happen; one that a killed run left behind is taken over, not added to.
pub struct Partial {
    file: Temporary,
    path: PathBuf,
}

impl Partial {
    /// An empty file beside `path`.
    ///
    /// # Errors
    /// Where it cannot be made, or another run is writing it.
    pub fn create(path: &Path) -> io::Result<Partial> {
        let mut prefix = OsString::from(".");
        prefix.push(path.file_name().unwrap_or_default());
        let make = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(&prefix).suffix(".partial").rand_bytes(0);
            builder.make_in(directory_of(path), open_locked)
        };
        Ok(Partial { file: Temporary::create(make)?, path: path.to_owned() })
    }

    /// The file, to be written.
    ///
    /// # Errors
    /// Where the system has no more files to give.
    pub fn writer(&self) -> io::Result<File> {
        self.file.as_file().try_clone()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path)
    }
}

/// What is written at the end of a run: a file is whole once it is there, and what is none, as
/// a terminal or a pipe, is written to as it is.
pub enum Late {
    File(Partial),
    Stream(File),
}

impl Late {
    /// Makes sure that something can be written to `path`.
    ///
    /// # Errors
    /// Where it cannot, or another run is writing it.
    pub fn create(path: &Path) -> io::Result<Late> {
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Ok(Late::Stream(File::options().write(true).open(path)?));
        }
        // a link stays one
        let real = path.canonicalize();
        Ok(Late::File(Partial::create(real.as_deref().unwrap_or(path))?))
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn finish(self, content: &[u8]) -> io::Result<()> {
        match self {
            Late::Stream(mut stream) => stream.write_all(content),
            Late::File(partial) => {
                partial.writer()?.write_all(content)?;
                partial.finish()
            }
        }
    }
}

/// Opens a file that no other run has open, and empties it.
fn open_locked(path: &Path) -> io::Result<File> {
    // with the mode of every new file, less what the umask takes
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let busy = || io::Error::new(io::ErrorKind::ResourceBusy, "another run is writing it");
    match file.try_lock() {
        // a file system without locks
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Err(busy()),
    }
    // it may have got its final name before it was locked
    let is_still_there = path.metadata().is_ok_and(|there| {
        file.metadata().is_ok_and(|mine| (there.dev(), there.ino()) == (mine.dev(), mine.ino()))
    });
    if !is_still_there {
        return Err(busy());
    }
    file.set_len(0)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_there_once_it_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        let left_behind = directory.path().join(".a.jsonl.partial");
        fs::write(&left_behind, "long ago, by a run that was killed").unwrap();
        let partial = Partial::create(&path).unwrap();
        partial.writer().unwrap().write_all(b"whole").unwrap();
        assert!(left_behind.exists() && !path.exists());
        partial.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        drop(Partial::create(&path).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn two_runs_do_not_write_one_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        let _first = Partial::create(&path).unwrap();
        let error = Partial::create(&path).err().unwrap();
        assert!(error.to_string().contains("another run is writing it"), "{error}");
    }
}
