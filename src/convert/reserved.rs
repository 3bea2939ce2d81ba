//! Parts of a text over which the user decides, not OpenCC: words of a dictionary and parts
//! that are left alone.

use std::collections::BTreeSet;
use std::ops::Range;

use super::dictionary::{Dictionary, Words};
use super::keep::{Keep, Paragraphs};
use super::pieces::last_break;

/// The user's rules.
#[derive(Debug)]
pub struct Rules {
    words: Words,
    keep: BTreeSet<Keep>,
}

/// A part of a text and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// It converts, on its own.
    Converts(&'a str),
    /// It becomes the second text, perhaps the same, whatever the configuration.
    Reserved(&'a str, &'a str),
}

impl Part<'_> {
    /// Bytes that it takes in the text.
    pub fn len(&self) -> usize {
        match self {
            Part::Converts(text) | Part::Reserved(text, _) => text.len(),
        }
    }
}

impl Rules {
    /// The rules; nothing where there are none.
    pub fn new(dictionary: Dictionary, keep: BTreeSet<Keep>) -> Option<Rules> {
        let any = !dictionary.is_empty() || !keep.is_empty();
        any.then(|| Rules { words: Words::new(dictionary), keep })
    }

    /// The parts of a text, in order; together they are the text.
    ///
    /// In a part that is left alone no words are looked for, nor across its edges.
    pub fn parts<'a>(&'a self, text: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut at = 0;
        for kept in self.kept(text) {
            self.add_words(&text[at..kept.start], &mut parts);
            parts.push(Part::Reserved(&text[kept.clone()], &text[kept.clone()]));
            at = kept.end;
        }
        self.add_words(&text[at..], &mut parts);
        parts
    }

    /// The last place behind `from` at which a text may be cut, whatever follows it; of text with
    /// code, only the last of `paragraphs`.
    ///
    /// `from` is where the text ended when it was last asked. Japanese clauses and addresses end
    /// wherever a text may be cut.
    pub fn last_break(
        &self,
        text: &str,
        from: usize,
        paragraphs: &mut Paragraphs,
    ) -> Option<usize> {
        // a word that starts before the cut must be seen as a whole, and longer ones, too
        let unseen = self.words.longest().saturating_sub(1);
        let seen = |len: usize| text.floor_char_boundary(len.saturating_sub(unseen));
        if self.keep.contains(&Keep::Code) {
            let end = paragraphs.last_end(text, from);
            let is_break = end > 0
                && end <= seen(text.len())
                && last_break(&text[..end], 0) == Some(end)
                && self.word_across(text, end).is_none();
            return is_break.then(|| {
                paragraphs.cut();
                end
            });
        }
        let mut end = seen(text.len());
        loop {
            let cut = last_break(&text[..end], seen(from))?;
            match self.word_across(text, cut) {
                Some(start) => end = start,
                None => return Some(cut),
            }
        }
    }

    /// Where the word starts that stands across a place at which nothing is left alone.
    fn word_across(&self, text: &str, at: usize) -> Option<usize> {
        let start = self.kept(&text[..at]).last().map_or(0, |kept| kept.end);
        self.words.across(&text[start..], at - start).map(|word| start + word)
    }

    /// What is left alone, parts that overlap being one.
    fn kept(&self, text: &str) -> Vec<Range<usize>> {
        let mut all: Vec<Range<usize>> =
            self.keep.iter().flat_map(|keep| keep.find(text)).collect();
        all.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in all {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }

    fn add_words<'a>(&'a self, text: &'a str, parts: &mut Vec<Part<'a>>) {
        let mut at = 0;
        for (range, value) in self.words.find(text) {
            add_text(&text[at..range.start], parts);
            parts.push(Part::Reserved(&text[range.clone()], value));
            at = range.end;
        }
        add_text(&text[at..], parts);
    }
}

fn add_text<'a>(text: &'a str, parts: &mut Vec<Part<'a>>) {
    if !text.is_empty() {
        parts.push(Part::Converts(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_up_the_text() {
        let dictionary = "程序	程式
里`干	?"
            .parse()
            .unwrap();
        let rules = Rules::new(dictionary, [Keep::Urls, Keep::Code].into()).unwrap();
        let text = "程序里`干http://a.b/`后程序";
        assert_eq!(
            rules.parts(text),
            [
                Part::Reserved("程序", "程式"),
                Part::Converts("里"),
                Part::Reserved("`干http://a.b/`", "`干http://a.b/`"),
                Part::Converts("后"),
                Part::Reserved("程序", "程式"),
            ]
        );
        assert!(Rules::new(Dictionary::default(), BTreeSet::new()).is_none());
    }
}
