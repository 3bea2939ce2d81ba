//! Characters of which a dictionary of characters alone cannot say what they become.

use std::collections::HashMap;

use super::reserved::Part;
use super::table::ConfigTable;
use super::{Config, Converter};

/// Stands before the values in what a report says.
const MESSAGE: &str = "ambiguous: ";

/// A character with several values, of which the first was taken because no phrase tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Byte offset of the character.
    pub at: usize,
    /// The character.
    pub character: char,
    /// What a report says of it: `ambiguous: ` and the values.
    pub message: &'static str,
}

impl Choice {
    /// What it may become, by OpenCC's preference, before a regional spelling is chosen.
    pub fn values(&self) -> impl Iterator<Item = &'static str> {
        self.message.trim_start_matches(MESSAGE).split(' ')
    }
}

impl Converter {
    /// The characters of a text whose conversion is a guess: 干 becomes 幹, 乾 or 干, and
    /// outside of a phrase OpenCC takes the first.
    ///
    /// None in configurations other than those from or to Simplified.
    ///
    /// ```
    /// use hanfix::convert::{Config, Converter};
    ///
    /// let choices = Converter::new(Config::S2t).choices("晾干了，干");
    /// assert_eq!(choices.len(), 1);
    /// assert_eq!((choices[0].at, choices[0].character), (12, '干'));
    /// assert_eq!(choices[0].values().collect::<Vec<_>>(), ["幹", "乾", "干", "榦"]);
    /// ```
    pub fn choices(&self, text: &str) -> Vec<Choice> {
        let messages: HashMap<char, &str> = ConfigTable::of(self.config).choices().collect();
        let mut found = Vec::new();
        let mut start = 0;
        for part in self.parts(text) {
            if let Part::Converts(text) = part {
                let lone = self.engine.lone_characters(text);
                found.extend(lone.filter_map(|(at, character)| {
                    let message = messages.get(&character)?;
                    Some(Choice { at: start + at, character, message })
                }));
            }
            start += part.len();
        }
        found
    }
}

impl Config {
    /// Whether conversion has to choose, which [`Converter::choices`] tells of.
    pub fn has_choices(self) -> bool {
        ConfigTable::of(self).choices().next().is_some()
    }
}
