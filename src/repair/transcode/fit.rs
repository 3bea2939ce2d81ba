//! How well the bytes of a damaged text fit its true codec, whatever they mean.
//!
//! The flavours of a decoder lose one byte or two at a marker, so that behind it the bytes of
//! all but one fall out of step with the codec:
//!
//! ```text
//! E4 BD E5 | A5 BD       � lost E4 alone: BD E5 A5 fit nothing
//!                        � lost E4 BD: what follows fits
//! ```
//!
//! This tells flavours apart at a thousandth of what a search takes, and the search for the
//! right one comes first; behind it, the others are given up early.

use super::path::Layer;
use crate::codec::{Codec, Unit};

/// How many bytes of a character may be to come.
const STATES: usize = 4;

/// How many misfits it takes at least to get to each state.
type ByState = [u32; STATES];

/// What cannot be.
const NEVER: u32 = u32::MAX / 2;

/// How many characters of a text do not fit the bytes of a codec, lost bytes that left no mark
/// counted.
#[derive(Clone, Copy)]
pub(super) struct Misfits {
    /// The fewest, if the text may end within a character of the true codec.
    pub(super) least: u32,
    /// The fewest, if it ends with a whole one.
    pub(super) whole: u32,
}

/// How many characters of `text` it takes to explain it as damage of a layer.
pub(super) fn misfits(text: &str, layer: &Layer) -> Misfits {
    let by_state = by_state(text, layer);
    let [whole, ..] = by_state;
    Misfits { least: by_state.into_iter().fold(whole, u32::min), whole }
}

/// How many it takes to get to each state behind a text.
fn by_state(text: &str, layer: &Layer) -> ByState {
    let fit = Fit::new(layer);
    let mut misfits = [0, NEVER, NEVER, NEVER];
    let mut rest = text.chars();
    while let Some(symbol) = rest.next() {
        let before_ascii = rest.clone().next().is_none_or(|next| next.is_ascii());
        misfits = fit.after(misfits, symbol, before_ascii);
    }
    misfits
}

/// What a layer does to bytes.
struct Fit<'l> {
    layer: &'l Layer,
    /// The bytes that are lost alone, whatever follows; and those that are lost alone before ASCII.
    alone: Vec<u8>,
    before_ascii: Vec<u8>,
    loses_pairs: bool,
}

impl Fit<'_> {
    fn new(layer: &Layer) -> Fit<'_> {
        let lost_before = |next: u8| -> Vec<u8> {
            let is_lost = |&byte: &u8| layer.wrong.unit(&[byte, next]) == (Unit::Lost, 1);
            (0x80..=0xFF).filter(is_lost).collect()
        };
        let loses_pairs = layer.wrong.loses_pairs();
        let before_ascii = lost_before(b'\n');
        // Java's and Python's decoders lose any lead byte alone, if no pair comes of it
        let alone = if loses_pairs { lost_before(0xFF) } else { before_ascii.clone() };
        Fit { layer, alone, before_ascii, loses_pairs }
    }

    /// The misfits behind one more character.
    fn after(&self, misfits: ByState, symbol: char, before_ascii: bool) -> ByState {
        let Layer { wrong, truth } = self.layer;
        let mut next = [NEVER; STATES];
        // as it stands
        next[0] = misfits[0] + u32::from(!symbol.is_ascii());
        let mut join = |way: ByState| {
            next.iter_mut().zip(way).for_each(|(least, misfits)| *least = misfits.min(*least));
        };
        let shown = |misfits: ByState| {
            let codes = wrong.table().codes(symbol);
            codes.map(move |code| {
                code.bytes().fold(misfits, |misfits, byte| known(misfits, byte, *truth))
            })
        };
        shown(misfits).for_each(&mut join);
        let lost_pair = || self.lost(self.lost(misfits, &ANY), &ANY);
        if wrong.marker() == Some(symbol) {
            let alone = if before_ascii { &self.before_ascii } else { &self.alone };
            join(self.lost(misfits, alone));
            if self.loses_pairs && !wrong.loses_unmarked() {
                join(lost_pair());
            }
            if wrong.swallows() {
                // a lead byte that swallowed ASCII
                let [ended, ..] = self.lost(misfits, &ANY);
                join([ended, NEVER, NEVER, NEVER]);
            }
        } else if wrong.loses_unmarked() {
            let vanished = match wrong.marker() {
                Some(_) => lost_pair(),
                None => self.lost(misfits, &ANY),
            };
            shown(vanished.map(|misfits| misfits + 1)).for_each(&mut join);
        }
        next
    }

    /// The misfits behind a byte that is lost and may be any of `bytes`.
    fn lost(&self, misfits: ByState, bytes: &[u8]) -> ByState {
        let mut least = [NEVER; STATES];
        for &byte in bytes {
            let way = known(misfits, byte, self.layer.truth);
            least.iter_mut().zip(way).for_each(|(least, misfits)| *least = misfits.min(*least));
        }
        least
    }
}

