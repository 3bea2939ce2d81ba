//! A configuration brought into the shape that the engine runs.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::dict::Dictionaries;

/// Characters behind which `src/convert/pieces.rs` cuts text.
const BREAKS: [char; 5] = ['\n', '。', '！', '？', '；'];

/// One dictionary in which the longest key at a position wins.
///
/// OpenCC's groups come down to this: see [`Flat::short_circuit`] and [`Flat::union`].
#[derive(Clone, Debug, Default)]
pub struct Flat {
    entries: HashMap<String, String>,
    /// Characters of the longest key.
    longest: usize,
}

impl FromIterator<(String, String)> for Flat {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(entries: T) -> Flat {
        let mut flat = Flat::default();
        for (key, value) in entries {
            flat.insert(key, value);
        }
        flat
    }
}

impl Flat {
    /// Sets the value of a key.
    pub fn insert(&mut self, key: String, value: String) {
        self.longest = self.longest.max(key.chars().count());
        self.entries.insert(key, value);
    }

    /// Sets the value of a new key and gives the value the key has now.
    pub fn insert_if_absent(&mut self, key: String, value: String) -> &str {
        self.longest = self.longest.max(key.chars().count());
        self.entries.entry(key).or_insert(value)
    }

    /// Every key with its value, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The longest key of any of `parts`; of equal keys the earlier part's.
    pub fn union<'a>(parts: impl IntoIterator<Item = &'a Flat>) -> Flat {
        let mut flat = Flat::default();
        for (key, value) in parts.into_iter().flat_map(Flat::iter) {
            flat.insert_if_absent(key.to_owned(), value.to_owned());
        }
        flat
    }

    /// The longest key of the first of `parts` in which any matches.
    ///
    /// A key that has a key of an earlier part as its prefix never wins, because
    /// wherever it matches the earlier part does; without these keys the longest wins.
    pub fn short_circuit<'a>(parts: impl IntoIterator<Item = &'a Flat>) -> Flat {
        let mut flat = Flat::default();
        for part in parts {
            let reachable: Vec<_> =
                part.iter().filter(|(key, _)| flat.longest(key).is_none()).collect();
            for (key, value) in reachable {
                flat.insert(key.to_owned(), value.to_owned());
            }
        }
        flat
    }

    /// The longest key that `text` starts with, and its value.
    pub fn longest(&self, text: &str) -> Option<(&str, &str)> {
        let mut ends: Vec<usize> =
            text.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest).collect();
        ends.reverse();
        ends.into_iter()
            .find_map(|end| self.entries.get_key_value(&text[..end]))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of exactly this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// Converts a text without description sequences.
    pub fn convert(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let (key, value) = self.longest(rest).unwrap_or_else(|| {
                let same = &rest[..c.len_utf8()];
                (same, same)
            });
            out.push_str(value);
            rest = &rest[key.len()..];
        }
        out
    }

    /// Whether the keys are the same.
    fn has_keys_of(&self, other: &Flat) -> bool {
        self.entries.len() == other.entries.len()
            && self.entries.keys().all(|key| other.entries.contains_key(key))
    }
}

/// One step of the chain.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Keys of one character.
    pub chars: Flat,
    /// Keys of several characters.
    pub phrases: Flat,
}

impl Step {
    fn of(flat: &Flat) -> Step {
        let is_char = |key: &str| key.chars().nth(1).is_none();
        let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Step {
            chars: flat.iter().filter(|(key, _)| is_char(key)).map(own).collect(),
            phrases: flat.iter().filter(|(key, _)| !is_char(key)).map(own).collect(),
        }
    }
}

/// A configuration without its normalization, which is the same in all.
///
/// A text is cut into segments (the phrases of one of the steps) and the runs
/// between them; each goes through `first`, then `second`, on its own. In a
/// configuration without segmentation the phrases of its only step take the part
/// of segments, which gives the same: what is left over converts by character.
pub struct Plan {
    /// First step.
    pub first: Step,
    /// Second step; empty where there is none.
    pub second: Step,
    /// Whether the segments are the phrases of the second step, not of the first.
    pub segmented_by_second: bool,
    /// The character entries of the last step that may output tofu.
    pub tofu: Flat,
    chains: [Chain; 2],
}

