//! Conversion by character, four characters at a time.
//!
//! It goes along runs of characters of three bytes that become characters of three bytes,
//! which Chinese text mostly is, and the ASCII between them, and marks the places where a
//! phrase may begin. What it costs and saves is told in instructions for each character of
//! t2s on Traditional text, a third of which is ASCII: 22, and 28 for one character at a time.

use super::exact::Step;
use super::ids;
use super::normalize;
use super::table::{ConfigTable, Replacement};
use crate::scan::{CHAR_BYTES, POINTS, point};
use wide::u8x16;

/// Bytes whose leads are found together.
const BLOCK: usize = 64;
/// Bytes between blocks: those of a block behind them start no character that the block
/// converts, but one that a phrase may go on with.
const STRIDE: usize = BLOCK - CHAR_BYTES;
/// Blocks that are converted before phrases are looked for in them: few enough to be
/// converted again where a phrase changes their number.
const BLOCKS: usize = 16;
/// Bytes of text behind a block that may be read.
const BEHIND: usize = 16;
/// The text of a chunk and what is read behind it.
const CHUNK: usize = (BLOCKS - 1) * STRIDE + BLOCK + BEHIND;
/// A chunk ends with the first character from here on.
const LIMIT: usize = BLOCKS * STRIDE - 4;
/// Characters of a block that are looked at together.
const LANES: usize = 4;
const MAX_HITS: usize = CHUNK / 2 + 1;

/// An entry's flag: not a character of three bytes that becomes one of three bytes.
const READ: u32 = 1 << 31;
/// An entry's flag: the character becomes another.
const CHANGES: u32 = 1 << 30;
/// Not a flag: where the sum of [`pair`] carries to, of [`STARTS`] and [`FOLLOWS`].
const PAIR: u32 = 1 << 29;
/// An entry's flag: phrases may start with the character.
const STARTS: u32 = 1 << 28;
/// An entry's flag: phrases may start with ASCII before the character.
const AFTER_ASCII: u32 = 1 << 27;
/// An entry's flag: such a phrase may go on with the character.
const FOLLOWS: u32 = 1 << 25;
/// What an entry changes of a character's bytes.
const DELTA: u32 = 0xFF_FFFF;

/// Pairs above which the flags of two neighbours would let too many pass.
const MANY_PAIRS: usize = 500;
/// Bits of a [`PairSet`], as a power of two. In the largest one bit in 33 is set, so that as
/// many other pairs pass; 64 KB stay in the second-level cache.
const SET_BITS: u32 = 18;
/// Spreads keys over a table of a power of two: 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// What each character of three bytes becomes, and with what it may start a phrase.
pub struct Fast {
    /// By code point. What stands for other bytes than characters of three says nothing.
    entries: Box<[u32; POINTS]>,
    /// The pairs that may start a phrase.
    pairs: PairSet,
    /// Whether they are so many that the flags of two neighbours let too many pass.
    is_dense: bool,
    ascii: &'static [[u8; 4]],
    /// By the hash of six bytes, the low four bits of third bytes behind that go on.
    thirds: Box<[u16; 1 << 16]>,
}

/// The start of a text that was passed over.
pub struct Chunk {
    len: usize,
    /// Whether it ends at a character for which a table of characters is not enough.
    pub stopped: bool,
    hits: Hits,
}

impl Chunk {
    /// A chunk without text.
    pub fn new() -> Chunk {
        let hits = Hits { places: [0; MAX_HITS], len: 0 };
        Chunk { len: 0, stopped: false, hits }
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Where in the text a phrase may start that does not convert by character.
    pub fn hits(&self) -> impl Iterator<Item = usize> {
        let places = self.hits.places[..self.hits.len].iter().map(|place| usize::from(*place));
        places.take_while(|place| *place < self.len)
    }
}

/// Places in a chunk, in order.
struct Hits {
    places: [u16; MAX_HITS],
    len: usize,
}

impl Hits {
    /// Adds a place, if it is one.
    #[inline(always)]
    fn add(&mut self, place: usize, is_hit: bool) {
        // written in any case, which saves a branch that is hard to predict
        self.places[self.len] = place as u16;
        self.len += usize::from(is_hit);
    }
}

impl Fast {
    /// The table of a configuration of one or two steps.
    pub fn new(first: &Step, second: Option<&Step>, table: &ConfigTable) -> Fast {
        let mut entries = Box::new([0; POINTS]);
        for c in '\u{800}'..='\u{FFFF}' {
            entries[c as usize] = entry(c, c);
        }
        let changed =
            first.chars.plane0().chain(second.into_iter().flat_map(|step| step.chars.plane0()));
        for from in changed {
            let middle = first.chars.get(from);
            let last = match (middle, second) {
                (Replacement::One(c), Some(second)) => second.chars.get(c),
                _ => middle,
            };
            entries[from as usize] = match last {
                Replacement::One(to) => entry(from, to),
                Replacement::Two(_) => READ,
            };
        }
        for c in normalize::replaced() {
            entries[c as usize] = READ;
        }
        for (start, next) in table.pairs() {
            entries[usize::from(start)] |= STARTS;
            entries[usize::from(next)] |= FOLLOWS;
        }
        let is_dense = table.pairs().count() > MANY_PAIRS;
        for entry in &mut entries[0x80..=0xBF] {
            *entry |= READ;
        }
        for start in table.ascii {
            entries[point(start.last_chunk().expect("a character"))] |= AFTER_ASCII;
        }
        let ascii = table.ascii;
        let mut thirds = Box::new([0; 1 << 16]);
        for (head, bits) in table.settled.heads() {
            thirds[(head.wrapping_mul(MULTIPLIER) >> 48) as usize] |= bits;
        }
        Fast { thirds, entries, pairs: PairSet::new(table.pairs()), is_dense, ascii }
    }

