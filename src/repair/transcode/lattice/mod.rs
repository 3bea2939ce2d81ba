//! The search for what a damaged text was, along one path.
//!
//! Every character of the damaged text is either clean or undone: turned back
//! into the bytes that the wrong decoder may have read, which the true codec
//! reads on. A lost byte is any of those that the decoder rejects. All readings
//! are kept in one lattice of states, and the language model weighs them: the
//! cheapest way through is the repair, its edges are where the damage begins and
//! ends, and the weight of all other ways tells how sure each lost character is.
//!
//! ```text
//! 鍚 ? s e t      E5 90 | 8D 22 lost as one ?  →  名 "    (22 swallowed)
//! ```

mod brackets;
mod scripts;
mod search;
mod weights;
mod words;

use std::num::NonZeroU8;
use std::ops::Range;

use super::expand::price;
use super::path::{MAX_LAYERS, Path};
use super::straight;
use crate::codec::Incremental;
use crate::hash;
pub use search::{Passage, Search};
use weights::Weights;
pub(super) use weights::probability;
use words::Told;

/// Fixed point: 1/256 bit, as in [`crate::edit::Bits`].
pub(super) const BIT: i32 = 256;

/// A character that the end of the text cuts off: dearer than any character that could have stood
/// there. Of 3,711 lines of 16 characters, the last of which lost a byte without a marker, 615 come
/// back wrong at 24, most with half of that character left (`并登记濮`), and 87 at 32, most with `。`
/// for `、`.
pub(super) const CUT: i32 = 32 * BIT;

/// States further than this behind the best are given up: such a reading would need a
/// stretch of text a million times likelier than the best one has. At 24 the best guesses are
/// the same and a search takes a fifth longer; at 16 too many of those that are in doubt are
/// given up, and of what is filled at 0.99 after narrow decoders 99.1 % are right, not 99.5.
pub(super) const BEAM_DEPTH: i32 = 20 * BIT;
/// States kept at each character. A pair lost whole leaves up to 800 characters, and the
/// right one may be the hundredth before the character behind it is known (仍 [处] 于).
pub(super) const BEAM_WIDTH: usize = 256;

/// Slots of a table of the states of a step, a power of two, half of which stay free.
const SLOTS: usize = 2 * BEAM_WIDTH;

/// A byte that is held, in as little room as a byte that may be 00, which none is.
pub(super) type Held = Option<NonZeroU8>;

/// A place in the lattice: everything that decides what may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Whether the last character was undone.
    pub(super) damaged: bool,
    /// Whether a byte of the character that has begun was lost.
    pub(super) tainted: bool,
    /// The byte of each layer that was lost alone, so it makes no pair with the next of the layer.
    pub(super) held: [Held; MAX_LAYERS],
    /// The characters that have begun in the true codec of each layer.
    pub(super) begun: [Incremental; MAX_LAYERS],
    /// The last character of the reading.
    pub(super) previous: char,
}

impl State {
    pub(super) fn clean(previous: char) -> State {
        State {
            damaged: false,
            tainted: false,
            held: [None; MAX_LAYERS],
            begun: [Incremental::default(); MAX_LAYERS],
            previous,
        }
    }

    pub(super) fn is_between_characters(&self) -> bool {
        self.begun.iter().all(Incremental::is_empty)
    }

    /// Whether all that has begun is known, behind a character that was undone.
    fn is_within_damage(&self) -> bool {
        self.damaged && !self.tainted && self.holds_nothing()
    }

    /// Whether no byte is held in any layer.
    fn holds_nothing(&self) -> bool {
        self.held == [None; MAX_LAYERS]
    }

    /// A slot for it in a table of states; those that differ beyond the second layer are rare.
    fn slot(&self) -> usize {
        let flags = u64::from(self.damaged) << 1 | u64::from(self.tainted);
        let held = u64::from(self.held[0].map_or(0, NonZeroU8::get));
        let [outer, inner, ..] = self.begun.map(|begun| u64::from(begun.word()));
        let previous = u64::from(u32::from(self.previous));
        let word = previous << 43 ^ flags << 41 ^ held << 32 ^ inner << 16 ^ outer;
        hash::place(word, SLOTS.ilog2())
    }
}

