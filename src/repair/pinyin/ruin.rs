//! Mends what the injector tore: a search over the bytes behind each `?`.
//!
//! The grammar of the damage; the text is *aligned* where no character is half read:
//!
//! ```text
//! ?jiǎng)     a lost lead byte ate the (: it ends the character read jiǎng    R1–R3
//! ?，         a lost lead byte ate what stood before the mark               R4
//! ??；        the same, and A1, which made 。 with A3 of the mark           R5
//! ?           not aligned: a lost lead byte ate one ASCII byte              R7
//! (zhǎng)     behind the bytes of a character read zhǎng: nothing
//! ,           not aligned: also A3AC, folded                                R8
//! any         its bytes; before it, not aligned, a pair that vanished       R6
//! ```

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::bracket::{Bracket, syllable_in_parentheses, syllable_to_parenthesis};
use super::fold;
use super::gate::List;
use super::inject::{pair_of, vanishes};
use super::page::{Page, simplified_cost};
use super::proof;
use super::reading::{Fit, Syllable};
use crate::codec::{Codec, Flavour, Table};
use crate::edit::{Bits, Edit, Filled, Finding, Kind, Safety, Step};
use crate::repair::Repaired;
use crate::repair::resync::{Byte, Item, Reading, Readings, posteriors, prune};

/// How many readings are kept at each position. Alternatives multiply only at lost
/// bytes, 126 values each, and the byte behind cuts them down to a few.
const WIDTH: usize = 96;

/// A reading so much worse than the best at its position does not come back.
const MARGIN: i32 = 40 * Bits::ONE.0;

/// What the mended text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 20 * Bits::ONE.0;

/// What a character of the mended text may cost at most in the mean: clean text is at 6
/// to 8 bits, noise at 12 and more.
const MAX_MEAN: i32 = 11 * Bits::ONE.0;

/// Charged for a split at a mark, so that `真的??` in a page with ruins stays as it is.
const SPLIT_COST: i32 = 6 * Bits::ONE.0;

/// Charged for a character that nothing else says is on the injector's list.
const UNLISTED_COST: i32 = 4 * Bits::ONE.0;

/// A run that is shifted over more positions than this is left: real ones end with the clause.
const MAX_RUN: usize = 400;

/// Readings that the search may make for each byte of the document, so that time
/// stays linear however many question marks there are.
const READINGS_PER_BYTE: usize = 100;

/// What a reading with or without a vanished pair must be likelier by than the other kind:
/// one pair in 20 of a shifted text vanishes.
const VANISHED_COST: i32 = 4 * Bits::ONE.0;

/// A character this dear says that a pair may have vanished: with the pair there are
/// two characters in its place, of at least five bits each.
const WORTH_A_GAP: i32 = 10 * Bits::ONE.0;

/// How many readings at a position are tried with a pair that vanished behind them.
const VANISHED_WIDTH: usize = 8;

/// How many values of a lost lead byte are tried with each byte of ASCII it may have eaten.
const SWALLOWED_WIDTH: usize = 16;

/// What a lost lead byte eats: ASCII below 40 that text has; `(` only with its reading,
/// and `?` is eaten no more often than it is one of the sites' own.
const SWALLOWED: &[u8] = b"\n !\"#$%&')*+,-./0123456789:;<=>";

/// Charged where the text leaves a parenthesis open.
const UNBALANCED_COST: i32 = 10 * Bits::ONE.0;

/// The posterior that a character of bytes that are all there needs at most.
const SEGMENTED: f32 = 0.9;

/// How many other readings lower the posteriors; the rest are too unlikely to count.
const RIVALS: usize = 24;

/// How many complete readings are tried before a ruin is given up.
const TRIES: usize = 8;

/// Mends the ruins of one document; gives an edit for each torn stretch.
pub(super) fn mend(
    text: &str,
    list: &List<'_>,
    injected: &[&Bracket],
    confidence: f32,
) -> Repaired {
    let mut search: Option<Search<'_>> = None;
    let mut repaired = Repaired::default();
    let mut from = 0;
    for at in memchr::memchr_iter(b'?', text.as_bytes()) {
        if at < from || !starts_ruin(&text[at..]) {
            continue;
        }
        let search = search.get_or_insert_with(|| Search::new(text, list, injected));
        match search.mend_at(at, confidence) {
            Some(edit) => {
                from = edit.range.end;
                repaired.edits.push(edit);
            }
            None => repaired.findings.extend(undetermined(text, at)),
        }
    }
    repaired
}

