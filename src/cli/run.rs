//! What `diff`, `fix` and `check` share: every input through the pipeline, in
//! parallel, with what comes of it told in the order of the inputs.
//!
//! An input up to the size of a window is taken whole; a larger one, and stdin, window by
//! window, so that memory does not grow with it.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::interrupt;
use super::output::{Message, Output, Status};
use super::pool::{self, Event, Panicked};
use super::settings::{Settings, Verbosity};
use super::walk::{Input, Walk, label};
use crate::decode::{DecodeError, EncodeError, Evidence, Options, Splice, decode};
use crate::report::Report;
use crate::report::place::Place;
use crate::report::text::visible;
use crate::write::Original;
use crate::{FixStream, FixedBytes};

/// Bytes that are read at once.
const READ: usize = 1 << 20;

/// Bytes of output that are handed on at once; less is, where an input comes to its end before
/// and where somebody may be waiting for a part of it.
const EMIT: usize = 1 << 20;

/// An input.
pub struct Source<'a> {
    /// What messages and reports call it.
    pub label: &'a str,
    /// The file, unless it comes from stdin.
    pub file: Option<&'a Original>,
}

/// A part of an input, most often all of it, that went through the pipeline.
pub struct Part<'a> {
    /// Its bytes as they were read.
    pub bytes: &'a [u8],
    /// What the pipeline made of it.
    pub fixed: FixedBytes<'a>,
    /// Where it starts in the file, in bytes.
    pub offset: u64,
    /// The place of its start.
    pub start: Place,
}

impl Part<'_> {
    /// What the edits replace in its bytes.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn splices(&self) -> Result<Vec<Splice>> {
        let FixedBytes { decoded, edits, .. } = &self.fixed;
        decoded.splices(edits).map_err(|error| {
            let hint = self.read_otherwise().unwrap_or_else(|| {
                "`hanfix fix --to utf-8` writes an encoding that can hold it".to_owned()
            });
            anyhow!("{}; {hint}", self.unwritable(error))
        })
    }

    /// All of it with the edits, in the encoding that goes by `label`.
    ///
    /// # Errors
    /// Where the encoding cannot hold a character, or bytes stand for none.
    pub fn encode_to(&self, label: &str) -> Result<Vec<u8>> {
        let FixedBytes { decoded, edits, .. } = &self.fixed;
        decoded.encode_to(edits, label).map_err(|error| match error {
            EncodeError::Malformed { .. } => {
                anyhow!("{}; `hanfix check` lists all such bytes", self.unwritable(error))
            }
            _ => self.unwritable(error),
        })
    }

    /// An error of the file, with its place.
    fn unwritable(&self, error: EncodeError) -> anyhow::Error {
        let decoded = &self.fixed.decoded;
        let place = error.offset().map(|offset| {
            let before = &decoded.text[..decoded.text_offset(offset)];
            format!(" ({})", self.start.behind(before))
        });
        anyhow!("{}{}", error.moved(self.offset), place.unwrap_or_default())
    }

    /// What may be wrong with the encoding that was stated.
    fn read_otherwise(&self) -> Option<String> {
        let stated = &self.fixed.decoded;
        let found = decode(self.bytes, &Options::default()).ok()?;
        let is_other = stated.evidence == [Evidence::Stated] && found.encoding != stated.encoding;
        is_other.then(|| format!("without --from it reads as {}", found.encoding))
    }

    /// What is told about it.
    pub fn report<'a>(&'a self, source: &Source<'a>) -> Report<'a> {
        Report {
            path: source.label,
            decoded: &self.fixed.decoded,
            offset: self.offset,
            start: self.start,
            edits: &self.fixed.edits,
            findings: &self.fixed.findings,
        }
    }
}

/// What came of one input, but for what is written to stdout.
#[derive(Default)]
pub struct Outcome {
    /// For stderr.
    pub messages: Vec<Message>,
    /// How it went.
    pub status: Status,
    /// Edits and findings that were told, or edits that were made.
    pub items: usize,
}

impl Outcome {
    /// Tells that this input could not be read or written.
    pub fn fail(&mut self, label: &str, error: impl Display) {
        self.tell(Verbosity::Quiet, label, error);
        self.status.failed = true;
    }

    /// Tells something about this input.
    pub fn tell(&mut self, level: Verbosity, label: &str, text: impl Display) {
        self.messages.push(Message { level, text: format!("{}: {text}", visible(label)) });
    }
}

