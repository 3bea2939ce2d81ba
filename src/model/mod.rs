//! The language model: how likely is a text, in bits.
//!
//! A character costs −log2 of its probability after the one before it. Pairs that
//! are frequent in Chinese, Japanese and Korean are stored; for all others the
//! class of the character before gives the class, and the class gives the
//! character. That is enough to tell 用户 (11 bits) from 鐢ㄦ埛 (60), and every
//! number is an integer, so that a decision is the same on every machine.
//!
//! Pairs tell less well which of many characters a lost byte belonged to, so frequent triples
//! are stored for such choices: a search goes by pairs, and [`gain_behind_two`] weighs what it
//! found. What is a word is told by [`cost_as_words`], where a choice is not made millions of times.

use std::hint::select_unpredictable;
use std::sync::LazyLock;

mod ascii;
mod class;
#[doc(hidden)]
pub mod format;
mod latin;
mod words;

pub use ascii::{cost_behind_sign, cost_of_sign, mean_of_pairs};
pub use class::Class;
pub use words::{Gap, OTHER as OTHER_AS_WORD, cost_as_words};

use crate::edit::Bits;
use format::{CLASS_STEPS, PAIR_STEPS, PAIRS, PLACES, TRANSITIONS, TRIPLE_ENTRY, UNIGRAMS};

/// The trained table; see [`format`] for its layout and `tools/train` for its making.
static TABLE: &[u8] = include_bytes!("table.bin");

/// The trained triples.
static TRIPLES: &[u8] = include_bytes!("triples.bin");

/// What an astral character costs within its class: emoji and rare Han alike.
const ASTRAL_COST: u16 = 12 * Bits::ONE.0 as u16;

/// What a step of a unigram or transition cost is in 1/256 bit.
const STEP: i32 = Bits::ONE.0 / CLASS_STEPS;

/// What a character costs that repeats the one before it, if the pair is not stored:
/// `····` and `±±±±` are ornaments, as likely of one character as of another.
const REPEATED: i32 = 4 * Bits::ONE.0;

/// What a capital behind a capital costs more than the two as small letters, if those are a pair
/// that is stored: whether a word is in capitals is decided once, by its first two letters.
const IN_CAPITALS: i32 = 2 * Bits::ONE.0;

/// The cost of `next` after `previous`: −log2 of its probability.
pub fn cost(previous: char, next: char) -> Bits {
    Bits(steps(previous, next))
}

/// The cost of `next` after `previous` in 1/256 bit.
#[inline(always)]
fn steps(previous: char, next: char) -> i32 {
    latin::known(previous, next).unwrap_or_else(|| looked_up(previous, next))
}

/// The cost in 1/256 bit, from the tables.
///
/// Both tables are asked whichever counts: of the pairs in text two thirds are stored, and a
/// branch for the others, wrongly foreseen, would keep those behind it from being looked up
/// meanwhile.
#[inline(always)]
fn looked_up(previous: char, next: char) -> i32 {
    let (before, Member { class, cost }) = (Class::of(previous), Member::of(next));
    let paired = pair_cost(previous, next);
    let unpaired =
        if previous == next { REPEATED } else { transition_cost(before, class) + i32::from(cost) };
    if paired.is_none() & before.is_capital() & class.is_capital() {
        return unpaired.min(cost_in_capitals(previous, next));
    }
    select_unpredictable(paired.is_some(), paired.unwrap_or_default(), unpaired)
}

/// The cost of a pair of capitals, if they are stored as small letters: text is seldom in capitals,
/// so hardly any pair of `МОСКВА` is stored, but all of `москва`.
#[cold]
fn cost_in_capitals(previous: char, next: char) -> i32 {
    let small = |c: char| c.to_lowercase().next().unwrap_or(c);
    pair_cost(small(previous), small(next)).map_or(i32::MAX, |paired| paired + IN_CAPITALS)
}

/// How much less `next` costs behind two characters than behind the second alone; 0 where
/// nothing is stored of the three.
///
/// Only what a third character makes likelier is stored, not what it makes unlikelier, so the
/// probabilities of all characters sum to more than one: only readings of the same text are to
/// be compared with it.
pub fn gain_behind_two(before: char, previous: char, next: char) -> Bits {
    // the pair of each triple is stored, too, which leaves out most of what seems to be one
    if pair_cost(previous, next).is_none() {
        return Bits(0);
    }
    let (buckets, _) = TRIPLES.as_chunks::<{ TRIPLE_ENTRY * PLACES }>();
    let (bucket, fingerprint) = format::place_triple(before, previous, next, buckets.len());
    let (entries, _) = buckets[bucket].as_chunks();
    let mut parts = entries.iter().map(|&entry| format::triple_parts(entry));
    let gain = parts.find(|&(stored, _)| stored == fingerprint).map_or(0, |(_, gain)| gain);
    Bits::whole(gain as i32)
}

