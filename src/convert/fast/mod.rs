//! Conversion by character, block by block.
//!
//! Most of Chinese text is characters of three bytes that become characters of three bytes, and
//! ASCII between them that stays. So the text is copied first, and then the bytes of those
//! characters are written over in place; [`leads`] tells where they are, sixteen bytes at a time.
//! Nothing depends on where runs of ASCII begin and end, which is hard to predict. To go along
//! runs instead takes t2s 1.3 times as long in manuals, a third of which is ASCII (1.8 times
//! where nothing changes), and as long in prose.
//!
//! On the way it marks the places where a phrase may begin.

mod blocks;
mod filters;

pub use self::blocks::ROOM;
use self::blocks::{
    BLOCKS, Block, END, STRIDE, WINDOW, chunk_limit, count_blocks, leads, start_of_char,
    whole_blocks,
};
use self::filters::{PairSet, Thirds};
use super::exact::ChainStep;
use super::ids;
use super::normalize;
use super::output::Output;
use super::table::{ConfigTable, Replacement};
use crate::scan::{CHAR_BYTES, POINTS, point};

/// Characters that are looked at together, with one branch for all.
const LANES: usize = 4;
/// More than are added for a chunk: one for two bytes of all blocks, and those of a group of lanes
/// that starts in it.
const MAX_HITS: usize = BLOCKS * STRIDE.div_ceil(2) + LANES + 1;

/// An entry's flag: not a character of three bytes that becomes one of three bytes.
const READ: u32 = 1 << 31;
/// An entry's flag: the character becomes another.
const CHANGES: u32 = 1 << 30;
/// Not a flag of entries, but of the [`sum`] of two.
const BOTH: u32 = 1 << 29;
/// An entry's flag: phrases may start with the character.
const STARTS: u32 = 1 << 28;
/// An entry's flag: phrases may start with ASCII before the character (SQL注入).
const AFTER_ASCII: u32 = 1 << 27;
/// An entry's flag: a phrase may go on with the character as the second.
const FOLLOWS: u32 = 1 << 25;
/// Bits from [`FOLLOWS`] to [`STARTS`].
const FOLLOWS_TO_STARTS: u32 = 3;
/// What an entry changes of a character's bytes.
const DELTA: u32 = 0xFF_FFFF;

/// Pairs above which the flags of two neighbours would let too many pass.
const MANY_PAIRS: usize = 500;

/// What each character of three bytes becomes, and with what it may start a phrase.
pub struct Fast {
    /// By [`point`]: flags, and the bits of the three bytes that change.
    entries: Box<[u32; POINTS]>,
    /// The pairs that may start a phrase.
    pairs: PairSet,
    /// Whether they are so many that the flags of two neighbours let too many pass.
    is_dense: bool,
    thirds: Thirds,
    /// An ASCII character and one of three bytes with which phrases start that start with ASCII.
    ascii: &'static [[u8; 4]],
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

    /// Where in the text a phrase may start that does not convert by character, in order.
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
    /// Adds a place if it is a hit.
    #[inline(always)]
    fn add(&mut self, place: usize, is_hit: bool) {
        // written in any case, which saves a branch that is hard to predict
        self.places[self.len] = place as u16;
        self.len += usize::from(is_hit);
    }

    /// Drops the last places, from `end` on.
    #[inline(always)]
    fn drop_from(&mut self, end: usize) {
        while self.len > 0 && usize::from(self.places[self.len - 1]) >= end {
            self.len -= 1;
        }
    }

    /// Keeps those that `is_hit` says are hits.
    fn retain(&mut self, is_hit: impl Fn(usize) -> bool) {
        let all = std::mem::take(&mut self.len);
        for hit in 0..all {
            let place = usize::from(self.places[hit]);
            self.add(place, is_hit(place));
        }
    }
}

/// A character that is looked at beside others.
#[derive(Clone, Copy)]
struct Lane {
    /// Where in the block it starts; where there is none left, behind the block.
    lead: usize,
    point: usize,
    entry: u32,
}

impl Fast {
    /// The table of a configuration of one or two steps.
    pub fn new(first: &ChainStep, second: Option<&ChainStep>, table: &ConfigTable) -> Fast {
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
        // the point of a character of four bytes is its third byte
        entries[0x80..0xC0].fill(READ);
        for (start, next) in table.pairs() {
            entries[usize::from(start)] |= STARTS;
            entries[usize::from(next)] |= FOLLOWS;
        }
        for start in table.ascii {
            entries[point(start.last_chunk().expect("a character"))] |= AFTER_ASCII;
        }
        Fast {
            entries,
            pairs: PairSet::new(table.pairs()),
            is_dense: table.pairs().count() > MANY_PAIRS,
            thirds: Thirds::new(&table.precomputed),
            ascii: table.ascii,
        }
    }

