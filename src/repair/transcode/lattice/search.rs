//! Building the lattice of a passage, step by step.

use std::cell::OnceCell;
use std::ops::Range;

use super::super::expand::{Expansion, Follower, Least};
use super::super::group;
use super::super::losses::Losses;
use super::super::path::Path;
use super::super::swallowed::{self, Swallowed};
use super::{BEAM_WIDTH, Edge, Lattice, Node, Read, SLOTS, State, Way};
use crate::script::char_before;

/// States for which a loss is filled in where there is more than one layer. With 24 here and for what
/// another layer hides, the best guess gave back 283 of 798 lines that CPython had read as GBK twice;
/// with 128 it gives back 461, and a search takes a fifth longer.
const LAYERED: usize = 128;

/// A stretch of a text, to be read.
#[derive(Clone, Copy)]
pub struct Passage<'t> {
    /// The stretch.
    pub text: &'t str,
    /// The character before it.
    pub previous: char,
    /// Where it begins in its document, in bytes.
    pub start: usize,
}

impl<'t> Passage<'t> {
    /// The stretch of a text at a range of bytes.
    pub fn of(text: &'t str, range: Range<usize>) -> Passage<'t> {
        let previous = char_before(text, range.start);
        Passage { start: range.start, text: &text[range], previous }
    }

    /// What stands before byte `end` of it.
    pub fn until(self, end: usize) -> Passage<'t> {
        Passage { text: &self.text[..end], ..self }
    }
}

/// A place that a search can go back to.
struct Safe {
    /// In bytes of the text.
    at: usize,
    /// How many steps lead there.
    steps: usize,
}

/// A table of nodes; the first of them, which a search starts from, stands for none.
struct Slots([u32; SLOTS]);

impl Default for Slots {
    fn default() -> Slots {
        Slots([0; SLOTS])
    }
}

/// Searches parts of a text for their cheapest readings; keeps its memory from one to the next.
#[derive(Default)]
pub struct Search<'t> {
    document: &'t str,
    /// Where the passage begins in it that is read.
    start: usize,
    /// What ASCII the document has, if that was asked for.
    swallowed: OnceCell<Swallowed<'t>>,
    lattice: Lattice,
    reached: Vec<Way>,
    /// The cost and the index of each way that was reached, in one word, the cheapest first.
    order: Vec<i64>,
    /// Nodes by their states, as [`State::slot`] has them; of those before the last step, a slot
    /// is free.
    slots: Slots,
    losses: Losses,
    /// Whether the damage may have ended within the loss at the end of the last group.
    may_have_ended: bool,
}

