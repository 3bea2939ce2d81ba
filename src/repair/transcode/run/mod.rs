//! A run of damage as it was read: its pieces, the [`evidence`] for it, what its [`looks`] say
//! against it, and the [`edits`] that repair it.

mod edits;
mod evidence;
mod looks;

use std::ops::Range;

pub use evidence::Standing;

use super::lattice::Read;
use super::path::Path;

/// A run of damaged characters, as pieces between ASCII that is as it was.
#[derive(Default)]
pub struct Run {
    pieces: Vec<Piece>,
    /// What the pieces cost as they are read, in 1/256 bit.
    cost: i64,
}

/// Damaged characters without a gap.
#[derive(Default)]
struct Piece {
    range: Range<usize>,
    after: String,
    losses: Vec<Loss>,
    /// Where the first of the damaged characters begins that have bytes of the next character.
    begun: usize,
    /// The ASCII character behind it and what it costs there, in 1/256 bit, if the run goes on.
    behind: Option<(char, i32)>,
    /// What it costs as found, in 1/256 bit, if that is known.
    found: Option<i64>,
}

/// A character that lost a byte.
struct Loss {
    /// Where its best guess stands, in the bytes that the piece is read as.
    at: usize,
    /// The bytes of the text that it was.
    from: Range<usize>,
    guess: char,
    posterior: f32,
}

impl Run {
    /// Adds what the character at byte `at` of the text was read as.
    pub fn add(&mut self, at: usize, read: &Read) {
        let symbol = read.symbol;
        if read.is_itself() {
            self.pass(at, symbol, || read.cost);
            return;
        }
        self.pay(i64::from(read.cost));
        let piece = self.piece(at);
        let end = at + symbol.len_utf8();
        piece.range.end = end;
        for ((guess, lost), posterior) in read.emitted.iter().zip(read.posteriors) {
            if lost {
                let from = piece.begun..end;
                piece.losses.push(Loss { at: piece.after.len(), from, guess, posterior });
            }
            piece.after.push(guess);
            // the next character may begin in the same damaged one
            piece.begun = at;
        }
        if read.emitted.len() > 0 && !read.is_open {
            piece.begun = end;
        }
    }

    /// Passes over the character at byte `at` of the text, which is as it was.
    pub fn pass(&mut self, at: usize, ascii: char, cost: impl FnOnce() -> i32) {
        // the character behind a piece speaks for it, too: `√∂n`
        if let Some(piece) = self.pieces.last_mut().filter(|piece| piece.range.end == at) {
            piece.behind = Some((ascii, cost()));
        }
    }

    /// Adds a piece of the text, if it is one, that costs `found` as it stands and was read as
    /// `after` without a loss; behind the one before stands ASCII.
    pub fn take(&mut self, range: Range<usize>, after: &str, found: i64) {
        if !range.is_empty() {
            let (after, found) = (after.to_owned(), Some(found));
            self.pieces.push(Piece { range, after, found, ..Piece::default() });
        }
    }

    /// Adds to what the run costs as it is read.
    pub fn pay(&mut self, cost: i64) {
        self.cost += cost;
    }

    /// The piece that goes on at byte `at` of the text, a new one if need be.
    fn piece(&mut self, at: usize) -> &mut Piece {
        if self.pieces.last().is_none_or(|piece| piece.range.end != at) {
            self.pieces.push(Piece { range: at..at, begun: at, ..Piece::default() });
        }
        self.pieces.last_mut().expect("there is one")
    }

    /// Whether what was read becomes the text as it stands along a path.
    pub fn is_along(&self, path: &Path, text: &str) -> bool {
        self.pieces.iter().all(|piece| path.leads_to(&piece.after, &text[piece.range.clone()]))
    }

    /// The bytes of the text from the first piece to the last, if there is one.
    fn range(&self) -> Option<Range<usize>> {
        let (first, last) = (self.pieces.first()?, self.pieces.last()?);
        Some(first.range.start..last.range.end)
    }

    /// The characters of the pieces, as they were found.
    fn found<'a>(&'a self, text: &'a str) -> impl Iterator<Item = char> {
        self.pieces.iter().flat_map(|piece| text[piece.range.clone()].chars())
    }

    /// Whether no character lost a byte.
    fn is_lossless(&self) -> bool {
        self.pieces.iter().all(|piece| piece.losses.is_empty())
    }
}
