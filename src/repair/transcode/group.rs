//! The fewest symbols of a damaged text that make whole characters of the reading, and all the
//! characters that they can be.
//!
//! Within damage of UTF-8, the bytes that are left tell where characters begin and end, whatever
//! the lost ones were. So the search takes whole characters at a time, and every state before
//! them goes on in the same ways:
//!
//! ```text
//! 鐢 � 埛      E7 94 | one lost | 88 B7      用 or 甫 or …, behind it E6 and so 户
//! ```
//!
//! All other ways leave the damage in the midst of it: [`Exit`]s, which the search must find
//! hopeless.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bytes::ByteSet;
use super::expand::{
    Follower, LOST, Least, SWALLOWING, keep_best, least_behind, leaving, price, swallow_behind_each,
};
use super::lattice::{BEAM_DEPTH, BIT, Emitted, State, Way};
use super::losses::{Decoding, Fill, Neighbour, TRIED, decoding, fills, lost_beside, stays_lost};
use super::path::{Layer, Path};
use super::swallowed;
use crate::codec::{Codec, Incremental, Pushed};

/// Symbols of a group at most: a character of which two bytes were lost alone has three, and the
/// last one of the next may lead into a fourth.
const SYMBOLS: usize = 4;

/// Symbols that make whole characters.
#[derive(Default)]
pub struct Group {
    /// How many bytes of the text they are.
    pub length: usize,
    /// What has begun behind them, whatever they are.
    begun: Incremental,
    /// What they can be.
    pub outcomes: Vec<Outcome>,
    /// What they can be if the last of them swallowed ASCII, which stands behind it.
    pub swallowing: Vec<Outcome>,
    /// Where the damage could end in the midst of them.
    pub exits: Vec<Exit>,
    /// Whether it could end behind them, the last one being other lost bytes than if it goes on.
    pub may_end: bool,
}

/// Characters that symbols can be.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub emitted: Emitted,
    /// What it costs that bytes of them were lost, and each character behind the one before it.
    pub cost: i32,
}

/// A way to leave the damage.
#[derive(Clone, Copy)]
pub struct Exit {
    /// What was read before.
    pub before: Outcome,
    /// Where the text goes on as it stands, in bytes.
    pub at: usize,
}

/// What the first symbols can be.
#[derive(Clone, Copy, Default)]
struct Partial {
    emitted: Emitted,
    begun: Incremental,
    /// A byte that was lost alone, so it makes no pair with the next.
    held: Option<u8>,
    /// Whether a byte of the character that has begun was lost.
    tainted: bool,
    losses: i32,
}

thread_local! {
    /// Groups with losses, kept from one text to the next: the same few thousand make up most of
    /// what is lost.
    static KNOWN: RefCell<FxHashMap<Decoding, Known>> = RefCell::default();
}

/// Outcomes that are so much rarer than the likeliest one behind a line break are left out: behind
/// any other character, ten bits may speak for them and no more.
const TOO_RARE: i32 = BEAM_DEPTH + 10 * BIT;

/// Outcomes and exits that the kept groups of one decoder have at a time, in each thread. At 24 and
/// 32 bytes each that is 6 to 8 MB, and up to twice as much with the room that the lists have grown.
const KEPT: usize = 1 << 18;

/// The groups of one decoder that are kept.
#[derive(Default)]
struct Known {
    /// By their symbols and what the next one shows.
    groups: FxHashMap<Box<str>, Rc<Group>>,
    /// How many outcomes and exits these have.
    outcomes: usize,
    /// What is looked up.
    key: String,
    grouper: Grouper,
}

/// The group that a text within damage of a layer begins with; `None` where it is not clear which
/// symbols are one.
pub fn read(layer: &Layer, begun: Incremental, text: &str) -> Option<Rc<Group>> {
    KNOWN.with_borrow_mut(|known| {
        known.entry(decoding(&layer.wrong)).or_default().read(layer, begun, text)
    })
}

impl Known {
    fn read(&mut self, layer: &Layer, begun: Incremental, text: &str) -> Option<Rc<Group>> {
        let marker = layer.wrong.marker()?;
        let Some((lost, _)) = text.char_indices().take(2).find(|&(_, c)| c == marker) else {
            return self.grouper.read(layer, begun, text).map(Rc::new);
        };
        let mut next = text[lost..].char_indices().skip(1).take(SYMBOLS);
        let known = next.find_map(|(behind, next)| {
            self.write_key(layer, begun, &text[..lost + behind], next);
            self.groups.get(&*self.key).cloned()
        });
        if known.is_some() {
            return known;
        }
        let group = Rc::new(self.grouper.read(layer, begun, text)?);
        if let Some(next) = text[group.length..].chars().next().filter(|_| group.length > lost) {
            self.write_key(layer, begun, &text[..group.length], next);
            self.keep(group.clone());
        }
        Some(group)
    }

