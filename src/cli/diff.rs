//! `hanfix diff`: changes as a patch or in windows.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::{DiffArgs, DiffStyle};
use super::output::{Output, Status};
use super::run::{Job, Outcome, Part, Source, Task, each_input};
use super::settings::Settings;
use super::walk::paths_or_default;
use crate::diff::intraline;
use crate::diff::name::PatchName;
use crate::diff::patch::Patch;

/// Writes the changes and says whether there were any.
pub fn run(args: DiffArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let terminal = io::stdout().is_terminal();
    let usual = if terminal { DiffStyle::Intraline } else { DiffStyle::Patch };
    let task = Diff {
        style: args.style.unwrap_or(usual),
        color: settings.color,
        here: std::env::current_dir()?,
    };
    let inputs = paths_or_default(args.paths, "diff")?;
    let summary = each_input(settings, inputs, &task, output, |_| Ok(()))?;
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
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        match self.style {
            DiffStyle::Intraline => Box::new(Intraline { source, color: self.color }),
            DiffStyle::Patch => Box::new(Hunks { patch: Patch::new(self.name(source)) }),
        }
    }
}

impl Diff {
    /// What a patch calls the document: a link by what it leads to, for neither git nor
    /// patch writes through links.
    fn name(&self, source: &Source<'_>) -> PatchName {
        let path = source.file.map_or(Path::new(source.label), |file| file.path());
        let real = path.is_symlink().then(|| path.canonicalize().ok()).flatten();
        PatchName::new(real.as_deref().unwrap_or(path), &self.here)
    }
}

/// Counts the changes of a part.
fn count(part: &Part<'_>, outcome: &mut Outcome) {
    outcome.items += part.fixed.edits.len();
    outcome.status.found |= !part.fixed.edits.is_empty();
}

struct Intraline<'a> {
    source: &'a Source<'a>,
    color: bool,
}

impl Job for Intraline<'_> {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()> {
        count(part, outcome);
        Ok(intraline::write(&part.report(self.source), self.color, out)?)
    }

    fn finish(self: Box<Self>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        Ok(())
    }
}

struct Hunks {
    patch: Patch,
}

impl Job for Hunks {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()> {
        let splices = part.splices()?;
        count(part, outcome);
        Ok(self.patch.part(part.bytes, &splices, out)?)
    }

    fn finish(self: Box<Self>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        Ok(self.patch.finish(out)?)
    }
}
