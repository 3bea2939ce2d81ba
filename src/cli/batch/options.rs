//! Options of a run: those that do not go together, and those that its result depends on.

use anyhow::{Result, bail, ensure};

use super::input::Input;
use super::manifest::Options;
use crate::cli::args::{BatchArgs, OnError, RecordFormat};
use crate::cli::settings::Settings;
use crate::decode;
use crate::records::field::Field;

/// An option that would do nothing is a mistake; in a configuration file it may stand for the files
/// that other commands read.
pub fn refuse_idle(args: &BatchArgs, stated: bool, inputs: &[Input]) -> Result<()> {
    use RecordFormat::{Csv, Jsonl, Text, Tsv, Wet};
    let all = |formats: &[RecordFormat]| inputs.iter().all(|input| formats.contains(&input.format));
    let any = |formats: &[RecordFormat]| inputs.iter().any(|input| formats.contains(&input.format));
    ensure!(
        args.fields.is_empty() || !any(&[Text, Wet]),
        "a line of text or a WARC record has no fields: --field is for other formats"
    );
    ensure!(!stated || all(&[Text]), "records with fields are UTF-8: --from is for --format text");
    ensure!(
        (args.out_field.is_none() && args.meta_field.is_none()) || !any(&[Csv, Tsv, Text, Wet]),
        "--out-field and --meta-field are for jsonl and parquet; --sidecar is for every format"
    );
    ensure!(
        args.on_error != OnError::Quarantine || all(&[Csv, Jsonl, Text, Tsv, Wet]),
        "a row cannot be taken out of parquet: --on-error quarantine is for other formats"
    );
    ensure!(args.delimiter.is_none() || all(&[Csv, Tsv]), "--delimiter is for csv and tsv");
    ensure!(
        args.quarantine.is_none() || args.on_error == OnError::Quarantine,
        "--quarantine is for --on-error quarantine"
    );
    Ok(())
}

/// Lines are cut before they are decoded.
pub fn refuse_wide_lines(settings: &Settings, inputs: &[Input]) -> Result<()> {
    let wide = settings.decoding.from.filter(|from| decode::is_wide(from));
    match wide {
        Some(from) if inputs.iter().any(|input| input.format == RecordFormat::Text) => bail!(
            "lines of {from} do not end with a byte of their own; \
             `hanfix fix --from {from} --to utf-8` converts a file"
        ),
        _ => Ok(()),
    }
}

/// The options that a result depends on, as `--resume` compares them; those that have
/// their default are not there.
pub fn of_result(args: &BatchArgs, fields: &[Field], settings: &Settings) -> Options {
    let mut options = settings.text.values();
    let mut set = |name: &str, value: Option<String>| {
        options.extend(value.map(|value| (name.to_owned(), value)));
    };
    set("--from", settings.decoding.from.map(str::to_owned));
    let names: Vec<_> = fields.iter().map(Field::name).collect();
    set("--field", Some(names.join(" ")));
    set("--format", args.format.map(|format| format!("{format:?}").to_lowercase()));
    set("--out-field", args.out_field.clone());
    set("--meta-field", args.meta_field.clone());
    set("--sidecar", args.sidecar.as_ref().map(|path| path.display().to_string()));
    set("--delimiter", args.delimiter.map(|byte| char::from(byte).to_string()));
    set("--on-error", Some(format!("{:?}", args.on_error).to_lowercase()));
    set("--quarantine", args.quarantine.as_ref().map(|path| path.display().to_string()));
    set("--max-record-bytes", Some(args.max_record_bytes.to_string()));
    set("the version of hanfix", Some(env!("CARGO_PKG_VERSION").to_owned()));
    options
}
