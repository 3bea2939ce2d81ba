//! Sentences and clauses in Japanese, told by their kana.

use std::ops::Range;

use super::is_ideograph;

/// Kana that a clause needs to be Japanese: の alone stands in the names of Chinese shops.
const MIN_KANA: usize = 2;
/// A Japanese clause has at least one kana in so many letters; most have one in two.
const KANA_ONE_IN: usize = 5;

/// Clauses in Japanese: what stands between stops, quotation marks, brackets and line ends.
pub(super) fn japanese(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut clause = Clause::default();
    for (at, c) in text.char_indices() {
        if ends_clause(c) {
            if clause.is_japanese() {
                found.push(start..at);
            }
            clause = Clause::default();
            start = at + c.len_utf8();
        } else {
            clause.add(c);
        }
    }
    if clause.is_japanese() {
        found.push(start..text.len());
    }
    found
}

/// What a clause is written in.
#[derive(Default)]
struct Clause {
    kana: usize,
    /// Kana and ideographs.
    letters: usize,
}

impl Clause {
    fn add(&mut self, c: char) {
        let kana = is_kana(c);
        self.kana += usize::from(kana);
        self.letters += usize::from(kana || is_ideograph(c));
    }

    fn is_japanese(&self) -> bool {
        self.kana >= MIN_KANA && self.kana * KANA_ONE_IN >= self.letters
    }
}

fn ends_clause(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r'
            | '\t'
            | '。'
            | '！'
            | '？'
            | '；'
            | '，'
            | '.'
            | '!'
            | '?'
            | ';'
            | ','
            | '「'
            | '」'
            | '『'
            | '』'
            | '“'
            | '”'
            | '"'
            | '《'
            | '》'
            | '（'
            | '）'
            | '('
            | ')'
            | '【'
            | '】'
            | '['
            | ']'
            | '<'
            | '>'
            | '|'
    )
}

/// Letters only: the middle dot and the long vowel mark also stand in Chinese text.
pub fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ｦ'..='ﾝ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<&str> {
        japanese(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn japanese_sentences() {
        let text = "他说：「学校へ行きました」，然后走了。優の良品。東京の天気は晴れです。";
        assert_eq!(kept(text), ["学校へ行きました", "東京の天気は晴れです"]);
        assert_eq!(kept("カタカナ"), ["カタカナ"]);
        let chinese = "那家店叫做かな可是里面没有一个人会说日语大家都说中文";
        assert_eq!(kept(chinese), [""; 0]);
    }
}
