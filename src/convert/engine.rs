//! Conversion of text with one configuration, fast.
//!
//! OpenCC reads a text from left to right, takes the longest phrase at each
//! place, and where there is none a single character. Nearly all text converts
//! as its characters do, so the engine
//!
//! 1. converts by character, which needs no decisions ([`Engine::by_character`]),
//!    up to where a filter says that a phrase may begin which does otherwise;
//! 2. steps back to a place that no phrase reaches across ([`Engine::boundary_before`]);
//! 3. reads exactly from there ([`Reader::read`]), and goes on with 1.
//!
//! Step 2 is needed because in 晾干燥 干 belongs to 晾干, so that 干燥 is not seen.
//! In real text it happens at 0.3 % of the characters in t2s, and 1 to 2 % in s2t and s2twp.

use std::mem;
use std::ops::Range;

use super::config::Config;
use super::exact::{Chain, Reader, Step};
use super::ids;
use super::normalize;
use super::table::{ConfigTable, Filter, Replacement};

/// Bytes that are collected before they go to the output: they stay in the first-level cache.
const BLOCK: usize = 4096;
/// Bytes that are looked at, and written, at once.
const WORD: usize = 8;
/// The high bits of eight bytes, all zero in ASCII.
const ASCII_WORD: u64 = 0x8080_8080_8080_8080;
/// The three bytes of a character in a fast entry, and in a word that starts with it.
const CHAR_MASK: u32 = 0xFF_FFFF;
/// A fast entry's flag: not a character of three bytes that becomes one of three bytes.
const READ: u32 = 1 << 31;
/// A fast entry's flag: the candidate filter knows phrases that start with the character.
const STARTS: u32 = 1 << 30;
/// A fast entry's flag: such a phrase may go on with the character.
const FOLLOWS: u32 = 1 << 29;
/// Characters that start candidates, above which the next character is often a follower:
/// t2s has 180, tw2s 623, s2t 1918.
const MANY_STARTERS: usize = 400;
/// ASCII characters that a phrase may start with (SQL注入).
const MAX_ASCII: usize = 3;

/// A text holds compatibility ideographs outside of description sequences.
///
/// The fast tables stop at them, so that text need not be searched for them first (t2s +10 %).
#[derive(Debug)]
pub struct NotNormalized;

impl NotNormalized {
    fn check(text: &str) -> Result<(), NotNormalized> {
        if normalize::replaces_first(text) { Err(NotNormalized) } else { Ok(()) }
    }
}

/// One configuration, ready to convert.
pub struct Engine {
    chain: Chain,
    /// For each character of three bytes what the chain makes of it, in UTF-8, and flags.
    fast: Box<[u32; 0x1_0000]>,
    /// Whether many pairs of characters look like candidates.
    dense: bool,
    candidates: Filter,
    long_candidates: Filter,
    neutral_pairs: Filter,
    ascii: &'static [[u8; 4]],
}

impl Engine {
    /// The engine of a configuration, with or without characters that mainstream fonts lack.
    pub fn new(config: Config, tofu: bool) -> Engine {
        let table = ConfigTable::of(config);
        let tofu = if tofu { table.tofu } else { &[] };
        let (first, second) = if table.second.chars.is_empty() {
            (Step::new(table.first, tofu), None)
        } else {
            (Step::new(table.first, &[]), Some(Step::new(table.second, tofu)))
        };
        let fast = fast_table(&first, second.as_ref(), &table);
        Engine {
            chain: Chain {
                first,
                second,
                segmented_by_second: table.segmented_by_second,
                settled: table.settled,
            },
            fast,
            dense: table.starters().count() > MANY_STARTERS,
            candidates: table.candidates,
            long_candidates: table.long_candidates,
            neutral_pairs: table.neutral_pairs,
            ascii: table.ascii,
        }
    }

