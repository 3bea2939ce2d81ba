//! Files replaced atomically, and what it takes to put them back.
//!
//! A file is written as a temporary file beside it, synced, given the mode,
//! owner and extended attributes of the original, and renamed over it; then the
//! directory is synced. At every moment the name stands for the whole old file or
//! the whole new one. No content is held in memory whole: files are compared by digest.

mod attributes;
mod digest;
pub mod journal;
mod rewrite;
pub(crate) mod temporary;

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use self::attributes::copy_attributes;
pub use self::digest::{Digest, Hasher};
pub use self::rewrite::Rewrite;
use self::temporary::Temporary;
use crate::pieces::each_piece;

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl From<&Metadata> for Version {
    fn from(metadata: &Metadata) -> Version {
        Version {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// A file that was opened.
#[derive(Debug)]
pub struct Original {
    path: PathBuf,
    file: File,
    metadata: Metadata,
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A pipe, a device: nothing that can be renamed over.
    #[error("not a regular file; give it on stdin to have the result on stdout")]
    NotRegular,
    /// Nobody may write to it.
    #[error("read-only file; left as it is")]
    ReadOnly,
    /// Somebody else wrote to it.
    #[error("changed since it was read; left as it is")]
    Changed,
    /// The name of the backup is taken.
    #[error("backup {} exists already; left as it is", .0.display())]
    BackupExists(PathBuf),
    /// The new content cannot be written beside the file: no permission, no space.
    #[error("cannot write the new file in {}: {error}; left as it is", directory.display())]
    Beside {
        /// The directory of the file.
        directory: PathBuf,
        /// What the file system says.
        error: io::Error,
    },
    /// It is replaced, but a crash might bring it back.
    #[error("changed, but its directory could not be synced: {0}")]
    Unsynced(io::Error),
    /// The file system refused something else.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Original {
    /// Opens a file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(path: &Path) -> io::Result<Original> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Original { path: path.to_owned(), file, metadata })
    }

    /// Where it is, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content; what is read from it moves on for all who read from it.
    pub fn reader(&self) -> &File {
        &self.file
    }

    /// The content from its start.
    fn reopen(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    /// How many bytes it had when it was opened; none where that is not known, as of a pipe.
    pub fn size(&self) -> Option<u64> {
        self.metadata.is_file().then_some(self.metadata.len())
    }

    /// How many names the file has; only the one that is replaced gets the new content.
    pub fn names(&self) -> u64 {
        self.metadata.nlink()
    }

    /// Makes sure that the file may be replaced, and finds where it really is.
    ///
    /// # Errors
    /// Where it is no regular file, or may not be written.
    pub fn prepare(&self) -> Result<Replacement<'_>, WriteError> {
        if !self.metadata.is_file() {
            return Err(WriteError::NotRegular);
        }
        if self.metadata.permissions().readonly() {
            return Err(WriteError::ReadOnly);
        }
        Ok(Replacement { original: self, path: self.path.canonicalize()? })
    }
}

/// A file that is about to be replaced.
#[derive(Debug)]
pub struct Replacement<'a> {
    original: &'a Original,
    /// Where it really is.
    path: PathBuf,
}

impl<'a> Replacement<'a> {
    /// An empty file beside the file, for its new content.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn draft(self) -> Result<Draft<'a>, WriteError> {
        let file = self.temporary()?;
        Ok(Draft { replacement: self, file: BufWriter::new(file), digest: Hasher::default() })
    }

    /// An empty file beside the file.
    fn temporary(&self) -> Result<Temporary, WriteError> {
        let make = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".hanfix-").tempfile_in(directory_of(&self.path))
        };
        Temporary::create(make).map_err(|error| self.beside(error))
    }

    fn beside(&self, error: io::Error) -> WriteError {
        let directory = directory_of(&self.path).to_owned();
        WriteError::Beside { directory, error: without_path(error) }
    }

    /// Makes sure that the file still is, and holds, what was read.
    fn verify(&self, digest: Digest) -> Result<(), WriteError> {
        let file = File::open(&self.path)?;
        let same_version =
            Version::from(&file.metadata()?) == Version::from(&self.original.metadata);
        let unchanged = same_version && Digest::of(file)? == digest;
        if unchanged { Ok(()) } else { Err(WriteError::Changed) }
    }
}

