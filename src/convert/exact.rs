//! Conversion as OpenCC defines it, a stretch at a time.
//!
//! A text is cut into *segments*, the phrases of one of the steps, and the *runs*
//! between them. Each segment and each run goes through the steps on its own: no
//! phrase of a step reaches from one into the other.

use super::ids;
use super::table::{CharTable, Phrase, Phrases, Precomputed, StepTable, Stretch};
use crate::script::CharSet;

/// Bytes of the longest character.
const MAX_LEN_UTF8: usize = 4;

/// The one or two steps of a configuration.
pub struct Chain {
    /// First step.
    pub first: ChainStep,
    /// Second step, in configurations that have one.
    pub second: Option<ChainStep>,
    /// Whether the phrases of the second step are the segments, not those of the first.
    pub segmented_by_second: bool,
    /// What both steps make of most phrases.
    pub precomputed: Precomputed,
}

/// One step: the longest phrase at a place, else the character there.
pub struct ChainStep {
    /// What characters become.
    pub chars: CharTable,
    phrases: Phrases,
    /// The characters that phrases start with, in small dictionaries.
    starts: Option<CharSet>,
}

/// Reads texts through a chain, into buffers that are used again.
pub struct Reader<'a> {
    chain: &'a Chain,
    /// What the first step made of the stretch that is read.
    middle: String,
    /// Ends of the first step's replacements, in `middle` and in the text.
    ends: Vec<(usize, usize)>,
    out: String,
}

/// A run that the first step reads bit by bit.
struct Run<'a> {
    text: &'a str,
    /// Where it starts.
    start: usize,
    /// Where the first step goes on; nothing at the end of the run.
    next: Option<usize>,
}

impl Chain {
    /// What a stretch at the start of `text` becomes, where that is known without running the
    /// steps.
    pub fn precomputed(&self, text: &str, stretch: Stretch) -> Option<&'static [u8]> {
        let mut inner = text[..stretch.len].char_indices().map(|(at, _)| at).skip(1);
        let is_cut = stretch.may_be_cut && inner.any(|at| self.segment(&text[at..]).is_some());
        stretch.value.filter(|_| !is_cut)
    }

    /// The segment at the start of `text`.
    fn segment(&self, text: &str) -> Option<Phrase> {
        match &self.second {
            Some(second) if self.segmented_by_second => second.phrase(text),
            _ => self.first.phrase(text),
        }
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
}

impl<'a> Reader<'a> {
    /// A reader with empty buffers.
    pub fn new(chain: &'a Chain) -> Reader<'a> {
        Reader { chain, middle: String::new(), ends: Vec::new(), out: String::new() }
    }

    /// Reads one segment, or the shortest stretch of a run that no step reaches out of.
    ///
    /// `at`, before the end of the text, is a place that no phrase of any step reaches
    /// across, and so is the place that is returned, with what the stretch between becomes.
    pub fn read(&mut self, text: &str, at: usize) -> (usize, &str) {
        let rest = &text[at..];
        // this saves a quarter of the instructions of s2twp and of tw2sp
        if let Some(stretch) = self.chain.precomputed.longest(rest.as_bytes())
            && let Some(value) = self.chain.precomputed(rest, stretch)
        {
            let value = str::from_utf8(value).expect("values are text");
            return (at + stretch.len, value);
        }
        self.out.clear();
        let end = if let Some(len) = ids::sequence_len(rest) {
            self.out.push_str(&rest[..len]);
            at + len
        } else if let Some(phrase) = self.chain.segment(rest) {
            self.read_segment(&rest[..phrase.len], phrase);
            at + phrase.len
        } else {
            match &self.chain.second {
                Some(second) => self.read_run(text, at, second),
                None => at + self.chain.first.convert_char(rest, &mut self.out),
            }
        };
        (end, &self.out)
    }

    fn read_segment(&mut self, segment: &str, phrase: Phrase) {
        let Chain { first, second, segmented_by_second, .. } = self.chain;
        let Some(second) = second else {
            return first.convert_phrase(segment, phrase, &mut self.out);
        };
        self.middle.clear();
        if *segmented_by_second {
            first.convert(segment, &mut self.middle);
        } else {
            first.convert_phrase(segment, phrase, &mut self.middle);
        }
        second.convert(&self.middle, &mut self.out);
    }

    /// Reads a run from its start to the first place at which both steps have
    /// finished what they began.
    fn read_run(&mut self, text: &str, start: usize, second: &ChainStep) -> usize {
        self.middle.clear();
        self.ends.clear();
        let mut run = Run { text, start, next: Some(start) };
        let mut done = 0;
        loop {
            self.look_ahead_for(second, &mut run, done);
            let rest = &self.middle[done..];
            done += match ids::sequence_len(rest) {
                Some(len) => {
                    self.out.push_str(&rest[..len]);
                    len
                }
                None => second.convert_next(rest, &mut self.out),
            };
            if let Ok(index) = self.ends.binary_search_by_key(&done, |(end, _)| *end) {
                return self.ends[index].1;
            }
        }
    }

    /// Runs the first step as far as the second must see to decide what stands at `at`.
    fn look_ahead_for(&mut self, second: &ChainStep, run: &mut Run<'_>, at: usize) {
        self.look_ahead(run, at + 1);
        if second.may_start(&self.middle[at..]) {
            // two characters tell how much more may belong to the phrase
            self.look_ahead(run, at + 2 * MAX_LEN_UTF8);
            let longest = second.phrases.longest_from(&self.middle[at..]);
            self.look_ahead(run, at + longest);
        } else if self.middle[at..].starts_with(ids::is_operator) {
            self.look_ahead(run, at + ids::MAX_CHARS * MAX_LEN_UTF8);
        }
    }

    /// Runs the first step until it has made `bytes` bytes, or the run ends.
    fn look_ahead(&mut self, run: &mut Run<'_>, bytes: usize) {
        while let Some(at) = run.next
            && self.middle.len() < bytes
        {
            run.next = self.first_step(run, at);
        }
    }

    /// Runs the first step at one place, and gives the next place or the end of the run.
    fn first_step(&mut self, run: &Run<'_>, at: usize) -> Option<usize> {
        let Chain { first, .. } = self.chain;
        let rest = &run.text[at..];
        if rest.is_empty() || at > run.start && self.chain.segment(rest).is_some() {
            return None;
        }
        let len = if let Some(len) = ids::sequence_len(rest) {
            self.middle.push_str(&rest[..len]);
            len
        } else if let Some(phrase) = self.chain.first_phrase_in_run(rest) {
            first.convert_phrase(&rest[..phrase.len], phrase, &mut self.middle);
            phrase.len
        } else {
            first.convert_char(rest, &mut self.middle)
        };
        self.ends.push((self.middle.len(), at + len));
        Some(at + len)
    }
}

impl ChainStep {
    /// A step from its tables, with more characters over them.
    pub fn new(table: StepTable, over: &'static [u8]) -> ChainStep {
        let starts = table.phrases.first_chars().filter_map(|c| u16::try_from(c as u32).ok());
        ChainStep {
            chars: CharTable::new([table.chars, over]),
            phrases: table.phrases,
            // in the large one nearly every common character starts a phrase
            starts: table.phrases.is_small().then(|| CharSet::new(starts)),
        }
    }

    /// Whether a phrase starts with the first character of `text`.
    fn may_start(&self, text: &str) -> bool {
        let starts = |c| self.starts.as_ref().and_then(|starts| starts.get(c)).unwrap_or(true);
        text.chars().next().is_some_and(starts)
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
