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

/// The cost of a place that cannot be reached.
const NEVER: i32 = i32::MAX / 2;

/// The best way to a place of the bytes in one mode.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: i32,
    /// The last character.
    previous: char,
}

const UNREACHED: Way = Way { cost: NEVER, previous: '\n' };

/// How a place was reached in a mode: the mode of the character before, and its length.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    from: u8,
    len: u8,
}

/// All ways to read some bytes.
pub struct Lattice<'a> {
    range: Range<usize>,
    modes: &'a [Charset],
    /// By place and mode.
    steps: Vec<[Step; MODES]>,
    /// The mode at the end.
    last: usize,
    /// What the best way costs.
    pub cost: Bits,
}

impl<'a> Lattice<'a> {
    /// Reads `bytes[range]`, which are whole lines, in `modes`; what stands before them is in
    /// `previous`, what is behind them, where that is known, in `next`.
    pub fn new(
        bytes: &[u8],
        range: Range<usize>,
        modes: &'a [Charset],
        previous: Charset,
        next: Option<Charset>,
    ) -> Lattice<'a> {
        let bytes = &bytes[range.clone()];
        let tables: Vec<_> = modes.iter().map(|mode| table(*mode)).collect();
        // a ring of the ways to the places that one character can reach
        let mut ways = [[UNREACHED; MODES]; LOOKAHEAD + 1];
        for (mode, way) in ways[0].iter_mut().take(modes.len()).enumerate() {
            way.cost = switch_to(Some(previous), modes[mode]);
        }
        let mut steps = vec![[Step::default(); MODES]; bytes.len() + 1];
        for at in 0..bytes.len() {
            let here = std::mem::replace(&mut ways[at % (LOOKAHEAD + 1)], [UNREACHED; MODES]);
            for (mode, table) in tables.iter().enumerate() {
                let (from, way) = enter(&here, mode, bytes[at]);
                if way.cost >= NEVER {
                    continue;
                }
                let (len, character) = unit(*table, &bytes[at..]);
                let cost = match character {
                    // only UTF-8 has no table; of two bytes, 一直 in GBK is one character after another
                    Some(character) if len == 3 && table.is_none() => {
                        detect::character_cost(way.previous, character).min(MOST_OF_THREE.0)
                    }
                    Some(character) => detect::character_cost(way.previous, character),
                    None => malformed_cost(way.previous, bytes[at]),
                };
                let cost = way.cost + cost;
                let target = &mut ways[(at + len) % (LOOKAHEAD + 1)][mode];
                if cost < target.cost {
                    let previous = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                    *target = Way { cost, previous };
                    steps[at + len][mode] = Step { from: from as u8, len: len as u8 };
                }
            }
        }
        let end = &ways[bytes.len() % (LOOKAHEAD + 1)];
        let cost = |mode: &usize| end[*mode].cost + switch_to(next, modes[*mode]);
        let last = (0..modes.len()).min_by_key(cost).unwrap_or_default();
        Lattice { range, modes, steps, last, cost: Bits(cost(&last)) }
    }

    /// The stretches of the best way; ASCII belongs to what it stands beside.
    pub fn segments(&self) -> Vec<(Range<usize>, Charset)> {
        let mut segments = Vec::new();
        let mut mode = self.last;
        let mut end = self.range.len();
        let mut at = end;
        while at > 0 {
            let Step { from, len } = self.steps[at][mode];
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
fn enter(here: &[Way; MODES], mode: usize, next: u8) -> (usize, Way) {
    let mut best = (mode, here[mode]);
    for (other, way) in here.iter().enumerate().filter(|(other, _)| *other != mode) {
        let switch = match way.previous {
            '\n' => LINE_SWITCH,
            previous if previous.is_ascii() || next.is_ascii() => RUN_SWITCH,
            _ => GLUED_SWITCH,
        };
        let cost = way.cost + switch.0;
        if cost < best.1.cost {
            best = (other, Way { cost, ..*way });
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
    Some(codec.table(Flavour::Web))
}
