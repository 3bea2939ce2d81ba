//! The edits of a group of rows, kept on disk until their column is written: a column is
//! written in one go, and what is told of a row comes from several.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::iter::Peekable;

use crate::records::FieldEdits;

/// The edits of one column in the order of rows.
pub struct Spill {
    file: BufWriter<File>,
}

impl Spill {
    /// An empty one.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn new() -> io::Result<Spill> {
        Ok(Spill { file: BufWriter::new(tempfile::tempfile()?) })
    }

    /// Adds the edits of a value; `row` is never less than before.
    ///
    /// # Errors
    /// Those of the file.
    pub fn add(&mut self, row: u64, field: &FieldEdits) -> io::Result<()> {
        for item in field.items() {
            let item = serde_json::to_vec(&item)?;
            self.file.write_all(&row.to_le_bytes())?;
            self.file.write_all(&(item.len() as u64).to_le_bytes())?;
            self.file.write_all(&item)?;
        }
        Ok(())
    }

    fn items(self) -> io::Result<Peekable<Items>> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Items { file: BufReader::new(file) }.peekable())
    }
}

/// Reads edits as JSON, each with its row.
struct Items {
    file: BufReader<File>,
}

impl Items {
    fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.file.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn item(&mut self) -> io::Result<(u64, String)> {
        let row = self.number()?;
        let length = self.number()?;
        let mut item = String::new();
        (&mut self.file).take(length).read_to_string(&mut item)?;
        Ok((row, item))
    }
}

impl Iterator for Items {
    type Item = io::Result<(u64, String)>;

    fn next(&mut self) -> Option<io::Result<(u64, String)>> {
        match self.item() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            item => Some(item),
        }
    }
}

/// What is told of each row that has edits in any column.
pub struct Rows {
    columns: Vec<Peekable<Items>>,
}

impl Rows {
    /// Joins columns.
    ///
    /// # Errors
    /// Those of the files.
    pub fn new(columns: Vec<Spill>) -> io::Result<Rows> {
        let columns = columns.into_iter().map(Spill::items).collect::<io::Result<_>>()?;
        Ok(Rows { columns })
    }

    /// The edits of a row as a JSON array, if it has any; rows are asked for in order.
    ///
    /// # Errors
    /// Those of the files.
    pub fn row(&mut self, row: u64) -> io::Result<Option<String>> {
        let mut items = Vec::new();
        for column in &mut self.columns {
            let is_here = |item: &io::Result<(u64, String)>| {
                item.as_ref().map_or(true, |(other, _)| *other == row)
            };
            while let Some(item) = column.next_if(is_here) {
                items.push(item?.1);
            }
        }
        Ok((!items.is_empty()).then(|| format!("[{}]", items.join(","))))
    }
}