/// The new content of a file on its way to disk.
#[derive(Debug)]
pub struct Draft<'a> {
    replacement: Replacement<'a>,
    file: BufWriter<Temporary>,
    digest: Hasher,
}

impl<'a> Draft<'a> {
    /// Adds bytes to the new content.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.digest.update(bytes);
        self.file.write_all(bytes).map_err(|error| self.replacement.beside(error))
    }

    /// Adds all that a stream holds to the new content, and shows it to `each`.
    ///
    /// # Errors
    /// Those of the stream, or where the file system refuses.
    pub fn copy(
        &mut self,
        stream: &mut impl Read,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), WriteError> {
        each_piece(stream, |bytes| {
            each(bytes);
            self.put(bytes)
        })
    }

    /// The content is complete: gives it the attributes of the file, whose content is known by
    /// the digest `before`, and syncs it.
    ///
    /// # Errors
    /// Where the file has changed since it was read, or the file system refuses.
    pub fn stage(self, before: Digest) -> Result<Staged<'a>, WriteError> {
        let Draft { replacement, file, digest } = self;
        let complete = || {
            let file = file.into_inner().map_err(|error| error.into_error())?;
            copy_attributes(replacement.original, file.as_file())?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        let temporary = complete().map_err(|error| replacement.beside(error))?;
        replacement.verify(before)?;
        Ok(Staged { replacement, temporary, before, after: digest.finish() })
    }
}

/// The new content of a file, written in full beside it.
#[derive(Debug)]
pub struct Staged<'a> {
    replacement: Replacement<'a>,
    temporary: Temporary,
    before: Digest,
    after: Digest,
}

impl Staged<'_> {
    /// Where the file really is: absolute, links resolved.
    pub fn path(&self) -> &Path {
        &self.replacement.path
    }

    /// The digest of the file as it was read.
    pub fn before(&self) -> Digest {
        self.before
    }

    /// The digest of the new content.
    pub fn after(&self) -> Digest {
        self.after
    }

    /// Gives the original a second name, `suffix` appended, which is to be kept once the new
    /// content is in its place.
    ///
    /// # Errors
    /// Where the name is taken or cannot be made.
    pub fn back_up(&self, suffix: &str) -> Result<TempPath, WriteError> {
        let mut name = self.replacement.path.clone().into_os_string();
        name.push(suffix);
        let backup = PathBuf::from(name);
        match fs::hard_link(&self.replacement.path, &backup) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(WriteError::BackupExists(backup));
            }
            // a file system without hard links
            Err(_) => self.write_new(&backup)?,
        }
        Ok(TempPath::try_from_path(backup)?)
    }

    /// Writes a copy of the original under a name that is not taken.
    fn write_new(&self, path: &Path) -> Result<(), WriteError> {
        let original = self.replacement.original;
        let mut copy = self.replacement.temporary()?;
        io::copy(&mut original.reopen()?, &mut copy)?;
        copy_attributes(original, copy.as_file())?;
        copy.as_file().sync_all()?;
        copy.persist_noclobber(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => WriteError::BackupExists(path.to_owned()),
            _ => WriteError::Io(error),
        })
    }

    /// Puts the new content in the place of the file.
    ///
    /// # Errors
    /// Where the file has changed since it was read, or the file system refuses; but for
    /// [`WriteError::Unsynced`], the file is then as it was.
    pub fn commit(self) -> Result<(), WriteError> {
        // again: since it was staged a backup and the journal were written
        self.replacement.verify(self.before)?;
        let path = &self.replacement.path;
        self.temporary.persist(path)?;
        sync_directory(directory_of(path)).map_err(WriteError::Unsynced)
    }
}