    /// Keeps a group under the key.
    fn keep(&mut self, group: Rc<Group>) {
        self.outcomes += group.outcomes.len() + group.swallowing.len() + group.exits.len();
        if self.outcomes > KEPT {
            self.groups.clear();
            self.outcomes = 0;
        }
        self.groups.insert(self.key.as_str().into(), group);
    }

    /// Makes the key of a group with these symbols before `next`, of which the first byte tells
    /// what may have been lost, if it is clear.
    fn write_key(&mut self, layer: &Layer, begun: Incremental, symbols: &str, next: char) {
        let first = layer.wrong.table().only_code(next).and_then(|code| code.bytes().next());
        self.key.clear();
        self.key.extend(begun.word().to_le_bytes().map(char::from));
        self.key.push_str(symbols);
        match first {
            Some(byte) => self.key.push(byte.into()),
            // the byte E4 is not the character ä
            None => self.key.extend(['\0', next]),
        }
    }
}

/// Reads a group.
#[derive(Default)]
struct Grouper {
    group: Group,
    partials: Vec<Partial>,
    /// What the symbols before the last one can be.
    before: Vec<Partial>,
    /// Where the damage could end behind that.
    ended: Vec<Exit>,
}

/// A marker of lost bytes among the symbols of a group.
struct Marker<'l> {
    layer: &'l Layer,
    /// Which of the symbols it is.
    nth: usize,
    /// Where it ends, in bytes of the text.
    end: usize,
    /// What stands behind it.
    follower: Follower,
}

/// Whether damage along a path can be read in groups.
pub fn has_groups(path: &Path) -> bool {
    let [layer] = path.layers() else { return false };
    // what vanishes without a marker may have vanished anywhere
    layer.truth == Codec::Utf8 && !layer.wrong.loses_unmarked()
}

impl Grouper {
    fn read(&mut self, layer: &Layer, begun: Incremental, text: &str) -> Option<Group> {
        self.group = Group::default();
        self.partials.clear();
        self.partials.push(Partial { begun, ..Partial::default() });
        self.ended.clear();
        let mut rest = text.chars();
        for nth in 0..SYMBOLS {
            let symbol = rest.next()?;
            self.read_symbol(layer, nth, symbol, rest.clone().next())?;
            self.group.length += symbol.len_utf8();
            if self.is_complete() {
                self.end();
                return Some(std::mem::take(&mut self.group));
            }
            if !self.group.swallowing.is_empty() {
                return None;
            }
        }
        None
    }

    /// Whether it is known again what has begun behind the symbols.
    fn is_complete(&self) -> bool {
        let Some(first) = self.partials.first() else { return true };
        let is_like = |partial: &Partial| {
            partial.emitted.len() > 0 && !partial.tainted && partial.begun == first.begun
        };
        self.partials.iter().all(is_like) && (self.group.swallowing.is_empty() || first.is_whole())
    }

    /// Ends the group where it is complete, without the characters that are too rare.
    fn end(&mut self) {
        let group = &mut self.group;
        group.may_end = !self.ended.is_empty() || !group.swallowing.is_empty();
        group.begun = self.partials.first().map_or(Incremental::default(), |first| first.begun);
        group.outcomes.extend(self.partials.iter().map(Partial::outcome));
        let least = group.outcomes.iter().map(Outcome::rarity).min().unwrap_or(0);
        group.outcomes.retain(|outcome| outcome.rarity() <= least + TOO_RARE);
    }

