//! Counts to the tables that the model reads.

use std::collections::HashMap;
use std::hash::Hash;

use hanfix::model::Class;
use hanfix::model::format::{
    self, BUCKET, CLASS_STEPS, COST_BITS, ENTRY, PAIR_STEPS, TRANSITIONS, UNIGRAMS,
};

use crate::counts::{Counts, ONE};

/// Seen this much more often than counted: lets unseen characters and transitions exist.
const SMOOTHING: u64 = ONE / 2;
/// Pairs and triples rarer than this are not worth their bytes.
const RAREST: u64 = 3 * ONE;

/// The bytes of the tables: that of characters and pairs, and that of triples.
pub fn build(counts: &Counts, buckets: usize, triple_buckets: usize) -> (Vec<u8>, Vec<u8>) {
    let unigrams = unigrams(counts);
    let pairs = stored_pairs(counts, &unigrams, buckets);
    let transitions = transitions(counts, &pairs.costs);
    let triples = stored_triples(counts, &pairs.costs, &unigrams, &transitions, triple_buckets);
    let mut table = unigrams;
    table.extend(transitions);
    table.extend(pairs.entries.concat());
    (table, triples.entries.concat())
}

/// Whether a triple may be stored: what damage loses is chosen by the words around it, and
/// those are of Chinese or Korean here. With ASCII, marks and kana in them, the same number
/// of triples brings a tenth less there.
pub fn is_triple(triple: [char; 3]) -> bool {
    let classes = triple.map(Class::of);
    let han = classes.iter().filter(|&&class| class == Class::Han).count();
    let is_bmp = triple.iter().all(|&character| character < '\u{10000}');
    is_bmp && (han >= 2 || classes.contains(&Class::Hangul))
}

fn cost(part: u64, whole: u64, steps: i32) -> i32 {
    ((whole as f64 / part as f64).log2() * f64::from(steps)).round() as i32
}

fn byte(cost: i32) -> u8 {
    cost.clamp(0, 255) as u8
}

/// How much each class was seen, and how many of its characters there are in the BMP.
fn classes(counts: &Counts) -> [(u64, u64); Class::COUNT] {
    let mut classes = [(0, 0); Class::COUNT];
    for character in (0..UNIGRAMS as u32).filter_map(char::from_u32) {
        let (seen, size) = &mut classes[Class::of(character) as usize];
        *seen += counts.characters.get(&character).copied().unwrap_or(0);
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
            let count = counts.characters.get(&character).copied().unwrap_or(0);
            byte(cost(count + SMOOTHING, seen + SMOOTHING * size, CLASS_STEPS))
        })
        .collect()
}

/// The bits of `next` behind `previous` by their classes.
fn by_class(unigrams: &[u8], transitions: &[u8], previous: char, next: char) -> f64 {
    let transition = Class::of(previous) as usize * Class::COUNT + Class::of(next) as usize;
    let steps = f64::from(transitions[transition]) + f64::from(unigrams[next as usize]);
    steps / f64::from(CLASS_STEPS)
}

/// The bits of a cost that is stored.
fn bits(cost: i32) -> f64 {
    f64::from(cost) / f64::from(PAIR_STEPS)
}

/// What is worth storing: how many bits it saves in the training text, and its cost.
struct Candidate<K> {
    worth: f64,
    key: K,
    cost: i32,
}

impl<K: Copy> Candidate<K> {
    /// What was seen `count` times behind what was seen `context` times, and costs `without`
    /// bits where it is not stored.
    fn new(key: K, count: u64, context: u64, without: f64) -> Candidate<K> {
        let longest = (1 << COST_BITS) - 1;
        let cost = cost(count, context, PAIR_STEPS).clamp(0, longest);
        Candidate { worth: count as f64 * (without - bits(cost)), key, cost }
    }
}

/// The buckets of a table, and what was found room for.
struct Stored<K> {
    entries: Vec<[u8; ENTRY]>,
    costs: HashMap<K, i32>,
}

