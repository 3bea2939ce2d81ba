//! The command line.

mod args;
mod batch;
mod check;
mod config;
mod diff;
mod explain;
mod fix;
mod interrupt;
mod output;
mod pool;
mod run;
mod settings;
mod undo;
mod walk;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use output::{Message, Output, Status};
use settings::{Settings, Verbosity};

/// Usage, configuration or internal error.
const USAGE: u8 = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(status) => status.exit_code(),
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
        Command::Check(args) => check::run(args, settings, &mut output)?,
        Command::Batch(args) => batch::run(&args, &settings, &mut output)?,
        Command::Explain(args) => explain::run(args, &settings, &mut output)?,
        Command::Undo(args) => undo::run(args, &mut output)?,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "hanfix", &mut output);
            Status::default()
        }
        Command::Man { command } => {
            manual(command.as_deref())?.render(&mut output)?;
            Status::default()
        }
    };
    output.flush()?;
    Ok(status)
}

/// The manual page of the program or of one of its commands.
fn manual(command: Option<&str>) -> Result<clap_mangen::Man> {
    let mut program = Cli::command();
    program.build();
    let Some(name) = command else { return Ok(clap_mangen::Man::new(program)) };
    let command = program.find_subcommand(name).with_context(|| format!("no command `{name}`"))?;
    // as git names the pages of its commands
    let page = command.clone().display_name(format!("hanfix-{name}"));
    Ok(clap_mangen::Man::new(page).title(format!("hanfix-{name}")))
}
