//! What can go wrong on the way to text and back.

/// Bytes that cannot be read as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are no text in any known encoding.
    #[error("not text in any known encoding: first undecodable byte at offset {offset}")]
    Unknown {
        /// Byte offset of the first byte that no decoder takes.
        offset: usize,
    },
    /// The bytes are no text at all.
    #[error("binary: {what} at offset {offset}")]
    Binary {
        /// What told it, such as `NUL byte` or `PNG image`.
        what: &'static str,
        /// Byte offset of what told it.
        offset: usize,
    },
    /// The bytes start with the byte order mark of an encoding that they are not in.
    #[error(
        "starts with the byte order mark of {encoding}, but is not: ill-formed byte at offset {offset}"
    )]
    Mismarked {
        /// The name of the encoding that the mark stands for.
        encoding: &'static str,
        /// Byte offset of the first ill-formed byte.
        offset: usize,
    },
    /// The bytes are not in the encoding that was stated.
    #[error("not {encoding}: ill-formed byte at offset {offset}")]
    Contradicted {
        /// The name of the encoding that was stated.
        encoding: &'static str,
        /// Byte offset of the first ill-formed byte.
        offset: usize,
    },
    /// Text that switches character sets does not switch back for longer than is read at once.
    #[error("a line of {encoding} from offset {offset} on is too long to be read in parts")]
    Endless {
        /// The name of the encoding.
        encoding: &'static str,
        /// Byte offset of the part that cannot be cut.
        offset: usize,
    },
    /// The encoding that was stated is not known.
    #[error("unknown encoding `{label}`")]
    Label {
        /// The label as it was stated.
        label: String,
    },
}

impl DecodeError {
    /// Byte offset in the input of what stands in the way, where it is a place.
    pub fn offset(&self) -> Option<usize> {
        match *self {
            DecodeError::Unknown { offset }
            | DecodeError::Binary { offset, .. }
            | DecodeError::Mismarked { offset, .. }
            | DecodeError::Contradicted { offset, .. }
            | DecodeError::Endless { offset, .. } => Some(offset),
            DecodeError::Label { .. } => None,
        }
    }

    /// The error with its offset moved.
    pub(super) fn moved(mut self, by: u64) -> DecodeError {
        match &mut self {
            DecodeError::Unknown { offset }
            | DecodeError::Binary { offset, .. }
            | DecodeError::Mismarked { offset, .. }
            | DecodeError::Contradicted { offset, .. }
            | DecodeError::Endless { offset, .. } => *offset = moved(*offset, by),
            DecodeError::Label { .. } => {}
        }
        self
    }
}

fn moved(offset: usize, by: u64) -> usize {
    offset.saturating_add(usize::try_from(by).unwrap_or(usize::MAX))
}

/// Why text cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A character that the encoding cannot hold.
    #[error(
        "U+{:04X} `{}` at offset {offset} cannot be written as {encoding}",
        u32::from(*character),
        character.escape_debug()
    )]
    Unmappable {
        /// The character.
        character: char,
        /// Byte offset in the file of the character, or of the edit that puts it in.
        offset: usize,
        /// The name of the encoding.
        encoding: &'static str,
    },
    /// Bytes that are ill-formed in the encoding of the file, and so stand for no character.
    #[error("ill-formed bytes at offset {offset} cannot be written as {encoding}")]
    Malformed {
        /// Byte offset of the first of them.
        offset: usize,
        /// The name of the encoding that was asked for.
        encoding: &'static str,
    },
    /// The encoding that was asked for is read, but not written.
    #[error("{encoding} is only read, not written; {instead} is what holds the same text")]
    ReadOnly {
        /// The name of the encoding.
        encoding: &'static str,
        /// The encoding to ask for instead.
        instead: &'static str,
    },
    /// The encoding that was asked for is not known.
    #[error("unknown encoding `{label}`")]
    Label {
        /// The label as it was asked for.
        label: String,
    },
}

impl EncodeError {
    /// Byte offset in the input of what stands in the way, where it is a place.
    pub fn offset(&self) -> Option<usize> {
        match *self {
            EncodeError::Unmappable { offset, .. } | EncodeError::Malformed { offset, .. } => {
                Some(offset)
            }
            EncodeError::ReadOnly { .. } | EncodeError::Label { .. } => None,
        }
    }

    /// The error as one of the whole file, for a block that starts at offset `by` of it.
    #[must_use]
    pub fn moved(mut self, by: u64) -> EncodeError {
        match &mut self {
            EncodeError::Unmappable { offset, .. } | EncodeError::Malformed { offset, .. } => {
                *offset = moved(*offset, by);
            }
            EncodeError::ReadOnly { .. } | EncodeError::Label { .. } => {}
        }
        self
    }
}
