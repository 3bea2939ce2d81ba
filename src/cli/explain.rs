//! `hanfix explain`: every edit of a text with the evidence for it.

use std::io::{self, Read, Write};

use anyhow::{Context, Result};

use super::args::ExplainArgs;
use super::output::{Output, Status};
use super::settings::Settings;
use crate::edit::{Edit, Finding};
use crate::report::text::{Palette, elided};
use crate::report::{Item, items, place::Places};

/// Explains the text.
pub fn run(args: ExplainArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let bytes = match args.text {
        Some(text) if text != "-" => text.into_bytes(),
        _ => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("stdin")?;
            bytes
        }
    };
    let fixed = settings.fixer.fix_bytes(&bytes, &settings.decoding).context("stdin")?;
    let view = View { palette: Palette::new(settings.color), output };
    view.write(&fixed.decoded.text, &fixed.edits, &fixed.findings)?;
    Ok(Status::default())
}

struct View<'a> {
    palette: Palette,
    output: &'a mut Output,
}

impl View<'_> {
    fn write(self, text: &str, edits: &[Edit], findings: &[Finding]) -> io::Result<()> {
        let items = items(edits, findings);
        if items.is_empty() {
            return writeln!(self.output, "nothing to repair");
        }
        let note = self.palette.note;
        let mut places = Places::new(text);
        for item in items {
            let place = places.at(item.range().start);
            let kind = item.kind();
            writeln!(self.output, "{}:{} {note}{kind}{note:#}", place.line, place.column)?;
            match item {
                Item::Edit(edit) => write_edit(edit, &self.palette, self.output)?,
                Item::Finding(finding) => {
                    writeln!(self.output, "  seen    {}", elided(&finding.before))?;
                    writeln!(self.output, "  kept    {}", finding.message)?;
                }
            }
        }
        Ok(())
    }
}

/// The way from before to after, and what speaks for it.
fn write_edit(edit: &Edit, palette: &Palette, output: &mut Output) -> io::Result<()> {
    let Palette { before, after, .. } = palette;
    writeln!(output, "  before  {before}{}{before:#}", elided(&edit.before))?;
    for step in &edit.steps {
        writeln!(output, "  step    {step}")?;
    }
    writeln!(output, "  after   {after}{}{after:#}", elided(&edit.after))?;
    writeln!(output, "  safety  {}", edit.safety.name())?;
    writeln!(output, "  gain    {} bits", edit.bits)?;
    for filled in &edit.filled {
        writeln!(
            output,
            "  filled  {} with probability {:.3}",
            filled.character, filled.posterior
        )?;
    }
    Ok(())
}
