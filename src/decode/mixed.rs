//! Files in several encodings at once: logs, merge conflicts, concatenated pages.
//!
//! Lines that do not fit the main encoding go through a lattice, which finds the likeliest way to
//! read them character by character. The encoding may change between lines at a small cost,
//! beside ASCII at a larger one, and anywhere at the largest. A damaged byte costs less than
//! changing the encoding for it, so a damaged file stays what it is.

use std::ops::Range;

use encoding_rs::WINDOWS_1252;

use super::charset::Charset;
use super::detect::{self, MALFORMED};
use super::reading::{Builder, Reading};
use super::utf8;
use crate::codec::{Codec, Flavour, Table};
use crate::edit::Bits;

/// What a change of encoding costs between two lines: with the way back, a little less than a
/// damaged byte, so that `B0 43` alone on a line of UTF-8 is no 蚓 of Big5.
const LINE_SWITCH: Bits = Bits::whole(10);

/// What it costs beside ASCII: with the way back, more than one damaged byte.
const RUN_SWITCH: Bits = Bits::whole(18);

/// What it costs between two characters that are not ASCII.
const GLUED_SWITCH: Bits = Bits::whole(28);

/// How much likelier one line must be in another legacy encoding to look at all of them.
const DOUBT: Bits = Bits::whole(32);

/// How many lines are looked at for that.
const DOUBT_LINES: usize = 64;

/// Longer than any character.
const LOOKAHEAD: usize = 4;

/// Stray Western letters are no GBK (`d\xE9j\xE0` is no d閖 and half a character), so the lattice
/// may read them as what they are; they count as damage all the same.
const DECOY: Charset = Charset::Single(WINDOWS_1252);

/// The reading of `bytes` as a mixture, if it is one; `reading` is the one in `best` alone.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    best: Charset,
    reading: &Reading<'_>,
) -> Option<Reading<'a>> {
    let (main, others) = modes(bytes, best)?;
    let modes = [&[main], others, &[DECOY]].concat();
    let suspects = if main != best || is_doubtful(bytes, main, others) {
        std::iter::once(0..bytes.len()).collect()
    } else {
        suspects(bytes, places(bytes, main, reading))
    };
    let mut segments = segments(bytes, &modes, suspects);
    if segments.len() < 2 {
        return None;
    }
    if main == Charset::Utf8 {
        // in a file that is mixed, a line that is UTF-8 by accident is worth a look
        let ends = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1);
        let weak = std::iter::once(0)
            .chain(ends)
            .filter(|start| *start < bytes.len() && is_weak(&bytes[line_around(bytes, *start)]));
        let mut weak: Vec<usize> = weak.collect();
        if !weak.is_empty() {
            weak.extend(places(bytes, main, reading));
            weak.sort_unstable();
            segments = self::segments(bytes, &modes, self::suspects(bytes, weak));
        }
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

/// What `bytes` that read best as `best` are taken for in the main, and what else is looked for.
///
/// No Western encoding: a stray byte in a UTF-8 file is damage.
fn modes(bytes: &[u8], best: Charset) -> Option<(Charset, &'static [Charset])> {
    match best {
        Charset::Utf8 => Some((best, &[Charset::Gbk, Charset::Big5])),
        Charset::Gbk => Some((best, &[Charset::Utf8, Charset::Big5])),
        Charset::Big5 => Some((best, &[Charset::Utf8, Charset::Gbk])),
        Charset::ShiftJis | Charset::EucJp | Charset::EucKr => Some((best, &[Charset::Utf8])),
        // a mixture can look like anything as a whole
        _ if has_utf8_line(bytes) => Some((Charset::Utf8, &[Charset::Gbk, Charset::Big5])),
        _ => None,
    }
}

/// Whether a line is sure to be UTF-8.
fn has_utf8_line(bytes: &[u8]) -> bool {
    utf8_runs(bytes).any(|at| {
        let line = &bytes[line_around(bytes, at)];
        utf8::valid(line).is_some()
    })
}