    /// Reads one more symbol, which stands before `next`; `None` where it may be no damage, or
    /// nothing that can be read with the ones before it.
    fn read_symbol(
        &mut self,
        layer: &Layer,
        nth: usize,
        symbol: char,
        next: Option<char>,
    ) -> Option<()> {
        let Layer { wrong, .. } = layer;
        let is_loss = wrong.marker() == Some(symbol);
        if is_loss && self.partials.iter().any(Partial::is_whole) {
            return None;
        }
        if nth == 0 && symbol.is_ascii() && self.partials[0].is_whole() {
            // ASCII within damage stands for itself
            self.partials[0].emitted.push(symbol, false);
            return wrong.table().is_itself(symbol).then_some(());
        }
        let at = self.group.length;
        self.group.exits.append(&mut self.ended);
        let whole = self.partials.iter().filter(|partial| partial.is_whole());
        self.group.exits.extend(whole.map(|partial| Exit { before: partial.outcome(), at }));
        std::mem::swap(&mut self.partials, &mut self.before);
        self.partials.clear();
        match is_loss {
            true => self.fill(layer, nth, at + symbol.len_utf8(), next)?,
            false => self.push(layer, nth, symbol),
        }
        let is_read = !self.partials.is_empty() || !self.group.swallowing.is_empty();
        is_read.then_some(())
    }

    /// Turns a symbol back into bytes and reads them on.
    fn push(&mut self, layer: &Layer, nth: usize, symbol: char) {
        let Layer { wrong, truth } = layer;
        for code in wrong.table().codes(symbol) {
            let bytes = code.as_bytes();
            let follows = |partial: &&Partial| {
                partial.held.is_none_or(|held| stays_lost(wrong, held, wrong.telling_byte(bytes)))
            };
            let read = |partial: &Partial| partial.with(*truth, nth, bytes);
            self.partials.extend(self.before.iter().filter(follows).filter_map(read));
        }
    }

    /// Fills in what was lost before `next`, which stands at byte `end`; `None` where that is too
    /// much to be tried, or nothing follows that it must fit.
    fn fill(&mut self, layer: &Layer, nth: usize, end: usize, next: Option<char>) -> Option<()> {
        let marker = Marker { layer, nth, end, follower: Follower::new(*layer, Some(next?)) };
        let follower = &marker.follower;
        let mut tried = 0;
        for at in 0..self.before.len() {
            let partial = self.before[at];
            let fills = fills(layer, partial.begun);
            tried += fills.count;
            if tried > TRIED {
                return None;
            }
            // what is held must not make a character with the first of the bytes
            let beside = |held| lost_beside(&layer.wrong, Neighbour::Held(held));
            let telling = partial.held.map_or(ByteSet::ALL, beside);
            let alone = fills.alone.and(telling).and(follower.lost_alone(&fills, layer));
            let alone = alone.iter();
            let alone = alone.filter_map(|lead| Fill::alone(layer.truth, partial.begun, lead));
            let pairs = fills.pairs.iter().copied();
            let pairs = pairs.filter(|fill| telling.contains(fill.telling_byte(&layer.wrong)));
            for fill in alone.chain(pairs) {
                let held = fill.held(&layer.wrong);
                let Some(filled) = partial.filled(&fill, nth, held) else { continue };
                if follower.goes_on(layer.truth, filled.begun, held) {
                    self.partials.push(filled);
                } else if filled.is_whole() {
                    self.ended.push(Exit { before: filled.outcome(), at: end });
                }
            }
            if layer.wrong.swallows() {
                let leads = fills.ending.and(telling);
                self.swallow(&marker, &partial, leads);
            }
        }
        // a byte that is held would have to be lost before another one that is not known
        let is_open = matches!(follower, Follower::Any);
        let ends_held = |partial: &Partial| partial.is_whole() && partial.held.is_some();
        (!(is_open && self.partials.iter().any(ends_held))).then_some(())
    }

    /// Tries lead bytes that went down together with the ASCII byte behind them.
    fn swallow(&mut self, marker: &Marker<'_>, partial: &Partial, leads: ByteSet) {
        let Marker { layer, nth, end, ref follower } = *marker;
        let goes_on = follower.goes_on(layer.truth, Incremental::default(), None);
        for lead in leads.iter().filter(|&lead| layer.wrong.loses_pair(lead, b'\n')) {
            let fill = Fill::alone(layer.truth, partial.begun, lead);
            let Some(filled) = fill.and_then(|fill| partial.filled(&fill, nth, None)) else {
                continue;
            };
            if goes_on {
                self.group.swallowing.push(filled.outcome());
            } else if let Some(ended) = filled.with(layer.truth, nth, b"\n") {
                // damage ends with the line rather than behind anything else
                self.ended.push(Exit { before: ended.outcome(), at: end });
            }
        }
    }
}

impl Group {
    /// Whether it is not too much to search behind so many states: what is made for it has
    /// hundreds of exits.
    pub fn is_searched(&self, states: usize) -> bool {
        states * self.exits.len() <= TRIED
    }