/// What a command does with its inputs.
pub trait Task: Sync {
    /// Starts with one input.
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a>;
}

/// What a command does with one input. A job that is not finished has changed nothing.
pub trait Job {
    /// Does it with the next part, which may be clean.
    ///
    /// # Errors
    /// Where the part could not be handled, or `out`, which goes to stdout, is closed.
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()>;

    /// Ends after the last part.
    ///
    /// # Errors
    /// Where the input could not be handled, or `out` is closed.
    fn finish(self: Box<Self>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()>;

    /// Takes a part of stdin that could not be handled, so that a filter loses nothing; whether
    /// the parts behind it are wanted.
    ///
    /// # Errors
    /// Where `out` is closed.
    fn unhandled(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<bool> {
        let _ = (bytes, out);
        Ok(false)
    }
}

/// How many inputs and items there were, and how it went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Inputs with items.
    pub inputs: usize,
    /// Edits and findings.
    pub items: usize,
    /// How the whole run went.
    pub status: Status,
}

/// Runs `task` on every input and writes what comes of each, in order, `between` them what
/// that writes.
///
/// # Errors
/// Where the arguments are wrong or stdout cannot be written.
pub fn each_input(
    settings: &Settings,
    inputs: Vec<PathBuf>,
    task: &impl Task,
    output: &mut Output,
    between: impl Fn(&mut Output) -> io::Result<()>,
) -> Result<Summary> {
    let walk = Walk::new(inputs, &settings.files)?.take_while(|_| !interrupt::asked());
    let mut summary = Summary::default();
    // whether the last input, and any before it, wrote something
    let (mut wrote, mut any) = (false, false);
    let work = |input: &Result<Input>, send: &mut dyn FnMut(Vec<u8>) -> bool| {
        handle(input, settings, task, send)
    };
    pool::in_parts(settings.threads, walk, work, |event| {
        let done = match event {
            Event::Part(chunk) => {
                if !wrote && any {
                    between(output)?;
                }
                (wrote, any) = (true, true);
                output.write_all(&chunk)?;
                return Ok(output.flush()?);
            }
            Event::Done(done) => done,
        };
        wrote = false;
        let outcome = done.result.unwrap_or_else(|panicked| internal_error(&done.item, &panicked));
        for message in &outcome.messages {
            output.tell(message);
        }
        summary.inputs += usize::from(outcome.items > 0);
        summary.items += outcome.items;
        summary.status.merge(outcome.status);
        Ok::<_, anyhow::Error>(())
    })?;
    output.flush()?;
    summary.status.interrupted = interrupt::asked();
    Ok(summary)
}

fn internal_error(input: &Result<Input>, panicked: &Panicked) -> Outcome {
    let mut outcome = Outcome::default();
    let label = input.as_ref().map_or_else(|_| String::new(), Input::label);
    let text = format!("internal error: {panicked}; left as it is");
    outcome.tell(Verbosity::Quiet, &label, text);
    outcome.status.internal = true;
    outcome
}

/// What a job writes, on its way to stdout.
struct Emitter<'a> {
    held: Vec<u8>,
    send: &'a mut dyn FnMut(Vec<u8>) -> bool,
}

