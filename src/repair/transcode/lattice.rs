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

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::path::{Layer, MAX_LAYERS, Path};
use crate::codec::{Decoder, Flavour, Incremental, Pushed, Unit};
use crate::model;

/// Fixed point: 1/256 bit, as in [`crate::edit::Bits`].
const BIT: i32 = 256;

/// Entering damage from clean text: damage is rare, and runs on where it is.
const ENTER: i32 = 10 * BIT;
/// Leaving it again.
const LEAVE: i32 = 4 * BIT;
/// Doing either in the middle of a word: what damages a text damages all of it up to a
/// boundary that a program or a writer drew.
const INSIDE: i32 = 12 * BIT;
/// A marker that stands for lost bytes: one character in eight of lossy UTF-8 → GBK.
const LOST: i32 = 3 * BIT;
/// A byte that vanished without a marker, which nothing but the decoding tells.
const DROPPED: i32 = 8 * BIT;

/// U+FFFD in what was undone: 锟斤拷 is two of them in UTF-8. The text was lost before
/// this damage, so it takes other text around it to make a repair.
const LOST_BEFORE: i32 = 40 * BIT;
/// A character that the end of the text cuts off: dearer than any character that
/// could have stood there.
const CUT: i32 = 24 * BIT;

/// The part of the model's bits that counts in a posterior. Neighbouring pairs tell the
/// same thing twice, so the model is too sure of itself: with all bits, 93 to 98 % of the
/// characters filled at 0.99 were right after strict decoders.
const CALIBRATION: (i32, i32) = (7, 8);

/// States further than this behind the best are given up: such a reading would need a
/// stretch of text ten million times likelier than the best one has.
const BEAM_DEPTH: i32 = 24 * BIT;
/// States kept at each character. A pair lost whole leaves up to 800 characters, and the
/// right one may be the hundredth before the character behind it is known (仍 [处] 于).
const BEAM_WIDTH: usize = 256;
/// States for which lost bytes are tried: two losses in a row would square the number.
const LOSING: usize = 24;
/// Characters for which the swallowed byte behind them is tried.
const SWALLOWING: usize = 12;
/// ASCII that a swallowed byte is tried as; a letter would have made a valid pair.
const SWALLOWABLE: &[u8] = b"\n\r\t \"'()*+,-./0123456789:;<=>?!#$%&";

/// A place in the lattice: everything that decides what may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    /// Whether the last character was undone.
    damaged: bool,
    /// Whether a byte of the character that has begun was lost.
    tainted: bool,
    /// A byte of the outermost layer that was lost alone, so it makes no pair with the next.
    held: Option<u8>,
    /// The characters that have begun in the true codec of each layer.
    begun: [Incremental; MAX_LAYERS],
    /// The last character of the reading.
    previous: char,
}

impl State {
    fn clean(previous: char) -> State {
        State {
            damaged: false,
            tainted: false,
            held: None,
            begun: [Incremental::default(); MAX_LAYERS],
            previous,
        }
    }

    fn is_between_characters(&self) -> bool {
        self.begun.iter().all(Incremental::is_empty)
    }
}

/// The characters that one step adds to the reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emitted {
    characters: [char; 3],
    len: u8,
    /// A bit for each character that has a lost byte in it.
    tainted: u8,
}

impl Emitted {
    fn push(&mut self, character: char, tainted: bool) -> bool {
        let at = usize::from(self.len);
        let Some(place) = self.characters.get_mut(at) else { return false };
        *place = character;
        self.tainted |= u8::from(tainted) << at;
        self.len += 1;
        true
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

    /// Each character, and whether a byte of it was lost.
    pub fn iter(&self) -> impl Iterator<Item = (char, bool)> + use<> {
        let tainted = self.tainted;
        let characters = self.characters.into_iter().take(usize::from(self.len));
        characters.enumerate().map(move |(at, character)| (character, tainted >> at & 1 == 1))
    }
}

/// A way from one state to another over one damaged character.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: usize,
    to: usize,
    cost: i32,
    emitted: Emitted,
}

