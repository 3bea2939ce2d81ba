//! The ways on from one state of the lattice: over one damaged character, clean or undone, with
//! what may have been lost filled in.

use super::lattice::{BEAM_WIDTH, BIT, Emitted, State, Way};
use super::losses::{Fill, Losses, stays_lost};
use super::path::{Layer, Path};
use crate::codec::{Decoder, Flavour, Incremental, Pushed};
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
const LOST: i32 = 3 * BIT;
/// The same of a `?` between whole characters, on top: text has question marks, too, and of UTF-8
/// all but letters of two bytes go down together with a part of another character.
const LOST_QUESTION: i32 = 8 * BIT;
/// A byte that vanished without a marker, which nothing but the decoding tells.
const DROPPED: i32 = 8 * BIT;

/// U+FFFD in what was undone: 锟斤拷 is two of them in UTF-8. The text was lost before
/// this damage, so it takes other text around it to make a repair.
const LOST_BEFORE: i32 = 40 * BIT;

/// Characters for which the swallowed byte behind them is tried.
const SWALLOWING: usize = 12;
/// ASCII that a swallowed byte is tried as; a letter would have made a valid pair.
const SWALLOWABLE: &[u8] = b"\n\r\t \"'()*+,-./0123456789:;<=>?!#$%&";

/// Finds the ways on from a state.
pub struct Expansion<'a> {
    pub path: &'a Path,
    pub losses: &'a mut Losses,
    /// What stands behind the loss at hand.
    pub follower: &'a Follower,
}

/// What stands behind a loss, which few values of the lost bytes go together with.
///
/// Java loses E3 alone before `€` because E3 80 is no pair of GBK, and 126 other leads it
/// cannot have been.
pub struct Follower {
    layer: Layer,
    /// `None` where anything may follow: behind other losses, and at the end.
    symbol: Option<char>,
    /// Whether it is the end of what is searched.
    is_end: bool,
    /// The first byte of each of its codes.
    bytes: Vec<u8>,
}

impl Follower {
    pub fn new(layer: Layer, symbol: Option<char>) -> Follower {
        let is_end = symbol.is_none();
        let symbol = symbol.filter(|&symbol| layer.wrong.flavour.marker() != Some(symbol));
        let codes = symbol.into_iter().flat_map(|symbol| layer.wrong.table().codes(symbol));
        let bytes = codes.filter_map(|code| code.bytes().next()).collect();
        Follower { layer, symbol, is_end, bytes }
    }

    /// Whether it can stand behind what has `begun` in the true codec; `held` is a byte that
    /// may make a character with it, `alone` whether it is the byte that was lost.
    fn allows(&self, begun: Incremental, held: Option<u8>, alone: bool) -> bool {
        if alone && self.layer.wrong.codec.is_utf16() {
            // the odd byte at the end of a text
            return self.is_end;
        }
        let Some(symbol) = self.symbol else { return true };
        let Layer { wrong, truth } = &self.layer;
        if begun.is_empty() && !symbol.is_ascii() {
            return true;
        }
        let mut bytes = self.bytes.iter().copied();
        bytes.any(|byte| begun.goes_on_with(*truth, byte) && held_stays_lost(wrong, held, byte))
    }
}

