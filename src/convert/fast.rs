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
use crate::three_byte;

/// Bytes of the characters that are converted here.
const CHAR_BYTES: usize = three_byte::LEN;
/// Characters that are looked at together, with one branch for all.
const LANES: usize = 4;
/// A bit for each of them.
const ALL_LANES: u32 = (1 << LANES) - 1;
/// Bytes of those characters.
const BLOCK: usize = LANES * CHAR_BYTES;
/// Bytes of a word.
const WORD: usize = 8;
/// Bytes of a block, and a word with the character behind it.
const WINDOW: usize = BLOCK + WORD;
/// Bytes of text that are converted before phrases are looked for in them: few enough to be
/// converted again where a phrase changes their number.
const CHUNK: usize = 512;
/// The first place in a chunk from which on no block is looked at: one may end there, and
/// four words of ASCII follow.
const LIMIT: usize = CHUNK - WINDOW - 4 * WORD;
/// More than are added for a chunk: one for a block, which is at least a character, and one
/// for ASCII before a character.
const MAX_HITS: usize = CHUNK / 2 + 1;

/// The UTF-8 of what a character becomes.
const UTF8: u32 = 0xFF_FFFF;
/// An entry's flag: not a character of three bytes that becomes one of three bytes.
const READ: u32 = 1 << 31;
/// An entry's flag: phrases may start with the character.
const STARTS: u32 = 1 << 30;
/// An entry's flag: such a phrase may go on with the character.
const FOLLOWS: u32 = 1 << 29;
/// An entry's flag: the character becomes another.
const CHANGES: u32 = 1 << 28;
/// The bits of two leads, three bytes apart, that tell characters of three bytes from others.
const LEAD_MASK: u64 = 0xF000_00F0;
/// What these bits are in characters of three bytes, E0 to EF.
const LEADS: u64 = 0xE000_00E0;
/// The high bits of sixteen bytes, all zero in ASCII.
const HIGH_BITS: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;

/// Pairs above which the flags of two neighbours would let too many pass.
const MANY_PAIRS: usize = 500;
/// Bits of a [`PairSet`], as a power of two. In the largest one bit in 33 is set, so that as
/// many other pairs pass; 64 KB stay in the second-level cache.
const SET_BITS: u32 = 19;
/// Spreads keys over a table of a power of two: 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// What each character of three bytes becomes, and with what it may start a phrase.
pub struct Fast {
    /// By code point. What stands for other bytes than characters of three says nothing.
    entries: Box<[u32; three_byte::POINTS]>,
    /// The pairs that may start a phrase.
    pairs: PairSet,
    /// Whether they are so many that the flags of two neighbours let too many pass.
    is_dense: bool,
    ascii: AsciiStarts,
}

/// The start of a text, and what it becomes by character, in as many bytes.
pub struct Chunk {
    out: [u8; CHUNK],
    len: usize,
    /// Whether it ends at a character for which a table of characters is not enough.
    pub stopped: bool,
    hits: Hits,
}

impl Chunk {
    /// A chunk without text.
    pub fn new() -> Chunk {
        let hits = Hits { blocks: [0; MAX_HITS], len: 0 };
        Chunk { out: [0; CHUNK], len: 0, stopped: false, hits }
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.len
    }

    /// What it becomes, UTF-8.
    pub fn converted(&self) -> &[u8] {
        &self.out[..self.len]
    }

    /// Where in the text a phrase may start that does not convert by character.
    pub fn hits(&self) -> impl Iterator<Item = usize> {
        self.hits.iter()
    }
}

/// Places in a chunk, in order.
struct Hits {
    /// The place of a block and, in the lowest bits, which of its characters.
    blocks: [u32; MAX_HITS],
    len: usize,
}

