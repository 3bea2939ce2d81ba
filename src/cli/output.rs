//! stdout for results, stderr for everything else.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use super::run::Summary;
use super::settings::Verbosity;
use crate::report::text::visible;
use crate::write::temporary::leave;

/// The exit code where an input could not be read or written.
const FAILED: u8 = 3;

/// How a run went; decides the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// There are findings or differences.
    pub found: bool,
    /// An input could not be read or written.
    pub failed: bool,
    /// A bug of ours was met.
    pub internal: bool,
}

impl Status {
    /// Adds what another part of the run met.
    pub fn merge(&mut self, other: Status) {
        self.found |= other.found;
        self.failed |= other.failed;
        self.internal |= other.internal;
    }

    /// The exit code: the worst of what was met.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Status { internal: true, .. } => ExitCode::from(2),
            Status { failed: true, .. } => ExitCode::from(FAILED),
            Status { found: true, .. } => ExitCode::from(1),
            _ => ExitCode::SUCCESS,
        }
    }
}

/// Something to be told on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The least verbosity at which it is told.
    pub level: Verbosity,
    /// One line, without the name of the program.
    pub text: String,
}

/// A number of things, in words.
pub fn plural<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    format!("{count} {thing}{}", if count == N::from(1) { "" } else { "s" })
}

/// The streams of the process.
pub struct Output {
    stdout: io::StdoutLock<'static>,
    verbosity: Verbosity,
    writes_files: bool,
}

impl Output {
    /// The streams, told as much as `verbosity` says.
    pub fn new(verbosity: Verbosity) -> Output {
        Output { stdout: io::stdout().lock(), verbosity, writes_files: false }
    }

    /// The run writes files beside what goes to stdout, so that it has failed where its reader
    /// leaves before all is done.
    pub fn expect_files(&mut self) {
        self.writes_files = true;
    }

    /// Tells something on stderr, and nothing to the terminal: a file may be named `\x1B[2J`.
    pub fn tell(&self, message: &Message) {
        if message.level <= self.verbosity {
            // that of a configuration file that cannot be read has several lines
            let lines: Vec<_> = message.text.split('\n').map(visible).collect();
            // nobody is left to be told that stderr is gone
            let _ = writeln!(io::stderr(), "hanfix: {}", lines.join("\n"));
        }
    }

    /// Tells how many `things` were met in how many files.
    pub fn summarise(&self, summary: &Summary, thing: &str) {
        if summary.items > 0 {
            let (items, inputs) = (plural(summary.items, thing), plural(summary.inputs, "file"));
            let text = format!("{items} in {inputs}");
            self.tell(&Message { level: Verbosity::Normal, text });
        }
    }

    /// Ends the process where the reader of stdout is gone, as `head` goes: that is no failure,
    /// unless files were wanted too. Nothing could wait for the other threads, one of which may
    /// be reading a slow pipe.
    fn leave_if_closed(&self, error: &io::Error) {
        if error.kind() != io::ErrorKind::BrokenPipe {
            return;
        }
        if !self.writes_files {
            leave(0);
        }
        let text = "stdout was closed; an input that was not done by then has no files".to_owned();
        self.tell(&Message { level: Verbosity::Quiet, text });
        leave(i32::from(FAILED));
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stdout.write(bytes);
        written.inspect_err(|error| self.leave_if_closed(error)).map_err(unwritable)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.stdout.flush();
        flushed.inspect_err(|error| self.leave_if_closed(error)).map_err(unwritable)
    }
}

/// The results cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to stdout: {0}")]
struct StdoutError(io::Error);

fn unwritable(error: io::Error) -> io::Error {
    match error.kind() {
        // for those who try again
        io::ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, StdoutError(error)),
    }
}

/// Whether a run ended because its results cannot be written: no fault of its arguments.
pub fn is_stdout(error: &anyhow::Error) -> bool {
    let inner = error.root_cause().downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<StdoutError>())
}
