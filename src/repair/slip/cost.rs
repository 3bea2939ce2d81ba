//! What slipped text costs by the language model.

use crate::edit::Bits;
use crate::model;

/// What a line break costs at most: wrapped lines have some forty characters.
const WRAPPED: i32 = 6 * Bits::ONE.0;

/// What a character costs at least behind itself.
const REPEATED: i32 = 9 * Bits::ONE.0;

/// What a character costs behind another.
///
/// A line may be wrapped behind any character: `，` at its end is not to be read as `。`.
/// And a byte that was doubled is not the half of a character that was: 理解 with the first
/// byte twice is C0 C0 ED, which 理理解 is, too, with one byte lost.
///
/// A backslash behind Chinese is mostly that of `\n`, and ends a text as the line break does.
#[inline]
pub(super) fn cost(previous: char, next: char) -> i32 {
    let cost = match (half_width(previous), half_width(next)) {
        (Some(previous), Some(next)) => model::cost(previous, next).0,
        _ => model::cost(unescaped(previous), unescaped(next)).0,
    };
    match next {
        '\n' => cost.min(WRAPPED),
        _ if next == previous => cost.max(REPEATED),
        _ => cost,
    }
}

/// What stands for a character in prose, which the model knows.
fn unescaped(character: char) -> char {
    if character == '\\' { '\n' } else { character }
}

/// The ASCII that a full-width letter, digit or blank stands for.
///
/// Full-width `ｅｘｅｒｔ　ｙｕｎ` is rare, so the model knows little of it; what it says is the
/// same as in ASCII.
fn half_width(character: char) -> Option<char> {
    match character {
        '\u{3000}' => Some(' '),
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(character) - (u32::from('Ａ') - u32::from('A')))
        }
        _ => None,
    }
}

/// How much less characters cost, each behind the two before it instead of one.
pub(super) fn gain_by_triples(characters: &[char]) -> i32 {
    let gain = |triple: &[char]| {
        let [first, second, third] = [triple[0], triple[1], triple[2]].map(unescaped);
        model::gain_behind_two(first, second, third).0
    };
    characters.windows(3).map(gain).sum()
}
