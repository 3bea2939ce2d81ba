//! What stretches of text become in a configuration of two steps, worked out ahead.
//!
//! A segment goes through both steps on its own, so that what it becomes is known here. So
//! it is for most phrases that a run may hold: the engine then looks up one key where it
//! would have run both steps. Where the longest key at a place says nothing, or there is
//! none, it runs them.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Result, bail};

use crate::plan::{Flat, Plan, Step};

/// Stands before what a segment becomes.
const SEGMENT: char = '\0';
/// Stands before what a phrase in a run becomes.
const RUN: char = '\u{1}';
/// Source texts of a phrase above which they are not worked out: all combinations of the
/// characters that the first step turns into its characters.
const MAX_SOURCES: usize = 32;
/// Characters at the start of a phrase by which the engine knows that there are more.
const HEAD_CHARS: usize = 2;

/// The stretches as phrases; a value equal to its key says nothing.
///
/// Whichever key is the longest at a place is right, because
/// - a phrase in a run is left out where a segment starts at the same place,
/// - every segment that goes on where a shorter key ends is there,
/// - and so is every phrase of the step that decides first where a run is cut.
pub fn settled(plan: &Plan) -> Result<Step> {
    let mut settled = Flat::default();
    if plan.second.chars.iter().next().is_some() {
        for (key, value) in run_phrases(plan)? {
            if plan.segments().longest(&key).is_none() {
                settled.insert(key, value);
            }
        }
        for (key, _) in plan.segments().iter().filter(|(key, _)| !plan.converts_by_character(key)) {
            settled.insert(key.to_owned(), tagged(SEGMENT, key, plan.convert(key)));
        }
        let longer: Vec<_> = plan
            .segments()
            .iter()
            .filter(|(key, _)| settled.longest(key).is_some_and(|(found, _)| found != *key))
            .map(|(key, _)| (key.to_owned(), tagged(SEGMENT, key, plan.convert(key))))
            .collect();
        longer.into_iter().for_each(|(key, value)| settled.insert(key, value));
    }
    // a phrase that starts with ASCII is looked for in another way
    let phrases = settled.iter().filter(|(key, _)| !key.starts_with(|c: char| c.is_ascii()));
    let phrases = phrases.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(Step { chars: Flat::default(), phrases })
}

/// A value with what it belongs to, or the key where both modes of tofu do not agree.
fn tagged(tag: char, key: &str, converted: Option<String>) -> String {
    converted.map_or_else(|| key.to_owned(), |converted| format!("{tag}{converted}"))
}

/// The phrases that a run may hold, which no segment starts with.
fn run_phrases(plan: &Plan) -> Result<HashMap<String, String>> {
    if !plan.segmented_by_second {
        return phrases_of_second(plan);
    }
    let unfinished = beginnings(&plan.second.phrases);
    let settled = |(key, middle): (&str, &str)| {
        // the second step might see the beginning of a phrase that goes on behind the key
        let open = middle.char_indices().any(|(at, _)| unfinished.contains(&middle[at..]));
        (key.to_owned(), tagged(RUN, key, if open { None } else { plan.convert(key) }))
    };
    Ok(plan.first.phrases.iter().map(settled).collect())
}

/// The source texts of the second step's phrases, where the first step goes by character.
fn phrases_of_second(plan: &Plan) -> Result<HashMap<String, String>> {
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
            continue;
        }
        let value = |text: &str| tagged(RUN, text, plan.convert(text));
        found.extend(texts.into_iter().map(|text| (text.clone(), value(&text))));
    }
    // where a longer phrase may stand that was not worked out, nothing is said
    found.extend(heads.iter().map(|head| (head.clone(), head.clone())));
    for (key, value) in &mut found {
        let head: String = key.chars().take(HEAD_CHARS).collect();
        if heads.contains(&head) {
            key.clone_into(value);
        }
    }
    Ok(found)
}

/// Every beginning of a phrase that is not the whole.
fn beginnings(phrases: &Flat) -> HashSet<&str> {
    let beginnings =
        |key: &'_ str| key.char_indices().map(|(at, _)| at).skip(1).collect::<Vec<_>>();
    phrases.iter().flat_map(|(key, _)| beginnings(key).into_iter().map(|at| &key[..at])).collect()
}
