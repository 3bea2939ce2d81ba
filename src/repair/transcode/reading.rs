//! What a damaged text reads as along one path, and how well.

use std::cmp::Ordering;
use std::ops::Range;

use super::choices;
use super::edges;
use super::fit;
use super::lattice::{self, CUT, Emitted, Passage, Read, Search};
use super::path::Path;
use super::refusal::Refusal;
use super::run::{Run, Standing};
use super::torn;
use crate::edit::{Bits, Edit};
use crate::model;
use crate::repair::Options;
use crate::script::{self, is_cjk_letter};

/// The limit of a reading that is wanted at any cost.
pub const NO_LIMIT: i32 = i32::MAX;
/// Characters that a search takes at a time, so that its memory is bounded.
const CHUNK: usize = 2048;
/// What a character of a reading costs at most in the mean that is taken along a known path without
/// a look at others: ordinary text is at 6 to 9 bits.
const ORDINARY: Bits = Bits::whole(10);
/// What is allowed on top of any such mean, for the way into the damage.
const ORDINARY_START: Bits = Bits::whole(20);
/// What a character costs at most in the mean, in place of [`ORDINARY`], where the bytes fit UTF-8
/// without an exception: nothing but UTF-8 does, and names and verse are dearer than other text.
const ORDINARY_UTF8: Bits = Bits::whole(13);
/// What a character costs at most in the mean on a line of which all bytes are whole characters of a
/// codec other than UTF-8, behind a line that was damaged along the path. Of lines in GBK, Big5 and
/// EUC-KR, one in 5,000 costs so little in another of the three.
const GOING_ON: Bits = Bits::whole(12);
/// At most one character in so many is filled in where [`ORDINARY_UTF8`] is the measure: a ruin with
/// more losses than text fits anything.
const FEW_LOST: usize = 4;
/// A reading of which more than one character in so many lost a byte is a ruin. Strict decoders of
/// GBK take bytes from two in five, those of Big5 from three in four.
const RUIN_SHARE: usize = 2;
/// The share of characters that may have lost a byte where private-use characters were taken out: each
/// took a byte of two characters with it, which the two that are left of either tell.
const STRIPPED_RUIN: (usize, usize) = (4, 5);
/// A character that is at least so sure does not count as lost where a decoder swallows ASCII: most
/// of those that stand before ASCII are the marks ， (EF BC 8C) and 。 (E3 80 82), and the two bytes
/// that `锛?` and `銆?` leave of them tell which.
const TOLD: f32 = 0.9;
/// How sure what was filled in is at most where another flavour, about as likely, cannot be compared.
const DOUBTED: f32 = 0.5;
/// What a reading costs on top that does not give the damage again: another flavour's may.
const UNPROVEN: Bits = Bits::whole(12);
/// What a lone pair costs on top: in the midst of other text `Â©` is © rather than
/// the 漏 that its bytes are in GBK.
const LONE_PAIR: Bits = Bits::whole(16);
/// What a bracket or a quotation mark without its partner costs on top: some lines have one, but
/// `“Color（` is no text.
const UNPAIRED: Bits = Bits::whole(4);
/// Pairs of letters that make up half of English text. The model knows no pairs of ASCII, since
/// these read the same in every codec but UTF-16, where only they tell which byte came first.
const COMMON_PAIRS: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt \
    ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur";
/// How much likelier each of [`COMMON_PAIRS`] makes a reading.
const COMMON_PAIR: Bits = Bits::whole(3);
/// Characters of a reading that is taken without a look at other kinds of damage, at least:
/// any few pairs of bytes are text in some double-byte codec.
const CERTAIN_CHARACTERS: usize = 8;
/// What a character of such a reading costs at most in the mean; ordinary text is 6 to 9 bits a
/// character, and the text of a wrong double-byte codec 12 and more.
const CERTAIN: Bits = Bits::whole(9);

/// Whether characters without a loss or a misfit read like text behind a line that was damaged
/// along the path.
pub fn goes_on(cost: i64, characters: usize, path: &Path) -> bool {
    let mean = if path.is_true_utf8() { ORDINARY_UTF8 } else { GOING_ON };
    costs_at_most(mean, cost, characters)
}

/// Whether characters cost at most so much in the mean, after bits for the start.
fn costs_at_most(mean: Bits, cost: i64, characters: usize) -> bool {
    cost <= i64::from(ORDINARY_START.0) + i64::from(mean.0) * characters as i64
}

