//! What a page tells of the characters it lost.

use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::bracket::Bracket;
use super::fold;
use super::memo::Memo;
use super::ruin;
use super::script::{Origin, Standard, origin, simplified};
use crate::edit::Bits;
use crate::model;
use crate::scan::CHAR_BYTES;
use crate::script::{CharSet, is_han};

/// How much of a page is counted, in bytes: enough for its words, and little work
/// where one ruin stands in a large file.
const COUNTED: usize = 1 << 16;

/// Charged for taking a character from the page's own counts: one character in four
/// is told better by the page than by the model.
const CACHE_COST: i32 = 2 * Bits::ONE.0;

/// How much of what a character is likelier on the page than elsewhere counts in each place,
/// as a divisor: unigrams are scaled to the page by their square root (Kneser's fast marginal
/// adaptation uses powers around one half).
const ADAPTED: i32 = 2;

/// Charged for a character that the page has nowhere else. On a page of 300 different
/// characters, which make three quarters of any text, nine in ten occur before.
const UNSEEN_COST: i32 = Bits::ONE.0;

/// What a byte of ASCII that was seen behind Han characters, or behind marks, weighs beside one
/// that was not: of 30 kinds that text has, a page has three or four there.
const SEEN: u32 = 8;

/// Charged for a character that conversion to Traditional leaves nowhere, 会: the pages
/// are Traditional.
const ALIEN_COST: i32 = 8 * Bits::ONE.0;

/// Charged for a character that a page has nowhere else and that conversion makes of a
/// Simplified one in some words only, or on other pages: the model sees 髮 as 发, which is
/// 發 far more often, and a page that has 為 does not write 啓.
const VARIANT_COST: i32 = 5 * Bits::ONE.0;

/// Charged for reading a character as the folded form of another, on a page without
/// full-width forms and on one with some: `！` may be left where `Ｐ` has become `P`.
const FOLDED_COST: [i32; 2] = [Bits::ONE.0, 5 * Bits::ONE.0];

/// What a mark costs behind a Han character in the mean: one in 16 is `，`, one in 200 `：` or `）`.
const MARK_COST: i32 = 6 * Bits::ONE.0;

/// What a quotation mark costs at most that closes behind the end of a sentence and ends a line,
/// `。”`: in news one paragraph in 30 ends so, in novels one in three. The model has read one
/// sentence a line, and hardly any that ends so.
const CLOSING_COST: i32 = 5 * Bits::ONE.0;

/// What `。。` costs at least: of 565,000 。 that the model has read, 769 stand behind one. It takes
/// any character that repeats for an ornament.
const STOP_TWICE_COST: i32 = 10 * Bits::ONE.0;

/// The characters of a page and what stands behind what, brackets taken out.
pub(super) struct Page {
    characters: FxHashMap<char, Seen>,
    /// Its characters as a set, which is asked first: hardly one in ten that are asked for is there.
    has: CharSet,
    /// How often characters stand behind others, by their [`key`].
    pairs: FxHashMap<u64, u32>,
    triples: FxHashMap<u64, u32>,
    /// What characters cost behind others, by their [`key`].
    costs: Memo,
    /// How many characters were counted.
    counted: u32,
    /// Whether full-width forms of ASCII are among them.
    full_width: bool,
    /// How many characters have a shape of one standard only.
    open: u32,
    taiwan: u32,
    /// How often each byte of ASCII stands behind Han characters and behind marks.
    behind_han: AsciiBehind,
    behind_marks: AsciiBehind,
}

/// How often each byte of ASCII stands behind one kind of characters.
struct AsciiBehind {
    counts: [u32; 0x80],
    /// How often anything does.
    all: u32,
}

impl AsciiBehind {
    const NONE: AsciiBehind = AsciiBehind { counts: [0; 0x80], all: 0 };

    fn count(&mut self, character: char) {
        self.all += 1;
        if let Some(count) = self.counts.get_mut(character as usize) {
            *count += 1;
        }
    }

    fn cost(&self, ascii: u8) -> i32 {
        let unseen = self.counts.len() as u32;
        let seen = SEEN * self.counts[usize::from(ascii)] + 1;
        Bits::of_share(seen.into(), (SEEN * self.all + unseen).into()).0
    }
}

