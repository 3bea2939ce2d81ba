//! Counts to the tables that the model reads.

use std::collections::HashMap;
use std::hash::Hash;

use hanfix::model::Class;
use hanfix::model::format::{
    self, CLASS_STEPS, DEAREST, LONGEST_WORD, MOST_GAIN, PAIR_STEPS, PLACES, TRANSITIONS,
    TRIPLE_ENTRY, UNIGRAMS,
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
    let transitions = transitions(counts, &pairs.values);
    let triples = stored_triples(counts, &pairs.values, triple_buckets);
    let mut table = unigrams;
    table.extend(transitions);
    let (buckets, _) = pairs.places.as_chunks();
    table.extend(buckets.iter().flat_map(format::bucket));
    let triples = triples.places.iter();
    let triple = |&(fingerprint, gain): &(u32, u32)| match fingerprint {
        0 => [0; TRIPLE_ENTRY],
        _ => format::triple_entry(fingerprint, gain),
    };
    (table, triples.flat_map(triple).collect())
}

/// The bytes of the table of words, given how often each occurs.
pub fn words(counts: &[(String, u64)], buckets: usize) -> Vec<u8> {
    let whole: u64 = counts.iter().map(|&(_, count)| count).sum();
    let candidates = counts.iter().filter_map(|(word, count)| {
        let word: Vec<char> = word.chars().collect();
        let is_word =
            word.len() <= LONGEST_WORD && word.iter().all(|&c| Class::of(c) == Class::Han);
        let value = cost(*count, whole, 1).clamp(0, DEAREST) as u32;
        is_word.then_some(Candidate { worth: *count as f64, key: word, value })
    });
    let place = |word: &Vec<char>, buckets| format::place_word(word, buckets);
    let stored = Stored::new(candidates.collect(), buckets, place);
    let (buckets, _) = stored.places.as_chunks();
    buckets.iter().flat_map(format::bucket).collect()
}

/// Whether a triple may be stored: what damage loses is chosen by the words around it, and
/// those are of Chinese or Korean here. With ASCII, marks and kana in them, the same number
/// of triples brings a sixth less there.
///
/// None ends with a mark: 打开“ is likelier than 开“, but in the place of a lost mark that
/// speaks against 。, of which pairs say enough.
pub fn is_triple(triple: [char; 3]) -> bool {
    let classes = triple.map(Class::of);
    let is_bmp = triple.iter().all(|&character| character < '\u{10000}');
    let is_chinese = classes[1..] == [Class::Han; 2];
    is_bmp && (is_chinese || classes.contains(&Class::Hangul))
}

pub fn cost(part: u64, whole: u64, steps: i32) -> i32 {
    ((whole as f64 / part as f64).log2() * f64::from(steps)).round() as i32
}

pub fn byte(cost: i32) -> u8 {
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

/// What is worth storing.
struct Candidate<K> {
    /// How many bits it saves in the training text.
    worth: f64,
    key: K,
    /// What is stored of it.
    value: u32,
}

/// The places of a table, and what was found room for.
struct Stored<K> {
    /// A fingerprint and a value each, zeros where it is empty.
    places: Vec<(u32, u32)>,
    values: HashMap<K, u32>,
}

impl<K: Ord + Hash> Stored<K> {
    /// Stores what is worth the most, as much as fits.
    fn new(
        mut candidates: Vec<Candidate<K>>,
        buckets: usize,
        place: impl Fn(&K, usize) -> (usize, u32),
    ) -> Stored<K> {
        candidates.retain(|candidate| candidate.worth > 0.0);
        candidates.sort_by(|one, other| {
            other.worth.total_cmp(&one.worth).then_with(|| one.key.cmp(&other.key))
        });
        let mut stored = Stored { places: vec![(0, 0); buckets * PLACES], values: HashMap::new() };
        for Candidate { key, value, .. } in candidates {
            let (bucket, fingerprint) = place(&key, buckets);
            let places = &mut stored.places[bucket * PLACES..][..PLACES];
            let taken = places.iter().any(|place| place.0 == fingerprint);
            let free = places.iter_mut().find(|place| place.0 == 0);
            if let (false, Some(free)) = (taken, free) {
                *free = (fingerprint, value);
                stored.values.insert(key, value);
            }
        }
        eprintln!("{} stored in {} places", stored.values.len(), stored.places.len());
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
        let cost = cost(count, context[&previous], PAIR_STEPS).clamp(0, DEAREST) as u32;
        let saved = by_class(unigrams, &transitions, previous, next) - bits(cost);
        let worth = if ends_a_line(pair) { f64::INFINITY } else { count as f64 * saved };
        Candidate { worth, key: pair, value: cost }
    });
    let place = |&[previous, next]: &[char; 2], buckets| format::place(previous, next, buckets);
    Stored::new(candidates.collect(), buckets, place)
}

/// The bits of a pair's cost.
fn bits(cost: u32) -> f64 {
    f64::from(cost) / f64::from(PAIR_STEPS)
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
    pairs: &HashMap<[char; 2], u32>,
    buckets: usize,
) -> Stored<[char; 3]> {
    let frequent = counts.triples.iter().filter(|&(_, &count)| count >= RAREST);
    let candidates = frequent.filter_map(|(&triple, &count)| {
        let [before, previous, next] = triple;
        let pair = bits(*pairs.get(&[previous, next])?);
        let saved = pair - (counts.pairs[&[before, previous]] as f64 / count as f64).log2();
        let gain = saved.round().min(f64::from(MOST_GAIN));
        Some(Candidate { worth: count as f64 * gain, key: triple, value: gain as u32 })
    });
    let place = |&[before, previous, next]: &[char; 3], buckets| {
        format::place_triple(before, previous, next, buckets)
    };
    Stored::new(candidates.collect(), buckets, place)
}

/// The cost of each class after each, over the pairs that are not stored.
fn transitions(counts: &Counts, stored: &HashMap<[char; 2], u32>) -> Vec<u8> {
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
