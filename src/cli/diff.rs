//! `hanfix diff`: changes as a patch or in windows.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::{DiffArgs, DiffStyle};
use super::output::{Output, Status};
use super::run::{Document, Outcome, Task, each_input};
use super::settings::Settings;
use super::walk::paths_or_default;
use crate::diff::intraline;
use crate::diff::patch::{self, PatchName};

/// Writes the changes and says whether there were any.
pub fn run(args: DiffArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let terminal = io::stdout().is_terminal();
    let usual = if terminal { DiffStyle::Intraline } else { DiffStyle::Patch };
    let task = Diff {
        style: args.style.unwrap_or(usual),
        color: settings.color,
        here: std::env::current_dir()?,
    };
    let inputs = paths_or_default(args.paths);
    let summary = each_input(settings, inputs, &task, output, |outcome, output| {
        output.write_all(&outcome.output)
    })?;
    output.summarise(&summary, "change");
    Ok(summary.status)
}

struct Diff {
    style: DiffStyle,
    color: bool,
    /// The directory that names in a patch are relative to.
    here: PathBuf,
}

impl Task for Diff {
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()> {
        let report = document.report();
        if report.edits.is_empty() {
            return Ok(());
        }
        outcome.items = report.edits.len();
        outcome.status.found = true;
        match self.style {
            DiffStyle::Intraline => intraline::write(&report, self.color, &mut outcome.output)?,
            DiffStyle::Patch => {
                let splices = document.fixed.decoded.splices(report.edits)?;
                let name = self.name(document)?;
                patch::write(&name, document.bytes, &splices, &mut outcome.output)?;
            }
        }
        Ok(())
    }
}

impl Diff {
    /// What a patch calls the document: a link by what it leads to, for neither git nor
    /// patch writes through links.
    fn name(&self, document: &Document<'_>) -> io::Result<PatchName> {
        let path = document.file.map_or(Path::new(document.label), |file| file.path());
        let path = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
        Ok(PatchName::new(&path, &self.here))
    }
}
