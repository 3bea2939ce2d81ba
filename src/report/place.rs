//! Byte offsets to lines and columns.

use std::fmt;

use memchr::{memchr_iter, memrchr};

/// A place in a text, as editors count: both from 1, the column in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1; a line ends at `\n`.
    pub line: usize,
    /// The code point in the line, from 1.
    pub column: usize,
}

impl Default for Place {
    /// The start of a document.
    fn default() -> Place {
        Place { line: 1, column: 1 }
    }
}

impl Place {
    /// The place behind `text`, which starts here.
    pub fn behind(self, text: &str) -> Place {
        Places::starting_at(text, self).at(text.len())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Finds the places of offsets, each at the cost of the distance from the one before.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    text: &'a str,
    start: Place,
    offset: usize,
    place: Place,
}

impl<'a> Places<'a> {
    /// The places of `text`.
    pub fn new(text: &'a str) -> Places<'a> {
        Places::starting_at(text, Place::default())
    }

    /// The places of a part of a text that starts at `start`.
    pub fn starting_at(text: &'a str, start: Place) -> Places<'a> {
        Places { text, start, offset: 0, place: start }
    }

    /// The place of a byte offset on a character boundary; cheap where offsets ascend.
    pub fn at(&mut self, offset: usize) -> Place {
        if offset < self.offset {
            *self = Places::starting_at(self.text, self.start);
        }
        let passed = &self.text[self.offset..offset];
        match memrchr(b'\n', passed.as_bytes()) {
            None => self.place.column += passed.chars().count(),
            Some(newline) => {
                self.place.line += memchr_iter(b'\n', passed.as_bytes()).count();
                self.place.column = 1 + passed[newline + 1..].chars().count();
            }
        }
        self.offset = offset;
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_code_points() {
        let text = "甲乙\r\n丙\n\n😀丁";
        let mut places = Places::new(text);
        let mut at = |found: char| {
            let place = places.at(text.find(found).unwrap());
            (place.line, place.column)
        };
        assert_eq!(at('甲'), (1, 1));
        assert_eq!(at('乙'), (1, 2));
        assert_eq!(at('丙'), (2, 1));
        assert_eq!(at('丁'), (4, 2));
        assert_eq!(at('乙'), (1, 2), "going back");
        assert_eq!(places.at(text.len()).column, 3, "the end of the text");
    }

    #[test]
    fn places_go_on_in_the_next_part() {
        let text = "甲乙\r\n丙\n\n😀丁戊";
        for (cut, _) in text.char_indices() {
            let (one, two) = text.split_at(cut);
            let place = Place::default().behind(one).behind(two);
            assert_eq!(place, Place { line: 4, column: 4 });
        }
    }
}
