//! What `--resume` goes by: for each output that is whole, a small file in the folder
//! `.hanfix` beside it says what it was made from and how.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::partial::Partial;
use super::stats::Stats;

/// Where manifests are, in the directory of the outputs.
const FOLDER: &str = ".hanfix";

/// What a result depends on beside the input: options by name.
pub type Options = BTreeMap<String, String>;

/// Which version of a file was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970, since a second is long enough for two versions.
    modified: u128,
}

impl Stamp {
    /// The version of a file; none if it is no regular one, or if its time is unknown.
    pub fn of(path: &Path) -> Option<Stamp> {
        path.metadata().ok().filter(Metadata::is_file).and_then(|metadata| {
            let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(Stamp { bytes: metadata.len(), modified: modified.as_nanos() })
        })
    }
}

/// How one output came to be.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    input: Stamp,
    output: Stamp,
    options: Options,
    /// What was done.
    pub stats: Stats,
}

impl Manifest {
    /// The manifest of `output`, if that is whole and was made from the file that is at
    /// `input` now.
    ///
    /// # Errors
    /// Where it was made with other options.
    pub fn find(input: &Path, output: &Path, options: &Options) -> Result<Option<Manifest>> {
        let Ok(manifest) = fs::read(path(output)) else { return Ok(None) };
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&manifest) else { return Ok(None) };
        let is_current =
            Stamp::of(input) == Some(manifest.input) && Stamp::of(output) == Some(manifest.output);
        if !is_current {
            return Ok(None);
        }
        if let Some(difference) = difference(&manifest.options, options) {
            bail!(
                "{} was written with other options ({difference}); \
                 run without --resume to write it anew",
                output.display()
            );
        }
        Ok(Some(manifest))
    }

    /// Notes that `output` is whole and was made from a version of an input.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn write(input: Stamp, output: &Path, options: &Options, stats: &Stats) -> Result<()> {
        let written = Stamp::of(output).context("the output is gone")?;
        let (options, stats) = (options.clone(), stats.clone());
        let manifest = Manifest { input, output: written, options, stats };
        let path = path(output);
        save(&path, &manifest).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn save(path: &Path, manifest: &Manifest) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let partial = Partial::create(path)?;
    let mut file: File = partial.writer()?;
    file.write_all(&serde_json::to_vec(manifest)?)?;
    partial.finish()
}

/// Where the manifest of an output is.
fn path(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".json");
    output.with_file_name(FOLDER).join(name)
}

/// The first option that differs, in words.
fn difference(before: &Options, now: &Options) -> Option<String> {
    let names = before.keys().chain(now.keys());
    names.into_iter().find(|name| before.get(*name) != now.get(*name)).map(|name| {
        let describe = |options: &Options| match options.get(name) {
            Some(value) => format!("`{value}`"),
            None => "not given".to_owned(),
        };
        format!("{name} was {}, and is {}", describe(before), describe(now))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(convert: &str) -> Options {
        Options::from([("--convert".to_owned(), convert.to_owned())])
    }

    #[test]
    fn an_output_is_known_until_something_changes() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let (input, output) = (path("in.jsonl"), path("out.jsonl"));
        let known = |convert| Manifest::find(&input, &output, &options(convert));
        fs::write(&input, "{}\n").unwrap();
        fs::write(&output, "{}\n").unwrap();
        assert!(known("t2s").unwrap().is_none());
        let stamp = Stamp::of(&input).unwrap();
        Manifest::write(stamp, &output, &options("t2s"), &Stats::default()).unwrap();
        assert!(known("t2s").unwrap().is_some());
        let error = known("s2t").unwrap_err().to_string();
        assert!(error.contains("--convert was `t2s`, and is `s2t`"), "{error}");
        fs::write(&output, "{} \n").unwrap();
        assert!(known("t2s").unwrap().is_none(), "the output is another");
        Manifest::write(stamp, &output, &options("t2s"), &Stats::default()).unwrap();
        fs::write(&input, "").unwrap();
        assert!(known("s2t").unwrap().is_none(), "the input is another");
    }
}
