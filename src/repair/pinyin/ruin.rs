//! Mends what the injector tore: a search over the bytes behind each `?`.
//!
//! The grammar of the damage; the text is *aligned* where no character is half read:
//!
//! ```text
//! ?jiǎng)     a lost lead byte ate the (: it ends the character read jiǎng    R1–R3
//! ?，         a lost lead byte ate what stood before the mark               R4, R5
//! ?           not aligned: a lost lead byte ate one ASCII byte              R7
//! (zhǎng)     behind the bytes of a character read zhǎng: nothing
//! ,           not aligned: also A3AC, folded                                R8
//! any         its bytes; before it, not aligned, a pair that vanished       R6
//! ```

use std::collections::BTreeMap;

use super::bracket::{
    Bracket, is_common_traditional, syllable_in_parentheses, syllable_to_parenthesis,
};
use super::fold;
use super::gate::List;
use super::inject::vanishes;
use super::proof;
use super::reading::{Fit, Syllable};
use crate::codec::{Codec, Flavour, Table};
use crate::edit::{Bits, Edit, Filled, Finding, Kind, Safety, Step};
use crate::model;
use crate::repair::Repaired;
use crate::repair::resync::{Byte, Item, Reading, Readings, prune};

/// How many readings are kept at each position. Alternatives multiply only at lost
/// bytes, 126 values each, and the byte behind cuts them down to a few.
const WIDTH: usize = 96;

/// A reading so much worse than the best at its position does not come back.
const MARGIN: i32 = 60 * Bits::ONE.0;

/// What the mended text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 20 * Bits::ONE.0;

/// Charged for a split at a mark, so that `真的??` in a page with ruins stays as it is.
const SPLIT_COST: i32 = 6 * Bits::ONE.0;

/// Charged for a character that nothing else says is on the injector's list.
const UNLISTED_COST: i32 = 4 * Bits::ONE.0;

/// Charged for a listed character beyond Big5's common ones: lists hold everyday characters.
const RARE_COST: i32 = 6 * Bits::ONE.0;

/// Charged for a pair that vanished: there is no telling which of 1,900 it was but by
/// the model, and a gap may be anywhere.
const VANISHED_COST: i32 = 14 * Bits::ONE.0;

/// Charged for reading a character as the folded form of another.
const FOLDED_COST: i32 = Bits::ONE.0;

/// A run that is shifted over more positions than this is left: real ones end with the clause.
const MAX_RUN: usize = 400;

/// Readings that the search may make for each byte of the document, so that time
/// stays linear however many question marks there are.
const READINGS_PER_BYTE: usize = 100;

/// How many complete readings are tried before a ruin is given up.
const TRIES: usize = 8;

