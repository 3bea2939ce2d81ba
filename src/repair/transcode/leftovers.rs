//! What a reading leaves as it is, though another flavour of the decoder may have made it.

use super::lattice::Read;
use super::path::{self, Layer};
use super::reading::Reading;
use crate::codec::{Code, Codec, Flavour};
use crate::script::is_private_use;

impl Reading {
    /// Whether lead bytes of UTF-8 are left as they are, like the `Ã` of `Ã ` whose second
    /// byte another flavour of the decoder shows as a blank.
    pub fn leaves_leads(&self) -> bool {
        let [layer] = self.path.layers() else { return false };
        let table = layer.wrong.table();
        let is_lead = |symbol: char| {
            table.codes(symbol).flat_map(Code::bytes).all(|byte| matches!(byte, 0xC2..=0xF4))
        };
        let is_left = |read: &Read| table.has_code(read.symbol) && is_lead(read.symbol);
        self.path.is_utf8_in_single_bytes() && self.left().any(is_left)
    }

    /// Whether something is left as it is that another flavour of the decoder may have made: a marker
    /// of lost bytes before more damage (at the end of that, a character may be cut off), the `?` of
    /// Windows, part of a character, or a letter of another table.
    pub fn leaves_losses(&self) -> bool {
        let is_left = |read: &Read| !read.damaged && read.symbol == char::REPLACEMENT_CHARACTER;
        let undone = self.damaged_reads().unwrap_or_default();
        self.reads[..undone.end].iter().any(is_left)
            || self.leaves_marks()
            || self.leaves_parts()
            || self.leaves_halves()
            || self.leaves_letters_of_variants()
    }

    /// The reads that were not undone.
    fn left(&self) -> impl Iterator<Item = &Read> {
        self.reads.iter().filter(|read| !read.damaged)
    }

    /// Whether letters are left as they are that are halves of pairs in single bytes: the £ of
    /// `·Öî¡£`, which is 分類。 without byte 90, behind 分诸.
    fn leaves_halves(&self) -> bool {
        let Layer { wrong, .. } = self.path.layers()[0];
        let is_half = |symbol: char| !symbol.is_ascii() && wrong.table().has_code(symbol);
        self.path.is_pairs_in_single_bytes() && self.left().any(|read| is_half(read.symbol))
    }

    /// Whether letters are left as they are that the decoder does not show, but a variant or Windows
    /// does: the Ğ of `ÖĞ`, 中, beside what windows-1252 and windows-1254 show alike, or a private-use
    /// character.
    fn leaves_letters_of_variants(&self) -> bool {
        let [Layer { wrong, .. }] = self.path.layers() else { return false };
        let variants = path::variants(wrong.codec);
        let is_of_variant = |symbol| match is_private_use(symbol) {
            true => wrong.in_flavour(Flavour::WINDOWS).table().has_code(symbol),
            false => variants.iter().any(|it| it.table(Flavour::WEB).has_code(symbol)),
        };
        let table = wrong.table();
        self.left().any(|read| !table.has_code(read.symbol) && is_of_variant(read.symbol))
    }

    /// Whether characters are left as they are whose two bytes are part of one of UTF-8: begin it, like
    /// 鏀 (E6 94) of 支持 without the byte behind that, or end it behind a loss, like 坊 (B7 BB) of 中添
    /// in `涓�坊`. In text, one in some thousand begins one.
    fn leaves_parts(&self) -> bool {
        let [Layer { wrong, truth: Codec::Utf8 }] = self.path.layers() else { return false };
        let is_left = |read: &Read| !read.damaged && !read.symbol.is_ascii();
        let begins = |code: Code| matches!(code.as_bytes(), [0xE1..=0xEF, 0x80..=0xBF]);
        let ends = |code: Code| matches!(code.as_bytes(), [0x80..=0xBF, 0x80..=0xBF]);
        let codes = |read: &Read| wrong.table().codes(read.symbol);
        let ends_loss = |pair: &[Read]| {
            let [loss, end] = pair else { return false };
            Some(loss.symbol) == wrong.marker() && is_left(end) && codes(end).any(ends)
        };
        wrong.table().is_double_byte()
            && (self.reads.iter().any(|read| is_left(read) && codes(read).any(begins))
                || self.reads.windows(2).any(ends_loss))
    }

