//! What a character is, as far as repairs and conversions need to know.

use std::sync::LazyLock;

use memchr::{memchr, memrchr};

/// Whether a character may be one byte of damage: single-byte decoders show letters and signs.
pub(crate) fn may_be_byte(character: char) -> bool {
    ('\u{80}'..'\u{2E80}').contains(&character)
}

/// Whether `c` is a unified or compatibility ideograph, not a radical.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}')
}

/// Whether `c` is written like an ideograph: one, or `〇` or `々`.
pub(crate) fn is_ideograph(c: char) -> bool {
    is_han(c) || matches!(c, '〇' | '々')
}

/// Whether `c` is a letter, as [`char::is_alphabetic`] has it: a bit is found in a tenth of the time
/// of a search in the tables of the standard library.
#[inline]
pub(crate) fn is_letter(c: char) -> bool {
    match LETTERS.get(c as usize / WORD) {
        Some(word) => word >> (c as usize % WORD) & 1 == 1,
        None => c.is_alphabetic(),
    }
}

/// Bits of a word.
const WORD: usize = u64::BITS as usize;

/// By BMP code point, a bit for each letter.
static LETTERS: LazyLock<Box<[u64]>> = LazyLock::new(|| {
    let is_letter = |code_point| char::from_u32(code_point).is_some_and(char::is_alphabetic);
    let word =
        |first: u32| (0..u64::BITS).fold(0, |w, bit| w | u64::from(is_letter(first + bit)) << bit);
    (0..0x1_0000).step_by(WORD).map(word).collect()
});

/// Whether `c` is what string literals write behind a backslash.
pub(crate) fn is_escaped(c: char) -> bool {
    matches!(c, 'n' | 't' | 'r' | '0' | '"' | '\'' | '\\')
}

/// Whether `c` is a hiragana or katakana letter or the long vowel mark.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー')
}

/// Whether `c` is a precomposed Hangul syllable.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Whether running Chinese or Japanese text is written with `c`.
pub(crate) fn is_han_or_kana(c: char) -> bool {
    is_ideograph(c) || is_kana(c)
}

/// Whether `c` is a letter of Chinese, Japanese or Korean text.
pub(crate) fn is_cjk_letter(c: char) -> bool {
    is_han_or_kana(c) || is_hangul(c)
}

/// Whether `c` is a code point of the private use area of the basic plane.
pub(crate) fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}')
}

/// Whether a text has such code points: the first two bytes of a character say so, EE 80 to EF A3.
pub(crate) fn has_private_use(text: &str) -> bool {
    let pairs = text.as_bytes().iter().zip(text.as_bytes().iter().skip(1));
    // without an end before the last, many are compared at once
    pairs.fold(false, |has, (&lead, &second)| {
        has | (lead == 0xEE) | (lead == 0xEF) & (second < 0xA4)
    })
}

/// Whether `c` is CJK or full-width punctuation.
pub(crate) fn is_cjk_punctuation(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{303F}' | '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}'
        | '\u{FF5B}'..='\u{FF65}')
        && !is_ideograph(c)
}

/// Whether `c` is a letter or tone mark of Bopomofo: `ㄊㄧˇ`.
pub(crate) fn is_bopomofo(c: char) -> bool {
    matches!(c, '\u{3105}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}' | 'ˉ' | 'ˊ' | 'ˇ' | 'ˋ' | '˙')
}

/// Whether `c` is a sign that people put beside others without a grammar: currency, numbers
/// in rings, arrows, mathematics, box drawing, shapes, ornaments, vertical marks.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c,
        '\u{A1}'..='\u{BF}' | '×' | '÷' | '\u{2010}'..='\u{27BF}' | '\u{3000}'..='\u{3020}'
        | '\u{3200}'..='\u{33FF}' | '\u{FE30}'..='\u{FE4F}')
}

/// Frequent characters that only Simplified text uses, and their Traditional forms in the same order.
const SIMPLIFIED: &str = "这们来为国时说会对发过后么还学进样开关问东长门车见马";
const TRADITIONAL: &str = "這們來為國時說會對發過後麼還學進樣開關問東長門車見馬";

/// Whether `text` holds more characters that only Simplified text uses than Traditional ones.
///
/// A tie, as in text that holds neither, counts as Simplified: it is the commoner script.
pub(crate) fn is_simplified(text: &str) -> bool {
    let mut balance = 0i64;
    for c in text.chars().filter(|&c| is_ideograph(c)) {
        balance += i64::from(SIMPLIFIED.contains(c)) - i64::from(TRADITIONAL.contains(c));
    }
    balance >= 0
}

