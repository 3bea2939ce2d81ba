//! From the paths of the command line to the files that are meant, in order.

use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use ignore::overrides::{Override, OverrideBuilder};
use ignore::types::{Types, TypesBuilder};
use ignore::{DirEntry, WalkBuilder};

use super::args::Symlinks;
use super::settings::FileFilter;

/// Directories that hold a repository's own data; a repair there would be damage.
const REPOSITORY_DIRECTORIES: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".pijul"];

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// Where it is.
        path: PathBuf,
        /// Whether the command line names it; otherwise it was found in a directory.
        named: bool,
    },
}

impl Input {
    /// How messages and reports call it.
    pub fn label(&self) -> String {
        match self {
            Input::Stdin => "stdin".to_owned(),
            Input::File { path, .. } => label(path),
        }
    }
}

/// How messages and reports call a file: its path without a leading `./`.
pub fn label(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// The paths of the command line, or where there are none, what is piped in, or on a terminal
/// the current directory.
///
/// # Errors
/// Where there is neither: in a job without a terminal, an empty report would look like a clean
/// directory, and one of the directory like one of the input.
pub fn paths_or_default(paths: Vec<PathBuf>, command: &str) -> Result<Vec<PathBuf>> {
    if !paths.is_empty() {
        return Ok(paths);
    }
    if stdin_is_given() {
        return Ok(vec![PathBuf::from("-")]);
    }
    ensure!(
        std::io::stdin().is_terminal(),
        "no PATH given, and nothing is piped in; `hanfix {command} .` takes this directory"
    );
    Ok(vec![PathBuf::from(".")])
}

/// Whether something is piped or redirected to stdin.
pub fn stdin_is_given() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return false;
    }
    let Ok(copy) = stdin.as_fd().try_clone_to_owned() else { return false };
    let Ok(metadata) = std::fs::File::from(copy).metadata() else { return false };
    let kind = metadata.file_type();
    kind.is_file() || kind.is_fifo() || kind.is_socket()
}

/// The files under some paths: those in the order given, directories sorted by name.
pub struct Walk {
    roots: std::vec::IntoIter<PathBuf>,
    current: Option<ignore::Walk>,
    overrides: Override,
    types: Types,
    hidden: bool,
    ignore_files: bool,
    symlinks: Option<Symlinks>,
    /// The files seen so far, where one could be met twice.
    seen: Option<HashSet<PathBuf>>,
}

impl Walk {
    /// The walk over `paths` as `filter` says.
    ///
    /// # Errors
    /// Where a glob or a type is none.
    pub fn new(paths: Vec<PathBuf>, filter: &FileFilter) -> Result<Walk> {
        let mut overrides = OverrideBuilder::new(std::env::current_dir()?);
        for glob in &filter.globs {
            overrides.add(glob).with_context(|| format!("glob `{glob}`"))?;
        }
        let mut types = TypesBuilder::new();
        types.add_defaults();
        for name in &filter.types {
            types.select(name);
        }
        let twice = paths.len() > 1 || filter.symlinks == Some(Symlinks::Follow);
        Ok(Walk {
            roots: paths.into_iter(),
            current: None,
            overrides: overrides.build()?,
            types: types.build()?,
            hidden: filter.hidden,
            ignore_files: filter.ignore_files,
            symlinks: filter.symlinks,
            seen: twice.then(HashSet::new),
        })
    }

    fn directory(&self, root: &Path) -> ignore::Walk {
        WalkBuilder::new(root)
            .overrides(self.overrides.clone())
            .types(self.types.clone())
            .standard_filters(self.ignore_files)
            .hidden(!self.hidden)
            .follow_links(self.symlinks == Some(Symlinks::Follow))
            .filter_entry(|entry| !is_repository_data(entry))
            .sort_by_file_name(|a, b| a.cmp(b))
            .build()
    }

    fn next_walked(&mut self) -> Option<Result<Input>> {
        let walk = self.current.as_mut()?;
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    return Some(Ok(Input::File { path: entry.into_path(), named: false }));
                }
                Ok(_) => {}
                Err(error) => return Some(Err(described(error))),
            }
        }
        self.current = None;
        None
    }

    /// What a path of the command line stands for, where it is no directory.
    fn root(&mut self, path: PathBuf) -> Option<Result<Input>> {
        if path.as_os_str() == "-" {
            return Some(Ok(Input::Stdin));
        }
        if self.symlinks == Some(Symlinks::Skip) && path.is_symlink() {
            return None;
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                self.current = Some(self.directory(&path));
                None
            }
            Ok(_) => Some(Ok(Input::File { path, named: true })),
            Err(error) => Some(Err(error).with_context(|| path.display().to_string())),
        }
    }

    /// Whether a file was met before, by another path.
    fn is_repeated(&mut self, input: &Input) -> bool {
        let (Some(seen), Input::File { path, .. }) = (&mut self.seen, input) else { return false };
        path.canonicalize().is_ok_and(|path| !seen.insert(path))
    }
}

impl Iterator for Walk {
    type Item = Result<Input>;

    fn next(&mut self) -> Option<Result<Input>> {
        loop {
            let next = match self.next_walked() {
                Some(walked) => Some(walked),
                None => {
                    let root = self.roots.next()?;
                    self.root(root)
                }
            };
            match next {
                Some(Ok(input)) if self.is_repeated(&input) => {}
                Some(next) => return Some(next),
                None => {}
            }
        }
    }
}

/// An error of the walk told as any other: its own words name the path twice.
fn described(error: ignore::Error) -> anyhow::Error {
    match (path_of(&error), error.io_error()) {
        (Some(path), Some(cause)) => anyhow!("{}: {}", label(path), cause.kind()),
        _ => error.into(),
    }
}

/// The path that an error of the walk is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => path_of(err),
        _ => None,
    }
}

fn is_repository_data(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
        && REPOSITORY_DIRECTORIES.iter().any(|name| entry.file_name() == *name)
}
