//! Conversion of normalized text with one configuration.
//!
//! OpenCC reads a text from left to right, takes the longest phrase at each
//! place, and where there is none a single character. Nearly all text converts
//! as its characters do, so the engine
//!
//! 1. converts by character, which needs no decisions ([`Engine::by_character`]),
//!    up to where a filter says that a phrase may begin which does otherwise;
//! 2. steps back to a place that no phrase reaches across ([`Engine::boundary_before`]);
//! 3. reads exactly from there ([`Engine::read`]), and goes on with 1.
//!
//! In step 2, 干 of 晾干燥 may belong to 晾干, which converts as its characters do
//! but would keep 干燥 from being seen.

use super::config::Config;
use super::ids;
use super::table::{CharTable, ConfigTable, Filter, Phrase, Phrases, Replacement, StepTable};

/// Bytes that are collected before they go to the output: they stay in the first-level cache.
const BLOCK: usize = 4096;
/// Bytes that are looked at, and written, at once.
const WORD: usize = 8;

/// The high bits of eight bytes, all zero in ASCII.
const ASCII_WORD: u64 = 0x8080_8080_8080_8080;

/// A fast entry's flag: not a character of three bytes that becomes one of three bytes.
const READ: u32 = 1 << 31;
/// A fast entry's flag: the candidate filter knows phrases that start with the character.
const STARTS: u32 = 1 << 30;

/// One configuration, ready to convert.
#[derive(Debug)]
pub struct Engine {
    first: Step,
    second: Option<Step>,
    /// Whether the phrases of the second step cut the text into segments, not those of the first.
    segmented_by_second: bool,
    /// For each character of three bytes what both steps make of it, in UTF-8, and flags.
    fast: Box<[u32; 0x1_0000]>,
    candidates: Filter,
    long_candidates: Filter,
    neutral_pairs: Filter,
    ascii: &'static [[u8; 4]],
}

/// One step: the longest phrase at a place, else the character there.
#[derive(Debug)]
struct Step {
    chars: CharTable,
    phrases: Phrases,
    /// A bit for each character of the first plane that a phrase starts with.
    starts: Box<[u64; 0x1_0000 / 64]>,
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

/// Buffers that are used again and again.
#[derive(Default)]
struct Scratch {
    /// What the first step made of the text.
    middle: String,
    /// Ends of the first step's replacements, in `middle` and in the text.
    ends: Vec<(usize, usize)>,
}

/// A run that the first step reads bit by bit.
struct Run {
    /// Where it starts.
    at: usize,
    /// Where the first step goes on; nothing at the end of the run.
    next: Option<usize>,
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
        let fast = fast_table(&first, second.as_ref(), table.starters());
        Engine {
            segmented_by_second: table.segmented_by_second,
            fast,
            candidates: table.candidates,
            long_candidates: table.long_candidates,
            neutral_pairs: table.neutral_pairs,
            ascii: table.ascii,
            first,
            second,
        }
    }

    /// Appends the conversion of a normalized text.
    pub fn convert_into(&self, text: &str, out: &mut String) {
        let mut scratch = Scratch::default();
        let mut read = String::new();
        let mut out = Output::new(out);
        let mut at = 0;
        loop {
            let stop = self.by_character(text.as_bytes(), at, &mut out);
            if stop == text.len() {
                return out.flush();
            }
            let start = self.boundary_before(text.as_bytes(), at, stop);
            // conversion by character keeps the number of bytes
            out.take_back(stop - start);
            at = start;
            while at <= stop {
                read.clear();
                at = self.read(text, at, &mut scratch, &mut read);
                out.push_str(&read);
            }
        }
    }

    /// Reads one segment, or the shortest stretch of a run that no step reaches out of.
    ///
    /// `at` is a boundary that no phrase of any step reaches across, and so is the
    /// place that is returned.
    fn read(&self, text: &str, at: usize, scratch: &mut Scratch, out: &mut String) -> usize {
        let rest = &text[at..];
        if let Some(len) = ids::sequence_len(rest) {
            out.push_str(&rest[..len]);
            return at + len;
        }
        if let Some(phrase) = self.segment(rest) {
            self.convert_segment(&rest[..phrase.len], phrase, scratch, out);
            return at + phrase.len;
        }
        match &self.second {
            Some(second) => self.convert_run(text, at, second, scratch, out),
            None => at + self.first.convert_char(rest, out),
        }
    }

