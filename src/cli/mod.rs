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

use args::{Cli, Command, Common, FileArgs, OutputArgs, Workers};
use output::{Message, Output, Status};
use settings::{Settings, Verbosity};

/// Usage, configuration or internal error.
const USAGE: u8 = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let Cli { command, output: args } = Cli::parse();
    let mut output = Output::new(args.into());
    match run(command, args, &mut output) {
        Ok(status) => status.exit_code(),
        Err(error) => {
            let text = format!("{error:#}");
            output.tell(&Message { level: Verbosity::Quiet, text });
            if output::is_stdout(&error) {
                return Status { failed: true, ..Status::default() }.exit_code();
            }
            ExitCode::from(USAGE)
        }
    }
}

fn run(command: Command, output_args: OutputArgs, output: &mut Output) -> Result<Status> {
    let with = |common| Settings::new(common, output_args);
    let status = match command {
        Command::Diff { args, common } => diff::run(args, &with(common)?, output)?,
        Command::Fix { args, common } => fix::run(args, &with(common)?, output)?,
        Command::Check { args, common } => check::run(args, with(common)?, output)?,
        Command::Batch { args, text, workers, defaults } => {
            let files = FileArgs::default();
            let stated = text.from.is_some();
            let settings = with(Common { text, files, workers, defaults })?;
            batch::run(&args, stated, &settings, output)?
        }
        Command::Explain { args, text, defaults } => {
            let (files, workers) = <(FileArgs, Workers)>::default();
            explain::run(args, &with(Common { text, files, workers, defaults })?, output)?
        }
        Command::Undo(args) => undo::run(args, output)?,
        Command::Completions { shell } => {
            complete(shell, output)?;
            Status::default()
        }
        Command::Man { command } => {
            manual(command.as_deref())?.render(output)?;
            Status::default()
        }
    };
    output.flush()?;
    Ok(status)
}

/// Writes the completion script for a shell.
fn complete(shell: clap_complete::Shell, output: &mut Output) -> Result<()> {
    let mut script = Vec::new();
    // the generator panics where it cannot write
    clap_complete::generate(shell, &mut Cli::command(), "hanfix", &mut script);
    Ok(output.write_all(&script)?)
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
