//! Which of the readings of a torn stretch it was, if that can be told.

use super::super::STRIP;
use super::super::bracket::syllable_in_parentheses;
use super::super::page::simplified_cost;
use super::super::proof;
use super::search::{COUNTED, Found, Gaps, Search};
use super::{Arena, Note, gap};
use crate::codec::Codec;
use crate::edit::{Bits, Edit, Filled, Kind, Safety, Step};
use crate::repair::resync::{Item, Reading, posteriors};

/// What the mended text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 12 * Bits::ONE.0;

/// What a character of the mended text may cost at most in the mean: clean text is at 6
/// to 8 bits, noise at 12 and more.
const MAX_MEAN: i32 = 11 * Bits::ONE.0;

/// The same where a character that was lost has its reading behind it, which noise has not:
/// names and rare words are at 14 bits.
const MAX_MEAN_WITH_BRACKET: i32 = 15 * Bits::ONE.0;

/// What differences of cost count for, in 1/256. Pairs of characters see little of a
/// text: where they say 10 to 1, whole sentences say 13 to 1 (measured with
/// `cargo bench --bench pinyin_accuracy`).
const SHARPENED: i32 = 288;

/// The same where a character that was lost has its reading behind it: that says more than
/// the characters do.
const SHARPENED_WITH_BRACKET: i32 = 448;

/// The same where a pair vanished, so that more than one character is at stake.
const SHARPENED_WITH_GAP: i32 = 384;

/// The characters of a run that are too few to sharpen their costs: that before the
/// ruin, a lost one and a mark.
const LONE: usize = 3;

/// Where gaps in a run are no likelier than this beside none, it is not read with gaps:
/// what is certain to one in a hundred stays so.
const GAPLESS: f64 = 1.0 / 512.0;

/// What a proof takes of the budget, in readings.
const PROOF: usize = 100;

/// Characters behind a torn stretch that tell what was in it.
const BEHIND: usize = 2;

/// How many readings are tried before a ruin is given up, and how many rivals of the best.
const TRIES: usize = 64;

/// What is to be done about a ruin.
#[derive(Clone)]
pub(super) enum Verdict {
    /// One original is far likelier than all others together.
    Mended(Edit),
    /// It is a ruin up to `end`, and several originals are likely.
    Undetermined { end: usize },
    /// Nothing that the injector tears to the text is likelier than the text.
    NoRuin,
}

impl Verdict {
    /// The same verdict on a ruin that stands at `to` instead of at `from`.
    pub(super) fn at(&self, from: usize, to: usize) -> Verdict {
        let moved = |offset: usize| offset - from + to;
        match self {
            Verdict::Mended(edit) => {
                let range = moved(edit.range.start)..moved(edit.range.end);
                Verdict::Mended(Edit { range, ..edit.clone() })
            }
            Verdict::Undetermined { end } => Verdict::Undetermined { end: moved(*end) },
            Verdict::NoRuin => Verdict::NoRuin,
        }
    }
}

/// Judges the ruin whose `?` is at `ruin`.
pub(super) fn mend_at(
    search: &Search<'_>,
    readings: &mut Arena<'_>,
    ruin: usize,
    confidence: f32,
) -> Verdict {
    search.begin(ruin);
    let mut proven = proven(search, readings, ruin, Gaps::Left);
    if !proven.first().is_some_and(Run::is_whole) {
        let with_gaps = self::proven(search, readings, ruin, Gaps::Tried);
        if !with_gaps.is_empty() {
            proven = with_gaps;
        }
    }
    // a reading that is no text still is a rival of one that is
    if !proven.first().is_some_and(|best| best.is_text(search.text, ruin)) {
        return Verdict::NoRuin;
    }
    let best = proven.remove(0);
    let posteriors = best.posteriors(&proven);
    if posteriors.iter().any(|&posterior| posterior < confidence) {
        return Verdict::Undetermined { end: best.end };
    }
    match best.edit(search, ruin, &posteriors) {
        Some(edit) => Verdict::Mended(edit),
        None => Verdict::NoRuin,
    }
}

/// The readings that the injector tears to the text, those that count, the best first.
fn proven(search: &Search<'_>, readings: &mut Arena<'_>, ruin: usize, gaps: Gaps) -> Vec<Run> {
    readings.clear();
    let Some(found) = search.run(readings, ruin, gaps) else { return Vec::new() };
    let complete = complete(search, readings, &found);
    let mut proven: Vec<Run> = Vec::new();
    for (cost, &reading) in complete.into_iter().take(TRIES) {
        if proven.first().is_some_and(|best| cost - best.cost > COUNTED) {
            break;
        }
        if !search.spend(PROOF) {
            return Vec::new();
        }
        let mut run = Run::new(search.text, readings.items(reading), cost);
        let torn = found.start..run.end;
        if proof::reproduces(search.text, torn, &run.items, search.list) {
            if proven.is_empty() {
                let behind = search.text[run.end..].chars().next();
                run.gaps = gap::odds(search, &run.items, behind, gaps);
            }
            proven.push(run);
            // what is no text itself has no need of rivals
            if !proven[0].is_text(search.text, ruin) {
                break;
            }
        }
    }
    proven
}