impl Plan {
    /// Reads one of OpenCC's configurations.
    pub fn read(json: &str, dictionaries: &Dictionaries) -> Result<Plan> {
        let config: Value = serde_json::from_str(json)?;
        let chain = config["conversion_chain"].as_array().context("no chain")?;
        let steps: Vec<Flat> = chain
            .iter()
            .map(|step| flatten(&step["dict"], dictionaries, Tofu::Without))
            .collect::<Result<_>>()?;
        let last = chain.last().context("an empty chain")?;
        let tofu: Flat = flatten(&last["dict"], dictionaries, Tofu::With)?
            .iter()
            .filter(|(key, value)| steps[steps.len() - 1].get(key) != Some(value))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        ensure!(tofu.longest <= 1, "a phrase may output tofu");

        let segments = &config["segmentation"]["dict"];
        match &steps[..] {
            [only] if segments.is_null() => Ok(Plan {
                first: Step::of(only),
                second: Step::default(),
                segmented_by_second: false,
                chains: Chain::both(steps.clone(), &tofu),
                tofu,
            }),
            [first, second] if !segments.is_null() => {
                let (first, second) = (Step::of(first), Step::of(second));
                let segments = flatten(segments, dictionaries, Tofu::With)?;
                let segmented_by_second = segments.has_keys_of(&second.phrases);
                ensure!(
                    segmented_by_second || segments.has_keys_of(&first.phrases),
                    "the segments are the phrases of neither step"
                );
                let chains = Chain::both(steps, &tofu);
                Ok(Plan { first, second, segmented_by_second, tofu, chains })
            }
            _ => bail!("not a chain of one step, nor of two steps after segmentation"),
        }
    }

    /// Makes sure that text may be cut behind the characters where `convert` cuts it.
    pub fn check_breaks(&self) -> Result<()> {
        let steps = [&self.first, &self.second].into_iter();
        let entries = steps.flat_map(|step| step.chars.iter().chain(step.phrases.iter()));
        for (key, value) in entries {
            ensure!(
                !key.contains(BREAKS) && !value.contains(BREAKS),
                "{key} → {value} has a break"
            );
        }
        Ok(())
    }

    /// The phrases that cut a text into segments.
    pub fn segments(&self) -> &Flat {
        if self.segmented_by_second { &self.second.phrases } else { &self.first.phrases }
    }

    /// What the chain makes of a text, where that is the same with tofu and without.
    pub fn convert(&self, text: &str) -> Option<String> {
        let [without, with] = self.chains.each_ref().map(|chain| {
            chain.steps.iter().fold(text.to_owned(), |text, step| step.convert(&text))
        });
        (with == without).then_some(with)
    }

    /// Whether the chain makes the same of a text as it makes of its characters one by one,
    /// with tofu and without.
    pub fn converts_by_character(&self, text: &str) -> bool {
        self.chains.iter().all(|chain| {
            let whole = chain.steps.iter().fold(text.to_owned(), |text, step| step.convert(&text));
            let chars = chain.chars.iter().fold(text.to_owned(), |text, step| step.convert(&text));
            whole == chars
        })
    }
}

/// The steps of a plan for checking what its phrases are worth.
struct Chain {
    /// Every entry of each step.
    steps: Vec<Flat>,
    /// The entries of one character of each step.
    chars: Vec<Flat>,
}

impl Chain {
    fn new(steps: Vec<Flat>) -> Chain {
        let chars = steps.iter().map(|step| Step::of(step).chars).collect();
        Chain { steps, chars }
    }

    /// The chain without tofu and the chain with it.
    fn both(steps: Vec<Flat>, tofu: &Flat) -> [Chain; 2] {
        let mut with_tofu = steps.clone();
        if let Some(last) = with_tofu.last_mut() {
            *last = Flat::union([tofu, last]);
        }
        [Chain::new(steps), Chain::new(with_tofu)]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Tofu {
    With,
    Without,
}

/// The one flat dictionary that a tree of groups acts as.
fn flatten(dict: &Value, dictionaries: &Dictionaries, tofu: Tofu) -> Result<Flat> {
    if dict["may_output_tofu"] == true && tofu == Tofu::Without {
        return Ok(Flat::default());
    }
    if dict["type"] != "group" {
        let file = dict["file"].as_str().context("a dictionary without a file")?;
        return Ok(dictionaries.get(file.trim_end_matches(".ocd2"))?.clone());
    }
    let parts: Vec<Flat> = dict["dicts"]
        .as_array()
        .context("a group without dictionaries")?
        .iter()
        .map(|part| flatten(part, dictionaries, tofu))
        .collect::<Result<_>>()?;
    match dict["match_policy"].as_str() {
        Some("short_circuit") => Ok(Flat::short_circuit(&parts)),
        Some("union") => Ok(Flat::union(&parts)),
        policy => bail!("unknown match policy {policy:?}"),
    }
}
