//! What cutting a file into records has in common, however they lie in it.

use std::io;

use super::{Entry, Part};

/// The parts of a file of records; nothing sensible follows an error.
pub type Parts = Box<dyn Iterator<Item = io::Result<Part>> + Send>;

/// Cuts a file into records.
pub trait Cut {
    /// Adds some whole records; none at the end of the file, or before one that is too long.
    ///
    /// # Errors
    /// Those of the file; what was added before holds.
    fn records(&mut self, entries: &mut Vec<Entry>) -> io::Result<()>;

    /// The next piece of a record that is too long, where the file is at one.
    ///
    /// # Errors
    /// Those of the file.
    fn piece(&mut self) -> io::Result<Option<Part>>;
}

/// The parts of a file.
pub struct Cutter<C> {
    cut: C,
    /// What was met behind the records that were given out last.
    pending: Option<io::Error>,
}

impl<C: Cut> Cutter<C> {
    /// The parts of a file.
    pub fn new(cut: C) -> Cutter<C> {
        Cutter { cut, pending: None }
    }

    fn part(&mut self) -> io::Result<Option<Part>> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        if let Some(piece) = self.cut.piece()? {
            return Ok(Some(piece));
        }
        let mut entries = Vec::new();
        let cut = self.cut.records(&mut entries);
        if entries.is_empty() {
            cut?;
            return self.cut.piece();
        }
        self.pending = cut.err();
        Ok(Some(Part::Records(entries)))
    }
}

impl<C: Cut> Iterator for Cutter<C> {
    type Item = io::Result<Part>;

    fn next(&mut self) -> Option<io::Result<Part>> {
        self.part().transpose()
    }
}
