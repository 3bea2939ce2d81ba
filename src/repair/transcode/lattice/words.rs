//! Words, the partners of brackets and the script tell a lost character where pairs of characters leave
//! it in doubt.
//!
//! 保存分解的因□ goes on with many a character, as far as the pairs know that the search goes by.
//! That 因子 is a word, and 因于 is none, decides it.

use super::{EMITTED, Lattice};
use rustc_hash::FxHashMap;

use super::brackets::{Brackets, Marks};
use super::scripts::Scripts;
use super::weights::Weights;
use crate::edit::Bits;
use crate::model;
use crate::repair::pinyin;
use crate::script::{is_hangul, is_kana};

/// Characters on each side that a word with the lost one may have.
const AROUND: usize = 3;
/// Characters on each side that a triple with it has.
const IN_TRIPLE: usize = 2;
/// The part of the bits of words, and of triples, that counts beside those of pairs. With these,
/// a fifth more of what strict decoders lost is filled at 0.99, and as much of it is right; with
/// a half and all of the triples, more is filled, but 99.5 to 99.7 % of it is right, not 99.7 to 99.9.
const WORDS: (i32, i32) = (1, 3);
const TRIPLES: (i32, i32) = (1, 2);
/// What pairs leave less doubt about is not asked for.
const SURE: f64 = 0.9995;
/// How sure a bracket that was lost must be of pairs to be the partner of another.
const PARTNER: f64 = 0.99;
/// Nor are rivals of less weight.
const RIVAL: f64 = 1e-4;

/// What words added to the costs of edges, in 1/256 bit; losses come in the order of the text, and
/// so do the edges.
#[derive(Default)]
pub(super) struct Told(Vec<(usize, i32)>);

impl Told {
    /// Whether they added nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What they added to an edge.
    pub(super) fn of(&self, edge: usize) -> i32 {
        let found = self.0.binary_search_by_key(&edge, |&(edge, _)| edge);
        found.map_or(0, |at| self.0[at].1)
    }
}

impl Lattice {
    /// Adds to the costs of edges what words know of their lost characters, among those that are
    /// read around them on the cheapest way.
    pub(super) fn tell_words(&mut self, way: &[usize]) -> Told {
        let mut told = Told::default();
        if way.iter().all(|&edge| self.edges[edge].emitted.tainted == 0) {
            return told;
        }
        let (text, losses) = self.text_of(way);
        let marks = self.known_marks(&text, &losses);
        let around = Around { marks, scripts: Scripts::of(&text), text };
        let mut losses = losses.into_iter().peekable();
        while let Some(first) = losses.peek() {
            // a ruin is one stretch with many losses, whose weights take long
            let weights = self.weights_around(first.step);
            while let Some(loss) = losses.next_if(|loss| weights.steps.contains(&loss.step)) {
                self.tell_loss(&loss, &around, &weights, &mut told);
            }
        }
        told
    }

    /// Adds what the rest of a text says of one loss in it.
    fn tell_loss(&mut self, loss: &Loss, around: &Around, weights: &Weights, told: &mut Told) {
        let Around { text, marks, scripts } = around;
        let Loss { step, edge, at, .. } = *loss;
        let all: f64 = self.edges_of(step).map(|edge| weights.of(edge)).sum();
        let emitted = self.edges[edge].emitted;
        let len = emitted.len();
        let brackets = Brackets::around(marks, at..at + len);
        let is_of_script = scripts.cost(emitted.characters()) <= 0;
        if weights.of(edge) >= SURE * all && brackets.are_paired() && is_of_script {
            return;
        }
        let mut context = Context::new(text, at, len);
        let mut cost = |lost: &[char]| {
            let of_words = context.as_mut().map_or(0, |context| context.cost(lost));
            of_words + brackets.cost(lost) + scripts.cost(lost)
        };
        let read = cost(emitted.characters());
        for rival in self.edges_of(step) {
            let emitted = self.edges[rival].emitted;
            let is_likely = weights.of(rival) >= RIVAL * all;
            let is_partner = || brackets.cost(emitted.characters()) < 0;
            if emitted.len() == len && (is_likely || is_partner()) {
                let more = cost(emitted.characters()) - read;
                if more != 0 {
                    self.edges[rival].cost += more;
                    told.0.push((rival, more));
                }
            }
        }
    }