impl<'t> Search<'t> {
    /// A search in the parts of a document.
    pub fn of(document: &'t str) -> Search<'t> {
        Search { document, ..Search::default() }
    }

    /// The cheapest reading of a passage, one [`Read`] a character; shorter than the passage
    /// where that ends inside a damaged character. `None` where the reading costs more than
    /// `limit`, which is known before the end is reached.
    pub fn read(
        &mut self,
        passage: Passage<'_>,
        damaged: bool,
        path: &Path,
        limit: i32,
    ) -> Option<Vec<Read>> {
        let Passage { text, previous, start } = passage;
        self.start = start;
        self.lattice.begin(State { damaged, ..State::clean(previous) });
        self.slots = Slots::default();
        self.may_have_ended = false;
        let has_groups = group::has_groups(path);
        let mut at = 0;
        let mut safe = Safe { at, steps: self.lattice.steps.len() };
        // up to where no way on was found in groups
        let mut stuck = 0;
        while let Some(symbol) = text[at..].chars().next() {
            let rest = &text[at..];
            let in_groups = has_groups && safe.at >= stuck;
            let may_have_ended = std::mem::take(&mut self.may_have_ended);
            let taken = match self.lattice.go_straight(path, rest) {
                0 if in_groups => self.take_group(path, rest, at),
                straight => straight,
            };
            if taken == 0 && in_groups && may_have_ended {
                // the damage does not clearly go on, so it may have ended in the group
                stuck = at + symbol.len_utf8();
                at = safe.at;
                self.go_back(safe.steps);
                continue;
            }
            if taken > 0 {
                at += taken;
            } else {
                at += symbol.len_utf8();
                self.step(path, symbol, at, text[at..].chars().next());
            }
            if self.lattice.least_cost() > limit {
                return None;
            }
            if self.lattice.is_settled(self.lattice.steps.len() - 1) && !self.may_have_ended {
                safe = Safe { at, steps: self.lattice.steps.len() };
            } else if in_groups && self.lattice.last_nodes() == self.lattice.nodes.len() {
                // groups leave no way out of what turns out to be no damage
                stuck = at;
                at = safe.at;
                self.go_back(safe.steps);
            }
        }
        Some(self.lattice.finish())
    }

    /// How many characters of the passage read last stand before the last place that all ways go
    /// through: whatever follows the passage, they are read the same.
    pub fn settled(&self) -> usize {
        self.lattice.settled()
    }

    /// Takes back all but the first steps.
    fn go_back(&mut self, steps: usize) {
        self.lattice.truncate(steps);
        self.slots = Slots::default();
    }

    /// Takes the next damaged character, which ends at byte `end` of the passage and stands before
    /// `next`, in every state alive.
    fn step(&mut self, path: &Path, symbol: char, end: usize, next: Option<char>) {
        let (from, here) = (self.lattice.last_nodes(), self.lattice.nodes.len());
        self.lattice.begin_step(symbol.encode_utf8(&mut [0; 4]));
        let mut reached = std::mem::take(&mut self.reached);
        self.losses.begin_step(path);
        let layer = path.layers()[0];
        let is_loss = layer.wrong.marker() == Some(symbol);
        let follower = if is_loss {
            Follower::new(layer, next)
        } else if layer.wrong.loses_unmarked() {
            // what vanished without a marker stood before the character itself
            Follower::new(layer, Some(symbol))
        } else {
            Follower::Any
        };
        // under another layer each fill is undone again, in many ways
        let most = if is_loss && path.layers().len() > 1 { LAYERED } else { BEAM_WIDTH };
        let hopeful = self.lattice.most_hopeful(from..here, most);
        let swallows = is_loss && layer.wrong.swallows();
        let swallowed = if swallows { self.costs_at(end) } else { swallowed::Costs::NONE };
        let losses = &mut self.losses;
        let mut expansion =
            Expansion { path, losses, follower: &follower, next, swallowed, least: Least::NONE };
        for at in hopeful {
            let before = reached.len();
            expansion.ways(self.lattice.start(at), symbol, &mut reached);
            expansion.least.lower(&reached[before..]);
        }
        if next.is_none() {
            expansion.end(&mut reached);
        }
        let least = expansion.least;
        self.arrive(&reached, least, here);
        reached.clear();
        self.reached = reached;
    }

    /// Takes the damaged characters at the front of a text that make whole ones of the reading, in
    /// every state alive, if all states are within damage and nothing else can be right; says how
    /// many bytes they are. The text begins at byte `at` of the passage.
    fn take_group(&mut self, path: &Path, text: &str, at: usize) -> usize {
        let (from, here) = (self.lattice.last_nodes(), self.lattice.nodes.len());
        let Some(&Node { state: State { begun, .. }, .. }) = self.lattice.nodes.get(from) else {
            return 0;
        };
        let is_within = |node: &Node| node.state.is_within_damage() && node.state.begun == begun;
        if !self.lattice.nodes[from..].iter().all(is_within) {
            return 0;
        }
        let group = group::read(&path.layers()[0], begun[0], text);
        let Some(group) = group.filter(|group| group.is_searched(here - from)) else { return 0 };
        let length = group.length;
        let mut reached = std::mem::take(&mut self.reached);
        let starts = || (from..here).map(|at| self.lattice.start(at));
        let swallows = !group.swallowing.is_empty();
        let swallowed = if swallows { self.costs_at(at + length) } else { swallowed::Costs::NONE };
        let least = group.ways(starts(), &swallowed, &mut reached);
        let goes_on = !group.may_be_left(starts(), text, least);
        if goes_on {
            self.may_have_ended = group.may_end;
            self.lattice.begin_step(&text[..length]);
            self.arrive(&reached, least, here);
        }
        reached.clear();
        self.reached = reached;
        if goes_on { length } else { 0 }
    }

    /// What ASCII costs that was swallowed before byte `at` of the passage.
    fn costs_at(&self, at: usize) -> swallowed::Costs {
        let swallowed = self.swallowed.get_or_init(|| Swallowed::of(self.document));
        swallowed.costs_at(self.start + at)
    }

    /// Places the ways over the last step, whose nodes begin at `here`, but hopeless ones.
    fn arrive(&mut self, reached: &[Way], least: Least, here: usize) {
        let is_hopeless =
            |way: &Way| least.is_hopeless(way.cost, way.state.is_between_characters());
        let symbols = self.lattice.symbols_of(self.lattice.steps.len() - 1).len();
        let mut order = std::mem::take(&mut self.order);
        let hopeful = (0u32..).zip(reached).filter(|(_, way)| !is_hopeless(way));
        order.extend(hopeful.map(|(at, way)| i64::from(way.cost) << 32 | i64::from(at)));
        order.sort_unstable();
        let mut has_whole = false;
        for in_order in order.drain(..) {
            let way = &reached[in_order as u32 as usize];
            let is_whole = way.state.is_between_characters();
            let most = BEAM_WIDTH + usize::from(is_whole && !has_whole);
            has_whole |= is_whole;
            let Some(to) = self.place(way, here, most) else { continue };
            let Way { from, mut emitted, .. } = *way;
            if !is_whole {
                emitted.open(symbols - 1);
            }
            let cost = way.cost - self.lattice.nodes[from as usize].cost;
            self.lattice.edges.push(Edge { from, to, cost, emitted });
        }
        self.order = order;
    }

    /// The node of the step at `here` that a way leads to, a new one if need be; `None` where
    /// the step has `most` of them.
    fn place(&mut self, way: &Way, here: usize, most: usize) -> Option<u32> {
        let mut slot = way.state.slot();
        loop {
            let node = self.slots.0[slot];
            match self.lattice.nodes[here..].get((node as usize).wrapping_sub(here)) {
                Some(known) if known.state == way.state => return Some(node),
                Some(_) => slot = (slot + 1) % SLOTS,
                None => break,
            }
        }
        if self.lattice.nodes.len() - here >= most {
            return None;
        }
        let node = self.lattice.nodes.len() as u32;
        self.slots.0[slot] = node;
        // sorted by cost: the first edge to a state is its cheapest
        let best = self.lattice.edges.len() as u32;
        self.lattice.nodes.push(Node { state: way.state, cost: way.cost, best });
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Decoder, Flavour};
    use crate::repair::transcode::path::Layer;

    #[test]
    fn a_search_comes_to_the_end_of_any_text() {
        // read as Big5, saved with U+FFFD, and then read as GBK: 斤拷 of 锟斤拷 may be lost on two
        // layers, so that all cheap readings have begun a character there
        let web = |codec| Decoder::new(codec, Flavour::WEB);
        let line = "明天的會議改在下午三點，請大家帶好資料準時參加";
        let lost = web(Codec::Big5).decode(line.as_bytes());
        let text = web(Codec::Gbk).decode(lost.as_bytes());
        for truth in [Codec::Gbk, Codec::EucKr, Codec::EucJp] {
            let outer = Layer { wrong: web(Codec::Gbk), truth: Codec::Utf8 };
            let path = Path::new(vec![outer, Layer { wrong: web(Codec::Big5), truth }]);
            let passage = Passage { text: &text, previous: '\n', start: 0 };
            let reads = Search::of(&text).read(passage, false, &path, i32::MAX);
            let read = reads.map_or(0, |reads| reads.len());
            assert!(read + 1 >= text.chars().count(), "{read} characters of {text} {truth}");
        }
    }
}