    /// Bytes at the start of `text` that stay as they are; `chunk` tells of the hits there.
    pub fn unchanged(&self, text: &[u8], chunk: &mut Chunk) {
        self.pass(READ | CHANGES, padded(text, &mut None), text.len(), chunk, &mut Nowhere);
    }

    /// Appends to `out` what the start of `text` becomes, in as many bytes.
    pub fn convert(&self, text: &[u8], chunk: &mut Chunk, out: &mut Vec<u8>) {
        let start = out.len();
        let mut room = None;
        let padded = padded(text, &mut room);
        out.extend_from_slice(padded);
        let room: &mut [u8; CHUNK] = out[start..].first_chunk_mut().expect("as many bytes");
        self.pass(READ, padded, text.len(), chunk, room);
        out.truncate(start + chunk.len);
    }

    /// Goes along to the first character that has one of the flags in `stops` or is of four
    /// bytes, or to some place near the end of a chunk; gives the place, and whether it is the
    /// former.
    #[inline(always)]
    fn pass(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        end: usize,
        chunk: &mut Chunk,
        out: &mut impl Out,
    ) {
        let hits = &mut chunk.hits;
        let (len, stopped) = if self.is_dense {
            self.pass_over::<true>(stops, text, end, hits, out)
        } else {
            self.pass_over::<false>(stops, text, end, hits, out)
        };
        let mut kept = 0;
        for hit in 0..hits.len {
            let place = hits.places[hit];
            hits.places[kept] = place;
            kept += usize::from(self.may_stretch(text, usize::from(place)));
        }
        hits.len = kept;
        chunk.len = len.min(end);
        chunk.stopped = stopped && len < end;
    }

    #[inline(always)]
    fn pass_over<const DENSE: bool>(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        end: usize,
        hits: &mut Hits,
        out: &mut impl Out,
    ) -> (usize, bool) {
        hits.len = 0;
        let mut at = 0;
        while at < LIMIT.min(end) {
            if let Some(len) = self.pass_block::<DENSE>(stops, text, at, hits, out) {
                return (at + len, true);
            }
            at += STRIDE;
        }
        let behind = text[LIMIT..].iter().position(|byte| byte & 0xC0 != 0x80);
        (LIMIT + behind.unwrap_or(0), false)
    }

    #[inline(always)]
    fn pass_block<const DENSE: bool>(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        at: usize,
        hits: &mut Hits,
        out: &mut impl Out,
    ) -> Option<usize> {
        let block: &[u8; BLOCK + BEHIND] = text[at..].first_chunk().expect("a block");
        let mut leads = leads(block);
        let mut next = self.next_lead(block, &mut leads);
        while next.0 < STRIDE {
            let group = leads;
            let first = next;
            let lanes = [
                first,
                self.next_lead(block, &mut leads),
                self.next_lead(block, &mut leads),
                self.next_lead(block, &mut leads),
                self.next_lead(block, &mut leads),
            ];
            let [(_, _, a), (_, _, b), (_, _, c), (_, _, d), (_, _, e)] = lanes;
            for (lead, _, entry) in &lanes[..LANES] {
                out.put(block, at, *lead, *entry);
            }
            if (a | b | c | d) & (stops | AFTER_ASCII) != 0 {
                if let Some(stop) = self.flagged::<DENSE>(stops, text, at, first.0, group, hits) {
                    return Some(stop);
                }
            } else if DENSE {
                for lane in 0..LANES {
                    hits.add(at + lanes[lane].0, self.pairs.has(lanes[lane].1, lanes[lane + 1].1));
                }
            } else if (pair(a, b) | pair(b, c) | pair(c, d) | pair(d, e)) & PAIR != 0 {
                self.add_pairs(text, at, first.0, group, hits);
            }
            next = lanes[LANES];
        }
        while hits.len > 0 && usize::from(hits.places[hits.len - 1]) >= at + STRIDE {
            hits.len -= 1;
        }
        None
    }

