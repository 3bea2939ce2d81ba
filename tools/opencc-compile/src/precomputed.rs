//! What stretches of text become in a configuration, worked out ahead.
//!
//! Every source text that may not convert by character is here, or a beginning of it. A segment
//! goes through both steps on its own, so that what it becomes is known; so it is for most
//! phrases that a run may hold. Where nothing is known of the longest key at a place, the
//! engine runs the steps.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Result, bail};

use crate::heads::{self, Heads};
use crate::plan::{Flat, Plan};

/// Stands before what a stretch becomes wherever it stands.
const WHOLE: char = '\0';
/// Stands before what a phrase becomes if no segment starts inside of it and ends behind it.
const UNCUT: char = '\u{1}';
/// Source texts of a phrase above which they are not worked out: all combinations of the
/// characters that the first step turns into its characters.
const MAX_SOURCES: usize = 32;
/// Characters at the start of a phrase by which the engine knows that there are more.
const HEAD_CHARS: usize = 2;

/// The stretches and what they become; a value equal to its key says that nothing is known.
///
/// Whichever key is the longest at a place is right, because
/// - a phrase in a run is left out where a segment starts at the same place,
/// - every segment that goes on where a shorter key ends is there,
/// - so is every phrase of the step that decides first where a run is cut,
/// - and nothing is known of a key where a phrase of the second step may go on behind.
pub fn precomputed(plan: &Plan, heads: &Heads) -> Result<Flat> {
    let mut precomputed = Flat::default();
    for (key, value) in run_phrases(plan)? {
        if plan.segments().longest(&key).is_none() {
            precomputed.insert(key, value);
        }
    }
    let segment = |key: &str| (key.to_owned(), tagged(WHOLE, key, plan.convert(key)));
    for (key, _) in plan.segments().iter().filter(|(key, _)| !plan.converts_by_character(key)) {
        let (key, value) = segment(key);
        precomputed.insert(key, value);
    }
    let has_shorter = |key: &str| precomputed.longest(key).is_some_and(|(found, _)| found != key);
    let longer = plan.segments().iter().filter(|(key, _)| has_shorter(key));
    let longer: Vec<_> = longer.map(|(key, _)| segment(key)).collect();
    longer.into_iter().for_each(|(key, value)| precomputed.insert(key, value));
    for source in &heads.candidates {
        if precomputed.longest(source).is_none() {
            precomputed.insert(source.clone(), source.clone());
        }
    }
    // a phrase that starts with ASCII is looked for in another way
    let keys = precomputed.iter().filter(|(key, _)| !key.starts_with(|c: char| c.is_ascii()));
    Ok(keys.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// A value with when it holds, or the key where both modes of tofu do not agree.
fn tagged(tag: char, key: &str, converted: Option<String>) -> String {
    converted.map_or_else(|| key.to_owned(), |converted| format!("{tag}{converted}"))
}

/// The phrases that a run may hold, which no segment starts with.
fn run_phrases(plan: &Plan) -> Result<HashMap<String, String>> {
    let keys =
        if plan.segmented_by_second { phrases_of_first(plan) } else { phrases_of_second(plan)? };
    let unfinished = beginnings(plan.segments());
    let entry = |(key, is_known): (String, bool)| {
        let mut inner = key.char_indices().skip(1).map(|(at, _)| &key[at..]);
        let is_cut = inner.clone().any(|rest| plan.segments().longest(rest).is_some());
        let tag = if inner.any(|rest| unfinished.contains(rest)) { UNCUT } else { WHOLE };
        let converted = if is_known && !is_cut { plan.convert(&key) } else { None };
        let value = tagged(tag, &key, converted);
        (key, value)
    };
    Ok(keys.into_iter().map(entry).collect())
}

/// The phrases of the first step, whether what they become is known. It is not where a phrase
/// of the second step may start in one and go on behind.
fn phrases_of_first(plan: &Plan) -> HashMap<String, bool> {
    let sources = heads::sources(&[&plan.first.chars, &plan.first.phrases]);
    let stays = |c: char| plan.first.chars.get(c.encode_utf8(&mut [0; 4])).is_none();
    let mut found = HashMap::new();
    for (key, middle) in plan.first.phrases.iter() {
        let ends = middle.char_indices().map(|(at, _)| &middle[at..]);
        let next = ends.flat_map(|end| {
            let phrases = plan.second.phrases.iter();
            phrases.filter_map(move |(phrase, _)| phrase.strip_prefix(end)?.chars().next())
        });
        for c in next {
            let others = sources.get(&c).into_iter().flatten();
            let firsts = others.filter_map(|source| source.chars().next());
            let firsts = firsts.chain(stays(c).then_some(c));
            found.extend(firsts.map(|first| (format!("{key}{first}"), false)));
        }
    }
    found.extend(plan.first.phrases.iter().map(|(key, _)| (key.to_owned(), true)));
    found
}

/// The source texts of the second step's phrases, where the first step goes by character, and
/// whether what they become is known.
fn phrases_of_second(plan: &Plan) -> Result<HashMap<String, bool>> {
    let mut sources: HashMap<char, BTreeSet<char>> = HashMap::new();
    for (from, to) in plan.first.chars.iter() {
        let (Some(from), Some(to), None) =
            (from.chars().next(), to.chars().next(), to.chars().nth(1))
        else {
            bail!("{from} becomes several characters");
        };
        sources.entry(to).or_default().insert(from);
    }
    let stays = |c: char| plan.first.chars.get(c.encode_utf8(&mut [0; 4])).is_none();
    let sources_of = |c: char| {
        let mut all = sources.get(&c).cloned().unwrap_or_default();
        if stays(c) {
            all.insert(c);
        }
        all
    };
    let sources_of = |key: &mut dyn Iterator<Item = char>| {
        key.map(sources_of).fold(vec![String::new()], |texts, next| {
            let longer = |text: &String| next.iter().map(move |c| format!("{text}{c}")).collect();
            texts.iter().flat_map::<Vec<String>, _>(longer).collect()
        })
    };
    let mut found = HashMap::new();
    let mut heads = HashSet::new();
    for (key, _) in plan.second.phrases.iter() {
        let texts = sources_of(&mut key.chars());
        if texts.len() > MAX_SOURCES {
            heads.extend(sources_of(&mut key.chars().take(HEAD_CHARS)));
        } else {
            found.extend(texts.into_iter().map(|text| (text, true)));
        }
    }
    // where a longer phrase may stand that was not worked out, nothing is known
    for (key, is_known) in &mut found {
        let head: String = key.chars().take(HEAD_CHARS).collect();
        *is_known = !heads.contains(&head);
    }
    found.extend(heads.into_iter().map(|head| (head, false)));
    Ok(found)
}

/// Every beginning of a phrase that is not the whole.
fn beginnings(phrases: &Flat) -> HashSet<&str> {
    let beginnings =
        |key: &'_ str| key.char_indices().map(|(at, _)| at).skip(1).collect::<Vec<_>>();
    phrases.iter().flat_map(|(key, _)| beginnings(key).into_iter().map(|at| &key[..at])).collect()
}
