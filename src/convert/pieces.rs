//! Where a text may be cut so that its parts convert on their own: behind a line feed,
//! which no phrase holds.

use memchr::memrchr_iter;

use super::ids;

/// Bytes of a piece, where its lines are not longer.
const PIECE_BYTES: usize = 1 << 16;
/// Bytes before a line feed in which a description sequence that holds it may start.
const SEQUENCE_BYTES: usize = 4 * ids::MAX_CHARS;

/// The pieces of a text, in order.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let piece;
        (piece, rest) = rest.split_at(cut(rest));
        (!piece.is_empty()).then_some(piece)
    })
}

/// The length of the first piece: of a few pieces' size at most, or all.
fn cut(text: &str) -> usize {
    let mut end = PIECE_BYTES;
    while let Some(window) = text.as_bytes().get(..end) {
        // of the lines of one size of pieces the last, to have few pieces
        let lines = memrchr_iter(b'\n', &window[end - PIECE_BYTES..]);
        let mut ends = lines.map(|at| end - PIECE_BYTES + at + 1);
        if let Some(end) = ends.find(|end| !may_be_in_sequence(&window[..*end])) {
            return end;
        }
        end += PIECE_BYTES;
    }
    text.len()
}

/// Whether a description sequence may reach over the end of `bytes`.
fn may_be_in_sequence(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(SEQUENCE_BYTES)..];
    // every operator is E2 BF xx
    tail.windows(2).any(|pair| pair == [0xE2, 0xBF])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_with_lines() {
        let text = "海上生明月\n天涯共此时\n".repeat(20_000);
        let pieces: Vec<&str> = pieces(&text).collect();
        assert!(pieces.len() > 5 && pieces.iter().all(|piece| piece.ends_with('\n')));
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE_BYTES));
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn a_long_line_is_one_piece() {
        let text = "海".repeat(PIECE_BYTES) + "\n" + &"天".repeat(PIECE_BYTES);
        let lens: Vec<usize> = pieces(&text).map(str::len).collect();
        assert_eq!(lens, [3 * PIECE_BYTES + 1, 3 * PIECE_BYTES]);
        assert_eq!(pieces("").count(), 0);
    }

    #[test]
    fn no_sequence_is_cut() {
        let text = "海".repeat(PIECE_BYTES / 3 - 10) + "\n⿰\n月" + &"天".repeat(PIECE_BYTES);
        let first = pieces(&text).next().unwrap();
        assert!(first.ends_with("海\n"));
    }
}
