//! `hanfix batch`: records through the pipeline, in order and in constant memory.

mod conflict;
mod input;
mod lines;
mod manifest;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
mod partial;
mod policy;
mod sink;
mod stats;
mod wet;

use std::fs::create_dir_all;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

#[cfg(feature = "parquet")]
use anyhow::anyhow;
use anyhow::{Context, Result, ensure};

use super::args::{BatchArgs, RecordFormat};
use super::interrupt;
use super::output::{Message, Output, Status, plural};
use super::pool::{self, Done};
use super::settings::{Settings, Verbosity};
use crate::records::chunks::Chunks;
use crate::records::compress::{self, Compression};
use crate::records::csv::{Csv, Dialect};
use crate::records::field::Field;
use crate::records::jsonl::Jsonl;
use crate::records::text::Text;
use crate::records::wet::Layout;
use crate::records::{Lines, until_error, wet as warc};
use crate::write::temporary::commit_guard;
use conflict::refuse_conflicts;
use input::{Input, inputs};
use manifest::{Manifest, Options, Stamp};
use partial::Late;
use policy::{Policy, Portion, Worked};
use sink::{Quarantine, Sink};
use stats::Stats;

/// Records that cannot be read are told one by one up to here; a file of another
/// form would have one in every line.
const ERRORS_TOLD: u64 = 20;

/// How many bytes of records are read ahead: room for the largest records that the usual
/// `--max-record-bytes` allows on several threads, where usual ones need a hundredth.
const IN_FLIGHT: usize = 1 << 26;

/// The field that is text in most corpora.
const USUAL_FIELD: &str = "text";

/// An input as it is opened.
type Stream = BufReader<Box<dyn Read + Send>>;

/// An input cut into lines.
type LineChunks = Chunks<Box<dyn BufRead + Send>>;

