//! `hanfix explain`: every edit of a text with the evidence for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::args::ExplainArgs;
use super::output::{Message, Output, Status};
use super::run::{Job, Outcome, Part, Source, Task, each_input};
use super::settings::{Settings, Verbosity};
use super::walk::stdin_is_given;
use crate::edit::Edit;
use crate::report::Item;
use crate::report::place::Place;
use crate::report::text::{Palette, elided};

/// Explains the text.
pub fn run(args: ExplainArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let task = Explain { palette: Palette::new(settings.color) };
    match args.text {
        Some(text) if text != "-" => task.text(&text, settings, output),
        named => {
            ensure!(named.is_some() || stdin_is_given(), "no TEXT given, and nothing is piped in");
            let stdin = vec![PathBuf::from("-")];
            let summary = each_input(settings, stdin, &task, output, |_| Ok(()))?;
            Ok(Status { found: false, ..summary.status })
        }
    }
}

struct Explain {
    palette: Palette,
}

impl Explain {
    /// Explains a text of the command line.
    fn text(&self, text: &str, settings: &Settings, output: &mut Output) -> Result<Status> {
        if Path::new(text).is_file() {
            let text = format!(
                "`{text}` is explained as a text; `hanfix explain - < {text}` is for the file"
            );
            output.tell(&Message { level: Verbosity::Normal, text });
        }
        let fixed = settings.fixer.fix_bytes(text.as_bytes(), &settings.decoding)?;
        let source = Source { label: "TEXT", file: None };
        let part = Part { bytes: text.as_bytes(), fixed, offset: 0, start: Place::default() };
        let mut outcome = Outcome::default();
        let mut job = self.start(&source);
        job.part(&part, output, &mut outcome)?;
        job.finish(output, &mut outcome)?;
        Ok(outcome.status)
    }
}

impl Task for Explain {
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        Box::new(ExplainOne { palette: &self.palette, source, any: false })
    }
}

struct ExplainOne<'a> {
    palette: &'a Palette,
    source: &'a Source<'a>,
    /// Whether anything was explained.
    any: bool,
}

impl Job for ExplainOne<'_> {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        let report = part.report(self.source);
        let Palette { note, .. } = self.palette;
        let mut places = report.places();
        for item in report.items() {
            self.any = true;
            let (place, kind) = (places.at(item.range().start), item.kind());
            writeln!(out, "{}:{} {note}{kind}{note:#}", place.line, place.column)?;
            match item {
                Item::Edit(edit) => write_edit(edit, self.palette, out)?,
                Item::Finding(finding) => {
                    writeln!(out, "  seen    {}", elided(&finding.before))?;
                    writeln!(out, "  kept    {}", finding.message)?;
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        if !self.any {
            writeln!(out, "nothing to repair")?;
        }
        Ok(())
    }
}

/// The way from before to after, and what speaks for it.
fn write_edit(edit: &Edit, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let Palette { before, after, .. } = palette;
    writeln!(out, "  before  {before}{}{before:#}", elided(&edit.before))?;
    for step in edit.steps.iter() {
        writeln!(out, "  step    {step}")?;
    }
    writeln!(out, "  after   {after}{}{after:#}", elided(&edit.after))?;
    writeln!(out, "  safety  {}", edit.safety.name())?;
    writeln!(out, "  gain    {} bits", edit.bits)?;
    for filled in &edit.filled {
        writeln!(out, "  filled  {} with probability {:.3}", filled.character, filled.posterior)?;
    }
    Ok(())
}