    #[inline(always)]
    fn next_lead(&self, block: &[u8; BLOCK + BEHIND], leads: &mut u64) -> (usize, usize, u32) {
        let lead = leads.trailing_zeros() as usize;
        *leads &= leads.wrapping_sub(1);
        let point = point(block[lead..].first_chunk().expect("a character"));
        (lead, point, self.entries[point])
    }

    #[inline(always)]
    fn may_stretch(&self, text: &[u8; CHUNK], place: usize) -> bool {
        let place = place.min(CHUNK - 12);
        let word = u64::from_le_bytes(*text[place..].first_chunk().expect("a word"));
        let head = word & 0xFFFF_FFFF_FFFF;
        let third = text[place + 8] & 15;
        let thirds = self.thirds[(head.wrapping_mul(MULTIPLIER) >> 48) as usize];
        (thirds >> third & 1 == 1) | (word & 0x80 == 0)
    }

    #[cold]
    #[inline(never)]
    fn flagged<const DENSE: bool>(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        at: usize,
        first: usize,
        mut leads: u64,
        hits: &mut Hits,
    ) -> Option<usize> {
        let block = text[at..].first_chunk().expect("a block");
        let mut next = self.next_lead(block, &mut (1 << first));
        for _ in 0..LANES {
            let (lead, first, entry) = next;
            if lead >= STRIDE {
                return None;
            }
            let place = at + lead;
            if entry & AFTER_ASCII != 0 && place > 0 {
                let start = text[place - 1..].first_chunk().expect("four bytes");
                hits.add(place - 1, self.ascii.contains(start));
            }
            if entry & stops != 0 {
                return Some(lead);
            }
            next = self.next_lead(block, &mut leads);
            let is_hit =
                if DENSE { self.pairs.has(first, next.1) } else { pair(entry, next.2) & PAIR != 0 };
            hits.add(place, is_hit);
        }
        None
    }

    #[inline(never)]
    fn add_pairs(
        &self,
        text: &[u8; CHUNK],
        at: usize,
        first: usize,
        mut leads: u64,
        hits: &mut Hits,
    ) {
        let block = text[at..].first_chunk().expect("a block");
        let mut next = self.next_lead(block, &mut (1 << first));
        for _ in 0..LANES {
            let (lead, _, entry) = next;
            next = self.next_lead(block, &mut leads);
            hits.add(at + lead, pair(entry, next.2) & PAIR != 0);
        }
    }
}

/// Has [`PAIR`] where one character may start a phrase and the next go on with it, and perhaps
/// where not.
#[inline(always)]
fn pair(first: u32, second: u32) -> u32 {
    first.wrapping_add(second << 3)
}

/// The start of a text, and zeros behind its end.
#[inline(always)]
fn padded<'a>(text: &'a [u8], room: &'a mut Option<[u8; CHUNK]>) -> &'a [u8; CHUNK] {
    match text.first_chunk() {
        Some(chunk) => chunk,
        None => {
            let zeros = room.insert([0; CHUNK]);
            zeros[..text.len()].copy_from_slice(text);
            zeros
        }
    }
}

/// Where converted text goes.
trait Out {
    fn put(&mut self, block: &[u8; BLOCK + BEHIND], at: usize, place: usize, entry: u32);
}

/// For text in which nothing changes.
struct Nowhere;

impl Out for Nowhere {
    #[inline(always)]
    fn put(&mut self, _: &[u8; BLOCK + BEHIND], _: usize, _: usize, _: u32) {}
}

impl Out for [u8; CHUNK] {
    #[inline(always)]
    fn put(&mut self, block: &[u8; BLOCK + BEHIND], at: usize, place: usize, entry: u32) {
        let room: &mut [u8; BLOCK + BEHIND] = self[at..].first_chunk_mut().expect("room");
        let word = u32::from_le_bytes(*block[place..].first_chunk().expect("a character"));
        room[place..place + 4].copy_from_slice(&(word ^ entry & DELTA).to_le_bytes());
    }
}

/// A bit for each byte that starts a character of three or four bytes, or perhaps a dot.
#[inline(always)]
fn leads(block: &[u8; BLOCK + BEHIND]) -> u64 {
    let mut leads = 0;
    for at in 0..4 {
        let bytes = u8x16::new(*block[16 * at..].first_chunk().expect("16 bytes"));
        let wide = bytes.simd_ge(u8x16::splat(0xE0)) | bytes.simd_eq(u8x16::splat(0xC2));
        leads |= u64::from(wide.to_bitmask()) << (16 * at);
    }
    leads
}

/// The entry of a character that becomes another, or the same.
fn entry(from: char, to: char) -> u32 {
    let mut bytes = [0; 4];
    let len = to.encode_utf8(&mut bytes).len();
    if len != CHAR_BYTES || ids::is_operator(from) {
        return READ;
    }
    let changes = if from == to { 0 } else { CHANGES };
    let mut old = [0; 4];
    from.encode_utf8(&mut old);
    u32::from_le_bytes(bytes) ^ u32::from_le_bytes(old) | changes
}

/// A set of pairs of characters, which may seem to hold some that were never put in.
struct PairSet(Box<[u64; 1 << (SET_BITS - 6)]>);

impl PairSet {
    fn new(pairs: impl Iterator<Item = (u16, u16)>) -> PairSet {
        let mut words = Box::new([0; 1 << (SET_BITS - 6)]);
        for (first, second) in pairs {
            let (word, bit) = place(usize::from(first), usize::from(second));
            words[word] |= 1 << bit;
        }
        PairSet(words)
    }