    /// Passes over what stays as it is at the start of `text`.
    pub fn unchanged(&self, text: &[u8], chunk: &mut Chunk) {
        let mut room = END;
        self.pass(READ | CHANGES, whole_blocks(text, &mut room), text.len(), chunk, &mut Nowhere);
    }

    /// Appends to `out` what the start of `text` becomes, in as many bytes.
    pub fn convert(&self, text: &[u8], chunk: &mut Chunk, out: &mut Output<'_>) {
        let mut room = END;
        let blocks = whole_blocks(text, &mut room);
        self.pass(READ, blocks, text.len(), chunk, out.append(blocks));
        out.drop_last(blocks.len() - chunk.len);
    }

    /// Goes along to the first character that has one of the flags in `stops` or is of four
    /// bytes, or to `end`, or to some place near the end of the blocks.
    #[inline(always)]
    fn pass<O: Out + ?Sized>(
        &self,
        stops: u32,
        blocks: &[u8],
        end: usize,
        chunk: &mut Chunk,
        out: &mut O,
    ) {
        let hits = &mut chunk.hits;
        hits.len = 0;
        let chunk_limit = chunk_limit(count_blocks(blocks));
        let limit = end.min(chunk_limit);
        let stop = if self.is_dense {
            self.pass_blocks::<true, O>(stops, blocks, limit, hits, out)
        } else {
            self.pass_blocks::<false, O>(stops, blocks, limit, hits, out)
        };
        hits.retain(|place| self.thirds.may_go_on(blocks, place));
        let len = stop.unwrap_or_else(|| start_of_char(blocks, chunk_limit));
        chunk.stopped = len < end && stop.is_some();
        chunk.len = len.min(end);
    }

    /// Goes along to `limit`; gives a place before it that stops it.
    #[inline(always)]
    fn pass_blocks<const DENSE: bool, O: Out + ?Sized>(
        &self,
        stops: u32,
        text: &[u8],
        limit: usize,
        hits: &mut Hits,
        out: &mut O,
    ) -> Option<usize> {
        (0..limit)
            .step_by(STRIDE)
            .find_map(|at| self.pass_block::<DENSE, O>(stops, Block { text, at }, hits, out))
    }

    /// Passes over one block.
    #[inline(always)]
    fn pass_block<const DENSE: bool, O: Out + ?Sized>(
        &self,
        stops: u32,
        block: Block<'_>,
        hits: &mut Hits,
        out: &mut O,
    ) -> Option<usize> {
        let at = block.at;
        let mut leads = leads(block.window());
        let mut next = self.take(block, &mut leads);
        while next.lead < STRIDE {
            let behind = leads;
            let mut take = || self.take(block, &mut leads);
            let lanes = [next, take(), take(), take(), take()];
            for lane in &lanes[..LANES] {
                out.put(block, lane);
            }
            let [a, b, c, d, e] = lanes.map(|lane| lane.entry);
            let has_flag = (a | b | c | d) & (stops | AFTER_ASCII) != 0;
            let starts = || (sum(a, b) | sum(b, c) | sum(c, d) | sum(d, e)) & BOTH != 0;
            if has_flag || !DENSE && starts() {
                if let Some(stop) =
                    self.look_again::<DENSE>(stops, block, behind | 1 << next.lead, hits)
                {
                    return Some(stop);
                }
            } else if DENSE {
                for (lane, behind) in lanes.iter().zip(&lanes[1..]) {
                    hits.add(at + lane.lead, self.pairs.may_hold(lane.point, behind.point));
                }
            }
            next = lanes[LANES];
        }
        hits.drop_from(at + STRIDE);
        None
    }

    /// Takes the first of the leads.
    #[inline(always)]
    fn take(&self, block: Block<'_>, leads: &mut u64) -> Lane {
        let lead = leads.trailing_zeros() as usize;
        *leads &= leads.wrapping_sub(1);
        let point = point(block.window()[lead..].first_chunk().expect("a character"));
        Lane { lead, point, entry: self.entries[point] }
    }

    /// Looks again at a group of lanes, the first of `leads`, that has a flag or the start of a
    /// phrase: adds the hits there, and gives the first place that has one of the flags in
    /// `stops`.
    ///
    /// As a function apart, which takes the lanes again, it leaves the loop all registers: 3 %
    /// fewer instructions.
    #[cold]
    #[inline(never)]
    fn look_again<const DENSE: bool>(
        &self,
        stops: u32,
        block: Block<'_>,
        mut leads: u64,
        hits: &mut Hits,
    ) -> Option<usize> {
        let mut next = self.take(block, &mut leads);
        for _ in 0..LANES {
            let lane = next;
            if lane.lead >= STRIDE {
                break;
            }
            let place = block.at + lane.lead;
            if lane.entry & AFTER_ASCII != 0 && place > 0 {
                let start = block.text[place - 1..].first_chunk().expect("four bytes");
                hits.add(place - 1, self.ascii.contains(start));
            }
            if lane.entry & stops != 0 {
                return Some(place);
            }
            next = self.take(block, &mut leads);
            let is_hit = if DENSE {
                self.pairs.may_hold(lane.point, next.point)
            } else {
                sum(lane.entry, next.entry) & BOTH != 0
            };
            hits.add(place, is_hit);
        }
        None
    }
}

