//! The ways on from one state of the lattice: over one damaged character, clean or undone, with
//! what may have been lost filled in.

use std::num::NonZeroU8;
use std::ops::RangeInclusive;

use super::bytes::ByteSet;
use super::lattice::{BEAM_DEPTH, BEAM_WIDTH, BIT, Held, State, Way};
use super::losses::{
    Fill, Fills, Losses, Neighbour, costs_of_swallowed, fills_twice, lost_beside, stays_lost,
};
use super::path::{Layer, Path};
use super::swallowed;
use crate::codec::{Codec, Decoder, Incremental, Pushed, SWALLOWABLE};
use crate::model;
use crate::script::is_letter;

/// Entering damage from clean text: damage is rare, and runs on where it is.
pub const ENTER: i32 = 10 * BIT;
/// Leaving it again.
pub const LEAVE: i32 = 4 * BIT;
/// Doing either in the middle of a word: what damages a text damages all of it up to a
/// boundary that a program or a writer drew.
pub const INSIDE: i32 = 12 * BIT;
/// A marker that stands for lost bytes: one character in eight of lossy UTF-8 → GBK.
pub const LOST: i32 = 3 * BIT;
/// What a `?` or `・` between whole characters costs on top as a marker: text has these, too, and of
/// UTF-8 all but letters of two bytes go down together with a part of another character.
const LOST_MARK: i32 = 8 * BIT;
/// A byte that vanished without a marker, which nothing but the decoding tells.
const DROPPED: i32 = 8 * BIT;

/// A blank that is taken as the byte of a no-break space, where what vanished may have stood before a
/// blank: of `å› -`, 君 (E5 90 9B) before a blank is left as well as 因 (E5 9B A0).
const BLANK: i32 = 6 * BIT;

/// U+FFFD in what was undone: 锟斤拷 is two of them in UTF-8. The text was lost before
/// this damage, so it takes other text around it to make a repair.
const LOST_BEFORE: i32 = 40 * BIT;

/// Readings that end between characters are given up if they are so far behind the best of these
/// as well: of `å¯`, where a byte vanished, 可 alone was left behind 系统, as what goes on with AF
/// had cost nothing yet, and 启, which the 动 behind it tells, was not.
const WHOLE_DEPTH: i32 = 12 * BIT;

/// Ways over a private-use character that was taken out, or two in a row, at most: with all of some 400,
/// 600 lines come back much the same, in twice the time.
const STRIPPED: usize = 64;
/// Ways over the first of two such characters in a row, at most; one in 25 follows another.
const STRIPPED_TWICE: usize = 16;
/// The first bytes of ideographs in UTF-8.
const CHINESE: RangeInclusive<u8> = 0xE4..=0xE9;

/// Characters for which the swallowed byte behind them is tried.
pub const SWALLOWING: usize = 12;

/// Finds the ways on from the states of a step.
pub struct Expansion<'a> {
    pub path: &'a Path,
    pub losses: &'a mut Losses,
    /// What stands behind the loss at hand.
    pub follower: &'a Follower,
    /// What stands behind the character of the text at hand.
    pub next: Option<char>,
    /// What ASCII costs that went down with a lost byte before it.
    pub swallowed: swallowed::Costs,
    /// What the cheapest ways of the states before cost.
    pub least: Least,
}

/// The least that ways of a step cost, by which others are hopeless.
#[derive(Clone, Copy)]
pub struct Least {
    any: i32,
    /// The least of those that end between characters.
    whole: i32,
}

impl Least {
    /// What no way costs.
    pub const NONE: Least = Least { any: i32::MAX, whole: i32::MAX };

    /// Takes some more ways into account.
    pub fn lower(&mut self, ways: &[Way]) {
        for way in ways {
            self.any = self.any.min(way.cost);
            if way.cost < self.whole && way.state.is_between_characters() {
                self.whole = way.cost;
            }
        }
    }