/// A character of the page.
#[derive(Default)]
struct Seen {
    /// How often it was counted.
    count: u32,
    /// How much cheaper it is here than elsewhere, in 1/256 bit.
    cheaper: i32,
}

/// A character with what is to be known of it on any page.
#[derive(Clone, Copy)]
pub(super) struct Known {
    character: char,
    simplified: char,
    origin: Origin,
}

impl Known {
    pub(super) fn of(character: char) -> Known {
        Known { character, simplified: simplified(character), origin: origin(character) }
    }

    /// What it costs by the model, whatever stands before: behind a blank, the model sees little
    /// but how common a character is.
    pub(super) fn cost_alone(self) -> i32 {
        cost_as_simplified(' ', self.simplified)
    }
}

/// A character, and what of its cost does not depend on the one before it.
#[derive(Clone, Copy)]
pub(super) struct Next {
    pub(super) character: char,
    simplified: char,
    charged: i32,
    /// Whether the page has it, so that it may be in a pair.
    seen: bool,
}

impl Page {
    pub(super) fn new(text: &str, injected: &[&Bracket]) -> Page {
        // a page of new pairs and triples would have their maps grow a dozen times
        let most = text.len().min(COUNTED) / CHAR_BYTES;
        let mut page = Page {
            characters: FxHashMap::default(),
            has: CharSet::new([]),
            pairs: FxHashMap::with_capacity_and_hasher(most / 2, FxBuildHasher),
            triples: FxHashMap::with_capacity_and_hasher(most, FxBuildHasher),
            costs: Memo::new(),
            counted: 0,
            full_width: false,
            open: 0,
            taiwan: 0,
            behind_han: AsciiBehind::NONE,
            behind_marks: AsciiBehind::NONE,
        };
        let mut seen = FxHashSet::default();
        let mut start = 0;
        let mut brackets = injected;
        for line in text[..text.floor_char_boundary(COUNTED)].split_inclusive('\n') {
            let end = start + line.len();
            let inside = brackets.partition_point(|bracket| bracket.range.start < end);
            let (inside, behind) = brackets.split_at(inside);
            // what stands on a page twice was not written twice
            if seen.insert(line) {
                page.count_line(text, start..end, inside);
            }
            (start, brackets) = (end, behind);
        }
        page.adapt();
        page
    }

    /// Notes how much cheaper each character is here than elsewhere.
    fn adapt(&mut self) {
        let points = self.characters.keys().map(|&character| u32::from(character));
        self.has = CharSet::new(points.filter_map(|point| u16::try_from(point).ok()));
        for (&character, seen) in &mut self.characters {
            // behind a blank, the model sees little but how common a character is
            let usual = simplified_cost(' ', character);
            seen.cheaper = (usual - discounted(seen.count, self.counted)).max(0) / ADAPTED;
        }
    }

    /// Counts the characters of one line, but not its brackets and ruins.
    fn count_line(&mut self, text: &str, line: Range<usize>, brackets: &[&Bracket]) {
        let (mut before, mut previous) = ('\n', '\n');
        let (mut at, mut whole) = (line.start, line.start);
        let ends = brackets.iter().map(|bracket| bracket.range.clone());
        for range in ends.chain(std::iter::once(line.end..line.end)) {
            // brackets that end behind what is counted
            let Some(piece) = text.get(at..range.start.min(line.end)) else { break };
            for (offset, character) in piece.char_indices() {
                let offset = at + offset;
                if character == '?' && offset >= whole && ruin::starts_ruin(&text[offset..]) {
                    whole = offset + torn_len(&text[offset..]);
                }
                if offset >= whole {
                    self.count(before, previous, character);
                    (before, previous) = (previous, character);
                }
            }
            at = range.end;
        }
    }

    fn count(&mut self, before: char, previous: char, character: char) {
        self.characters.entry(character).or_default().count += 1;
        *self.pairs.entry(key([previous, character])).or_default() += 1;
        *self.triples.entry(key([before, previous, character])).or_default() += 1;
        self.counted += 1;
        self.full_width |= fold::is_full_width(character);
        match origin(character) {
            Origin::Shape(Standard::Open) => self.open += 1,
            Origin::Shape(Standard::Taiwan) => self.taiwan += 1,
            _ => {}
        }
        if is_han(previous) {
            self.behind_han.count(character);
        } else if !previous.is_ascii() {
            self.behind_marks.count(character);
        }
    }

