//! One input, read part by part and handed to its job.

use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Result;

use super::problem::{Problem, Undecodable};
use super::{Job, Outcome, Part, Source, Task};
use crate::cli::output::Message;
use crate::cli::settings::{Settings, Verbosity};
use crate::cli::walk::{Input, label};
use crate::decode::DecodeError;
use crate::report::place::Place;
use crate::write::Original;
use crate::{FixStream, FixedBytes};

/// Bytes that are read at once.
const READ: usize = 1 << 20;

/// Bytes of output that are handed on at once; less is, where an input comes to its end before
/// and where somebody may be waiting for a part of it.
const EMIT: usize = 1 << 20;

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

/// Takes an input through the pipeline, and sends what its job writes to stdout.
pub(super) fn handle(
    input: &Result<Input>,
    settings: &Settings,
    task: &impl Task,
    send: &mut dyn FnMut(Vec<u8>) -> bool,
) -> Outcome {
    let mut run = InputRun {
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
struct InputRun<'a> {
    settings: &'a Settings,
    out: Emitter<'a>,
    outcome: Outcome,
    /// Where the next part starts.
    offset: u64,
    place: Place,
}

impl InputRun<'_> {
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
        if source.file.is_some()
            || !job.unhandled(windows.bytes(), &mut self.out).map_err(closed)?
        {
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

    /// What is wrong with bytes, the next ones of the input, that are no text.
    fn undecodable(&self, error: DecodeError, bytes: &[u8]) -> Problem {
        Undecodable { bytes, offset: self.offset, start: self.place }.problem(error)
    }
}