/// Characters that a step adds to the reading at most.
const EMITTED: usize = 3;

/// The characters that one step adds to the reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emitted {
    characters: [char; EMITTED],
    len: u8,
    /// A bit for each character that has a lost byte in it.
    tainted: u8,
    /// In which symbol of the step each of them ends.
    ends: [u8; EMITTED],
    /// A bit for each symbol of the step in which a character has begun that ends behind it.
    open: u8,
}

impl Emitted {
    /// Adds a character, `tainted` where a byte of it was lost; says whether there was room.
    #[inline]
    pub(super) fn push(&mut self, character: char, tainted: bool) -> bool {
        // by constant places, so that all of it stays in registers
        let [a, b, c] = &mut self.characters;
        match self.len {
            0 => *a = character,
            1 => *b = character,
            2 => *c = character,
            _ => return false,
        }
        self.tainted |= u8::from(tainted) << self.len;
        self.len += 1;
        true
    }

    /// Adds a character that ends in the `nth` symbol of the step.
    #[inline]
    pub(super) fn push_ending(&mut self, character: char, tainted: bool, nth: usize) -> bool {
        let Some(end) = self.ends.get_mut(usize::from(self.len)) else { return false };
        *end = nth as u8;
        self.push(character, tainted)
    }

    /// Adds a character of which all was lost, and that ends in the same symbol as the last one.
    pub(super) fn push_beside(&mut self, character: char) -> bool {
        let nth = self.len.checked_sub(1).map_or(0, |last| self.ends[usize::from(last)]);
        self.push_ending(character, true, nth.into())
    }

    /// Notes that a character has begun in the `nth` symbol of the step and ends behind it.
    #[inline]
    pub(super) fn open(&mut self, nth: usize) {
        self.open |= 1 << nth;
    }

    /// Whether the `nth` symbol of the step was noted like that.
    fn is_open(&self, nth: usize) -> bool {
        self.open >> nth & 1 == 1
    }

    /// The characters that end in the `nth` symbol of the step, and the index of the first.
    fn of_symbol(&self, nth: usize) -> (Emitted, usize) {
        let first = self.ends[..self.len()].partition_point(|&end| usize::from(end) < nth);
        let mut emitted = Emitted::default();
        for (at, (character, tainted)) in self.iter().enumerate().skip(first) {
            if usize::from(self.ends[at]) == nth {
                emitted.push(character, tainted);
            }
        }
        (emitted, first)
    }

    /// The one character, untouched by a loss, that a clean step adds.
    pub fn clean(character: char) -> Emitted {
        let mut emitted = Emitted::default();
        emitted.push(character, false);
        emitted
    }

    /// The last character.
    pub fn last(&self) -> Option<char> {
        self.len.checked_sub(1).map(|at| self.characters[usize::from(at)])
    }

    /// The characters alone.
    pub fn characters(&self) -> &[char] {
        &self.characters[..self.len()]
    }

    /// How many characters.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Each character, and whether a byte of it was lost.
    pub fn iter(&self) -> impl Iterator<Item = (char, bool)> + use<> {
        let tainted = self.tainted;
        let characters = self.characters.into_iter().take(self.len());
        characters.enumerate().map(move |(at, character)| (character, tainted >> at & 1 == 1))
    }
}

/// A way from one state to another over one damaged character.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: u32,
    to: u32,
    cost: i32,
    emitted: Emitted,
}

/// A state that is reached, and the cheapest edge to it.
#[derive(Clone, Copy, Debug)]
struct Node {
    state: State,
    cost: i32,
    best: u32,
}

/// The edge to the node that a search starts from.
const NO_EDGE: u32 = u32::MAX;

/// A way on from a state, before it is placed.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// The node that it goes on from.
    pub(super) from: u32,
    pub(super) state: State,
    /// From the start of the search.
    pub(super) cost: i32,
    pub(super) emitted: Emitted,
}