/// The directory that a file is in, or is to be.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The error of the system behind one that also names the temporary file, which nobody knows.
fn without_path(error: io::Error) -> io::Error {
    let source = error.get_ref().and_then(|inner| inner.source());
    let system = source.and_then(|source| source.downcast_ref::<io::Error>());
    match system.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

/// Makes names in a directory durable; a file system that cannot do so is no error.
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::decode::Splice;

    fn file(directory: &Path, content: &str) -> PathBuf {
        let path = directory.join("a.txt");
        fs::write(&path, content).unwrap();
        path
    }

    /// The new content of a file, beside it.
    fn staged<'a>(file: &'a Original, content: &str) -> Result<Staged<'a>, WriteError> {
        let mut rewrite = Rewrite::new(file);
        let mut bytes = Vec::new();
        file.reader().read_to_end(&mut bytes)?;
        // in two parts, of which the first may be the same
        let (one, two) = bytes.split_at(bytes.len() / 2);
        let same = content.as_bytes().starts_with(one);
        let all = |range, after: &[u8]| vec![Splice { range, after: after.to_vec() }];
        if same {
            rewrite.part(one, &[])?;
            rewrite.part(two, &all(0..two.len(), &content.as_bytes()[one.len()..]))?;
        } else {
            rewrite.part(one, &all(0..one.len(), content.as_bytes()))?;
            rewrite.part(two, &all(0..two.len(), b""))?;
        }
        Ok(rewrite.finish()?.expect("it changed"))
    }

    fn replace(path: &Path, content: &str) -> Result<(), WriteError> {
        staged(&Original::open(path)?, content)?.commit()
    }

    #[test]
    fn content_changes_and_attributes_do_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let has_attributes = xattr::set(&path, "user.note", b"kept").is_ok();
        replace(&path, "门").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "门");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        if has_attributes {
            assert_eq!(xattr::get(&path, "user.note").unwrap().unwrap(), b"kept");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn the_start_that_does_not_change_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門口");
        replace(&path, "門戶").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "門戶");
    }

    #[test]
    fn a_link_is_resolved_and_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        let link = directory.path().join("link");
        symlink("a.txt", &link).unwrap();
        replace(&link, "门").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "门");
    }

    #[test]
    fn attributes_are_those_of_the_file_behind_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        let link = directory.path().join("link");
        symlink("a.txt", &link).unwrap();
        // not every file system has them
        if xattr::set(&path, "user.note", b"kept").is_ok() {
            replace(&link, "门").unwrap();
            assert_eq!(xattr::get(&path, "user.note").unwrap().unwrap(), b"kept");
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        let original = Original::open(&path).unwrap();
        let first = staged(&original, "门").unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        // same size, same inode, same time: only the content tells
        fs::write(&path, "窗").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        assert!(matches!(first.commit(), Err(WriteError::Changed)));
        let late = original.prepare().unwrap().draft().unwrap();
        let late = late.stage(Digest::of("門".as_bytes()).unwrap());
        assert!(matches!(late, Err(WriteError::Changed)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "窗");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_read_only_file_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(replace(&path, "门"), Err(WriteError::ReadOnly)));
    }

    #[test]
    fn a_backup_is_the_original_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        let backup = directory.path().join("a.txt.bak");
        let original = Original::open(&path).unwrap();
        let first = staged(&original, "门").unwrap();
        drop(first.back_up(".bak").unwrap());
        assert!(!backup.exists(), "it was not wanted");
        let kept = first.back_up(".bak").unwrap();
        first.commit().unwrap();
        kept.keep().unwrap();
        assert_eq!(fs::read_to_string(&backup).unwrap(), "門");
        let again = Original::open(&path).unwrap();
        let again = staged(&again, "窗").unwrap();
        assert!(matches!(again.back_up(".bak"), Err(WriteError::BackupExists(_))));
        assert!(matches!(again.write_new(&backup), Err(WriteError::BackupExists(_))));
        assert_eq!(fs::read_to_string(&backup).unwrap(), "門");
    }
}
