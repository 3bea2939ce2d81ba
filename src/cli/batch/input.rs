//! Where records come from and go to.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::cli::args::{BatchArgs, RecordFormat};
use crate::cli::walk::{label, stdin_is_given};
use crate::records::compress::{self, Compression};

/// A stream of records.
pub struct Input {
    /// Where it is; stdin unless there is a path.
    path: Option<PathBuf>,
    /// What messages call it.
    pub label: String,
    /// The form of its records.
    pub format: RecordFormat,
    /// Where its records go; stdout unless there is a path.
    pub target: Option<PathBuf>,
}

/// The inputs of the command line, each with a format and a target of its own.
pub fn inputs(args: &BatchArgs) -> Result<Vec<Input>> {
    if args.inputs.is_empty() {
        ensure!(stdin_is_given(), "no INPUT given, and nothing is piped in");
    }
    let stdin = [PathBuf::from("-")];
    let paths = if args.inputs.is_empty() { &stdin } else { args.inputs.as_slice() };
    let inputs: Vec<Input> =
        paths.iter().map(|path| Input::new(path, args)).collect::<Result<_>>()?;
    let mut targets = BTreeMap::new();
    for input in &inputs {
        let Some(target) = &input.target else { continue };
        if let Some(other) = targets.insert(target, &input.label) {
            bail!("{other} and {} would both be written to {}", input.label, target.display());
        }
    }
    Ok(inputs)
}

impl Input {
    fn new(path: &Path, args: &BatchArgs) -> Result<Input> {
        if path.as_os_str() == "-" {
            let target = args.output.as_ref().map(|directory| directory.join("stdin"));
            let format = args.format.unwrap_or(RecordFormat::Jsonl);
            return Ok(Input { path: None, label: "stdin".to_owned(), format, target });
        }
        let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
        let target = args.output.as_ref().map(|directory| directory.join(name));
        if let Some(target) = &target
            && let (Ok(target), Ok(path)) = (target.canonicalize(), path.canonicalize())
            && target == path
        {
            bail!("{} would be overwritten; choose another --output", path.display());
        }
        let format = match args.format {
            Some(format) => format,
            None => format_of(path).with_context(|| {
                format!("cannot tell the form of the records of {}; use --format", path.display())
            })?,
        };
        Ok(Input { path: Some(path.to_owned()), label: label(path), format, target })
    }

    /// Opens the stream, decompressed.
    pub fn open(&self) -> io::Result<(Compression, Box<dyn BufRead + Send>)> {
        match &self.path {
            None => compress::reader(io::stdin()),
            Some(path) => compress::reader(File::open(path)?),
        }
    }
}

/// The format that a file's name tells, without the ending of a compressor.
fn format_of(path: &Path) -> Option<RecordFormat> {
    let mut path = path.to_owned();
    if path.extension().is_some_and(|ending| ending == "gz" || ending == "zst") {
        path.set_extension("");
    }
    match path.extension()?.to_str()? {
        "jsonl" | "ndjson" | "json" => Some(RecordFormat::Jsonl),
        "csv" => Some(RecordFormat::Csv),
        "tsv" => Some(RecordFormat::Tsv),
        "txt" => Some(RecordFormat::Text),
        _ => None,
    }
}
