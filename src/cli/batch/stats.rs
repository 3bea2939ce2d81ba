//! What a run did, counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Kind;
use crate::cli::output::plural;
use crate::records::{FieldEdits, Repaired};

/// What was done, for `--stats`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stats {
    /// Records that were read.
    pub records: u64,
    /// Records with an edit.
    pub changed: u64,
    /// Records that have none of the fields.
    pub without_field: u64,
    /// Records that could not be read.
    pub errors: u64,
    /// Edits of each kind, by its name.
    edits: BTreeMap<String, u64>,
    /// What was seen but not changed.
    findings: u64,
}

impl Stats {
    /// Nothing yet, with every kind of edit.
    pub fn new() -> Stats {
        let kinds = Kind::repairs().chain([Kind::Convert]);
        let edits = kinds.map(|kind| (kind.name().to_owned(), 0)).collect();
        Stats { edits, ..Stats::default() }
    }

    /// Counts a record.
    pub fn count(&mut self, repaired: &Repaired) {
        self.changed += u64::from(repaired.is_changed());
        self.without_field += u64::from(!repaired.has_field);
        for field in &repaired.fields {
            self.count_field(field);
        }
    }

    /// Counts the edits and findings of a text.
    pub fn count_field(&mut self, field: &FieldEdits) {
        self.findings += field.findings.len() as u64;
        for edit in &field.edits {
            *self.edits.entry(edit.kind.name().to_owned()).or_default() += 1;
        }
    }

    /// Adds what was done elsewhere.
    pub fn merge(&mut self, other: &Stats) {
        self.records += other.records;
        self.changed += other.changed;
        self.without_field += other.without_field;
        self.errors += other.errors;
        self.findings += other.findings;
        for (kind, count) in &other.edits {
            *self.edits.entry(kind.clone()).or_default() += count;
        }
    }
}

/// The sentence that ends a run.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} changed", plural(self.records, "record"), self.changed)?;
        if self.errors > 0 {
            write!(f, ", {} could not be read", self.errors)?;
        }
        Ok(())
    }
}
