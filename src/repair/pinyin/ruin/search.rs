//! The search that all ruins share: readings of the bytes, position by position, from a
//! `?` to where the text is aligned again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{Arena, Note, Reached, gap, odds, overlap, shifted, split, swallowed, trail};
use crate::codec::{Code, Codec, Flavour, Table};
use crate::edit::Bits;
use crate::repair::pinyin::bracket::{Bracket, syllable_in_parentheses, syllable_to_parenthesis};
use crate::repair::pinyin::fold;
use crate::repair::pinyin::gate::List;
use crate::repair::pinyin::page::Page;
use crate::repair::pinyin::reading::Syllable;
use crate::repair::resync::{Reading, prune};

/// How many readings are kept at each position. Alternatives multiply only at lost
/// bytes, 126 values each, and the byte behind cuts them down to a few.
const WIDTH: usize = 48;

/// A reading so much worse than the best at its position does not come back.
const MARGIN: i32 = 32 * Bits::ONE.0;

/// Readings this much worse than the best do not count for the posteriors: a hundred of
/// them are not one in a hundred.
pub(super) const COUNTED: i32 = 10 * Bits::ONE.0;

/// A run that is shifted over more positions than this is left: real ones end with the clause.
const MAX_RUN: usize = 400;

/// How many characters are looked at from a position, of which any is no ASCII: the pair that
/// tells what is behind a stretch and the one before it.
const AHEAD: usize = 3;

/// Characters of the longest bracket, `(zhuàng)` with combining marks and some blanks; where more
/// is no end of one, all text counts as looked at.
const LONGEST: usize = 24;

/// How much of a line around a ruin is looked at for marks in pairs, in bytes on each side.
const NEAR: usize = 512;

/// Readings that the search may make for one ruin; with gaps, real ones take ten thousand.
const READINGS_PER_RUIN: usize = 1 << 17;

/// Readings that it may make in any document: dozens of ruins with gaps.
const READINGS: usize = 1 << 19;

/// Readings that it may make for each further byte of the document, so that time stays
/// linear however many question marks there are.
const READINGS_PER_BYTE: usize = 8;

/// A reading so much worse than the best at its position is not tried with a gap: no such
/// reading counts for the posterior.
const GAP_MARGIN: i32 = 12 * Bits::ONE.0;

/// How many readings are tried with a gap at each position, the best ones: the others
/// mostly differ from them in what was lost long before.
const GAP_READINGS: usize = 8;

/// Text that goes on this cheaply is not tried with a gap: with one there are two
/// characters in the place of one, of at least five bits each.
const EXPECTED: i32 = 4 * Bits::ONE.0;

/// One document with what its ruins are searched with.
pub(super) struct Search<'a> {
    pub(super) text: &'a str,
    pub(super) list: &'a List<'a>,
    pub(super) table: &'static Table,
    pub(super) page: Page,
    pub(super) by_trail: RefCell<trail::ByTrail>,
    /// What the odds against gaps are summed over.
    pub(super) before_mark: RefCell<odds::BeforeMark>,
    injected: &'a [&'a Bracket],
    /// How many readings may still be made.
    budget: Cell<usize>,
    /// What was looked at for one ruin, from and to.
    examined: Cell<(usize, usize)>,
}

/// Whether a search looks for pairs that vanished, which makes it a hundred times as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// Every place is tried with one.
    Tried,
    /// The text is read as if nothing had vanished.
    Left,
}

/// The readings of a torn stretch, all up to the same place.
pub(super) struct Found {
    /// Where the character before the stretch starts, which the readings start with.
    pub(super) start: usize,
    /// Where every reading is aligned again.
    pub(super) end: usize,
    pub(super) readings: Vec<Reading>,
}

/// Readings by how far they go.
type Columns = BTreeMap<usize, Vec<Reading>>;

/// What a `?` may be as a lost lead byte that ate a `(` or what is before a mark.
pub(super) struct Lost {
    /// Where the text is, whether it is a `?` or not.
    pub(super) at: usize,
    /// The reading behind a `?` that ate its `(`, and its length.
    pub(super) bracket: Option<(Syllable, usize)>,
    /// The marks that may have been split off behind a `?`.
    splits: Vec<split::Split>,
}