impl Hits {
    /// Adds the characters of the block `at` that have a bit in `lanes`.
    #[inline(always)]
    fn add(&mut self, at: usize, lanes: u32) {
        // written in any case, which saves a branch that is hard to predict
        self.blocks[self.len] = (at as u32) << LANES | lanes;
        self.len += usize::from(lanes != 0);
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let mut blocks = self.blocks[..self.len].iter();
        let (mut at, mut lanes) = (0, 0);
        std::iter::from_fn(move || {
            if lanes == 0 {
                let block = *blocks.next()?;
                (at, lanes) = ((block >> LANES) as usize, block & ALL_LANES);
            }
            let lane = lanes.trailing_zeros() as usize;
            lanes &= lanes - 1;
            Some(at + lane * CHAR_BYTES)
        })
    }
}

/// ASCII characters before characters of three bytes that end the start of a phrase (SQL注入).
struct AsciiStarts {
    all: &'static [[u8; 4]],
    /// A bit for each last byte, which saves the search for nearly all others.
    last_bytes: u64,
}

impl AsciiStarts {
    fn new(all: &'static [[u8; 4]]) -> AsciiStarts {
        let last_bytes = all.iter().fold(0, |bits, start| bits | 1 << (start[3] & 63));
        AsciiStarts { all, last_bytes }
    }

    #[inline(always)]
    fn has(&self, start: &[u8; 4]) -> bool {
        self.last_bytes >> (start[3] & 63) & 1 == 1 && self.all.contains(start)
    }
}

impl Fast {
    /// The table of a configuration of one or two steps.
    pub fn new(first: &Step, second: Option<&Step>, table: &ConfigTable) -> Fast {
        let mut entries = Box::new([0; three_byte::POINTS]);
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
        for (start, next) in table.pairs() {
            entries[usize::from(start)] |= STARTS;
            entries[usize::from(next)] |= FOLLOWS;
        }
        let is_dense = table.pairs().count() > MANY_PAIRS;
        let ascii = AsciiStarts::new(table.ascii);
        Fast { entries, pairs: PairSet::new(table.pairs()), is_dense, ascii }
    }

    /// Bytes at the start of `text` that stay as they are; `chunk` tells of the hits there.
    pub fn unchanged(&self, text: &[u8], chunk: &mut Chunk) {
        let Chunk { hits, .. } = chunk;
        (chunk.len, chunk.stopped) = self.pass(READ | CHANGES, text, hits, &mut Nowhere);
    }

    /// Converts the start of `text` into a chunk.
    pub fn convert(&self, text: &[u8], chunk: &mut Chunk) {
        let Chunk { hits, out, .. } = chunk;
        (chunk.len, chunk.stopped) = self.pass(READ, text, hits, out);
    }

    /// Goes along to the first character that has one of the flags in `stops` or is of four
    /// bytes, or to some place near the end of a chunk; gives the place, and whether it is the
    /// former.
    #[inline(always)]
    fn pass(&self, stops: u32, text: &[u8], hits: &mut Hits, out: &mut impl Out) -> (usize, bool) {
        let end = text.len();
        let limit = end.min(LIMIT);
        let mut padded;
        let text = match text.first_chunk() {
            Some(chunk) => chunk,
            None => {
                padded = [0; CHUNK];
                padded[..end].copy_from_slice(text);
                &padded
            }
        };
        let (len, stopped) = if self.is_dense {
            self.pass_over::<true>(stops, text, limit, hits, out)
        } else {
            self.pass_over::<false>(stops, text, limit, hits, out)
        };
        (len.min(end), stopped)
    }

    /// The same in text that goes on behind `limit`.
    #[inline(always)]
    fn pass_over<const DENSE: bool>(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        limit: usize,
        hits: &mut Hits,
        out: &mut impl Out,
    ) -> (usize, bool) {
        let mut at = 0;
        hits.len = 0;
        while at < limit {
            let start = at;
            if word(text, at) & 0xF0 == 0xE0 {
                let stopped;
                (at, stopped) = self.pass_run::<DENSE>(stops, text, at, limit, hits, out);
                if stopped {
                    return (at, true);
                }
                if at >= limit {
                    break;
                }
            }
            at = skip_short(text, at, limit, out);
            if at == start {
                return (at, true);
            }
            if self.ascii.has(text[at - 1..].first_chunk().expect("four bytes")) {
                hits.add(at - 1, 1);
            }
        }
        (at, false)
    }

