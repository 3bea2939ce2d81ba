//! Parquet, column by column.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::iter;

use super::input::Input;
use super::policy::tell;
use super::sink::Sink;
use super::{BatchRun, IN_FLIGHT, Stop, Stream};
use crate::cli::args::OnError;
use crate::cli::pool::{self, Done};
use crate::records::compress::Compression;
use crate::records::parquet::{
    Added, Batch, Batches, Column, ColumnOut, Group, ParquetError, RepairedBatch, Spill, Table,
    Writer,
};

impl From<ParquetError> for Stop {
    fn from(error: ParquetError) -> Stop {
        Stop::input(error)
    }
}

/// A group of rows on its way.
struct Rows {
    group: usize,
    /// The number of the first in the file, from 1.
    first: u64,
    /// Which have edits, up to the last that has some: how many rows there are is only true once
    /// they were read.
    changed: Vec<bool>,
    /// The edits of each column, where they become a column.
    edits: Vec<Spill>,
}

impl Rows {
    /// Notes that the row of this number has edits.
    fn mark_changed(&mut self, row: u64) {
        let index = (row - self.first) as usize;
        if index >= self.changed.len() {
            self.changed.resize(index + 1, false);
        }
        self.changed[index] = true;
    }
}

impl BatchRun<'_> {
    /// Takes a table to its target.
    pub(super) fn parquet(&mut self, input: &Input, stream: Stream) -> Result<(), Stop> {
        let stamp = input.stamp();
        let file = seekable(input, stream).map_err(Stop::input)?;
        let table = Table::open(file)?;
        let mut sink = Sink::new(input, Compression::None, false).map_err(Stop::Input)?;
        let out = match &sink.target {
            Some(target) => target.file(),
            None => tempfile::tempfile(),
        };
        let mut out = out.map_err(Stop::input)?;
        let rewritten = self.rewrite(&table, &out, &input.label, &mut sink);
        self.stats.merge(&sink.stats);
        if !rewritten? {
            // byte for byte, not what another writer makes of it
            replace(&mut out, table.file()).map_err(Stop::input)?;
        }
        if sink.target.is_none() {
            out.rewind().map_err(Stop::input)?;
            self.print(|stdout| io::copy(&mut out, stdout).map(drop))?;
            // a file ends where it ends
            self.unended = false;
        }
        self.end(input, stamp, sink)
    }

    /// Writes a table with its texts repaired; says whether it is another.
    fn rewrite(
        &mut self,
        table: &Table,
        out: &File,
        label: &str,
        sink: &mut Sink,
    ) -> Result<bool, Stop> {
        let columns = table.columns(self.fields).map_err(Stop::input)?;
        let added = Added {
            out: self.args.out_field.as_deref().zip(columns.first()),
            meta: self.args.meta_field.as_deref(),
        };
        let writer = Writer::new(table, BufWriter::new(out), &columns, added)?;
        TableRewrite { run: self, table, columns: &columns, added, label, sink }.groups(writer)
    }
}

/// A table that is written with its texts repaired.
struct TableRewrite<'r, 'a> {
    run: &'r mut BatchRun<'a>,
    table: &'r Table,
    /// Those of text.
    columns: &'r [Column],
    added: Added<'r>,
    /// What messages call the table.
    label: &'r str,
    sink: &'r mut Sink,
}

impl TableRewrite<'_, '_> {
    /// Writes all groups of rows; says whether the table is another.
    fn groups<W: Write + Send>(&mut self, mut writer: Writer<'_, W>) -> Result<bool, Stop> {
        let mut is_changed = !self.added.is_none();
        let mut first = 1;
        for (group, rows) in self.table.groups().into_iter().enumerate() {
            let count = rows as u64;
            let mut rows = Rows { group, first, changed: Vec::new(), edits: Vec::new() };
            is_changed |= self.group(&mut rows, writer.group(group)?)?;
            first += count;
            let stats = &mut self.sink.stats;
            stats.records += count;
            stats.changed += rows.changed.iter().filter(|changed| **changed).count() as u64;
        }
        writer.finish()?;
        Ok(is_changed)
    }

    /// Writes a group of rows; says whether it is another.
    fn group<W: Write + Send>(
        &mut self,
        rows: &mut Rows,
        mut out: Group<'_, W>,
    ) -> Result<bool, Stop> {
        let Added { out: added_column, meta } = self.added;
        let mut is_changed = false;
        for index in 0..self.table.width() {
            let column = self.columns.iter().find(|column| column.index == index);
            // a text that goes to another column stays here
            let column = column.filter(|_| added_column.is_none());
            let Some(column) = column else {
                out.copy(index)?;
                continue;
            };
            if meta.is_some() {
                rows.edits.push(Spill::new().map_err(Stop::input)?);
            }
            match self.column(rows, column, 0, None)? {
                None => out.copy(index)?,
                Some(clean) => {
                    let mut new = out.column()?;
                    self.column(rows, column, clean, Some(&mut new))?;
                    new.finish()?;
                    is_changed = true;
                }
            }
        }
        if let Some((_, column)) = added_column {
            if meta.is_some() {
                rows.edits.push(Spill::new().map_err(Stop::input)?);
            }
            let mut new = out.column()?;
            self.column(rows, column, 0, Some(&mut new))?;
            new.finish()?;
        }
        if meta.is_some() {
            out.edits(std::mem::take(&mut rows.edits), rows.first)?;
        }
        out.finish()?;
        Ok(is_changed)
    }