/// The best reading of a text along a path.
pub struct Reading {
    /// How the text was damaged.
    pub path: Path,
    /// Where in the whole text it begins.
    pub start: usize,
    /// Its place among the readings that were tried, the likeliest path first.
    pub nth: usize,
    /// Whether another flavour of the decoder may be right.
    pub is_doubtful: bool,
    /// What each of the damaged characters was read as.
    pub reads: Vec<Read>,
    /// What it costs with its path, in 1/256 bit; of millions of characters, the most there can be.
    pub cost: i32,
}

impl Reading {
    /// Reads a passage along a path; `None` where that costs more than `limit`.
    pub fn new(
        search: &mut Search<'_>,
        passage: Passage<'_>,
        path: Path,
        limit: i32,
    ) -> Option<Reading> {
        let mut reading = Reading {
            start: passage.start,
            nth: 0,
            is_doubtful: false,
            reads: Vec::new(),
            cost: path.prior() * Bits::ONE.0,
            path,
        };
        let mut rest = passage;
        while !rest.text.is_empty() {
            let chunk = reading.read_chunk(search, rest, limit)?;
            let last = chunk.iter().rev().find_map(|read| read.emitted.last());
            let taken: usize = chunk.iter().map(|read| read.symbol.len_utf8()).sum();
            rest = Passage {
                text: &rest.text[taken..],
                start: rest.start + taken,
                previous: last.unwrap_or(rest.previous),
            };
            reading.go_on(chunk);
        }
        reading.add_surcharges();
        Some(reading)
    }

    /// Reads the first characters of what is left of its passage, one at least; `None` where they
    /// cost so much that the whole is above `limit`.
    fn read_chunk(
        &self,
        search: &mut Search<'_>,
        rest: Passage<'_>,
        limit: i32,
    ) -> Option<Vec<Read>> {
        let first = rest.text.chars().next()?;
        let end = rest.text.char_indices().nth(CHUNK).map_or(rest.text.len(), |(end, _)| end);
        let is_damaged = self.reads.last().is_some_and(|read| read.damaged);
        let left = limit.saturating_sub(self.cost);
        let mut chunk = search.read(rest.until(end), is_damaged, &self.path, left)?;
        if end < rest.text.len() {
            // what follows tells what was lost before the end; half is kept at least, so that
            // no character is read more than twice
            let settled = search.settled();
            chunk.truncate(if settled > chunk.len() / 2 { settled } else { chunk.len() });
        }
        if chunk.is_empty() {
            // what is left of a cut character stays as it stands, and costs what it did to cut it
            chunk.push(Read::sure(first, false, CUT, Emitted::clean(first)));
        }
        Some(chunk)
    }

    /// Goes on with the next chunk.
    fn go_on(&mut self, chunk: Vec<Read>) {
        // millions of characters cost more than 32 bits hold
        self.cost = self.cost.saturating_add(chunk.iter().map(|read| read.cost).sum());
        match self.reads.is_empty() {
            true => self.reads = chunk,
            false => self.reads.extend(chunk),
        }
    }

    /// Adds what speaks for the whole or against it, which no single character tells.
    fn add_surcharges(&mut self) {
        if self.is_lone_pairs() {
            self.add(LONE_PAIR, 1);
        }
        let unpaired = script::unpaired(self.emitted().map(|(character, _)| character));
        self.add(UNPAIRED, unpaired as i64);
        if self.path.is_from_utf16() {
            self.add(COMMON_PAIR, -(self.common_pairs() as i64));
        }
    }

    /// What it costs among other readings of the same text: by triples, which know words, and with
    /// what its flavour costs as long as nothing else is known of it.
    pub fn rank(&self) -> i32 {
        let gain = model::gain_of_triples(self.emitted().map(|(character, _)| character));
        let unproven = if self.is_proven() { Bits(0) } else { UNPROVEN };
        let cost = i64::from(self.cost) + i64::from(self.path.rarity() + unproven.0) - gain;
        Bits::saturating(cost).0
    }

    /// Whether the damage happens again to what it reads; only where bytes vanish the search does not
    /// see to that.
    fn is_proven(&self) -> bool {
        let runs = self.reads.chunk_by(|one, next| one.damaged == next.damaged);
        let reproduces = |run: &[Read]| {
            let text: String = run.iter().flat_map(|read| read.emitted.characters()).collect();
            let found: String = run.iter().map(|read| read.symbol).collect();
            self.path.leads_to(&text, &found)
        };
        !self.path.layers()[0].wrong.loses_unmarked()
            || runs.filter(|run| run[0].damaged).all(reproduces)
    }

    /// Whether the model can tell what it reads from what a variant of the wrong codec would make
    /// of it: it knows the pairs of Chinese, Japanese and Korean, but ü from å by little.
    pub fn is_told_from_variants(&self) -> bool {
        self.emitted().any(|(character, _)| is_cjk_letter(character))
    }