    /// The same for characters of three bytes, of which there is one at `at`.
    #[inline(always)]
    fn pass_run<const DENSE: bool>(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        mut at: usize,
        limit: usize,
        hits: &mut Hits,
        out: &mut impl Out,
    ) -> (usize, bool) {
        let mut point = three_byte::point(text[at..].first_chunk().expect("a character"));
        let mut entry = self.entries[point];
        loop {
            let window: &[u8; WINDOW] = text[at..].first_chunk().expect("a window");
            let next = |lane: usize| {
                three_byte::point(window[lane * CHAR_BYTES..].first_chunk().expect("a character"))
            };
            let points = [point, next(1), next(2), next(3), next(4)];
            let of = |lane: usize| self.entries[points[lane]];
            let entries = [entry, of(1), of(2), of(3), of(4)];
            out.put_block(at, &entries);
            let others = other_leads(window);
            if has_any(&entries, stops) {
                let chars = unstopped(&entries, stops);
                if chars < leading_chars(others) {
                    self.add_starts::<DENSE>(at, chars, &points, &entries, hits);
                    return (at + chars * CHAR_BYTES, true);
                }
            }
            // `at` must not depend on the entries, which take long to load (4 % of the time)
            if others != [0, 0] {
                let chars = leading_chars(others);
                self.add_starts::<DENSE>(at, chars, &points, &entries, hits);
                return (at + chars * CHAR_BYTES, false);
            }
            self.add_starts::<DENSE>(at, LANES, &points, &entries, hits);
            at += BLOCK;
            if at >= limit {
                return (at, false);
            }
            (point, entry) = (points[LANES], entries[LANES]);
        }
    }

    /// Adds those of the first characters of a block that may start a phrase with the one
    /// behind.
    #[inline(always)]
    fn add_starts<const DENSE: bool>(
        &self,
        at: usize,
        chars: usize,
        points: &[usize; LANES + 1],
        entries: &[u32; LANES + 1],
        hits: &mut Hits,
    ) {
        let first = (1 << chars) - 1;
        if DENSE {
            hits.add(at, self.pairs.starts(points) & first);
        } else if may_start(entries) {
            hits.add(at, starts(entries) & first);
        }
    }
}

/// Where converted text goes.
trait Out {
    /// Writes what a block at `at` becomes, and perhaps a byte behind.
    fn put_block(&mut self, at: usize, entries: &[u32; LANES + 1]);
    /// Writes a word of which the start stays as it is.
    fn put_word(&mut self, at: usize, word: u64);
}

/// For text in which nothing changes.
struct Nowhere;

impl Out for Nowhere {
    #[inline(always)]
    fn put_block(&mut self, _: usize, _: &[u32; LANES + 1]) {}
    #[inline(always)]
    fn put_word(&mut self, _: usize, _: u64) {}
}

impl Out for [u8; CHUNK] {
    #[inline(always)]
    fn put_block(&mut self, at: usize, &[a, b, c, d, _]: &[u32; LANES + 1]) {
        let room: &mut [u8; BLOCK + 1] = self[at..].first_chunk_mut().expect("room for a block");
        // each goes over the flags of the one before, which saves 3 instructions in 24 over
        // putting the characters together
        room[..4].copy_from_slice(&a.to_le_bytes());
        room[3..7].copy_from_slice(&b.to_le_bytes());
        room[6..10].copy_from_slice(&c.to_le_bytes());
        room[9..].copy_from_slice(&d.to_le_bytes());
    }

    #[inline(always)]
    fn put_word(&mut self, at: usize, word: u64) {
        self[at..at + WORD].copy_from_slice(&word.to_le_bytes());
    }
}

/// The leads of the last three characters of a block, and of the one behind: not zero where
/// they are others than those of three bytes.
#[inline(always)]
fn other_leads(window: &[u8; WINDOW]) -> [u64; 2] {
    [CHAR_BYTES, 3 * CHAR_BYTES].map(|at| {
        let word = u64::from_le_bytes(*window[at..].first_chunk().expect("a word"));
        (word ^ LEADS) & LEAD_MASK
    })
}

