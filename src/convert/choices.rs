//! Characters of which a dictionary of characters alone cannot say what they become.

use std::collections::HashMap;

use super::reserved::Part;
use super::table::ConfigTable;
use super::{Config, Converter};
use crate::edit::Bits;
use crate::model;
use crate::script::char_before;

/// Stands before the values in what a report says.
const BEFORE_VALUES: &str = ": ";
/// A choice may be wrong where another value is at most so much less likely.
///
/// On Taiwanese laws and documentation made Simplified and back these are one in 590 characters;
/// 23 % of them were wrong, which is 69 % of all choices that were (of choices without a
/// margin, one in 77 characters, 4 % were wrong).
const MARGIN: Bits = Bits::whole(4);

/// A character with several values, of which the first was taken because no phrase tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Byte offset of the character.
    pub at: usize,
    /// The character.
    pub character: char,
    /// What a report says of it: `ambiguous: ` and the values, or `ambiguous, likely right: `.
    pub message: &'static str,
    /// How much likelier what was taken is between its neighbours than the likeliest other
    /// value; negative where the other is.
    pub bits: Bits,
}

impl Choice {
    /// What it may become, by OpenCC's preference, before a regional spelling is chosen.
    pub fn values(&self) -> impl Iterator<Item = &'static str> {
        values(self.message)
    }

    /// Whether the language model does not back it, with a margin of four bits.
    pub fn is_doubtful(&self) -> bool {
        self.bits <= MARGIN
    }
}

impl Converter {
    /// The characters of a text that the dictionaries have several values for, where no phrase
    /// tells which is right: 干 becomes 幹, 乾 or 干, and OpenCC takes the first.
    ///
    /// Their messages tell what the language model is sure of (面, which might become 麪) from
    /// what may be wrong; see [`Choice::is_doubtful`]. None in configurations other than those
    /// from or to Simplified.
    ///
    /// ```
    /// use hanfix::convert::{Config, Converter};
    ///
    /// let choices = Converter::new(Config::S2t).choices("晾干了，干");
    /// let told: Vec<_> = choices.iter().map(|choice| (choice.at, choice.message)).collect();
    /// assert_eq!(told, [(6, "ambiguous, likely right: 了 瞭"), (12, "ambiguous: 幹 乾 干 榦")]);
    /// ```
    pub fn choices(&self, text: &str) -> Vec<Choice> {
        let messages: HashMap<char, _> = ConfigTable::of(self.config).choices().collect();
        let mut found = Vec::new();
        let mut start = 0;
        for part in self.parts(text) {
            if let Part::Converts(text) = part {
                let mut converted = String::new();
                let lone = self.engine.convert_telling(text, &mut converted);
                found.extend(lone.into_iter().filter_map(|(at, character, place)| {
                    let [message, likely] = *messages.get(&character)?;
                    let bits = lead(&converted, place, values(message));
                    let choice = Choice { at: start + at, character, message, bits };
                    let message = if choice.is_doubtful() { message } else { likely };
                    Some(Choice { message, ..choice })
                }));
            }
            start += part.len();
        }
        found
    }
}

fn values(message: &'static str) -> impl Iterator<Item = &'static str> {
    message.split_once(BEFORE_VALUES).map_or("", |(_, values)| values).split(' ')
}

/// How much likelier the character at `at` is than the likeliest of `values` but itself.
fn lead<'a>(text: &str, at: usize, values: impl Iterator<Item = &'a str>) -> Bits {
    let before = char_before(text, at);
    let mut chars = text[at..].chars();
    let taken = chars.next();
    let after = chars.next().unwrap_or('\n');
    let cost = |c: char| model::cost(before, c).0 + model::cost(c, after).0;
    let others = values.filter_map(|value| value.chars().next()).filter(|c| Some(*c) != taken);
    let best = others.map(cost).min();
    match (taken, best) {
        (Some(taken), Some(best)) => Bits(best - cost(taken)),
        _ => Bits(0),
    }
}

impl Config {
    /// Whether conversion has to choose, which [`Converter::choices`] tells of.
    pub fn has_choices(self) -> bool {
        ConfigTable::of(self).choices().next().is_some()
    }
}
