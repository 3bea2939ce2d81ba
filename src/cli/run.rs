//! What `diff`, `fix` and `check` share: every input through the pipeline, in
//! parallel, with what comes of it told in the order of the inputs.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::interrupt;
use super::output::{Message, Output, Status};
use super::pool::{self, Done, Panicked};
use super::settings::{Settings, Verbosity};
use super::walk::{Input, Walk, label};
use crate::FixedBytes;
use crate::decode::DecodeError;
use crate::report::Report;
use crate::report::text::visible;
use crate::write::Original;

/// An input that was read and went through the pipeline.
pub struct Document<'a> {
    /// What messages and reports call it.
    pub label: &'a str,
    /// Its bytes as they were read.
    pub bytes: &'a [u8],
    /// The file, unless it came from stdin.
    pub file: Option<&'a Original>,
    /// What the pipeline made of it.
    pub fixed: FixedBytes<'a>,
}

impl Document<'_> {
    /// What is told about it.
    pub fn report(&self) -> Report<'_> {
        Report {
            path: self.label,
            text: &self.fixed.decoded.text,
            edits: &self.fixed.edits,
            findings: &self.fixed.findings,
        }
    }
}

/// What came of one input.
#[derive(Default)]
pub struct Outcome {
    /// For stdout.
    pub output: Vec<u8>,
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
    /// Does it with one document, which may be clean.
    ///
    /// # Errors
    /// Where the document could not be handled; the other inputs go on.
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()>;

    /// Takes what stdin held where it could not be handled, so that a filter loses nothing.
    fn unhandled(&self, bytes: &[u8], outcome: &mut Outcome) {
        let _ = (bytes, outcome);
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

/// Runs `task` on every input; `emit` writes what came of each, in order.
///
/// # Errors
/// Where the arguments are wrong or stdout cannot be written.
pub fn each_input(
    settings: &Settings,
    inputs: Vec<PathBuf>,
    task: &impl Task,
    output: &mut Output,
    mut emit: impl FnMut(&Outcome, &mut Output) -> io::Result<()>,
) -> Result<Summary> {
    let walk = Walk::new(inputs, &settings.files)?.take_while(|_| !interrupt::asked());
    let mut summary = Summary::default();
    let work = |input: &Result<Input>| handle(input, settings, task);
    pool::ordered(settings.threads, walk, work, |done: Done<Result<Input>, Outcome>| {
        let outcome = done.result.unwrap_or_else(|panicked| internal_error(&done.item, &panicked));
        for message in &outcome.messages {
            output.tell(message);
        }
        emit(&outcome, output)?;
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

fn handle(input: &Result<Input>, settings: &Settings, task: &impl Task) -> Outcome {
    let mut outcome = Outcome::default();
    match input {
        Ok(Input::Stdin) => handle_stdin(settings, task, &mut outcome),
        Ok(Input::File { path, named }) => {
            handle_file(path, *named, settings, task, &mut outcome);
        }
        Err(error) => {
            let text = format!("{error:#}");
            outcome.messages.push(Message { level: Verbosity::Quiet, text });
            outcome.status.failed = true;
        }
    }
    outcome
}

fn handle_stdin(settings: &Settings, task: &impl Task, outcome: &mut Outcome) {
    let mut bytes = Vec::new();
    if let Err(error) = io::stdin().lock().read_to_end(&mut bytes) {
        outcome.fail("stdin", error);
    }
    if let Err(error) = process("stdin", &bytes, None, settings, task, outcome) {
        outcome.fail("stdin", error.describe());
        task.unhandled(&bytes, outcome);
    }
}

fn handle_file(
    path: &Path,
    named: bool,
    settings: &Settings,
    task: &impl Task,
    outcome: &mut Outcome,
) {
    let label = label(path);
    let original = match Original::read(path) {
        Ok(original) => original,
        Err(error) => return outcome.fail(&label, error),
    };
    match process(&label, original.bytes(), Some(&original), settings, task, outcome) {
        Err(Problem::Decode(error @ DecodeError::Binary { .. })) if !named => {
            outcome.tell(Verbosity::Verbose, &label, format!("skipped, {error}"));
        }
        Err(problem) => outcome.fail(&label, problem.describe()),
        Ok(()) => {}
    }
}

/// Why an input was not handled.
enum Problem {
    Decode(DecodeError),
    Task(anyhow::Error),
}

impl Problem {
    fn describe(&self) -> String {
        match self {
            Problem::Decode(error @ DecodeError::Unknown { .. }) => {
                format!("{error}; if it is text, name its encoding with --from ENCODING")
            }
            Problem::Decode(error) => error.to_string(),
            Problem::Task(error) => format!("{error:#}"),
        }
    }
}

/// Takes some bytes through the pipeline and hands them to the task.
fn process(
    label: &str,
    bytes: &[u8],
    file: Option<&Original>,
    settings: &Settings,
    task: &impl Task,
    outcome: &mut Outcome,
) -> Result<(), Problem> {
    let fixed = settings.fixer.fix_bytes(bytes, &settings.decoding).map_err(Problem::Decode)?;
    let document = Document { label, bytes, file, fixed };
    task.document(&document, outcome).map_err(Problem::Task)
}