    /// The ways on from the ends of others within damage, but hopeless ones, and the least that
    /// one costs; the cheapest of the others comes first. `swallowed` is what ASCII costs that the
    /// last of the symbols swallowed.
    pub fn ways(
        &self,
        starts: impl Iterator<Item = Way>,
        swallowed: &swallowed::Costs,
        out: &mut Vec<Way>,
    ) -> Least {
        let mut least = Least::NONE;
        // two losses in a row square the number of states
        let most = TRIED / (self.outcomes.len() + self.swallowing.len()).max(1);
        for start in starts.take(most.max(1)) {
            for outcome in &self.outcomes {
                let way = outcome.behind(&start, self.begun);
                if !least.is_far(way.cost) {
                    least.lower(&[way]);
                    out.push(way);
                }
            }
            let ended = self.swallowing.iter().map(|it| it.behind(&start, self.begun));
            let mut ended: Vec<Way> = ended.collect();
            keep_best(&mut ended, 0, SWALLOWING);
            swallow_behind_each(ended, swallowed, &mut least, out);
        }
        least
    }

    /// Whether a way out of the damage, from the ends of some ways, is not hopeless beside one to
    /// the end of the group.
    pub fn may_be_left(
        &self,
        starts: impl Iterator<Item = Way> + Clone,
        text: &str,
        least: Least,
    ) -> bool {
        self.exits.iter().any(|exit| {
            let Some(symbol) = text[exit.at..].chars().next() else { return true };
            let goes_on = least_behind(symbol, &text[exit.at + symbol.len_utf8()..self.length]);
            starts.clone().any(|start| {
                let before = exit.before.behind(&start, Incremental::default());
                let left = leaving(symbol) + price(before.state.previous, symbol, false);
                !least.is_far(before.cost + left + goes_on)
            })
        })
    }
}

impl Outcome {
    /// The way over it from the end of another, behind which so much has `begun`.
    fn behind(&self, start: &Way, begun: Incremental) -> Way {
        let Way { from, state: State { previous, .. }, mut cost, .. } = *start;
        let emitted = self.emitted;
        if let Some(&first) = emitted.characters().first() {
            cost += price(previous, first, true);
        }
        let mut state = State::clean(emitted.last().unwrap_or(previous));
        (state.damaged, state.begun[0]) = (true, begun);
        Way { from, state, cost: cost + self.cost, emitted }
    }

    /// What it costs behind a line break.
    fn rarity(&self) -> i32 {
        let first = self.emitted.characters().first();
        self.cost + first.map_or(0, |&first| price('\n', first, true))
    }
}

impl Partial {
    fn is_whole(&self) -> bool {
        self.begun.is_empty()
    }

    fn outcome(&self) -> Outcome {
        let characters = self.emitted.characters();
        let pairs = characters.iter().zip(characters.iter().skip(1));
        let inner: i32 = pairs.map(|(&one, &other)| price(one, other, true)).sum();
        Outcome { emitted: self.emitted, cost: self.losses * LOST + inner }
    }

    /// With more bytes, which are the `nth` symbol; `None` where they do not go on.
    fn with(&self, truth: Codec, nth: usize, bytes: &[u8]) -> Option<Partial> {
        let mut partial = Partial { held: None, ..*self };
        for &byte in bytes {
            partial.begun = match partial.begun.push(truth, byte) {
                Pushed::Invalid => return None,
                Pushed::Pending(more) => more,
                Pushed::Char(character) => {
                    partial.end(character, nth)?;
                    Incremental::default()
                }
            };
        }
        Some(partial.after(nth))
    }

    /// With lost bytes filled in, for which the `nth` symbol stands.
    fn filled(&self, fill: &Fill, nth: usize, held: Option<u8>) -> Option<Partial> {
        let mut partial = Partial { held, losses: self.losses + 1, ..*self };
        for &character in fill.ended.iter().flatten() {
            partial.tainted = true;
            partial.end(character, nth)?;
        }
        partial.begun = fill.begun;
        partial.tainted = !fill.begun.is_empty();
        Some(partial.after(nth))
    }

    /// Adds a character that ends in the `nth` symbol; `None` where there are too many.
    fn end(&mut self, character: char, nth: usize) -> Option<()> {
        self.emitted.push_ending(character, std::mem::take(&mut self.tainted), nth).then_some(())
    }

    fn after(mut self, nth: usize) -> Partial {
        if !self.is_whole() {
            self.emitted.open(nth);
        }
        self
    }
}
