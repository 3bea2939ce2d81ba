//! `hanfix check`: findings, or encodings or scripts, as a report.

use std::io::Write;

use anyhow::{Result, bail};

use super::args::{CheckArgs, CheckFormat};
use super::output::{Output, Status};
use super::run::{Job, Outcome, Part, Source, Task, each_input};
use super::settings::Settings;
use super::walk::paths_or_default;
use crate::Fixer;
use crate::report::encoding::{self, Encoding};
use crate::report::github::Github;
use crate::report::json::Json;
use crate::report::sarif::Sarif;
use crate::report::script::{self, Scripts};
use crate::report::text::Text;
use crate::report::{Format, Report};

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
    let task = Check { format, repairable_only: args.repairable_only };
    let inputs = paths_or_default(args.paths, "check")?;
    let summary = each_input(&settings, inputs, &task, output, |output| format.between(output))?;
    format.close(output)?;
    output.summarise(&summary, "finding");
    Ok(summary.status)
}

struct Check<'a> {
    format: &'a dyn Format,
    repairable_only: bool,
}

impl Task for Check<'_> {
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        Box::new(CheckOne { check: self, source, any: false })
    }
}

struct CheckOne<'a> {
    check: &'a Check<'a>,
    source: &'a Source<'a>,
    /// Whether a part before had items.
    any: bool,
}

impl Job for CheckOne<'_> {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()> {
        let Check { format, repairable_only } = self.check;
        let mut report = part.report(self.source);
        if *repairable_only {
            report = Report { findings: &[], ..report };
        }
        let items = report.edits.len() + report.findings.len();
        if items == 0 {
            return Ok(());
        }
        outcome.items += items;
        outcome.status.found = true;
        if std::mem::replace(&mut self.any, true) {
            format.between(out)?;
        }
        Ok(format.document(&report, out)?)
    }

    fn finish(self: Box<Self>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
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
    let inputs = paths_or_default(args.paths, "check")?;
    let summary = each_input(&settings, inputs, &describe, output, |_| Ok(()))?;
    Ok(summary.status)
}

struct Describe {
    json: bool,
    color: bool,
    /// The encoding, not the script.
    encoding: bool,
}

impl Task for Describe {
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        if self.encoding {
            Box::new(EncodingOf { describe: self, source, found: None })
        } else {
            Box::new(ScriptOf { describe: self, source, found: Scripts::default() })
        }
    }
}

struct EncodingOf<'a> {
    describe: &'a Describe,
    source: &'a Source<'a>,
    found: Option<Encoding>,
}

impl Job for EncodingOf<'_> {
    fn part(&mut self, part: &Part<'_>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        match &mut self.found {
            Some(found) => found.add(&part.fixed.decoded, part.offset),
            first => *first = Some(Encoding::of(&part.fixed.decoded)),
        }
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        let (label, Describe { json, color, .. }) = (self.source.label, self.describe);
        match &self.found {
            Some(found) if *json => encoding::write_json(label, found, out)?,
            Some(found) => encoding::write_text(label, found, *color, out)?,
            None => {}
        }
        Ok(())
    }
}

struct ScriptOf<'a> {
    describe: &'a Describe,
    source: &'a Source<'a>,
    found: Scripts,
}

impl Job for ScriptOf<'_> {
    fn part(&mut self, part: &Part<'_>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        self.found.add(&part.fixed.decoded.text, part.start);
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        let (label, Describe { json, color, .. }) = (self.source.label, self.describe);
        if *json {
            script::write_json(label, &self.found, out)?;
        } else {
            script::write_text(label, &self.found, *color, out)?;
        }
        Ok(())
    }
}
