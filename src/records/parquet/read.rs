//! The values of a column, some rows at a time.

use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::RowGroupReader;
use parquet::file::serialized_reader::SerializedRowGroupReader;
use parquet::schema::types::ColumnDescPtr;

use super::{Column, Table};
use crate::fixer::{Fixed, Fixer};
use crate::records::{FieldEdits, RecordError, text};

/// How many bytes of text a worker gets at a time, as far as the mean tells.
const BATCH: usize = 1 << 18;

/// How many rows at most, where texts are short or the same.
const ROWS: usize = 1 << 13;

/// Some values of a column.
#[derive(Debug)]
pub struct Batch {
    column: Column,
    /// Values that are not null.
    pub(super) values: Vec<ByteArray>,
    /// How much of its path is there for each value and null; empty where all is required.
    pub(super) definition: Vec<i16>,
    /// Which of its lists goes on at each value and null; empty where there are none.
    pub(super) repetition: Vec<i16>,
    /// The definition level of a value that is not null.
    present: i16,
    /// How many lists a value is in.
    lists: usize,
    /// The number of its first row in the file, from 1.
    first_row: u64,
    /// How many rows it has.
    rows: usize,
}

/// What came of some values.
#[derive(Debug, Default)]
pub struct RepairedBatch {
    /// The new values; none where all stay as they are.
    pub values: Option<Vec<ByteArray>>,
    /// Values with edits or findings.
    pub edits: Vec<RowEdits>,
    /// Values that are no text.
    pub errors: Vec<RowError>,
}

/// The edits and findings of a value.
#[derive(Debug)]
pub struct RowEdits {
    /// The number of its row in the file, from 1.
    pub row: u64,
    /// What was found.
    pub field: FieldEdits,
}

/// A value that is no text.
#[derive(Debug)]
pub struct RowError {
    /// The number of its row in the file, from 1.
    pub row: u64,
    /// Which value of the row it is, as a pointer.
    pub field: String,
    /// What is wrong with it.
    pub error: RecordError,
}

impl Batch {
    /// How many bytes its values have.
    pub fn size(&self) -> usize {
        self.values.iter().map(ByteArray::len).sum()
    }

    /// Repairs every value of up to `limit` bytes.
    pub fn repair(&self, fixer: &Fixer, limit: usize) -> RepairedBatch {
        let mut repaired = RepairedBatch::default();
        for (at, (value, path)) in self.values.iter().zip(self.paths()).enumerate() {
            let field = || self.column.pointer(&path.indices);
            match fix(fixer, value.data(), limit) {
                Err(error) => {
                    repaired.errors.push(RowError { row: path.row, field: field(), error });
                }
                Ok(Fixed { edits, findings, .. }) if edits.is_empty() && findings.is_empty() => {}
                Ok(Fixed { text, edits, findings }) => {
                    if !edits.is_empty() {
                        let values = repaired.values.get_or_insert_with(|| self.values.clone());
                        values[at] = ByteArray::from(text.into_owned().into_bytes());
                    }
                    let field = FieldEdits { field: Some(field()), edits, findings };
                    repaired.edits.push(RowEdits { row: path.row, field });
                }
            }
        }
        repaired
    }

    /// The path of each value that is not null.
    fn paths(&self) -> impl Iterator<Item = ValuePath> {
        let levels = self.definition.len().max(self.values.len());
        let mut path = ValuePath { row: self.first_row, indices: vec![0; self.lists] };
        (0..levels).filter_map(move |at| {
            match self.repetition.get(at) {
                // no lists: every level is a row
                None => path.row = self.first_row + at as u64,
                Some(&list) => path.advance(usize::try_from(list).unwrap_or(0), at == 0),
            }
            let is_present = self.definition.get(at).is_none_or(|level| *level == self.present);
            is_present.then(|| path.clone())
        })
    }
}

/// Where a value is.
#[derive(Clone, Debug)]
struct ValuePath {
    row: u64,
    /// Its index in each list that it is in.
    indices: Vec<usize>,
}

impl ValuePath {
    /// Goes to a value at which the list of this level goes on; a new row at level 0.
    fn advance(&mut self, level: usize, is_first: bool) {
        match level.checked_sub(1) {
            None => {
                self.row += u64::from(!is_first);
                self.indices.fill(0);
            }
            Some(list) => {
                self.indices[list] += 1;
                self.indices[list + 1..].fill(0);
            }
        }
    }
}

fn fix<'v>(
    fixer: &Fixer,
    value: &'v [u8],
    limit: usize,
) -> std::result::Result<Fixed<'v>, RecordError> {
    if value.len() > limit {
        let message = "value over --max-record-bytes".to_owned();
        return Err(RecordError { column: 1, message });
    }
    Ok(fixer.fix(text(value)?))
}

/// Reads a column in a group of rows.
pub struct Batches {
    reader: ColumnReaderImpl<ByteArrayType>,
    column: Column,
    descriptor: ColumnDescPtr,
    rows_at_a_time: usize,
    next_row: u64,
    /// The number behind that of the last row, as the footer says.
    end: u64,
    failed: bool,
}

impl Batches {
    pub(super) fn new(
        table: &Table,
        group: usize,
        column: &Column,
        first_row: u64,
    ) -> Result<Batches> {
        let metadata = table.metadata.row_group(group);
        let reader = SerializedRowGroupReader::new(
            table.file.clone(),
            metadata,
            table.metadata.page_index_for_row_group(group),
            ReaderProperties::builder().build().into(),
        )?;
        let chunk = metadata.column(column.index);
        let bytes = usize::try_from(chunk.uncompressed_size()).unwrap_or(usize::MAX).max(1);
        let rows = usize::try_from(metadata.num_rows()).unwrap_or(0);
        Ok(Batches {
            reader: get_typed_column_reader(reader.get_column_reader(column.index)?),
            column: column.clone(),
            descriptor: chunk.column_descr_ptr(),
            rows_at_a_time: (rows.saturating_mul(BATCH) / bytes).clamp(1, ROWS),
            next_row: first_row,
            end: first_row.saturating_add(rows as u64),
            failed: false,
        })
    }

    fn batch(&mut self) -> Result<Option<Batch>> {
        let mut batch = Batch {
            column: self.column.clone(),
            values: Vec::new(),
            definition: Vec::new(),
            repetition: Vec::new(),
            present: self.descriptor.max_def_level(),
            lists: usize::try_from(self.descriptor.max_rep_level()).unwrap_or(0),
            first_row: self.next_row,
            rows: 0,
        };
        (batch.rows, _, _) = self.reader.read_records(
            self.rows_at_a_time,
            Some(&mut batch.definition),
            Some(&mut batch.repetition),
            &mut batch.values,
        )?;
        self.next_row += batch.rows as u64;
        if batch.rows == 0 && self.next_row != self.end {
            let name = self.descriptor.path();
            let message = format!("the column {name} has not as many rows as its group");
            return Err(ParquetError::General(message));
        }
        Ok((batch.rows > 0).then_some(batch))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        if self.failed {
            return None;
        }
        let batch = self.batch().transpose();
        self.failed = matches!(batch, Some(Err(_)));
        batch
    }
}
