//! `hanfix fix`: files in place, or stdin to stdout.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::args::{FixArgs, JournalArgs};
use super::interrupt;
use super::output::{Message, Output, Status};
use super::run::{Document, Outcome, Task, each_input};
use super::settings::{Settings, Verbosity, parse_encoding};
use super::walk::stdin_is_given;
use crate::FixedBytes;
use crate::decode::{EncodeError, Splice, splice};
use crate::write::Original;
use crate::write::journal::{Journal, Journals};

/// Changes the files.
pub fn run(args: FixArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let mut paths = args.paths;
    if paths.is_empty() {
        if !stdin_is_given() {
            bail!("no PATH given, and nothing is piped in; `hanfix fix .` changes this directory");
        }
        paths.push(PathBuf::from("-"));
    }
    let to = args.to.map(|label| parse_encoding(&label).map(|_| label)).transpose()?;
    let journal = if args.no_journal || paths.iter().all(|path| path.as_os_str() == "-") {
        None
    } else {
        Some(journals(args.journal)?.start())
    };
    let task = Fix { journal, backup: args.backup, to };
    interrupt::defer()?;
    let mut summary = each_input(settings, paths, &task, output, |outcome, output| {
        output.write_all(&outcome.output)
    })?;
    output.summarise(&summary, "change");
    if let Some(run) = task.journal.and_then(|journal| journal.run())
        && summary.items > 0
    {
        let text = format!("`hanfix undo {run}` takes it back");
        output.tell(&Message { level: Verbosity::Normal, text });
    }
    // what was found was changed: nothing is left to do
    summary.status.found = false;
    Ok(summary.status)
}

/// The journals in the directory that was named, or where state is kept.
pub fn journals(args: JournalArgs) -> Result<Journals> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    let directory = args
        .journal
        .or_else(|| variable("XDG_STATE_HOME").map(|state| state.join("hanfix")))
        .or_else(|| variable("HOME").map(|home| home.join(".local/state/hanfix")))
        .context(
            "no place for the undo journal: neither --journal, XDG_STATE_HOME nor HOME is set",
        )?;
    Ok(Journals::new(directory))
}

struct Fix {
    journal: Option<Journal>,
    backup: Option<String>,
    /// The label of the encoding to write, where not that of the file.
    to: Option<String>,
}

impl Task for Fix {
    fn document(&self, document: &Document<'_>, outcome: &mut Outcome) -> Result<()> {
        let edits = document.fixed.edits.len();
        let splices = self.splices(document)?;
        match document.file {
            None => outcome.output = splice(document.bytes, &splices),
            Some(_) if splices.is_empty() => {}
            Some(file) => self.replace(file, document, &splices, outcome)?,
        }
        // a file in another encoding is changed, whatever its text
        outcome.items = edits.max(usize::from(!splices.is_empty()));
        let findings = document.fixed.findings.len();
        if findings > 0 {
            let text = format!("{findings} left as found; `hanfix check` lists them");
            outcome.tell(Verbosity::Verbose, document.label, text);
        }
        Ok(())
    }

    fn unhandled(&self, bytes: &[u8], outcome: &mut Outcome) {
        // its reader was promised another encoding
        if self.to.is_none() {
            outcome.output = bytes.to_owned();
        }
    }
}

impl Fix {
    /// What is to be replaced in the bytes of a document.
    fn splices(&self, document: &Document<'_>) -> Result<Vec<Splice>, EncodeError> {
        let FixedBytes { decoded, edits, .. } = &document.fixed;
        let Some(label) = &self.to else { return decoded.splices(edits) };
        let after = decoded.encode_to(edits, label)?;
        if after == document.bytes {
            return Ok(Vec::new());
        }
        Ok(vec![Splice { range: 0..document.bytes.len(), after }])
    }

    /// Puts the repaired text in the place of a file: once it is written beside it, first
    /// the journal, then the backup, then the file, so that at every moment what was there
    /// can be had again.
    fn replace(
        &self,
        file: &Original,
        document: &Document<'_>,
        splices: &[Splice],
        outcome: &mut Outcome,
    ) -> Result<()> {
        let result = splice(document.bytes, splices);
        let replacement = file.prepare()?;
        let path = replacement.path().to_owned();
        let staged = replacement.stage(&result)?;
        if let Some(journal) = &self.journal {
            journal
                .record(&path, document.bytes, splices, &result)
                .context("cannot write the undo journal; left as it is")?;
        }
        if let Some(suffix) = &self.backup {
            staged.back_up(suffix)?;
        }
        staged.commit()?;
        let names = file.names();
        if names > 1 {
            let text = format!("had {names} hard links; only this one was changed");
            outcome.tell(Verbosity::Normal, document.label, text);
        }
        Ok(())
    }
}