/// What a step of the search added.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Where the damaged characters begin in [`Lattice::symbols`] that were taken; none at the
    /// start and where only one way could be right.
    symbols: usize,
    /// Where its nodes begin.
    nodes: usize,
    /// Where its edges begin.
    edges: usize,
    /// Where its reads begin in [`Lattice::straight`], if only one way could be right; then it
    /// has one node and one edge, and takes more than one character.
    straight: usize,
}

/// One character of the damaged text, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    /// The damaged character.
    pub symbol: char,
    /// Whether it was undone rather than taken as it stands.
    pub damaged: bool,
    /// The bits from the step before to this one.
    pub cost: i32,
    /// What it adds to the reading.
    pub emitted: Emitted,
    /// Whether the next character of the reading has begun in it.
    pub is_open: bool,
    /// How sure each of those characters is; below 1 only where a byte was lost.
    pub posteriors: [f32; 3],
}

impl Read {
    /// A character that nothing was lost of, up to the end of one of the reading.
    pub(super) fn sure(symbol: char, damaged: bool, cost: i32, emitted: Emitted) -> Read {
        Read { symbol, damaged, cost, emitted, is_open: false, posteriors: [1.0; 3] }
    }

    /// Whether another reading has as many characters here, undone or not undone as these; how many
    /// were lost, two readings need not agree on.
    pub fn is_like(&self, other: &Read) -> bool {
        let is_lost = |read: &Read| read.emitted.iter().all(|(_, lost)| lost);
        let is_as_long = self.emitted.len == other.emitted.len;
        self.damaged == other.damaged && (is_as_long || is_lost(self) && is_lost(other))
    }

    /// Whether it is ASCII that stands for itself. So does a `?` that may be lost bytes as well:
    /// it was there, and what it may have been is known no better.
    pub fn is_itself(&self) -> bool {
        self.symbol.is_ascii() && self.emitted.iter().eq([(self.symbol, false)])
    }

    /// Makes its character a guess with this probability.
    pub fn guess(&mut self, probability: f32) {
        self.emitted.tainted |= 1;
        self.posteriors[0] = self.posteriors[0].min(probability);
    }

    /// Takes another reading into account, against which this one has the probability `share`:
    /// characters that it has otherwise become guesses, and lost ones are as sure as both readings
    /// together find them.
    pub fn doubt(&mut self, other: &Read, share: f32) {
        if self.is_itself() {
            return;
        }
        let is_as_long = self.emitted.len == other.emitted.len;
        let (ours, theirs) = (self.emitted.characters, other.emitted.characters);
        for at in 0..self.emitted.len() {
            let agrees = is_as_long && ours[at] == theirs[at];
            if agrees && self.emitted.tainted >> at & 1 == 0 {
                continue;
            }
            self.emitted.tainted |= 1 << at;
            let theirs = if agrees { other.posteriors[at] } else { 0.0 };
            self.posteriors[at] = share * self.posteriors[at] + (1.0 - share) * theirs;
        }
    }
}

/// All readings of a passage: the states that they go through, step by step.
#[derive(Default)]
struct Lattice {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    steps: Vec<Step>,
    /// The damaged characters that were taken one by one or in groups.
    symbols: Vec<char>,
    /// What was read where only one way could be right.
    straight: Vec<Read>,
}

impl Lattice {
    /// Begins with one state.
    fn begin(&mut self, state: State) {
        self.nodes.clear();
        self.edges.clear();
        self.steps.clear();
        self.symbols.clear();
        self.straight.clear();
        self.begin_step("");
        self.nodes.push(Node { state, cost: 0, best: NO_EDGE });
    }

    /// How many characters of the passage read last stand before the last place that all ways go
    /// through: whatever follows the passage, they are read the same.
    fn settled(&self) -> usize {
        let is_settled = |&step: &usize| self.is_settled(step);
        let last = (0..self.steps.len()).rev().find(is_settled).unwrap_or(0);
        (1..=last).map(|step| self.straight_of(step).len() + self.symbols_of(step).len()).sum()
    }

