//! Words of the user's own, which go before all of OpenCC's.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use aho_corasick::{AhoCorasick, MatchKind};

/// Words and what they become, whatever the configuration says.
///
/// Words are looked for in the text as it stands, from left to right, the longest at each
/// place; what is between them converts on its own. A word that stands for itself is
/// protected.
///
/// ```
/// use hanfix::convert::{Config, Converter, Dictionary};
///
/// let mut dictionary: Dictionary = "程序员\t程式設計師\n".parse()?;
/// dictionary.protect("后海");
/// let converter = Converter::builder(Config::S2t).dictionary(dictionary).build();
/// assert_eq!(converter.convert("后海的程序员后来"), "后海的程式設計師後來");
/// # Ok::<(), hanfix::convert::DictionaryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    entries: Vec<(String, String)>,
}

/// Why a text is no dictionary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryError {
    /// A line without a tab between the word and what it becomes.
    #[error("line {0}: no tab behind the word")]
    NoTab(usize),
    /// A line that starts with a tab.
    #[error("line {0}: no word before the tab")]
    NoWord(usize),
}

impl Dictionary {
    /// Adds a word; of words that are equal the one that was added first counts.
    pub fn insert(&mut self, word: impl Into<String>, becomes: impl Into<String>) {
        let word = word.into();
        // an empty word would be found everywhere
        if !word.is_empty() {
            self.entries.push((word, becomes.into()));
        }
    }

    /// Adds a word that stays as it is.
    pub fn protect(&mut self, word: impl Into<String>) {
        let word = word.into();
        self.insert(word.clone(), word);
    }

    /// Adds the words of another dictionary behind its own.
    pub fn extend(&mut self, other: Dictionary) {
        self.entries.extend(other.entries);
    }

    /// Its words and what they become, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(word, value)| (word.as_str(), value.as_str()))
    }

    /// Whether it has no words.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Reads OpenCC's text format: a line for each word, `word TAB value`, of several values
/// separated by spaces the first; empty lines and lines that start with `#` are comments.
impl FromStr for Dictionary {
    type Err = DictionaryError;

    fn from_str(text: &str) -> Result<Dictionary, DictionaryError> {
        let mut dictionary = Dictionary::default();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim_start_matches('\u{FEFF}');
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let (word, values) = line.split_once('\t').ok_or(DictionaryError::NoTab(number))?;
            if word.is_empty() {
                return Err(DictionaryError::NoWord(number));
            }
            dictionary.insert(word, values.split(' ').next().unwrap_or_default().trim_end());
        }
        Ok(dictionary)
    }
}

/// A dictionary made ready for searching.
pub struct Words {
    automaton: AhoCorasick,
    longest: usize,
    values: Vec<String>,
}

impl Words {
    /// The words of a dictionary.
    pub fn new(dictionary: Dictionary) -> Words {
        let (words, values): (Vec<_>, Vec<_>) = dictionary.entries.into_iter().unzip();
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words);
        // the limit is 2^31 states, which take more memory than the words can have come in
        Words { automaton: automaton.expect("words fit an automaton"), longest, values }
    }

    /// Bytes of the longest word.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Where the word starts that stands across the place `at` of a text, if one does.
    pub fn across(&self, text: &str, at: usize) -> Option<usize> {
        let ends_behind = self.find(text).map(|(range, _)| range).find(|range| range.end > at)?;
        (ends_behind.start < at).then_some(ends_behind.start)
    }

    /// The words of a text, in order: where each is and what it becomes.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, &'a str)> {
        let found = self.automaton.find_iter(text);
        found.map(|found| (found.range(), self.values[found.pattern().as_usize()].as_str()))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("words", &self.values.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_opencc() {
        let text = "\u{FEFF}# comment\n\n云计算\t雲端運算 雲計算\r\n空\t\n";
        let dictionary: Dictionary = text.parse().unwrap();
        let pairs: Vec<_> = dictionary.iter().collect();
        assert_eq!(pairs, [("云计算", "雲端運算"), ("空", "")]);
        assert_eq!("好\n坏".parse::<Dictionary>(), Err(DictionaryError::NoTab(1)));
        let error = "好\t好\n\t坏".parse::<Dictionary>().unwrap_err();
        assert_eq!(error.to_string(), "line 2: no word before the tab");
    }

    #[test]
    fn the_longest_word_at_a_place_is_found_and_the_first_of_equal_ones() {
        let mut dictionary: Dictionary = "程序\t1\n程序员\t2\n程序员\t3".parse().unwrap();
        dictionary.insert("", "nowhere");
        let words = Words::new(dictionary);
        let found: Vec<_> = words.find("程序程序员").collect();
        assert_eq!(found, [(0..6, "1"), (6..15, "2")]);
        assert_eq!([0, 3, 6, 9, 12, 15].map(|at| words.across("程序程序员", at)), {
            [None, Some(0), None, Some(6), Some(6), None]
        });
        assert_eq!(words.longest(), 9);
        assert_eq!(Words::new(Dictionary::default()).find("程序").count(), 0);
    }
}