impl Write for Emitter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= EMIT {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let is_taken = self.held.is_empty() || (self.send)(std::mem::take(&mut self.held));
        if is_taken { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

fn handle(
    input: &Result<Input>,
    settings: &Settings,
    task: &impl Task,
    send: &mut dyn FnMut(Vec<u8>) -> bool,
) -> Outcome {
    let mut run = Run {
        settings,
        out: Emitter { held: Vec::new(), send },
        outcome: Outcome::default(),
        offset: 0,
        place: Place::default(),
    };
    match input {
        Ok(Input::Stdin) => run.stdin(task),
        Ok(Input::File { path, named }) => run.file(path, *named, task),
        Err(error) => {
            let text = format!("{error:#}");
            run.outcome.messages.push(Message { level: Verbosity::Quiet, text });
            run.outcome.status.failed = true;
        }
    }
    // where it fails, nobody is left to be told
    let _ = run.out.flush();
    run.outcome
}

/// One input on its way.
struct Run<'a> {
    settings: &'a Settings,
    out: Emitter<'a>,
    outcome: Outcome,
    /// Where the next part starts.
    offset: u64,
    place: Place,
}

/// Why an input was not handled.
enum Problem {
    Read(io::Error),
    Decode {
        error: DecodeError,
        /// Where that is, and what may help.
        hint: String,
    },
    Task(anyhow::Error),
    /// The run was asked to end.
    Interrupted,
}

impl Problem {
    fn describe(&self) -> String {
        match self {
            Problem::Read(error) => error.to_string(),
            Problem::Decode { error, hint } => format!("{error}{hint}"),
            Problem::Task(error) => format!("{error:#}"),
            Problem::Interrupted => "interrupted; left as it is".to_owned(),
        }
    }
}

impl Run<'_> {
    fn stdin(&mut self, task: &impl Task) {
        let source = Source { label: "stdin", file: None };
        let mut job = task.start(&source);
        let done = self.windows(&mut io::stdin().lock(), &source, &mut *job);
        if let Err(problem) = done.and_then(|()| self.finish(job)) {
            self.outcome.fail(source.label, problem.describe());
        }
    }

    fn file(&mut self, path: &Path, named: bool, task: &impl Task) {
        let label = label(path);
        let original = match Original::open(path) {
            Ok(original) => original,
            Err(error) => return self.outcome.fail(&label, error),
        };
        let source = Source { label: &label, file: Some(&original) };
        match self.parts(&original, &source, task) {
            Err(Problem::Decode { error: error @ DecodeError::Binary { .. }, .. }) if !named => {
                self.outcome.tell(Verbosity::Verbose, &label, format!("skipped, {error}"));
            }
            Err(problem) => self.outcome.fail(&label, problem.describe()),
            Ok(()) => {}
        }
    }

    /// Takes a file through the pipeline.
    fn parts(
        &mut self,
        file: &Original,
        source: &Source<'_>,
        task: &impl Task,
    ) -> Result<(), Problem> {
        let Settings { fixer, decoding, .. } = self.settings;
        let mut job = task.start(source);
        let most = fixer.stream(decoding).most();
        let size = file.size().and_then(|size| usize::try_from(size).ok());
        let Some(size) = size.filter(|size| *size <= most) else {
            self.windows(&mut file.reader(), source, &mut *job)?;
            return self.finish(job);
        };
        // one byte more, so that reading to the end needs no second allocation
        let mut bytes = Vec::with_capacity(size + 1);
        file.reader().read_to_end(&mut bytes).map_err(Problem::Read)?;
        let fixed = fixer.fix_bytes(&bytes, decoding);
        let fixed = fixed.map_err(|error| self.undecodable(error, &bytes))?;
        self.part(&bytes, fixed, &mut *job)?;
        self.finish(job)
    }

