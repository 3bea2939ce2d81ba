//! One reading of a torn stretch: whether it is text, how sure it is, and the edit it makes.

use std::borrow::Cow;

use super::Note;
use super::odds;
use super::search::Search;
use crate::codec::Codec;
use crate::edit::{Bits, Edit, Filled, Kind, Lost, Safety, Step, common_suffix};
use crate::repair::pinyin::STRIP;
use crate::repair::pinyin::bracket::syllable_in_parentheses;
use crate::repair::pinyin::page::simplified_cost;
use crate::repair::resync::Item;

/// What the mended text must be likelier by than the text as it stands.
const THRESHOLD: i32 = 12 * Bits::ONE.0;

/// What a character of the mended text may cost at most in the mean: clean text is at 6
/// to 8 bits, noise at 12 and more.
const MAX_MEAN: i32 = 11 * Bits::ONE.0;

/// What a character of the mended text may cost at most in the mean where one that was lost has its
/// reading behind it, which noise has not: names and rare words are at 14 bits.
const MAX_MEAN_WITH_BRACKET: i32 = 15 * Bits::ONE.0;

/// What differences of cost count for, in 1/256. Pairs of characters and words see little of a
/// text: where they say 10 to 1, whole sentences say 16 to 1 (measured, like that below, on pages
/// as `cargo bench --bench pinyin_accuracy` makes them).
const SHARPENED: i32 = 307;

/// What differences of cost count for, in 1/256, where a character that was lost has its reading
/// behind it: that says more than the characters do.
const SHARPENED_WITH_BRACKET: i32 = 384;

/// What differences of cost count for, in 1/256, where a pair vanished, so that more than one
/// character is at stake, or where all there is to tell by is a mark: what they say.
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
    /// The characters among them, that before the torn stretch first.
    characters: Vec<char>,
    /// Where each item was read.
    places: Vec<usize>,
    /// Where the text is aligned again, behind the brackets of the last character.
    pub(super) end: usize,
    /// The cost of the whole reading, further than to `end`.
    pub(super) cost: i32,
    /// For each character, how much likelier it is that pairs vanished there than not;
    /// of the best run only.
    pub(super) gaps: Vec<f64>,
}

impl Run {
    pub(super) fn new(
        text: &str,
        mut items: Vec<Item<Note>>,
        places: Vec<usize>,
        cost: i32,
    ) -> Run {
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
        let characters = items.iter().filter_map(character).collect();
        Run { items, characters, places, end, cost, gaps: Vec::new() }
    }

    /// The posterior of each character among these rivals, and gaps that are in none of them.
    pub(super) fn posteriors(&self, rivals: &[Run]) -> Vec<f32> {
        let sharpened = |run: &Run| run.cost * self.sharpening() / 256;
        let mut agreeing = vec![1.0; self.characters.len()];
        let mut total = 1.0;
        for rival in rivals {
            let likelihood = Bits(sharpened(self) - sharpened(rival)).odds();
            total += likelihood;
            for (sum, agrees) in agreeing.iter_mut().zip(self.agreement(rival)) {
                *sum += if agrees { likelihood } else { 0.0 };
            }
        }
        // a gap makes two characters of one, and leaves those around it as they are
        let gaps = self.gaps.iter().copied().chain(std::iter::repeat(0.0));
        agreeing.iter().zip(gaps).map(|(sum, odds)| (sum / total / (1.0 + odds)) as f32).collect()
    }

    /// For each character whether a rival has the same; if it has more or fewer of them up to the
    /// same place, those that both begin and end with are.
    fn agreement(&self, rival: &Run) -> Vec<bool> {
        let (characters, others) = (&self.characters, &rival.characters);
        let same = characters.iter().zip(others).map(|(one, other)| one == other);
        if characters.len() == others.len() || rival.end != self.end {
            return same.chain(std::iter::repeat(false)).take(characters.len()).collect();
        }
        // where the rival has but a character more, the one behind it is uncertain
        let last = characters.len() - 1;
        let before = same.take_while(|&same| same).count().min(last);
        let ends = characters.iter().rev().zip(others[before..].iter().rev());
        let behind = ends.take_while(|(one, other)| one == other).count().min(last - before);
        let differing = before..characters.len() - behind;
        (0..characters.len()).map(|index| !differing.contains(&index)).collect()
    }