    /// The marks of a text, of which those that were lost and may be others are not known.
    fn known_marks(&self, text: &[char], losses: &[Loss]) -> Marks {
        let mut marks = Marks::of(text);
        let mut weights = Weights::default();
        for &Loss { step, edge, at, len } in losses {
            if !marks.has_paired(at..at + len) {
                continue;
            }
            if !weights.steps.contains(&step) {
                weights = self.weights_around(step);
            }
            let all: f64 = self.edges_of(step).map(|edge| weights.of(edge)).sum();
            if weights.of(edge) < PARTNER * all {
                marks.doubt(at..at + len);
            }
        }
        marks
    }

    /// What is read on a way behind what stands before it, and where characters in it were lost.
    fn text_of(&self, way: &[usize]) -> (Vec<char>, Vec<Loss>) {
        let mut text = vec!['\n'; AROUND];
        text[AROUND - 1] = self.nodes[0].state.previous;
        let mut losses = Vec::new();
        for (step, &edge) in (1..).zip(way) {
            let emitted = &self.edges[edge].emitted;
            if emitted.tainted != 0 {
                losses.push(Loss { step, edge, at: text.len(), len: emitted.len() });
            }
            text.extend(emitted.characters());
            text.extend(self.straight_of(step).iter().flat_map(|read| read.emitted.characters()));
        }
        (text, losses)
    }
}

/// What losses are told by.
struct Around {
    /// The text as it is read for now.
    text: Vec<char>,
    marks: Marks,
    scripts: Scripts,
}

/// Where a character was lost.
struct Loss {
    step: usize,
    /// The edge of the way.
    edge: usize,
    /// Where what it adds begins in the text of the way, and how many characters that is.
    at: usize,
    len: usize,
}

/// The characters around what was lost.
struct Context {
    characters: Vec<char>,
    /// The characters in Simplified Chinese, which the words are in.
    simplified: model::Gap,
    /// How many of them, behind the first [`AROUND`], were lost.
    len: usize,
    /// What was worked out so far: of two losses in a row, the same characters are read behind many
    /// others.
    costs: FxHashMap<[char; EMITTED], i32>,
}

impl Context {
    /// What is around `len` characters of a text; `None` where it is not Chinese.
    fn new(text: &[char], at: usize, len: usize) -> Option<Context> {
        let end = text.len().min(at + len + AROUND);
        let characters = text[at - AROUND..end].to_vec();
        if characters.iter().any(|&c| is_kana(c) || is_hangul(c)) {
            return None;
        }
        let simplified = characters.iter().copied().map(pinyin::simplified).collect();
        let simplified = model::Gap::new(simplified, AROUND..AROUND + len);
        Some(Context { characters, simplified, len, costs: FxHashMap::default() })
    }

    /// What they cost by words and triples if these were lost, in 1/256 bit.
    fn cost(&mut self, lost: &[char]) -> i32 {
        let mut key = ['\0'; EMITTED];
        key[..lost.len()].copy_from_slice(lost);
        if let Some(&cost) = self.costs.get(&key) {
            return cost;
        }
        let Context { characters, simplified, len, .. } = self;
        characters[AROUND..AROUND + *len].copy_from_slice(lost);
        let end = characters.len().min(AROUND + *len + IN_TRIPLE);
        let triple = characters[AROUND - IN_TRIPLE..end].iter().copied();
        let gain = Bits::saturating(model::gain_of_triples(triple)).0;
        let words = simplified.cost(lost.iter().copied().map(pinyin::simplified)).0;
        let cost = words / WORDS.1 * WORDS.0 - gain / TRIPLES.1 * TRIPLES.0;
        self.costs.insert(key, cost);
        cost
    }
}
