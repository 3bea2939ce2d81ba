//! `hanfix batch`: records through the pipeline, in order and in constant memory.

mod input;
mod worker;

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use super::args::{BatchArgs, OnError, RecordFormat};
use super::output::{Message, Output, Status, plural};
use super::pool::{self, Done};
use super::settings::{Settings, Verbosity};
use crate::records::Lines;
use crate::records::chunks::{Chunk, Chunks};
use crate::records::compress::{self, Compression};
use crate::records::csv::{Csv, Dialect};
use crate::records::json::Field;
use crate::records::jsonl::Jsonl;
use crate::records::text::Text;
use input::{Input, inputs};
use worker::{Stats, Worked, Worker};

/// Records that cannot be read are told one by one up to here; a file of another
/// form would have one in every line.
const ERRORS_TOLD: u64 = 20;

/// The field that is text in most corpora.
const USUAL_FIELD: &str = "text";

/// Takes every input through the pipeline.
pub fn run(args: &BatchArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let inputs = inputs(args)?;
    refuse_idle_options(args, settings, &inputs)?;
    let fields = match args.fields.as_slice() {
        [] => vec![Field::new(USUAL_FIELD)],
        names => names.iter().map(|name| Field::new(name)).collect(),
    };
    let mut batch = Batch::new(args, &fields, settings, output)?;
    for input in &inputs {
        match batch.input(input) {
            Err(Stop::Input(error)) => batch.fail(&input.label, &error),
            Err(Stop::Run(error)) => return Err(error),
            Err(Stop::Record) => break,
            Ok(()) => {}
        }
    }
    batch.finish()
}

/// An option that would do nothing is a mistake.
fn refuse_idle_options(args: &BatchArgs, settings: &Settings, inputs: &[Input]) -> Result<()> {
    let all = |format| inputs.iter().all(|input| input.format == format);
    let any = |format| inputs.iter().any(|input| input.format == format);
    ensure!(
        args.fields.is_empty() || !any(RecordFormat::Text),
        "a line of text has no fields: --field is for jsonl, csv and tsv"
    );
    ensure!(
        settings.decoding.from.is_none() || all(RecordFormat::Text),
        "records with fields are UTF-8: --from is for --format text"
    );
    ensure!(
        (args.out_field.is_none() && args.meta_field.is_none()) || all(RecordFormat::Jsonl),
        "--out-field and --meta-field are for jsonl"
    );
    ensure!(
        args.quarantine.is_none() || args.on_error == OnError::Quarantine,
        "--quarantine is for --on-error quarantine"
    );
    Ok(())
}

/// Why an input was not taken to its end.
enum Stop {
    /// It cannot be read; the others go on.
    Input(anyhow::Error),
    /// A record cannot be read, and `--on-error fail` was given.
    Record,
    /// Nothing can go on, as when stdout cannot be written.
    Run(anyhow::Error),
}

impl Stop {
    fn input(error: impl Into<anyhow::Error>) -> Stop {
        Stop::Input(error.into())
    }
}

/// What one input holds.
struct Stream {
    /// What goes before the records, as it is.
    header: Vec<u8>,
    chunks: Chunks<Box<dyn BufRead + Send>>,
}

/// The run over all inputs.
struct Batch<'a> {
    args: &'a BatchArgs,
    fields: &'a [Field],
    settings: &'a Settings,
    output: &'a mut Output,
    quarantine: Option<BufWriter<File>>,
    stats: Stats,
    status: Status,
    /// What went to stdout last lacks its newline.
    unended: bool,
}