/// The readings of a torn stretch with what they cost up to the text behind it, the cheapest
/// first.
///
/// The search goes by pairs, which tell less than triples: 外設□基于 has many characters that
/// go with 設 and with 基, but only 。 is often before 基于.
fn complete<'f>(
    search: &Search<'_>,
    readings: &Arena<'_>,
    found: &'f Found,
) -> Vec<(i32, &'f Reading)> {
    let (_, before) = search.character_before(found.start).unwrap_or((0, '\n'));
    let behind: Vec<char> = search.text[found.end..].chars().take(BEHIND).collect();
    let weighed = |reading: &'f Reading| {
        let items = readings.items(*reading);
        let read = items.iter().filter_map(character);
        let characters: Vec<char> =
            std::iter::once(before).chain(read).chain(behind.iter().copied()).collect();
        let pair = behind.first().map_or(0, |&next| search.page.cost(reading.previous, next));
        let read = &characters[1..characters.len() - behind.len()];
        let unpaired = unpaired_cost(search, found, read);
        (reading.cost + pair + unpaired - search.page.gain_behind_two(&characters), reading)
    };
    let mut complete: Vec<_> = found.readings.iter().map(weighed).collect();
    complete.sort_by_key(|(cost, reading)| (*cost, reading.item()));
    complete
}

/// Marks in pairs that no other character is folded to.
const PAIRED: [[char; 2]; 6] =
    [['《', '》'], ['「', '」'], ['『', '』'], ['“', '”'], ['（', '）'], ['【', '】']];

/// Charged for a mark on the line that has no partner there.
const UNPAIRED_COST: i32 = 4 * Bits::ONE.0;

/// What is charged if a torn stretch is read like this for marks on its line that have no partner,
/// beside the stretch without any: before `代操作系統》`, `《現` is likelier than `。兌`.
fn unpaired_cost(search: &Search<'_>, found: &Found, read: &[char]) -> i32 {
    if !read.iter().any(|character| PAIRED.as_flattened().contains(character)) {
        return 0;
    }
    let line = search.line(found.start..found.end);
    let before = || search.text[line.start..found.start].chars();
    let behind = || search.text[found.end..line.end].chars();
    let with = unpaired(before().chain(read.iter().copied()).chain(behind()));
    (with - unpaired(before().chain(behind()))) * UNPAIRED_COST
}

/// How many marks have no partner.
fn unpaired(text: impl Iterator<Item = char>) -> i32 {
    let mut open = [0; PAIRED.len()];
    let mut closing = 0;
    for character in text {
        let pair = PAIRED.iter().position(|pair| pair.contains(&character));
        match pair {
            Some(pair) if PAIRED[pair][0] == character => open[pair] += 1,
            Some(pair) if open[pair] > 0 => open[pair] -= 1,
            Some(_) => closing += 1,
            None => {}
        }
    }
    closing + open.iter().sum::<i32>()
}

