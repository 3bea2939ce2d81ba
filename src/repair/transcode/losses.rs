//! What may have been lost where a decoder gave up: a byte that it rejects on its own, or a
//! pair of which it makes no character.

use std::cell::RefCell;
use std::hash::Hash;
use std::ops::RangeInclusive;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bytes::ByteSet;
use super::path::{Layer, Path};
use crate::codec::{Codec, Conversion, Decoder, Flavour, Incremental, Pushed, SWALLOWABLE, Unit};
use crate::model;

/// Fills that are tried at one character of the text, at most; those of the first state always are.
/// Two losses in a row square the number of states, and a text may be made to have nothing else.
pub const TRIED: usize = 1 << 13;
/// [`TRIED`] where the true codec has two bytes for a character: CPython's Big5 loses both bytes of
/// 赛 (C8FC), each alone; any of 126 may be the first, and goes on with as many.
const TRIED_PAIRS: usize = 1 << 14;
/// [`TRIED`] where the wrong codec is UTF-16: half a surrogate pair may be any of 2,048, and each goes
/// on in many ways.
const TRIED_UTF16: usize = 1 << 10;
/// States at one character for which a loss is tried that no marker of the text shows.
const UNMARKED: usize = 24;
/// States at one character for which a loss is tried whose marker another layer hides: the 64 bytes that
/// may go on a character of UTF-8, twice, as of `广��`, which `方。` becomes.
const HIDDEN: usize = 128;
/// States at one character for which two such losses are tried, of two bytes of one character. With
/// 4, and [`MOST_TWICE`] at 128, 15 of 593 lines that GBK dropped bytes of come back with a wrong
/// character, with these 9.
const UNMARKED_TWICE: usize = 8;
/// Lists of what may have been lost that are kept at a time, most of them of 64 fills: Chinese in
/// UTF-8 takes about 500 in each flavour of a decoder. Every other map here holds as many entries at most.
const LISTS: usize = 4096;
/// Fills of a list, at most. Where the true codec has three bytes for a character and the
/// wrong one two, a lost pair leaves 800; of two bytes in both, thousands, and what the model
/// would choose is among the frequent ones.
const MOST: usize = 1024;
/// Fills of a list of second bytes, at most, of two that vanished one after the other, each alone.
const MOST_TWICE: usize = 256;
/// Bytes of UTF-8 that begin letters of other scripts: any of them may have gone with a private-use
/// character, and would crowd out the likely ones. The marks · and × begin with C2 and C3.
const OTHER_LEADS: RangeInclusive<u8> = 0xC4..=0xE1;

thread_local! {
    /// Lists of what may have been lost, kept from one text to the next: of short records, to
    /// list it anew took more than half of the time.
    static LISTED: Kept<(Decoding, Codec, Incremental), Rc<Fills>> = Kept::default();
    /// Lists of the second of two bytes of a character that may have been lost, each alone.
    static LISTED_TWICE: Kept<(Decoding, Codec, Incremental), Rc<Vec<Fill>>> = Kept::default();
    /// What swallowed ASCII costs behind a character.
    static SWALLOWED: Kept<char, CostsOfSwallowed> = Kept::default();
    /// The bytes that are lost alone beside another one.
    static LOST_BESIDE: Kept<(Decoding, Neighbour), ByteSet> = Kept::default();
}

/// What was worked out, by what it depends on.
type Kept<K, V> = RefCell<FxHashMap<K, V>>;

/// What is kept for a key, worked out anew where nothing is.
fn kept<K: Eq + Hash, V: Clone>(lists: &Kept<K, V>, key: K, work_out: impl FnOnce() -> V) -> V {
    let mut lists = lists.borrow_mut();
    if lists.len() == LISTS {
        lists.clear();
    }
    lists.entry(key).or_insert_with(work_out).clone()
}

/// The costs of [`SWALLOWABLE`] characters behind another, in 1/256 bit.
type CostsOfSwallowed = [i32; SWALLOWABLE.len()];

/// How much may still be tried for lost bytes.
#[derive(Default)]
pub struct Losses {
    /// Fills that may still be tried at the character at hand.
    left: usize,
    /// States for which one loss may still be tried that no marker of the text shows.
    unmarked: usize,
    /// States for which two such losses may still be tried.
    unmarked_twice: usize,
    /// States for which one loss may still be tried whose marker another layer hides.
    hidden: usize,
}

/// What tells one wrong decoder from another.
pub type Decoding = (Codec, Flavour, Option<Conversion>);

/// All that may have been lost where a character waits for its rest.
#[derive(Default)]
pub struct Fills {
    /// The bytes that may have been lost alone, and those of them that end a character.
    pub alone: ByteSet,
    pub ending: ByteSet,
    /// The pairs that may have been lost together.
    pub pairs: Vec<Fill>,
    /// How many there are of both.
    pub count: usize,
}