/// A state that is reached, and the cheapest edge to it.
#[derive(Clone, Copy, Debug)]
struct Node {
    state: State,
    cost: i32,
    best: usize,
}

/// A way on from a state, before it is placed.
#[derive(Clone, Copy)]
struct Way {
    state: State,
    cost: i32,
    emitted: Emitted,
}

/// One character of the damaged text, read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    /// Whether it was undone rather than taken as it stands.
    pub damaged: bool,
    /// The bits from the step before to this one.
    pub cost: i32,
    /// What it adds to the reading.
    pub emitted: Emitted,
    /// How sure each of those characters is; below 1 only where a byte was lost.
    pub posteriors: [f32; 3],
}

/// The cheapest reading of `text`, which stands after `previous`, one [`Read`] a
/// character; shorter than the text where that ends inside a damaged character.
pub fn read(text: &str, previous: char, damaged: bool, path: &Path) -> Vec<Read> {
    let mut lattice = Lattice::new(State { damaged, ..State::clean(previous) }, path);
    for symbol in text.chars() {
        lattice.step(symbol);
    }
    lattice.finish()
}

struct Lattice<'a> {
    path: &'a Path,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// Where the nodes and the edges of each step begin.
    steps: Vec<(usize, usize)>,
    /// Kept between steps for their memory only.
    ways: Vec<Way>,
    reached: Vec<(usize, Way)>,
    places: FxHashMap<State, usize>,
}