/// How much less a text costs by triples than by pairs, in 1/256 bit; the first two characters
/// are not part of it, but what stands before it.
pub fn gain_of_triples(text: impl IntoIterator<Item = char>) -> i64 {
    let mut characters = text.into_iter();
    let (Some(mut before), Some(mut previous)) = (characters.next(), characters.next()) else {
        return 0;
    };
    let mut gain = 0;
    for next in characters {
        gain += i64::from(gain_behind_two(before, previous, next).0);
        (before, previous) = (previous, next);
    }
    gain
}

/// The cost of a whole text that starts after a line break.
pub fn text_cost(text: &str) -> Bits {
    text_cost_after('\n', text)
}

/// The cost of a whole text that stands after `previous`.
pub fn text_cost_after(previous: char, text: &str) -> Bits {
    Bits::saturating(steps_after(previous, text))
}

/// The cost of a text of any length that stands after `previous`, in 1/256 bit: a line of a
/// megabyte has more of them than [`Bits`] holds.
pub fn steps_after(previous: char, text: &str) -> i64 {
    steps_of_each(previous, text).map(i64::from).sum()
}

/// What each character of a text costs that stands after `previous`, in 1/256 bit.
///
/// In a loop with nothing else in it, several are looked up at once, each in a third of the time.
#[inline]
pub fn steps_of_each(mut previous: char, text: &str) -> impl Iterator<Item = i32> {
    text.chars().map(move |next| {
        let cost = steps(previous, next);
        previous = next;
        cost
    })
}

/// The cost of a pair that is stored.
#[inline(always)]
fn pair_cost(previous: char, next: char) -> Option<i32> {
    // pairs of ASCII are not stored: they read the same in every codec
    if previous.is_ascii() && next.is_ascii() {
        return None;
    }
    let (buckets, _) = TABLE[UNIGRAMS + TRANSITIONS..].as_chunks::<PAIRS>();
    let (bucket, fingerprint) = format::place(previous, next, buckets.len());
    let cost = format::find(&buckets[bucket], fingerprint)?;
    Some(cost as i32 * (Bits::ONE.0 / PAIR_STEPS))
}

/// The cost of a class after another.
#[inline(always)]
fn transition_cost(before: Class, class: Class) -> i32 {
    let transition = TABLE[UNIGRAMS + before as usize * Class::COUNT + class as usize];
    i32::from(transition) * STEP
}

/// A character as one of its class.
#[derive(Clone, Copy)]
struct Member {
    class: Class,
    /// What it costs within the class, in 1/256 bit.
    cost: u16,
}

impl Member {
    /// Emoji and rare Han.
    const ASTRAL: Member = Member { class: Class::Astral, cost: ASTRAL_COST };

    #[inline(always)]
    fn of(character: char) -> Member {
        MEMBERS.get(character as usize).copied().unwrap_or(Member::ASTRAL)
    }
}

/// By BMP code point: class and cost are found at once.
static MEMBERS: LazyLock<Box<[Member]>> = LazyLock::new(|| {
    let member = |(code_point, &cost): (u32, &u8)| Member {
        class: char::from_u32(code_point).map_or(Class::OtherScript, Class::of),
        cost: u16::from(cost) * STEP as u16,
    };
    (0..).zip(&TABLE[..UNIGRAMS]).map(member).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_character_tells_what_two_do_not() {
        for [before, previous, next] in [['图', '书', '馆'], ['办', '公', '室'], ['영', '체', '제']]
        {
            assert!(gain_behind_two(before, previous, next) > Bits(0), "{before}{previous}{next}");
        }
    }

    #[test]
    fn what_is_no_triple_gains_nothing() {
        for [before, previous, next] in [['机', '算', '计'], ['a', 'b', 'c'], ['鬱', '鱻', '龘']]
        {
            assert_eq!(gain_behind_two(before, previous, next), Bits(0));
        }
    }
}