    /// Whether a way that costs so much or more is given up: it is far behind the best, and among
    /// those that end between characters, too. A character that has begun has not cost anything
    /// yet, and may not go on at all.
    pub fn is_hopeless(&self, cost: i32, is_whole: bool) -> bool {
        self.is_far(cost) && (!is_whole || cost > self.whole.saturating_add(WHOLE_DEPTH))
    }

    /// Whether a way that costs so much or more is far behind the best.
    pub fn is_far(&self, cost: i32) -> bool {
        cost > self.any.saturating_add(BEAM_DEPTH)
    }
}

/// What stands behind a loss, which few values of the lost bytes go together with.
///
/// Java loses E3 alone before `€` because E3 80 is no pair of GBK, and 126 other leads it
/// cannot have been.
pub enum Follower {
    /// Other losses, or what need not be known.
    Any,
    /// It is the end of what is searched; in UTF-16, only there a byte stands alone.
    End,
    /// A character.
    Symbol {
        is_ascii: bool,
        /// The first byte of each of its codes, and the bytes that are lost alone before that.
        codes: Vec<(u8, ByteSet)>,
    },
}

impl Follower {
    pub fn new(layer: Layer, symbol: Option<char>) -> Follower {
        let Layer { wrong, .. } = layer;
        let Some(symbol) = symbol else { return Follower::End };
        if wrong.marker() == Some(symbol) {
            return Follower::Any;
        }
        let first_bytes = wrong.table().codes(symbol).filter_map(|code| code.bytes().next());
        let codes =
            first_bytes.map(|byte| (byte, lost_beside(&wrong, Neighbour::Next(byte)))).collect();
        Follower::Symbol { is_ascii: symbol.is_ascii(), codes }
    }

    /// The bytes of a layer that may be lost alone before it. Clean text may follow as well, but not
    /// inside of a character.
    pub fn lost_alone(&self, fills: &Fills, layer: &Layer) -> ByteSet {
        match self {
            Follower::End => ByteSet::ALL,
            _ if layer.wrong.codec.is_utf16() => ByteSet::default(),
            Follower::Any => {
                lost_beside(&layer.wrong, Neighbour::Lost(layer.truth)).or(fills.ending)
            }
            Follower::Symbol { is_ascii, codes } => {
                let ending = if *is_ascii { ByteSet::default() } else { fills.ending };
                codes.iter().fold(ending, |lost, &(_, before)| lost.or(before))
            }
        }
    }

    /// Whether it can stand behind what has `begun` in the true codec; `held` is a byte that
    /// may make a character with it.
    fn allows(&self, truth: Codec, begun: Incremental, held: Option<u8>) -> bool {
        let Follower::Symbol { is_ascii, .. } = self else { return true };
        // it may be clean, but ASCII is a byte
        begun.is_empty() && !is_ascii || self.goes_on(truth, begun, held)
    }

    /// Whether it can stand behind what has `begun`, damaged like the loss before it.
    pub fn goes_on(&self, truth: Codec, begun: Incremental, held: Option<u8>) -> bool {
        let Follower::Symbol { codes, .. } = self else { return true };
        codes.iter().any(|(byte, lost)| {
            begun.goes_on_with(truth, *byte) && held.is_none_or(|held| lost.contains(held))
        })
    }
}