/// Where converted text goes, which holds the text as it was.
trait Out {
    /// Writes what a character becomes.
    fn put(&mut self, block: Block<'_>, lane: &Lane);
}

/// For text in which nothing changes.
struct Nowhere;

impl Out for Nowhere {
    #[inline(always)]
    fn put(&mut self, _: Block<'_>, _: &Lane) {}
}

impl Out for [u8] {
    #[inline(always)]
    fn put(&mut self, block: Block<'_>, lane: &Lane) {
        let room: &mut [u8; WINDOW] = self[block.at..].first_chunk_mut().expect("as many bytes");
        // read from the text, not from here, where the last character was just written, and
        // perhaps this one's first byte with it: it would wait for that
        let bytes = block.window()[lane.lead..].first_chunk().expect("a character");
        let converted = u32::from_le_bytes(*bytes) ^ lane.entry & DELTA;
        // the byte behind stays as it was in the text; if it belongs to a character, that is
        // written after this one
        room[lane.lead..lane.lead + 4].copy_from_slice(&converted.to_le_bytes());
    }
}

/// Has [`BOTH`] where the first entry has [`STARTS`] and the second has [`FOLLOWS`], whose sum
/// carries into it; other bits may carry so far, too, which makes a hit more.
///
/// One instruction: masking both flags takes t2s a tenth more instructions, 6 % of the time.
#[inline(always)]
fn sum(first: u32, second: u32) -> u32 {
    first.wrapping_add(second << FOLLOWS_TO_STARTS)
}

/// The entry of a character that becomes another, or the same.
fn entry(from: char, to: char) -> u32 {
    if to.len_utf8() != CHAR_BYTES || ids::is_operator(from) {
        return READ;
    }
    let bytes = |c: char| {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes);
        u32::from_le_bytes(bytes)
    };
    let changes = if from == to { 0 } else { CHANGES };
    bytes(from) ^ bytes(to) | changes
}

#[cfg(test)]
mod tests {
    use super::blocks::BLOCK;
    use super::*;
    use crate::convert::Config;

    fn fast(config: Config) -> Fast {
        let table = ConfigTable::of(config);
        let second = (!table.second.chars.is_empty()).then(|| ChainStep::new(table.second, &[]));
        Fast::new(&ChainStep::new(table.first, &[]), second.as_ref(), &table)
    }

    fn convert(config: Config, text: &str) -> (String, Vec<usize>, bool) {
        convert_with(&fast(config), text)
    }

    fn convert_with(fast: &Fast, text: &str) -> (String, Vec<usize>, bool) {
        let mut chunk = Chunk::new();
        let mut converted = String::new();
        let mut out = Output::new(&mut converted, 0);
        fast.convert(text.as_bytes(), &mut chunk, &mut out);
        out.finish();
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
            let text = "x".repeat(before) + &"門".repeat(BLOCKS * BLOCK);
            let (converted, _, stopped) = convert(Config::T2s, &text);
            assert_eq!((converted.len() % CHAR_BYTES, stopped), (before % CHAR_BYTES, false));
            assert!(converted.len() >= chunk_limit(BLOCKS) && converted.ends_with('门'));
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
    fn hits_at_any_place_of_a_block() {
        for (config, start) in
            [(Config::T2s, "乾隆"), (Config::S2t, "干燥"), (Config::S2twp, "朗·霍华德")]
        {
            let fast = fast(config);
            for place in 0..BLOCKS * BLOCK {
                let ascii = "x".repeat(place);
                let wide = "，".repeat(place / CHAR_BYTES);
                for before in [ascii, wide] {
                    let (converted, hits, _) = convert_with(&fast, &format!("{before}{start}"));
                    let is_behind = converted.len() < before.len() + start.len();
                    assert!(hits == [before.len()] || is_behind && hits.is_empty(), "{hits:?}");
                }
            }
        }
    }

    #[test]
    fn a_chunk_has_room_for_all_hits() {
        // what most often has two: one for the ASCII and one for the pair behind
        let text = "L注L注入".repeat(BLOCKS * BLOCK);
        let (converted, hits, _) = convert(Config::S2twp, &text);
        assert!(hits.len() > chunk_limit(BLOCKS) / 8 && converted.len() >= chunk_limit(BLOCKS));
    }
}