impl Expansion<'_> {
    /// Every way on from `state` over `symbol`.
    pub fn ways(&mut self, state: State, symbol: char, out: &mut Vec<Way>) {
        let start = Way { state, cost: 0, emitted: Emitted::default() };
        self.ways_from(start, symbol, out);
        let decoder = &self.path.layers()[0].wrong;
        let drops = decoder.flavour.marker().is_none();
        // of a single-byte decoder any byte may have vanished: 歌 and 持 both leave `æŒ`,
        // from E6 AD 8C and E6 8C 81
        let in_character = !decoder.table().is_double_byte() && !state.is_between_characters();
        if drops && (out.is_empty() || in_character) && self.losses.try_unmarked() {
            // what has begun may not go on: a byte vanished here
            let mut filled = Vec::new();
            self.undo_lost(0, Way { cost: DROPPED, ..start }, &mut filled);
            for way in filled {
                self.ways_from(way, symbol, out);
            }
        }
    }

    fn ways_from(&mut self, way: Way, symbol: char, out: &mut Vec<Way>) {
        let was_damaged = way.state.damaged;
        let decoder = &self.path.layers()[0].wrong;
        // a clean character has no bytes for what was held to pair with, but ASCII is a byte
        let follows = !symbol.is_ascii() || held_stays_lost(decoder, way.state.held, symbol as u8);
        if way.state.is_between_characters() && follows {
            let mut clean = way;
            if was_damaged && !symbol.is_ascii() {
                clean.cost += leaving(symbol);
                // a whole text was damaged here, so what was lost was lost in this damage
                if self.path.is_true_utf16() && symbol == char::REPLACEMENT_CHARACTER {
                    clean.cost += LOST_BEFORE;
                }
            }
            // ASCII is the same in both modes, so damage goes on over it
            clean.state.damaged = was_damaged && symbol.is_ascii();
            clean.state.held = None;
            if emit(&mut clean, symbol) {
                out.push(clean);
            }
            let is_itself = symbol.is_ascii() && decoder.table().is_itself(symbol);
            if is_itself && decoder.flavour.marker() != Some(symbol) {
                return;
            }
        }
        let mut damaged = way;
        if !was_damaged {
            damaged.cost += ENTER + inside(way.state.previous);
        }
        damaged.state.damaged = true;
        self.undo(0, damaged, symbol, out);
    }

    /// Turns `symbol` back into bytes with the wrong decoder of a layer, and reads them on.
    fn undo(&mut self, layer: usize, way: Way, symbol: char, out: &mut Vec<Way>) {
        let decoder = &self.path.layers()[layer].wrong;
        for code in decoder.table().codes(symbol) {
            let mut buffer = [0; 4];
            let bytes = &mut buffer[..code.len()];
            bytes.iter_mut().zip(code.bytes()).for_each(|(to, from)| *to = from);
            let telling = decoder.telling_byte(bytes);
            if layer > 0 || held_stays_lost(decoder, way.state.held, telling) {
                let mut way = way;
                way.state.held = None;
                self.push(layer, way, bytes, false, out);
            }
        }
        // in an inner layer every way of the outer ones comes here
        let is_marker = decoder.flavour.marker() == Some(symbol);
        if is_marker && (layer == 0 || self.losses.try_unmarked()) {
            let mut lost = way;
            lost.cost += LOST;
            if symbol == '?' && way.state.is_between_characters() {
                lost.cost += LOST_QUESTION;
            }
            self.undo_lost(layer, lost, out);
        }
    }

    /// Tries the bytes that the wrong decoder of a layer rejects.
    fn undo_lost(&mut self, layer: usize, way: Way, out: &mut Vec<Way>) {
        let place = &self.path.layers()[layer];
        let decoder = &place.wrong;
        let held = way.state.held.filter(|_| layer == 0);
        let way = Way { state: State { held: None, ..way.state }, ..way };
        let from = out.len();
        for fill in &*self.losses.fills(place, way.state.begun[layer]) {
            if !held_stays_lost(decoder, held, fill.telling_byte(decoder)) {
                continue;
            }
            let mut filled = way;
            if layer == 0 {
                filled.state.held = fill.held(decoder);
            }
            if self.path.layers().len() == 1 {
                self.fill(filled, fill, out);
            } else {
                let bytes = [fill.lead, fill.trail.unwrap_or_default()];
                let count = 1 + usize::from(fill.trail.is_some());
                self.push(layer, filled, &bytes[..count], true, out);
            }
        }
        if decoder.flavour == Flavour::Windows && decoder.table().is_double_byte() {
            self.swallow(layer, way, out);
        }
        keep_best(out, from, BEAM_WIDTH);
    }

    /// Fills a loss of the only layer.
    fn fill(&self, mut way: Way, fill: &Fill, out: &mut Vec<Way>) {
        let alone = fill.trail.is_none();
        if !self.follower.allows(fill.begun, way.state.held, alone) {
            return;
        }
        for &character in fill.ended.iter().flatten() {
            way.state.tainted = true;
            if !emit(&mut way, character) {
                return;
            }
        }
        way.state.begun[0] = fill.begun;
        way.state.tainted = !fill.begun.is_empty();
        out.push(way);
    }

    /// Tries a lead byte that went down together with the ASCII byte behind it.
    fn swallow(&mut self, layer: usize, way: Way, out: &mut Vec<Way>) {
        if !self.losses.spend(SWALLOWING * SWALLOWABLE.len()) {
            return;
        }
        let truth = self.path.layers()[layer].truth;
        let mut ended = Vec::new();
        for lead in 0x81..=0xFE {
            if let Pushed::Char(_) = way.state.begun[layer].push(truth, lead) {
                self.push(layer, way, &[lead], true, &mut ended);
            }
        }
        keep_best(&mut ended, 0, SWALLOWING);
        for way in ended {
            for &ascii in SWALLOWABLE {
                self.push(layer, way, &[ascii], true, out);
            }
        }
    }

    /// Reads bytes on in the true codec of a layer; `lost` where they are guessed.
    fn push(&mut self, layer: usize, way: Way, bytes: &[u8], lost: bool, out: &mut Vec<Way>) {
        let Some((&byte, rest)) = bytes.split_first() else {
            out.push(way);
            return;
        };
        let mut way = way;
        way.state.tainted |= lost;
        match way.state.begun[layer].push(self.path.layers()[layer].truth, byte) {
            Pushed::Invalid => {}
            Pushed::Pending(begun) => {
                way.state.begun[layer] = begun;
                self.push(layer, way, rest, lost, out);
            }
            Pushed::Char(character) => {
                way.state.begun[layer] = Incremental::default();
                if layer + 1 == self.path.layers().len() {
                    if emit(&mut way, character) {
                        self.push(layer, way, rest, lost, out);
                    }
                } else if rest.is_empty() {
                    let from = out.len();
                    self.undo(layer + 1, way, character, out);
                    keep_best(out, from, BEAM_WIDTH);
                } else {
                    let mut inner = Vec::new();
                    self.undo(layer + 1, way, character, &mut inner);
                    keep_best(&mut inner, 0, BEAM_WIDTH);
                    for way in inner {
                        self.push(layer, way, rest, lost, out);
                    }
                }
            }
        }
    }
}

/// What it costs to leave damage before a clean character.
pub fn leaving(next: char) -> i32 {
    LEAVE + inside(next)
}

/// What it costs to change over beside a clean character.
pub fn inside(neighbour: char) -> i32 {
    let is_inside = !neighbour.is_ascii() && is_letter(neighbour);
    if is_inside { INSIDE } else { 0 }
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

/// Whether the byte that was lost alone is still lost alone before `next`.
fn held_stays_lost(decoder: &Decoder, held: Option<u8>, next: u8) -> bool {
    held.is_none_or(|held| stays_lost(decoder, held, next))
}

/// Keeps the cheapest `most` of the ways from `from` on.
fn keep_best(ways: &mut Vec<Way>, from: usize, most: usize) {
    if ways.len() - from > most {
        ways[from..].select_nth_unstable_by_key(most, |way| way.cost);
        ways.truncate(from + most);
    }
}