    /// Appends the conversion of a text.
    ///
    /// # Errors
    /// Where the text has to be normalized first; what was appended by then is to be dropped.
    pub fn convert_into(&self, text: &str, out: &mut String) -> Result<(), NotNormalized> {
        let mut reader = Reader::new(&self.chain);
        let mut out = Output::new(out);
        let mut at = 0;
        loop {
            let stop = self.by_character(text, at, &mut out);
            if stop == text.len() {
                out.flush();
                return Ok(());
            }
            NotNormalized::check(&text[stop..])?;
            let start = self.boundary_before(text.as_bytes(), at, stop);
            // conversion by character keeps the number of bytes
            out.take_back(stop - start);
            at = start;
            while at <= stop {
                let converted;
                (at, converted) = reader.read(text, at);
                out.push_str(converted);
            }
        }
    }

    /// Every stretch of a text that becomes something else, in order, with that.
    ///
    /// A stretch is a character, a phrase, or what two steps made of neighbouring ones.
    /// Gives up as soon as `change` returns false.
    ///
    /// # Errors
    /// Where the text has to be normalized first; what was told by then does not hold.
    pub fn changes(
        &self,
        text: &str,
        mut change: impl FnMut(Range<usize>, &str) -> bool,
    ) -> Result<(), NotNormalized> {
        let mut reader = Reader::new(&self.chain);
        let mut at = 0;
        loop {
            let stop = at + self.pass(&text.as_bytes()[at..], &mut Unchanged);
            if stop == text.len() {
                return Ok(());
            }
            NotNormalized::check(&text[stop..])?;
            at = self.boundary_before(text.as_bytes(), at, stop);
            while at <= stop {
                let (end, converted) = reader.read(text, at);
                if text[at..end] != *converted && !change(at..end, converted) {
                    return Ok(());
                }
                at = end;
            }
        }
    }

