//! What a page tells of the characters it lost.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::bracket::{Bracket, is_han};
use super::fold;
use super::ruin;
use super::script::{is_simplified_only, simplified};
use crate::edit::Bits;
use crate::model;

/// How much of a page is counted, in bytes: enough for its words, and little work
/// where one ruin stands in a large file.
const COUNTED: usize = 1 << 16;

/// Charged for taking a character from the page's own counts: one character in four
/// is told better by the page than by the model.
const CACHE_COST: i32 = 2 * Bits::ONE.0;

/// Charged for a character that the page has nowhere else. On a page of 300 different
/// characters, which make three quarters of any text, nine in ten occur before.
const UNSEEN_COST: i32 = Bits::ONE.0;

/// What a byte of ASCII that was seen behind a Han character weighs beside one that was
/// not: of 30 kinds that text has, a page has three or four there.
const SEEN: u32 = 8;

/// Charged for a character that only Simplified text has: the pages are Traditional.
const SIMPLIFIED_COST: i32 = 8 * Bits::ONE.0;

/// Charged for reading a character as the folded form of another, on a page without
/// full-width forms and on one with some: `！` may be left where `Ｐ` has become `P`.
const FOLDED_COST: [i32; 2] = [Bits::ONE.0, 5 * Bits::ONE.0];

/// The characters of a page and what stands behind what, brackets taken out.
pub(super) struct Page {
    characters: FxHashMap<char, u32>,
    pairs: FxHashMap<(char, char), u32>,
    /// How many characters were counted.
    counted: u32,
    /// Whether full-width forms of ASCII are among them.
    full_width: bool,
    /// How often each byte of ASCII stands behind a Han character.
    behind_han: [u32; 0x80],
    /// How often anything does.
    han: u32,
}

impl Page {
    pub(super) fn new(text: &str, injected: &[&Bracket]) -> Page {
        let mut page = Page {
            characters: FxHashMap::default(),
            pairs: FxHashMap::default(),
            counted: 0,
            full_width: false,
            behind_han: [0; 0x80],
            han: 0,
        };
        let mut previous = '\n';
        let (mut at, mut whole) = (0, 0);
        let ends = injected.iter().map(|bracket| bracket.range.clone());
        for range in ends.chain(std::iter::once(text.len()..text.len())) {
            if at >= COUNTED {
                break;
            }
            for (offset, character) in text[at..range.start].char_indices() {
                let offset = at + offset;
                if character == '?' && offset >= whole && ruin::starts_ruin(&text[offset..]) {
                    whole = offset + torn_len(&text[offset..]);
                }
                if offset >= whole {
                    page.count(previous, character);
                    previous = character;
                }
            }
            at = range.end;
        }
        page
    }

    fn count(&mut self, previous: char, character: char) {
        *self.characters.entry(character).or_default() += 1;
        *self.pairs.entry((previous, character)).or_default() += 1;
        self.counted += 1;
        self.full_width |= fold::is_full_width(character);
        if is_han(previous) {
            self.han += 1;
            if let Some(count) = self.behind_han.get_mut(character as usize) {
                *count += 1;
            }
        }
    }

    /// What a character costs behind another on this page, in 1/256 bit.
    ///
    /// What the page itself says often is cheaper than the model has it.
    pub(super) fn cost(&self, previous: char, next: char) -> i32 {
        let general = simplified_cost(previous, next);
        let Some(&alone) = self.characters.get(&next) else { return general + UNSEEN_COST };
        let alone = bits_of(alone, self.counted);
        let behind = self.pairs.get(&(previous, next)).map_or(alone, |&pair| {
            let previous = self.characters.get(&previous).copied().unwrap_or(pair);
            alone.min(bits_of(pair, previous))
        });
        general.min(behind + CACHE_COST)
    }

    /// What is charged for taking a character for the folded form of another.
    pub(super) fn folded_cost(&self) -> i32 {
        FOLDED_COST[usize::from(self.full_width)]
    }

    /// The cost of a byte of ASCII behind a Han character.
    pub(super) fn ascii_cost(&self, ascii: u8) -> i32 {
        let unseen = self.behind_han.len() as u32;
        bits_of(SEEN * self.behind_han[usize::from(ascii)] + 1, SEEN * self.han + unseen)
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
/// what begins a line is what follows the end of a sentence.
pub(super) fn simplified_cost(previous: char, next: char) -> i32 {
    let foreign = if is_simplified_only(next) { SIMPLIFIED_COST } else { 0 };
    let (previous, next) = (simplified(previous), simplified(next));
    let cost = model::cost(previous, next).0;
    match previous {
        '。' | '！' | '？' => cost.min(model::cost('\n', next).0) + foreign,
        _ => cost + foreign,
    }
}

/// −log2 of a share that is not zero, in 1/256 bit.
fn bits_of(part: u32, whole: u32) -> i32 {
    log2(whole) - log2(part)
}

/// The binary logarithm of a count, in 1/256 bit.
fn log2(count: u32) -> i32 {
    /// Those of small counts, which nearly all are.
    static SMALL: LazyLock<Vec<i32>> = LazyLock::new(|| (0..1024).map(computed).collect());
    fn computed(count: u32) -> i32 {
        (f64::from(count.max(1)).log2() * f64::from(Bits::ONE.0)) as i32
    }
    SMALL.get(count as usize).copied().unwrap_or_else(|| computed(count))
}