    /// Repairs a column of a group of rows. Without `out` it ends before the first batch
    /// that changes, whose index it returns; the caller then writes the column from its
    /// start, where the batches before this one, being `clean`, are not repaired again.
    fn column(
        &mut self,
        rows: &mut Rows,
        column: &Column,
        clean: usize,
        mut out: Option<&mut ColumnOut<'_>>,
    ) -> Result<Option<usize>, Stop> {
        let batches = self.table.batches(rows.group, column, rows.first)?;
        let batches = until_panic(batches).enumerate();
        let BatchRun { settings, args, .. } = *self.run;
        let limit = args.max_record_bytes.get();
        let work = |(index, batch): &(usize, Result<Batch, ParquetError>)| match batch {
            Ok(batch) if *index >= clean => batch.repair(&settings.fixer, limit),
            _ => RepairedBatch::default(),
        };
        let mut found = None;
        let size = |(_, batch): &(usize, Result<Batch, ParquetError>)| {
            batch.as_ref().map_or(0, Batch::size)
        };
        let done = pool::ordered(settings.threads, IN_FLIGHT, size, batches, work, |done| {
            let Done { item: (index, batch), result } = done;
            let batch = batch?;
            let repaired = result.unwrap_or_else(|panicked| {
                self.run.status.internal = true;
                let text = format!("internal error: {panicked}; some rows unchanged");
                self.run.tell_errors(0, vec![format!("{}: {text}", self.label)]);
                RepairedBatch::default()
            });
            if out.is_none() && repaired.values.is_some() {
                found = Some(index);
                return Err(Stop::Record);
            }
            if let Some(out) = &mut out {
                out.write(&batch, repaired.values.as_deref())?;
            }
            self.take_batch(rows, repaired)
        });
        match done {
            Err(Stop::Record) if found.is_some() => Ok(found),
            done => done.map(|()| None),
        }
    }

    /// Takes in what was found in some values.
    fn take_batch(&mut self, rows: &mut Rows, repaired: RepairedBatch) -> Result<(), Stop> {
        let TableRewrite { run, label, sink, .. } = self;
        for edits in repaired.edits {
            sink.stats.count_field(&edits.field);
            if !edits.field.edits.is_empty() {
                rows.mark_changed(edits.row);
            }
            if let Some(spill) = rows.edits.last_mut() {
                spill.add(edits.row, &edits.field).map_err(Stop::input)?;
            }
            if sink.has_sidecar() {
                let mut lines = Vec::new();
                tell(edits.row, None, &[edits.field], &mut lines);
                sink.tell(&lines).map_err(Stop::input)?;
            }
        }
        let errors: Vec<String> = repaired
            .errors
            .iter()
            .map(|error| format!("{label}: row {}, {}: {}", error.row, error.field, error.error))
            .collect();
        let count = errors.len() as u64;
        run.tell_errors(run.stats.errors + sink.stats.errors, errors);
        sink.stats.errors += count;
        if count > 0 && run.args.on_error == OnError::Fail {
            return Err(Stop::Record);
        }
        Ok(())
    }
}

/// The batches; the crate trusts what a page says of itself, and panics where that is wrong.
fn until_panic(mut batches: Batches) -> impl Iterator<Item = Result<Batch, ParquetError>> {
    let mut has_panicked = false;
    iter::from_fn(move || {
        if has_panicked {
            return None;
        }
        pool::guarded(|| batches.next()).unwrap_or_else(|panicked| {
            has_panicked = true;
            Some(Err(ParquetError::General(format!("broken page: {panicked}"))))
        })
    })
}

/// The input as a file that can be read from any place: its footer comes last.
fn seekable(input: &Input, mut stream: Stream) -> io::Result<File> {
    if let (Some(path), Some(_)) = (&input.path, input.stamp()) {
        return File::open(path);
    }
    let mut file = tempfile::tempfile()?;
    io::copy(&mut stream, &mut file)?;
    Ok(file)
}

/// Puts the content of another file in the place of that of a file.
fn replace(file: &mut File, mut source: &File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    source.rewind()?;
    io::copy(&mut source, file)?;
    Ok(())
}