    /// What a character costs behind another on this page, in 1/256 bit.
    ///
    /// What the page itself says often is cheaper than the model has it.
    pub(super) fn cost(&self, previous: char, next: char) -> i32 {
        self.costs.get(key([previous, next]), || self.cost_uncached(previous, self.next(next)))
    }

    /// The same for a character that is asked for behind many.
    pub(super) fn cost_of(&self, previous: char, next: Next) -> i32 {
        self.costs.get(key([previous, next.character]), || self.cost_uncached(previous, next))
    }

    /// The same without the memo, which asking for all of GBK would empty.
    pub(super) fn cost_uncached(&self, previous: char, next: Next) -> i32 {
        let by_model = cost_as_simplified(simplified(previous), next.simplified);
        self.adapted(by_model, previous, next)
    }

    /// What a character costs on this page that costs so much by the model: less where the page has it
    /// behind the same one.
    pub(super) fn adapted(&self, by_model: i32, previous: char, next: Next) -> i32 {
        let general = by_model + next.charged;
        let pair = next.seen.then(|| self.pairs.get(&key([previous, next.character]))).flatten();
        pair.map_or(general, |&pair| {
            let previous = self.characters.get(&previous).map_or(pair, |seen| seen.count);
            general.min(discounted(pair, previous) + CACHE_COST)
        })
    }

    /// A character that is to be asked for.
    pub(super) fn next(&self, character: char) -> Next {
        self.next_known(Known::of(character))
    }

    /// A character that is to be asked for, of which everything else is known.
    pub(super) fn next_known(&self, known: Known) -> Next {
        let Known { character, simplified, origin } = known;
        let (adapted, seen) = match self.seen(character) {
            Some(seen) => (-seen.cheaper, true),
            None => (UNSEEN_COST + self.variant_cost(origin), false),
        };
        Next { character, simplified, charged: foreign_cost(origin) + adapted, seen }
    }

    /// A character, if the page has it.
    fn seen(&self, character: char) -> Option<&Seen> {
        let may_be = self.has.get(character) != Some(false);
        may_be.then(|| self.characters.get(&character)).flatten()
    }

    /// What characters cost less, each behind the two before it instead of one.
    pub(super) fn gain_behind_two(&self, characters: &[char]) -> i32 {
        let gain = |triple: &[char]| {
            let triple = [triple[0], triple[1], triple[2]];
            let pair = self.cost(triple[1], triple[2]);
            pair - pair.min(self.triple_cost(triple))
        };
        characters.windows(3).map(gain).sum()
    }

    /// What the last of three characters costs behind the others, by the model or by the page.
    fn triple_cost(&self, triple: [char; 3]) -> i32 {
        let [before, previous, next] = triple;
        let by_model = cost_as_simplified(simplified(previous), simplified(next));
        let general = by_model + self.next(next).charged - simplified_gain(triple);
        let here = self.triples.get(&key(triple)).map(|&count| {
            let pair = self.pairs.get(&key([before, previous])).copied().unwrap_or(count);
            discounted(count, pair) + CACHE_COST
        });
        here.map_or(general, |here| general.min(here))
    }

    /// What is charged for a character that conversion does not make, here or everywhere.
    fn variant_cost(&self, origin: Origin) -> i32 {
        let is_variant = match origin {
            Origin::Converted | Origin::Alien => false,
            Origin::Shape(Standard::Open) => self.open < self.taiwan,
            Origin::Shape(Standard::Taiwan) => self.taiwan < self.open,
            Origin::Variant => true,
        };
        if is_variant { VARIANT_COST } else { 0 }
    }

    /// What is charged for taking a character for the folded form of another.
    pub(super) fn folded_cost(&self) -> i32 {
        FOLDED_COST[usize::from(self.full_width)]
    }

    /// The cost of a byte of ASCII behind a Han character and behind a mark.
    pub(super) fn ascii_costs(&self, ascii: u8) -> [i32; 2] {
        [self.behind_han.cost(ascii), self.behind_marks.cost(ascii)]
    }

    /// What a character costs at most behind another at the end of a line, if it is known.
    pub(super) fn closing_cost(previous: char, last: char) -> Option<i32> {
        (is_end(previous) && matches!(last, '”' | '」')).then_some(CLOSING_COST)
    }