impl Expansion<'_> {
    /// Every way on over `symbol` from `start`, the way to a state, that is not hopeless.
    pub fn ways(&mut self, start: Way, symbol: char, out: &mut Vec<Way>) {
        let before = out.len();
        let goes_on = self.ways_from(&start, symbol, out);
        let decoder = &self.path.layers()[0].wrong;
        let is_within = !start.state.is_between_characters();
        // of a single-byte decoder any byte may have vanished: 歌 and 持 both leave `æŒ`,
        // from E6 AD 8C and E6 8C 81; of a double-byte one, what makes a rare character with the
        // next: of 。 (E3 80 82) GBK leaves E3, which before a clean `，` (A3 AC) is no 㣬
        let is_dear = |way: &Way| way.cost > start.cost + 2 * DROPPED;
        let strips = self.path.is_stripped();
        let is_stuck = |way: &Way| strips && !self.goes_on_behind(way.state.begun[0]);
        let is_poor = |way: &Way| is_dear(way) || is_stuck(way);
        // of pairs, a first byte may have vanished as well: of 個 (ADD3) D3 is left
        let are_pairs = self.path.is_pairs_in_single_bytes();
        let may_vanish = is_within || are_pairs;
        let is_doubtful =
            may_vanish && (!decoder.table().is_double_byte() || out[before..].iter().all(is_poor));
        if !decoder.loses_unmarked() || goes_on && !is_doubtful || !self.losses.try_unmarked() {
            return;
        }
        let mut vanished = Vec::new();
        self.vanish(&start, &mut vanished);
        if strips {
            keep_best(&mut vanished, 0, STRIPPED);
        }
        let go_on = |way: &Way| self.ways_from(way, symbol, out);
        // what has begun may not go on: a byte vanished here, or two, as of 十 (E5 8D 81)
        let goes_on = vanished.iter().map(go_on).fold(false, |any, goes_on| any | goes_on);
        let may_vanish_twice = if are_pairs { !is_within } else { is_within };
        if !goes_on || is_doubtful && may_vanish_twice && !strips {
            vanished.clear();
            self.vanish_twice(&start, &mut vanished);
            vanished.iter().for_each(|way| _ = self.ways_from(way, symbol, out));
        }
    }

    /// Ends a text behind the ways over its last symbol: of a character that it cuts off, the rest
    /// may have vanished.
    pub fn end(&mut self, ways: &mut Vec<Way>) {
        if !self.path.layers()[0].wrong.loses_unmarked() {
            return;
        }
        self.losses.begin_step(self.path);
        self.follower = &Follower::End;
        let is_whole = |way: &Way| way.state.is_between_characters();
        let mut vanished = Vec::new();
        for way in ways.iter().filter(|way| !is_whole(way)) {
            if self.losses.try_unmarked() {
                self.vanish(way, &mut vanished);
                self.vanish_twice(way, &mut vanished);
            }
        }
        ways.extend(vanished.into_iter().filter(is_whole));
        // a text ends like a line: `銆` is left of 。 and of 「 alike
        let before = least_whole(ways);
        for way in ways.iter_mut().filter(|way| is_whole(way)) {
            way.cost += price(way.state.previous, '\n', true);
        }
        // which says nothing about the path
        let more = least_whole(ways) - before;
        for way in ways.iter_mut().filter(|way| is_whole(way)) {
            way.cost -= more;
        }
        self.least = Least::NONE;
        self.least.lower(ways);
    }

    /// Whether the next character of the text goes on what has begun. Of 箭、 (E7AE ADE3 8081) `绠€侀` is
    /// left, and E7AE80 is 简, but 侀 (81E9) begins nothing; nor does what is lost alone: it ends a character.
    fn goes_on_behind(&self, begun: Incremental) -> bool {
        let Layer { wrong, truth } = self.path.layers()[0];
        let Some(next) = self.next else { return true };
        if wrong.marker() == Some(next) {
            return !begun.is_empty();
        }
        let push = |begun: Incremental, byte| match begun.push(truth, byte) {
            Pushed::Invalid => None,
            Pushed::Pending(more) => Some(more),
            Pushed::Char(_) => Some(Incremental::default()),
        };
        let mut codes = wrong.table().codes(next);
        codes.any(|code| code.bytes().try_fold(begun, push).is_some())
    }

    /// The ways on over what vanished before the follower.
    fn vanish(&mut self, start: &Way, out: &mut Vec<Way>) {
        self.undo_lost(0, &Way { cost: start.cost + DROPPED, ..*start }, false, out);
    }

    /// The ways on over two bytes of one character, each of which vanished alone.
    fn vanish_twice(&mut self, start: &Way, out: &mut Vec<Way>) {
        let begun = start.state.begun[0];
        // both bytes of 限 are AD in Big5; of other characters, the first one is there
        let are_pairs = self.path.is_pairs_in_single_bytes();
        let may_go_on = if are_pairs { begun.is_empty() } else { !begun.is_empty() };
        if !may_go_on || start.state.held[0].is_some() {
            return;
        }
        if are_pairs || self.path.layers().len() > 1 {
            return self.vanish_one_by_one(start, out);
        }
        if self.path.is_stripped() {
            return self.strip_twice(start, out);
        }
        let fills = fills_twice(&self.path.layers()[0], begun);
        if !fills.is_empty() && self.losses.try_unmarked_twice() {
            let way = Way { cost: start.cost + 2 * DROPPED, ..*start };
            fills.iter().for_each(|fill| self.fill(&way, fill, out));
        }
    }

    /// The ways on over two bytes of one character, one after the other: of the outermost of several layers,
    /// as windows-1252 leaves `é` of 鍐 (E9 8D 90), or of a pair. A double-byte decoder may have lost too
    /// many others to try.
    fn vanish_one_by_one(&mut self, start: &Way, out: &mut Vec<Way>) {
        let is_single_byte = !self.path.layers()[0].wrong.table().is_double_byte();
        if !is_single_byte || !self.losses.try_unmarked_twice() {
            return;
        }
        let mut once = Vec::new();
        self.vanish(start, &mut once);
        for way in once.iter().filter(|way| !way.state.begun[0].is_empty()) {
            self.vanish(way, out);
        }
    }

    /// The ways on over two private-use characters in a row, as 据访问 (E68D AEE8 AEBF E997 …) has them.
    fn strip_twice(&mut self, start: &Way, out: &mut Vec<Way>) {
        // another state goes on for less
        let is_needless = self.least.any < start.cost + 2 * DROPPED;
        if is_needless || !self.losses.try_unmarked_twice() {
            return;
        }
        let way = Way { cost: start.cost + DROPPED, ..*start };
        let fills = self.losses.fills(&self.path.layers()[0], start.state.begun[0]);
        let goes_on = |fill: &&Fill| fill.trail.is_some_and(|trail| CHINESE.contains(&trail));
        let follower = std::mem::replace(&mut self.follower, &Follower::Any);
        let mut once = Vec::new();
        fills.pairs.iter().filter(goes_on).for_each(|fill| self.fill(&way, fill, &mut once));
        self.follower = follower;
        keep_best(&mut once, 0, STRIPPED_TWICE);
        once.iter().for_each(|way| self.vanish(way, out));
        keep_best(out, 0, STRIPPED);
    }

    /// The ways on from the end of another; says whether there is any, be it a hopeless one.
    fn ways_from(&mut self, way: &Way, symbol: char, out: &mut Vec<Way>) -> bool {
        let Way { state, .. } = way;
        let decoder = &self.path.layers()[0].wrong;
        // a clean character has no bytes for what was held to pair with, but ASCII is a byte
        let follows = !symbol.is_ascii() || self.stays_lost_before(state, symbol as u8);
        let may_be_clean = state.is_between_characters() && follows;
        if may_be_clean {
            self.pass(way, symbol, out);
            let is_itself = symbol.is_ascii() && decoder.table().is_itself(symbol);
            if is_itself && decoder.marker() != Some(symbol) {
                return true;
            }
        }
        let before = out.len();
        if state.damaged {
            self.undo(0, way, symbol, out);
        } else {
            let cost = way.cost + ENTER + inside(state.previous);
            let state = State { damaged: true, ..*state };
            self.undo(0, &Way { state, cost, ..*way }, symbol, out);
        }
        may_be_clean || out.len() > before
    }

    /// Whether what is held in any layer stays lost before ASCII, which is the same in all of them.
    fn stays_lost_before(&self, state: &State, ascii: u8) -> bool {
        let mut layers = self.path.layers().iter().zip(state.held);
        layers.all(|(Layer { wrong, .. }, held)| held_stays_lost(wrong, held, ascii))
    }

    /// Takes `symbol` as it stands.
    fn pass(&self, way: &Way, symbol: char, out: &mut Vec<Way>) {
        let Way { from, state, mut cost, mut emitted } = *way;
        if state.damaged && !symbol.is_ascii() {
            cost += leaving(symbol);
            // a whole text was damaged here, so what was lost was lost in this damage
            if self.path.is_true_utf16() && symbol == char::REPLACEMENT_CHARACTER {
                cost += LOST_BEFORE;
            }
        }
        if self.least.is_hopeless(cost, true) {
            return;
        }
        // ASCII is the same in both modes, so damage goes on over it
        let damaged = state.damaged && symbol.is_ascii();
        cost += price(state.previous, symbol, damaged);
        if emitted.push(symbol, state.tainted) {
            let state = State { damaged, ..State::clean(symbol) };
            out.push(Way { from, state, cost, emitted });
        }
    }

    /// Turns `symbol` back into bytes with the wrong decoder of a layer, and reads them on.
    fn undo(&mut self, layer: usize, way: &Way, symbol: char, out: &mut Vec<Way>) {
        let decoder = &self.path.layers()[layer].wrong;
        let Way { state, mut cost, .. } = *way;
        // what was held in the layer stays lost before this, or not: of 作者 (9C E8 | 80 | 85) Java's
        // GBK loses 80, but would not have lost the A3 of 作装, which is a character with 85
        let mut unheld = *way;
        let held = unheld.state.held[layer].take();
        let is_only = self.path.layers().len() == 1;
        for code in decoder.table().codes(symbol) {
            let telling = decoder.telling_byte(code.as_bytes());
            if held_stays_lost(decoder, held, telling) {
                let is_byte = symbol == ' ' && telling != b' ';
                let may_have_vanished = is_byte && is_only && decoder.marker().is_none();
                let cost = if may_have_vanished { cost + BLANK } else { cost };
                self.push(layer, &Way { cost, ..unheld }, code.as_bytes(), false, out);
            }
        }
        // in an inner layer every way of the outer ones comes here
        let is_marker = decoder.marker() == Some(symbol);
        if is_marker && (layer == 0 || self.losses.try_hidden()) {
            cost += LOST;
            if symbol != char::REPLACEMENT_CHARACTER && state.is_between_characters() {
                cost += LOST_MARK;
            }
            self.undo_lost(layer, &Way { cost, ..*way }, true, out);
        }
    }

    /// Tries the bytes that the wrong decoder of a layer rejects, those for which a marker stands or
    /// those that vanished.
    fn undo_lost(&mut self, layer: usize, way: &Way, is_marked: bool, out: &mut Vec<Way>) {
        let place = &self.path.layers()[layer];
        let decoder = &place.wrong;
        let mut way = *way;
        let held = way.state.held[layer].take();
        let from = out.len();
        let fills = self.losses.fills(place, way.state.begun[layer]);
        // what is held must not make a character with the first of them
        let telling = held.map(|held| lost_beside(decoder, Neighbour::Held(held.get())));
        let telling = telling.unwrap_or(ByteSet::ALL);
        let is_only = self.path.layers().len() == 1;
        // what stands behind a loss that another layer hides is not known yet
        let is_shown = layer == 0;
        let alone = if is_shown { self.follower.lost_alone(&fills, place) } else { ByteSet::ALL };
        let are_alone_marked = decoder.marker().is_some();
        let alone = if are_alone_marked == is_marked { alone } else { ByteSet::default() };
        let alone = fills.alone.and(alone).and(telling);
        let are_pairs_marked = !decoder.loses_unmarked();
        let pairs = if are_pairs_marked == is_marked { &fills.pairs[..] } else { &[] };
        let pairs = pairs.iter().filter(|fill| telling.contains(fill.telling_byte(decoder)));
        if is_only {
            let begun = way.state.begun[0];
            alone.iter().for_each(|lead| {
                if let Some(fill) = Fill::alone(place.truth, begun, lead) {
                    self.fill(&way, &fill, out);
                }
            });
            pairs.for_each(|fill| self.fill(&way, fill, out));
        } else {
            for lead in alone.iter() {
                let mut way = way;
                way.state.held[layer] = NonZeroU8::new(lead);
                self.push(layer, &way, &[lead], true, out);
            }
            for fill in pairs {
                let mut way = way;
                way.state.held[layer] = fill.held(decoder).and_then(NonZeroU8::new);
                self.push(layer, &way, &[fill.lead, fill.trail.unwrap_or_default()], true, out);
            }
        }
        if is_marked && decoder.swallows() {
            self.swallow(layer, &way, &fills, out);
        }
        keep_best(out, from, BEAM_WIDTH);
    }

    /// Fills a loss of the only layer.
    fn fill(&self, way: &Way, fill: &Fill, out: &mut Vec<Way>) {
        let Layer { wrong, truth } = &self.path.layers()[0];
        let held_by_fill = fill.held(wrong);
        if !self.follower.allows(*truth, fill.begun, held_by_fill) {
            return;
        }
        let Way { from, state, mut cost, mut emitted } = *way;
        let State { damaged, mut held, mut begun, mut previous, .. } = state;
        for &character in fill.ended.iter().flatten() {
            cost += price(previous, character, damaged);
            previous = character;
            if !emitted.push(character, true) {
                return;
            }
        }
        if self.least.is_hopeless(cost, fill.begun.is_empty()) {
            return;
        }
        begun[0] = fill.begun;
        let tainted = !fill.begun.is_empty();
        held[0] = held_by_fill.and_then(NonZeroU8::new);
        out.push(Way {
            from,
            state: State { damaged, tainted, held, begun, previous },
            cost,
            emitted,
        });
    }

    /// Tries a lead byte that went down together with the ASCII byte behind it.
    fn swallow(&mut self, layer: usize, way: &Way, fills: &Fills, out: &mut Vec<Way>) {
        if !self.losses.spend(SWALLOWING * SWALLOWABLE.len()) {
            return;
        }
        let decoder = self.path.layers()[layer].wrong;
        let mut ended = Vec::new();
        for lead in fills.ending.iter().filter(|&lead| decoder.loses_pair(lead, b'\n')) {
            self.push(layer, way, &[lead], true, &mut ended);
        }
        keep_best(&mut ended, 0, SWALLOWING);
        if self.path.layers().len() > 1 {
            for way in ended {
                SWALLOWABLE.iter().for_each(|&ascii| self.push(layer, &way, &[ascii], true, out));
            }
            return;
        }
        swallow_behind_each(ended, &self.swallowed, &mut self.least, out);
    }

    /// Reads bytes on in the true codec of a layer; `lost` where they are guessed.
    fn push(&mut self, layer: usize, way: &Way, bytes: &[u8], lost: bool, out: &mut Vec<Way>) {
        let Layer { truth, .. } = self.path.layers()[layer];
        let is_last = layer + 1 == self.path.layers().len();
        let Way { from, state, mut cost, mut emitted } = *way;
        let State { damaged, mut tainted, held, mut begun, mut previous } = state;
        let mut pending = begun[layer];
        for (at, &byte) in bytes.iter().enumerate() {
            tainted |= lost;
            let character = match pending.push(truth, byte) {
                Pushed::Invalid => return,
                Pushed::Pending(more) => {
                    pending = more;
                    continue;
                }
                Pushed::Char(character) => character,
            };
            pending = Incremental::default();
            if !is_last {
                begun[layer] = pending;
                let state = State { damaged, tainted, held, begun, previous };
                let way = Way { from, state, cost, emitted };
                self.undo_below(layer, &way, character, &bytes[at + 1..], lost, out);
                return;
            }
            cost += price(previous, character, damaged);
            previous = character;
            if !emitted.push(character, std::mem::take(&mut tainted)) {
                return;
            }
        }
        begun[layer] = pending;
        out.push(Way {
            from,
            state: State { damaged, tainted, held, begun, previous },
            cost,
            emitted,
        });
    }

    /// Undoes a character that ended in a layer in the one below, and reads the `rest` of the bytes
    /// on behind it.
    fn undo_below(
        &mut self,
        layer: usize,
        way: &Way,
        character: char,
        rest: &[u8],
        lost: bool,
        out: &mut Vec<Way>,
    ) {
        if rest.is_empty() {
            let from = out.len();
            self.undo(layer + 1, way, character, out);
            keep_best(out, from, BEAM_WIDTH);
            return;
        }
        let mut inner = Vec::new();
        self.undo(layer + 1, way, character, &mut inner);
        keep_best(&mut inner, 0, BEAM_WIDTH);
        for way in inner {
            self.push(layer, &way, rest, lost, out);
        }
    }
}

