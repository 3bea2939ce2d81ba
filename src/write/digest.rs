//! What a content is known by where it is too large to be held.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::pieces::each_piece;

/// The SHA-256 of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(#[serde(with = "hex")] [u8; 32]);

/// A digest in the making.
#[derive(Clone, Debug, Default)]
pub struct Hasher(Sha256);

impl Digest {
    /// The digest of all that a stream holds.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn of(stream: impl Read) -> io::Result<Digest> {
        let mut hasher = Hasher::default();
        each_piece(stream, |bytes| {
            hasher.update(bytes);
            io::Result::Ok(())
        })?;
        Ok(hasher.finish())
    }
}

impl Hasher {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of what was taken in.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}