/// Whether `?` at the front may be a ruin: a bracket without its `(`, or a mark, is behind.
fn starts_ruin(text: &str) -> bool {
    let behind = &text[1..];
    behind.chars().next().is_some_and(|next| mark(next).is_some())
        || syllable_to_parenthesis(behind).is_some()
}

/// What is said of a ruin that stays; `?` before a mark may as well be a question.
fn undetermined(text: &str, at: usize) -> Option<Finding> {
    let (_, len) = syllable_to_parenthesis(&text[at + 1..])?;
    let range = at..at + 1 + len;
    Some(Finding {
        before: text[range.clone()].to_owned(),
        range,
        kind: Kind::Pinyin,
        message: "injected pinyin where bytes are lost",
    })
}

/// The mark that is split off, given as it is or folded.
fn mark(character: char) -> Option<char> {
    Some(match character {
        '。' => '。',
        '，' | ',' => '，',
        '；' | ';' => '；',
        '？' | '?' => '？',
        '！' | '!' => '！',
        _ => return None,
    })
}

/// What a reading remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The text is aligned from this offset.
    Aligned(usize),
    /// A bracket; its `(` may be the `?` that ate it.
    Bracket {
        at: usize,
        /// Whether the bytes before it end inside a character.
        half_read: bool,
    },
    /// The text was split before this mark.
    Split(char),
}

fn bracket(readings: &mut Readings<'_, Note>, reading: Reading, at: usize) -> Reading {
    readings.note(reading, Note::Bracket { at, half_read: reading.lead.is_some() })
}

/// A position in the text with a reading of everything before it.
type Reached = (usize, Reading);

/// Notes where a torn reading is aligned again.
fn note_aligned(readings: &mut Readings<'_, Note>, mut reached: Vec<Reached>) -> Vec<Reached> {
    for (at, reading) in &mut reached {
        if reading.lead.is_none() {
            *reading = readings.note(*reading, Note::Aligned(*at));
        }
    }
    reached
}

struct Search<'a> {
    text: &'a str,
    list: &'a List<'a>,
    injected: &'a [&'a Bracket],
    table: &'static Table,
    page: Page,
    /// How many readings may still be made.
    budget: Cell<usize>,
}

