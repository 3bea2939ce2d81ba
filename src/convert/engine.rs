//! Conversion of text with one configuration, fast.
//!
//! OpenCC reads a text from left to right, takes the longest phrase at each
//! place, and where there is none a single character. Nearly all text converts
//! as its characters do, so the engine
//!
//! 1. converts by character, which needs no decisions ([`Fast::convert`]), and marks where
//!    a phrase may begin which does otherwise;
//! 2. looks there for a stretch that was worked out ahead ([`Engine::candidate`]); nearly
//!    all marks are none, and few others need more than what it becomes;
//! 3. steps back to a place that no phrase reaches across ([`Engine::boundary_before`]);
//! 4. reads exactly from there ([`Reader::read`]), puts that in the place of what step 1 made,
//!    and goes on with the next mark.
//!
//! Step 3 is needed because in 晾干燥 干 belongs to 晾干, so that 干燥 is not seen.
//! In real text it happens at 0.05 % of the characters in t2s, 0.4 % in s2t, 2 % in s2twp and
//! 3 % in tw2sp.

use std::mem;
use std::ops::Range;

use super::config::Config;
use super::exact::{Chain, ChainStep, Reader};
use super::fast::{Chunk, Fast, ROOM};
use super::normalize;
use super::output::Output;
use super::table::{ConfigTable, Filter, Stretch};
use crate::script::only_char;

/// Bytes that are converted before another look at whether anything changes at all, and before
/// they are checked: they stay in the first-level cache. With a quarter, t2s takes 5 % longer.
const PATIENCE: usize = 16384;
/// ASCII characters that a phrase may start with (SQL注入).
const MAX_ASCII: usize = 3;

/// A text holds compatibility ideographs outside of description sequences.
///
/// The fast tables stop at them, so that text need not be searched for them first, which
/// takes a twelfth of the instructions of t2s, nor copied where it has one.
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
    fast: Fast,
    neutral_pairs: Filter,
    has_ascii: bool,
}

impl Engine {
    /// The engine of a configuration, with or without characters that mainstream fonts lack.
    pub fn new(config: Config, tofu: bool) -> Engine {
        let table = ConfigTable::of(config);
        let tofu = if tofu { table.tofu } else { &[] };
        let (first, second) = if table.second.chars.is_empty() {
            (ChainStep::new(table.first, tofu), None)
        } else {
            (ChainStep::new(table.first, &[]), Some(ChainStep::new(table.second, tofu)))
        };
        Engine {
            fast: Fast::new(&first, second.as_ref(), &table),
            chain: Chain {
                first,
                second,
                segmented_by_second: table.segmented_by_second,
                precomputed: table.precomputed,
            },
            neutral_pairs: table.neutral_pairs,
            has_ascii: !table.ascii.is_empty(),
        }
    }

    /// Appends the conversion of a text.
    ///
    /// # Errors
    /// Where the text has to be normalized first; what was appended by then is to be dropped.
    pub fn convert_into(&self, text: &str, out: &mut String) -> Result<(), NotNormalized> {
        let mut chunk = Chunk::new();
        let mut conversion = Conversion::new(self, text, out);
        while conversion.at < text.len() {
            conversion.go_on(&mut chunk)?;
        }
        conversion.out.finish();
        Ok(())
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
        let mut chunk = Chunk::new();
        let mut at = 0;
        loop {
            let stop = self.unchanged_until(text.as_bytes(), at, &mut chunk);
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
            if let Some(c) = only_char(&text[at..end]) {
                lone.push((at, c, out.len()));
            }
            out.push_str(converted);
            at = end;
        }
        lone
    }

    /// The first place from the boundary `at` on at which a character changes, or a
    /// [`Reader`] has to look.
    fn unchanged_until(&self, bytes: &[u8], mut at: usize, chunk: &mut Chunk) -> usize {
        while at < bytes.len() {
            self.fast.unchanged(&bytes[at..], chunk);
            let mut hits = chunk.hits().map(|hit| at + hit);
            if let Some(place) = hits.find(|place| self.candidate(&bytes[*place..]).is_some()) {
                return place;
            }
            at += chunk.len();
            if chunk.stopped {
                break;
            }
        }
        at
    }