/// Characters of three bytes at the start of a block, of which the first is one.
#[inline(always)]
fn leading_chars([low, high]: [u64; 2]) -> usize {
    // bits from 0, 24, 32 and 56 on; the highest, which is of the character behind the block,
    // is set in any case
    let others = low >> 4 | high << 28 | 1 << 63;
    others.trailing_zeros() as usize / 16 + 1
}

/// Whether a character of a block has one of the flags.
#[inline(always)]
fn has_any(&[a, b, c, d, _]: &[u32; LANES + 1], flags: u32) -> bool {
    (a | b | c | d) & flags != 0
}

/// Characters at the start of a block that have none of the flags.
fn unstopped(entries: &[u32; LANES + 1], stops: u32) -> usize {
    (0..LANES).find(|lane| entries[*lane] & stops != 0).unwrap_or(LANES)
}

/// Copies ASCII, or a character of two bytes, from `at` on, and gives the place behind it.
///
/// Sixteen bytes at a time, because with eight the loop ends as expected only half as often
/// (2 % of the time).
#[inline(always)]
fn skip_short(text: &[u8; CHUNK], mut at: usize, limit: usize, out: &mut impl Out) -> usize {
    loop {
        let (first, second) = (word(text, at), word(text, at + WORD));
        out.put_word(at, first);
        out.put_word(at + WORD, second);
        let word = u128::from(first) | u128::from(second) << 64;
        if word & HIGH_BITS != 0 || at >= limit {
            return at + short_len(word);
        }
        at += 2 * WORD;
    }
}

/// Bytes of ASCII at the start of `word`, or of one character of two bytes.
#[inline(always)]
fn short_len(word: u128) -> usize {
    let ascii = (word & HIGH_BITS).trailing_zeros() as usize / 8;
    // behind a lead of two bytes there is none
    ascii + 2 * usize::from(word as u64 & 0xE0 == 0xC0)
}

/// Eight bytes from `at` on.
#[inline(always)]
fn word(text: &[u8; CHUNK], at: usize) -> u64 {
    u64::from_le_bytes(*text[at..].first_chunk().expect("a word"))
}

/// The entry of a character that becomes another, or the same.
fn entry(from: char, to: char) -> u32 {
    let mut bytes = [0; 4];
    let is_normal = !normalize::replaces_first(from.encode_utf8(&mut bytes));
    let len = to.encode_utf8(&mut bytes).len();
    if len != CHAR_BYTES || ids::is_operator(from) || !is_normal {
        return READ;
    }
    let changes = if from == to { 0 } else { CHANGES };
    u32::from_le_bytes(bytes) & UTF8 | changes
}

/// Whether any character of a block may start a phrase with the one behind.
#[inline(always)]
fn may_start(&[a, b, c, d, e]: &[u32; LANES + 1]) -> bool {
    (a & b << 1 | b & c << 1 | c & d << 1 | d & e << 1) & STARTS != 0
}

/// Marks the characters of a block that may start a phrase with the one behind.
#[inline(always)]
fn starts(entries: &[u32; LANES + 1]) -> u32 {
    let start = |lane: usize| entries[lane] & entries[lane + 1] << 1 & STARTS;
    let starts = start(0) >> 3 | start(1) >> 2 | start(2) >> 1 | start(3);
    starts >> (STARTS.trailing_zeros() - 3)
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

    /// Marks the characters of a block that are in the set with the one behind.
    #[inline(always)]
    fn starts(&self, points: &[usize; LANES + 1]) -> u32 {
        let start = |lane: usize| {
            let (word, bit) = place(points[lane], points[lane + 1]);
            (self.0[word] >> bit & 1) as u32
        };
        start(0) | start(1) << 1 | start(2) << 2 | start(3) << 3
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
        fast(config).convert(text.as_bytes(), &mut chunk);
        let converted = String::from_utf8(chunk.converted().to_vec()).unwrap();
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
