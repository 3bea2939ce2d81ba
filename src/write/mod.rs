//! Files replaced atomically, and what it takes to put them back.
//!
//! A file is written as a temporary file beside it, synced, given the mode,
//! owner and extended attributes of the original, and renamed over it; then the
//! directory is synced. At every moment the name stands for the whole old file or
//! the whole new one.

pub mod journal;

use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

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

/// A file as it was read.
#[derive(Debug)]
pub struct Original {
    path: PathBuf,
    bytes: Vec<u8>,
    metadata: Metadata,
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A pipe, a device: nothing that can be renamed over.
    #[error("not a regular file")]
    NotRegular,
    /// Nobody may write to it.
    #[error("read-only file")]
    ReadOnly,
    /// Somebody else wrote to it.
    #[error("changed since it was read; left as it is")]
    Changed,
    /// The name of the backup is taken.
    #[error("backup {} exists already", .0.display())]
    BackupExists(PathBuf),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Original {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(path: &Path) -> io::Result<Original> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // one byte more, so that reading to the end needs no second allocation
        let size = usize::try_from(metadata.len()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(size.saturating_add(1));
        file.read_to_end(&mut bytes)?;
        Ok(Original { path: path.to_owned(), bytes, metadata })
    }

    /// Where it is, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
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
    /// Where the file really is: absolute, links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `bytes` beside the file, ready to take its place.
    ///
    /// # Errors
    /// Where the file has changed since it was read, or the file system refuses.
    pub fn stage(self, bytes: &[u8]) -> Result<Staged<'a>, WriteError> {
        let temporary = self.temporary(bytes)?;
        self.verify()?;
        Ok(Staged { replacement: self, temporary })
    }

    /// A synced file in the same directory that has `bytes` and the original's attributes.
    fn temporary(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let directory = directory_of(&self.path);
        let mut file = tempfile::Builder::new().prefix(".hanfix-").tempfile_in(directory)?;
        file.write_all(bytes)?;
        copy_attributes(self.original, file.as_file())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Makes sure that the file is still what was read.
    fn verify(&self) -> Result<(), WriteError> {
        let file = File::open(&self.path)?;
        let same_version =
            Version::from(&file.metadata()?) == Version::from(&self.original.metadata);
        let unchanged = same_version && holds(file, &self.original.bytes)?;
        if unchanged { Ok(()) } else { Err(WriteError::Changed) }
    }
}

/// The new content of a file, written in full beside it.
#[derive(Debug)]
pub struct Staged<'a> {
    replacement: Replacement<'a>,
    temporary: NamedTempFile,
}

impl Staged<'_> {
    /// Gives the original a second name, `suffix` appended.
    ///
    /// # Errors
    /// Where the name is taken or cannot be made.
    pub fn back_up(&self, suffix: &str) -> Result<(), WriteError> {
        let mut name = self.replacement.path.clone().into_os_string();
        name.push(suffix);
        let backup = PathBuf::from(name);
        match fs::hard_link(&self.replacement.path, &backup) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(WriteError::BackupExists(backup))
            }
            // a file system without hard links
            Err(_) => self.write_new(&backup),
        }
    }

    /// Writes a copy of the original under a name that is not taken.
    fn write_new(&self, path: &Path) -> Result<(), WriteError> {
        let copy = self.replacement.temporary(&self.replacement.original.bytes)?;
        copy.persist_noclobber(path).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => WriteError::BackupExists(path.to_owned()),
            _ => WriteError::Io(error.error),
        })?;
        Ok(())
    }

    /// Puts the new content in the place of the file.
    ///
    /// # Errors
    /// Where the file has changed since it was read, or the file system refuses; the
    /// file is then as it was.
    pub fn commit(self) -> Result<(), WriteError> {
        self.replacement.verify()?;
        let path = &self.replacement.path;
        self.temporary.persist(path).map_err(|error| error.error)?;
        sync_directory(directory_of(path))?;
        Ok(())
    }
}

/// Whether a stream holds exactly these bytes.
fn holds(stream: impl Read, bytes: &[u8]) -> io::Result<bool> {
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let mut rest = bytes;
    loop {
        let read = stream.fill_buf()?;
        if read.is_empty() || !rest.starts_with(read) {
            return Ok(read.is_empty() && rest.is_empty());
        }
        let length = read.len();
        rest = &rest[length..];
        stream.consume(length);
    }
}

/// Gives `file` the owner, mode and extended attributes of `original`. Only the mode
/// must succeed: another's file cannot be given back its owner without privilege.
fn copy_attributes(original: &Original, file: &File) -> io::Result<()> {
    use xattr::FileExt;
    let metadata = &original.metadata;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (metadata.uid(), metadata.gid())
        && fchown(file, Some(metadata.uid()), Some(metadata.gid())).is_err()
    {
        // the group alone can often be kept
        let _ = fchown(file, None, Some(metadata.gid()));
    }
    // after the owner: changing it clears set-id bits
    file.set_permissions(metadata.permissions())?;
    for name in xattr::list(&original.path).into_iter().flatten() {
        if let Ok(Some(value)) = xattr::get(&original.path, &name) {
            let _ = file.set_xattr(&name, &value);
        }
    }
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
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

    fn file(directory: &Path, content: &str) -> PathBuf {
        let path = directory.join("a.txt");
        fs::write(&path, content).unwrap();
        path
    }

    fn replace(path: &Path, content: &str) -> Result<(), WriteError> {
        Original::read(path)?.prepare()?.stage(content.as_bytes())?.commit()
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
    fn a_file_that_changed_meanwhile_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "門");
        let original = Original::read(&path).unwrap();
        let staged = original.prepare().unwrap().stage("门".as_bytes()).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        // same size, same inode, same time: only the content tells
        fs::write(&path, "窗").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        assert!(matches!(staged.commit(), Err(WriteError::Changed)));
        let late = original.prepare().unwrap().stage("门".as_bytes());
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
        let original = Original::read(&path).unwrap();
        let staged = original.prepare().unwrap().stage("门".as_bytes()).unwrap();
        staged.back_up(".bak").unwrap();
        staged.commit().unwrap();
        assert_eq!(fs::read_to_string(&backup).unwrap(), "門");
        let again = Original::read(&path).unwrap();
        let again = again.prepare().unwrap().stage("窗".as_bytes()).unwrap();
        assert!(matches!(again.back_up(".bak"), Err(WriteError::BackupExists(_))));
        assert!(matches!(again.write_new(&backup), Err(WriteError::BackupExists(_))));
        assert_eq!(fs::read_to_string(&backup).unwrap(), "門");
    }
}
