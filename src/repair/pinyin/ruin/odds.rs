//! How likely it is that pairs vanished where a reading has none (R6).
//!
//! A reading without a gap may be far likelier than each reading with one, and less likely than
//! all of them together: in shifted text, two characters with a gap between may stand in the
//! place of any one.

use std::rc::Rc;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::gap::VANISHED;
use super::run::character;
use super::search::{COUNTED, Gaps, Search};
use super::trail::{OnPage, keep_likely};
use super::{Note, overlap, split};
use crate::codec::{Codec, Flavour};
use crate::edit::Bits;
use crate::repair::pinyin::bracket::syllable_to_parenthesis;
use crate::repair::pinyin::page::{Known, Page};
use crate::repair::pinyin::reading::Syllable;
use crate::repair::pinyin::script::is_common;
use crate::repair::resync::Item;

/// What a pair of characters costs at least, behind which one that is too dear is not looked up.
const CHEAPEST_PAIR: i32 = Bits::ONE.0;

/// The share of pairs that are gone of those that vanish if they stand alone: in Traditional
/// text it is 14 % of the second bytes with the first byte of the next character, and the
/// characters around a gap are likelier as words than they are summed up here (measured with
/// `cargo bench --bench pinyin_accuracy`).
const FURTHER: f64 = 0.1;

/// Charged for a pair that vanished where none is read: the sum is over many characters, and by
/// pairs alone. With one bit, 9 of 292 splits that come back stay lost (measured like that above).
const UNREAD_COST: i32 = 3 * Bits::ONE.0;

/// Charged for a second pair that vanished right behind one: nine gaps in ten are of one pair
/// (measured like that above).
const TWICE_COST: i32 = 6 * Bits::ONE.0;

/// What triples gain in the mean for the characters around a gap, which are too many to ask
/// for: as much less counts of what they gain for those that are read.
const TYPICAL_GAIN: i32 = 2 * Bits::ONE.0;

/// A character before a gap that is so much dearer than the cheapest adds nothing to the sum, and
/// neither does one behind it that is `END` dearer with what follows: told tears are the same
/// without them (measured on generated pages).
const LEFT: i32 = 8 * Bits::ONE.0;
const END: i32 = 10 * Bits::ONE.0;

/// A character around two pairs that vanished is left out if it is so much dearer than the cheapest:
/// each takes a thousand sums.
const LIKELY: i32 = 5 * Bits::ONE.0;

/// How much likelier it is that (further) pairs vanished inside each character of a run
/// than that none did, over everything that may have stood there.
///
/// Where the search `tried` gaps, those of one pair are among the rivals of the run, and only
/// longer ones count; before a lost byte it tries none.
pub(super) fn of_gaps(
    search: &Search<'_>,
    items: &[Item<Note>],
    behind: Option<char>,
    tried: Gaps,
) -> Vec<f64> {
    let mut odds = vec![0.0; items.iter().filter_map(character).count()];
    for place in places(search, items, behind).into_iter().filter(|place| !place.is_read) {
        let hidden = Hidden::new(search, &place);
        let as_read = probability(place.as_read);
        odds[place.index] = sharpened(hidden.longer() / as_read * FURTHER / (1.0 - FURTHER));
        if tried == Gaps::Left || place.end == End::Lost {
            odds[place.index] += hidden.single(place.as_read + COUNTED) / as_read;
        }
    }
    odds
}

/// How much likelier it is that a second pair vanished behind each that is read as a gap, by the
/// index of the character before it.
pub(super) fn of_second_gaps(
    search: &Search<'_>,
    items: &[Item<Note>],
    behind: Option<char>,
) -> Vec<(usize, f64)> {
    let read = places(search, items, behind).into_iter().filter(|place| place.is_read);
    let odds = |place: Place| {
        let twice = Hidden::new(search, &place).twice() * probability(TWICE_COST);
        (place.index, twice / probability(place.as_read))
    };
    read.map(odds).collect()
}

/// A place of a run where pairs may have vanished.
struct Place {
    /// The index of the character that ends before the gap, or that hides it.
    index: usize,
    /// Whether the run is read with a gap there.
    is_read: bool,
    /// The character before.
    previous: char,
    /// The first byte.
    lead: u8,
    /// The end of the last character.
    end: End,
    /// The character behind.
    next: Option<char>,
    /// What the characters cost that are read there, up to that behind.
    as_read: i32,
}

