//! Bytes back to text from the middle of a character: the core that injected
//! pinyin and shifted text share.
//!
//! A lost or gained byte shifts a double-byte text by half a character until
//! something ASCII puts it straight. Going back means to feed the bytes of the
//! damaged characters, and guesses for the lost ones, into the true codec and to
//! keep the readings that the language model likes best.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::codec::Table;
use crate::script::is_private_use;

/// One way of reading the bytes fed so far; copies for free.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// The first byte of a character whose second byte has not come yet.
    pub(super) lead: Option<Byte>,
    /// The last two bytes, whatever character they belong to.
    pub(super) tail: [u8; 2],
    /// The last character, which the model sees the next one behind.
    pub(super) previous: char,
    /// Cost so far: that of the characters and what the caller charged, in 1/256 bit.
    pub(super) cost: i32,
    /// A hash of the guessed characters, which keeps readings apart that differ in them.
    guesses: u32,
    /// The last item in the arena.
    item: u32,
}

impl Reading {
    /// What tells the reading from all others of its arena.
    pub(super) fn item(self) -> u32 {
        self.item
    }

    /// What the costs of all that comes rest on, as one number.
    fn state(&self) -> u64 {
        let lead = self.lead.map_or(0, |lead| lead.value);
        let bytes = u32::from_be_bytes([0, lead, self.tail[0], self.tail[1]]);
        u64::from(bytes) << u32::BITS | u64::from(u32::from(self.previous))
    }

    /// The reading with something that the model does not see charged to it.
    pub(super) fn charged(self, cost: i32) -> Reading {
        Reading { cost: self.cost + cost, ..self }
    }
}

/// A byte, and whether it was lost in the damage and is a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Byte {
    pub(super) value: u8,
    pub(super) guessed: bool,
}

impl Byte {
    /// A byte that is still there in the damaged text.
    pub(super) fn kept(value: u8) -> Byte {
        Byte { value, guessed: false }
    }

    /// A byte that is lost; every other value is a reading too.
    pub(super) fn guess(value: u8) -> Byte {
        Byte { value, guessed: true }
    }
}

/// A half-read character with a guess for its second byte, not fed yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) byte: Byte,
    pub(super) character: char,
    /// What the reading costs with it.
    pub(super) cost: i32,
}

/// What a reading is made of; `N` is what the caller remarks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<N> {
    /// A character of the true text.
    Char {
        /// The character.
        character: char,
        /// Its bytes; the first is zero where it is one byte.
        code: [u8; 2],
        /// Whether the model chose one of its bytes.
        guessed: bool,
    },
    /// A remark of the caller's.
    Note(N),
}

impl<N> Item<N> {
    /// The bytes of a character, the first zero where it is one byte; zeros for a remark.
    pub(super) fn code(&self) -> [u8; 2] {
        match *self {
            Item::Char { code, .. } => code,
            Item::Note(_) => [0; 2],
        }
    }
}

/// The readings of one span, in an arena so that they share their beginnings.
pub(super) struct Readings<'a, N> {
    table: &'static Table,
    /// What a character costs behind another, in 1/256 bit.
    cost: &'a dyn Fn(char, char) -> i32,
    items: Vec<(Item<N>, u32)>,
    /// For each item what the caller was at.
    places: Vec<usize>,
    place: usize,
}

/// The end of the chain of items.
const NONE: u32 = u32::MAX;

