//! Conversion by character, four characters at a time.
//!
//! It goes along runs of characters of three bytes that become characters of three bytes,
//! which Chinese text mostly is, and marks the places where a phrase may begin.

use super::exact::Step;
use super::ids;
use super::normalize;
use super::table::{ConfigTable, Replacement};

/// Bytes of the characters that are converted here.
const CHAR_BYTES: usize = 3;
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
/// Bytes of text that are converted before phrases are looked for in them.
const CHUNK: usize = 512;
/// More blocks than a chunk has in which phrases may start.
const MAX_HITS: usize = CHUNK / CHAR_BYTES + 1;

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
/// The high bits of eight bytes, all zero in ASCII.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Pairs above which the flags of two neighbours would let too many pass.
const MANY_PAIRS: usize = 500;
/// Bits of a [`PairSet`], as a power of two: a hundredth of them are set in the largest, so
/// that one in a hundred other pairs passes, and all stay in the second-level cache.
const SET_BITS: u32 = 19;
/// Spreads keys over a table of a power of two: 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// What each character of three bytes becomes, and with what it may start a phrase.
pub struct Fast {
    entries: Box<[u32; 0x1_0000]>,
    /// The pairs that may start a phrase, where they are many; nothing where flags will do.
    pairs: Option<PairSet>,
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
        let mut entries = Box::new([0; 0x1_0000]);
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
        let many = table.pairs().count() > MANY_PAIRS;
        let ascii = AsciiStarts::new(table.ascii);
        Fast { entries, pairs: many.then(|| PairSet::new(table.pairs())), ascii }
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

    #[inline(always)]
    fn pass(
        &self,
        stops: u32,
        text: &[u8],
        hits: &mut Hits,
        out: &mut impl Out,
    ) -> (usize, bool) {
        let end = text.len();
        let limit = end.min(CHUNK - WINDOW + 1);
        let mut padded = [0; CHUNK];
        let text = text.first_chunk().unwrap_or_else(|| {
            padded[..text.len()].copy_from_slice(text);
            &padded
        });
        let (len, stopped) = match &self.pairs {
            Some(pairs) => {
                self.pass_over(stops, text, limit, hits, out, |points, _| pairs.hits(points))
            }
            None => {
                self.pass_over(stops, text, limit, hits, out, |_, entries| flag_hits(entries))
            }
        };
        (len.min(end), stopped)
    }

    /// Goes along to the first character that is not of three bytes, or has one of the flags
    /// in `stops`. Every block is given to `put`; `hit` marks starts of phrases in one.
    #[inline(always)]
    fn pass_over(
        &self,
        stops: u32,
        text: &[u8; CHUNK],
        limit: usize,
        hits: &mut Hits,
        out: &mut impl Out,
        hit: impl Fn(&[u16; LANES + 1], &[u32; LANES + 1]) -> u32,
    ) -> (usize, bool) {
        let mut at = 0;
        hits.len = 0;
        while at < limit {
            let (first, second) = (word(text, at), word(text, at + BLOCK / 2));
            let ([a, b], [c, d]) = (code_points(first), code_points(second));
            let [e, _] = code_points(word(text, at + BLOCK));
            let points = [a, b, c, d, e];
            let entries = points.map(|point| self.entries[usize::from(point)]);
            out.put(at, utf8(&entries));
            let starts = hit(&points, &entries);
            let [w, x, y, z, _] = entries;
            let is_stop = (w | x | y | z) & stops != 0;
            // known before the entries are, so that a wrong guess of the branch costs less
            let others = other_leads(first, second);
            if others == 0 && !is_stop {
                hits.add(at, starts);
                at += BLOCK;
                continue;
            }
            let chars = (others.trailing_zeros() >> 4) as usize;
            if is_stop {
                let good = unstopped(&entries, stops);
                if good < chars {
                    hits.add(at, starts & ((1 << good) - 1));
                    return (at + good * CHAR_BYTES, true);
                }
            }
            hits.add(at, starts & ((1 << chars) - 1));
            at += chars * CHAR_BYTES;
            if chars == LANES {
                continue;
            }
            let others = at;
            at = skip_short(text, at, limit, out);
            if at == others {
                return (at, true);
            }
            if self.ascii.has(text[at - 1..].first_chunk().expect("four bytes")) {
                hits.add(at - 1, 1);
            }
        }
        (at, false)
    }
}