impl<K: Ord + Eq + Hash + Copy> Stored<K> {
    /// Stores what is worth the most, as much as fits.
    fn new(
        mut candidates: Vec<Candidate<K>>,
        buckets: usize,
        place: impl Fn(K, usize) -> (usize, u32),
    ) -> Stored<K> {
        candidates.retain(|candidate| candidate.worth > 0.0);
        candidates.sort_by(|one, other| {
            other.worth.total_cmp(&one.worth).then_with(|| one.key.cmp(&other.key))
        });
        let entries = vec![[0; ENTRY]; buckets * BUCKET];
        let mut stored = Stored { entries, costs: HashMap::new() };
        for Candidate { key, cost, .. } in candidates {
            let (bucket, fingerprint) = place(key, buckets);
            let entries = &mut stored.entries[bucket * BUCKET..][..BUCKET];
            let taken = entries.iter().any(|&entry| format::parts(entry).0 == fingerprint);
            let free = entries.iter_mut().find(|entry| **entry == [0; ENTRY]);
            if let (false, Some(free)) = (taken, free) {
                *free = format::entry(fingerprint, cost as u32);
                stored.costs.insert(key, cost);
            }
        }
        eprintln!("{} stored in {} places", stored.costs.len(), stored.entries.len());
        stored
    }
}

/// The pairs that save the most bits against their classes, as many as fit.
fn stored_pairs(counts: &Counts, unigrams: &[u8], buckets: usize) -> Stored<[char; 2]> {
    let transitions = transitions(counts, &HashMap::new());
    let mut context: HashMap<char, u64> = HashMap::new();
    for (&[previous, _], &count) in &counts.pairs {
        *context.entry(previous).or_default() += count;
    }
    let may_be_stored = |pair: [char; 2], count: u64| {
        let is_bmp = pair.iter().all(|&character| character < '\u{10000}');
        is_bmp && !pair.iter().all(char::is_ascii) && count >= RAREST
    };
    let pairs = counts.pairs.iter().filter(|&(&pair, &count)| may_be_stored(pair, count));
    let candidates = pairs.map(|(&pair, &count)| {
        let [previous, next] = pair;
        let without = by_class(unigrams, &transitions, previous, next);
        let candidate = Candidate::new(pair, count, context[&previous], without);
        let worth = if ends_a_line(pair) { f64::INFINITY } else { candidate.worth };
        Candidate { worth, ..candidate }
    });
    let place = |[previous, next]: [char; 2], buckets| format::place(previous, next, buckets);
    Stored::new(candidates.collect(), buckets, place)
}

/// Whether `pair` is a mark of Chinese before a line break. All of these are stored: the
/// last byte of a line is lost most often, and `、` must not end it as easily as `。`
/// because both are marks.
fn ends_a_line([previous, next]: [char; 2]) -> bool {
    next == '\n' && Class::of(previous) == Class::CjkPunctuation
}

/// The triples that save the most bits against their last pair, as many as fit.
fn stored_triples(
    counts: &Counts,
    pairs: &HashMap<[char; 2], i32>,
    unigrams: &[u8],
    transitions: &[u8],
    buckets: usize,
) -> Stored<[char; 3]> {
    let frequent = counts.triples.iter().filter(|&(_, &count)| count >= RAREST);
    let candidates = frequent.map(|(&triple, &count)| {
        let [before, previous, next] = triple;
        let stored = pairs.get(&[previous, next]).map(|&cost| bits(cost));
        let without = stored.unwrap_or_else(|| by_class(unigrams, transitions, previous, next));
        Candidate::new(triple, count, counts.pairs[&[before, previous]], without)
    });
    let place = |[before, previous, next]: [char; 3], buckets| {
        format::place_triple(before, previous, next, buckets)
    };
    Stored::new(candidates.collect(), buckets, place)
}

/// The cost of each class after each, over the pairs that are not stored.
fn transitions(counts: &Counts, stored: &HashMap<[char; 2], i32>) -> Vec<u8> {
    let mut seen = vec![0; TRANSITIONS];
    let mut all = [0; Class::COUNT];
    for (&pair, &count) in &counts.pairs {
        let [from, to] = pair.map(|character| Class::of(character) as usize);
        all[from] += count;
        if !stored.contains_key(&pair) {
            seen[from * Class::COUNT + to] += count;
        }
    }
    (0..TRANSITIONS)
        .map(|at| {
            let whole = all[at / Class::COUNT] + SMOOTHING * Class::COUNT as u64;
            byte(cost(seen[at] + SMOOTHING, whole, CLASS_STEPS))
        })
        .collect()
}