/// The character of a text that has one and no more.
pub(crate) fn only_char(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// The character before a place; at the start of a text, it is taken to follow a line break.
pub(crate) fn char_before(text: &str, at: usize) -> char {
    text[..at].chars().next_back().unwrap_or('\n')
}

/// The characters before and after the range `start..end` of `text`.
pub(crate) fn neighbours(text: &str, start: usize, end: usize) -> (Option<char>, Option<char>) {
    (text[..start].chars().next_back(), text[end..].chars().next())
}

/// What a text has behind its last line break.
pub(crate) fn last_line(text: &str) -> &str {
    memrchr(b'\n', text.as_bytes()).map_or(text, |at| &text[at + 1..])
}

/// What a text has before its first line break.
pub(crate) fn first_line(text: &str) -> &str {
    memchr(b'\n', text.as_bytes()).map_or(text, |at| &text[..at])
}

/// Brackets and quotation marks that come in pairs.
const PAIRED: [[char; 2]; 10] = [
    ['“', '”'],
    ['‘', '’'],
    ['«', '»'],
    ['（', '）'],
    ['《', '》'],
    ['〈', '〉'],
    ['「', '」'],
    ['『', '』'],
    ['【', '】'],
    ['〔', '〕'],
];

/// Whether a character is one of a pair of brackets or quotation marks.
pub(crate) fn is_paired(c: char) -> bool {
    // ASCII lies before them, and ideographs between 〔〕 and （）
    !matches!(c, ..'«' | '\u{3016}'..'（') && PAIRED.as_flattened().contains(&c)
}

/// How many brackets and quotation marks of a text have no partner in it.
pub(crate) fn unpaired(text: impl IntoIterator<Item = char>) -> usize {
    let mut open = [0; PAIRED.len()];
    let mut closing = 0;
    for character in text.into_iter().filter(|&c| is_paired(c)) {
        match PAIRED.iter().position(|pair| pair.contains(&character)) {
            Some(pair) if PAIRED[pair][0] == character => open[pair] += 1,
            Some(pair) if open[pair] > 0 => open[pair] -= 1,
            Some(_) => closing += 1,
            None => {}
        }
    }
    closing + open.iter().sum::<usize>()
}

/// A set of characters of the first plane.
pub(crate) struct CharSet(Box<[u64; 0x1_0000 / 64]>);

impl CharSet {
    /// The set of these code points.
    pub(crate) fn new(units: impl IntoIterator<Item = u16>) -> CharSet {
        let mut bits = Box::new([0; 0x1_0000 / 64]);
        for unit in units {
            bits[usize::from(unit) / 64] |= 1 << (unit % 64);
        }
        CharSet(bits)
    }

    /// Whether it has the character; unknown outside the first plane.
    #[inline]
    pub(crate) fn get(&self, c: char) -> Option<bool> {
        self.0.get(c as usize / 64).map(|bits| bits >> (c as usize % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_are_no_ideographs() {
        assert!(is_ideograph('中') && is_ideograph('䶮') && is_ideograph('𠂇'));
        assert!(!is_ideograph('⼀') && !is_ideograph('⻓') && !is_ideograph('の'));
    }

    #[test]
    fn private_use_is_told_by_two_bytes() {
        let edges = ['\u{D7FF}', '\u{E000}', '\u{F8FF}', '\u{F900}', '，', 'é', '😀'];
        for c in edges {
            assert_eq!(has_private_use(&format!("我{c}a")), is_private_use(c), "{c:?}");
            assert_eq!(has_private_use(&c.to_string()), is_private_use(c), "{c:?}");
        }
        assert!(!has_private_use(""));
    }

    #[test]
    fn script_of_a_text() {
        assert!(is_simplified("我们说过这个问题"));
        assert!(!is_simplified("我們說過這個問題"));
        assert!(is_simplified("上下左右"));
    }

    #[test]
    fn the_script_hints_are_pairs() {
        assert_eq!(SIMPLIFIED.chars().count(), TRADITIONAL.chars().count());
        assert!(SIMPLIFIED.chars().all(|c| !TRADITIONAL.contains(c)));
    }

    #[test]
    fn marks_without_a_partner_are_counted() {
        for (text, count) in
            [("《現代操作系統》", 0), ("。兌代操作系統》", 1), ("「他說『好」", 1), ("》《", 2)]
        {
            assert_eq!(unpaired(text.chars()), count, "{text}");
        }
    }
}