/// Whether some lines are in another legacy encoding than the others; their bytes do not show it.
fn is_doubtful(bytes: &[u8], main: Charset, others: &[Charset]) -> bool {
    let legacy = |charset: &&Charset| charset.table().is_some();
    if main == Charset::Utf8 {
        return false;
    }
    let sample = detect::sample(bytes);
    let step = sample.len().div_ceil(DOUBT_LINES).max(1);
    others.iter().filter(legacy).any(|other| {
        sample.iter().step_by(step).any(|line| {
            let ((there, _), (here, _)) = (detect::cost(*other, line), detect::cost(main, line));
            there.0 + DOUBT.0 < here.0
        })
    })
}

/// Where `bytes` may be in another encoding than `main`, in order.
fn places(bytes: &[u8], main: Charset, reading: &Reading<'_>) -> Vec<usize> {
    let mut places: Vec<usize> = reading.malformed.iter().map(|bad| bad.bytes.start).collect();
    if main != Charset::Utf8 {
        places.extend(utf8_runs(bytes));
        places.sort_unstable();
    }
    places
}

/// The lines that some places are in, with those beside them that do not say what they are; in
/// order and apart from each other.
fn suspects(bytes: &[u8], places: Vec<usize>) -> Vec<Range<usize>> {
    let mut suspects: Vec<Range<usize>> = Vec::new();
    for place in places {
        match suspects.last_mut() {
            Some(last) if place < last.end => {}
            last => {
                let floor = last.map_or(0, |last| last.end);
                let lines = weak_lines_around(bytes, place, floor);
                match suspects.last_mut() {
                    Some(last) if last.end == lines.start => last.end = lines.end,
                    _ => suspects.push(lines),
                }
            }
        }
    }
    suspects
}

/// The line that `at` is in, with its end.
fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
    start..end
}

/// Whether a line is UTF-8 but may be so by accident: `D2 BB D6 B1` is 一直 in GBK.
fn is_weak(line: &[u8]) -> bool {
    !line.is_ascii() && utf8::valid(line).is_some() && utf8_run(line, 0).is_none()
}

/// The line that `at` is in and its weak neighbours down to `floor`.
fn weak_lines_around(bytes: &[u8], at: usize, floor: usize) -> Range<usize> {
    let mut lines = line_around(bytes, at);
    while lines.start > floor {
        let line = line_around(bytes, lines.start - 1);
        if !is_weak(&bytes[line.clone()]) {
            break;
        }
        lines.start = line.start;
    }
    while lines.end < bytes.len() {
        let line = line_around(bytes, lines.end);
        if !is_weak(&bytes[line.clone()]) {
            break;
        }
        lines.end = line.end;
    }
    lines.start.max(floor)..lines.end
}

/// The first place at or behind `from` where UTF-8 is likely: two characters of three bytes, as
/// most of Chinese is, side by side, or one between ASCII.
fn utf8_run(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len()).step_by(STRETCH).find_map(|start| {
        // patterns that reach into the next stretch are seen here
        let stretch = &bytes[start..bytes.len().min(start + STRETCH + PATTERN - 1)];
        let holds = stretch.len() >= PATTERN && has_pattern(stretch);
        let at = holds.then(|| stretch.windows(PATTERN).position(is_pattern)).flatten();
        at.map(|at| start + at)
    })
}

/// The starts of the lines where UTF-8 is likely.
fn utf8_runs(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let line = line_around(bytes, utf8_run(bytes, from)?);
        from = line.end;
        Some(line.start)
    })
}

/// Bytes that are looked through at once.
const STRETCH: usize = 1024;
/// The length of the longer pattern.
const PATTERN: usize = 6;

fn is_lead(byte: u8) -> bool {
    byte.wrapping_sub(0xE3) < 7
}