/// Mends the ruins of one document; gives an edit for each torn stretch.
pub(super) fn mend(
    text: &str,
    list: &List<'_>,
    injected: &[&Bracket],
    confidence: f32,
) -> Repaired {
    let mut search = Search {
        text,
        list,
        injected,
        table: Codec::Gbk.table(Flavour::Windows),
        foldable: fold::may_be_folded(text),
        budget: text.len().saturating_mul(READINGS_PER_BYTE),
    };
    let mut repaired = Repaired::default();
    let mut from = 0;
    for at in memchr::memchr_iter(b'?', text.as_bytes()) {
        if at < from || !starts_ruin(&text[at..]) {
            continue;
        }
        match search.mend_at(at) {
            Some(mended) => {
                from = mended.end;
                repaired.edits.extend(mended.edits(text, search.foldable, confidence));
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

/// The bytes of a mark that is split off, given as it is or folded.
fn mark(character: char) -> Option<[u8; 2]> {
    Some(match character {
        '。' => [0xA1, 0xA3],
        '，' | ',' => [0xA3, 0xAC],
        '；' | ';' => [0xA3, 0xBB],
        '？' | '?' => [0xA3, 0xBF],
        '！' | '!' => [0xA3, 0xA1],
        _ => return None,
    })
}

/// What a reading remarks, with the offset in the text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Note {
    /// The text is torn here: bytes do not fall on characters any more.
    Torn(usize),
    /// The text is aligned from here.
    Aligned(usize),
    /// A bracket; its `(` may be the `?` that ate it.
    Bracket {
        at: usize,
        /// Whether the bytes before it end inside a character.
        half_read: bool,
    },
}

fn bracket(readings: &mut Readings<Note>, reading: Reading, at: usize) -> Reading {
    readings.note(reading, Note::Bracket { at, half_read: reading.lead.is_some() })
}

/// A position in the text with a reading of everything before it.
type Reached = (usize, Reading);

struct Search<'a> {
    text: &'a str,
    list: &'a List<'a>,
    injected: &'a [&'a Bracket],
    table: &'static Table,
    /// Whether full-width forms may have been folded to ASCII.
    foldable: bool,
    /// How many readings may still be made.
    budget: usize,
}

impl Search<'_> {
    /// The best proven reading of the run that starts at `start`.
    fn mend_at(&mut self, start: usize) -> Option<Mended> {
        // vanished pairs multiply the readings a thousandfold: only where nothing else helps
        [false, true].into_iter().find_map(|gaps| self.mend_run(start, gaps))
    }

    fn mend_run(&mut self, start: usize, gaps: bool) -> Option<Mended> {
        let (before_at, before) = self.character_before(start)?;
        let mut readings = Readings::new(self.table);
        let starts: Vec<Reading> =
            self.codes(before).map(|code| readings.start(before, code)).collect();
        let (end, complete) = self.run(&mut readings, start, starts, gaps)?;
        let as_it_stands = self.cost(before, &self.text[start..end], end);
        let mut runs = complete.into_iter().map(|reading| Run {
            cost: reading.cost + self.cost(reading.previous, "", end),
            items: readings.items(reading),
        });
        let torn = &self.text[before_at..end];
        let mut rivals = Vec::new();
        let best = runs.by_ref().take(TRIES).find_map(|run| {
            let proven = as_it_stands - run.cost >= THRESHOLD
                && proof::reproduces(self.text, torn, &run.items, self.list, self.foldable);
            if proven {
                Some(run)
            } else {
                rivals.push(run);
                None
            }
        })?;
        let gain = Bits(as_it_stands - best.cost);
        // what was not proven is no rival
        Some(Mended { end, best, rivals: runs.collect(), gain })
    }

    /// The character that `at` stands behind, over injected brackets.
    fn character_before(&self, at: usize) -> Option<(usize, char)> {
        let mut end = at;
        let behind = self.injected.partition_point(|bracket| bracket.range.end <= at);
        for bracket in self.injected[..behind].iter().rev() {
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
        let folded = fold::unfolded(character.encode_utf8(&mut [0; 4]))
            .map(|folded| folded.pair)
            .collect::<Vec<_>>();
        kept.chain(folded.into_iter().filter(|_| self.foldable))
    }

    /// The cost of `text` behind `previous`, with the step to what stands at `end`.
    fn cost(&self, mut previous: char, text: &str, end: usize) -> i32 {
        let mut cost = 0;
        for next in text.chars().chain(self.text[end..].chars().next()) {
            cost += model::cost(previous, next).0;
            previous = next;
        }
        cost
    }

    /// Reads on from a ruin until every reading left is aligned at one position.
    fn run(
        &mut self,
        readings: &mut Readings<Note>,
        start: usize,
        starts: Vec<Reading>,
        gaps: bool,
    ) -> Option<(usize, Vec<Reading>)> {
        let mut columns: BTreeMap<usize, Vec<Reading>> = BTreeMap::new();
        for reading in starts {
            for (at, reading) in self.ruin(readings, start, reading) {
                columns.entry(at).or_default().push(reading);
            }
        }
        for _ in 0..MAX_RUN {
            let (at, mut column) = columns.pop_first()?;
            if at == self.text.len() {
                column.retain(|reading| reading.lead.is_none());
            }
            prune(&mut column, WIDTH, MARGIN);
            if columns.is_empty() && column.iter().all(|reading| reading.lead.is_none()) {
                return (!column.is_empty()).then_some((at, column));
            }
            let made = readings.len();
            for reading in column {
                for (at, reading) in self.step(readings, at, reading, gaps) {
                    columns.entry(at).or_default().push(reading);
                }
            }
            self.budget = self.budget.checked_sub(readings.len() - made)?;
        }
        None
    }

    /// Every way to read on from one position.
    fn step(
        &self,
        readings: &mut Readings<Note>,
        at: usize,
        reading: Reading,
        gaps: bool,
    ) -> Vec<Reached> {
        let rest = &self.text[at..];
        if let Some((syllable, len)) = syllable_in_parentheses(rest)
            && self.owner(reading.tail).is_some_and(|owner| syllable.fit(owner).is_some())
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
        if next == '?' {
            reached.extend(self.swallowed(readings, reading).map(|reading| (at + 1, reading)));
        }
        reached.extend(self.shifted(readings, at, reading));
        if gaps {
            for reading in self.vanished(readings, reading, next) {
                reached.extend(self.shifted(readings, at, reading));
            }
        }
        for (at, reading) in &mut reached {
            if reading.lead.is_none() {
                *reading = readings.note(*reading, Note::Aligned(*at));
            }
        }
        reached
    }

    /// The character of the last two bytes.
    fn owner(&self, tail: [u8; 2]) -> Option<char> {
        self.table.pair(tail[0], tail[1])
    }

    /// `?` at `at` as a lost lead byte that ate `(` or what is before a mark.
    fn ruin(&self, readings: &mut Readings<Note>, at: usize, reading: Reading) -> Vec<Reached> {
        let behind = &self.text[at + 1..];
        let torn =
            if reading.lead.is_none() { readings.note(reading, Note::Torn(at)) } else { reading };
        if let Some((syllable, len)) = syllable_to_parenthesis(behind) {
            return self
                .overlap(readings, torn, syllable)
                .into_iter()
                .map(|reading| (at + 1 + len, bracket(readings, reading, at)))
                .collect();
        }
        let Some(mark_character) = behind.chars().next() else { return Vec::new() };
        let Some(pair) = mark(mark_character) else { return Vec::new() };
        let end = at + 1 + mark_character.len_utf8();
        let charged = torn.charged(SPLIT_COST);
        readings
            .guess_lead(charged)
            .into_iter()
            .filter_map(|reading| Some((end, readings.push_pair(reading, pair)?)))
            .collect()
    }

    /// The lost byte that ends a character with this reading, begun by the last byte.
    fn overlap(
        &self,
        readings: &mut Readings<Note>,
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

    fn unlisted_cost(&self, owner: char) -> i32 {
        match self.list.brackets.contains_key(&owner) {
            true => 0,
            false if is_common_traditional(owner) => UNLISTED_COST,
            false => UNLISTED_COST + RARE_COST,
        }
    }

    /// `?` in a shifted run as a lead byte that ate one byte of ASCII below 40.
    fn swallowed(
        &self,
        readings: &mut Readings<Note>,
        reading: Reading,
    ) -> impl Iterator<Item = Reading> {
        let mut read = Vec::new();
        for reading in readings.guess_lead(reading) {
            for ascii in (b' '..b'@').filter(|&ascii| ascii != b'?') {
                read.extend(readings.push(reading, Byte::guess(ascii)));
            }
        }
        read.into_iter()
    }

    /// The character at `at` as bytes of a shifted run.
    fn shifted(&self, readings: &mut Readings<Note>, at: usize, reading: Reading) -> Vec<Reached> {
        let rest = &self.text[at..];
        let Some(next) = rest.chars().next() else { return Vec::new() };
        let mut reached = Vec::new();
        for code in self.table.codes(next) {
            let read = code.bytes().try_fold(reading, |r, byte| readings.push(r, Byte::kept(byte)));
            reached.extend(read.map(|reading| (at + next.len_utf8(), reading)));
        }
        if self.foldable {
            for folded in fold::unfolded(rest) {
                let read = readings.push_pair(reading, folded.pair);
                reached.extend(
                    read.map(|reading| (at + folded.becomes.len(), reading.charged(FOLDED_COST))),
                );
            }
        }
        reached
    }

    /// A pair that vanished in a shifted run before `next`.
    fn vanished(
        &self,
        readings: &mut Readings<Note>,
        reading: Reading,
        next: char,
    ) -> Vec<Reading> {
        let Some(lead) = reading.lead else { return Vec::new() };
        let next_bytes: Vec<u8> = self
            .codes(next)
            .map(|[first, second]| if first == 0 { second } else { first })
            .collect();
        let charged = reading.charged(VANISHED_COST);
        let mut read = Vec::new();
        for first in (0x81..=0xFE).filter(|&first| self.table.pair(lead.value, first).is_some()) {
            let goes_on = |second: &u8| {
                vanishes(&[first, *second])
                    && next_bytes.iter().any(|&next| self.table.pair(*second, next).is_some())
            };
            let seconds: Vec<u8> = (0x81..=0xFE).filter(goes_on).collect();
            if let Some(begun) =
                readings.push(charged, Byte::guess(first)).filter(|_| !seconds.is_empty())
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

/// A complete reading of a run, from a ruin to where the text is aligned again.
struct Run {
    items: Vec<Item<Note>>,
    cost: i32,
}

impl Run {
    fn characters(&self) -> Vec<char> {
        let character = |item: &Item<Note>| match *item {
            Item::Char { character, .. } => Some(character),
            Item::Note(_) => None,
        };
        self.items.iter().filter_map(character).collect()
    }
}

/// A run as it was before the damage.
struct Mended {
    /// Where the run ends in the text.
    end: usize,
    best: Run,
    /// Other readings of the same bytes, which lower the posteriors.
    rivals: Vec<Run>,
    gain: Bits,
}

impl Mended {
    /// An edit for each torn stretch of the run.
    fn edits(&self, text: &str, folded: bool, confidence: f32) -> Vec<Edit> {
        let posteriors = self.posteriors();
        let mut edits: Vec<Edit> = Vec::new();
        let mut stretch: Option<Stretch> = None;
        let mut aligned = false;
        let mut index = 0;
        for item in &self.best.items {
            match *item {
                Item::Char { character, guessed, .. } => {
                    if aligned {
                        edits.extend(stretch.take().and_then(|open| open.edit(text, self.gain)));
                    }
                    if let Some(stretch) = &mut stretch {
                        let posterior = if guessed { posteriors[index] } else { 1.0 };
                        stretch.push(character, guessed, posterior, folded, confidence);
                    }
                    index += 1;
                }
                Item::Note(Note::Torn(at)) => {
                    edits.extend(stretch.take().and_then(|open| open.edit(text, self.gain)));
                    stretch = Some(Stretch::at(at));
                    aligned = false;
                }
                Item::Note(Note::Aligned(at)) => {
                    aligned = true;
                    stretch.iter_mut().for_each(|stretch| stretch.end = at);
                }
                Item::Note(Note::Bracket { at, .. }) => {
                    // the brackets of its last character belong to a torn stretch
                    if let (true, Some(stretch)) = (aligned, &mut stretch)
                        && let Some((_, len)) = syllable_in_parentheses(&text[at..])
                    {
                        stretch.end = at + len;
                    }
                }
            }
        }
        edits.extend(stretch.and_then(|open| open.edit(text, self.gain)));
        edits
    }

    /// The posterior of each character of the best run.
    fn posteriors(&self) -> Vec<f32> {
        let likelihood = |run: &Run| f64::from(self.best.cost - run.cost) / f64::from(Bits::ONE.0);
        let rivals: Vec<(Vec<char>, f64)> =
            self.rivals.iter().map(|run| (run.characters(), likelihood(run).exp2())).collect();
        let total = 1.0 + rivals.iter().map(|(_, likelihood)| likelihood).sum::<f64>();
        let best = self.best.characters();
        let agreeing = |index: usize, character: char| -> f64 {
            let agree = |(run, _): &&(Vec<char>, f64)| run.get(index) == Some(&character);
            1.0 + rivals.iter().filter(agree).map(|(_, likelihood)| likelihood).sum::<f64>()
        };
        best.iter()
            .enumerate()
            .map(|(index, &character)| (agreeing(index, character) / total) as f32)
            .collect()
    }
}

/// A torn stretch and what it was.
struct Stretch {
    start: usize,
    end: usize,
    after: String,
    filled: Vec<Filled>,
    inferred: bool,
}

impl Stretch {
    fn at(start: usize) -> Stretch {
        Stretch { start, end: start, after: String::new(), filled: Vec::new(), inferred: false }
    }

    fn push(
        &mut self,
        character: char,
        guessed: bool,
        posterior: f32,
        folded: bool,
        confidence: f32,
    ) {
        self.inferred |= guessed;
        if guessed && posterior < confidence {
            self.after.push(char::REPLACEMENT_CHARACTER);
            return;
        }
        if guessed {
            self.filled.push(Filled { at: self.after.len(), character, posterior });
        }
        if folded {
            self.after.push_str(&fold::fold(character.encode_utf8(&mut [0; 4])));
        } else {
            self.after.push(character);
        }
    }

    fn edit(self, text: &str, bits: Bits) -> Option<Edit> {
        let safety = if self.inferred { Safety::Inferred } else { Safety::Exact };
        let (before, after) = without_common_end(&text[self.start..self.end], &self.after);
        (before != after).then(|| Edit {
            range: self.start..self.start + before.len(),
            before: before.to_owned(),
            after: after.to_owned(),
            kind: Kind::Pinyin,
            steps: vec![
                Step::Apply(super::STRIP),
                Step::Encode(Codec::Gbk.name()),
                Step::Decode(Codec::Gbk.name()),
            ],
            safety,
            bits,
            filled: self.filled,
        })
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
