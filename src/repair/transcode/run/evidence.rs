//! The evidence for a run: how much likelier what was read is than what was found.

use std::collections::BTreeSet;

use super::{Piece, Run};
use crate::edit::Bits;
use crate::model::{self, Class};
use crate::repair::transcode::path::Path;
use crate::repair::transcode::refusal::Refusal;
use crate::script::{char_before, neighbours};

/// A run of damage is repaired where the reading is this much likelier, after what its path
/// costs: tens of millions to one. Clean text (`﹀︽` in a vertical poem) reaches 25.
const THRESHOLD: Bits = Bits::whole(26);
/// Characters that make a row: without a gap, and none twice.
const ROW: usize = 4;
/// The threshold of a run with a row in it.
const ROW_THRESHOLD: Bits = Bits::whole(20);
/// The threshold of UTF-8 that was read byte by byte, which other text is hardly ever valid as.
const UTF8_THRESHOLD: Bits = Bits::whole(14);
/// The threshold of emoji in UTF-8 that was read as GBK: four bytes of which the first two, 馃, are
/// hardly a character of text, and are no UTF-8 before most others (煎饼馃子).
const EMOJI_THRESHOLD: Bits = Bits::whole(12);
/// The threshold where the document was damaged along the path elsewhere.
const KNOWN_THRESHOLD: Bits = Bits::whole(12);
/// The threshold where nearly all of the document was damaged along the path, before that speaks for
/// the run, too.
const THROUGHOUT_THRESHOLD: Bits = Bits::whole(8);
/// The threshold where what was found is nothing but letters of one alphabet: `ÉRÉS` and `ОДРЕ`
/// are words that the model happens not to know.
const WORD_THRESHOLD: Bits = Bits::whole(45);
/// What was read may cost at most this part of what was found, in tenths: undoing a row of a
/// character table gives another row, a little likelier, and no text.
const LEFT_TENTHS: i64 = 7;
/// That part where each byte of a two-byte character is found as a character of its own: what was
/// found costs about twice as much for it.
const PAIRS_LEFT_TENTHS: i64 = 5;
/// That part where the document was damaged along the path elsewhere.
const KNOWN_LEFT_TENTHS: i64 = 8;
/// What a character that was read may cost on average: Chinese of four characters costs 12 bits in
/// the 99th percentile.
///
/// Of UTF-8 in single bytes, each character that was found counts: few of their pairs are valid
/// UTF-8, so that `Ã©` speaks for é although é is rare. A symbol that was read from UTF-8 counts as
/// two: ⚠ and 🔒 are such as the model hardly knows.
const PLAUSIBLE: Bits = Bits::whole(12);
/// What a reading may cost on top for its start.
const PLAUSIBLE_START: Bits = Bits::whole(10);
/// What it may cost on top for each piece between ASCII, which begins anew: `剑侠情缘onlineII 沙漠迷宫`.
const PLAUSIBLE_PIECE: Bits = Bits::whole(10);
/// What a character may cost on average where no byte was lost, and the document was damaged along
/// the path elsewhere or the bytes are UTF-8: names, verse and lists of drugs cost 13 to 15.5 bits a
/// character, and of Korean that is taken for GBK nine lines in ten cost more than 16.
const PLAUSIBLE_LIST: Bits = Bits::whole(16);
/// Characters from which on [`PLAUSIBLE_LIST`] is the measure.
const LIST: usize = 4;
const LONG_LIST: usize = 12;
/// What a letter of one alphabet costs within a word of another one, on each side.
const MIXED: Bits = Bits::whole(12);
/// Bytes of a run that triples are asked of, at most: more say enough by pairs.
const FEW_BYTES: usize = 48;

/// What is known of a path before a run is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Unknown,
    /// The document was damaged along it elsewhere.
    Known,
    /// Nearly all of the document was damaged along it, which makes it so much likelier.
    Throughout(Bits),
}

impl Standing {
    /// That of a path in a document that was damaged along some others.
    pub fn among(path: &Path, known: &[Path]) -> Standing {
        if known.contains(path) { Standing::Known } else { Standing::Unknown }
    }
}