    /// Whether all ways go through one place behind a step, with nothing left to come.
    fn is_settled(&self, step: usize) -> bool {
        match &self.nodes[self.nodes_of(step)] {
            [node] => node.state.holds_nothing() && node.state.is_between_characters(),
            _ => false,
        }
    }

    /// Keeps the first steps only.
    fn truncate(&mut self, steps: usize) {
        let Some(&Step { symbols, nodes, edges, straight }) = self.steps.get(steps) else { return };
        self.steps.truncate(steps);
        self.symbols.truncate(symbols);
        self.nodes.truncate(nodes);
        self.edges.truncate(edges);
        self.straight.truncate(straight);
    }

    fn begin_step(&mut self, symbols: &str) {
        let (nodes, edges) = (self.nodes.len(), self.edges.len());
        let straight = self.straight.len();
        self.steps.push(Step { symbols: self.symbols.len(), nodes, edges, straight });
        self.symbols.extend(symbols.chars());
    }

    /// Where the nodes of the last step begin; they are sorted, the cheapest first.
    fn last_nodes(&self) -> usize {
        self.steps.last().expect("the start is a step").nodes
    }

    /// What the cheapest state of the last step costs: all readings cost at least as much.
    fn least_cost(&self) -> i32 {
        self.nodes.get(self.last_nodes()).map_or(0, |node| node.cost)
    }

    /// Takes characters as long as only one way can be right, and says how many bytes they are.
    fn go_straight(&mut self, path: &Path, text: &str) -> usize {
        let from = self.last_nodes();
        if !self.is_settled(self.steps.len() - 1) {
            return 0;
        }
        let Node { state: start, cost, .. } = self.nodes[from];
        let reads = self.straight.len();
        let taken = straight::read(path, start.previous, start.damaged, text, &mut self.straight);
        let [.., last] = &self.straight[reads..] else { return 0 };
        let previous = last.emitted.last().expect("it ends between characters");
        let state = State { damaged: last.damaged, ..State::clean(previous) };
        let more = self.straight[reads..].iter().map(|read| read.cost).sum::<i32>();
        let best = self.edges.len() as u32;
        let edges = self.edges.len();
        let symbols = self.symbols.len();
        self.steps.push(Step { symbols, nodes: from + 1, edges, straight: reads });
        self.nodes.push(Node { state, cost: cost + more, best });
        let (from, to) = (from as u32, from as u32 + 1);
        self.edges.push(Edge { from, to, cost: more, emitted: Emitted::default() });
        taken
    }

    /// The way on from a node, before anything is added to it.
    fn start(&self, at: usize) -> Way {
        let Node { state, cost, .. } = self.nodes[at];
        Way { from: at as u32, state, cost, emitted: Emitted::default() }
    }

    /// The cheapest `most` of some nodes, and the cheapest that is between characters: every other
    /// reading has begun a character that may not go on, and the search would come to nothing.
    fn most_hopeful(
        &self,
        nodes: Range<usize>,
        most: usize,
    ) -> impl Iterator<Item = usize> + use<> {
        let is_whole = |&at: &usize| self.nodes[at].state.is_between_characters();
        let cut = nodes.end.min(nodes.start + most);
        let whole = nodes.clone().find(is_whole).filter(|&whole| whole >= cut);
        (nodes.start..cut).chain(whole)
    }

    /// The cheapest way through, up to the last character that is whole.
    fn finish(&mut self) -> Vec<Read> {
        let way = self.cheapest_way();
        let told = self.tell_words(&way);
        if told.is_empty() {
            return self.reads(&way, &told);
        }
        self.find_cheapest();
        self.reads(&self.cheapest_way(), &told)
    }