/// The least that a way costs that ends between characters.
fn least_whole(ways: &[Way]) -> i32 {
    let whole = ways.iter().filter(|way| way.state.is_between_characters());
    whole.map(|way| way.cost).min().unwrap_or(0)
}

/// What it costs to leave damage before a clean character.
pub fn leaving(next: char) -> i32 {
    LEAVE + inside(next)
}

/// The least that `rest` costs behind a clean symbol: it goes on as it stands, or is entered again.
pub fn least_behind(symbol: char, rest: &str) -> i32 {
    let entering = std::iter::once(symbol).chain(rest.chars()).map(inside).min();
    let again = ENTER + entering.unwrap_or(0);
    model::steps_after(symbol, rest).min(again.into()) as i32
}

/// What it costs to change over beside a clean character.
pub fn inside(neighbour: char) -> i32 {
    let is_inside = !neighbour.is_ascii() && is_letter(neighbour);
    if is_inside { INSIDE } else { 0 }
}

/// What a character of the reading costs.
pub fn price(previous: char, character: char, damaged: bool) -> i32 {
    let is_lost = damaged && character == char::REPLACEMENT_CHARACTER;
    model::cost(previous, character).0 + if is_lost { LOST_BEFORE } else { 0 }
}

/// Whether the byte that was lost alone is still lost alone before `next`.
fn held_stays_lost(decoder: &Decoder, held: Held, next: u8) -> bool {
    held.is_none_or(|held| stays_lost(decoder, held.get(), next))
}