impl Fills {
    fn new(fills: Vec<Fill>) -> Fills {
        let count = fills.len();
        let is_alone = |fill: &Fill| fill.trail.is_none();
        let (alone, pairs): (Vec<Fill>, _) = fills.into_iter().partition(is_alone);
        let leads = |fills: &mut dyn Iterator<Item = &Fill>| fills.map(|fill| fill.lead).collect();
        let ending = leads(&mut alone.iter().filter(|fill| fill.begun.is_empty()));
        Fills { alone: leads(&mut alone.iter()), ending, pairs, count }
    }
}

/// A byte that may have been lost alone, or a pair lost together.
#[derive(Clone, Copy)]
pub struct Fill {
    /// The first byte.
    pub lead: u8,
    /// The second byte of a pair.
    pub trail: Option<u8>,
    /// The characters of the true codec that end with it.
    pub ended: [Option<char>; 2],
    /// What has begun behind it.
    pub begun: Incremental,
}

impl Fill {
    /// What a byte does where `begun` waits for its rest; `None` where it cannot stand there.
    #[inline]
    pub fn alone(truth: Codec, begun: Incremental, lead: u8) -> Option<Fill> {
        let (ended, begun) = match begun.push(truth, lead) {
            Pushed::Invalid => return None,
            Pushed::Pending(begun) => (None, begun),
            Pushed::Char(character) => (Some(character), Incremental::default()),
        };
        Some(Fill { lead, trail: None, ended: [ended, None], begun })
    }

    /// What the byte does together with a second one.
    fn with(self, truth: Codec, trail: u8) -> Option<Fill> {
        let second = Fill::alone(truth, self.begun, trail)?;
        let ended = [self.ended[0], second.ended[0]];
        Some(Fill { lead: self.lead, trail: Some(trail), ended, begun: second.begun })
    }

    /// The byte that would make a character with some that may follow: one that was lost alone,
    /// or the upper byte of the first of two surrogates.
    pub fn held(&self, decoder: &Decoder) -> Option<u8> {
        match self.trail {
            None => Some(self.lead),
            Some(trail) if decoder.codec.is_utf16() => {
                Some(decoder.telling_byte(&[self.lead, trail])).filter(is_high_surrogate)
            }
            Some(_) => None,
        }
    }

    /// The byte that tells whether it makes a character with a byte that is held before it.
    pub fn telling_byte(&self, decoder: &Decoder) -> u8 {
        self.trail.map_or(self.lead, |trail| decoder.telling_byte(&[self.lead, trail]))
    }

    /// How rare the characters are that it ends.
    fn rarity(&self) -> i32 {
        self.ended.iter().flatten().map(|&character| model::cost('\n', character).0).sum()
    }
}

impl Losses {
    /// What may have been lost where `begun` waits for its rest in the true codec; nothing
    /// where too much was tried at this character.
    pub fn fills(&mut self, layer: &Layer, begun: Incremental) -> Rc<Fills> {
        if self.left == 0 {
            return Rc::default();
        }
        let fills = fills(layer, begun);
        self.spend(fills.count);
        fills
    }

    /// Counts so many fills as tried; says whether any could be.
    pub fn spend(&mut self, fills: usize) -> bool {
        let may = self.left > 0;
        self.left = self.left.saturating_sub(fills);
        may
    }

    /// Makes losses possible at the next character.
    pub fn begin_step(&mut self, path: &Path) {
        let tried = match path.layers()[0].truth {
            _ if path.is_from_utf16() => TRIED_UTF16,
            Codec::Utf8 => TRIED,
            _ => TRIED_PAIRS,
        };
        *self = Losses {
            left: tried,
            unmarked: UNMARKED,
            unmarked_twice: UNMARKED_TWICE,
            hidden: HIDDEN,
        };
    }

    /// Whether a loss that nothing marks may be tried for one more state at this character.
    pub fn try_unmarked(&mut self) -> bool {
        take_one(&mut self.unmarked)
    }

    /// Whether a loss whose marker another layer hides may be tried for one more state.
    pub fn try_hidden(&mut self) -> bool {
        take_one(&mut self.hidden)
    }

    /// Whether losses of two bytes of one character that nothing marks may be tried for one more state.
    pub fn try_unmarked_twice(&mut self) -> bool {
        take_one(&mut self.unmarked_twice)
    }
}

/// Takes one of what is left; says whether there was any.
fn take_one(left: &mut usize) -> bool {
    let may = *left > 0;
    *left -= usize::from(may);
    may
}

/// What may have been lost where `begun` waits for its rest in the true codec of a layer.
pub fn fills(layer: &Layer, begun: Incremental) -> Rc<Fills> {
    let Layer { wrong, truth } = layer;
    let fills = || Rc::new(Fills::new(list(wrong, *truth, begun)));
    LISTED.with(|lists| kept(lists, (decoding(wrong), *truth, begun), fills))
}

