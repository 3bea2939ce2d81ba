//! A run of damage, its evidence, and the edits that repair it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::lattice::Read;
use super::path::Path;
use super::refusal::Refusal;
use crate::codec::Codec;
use crate::edit::{Bits, Edit, Filled, Kind, Lost, Safety, shifted};
use crate::model::{self, Class};
use crate::repair::Options;
use crate::script::{
    char_before, has_private_use, is_bopomofo, is_cjk_punctuation, is_han_or_kana, is_hangul,
    is_kana, is_sign, neighbours,
};
use crate::segment::{self, Bar};

/// Signs that stand together in clean text; four characters of GBK in a single-byte codec are
/// eight, and of Big5 eight with the letters that are their second bytes: `¬Oµn¤Jªº`.
const FEW_SIGNS: usize = 8;
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
/// The threshold where what was found is nothing but letters of one alphabet: `ÉRÉS` and `ОДРЕ`
/// are words that the model happens not to know.
const WORD_THRESHOLD: Bits = Bits::whole(45);
/// What is left of a run's bits may be at most this part of them, in tenths: undoing a
/// row of a character table gives another row, a little likelier, and no text.
const LEFT_TENTHS: i64 = 7;
/// The part that may be left of two-byte characters whose bytes are found as characters of their
/// own, at twice the cost.
const PAIRS_LEFT_TENTHS: i64 = 5;
/// The part that may be left where the document was damaged along the path elsewhere.
const KNOWN_LEFT_TENTHS: i64 = 8;
/// Bits that a character of the reading may cost on average, and bits on top for the
/// start, and for each piece between ASCII, which begins anew (`剑侠情缘onlineII 沙漠迷宫`):
/// Chinese of four characters costs 12 in the 99th percentile. Of UTF-8 that was read
/// byte by byte, each byte counts: few pairs of other letters and signs are valid UTF-8,
/// so `Ã©` speaks for é although é is rare. So do ⚠ and 🔒, each as two: the model hardly knows any.
const PLAUSIBLE: i32 = 12 * Bits::ONE.0;
const PLAUSIBLE_START: i32 = 10 * Bits::ONE.0;
const PLAUSIBLE_PIECE: i32 = 10 * Bits::ONE.0;
/// The average where the document was damaged along the path elsewhere and no byte was lost: names,
/// verse and lists of drugs cost 13 to 15.5 bits a character, and of Korean that is taken for GBK nine
/// lines in ten cost more than 16.
const PLAUSIBLE_KNOWN: i32 = 16 * Bits::ONE.0;
/// Characters that are enough for that.
const PLAUSIBLE_KNOWN_FROM: usize = 4;
/// Characters of ASCII that were UTF-16 in the other byte order, at least: each of them became
/// one of a hundred characters such as 愀 and 㰀.
const FEW_SWAPPED: usize = 6;
/// Characters of ASCII that were taken for half as many of UTF-16, at least: one in five
/// ideographs can be two of them.
const FEW_PAIRS: usize = 16;
/// What a letter of one alphabet costs within a word of another one, on each side.
const MIXED: Bits = Bits::whole(12);
/// What a letter costs behind another in a word of two, at most.
const FAMILIAR: Bits = Bits::whole(11);
/// Bytes of a run that triples are asked of, at most: more say enough by pairs.
const FEW_BYTES: usize = 48;
/// Bytes of a line on each side of a run in which its language is looked for.
const NEAR: usize = 200;
/// What a letter behind another costs at most in the mean where they are text: lines of Korean
/// and of kana are at 2 to 5, those that GBK makes in EUC-KR at 21 to 27.
const OWN_SCRIPT: Bits = Bits::whole(9);
/// Bytes of ASCII between two repaired pieces of a line that still make one edit.
const JOINED: usize = 8;

/// A run of damaged characters, as pieces between ASCII that is as it was.
#[derive(Default)]
pub struct Run {
    pieces: Vec<Piece>,
    /// The bits of the pieces as they are read.
    cost: i64,
}

/// Damaged characters without a gap.
#[derive(Default)]
struct Piece {
    range: Range<usize>,
    after: String,
    losses: Vec<Loss>,
    /// Where the damaged characters begin that the next character may be of.
    begun: usize,
    /// The ASCII character behind it and what it costs there, if the run goes on.
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
            // the next one has the damaged character in common where it does not begin behind it
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