trait Out {
    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]);
}
struct Nowhere;
impl Out for Nowhere {
    #[inline(always)]
    fn put<const N: usize>(&mut self, _: usize, _: [u8; N]) {}
}
impl Out for [u8; CHUNK] {
    #[inline(always)]
    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        self[at..at + N].copy_from_slice(&bytes);
    }
}

/// Marks the characters of a block that are not of three bytes: bits from 0, 24, 32 and 56 on.
#[inline(always)]
fn other_leads(first: u64, second: u64) -> u64 {
    let others = |word: u64| (word ^ LEADS) & LEAD_MASK;
    others(first) >> 4 | others(second) << 28
}

/// Characters at the start of a block that have none of the flags.
fn unstopped(entries: &[u32; LANES + 1], stops: u32) -> usize {
    (0..LANES).find(|lane| entries[*lane] & stops != 0).unwrap_or(LANES)
}

/// Copies ASCII and characters of two bytes from `at` on, and gives the place behind it.
#[inline(always)]
fn skip_short(text: &[u8; CHUNK], mut at: usize, limit: usize, out: &mut impl Out) -> usize {
    loop {
        let word = word(text, at);
        let len = short_len(word);
        out.put(at, word.to_le_bytes());
        at += len;
        if len < WORD || at >= limit {
            return at;
        }
    }
}

/// Bytes of ASCII at the start of `word`, or of one character of two bytes.
#[inline(always)]
fn short_len(word: u64) -> usize {
    let ascii = (word & HIGH_BITS).trailing_zeros() as usize / 8;
    // behind a lead of two bytes there is none
    ascii + 2 * usize::from(word & 0xE0 == 0xC0)
}

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

/// The UTF-8 of a block.
#[inline(always)]
fn utf8(&[a, b, c, d, _]: &[u32; LANES + 1]) -> [u8; BLOCK] {
    let [a, b, c, d] = [a, b, c, d].map(|entry| u64::from(entry & UTF8));
    let mut block = [0; BLOCK];
    block[..8].copy_from_slice(&(a | b << 24 | c << 48).to_le_bytes());
    block[8..].copy_from_slice(&((c >> 16 | d << 8) as u32).to_le_bytes());
    block
}

/// Marks the characters of a block that may start a phrase with the one behind.
#[inline(always)]
fn flag_hits(entries: &[u32; LANES + 1]) -> u32 {
    let hit = |lane: usize| entries[lane] & entries[lane + 1] << 1 & STARTS;
    let hits = hit(0) >> 3 | hit(1) >> 2 | hit(2) >> 1 | hit(3);
    hits >> (STARTS.trailing_zeros() - 3)
}

/// The code points of the two characters of three bytes at the start of `word`.
///
/// Both at once: the parts of the second lie 24 bits above those of the first.
#[inline(always)]
fn code_points(word: u64) -> [u16; 2] {
    let both =
        (word & 0x0F00_000F) << 12 | (word & 0x3F_0000_3F00) >> 2 | (word & 0x3F00_003F_0000) >> 16;
    [both as u16, (both >> 24) as u16]
}

/// A set of pairs of characters, which may seem to hold some that were never put in.
struct PairSet(Box<[u64; 1 << (SET_BITS - 6)]>);

impl PairSet {
    fn new(pairs: impl Iterator<Item = (u16, u16)>) -> PairSet {
        let mut words = Box::new([0; 1 << (SET_BITS - 6)]);
        for (first, second) in pairs {
            let (word, bit) = place(first, second);
            words[word] |= 1 << bit;
        }
        PairSet(words)
    }

    /// Marks the characters of a block that are in the set with the one behind.
    #[inline(always)]
    fn hits(&self, points: &[u16; LANES + 1]) -> u32 {
        let hit = |lane: usize| {
            let (word, bit) = place(points[lane], points[lane + 1]);
            (self.0[word] >> bit & 1) as u32
        };
        hit(0) | hit(1) << 1 | hit(2) << 2 | hit(3) << 3
    }
}

/// The word and the bit of a pair.
#[inline(always)]
fn place(first: u16, second: u16) -> (usize, u32) {
    let key = u64::from(first) << 16 | u64::from(second);
    let place = key.wrapping_mul(MULTIPLIER) >> (64 - SET_BITS);
    ((place >> 6) as usize, (place & 63) as u32)
}
