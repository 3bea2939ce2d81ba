//! How likely it is that pairs vanished where a reading has none (R6).
//!
//! A reading without a gap may be far likelier than each reading with one, and less likely than
//! all of them together: in shifted text, two characters with a gap between may stand in the
//! place of any one.

use rustc_hash::FxHashMap;

use super::super::bracket::syllable_to_parenthesis;
use super::super::page::Next;
use super::super::reading::Syllable;
use super::gap::{VANISHED, VANISHED_COST};
use super::run::character;
use super::search::{COUNTED, Gaps, Search};
use super::{Note, overlap};
use crate::edit::Bits;
use crate::repair::resync::Item;

/// What a pair of characters costs at least, behind which one that is too dear is not looked up.
const CHEAPEST_PAIR: i32 = Bits::ONE.0;

/// The share of pairs that are gone of those that vanish if they stand alone: in Traditional
/// text it is 14 % of the second bytes with the first byte of the next character, and the
/// characters around a gap are likelier as words than they are summed up here (measured with
/// `cargo bench --bench pinyin_accuracy`).
const FURTHER: f64 = 0.1;

/// What triples gain in the mean for the characters around a gap, which are too many to ask
/// for: as much less counts of what they gain for those that are read.
const TYPICAL_GAIN: i32 = 2 * Bits::ONE.0;

/// A character before a gap that is so much dearer than the cheapest adds nothing to the sum, and
/// neither does one behind it that is `END` dearer with what follows: told tears are the same
/// without them (measured on generated pages).
const LEFT: i32 = 8 * Bits::ONE.0;
const END: i32 = 10 * Bits::ONE.0;

/// How much likelier it is that (further) pairs vanished inside each character of a run
/// than that none did, over everything that may have stood there.
///
/// Where the search `tried` gaps, those of one pair are among the rivals of the run, and only
/// longer ones count.
pub(super) fn of_gaps(
    search: &Search<'_>,
    items: &[Item<Note>],
    behind: Option<char>,
    tried: Gaps,
) -> Vec<f64> {
    let places: Vec<usize> = (0..items.len()).filter(|&at| char_at(items, at).is_some()).collect();
    let mut odds = vec![0.0; places.len()];
    for (index, around) in places.windows(2).enumerate() {
        if !may_hide_gap(items, around[1]) {
            continue;
        }
        // a gap that was read is between two characters of the run, any other inside of one
        let read = matches!(items.get(around[1] + 1), Some(Item::Note(Note::Vanished)));
        let last = if read { index + 2 } else { index + 1 };
        if last >= places.len() {
            continue;
        }
        let next = places.get(last + 1).and_then(|&at| char_at(items, at)).or(behind);
        let from = index.saturating_sub(1);
        let read_here = places[from..=last].iter().filter_map(|&at| char_at(items, at)).chain(next);
        let read_here: Vec<char> = read_here.collect();
        let gain = (search.page.gain_behind_two(&read_here) - TYPICAL_GAIN).max(0);
        let as_read = chain(search, &read_here[index - from..]) - gain;
        let Some(previous) = char_at(items, around[0]) else { continue };
        let end = End::of(search, items, places[last]);
        let lead = items[around[1]].code()[0];
        let hidden = Hidden {
            search,
            lefts: lefts(search, previous, lead),
            ends: Ends::new(search, end, next),
        };
        let longer = hidden.longer() / probability(as_read) * FURTHER / (1.0 - FURTHER);
        odds[index + 1] = sharpened(longer);
        if !read && tried == Gaps::Left {
            odds[index + 1] += hidden.single(as_read + COUNTED) / probability(as_read);
        }
    }
    odds
}

/// What odds against gaps count for: what speaks for two characters that are there speaks for
/// the sentence around them, too. To the power of 1.5, posteriors are what they should be.
fn sharpened(odds: f64) -> f64 {
    odds * odds.sqrt()
}

/// The character that an item is.
fn char_at(items: &[Item<Note>], at: usize) -> Option<char> {
    character(&items[at])
}

/// Whether there may be a gap between the bytes of the character at `at`: they came from
/// two characters of the damaged text, with no split mark there that keeps them together.
fn may_hide_gap(items: &[Item<Note>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| items.get(before));
    let joined = matches!(before, Some(Item::Note(Note::Split(_) | Note::Vanished)));
    items[at].code()[0] != 0 && !joined
}

/// What is known of the end of a character that a gap may be inside.
enum End {
    /// Its second byte.
    Trail(u8),
    /// A reading, which stands behind it; the second byte ate the `(`.
    Read(Syllable),
    /// Nothing: the second byte ate a mark or ASCII.
    Lost,
}

impl End {
    /// What is known of the character at `at`.
    fn of(search: &Search<'_>, items: &[Item<Note>], at: usize) -> End {
        match items.get(at + 1) {
            Some(&Item::Note(Note::Bracket { at: bracket, .. })) => {
                let torn = search.text[bracket..].strip_prefix('?');
                let syllable = torn.and_then(syllable_to_parenthesis);
                syllable
                    .map_or(End::Trail(items[at].code()[1]), |(syllable, _)| End::Read(syllable))
            }
            Some(Item::Note(Note::Split(_)) | Item::Char { code: [0, _], guessed: true, .. }) => {
                End::Lost
            }
            _ => End::Trail(items[at].code()[1]),
        }
    }
}