impl Lost {
    fn at(text: &str, at: usize) -> Lost {
        let behind = text[at..].strip_prefix('?');
        let bracket = behind.and_then(syllable_to_parenthesis);
        let marked = behind.filter(|_| bracket.is_none());
        Lost { at, bracket, splits: marked.map(split::splits).unwrap_or_default() }
    }
}

/// What the text at an offset may stand for where a character is half read.
pub(super) struct Ways {
    pub(super) lost: Lost,
    /// The bytes that the text may be, if the `?` is no lost byte for certain.
    pub(super) shown: Vec<shifted::Shown>,
    /// What a `?` may have eaten if it is a lost byte without a reading.
    eaten: Vec<swallowed::Eaten>,
    /// What may stand behind a gap, if the first reading with one has asked.
    behind_gap: Option<Vec<gap::Behind>>,
    /// The gaps for each last character and half-read one.
    gaps: FxHashMap<(char, u8), Vec<gap::Gap>>,
}

impl Ways {
    fn at(search: &Search<'_>, at: usize) -> Ways {
        let mut ways = Ways {
            lost: Lost::at(search.text, at),
            shown: Vec::new(),
            eaten: Vec::new(),
            behind_gap: None,
            gaps: FxHashMap::default(),
        };
        // `?shí)` is a lost byte in any case, and not A3BF, `？`, folded
        if ways.lost.bracket.is_none() {
            ways.shown = shifted::shown(search, at);
            if search.text[at..].starts_with('?') {
                ways.eaten = swallowed::eaten(search, at);
            }
        }
        ways
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(
        text: &'a str,
        list: &'a List<'a>,
        injected: &'a [&'a Bracket],
    ) -> Search<'a> {
        Search {
            text,
            list,
            injected,
            table: Codec::Gbk.table(Flavour::WINDOWS),
            page: Page::new(text, injected),
            budget: Cell::new(READINGS.saturating_add(text.len() * READINGS_PER_BYTE)),
            by_trail: RefCell::default(),
            before_mark: RefCell::default(),
            examined: Cell::default(),
        }
    }

    /// Begins with another ruin.
    pub(super) fn begin(&self, ruin: usize) {
        self.examined.set((ruin, ruin));
    }

    /// Notes that the text is looked at.
    pub(super) fn examine(&self, range: Range<usize>) {
        let (start, end) = self.examined.get();
        self.examined.set((start.min(range.start), end.max(range.end)));
    }

    /// Notes that the text is looked at from a position: the next characters, and the bracket
    /// that may begin there.
    fn examine_from(&self, at: usize) {
        let is_of_bracket = |character: char| character < '\u{370}';
        let mut ahead = self.text[at..].char_indices().skip(AHEAD).take(LONGEST);
        let end = ahead.find(|&(_, character)| !is_of_bracket(character));
        self.examine(at..end.map_or(self.text.len(), |(end, _)| at + end + 1));
    }

    /// The line around a stretch, as much of it as is looked at.
    pub(super) fn line(&self, around: Range<usize>) -> Range<usize> {
        let text = self.text;
        let before =
            &text[text.ceil_char_boundary(around.start.saturating_sub(NEAR))..around.start];
        let behind = &text[around.end..text.floor_char_boundary(around.end + NEAR)];
        let before = before.rsplit('\n').next().unwrap_or(before);
        let behind = behind.split('\n').next().unwrap_or(behind);
        let line = around.start - before.len()..around.end + behind.len();
        // with the breaks around it
        self.examine(line.start.saturating_sub(1)..line.end + 1);
        line
    }

    /// What was looked at since the ruin was begun with.
    pub(super) fn examined(&self) -> Range<usize> {
        let (start, end) = self.examined.get();
        self.text.floor_char_boundary(start)..self.text.ceil_char_boundary(end)
    }

    /// Takes work from the budget, in readings; says whether anything is left of it.
    pub(super) fn spend(&self, readings: usize) -> bool {
        self.budget.set(self.budget.get().saturating_sub(readings));
        self.budget.get() > 0
    }

    /// Reads on from a ruin until every reading left is aligned at one position.
    pub(super) fn run(&self, readings: &mut Arena<'_>, ruin: usize, gaps: Gaps) -> Option<Found> {
        if !self.spend(0) {
            return None;
        }
        let (start, before) = self.character_before(ruin)?;
        self.examine(start..ruin);
        self.examine_from(ruin);
        let mut columns = self.torn(readings, start..ruin, before);
        self.spend(readings.len());
        for _ in 0..MAX_RUN {
            let (at, mut column) = columns.pop_first()?;
            self.examine_from(at);
            if at == self.text.len() {
                column.retain(|reading| reading.lead.is_none());
            }
            prune(&mut column, WIDTH, MARGIN, COUNTED);
            if column.is_empty() {
                return None;
            }
            let aligned = column.iter().all(|reading| reading.lead.is_none());
            if columns.is_empty() && aligned && !self.is_before_bracket(at, &column) {
                return Some(Found { start, end: at, readings: column });
            }
            let made = readings.len();
            self.step_all(readings, at, column, gaps, &mut columns);
            if !self.spend(readings.len() - made) || readings.len() > READINGS_PER_RUIN {
                return None;
            }
        }
        None
    }

    /// The readings of the character `before` a ruin, which stands in `place`, and of what the `?`
    /// behind it may be.
    fn torn(&self, readings: &mut Arena<'_>, place: Range<usize>, before: char) -> Columns {
        let mut columns = Columns::new();
        let mut lost = Lost::at(self.text, place.end);
        readings.read_at(place.end);
        for code in self.codes(before) {
            let mut reading = readings.start(before, code);
            for injected in self.injected_in(place.clone()) {
                reading = note_bracket(readings, reading, injected.range.start);
            }
            for (at, reading) in self.ruin(readings, &mut lost, reading) {
                let reading = note_aligned(readings, at, reading);
                columns.entry(at).or_default().push(reading);
            }
        }
        columns
    }

    /// Goes on with the readings up to `at`, the best first.
    fn step_all(
        &self,
        readings: &mut Arena<'_>,
        at: usize,
        column: Vec<Reading>,
        gaps: Gaps,
        columns: &mut Columns,
    ) {
        let mut ways = Ways::at(self, at);
        readings.read_at(at);
        let best = column.first().map_or(0, |best| best.cost);
        for (rank, reading) in column.into_iter().enumerate() {
            let near = reading.cost - best <= GAP_MARGIN && rank < GAP_READINGS;
            let gaps = near && gaps == Gaps::Tried;
            for (at, reading) in self.step(readings, at, &mut ways, reading, gaps) {
                columns.entry(at).or_default().push(reading);
            }
        }
    }

    /// Every way to read on from one position.
    fn step(
        &self,
        readings: &mut Arena<'_>,
        at: usize,
        ways: &mut Ways,
        reading: Reading,
        gaps: bool,
    ) -> Vec<Reached> {
        let rest = &self.text[at..];
        if let Some((syllable, len)) = syllable_in_parentheses(rest)
            && self.is_read(reading.tail, syllable)
        {
            return vec![(at + len, note_bracket(readings, reading, at))];
        }
        let Some(next) = rest.chars().next() else { return Vec::new() };
        let mut reached = self.ruin(readings, &mut ways.lost, reading);
        if reading.lead.is_none() {
            let code = self.codes(next).next().unwrap_or_default();
            let copied = readings.push_char(reading, next, code, false);
            reached.push((at + next.len_utf8(), copied));
            return reached;
        }
        if !ways.eaten.is_empty() {
            let swallowed = swallowed::candidates(self, readings, &mut ways.eaten, reading);
            reached.extend(swallowed.into_iter().map(|reading| (at + 1, reading)));
        }
        reached.extend(ways.shown.iter().filter_map(|shown| shown.read(readings, reading)));
        let expected = reached.iter().any(|(_, read)| read.cost - reading.cost < EXPECTED);
        if gaps && !expected {
            reached.extend(self.behind_gap(readings, ways, reading));
        }
        reached.into_iter().map(|(at, reading)| (at, note_aligned(readings, at, reading))).collect()
    }

    /// Every way to read on behind a pair that vanished.
    fn behind_gap(
        &self,
        readings: &mut Arena<'_>,
        ways: &mut Ways,
        reading: Reading,
    ) -> Vec<Reached> {
        let Some(lead) = reading.lead else { return Vec::new() };
        if ways.behind_gap.is_none() {
            ways.behind_gap = Some(gap::behind(self, ways));
        }
        let behind = ways.behind_gap.as_deref().unwrap_or_default();
        let gaps = ways.gaps.entry((reading.previous, lead.value)).or_insert_with(|| {
            // to weigh one is less work than to read it
            self.spend(behind.len());
            gap::cheapest(self, reading.previous, lead.value, behind)
        });
        let gaps = gaps.clone();
        gaps.into_iter().filter_map(|gap| gap::read(readings, reading, gap, behind, ways)).collect()
    }

    /// Every way to read on behind a lost lead byte that ate `(` or what is before a mark.
    fn ruin(&self, readings: &mut Arena<'_>, lost: &mut Lost, reading: Reading) -> Vec<Reached> {
        let behind = lost.at + 1;
        if let Some((syllable, len)) = lost.bracket {
            let owners = overlap::candidates(self, readings, reading, syllable).into_iter();
            let noted = |reading| (behind + len, note_bracket(readings, reading, lost.at));
            return owners.map(noted).collect();
        }
        let mut reached = Vec::new();
        for split in &mut lost.splits {
            let read = split::candidates(self, readings, split, reading);
            reached.extend(read.into_iter().map(|reading| (behind + split.len, reading)));
        }
        reached
    }

    /// Whether an injected bracket is at `at` in one of the readings.
    fn is_before_bracket(&self, at: usize, readings: &[Reading]) -> bool {
        syllable_in_parentheses(&self.text[at..]).is_some_and(|(syllable, _)| {
            readings.iter().any(|reading| self.is_read(reading.tail, syllable))
        })
    }

    /// Whether two bytes are a character with this reading.
    fn is_read(&self, pair: [u8; 2], syllable: Syllable) -> bool {
        let owner = self.table.pair(pair[0], pair[1]);
        owner.is_some_and(|owner| syllable.fit(owner).is_some())
    }

    /// The injected brackets that start in a range.
    fn injected_in(&self, range: Range<usize>) -> &'a [&'a Bracket] {
        let index = |at| self.injected.partition_point(|bracket| bracket.range.start < at);
        &self.injected[index(range.start)..index(range.end)]
    }

    /// The character that `at` stands behind, over injected brackets.
    pub(super) fn character_before(&self, at: usize) -> Option<(usize, char)> {
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

    /// Up to `most` characters before a place, over injected brackets.
    pub(super) fn characters_before(&self, at: usize, most: usize) -> Vec<char> {
        let before = std::iter::successors(self.character_before(at), |&(start, _)| {
            self.character_before(start)
        });
        let mut start = at;
        let mut characters: Vec<char> = Vec::with_capacity(most);
        for (at, character) in before.take(most) {
            start = at;
            characters.push(character);
        }
        characters.reverse();
        self.examine(start..at);
        characters
    }

    /// Up to `most` characters behind a place, over injected brackets.
    pub(super) fn characters_behind(&self, at: usize, most: usize) -> Vec<char> {
        let mut brackets = self.injected_in(at..self.text.len()).iter().peekable();
        let mut characters = Vec::with_capacity(most);
        let mut end = at;
        while characters.len() < most {
            if let Some(bracket) = brackets.next_if(|bracket| bracket.range.start == end) {
                end = bracket.range.end;
                continue;
            }
            let Some(next) = self.text[end..].chars().next() else { break };
            characters.push(next);
            end += next.len_utf8();
        }
        self.examine(at..end);
        characters
    }

    /// The codes that a character, perhaps folded, may have had; one byte as `[0, byte]`.
    fn codes(&self, character: char) -> impl Iterator<Item = [u8; 2]> {
        let bytes = |code: Code| code.pair().unwrap_or([0, code.as_bytes()[0]]);
        let kept = self.table.codes(character).map(bytes);
        let folded: Vec<[u8; 2]> =
            fold::unfolded(character.encode_utf8(&mut [0; 4])).map(|folded| folded.pair).collect();
        kept.chain(folded)
    }
}

/// Notes a bracket that starts at `at`.
pub(super) fn note_bracket(readings: &mut Arena<'_>, reading: Reading, at: usize) -> Reading {
    readings.note(reading, Note::Bracket { at, half_read: reading.lead.is_some() })
}

/// Notes where a torn reading is aligned again.
fn note_aligned(readings: &mut Arena<'_>, at: usize, reading: Reading) -> Reading {
    match reading.lead {
        None => readings.note(reading, Note::Aligned(at)),
        Some(_) => reading,
    }
}