    /// What may not convert by character at a hit of a chunk.
    fn candidate(&self, text: &[u8]) -> Option<Stretch> {
        let ascii = text.first().is_some_and(u8::is_ascii);
        if ascii {
            return Some(Stretch { len: 0, value: None, may_be_cut: false });
        }
        self.chain.precomputed.longest(text)
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
        self.has_ascii && text.is_ascii() && text.len() < MAX_ASCII
    }
}

/// A text half way through.
struct Conversion<'a, 'o> {
    engine: &'a Engine,
    reader: Reader<'a>,
    text: &'a str,
    /// The text before it is converted.
    at: usize,
    /// The last place known that no phrase reaches across; from there to `at` the text is
    /// converted by character, to as many bytes.
    boundary: usize,
    /// Where to see whether anything changes at all.
    look: usize,
    /// What was read around a place; kept, so that it need not grow again.
    around: Vec<u8>,
    out: Output<'o>,
}

impl<'a, 'o> Conversion<'a, 'o> {
    fn new(engine: &'a Engine, text: &'a str, out: &'o mut String) -> Conversion<'a, 'o> {
        let reader = Reader::new(&engine.chain);
        let out = Output::new(out, text.len() + ROOM);
        let around = Vec::new();
        Conversion { engine, reader, text, at: 0, boundary: 0, look: 0, around, out }
    }

    /// Converts some text, if any is left.
    fn go_on(&mut self, chunk: &mut Chunk) -> Result<(), NotNormalized> {
        if self.at >= self.look {
            self.copy_unchanged(chunk);
        }
        let (engine, bytes, start) = (self.engine, self.text.as_bytes(), self.at);
        engine.fast.convert(&bytes[start..], chunk, &mut self.out);
        self.at = start + chunk.len();
        for place in chunk.hits().map(|hit| start + hit) {
            if place >= self.boundary
                && let Some(stretch) = engine.candidate(&bytes[place..])
            {
                self.put(place, stretch);
            }
        }
        if chunk.stopped && self.at == start + chunk.len() {
            NotNormalized::check(&self.text[self.at..])?;
            self.read_around(self.boundary_before(self.at), self.at);
        }
        Ok(())
    }

    /// Converts a stretch at `place`, and what belongs to phrases around it.
    fn put(&mut self, place: usize, stretch: Stretch) {
        let start = self.boundary_before(place);
        match self.engine.chain.precomputed(&self.text[place..], stretch) {
            Some(value) if start == place => self.replace(place..place + stretch.len, value),
            _ => self.read_around(start, place),
        }
    }

    fn boundary_before(&self, place: usize) -> usize {
        self.engine.boundary_before(self.text.as_bytes(), self.boundary, place)
    }

    /// Where nothing changes, copying is faster than converting.
    fn copy_unchanged(&mut self, chunk: &mut Chunk) {
        let same = self.engine.unchanged_until(self.text.as_bytes(), self.at, chunk);
        self.out.push_str(&self.text[self.at..same]);
        self.at = same;
        self.look = same + PATIENCE;
    }

    /// Reads exactly from the boundary `start` to one behind `place`.
    fn read_around(&mut self, start: usize, place: usize) {
        let mut around = mem::take(&mut self.around);
        around.clear();
        let mut end = start;
        while end <= place {
            let converted;
            (end, converted) = self.reader.read(self.text, end);
            around.extend_from_slice(converted.as_bytes());
        }
        self.replace(start..end, &around);
        self.around = around;
    }

    /// Takes `value` for a range between boundaries that starts before `at`.
    fn replace(&mut self, range: Range<usize>, value: &[u8]) {
        let kept = self.at.saturating_sub(range.end);
        self.out.replace(self.at - range.start, kept, value);
        self.at = self.at.max(range.end);
        self.boundary = range.end;
    }
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
