//! What the looks of a run say against its repair, whatever it costs.

use std::ops::Range;

use super::{Piece, Run, Standing};
use crate::codec::Codec;
use crate::edit::Bits;
use crate::model;
use crate::repair::transcode::drawing::repeats_one_shape;
use crate::repair::transcode::listing::{is_entry, is_listing};
use crate::repair::transcode::path::Path;
use crate::repair::transcode::refusal::Refusal;
use crate::script::{
    first_line, has_private_use, is_bopomofo, is_cjk_letter, is_cjk_punctuation, is_hangul,
    is_kana, is_sign, last_line, neighbours,
};

/// Signs that stand together in clean text; four characters of GBK in a single-byte codec are
/// eight, and of Big5 eight with the letters that are their second bytes: `¬Oµn¤Jªº`.
const FEW_SIGNS: usize = 8;
/// Characters of ASCII that were UTF-16 in the other byte order, at least: each of them became
/// one of a hundred characters such as 愀 and 㰀.
const FEW_SWAPPED: usize = 6;
/// Characters of ASCII that were taken for half as many of UTF-16, at least: one in five
/// ideographs can be two of them.
const FEW_PAIRS: usize = 16;
/// What a letter costs behind another in a word of two, at most.
const FAMILIAR: Bits = Bits::whole(11);
/// Characters on each side of a run among which its neighbour in a list stands: `丄, 0x8142 丅`.
const BESIDE: usize = 10;
/// Bytes of a line on each side of a run in which its language is looked for.
const NEAR: usize = 200;
/// What a letter behind another costs at most in the mean where they are text: lines of Korean
/// and of kana are at 2 to 5, those that GBK makes in EUC-KR at 21 to 27.
const OWN_SCRIPT: Bits = Bits::whole(9);

impl Run {
    /// Checks that neither the looks of the damage nor of what it is read as speak against a repair.
    pub(super) fn check_looks(
        &self,
        text: &str,
        path: &Path,
        standing: Standing,
    ) -> Result<(), Refusal> {
        let pairs = path.is_pairs_in_single_bytes();
        let refuse = |refused, refusal| if refused { Err(refusal) } else { Ok(()) };
        refuse(pairs && self.is_torn(text, path), Refusal::Torn)?;
        refuse(self.shows_private_use(), Refusal::PrivateUse)?;
        // which codec it was is known where the document was damaged along the path: `»õÆ·` is 货品
        let is_unknown = standing == Standing::Unknown;
        refuse(pairs && is_unknown && !self.may_be_a_word(), Refusal::NoWord)?;
        refuse(self.stands_in_its_own_script(text, path), Refusal::OwnScript)?;
        let from_utf16 = path.is_from_utf16();
        refuse(from_utf16 && !self.may_be_from_utf16(text, path), Refusal::NotUtf16)?;
        refuse(repeats_one_shape(self.found(text)), Refusal::Drawing)?;
        let are_signs = |piece: &Piece| is_signs(&text[piece.range.clone()]);
        let may_be_signs = match standing {
            Standing::Unknown => true,
            // in a document that was damaged along the path, `╢╦┐┌` is 端口
            Standing::Known => !(self.is_lossless() && self.is_familiar()),
            Standing::Throughout(_) => false,
        };
        refuse(may_be_signs && self.pieces.iter().all(are_signs), Refusal::Signs)
    }

    /// Whether the characters as found are in order, as in `0x8140 丂 0x8141 丄 0x8142 丅 0x8143 丆`, by
    /// themselves or with those next to them, since of a row as few as two may read as text. Those of
    /// a single-byte codec are too few to tell: one in eight pairs of them is in order by chance.
    pub(super) fn is_listing(&self, text: &str, path: &Path) -> bool {
        let Some(Range { start, end }) = self.range() else { return false };
        let before = text[..start].chars().rev().take(BESIDE).find(|&c| is_entry(c));
        let behind = text[end..].chars().take(BESIDE).find(|&c| is_entry(c));
        let entries = || self.found(text).filter(|&c| is_entry(c));
        let with_neighbours = || before.into_iter().chain(entries()).chain(behind);
        path.layers()[0].wrong.table().is_double_byte()
            && (is_listing(entries()) || is_listing(with_neighbours()))
    }

    /// Whether what is left beside the run is more of the same: it was damaged along
    /// another path. One byte may be left of a character that was cut.
    fn is_torn(&self, text: &str, path: &Path) -> bool {
        let Some(range) = self.range() else { return false };
        let table = path.layers()[0].wrong.table();
        let same = |c: char| !c.is_ascii() && table.has_code(c);
        let before = text[..range.start].chars().rev().take(2);
        let behind = text[range.end..].chars().take(2);
        before.take_while(|&c| same(c)).count() > 1 || behind.take_while(|&c| same(c)).count() > 1
    }

