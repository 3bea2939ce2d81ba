//! Text to suspect spans: the fast gate that lets clean text pass.
//!
//! Each character has a weight, the logarithm of how much likelier it is in damaged
//! text than in clean. The sum of weights, held at zero from below (a CUSUM), stays low
//! in clean text and climbs within a few characters of damage; where it climbs over a
//! threshold, the span from its last zero to its peak is suspect. The gate may be wrong
//! at the cost of a search; it decides nothing.

mod cusum;
mod pairs;
mod unlikely;

use std::ops::Range;
use std::vec;

use memchr::{memchr, memrchr};

use crate::edit::shifted;
use crate::scan::skip_ascii;
use crate::script::char_before;
use cusum::{Climb, climb, pass_ascii};
use unlikely::is_unlikely;
pub(crate) use unlikely::is_unlikely_beside_losses;

/// Steps of a weight in a bit.
pub const STEPS: i32 = 8;

/// By BMP code point, a signed byte; made by `tools/train`.
static WEIGHTS: &[u8; 0x1_0000] = include_bytes!("weights.bin");

/// The sum at which a span is suspect, in 1/[`STEPS`] bit.
const SUSPECT: i32 = 10 * STEPS;
/// The sum at which a span is suspect in a document that is known to be damaged.
const SUSPECT_DAMAGED: i32 = 3 * STEPS;
/// How far the sum falls from its peak before the span is over.
const FALL: i32 = 24 * STEPS;
/// Below the bar no sum falls that far: a climb to the bar starts where the sum was zero last.
const _: () = assert!(SUSPECT_DAMAGED < SUSPECT && SUSPECT <= FALL);
/// The cost at which a letter of a small script speaks for neither side, in 1/[`STEPS`] bit.
/// Pairs of such letters are damage (`Ã©`) or a language (`ří`), which only pairs tell.
const NEUTRAL: i32 = 9 * STEPS;
/// Characters beyond the BMP: emoji and rare names, and no decoder here makes them.
const ASTRAL: i32 = -2 * STEPS;
/// Bytes of ASCII that part two spans.
const GAP: usize = 64;
/// Characters of context on both sides of a span, so that the search finds its edges.
const CONTEXT: usize = 8;

/// How readily the gate suspects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Nothing is known of the document.
    Unknown,
    /// The document is damaged elsewhere: short spans are looked at, too.
    Damaged,
}

impl Bar {
    /// The sum at which a span is suspect.
    const fn sum(self) -> i32 {
        match self {
            Bar::Unknown => SUSPECT,
            Bar::Damaged => SUSPECT_DAMAGED,
        }
    }
}

/// A stretch of text that looks damaged; never over a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// What made the sum climb.
    pub core: Range<usize>,
    /// The core with some context on both sides.
    pub span: Range<usize>,
}

impl Suspect {
    /// The suspect without the context before `from`, which the repair of another has taken.
    pub fn behind(self, from: usize) -> Suspect {
        let Suspect { core, span } = self;
        Suspect { core, span: span.start.max(from)..span.end }
    }

    /// The suspect without the context outside of `from..to`, if its core lies within.
    pub fn between(self, from: usize, to: usize) -> Option<Suspect> {
        let Suspect { core, span } = self;
        let is_within = from <= core.start && core.end <= to;
        is_within.then(|| Suspect { core, span: span.start.max(from)..span.end.min(to) })
    }
}

/// The stretches of `text` that look damaged, sorted; their spans do not overlap.
pub fn suspects(text: &str, bar: Bar) -> Suspects<'_> {
    Suspects { text, bar, from: 0, next: None, line: vec![].into_iter() }
}

/// The suspects of a text, found line by line.
pub struct Suspects<'t> {
    text: &'t str,
    bar: Bar,
    /// Where the search goes on; the sum is zero there.
    from: usize,
    /// The next climb, if it is known.
    next: Option<Climb>,
    /// What is left of the line at hand.
    line: vec::IntoIter<Suspect>,
}

impl Suspects<'_> {
    /// Whether the next suspect is of another line than the last one.
    pub fn are_of_next_line(&self) -> bool {
        self.line.as_slice().is_empty()
    }

    /// Leaves out what begins before `at`, the start of a line.
    pub fn skip_to(&mut self, at: usize) {
        self.from = self.from.max(at);
        self.next = self.next.filter(|climb| climb.from >= at);
        while self.line.as_slice().first().is_some_and(|suspect| suspect.core.start < at) {
            self.line.next();
        }
    }

    /// The suspects of the next line that has any cores; `None` at the end of the text.
    fn read_line(&mut self) -> Option<vec::IntoIter<Suspect>> {
        let Suspects { text, bar, .. } = *self;
        let mut next = self.next.take().or_else(|| climb(text, self.from, bar.sum()));
        let mut cores = Vec::new();
        let mut end = next?.from;
        while let Some(climb) = next
            && memchr(b'\n', &text.as_bytes()[end..climb.from]).is_none()
        {
            end = climb.from;
            self.from = add_cores(text, climb, bar, &mut cores);
            next = self::climb(text, self.from, bar.sum());
        }
        self.next = next;
        cores.retain(|core| is_unlikely(text, core.clone(), bar));
        Some(widen(text, cores).into_iter())
    }
}