impl Run {
    /// How much likelier the reading is, or why that is not enough.
    pub fn evidence(&self, text: &str, path: &Path, standing: Standing) -> Result<Bits, Refusal> {
        let standing = match standing {
            Standing::Known if !path.is_true_utf8() && !self.has_a_word() => Standing::Unknown,
            standing => standing,
        };
        self.check_looks(text, path, standing)?;
        let (found, cost) = self.costs(text, path);
        let behind: i64 = self.pieces.iter().map(|piece| i64::from(piece.gain_behind(text))).sum();
        let prior = i64::from(path.prior() * Bits::ONE.0);
        let gain = Bits::saturating(found - cost + behind - prior);
        let needed = self.threshold(text, path, standing);
        if gain < needed {
            return Err(Refusal::TooFewBits { gain, needed });
        }
        // where nearly all was damaged, names and entries of a list need not read like text
        if !matches!(standing, Standing::Throughout(_)) {
            let known = standing == Standing::Known;
            if !self.reaches(needed, gain, text, path) {
                return Err(Refusal::Repeated);
            }
            if cost * 10 > found * left_tenths(path, known) {
                return Err(Refusal::AsUnlikely);
            }
            if cost > self.plausible(text, path, known) {
                return Err(Refusal::NoText);
            }
        }
        // last, for it looks most characters up
        if self.is_listing(text, path) {
            return Err(Refusal::Listing);
        }
        Ok(gain)
    }

    /// What the run costs as found and as read, by pairs and by triples, in 1/256 bit.
    fn costs(&self, text: &str, path: &Path) -> (i64, i64) {
        let found: i64 = self.pieces.iter().map(|piece| piece.found_cost(text)).sum();
        let mixed = self.sides_within_words(text, path) * i64::from(MIXED.0);
        let triples = self.gain_of_triples(text);
        (found + mixed - triples.found, self.cost - triples.read)
    }

    /// How much likelier the reading must be.
    fn threshold(&self, text: &str, path: &Path, standing: Standing) -> Bits {
        let words = self.pieces.iter().all(|piece| is_a_word(&text[piece.range.clone()]));
        match (words, standing) {
            (_, Standing::Throughout(bits)) => Bits((THROUGHOUT_THRESHOLD.0 - bits.0).max(0)),
            (true, Standing::Unknown) => WORD_THRESHOLD,
            (false, Standing::Known) => KNOWN_THRESHOLD,
            _ if path.is_utf8_in_single_bytes() => UTF8_THRESHOLD,
            _ if path.is_true_utf8() && self.is_emoji() => EMOJI_THRESHOLD,
            _ if self.is_in_a_row(text) => ROW_THRESHOLD,
            _ => THRESHOLD,
        }
    }

    /// What the reading may cost at most, to be text, in 1/256 bit.
    fn plausible(&self, text: &str, path: &Path, known: bool) -> i64 {
        let characters = |piece: &Piece| match path.is_utf8_in_single_bytes() {
            true => text[piece.range.clone()].chars().count(),
            false => {
                let symbols = piece.after.chars().filter(|&c| is_symbol(c)).count();
                piece.after.chars().count() + if path.is_true_utf8() { symbols } else { 0 }
            }
        };
        let characters: usize = self.pieces.iter().map(characters).sum();
        let least = if known || path.is_true_utf8() { LIST } else { LONG_LIST };
        let is_list = characters >= least && self.is_lossless();
        let mean = if is_list { PLAUSIBLE_LIST } else { PLAUSIBLE };
        i64::from(PLAUSIBLE_START.0)
            + i64::from(PLAUSIBLE_PIECE.0) * self.pieces.len() as i64
            + i64::from(mean.0) * characters as i64
    }

    /// What triples of characters say for a few as found, and as read: they know whole words, so
    /// they part 代表方案 from 旗燕圭宛, its bytes in EUC-JP, by 10 bits more than pairs do.
    fn gain_of_triples(&self, text: &str) -> Gain {
        let length: usize = self.pieces.iter().map(|piece| piece.range.len()).sum();
        if length > FEW_BYTES {
            return Gain::default();
        }
        let gain = |piece: &Piece| {
            let mut back = text[..piece.range.start].chars().rev();
            let [previous, before] = [back.next(), back.next()].map(|c| c.unwrap_or('\n'));
            let of = |text: &str| {
                model::gain_of_triples([before, previous].into_iter().chain(text.chars()))
            };
            Gain { found: of(&text[piece.range.clone()]), read: of(&piece.after) }
        };
        let add = |one: Gain, other: Gain| Gain {
            found: one.found + other.found,
            read: one.read + other.read,
        };
        self.pieces.iter().map(gain).fold(Gain::default(), add)
    }

    /// Whether some characters that do not repeat were undone without a gap. Of any two there are
    /// two others in some codec: 卟 and 卟啉, each alone, are 三 and 三棲.
    fn is_in_a_row(&self, text: &str) -> bool {
        let is_row = |piece: &Piece| {
            piece.after.chars().nth(ROW - 1).is_some()
                && has_kinds(text[piece.range.clone()].chars(), ROW)
        };
        self.pieces.iter().any(is_row)
    }

