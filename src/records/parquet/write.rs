//! A file like another, with some columns written anew.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as PhysicalType};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{
    SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter,
};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::spill::{Rows, Spill};
use super::{Batch, Column, Table};

/// The schema as Arrow writes it, among the metadata of a file. Readers that find it
/// expect just its columns.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// How many rows of edits are written at a time.
const ROWS: usize = 1 << 10;

/// Columns that the file does not have yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Added<'a> {
    /// One for the repaired text of a column.
    pub out: Option<(&'a str, &'a Column)>,
    /// One for edits and findings.
    pub meta: Option<&'a str>,
}

impl Added<'_> {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        self.out.is_none() && self.meta.is_none()
    }
}

/// Writes a file like `table`: the schema, the metadata and the order of everything are
/// kept, and a column that is written anew is compressed and indexed as it was.
pub struct Writer<'t, W: Write + Send> {
    table: &'t Table,
    inner: SerializedFileWriter<W>,
}

impl<'t, W: Write + Send> Writer<'t, W> {
    /// A writer to `out`; `columns` may be written anew.
    ///
    /// # Errors
    /// Where a column that is to be added is there, or `out` fails.
    pub fn new(
        table: &'t Table,
        out: W,
        columns: &[Column],
        added: Added<'_>,
    ) -> Result<Writer<'t, W>> {
        let schema = table.metadata.file_metadata().schema_descr().root_schema_ptr();
        let schema = if added.is_none() { schema } else { extended(&schema, added)? };
        let properties = properties(&table.metadata, columns, added);
        let inner = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
        Ok(Writer { table, inner })
    }

    /// Begins the next group of rows, which is that of the table with this index.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn group(&mut self, index: usize) -> Result<Group<'_, W>> {
        Ok(Group { table: self.table, index, inner: self.inner.next_row_group()? })
    }

    /// Writes the footer.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn finish(self) -> Result<()> {
        self.inner.into_inner()?.flush()?;
        Ok(())
    }
}

/// A group of rows; columns are written in the order of the schema.
pub struct Group<'w, W: Write + Send> {
    table: &'w Table,
    index: usize,
    inner: SerializedRowGroupWriter<'w, W>,
}

impl<W: Write + Send> Group<'_, W> {
    /// Copies a column of the table as the next one, byte for byte.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn copy(&mut self, column: usize) -> Result<()> {
        let Table { file, metadata } = self.table;
        let group = metadata.row_group(self.index);
        let chunk = group.column(column);
        let indices = metadata.page_index();
        let close = ColumnCloseResult {
            bytes_written: chunk.compressed_size() as u64,
            rows_written: group.num_rows() as u64,
            metadata: chunk.clone(),
            bloom_filter: Sbbf::read_from_column_chunk(chunk, &**file)?,
            column_index: indices
                .and_then(|indices| indices.column_index(self.index, column).cloned()),
            offset_index: indices
                .and_then(|indices| indices.offset_index(self.index, column).cloned()),
        };
        self.inner.append_column(&**file, close)
    }

    /// Begins the next column.
    ///
    /// # Errors
    /// Where there is none, or the file cannot be written.
    pub fn column(&mut self) -> Result<ColumnOut<'_>> {
        let inner = self.inner.next_column()?;
        inner.map(|inner| ColumnOut { inner }).ok_or_else(|| general("no column is left"))
    }

    /// Writes the next column: edits and findings of the rows from `first_row` on.
    ///
    /// # Errors
    /// Where the edits cannot be read, or the file not written.
    pub fn edits(&mut self, columns: Vec<Spill>, first_row: u64) -> Result<()> {
        let rows = u64::try_from(self.table.metadata.row_group(self.index).num_rows());
        let last = first_row + rows.unwrap_or(0);
        let mut edits = Rows::new(columns)?;
        let mut out = self.column()?;
        for start in (first_row..last).step_by(ROWS) {
            let end = last.min(start + ROWS as u64);
            let rows: Vec<_> = (start..end).map(|row| edits.row(row)).collect::<io::Result<_>>()?;
            let definition: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
            let values: Vec<ByteArray> =
                rows.into_iter().flatten().map(|row| ByteArray::from(row.into_bytes())).collect();
            out.inner.typed::<ByteArrayType>().write_batch(&values, Some(&definition), None)?;
        }
        out.finish()
    }

    /// Ends the group.
    ///
    /// # Errors
    /// Where columns are missing, or the file cannot be written.
    pub fn finish(self) -> Result<()> {
        self.inner.close()?;
        Ok(())
    }
}