impl<'a, N: Copy> Readings<'a, N> {
    pub(super) fn new(
        table: &'static Table,
        cost: &'a dyn Fn(char, char) -> i32,
    ) -> Readings<'a, N> {
        Readings { table, cost, items: Vec::new(), places: Vec::new(), place: 0 }
    }

    /// Forgets all readings, to start with another span.
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.places.clear();
    }

    /// Says where in the damaged text what comes next is read.
    pub(super) fn read_at(&mut self, place: usize) {
        self.place = place;
    }

    /// The codec that the bytes are fed into.
    pub(super) fn table(&self) -> &'static Table {
        self.table
    }

    /// How many items there are, a measure of the work done.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// A reading that starts with a character that is not damaged, at no cost.
    pub(super) fn start(&mut self, character: char, code: [u8; 2]) -> Reading {
        let empty = Reading {
            lead: None,
            tail: [0; 2],
            previous: character,
            cost: 0,
            guesses: 0,
            item: NONE,
        };
        let start = self.push_char(empty, character, code, false);
        Reading { cost: 0, ..start }
    }

    /// The character of two bytes, and what a reading would cost with it; `None` where they are
    /// none.
    pub(super) fn price(&self, reading: Reading, pair: [u8; 2]) -> Option<(char, i32)> {
        let character = self.table.pair(pair[0], pair[1]).filter(|&c| !is_private_use(c))?;
        Some((character, reading.cost + (self.cost)(reading.previous, character)))
    }

    /// Feeds one byte; `None` where no character goes on like this.
    pub(super) fn push(&mut self, mut reading: Reading, byte: Byte) -> Option<Reading> {
        reading.tail = [reading.tail[1], byte.value];
        let (character, code, guessed) = match reading.lead.take() {
            Some(lead) => {
                let character = self.table.pair(lead.value, byte.value)?;
                (character, [lead.value, byte.value], lead.guessed || byte.guessed)
            }
            None => match self.table.single(byte.value) {
                Some(character) => (character, [0, byte.value], byte.guessed),
                None => {
                    // 80 and FF lead nothing
                    reading.lead = matches!(byte.value, 0x81..=0xFE).then_some(byte);
                    return reading.lead.map(|_| reading);
                }
            },
        };
        if is_private_use(character) {
            return None;
        }
        Some(self.push_char(reading, character, code, guessed))
    }

    /// Feeds a pair of bytes that are still there.
    pub(super) fn push_pair(&mut self, reading: Reading, pair: [u8; 2]) -> Option<Reading> {
        let reading = self.push(reading, Byte::kept(pair[0]))?;
        self.push(reading, Byte::kept(pair[1]))
    }

    /// The characters that a lead byte, fed as a guess for a lost one, may make of the half-read one
    /// of a reading.
    pub(super) fn ends(&self, reading: Reading, half: Byte) -> impl Iterator<Item = Ended> {
        (0x81..=0xFE).filter_map(move |end| {
            let (character, cost) = self.price(reading, [half.value, end])?;
            Some(Ended { byte: Byte::guess(end), character, cost })
        })
    }

    /// Feeds each lead byte as a guess for a lost one.
    pub(super) fn guess_lead(&mut self, reading: Reading) -> Vec<Reading> {
        (0x81..=0xFE).filter_map(|lead| self.push(reading, Byte::guess(lead))).collect()
    }

    /// Takes over a character without asking the codec.
    pub(super) fn push_char(
        &mut self,
        mut reading: Reading,
        character: char,
        code: [u8; 2],
        guessed: bool,
    ) -> Reading {
        reading.cost += (self.cost)(reading.previous, character);
        if guessed {
            reading.guesses = reading.guesses.wrapping_mul(31).wrapping_add(character.into());
        }
        reading.previous = character;
        reading.tail = if code[0] == 0 { [reading.tail[1], code[1]] } else { code };
        self.add(reading, Item::Char { character, code, guessed })
    }

    /// Leaves a remark.
    pub(super) fn note(&mut self, reading: Reading, note: N) -> Reading {
        self.add(reading, Item::Note(note))
    }

    fn add(&mut self, mut reading: Reading, item: Item<N>) -> Reading {
        self.items.push((item, reading.item));
        self.places.push(self.place);
        reading.item = (self.items.len() - 1) as u32;
        reading
    }

    /// The items of a reading in their order.
    pub(super) fn items(&self, reading: Reading) -> Vec<Item<N>> {
        self.collect(reading, |at| self.items[at].0)
    }

    /// Where each item of a reading was read.
    pub(super) fn places(&self, reading: Reading) -> Vec<usize> {
        self.collect(reading, |at| self.places[at])
    }

    fn collect<T>(&self, reading: Reading, of: impl Fn(usize) -> T) -> Vec<T> {
        let exists = |&item: &u32| item != NONE;
        let before = |&item: &u32| Some(self.items[item as usize].1).filter(exists);
        let chain = std::iter::successors(Some(reading.item).filter(exists), before);
        let mut collected: Vec<T> = chain.map(|item| of(item as usize)).collect();
        collected.reverse();
        collected
    }
}

/// Keeps the best reading of each state and each choice of guesses, the `width` best of them, and
/// none that is `margin` (1/256 bit) worse than the best or `behind` worse than another one in the
/// same state: whatever comes costs both the same, so that it stays behind. Sorted, the best first.
pub(super) fn prune(readings: &mut Vec<Reading>, width: usize, margin: i32, behind: i32) {
    let Some(best) = readings.iter().map(|reading| reading.cost).min() else { return };
    // first of all, because two readings in three go here and need not be sorted
    readings.retain(|reading| reading.cost - best <= margin);
    let by_guesses = |reading: &Reading| (reading.state(), reading.guesses);
    // stable: a lead byte may be kept in one reading and guessed in another that is the same else
    readings.sort_by(|one, other| {
        let cheaper = (one.cost, one.item).cmp(&(other.cost, other.item));
        cheaper.then_with(|| by_guesses(one).cmp(&by_guesses(other)))
    });
    let mut cheapest: FxHashMap<u64, i32> = FxHashMap::default();
    let mut kept = FxHashSet::default();
    readings.retain(|reading| {
        if kept.len() == width {
            return false;
        }
        let cheapest = *cheapest.entry(reading.state()).or_insert(reading.cost);
        reading.cost - cheapest <= behind && kept.insert(by_guesses(reading))
    });
}
