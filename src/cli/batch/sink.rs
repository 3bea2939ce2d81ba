//! Where the records of one input go, and what is told of them.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::input::Input;
use super::manifest::Stamp;
use super::partial::Partial;
use super::stats::Stats;
use crate::records::compress::{Compression, Writer};

/// Where the records of one input go.
pub struct Sink {
    /// The file that the records become; stdout unless there is one.
    pub target: Option<Target>,
    sidecar: Option<(Partial, BufWriter<File>)>,
    /// Records that were taken out, until the input is done: a run that is resumed
    /// must not find those of an input that it takes again.
    quarantined: Option<BufWriter<File>>,
    /// What was done.
    pub stats: Stats,
}

/// A file of records.
pub struct Target {
    partial: Partial,
    writer: Writer,
    path: PathBuf,
    /// The input, if it is compressed and all that was written so far is what it holds.
    unchanged: Option<(PathBuf, Stamp)>,
}

impl Sink {
    /// The sink that an input names, its file compressed in some way.
    ///
    /// # Errors
    /// Where a file cannot be made.
    pub fn new(input: &Input, compression: Compression, quarantine: bool) -> Result<Sink> {
        let target = input.target.as_deref().map(|path| Target::new(path, compression, input));
        let sidecar = input.sidecar.as_deref().map(|path| {
            let partial = Partial::create(path)?;
            let writer = BufWriter::new(partial.writer()?);
            io::Result::Ok((partial, writer)).with_context(|| cannot_write(path))
        });
        let quarantined = quarantine.then(|| tempfile::tempfile().map(BufWriter::new));
        Ok(Sink {
            target: target.transpose()?,
            sidecar: sidecar.transpose()?,
            quarantined: quarantined.transpose().context("cannot make a temporary file")?,
            stats: Stats::default(),
        })
    }

    /// Whether edits and findings are told.
    #[cfg(feature = "parquet")]
    pub fn has_sidecar(&self) -> bool {
        self.sidecar.is_some()
    }

    /// Writes edits and findings to the sidecar, if there is one.
    ///
    /// # Errors
    /// Those of the file.
    pub fn tell(&mut self, lines: &[u8]) -> io::Result<()> {
        self.sidecar.as_mut().map_or(Ok(()), |(_, writer)| writer.write_all(lines))
    }

    /// Puts records into quarantine, if there is one.
    ///
    /// # Errors
    /// Those of the file.
    pub fn quarantine(&mut self, records: &[u8]) -> io::Result<()> {
        self.quarantined.as_mut().map_or(Ok(()), |writer| writer.write_all(records))
    }

    /// Ends all files: the records last, so that nothing is missing where they are.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn finish(self, quarantine: Option<&mut File>) -> Result<Stats> {
        if let Some((quarantined, quarantine)) = self.quarantined.zip(quarantine) {
            release(quarantined, quarantine).context("cannot write the quarantine file")?;
        }
        if let Some((partial, writer)) = self.sidecar {
            let written = writer.into_inner().map_err(io::IntoInnerError::into_error);
            written.and_then(|_| partial.finish()).context("cannot write the sidecar")?;
        }
        if let Some(target) = self.target {
            let path = target.path.clone();
            target.finish().with_context(|| cannot_write(&path))?;
        }
        Ok(self.stats)
    }
}

/// Appends the records of one input to those of the run.
fn release(quarantined: BufWriter<File>, quarantine: &mut File) -> io::Result<()> {
    let mut quarantined = quarantined.into_inner().map_err(io::IntoInnerError::into_error)?;
    quarantined.rewind()?;
    io::copy(&mut quarantined, quarantine)?;
    Ok(())
}

impl Target {
    fn new(path: &Path, compression: Compression, input: &Input) -> Result<Target> {
        let make = || {
            let partial = Partial::create(path)?;
            let writer = Writer::new(compression, partial.writer()?)?;
            io::Result::Ok((partial, writer))
        };
        let (partial, writer) = make().with_context(|| cannot_write(path))?;
        let is_compressed = compression != Compression::None;
        let unchanged = is_compressed.then(|| input.path.clone().zip(input.stamp())).flatten();
        Ok(Target { partial, writer, path: path.to_owned(), unchanged })
    }

    /// Writes records that are not those of the input.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write_changed(&mut self, records: &[u8]) -> io::Result<()> {
        self.unchanged = None;
        self.writer.write_all(records)
    }

    /// The file, to be written by other means.
    ///
    /// # Errors
    /// Where the system has no more files to give.
    #[cfg(feature = "parquet")]
    pub fn file(&self) -> io::Result<File> {
        self.partial.writer()
    }

    /// Where records go that are those of the input.
    pub fn unchanged(&mut self) -> &mut dyn Write {
        &mut self.writer
    }

    /// Gives the file its name. Where nothing changed it is the input byte for byte,
    /// not what another compressor makes of it.
    fn finish(self) -> io::Result<()> {
        self.writer.finish()?;
        if let Some((input, stamp)) = self.unchanged
            && Stamp::of(&input) == Some(stamp)
        {
            let mut file = self.partial.writer()?;
            file.set_len(0)?;
            file.rewind()?;
            io::copy(&mut File::open(input)?, &mut file)?;
        }
        self.partial.finish()
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
