//! `hanfix check`: findings as a report.

use std::io::Write;

use anyhow::Result;

use super::args::{CheckArgs, CheckFormat};
use super::output::{Output, Status};
use super::run::{Document, Outcome, Task, each_input};
use super::settings::Settings;
use super::walk::paths_or_default;
use crate::report::Format;
use crate::report::github::Github;
use crate::report::json::Json;
use crate::report::sarif::Sarif;
use crate::report::text::Text;

/// Writes the report and says whether there was anything to tell.
pub fn run(args: CheckArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let format: &dyn Format = match args.format {
        CheckFormat::Text => &Text { color: settings.color },
        CheckFormat::Json => &Json,
        CheckFormat::Sarif => &Sarif,
        CheckFormat::Github => &Github,
    };
    format.open(output)?;
    let mut documents = 0;
    let inputs = paths_or_default(args.paths);
    let summary = each_input(settings, inputs, &Check { format }, output, |outcome, output| {
        if !outcome.output.is_empty() {
            if documents > 0 {
                format.between(output)?;
            }
            documents += 1;
        }
        output.write_all(&outcome.output)
    })?;
    format.close(output)?;
    output.summarise(&summary, "finding");
    Ok(summary.status)
}

struct Check<'a> {
    format: &'a dyn Format,
}

impl Task for Check<'_> {
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()> {
        let report = document.report();
        outcome.items = report.edits.len() + report.findings.len();
        if outcome.items > 0 {
            outcome.status.found = true;
            self.format.document(&report, &mut outcome.output)?;
        }
        Ok(())
    }
}