impl<'a> Search<'a> {
    fn new(text: &'a str, list: &'a List<'a>, injected: &'a [&'a Bracket]) -> Search<'a> {
        Search {
            text,
            list,
            injected,
            table: Codec::Gbk.table(Flavour::Windows),
            page: Page::new(text, injected),
            budget: Cell::new(text.len().saturating_mul(READINGS_PER_BYTE)),
        }
    }

    /// The edit that mends the stretch torn at `start`, where it can be proven.
    fn mend_at(&self, start: usize, confidence: f32) -> Option<Edit> {
        // vanished pairs multiply the readings a thousandfold: only where they may help
        let mended = match self.mend_run(start, false) {
            Some(plain) if plain.best.worst < WORTH_A_GAP => plain,
            Some(plain) => match self.mend_run(start, true) {
                Some(gaps) if gaps.best.characters() == plain.best.characters() => plain,
                Some(gaps) => match gaps.gain.0 - plain.gain.0 {
                    more if more > VANISHED_COST => gaps,
                    more if more < -VANISHED_COST => plain,
                    // whether anything vanished is not determined
                    _ => return None,
                },
                None => plain,
            },
            None => self.mend_run(start, true)?,
        };
        mended.edit(start, self.text, &self.page, confidence)
    }

    fn mend_run(&self, start: usize, gaps: bool) -> Option<Mended> {
        let (before_at, before) = self.character_before(start)?;
        let cost = |previous, next| self.page.cost(previous, next);
        let mut readings = Readings::new(self.table, &cost);
        let codes: Vec<[u8; 2]> = self.codes(before).collect();
        let starts: Vec<Reading> = codes
            .into_iter()
            .map(|code| {
                let reading = readings.start(before, code);
                let brackets = self.injected_in(before_at..start);
                brackets
                    .iter()
                    .fold(reading, |reading, one| bracket(&mut readings, reading, one.range.start))
            })
            .collect();
        let (end, complete) = self.run(&mut readings, start, starts, gaps)?;
        let mut runs = complete.into_iter().map(|reading| {
            let next = self.text[end..].chars().next();
            let cost = next.map_or(0, |next| self.page.cost(reading.previous, next));
            Run::new(self.text, &self.page, readings.items(reading), reading.cost + cost)
        });
        let proven = |run: &Run| {
            let torn = before_at..run.end;
            self.gain(start, run) >= THRESHOLD
                && self.is_plausible(run)
                && proof::reproduces(self.text, torn, &run.items, self.list)
        };
        let best = runs.by_ref().take(TRIES).find(proven)?;
        let gain = Bits(self.gain(start, &best));
        // what the injector would have torn otherwise is no rival
        let rivals = runs.take(RIVALS).filter(proven).collect();
        Some(Mended { best, rivals, gain })
    }

    /// The injected brackets that start in a range.
    fn injected_in(&self, range: Range<usize>) -> &'a [&'a Bracket] {
        let index = |at| self.injected.partition_point(|bracket| bracket.range.start < at);
        &self.injected[index(range.start)..index(range.end)]
    }

    /// The character that `at` stands behind, over injected brackets.
    fn character_before(&self, at: usize) -> Option<(usize, char)> {
        let mut end = at;
        for bracket in self.injected_in(0..at).iter().rev() {
            if bracket.range.end != end {
                break;
            }
            end = bracket.range.start;
        }
        let character = self.text[..end].chars().next_back()?;
        Some((end - character.len_utf8(), character))
    }

    /// The codes that a character, perhaps folded, may have had; one byte as `[0, byte]`.
    fn codes(&self, character: char) -> impl Iterator<Item = [u8; 2]> {
        let kept = self.table.codes(character).filter_map(|code| {
            let mut bytes = code.bytes();
            let first = bytes.next()?;
            Some(bytes.next().map_or([0, first], |second| [first, second]))
        });
        let folded: Vec<[u8; 2]> =
            fold::unfolded(character.encode_utf8(&mut [0; 4])).map(|folded| folded.pair).collect();
        kept.chain(folded)
    }

    /// Whether a run is text at all, and not only likelier than what stands there.
    fn is_plausible(&self, run: &Run) -> bool {
        let characters = run.characters();
        let pairs = characters.windows(2);
        let cost: i32 = pairs.map(|pair| simplified_cost(pair[0], pair[1])).sum();
        cost <= MAX_MEAN * (characters.len() as i32 - 1).max(2)
    }

    /// How much likelier a run is than the text as it stands.
    ///
    /// The page has no say here: a ruin that it repeats is no less of a ruin.
    fn gain(&self, start: usize, run: &Run) -> i32 {
        let characters = run.characters();
        let (before, mended) = characters.split_first().expect("a run starts with a character");
        let behind = self.text[run.end..].chars().next();
        let cost = |characters: &mut dyn Iterator<Item = char>| {
            let mut previous = *before;
            characters.chain(behind).fold(0, |cost, next| {
                let step = simplified_cost(previous, next);
                previous = next;
                cost + step
            })
        };
        let as_it_stands = cost(&mut self.text[start..run.end].chars());
        as_it_stands - cost(&mut mended.iter().copied())
    }

    /// Reads on from a ruin until every reading left is aligned at one position.
    fn run(
        &self,
        readings: &mut Readings<'_, Note>,
        start: usize,
        starts: Vec<Reading>,
        gaps: bool,
    ) -> Option<(usize, Vec<Reading>)> {
        let mut columns: BTreeMap<usize, Vec<Reading>> = BTreeMap::new();
        for reading in starts {
            let torn = self.ruin(readings, start, reading);
            for (at, reading) in note_aligned(readings, torn) {
                columns.entry(at).or_default().push(reading);
            }
        }
        for _ in 0..MAX_RUN {
            let (at, mut column) = columns.pop_first()?;
            if at == self.text.len() {
                column.retain(|reading| reading.lead.is_none());
            }
            prune(&mut column, WIDTH, MARGIN);
            let aligned = column.iter().all(|reading| reading.lead.is_none());
            if columns.is_empty() && aligned && !self.is_before_bracket(at, &column) {
                return (!column.is_empty()).then_some((at, column));
            }
            let made = readings.len();
            for (rank, reading) in column.into_iter().enumerate() {
                let gaps = gaps && rank < VANISHED_WIDTH;
                for (at, reading) in self.step(readings, at, reading, gaps) {
                    columns.entry(at).or_default().push(reading);
                }
            }
            self.budget.set(self.budget.get().checked_sub(readings.len() - made)?);
        }
        None
    }

    /// Whether an injected bracket is at `at` in one of the readings.
    fn is_before_bracket(&self, at: usize, readings: &[Reading]) -> bool {
        syllable_in_parentheses(&self.text[at..]).is_some_and(|(syllable, _)| {
            readings.iter().any(|reading| self.is_read(reading.tail, syllable))
        })
    }

    /// Whether two bytes are a character with this reading.
    fn is_read(&self, pair: [u8; 2], syllable: Syllable) -> bool {
        self.owner(pair).is_some_and(|owner| syllable.fit(owner).is_some())
    }

    /// Every way to read on from one position.
    fn step(
        &self,
        readings: &mut Readings<'_, Note>,
        at: usize,
        reading: Reading,
        gaps: bool,
    ) -> Vec<Reached> {
        let rest = &self.text[at..];
        if let Some((syllable, len)) = syllable_in_parentheses(rest)
            && self.is_read(reading.tail, syllable)
        {
            return vec![(at + len, bracket(readings, reading, at))];
        }
        let Some(next) = rest.chars().next() else { return Vec::new() };
        let mut reached = if next == '?' { self.ruin(readings, at, reading) } else { Vec::new() };
        if reading.lead.is_none() {
            let code = self.codes(next).next().unwrap_or_default();
            let copied = readings.push_char(reading, next, code, false);
            reached.push((at + next.len_utf8(), copied));
            return reached;
        }
        // a bracket without its ( has said what was eaten
        if next == '?' && syllable_to_parenthesis(&rest[1..]).is_none() {
            let swallowed = self.swallowed(readings, at, reading);
            reached.extend(swallowed.into_iter().map(|reading| (at + 1, reading)));
        }
        reached.extend(self.shifted(readings, at, reading));
        if gaps {
            for reading in self.vanished(readings, reading, next) {
                reached.extend(self.shifted(readings, at, reading));
            }
        }
        note_aligned(readings, reached)
    }

    /// The character of the last two bytes.
    fn owner(&self, tail: [u8; 2]) -> Option<char> {
        self.table.pair(tail[0], tail[1])
    }

    /// `?` at `at` as a lost lead byte that ate `(` or what is before a mark.
    fn ruin(&self, readings: &mut Readings<'_, Note>, at: usize, reading: Reading) -> Vec<Reached> {
        let behind = &self.text[at + 1..];
        if let Some((syllable, len)) = syllable_to_parenthesis(behind) {
            return self
                .overlap(readings, reading, syllable)
                .into_iter()
                .map(|reading| (at + 1 + len, bracket(readings, reading, at)))
                .collect();
        }
        self.split(readings, behind, reading.charged(SPLIT_COST))
            .into_iter()
            .map(|(len, reading)| (at + 1 + len, reading))
            .collect()
    }

    /// A lost lead byte before a mark, or before A1 and a mark that begins with A3.
    fn split(
        &self,
        readings: &mut Readings<'_, Note>,
        behind: &str,
        reading: Reading,
    ) -> Vec<Reached> {
        let mut reached = Vec::new();
        let mut characters = behind.chars();
        let Some(first) = characters.next() else { return reached };
        let lost = readings.guess_lead(reading);
        let mut go_on = |reading: &Reading, split: char, bytes: &[u8], len: usize| {
            let noted = readings.note(*reading, Note::Split(split));
            let bytes = bytes.iter().map(|&byte| Byte::kept(byte));
            let read = bytes.into_iter().try_fold(noted, |r, byte| readings.push(r, byte));
            reached.extend(read.map(|read| (len, read)));
        };
        if let Some(pair) = mark(first).and_then(pair_of) {
            for reading in &lost {
                go_on(reading, mark(first).unwrap_or(first), &pair, first.len_utf8());
            }
        }
        // D4 A1 A3BB: split before A1A3 (。), then before A3BB (；)
        if let ('?', Some(second)) = (first, characters.next())
            && let Some(pair) = mark(second).filter(|&mark| mark != '。').and_then(pair_of)
        {
            for reading in &lost {
                go_on(reading, '。', &[0xA1, pair[0], pair[1]], 1 + second.len_utf8());
            }
        }
        reached
    }

    /// The lost byte that ends a character with this reading, begun by the last byte.
    fn overlap(
        &self,
        readings: &mut Readings<'_, Note>,
        reading: Reading,
        syllable: Syllable,
    ) -> Vec<Reading> {
        let fitting = |wanted: Fit| {
            let owners = (0x81..=0xFEu8).filter_map(move |lost| {
                let owner = self.owner([reading.tail[1], lost])?;
                (syllable.fit(owner) == Some(wanted)).then_some((owner, lost))
            });
            owners.collect::<Vec<_>>()
        };
        let mut owners = fitting(Fit::Reading);
        if owners.is_empty() {
            owners = fitting(Fit::OtherTone);
        }
        let determined = owners.len() == 1;
        let mut read = Vec::new();
        for (owner, lost) in owners {
            let byte = if determined { Byte::kept(lost) } else { Byte::guess(lost) };
            let pushed = readings.push(reading, byte);
            read.extend(pushed.map(|reading| reading.charged(self.unlisted_cost(owner))));
        }
        read
    }

    /// Charged for a character that no bracket elsewhere says is on the injector's list;
    /// lists hold everyday characters.
    fn unlisted_cost(&self, owner: char) -> i32 {
        if self.list.brackets.contains_key(&owner) {
            return 0;
        }
        // behind a blank, the model sees little but how common a character is
        UNLISTED_COST + simplified_cost(' ', owner)
    }

    /// `?` in a shifted run as a lead byte that ate one byte of ASCII below 40.
    fn swallowed(
        &self,
        readings: &mut Readings<'_, Note>,
        at: usize,
        reading: Reading,
    ) -> Vec<Reading> {
        let open = self.leaves_open(at);
        let mut read = Vec::new();
        let mut lost = readings.guess_lead(reading);
        prune(&mut lost, SWALLOWED_WIDTH, MARGIN);
        for lost in lost {
            for &ascii in SWALLOWED {
                if ascii == b')' && !open {
                    continue;
                }
                if let Some(pushed) = readings.push(lost, Byte::guess(ascii)) {
                    let cost = match (open, ascii) {
                        (true, b')') => 0,
                        (true, _) => self.page.ascii_cost(ascii) + UNBALANCED_COST,
                        (false, _) => self.page.ascii_cost(ascii),
                    };
                    // what follows a Han character on this page, not in general
                    read.push(pushed.charged(lost.cost + cost - pushed.cost));
                }
            }
        }
        read
    }

    /// Whether a `(` before `at` on its line has no `)` on the line.
    fn leaves_open(&self, at: usize) -> bool {
        let line_start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        let line = &self.text[line_start..line_end];
        // a bracket whose `(` was eaten has a `)` too many
        let torn = line
            .match_indices('?')
            .filter(|(at, _)| syllable_to_parenthesis(&line[at + 1..]).is_some());
        let closed = line.matches(')').count().saturating_sub(torn.count());
        line.matches('(').count() > closed
    }

    /// The character at `at` as bytes of a shifted run.
    fn shifted(
        &self,
        readings: &mut Readings<'_, Note>,
        at: usize,
        reading: Reading,
    ) -> Vec<Reached> {
        let rest = &self.text[at..];
        let Some(next) = rest.chars().next() else { return Vec::new() };
        let mut reached = Vec::new();
        for code in self.table.codes(next) {
            let read = code.bytes().try_fold(reading, |r, byte| readings.push(r, Byte::kept(byte)));
            reached.extend(read.map(|reading| (at + next.len_utf8(), reading)));
        }
        for folded in fold::unfolded(rest) {
            let read = readings.push_pair(reading, folded.pair);
            let cost = self.page.folded_cost();
            reached.extend(read.map(|read| (at + folded.becomes.len(), read.charged(cost))));
        }
        reached
    }

    /// A pair that vanished in a shifted run before `next`.
    fn vanished(
        &self,
        readings: &mut Readings<'_, Note>,
        reading: Reading,
        next: char,
    ) -> Vec<Reading> {
        let Some(lead) = reading.lead else { return Vec::new() };
        let next_bytes: Vec<u8> = self
            .codes(next)
            .map(|[first, second]| if first == 0 { second } else { first })
            .collect();
        let mut read = Vec::new();
        for first in (0x81..=0xFE).filter(|&first| self.table.pair(lead.value, first).is_some()) {
            let goes_on = |second: &u8| {
                vanishes(&[first, *second])
                    && next_bytes.iter().any(|&next| self.table.pair(*second, next).is_some())
            };
            let seconds: Vec<u8> = (0x81..=0xFE).filter(goes_on).collect();
            if let Some(begun) =
                readings.push(reading, Byte::guess(first)).filter(|_| !seconds.is_empty())
            {
                read.extend(
                    seconds
                        .into_iter()
                        .filter_map(|second| readings.push(begun, Byte::guess(second))),
                );
            }
        }
        read
    }
}

/// A reading of a torn stretch, from the character before it to where the text is
/// aligned again.
struct Run {
    items: Vec<Item<Note>>,
    /// Where the text is aligned again, behind the brackets of the last character.
    end: usize,
    /// The cost of the whole reading, further than to `end`.
    cost: i32,
    /// The cost of the dearest character.
    worst: i32,
}

impl Run {
    fn new(text: &str, page: &Page, mut items: Vec<Item<Note>>, cost: i32) -> Run {
        let is_aligned = |item: &Item<Note>| matches!(item, Item::Note(Note::Aligned(_)));
        let aligned = items.iter().position(is_aligned).unwrap_or(items.len());
        let is_bracket = |item: &&Item<Note>| matches!(item, Item::Note(Note::Bracket { .. }));
        let brackets = items.iter().skip(aligned + 1).take_while(is_bracket).count();
        items.truncate(aligned + 1 + brackets);
        let mut run = Run { items: Vec::new(), end: 0, cost, worst: 0 };
        for item in &items[aligned.min(items.len())..] {
            match *item {
                Item::Note(Note::Aligned(at)) => run.end = at,
                Item::Note(Note::Bracket { at, .. }) => {
                    let len = syllable_in_parentheses(&text[at..]).map_or(0, |(_, len)| len);
                    run.end = at + len;
                }
                _ => {}
            }
        }
        run.items = items;
        let characters = run.characters();
        run.worst =
            characters.windows(2).map(|pair| page.cost(pair[0], pair[1])).max().unwrap_or_default();
        run
    }

