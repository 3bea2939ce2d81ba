//! One text a line.

use super::{FieldEdits, Lines, RecordError, Repaired};
use crate::decode::Options;
use crate::fixer::Fixer;

/// Repairs every line as a text of its own.
pub struct Text<'a> {
    /// What repairs it.
    pub fixer: &'a Fixer,
    /// How its bytes are read.
    pub decoding: &'a Options,
}

impl Lines for Text<'_> {
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError> {
        let fixed = self.fixer.fix_bytes(record, self.decoding).map_err(|error| RecordError {
            column: error.offset().map_or(1, |offset| offset + 1),
            message: error.to_string(),
        })?;
        let mut repaired = Repaired::default();
        if !fixed.edits.is_empty() {
            let encoded = fixed.decoded.encode(&fixed.edits);
            let encoded =
                encoded.map_err(|error| RecordError { column: 1, message: error.to_string() })?;
            repaired.record = Some(encoded);
        }
        let (edits, findings) = (fixed.edits, fixed.findings);
        repaired.add(FieldEdits { field: None, edits, findings });
        Ok(repaired)
    }
}