impl<'a> Lattice<'a> {
    fn new(state: State, path: &'a Path) -> Lattice<'a> {
        let start = Node { state, cost: 0, best: usize::MAX };
        Lattice {
            path,
            nodes: vec![start],
            edges: vec![],
            steps: vec![(0, 0)],
            ways: vec![],
            reached: vec![],
            places: FxHashMap::default(),
        }
    }

    /// Takes the next damaged character in every state alive.
    fn step(&mut self, symbol: char) {
        let (from, _) = *self.steps.last().expect("the start is a step");
        let here = self.nodes.len();
        self.steps.push((here, self.edges.len()));
        let mut reached = std::mem::take(&mut self.reached);
        let loss = self.path.layers()[0].wrong.flavour.marker() == Some(symbol);
        // the cheapest come first
        let most = if loss { LOSING } else { BEAM_WIDTH };
        for at in from..here.min(from + most) {
            let Node { state, cost, .. } = self.nodes[at];
            ways(self.path, state, symbol, &mut self.ways);
            reached
                .extend(self.ways.drain(..).map(|way| (at, Way { cost: cost + way.cost, ..way })));
        }
        let best = reached.iter().map(|(_, way)| way.cost).min().unwrap_or(0);
        // a character that has begun has not cost anything yet, and may not go on at all
        let whole = reached.iter().filter(|(_, way)| way.state.is_between_characters());
        let best_whole = whole.map(|(_, way)| way.cost).min().unwrap_or(best);
        reached.retain(|(_, way)| way.cost <= best + BEAM_DEPTH || way.cost == best_whole);
        reached.sort_by_key(|(_, way)| way.cost);
        self.places.clear();
        for (from, way) in reached.drain(..) {
            let to = match self.places.get(&way.state) {
                Some(&to) => to,
                None if self.places.len() < BEAM_WIDTH => {
                    // sorted by cost: the first edge to a state is its cheapest
                    let best = self.edges.len();
                    self.nodes.push(Node { state: way.state, cost: way.cost, best });
                    self.places.insert(way.state, self.nodes.len() - 1);
                    self.nodes.len() - 1
                }
                None => continue,
            };
            let cost = way.cost - self.nodes[from].cost;
            self.edges.push(Edge { from, to, cost, emitted: way.emitted });
        }
        self.reached = reached;
    }

    /// The cheapest way through, up to the last character that is whole.
    fn finish(self) -> Vec<Read> {
        let (last, _) = *self.steps.last().expect("the start is a step");
        let cost = |&at: &usize| self.nodes[at].cost + self.end_cost(at);
        let Some(mut at) = (last..self.nodes.len()).min_by_key(cost) else { return vec![] };
        let mut way = Vec::with_capacity(self.steps.len());
        while self.nodes[at].best != usize::MAX {
            let edge = self.nodes[at].best;
            if !way.is_empty() || self.nodes[at].state.is_between_characters() {
                way.push((edge, at));
            }
            at = self.edges[edge].from;
        }
        way.reverse();
        let lost = way.iter().any(|&(edge, _)| self.edges[edge].emitted.tainted != 0);
        let weights = lost.then(|| self.edge_weights());
        let read = |(step, &(edge, to)): (usize, &(usize, usize))| {
            let Edge { cost, emitted, .. } = self.edges[edge];
            let mut posteriors = [1.0; 3];
            for (at, (character, tainted)) in emitted.iter().enumerate() {
                if let (true, Some(weights)) = (tainted, &weights) {
                    posteriors[at] = self.posterior(step + 1, at, character, weights);
                }
            }
            Read { damaged: self.nodes[to].state.damaged, cost, emitted, posteriors }
        };
        way.iter().enumerate().map(read).collect()
    }

    /// What it costs that the text ends in a state.
    fn end_cost(&self, at: usize) -> i32 {
        if self.nodes[at].state.is_between_characters() { 0 } else { CUT }
    }

    fn edges_of(&self, step: usize) -> std::ops::Range<usize> {
        let end = self.steps.get(step + 1).map_or(self.edges.len(), |&(_, edges)| edges);
        self.steps[step].1..end
    }

    /// How much of the weight of a step's edges emits `character` as its `at`th.
    fn posterior(&self, step: usize, at: usize, character: char, weights: &[f64]) -> f32 {
        let (mut same, mut all) = (0.0, 0.0);
        for edge in self.edges_of(step) {
            let emitted = &self.edges[edge].emitted;
            all += weights[edge];
            if emitted.iter().nth(at).is_some_and(|(c, _)| c == character) {
                same += weights[edge];
            }
        }
        (same / all) as f32
    }

    /// The weight of all ways over each edge, relative within its step: forward–backward.
    fn edge_weights(&self) -> Vec<f64> {
        let mut forward = vec![0.0; self.nodes.len()];
        let mut backward = vec![0.0; self.nodes.len()];
        forward[0] = 1.0;
        let steps = 1..self.steps.len();
        for step in steps.clone() {
            for edge in self.edges_of(step) {
                let Edge { from, to, cost, .. } = self.edges[edge];
                forward[to] += forward[from] * probability(cost);
            }
            normalize(&mut forward[self.nodes_of(step)]);
        }
        for at in self.nodes_of(self.steps.len() - 1) {
            backward[at] = probability(self.end_cost(at));
        }
        for step in steps.rev() {
            for edge in self.edges_of(step) {
                let Edge { from, to, cost, .. } = self.edges[edge];
                backward[from] += backward[to] * probability(cost);
            }
            normalize(&mut backward[self.nodes_of(step - 1)]);
        }
        let weight = |edge: &Edge| forward[edge.from] * probability(edge.cost) * backward[edge.to];
        self.edges.iter().map(weight).collect()
    }

    fn nodes_of(&self, step: usize) -> std::ops::Range<usize> {
        let end = self.steps.get(step + 1).map_or(self.nodes.len(), |&(nodes, _)| nodes);
        self.steps[step].0..end
    }
}

/// 2 to the power of −cost, for weighing ways against each other. Made of correctly rounded operations only, so that it
/// is the same on every machine, as `exp2` is not.
fn probability(cost: i32) -> f64 {
    static FRACTIONS: LazyLock<[f64; BIT as usize]> = LazyLock::new(|| {
        let root = (0..BIT.ilog2()).fold(0.5f64, |root, _| root.sqrt());
        let mut power = 1.0;
        std::array::from_fn(|_| {
            let this = power;
            power *= root;
            this
        })
    });
    let cost = cost.max(0) / CALIBRATION.1 * CALIBRATION.0;
    FRACTIONS[(cost % BIT) as usize] * 0.5f64.powi(cost / BIT)
}

fn normalize(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}

/// Every way on from `state` over `symbol`.
fn ways(path: &Path, state: State, symbol: char, out: &mut Vec<Way>) {
    let start = Way { state, cost: 0, emitted: Emitted::default() };
    ways_from(path, start, symbol, out);
    let decoder = &path.layers()[0].wrong;
    let drops = decoder.flavour.marker().is_none();
    // of a single-byte decoder any byte may have vanished: 歌 and 持 both leave `æŒ`, from
    // E6 AD 8C and E6 8C 81
    let in_character = !decoder.table().is_double_byte() && !state.is_between_characters();
    if drops && (out.is_empty() || in_character) {
        // what has begun may not go on: a byte vanished here
        let mut filled = Vec::new();
        undo_lost(path, 0, Way { cost: DROPPED, ..start }, &mut filled);
        for way in filled {
            ways_from(path, way, symbol, out);
        }
    }
}

fn ways_from(path: &Path, way: Way, symbol: char, out: &mut Vec<Way>) {
    let was_damaged = way.state.damaged;
    let decoder = &path.layers()[0].wrong;
    // a clean character has no bytes for what was held to pair with, but ASCII is a byte
    let follows = !symbol.is_ascii() || held_stays_lost(decoder, way.state.held, symbol as u8);
    if way.state.is_between_characters() && follows {
        let mut clean = way;
        if was_damaged && !symbol.is_ascii() {
            clean.cost += LEAVE + inside(symbol);
        }
        // ASCII is the same in both modes, so damage goes on over it
        clean.state.damaged = was_damaged && symbol.is_ascii();
        clean.state.held = None;
        if emit(&mut clean, symbol) {
            out.push(clean);
        }
        let is_itself = !decoder.table().has_further_codes(symbol);
        if symbol.is_ascii() && is_itself && decoder.flavour.marker() != Some(symbol) {
            return;
        }
    }
    let mut damaged = way;
    if !was_damaged {
        damaged.cost += ENTER + inside(way.state.previous);
    }
    damaged.state.damaged = true;
    undo(path, 0, damaged, symbol, out);
}

/// What it costs to change over beside a clean character.
fn inside(neighbour: char) -> i32 {
    if !neighbour.is_ascii() && neighbour.is_alphabetic() { INSIDE } else { 0 }
}

/// Adds a character to the reading.
fn emit(way: &mut Way, character: char) -> bool {
    if way.state.damaged && character == char::REPLACEMENT_CHARACTER {
        way.cost += LOST_BEFORE;
    }
    way.cost += model::cost(way.state.previous, character).0;
    way.state.previous = character;
    let tainted = std::mem::take(&mut way.state.tainted);
    way.emitted.push(character, tainted)
}

/// Turns `symbol` back into bytes with the wrong decoder of a layer, and reads them on.
fn undo(path: &Path, layer: usize, way: Way, symbol: char, out: &mut Vec<Way>) {
    let decoder = &path.layers()[layer].wrong;
    for code in decoder.table().codes(symbol) {
        let mut buffer = [0; 4];
        let bytes = &mut buffer[..code.len()];
        bytes.iter_mut().zip(code.bytes()).for_each(|(to, from)| *to = from);
        if layer > 0 || held_stays_lost(decoder, way.state.held, bytes[0]) {
            let mut way = way;
            way.state.held = None;
            push(path, layer, way, bytes, false, out);
        }
    }
    if decoder.flavour.marker() == Some(symbol) {
        let mut lost = way;
        lost.cost += LOST;
        undo_lost(path, layer, lost, out);
    }
}

/// Whether the byte that was lost alone is still lost alone before `next`.
fn held_stays_lost(decoder: &Decoder, held: Option<u8>, next: u8) -> bool {
    held.is_none_or(|held| decoder.unit(&[held, next]) == (Unit::Lost, 1))
}

/// Tries the bytes that the wrong decoder of a layer rejects.
fn undo_lost(path: &Path, layer: usize, way: Way, out: &mut Vec<Way>) {
    let Layer { wrong: decoder, truth } = &path.layers()[layer];
    let begun = way.state.begun[layer];
    let held = way.state.held.filter(|_| layer == 0);
    let way = Way { state: State { held: None, ..way.state }, ..way };
    let from = out.len();
    for lead in 0x80..=0xFF {
        let fits = held_stays_lost(decoder, held, lead);
        if !fits || begun.push(*truth, lead) == Pushed::Invalid {
            continue;
        }
        if decoder.unit(&[lead]) == (Unit::Lost, 1) {
            let mut alone = way;
            alone.state.held = (layer == 0).then_some(lead);
            push(path, layer, alone, &[lead], true, out);
        }
        if decoder.loses_pair(lead, u8::MAX) {
            let goes_on = begun.push(*truth, lead);
            let fits = |&&trail: &&u8| match goes_on {
                Pushed::Pending(begun) => begun.push(*truth, trail) != Pushed::Invalid,
                _ => Incremental::default().push(*truth, trail) != Pushed::Invalid,
            };
            for &trail in decoder.table().gaps(lead).iter().filter(fits) {
                push(path, layer, way, &[lead, trail], true, out);
            }
        }
    }
    if decoder.flavour == Flavour::Windows && decoder.table().is_double_byte() {
        swallow(path, layer, way, out);
    }
    keep_best(out, from, BEAM_WIDTH);
}

/// Tries a lead byte that went down together with the ASCII byte behind it.
fn swallow(path: &Path, layer: usize, way: Way, out: &mut Vec<Way>) {
    let truth = path.layers()[layer].truth;
    let mut ended = Vec::new();
    for lead in 0x81..=0xFE {
        if let Pushed::Char(_) = way.state.begun[layer].push(truth, lead) {
            push(path, layer, way, &[lead], true, &mut ended);
        }
    }
    keep_best(&mut ended, 0, SWALLOWING);
    for way in ended {
        for &ascii in SWALLOWABLE {
            push(path, layer, way, &[ascii], true, out);
        }
    }
}

/// Keeps the cheapest `most` of the ways from `from` on.
fn keep_best(ways: &mut Vec<Way>, from: usize, most: usize) {
    if ways.len() - from > most {
        ways[from..].select_nth_unstable_by_key(most, |way| way.cost);
        ways.truncate(from + most);
    }
}

/// Reads bytes on in the true codec of a layer; `lost` where they are guessed.
fn push(path: &Path, layer: usize, way: Way, bytes: &[u8], lost: bool, out: &mut Vec<Way>) {
    let Some((&byte, rest)) = bytes.split_first() else {
        out.push(way);
        return;
    };
    let mut way = way;
    way.state.tainted |= lost;
    match way.state.begun[layer].push(path.layers()[layer].truth, byte) {
        Pushed::Invalid => {}
        Pushed::Pending(begun) => {
            way.state.begun[layer] = begun;
            push(path, layer, way, rest, lost, out);
        }
        Pushed::Char(character) => {
            way.state.begun[layer] = Incremental::default();
            if layer + 1 == path.layers().len() {
                if emit(&mut way, character) {
                    push(path, layer, way, rest, lost, out);
                }
            } else {
                let mut inner = Vec::new();
                undo(path, layer + 1, way, character, &mut inner);
                keep_best(&mut inner, 0, BEAM_WIDTH);
                for way in inner {
                    push(path, layer, way, rest, lost, out);
                }
            }
        }
    }
}
