//! Counts to the table that the model reads.

use std::collections::HashMap;

use hanfix::model::Class;
use hanfix::model::format::{
    self, BUCKET, CLASS_STEPS, DEAREST, PAIR_STEPS, TRANSITIONS, UNIGRAMS,
};

use crate::counts::Counts;

/// Seen this much more often than counted: lets unseen characters and transitions exist.
const SMOOTHING: f64 = 0.5;
/// Pairs rarer than this are not worth their bytes.
const RAREST_PAIR: f64 = 3.0;

/// The bytes of the table.
pub fn build(counts: &Counts, buckets: usize) -> Vec<u8> {
    let unigrams = unigrams(counts);
    let context = context(counts);
    let stored = stored_pairs(counts, &context, &unigrams, buckets);
    let transitions = transitions(counts, &stored.costs);
    let mut table = unigrams;
    table.extend(transitions);
    table.extend(stored.buckets.concat());
    table
}

fn cost(part: f64, whole: f64, steps: i32) -> i32 {
    ((whole / part).log2() * f64::from(steps)).round() as i32
}

fn byte(cost: i32) -> u8 {
    cost.clamp(0, 255) as u8
}

/// How much each class was seen, and how many of its characters there are in the BMP.
fn classes(counts: &Counts) -> [(f64, usize); Class::COUNT] {
    let mut classes = [(0.0, 0); Class::COUNT];
    for character in (0..UNIGRAMS as u32).filter_map(char::from_u32) {
        let (seen, size) = &mut classes[Class::of(character) as usize];
        *seen += counts.characters.get(&character).copied().unwrap_or(0.0);
        *size += 1;
    }
    classes
}

fn unigrams(counts: &Counts) -> Vec<u8> {
    let classes = classes(counts);
    (0..UNIGRAMS as u32)
        .map(|code_point| {
            let Some(character) = char::from_u32(code_point) else { return u8::MAX };
            let (seen, size) = classes[Class::of(character) as usize];
            let count = counts.characters.get(&character).copied().unwrap_or(0.0);
            byte(cost(count + SMOOTHING, seen + SMOOTHING * size as f64, CLASS_STEPS))
        })
        .collect()
}

/// How often each character stands before another.
fn context(counts: &Counts) -> HashMap<char, f64> {
    let mut context = HashMap::new();
    for (&(previous, _), &count) in &counts.pairs {
        *context.entry(previous).or_default() += count;
    }
    context
}

struct Stored {
    buckets: Vec<[u8; BUCKET]>,
    costs: HashMap<(char, char), i32>,
}

/// The pairs that save the most bits against their classes, as many as fit.
fn stored_pairs(
    counts: &Counts,
    context: &HashMap<char, f64>,
    unigrams: &[u8],
    buckets: usize,
) -> Stored {
    let all_by_class = transitions(counts, &HashMap::new());
    let by_class = |previous: char, next: char| {
        let transition = Class::of(previous) as usize * Class::COUNT + Class::of(next) as usize;
        f64::from(all_by_class[transition]) + f64::from(unigrams[next as usize])
    };
    let mut candidates: Vec<(f64, (char, char), i32)> = counts
        .pairs
        .iter()
        .filter(|&(&(previous, next), &count)| {
            let bmp = previous < '\u{10000}' && next < '\u{10000}';
            bmp && !(previous.is_ascii() && next.is_ascii()) && count >= RAREST_PAIR
        })
        .map(|(&pair, &count)| {
            let pair_cost = cost(count, context[&pair.0], PAIR_STEPS).clamp(0, DEAREST);
            let saved = by_class(pair.0, pair.1) / f64::from(CLASS_STEPS)
                - f64::from(pair_cost) / f64::from(PAIR_STEPS);
            let worth = if ends_a_line(pair) { f64::INFINITY } else { count * saved };
            (worth, pair, pair_cost)
        })
        .filter(|&(saved, ..)| saved > 0.0)
        .collect();
    candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));

    let mut stored = Stored { buckets: vec![[0; BUCKET]; buckets], costs: HashMap::new() };
    for (_, pair, pair_cost) in candidates {
        let (bucket, fingerprint) = format::place(pair.0, pair.1, buckets);
        if format::store(&mut stored.buckets[bucket], fingerprint, pair_cost as u32) {
            stored.costs.insert(pair, pair_cost);
        }
    }
    eprintln!("{} pairs stored in {} buckets", stored.costs.len(), stored.buckets.len());
    stored
}

/// Whether `pair` is a mark of Chinese before a line break. All of these are stored: the
/// last byte of a line is lost most often, and `、` must not end it as easily as `。`
/// because both are marks.
fn ends_a_line((previous, next): (char, char)) -> bool {
    next == '\n' && Class::of(previous) == Class::CjkPunctuation
}

/// The cost of each class after each, over the pairs that are not stored.
fn transitions(counts: &Counts, stored: &HashMap<(char, char), i32>) -> Vec<u8> {
    let mut seen = vec![0.0; TRANSITIONS];
    let mut all = [0.0; Class::COUNT];
    for (&(previous, next), &count) in &counts.pairs {
        let from = Class::of(previous) as usize;
        all[from] += count;
        if !stored.contains_key(&(previous, next)) {
            seen[from * Class::COUNT + Class::of(next) as usize] += count;
        }
    }
    (0..TRANSITIONS)
        .map(|at| {
            let whole = all[at / Class::COUNT] + SMOOTHING * Class::COUNT as f64;
            byte(cost(seen[at] + SMOOTHING, whole, CLASS_STEPS))
        })
        .collect()
}
