//! Where a text may be cut so that its parts convert on their own: behind a character that
//! no phrase of any dictionary holds.

use super::ids;

/// Characters that no phrase holds, nor becomes; `tools/opencc-compile` makes sure of it.
const BREAKS: [char; 5] = ['\n', '。', '！', '？', '；'];
/// Bytes of a piece, where sentences are not longer.
const PIECE_BYTES: usize = 1 << 16;
/// Bytes before a break in which a description sequence that holds it may start.
const SEQUENCE_BYTES: usize = 4 * ids::MAX_CHARS;

/// The pieces of a text, in order.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut window = PIECE_BYTES;
        let cut = loop {
            if window >= rest.len() {
                break rest.len();
            }
            match last_break(&rest[..rest.floor_char_boundary(window)], 0) {
                Some(cut) => break cut,
                None => window *= 2,
            }
        };
        let piece;
        (piece, rest) = rest.split_at(cut);
        (!piece.is_empty()).then_some(piece)
    })
}

/// The last place behind `from` in a text at which it may be cut, whatever follows it.
pub fn last_break(text: &str, from: usize) -> Option<usize> {
    let breaks = text.rmatch_indices(&BREAKS).map(|(at, found)| at + found.len());
    let mut behind = breaks.take_while(|end| *end > from);
    behind.find(|end| !may_be_in_sequence(&text.as_bytes()[..*end]))
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
    fn a_long_sentence_is_one_piece() {
        let text = "海".repeat(PIECE_BYTES) + "。" + &"天".repeat(PIECE_BYTES);
        let lens: Vec<usize> = pieces(&text).map(str::len).collect();
        assert_eq!(lens, [3 * PIECE_BYTES + 3, 3 * PIECE_BYTES]);
        assert_eq!(pieces("").count(), 0);
    }

    #[test]
    fn no_sequence_is_cut() {
        let text = "海".repeat(PIECE_BYTES / 3 - 10) + "\n⿰\n月" + &"天".repeat(PIECE_BYTES);
        let first = pieces(&text).next().unwrap();
        assert!(first.ends_with("海\n"));
    }
}