    /// Appends the edits of `text` that repair the run as it was read, if its evidence holds; a path
    /// that is `known` needs less.
    pub fn add_edits(
        self,
        text: &str,
        path: &Path,
        known: &[Path],
        options: &Options,
        edits: &mut Vec<Edit>,
    ) {
        let Ok(bits) = self.evidence(text, path, known.contains(path)) else { return };
        let all: i64 = self.pieces.iter().map(|piece| piece.range.len() as i64).sum();
        let before_run = edits.len();
        for piece in self.pieces {
            let before = &text[piece.range.clone()];
            if !path.leads_to(&piece.after, before) || piece.may_hide_a_blank(before) {
                continue;
            }
            let share = i64::from(bits.0) * piece.range.len() as i64 / all;
            let edit = piece.edit(before, path, Bits(share as i32), options);
            match edits[before_run..].last_mut() {
                Some(last) if joins(text, last.range.end..edit.range.start) => {
                    join(last, edit, text)
                }
                _ => edits.push(edit),
            }
        }
    }

    /// Whether what was read becomes the text as it stands along a path.
    pub fn is_along(&self, path: &Path, text: &str) -> bool {
        self.pieces.iter().all(|piece| path.leads_to(&piece.after, &text[piece.range.clone()]))
    }

    /// How much likelier the reading is, if that is enough.
    pub fn evidence(&self, text: &str, path: &Path, known: bool) -> Result<Bits, Refusal> {
        let known = known && (path.is_true_utf8() || self.has_a_word());
        self.look(text, path, known)?;
        let (found, cost) = self.costs(text, path);
        let behind: i64 = self.pieces.iter().map(|piece| i64::from(piece.gain_behind(text))).sum();
        let prior = i64::from(path.prior() * Bits::ONE.0);
        let gain = Bits::saturating(found - cost + behind - prior);
        let needed = self.threshold(text, path, known);
        if gain < needed {
            return Err(Refusal::TooFewBits { gain, needed });
        }
        if !self.reaches(needed, gain, text, path) {
            return Err(Refusal::Repeated);
        }
        if cost * 10 > found * left_tenths(path, known) {
            return Err(Refusal::AsUnlikely);
        }
        if cost > self.plausible(text, path, known) {
            return Err(Refusal::NoText);
        }
        Ok(gain)
    }

    /// What the run costs as found and as read, by pairs and by triples.
    fn costs(&self, text: &str, path: &Path) -> (i64, i64) {
        let found: i64 = self.pieces.iter().map(|piece| piece.found_cost(text)).sum();
        let mixed = self.sides_within_words(text, path) * i64::from(MIXED.0);
        let triples = self.gain_of_triples(text);
        (found + mixed - triples.found, self.cost - triples.read)
    }

    /// How much likelier the reading must be.
    fn threshold(&self, text: &str, path: &Path, known: bool) -> Bits {
        let words = self.pieces.iter().all(|piece| is_a_word(&text[piece.range.clone()]));
        match (words, known) {
            (true, false) => WORD_THRESHOLD,
            (false, true) => KNOWN_THRESHOLD,
            _ if path.is_utf8_in_single_bytes() => UTF8_THRESHOLD,
            _ if path.is_true_utf8() && self.is_emoji() => EMOJI_THRESHOLD,
            _ if self.is_in_a_row(text) => ROW_THRESHOLD,
            _ => THRESHOLD,
        }
    }

    /// What the reading may cost at most, to be text.
    fn plausible(&self, text: &str, path: &Path, known: bool) -> i64 {
        let characters = |piece: &Piece| match path.is_utf8_in_single_bytes() {
            true => text[piece.range.clone()].chars().count(),
            false => {
                let symbols = piece.after.chars().filter(|&c| is_symbol(c)).count();
                piece.after.chars().count() + if path.is_true_utf8() { symbols } else { 0 }
            }
        };
        let characters: usize = self.pieces.iter().map(characters).sum();
        let is_list = known && characters >= PLAUSIBLE_KNOWN_FROM && self.is_lossless();
        let mean = if is_list { PLAUSIBLE_KNOWN } else { PLAUSIBLE };
        i64::from(PLAUSIBLE_START)
            + i64::from(PLAUSIBLE_PIECE) * self.pieces.len() as i64
            + i64::from(mean) * characters as i64
    }

