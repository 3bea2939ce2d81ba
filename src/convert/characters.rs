//! Conversion of single characters, without the tables for text.

use super::config::Config;
use super::normalize::normal;
use super::table::{CharTable, ConfigTable, Replacement};

/// What characters become that have no phrases around them.
///
/// Made in a tenth of the time that a [`Converter`](super::Converter) takes.
pub(crate) struct Characters {
    first: CharTable,
    second: CharTable,
}

impl Characters {
    /// Those of a configuration, with or without characters that mainstream fonts lack.
    pub(crate) fn new(config: Config, tofu: bool) -> Characters {
        let table = ConfigTable::of(config);
        let tofu = if tofu { table.tofu } else { &[] };
        let (over_first, over_second): (_, &[u8]) =
            if table.second.chars.is_empty() { (tofu, &[]) } else { (&[], tofu) };
        Characters {
            first: CharTable::new([table.first.chars, over_first]),
            second: CharTable::new([table.second.chars, over_second]),
        }
    }

    /// What a character becomes, or the first of two.
    pub(crate) fn get(&self, character: char) -> char {
        let step = |character, table: &CharTable| match table.get(character) {
            Replacement::One(c) | Replacement::Two([c, _]) => c,
        };
        step(step(normal(character), &self.first), &self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::Converter;

    #[test]
    fn a_character_becomes_what_a_text_of_it_does() {
        for config in Config::ALL {
            for tofu in [false, true] {
                let characters = Characters::new(config, tofu);
                let converter = Converter::builder(config).tofu(tofu).build();
                for c in '\u{80}'..='\u{2FFFF}' {
                    let mut buffer = [0; 4];
                    let converted = converter.convert(c.encode_utf8(&mut buffer)).chars().next();
                    assert_eq!(converted, Some(characters.get(c)), "{config} {c}");
                }
            }
        }
    }
}
