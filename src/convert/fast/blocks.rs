//! Blocks of a text, and the leads of characters in them.

use wide::u8x16;

use crate::scan::CHAR_BYTES;

/// Bytes whose leads are found together.
pub const BLOCK: usize = 64;
/// Bytes of a vector.
const VECTOR: usize = 16;
/// Bytes from a block to the next. A character that starts behind them belongs to the next
/// block, and is looked at because a phrase may go on with it.
pub const STRIDE: usize = BLOCK - CHAR_BYTES;
/// Bytes of a block, and as many behind as may be read of a character that starts at its end.
pub const WINDOW: usize = BLOCK + VECTOR;
/// Blocks that are converted before phrases are looked for in them. With half as many
/// conversion takes 2 % longer, with twice as many it gains nothing.
pub const BLOCKS: usize = 16;
/// The rest of a text with fewer blocks is its end, and is passed over with zeros behind it.
const MIN_BLOCKS: usize = 2;
/// Blocks that the end of a text and the zeros are. To fill all [`BLOCKS`] takes a short text
/// 20 ns longer, a fifth of its time.
const END_BLOCKS: usize = MIN_BLOCKS + 1;
/// Bytes of these blocks, which a text has to have room for while its end is converted.
pub const ROOM: usize = bytes_of(END_BLOCKS);
// all of the end is passed over at once
const _: () = assert!(chunk_limit(END_BLOCKS) >= bytes_of(MIN_BLOCKS));

/// Leads of characters of three bytes are E0 to EF, and of four bytes F0 to F4.
const WIDE_LEAD: u8 = 0xE0;
/// The lead of the dot in foreign names (C2 B7), which phrases go on with.
const DOT_LEAD: u8 = 0xC2;

/// Bytes of so many blocks and behind.
const fn bytes_of(blocks: usize) -> usize {
    (blocks - 1) * STRIDE + WINDOW
}

/// Where a chunk of so many blocks ends, or with the first character behind, which starts in
/// the last block.
pub const fn chunk_limit(blocks: usize) -> usize {
    blocks * STRIDE - CHAR_BYTES - 1
}

/// Text in which leads were found.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    pub text: &'a [u8],
    /// Where it starts.
    pub at: usize,
}

impl<'a> Block<'a> {
    /// The text from its start on.
    #[inline(always)]
    pub fn window(self) -> &'a [u8; WINDOW] {
        self.text[self.at..].first_chunk().expect("a block and what is behind")
    }
}

/// Room for the end of a text and zeros behind it.
pub const END: [u8; ROOM] = [0; ROOM];

/// As many blocks as a text starts with, or the text with zeros behind its end.
#[inline(always)]
pub fn whole_blocks<'a>(text: &'a [u8], room: &'a mut [u8; ROOM]) -> &'a [u8] {
    if text.len() < bytes_of(MIN_BLOCKS) {
        room[..text.len()].copy_from_slice(text);
        return room;
    }
    &text[..bytes_of(count_blocks(text))]
}

/// How many blocks, up to [`BLOCKS`], with what is behind, a text starts with.
#[inline(always)]
pub fn count_blocks(text: &[u8]) -> usize {
    ((text.len() - WINDOW) / STRIDE + 1).min(BLOCKS)
}

/// The first place from `at` on where a character starts.
pub fn start_of_char(text: &[u8], at: usize) -> usize {
    let is_start = |at: &usize| text[*at] & 0xC0 != 0x80;
    (at..).find(is_start).expect("no character is longer than four bytes")
}

/// A bit for each byte of a block that is the lead of a character of three or four bytes, or
/// perhaps of a dot.
#[inline(always)]
pub fn leads(window: &[u8; WINDOW]) -> u64 {
    let mut leads = 0;
    for at in (0..BLOCK).step_by(VECTOR) {
        let bytes = u8x16::new(*window[at..].first_chunk().expect("a vector"));
        let is_lead =
            bytes.simd_ge(u8x16::splat(WIDE_LEAD)) | bytes.simd_eq(u8x16::splat(DOT_LEAD));
        leads |= u64::from(is_lead.to_bitmask()) << at;
    }
    leads
}
