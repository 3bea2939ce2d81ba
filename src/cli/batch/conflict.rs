//! No file may be written that is read as well, or written twice.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::input::Input;
use crate::cli::args::BatchArgs;
use crate::cli::settings::Settings;

/// What a file is known by, whatever its name.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// One that exists.
    Inode { device: u64, inode: u64 },
    /// One that is to be made: its path, as far as it exists without links.
    Absent(PathBuf),
}

impl Identity {
    /// That of the file at a path; none where there is something else, which loses nothing by
    /// being written to.
    fn of(path: &Path) -> Option<Identity> {
        match path.metadata() {
            Ok(metadata) => Identity::of_file(&metadata),
            Err(_) => Some(Identity::Absent(resolved(path))),
        }
    }

    /// That of the file behind a stream of the process, if there is one.
    fn of_stream(stream: &impl AsFd) -> Option<Identity> {
        let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        Identity::of_file(&file.metadata().ok()?)
    }

    fn of_file(metadata: &Metadata) -> Option<Identity> {
        let inode = Identity::Inode { device: metadata.dev(), inode: metadata.ino() };
        metadata.is_file().then_some(inode)
    }
}

/// A path of which the part that exists is without links.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let resolve = |part: &Path| {
        let real = part.canonicalize().ok()?;
        Some(real.join(absolute.strip_prefix(part).ok()?))
    };
    absolute.ancestors().find_map(resolve).unwrap_or_else(|| absolute.clone())
}

/// Something that a run writes.
struct Written {
    /// What it is, in words.
    what: String,
    /// Where it goes, in words.
    place: String,
    identity: Option<Identity>,
}

impl Written {
    fn to(path: &Path, what: String) -> Written {
        Written { what, place: path.display().to_string(), identity: Identity::of(path) }
    }
}

/// Refuses to write a file that is read as well, or that something else is written to. To be
/// asked before anything is opened for writing.
///
/// # Errors
/// Where there is one.
pub fn refuse_conflicts(args: &BatchArgs, settings: &Settings, inputs: &[Input]) -> Result<()> {
    let read: Vec<Identity> = read(settings, inputs);
    let mut others: HashMap<Identity, String> = HashMap::new();
    for Written { what, place, identity } in written(args, inputs) {
        let Some(identity) = identity else { continue };
        ensure!(
            !read.contains(&identity),
            "{what} would be written to {place}, which is read; choose another place"
        );
        if let Some(other) = others.get(&identity) {
            bail!("{other} and {what} would both be written to {place}");
        }
        others.insert(identity, what);
    }
    Ok(())
}

/// What a run reads.
fn read(settings: &Settings, inputs: &[Input]) -> Vec<Identity> {
    let inputs = inputs.iter().map(|input| match &input.path {
        Some(path) => Identity::of(path),
        None => Identity::of_stream(&io::stdin()),
    });
    let dictionaries = settings.text.dictionaries().iter().map(|path| Identity::of(path));
    inputs.chain(dictionaries).flatten().collect()
}

/// What a run writes.
fn written(args: &BatchArgs, inputs: &[Input]) -> Vec<Written> {
    let mut written = Vec::new();
    for Input { label, target, sidecar, .. } in inputs {
        let target = target.as_ref().map(|it| Written::to(it, format!("the records of {label}")));
        let sidecar = sidecar.as_ref().map(|it| Written::to(it, format!("the edits of {label}")));
        written.extend(target.into_iter().chain(sidecar));
    }
    for (path, option) in [(&args.quarantine, "--quarantine"), (&args.stats, "--stats")] {
        written.extend(path.as_ref().map(|path| Written::to(path, option.to_owned())));
    }
    if inputs.iter().any(|input| input.target.is_none()) {
        let identity = Identity::of_stream(&io::stdout());
        let (what, place) = ("the records".to_owned(), "stdout".to_owned());
        written.push(Written { what, place, identity });
    }
    written
}