impl Iterator for Suspects<'_> {
    type Item = Suspect;

    fn next(&mut self) -> Option<Suspect> {
        loop {
            if let Some(suspect) = self.line.next() {
                return Some(suspect);
            }
            self.line = self.read_line()?;
        }
    }
}

/// The [`suspects`] of `text` but for those in lines where all that is not ASCII lies in `covered`
/// ranges, which are sorted and do not overlap.
///
/// Of a document that is damaged throughout and was repaired, nothing is left to look at.
pub fn suspects_outside<'a>(
    text: &'a str,
    covered: impl IntoIterator<Item = Range<usize>>,
    bar: Bar,
) -> impl Iterator<Item = Suspect> + 'a {
    let lines = uncovered_lines(text, covered);
    lines.into_iter().flat_map(move |lines| {
        let found = suspects(&text[lines.clone()], bar);
        let moved = move |range| shifted(&range, lines.start);
        found.map(move |Suspect { core, span }| Suspect { core: moved(core), span: moved(span) })
    })
}

/// The lines that have more than ASCII outside of the `covered` ranges; neighbours as one.
fn uncovered_lines(
    text: &str,
    covered: impl IntoIterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for range in covered.into_iter().chain(std::iter::once(bytes.len()..bytes.len())) {
        let gap = from..range.start;
        from = range.end;
        let seen = lines.last().map_or(0, |last| last.end);
        let first = skip_ascii(&bytes[..gap.end], gap.start.max(seen).min(gap.end));
        if first == gap.end {
            continue;
        }
        let start = memrchr(b'\n', &bytes[..first]).map_or(0, |at| at + 1);
        let end = memchr(b'\n', &bytes[gap.end..]).map_or(bytes.len(), |at| gap.end + at + 1);
        match lines.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => lines.push(start..end),
        }
    }
    lines
}

/// Appends the cores of a climb; gives the place where the sum is zero again.
fn add_cores(text: &str, climb: Climb, bar: Bar, cores: &mut Vec<Range<usize>>) -> usize {
    let mut gate = Gate::after(climb, bar);
    let bytes = text.as_bytes();
    let mut at = climb.to;
    let mut before = char_before(text, at);
    while gate.sum > 0 {
        let start = at;
        (at, gate.sum) = pass_ascii(bytes, at, gate.sum);
        if gate.sum == 0 {
            break;
        }
        if at > start {
            before = char::from(bytes[at - 1]);
        }
        let Some(character) = text[at..].chars().next() else { break };
        gate.add(before, character, at, cores);
        before = character;
        at += character.len_utf8();
    }
    gate.close(cores);
    at
}

/// The running sum.
struct Gate {
    /// The sum at which a span is suspect.
    bar: i32,
    sum: i32,
    peak: i32,
    /// Where the sum left zero, and where it peaked.
    from: usize,
    to: usize,
}

impl Gate {
    /// The sum at the first place where it has reached the bar, and so is at its peak.
    fn after(Climb { from, to, sum }: Climb, bar: Bar) -> Gate {
        Gate { bar: bar.sum(), sum, peak: sum, from, to }
    }

    fn add(&mut self, previous: char, character: char, at: usize, spans: &mut Vec<Range<usize>>) {
        if self.sum == 0 {
            self.from = at;
        }
        self.sum = (self.sum + weight(previous, character)).max(0);
        if self.sum > self.peak {
            self.peak = self.sum;
            self.to = at + character.len_utf8();
        } else if self.sum == 0 || self.sum + FALL < self.peak {
            self.close(spans);
        }
    }

    /// Ends the span, which is suspect if it climbed high enough.
    fn close(&mut self, spans: &mut Vec<Range<usize>>) {
        if self.peak >= self.bar {
            spans.push(self.from..self.to);
        }
        (self.sum, self.peak) = (0, 0);
    }
}

fn weight(previous: char, character: char) -> i32 {
    if is_small(character) && (character < '\u{2000}' || is_small(previous)) {
        return pairs::weight(previous, character);
    }
    match WEIGHTS.get(character as usize) {
        Some(&weight) => i32::from(weight as i8),
        None => ASTRAL,
    }
}

/// Whether a character is of a script that has few letters, or a sign.
fn is_small(character: char) -> bool {
    ('\u{80}'..'\u{2E80}').contains(&character)
}

/// Whether the `nth` character from a core is context of it: more of those that may be a byte
/// each, so that none of what they are bytes of is cut.
fn is_context(nth: usize, character: char) -> bool {
    nth < CONTEXT || nth < 2 * CONTEXT && is_small(character)
}

