//! Gzip and Zstandard, told by their first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

/// How much is read and written at a time.
const BUFFER: usize = 1 << 17;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstandard,
}

impl Compression {
    /// The compression whose magic number these bytes begin with.
    fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstandard,
            _ => Compression::None,
        }
    }
}

/// Tells how a stream is compressed.
///
/// # Errors
/// Where its first bytes cannot be read.
pub fn detect<R: Read>(stream: R) -> io::Result<(Compression, BufReader<R>)> {
    let mut stream = BufReader::with_capacity(BUFFER, stream);
    let compression = Compression::of(stream.fill_buf()?);
    Ok((compression, stream))
}

/// Reads a stream that is compressed like this.
///
/// # Errors
/// Where a decompressor cannot be made.
pub fn reader(
    compression: Compression,
    stream: impl BufRead + Send + 'static,
) -> io::Result<Box<dyn BufRead + Send>> {
    Ok(match compression {
        Compression::None => Box::new(stream),
        Compression::Gzip => {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(stream)))
        }
        Compression::Zstandard => Box::new(BufReader::with_capacity(
            BUFFER,
            zstd::stream::read::Decoder::with_buffer(stream)?,
        )),
    })
}

/// A file that is written compressed.
pub enum Writer {
    /// As it is.
    Plain(BufWriter<File>),
    /// As one gzip member.
    Gzip(GzEncoder<BufWriter<File>>),
    /// As one Zstandard frame.
    Zstandard(zstd::stream::write::Encoder<'static, BufWriter<File>>),
}

impl Writer {
    /// A writer to `file`, at each format's usual level.
    ///
    /// # Errors
    /// Where a compressor cannot be made.
    pub fn new(compression: Compression, file: File) -> io::Result<Writer> {
        let file = BufWriter::with_capacity(BUFFER, file);
        Ok(match compression {
            Compression::None => Writer::Plain(file),
            Compression::Gzip => Writer::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Compression::Zstandard => Writer::Zstandard(zstd::stream::write::Encoder::new(
                file,
                zstd::DEFAULT_COMPRESSION_LEVEL,
            )?),
        })
    }

    /// Ends the stream and writes all of it.
    ///
    /// # Errors
    /// Where the rest cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let mut file = match self {
            Writer::Plain(file) => file,
            Writer::Gzip(encoder) => encoder.finish()?,
            Writer::Zstandard(encoder) => encoder.finish()?,
        };
        file.flush()
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Writer::Plain(file) => file.write(bytes),
            Writer::Gzip(encoder) => encoder.write(bytes),
            Writer::Zstandard(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Writer::Plain(file) => file.flush(),
            Writer::Gzip(encoder) => encoder.flush(),
            Writer::Zstandard(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstandard] {
            let mut file = tempfile::tempfile().unwrap();
            // twice: members and frames may follow each other
            for _ in 0..2 {
                let mut writer = Writer::new(compression, file.try_clone().unwrap()).unwrap();
                writer.write_all("一行\n".as_bytes()).unwrap();
                writer.finish().unwrap();
            }
            file.rewind().unwrap();
            let (found, stream) = detect(file).unwrap();
            let mut read = reader(found, stream).unwrap();
            let mut text = String::new();
            read.read_to_string(&mut text).unwrap();
            assert_eq!((found, text.as_str()), (compression, "一行\n一行\n"));
        }
    }
}