/// A byte of each kind that [`known`] tells apart, less ASCII.
const ANY: [u8; 5] = [0x80, 0xA1, 0xC0, 0xE0, 0xF0];

/// The misfits behind a byte that is there.
fn known(misfits: ByState, byte: u8, truth: Codec) -> ByState {
    match (truth, byte) {
        (Codec::Utf16Be | Codec::Utf16Le, _) => [misfits[1], misfits[0], NEVER, NEVER],
        (_, 0x00..0x40) => [misfits[0], NEVER, NEVER, NEVER],
        (Codec::Utf8, 0x40..0x80) => [misfits[0], NEVER, NEVER, NEVER],
        (Codec::Utf8, 0x80..0xC0) => [misfits[1], misfits[2], misfits[3], NEVER],
        (Codec::Utf8, 0xC0..0xE0) => [NEVER, misfits[0], NEVER, NEVER],
        (Codec::Utf8, 0xE0..0xF0) => [NEVER, NEVER, misfits[0], NEVER],
        (Codec::Utf8, 0xF0..) => [NEVER, NEVER, NEVER, misfits[0]],
        // a letter, or the second byte of a character
        (_, 0x40..0x80) => [misfits[0].min(misfits[1]), NEVER, NEVER, NEVER],
        // half-width katakana
        (Codec::ShiftJis, 0xA1..0xE0) => [misfits[0].min(misfits[1]), NEVER, NEVER, NEVER],
        _ => [misfits[1], misfits[0], NEVER, NEVER],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decoder, Flavour};

    fn layer(wrong: Codec, flavour: Flavour, truth: Codec) -> Layer {
        Layer { wrong: Decoder::new(wrong, flavour), truth }
    }

    #[test]
    fn what_a_decoder_made_fits_its_own_flavour() {
        let text = "系统正在检查您的网络连接，请稍候再试一次。";
        let wrong = [Codec::Gbk, Codec::Big5, Codec::ShiftJis, Codec::EucKr, Codec::Cp1252];
        for wrong in wrong {
            for flavour in [Flavour::WEB, Flavour::NARROW, Flavour::JAVA, Flavour::PYTHON] {
                for truth in [Codec::Utf8, Codec::Gbk].into_iter().filter(|&truth| truth != wrong) {
                    let layer = layer(wrong, flavour, truth);
                    let damaged = layer.wrong.decode(&truth.encode(text).unwrap());
                    // a marker may have swallowed a letter, and an odd byte may end the text
                    assert!(misfits(&damaged, &layer).least <= 1, "{wrong} {flavour:?} {damaged}");
                }
            }
        }
    }

    #[test]
    fn flavours_that_lose_other_bytes_fall_out_of_step() {
        let text = "内存不足，数据没有保存。请关闭其他程序后再试。";
        let damaged = layer(Codec::ShiftJis, Flavour::PYTHON, Codec::Utf8);
        let shown = damaged.wrong.decode(text.as_bytes());
        let web = layer(Codec::ShiftJis, Flavour::WEB, Codec::Utf8);
        assert_eq!(misfits(&shown, &damaged).least, 0);
        assert!(misfits(&shown, &web).least > 0, "{shown}");
    }
}
