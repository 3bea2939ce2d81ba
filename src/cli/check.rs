//! `hanfix check`: findings, or encodings or scripts, as a report.

use std::io::Write;

use anyhow::{Result, bail};

use super::args::{CheckArgs, CheckFormat};
use super::output::{Output, Status};
use super::run::{Document, Outcome, Task, each_input};
use super::settings::Settings;
use super::walk::paths_or_default;
use crate::Fixer;
use crate::report::github::Github;
use crate::report::json::Json;
use crate::report::sarif::Sarif;
use crate::report::text::Text;
use crate::report::{Format, Report, encoding, script};

/// Writes the report and says whether there was anything to tell.
pub fn run(args: CheckArgs, settings: Settings, output: &mut Output) -> Result<Status> {
    if args.encoding || args.script {
        return run_description(args, settings, output);
    }
    let settings = if args.ambiguous { with_choices(settings)? } else { settings };
    let format: &dyn Format = match args.format {
        CheckFormat::Text => &Text { color: settings.color },
        CheckFormat::Json => &Json,
        CheckFormat::Sarif => &Sarif,
        CheckFormat::Github => &Github,
    };
    format.open(output)?;
    let mut documents = 0;
    let task = Check { format, repairable_only: args.repairable_only };
    let inputs = paths_or_default(args.paths);
    let summary = each_input(&settings, inputs, &task, output, |outcome, output| {
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
    repairable_only: bool,
}

impl Task for Check<'_> {
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()> {
        let mut report = document.report();
        if self.repairable_only {
            report = Report { findings: &[], ..report };
        }
        outcome.items = report.edits.len() + report.findings.len();
        if outcome.items > 0 {
            outcome.status.found = true;
            self.format.document(&report, &mut outcome.output)?;
        }
        Ok(())
    }
}

/// Settings with which what a conversion has to guess is a finding.
fn with_choices(settings: Settings) -> Result<Settings> {
    match settings.fixer.config() {
        Some(config) if config.has_choices() => {
            Ok(Settings { fixer: settings.fixer.report_choices(), ..settings })
        }
        Some(config) => bail!("--ambiguous: nothing is ambiguous in {config}"),
        None => bail!("--ambiguous needs a conversion: --convert CONFIG"),
    }
}

/// Writes the encoding or the script of every input.
fn run_description(args: CheckArgs, settings: Settings, output: &mut Output) -> Result<Status> {
    let what = if args.encoding { "encodings" } else { "scripts" };
    let json = match args.format {
        CheckFormat::Text => false,
        CheckFormat::Json => true,
        CheckFormat::Sarif | CheckFormat::Github => {
            bail!("{what} are told as text or json, not in the form of findings")
        }
    };
    // the text need not be repaired to know what it is written in
    let fixer = Fixer::builder().repair([]).build()?;
    let settings = Settings { fixer, ..settings };
    let describe = Describe { json, color: settings.color, encoding: args.encoding };
    let inputs = paths_or_default(args.paths);
    let summary = each_input(&settings, inputs, &describe, output, |outcome, output| {
        output.write_all(&outcome.output)
    })?;
    Ok(summary.status)
}

struct Describe {
    json: bool,
    color: bool,
    /// The encoding, not the script.
    encoding: bool,
}

impl Task for Describe {
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()> {
        let (label, decoded) = (document.label, &document.fixed.decoded);
        let out = &mut outcome.output;
        match (self.encoding, self.json) {
            (true, true) => encoding::write_json(label, decoded, out)?,
            (true, false) => encoding::write_text(label, decoded, self.color, out)?,
            (false, true) => script::write_json(label, &decoded.text, out)?,
            (false, false) => script::write_text(label, &decoded.text, self.color, out)?,
        }
        Ok(())
    }
}
