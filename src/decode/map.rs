//! Where each piece of the text came from, for the way back to the bytes.

use super::charset::Charset;
use super::shifted::Mode;

/// How the bytes of a piece relate to its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// UTF-8 or ASCII: the bytes are the text.
    Same,
    /// Well-formed characters of the charset, one after the other.
    Units,
    /// Bytes that stand for all the text of the piece together: ill-formed bytes (one U+FFFD),
    /// a surrogate pair in UTF-8 (one character), an escape sequence (no character). With the mode
    /// behind them; ASCII where the encoding has none.
    Whole(Mode),
    /// Characters of a seven-bit encoding in one of its modes.
    Shifted(Mode),
}

/// A stretch of text that was read in one way; it ends where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Offset of its first byte in the text.
    pub text: usize,
    /// Offset of its first byte in the bytes that were read.
    pub bytes: usize,
    pub charset: Charset,
    pub form: Form,
}

impl Piece {
    /// Whether its bytes are those that its encoding has for its text: in UTF-8 they are the text,
    /// unless they are ill-formed or a surrogate pair.
    pub fn is_proper(&self) -> bool {
        self.charset != Charset::Utf8 || self.form == Form::Same
    }
}

/// The pieces of a text, in order and without gaps.
#[derive(Clone, Debug)]
pub(super) struct Map {
    pub pieces: Vec<Piece>,
}

impl Map {
    /// The map of bytes that were read in one way from offset `bytes` on.
    pub fn one(charset: Charset, form: Form, bytes: usize) -> Map {
        Map { pieces: vec![Piece { text: 0, bytes, charset, form }] }
    }

    /// Starts a piece, unless it continues the last one.
    pub fn push(&mut self, piece: Piece) {
        let continues = self.pieces.last().is_some_and(|last| {
            last.charset == piece.charset
                && last.form == piece.form
                && !matches!(piece.form, Form::Whole(_))
        });
        if !continues {
            self.pieces.push(piece);
        }
    }
}

/// The offsets of a place between two characters, in the text and in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offsets {
    pub text: usize,
    pub bytes: usize,
    /// The piece it lies in.
    pub piece: usize,
}

/// Finds the bytes of ever later places of the text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pieces: &'a [Piece],
    at: Offsets,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, bytes: &'a [u8], map: &'a Map) -> Cursor<'a> {
        let at =
            Offsets { text: 0, bytes: map.pieces.first().map_or(0, |first| first.bytes), piece: 0 };
        Cursor { text, bytes, pieces: &map.pieces, at }
    }

    /// Where the character that starts at `offset` of the text starts: behind escape sequences.
    ///
    /// A place inside a unit of several characters is rounded down to its start.
    pub fn start_of(&mut self, offset: usize) -> Offsets {
        self.walk(offset);
        while self.at.piece + 1 < self.pieces.len() && self.piece_end().text <= offset {
            self.enter_next();
        }
        self.at
    }

    /// The offset in the text of the character that byte `offset` is in.
    pub fn text_at(&mut self, offset: usize) -> usize {
        let piece = self.pieces.partition_point(|piece| piece.bytes <= offset).saturating_sub(1);
        let Piece { text, bytes, form, .. } = self.pieces[piece];
        self.at = Offsets { text, bytes, piece };
        let end = self.piece_end();
        if form == Form::Same {
            let at = self.text.floor_char_boundary(text + offset.saturating_sub(bytes));
            return at.min(end.text);
        }
        while self.at.bytes < end.bytes {
            let next = self.next_offsets();
            if next.bytes > offset {
                break;
            }
            self.at = next;
        }
        self.at.text
    }

    /// Where the character that ends at `offset` of the text ends: before escape sequences.
    ///
    /// A place inside a unit of several characters is rounded up to its end.
    pub fn end_of(&mut self, offset: usize) -> Offsets {
        self.walk(offset);
        if self.at.text < offset {
            self.step();
        }
        self.at
    }

    /// Walks to the last place at or before `offset`, the first of them where several are.
    fn walk(&mut self, offset: usize) {
        while self.at.text < offset {
            let end = self.piece_end();
            if end.text <= self.at.text {
                self.enter_next();
            } else if end.text <= offset {
                self.at = end;
            } else if self.piece().form == Form::Same {
                self.at.bytes += offset - self.at.text;
                self.at.text = offset;
            } else if self.next_offsets().text <= offset {
                self.step();
            } else {
                break;
            }
        }
    }

    /// The mode that a seven-bit encoding is in at the cursor.
    pub fn mode(&self) -> Mode {
        match self.piece().form {
            Form::Shifted(mode) => mode,
            // before the first escape sequence
            Form::Whole(_) if self.at.piece == 0 => Mode::Ascii,
            Form::Whole(mode) => mode,
            Form::Same | Form::Units => Mode::Ascii,
        }
    }

    /// The encoding at the cursor.
    pub fn charset(&self) -> Charset {
        self.piece().charset
    }

    fn piece(&self) -> Piece {
        self.pieces[self.at.piece]
    }

    /// The end of the piece that the cursor is in.
    fn piece_end(&self) -> Offsets {
        let (text, bytes) = match self.pieces.get(self.at.piece + 1) {
            Some(next) => (next.text, next.bytes),
            None => (self.text.len(), self.bytes.len()),
        };
        Offsets { text, bytes, piece: self.at.piece }
    }

    fn enter_next(&mut self) {
        let next = self.at.piece + 1;
        let Piece { text, bytes, .. } = self.pieces[next];
        self.at = Offsets { text, bytes, piece: next };
    }

    fn step(&mut self) {
        self.at = self.next_offsets();
    }

    /// The offsets behind the next unit of the piece.
    fn next_offsets(&self) -> Offsets {
        let Offsets { text, bytes, piece } = self.at;
        let rest = &self.bytes[bytes..];
        let (units, chars) = match self.piece().form {
            Form::Same => {
                let len = self.char_len(text);
                return Offsets { text: text + len, bytes: bytes + len, piece };
            }
            Form::Whole(_) => return self.piece_end(),
            Form::Units => {
                let charset = self.piece().charset;
                (charset.unit_len(rest), charset.unit_chars(rest))
            }
            Form::Shifted(mode) => (mode.unit_len(rest), 1),
        };
        let text = (0..chars).fold(text, |text, _| text + self.char_len(text));
        Offsets { text, bytes: bytes + units, piece }
    }

    fn char_len(&self, at: usize) -> usize {
        self.text[at..].chars().next().map_or(0, char::len_utf8)
    }
}