    /// Whether it looks like pairs that lost bytes of single-byte characters.
    pub fn is_torn(&self) -> bool {
        self.path.is_pairs_in_single_bytes() && torn::is_torn(&self.text())
    }

    /// Whether the damage is nothing but pairs of single-byte characters that make one of two bytes
    /// each and stand alone, or would have been below other damage: `OPÃ‡ÃƒO` is OPÇÃO, though ÇÃ is
    /// の in MacRoman.
    fn is_lone_pairs(&self) -> bool {
        if self.path.is_pairs_in_single_bytes() {
            let is_byte = |read: &Read| read.damaged && !read.is_itself();
            let mut runs = self.reads.chunk_by(|one, other| is_byte(one) == is_byte(other));
            return runs.all(|run| !is_byte(&run[0]) || run.len() == 2);
        }
        let damaged = self.reads.iter().filter(|read| read.damaged && !read.symbol.is_ascii());
        let characters = damaged.flat_map(|read| read.emitted.iter());
        self.path.is_pairs_below() && characters.filter(|(c, _)| !c.is_ascii()).count() == 1
    }

    /// Adds a cost so many times; of a text of megabytes, that is more than 32 bits hold.
    fn add(&mut self, cost: Bits, times: i64) {
        self.cost = Bits::saturating(i64::from(self.cost) + i64::from(cost.0) * times).0;
    }

    /// How many pairs of letters are among the most common ones of English.
    fn common_pairs(&self) -> usize {
        let letters = || self.emitted().map(|(character, _)| character.to_ascii_lowercase());
        let is_common = |&(one, other): &(char, char)| {
            let mut common = COMMON_PAIRS.split(' ');
            common.any(|pair| pair.chars().eq([one, other]))
        };
        letters().zip(letters().skip(1)).filter(is_common).count()
    }

    /// The characters of the reading, and whether a byte of each was lost.
    fn emitted(&self) -> impl Iterator<Item = (char, bool)> {
        self.reads.iter().flat_map(|read| read.emitted.iter())
    }

    /// What it reads.
    pub fn text(&self) -> String {
        self.emitted().map(|(character, _)| character).collect()
    }

    /// Whether it reads like any other text.
    pub fn is_ordinary(&self) -> bool {
        let characters: usize = self.reads.iter().map(|read| read.emitted.len()).sum();
        let cost = i64::from(self.cost);
        costs_at_most(ORDINARY, cost, characters)
            || costs_at_most(ORDINARY_UTF8, cost, characters)
                && self.path.is_true_utf8()
                && self.losses() * FEW_LOST <= characters
                && fit::misfits(&self.found(), &self.path.layers()[0]).least == 0
    }

    /// How many characters were filled in.
    pub fn losses(&self) -> usize {
        self.emitted().filter(|(_, lost)| *lost).count()
    }

    /// Whether all but ASCII was undone.
    pub fn is_damaged_throughout(&self) -> bool {
        self.reads.iter().all(|read| read.damaged || read.symbol.is_ascii())
    }

    /// Whether more characters of the damage lost bytes than did not: too little is left of such a
    /// text to tell what it was. In a codec other than UTF-8, half of them are too many for a path
    /// that is not known from elsewhere in the document: a line of Chinese is 容□阿□阿□ in EUC-KR.
    pub fn is_ruin(&self, is_known: bool) -> bool {
        let (characters, lost) = self.losses_of_damage();
        if self.path.is_stripped() {
            let (left, all) = STRIPPED_RUIN;
            return lost * all > characters * left;
        }
        match (lost * RUIN_SHARE).cmp(&characters) {
            Ordering::Less => false,
            Ordering::Equal => lost > 0 && !is_known && !self.path.is_true_utf8(),
            Ordering::Greater => true,
        }
    }

    /// How many characters were damaged, and how many of them lost bytes. Clean characters beside the
    /// damage are none (`VOCÊ VEM AMANHÃ?`), nor is ASCII that went down with the last byte of another
    /// one (`锛?/b>` is `：</b>`).
    fn losses_of_damage(&self) -> (usize, usize) {
        let damaged = self.reads.iter().filter(|read| read.damaged);
        let emitted = damaged.flat_map(|read| read.emitted.iter().zip(read.posteriors));
        let was_damaged = |c: char| !c.is_ascii() || self.path.is_from_utf16();
        let swallows = self.path.layers()[0].wrong.swallows();
        let (mut characters, mut lost) = (0, 0);
        for ((character, is_lost), posterior) in emitted {
            if was_damaged(character) {
                characters += 1;
                lost += usize::from(is_lost && !(swallows && posterior >= TOLD));
            }
        }
        (characters, lost)
    }

