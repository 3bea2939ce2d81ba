//! Parts of a text that are left alone on request: Japanese sentences, addresses and code.

mod addresses;
mod code;
mod japanese;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use addresses::addresses;
pub use code::Paragraphs;
use code::code;
pub use japanese::is_kana;
use japanese::japanese;

/// A kind of text that does not convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// Sentences and clauses in Japanese, told by their kana.
    Kana,
    /// Addresses: `https://…`, `www.…`.
    Urls,
    /// Code in Markdown: fenced blocks and `inline` spans.
    ///
    /// In inputs so large that they are taken in windows, a block ends with its window.
    Code,
}

/// A name that is no kind of text to keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of text to keep `{0}`, expected one of kana urls code")]
pub struct UnknownKeep(pub String);

impl Keep {
    /// Every kind.
    pub const ALL: [Keep; 3] = [Keep::Kana, Keep::Urls, Keep::Code];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Keep::Kana => "kana",
            Keep::Urls => "urls",
            Keep::Code => "code",
        }
    }

    /// The parts of a text of this kind, in order.
    pub(super) fn find(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Keep::Kana => japanese(text),
            Keep::Urls => addresses(text),
            Keep::Code => code(text),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Keep {
    type Err = UnknownKeep;

    fn from_str(name: &str) -> Result<Keep, UnknownKeep> {
        let known = Keep::ALL.into_iter().find(|keep| keep.name() == name);
        known.ok_or_else(|| UnknownKeep(name.to_owned()))
    }
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '㐀'..='鿿' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        assert!(Keep::ALL.into_iter().all(|keep| keep.name().parse() == Ok(keep)));
        let error = "html".parse::<Keep>().unwrap_err().to_string();
        assert_eq!(error, "unknown kind of text to keep `html`, expected one of kana urls code");
    }
}