    /// Converts a text slowly; tells of every character that converts on its own, not in a
    /// phrase, where it is and where in `out` what it becomes starts.
    pub fn convert_telling(&self, text: &str, out: &mut String) -> Vec<(usize, char, usize)> {
        let mut reader = Reader::new(&self.chain);
        let mut lone = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (end, converted) = reader.read(text, at);
            let mut chars = text[at..end].chars();
            if let (Some(c), None) = (chars.next(), chars.next()) {
                lone.push((at, c, out.len()));
            }
            out.push_str(converted);
            at = end;
        }
        lone
    }

    /// Converts by character from the boundary `at`, up to the place it returns:
    /// the end of the text, or where a [`Reader`] has to look.
    fn by_character(&self, text: &str, mut at: usize, out: &mut Output<'_>) -> usize {
        let bytes = text.as_bytes();
        loop {
            if out.len == 0 {
                // where nothing changes, copying is faster than writing and checking (+40 %)
                let same = self.pass(&bytes[at..], &mut Unchanged);
                out.text.push_str(&text[at..at + same]);
                at += same;
            }
            let mut block = Block { room: &mut out.block[out.len..] };
            let done = self.pass(&bytes[at..], &mut block);
            let full = block.room.len() < WORD;
            at += done;
            out.len += done;
            if !full {
                return at;
            }
            out.flush();
        }
    }

    /// Passes over text by character as far as `pass` goes along, up to where a [`Reader`]
    /// has to look; gives the bytes passed. The last few of a text are left to the reader.
    #[inline(always)]
    fn pass(&self, bytes: &[u8], pass: &mut impl Pass) -> usize {
        if self.dense {
            self.pass_over::<true>(bytes, pass)
        } else {
            self.pass_over::<false>(bytes, pass)
        }
    }

    #[inline(always)]
    fn pass_over<const DENSE: bool>(&self, bytes: &[u8], pass: &mut impl Pass) -> usize {
        let mut rest = bytes;
        let mut next = self.fast[code_point(word_at(bytes, 0))];
        while let Some(word) = rest.first_chunk() {
            let word = u64::from_le_bytes(*word);
            if word & 0xF0 == 0xE0 {
                let (entry, candidate);
                if DENSE {
                    entry = self.fast[code_point(word)];
                    // no branch on either alone: each is often true (s2t +50 %)
                    candidate = (entry & STARTS != 0) & self.candidates.may_hold(word);
                } else {
                    entry = next;
                    next = self.fast[code_point(word >> 24)];
                    // rarely true, so that the filter need not be asked (t2s +25 %);
                    // FOLLOWS, shifted, is STARTS
                    candidate = entry & next << 1 & STARTS != 0;
                }
                if (entry & READ != 0) | candidate
                    && (entry & READ != 0 || self.is_candidate(rest, word))
                    || !pass.character(word, entry)
                {
                    break;
                }
                rest = &rest[3..];
            } else {
                let len = self.unconverted_len(word);
                if len == 0 || !pass.copy(word, len) {
                    break;
                }
                rest = &rest[len..];
                if !DENSE {
                    next = self.fast[code_point(word_at(rest, 0))];
                }
            }
        }
        bytes.len() - rest.len()
    }

    /// Whether the filters let the start of `text` pass, of which `word` is the first part.
    fn is_candidate(&self, text: &[u8], word: u64) -> bool {
        self.candidates.may_hold(word) && self.long_candidates.may_hold_long(text)
    }

    /// Bytes at the start of `word` that are no characters of three bytes and stay as they are;
    /// zero where a [`Reader`] has to look.
    #[inline(always)]
    fn unconverted_len(&self, word: u64) -> usize {
        match ((word & ASCII_WORD).trailing_zeros() / 8) as usize {
            0 if word & 0xE0 == 0xC0 => 2,
            0 => 0,
            ascii if self.ascii.is_empty() => ascii,
            // a phrase may start with ASCII: the last of it is looked at with what follows
            1 if self.ascii.contains(&(word as u32).to_le_bytes()) => 0,
            1 => 1,
            ascii => ascii - 1,
        }
    }

    /// The last place before `stop`, not before `from`, that no phrase reaches across.
    ///
    /// Phrases that do not convert by character cannot reach across any place between
    /// the two, or conversion by character would have stopped earlier. That leaves the
    /// neutral ones, all pairs of whose characters the filter knows.
    fn boundary_before(&self, bytes: &[u8], from: usize, stop: usize) -> usize {
        let mut at = stop;
        while at > from {
            let start = char_before(bytes, at);
            let belongs = match (at - start, utf8_len(bytes[at])) {
                (1, _) => self.ascii_belongs(&bytes[at..=stop]),
                (_, 1) => false,
                (3, 3) => self.neutral_pairs.may_hold(word_at(bytes, start)),
                // rare: the dot in foreign names, and characters of four bytes
                _ => true,
            };
            if !belongs {
                break;
            }
            at = start;
        }
        at
    }

    /// Whether the ASCII before `text` may belong to a phrase that starts with ASCII (SQL注入).
    fn ascii_belongs(&self, text: &[u8]) -> bool {
        !self.ascii.is_empty() && text.is_ascii() && text.len() < MAX_ASCII
    }
}

/// What is done with text that converts by character.
trait Pass {
    /// A character of three bytes at the start of `word`, and its fast entry; false to stop before it.
    fn character(&mut self, word: u64, entry: u32) -> bool;
    /// The first `len` bytes of `word`, which stay as they are; false to stop before them.
    fn copy(&mut self, word: u64, len: usize) -> bool;
}

/// Goes along as long as nothing changes.
struct Unchanged;

impl Pass for Unchanged {
    #[inline(always)]
    fn character(&mut self, word: u64, entry: u32) -> bool {
        (word as u32 ^ entry) & CHAR_MASK == 0
    }

    #[inline(always)]
    fn copy(&mut self, _: u64, _: usize) -> bool {
        true
    }
}

/// Writes as long as there is room for a word.
struct Block<'a> {
    room: &'a mut [u8],
}

impl Block<'_> {
    #[inline(always)]
    fn write(&mut self, bytes: u64, len: usize) -> bool {
        let Some(target) = self.room.first_chunk_mut::<WORD>() else { return false };
        // as a word, of which the next write covers what is too much
        *target = bytes.to_le_bytes();
        self.room = &mut mem::take(&mut self.room)[len..];
        true
    }
}