    /// Converts a segment, which goes through both steps on its own.
    fn convert_segment(
        &self,
        segment: &str,
        phrase: Phrase,
        scratch: &mut Scratch,
        out: &mut String,
    ) {
        let Some(second) = &self.second else {
            return self.first.convert_phrase(segment, phrase, out);
        };
        scratch.middle.clear();
        if self.segmented_by_second {
            self.first.convert(segment, &mut scratch.middle);
        } else {
            self.first.convert_phrase(segment, phrase, &mut scratch.middle);
        }
        second.convert(&scratch.middle, out);
    }

    /// Converts the beginning of a run up to the first place at which both steps
    /// have finished what they began.
    fn convert_run(
        &self,
        text: &str,
        at: usize,
        second: &Step,
        scratch: &mut Scratch,
        out: &mut String,
    ) -> usize {
        scratch.middle.clear();
        scratch.ends.clear();
        let mut run = Run { at, next: Some(at) };
        let mut done = 0;
        loop {
            if scratch.middle.len() == done {
                self.look_ahead(text, &mut run, done + 1, scratch);
            }
            if second.may_start(&scratch.middle[done..]) {
                // what the second step must see to decide: two characters, then perhaps more
                self.look_ahead(text, &mut run, done + 2 * char::MAX_LEN_UTF8, scratch);
                let longest = second.phrases.longest_from(&scratch.middle[done..]);
                self.look_ahead(text, &mut run, done + longest, scratch);
            } else if scratch.middle[done..].starts_with(ids::is_operator) {
                let longest = ids::MAX_CHARS * char::MAX_LEN_UTF8;
                self.look_ahead(text, &mut run, done + longest, scratch);
            }
            let rest = &scratch.middle[done..];
            done += match ids::sequence_len(rest) {
                Some(len) => {
                    out.push_str(&rest[..len]);
                    len
                }
                None => second.convert_next(rest, out),
            };
            if let Ok(index) = scratch.ends.binary_search_by_key(&done, |(end, _)| *end) {
                return scratch.ends[index].1;
            }
        }
    }

    /// Runs the first step until it has made `bytes` bytes, or the run ends.
    fn look_ahead(&self, text: &str, run: &mut Run, bytes: usize, scratch: &mut Scratch) {
        while let Some(at) = run.next
            && scratch.middle.len() < bytes
        {
            run.next = self.first_of_run(text, at, at > run.at, scratch);
        }
    }

    /// The first step at one place of a run: appends to `scratch` and gives the next
    /// place, or nothing where the run ends (`may_end`: a run holds at least one character).
    fn first_of_run(
        &self,
        text: &str,
        at: usize,
        may_end: bool,
        scratch: &mut Scratch,
    ) -> Option<usize> {
        let rest = &text[at..];
        if rest.is_empty() || may_end && self.segment(rest).is_some() {
            return None;
        }
        let middle = &mut scratch.middle;
        let len = if let Some(len) = ids::sequence_len(rest) {
            middle.push_str(&rest[..len]);
            len
        } else {
            match self.first_phrase_in_run(rest) {
                Some(phrase) => {
                    self.first.convert_phrase(&rest[..phrase.len], phrase, middle);
                    phrase.len
                }
                None => self.first.convert_char(rest, middle),
            }
        };
        scratch.ends.push((scratch.middle.len(), at + len));
        Some(at + len)
    }

    /// The longest phrase of the first step at the start of `text`, in the run that goes on there.
    fn first_phrase_in_run(&self, text: &str) -> Option<Phrase> {
        if !self.segmented_by_second {
            // it would have been a segment
            return None;
        }
        let phrase = self.first.phrase(text)?;
        let mut inner = text[..phrase.len].char_indices().map(|(at, _)| at).skip(1);
        match inner.find(|at| self.segment(&text[*at..]).is_some()) {
            Some(end) => self.first.phrase(&text[..end]),
            None => Some(phrase),
        }
    }

    /// The segment at the start of `text`.
    fn segment(&self, text: &str) -> Option<Phrase> {
        match &self.second {
            Some(second) if self.segmented_by_second => second.phrase(text),
            _ => self.first.phrase(text),
        }
    }