    /// The edges of the cheapest way to the last character that is whole.
    fn cheapest_way(&self) -> Vec<usize> {
        let last = self.last_nodes();
        let cost = |&at: &usize| self.nodes[at].cost + self.end_cost(at);
        let Some(mut at) = (last..self.nodes.len()).min_by_key(cost) else { return vec![] };
        let mut way = Vec::with_capacity(self.steps.len());
        while self.nodes[at].best != NO_EDGE {
            let edge = self.nodes[at].best as usize;
            if !way.is_empty() || self.nodes[at].state.is_between_characters() {
                way.push(edge);
            }
            at = self.edges[edge].from as usize;
        }
        way.reverse();
        way
    }

    /// What is read on a way, given what words made of its edges.
    fn reads(&self, way: &[usize], told: &Told) -> Vec<Read> {
        let mut weights = Weights::default();
        let mut reads = Vec::with_capacity(way.len() + self.straight.len());
        for (step, &edge) in (1..).zip(way) {
            let straight = self.straight_of(step);
            if !straight.is_empty() {
                reads.extend_from_slice(straight);
                continue;
            }
            if self.edges[edge].emitted.tainted != 0 && !weights.steps.contains(&step) {
                weights = self.weights_around(step);
            }
            self.read_step(step, edge, told.of(edge), &weights, &mut reads);
        }
        reads
    }

    /// What is read over an edge of a step, to whose cost words added `told`.
    fn read_step(
        &self,
        step: usize,
        edge: usize,
        told: i32,
        weights: &Weights,
        reads: &mut Vec<Read>,
    ) {
        let Edge { from, to, cost, emitted } = self.edges[edge];
        let State { damaged, .. } = self.nodes[to as usize].state;
        let mut previous = self.nodes[from as usize].state.previous;
        let mut left = cost - told;
        let symbols = self.symbols_of(step);
        for (nth, &symbol) in symbols.iter().enumerate() {
            let (characters, first) = emitted.of_symbol(nth);
            let price = match symbols.len() - nth {
                1 => left,
                _ => characters
                    .iter()
                    .map(|(character, _)| {
                        price(std::mem::replace(&mut previous, character), character, damaged)
                    })
                    .sum(),
            };
            left -= price;
            let mut read = Read::sure(symbol, damaged, price, characters);
            read.is_open = emitted.is_open(nth);
            for (at, (character, tainted)) in characters.iter().enumerate() {
                if tainted {
                    read.posteriors[at] = self.posterior(step, first + at, character, weights);
                }
            }
            reads.push(read);
        }
    }

    /// Finds the cheapest edge to each node anew.
    fn find_cheapest(&mut self) {
        for step in 1..self.steps.len() {
            let nodes = self.nodes_of(step);
            self.nodes[nodes].iter_mut().for_each(|node| node.cost = i32::MAX);
            for at in self.edges_of(step) {
                let Edge { from, to, cost, .. } = self.edges[at];
                let cost = self.nodes[from as usize].cost + cost;
                let node = &mut self.nodes[to as usize];
                if cost < node.cost {
                    (node.cost, node.best) = (cost, at as u32);
                }
            }
        }
    }

    /// What it costs that the text ends in a state.
    fn end_cost(&self, at: usize) -> i32 {
        if self.nodes[at].state.is_between_characters() { 0 } else { CUT }
    }

    fn edges_of(&self, step: usize) -> Range<usize> {
        let end = self.steps.get(step + 1).map_or(self.edges.len(), |next| next.edges);
        self.steps[step].edges..end
    }

    /// The damaged characters that a step took.
    fn symbols_of(&self, step: usize) -> &[char] {
        let end = self.steps.get(step + 1).map_or(self.symbols.len(), |next| next.symbols);
        &self.symbols[self.steps[step].symbols..end]
    }

    /// What a step read where only one way could be right; nothing of other steps.
    fn straight_of(&self, step: usize) -> &[Read] {
        let end = self.steps.get(step + 1).map_or(self.straight.len(), |next| next.straight);
        &self.straight[self.steps[step].straight..end]
    }

    fn nodes_of(&self, step: usize) -> Range<usize> {
        let end = self.steps.get(step + 1).map_or(self.nodes.len(), |next| next.nodes);
        self.steps[step].nodes..end
    }
}