    /// How much dearer a byte of ASCII is behind this character than behind others, if it is
    /// a mark that was folded: `此,` is likelier than `大,`.
    pub(super) fn mark_cost(&self, previous: char, ascii: u8) -> i32 {
        let mark = fold::full_width(ascii.into());
        let is_mark = !self.full_width && !mark.is_ascii();
        if is_mark { simplified_cost(previous, mark) - MARK_COST } else { 0 }
    }

    /// Appends a character as the page writes it: folded where only its folded form occurs.
    pub(super) fn write(&self, character: char, out: &mut String) {
        let folded = fold::fold(character.encode_utf8(&mut [0; 4]));
        let is_seen = |character: char| self.characters.contains_key(&character);
        if !is_seen(character) && folded.chars().all(is_seen) {
            out.push_str(&folded);
        } else {
            out.push(character);
        }
    }
}

/// Up to three characters as one number, which is hashed in one step.
fn key<const COUNT: usize>(characters: [char; COUNT]) -> u64 {
    const { assert!(COUNT <= 3, "a character has 21 bits") };
    characters.into_iter().fold(0, |key, character| key << 21 | u64::from(character))
}

/// How far a ruin at the front may reach: what it made of the text is no text of the page.
fn torn_len(text: &str) -> usize {
    let aligns =
        |character| matches!(character, '(' | ',' | '.' | '、' | '。' | '，' | '：' | '；' | '\n');
    // a mark right behind the `?` is part of the ruin
    let end = text.char_indices().skip(2).find(|&(_, character)| aligns(character));
    end.map_or(text.len(), |(at, _)| at)
}

/// What a character costs behind another, in 1/256 bit.
///
/// The pages were Simplified before they were disguised, so the model sees them that
/// way: of mainland text it has read most. Much of that was one sentence a line, so
/// what begins a line is what follows the end of a sentence. Its marks were not folded.
pub(super) fn simplified_cost(previous: char, next: char) -> i32 {
    cost_as_simplified(simplified(previous), simplified(next)) + foreign_cost(origin(next))
}

/// What a Simplified character costs behind another.
fn cost_as_simplified(previous: char, next: char) -> i32 {
    let (previous, next) = unfolded(previous, next);
    let cost = model::cost(previous, next).0;
    match (previous, next) {
        ('。', '。') => cost.max(STOP_TWICE_COST),
        _ if is_end(previous) => cost.min(model::cost('\n', next).0),
        _ => cost,
    }
}

/// Whether a character ends a sentence.
fn is_end(character: char) -> bool {
    matches!(character, '。' | '！' | '？')
}

/// What is charged for a character that the pages do not have.
fn foreign_cost(origin: Origin) -> i32 {
    if origin == Origin::Alien { ALIEN_COST } else { 0 }
}

/// A pair of characters with its mark as it was before it was folded: `此,` as `此，`.
fn unfolded(previous: char, next: char) -> (char, char) {
    match (previous.is_ascii(), next.is_ascii()) {
        (true, false) => (fold::full_width(previous), next),
        (false, true) => (previous, fold::full_width(next)),
        _ => (previous, next),
    }
}

/// How much less the last of three characters costs behind both others, as
/// [`simplified_cost`] sees them.
fn simplified_gain(triple: [char; 3]) -> i32 {
    let [before, previous, next] = triple.map(simplified);
    let gain = |before| model::gain_behind_two(before, previous, next).0;
    if is_end(before) { gain(before).max(gain('\n')) } else { gain(before) }
}

/// −log2 of a share of what was counted, in 1/256 bit, less three quarters of one occurrence:
/// most of what a page has once it will not have again (absolute discounting).
fn discounted(part: u32, whole: u32) -> i32 {
    Bits::of_share((4 * part - 3).into(), (4 * whole).into()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_makes_its_own_characters_cheaper() {
        let page = Page::new("電鰻放電，電鰻在河裏。\n這條電鰻很長。\n", &[]);
        // 鰻 is rare elsewhere, and the page never has it behind 大
        assert!(page.cost('大', '鰻') < simplified_cost('大', '鰻'));
        assert!(page.cost('大', '魟') > simplified_cost('大', '魟'));
    }

    #[test]
    fn folded_marks_cost_what_they_did() {
        assert_eq!(simplified_cost('此', ','), simplified_cost('此', '，'));
        assert_ne!(simplified_cost('a', ','), simplified_cost('a', '，'));
    }
}
