//! `hanfix fix`: files in place, or stdin to stdout.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempPath;

use super::args::{FixArgs, JournalArgs};
use super::interrupt;
use super::output::{Message, Output, Status};
use super::run::{Job, Outcome, Part, Source, Task, each_input};
use super::settings::{Settings, Verbosity, check_target};
use super::walk::stdin_is_given;
use crate::decode::Splice;
use crate::write::journal::{Journal, Journals, Recorded, Recording};
use crate::write::temporary::commit_guard;
use crate::write::{Original, Rewrite, Staged, WriteError};

/// Changes the files.
pub fn run(args: FixArgs, settings: &Settings, output: &mut Output) -> Result<Status> {
    let mut paths = args.paths;
    if paths.is_empty() {
        if !stdin_is_given() {
            bail!("no PATH given, and nothing is piped in; `hanfix fix .` changes this directory");
        }
        paths.push(PathBuf::from("-"));
    }
    let to = args.to;
    to.as_deref().map(check_target).transpose()?;
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    let is_filter = paths.iter().all(is_stdin);
    // whoever reads stdout may leave while files are changed
    ensure!(
        is_filter || !paths.iter().any(is_stdin),
        "`-` goes to stdout and files are changed in place: give them to two runs"
    );
    let journal =
        if args.no_journal || is_filter { None } else { Some(journals(args.journal)?.start()) };
    if !is_filter {
        interrupt::leave_no_traces()?;
    }
    let task = Fix { journal, backup: args.backup, to };
    let mut summary = each_input(settings, paths, &task, output, |_| Ok(()))?;
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
    fn start<'a>(&'a self, source: &'a Source<'a>) -> Box<dyn Job + 'a> {
        match source.file {
            None => Box::new(Filter { fix: self }),
            Some(file) => {
                let recording = self.journal.as_ref().map(Journal::record);
                let rewrite = Rewrite::new(file);
                let (items, findings) = (0, 0);
                Box::new(InPlace { fix: self, source, file, rewrite, recording, items, findings })
            }
        }
    }
}

impl Fix {
    /// What is to be replaced in the bytes of a part.
    fn splices(&self, part: &Part<'_>) -> Result<Vec<Splice>> {
        let Some(label) = &self.to else { return part.splices() };
        let after = part.encode_to(label)?;
        if after == part.bytes {
            return Ok(Vec::new());
        }
        Ok(vec![Splice { range: 0..part.bytes.len(), after }])
    }
}

/// How many changes there are: a part in another encoding is changed, whatever its text.
fn items(part: &Part<'_>, splices: &[Splice]) -> usize {
    part.fixed.edits.len().max(usize::from(!splices.is_empty()))
}

/// stdin to stdout.
struct Filter<'a> {
    fix: &'a Fix,
}

impl Job for Filter<'_> {
    fn part(&mut self, part: &Part<'_>, out: &mut dyn Write, outcome: &mut Outcome) -> Result<()> {
        let splices = self.fix.splices(part)?;
        outcome.items += items(part, &splices);
        let mut copied = 0;
        for Splice { range, after } in &splices {
            out.write_all(&part.bytes[copied..range.start])?;
            out.write_all(after)?;
            copied = range.end;
        }
        Ok(out.write_all(&part.bytes[copied..])?)
    }

    fn finish(self: Box<Self>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        Ok(())
    }

    fn unhandled(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<bool> {
        // its reader was promised another encoding
        if self.fix.to.is_some() {
            return Ok(false);
        }
        out.write_all(bytes)?;
        Ok(true)
    }
}

/// A file, whose repaired text is put in its place once it is written beside it.
struct InPlace<'a> {
    fix: &'a Fix,
    source: &'a Source<'a>,
    file: &'a Original,
    rewrite: Rewrite<'a>,
    recording: Option<Recording<'a>>,
    /// Changes, which are made once the file is.
    items: usize,
    findings: usize,
}

/// What is said where the journal fails.
const NO_JOURNAL: &str =
    "cannot write the undo journal (see --journal and --no-journal); left as it is";

impl Job for InPlace<'_> {
    fn part(&mut self, part: &Part<'_>, _: &mut dyn Write, _: &mut Outcome) -> Result<()> {
        let splices = self.fix.splices(part)?;
        self.rewrite.part(part.bytes, &splices)?;
        if let Some(recording) = &mut self.recording {
            recording.part(part.bytes, &splices).context(NO_JOURNAL)?;
        }
        self.items += items(part, &splices);
        self.findings += part.fixed.findings.len();
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut dyn Write, outcome: &mut Outcome) -> Result<()> {
        let InPlace { fix, source, file, rewrite, recording, items, findings } = *self;
        if findings > 0 {
            let text = format!("{findings} left as found; `hanfix check` lists them");
            outcome.tell(Verbosity::Verbose, source.label, text);
        }
        let Some(staged) = rewrite.finish()? else { return Ok(()) };
        put_in_place(staged, fix.backup.as_deref(), recording)?;
        outcome.items += items;
        let names = file.names();
        if names > 1 {
            let text = format!("had {names} hard links; only this one was changed");
            outcome.tell(Verbosity::Normal, source.label, text);
        }
        Ok(())
    }
}

/// Makes the backup, then writes the journal, then the file, so that at every moment what was
/// there can be had again, and nothing is told of a change that did not come.
fn put_in_place(
    staged: Staged<'_>,
    backup: Option<&str>,
    recording: Option<Recording<'_>>,
) -> Result<()> {
    let _commit = commit_guard();
    let backup = backup.map(|suffix| staged.back_up(suffix)).transpose()?;
    let (before, after) = (staged.before(), staged.after());
    let recorded = recording.map(|recording| recording.finish(staged.path(), before, after));
    let recorded = recorded.transpose().context(NO_JOURNAL)?;
    let committed = staged.commit();
    if matches!(committed, Ok(()) | Err(WriteError::Unsynced(_))) {
        backup.map(TempPath::keep).transpose()?;
    } else {
        recorded.map(Recorded::take_back).transpose()?;
    }
    Ok(committed?)
}
