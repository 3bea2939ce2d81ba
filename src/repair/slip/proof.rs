//! The proof of a repair: the same accident happens again to the repaired text.

use super::search::{Accident, BLANK, Note};
use crate::codec::{Code, Decoder};
use crate::repair::resync::Item;

/// Whether a reading, damaged as its notes say, is `damaged` again. `text` is the whole
/// text, in which the reading ends at byte `end`.
pub(super) fn reproduces(items: &[Item<Note>], text: &str, end: usize, decoder: Decoder) -> bool {
    let Some(Item::Note(Note { start, .. })) = items.first() else { return false };
    // what follows decides whether a last byte finds a partner, unless the text was cut there
    let behind = text[end..].chars().next();
    let mut damage = Damage { text, decoder, decoded: String::new(), bytes: vec![], omitted: 0 };
    let mut notes: Vec<Note> = Vec::new();
    for item in items {
        match *item {
            Item::Note(note) => notes.push(note),
            Item::Char { code, .. } => damage.add(code, &std::mem::take(&mut notes)),
        }
    }
    for note in notes {
        if let Accident::Gained(_, gained) | Accident::Doubled(_, gained) = note.accident {
            damage.bytes.push(gained);
        }
    }
    let expected = &text[*start..end];
    let behind = behind.into_iter().flat_map(|next| decoder.table().codes(next).take(1));
    let (mut cut, mut whole) = (damage.clone(), damage);
    whole.bytes.extend(behind.flat_map(Code::bytes));
    cut.decode();
    whole.decode();
    cut.decoded == expected
        || whole.decoded.strip_prefix(expected).is_some_and(|rest| text[end..].starts_with(rest))
}

/// A text that is damaged as it grows.
#[derive(Clone)]
struct Damage<'t> {
    text: &'t str,
    decoder: Decoder,
    decoded: String,
    /// What is not decoded yet.
    bytes: Vec<u8>,
    /// How many of the next bytes something else stands for.
    omitted: usize,
}

impl Damage<'_> {
    /// Adds a character, of which the first byte is zero where it has but one, with what
    /// happens to it.
    fn add(&mut self, code: [u8; 2], notes: &[Note]) {
        for (index, byte) in code.into_iter().filter(|&byte| byte != 0).enumerate() {
            let mut lost = false;
            for note in notes {
                match note.accident {
                    Accident::Lost(at) => lost |= at == index,
                    Accident::Gained(at, gained) | Accident::Doubled(at, gained) if at == index => {
                        self.bytes.push(gained);
                    }
                    Accident::Torn if index == 1 => self.cut(note),
                    Accident::Blanked if index == 1 => {
                        self.cut(note);
                        self.omitted = BLANK.len();
                    }
                    _ => {}
                }
            }
            if self.omitted > 0 {
                self.omitted -= 1;
            } else if !lost {
                self.bytes.push(byte);
            }
        }
    }

    /// Decodes what there is, nothing but a torn lead byte, on its own; what came in follows.
    fn cut(&mut self, note: &Note) {
        self.decode();
        let behind_marker = note.start + self.decoded.len();
        self.decoded.push_str(&self.text[behind_marker..note.behind]);
    }

    fn decode(&mut self) {
        self.decoded.push_str(&self.decoder.decode(&self.bytes));
        self.bytes.clear();
    }
}
