//! Compatibility folding (NFKC), which scraped corpora go through after the
//! damage, and the way back to the characters that GBK has.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::codec::{Codec, Flavour};

/// A character of GBK that folding changes.
pub(super) struct Folded {
    /// Its bytes.
    pub(super) pair: [u8; 2],
    /// What it becomes.
    pub(super) becomes: String,
}

/// The characters of GBK that folding changes, by the first character they become:
/// `,` gives A3AC `，`, `1` gives A2C5 `⒈` that becomes `1.` as well as A3B1 `１`.
static FOLDED: LazyLock<HashMap<char, Vec<Folded>>> = LazyLock::new(|| {
    let table = Codec::Gbk.table(Flavour::WINDOWS);
    let mut folded: HashMap<char, Vec<Folded>> = HashMap::new();
    for lead in 0x81..=0xFE {
        for trail in 0x40..=0xFE {
            let Some(character) = table.pair(lead, trail) else { continue };
            let becomes: String = std::iter::once(character).nfkc().collect();
            match becomes.chars().next() {
                Some(first) if first != character => {
                    folded.entry(first).or_default().push(Folded { pair: [lead, trail], becomes });
                }
                _ => {}
            }
        }
    }
    folded
});

/// The characters of GBK that may stand behind the front of `text` after folding.
pub(super) fn unfolded(text: &str) -> impl Iterator<Item = &'static Folded> {
    let candidates = text.chars().next().and_then(|first| FOLDED.get(&first));
    candidates.into_iter().flatten().filter(move |folded| text.starts_with(folded.becomes.as_str()))
}

/// Folds a text.
pub(super) fn fold(text: &str) -> String {
    text.nfkc().collect()
}

/// The mark of Chinese text that folding makes one of ASCII; `?` stays, which a lost byte is, too.
pub(super) fn full_width(mark: char) -> char {
    match mark {
        ',' => '，',
        ';' => '；',
        ':' => '：',
        '!' => '！',
        '(' => '（',
        ')' => '）',
        _ => mark,
    }
}

/// Whether a character is a full-width form of ASCII, which folding takes away.
pub(super) fn is_full_width(character: char) -> bool {
    matches!(character, '\u{FF01}'..='\u{FF5E}')
}
