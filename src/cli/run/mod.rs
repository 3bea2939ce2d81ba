//! What `diff`, `fix` and `check` share: every input through the pipeline, in
//! parallel, with what comes of it told in the order of the inputs.
//!
//! An input up to the size of a window is taken whole; a larger one, and stdin, window by
//! window, so that memory does not grow with it.

mod input;
mod problem;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};

use super::output::{Message, Output, Status};
use super::pool::{self, Event, Panicked};
use super::settings::{Settings, Verbosity};
use super::walk::{Input, Walk};
use crate::FixedBytes;
use crate::decode::{EncodeError, Evidence, Options, Splice, decode};
use crate::report::Report;
use crate::report::place::Place;
use crate::report::text::visible;
use crate::write::Original;

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
    let walk = Walk::new(inputs, &settings.files)?;
    let mut summary = Summary::default();
    // whether the last input, and any before it, wrote something
    let (mut wrote, mut any) = (false, false);
    let work = |input: &Result<Input>, send: &mut dyn FnMut(Vec<u8>) -> bool| {
        input::handle(input, settings, task, send)
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
