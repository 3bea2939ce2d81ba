//! Files in several encodings at once: logs, merge conflicts, concatenated pages.
//!
//! A lattice over the bytes finds the likeliest way to read them character by character, where
//! the encoding may change between lines at a small cost, beside ASCII at a larger one, and
//! anywhere at the largest. A damaged byte costs less than changing the encoding for it, so a
//! damaged file stays what it is.

use std::ops::Range;

use encoding_rs::WINDOWS_1252;

use super::charset::Charset;
use super::detect::{MALFORMED, sample_lines};
use super::reading::{self, Builder, Reading};
use super::utf8;
use crate::edit::Bits;
use crate::model;

/// What a change of encoding costs between two lines: with the way back, a little less than a
/// damaged byte, so that `B0 43` alone on a line of UTF-8 is no 蚓 of Big5.
const LINE_SWITCH: Bits = Bits::whole(10);

/// What it costs beside ASCII: with the way back, more than one damaged byte.
const RUN_SWITCH: Bits = Bits::whole(18);

/// What it costs between two characters that are not ASCII.
const GLUED_SWITCH: Bits = Bits::whole(28);

/// How much likelier a line must be in another encoding to look at the whole file.
const DOUBT: Bits = Bits::whole(2 * LINE_SWITCH.0 / Bits::ONE.0 + 8);

/// Longer than any character.
const LOOKAHEAD: usize = 4;

/// The reading of `bytes` as a mixture, if it is one; `reading` is the one in `best` alone.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    best: Charset,
    reading: &Reading<'_>,
) -> Option<Reading<'a>> {
    let (main, others) = modes(bytes, best)?;
    if main == best && !is_doubtful(bytes, main, others, reading) {
        return None;
    }
    let mut modes = vec![main];
    modes.extend(others);
    modes.push(DECOY);
    let segments = segments(bytes, &modes);
    if segments.len() < 2 {
        return None;
    }
    let mut builder = Builder::new(main, bytes.len());
    for (range, charset) in segments {
        builder.set_charset(charset);
        match charset.table() {
            Some(encoding) => builder.read_table(encoding, bytes, range),
            None => utf8::read_into(&mut builder, bytes, range.start, range.end),
        }
    }
    Some(builder.finish(bytes.len()))
}

/// Stray Western letters are no GBK (`d\xE9j\xE0` is no d閖 and half a character), so the lattice
/// may read them as what they are; they count as damage all the same.
const DECOY: Charset = Charset::Single(WINDOWS_1252);

/// What `bytes` that read best as `best` are taken for in the main, and what else is looked for.
fn modes(bytes: &[u8], best: Charset) -> Option<(Charset, &'static [Charset])> {
    match best {
        Charset::Utf8 => Some((best, &[Charset::Gbk, Charset::Big5])),
        Charset::Gbk => Some((best, &[Charset::Utf8, Charset::Big5])),
        Charset::Big5 => Some((best, &[Charset::Utf8, Charset::Gbk])),
        Charset::ShiftJis | Charset::EucJp | Charset::EucKr => Some((best, &[Charset::Utf8])),
        // a mixture can look like anything as a whole
        _ if lines(bytes).any(is_surely_utf8) => {
            Some((Charset::Utf8, &[Charset::Gbk, Charset::Big5]))
        }
        _ => None,
    }
}

/// Whether anything says that it is worth looking at all lines.
fn is_doubtful(bytes: &[u8], best: Charset, others: &[Charset], reading: &Reading<'_>) -> bool {
    let likelier =
        |other: Charset, line: &[u8]| line_cost(other, line) + DOUBT.0 < line_cost(best, line);
    // cheap for what is no UTF-8: its first character tells
    let utf8_line = |line: &&[u8]| !line.is_ascii() && utf8::valid(line).is_some();
    let sampled =
        || sample_lines(bytes).into_iter().flat_map(lines).filter(|line| !line.is_ascii());
    !reading.malformed.is_empty()
        || has_utf8_run(bytes)
        || lines(bytes).filter(utf8_line).any(|line| likelier(Charset::Utf8, line))
        || sampled().any(|line| others.iter().any(|other| likelier(*other, line)))
}