/// The second of two bytes that may have been lost, each alone, and that end together what has
/// `begun`; of many, those of the most frequent characters.
pub fn fills_twice(layer: &Layer, begun: Incremental) -> Rc<Vec<Fill>> {
    let Layer { wrong, truth } = layer;
    let list = || {
        let first = fills(layer, begun).alone;
        let mut twice = Vec::new();
        for fill in first.iter().filter_map(|lead| Fill::alone(*truth, begun, lead)) {
            if fill.begun.is_empty() {
                continue;
            }
            let second = fills(layer, fill.begun).ending;
            let second = second.iter().filter(|&second| stays_lost(wrong, fill.lead, second));
            twice.extend(second.filter_map(|second| Fill::alone(*truth, fill.begun, second)));
        }
        twice.sort_by_cached_key(Fill::rarity);
        twice.truncate(MOST_TWICE);
        Rc::new(twice)
    };
    LISTED_TWICE.with(|lists| kept(lists, (decoding(wrong), *truth, begun), list))
}

/// A byte beside one that is lost alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Neighbour {
    /// It is lost alone before these.
    Held(u8),
    /// A [`Decoder::telling_byte`] that these are lost alone before.
    Next(u8),
    /// Any other byte of text in a codec that is lost, too, before which these are lost alone.
    Lost(Codec),
}

/// The bytes that may stand beside this one, the first of the two being lost alone.
pub fn lost_beside(decoder: &Decoder, neighbour: Neighbour) -> ByteSet {
    let is_lost = |&byte: &u8| match neighbour {
        Neighbour::Held(held) => stays_lost(decoder, held, byte),
        Neighbour::Next(next) => stays_lost(decoder, byte, next),
        Neighbour::Lost(truth) => {
            // without the last ones, which UTF-8 or any codec has none of
            let last = if truth == Codec::Utf8 { 0xF4 } else { 0xFE };
            (0x80..=last).any(|next| stays_lost(decoder, byte, next))
        }
    };
    let bytes = || (0..=u8::MAX).filter(is_lost).collect();
    LOST_BESIDE.with(|lists| kept(lists, (decoding(decoder), neighbour), bytes))
}

/// What each of the [`SWALLOWABLE`] characters costs behind another one.
pub fn costs_of_swallowed(previous: char) -> CostsOfSwallowed {
    // a line break is CR LF to the model, too
    let cost = |ascii: u8| match ascii {
        b'\r' => model::cost(previous, '\n').0,
        ascii => model::cost(previous, char::from(ascii)).0,
    };
    SWALLOWED.with(|lists| kept(lists, previous, || SWALLOWABLE.map(cost)))
}

/// What tells a wrong decoder from another one.
pub fn decoding(wrong: &Decoder) -> Decoding {
    (wrong.codec, wrong.flavour, wrong.conversion)
}

/// Whether a byte held by a decoder stays lost before `next`, a [`Decoder::telling_byte`].
pub fn stays_lost(decoder: &Decoder, held: u8, next: u8) -> bool {
    if decoder.codec.is_utf16() {
        return !(is_high_surrogate(&held) && matches!(next, 0xDC..=0xDF));
    }
    decoder.unit(&[held, next]) == (Unit::Lost, 1)
}

/// Whether a byte is the upper one of the first of two surrogates.
fn is_high_surrogate(byte: &u8) -> bool {
    matches!(byte, 0xD8..=0xDB)
}

/// What a decoder may have lost; of many, the most frequent.
fn list(decoder: &Decoder, truth: Codec, begun: Incremental) -> Vec<Fill> {
    let mut fills = Vec::new();
    let strips = decoder.flavour.is_stripped();
    for fill in decoder.table().leads().filter_map(|lead| Fill::alone(truth, begun, lead)) {
        if decoder.unit(&[fill.lead]) == (Unit::Lost, 1) {
            fills.push(fill);
        }
        // half a surrogate pair may be any of 2,048, which is a character of UTF-16 and two halves
        // of others: too many to search
        let is_searched = !decoder.codec.is_utf16() || truth.is_utf16();
        if is_searched && (strips || decoder.loses_pair(fill.lead, u8::MAX)) {
            let is_stripped = |trail| decoder.marker_of(&[fill.lead, trail]).is_none();
            let is_likely = |trail| is_stripped(trail) && !OTHER_LEADS.contains(&trail);
            let trails = decoder.table().gaps(fill.lead).iter();
            let trails = trails.filter(|&&trail| !strips || is_likely(trail));
            fills.extend(trails.filter_map(|&trail| fill.with(truth, trail)));
        }
    }
    if fills.len() > MOST {
        fills.sort_by_cached_key(Fill::rarity);
        fills.truncate(MOST);
    }
    fills
}