/// Takes every input through the pipeline; `stated` says that `--from` is among the arguments.
pub fn run(
    args: &BatchArgs,
    stated: bool,
    settings: &Settings,
    output: &mut Output,
) -> Result<Status> {
    let inputs = inputs(args)?;
    options::refuse_idle(args, stated, &inputs)?;
    options::refuse_wide_lines(settings, &inputs)?;
    refuse_conflicts(args, settings, &inputs)?;
    let usual = [Field::named(USUAL_FIELD)];
    let fields = if args.fields.is_empty() { &usual } else { args.fields.as_slice() };
    if args.writes_files() {
        interrupt::leave_no_traces()?;
        output.expect_files();
    }
    let mut batch = BatchRun::new(args, fields, settings, output)?;
    let done = if args.resume { batch.done(&inputs)? } else { Vec::new() };
    for (at, input) in inputs.iter().enumerate() {
        if let Some(Some(manifest)) = done.get(at) {
            batch.skip(input, manifest);
            continue;
        }
        match batch.input(input) {
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
    /// Nothing can go on.
    Run(anyhow::Error),
    /// A record cannot be read, and `--on-error fail` ends the run.
    Record,
}

impl Stop {
    fn input(error: impl Into<anyhow::Error>) -> Stop {
        Stop::Input(error.into())
    }
}

/// The run over all inputs.
struct BatchRun<'a> {
    args: &'a BatchArgs,
    fields: &'a [Field],
    settings: &'a Settings,
    output: &'a mut Output,
    quarantine: Option<Quarantine>,
    stats_file: Option<Late>,
    options: Options,
    /// What this run did.
    stats: Stats,
    /// Inputs that earlier runs had done.
    skipped: u64,
    /// What those did.
    earlier: Stats,
    status: Status,
    /// What went to stdout last lacks its newline.
    unended: bool,
}

impl<'a> BatchRun<'a> {
    fn new(
        args: &'a BatchArgs,
        fields: &'a [Field],
        settings: &'a Settings,
        output: &'a mut Output,
    ) -> Result<BatchRun<'a>> {
        ensure!(
            args.out_field.is_none()
                || fields.len() == 1 && !fields.iter().any(Field::has_wildcard),
            "--out-field takes the text of one --field"
        );
        for directory in [&args.output, &args.sidecar].into_iter().flatten() {
            create_dir_all(directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        let cannot_create = |path: &Path| format!("cannot create {}", path.display());
        // a run that goes on keeps what the one before it took out
        let quarantine = args
            .quarantine
            .as_deref()
            .map(|path| Quarantine::create(path, args.resume).with_context(|| cannot_create(path)));
        let stats_file = args
            .stats
            .as_deref()
            .map(|path| Late::create(path).with_context(|| cannot_create(path)));
        Ok(BatchRun {
            args,
            fields,
            settings,
            output,
            quarantine: quarantine.transpose()?,
            stats_file: stats_file.transpose()?,
            options: options::of_result(args, fields, settings),
            stats: Stats::new(),
            skipped: 0,
            earlier: Stats::default(),
            status: Status::default(),
            unended: false,
        })
    }

    fn tell(&self, level: Verbosity, text: String) {
        self.output.tell(&Message { level, text });
    }

    /// Tells what is wrong with records, of which `before` came before.
    fn tell_errors(&mut self, before: u64, errors: Vec<String>) {
        self.status.failed |= !errors.is_empty();
        for (count, error) in (before..).zip(errors) {
            let told = count < ERRORS_TOLD;
            self.tell(if told { Verbosity::Quiet } else { Verbosity::Verbose }, error);
        }
    }

    fn fail(&mut self, label: &str, error: &anyhow::Error) {
        self.tell(Verbosity::Quiet, format!("{label}: {error:#}"));
        self.status.failed = true;
    }

    /// The manifests of those inputs that an earlier run took to their end.
    fn done(&self, inputs: &[Input]) -> Result<Vec<Option<Manifest>>> {
        let find = |input: &Input| match (&input.path, &input.target) {
            (Some(path), Some(target)) => Manifest::find(path, target, &self.options),
            _ => Ok(None),
        };
        inputs.iter().map(find).collect()
    }

    /// Leaves out an input that is done.
    fn skip(&mut self, input: &Input, manifest: &Manifest) {
        self.tell(Verbosity::Verbose, format!("{}: done by an earlier run", input.label));
        self.status.failed |= manifest.stats.errors > 0;
        self.skipped += 1;
        self.earlier.merge(&manifest.stats);
    }

    /// Takes one input to its target.
    fn input(&mut self, input: &Input) -> Result<(), Stop> {
        let (compression, stream) = input.open().and_then(compress::detect).map_err(Stop::input)?;
        // the last record of the input before this one must not run into the next
        if input.target.is_none() && std::mem::take(&mut self.unended) {
            self.output.write_all(b"\n").map_err(|error| Stop::Run(error.into()))?;
        }
        match input.format {
            RecordFormat::Wet => self.wet(input, compression, stream),
            #[cfg(feature = "parquet")]
            RecordFormat::Parquet => {
                let done = pool::guarded(|| self.parquet(input, stream));
                done.unwrap_or_else(|panicked| {
                    self.status.internal = true;
                    Err(Stop::Input(anyhow!("internal error: {panicked}")))
                })
            }
            RecordFormat::Csv => self.table(input, compression, stream, Dialect::COMMA),
            RecordFormat::Tsv => self.table(input, compression, stream, Dialect::TAB),
            RecordFormat::Jsonl => {
                let lines = Jsonl {
                    fixer: &self.settings.fixer,
                    fields: self.fields,
                    out_field: self.args.out_field.as_deref(),
                    meta_field: self.args.meta_field.as_deref(),
                };
                let chunks = self.chunks(compression, stream)?;
                self.lines(input, compression, &[], chunks, &lines)
            }
            RecordFormat::Text => {
                let (fixer, decoding) = (&self.settings.fixer, &self.settings.decoding);
                let chunks = self.chunks(compression, stream)?;
                self.lines(input, compression, &[], chunks, &Text { fixer, decoding })
            }
        }
    }

    fn chunks(&self, compression: Compression, stream: Stream) -> Result<LineChunks, Stop> {
        let reader = compress::reader(compression, stream).map_err(Stop::input)?;
        Ok(Chunks::new(reader, self.args.max_record_bytes.get()))
    }

    /// Takes records with named columns to their target.
    fn table(
        &mut self,
        input: &Input,
        compression: Compression,
        stream: Stream,
        dialect: Dialect,
    ) -> Result<(), Stop> {
        let delimiter = self.args.delimiter.unwrap_or(dialect.delimiter);
        let dialect = Dialect { delimiter, ..dialect };
        let mut chunks = self.chunks(compression, stream)?.quoted(dialect.quotes_of_stream());
        let header = chunks.take_line().map_err(Stop::input)?;
        let csv = Csv::new(&self.settings.fixer, dialect, &header, self.fields);
        self.lines(input, compression, &header, chunks, &csv.map_err(Stop::input)?)
    }

    /// Takes records that are lines to their target, what goes before them as it is.
    fn lines(
        &mut self,
        input: &Input,
        compression: Compression,
        header: &[u8],
        chunks: LineChunks,
        lines: &dyn Lines,
    ) -> Result<(), Stop> {
        let worker = lines::Worker { lines, policy: self.policy(input) };
        self.stream(input, compression, header, chunks, |chunk| worker.work(chunk))
    }

    /// Takes WARC records to their target.
    fn wet(&mut self, input: &Input, compression: Compression, stream: Stream) -> Result<(), Stop> {
        let limit = self.args.max_record_bytes.get();
        let keep = input.target.is_some();
        let (compression, parts) = match compression {
            Compression::Gzip => match warc::open(stream, limit, keep).map_err(Stop::input)? {
                (Layout::Members, parts) => (Compression::None, parts),
                (Layout::Stream, parts) => (compression, parts),
            },
            _ => {
                let reader = compress::reader(compression, stream).map_err(Stop::input)?;
                (compression, warc::records(reader, limit))
            }
        };
        let worker = wet::Worker { fixer: &self.settings.fixer, policy: self.policy(input) };
        self.stream(input, compression, &[], parts, |part| worker.work(part))
    }

    fn policy<'i>(&self, input: &'i Input) -> Policy<'i> {
        let sidecar = input.sidecar.is_some();
        Policy { label: &input.label, on_error: self.args.on_error, sidecar }
    }

    /// Takes the records of one input through the workers to their target.
    fn stream<P: Portion>(
        &mut self,
        input: &Input,
        compression: Compression,
        header: &[u8],
        portions: impl Iterator<Item = io::Result<P>> + Send,
        work: impl Fn(&P) -> Worked + Sync,
    ) -> Result<(), Stop> {
        let stamp = input.stamp();
        let sink = Sink::new(input, compression, self.quarantine.is_some());
        let mut sink = sink.map_err(Stop::Input)?;
        self.pass(&mut sink, header)?;
        let work =
            |portion: &io::Result<P>| portion.as_ref().map_or_else(|_| Worked::default(), &work);
        let size = |portion: &io::Result<P>| portion.as_ref().map_or(0, Portion::size);
        let threads = self.settings.threads;
        let portions = until_error(portions);
        let done = pool::ordered(threads, IN_FLIGHT, size, portions, work, |done| {
            self.take(done, &input.label, &mut sink)
        });
        self.stats.merge(&sink.stats);
        self.doubt_format(input, &sink.stats);
        match (done, &input.target) {
            (Ok(()), _) => self.end(input, stamp, sink),
            // what went to stdout cannot be taken back
            (Err(stop), None) => {
                let _commit = commit_guard();
                sink.finish(self.quarantine.as_mut()).map_err(Stop::Input)?;
                Err(stop)
            }
            (Err(stop), Some(target)) => {
                // a part under the name of the whole would be taken for it
                let text = format!("{}: {} is not written", input.label, target.display());
                self.tell(Verbosity::Normal, text);
                Err(stop)
            }
        }
    }

    /// Tells where hardly a record of an input could be read that its form may be another.
    fn doubt_format(&self, input: &Input, stats: &Stats) {
        if input.format == RecordFormat::Jsonl && 2 * stats.errors > stats.records {
            let text = format!(
                "{}: not one JSON object a line; `--format text` is for lines of text, and \
                 `jq -c .[]` writes the elements of an array as lines",
                input.label
            );
            self.tell(Verbosity::Quiet, text);
        }
    }

    /// Gives the files of an input their names, and notes that it is done.
    fn end(&mut self, input: &Input, stamp: Option<Stamp>, sink: Sink) -> Result<(), Stop> {
        let _commit = commit_guard();
        let stats = sink.finish(self.quarantine.as_mut()).map_err(Stop::Input)?;
        if let (Some(stamp), Some(target)) = (stamp, &input.target) {
            Manifest::write(stamp, target, &self.options, &stats).map_err(Stop::Input)?;
        }
        Ok(())
    }

    /// Takes what came of some records.
    fn take<P: Portion>(
        &mut self,
        done: Done<io::Result<P>, Worked>,
        label: &str,
        sink: &mut Sink,
    ) -> Result<(), Stop> {
        let portion = done.item.map_err(Stop::input)?;
        let worked = done.result.unwrap_or_else(|panicked| Worked {
            errors: vec![format!("{label}: internal error: {panicked}; some records unchanged")],
            internal: true,
            ..Worked::default()
        });
        self.tell_errors(self.stats.errors + sink.stats.errors, worked.errors);
        self.status.internal |= worked.internal;
        sink.stats.merge(&worked.stats);
        sink.tell(&worked.sidecar).map_err(Stop::input)?;
        sink.quarantine(&worked.quarantined).map_err(Stop::input)?;
        match (worked.records, &mut sink.target) {
            (Some(records), Some(target)) => target.write_changed(&records).map_err(Stop::input)?,
            (Some(records), None) => self.print(|out| out.write_all(&records))?,
            (None, Some(target)) => portion.pass(target.unchanged()).map_err(Stop::input)?,
            (None, None) => self.print(|out| portion.pass(out))?,
        }
        if worked.stop { Err(Stop::Record) } else { Ok(()) }
    }

    /// Passes on what is no record.
    fn pass(&mut self, sink: &mut Sink, bytes: &[u8]) -> Result<(), Stop> {
        match &mut sink.target {
            Some(target) => target.unchanged().write_all(bytes).map_err(Stop::input),
            None => self.print(|out| out.write_all(bytes)),
        }
    }

    /// Writes to stdout.
    fn print(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
        let mut out = LastByte { inner: &mut *self.output, last: None };
        let written = write(&mut out);
        if let Some(last) = out.last {
            self.unended = last != b'\n';
        }
        written.map_err(|error| Stop::Run(error.into()))
    }

    /// Ends the run and tells what was done.
    fn finish(mut self) -> Result<Status> {
        self.output.flush()?;
        if let Some((file, path)) = self.stats_file.take().zip(self.args.stats.as_ref()) {
            let mut all = self.stats.clone();
            all.merge(&self.earlier);
            let stats = serde_json::to_string_pretty(&all)? + "\n";
            file.finish(stats.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let mut text = self.stats.to_string();
        if self.skipped > 0 {
            let inputs = plural(self.skipped, "input");
            text += &format!("; {inputs} done by an earlier run: {}", self.earlier);
        }
        self.tell(Verbosity::Normal, text);
        let Stats { records, errors, without_field, .. } = self.stats;
        if records > errors && without_field == records - errors {
            let names: Vec<_> = self.fields.iter().map(Field::name).collect();
            let fields = names.join("` or `");
            self.tell(Verbosity::Normal, format!("no record has a text in `{fields}`"));
        }
        Ok(self.status)
    }
}

/// A writer that knows its last byte.
struct LastByte<W> {
    inner: W,
    last: Option<u8>,
}

impl<W: Write> Write for LastByte<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.last = bytes[..written].last().copied().or(self.last);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
