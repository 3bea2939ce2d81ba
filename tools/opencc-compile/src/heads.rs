//! Where in a text anything but conversion by character can happen.
//!
//! Most of OpenCC's phrases say what conversion by character says anyway
//! (中国 → 中國). Such a *neutral* phrase matters only in that it keeps another
//! from matching inside it. So the engine converts by character, looks for the
//! beginnings of all other phrases, and where it finds one reads that stretch
//! exactly, from the last place before it that no neutral phrase reaches across.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use anyhow::{Context, Result, bail, ensure};

use crate::format::PAIR_BYTES;
use crate::plan::{Flat, Plan};

/// Bytes of three Chinese characters, behind which it does not matter how a source text of the
/// second step's phrases goes on: there are too many of them.
const LONG_HEAD_BYTES: usize = 9;

/// Stands between the parts of a foreign name; the one character of two bytes in phrases.
const NAME_DOT: char = '·';

/// Source characters or phrases by the first character that the first step makes of them.
pub type Sources = HashMap<char, HashSet<String>>;

/// What the engine has to look for in one configuration.
pub struct Heads {
    /// The source texts of phrases that are not neutral, of those that start with a character
    /// of three bytes; of some, beginnings of at least [`LONG_HEAD_BYTES`].
    pub candidates: BTreeSet<String>,
    /// Neighbouring characters of three bytes inside neutral phrases.
    pub neutral_pairs: BTreeSet<[u8; PAIR_BYTES]>,
    /// Last ASCII character and the three bytes behind it, of phrases that start with ASCII.
    pub ascii: BTreeSet<[u8; 4]>,
}

impl Heads {
    /// The heads of every phrase of a configuration.
    pub fn of(plan: &Plan) -> Result<Heads> {
        let mut heads = Heads {
            candidates: BTreeSet::new(),
            neutral_pairs: BTreeSet::new(),
            ascii: BTreeSet::new(),
        };
        for (key, _) in plan.segments().iter() {
            heads.add(key, plan.converts_by_character(key))?;
        }
        for (key, value) in plan.first.phrases.iter() {
            heads.add(key, plan.first.chars.convert(key) == value)?;
        }
        // the second step reads what the first step made of the text
        let sources = sources(&[&plan.first.chars, &plan.first.phrases]);
        for (key, _) in plan.second.phrases.iter() {
            let key: Vec<char> = key.chars().collect();
            heads.add_sources(String::new(), &key, plan, &sources)?;
        }
        Ok(heads)
    }

    /// A neutral phrase with ASCII in it counts as a candidate, so that ASCII always
    /// separates what is neutral.
    fn add(&mut self, key: &str, neutral: bool) -> Result<()> {
        if neutral && !key.contains(|c: char| c.is_ascii()) {
            self.add_neutral(key)
        } else {
            self.add_candidate(key)
        }
    }

    fn add_neutral(&mut self, key: &str) -> Result<()> {
        let chars: Vec<char> = key.chars().collect();
        for pair in chars.windows(2) {
            let expected = |c: char| c.len_utf8() >= 3 || c == NAME_DOT;
            ensure!(pair.iter().all(|c| expected(*c)), "{key} is not Chinese");
            // the engine takes it that a dot and a character of four bytes belong to their neighbours
            if pair.iter().all(|c| c.len_utf8() == 3) {
                let pair: String = pair.iter().collect();
                self.neutral_pairs.insert(pair.as_bytes().try_into()?);
            }
        }
        Ok(())
    }

    /// Adds every source text that the first step may turn into the beginning of `key`.
    fn add_sources(
        &mut self,
        source: String,
        key: &[char],
        plan: &Plan,
        sources: &Sources,
    ) -> Result<()> {
        let ascii = source.starts_with(|c: char| c.is_ascii());
        if key.is_empty() || (source.len() >= LONG_HEAD_BYTES && !ascii) {
            return self.add_candidate(&source);
        }
        let own = key[0].to_string();
        let stays = plan.first.chars.get(&own).is_none_or(|value| value == own);
        let others = sources.get(&key[0]).into_iter().flatten().cloned();
        for next in others.chain(stays.then_some(own)) {
            self.add_sources(format!("{source}{next}"), &key[1..], plan, sources)?;
        }
        Ok(())
    }

    fn add_candidate(&mut self, source: &str) -> Result<()> {
        let bytes = source.as_bytes();
        match source.chars().next().map(char::len_utf8) {
            Some(1) => {
                let ascii = bytes.iter().take_while(|byte| byte.is_ascii()).count();
                let around = bytes.get(ascii - 1..ascii + 3).context("a phrase of ASCII only")?;
                self.ascii.insert(around.try_into()?);
            }
            Some(3) => {
                ensure!(bytes.len() >= PAIR_BYTES, "{source} is short");
                self.candidates.insert(source.to_owned());
            }
            // the engine reads exactly wherever a character of four bytes stands
            Some(4) => (),
            _ => bail!("{source} starts with a character of two bytes"),
        }
        Ok(())
    }

    /// The two characters that each candidate starts with, as `u16` each.
    ///
    /// The second may be three bytes of others (the dot of names and a byte more); the engine
    /// reads what follows in a text in the same way.
    pub fn pairs(&self) -> Vec<u8> {
        let bits = |byte: u8, mask: u8| u16::from(byte & mask);
        let point = |a, b, c| match a {
            0xE0..=0xEF => bits(a, 0x0F) << 12 | bits(b, 0x3F) << 6 | bits(c, 0x3F),
            _ => u16::from(c),
        };
        let pairs: BTreeSet<[u16; 2]> = self
            .candidates
            .iter()
            .filter_map(|source| source.as_bytes().first_chunk())
            .map(|&[a, b, c, d, e, f]| [point(a, b, c), point(d, e, f)])
            .collect();
        pairs.into_iter().flatten().flat_map(u16::to_le_bytes).collect()
    }
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (candidates, neutral) = (self.candidates.len(), self.neutral_pairs.len());
        write!(
            f,
            "{candidates} candidates, {neutral} neutral pairs, {} with ASCII",
            self.ascii.len()
        )
    }
}

/// What the characters that the steps make may be made from.
pub fn sources(steps: &[&Flat]) -> Sources {
    let mut sources = Sources::new();
    for (key, value) in steps.iter().flat_map(|step| step.iter()) {
        if let Some(c) = value.chars().next() {
            sources.entry(c).or_default().insert(key.to_owned());
        }
    }
    sources
}