impl<'a> Batch<'a> {
    fn new(
        args: &'a BatchArgs,
        fields: &'a [Field],
        settings: &'a Settings,
        output: &'a mut Output,
    ) -> Result<Batch<'a>> {
        ensure!(
            args.out_field.is_none() || fields.len() == 1,
            "--out-field takes the text of one --field"
        );
        if let Some(directory) = &args.output {
            std::fs::create_dir_all(directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        let create = |path: &PathBuf| {
            let file = File::create(path);
            file.with_context(|| format!("cannot create {}", path.display()))
        };
        let quarantine = args.quarantine.as_ref().map(create).transpose()?.map(BufWriter::new);
        let (stats, status) = (Stats::default(), Status::default());
        Ok(Batch { args, fields, settings, output, quarantine, stats, status, unended: false })
    }

    fn tell(&self, level: Verbosity, text: String) {
        self.output.tell(&Message { level, text });
    }

    fn fail(&mut self, label: &str, error: &anyhow::Error) {
        self.tell(Verbosity::Quiet, format!("{label}: {error:#}"));
        self.status.failed = true;
    }

    /// Takes one input to its target.
    fn input(&mut self, input: &Input) -> Result<(), Stop> {
        let (compression, reader) = input.open().map_err(Stop::input)?;
        let mut chunks = Chunks::new(reader, self.args.max_record_bytes.get());
        let mut header = Vec::new();
        let (fixer, fields) = (&self.settings.fixer, self.fields);
        let lines: Box<dyn Lines> = match input.format {
            RecordFormat::Jsonl => Box::new(Jsonl {
                fixer,
                fields,
                out_field: self.args.out_field.as_deref(),
                meta_field: self.args.meta_field.as_deref(),
            }),
            RecordFormat::Text => Box::new(Text { fixer, decoding: &self.settings.decoding }),
            RecordFormat::Csv => {
                chunks = chunks.quoted();
                header = chunks.take_line().map_err(Stop::input)?;
                Box::new(Csv::new(fixer, Dialect::Comma, &header, fields).map_err(Stop::input)?)
            }
            RecordFormat::Tsv => {
                header = chunks.take_line().map_err(Stop::input)?;
                Box::new(Csv::new(fixer, Dialect::Tab, &header, fields).map_err(Stop::input)?)
            }
        };
        let worker = Worker { lines: &*lines, label: &input.label, on_error: self.args.on_error };
        let stream = Stream { header, chunks };
        match &input.target {
            None => {
                // the last record of the input before this one must not run into the next
                if std::mem::take(&mut self.unended) {
                    self.emit(b"\n", None)?;
                }
                self.records(&worker, stream, None)
            }
            Some(path) => self.file(&worker, stream, path, compression),
        }
    }

    /// Takes one input to a file, which is there only once it is whole.
    fn file(
        &mut self,
        worker: &Worker<'_>,
        stream: Stream,
        path: &Path,
        compression: Compression,
    ) -> Result<(), Stop> {
        let cannot = |error: anyhow::Error| {
            Stop::Input(error.context(format!("cannot write {}", path.display())))
        };
        let (file, mut writer) = create(path, compression).map_err(cannot)?;
        let done = self.records(worker, stream, Some(&mut writer));
        // with `--on-error fail`, what came before the record is kept
        if matches!(done, Ok(()) | Err(Stop::Record)) {
            finish(file, writer, path).map_err(cannot)?;
        }
        done
    }

    /// Takes the records of one input through the workers to `target`, or to stdout.
    fn records(
        &mut self,
        worker: &Worker<'_>,
        stream: Stream,
        mut target: Option<&mut compress::Writer>,
    ) -> Result<(), Stop> {
        self.emit(&stream.header, target.as_deref_mut())?;
        let threads = self.settings.threads;
        let work = |chunk: &io::Result<Chunk>| worker.work(chunk);
        pool::ordered(threads, stream.chunks, work, |done| {
            self.take(done, worker.label, target.as_deref_mut())
        })
    }

    /// Writes to `target`, or to stdout.
    fn emit(&mut self, bytes: &[u8], target: Option<&mut compress::Writer>) -> Result<(), Stop> {
        match target {
            Some(writer) => writer.write_all(bytes).map_err(Stop::input),
            None => {
                self.unended = !bytes.is_empty() && !bytes.ends_with(b"\n");
                self.output.write_all(bytes).map_err(|error| Stop::Run(error.into()))
            }
        }
    }

    /// Takes what came of one chunk.
    fn take(
        &mut self,
        done: Done<io::Result<Chunk>, Worked>,
        label: &str,
        target: Option<&mut compress::Writer>,
    ) -> Result<(), Stop> {
        let chunk = done.item.map_err(Stop::input)?;
        let worked = done.result.unwrap_or_else(|panicked| Worked {
            errors: vec![format!("{label}: internal error: {panicked}; some records unchanged")],
            internal: true,
            ..Worked::default()
        });
        for (count, error) in (self.stats.errors..).zip(worked.errors) {
            let told = count < ERRORS_TOLD;
            self.tell(if told { Verbosity::Quiet } else { Verbosity::Verbose }, error);
        }
        self.status.failed |= worked.stats.errors > 0;
        self.status.internal |= worked.internal;
        self.stats.merge(&worked.stats);
        let records = worked.records.as_deref().unwrap_or(chunk.bytes());
        self.emit(records, target)?;
        if let Some(quarantine) = &mut self.quarantine {
            let written = quarantine.write_all(&worked.quarantined);
            written.context("cannot write the quarantine file").map_err(Stop::Run)?;
        }
        if worked.stop { Err(Stop::Record) } else { Ok(()) }
    }

    /// Ends the run and tells what was done.
    fn finish(mut self) -> Result<Status> {
        self.output.flush()?;
        if let Some(quarantine) = &mut self.quarantine {
            quarantine.flush().context("cannot write the quarantine file")?;
        }
        if let Some(path) = &self.args.stats {
            let stats = serde_json::to_string_pretty(&self.stats)? + "\n";
            std::fs::write(path, stats)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let Stats { records, changed, errors, without_field, .. } = self.stats;
        let mut text = format!("{}, {changed} changed", plural(records, "record"));
        if errors > 0 {
            text += &format!(", {errors} could not be read");
        }
        self.tell(Verbosity::Normal, text);
        if records > errors && without_field == records - errors {
            let names: Vec<_> = self.fields.iter().map(Field::name).collect();
            let fields = names.join("` or `");
            self.tell(Verbosity::Normal, format!("no record has a text in `{fields}`"));
        }
        Ok(self.status)
    }
}

/// A file beside `path` that is to become it.
fn create(path: &Path, compression: Compression) -> Result<(NamedTempFile, compress::Writer)> {
    // as for every new file, the umask takes its part of the mode
    let file = tempfile::Builder::new()
        .prefix(".hanfix-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    let writer = compress::Writer::new(compression, file.reopen()?)?;
    Ok((file, writer))
}

/// Ends the stream and gives the file its name.
fn finish(file: NamedTempFile, writer: compress::Writer, path: &Path) -> Result<()> {
    writer.finish()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