    /// The text that was read.
    fn found(&self) -> String {
        self.reads.iter().map(|read| read.symbol).collect()
    }

    /// Whether it can be nothing else: few strings of bytes are valid UTF-8, and text that goes
    /// on for long reads like no other text.
    pub fn is_certain(&self) -> bool {
        if self.path.is_true_utf8() {
            return true;
        }
        let undone = self.reads.iter().filter(|read| read.damaged && !read.symbol.is_ascii());
        let (mut cost, mut characters) = (0i64, 0);
        for read in undone {
            cost += i64::from(read.cost);
            characters += read.emitted.len();
        }
        characters >= CERTAIN_CHARACTERS && cost <= i64::from(CERTAIN.0) * characters as i64
    }

    /// Takes a reading along another flavour into account: where it gives another character,
    /// neither is sure, and where both give the same one, a flavour that could have lost fewer
    /// others is no surer than it is likely. Says whether the two can be compared character by
    /// character.
    pub fn doubt(&mut self, rival: &Reading) -> bool {
        let mut pairs = self.reads.iter().zip(&rival.reads);
        let comparable =
            self.reads.len() == rival.reads.len() && pairs.all(|(read, other)| read.is_like(other));
        if comparable {
            self.is_doubtful = true;
            let worse = rival.rank().saturating_sub(self.rank());
            let share = (1.0 / (1.0 + lattice::probability(worse))) as f32;
            for (read, other) in self.reads.iter_mut().zip(&rival.reads) {
                read.doubt(other, share);
            }
        }
        comparable
    }

    /// Makes all that was filled in a guess.
    pub fn doubt_losses(&mut self) {
        self.is_doubtful = true;
        choices::doubt_filled(&mut self.reads, DOUBTED, |_| true);
    }

    /// Takes letters at the edges of damage as they stand where that reads better, and makes a guess of
    /// what may have had other bytes.
    pub fn settled(mut self) -> Reading {
        self.cost = self.cost.saturating_add(edges::settle(&mut self.reads, &self.path));
        choices::doubt(&mut self.reads, &self.path);
        choices::doubt_lone_kana(&mut self.reads);
        choices::doubt_names(&mut self.reads);
        choices::doubt_untold(&mut self.reads);
        choices::doubt_rare(&mut self.reads, &self.path);
        self
    }

    /// Leaves a conversion between scripts out of the path that left all of the damage as it was.
    pub fn without_needless_conversion(mut self, text: &str) -> Reading {
        let plain = self.path.unconverted();
        if plain != self.path && self.runs().iter().all(|run| run.is_along(&plain, text)) {
            self.path = plain;
        }
        self
    }

    /// The bytes of the whole text that were read.
    pub fn span(&self) -> Range<usize> {
        let len: usize = self.reads.iter().map(|read| read.symbol.len_utf8()).sum();
        self.start..self.start + len
    }

    /// The edits that repair what was read.
    pub fn edits(&self, text: &str, standing: Standing, options: &Options) -> Vec<Edit> {
        let mut edits = Vec::new();
        for run in self.runs() {
            run.add_edits(text, &self.path, standing, options, &mut edits);
        }
        edits
    }

    /// What speaks against taking it, apart from other readings; less does where the document was
    /// damaged along its path elsewhere, too.
    pub fn refusal(&self, text: &str, is_known: bool) -> Option<Refusal> {
        if self.is_ruin(is_known) {
            return Some(Refusal::Ruin);
        }
        let standing = if is_known { Standing::Known } else { Standing::Unknown };
        let refused = |run: &Run| run.evidence(text, &self.path, standing).err();
        let refusal = self.runs().iter().find_map(refused);
        let is_proven = || !self.edits(text, standing, &Options::default()).is_empty();
        refusal.or_else(|| (!is_proven()).then_some(Refusal::Unproven))
    }

    /// The reads from the first that was undone to the last.
    pub fn damaged_reads(&self) -> Option<Range<usize>> {
        let undone = |read: &Read| read.damaged && !read.is_itself();
        let first = self.reads.iter().position(undone)?;
        let last = self.reads.iter().rposition(undone)?;
        Some(first..last + 1)
    }

    /// The damaged runs.
    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut open = false;
        let mut at = self.start;
        for read in &self.reads {
            if read.damaged {
                if !open {
                    runs.push(Run::default());
                }
                runs.last_mut().expect("just pushed").add(at, read);
            }
            open = read.damaged;
            at += read.symbol.len_utf8();
        }
        runs
    }
}
