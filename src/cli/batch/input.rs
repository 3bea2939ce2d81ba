//! Where records come from and go to.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::manifest::Stamp;
use crate::cli::args::{BatchArgs, RecordFormat};
use crate::cli::walk::{label, stdin_is_given};

/// A stream of records.
pub struct Input {
    /// Where it is; stdin unless there is a path.
    pub path: Option<PathBuf>,
    /// What messages call it.
    pub label: String,
    /// The form of its records.
    pub format: RecordFormat,
    /// Where its records go; stdout unless there is a path.
    pub target: Option<PathBuf>,
    /// Where its edits are told, if they are.
    pub sidecar: Option<PathBuf>,
}

/// The inputs of the command line, each with a format and a target of its own.
pub fn inputs(args: &BatchArgs) -> Result<Vec<Input>> {
    if args.inputs.is_empty() {
        ensure!(stdin_is_given(), "no INPUT given, and nothing is piped in");
    }
    let stdin = [PathBuf::from("-")];
    let paths = if args.inputs.is_empty() { &stdin } else { args.inputs.as_slice() };
    paths.iter().map(|path| Input::new(path, args)).collect()
}

impl Input {
    fn new(path: &Path, args: &BatchArgs) -> Result<Input> {
        let within = |directory: &Option<PathBuf>, name: &OsStr| {
            directory.as_ref().map(|directory| directory.join(name))
        };
        if path.as_os_str() == "-" {
            return Ok(Input {
                path: None,
                label: "stdin".to_owned(),
                format: args.format.unwrap_or(RecordFormat::Jsonl),
                target: within(&args.output, OsStr::new("stdin")),
                sidecar: within(&args.sidecar, &sidecar_name(OsStr::new("stdin"))),
            });
        }
        ensure!(!path.is_dir(), "{} is a directory; batch takes files", path.display());
        let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
        let target = within(&args.output, name);
        let sidecar = within(&args.sidecar, &sidecar_name(name));
        let format = match args.format {
            Some(format) => format,
            None => format_of(path).with_context(|| {
                format!("cannot tell the form of the records of {}; use --format", path.display())
            })?,
        };
        refuse_compressed_table(path, format)?;
        Ok(Input { path: Some(path.to_owned()), label: label(path), format, target, sidecar })
    }

    /// Opens the stream.
    ///
    /// # Errors
    /// Where there is none.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.path {
            None => Box::new(io::stdin()),
            Some(path) => Box::new(File::open(path)?),
        })
    }

    /// Its version, if it is a file.
    pub fn stamp(&self) -> Option<Stamp> {
        Stamp::of(self.path.as_ref()?)
    }
}

/// The name of the sidecar of an input, which is the same in every format.
fn sidecar_name(input: &OsStr) -> OsString {
    let mut name = input.to_owned();
    name.push(".edits.jsonl");
    name
}

/// Refuses Parquet that is compressed as a whole: it is read from its end, and its pages are
/// compressed as it is.
#[cfg(feature = "parquet")]
fn refuse_compressed_table(path: &Path, format: RecordFormat) -> Result<()> {
    ensure!(
        format != RecordFormat::Parquet || !has_compressor_ending(path),
        "{} is compressed as a whole, which parquet cannot be; decompress it first",
        path.display()
    );
    Ok(())
}

#[cfg(not(feature = "parquet"))]
fn refuse_compressed_table(_: &Path, _: RecordFormat) -> Result<()> {
    Ok(())
}

/// Whether a file's name ends as that of a compressed one.
fn has_compressor_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "gz" || ending == "zst")
}

/// The format that a file's name tells, without the ending of a compressor.
fn format_of(path: &Path) -> Option<RecordFormat> {
    let mut path = path.to_owned();
    if has_compressor_ending(&path) {
        path.set_extension("");
    }
    match path.extension()?.to_str()? {
        "jsonl" | "ndjson" | "json" => Some(RecordFormat::Jsonl),
        "csv" => Some(RecordFormat::Csv),
        "tsv" => Some(RecordFormat::Tsv),
        "txt" => Some(RecordFormat::Text),
        "wet" => Some(RecordFormat::Wet),
        #[cfg(feature = "parquet")]
        "parquet" => Some(RecordFormat::Parquet),
        _ => None,
    }
}
