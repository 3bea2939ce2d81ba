//! One reading of a torn stretch: whether it is text, how sure it is, and the edit it makes.

use std::borrow::Cow;

use super::super::STRIP;
use super::super::bracket::syllable_in_parentheses;
use super::super::page::simplified_cost;
use super::Note;
use super::odds;
use super::search::Search;
use crate::codec::Codec;
use crate::edit::{Bits, Edit, Filled, Kind, Safety, Step};
use crate::repair::resync::{Item, posteriors};

/// What the mended text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 12 * Bits::ONE.0;

/// What a character of the mended text may cost at most in the mean: clean text is at 6
/// to 8 bits, noise at 12 and more.
const MAX_MEAN: i32 = 11 * Bits::ONE.0;

/// The same where a character that was lost has its reading behind it, which noise has not:
/// names and rare words are at 14 bits.
const MAX_MEAN_WITH_BRACKET: i32 = 15 * Bits::ONE.0;

/// What differences of cost count for, in 1/256. Pairs of characters and words see little of a
/// text: where they say 10 to 1, whole sentences say 16 to 1 (measured, like that below, on pages
/// as `cargo bench --bench pinyin_accuracy` makes them).
const SHARPENED: i32 = 307;

/// The same where a character that was lost has its reading behind it: that says more than
/// the characters do.
const SHARPENED_WITH_BRACKET: i32 = 384;

/// The same where a pair vanished, so that more than one character is at stake, or where all
/// there is to tell by is a mark.
const NOT_SHARPENED: i32 = 256;

/// The characters of a run that are too few to sharpen their costs: that before the
/// ruin, a lost one and a mark.
const LONE: usize = 3;

/// Where gaps in a run are no likelier than this beside none, it is not read with gaps, which
/// takes ten times as long: what is certain to one in a hundred stays so.
const GAPLESS: f64 = 1.0 / 128.0;

/// What mends a torn stretch.
const STEPS: &[Step] =
    &[Step::Apply(STRIP), Step::Encode(Codec::Gbk.name()), Step::Decode(Codec::Gbk.name())];

/// A reading of a torn stretch, from the character before it to where the text is
/// aligned again.
pub(super) struct Run {
    pub(super) items: Vec<Item<Note>>,
    /// Where the text is aligned again, behind the brackets of the last character.
    pub(super) end: usize,
    /// The cost of the whole reading, further than to `end`.
    pub(super) cost: i32,
    /// For each character, how much likelier it is that pairs vanished there than not;
    /// of the best run only.
    pub(super) gaps: Vec<f64>,
}

impl Run {
    pub(super) fn new(text: &str, mut items: Vec<Item<Note>>, cost: i32) -> Run {
        let is_aligned = |item: &Item<Note>| matches!(item, Item::Note(Note::Aligned(_)));
        // one inside a character belongs to the next tear: `Aligned` 浴 ?wù) is a ruin again
        let is_bracket =
            |item: &&Item<Note>| matches!(item, Item::Note(Note::Bracket { half_read: false, .. }));
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
    pub(super) fn posteriors(&self, rivals: &[Run]) -> Vec<f32> {
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

    /// Whether each character is this certain among these rivals.
    pub(super) fn is_certain(&self, rivals: &[Run], confidence: f32) -> bool {
        self.posteriors(rivals).iter().all(|&posterior| posterior >= confidence)
    }

    /// The character behind the run.
    pub(super) fn behind(&self, text: &str) -> Option<char> {
        text[self.end..].chars().next()
    }

    /// Whether the run is read with a gap.
    pub(super) fn has_gap(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Note(Note::Vanished)))
    }

    /// Also weighs that more than one pair vanished where the run is read with a gap.
    pub(super) fn weigh_second_gaps(&mut self, search: &Search<'_>) {
        for (index, odds) in odds::of_second_gaps(search, &self.items, self.behind(search.text)) {
            self.gaps[index] += odds;
        }
    }

    /// Whether gaps in the run are so unlikely that none need be looked for.
    pub(super) fn is_whole(&self) -> bool {
        self.gaps.iter().sum::<f64>() <= GAPLESS
    }

    /// Whether a run is likelier than what stands at `ruin`, and text.
    pub(super) fn is_text(&self, text: &str, ruin: usize) -> bool {
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
        if self.is_lone() || self.has_gap() {
            NOT_SHARPENED
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
        let behind = self.behind(text);
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
    pub(super) fn edit(
        &self,
        search: &Search<'_>,
        ruin: usize,
        posteriors: &[f32],
    ) -> Option<Edit> {
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
            steps: Cow::Borrowed(STEPS),
            safety: if filled.is_empty() { Safety::Exact } else { Safety::Inferred },
            bits: Bits(self.gain(search.text, ruin)),
            filled,
            lost: vec![],
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

/// The character that an item is.
pub(super) fn character(item: &Item<Note>) -> Option<char> {
    match *item {
        Item::Char { character, .. } => Some(character),
        Item::Note(_) => None,
    }
}