    /// Whether behind damage characters are left as they are before a `?`, as 杞 of `涓€杞?` (一轮) in
    /// another flavour than Windows'.
    fn leaves_marks(&self) -> bool {
        let Layer { wrong, .. } = self.path.layers()[0];
        let marker = wrong.in_flavour(Flavour::WINDOWS).marker();
        if wrong.marker() == marker || !wrong.table().is_double_byte() {
            return false;
        }
        let may_be_half = |symbol: char| !symbol.is_ascii() && wrong.table().has_code(symbol);
        let mut is_behind_damage = false;
        self.reads.windows(2).any(|pair| {
            let [read, next] = pair else { return false };
            is_behind_damage = read.damaged || is_behind_damage && may_be_half(read.symbol);
            is_behind_damage && !read.damaged && Some(next.symbol) == marker
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Decoder;
    use crate::repair::transcode::lattice::Emitted;
    use crate::repair::transcode::path::Path;

    /// A reading that undid the characters of `damaged` and left those behind them.
    fn reading(wrong: Decoder, truth: Codec, damaged: &str, left: &str) -> Reading {
        let read = |symbol, damaged| Read::sure(symbol, damaged, 0, Emitted::clean(symbol));
        let damaged = damaged.chars().map(|symbol| read(symbol, true));
        let left = left.chars().map(|symbol| read(symbol, false));
        Reading {
            path: Path::new(vec![Layer { wrong, truth }]),
            start: 0,
            nth: 0,
            is_doubtful: false,
            reads: damaged.chain(left).collect(),
            cost: 0,
        }
    }

    fn web(codec: Codec) -> Decoder {
        Decoder::new(codec, Flavour::WEB)
    }

    #[test]
    fn a_lead_byte_of_utf8_is_left_before_a_blank() {
        let leaves = |truth, left| reading(web(Codec::Cp1252), truth, "Ã©", left).leaves_leads();
        // Ã is C3, and © is A9, which begins nothing
        assert!(leaves(Codec::Utf8, "Ã "));
        assert!(!leaves(Codec::Utf8, "© "));
        assert!(!leaves(Codec::Gbk, "Ã "));
    }

    #[test]
    fn a_marker_is_left_before_more_damage_only() {
        let mut cut = reading(web(Codec::Gbk), Codec::Gbk, "涓", "\u{FFFD}");
        assert!(!cut.leaves_losses());
        cut.reads.reverse();
        assert!(cut.leaves_losses());
    }

    #[test]
    fn a_half_of_a_pair_is_left() {
        let leaves = |truth, left| reading(web(Codec::Cp1252), truth, "·Öî¡", left).leaves_halves();
        // £ is A3, the second byte of 。
        assert!(leaves(Codec::Gbk, "£"));
        assert!(!leaves(Codec::Gbk, "a"));
        assert!(!leaves(Codec::Gbk, "Ğ"));
        assert!(!leaves(Codec::Utf8, "£"));
    }

    #[test]
    fn a_letter_of_a_variant_is_left() {
        let leaves =
            |codec, left| reading(web(codec), Codec::Utf8, "Ã©", left).leaves_letters_of_variants();
        // byte D0 is Ğ in windows-1254 and Ð in windows-1252
        assert!(leaves(Codec::Cp1252, "Ğ"));
        assert!(!leaves(Codec::Cp1252, "Ð"));
        assert!(!leaves(Codec::Koi8R, "Ğ"));
        // FA40 is U+E000 in the Big5 of Windows, and nothing in that of browsers
        assert!(leaves(Codec::Big5, "\u{E000}"));
        assert!(!leaves(Codec::Cp1252, "\u{E000}"));
    }

    #[test]
    fn two_bytes_of_a_character_of_utf8_are_left() {
        let leaves = |truth, left| reading(web(Codec::Gbk), truth, "涓", left).leaves_parts();
        // 鏀 is E6 94, and 坊 is B7 BB
        assert!(leaves(Codec::Utf8, "鏀"));
        assert!(leaves(Codec::Utf8, "\u{FFFD}坊"));
        assert!(!leaves(Codec::Utf8, "坊"));
        assert!(!leaves(Codec::EucKr, "鏀"));
    }

    #[test]
    fn a_question_mark_is_left_behind_half_a_character() {
        let leaves = |flavour, left| {
            let wrong = Decoder::new(Codec::Gbk, flavour);
            reading(wrong, Codec::Utf8, "涓€", left).leaves_marks()
        };
        // 杞 is E8 BD, and of 轮 (E8 BD AE) Windows shows the last byte as `?`
        assert!(leaves(Flavour::WEB, "杞?"));
        assert!(!leaves(Flavour::WEB, "?"));
        assert!(!leaves(Flavour::WEB, "a杞?"));
        assert!(!leaves(Flavour::WINDOWS, "杞?"));
    }
}
