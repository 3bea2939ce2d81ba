//! The likeliest way to read some lines, character by character.

use std::ops::Range;

use crate::codec::{Codec, Flavour, Table};
use crate::decode::charset::Charset;
use crate::decode::detect::{self, MALFORMED};
use crate::edit::Bits;

/// What a change of encoding costs between two lines: with the way back, a little less than a
/// damaged byte, so that `B0 43` alone on a line of UTF-8 is no 蚓 of Big5.
const LINE_SWITCH: Bits = Bits::whole(10);

/// What it costs beside ASCII: with the way back, more than one damaged byte.
const RUN_SWITCH: Bits = Bits::whole(18);

/// What it costs between two characters that are not ASCII.
const GLUED_SWITCH: Bits = Bits::whole(28);

/// What a character of three bytes costs in UTF-8 at most, however garbled the text: few other bytes
/// are one by chance, so it is rather UTF-8 that was damaged before than garbled text in another
/// encoding, of which two bytes are a character. Without it, two in five of such files with one
/// ill-formed byte were read as partly EUC-JP.
const MOST_OF_THREE: Bits = Bits::whole(14);

/// Longer than any character.
const LOOKAHEAD: usize = 4;

/// How many encodings a lattice reads at most.
const MODES: usize = 4;

/// How many bytes a lattice reads at once, so that it takes 3 MiB at most. Their cost fits
/// [`Bits`], which have room for 127 bits a byte here; no character costs half of that.
const WINDOW: usize = 1 << 16;

/// How many bytes of a window are only read for what comes before them, where the text goes on
/// behind it: dozens of lines, over which the ways to one place have long become one.
const OUTLOOK: usize = 1 << 12;

/// Where a way starts: behind this character, in this encoding.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub charset: Charset,
    pub previous: char,
}

impl Start {
    /// The start of a line behind one in `charset`.
    pub fn of_line(charset: Charset) -> Start {
        Start { charset, previous: '\n' }
    }
}

/// The best way to a place of the bytes in one mode.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: i32,
    /// The last character.
    previous: char,
    /// The mode of the character before that.
    from: u8,
    /// The length of the last character; none at the start.
    len: u8,
}

/// The best ways to a place, by mode; none where no character of a mode ends there.
type Ways = [Option<Way>; MODES];

/// All ways to read some bytes.
pub struct Lattice<'a> {
    range: Range<usize>,
    modes: &'a [Charset],
    /// By place.
    ways: Vec<Ways>,
    /// Where the best way ends that is sure: its place, counted from the start, and mode.
    end: (usize, usize),
    /// What it costs.
    pub cost: Bits,
}

impl<'a> Lattice<'a> {
    /// Reads `bytes[range]`, whole lines or the rest of such, from `start` on in `modes`; what is
    /// behind them is in `next`, where that is known. Of more than [`WINDOW`] bytes only the
    /// first are read.
    pub fn new(
        bytes: &[u8],
        range: Range<usize>,
        modes: &'a [Charset],
        start: Start,
        next: Option<Charset>,
    ) -> Lattice<'a> {
        let is_all = range.len() <= WINDOW;
        let range = range.start..range.end.min(range.start + WINDOW);
        let ways = ways(&bytes[range.clone()], modes, start);
        let mut lattice = Lattice { range, modes, ways, end: (0, 0), cost: Bits(0) };
        let switch = |mode: usize| if is_all { switch_to(next, modes[mode]) } else { 0 };
        let costs = lattice.ways[lattice.range.len()].iter().enumerate();
        let costs = costs.filter_map(|(mode, way)| Some((way.as_ref()?.cost + switch(mode), mode)));
        if let Some((cost, mode)) = costs.min() {
            lattice.end = (lattice.range.len(), mode);
            lattice.cost = Bits(cost);
        }
        if !is_all {
            lattice.give_back(OUTLOOK);
        }
        lattice
    }

    /// Lets the best way end `len` bytes before the end, or one character before that.
    fn give_back(&mut self, len: usize) {
        let limit = self.range.len() - len;
        let (mut at, mut mode) = self.end;
        while at > limit
            && let Some(way) = self.ways[at][mode]
        {
            at -= usize::from(way.len);
            mode = usize::from(way.from);
        }
        self.end = (at, mode);
        self.cost = Bits(self.ways[at][mode].map_or(0, |way| way.cost));
    }

    /// What was read, and where another lattice reads on.
    pub fn read(&self) -> (Range<usize>, Start) {
        let (at, mode) = self.end;
        let previous = self.ways[at][mode].map_or('\n', |way| way.previous);
        let range = self.range.start..self.range.start + at;
        (range, Start { charset: self.modes[mode], previous })
    }

    /// The stretches of the best way; ASCII belongs to what it stands beside.
    pub fn segments(&self) -> Vec<(Range<usize>, Charset)> {
        let mut segments = Vec::new();
        let (mut end, mut mode) = self.end;
        let mut at = end;
        while let Some(Way { from, len: len @ 1.., .. }) = self.ways[at][mode] {
            let from = usize::from(from);
            at -= usize::from(len);
            if from != mode || at == 0 {
                let range = self.range.start + at..self.range.start + end;
                segments.push((range, self.modes[mode]));
                end = at;
                mode = from;
            }
        }
        segments.reverse();
        segments
    }
}