/// Adds ASCII that is swallowed to the readings of the only layer, and lowers what is the least.
pub fn swallow_behind_each(
    mut ended: Vec<Way>,
    costs: &swallowed::Costs,
    least: &mut Least,
    out: &mut Vec<Way>,
) {
    // the best come first, by which others are hopeless
    ended.sort_by_key(|way| way.cost);
    for way in ended {
        let before = out.len();
        swallow_behind(&way, costs, least, out);
        least.lower(&out[before..]);
    }
}

fn swallow_behind(way: &Way, costs: &swallowed::Costs, least: &Least, out: &mut Vec<Way>) {
    let Way { from, state, .. } = *way;
    if let Some(nothing) = costs.nothing.map(|nothing| way.cost + nothing)
        && !least.is_hopeless(nothing, true)
    {
        out.push(Way { cost: nothing, ..*way });
    }
    let charged = costs_of_swallowed(state.previous);
    for (nth, &ascii) in SWALLOWABLE.iter().enumerate() {
        let cost = way.cost + costs.of(nth, state.previous, charged[nth]);
        let mut emitted = way.emitted;
        if !least.is_hopeless(cost, true) && emitted.push_beside(ascii.into()) {
            let state = State { previous: ascii.into(), ..state };
            out.push(Way { from, state, cost, emitted });
        }
    }
}

/// Keeps the cheapest `most` of the ways from `from` on.
pub fn keep_best(ways: &mut Vec<Way>, from: usize, most: usize) {
    if ways.len() - from > most {
        ways[from..].select_nth_unstable_by_key(most, |way| way.cost);
        ways.truncate(from + most);
    }
}