/// The cost of characters behind the first.
fn chain(search: &Search<'_>, characters: &[char]) -> i32 {
    characters.windows(2).map(|pair| search.page.cost(pair[0], pair[1])).sum()
}

/// A character that ends in the first byte of a vanished pair.
struct Left {
    character: char,
    /// The index of the bytes that may be the second of the pair.
    seconds: usize,
    /// What it costs.
    cost: i32,
}

/// The characters that begin with `lead` and end in the first byte of a vanished pair.
fn lefts(search: &Search<'_>, previous: char, lead: u8) -> Vec<Left> {
    let left = |&(first, seconds): &(u8, usize)| {
        let character = search.table.pair(lead, first)?;
        Some(Left { character, seconds, cost: search.page.cost(previous, character) })
    };
    let mut lefts: Vec<Left> = VANISHED.firsts.iter().filter_map(left).collect();
    keep_likely(&mut lefts, LEFT, |left| left.cost);
    lefts
}

/// Drops what is so much dearer than the cheapest.
fn keep_likely<T>(all: &mut Vec<T>, margin: i32, cost: impl Fn(&T) -> i32) {
    let cheapest = all.iter().map(&cost).min().unwrap_or(0);
    all.retain(|one| cost(one) - cheapest <= margin);
}

/// Everything that may have stood in the place of one character: a character that ends before a
/// gap, and one that begins behind it.
struct Hidden<'s, 'a> {
    search: &'s Search<'a>,
    lefts: Vec<Left>,
    ends: Ends,
}

impl Hidden<'_, '_> {
    /// The probability that several pairs vanished: the characters on both sides are summed up
    /// as if they did not depend on each other, since there are others between.
    fn longer(&self) -> f64 {
        let behind = |seconds: &[bool; 256]| -> f64 {
            let ends = self.ends.by_first.iter().zip(seconds);
            ends.filter(|&(_, &is)| is).map(|(end, _)| end).sum()
        };
        let behind: Vec<f64> = VANISHED.seconds.iter().map(behind).collect();
        self.lefts.iter().map(|left| probability(left.cost) * behind[left.seconds]).sum()
    }

    /// The probability that one pair vanished, over all words that cost no more than `most`.
    fn single(&self, most: i32) -> f64 {
        let page = &self.search.page;
        let mut sum = 0.0;
        for left in &self.lefts {
            let seconds = &VANISHED.seconds[left.seconds];
            let before = left.cost + VANISHED_COST;
            for (ended, behind) in &self.ends.each {
                let is_gap = seconds[usize::from(ended.first)];
                if is_gap && before + CHEAPEST_PAIR + behind <= most {
                    sum += probability(before + page.cost_of(left.character, ended.next) + behind);
                }
            }
        }
        sum
    }
}

/// The characters that end as told, with what stands behind them.
struct Ends {
    /// Their probabilities by their first bytes, each taken alone.
    by_first: [f64; 256],
    /// Each, with the cost of what is behind it.
    each: Vec<(Ended, i32)>,
}

impl Ends {
    fn new(search: &Search<'_>, end: End, next: Option<char>) -> Ends {
        let mut ends = Ends { by_first: [0.0; 256], each: Vec::new() };
        let behind = next.map(|next| search.page.next(next));
        let mut add = |ended: &Ended| {
            let previous = ended.next.character;
            let behind = behind.map_or(0, |next| search.page.cost_of(previous, next));
            ends.by_first[usize::from(ended.first)] += probability(ended.alone + behind);
            ends.each.push((*ended, behind));
        };
        match end {
            End::Trail(trail) => {
                search.by_trail.borrow_mut().by(search, trail).iter().for_each(add);
            }
            End::Read(syllable) => overlap::read_as(search, syllable)
                .for_each(|(first, character)| add(&Ended::new(search, first, character))),
            End::Lost => {
                let leads = f64::from(0xFE - 0x80);
                let next = next.map_or(0, |next| search.page.cost(' ', next));
                ends.by_first.fill(probability(next) / leads);
            }
        }
        keep_likely(&mut ends.each, END, |(ended, behind)| ended.alone + behind);
        ends
    }
}

/// A character by its first byte, with what it costs alone.
#[derive(Clone, Copy)]
struct Ended {
    first: u8,
    next: Next,
    alone: i32,
}

impl Ended {
    fn new(search: &Search<'_>, first: u8, character: char) -> Ended {
        let next = search.page.next(character);
        // behind a blank, the model sees little but how common a character is
        Ended { first, next, alone: search.page.cost_of(' ', next) }
    }
}

/// The characters of a page by their second bytes, as they are asked for.
#[derive(Default)]
pub(super) struct ByTrail(FxHashMap<u8, Vec<Ended>>);

/// Characters so much rarer than the commonest one with their second byte do not count.
pub(super) const RARE: i32 = 14 * Bits::ONE.0;

impl ByTrail {
    fn by(&mut self, search: &Search<'_>, trail: u8) -> &[Ended] {
        self.0.entry(trail).or_insert_with(|| {
            let ended = |first| Some(Ended::new(search, first, search.table.pair(first, trail)?));
            let mut ended: Vec<Ended> = (0x81..=0xFE).filter_map(ended).collect();
            keep_likely(&mut ended, RARE, |ended| ended.alone);
            ended
        })
    }
}

/// The probability that has a cost in 1/256 bit.
fn probability(cost: i32) -> f64 {
    Bits(-cost).odds()
}
