//! Compatibility ideographs (豈 U+F900) become the characters they stand for,
//! in every configuration, before anything else.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::ids;
use super::table::{self, CharTable};

static TABLE: LazyLock<CharTable> = LazyLock::new(table::normalization);

/// The text without compatibility ideographs; borrowed where it has none.
pub fn normalize(text: &str) -> Cow<'_, str> {
    if !may_change(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match ids::sequence_len(rest) {
            Some(len) => {
                out.push_str(&rest[..len]);
                len
            }
            None => {
                TABLE.get(c).push_to(&mut out);
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    Cow::Owned(out)
}

/// Whether the text has bytes of U+F900–FAFF (EF A4 – EF AB) or U+2F800–2FBFF (F0 AF).
///
/// Two comparisons for each byte without a branch, which the compiler makes vectors of.
fn may_change(bytes: &[u8]) -> bool {
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    pairs.fold(false, |found, (a, b)| {
        found | ((*a == 0xEF) & (*b >= 0xA4) & (*b <= 0xAB)) | ((*a == 0xF0) & (*b == 0xAF))
    })
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
    fn parts_of_a_description_stay() {
        assert_eq!(normalize("⿰\u{F901}\u{F901}\u{F901}"), "⿰\u{F901}\u{F901}更");
    }

    #[test]
    fn the_quick_test_sees_every_key() {
        for c in TABLE.plane0() {
            assert!(may_change(c.encode_utf8(&mut [0; 4]).as_bytes()), "{c}");
        }
    }
}
