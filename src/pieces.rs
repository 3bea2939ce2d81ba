//! Streams, piece by piece.

use std::io::{self, BufRead, BufReader, Read};

/// Bytes that are read at once.
const PIECE: usize = 1 << 16;

/// Calls `take` with one piece of a stream after the other.
///
/// # Errors
/// Those of the stream and of `take`.
pub fn each_piece<E: From<io::Error>>(
    stream: impl Read,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = BufReader::with_capacity(PIECE, stream);
    loop {
        let piece = match stream.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            piece => piece?,
        };
        if piece.is_empty() {
            return Ok(());
        }
        take(piece)?;
        let length = piece.len();
        stream.consume(length);
    }
}