/// Adds context to each core from its own line, and joins those that meet.
fn widen(text: &str, cores: Vec<Range<usize>>) -> Vec<Suspect> {
    let mut suspects: Vec<Suspect> = Vec::with_capacity(cores.len());
    for core in cores {
        let before = text[..core.start].char_indices().rev().enumerate();
        let before = before.take_while(|&(nth, (_, c))| c != '\n' && is_context(nth, c)).last();
        let start = before.map_or(core.start, |(_, (at, _))| at);
        let mut behind = text[core.end..].char_indices().enumerate();
        // the line break is context, too: 。 is likelier before it
        let mut end = core.end;
        while let Some((nth, (at, c))) = behind.next()
            && is_context(nth, c)
        {
            end = core.end + at + c.len_utf8();
            if c == '\n' {
                break;
            }
        }
        match suspects.last_mut() {
            Some(last) if start < last.span.end => {
                last.core.end = core.end;
                last.span.end = end;
            }
            _ => suspects.push(Suspect { core, span: start..end }),
        }
    }
    suspects
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The gate as its definition has it: one sum over the whole text, decoded throughout.
    fn suspects_straightforward(text: &str, bar: Bar) -> Vec<Suspect> {
        let mut cores = Vec::new();
        let mut gate = Gate { bar: bar.sum(), sum: 0, peak: 0, from: 0, to: 0 };
        let (mut before, mut ascii) = ('\n', 0);
        for (at, character) in text.char_indices() {
            if character.is_ascii() {
                ascii += 1;
                if ascii == GAP || character == '\n' {
                    gate.close(&mut cores);
                }
            } else {
                ascii = 0;
                gate.add(before, character, at, &mut cores);
            }
            before = character;
        }
        gate.close(&mut cores);
        cores.retain(|core| is_unlikely(text, core.clone(), bar));
        widen(text, cores)
    }

    fn text() -> impl Strategy<Value = String> {
        let gap = |spaces| " ".repeat(spaces);
        let pieces = [
            "我们在河边走了很久",
            "鐢ㄦ埛鍚嶅拰瀵嗙爜",
            "鐨",
            "ä¸\u{AD}æ–‡",
            "Ã©",
            "Привет",
            "ภาษาไทย",
            "——",
            "……",
            "“",
            "，",
            "。",
            "の",
            "⺮",
            "😀",
            "Ф",
            "ЎC",
            "\u{E00B}",
            "\0",
            "\n",
            " ",
            "set(1)",
            "a line of ASCII that is long enough to part two spans of a line, as it says\n",
            &gap(GAP - 1),
            &gap(GAP),
        ];
        let piece = prop::sample::select(pieces.map(str::to_owned).to_vec());
        let piece = prop_oneof![4 => piece, 1 => any::<char>().prop_map(String::from)];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_first_pass_loses_nothing(text in text()) {
            for bar in [Bar::Unknown, Bar::Damaged] {
                let found: Vec<Suspect> = suspects(&text, bar).collect();
                prop_assert_eq!(found, suspects_straightforward(&text, bar));
            }
        }

        #[test]
        fn what_is_skipped_to_is_the_rest(text in text(), taken in 0usize..4, line in any::<u16>()) {
            let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            let at = starts.get(usize::from(line) % (starts.len() + 1)).copied().unwrap_or(0);
            let mut found = suspects(&text, Bar::Damaged);
            let before: Vec<Suspect> = found.by_ref().take(taken).collect();
            found.skip_to(at);
            let is_new = |suspect: &Suspect| suspect.core.start >= at && !before.contains(suspect);
            let rest: Vec<Suspect> = suspects(&text, Bar::Damaged).filter(is_new).collect();
            prop_assert_eq!(found.collect::<Vec<Suspect>>(), rest);
        }

        #[test]
        fn what_is_not_covered_is_found(text in text(), ends in prop::collection::vec(any::<u16>(), 0..12)) {
            let place = |end: &u16| text.floor_char_boundary(usize::from(*end) % (text.len() + 1));
            let mut ends: Vec<usize> = ends.iter().map(place).collect();
            ends.sort_unstable();
            let covered: Vec<Range<usize>> =
                ends.as_chunks().0.iter().map(|&[start, end]| start..end).collect();
            let meets = |suspect: &Suspect| {
                let Range { start, end } = suspect.span;
                covered.iter().any(|range| range.start < end && start < range.end)
            };
            let found = suspects_outside(&text, covered.clone(), Bar::Damaged);
            let found: Vec<Suspect> = found.filter(|suspect| !meets(suspect)).collect();
            let all = suspects(&text, Bar::Damaged);
            let all: Vec<Suspect> = all.filter(|suspect| !meets(suspect)).collect();
            prop_assert_eq!(found, all);
        }
    }
}