    /// Whether the evidence, which reaches the threshold, does so if what is found again counts
    /// once: a line of a dictionary has 卟啉 three times, and 三棲, its bytes in Big5, is no likelier for that.
    /// Where a byte is a character, all repeat.
    fn reaches(&self, threshold: Bits, bits: Bits, text: &str, path: &Path) -> bool {
        if !path.layers()[0].wrong.table().is_double_byte() {
            return true;
        }
        // a character beyond ASCII has one byte from C2 on, and the count of those needs no decoding
        let leads = |piece: &Piece| {
            text.as_bytes()[piece.range.clone()].iter().filter(|&&byte| byte >= 0xC2).count()
        };
        let all = self.pieces.iter().map(leads).sum::<usize>() as u64;
        // so many kinds will do: in a line of text, the first few
        let [threshold, bits] = [threshold, bits].map(|bits| u64::from(bits.0.unsigned_abs()));
        let enough = (threshold * all).div_ceil(bits) as usize;
        has_kinds(self.found(text), enough)
    }

    /// Whether nothing but whole emoji came out.
    fn is_emoji(&self) -> bool {
        let all = |piece: &Piece| piece.losses.is_empty() && piece.after.chars().all(is_emoji);
        self.pieces.iter().all(all)
    }

    /// How many sides of Latin letters that came out of UTF-8 go on with a word in plain ones, where
    /// what was found is of another alphabet or none: `URZд└DZENIE` is no word, URZĄDZENIE may be.
    fn sides_within_words(&self, text: &str, path: &Path) -> i64 {
        let is_latin = |c| matches!(Class::of(c), Class::LatinLower | Class::LatinUpper);
        let sides = |piece: &Piece| {
            let found = &text[piece.range.clone()];
            if found.chars().any(is_latin) || !piece.after.chars().all(is_latin) {
                return 0;
            }
            let (before, behind) = neighbours(text, piece.range.start, piece.range.end);
            let plain = |c: &char| c.is_ascii_alphabetic();
            before.into_iter().chain(behind).filter(plain).count() as i64
        };
        match path.is_utf8_in_single_bytes() {
            true => self.pieces.iter().map(sides).sum(),
            false => 0,
        }
    }
}

/// What triples of characters make likelier, in 1/256 bit.
#[derive(Default)]
struct Gain {
    /// Of the text as found.
    found: i64,
    /// Of the text as read.
    read: i64,
}

impl Piece {
    /// What the piece costs as found.
    fn found_cost(&self, text: &str) -> i64 {
        let previous = || char_before(text, self.range.start);
        let looked_up = || model::steps_after(previous(), &text[self.range.clone()]);
        self.found.unwrap_or_else(looked_up)
    }

    /// How much likelier the character behind the piece is there than in the text as found.
    fn gain_behind(&self, text: &str) -> i32 {
        let last = char_before(text, self.range.end);
        self.behind.map_or(0, |(behind, cost)| model::cost(last, behind).0 - cost)
    }
}

/// The part of a run's bits that may be left, in tenths.
fn left_tenths(path: &Path, known: bool) -> i64 {
    if known {
        KNOWN_LEFT_TENTHS
    } else if path.is_pairs_in_single_bytes() {
        PAIRS_LEFT_TENTHS
    } else {
        LEFT_TENTHS
    }
}

/// Whether a character is of the emoji beyond the BMP.
fn is_emoji(c: char) -> bool {
    ('\u{1F000}'..'\u{20000}').contains(&c)
}

/// Whether a character is an emoji, a part of one (1️⃣ is 1, U+FE0F and U+20E3), an arrow or the like,
/// or the sign of prices.
fn is_symbol(c: char) -> bool {
    is_emoji(c) || matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{20E3}' | '￥')
}

/// Whether so many of the characters are different ones; at least one.
fn has_kinds(mut characters: impl Iterator<Item = char>, count: usize) -> bool {
    let mut kinds = BTreeSet::new();
    characters.any(|c| kinds.insert(c) && kinds.len() >= count)
}

/// Whether a text is letters of one alphabet and nothing else.
fn is_a_word(text: &str) -> bool {
    let latin = |c: char| {
        c.is_ascii_alphabetic() || matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
    };
    let greek = |c: char| matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}');
    let cyrillic = |c: char| matches!(c, '\u{400}'..='\u{52F}');
    (text.chars().all(latin) || text.chars().all(greek) || text.chars().all(cyrillic))
        && text.chars().all(char::is_alphabetic)
}