/// Whether two characters of three bytes, as most of Chinese is, stand side by side in UTF-8.
fn has_utf8_run(bytes: &[u8]) -> bool {
    let lead = |byte: u8| u8::from(byte.wrapping_sub(0xE3) < 7);
    let trail = |byte: u8| u8::from(byte & 0xC0 == 0x80);
    let three = |code: &[u8]| lead(code[0]) & trail(code[1]) & trail(code[2]);
    // without branches, so that it is done many bytes at a time
    bytes.windows(6).fold(0, |found, code| found | three(code) & three(&code[3..])) != 0
}

/// The lines of `bytes`, each with its end.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1).chain([bytes.len()]);
    ends.scan(0, |start, end| {
        let line = &bytes[*start..end];
        *start = end;
        Some(line)
    })
}

fn line_cost(charset: Charset, line: &[u8]) -> i32 {
    let reading = reading::read(charset, line, 0);
    model::text_cost(&reading.text).0 + reading.malformed.len() as i32 * MALFORMED.0
}

/// The stretches of `bytes` and their encodings; neighbours differ.
fn segments(bytes: &[u8], modes: &[Charset]) -> Vec<(Range<usize>, Charset)> {
    let mut segments: Vec<(Range<usize>, Charset)> = Vec::new();
    let mut add = |range: Range<usize>, charset: Charset| {
        let charset = if charset == DECOY { modes[0] } else { charset };
        match segments.last_mut() {
            Some((last, same)) if *same == charset => last.end = range.end,
            _ if range.is_empty() => {}
            _ => segments.push((range, charset)),
        }
    };
    let mut current = modes[0];
    // lines between two that are surely UTF-8
    let mut open = 0..0;
    for line in lines(bytes) {
        let end = open.end + line.len();
        if is_surely_utf8(line) {
            for (range, charset) in Lattice::new(bytes, open.clone(), modes, current).segments() {
                add(range, charset);
            }
            add(open.end..end, Charset::Utf8);
            current = Charset::Utf8;
            open = end..end;
        } else {
            open.end = end;
        }
    }
    for (range, charset) in Lattice::new(bytes, open, modes, current).segments() {
        add(range, charset);
    }
    segments
}

/// Whether a line is valid UTF-8 with two characters of three bytes, as Chinese is: no text in
/// another encoding looks so, while `D2 BB D6 B1` is 一直 in GBK and `һֱ` in UTF-8.
fn is_surely_utf8(line: &[u8]) -> bool {
    line.iter().filter(|byte| matches!(byte, 0xE3..=0xE9)).take(2).count() == 2
        && utf8::valid(line).is_some()
}

/// The cost of a place that cannot be reached.
const NEVER: i32 = i32::MAX / 2;

/// The best way to a place of the bytes in one mode.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: i32,
    /// The last character.
    previous: char,
}

/// How a place was reached in a mode: the mode of the character before, and its length.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    from: u8,
    len: u8,
}

/// All ways to read some bytes.
struct Lattice<'a> {
    range: Range<usize>,
    modes: &'a [Charset],
    /// By place and mode.
    steps: Vec<Step>,
    /// The mode at the end.
    last: usize,
}