/// A column that is written anew.
pub struct ColumnOut<'w> {
    inner: SerializedColumnWriter<'w>,
}

impl ColumnOut<'_> {
    /// Writes `values` in the place of those of a batch.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&mut self, batch: &Batch, values: Option<&[ByteArray]>) -> Result<()> {
        let values = values.unwrap_or(&batch.values);
        let definition = Some(&*batch.definition).filter(|levels| !levels.is_empty());
        let repetition = Some(&*batch.repetition).filter(|levels| !levels.is_empty());
        self.inner.typed::<ByteArrayType>().write_batch(values, definition, repetition)?;
        Ok(())
    }

    /// Ends the column.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn finish(self) -> Result<()> {
        self.inner.close()
    }
}

fn general(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}

/// A schema with columns added at its end.
fn extended(schema: &Type, added: Added<'_>) -> Result<TypePtr> {
    let mut fields = schema.get_fields().to_vec();
    let mut add = |field: Type| {
        if fields.iter().any(|other| other.name() == field.name()) {
            return Err(general(&format!("there is a column `{}` already", field.name())));
        }
        fields.push(Arc::new(field));
        Ok(())
    };
    if let Some((name, column)) = added.out {
        let source = column.flat_name();
        let source = schema.get_fields().iter().find(|field| Some(field.name()) == source);
        let source = source.ok_or_else(|| general("a list cannot go to another column"))?;
        let info = source.get_basic_info();
        add(Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(info.repetition())
            .with_logical_type(info.logical_type_ref().cloned())
            .with_converted_type(info.converted_type())
            .build()?)?;
    }
    if let Some(name) = added.meta {
        add(Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build()?)?;
    }
    Ok(Arc::new(Type::group_type_builder(schema.name()).with_fields(fields).build()?))
}

/// How the file is written: as it was, as far as its first group of rows tells.
fn properties(
    metadata: &ParquetMetaData,
    columns: &[Column],
    added: Added<'_>,
) -> WriterProperties {
    let file = metadata.file_metadata();
    let mut pairs = file.key_value_metadata().cloned();
    if !added.is_none() {
        pairs.iter_mut().for_each(|pairs| pairs.retain(|pair| pair.key != ARROW_SCHEMA));
    }
    let mut properties = WriterProperties::builder().set_key_value_metadata(pairs);
    // readers know some writers by their faults, and most of the file is still theirs
    if let Some(writer) = file.created_by() {
        properties = properties.set_created_by(writer.to_owned());
    }
    let Some(group) = metadata.row_groups().first() else { return properties.build() };
    // a column that changes may not be sorted any more
    let is_sorted = group.sorting_columns().filter(|sorted| {
        sorted.iter().all(|by| columns.iter().all(|column| column.index as i32 != by.column_idx))
    });
    properties = properties.set_sorting_columns(is_sorted.cloned());
    for column in columns {
        properties = like(properties, group.column(column.index), None);
    }
    if let Some((name, column)) = added.out {
        let path = ColumnPath::from(name);
        properties = like(properties, group.column(column.index), Some(path));
    }
    if let Some((name, column)) = added.meta.zip(columns.first()) {
        let compression = group.column(column.index).compression();
        properties = properties.set_column_compression(ColumnPath::from(name), compression);
    }
    properties.build()
}

/// Writes a column as this chunk was written: compressed, with a dictionary, statistics
/// and a Bloom filter where it had them. `path` is another name for it.
fn like(
    properties: WriterPropertiesBuilder,
    chunk: &ColumnChunkMetaData,
    path: Option<ColumnPath>,
) -> WriterPropertiesBuilder {
    let path = path.unwrap_or_else(|| chunk.column_path().clone());
    let statistics = match (chunk.column_index_offset(), chunk.statistics()) {
        (Some(_), _) => EnabledStatistics::Page,
        (None, Some(_)) => EnabledStatistics::Chunk,
        (None, None) => EnabledStatistics::None,
    };
    properties
        .set_column_compression(path.clone(), chunk.compression())
        .set_column_dictionary_enabled(path.clone(), chunk.dictionary_page_offset().is_some())
        .set_column_statistics_enabled(path.clone(), statistics)
        .set_column_bloom_filter_enabled(path, chunk.bloom_filter_offset().is_some())
}
