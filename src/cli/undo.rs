//! `hanfix undo`: files as they were before a run.

use std::io::{self, Write};

use anyhow::{Context, Result, anyhow};

use super::args::UndoArgs;
use super::fix::journals;
use super::interrupt;
use super::output::{Message, Output, Status, plural};
use super::settings::Verbosity;
use super::walk::label;
use crate::write::journal::Journals;

/// Undoes a run, or lists those that can be.
pub fn run(args: UndoArgs, output: &mut Output) -> Result<Status> {
    let journals = journals(args.journal)?;
    if args.list { list(&journals, output) } else { undo(&journals, args.run, output) }
}

fn list(journals: &Journals, output: &mut Output) -> Result<Status> {
    for summary in journals.list().context("cannot read the undo journal")? {
        let (files, age) = (plural(summary.files, "file"), age(summary.age));
        writeln!(output, "{}\t{files}\t{age} ago", summary.run)?;
    }
    Ok(Status::default())
}

fn undo(journals: &Journals, run: Option<u32>, output: &mut Output) -> Result<Status> {
    interrupt::leave_no_traces()?;
    let last = journals.last().context("cannot read the undo journal")?;
    let run = run.or(last).context("no run to undo")?;
    let undone = journals.undo(run).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            anyhow!("no run {run}; `hanfix undo --list` lists those there are")
        }
        _ => anyhow!(error).context(format!("cannot undo run {run}")),
    })?;
    let mut status = Status::default();
    if undone.is_torn {
        let text = format!("run {run}: its journal ends within an entry, which is passed over");
        output.tell(&Message { level: Verbosity::Normal, text });
    }
    let (mut files, all) = (0, undone.files.len());
    for file in undone.files {
        match file.result {
            Ok(()) => files += 1,
            Err(error) => {
                let text = format!("{}: {error}", label(&file.path));
                output.tell(&Message { level: Verbosity::Quiet, text });
                status.failed = true;
            }
        }
    }
    let text = match files {
        _ if files == all => format!("run {run} undone in {}", plural(files, "file")),
        0 => format!("run {run} is not undone"),
        _ => format!("run {run} undone in {files} of {}", plural(all, "file")),
    };
    output.tell(&Message { level: Verbosity::Normal, text });
    Ok(status)
}

/// Seconds in the largest unit that fits.
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
