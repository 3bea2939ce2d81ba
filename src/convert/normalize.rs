//! Compatibility ideographs (豈 U+F900) become the characters they stand for,
//! in every configuration, before anything else.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::ids;
use super::table::{self, CharTable, Replacement};

static TABLE: LazyLock<CharTable> = LazyLock::new(table::normalization);

/// Bytes that are searched at once: few enough to stay in the first-level cache.
const CHUNK: usize = 4096;

/// The text without compatibility ideographs; borrowed where it has none.
pub fn normalize(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let Some(first) = find(bytes, 0, is_compatibility_lead) else {
        return Cow::Borrowed(text);
    };
    if find(bytes, 0, is_operator_lead).is_some() {
        return Cow::Owned(normalize_around_sequences(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        out.push_str(&text[copied..at]);
        copied = at + push_normalized(&text[at..], &mut out);
        next = find(bytes, copied, is_compatibility_lead);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What normalization makes of a character.
pub fn normal(c: char) -> char {
    match TABLE.get(c) {
        Replacement::One(c) | Replacement::Two([c, _]) => c,
    }
}

/// Whether normalization replaces the first character of `text`.
pub fn replaces_first(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, ..] if is_compatibility_lead(*a, *b))
        && text.chars().next().is_some_and(|c| TABLE.get(c) != Replacement::One(c))
}

/// Normalizes all but description sequences, which stay as they are.
fn normalize_around_sequences(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        at += match ids::sequence_len(rest) {
            Some(len) => {
                out.push_str(&rest[..len]);
                len
            }
            None => push_normalized(rest, &mut out),
        };
    }
    out
}

/// Appends the first character of `text`, normalized, and gives its length in `text`.
fn push_normalized(text: &str, out: &mut String) -> usize {
    let Some(c) = text.chars().next() else { return 0 };
    TABLE.get(c).push_to(out);
    c.len_utf8()
}

/// The first place from `from` on where two bytes are a lead that `is_lead` tells.
///
/// A chunk without any is passed over without a branch for each byte, which the compiler
/// makes vectors of (7 GB/s).
fn find(bytes: &[u8], from: usize, is_lead: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let mut at = from;
    while at + 1 < bytes.len() {
        // the last byte of a chunk is the first of the next, so no pair is missed
        let chunk = &bytes[at..bytes.len().min(at + CHUNK)];
        let pairs = || chunk.iter().zip(&chunk[1..]).map(|(a, b)| is_lead(*a, *b));
        if pairs().fold(false, |found, lead| found | lead) {
            return pairs().position(|lead| lead).map(|place| at + place);
        }
        at += chunk.len() - 1;
    }
    None
}

/// U+F900–FAFF are EF A4 80 – EF AB BF, U+2F800–2FBFF are F0 AF ….
fn is_compatibility_lead(a: u8, b: u8) -> bool {
    ((a == 0xEF) & (0xA4..=0xAB).contains(&b)) | ((a == 0xF0) & (b == 0xAF))
}

/// U+2FF0–2FFF, the operators of descriptions, are E2 BF B0 – E2 BF BF.
fn is_operator_lead(a: u8, b: u8) -> bool {
    (a == 0xE2) & (b == 0xBF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_compatibility_ideographs_change() {
        assert!(matches!(normalize("更好，🈶ｆ"), Cow::Borrowed(_)));
        assert_eq!(normalize("\u{F901}好"), "更好");
        assert_eq!(normalize("\u{2F800}"), "丽");
    }

    #[test]
    fn places_around_the_edges_of_chunks() {
        for before in CHUNK - 5..CHUNK + 5 {
            let text = "x".repeat(before) + "\u{F901}\u{F901}好";
            assert_eq!(normalize(&text), "x".repeat(before) + "更更好");
        }
    }

    #[test]
    fn parts_of_a_description_stay() {
        assert_eq!(normalize("⿰\u{F901}\u{F901}\u{F901}"), "⿰\u{F901}\u{F901}更");
    }

    #[test]
    fn the_search_sees_every_key() {
        for c in TABLE.plane0() {
            let text = c.to_string();
            assert_eq!(find(text.as_bytes(), 0, is_compatibility_lead), Some(0), "{c}");
        }
    }
}
