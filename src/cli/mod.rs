//! The command line.

mod args;
mod batch;
mod check;
mod config;
mod diff;
mod explain;
mod fix;
mod output;
mod pool;
mod run;
mod settings;
mod undo;
mod walk;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use output::{Message, Output, Status, is_closed_pipe};
use settings::{Settings, Verbosity};

/// Usage, configuration or internal error.
const USAGE: u8 = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(status) => status.exit_code(),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("{error:#}");
            Output::new(Verbosity::Quiet).tell(&Message { level: Verbosity::Quiet, text });
            ExitCode::from(USAGE)
        }
    }
}

fn run(cli: Cli) -> Result<Status> {
    let settings = Settings::new(cli.common)?;
    let mut output = Output::new(settings.verbosity);
    let status = match cli.command {
        Command::Diff(args) => diff::run(args, &settings, &mut output)?,
        Command::Fix(args) => fix::run(args, &settings, &mut output)?,
        Command::Check(args) => check::run(args, &settings, &mut output)?,
        Command::Batch(args) => batch::run(&args, &settings, &mut output)?,
        Command::Explain(args) => explain::run(args, &settings, &mut output)?,
        Command::Undo(args) => undo::run(args, &mut output)?,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "hanfix", &mut output);
            Status::default()
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut output)?;
            Status::default()
        }
    };
    output.flush()?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings of a command line without options.
    pub(super) fn settings() -> Settings {
        Settings::new(Cli::parse_from(["hanfix", "man"]).common).unwrap()
    }
}
