//! Records: documents that travel many to a file, and the fields of them that are text.

pub mod chunks;
pub mod compress;
pub mod csv;
pub mod field;
pub mod json;
pub mod jsonl;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod text;
pub mod wet;

use std::{io, iter};

use serde::Serialize;

use crate::edit::{Edit, Finding};
use crate::report::items;
use crate::report::json::ItemRecord;

/// What was done with one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repaired {
    /// The new record; none where it stays as it is.
    pub record: Option<Vec<u8>>,
    /// Whether it has any of the fields.
    pub has_field: bool,
    /// Its texts that have edits or findings.
    pub fields: Vec<FieldEdits>,
}

impl Repaired {
    /// Takes in what was found in a text.
    fn add(&mut self, field: FieldEdits) {
        self.has_field = true;
        if !(field.edits.is_empty() && field.findings.is_empty()) {
            self.fields.push(field);
        }
    }

    /// Whether a text of the record has an edit.
    pub fn is_changed(&self) -> bool {
        self.fields.iter().any(|field| !field.edits.is_empty())
    }
}

/// The edits and findings of one text of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldEdits {
    /// The field by name or JSON pointer; none where the record is the text.
    pub field: Option<String>,
    /// What is changed, as ranges of the text in UTF-8.
    pub edits: Vec<Edit>,
    /// What was seen but not changed, likewise.
    pub findings: Vec<Finding>,
}

impl FieldEdits {
    /// The edits and findings by position.
    pub fn items(&self) -> impl Iterator<Item = FieldItem<'_>> {
        let field = self.field.as_deref();
        items(&self.edits, &self.findings)
            .into_iter()
            .map(move |item| FieldItem { field, item: item.into() })
    }
}

/// An edit or finding with the field that it is in: what `--meta-field` and `--sidecar` tell.
#[derive(Debug, Serialize)]
pub struct FieldItem<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(flatten)]
    item: ItemRecord<'a>,
}

/// A record that cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecordError {
    /// The byte of the record, from 1, at which that showed.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// A form of records of which each is a line, or some lines where it has quotes.
pub trait Lines: Sync {
    /// Repairs one record, which is given without its line end.
    ///
    /// # Errors
    /// Where the record cannot be read, or its repair cannot be written.
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError>;

    /// What the record is known by elsewhere, as JSON: its field or column `id`.
    fn id(&self, _record: &[u8]) -> Option<String> {
        None
    }
}

/// The items up to the first error, and that; what comes behind is not asked for.
pub fn until_error<T>(
    items: impl Iterator<Item = io::Result<T>>,
) -> impl Iterator<Item = io::Result<T>> {
    let mut items = Some(items);
    iter::from_fn(move || {
        let item = items.as_mut()?.next();
        if !matches!(item, Some(Ok(_))) {
            items = None;
        }
        item
    })
}

/// The record as text.
///
/// # Errors
/// Where it is not UTF-8.
fn text(record: &[u8]) -> Result<&str, RecordError> {
    simdutf8::compat::from_utf8(record).map_err(|error| RecordError {
        column: error.valid_up_to() + 1,
        message: "not UTF-8; `hanfix fix --to utf-8` converts a file".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_behind_an_error() {
        let error = || Err(io::ErrorKind::UnexpectedEof.into());
        let mut asked = 0;
        let items = [Ok(1), error(), Ok(2)].into_iter().inspect(|_| asked += 1);
        let seen: Vec<bool> = until_error(items).map(|item| item.is_ok()).collect();
        assert_eq!((seen, asked), (vec![true, false], 2));
    }
}