/// The best ways to each place of `bytes`.
fn ways(bytes: &[u8], modes: &[Charset], start: Start) -> Vec<Ways> {
    let tables: Vec<_> = modes.iter().map(|mode| table(*mode)).collect();
    let mut ways = vec![[None; MODES]; bytes.len() + 1];
    // somewhere it must start, or no place would be reached
    let first = modes.iter().position(|mode| *mode == start.charset).unwrap_or_default();
    ways[0][first] = Some(Way { cost: 0, previous: start.previous, from: first as u8, len: 0 });
    for at in 0..bytes.len() {
        let here = ways[at];
        for (mode, table) in tables.iter().enumerate() {
            let Some((from, way)) = enter(&here, mode, bytes[at]) else { continue };
            let (len, character) = unit(*table, &bytes[at..]);
            let cost = way.cost + unit_cost(way.previous, bytes[at], len, character, *table);
            let target = &mut ways[at + len][mode];
            if target.is_none_or(|target| cost < target.cost) {
                let previous = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                *target = Some(Way { cost, previous, from: from as u8, len: len as u8 });
            }
        }
    }
    ways
}

/// The cost of what starts with `lead`.
fn unit_cost(
    previous: char,
    lead: u8,
    len: usize,
    character: Option<char>,
    table: Option<&Table>,
) -> i32 {
    match character {
        // only UTF-8 has no table; of two bytes, 一直 in GBK is one character after another
        Some(character) if len == 3 && table.is_none() => {
            detect::character_cost(previous, character).min(MOST_OF_THREE.0)
        }
        Some(character) => detect::character_cost(previous, character),
        None => malformed_cost(previous, lead),
    }
}

/// The cost of a line in `mode` beside one in another encoding.
fn switch_to(beside: Option<Charset>, mode: Charset) -> i32 {
    if beside.is_some_and(|beside| beside != mode) { LINE_SWITCH.0 } else { 0 }
}

/// The cost of an ill-formed byte: less behind another for what can only be the rest of the same
/// damaged character, as in `80 99` of `E2 80 99`.
fn malformed_cost(previous: char, byte: u8) -> i32 {
    let is_rest = previous == char::REPLACEMENT_CHARACTER && matches!(byte, 0x80..=0xBF);
    if is_rest { MALFORMED.0 / 3 } else { MALFORMED.0 }
}

/// The best way to read on in `mode` at a place, and the mode it comes from.
fn enter(here: &Ways, mode: usize, next: u8) -> Option<(usize, Way)> {
    let mut best = here[mode].map(|way| (mode, way));
    for (other, way) in here.iter().enumerate().filter(|(other, _)| *other != mode) {
        let Some(way) = *way else { continue };
        let switch = match way.previous {
            '\n' => LINE_SWITCH,
            previous if previous.is_ascii() || next.is_ascii() => RUN_SWITCH,
            _ => GLUED_SWITCH,
        };
        let cost = way.cost + switch.0;
        if best.is_none_or(|(_, best)| cost < best.cost) {
            best = Some((other, Way { cost, ..way }));
        }
    }
    best
}

/// The length of what `bytes` start with, and the character, where it is well-formed; in UTF-8
/// without a table.
fn unit(table: Option<&Table>, bytes: &[u8]) -> (usize, Option<char>) {
    let lead = bytes[0];
    if lead.is_ascii() {
        return (1, Some(char::from(lead)));
    }
    let Some(table) = table else { return utf8_unit(bytes) };
    if let Some(character) = table.single(lead) {
        return (1, Some(character));
    }
    match bytes.get(1).map(|second| (second, table.pair(lead, *second))) {
        Some((_, Some(character))) => (2, Some(character)),
        Some((128.., None)) => (2, None),
        // an ASCII byte is not swallowed
        Some(_) | None => (1, None),
    }
}

fn utf8_unit(bytes: &[u8]) -> (usize, Option<char>) {
    let head = &bytes[..bytes.len().min(LOOKAHEAD)];
    let Some(chunk) = head.utf8_chunks().next() else { return (1, None) };
    match chunk.valid().chars().next() {
        Some(character) => (character.len_utf8(), Some(character)),
        None => (chunk.invalid().len(), None),
    }
}

/// The table of an encoding that the lattice reads; none for UTF-8.
fn table(charset: Charset) -> Option<&'static Table> {
    let codec = match charset {
        Charset::Gbk => Codec::Gbk,
        Charset::Big5 => Codec::Big5,
        Charset::ShiftJis => Codec::ShiftJis,
        Charset::EucJp => Codec::EucJp,
        Charset::EucKr => Codec::EucKr,
        Charset::Single(_) => Codec::Cp1252,
        _ => return None,
    };
    Some(codec.table(Flavour::WEB))
}