/// The character that an item is.
fn character(item: &Item<Note>) -> Option<char> {
    match *item {
        Item::Char { character, .. } => Some(character),
        Item::Note(_) => None,
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
    /// For each character, how much likelier it is that pairs vanished there than not;
    /// of the best run only.
    gaps: Vec<f64>,
}

impl Run {
    fn new(text: &str, mut items: Vec<Item<Note>>, cost: i32) -> Run {
        let is_aligned = |item: &Item<Note>| matches!(item, Item::Note(Note::Aligned(_)));
        let is_bracket = |item: &&Item<Note>| matches!(item, Item::Note(Note::Bracket { .. }));
        let aligned = items.iter().position(is_aligned).unwrap_or(items.len());
        let brackets = items.iter().skip(aligned + 1).take_while(is_bracket).count();
        items.truncate(aligned + 1 + brackets);
        let mut end = 0;
        for item in items.iter().skip(aligned) {
            match *item {
                Item::Note(Note::Aligned(at)) => end = at,
                Item::Note(Note::Bracket { at, .. }) => {
                    let len = syllable_in_parentheses(&text[at..]).map_or(0, |(_, len)| len);
                    end = at + len;
                }
                _ => {}
            }
        }
        Run { items, end, cost, gaps: Vec::new() }
    }

    /// The characters, that before the torn stretch first.
    fn characters(&self) -> Vec<char> {
        self.items.iter().filter_map(character).collect()
    }

    /// The posterior of each character among these rivals, and gaps that are in none of them.
    fn posteriors(&self, rivals: &[Run]) -> Vec<f32> {
        let sharpened = |run: &Run| run.cost * self.sharpening() / 256;
        let rivals: Vec<_> = rivals.iter().map(|run| (run.characters(), sharpened(run))).collect();
        let mut posteriors = posteriors((&self.characters(), sharpened(self)), &rivals);
        let mut whole = 1.0;
        for (posterior, odds) in posteriors.iter_mut().zip(&self.gaps) {
            // whatever follows a gap is not at its place
            whole /= 1.0 + odds;
            *posterior *= whole as f32;
        }
        posteriors
    }

    /// Whether gaps in the run are so unlikely that none need be looked for.
    fn is_whole(&self) -> bool {
        self.gaps.iter().sum::<f64>() <= GAPLESS
    }

    /// Whether a run is likelier than what stands at `ruin`, and text.
    fn is_text(&self, text: &str, ruin: usize) -> bool {
        self.is_plausible() && self.gain(text, ruin) >= THRESHOLD
    }

    /// Whether a run is text at all, and not only likelier than what stands there.
    fn is_plausible(&self) -> bool {
        let characters = self.characters();
        let pairs = characters.windows(2);
        let cost: i32 = pairs.map(|pair| simplified_cost(pair[0], pair[1])).sum();
        let mean = if self.has_bracket() { MAX_MEAN_WITH_BRACKET } else { MAX_MEAN };
        cost <= mean * (characters.len() as i32 - 1).max(2)
    }

    /// What differences to the costs of rivals count for, in 1/256.
    fn sharpening(&self) -> i32 {
        let is_gap = |item: &Item<Note>| matches!(item, Item::Note(Note::Vanished));
        if self.is_lone() {
            256
        } else if self.items.iter().any(is_gap) {
            SHARPENED_WITH_GAP
        } else if self.has_bracket() {
            SHARPENED_WITH_BRACKET
        } else {
            SHARPENED
        }
    }

    /// Whether a mark alone says what a single lost character was (R5).
    fn is_lone(&self) -> bool {
        self.characters().len() <= LONE && !self.has_bracket()
    }

    /// Whether a reading vouches for what was lost.
    fn has_bracket(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Note(Note::Bracket { .. })))
    }

    /// How much likelier a run is than the text as it stands from `ruin`.
    ///
    /// The page has no say here: a ruin that it repeats is no less of a ruin.
    fn gain(&self, text: &str, ruin: usize) -> i32 {
        let characters = self.characters();
        let (before, mended) = characters.split_first().expect("a run starts with a character");
        let behind = text[self.end..].chars().next();
        let cost = |characters: &mut dyn Iterator<Item = char>| {
            let mut previous = *before;
            characters.chain(behind).fold(0, |cost, next| {
                let step = simplified_cost(previous, next);
                previous = next;
                cost + step
            })
        };
        let as_it_stands = cost(&mut text[ruin..self.end].chars());
        as_it_stands - cost(&mut mended.iter().copied())
    }

    /// The edit that puts the run in the place of the text from `ruin`.
    fn edit(&self, search: &Search<'_>, ruin: usize, posteriors: &[f32]) -> Option<Edit> {
        let mut after = String::new();
        let mut filled = Vec::new();
        let characters = self.items.iter().filter_map(|item| match *item {
            Item::Char { character, guessed, .. } => Some((character, guessed)),
            Item::Note(_) => None,
        });
        for ((character, guessed), &posterior) in characters.zip(posteriors).skip(1) {
            if guessed {
                filled.push(Filled { at: after.len(), character, posterior });
            }
            search.page.write(character, &mut after);
        }
        let (before, after) = without_common_end(&search.text[ruin..self.end], &after);
        filled.retain(|filled| filled.at < after.len());
        (before != after).then(|| Edit {
            range: ruin..ruin + before.len(),
            before: before.to_owned(),
            after: after.to_owned(),
            kind: Kind::Pinyin,
            steps: vec![
                Step::Apply(STRIP),
                Step::Encode(Codec::Gbk.name()),
                Step::Decode(Codec::Gbk.name()),
            ],
            safety: if filled.is_empty() { Safety::Exact } else { Safety::Inferred },
            bits: Bits(self.gain(search.text, ruin)),
            filled,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_without_a_partner_are_counted() {
        for (text, count) in
            [("《現代操作系統》", 0), ("。兌代操作系統》", 1), ("「他說『好」", 1), ("》《", 2)]
        {
            assert_eq!(unpaired(text.chars()), count, "{text}");
        }
    }
}