    /// What the looks of the damage, and of what it is read as, say against a repair.
    fn look(&self, text: &str, path: &Path, known: bool) -> Result<(), Refusal> {
        let pairs = path.is_pairs_in_single_bytes();
        let refuse = |refused, refusal| if refused { Err(refusal) } else { Ok(()) };
        refuse(pairs && self.is_torn(text, path), Refusal::Torn)?;
        refuse(self.shows_private_use(), Refusal::PrivateUse)?;
        refuse(pairs && !self.may_be_a_word(), Refusal::NoWord)?;
        refuse(self.stands_in_its_own_script(text, path), Refusal::OwnScript)?;
        let from_utf16 = path.is_from_utf16();
        refuse(from_utf16 && !self.may_be_from_utf16(text, path), Refusal::NotUtf16)?;
        let are_signs = |piece: &Piece| is_signs(&text[piece.range.clone()]);
        // in a document that was damaged along the path, `╢╦┐┌` is 端口
        let is_word = known && self.is_lossless() && self.is_familiar();
        refuse(!is_word && self.pieces.iter().all(are_signs), Refusal::Signs)
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
        let found = || self.pieces.iter().flat_map(|piece| text[piece.range.clone()].chars());
        let beyond_ascii = || found().filter(|c| !c.is_ascii());
        // a character beyond ASCII has one byte from C2 on, and the count of those needs no decoding
        let leads = |piece: &Piece| {
            text.as_bytes()[piece.range.clone()].iter().filter(|&&byte| byte >= 0xC2).count()
        };
        let all = self.pieces.iter().map(leads).sum::<usize>() as u64;
        // so many kinds will do: in a line of text, the first few
        let [threshold, bits] = [threshold, bits].map(|bits| u64::from(bits.0.unsigned_abs()));
        let enough = (threshold * all).div_ceil(bits) as usize;
        has_kinds(beyond_ascii(), enough)
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

    /// Whether what is left beside the run is more of the same: it was damaged along
    /// another path. One byte may be left of a character that was cut.
    fn is_torn(&self, text: &str, path: &Path) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        let table = path.layers()[0].wrong.table();
        let same = |c: char| !c.is_ascii() && table.has_code(c);
        let before = text[..first.range.start].chars().rev().take(2);
        let behind = text[last.range.end..].chars().take(2);
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
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        let (start, end) = (first.range.start, last.range.end);
        let before = &text[text.ceil_char_boundary(start.saturating_sub(NEAR))..start];
        let behind = &text[end..text.floor_char_boundary(end + NEAR)];
        let before = before.rsplit('\n').next().unwrap_or_default();
        let behind = behind.split('\n').next().unwrap_or_default();
        let (mut cost, mut letters) = (0, 0);
        for side in [before, behind] {
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
        let is_letter = |c: char| is_han_or_kana(c) || is_hangul(c);
        self.pieces.iter().all(|piece| {
            let mut pairs = piece.after.chars().zip(piece.after.chars().skip(1)).peekable();
            pairs.peek().is_some()
                && piece.after.chars().all(is_letter)
                && pairs.all(|(one, next)| model::cost(one, next) <= FAMILIAR)
        })
    }

    /// Whether no character lost a byte.
    fn is_lossless(&self) -> bool {
        self.pieces.iter().all(|piece| piece.losses.is_empty())
    }

    /// Whether two letters of Chinese, Japanese or Korean came out side by side. In a double-byte
    /// codec any pair of bytes means something: `⊙ o ⊙ )啊` is `× o × )陛` in Big5.
    fn has_a_word(&self) -> bool {
        let letter = |c: char| is_han_or_kana(c) || is_hangul(c);
        let word = |piece: &Piece| {
            let mut pairs = piece.after.chars().zip(piece.after.chars().skip(1));
            pairs.any(|(one, other)| letter(one) && letter(other))
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
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        let (before, behind) = neighbours(text, first.range.start, last.range.end);
        let is_alone = before.into_iter().chain(behind).all(|c| c.is_ascii());
        is_alone && after().count() >= FEW_PAIRS
    }

    /// Whether private-use characters came out, which nobody writes.
    fn shows_private_use(&self) -> bool {
        self.pieces.iter().any(|piece| has_private_use(&piece.after))
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

    /// Whether a blank that was taken as a byte stands for that byte and a blank: `Ã la` is
    /// à la where runs of blanks were made one, and àla where they were not.
    fn may_hide_a_blank(&self, before: &str) -> bool {
        let before_letter = self.behind.is_some_and(|(behind, _)| behind.is_ascii_alphabetic());
        before.ends_with(' ') && !self.after.ends_with(' ') && before_letter
    }

    /// How much likelier the character behind the piece is there than in the text as found.
    fn gain_behind(&self, text: &str) -> i32 {
        let last = char_before(text, self.range.end);
        self.behind.map_or(0, |(behind, cost)| model::cost(last, behind).0 - cost)
    }

    fn edit(self, before: &str, path: &Path, bits: Bits, options: &Options) -> Edit {
        // what still looks damaged is not what was written: a byte was lost before the damage, or
        // went without a trace
        let is_whole =
            self.losses.is_empty() && segment::suspects(&self.after, Bar::Unknown).next().is_none();
        let safety = if is_whole { Safety::Exact } else { Safety::Inferred };
        let mut edit = Edit {
            before: before.to_owned(),
            range: self.range,
            after: String::new(),
            kind: Kind::Transcode,
            steps: path.steps().into(),
            safety,
            bits,
            filled: vec![],
            lost: vec![],
        };
        write(&mut edit, self.after, self.losses, options.confidence);
        edit
    }
}

/// The part of a run's bits that may be left, in tenths.
fn left_tenths(path: &Path, known: bool) -> i64 {
    match () {
        () if known => KNOWN_LEFT_TENTHS,
        () if path.is_pairs_in_single_bytes() => PAIRS_LEFT_TENTHS,
        () => LEFT_TENTHS,
    }
}

/// Writes what was read into an edit; U+FFFD stays where a character is not sure enough.
fn write(edit: &mut Edit, read: String, losses: Vec<Loss>, confidence: f32) {
    if losses.is_empty() {
        edit.after = read;
        return;
    }
    edit.after.reserve(read.len());
    let mut written = 0;
    for Loss { at, from, guess, posterior } in losses {
        edit.after.push_str(&read[written..at]);
        written = at + guess.len_utf8();
        let at = edit.after.len();
        if posterior >= confidence {
            edit.after.push(guess);
            edit.filled.push(Filled { at, character: guess, posterior });
        } else {
            edit.after.push(char::REPLACEMENT_CHARACTER);
            let from = from.start - edit.range.start..from.end - edit.range.start;
            edit.lost.push(Lost { at, from, guess, posterior });
        }
    }
    edit.after.push_str(&read[written..]);
}

/// Whether two edits are one with the text between them.
fn joins(text: &str, between: Range<usize>) -> bool {
    between.len() <= JOINED && !text[between].contains('\n')
}

fn join(first: &mut Edit, second: Edit, text: &str) {
    let between = &text[first.range.end..second.range.start];
    let moved = first.after.len() + between.len();
    let begun = first.before.len() + between.len();
    first.before.push_str(between);
    first.before.push_str(&second.before);
    first.after.push_str(between);
    first.after.push_str(&second.after);
    first.range.end = second.range.end;
    first.safety = first.safety.max(second.safety);
    first.bits.0 = first.bits.0.saturating_add(second.bits.0);
    let filled = second.filled.into_iter();
    first.filled.extend(filled.map(|fill| Filled { at: fill.at + moved, ..fill }));
    let lost = second.lost.into_iter();
    first.lost.extend(lost.map(|lost| Lost {
        at: lost.at + moved,
        from: shifted(&lost.from, begun),
        ..lost
    }));
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

/// Whether a character is of the emoji beyond the BMP.
fn is_emoji(c: char) -> bool {
    ('\u{1F000}'..'\u{20000}').contains(&c)
}

/// Whether a character is an emoji, a part of one (1️⃣ is 1, U+FE0F and U+20E3), an arrow or the like.
fn is_symbol(c: char) -> bool {
    is_emoji(c) || matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{20E3}')
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