impl<'a> Lattice<'a> {
    fn new(bytes: &[u8], range: Range<usize>, modes: &'a [Charset], start: Charset) -> Lattice<'a> {
        let bytes = &bytes[range.clone()];
        let count = modes.len();
        let unreached = Way { cost: NEVER, previous: '\n' };
        // a ring of the ways to the places that one character can reach
        let mut ways = vec![unreached; (LOOKAHEAD + 1) * count];
        let slot = |at: usize| at % (LOOKAHEAD + 1) * count;
        for (way, mode) in ways.iter_mut().zip(modes) {
            way.cost = if *mode == start { 0 } else { LINE_SWITCH.0 };
        }
        let mut steps = vec![Step::default(); (bytes.len() + 1) * count];
        for at in 0..bytes.len() {
            let here: Vec<Way> = ways[slot(at)..][..count].to_vec();
            ways[slot(at)..][..count].fill(unreached);
            for (mode, charset) in modes.iter().enumerate() {
                let (from, way) = enter(&here, mode, bytes[at]);
                if way.cost >= NEVER {
                    continue;
                }
                let (len, character) = unit(*charset, &bytes[at..]);
                let cost = match character {
                    Some(character) => model::cost(way.previous, character).0,
                    None => MALFORMED.0,
                };
                let next = Way {
                    cost: way.cost + cost,
                    previous: character.unwrap_or(char::REPLACEMENT_CHARACTER),
                };
                let target = &mut ways[slot(at + len) + mode];
                if next.cost < target.cost {
                    *target = next;
                    steps[(at + len) * count + mode] = Step { from: from as u8, len: len as u8 };
                }
            }
        }
        let end = &ways[slot(bytes.len())..][..count];
        let last = (0..count).min_by_key(|mode| end[*mode].cost).unwrap_or_default();
        Lattice { range, modes, steps, last }
    }

    /// The stretches of the best way; ASCII belongs to what it stands beside.
    fn segments(&self) -> Vec<(Range<usize>, Charset)> {
        let mut segments = Vec::new();
        let mut mode = self.last;
        let mut end = self.range.len();
        let mut at = end;
        while at > 0 {
            let Step { from, len } = self.steps[at * self.modes.len() + mode];
            let from = usize::from(from);
            at -= usize::from(len).max(1).min(at);
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

/// The best way to read on in `mode` at a place, and the mode it comes from.
fn enter(here: &[Way], mode: usize, next: u8) -> (usize, Way) {
    let switched = |way: &Way| {
        let switch = match way.previous {
            '\n' => LINE_SWITCH,
            _ if way.previous.is_ascii() || next.is_ascii() => RUN_SWITCH,
            _ => GLUED_SWITCH,
        };
        Way { cost: way.cost + switch.0, ..*way }
    };
    let others = (0..here.len()).filter(|other| *other != mode);
    let stay = (mode, here[mode]);
    others
        .map(|other| (other, switched(&here[other])))
        .fold(stay, |best, other| if other.1.cost < best.1.cost { other } else { best })
}

/// The length of what `bytes` start with, and the character, where it is well-formed.
fn unit(charset: Charset, bytes: &[u8]) -> (usize, Option<char>) {
    if bytes[0].is_ascii() {
        return (1, Some(char::from(bytes[0])));
    }
    let Some(table) = charset.table() else {
        let head = &bytes[..bytes.len().min(LOOKAHEAD)];
        return match head.utf8_chunks().next() {
            Some(chunk) => match chunk.valid().chars().next() {
                Some(character) => (character.len_utf8(), Some(character)),
                None => (chunk.invalid().len(), None),
            },
            None => (1, None),
        };
    };
    let len = charset.unit_len(bytes).min(bytes.len());
    let text = table.decode_without_bom_handling_and_without_replacement(&bytes[..len]);
    match text.as_deref().and_then(|text| text.chars().next()) {
        Some(character) => (len, Some(character)),
        // an ASCII byte is not swallowed
        None if bytes.get(1).is_none_or(u8::is_ascii) => (1, None),
        None => (len.min(2), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_all_of_the_bytes() {
        let parts: Vec<&[u8]> = lines(b"a\nbc\n\nd").collect();
        assert_eq!(parts, [b"a\n".as_slice(), b"bc\n", b"\n", b"d"]);
    }
}