    /// Whether each character is this certain among these rivals.
    pub(super) fn is_certain(&self, rivals: &[Run], confidence: f32) -> bool {
        self.posteriors(rivals).iter().all(|&posterior| posterior >= confidence)
    }

    /// Whether no more characters are uncertain among these rivals than are certain.
    pub(super) fn is_told(&self, rivals: &[Run], confidence: f32) -> bool {
        let posteriors = self.posteriors(rivals);
        let lost = posteriors.iter().filter(|&&posterior| posterior < confidence).count();
        // that before the run is no part of it
        2 * lost < posteriors.len()
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
            // neither the character before the gap nor that behind it is as read then
            for gap in self.gaps.iter_mut().skip(index).take(2) {
                *gap += odds;
            }
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
        let characters = &self.characters;
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
        self.characters.len() <= LONE && !self.has_bracket()
    }

    /// Whether a reading vouches for what was lost.
    fn has_bracket(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Note(Note::Bracket { .. })))
    }

    /// How much likelier a run is than the text as it stands from `ruin`.
    ///
    /// The page has no say here: a ruin that it repeats is no less of a ruin.
    fn gain(&self, text: &str, ruin: usize) -> i32 {
        let (before, mended) =
            self.characters.split_first().expect("a run starts with a character");
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

    /// The edit that puts the run in the place of the text from `ruin`; `None` where it would
    /// bring back less than it leaves lost.
    pub(super) fn edit(
        &self,
        search: &Search<'_>,
        ruin: usize,
        posteriors: &[f32],
        confidence: f32,
    ) -> Option<Edit> {
        let Written { after, mut filled, mut lost } =
            self.write(search, ruin, posteriors, confidence);
        let (before, after) = without_common_end(&search.text[ruin..self.end], &after);
        filled.retain(|filled| filled.at < after.len());
        for lost in &mut lost {
            lost.from.end = lost.from.end.min(before.len());
            lost.from.start = lost.from.start.min(lost.from.end);
        }
        let told = after.chars().count() - lost.len();
        let is_exact = filled.is_empty() && lost.is_empty();
        (before != after && told >= lost.len()).then(|| Edit {
            range: ruin..ruin + before.len(),
            before: before.to_owned(),
            after: after.to_owned(),
            kind: Kind::Pinyin,
            steps: Cow::Borrowed(STEPS),
            safety: if is_exact { Safety::Exact } else { Safety::Inferred },
            bits: Bits(self.gain(search.text, ruin)),
            filled,
            lost,
        })
    }

    /// What the run makes of the text from `ruin`, with U+FFFD for each character that is not this
    /// certain.
    fn write(
        &self,
        search: &Search<'_>,
        ruin: usize,
        posteriors: &[f32],
        confidence: f32,
    ) -> Written {
        let mut written = Written::default();
        let Written { after, filled, lost } = &mut written;
        let characters =
            self.items.iter().zip(&self.places).filter_map(|(item, &at)| match *item {
                Item::Char { character, guessed, .. } => Some((character, guessed, at)),
                Item::Note(_) => None,
            });
        for ((character, guessed, from), &posterior) in characters.zip(posteriors).skip(1) {
            let at = after.len();
            if posterior < confidence {
                let left = search.text[from..].chars().next().map_or(0, char::len_utf8);
                let from = from - ruin..from - ruin + left;
                lost.push(Lost { at, from, guess: character, posterior });
                after.push(char::REPLACEMENT_CHARACTER);
                continue;
            }
            if guessed {
                filled.push(Filled { at, character, posterior });
            }
            search.page.write(character, after);
        }
        written
    }
}

/// What a run makes of a torn stretch.
#[derive(Default)]
struct Written {
    after: String,
    filled: Vec<Filled>,
    lost: Vec<Lost>,
}

/// Two texts without the characters that both end with.
fn without_common_end<'a>(one: &'a str, two: &'a str) -> (&'a str, &'a str) {
    let common = common_suffix(one, two);
    (&one[..one.len() - common], &two[..two.len() - common])
}

/// The character that an item is.
pub(super) fn character(item: &Item<Note>) -> Option<char> {
    match *item {
        Item::Char { character, .. } => Some(character),
        Item::Note(_) => None,
    }
}