    /// Takes what a stream holds through the pipeline, window by window.
    fn windows(
        &mut self,
        stream: &mut impl Read,
        source: &Source<'_>,
        job: &mut dyn Job,
    ) -> Result<(), Problem> {
        let mut windows = self.settings.fixer.stream(&self.settings.decoding);
        let mut chunk = vec![0; READ];
        let mut ended = false;
        while !ended {
            match stream.read(&mut chunk) {
                Ok(0) => ended = true,
                Ok(read) => windows.push(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // what came through a pipe before it broke is not lost
                Err(error) if source.file.is_none() => {
                    self.outcome.fail(source.label, error);
                    ended = true;
                }
                Err(error) => return Err(Problem::Read(error)),
            }
            if ended {
                windows.end();
            }
            while let Some(done) = self.next_window(&mut windows, job) {
                if let Err(problem) = done {
                    self.unhandled(problem, &mut windows, stream, source, job)?;
                }
                self.offset += windows.bytes().len() as u64;
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Hands the next window, if there is one, to the job.
    fn next_window(
        &mut self,
        windows: &mut FixStream,
        job: &mut dyn Job,
    ) -> Option<Result<(), Problem>> {
        let window = match windows.next_window()? {
            Ok(window) => window,
            Err(error) => return Some(Err(self.undecodable(error, windows.bytes()))),
        };
        if interrupt::asked() {
            return Some(Err(Problem::Interrupted));
        }
        let fixed = window.fixed;
        let behind = self.place.behind(&fixed.decoded.text);
        let done = self.part(fixed.decoded.bytes(), fixed, job);
        self.place = behind;
        Some(done)
    }

    fn part(
        &mut self,
        bytes: &[u8],
        fixed: FixedBytes<'_>,
        job: &mut dyn Job,
    ) -> Result<(), Problem> {
        let part = Part { bytes, fixed, offset: self.offset, start: self.place };
        job.part(&part, &mut self.out, &mut self.outcome).map_err(Problem::Task)
    }

    fn finish(&mut self, job: Box<dyn Job + '_>) -> Result<(), Problem> {
        job.finish(&mut self.out, &mut self.outcome).map_err(Problem::Task)
    }

    fn flush(&mut self) -> Result<(), Problem> {
        self.out.flush().map_err(|error| Problem::Task(error.into()))
    }

    /// Goes on behind a window that could not be handled, where that is what the job of a filter
    /// wants; the problem is told, and the bytes are passed on.
    fn unhandled(
        &mut self,
        problem: Problem,
        windows: &mut FixStream,
        stream: &mut impl Read,
        source: &Source<'_>,
        job: &mut dyn Job,
    ) -> Result<(), Problem> {
        let closed = |error: io::Error| Problem::Task(error.into());
        let is_filter = source.file.is_none() && !matches!(problem, Problem::Interrupted);
        if !is_filter || !job.unhandled(windows.bytes(), &mut self.out).map_err(closed)? {
            return Err(problem);
        }
        // what does not start as text may look like it later on
        if self.offset == 0 && matches!(problem, Problem::Decode { .. }) {
            job.unhandled(&windows.take_rest(), &mut self.out).map_err(closed)?;
            io::copy(stream, &mut self.out).map_err(closed)?;
        }
        self.outcome.fail(source.label, problem.describe());
        Ok(())
    }

    /// What is told of bytes, the next ones of the input, that are no text.
    fn undecodable(&self, error: DecodeError, bytes: &[u8]) -> Problem {
        let place = self.place_of(&error, bytes).map(|place| format!(" ({place})"));
        let help = match &error {
            DecodeError::Contradicted { encoding, offset } => {
                self.uncontradicted(encoding, *offset, bytes)
            }
            DecodeError::Mismarked { offset, .. } => {
                let rest = bytes.get(*offset..).unwrap_or_default();
                let found = decode(rest, &Options::default());
                found.map_or_else(
                    |_| String::new(),
                    |found| format!("; from there on it reads as {}", found.encoding),
                )
            }
            DecodeError::Unknown { .. } | DecodeError::Binary { .. } => {
                "; if it is text, name its encoding with --from ENCODING".to_owned()
            }
            _ => String::new(),
        };
        Problem::Decode { error, hint: place.unwrap_or_default() + &help }
    }

    /// What becomes of bytes, the next ones of the input, that are not in the encoding that was
    /// stated from `offset` of the input on, without the statement.
    fn uncontradicted(&self, stated: &str, offset: usize, bytes: &[u8]) -> String {
        let Ok(found) = decode(bytes, &Options::default()) else {
            return "; without --from its encoding is detected".to_owned();
        };
        let at = offset.saturating_sub(usize::try_from(self.offset).unwrap_or(usize::MAX));
        let segments = found.segments();
        match segments.iter().find(|segment| segment.bytes.contains(&at)) {
            Some(here) if segments.len() > 1 && here.encoding != stated => {
                format!("; without --from such bytes are read as {}", here.encoding)
            }
            _ if found.encoding != stated => {
                format!("; without --from it reads as {}", found.encoding)
            }
            _ => "; without --from such bytes are kept as they are".to_owned(),
        }
    }

    /// The place of what is wrong with bytes, the next ones of the input, in words.
    fn place_of(&self, error: &DecodeError, bytes: &[u8]) -> Option<String> {
        let start = usize::try_from(self.offset).ok()?;
        let before = bytes.get(..error.offset()?.checked_sub(start)?)?;
        if let DecodeError::Contradicted { encoding, .. } = error {
            // so far they are in it
            let before = decode(before, &Options { from: Some(encoding) }).ok()?;
            return Some(self.place.behind(&before.text).to_string());
        }
        // lines of UTF-16 do not end where bytes say so
        if before.contains(&0) {
            return None;
        }
        let line = self.place.line + memchr::memchr_iter(b'\n', before).count();
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Some(format!("line {line}, byte {}", column + 1))
    }
}
