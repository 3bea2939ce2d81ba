//! Where the records of one input go, and what is told of them.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
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

/// The file of the records that were taken out of all inputs.
pub struct Quarantine {
    file: File,
    /// What went there last lacks its newline.
    unended: bool,
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
    pub fn finish(self, quarantine: Option<&mut Quarantine>) -> Result<Stats> {
        if let Some((quarantined, quarantine)) = self.quarantined.zip(quarantine) {
            quarantine.add(quarantined).context("cannot write the quarantine file")?;
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

impl Quarantine {
    /// A new file, or with `append` one that keeps what it holds.
    ///
    /// # Errors
    /// Where it cannot be made, or what it holds cannot be read.
    pub fn create(path: &Path, append: bool) -> io::Result<Quarantine> {
        let mut options = File::options();
        options.create(true).write(true).append(append).truncate(!append);
        let file = options.open(path)?;
        // no pipe has a length
        let unended = append && file.metadata()?.len() > 0 && is_unended(&mut File::open(path)?)?;
        Ok(Quarantine { file, unended })
    }

    /// Appends the records of one input, of which the first must not run into the last of another.
    fn add(&mut self, records: BufWriter<File>) -> io::Result<()> {
        let mut records = records.into_inner().map_err(io::IntoInnerError::into_error)?;
        if records.stream_position()? == 0 {
            return Ok(());
        }
        let unended = is_unended(&mut records)?;
        records.rewind()?;
        if std::mem::replace(&mut self.unended, unended) {
            self.file.write_all(b"\n")?;
        }
        io::copy(&mut records, &mut self.file)?;
        Ok(())
    }
}

/// Whether the last record of a file that is not empty is one of text that lacks its newline; a
/// compressed one has none.
fn is_unended(file: &mut File) -> io::Result<bool> {
    let mut first = [0; GZIP.len()];
    file.rewind()?;
    let length = file.read(&mut first)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n" && first[..length] != *GZIP)
}

/// What a member of gzip begins with.
const GZIP: &[u8] = b"\x1F\x8B";

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
