//! `hanfix explain`: every edit of a text with the evidence for it, and what else was tried.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::args::ExplainArgs;
use super::output::{Message, Output, Status};
use super::run::{Job, Outcome, Part, Source, Task, each_input};
use super::settings::{Settings, Verbosity};
use super::walk::stdin_is_given;
use crate::edit::{Edit, Filled, Step};
use crate::fixer::Fixer;
use crate::repair::{Explained, Tried};
use crate::report::Item;
use crate::report::place::Place;
use crate::report::text::{Palette, elided};

/// Explains the text.
pub fn run(args: ExplainArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let task = Explain { palette: Palette::new(settings.color), fixer: &settings.fixer };
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

struct Explain<'f> {
    palette: Palette,
    fixer: &'f Fixer,
}

impl Explain<'_> {
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

impl Task for Explain<'_> {
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        Box::new(ExplainOne { explain: self, source, any: false })
    }
}

struct ExplainOne<'a> {
    explain: &'a Explain<'a>,
    source: &'a Source<'a>,
    /// Whether anything was explained.
    any: bool,
}

/// What is told of one place.
enum Entry<'a> {
    /// What was changed or found, and what else the place was tried as.
    Item(Item<'a>, &'a [Tried]),
    /// What looks damaged and was left.
    Suspect(&'a Explained),
}

impl Job for ExplainOne<'_> {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        let Explain { palette, fixer } = self.explain;
        let report = part.report(self.source);
        let text = &report.decoded.text;
        let suspects = fixer.explain(text, report.edits);
        let items = report.items();
        let mut places = report.places();
        for (start, entry) in in_order(&items, &suspects) {
            self.any = true;
            let place = places.at(start);
            let kind = match entry {
                Entry::Item(item, _) => item.kind().name(),
                Entry::Suspect(_) => "suspect",
            };
            let Palette { note, .. } = palette;
            writeln!(out, "{}:{} {note}{kind}{note:#}", place.line, place.column)?;
            match entry {
                Entry::Item(Item::Edit(edit), tried) => {
                    write_edit(edit, palette, out)?;
                    write_tried("other", tried, out)?;
                }
                Entry::Item(Item::Finding(finding), tried) => {
                    writeln!(out, "  seen    {}", elided(&finding.before))?;
                    writeln!(out, "  kept    {}", finding.message)?;
                    write_tried("tried", tried, out)?;
                }
                Entry::Suspect(Explained { range, tried }) => {
                    writeln!(out, "  seen    {}", elided(&text[range.clone()]))?;
                    write_tried("tried", tried, out)?;
                    if tried.is_empty() {
                        writeln!(out, "  tried   nothing: no pair of codecs fits")?;
                    }
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

/// Items and suspects by the byte that they start at, each suspect with the first item that it
/// meets.
fn in_order<'a>(items: &[Item<'a>], suspects: &'a [Explained]) -> Vec<(usize, Entry<'a>)> {
    let mut rest = suspects.iter().peekable();
    let mut entries = Vec::new();
    let suspect = |suspect: &'a Explained| (suspect.range.start, Entry::Suspect(suspect));
    for &item in items {
        let range = item.range();
        while let Some(left) = rest.next_if(|suspect| suspect.range.end <= range.start) {
            entries.push(suspect(left));
        }
        let met = rest.next_if(|suspect| suspect.range.start < range.end);
        let tried = met.map_or(&[][..], |suspect| &suspect.tried);
        entries.push((range.start, Entry::Item(item, tried)));
        // the suspect may go on behind the item, and so may the item behind the suspect
        while rest.next_if(|suspect| suspect.range.start < range.end).is_some() {}
    }
    entries.extend(rest.map(suspect));
    entries
}

/// What was tried and not taken.
fn write_tried(label: &str, tried: &[Tried], out: &mut dyn Write) -> io::Result<()> {
    for Tried { after, steps, refusal, .. } in tried {
        let Some(refusal) = refusal else { continue };
        let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
        writeln!(out, "  {label}   {} by {}: {refusal}", elided(after), steps.join(", "))?;
    }
    Ok(())
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
    for Filled { character, posterior, .. } in &edit.filled {
        writeln!(out, "  filled  {character:?} with probability {posterior:.3}")?;
    }
    for lost in &edit.lost {
        let before = elided(&edit.before[lost.from.clone()]);
        writeln!(out, "  lost    {before}, {}", lost.describe())?;
    }
    Ok(())
}
