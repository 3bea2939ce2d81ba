//! Parquet: tables stored by column. A column's text is repaired value by value; its
//! levels, which say where rows and lists begin and what is null, stay as they are.
//!
//! What does not change is copied and not encoded again: the chunks of other columns,
//! and those of text columns without damage. Memory holds some pages at a time.

mod columns;
mod read;
mod spill;
mod write;

use std::fs::File;
use std::sync::Arc;

use parquet::errors::Result;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
};

pub use columns::Column;
pub use parquet::errors::ParquetError;
pub use read::{Batch, Batches, RepairedBatch, RowEdits, RowError};
pub use spill::Spill;
pub use write::{Added, ColumnOut, Group, Writer};

use super::RecordError;
use super::field::Field;

/// A file and what its footer says.
pub struct Table {
    file: Arc<File>,
    metadata: ParquetMetaData,
}

impl Table {
    /// Reads the footer of a file.
    ///
    /// # Errors
    /// Where it is no Parquet, or encrypted.
    pub fn open(file: File) -> Result<Table> {
        // as they stand in the file, to be written again
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .with_metadata_options(Some(options))
            .parse_and_finish(&file)?;
        Ok(Table { file: Arc::new(file), metadata })
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The columns of text that some fields name, in the order of the file.
    ///
    /// # Errors
    /// Where a field names no column, or none of text.
    pub fn columns(&self, fields: &[Field]) -> std::result::Result<Vec<Column>, RecordError> {
        columns::find(self.metadata.file_metadata().schema_descr(), fields)
    }

    /// How many columns there are, those inside of others counted.
    pub fn width(&self) -> usize {
        self.metadata.file_metadata().schema_descr().num_columns()
    }

    /// The numbers of rows of the groups of rows.
    pub fn groups(&self) -> Vec<usize> {
        let rows = |group: &parquet::file::metadata::RowGroupMetaData| {
            usize::try_from(group.num_rows()).unwrap_or(0)
        };
        self.metadata.row_groups().iter().map(rows).collect()
    }

    /// The values of a column of text in a group of rows, the first of which has the
    /// number `first_row`.
    ///
    /// # Errors
    /// Where the column cannot be read.
    pub fn batches(&self, group: usize, column: &Column, first_row: u64) -> Result<Batches> {
        Batches::new(self, group, column, first_row)
    }
}