    /// Converts by character from the boundary `at`, up to the place it returns:
    /// the end of the text, or where [`Engine::read`] has to look.
    fn by_character(&self, bytes: &[u8], mut at: usize, out: &mut Output<'_>) -> usize {
        loop {
            let (mut source, mut room) = (&bytes[at..], &mut out.block[out.len..]);
            let before = source.len();
            let full = loop {
                let Some(word) = source.first_chunk() else { break false };
                let Some(target) = room.first_chunk_mut::<WORD>() else { break true };
                let word = u64::from_le_bytes(*word);
                if word & 0xF0 == 0xE0 {
                    let entry = self.fast[code_point(word)];
                    // no branch on either alone: each is true now and then (+20 %)
                    let candidate = (entry & STARTS != 0) & self.candidates.may_hold(word);
                    if (entry & READ != 0) | candidate
                        && (entry & READ != 0 || self.long_candidates.may_hold_long(source))
                    {
                        break false;
                    }
                    target[..4].copy_from_slice(&entry.to_le_bytes());
                    (source, room) = (&source[3..], &mut room[3..]);
                } else if word & 0x80 == 0 {
                    *target = word.to_le_bytes();
                    let ascii = self.ascii_len(word);
                    if ascii == 0 {
                        break false;
                    }
                    (source, room) = (&source[ascii..], &mut room[ascii..]);
                } else if word & 0xE0 == 0xC0 {
                    *target = word.to_le_bytes();
                    (source, room) = (&source[2..], &mut room[2..]);
                } else {
                    break false;
                }
            };
            let done = before - source.len();
            at += done;
            out.len += done;
            if !full {
                return at;
            }
            out.flush();
        }
    }

    /// How much ASCII at the start of `word` stays as it is: nothing where a phrase may start.
    fn ascii_len(&self, word: u64) -> usize {
        let len = ((word & ASCII_WORD).trailing_zeros() / 8) as usize;
        if self.ascii.is_empty() {
            return len;
        }
        match len {
            1 if self.starts_with_ascii(word) => 0,
            1 => 1,
            // the last one is looked at together with what follows it
            _ => len - 1,
        }
    }

    /// Whether the last ASCII character before Chinese, at the start of `word`, may belong to a phrase.
    fn starts_with_ascii(&self, word: u64) -> bool {
        let bytes: [u8; 4] = (word as u32).to_le_bytes();
        self.ascii.contains(&bytes)
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
                (1, _) => self.ascii_belongs(bytes, at, stop),
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

    /// Whether the ASCII before `at` may belong to a phrase that starts with ASCII (SQL注入).
    fn ascii_belongs(&self, bytes: &[u8], at: usize, stop: usize) -> bool {
        !self.ascii.is_empty() && bytes[at..=stop].is_ascii() && stop - at + 1 < MAX_ASCII
    }
}

/// ASCII characters that a phrase may start with (SQL注入).
const MAX_ASCII: usize = 3;

impl Step {
    fn new(table: StepTable, tofu: &'static [u8]) -> Step {
        let mut starts = Box::new([0; 0x1_0000 / 64]);
        for c in table.phrases.first_chars().filter(|c| *c <= '\u{FFFF}') {
            starts[c as usize / 64] |= 1 << (c as usize % 64);
        }
        Step { chars: CharTable::new([table.chars, tofu]), phrases: table.phrases, starts }
    }

    /// Whether a phrase starts with the first character of `text`.
    fn may_start(&self, text: &str) -> bool {
        text.chars().next().is_some_and(|c| {
            self.starts.get(c as usize / 64).is_none_or(|bits| bits >> (c as usize % 64) & 1 == 1)
        })
    }

    /// The longest phrase at the start of `text`.
    fn phrase(&self, text: &str) -> Option<Phrase> {
        // most characters start no phrase of the small dictionaries
        if self.may_start(text) { self.phrases.longest(text) } else { None }
    }

    /// Converts a text without description sequences.
    fn convert(&self, text: &str, out: &mut String) {
        let mut at = 0;
        while at < text.len() {
            at += self.convert_next(&text[at..], out);
        }
    }

    /// Converts what stands at the start of `text` and gives its length.
    fn convert_next(&self, text: &str, out: &mut String) -> usize {
        match self.phrase(text) {
            Some(phrase) => {
                self.convert_phrase(&text[..phrase.len], phrase, out);
                phrase.len
            }
            None => self.convert_char(text, out),
        }
    }

    fn convert_phrase(&self, key: &str, phrase: Phrase, out: &mut String) {
        match phrase.value {
            Some(value) => out.push_str(value),
            None => self.chars.convert(key, out),
        }
    }

    fn convert_char(&self, text: &str, out: &mut String) -> usize {
        let Some(c) = text.chars().next() else { return 0 };
        self.chars.get(c).push_to(out);
        c.len_utf8()
    }
}

/// For each character of three bytes what both steps make of it.
fn fast_table(
    first: &Step,
    second: Option<&Step>,
    starters: impl Iterator<Item = u32>,
) -> Box<[u32; 0x1_0000]> {
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
    for starter in starters {
        fast[starter as usize] |= STARTS;
    }
    fast
}

/// The UTF-8 of a character of three bytes.
fn fast_entry(c: char) -> u32 {
    let mut bytes = [0; 4];
    if c.encode_utf8(&mut bytes).len() != 3 || ids::is_operator(c) {
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