    /// The characters, that before the torn stretch first.
    fn characters(&self) -> Vec<char> {
        let character = |item: &Item<Note>| match *item {
            Item::Char { character, .. } => Some(character),
            Item::Note(_) => None,
        };
        self.items.iter().filter_map(character).collect()
    }
}

/// A torn stretch as it was before the damage.
struct Mended {
    best: Run,
    /// Other readings of the same bytes, which lower the posteriors.
    rivals: Vec<Run>,
    gain: Bits,
}

impl Mended {
    /// The edit; lost characters less certain than `confidence` become U+FFFD.
    fn edit(&self, start: usize, text: &str, page: &Page, confidence: f32) -> Option<Edit> {
        let mut after = String::new();
        let mut filled = Vec::new();
        let mut safety = Safety::Exact;
        let characters = self.best.items.iter().filter_map(|item| match *item {
            Item::Char { character, guessed, .. } => Some((character, guessed)),
            Item::Note(_) => None,
        });
        for ((character, guessed), posterior) in characters.zip(self.posteriors()).skip(1) {
            if guessed {
                safety = Safety::Inferred;
                if posterior < confidence {
                    after.push(char::REPLACEMENT_CHARACTER);
                    continue;
                }
                filled.push(Filled { at: after.len(), character, posterior });
            } else if posterior < confidence.min(SEGMENTED) {
                // another reading of bytes that are all there: where characters begin
                // is not determined, and nothing can be said
                return None;
            }
            page.write(character, &mut after);
        }
        let (before, after) = without_common_end(&text[start..self.best.end], &after);
        (before != after).then(|| Edit {
            range: start..start + before.len(),
            before: before.to_owned(),
            after: after.to_owned(),
            kind: Kind::Pinyin,
            steps: vec![
                Step::Apply(super::STRIP),
                Step::Encode(Codec::Gbk.name()),
                Step::Decode(Codec::Gbk.name()),
            ],
            safety,
            bits: self.gain,
            filled,
        })
    }

    /// The posterior of each character of the best run.
    fn posteriors(&self) -> Vec<f32> {
        let rivals: Vec<(Vec<char>, i32)> =
            self.rivals.iter().map(|run| (run.characters(), run.cost)).collect();
        posteriors((&self.best.characters(), self.best.cost), &rivals)
    }
}

/// Two texts without the characters that both end with.
fn without_common_end<'a>(one: &'a str, two: &'a str) -> (&'a str, &'a str) {
    let common: usize = one
        .chars()
        .rev()
        .zip(two.chars().rev())
        .take_while(|(one, two)| one == two)
        .map(|(one, _)| one.len_utf8())
        .sum();
    (&one[..one.len() - common], &two[..two.len() - common])
}
