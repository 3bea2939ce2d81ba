//! A file's new content, part by part.

use std::io::Read;

use super::{Draft, Hasher, Original, Staged, WriteError};
use crate::decode::Splice;

/// A file on its way to its new content, of which only one part is in memory at a time. Nothing
/// is written before the first part that changes: a clean file costs nothing but reading it.
#[derive(Debug)]
pub struct Rewrite<'a> {
    original: &'a Original,
    /// How many bytes before the first change there are so far.
    kept: u64,
    changed: Option<Changed<'a>>,
}

/// What there is once something has changed.
#[derive(Debug)]
struct Changed<'a> {
    draft: Draft<'a>,
    /// Of the parts as they were read.
    before: Hasher,
}

impl<'a> Rewrite<'a> {
    /// A rewrite of a file, from its start.
    pub fn new(original: &'a Original) -> Rewrite<'a> {
        Rewrite { original, kept: 0, changed: None }
    }

    /// Takes the next part of the file, with what is to be replaced in it.
    ///
    /// # Errors
    /// Where something changes and the file may not be replaced, or the file system refuses.
    pub fn part(&mut self, bytes: &[u8], splices: &[Splice]) -> Result<(), WriteError> {
        if splices.is_empty() && self.changed.is_none() {
            self.kept += bytes.len() as u64;
            return Ok(());
        }
        if self.changed.is_none() {
            self.changed = Some(Changed::new(self.original, self.kept)?);
        }
        let Some(Changed { draft, before }) = &mut self.changed else { return Ok(()) };
        before.update(bytes);
        let mut copied = 0;
        for Splice { range, after } in splices {
            draft.put(&bytes[copied..range.start])?;
            draft.put(after)?;
            copied = range.end;
        }
        draft.put(&bytes[copied..])
    }

    /// The new content, written in full beside the file; none where nothing changed.
    ///
    /// # Errors
    /// Where the file is not what was read, or the file system refuses.
    pub fn finish(self) -> Result<Option<Staged<'a>>, WriteError> {
        let stage = |Changed { draft, before }: Changed<'a>| draft.stage(before.finish());
        self.changed.map(stage).transpose()
    }
}

impl<'a> Changed<'a> {
    /// The first `kept` bytes of a file, as they are.
    fn new(original: &'a Original, kept: u64) -> Result<Changed<'a>, WriteError> {
        let mut draft = original.prepare()?.draft()?;
        let mut before = Hasher::default();
        draft.copy(&mut original.reopen()?.take(kept), |bytes| before.update(bytes))?;
        Ok(Changed { draft, before })
    }
}