    /// Whether it may have a pair.
    #[inline(always)]
    fn has(&self, first: usize, second: usize) -> bool {
        let (word, bit) = place(first, second);
        self.0[word] >> bit & 1 == 1
    }
}

/// The word and the bit of a pair.
#[inline(always)]
fn place(first: usize, second: usize) -> (usize, u32) {
    let key = (first << 16 | second) as u64;
    let place = key.wrapping_mul(MULTIPLIER) >> (64 - SET_BITS);
    ((place >> 6) as usize, (place & 63) as u32)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn fast(config: Config) -> Fast {
        let table = ConfigTable::of(config);
        let second = (!table.second.chars.is_empty()).then(|| Step::new(table.second, &[]));
        Fast::new(&Step::new(table.first, &[]), second.as_ref(), &table)
    }

    fn convert(config: Config, text: &str) -> (String, Vec<usize>, bool) {
        let mut chunk = Chunk::new();
        let mut converted = Vec::new();
        fast(config).convert(text.as_bytes(), &mut chunk, &mut converted);
        let converted = String::from_utf8(converted).unwrap();
        (converted, chunk.hits().collect(), chunk.stopped)
    }

    #[test]
    fn runs_of_any_length_with_ascii_between() {
        for chars in 0..10 {
            for ascii in 0..40 {
                let text = "門".repeat(chars) + &"x".repeat(ascii) + "é門，x";
                let expected = "门".repeat(chars) + &"x".repeat(ascii) + "é门，x";
                assert_eq!(convert(Config::T2s, &text), (expected, vec![], false));
            }
        }
    }

    #[test]
    fn a_chunk_ends_between_characters() {
        for before in 0..4 {
            let text = "x".repeat(before) + &"門".repeat(CHUNK);
            let (converted, _, stopped) = convert(Config::T2s, &text);
            assert_eq!((converted.len() % CHAR_BYTES, stopped), (before % CHAR_BYTES, false));
            assert!(converted.len() >= LIMIT && converted.ends_with('门'));
        }
    }

    #[test]
    fn it_stops_where_a_table_of_characters_is_not_enough() {
        for stop in ["😀", "⿰", "\u{F901}"] {
            for chars in 0..6 {
                let text = "門".repeat(chars) + stop + "門";
                assert_eq!(convert(Config::T2s, &text), ("门".repeat(chars), vec![], true));
            }
        }
        assert_eq!(convert(Config::Tw2sp, "埠").0, "");
    }

    #[test]
    fn starts_of_phrases_are_hits() {
        assert_eq!(convert(Config::T2s, "好好好乾隆").1, [9]);
        assert_eq!(convert(Config::S2t, "，，，干燥").1, [9]);
        assert_eq!(convert(Config::S2twp, "aU盘").1, [1]);
    }

    #[test]
    fn a_chunk_has_room_for_all_hits() {
        // what most often has two: one for the ASCII and one for the pair behind
        let text = "L注L注入".repeat(CHUNK);
        let (converted, hits, _) = convert(Config::S2twp, &text);
        assert!(hits.len() > LIMIT / 8 && converted.len() >= LIMIT);
    }
}
