//! Western text in which each accented letter became a Chinese character.
//!
//! ```text
//! na茂ve, caf茅           UTF-8 read as GBK: C3 A9 is é, and 茅
//! f黵 die k黱ftige       Latin-1 read as GBK: FC 72 is ü and r, and 黵
//! ```
//!
//! A letter is too little to be told from a character that is meant, as in iPhone手机 or T恤. What
//! tells is that *every* character of Chinese in the document stands in a word of ASCII letters and
//! is such a letter there.

use std::ops::Range;

use super::script::is_ideograph;
use crate::codec::{Codec, Decoder, Flavour};
use crate::edit::{Bits, Edit, Kind, Safety, Step};
use crate::model;

/// Characters that must be letters, at least, of so many kinds.
const FEW: usize = 4;
const KINDS: usize = 2;
/// ASCII letters for each of them, at least: one letter in 25 has an accent in French.
const ASCII_FOR_EACH: usize = 4;

/// How such text came to be.
#[derive(Clone, Copy)]
struct Way {
    wrong: Codec,
    truth: Codec,
}

/// The likeliest first; no text is damaged in two of them.
const WAYS: [Way; 3] = [
    Way { wrong: Codec::Gbk, truth: Codec::Utf8 },
    Way { wrong: Codec::Gbk, truth: Codec::Cp1252 },
    Way { wrong: Codec::Big5, truth: Codec::Cp1252 },
];

/// The edits that put the letters back, if all the Chinese of `text` is such letters.
pub(super) fn repair(text: &str) -> Vec<Edit> {
    let Some(words) = words(text) else { return vec![] };
    let read = |way: &Way| words.iter().map(|word| way.edit(text, word)).collect::<Option<_>>();
    WAYS.iter().find_map(read).unwrap_or_default()
}

/// The words with a character of Chinese in them, if that is the only Chinese there is, and there
/// is enough of it, and of Western text around it.
fn words(text: &str) -> Option<Vec<Range<usize>>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut characters = Vec::new();
    let mut at = 0;
    while let Some(found) = next_wide(text, at) {
        let word = word_around(text, found)?;
        characters.extend(text[word.clone()].chars().filter(|c| !c.is_ascii()));
        at = word.end;
        words.push(word);
    }
    let count = characters.len();
    characters.sort_unstable();
    characters.dedup();
    if count < FEW || characters.len() < KINDS {
        return None;
    }
    let ascii = text.bytes().filter(u8::is_ascii_alphabetic).count();
    (ascii >= count * ASCII_FOR_EACH).then_some(words)
}

/// The next character from U+3000 on, at `at` or behind it.
fn next_wide(text: &str, at: usize) -> Option<usize> {
    const BLOCK: usize = 64;
    let is_wide = |byte: &u8| *byte >= 0xE3;
    let mut blocks = text.as_bytes()[at..].chunks(BLOCK).enumerate();
    // a whole block at once, of which compilers make vectors
    let (block, bytes) =
        blocks.find(|(_, block)| block.iter().fold(false, |any, b| any | is_wide(b)))?;
    Some(at + block * BLOCK + bytes.iter().position(is_wide)?)
}

/// The letters around a place, if they are of ASCII and Chinese both.
fn word_around(text: &str, at: usize) -> Option<Range<usize>> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || is_ideograph(c);
    let start = text[..at].trim_end_matches(is_letter).len();
    let end = text.len() - text[at..].trim_start_matches(is_letter).len();
    let has_both = end > at && text[start..end].contains(|c: char| c.is_ascii_alphabetic());
    has_both.then_some(start..end)
}

impl Way {
    /// The edit of a word, if it is one of Western letters.
    fn edit(self, text: &str, word: &Range<usize>) -> Option<Edit> {
        let Way { wrong, truth } = self;
        let found = &text[word.clone()];
        let after = self.read(&wrong.encode(found)?)?;
        let decoder = Decoder::new(wrong, Flavour::Web);
        if !is_western(&after) || decoder.decode(&truth.encode(&after)?) != found {
            return None;
        }
        let before = text[..word.start].chars().next_back().unwrap_or('\n');
        let cost = |word: &str| model::text_cost_after(before, word).0;
        Some(Edit {
            before: found.to_owned(),
            bits: Bits(cost(found) - cost(&after)),
            after,
            range: word.clone(),
            kind: Kind::Transcode,
            steps: vec![Step::Encode(wrong.name()), Step::Decode(truth.name())],
            safety: Safety::Exact,
            filled: vec![],
        })
    }

    fn read(self, bytes: &[u8]) -> Option<String> {
        match self.truth {
            Codec::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            truth => Some(Decoder::new(truth, Flavour::Web).decode(bytes)),
        }
    }
}

/// Whether a word is of Latin letters with a case that words have. None is ÿ, which hardly any word
/// has, and 每 is.
fn is_western(word: &str) -> bool {
    let is_latin = |c: char| {
        c.is_ascii_alphabetic() || c != 'ÿ' && matches!(c, 'À'..='ž') && c.is_alphabetic()
    };
    let mut pairs = word.chars().zip(word.chars().skip(1));
    word.chars().all(is_latin)
        // É stands at the start of a word, or among others of its case
        && pairs.all(|(one, next)| next.is_ascii() || !next.is_uppercase() || one.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;

    fn repaired(text: &str) -> String {
        apply(text, &repair(text))
    }

    #[test]
    fn accented_letters_of_a_document_come_back() {
        let french = "Le caf茅 est ferm茅 pour la journ茅e, mais le mus茅e a rouvert 脿 No毛l.";
        let truth = "Le café est fermé pour la journée, mais le musée a rouvert à Noël.";
        // à stands alone
        assert_eq!(repaired(french), french);
        assert_eq!(repaired(&french.replace(" 脿", "")), truth.replace(" à", ""));
        let german = "Wir k鰊nen das f黵 Sie pr黤en, wenn Sie m鯿hten.";
        assert_eq!(repaired(german), "Wir können das für Sie prüfen, wenn Sie möchten.");
    }

    #[test]
    fn chinese_among_letters_stays() {
        for text in [
            "iPhone手机和Android手机都支持",
            "T恤 XL码 A股 B超 K歌",
            "The app每day update没done 每week and so on",
            "caf茅",
            "na茂ve and caf茅",
            "用 caf茅、na茂ve、r茅sum茅 这样的词",
        ] {
            assert_eq!(repaired(text), text);
        }
    }
}
