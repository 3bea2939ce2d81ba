//! `hanfix batch`: records through the pipeline, in order and in constant memory.

mod input;
mod worker;

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use super::args::{BatchArgs, RecordFormat};
use super::output::{Message, Output, Status};
use super::pool::{self, Done};
use super::settings::{Settings, Verbosity};
use crate::records::Lines;
use crate::records::chunks::{Chunk, Chunks};
use crate::records::compress::{self, Compression};
use crate::records::json::Field;
use crate::records::jsonl::Jsonl;
use crate::records::text::Text;
use input::{Input, inputs};
use worker::{Stats, Worked, Worker};

/// Records that cannot be read are told one by one up to here; a file of another
/// form would have one in every line.
const ERRORS_TOLD: u64 = 20;

/// Takes every input through the pipeline.
pub fn run(args: &BatchArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let inputs = inputs(args)?;
    let fields: Vec<Field> = args.fields.iter().map(|field| Field::new(field)).collect();
    let jsonl = Jsonl {
        fixer: &settings.fixer,
        fields: &fields,
        out_field: args.out_field.as_deref(),
        meta_field: args.meta_field.as_deref(),
    };
    let text = Text { fixer: &settings.fixer, decoding: &settings.decoding };
    let mut batch = Batch::new(args, settings, output)?;
    for input in &inputs {
        let lines: &dyn Lines = match input.format {
            RecordFormat::Jsonl => &jsonl,
            RecordFormat::Text => &text,
        };
        match batch.input(input, lines) {
            Err(Stop::Input(error)) => batch.fail(&input.label, &error),
            Err(Stop::Run(error)) => return Err(error),
            Err(Stop::Record) => break,
            Ok(()) => {}
        }
    }
    batch.finish()
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

/// The chunks of one input.
type Stream = Chunks<Box<dyn BufRead + Send>>;

/// The run over all inputs.
struct Batch<'a> {
    args: &'a BatchArgs,
    settings: &'a Settings,
    output: &'a mut Output,
    quarantine: Option<BufWriter<File>>,
    stats: Stats,
    status: Status,
}

impl<'a> Batch<'a> {
    fn new(
        args: &'a BatchArgs,
        settings: &'a Settings,
        output: &'a mut Output,
    ) -> Result<Batch<'a>> {
        ensure!(
            args.out_field.is_none() || args.fields.len() == 1,
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
        Ok(Batch { args, settings, output, quarantine, stats, status })
    }

    fn tell(&self, level: Verbosity, text: String) {
        self.output.tell(&Message { level, text });
    }

    fn fail(&mut self, label: &str, error: &anyhow::Error) {
        self.tell(Verbosity::Quiet, format!("{label}: {error:#}"));
        self.status.failed = true;
    }

    /// Takes one input to its target.
    fn input(&mut self, input: &Input, lines: &dyn Lines) -> Result<(), Stop> {
        let (compression, reader) = input.open().map_err(|error| Stop::Input(error.into()))?;
        let chunks = Chunks::new(reader, self.args.max_record_bytes.get());
        let worker = Worker { lines, label: &input.label, on_error: self.args.on_error };
        match &input.target {
            None => self.records(&worker, chunks, None),
            Some(path) => self.file(&worker, chunks, path, compression),
        }
    }

    /// Takes one input to a file, which is there only once it is whole.
    fn file(
        &mut self,
        worker: &Worker<'_>,
        chunks: Stream,
        path: &Path,
        compression: Compression,
    ) -> Result<(), Stop> {
        let cannot = |error: anyhow::Error| {
            Stop::Run(error.context(format!("cannot write {}", path.display())))
        };
        let (file, mut writer) = create(path, compression).map_err(cannot)?;
        let done = self.records(worker, chunks, Some(&mut writer));
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
        chunks: Stream,
        mut target: Option<&mut compress::Writer>,
    ) -> Result<(), Stop> {
        let threads = self.settings.threads;
        let work = |chunk: &io::Result<Chunk>| worker.work(chunk);
        pool::ordered(threads, chunks, work, |done| {
            self.take(done, worker.label, target.as_deref_mut())
        })
    }

    /// Takes what came of one chunk.
    fn take(
        &mut self,
        done: Done<io::Result<Chunk>, Worked>,
        label: &str,
        target: Option<&mut compress::Writer>,
    ) -> Result<(), Stop> {
        let chunk = done.item.map_err(|error| Stop::Input(error.into()))?;
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
        let written = match target {
            None => self.output.write_all(records),
            Some(writer) => writer.write_all(records),
        };
        written.map_err(|error| Stop::Run(error.into()))?;
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
        let mut text = format!("{records} records, {changed} changed");
        if errors > 0 {
            text += &format!(", {errors} could not be read");
        }
        self.tell(Verbosity::Normal, text);
        if records > errors && without_field == records - errors {
            let fields = self.args.fields.join("` or `");
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