fn is_trail(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Whether a window is one of the patterns of [`utf8_run`].
fn is_pattern(window: &[u8]) -> bool {
    let three =
        |at: usize| is_lead(window[at]) && is_trail(window[at + 1]) && is_trail(window[at + 2]);
    three(0) && three(3) || window[0].is_ascii() && three(1) && window[4].is_ascii()
}

/// Whether one of the patterns occurs in `bytes`, which are no shorter than it.
fn has_pattern(bytes: &[u8]) -> bool {
    // without branches, so that it is done many bytes at a time
    let mut three = [0; STRETCH + PATTERN];
    let [a, b, c] = std::array::from_fn(|offset| &bytes[offset..][..bytes.len() - 2]);
    for (at, three) in three.iter_mut().enumerate().take(a.len()) {
        *three = u8::from(is_lead(a[at])) & u8::from(is_trail(b[at])) & u8::from(is_trail(c[at]));
    }
    let len = bytes.len() + 1 - PATTERN;
    let [first, second, fourth] = [0, 1, 3].map(|offset| &three[offset..][..len]);
    let [before, behind] = [0, 4].map(|offset| &bytes[offset..][..len]);
    let found = |at: usize| {
        let between = u8::from(before[at] < 0x80) & u8::from(behind[at] < 0x80);
        first[at] & fourth[at] | second[at] & between
    };
    (0..len).fold(0, |any, at| any | found(at)) != 0
}

/// The stretches of `bytes` and their encodings; neighbours differ.
fn segments(
    bytes: &[u8],
    modes: &[Charset],
    suspects: Vec<Range<usize>>,
) -> Vec<(Range<usize>, Charset)> {
    let main = modes[0];
    let mut segments: Vec<(Range<usize>, Charset)> = Vec::new();
    let mut add = |range: Range<usize>, charset: Charset| {
        let charset = if charset == DECOY { main } else { charset };
        match segments.last_mut() {
            Some((last, same)) if *same == charset => last.end = range.end,
            _ if range.is_empty() => {}
            _ => segments.push((range, charset)),
        }
    };
    let mut at = 0;
    for suspect in suspects {
        add(at..suspect.start, main);
        at = suspect.end;
        for (range, charset) in Lattice::new(bytes, suspect, modes).segments() {
            add(range, charset);
        }
    }
    add(at..bytes.len(), main);
    segments
}

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
struct Lattice<'a> {
    range: Range<usize>,
    modes: &'a [Charset],
    /// By place and mode.
    steps: Vec<[Step; MODES]>,
    /// The mode at the end.
    last: usize,
}

impl<'a> Lattice<'a> {
    /// Reads `bytes[range]`, which starts at a line, in `modes`, of which the first is expected.
    fn new(bytes: &[u8], range: Range<usize>, modes: &'a [Charset]) -> Lattice<'a> {
        let bytes = &bytes[range.clone()];
        let tables: Vec<_> = modes.iter().map(|mode| table(*mode)).collect();
        // a ring of the ways to the places that one character can reach
        let mut ways = [[UNREACHED; MODES]; LOOKAHEAD + 1];
        for (mode, way) in ways[0].iter_mut().take(modes.len()).enumerate() {
            way.cost = if mode == 0 { 0 } else { LINE_SWITCH.0 };
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
        let last = (0..modes.len()).min_by_key(|mode| end[*mode].cost).unwrap_or_default();
        Lattice { range, modes, steps, last }
    }

    /// The stretches of the best way; ASCII belongs to what it stands beside.
    fn segments(&self) -> Vec<(Range<usize>, Charset)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_shows_in_other_bytes() {
        let (gbk, _, _) = encoding_rs::GBK.encode("这一行是国标码，没有别的东西。");
        assert_eq!(utf8_runs(&gbk).count(), 0);
        for text in ["中文", "状态: 是\n", "a是b是c"] {
            let bytes = [&gbk, text.as_bytes(), &gbk].concat();
            assert_eq!(utf8_runs(&bytes).count(), 1, "{text}");
        }
    }

    #[test]
    fn long_files_are_looked_through_at_every_edge() {
        for at in STRETCH - 8..STRETCH + 2 {
            let mut bytes = vec![b'.'; 3 * STRETCH];
            bytes[at..at + 6].copy_from_slice("中文".as_bytes());
            assert!(utf8_run(&bytes, 0).is_some(), "{at}");
        }
    }
}