/// The places of a run where pairs may have vanished.
fn places(search: &Search<'_>, items: &[Item<Note>], behind: Option<char>) -> Vec<Place> {
    let places: Vec<usize> = (0..items.len()).filter(|&at| char_at(items, at).is_some()).collect();
    let place = |index: usize| {
        let at = *places.get(index)?;
        if !may_hide_gap(items, at) {
            return None;
        }
        // a gap that was read is between two characters of the run, any other inside of one
        let is_read = matches!(items.get(at + 1), Some(Item::Note(Note::Vanished)));
        let last = if is_read { index + 1 } else { index };
        let end = End::of(search, items, *places.get(last)?);
        let next = places.get(last + 1).and_then(|&at| char_at(items, at)).or(behind);
        let from = index.saturating_sub(2);
        let read_here = places[from..=last].iter().filter_map(|&at| char_at(items, at)).chain(next);
        let read_here: Vec<char> = read_here.collect();
        let gain = (search.page.gain_behind_two(&read_here) - TYPICAL_GAIN).max(0);
        let as_read = chain(search, &read_here[index - 1 - from..]) - gain;
        let previous = char_at(items, places[index - 1])?;
        let lead = items[at].code()[0];
        Some(Place { index, is_read, previous, lead, end, next, as_read })
    };
    (1..places.len()).filter_map(place).collect()
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
#[derive(Clone, Copy, PartialEq, Eq)]
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
    let ends_line = |at: usize| characters.get(at + 2) == Some(&'\n');
    let cost = |(at, pair): (usize, &[char])| {
        let closing = Page::closing_cost(pair[0], pair[1]).filter(|_| ends_line(at));
        search.page.cost(pair[0], pair[1]).min(closing.unwrap_or(i32::MAX))
    };
    characters.windows(2).enumerate().map(cost).sum()
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

/// Everything that may have stood in the place of one character: a character that ends before a
/// gap, and one that begins behind it.
struct Hidden<'s, 'a> {
    search: &'s Search<'a>,
    lefts: Vec<Left>,
    ends: Rc<Ends>,
}

impl<'s, 'a> Hidden<'s, 'a> {
    fn new(search: &'s Search<'a>, place: &Place) -> Hidden<'s, 'a> {
        Hidden {
            search,
            lefts: lefts(search, place.previous, place.lead),
            ends: Ends::of(search, place),
        }
    }

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

    /// The probability that two pairs vanished, one behind the other, over the characters that may
    /// have stood between.
    fn twice(mut self) -> f64 {
        keep_likely(&mut self.lefts, LIKELY, |left| left.cost);
        let mut ends = self.ends.each.clone();
        keep_likely(&mut ends, LIKELY, |(ended, behind)| ended.alone + behind);
        let page = &self.search.page;
        let mut sum = 0.0;
        for middle in MIDDLES.iter() {
            let next = page.next_known(middle.known);
            let lefts = self
                .lefts
                .iter()
                .filter(|left| VANISHED.seconds[left.seconds][usize::from(middle.first)]);
            let before: f64 = lefts
                .map(|left| probability(left.cost + page.cost_uncached(left.character, next)))
                .sum();
            if before == 0.0 {
                continue;
            }
            let seconds = &VANISHED.seconds[middle.seconds];
            let ends = ends.iter().filter(|(ended, _)| seconds[usize::from(ended.first)]);
            let behind: f64 = ends
                .map(|(ended, behind)| {
                    probability(page.cost_uncached(next.character, ended.next) + behind)
                })
                .sum();
            sum += before * behind;
        }
        sum
    }

    /// The probability that one pair vanished, over all words that cost no more than `most`.
    fn single(&self, most: i32) -> f64 {
        let page = &self.search.page;
        let mut sum = 0.0;
        for left in &self.lefts {
            let seconds = &VANISHED.seconds[left.seconds];
            let before = left.cost + UNREAD_COST;
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

/// A character that is gone with both pairs that vanished around it: 往 (CDF9) between F9CD and
/// F9B7 of 均往返.
struct Middle {
    known: Known,
    /// The first byte.
    first: u8,
    /// The index of the bytes that vanish behind its second byte.
    seconds: usize,
}

/// The common characters and the marks that may be gone like this.
static MIDDLES: LazyLock<Vec<Middle>> = LazyLock::new(|| {
    let table = Codec::Gbk.table(Flavour::WINDOWS);
    let leads = 0x81..=0xFE;
    let pairs = leads.flat_map(|first| VANISHED.firsts.iter().map(move |&second| (first, second)));
    let middle = |(first, (second, seconds))| {
        let character = table.pair(first, second)?;
        let is_mark = matches!(first, 0xA1 | 0xA3);
        let known = Known::of(character);
        (is_mark || is_common(character)).then_some(Middle { known, first, seconds })
    };
    pairs.filter_map(middle).collect()
});

/// The characters that end as told, with what stands behind them.
pub(super) struct Ends {
    /// Their probabilities by their first bytes, each taken alone.
    by_first: [f64; 256],
    /// Each, with the cost of what is behind it.
    each: Vec<(OnPage, i32)>,
}

/// Those that end in a lost byte before each mark: any may, and the marks are few.
pub(super) type BeforeMark = FxHashMap<char, Rc<Ends>>;

impl Ends {
    fn of(search: &Search<'_>, place: &Place) -> Rc<Ends> {
        let new = || Rc::new(Ends::new(search, place.end, place.next));
        match place.next {
            Some(next) if place.end == End::Lost && split::mark(next).is_some() => {
                search.before_mark.borrow_mut().entry(next).or_insert_with(new).clone()
            }
            _ => new(),
        }
    }

    fn new(search: &Search<'_>, end: End, next: Option<char>) -> Ends {
        let mut ends = Ends { by_first: [0.0; 256], each: Vec::new() };
        let behind = next.map(|next| search.page.next(next));
        let mut cheapest = i32::MAX;
        let mut add = |ended: &OnPage| {
            let previous = ended.next.character;
            let behind = behind.map_or(0, |next| search.page.cost_uncached(previous, next));
            let cost = ended.alone + behind;
            ends.by_first[usize::from(ended.first)] += probability(cost);
            cheapest = cheapest.min(cost);
            // of all that may end before a mark, most are dearer than one before them
            if cost - cheapest <= END {
                ends.each.push((*ended, behind));
            }
        };
        match end {
            End::Trail(trail) => {
                search.by_trail.borrow_mut().ending_in(search, trail).iter().for_each(add);
            }
            End::Read(syllable) => overlap::read_as(search, syllable)
                .for_each(|(first, character)| add(&OnPage::new(search, first, character))),
            End::Lost => {
                let mut by_trail = search.by_trail.borrow_mut();
                for trail in 0x81..=0xFE {
                    by_trail.ending_in(search, trail).iter().for_each(&mut add);
                }
            }
        }
        keep_likely(&mut ends.each, END, |(ended, behind)| ended.alone + behind);
        ends
    }
}

/// The probability that has a cost in 1/256 bit.
fn probability(cost: i32) -> f64 {
    Bits(-cost).odds()
}