    /// Whether the text around the run reads well in letters that only the wrong decoder's own
    /// language has: a Korean line in which 레이스 lost a byte has 렝決 there, and no 飘防.
    fn stands_in_its_own_script(&self, text: &str, path: &Path) -> bool {
        let own: fn(char) -> bool = match path.layers() {
            [layer] if layer.truth == Codec::Utf8 => return false,
            [layer] if layer.wrong.codec == Codec::EucKr => is_hangul,
            [layer] if matches!(layer.wrong.codec, Codec::ShiftJis | Codec::EucJp) => is_kana,
            _ => return false,
        };
        let Some(Range { start, end }) = self.range() else { return false };
        let before = &text[text.ceil_char_boundary(start.saturating_sub(NEAR))..start];
        let behind = &text[end..text.floor_char_boundary(end + NEAR)];
        let (mut cost, mut letters) = (0, 0);
        for side in [last_line(before), first_line(behind)] {
            for (previous, next) in side.chars().zip(side.chars().skip(1)) {
                if own(previous) && own(next) {
                    cost += model::cost(previous, next).0;
                    letters += 1;
                }
            }
        }
        letters > 0 && cost <= OWN_SCRIPT.0 * letters
    }

    /// Whether what came out is more than two letters, or two that are often written together. Four
    /// bytes are two characters in each double-byte codec, of which hardly one is a word: 酒朝 is
    /// 아날 in EUC-KR.
    fn may_be_a_word(&self) -> bool {
        let mut letters = self.pieces.iter().flat_map(|piece| piece.after.chars());
        let (Some(one), Some(other)) = (letters.next(), letters.next()) else { return true };
        letters.next().is_some() || model::cost(one, other) <= FAMILIAR
    }

    /// Whether all that came out is letters, each of them often written behind the one before.
    fn is_familiar(&self) -> bool {
        self.pieces.iter().all(|piece| {
            let mut pairs = piece.after.chars().zip(piece.after.chars().skip(1)).peekable();
            pairs.peek().is_some()
                && piece.after.chars().all(is_cjk_letter)
                && pairs.all(|(one, next)| model::cost(one, next) <= FAMILIAR)
        })
    }

    /// Whether two letters of Chinese, Japanese or Korean came out side by side. In a double-byte
    /// codec any pair of bytes means something: `⊙ o ⊙ )啊` is `× o × )陛` in Big5.
    pub(super) fn has_a_word(&self) -> bool {
        let word = |piece: &Piece| {
            let mut pairs = piece.after.chars().zip(piece.after.chars().skip(1));
            pairs.any(|(one, other)| is_cjk_letter(one) && is_cjk_letter(other))
        };
        self.pieces.iter().any(word)
    }

    /// Whether it may be text that was read as UTF-16: Chinese, or a few words of ASCII that stand
    /// alone, since beside more of the same the other bytes would have told their order.
    fn may_be_from_utf16(&self, text: &str, path: &Path) -> bool {
        // ASCII between two pieces is as it was, and this damage leaves none
        if self.pieces.len() > 1 {
            return false;
        }
        let after = || self.pieces.iter().flat_map(|piece| piece.after.chars());
        if after().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
            return false;
        }
        if !after().all(|c| c.is_ascii()) {
            return true;
        }
        if path.is_true_utf16() {
            return after().count() >= FEW_SWAPPED;
        }
        let Some(range) = self.range() else { return false };
        let (before, behind) = neighbours(text, range.start, range.end);
        let is_alone = before.into_iter().chain(behind).all(|c| c.is_ascii());
        is_alone && after().count() >= FEW_PAIRS
    }

    /// Whether private-use characters came out, which nobody writes.
    fn shows_private_use(&self) -> bool {
        self.pieces.iter().any(|piece| has_private_use(&piece.after))
    }
}

/// Whether all but the ASCII of a text is Bopomofo, marks (`﹀︽`), or a few signs, the ASCII that
/// became part of characters counted.
/// Any two such characters are a character in some codec: `ㄊㄧˇㄨㄣ` reads as 京函’刻具,
/// `﹀︽` as 血行, `▄█` as 實, `★☆※` as 」「“.
fn is_signs(damaged: &str) -> bool {
    let beyond_ascii = || damaged.chars().filter(|c| !c.is_ascii());
    beyond_ascii().all(|c| is_bopomofo(c) || is_cjk_punctuation(c))
        || beyond_ascii().all(is_sign) && damaged.chars().count() < FEW_SIGNS
}