impl Pass for Block<'_> {
    #[inline(always)]
    fn character(&mut self, _: u64, entry: u32) -> bool {
        self.write(u64::from(entry), 3)
    }

    #[inline(always)]
    fn copy(&mut self, word: u64, len: usize) -> bool {
        self.write(word, len)
    }
}

/// Collects converted bytes in blocks, and checks a block at a time that they are UTF-8.
struct Output<'a> {
    block: [u8; BLOCK],
    len: usize,
    text: &'a mut String,
}

impl Output<'_> {
    fn new(text: &mut String) -> Output<'_> {
        Output { block: [0; BLOCK], len: 0, text }
    }

    fn push_str(&mut self, text: &str) {
        if self.len == 0 {
            return self.text.push_str(text);
        }
        if self.len + text.len() > BLOCK {
            self.flush();
        }
        match self.block.get_mut(self.len..self.len + text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                self.len += text.len();
            }
            None => self.text.push_str(text),
        }
    }

    /// Drops the last bytes.
    fn take_back(&mut self, bytes: usize) {
        match self.len.checked_sub(bytes) {
            Some(len) => self.len = len,
            None => {
                self.text.truncate(self.text.len() - (bytes - self.len));
                self.len = 0;
            }
        }
    }

    fn flush(&mut self) {
        let block = simdutf8::basic::from_utf8(&self.block[..self.len]);
        self.text.push_str(block.expect("characters are written whole"));
        self.len = 0;
    }
}

/// For each character of three bytes what both steps make of it.
fn fast_table(first: &Step, second: Option<&Step>, table: &ConfigTable) -> Box<[u32; 0x1_0000]> {
    let mut fast = Box::new([0; 0x1_0000]);
    let chars = '\u{800}'..='\u{FFFF}';
    for c in chars {
        fast[c as usize] = fast_entry(c);
    }
    let changed =
        first.chars.plane0().chain(second.into_iter().flat_map(|step| step.chars.plane0()));
    for from in changed {
        let middle = first.chars.get(from);
        let last = match (middle, second) {
            (Replacement::One(c), Some(second)) => second.chars.get(c),
            _ => middle,
        };
        fast[from as usize] = match last {
            Replacement::One(c) => fast_entry(c),
            Replacement::Two(_) => READ,
        };
    }
    for starter in table.starters() {
        fast[usize::from(starter)] |= STARTS;
    }
    for follower in table.followers() {
        fast[usize::from(follower)] |= FOLLOWS;
    }
    fast
}

/// The UTF-8 of a character of three bytes.
fn fast_entry(c: char) -> u32 {
    let mut bytes = [0; 4];
    let utf8 = c.encode_utf8(&mut bytes);
    if utf8.len() != 3 || ids::is_operator(c) || normalize::replaces_first(utf8) {
        return READ;
    }
    u32::from_le_bytes(bytes)
}

/// Eight bytes from `at`, with zeros behind the end of the text.
#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + 8) {
        Some(word) => u64::from_le_bytes(word.try_into().expect("eight bytes")),
        None => {
            let mut word = [0; 8];
            let tail = &bytes[at..];
            word[..tail.len()].copy_from_slice(tail);
            u64::from_le_bytes(word)
        }
    }
}

/// The code point of the three bytes at the start of `word`.
#[inline(always)]
fn code_point(word: u64) -> usize {
    ((word & 0x0F) << 12 | word >> 2 & 0xFC0 | word >> 16 & 0x3F) as usize
}

/// Bytes of the character that starts with `lead`.
fn utf8_len(lead: u8) -> usize {
    match lead {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Where the character before `at` starts.
fn char_before(bytes: &[u8], at: usize) -> usize {
    (0..at).rev().find(|start| bytes[*start] & 0xC0 != 0x80).unwrap_or(0)
}
