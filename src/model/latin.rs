//! Pairs of characters of ASCII and Latin-1, which are all of what UTF-8 read as Latin-1 is made
//! of: their costs are worked out once.

use std::sync::OnceLock;

use super::looked_up;

/// The characters, as numbers.
const CHARACTERS: usize = 256;

/// By the character before, which is worked out at its first use; all of them would take longer
/// than a short text.
static ROWS: [OnceLock<[i16; CHARACTERS]>; CHARACTERS] = [const { OnceLock::new() }; CHARACTERS];

/// What `next` costs behind `previous`, in 1/256 bit, if both are among them.
#[inline]
pub(super) fn known(previous: char, next: char) -> Option<i32> {
    let (Ok(previous), Ok(next)) = (u8::try_from(previous), u8::try_from(next)) else {
        return None;
    };
    let row = ROWS[usize::from(previous)].get_or_init(|| row(previous));
    Some(row[usize::from(next)].into())
}

fn row(previous: u8) -> [i16; CHARACTERS] {
    // no cost is over 64 bits: a byte in 1/8 bit for the class, and one within it
    std::array::from_fn(|next| looked_up(previous.into(), char::from(next as u8)) as i16)
}
