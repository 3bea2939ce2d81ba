//! Edits as a unified patch, and as an intraline view for a terminal.

mod hunk;
pub mod intraline;
pub mod name;
pub mod patch;
