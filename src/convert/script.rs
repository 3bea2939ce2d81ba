//! Which script a text is written in: Simplified, Traditional, both or neither.

use std::fmt;
use std::ops::{AddAssign, Range};
use std::sync::LazyLock;

use super::keep::is_kana;
use super::table;
use crate::script::CharSet;
use crate::script::is_hangul;

static SIMPLIFIED: LazyLock<CharSet> = LazyLock::new(table::simplified);
static TRADITIONAL: LazyLock<CharSet> = LazyLock::new(table::traditional);

/// A text is mixed where the rarer script has at least one in so many of the characters that
/// tell: a Simplified page that quotes a Traditional title is not, a page of both columns is.
const MIXED_ONE_IN: usize = 10;

/// A text is Japanese or Korean where it has at least one letter of these for so many characters
/// that tell: Japanese has characters of both scripts, and some five times as many kana.
const FOREIGN_ONE_IN: usize = 2;

/// The script of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Simplified Chinese.
    Hans,
    /// Traditional Chinese.
    Hant,
    /// Both, neither of them rare.
    Mixed,
    /// Other languages, Japanese and Korean too, or Chinese that both scripts write the same.
    Neither,
}

impl Script {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Script::Hans => "Hans",
            Script::Hant => "Hant",
            Script::Mixed => "mixed",
            Script::Neither => "neither",
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How many characters of a text only one script has.
///
/// What both may have says nothing: 后 is Traditional in 皇后, 著 is Simplified in 著名.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Characters that only Simplified text has.
    pub simplified: usize,
    /// Characters that only Traditional text has.
    pub traditional: usize,
    /// Letters of kana and Hangul.
    pub foreign: usize,
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, other: Evidence) {
        self.simplified += other.simplified;
        self.traditional += other.traditional;
        self.foreign += other.foreign;
    }
}

impl Evidence {
    /// Counts the characters of a text, a page or a single span.
    ///
    /// ```
    /// use hanfix::convert::{Evidence, Script};
    ///
    /// assert_eq!(Evidence::of("漢字簡化").script(), Script::Hant);
    /// assert_eq!(Evidence::of("汉字简化").script(), Script::Hans);
    /// assert_eq!(Evidence::of("中文 text").script(), Script::Neither);
    /// assert_eq!(Evidence::of("漢字の練習は難しい").script(), Script::Neither);
    /// ```
    pub fn of(text: &str) -> Evidence {
        Evidence::of_characters(text.chars())
    }

    /// Counts some characters.
    pub(crate) fn of_characters(characters: impl IntoIterator<Item = char>) -> Evidence {
        let mut evidence = Evidence::default();
        for c in characters {
            evidence.simplified += usize::from(SIMPLIFIED.get(c) == Some(true));
            evidence.traditional += usize::from(TRADITIONAL.get(c) == Some(true));
            evidence.foreign += usize::from(is_kana(c) || is_hangul(c));
        }
        evidence
    }

    /// What the evidence amounts to.
    pub fn script(self) -> Script {
        let Evidence { simplified, traditional, .. } = self;
        let total = simplified + traditional;
        if total == 0 || self.is_foreign() {
            Script::Neither
        } else if simplified.min(traditional) * MIXED_ONE_IN >= total {
            Script::Mixed
        } else if simplified > traditional {
            Script::Hans
        } else {
            Script::Hant
        }
    }
}

impl Evidence {
    /// Whether it is of Japanese or Korean.
    fn is_foreign(self) -> bool {
        self.foreign > 0 && self.foreign * FOREIGN_ONE_IN >= self.simplified + self.traditional
    }
}

impl Script {
    /// Takes the next lines to those in this script, where they are of one; says whether they are.
    /// What says nothing is of the other's, but Japanese and Korean of none.
    pub(crate) fn join(&mut self, evidence: &mut Evidence, next: Script, more: Evidence) -> bool {
        *self = match (*self, next) {
            (one, other) if one == other => one,
            (Script::Neither, other) if !evidence.is_foreign() => other,
            (one, Script::Neither) if !more.is_foreign() => one,
            _ => return false,
        };
        *evidence += more;
        true
    }
}

/// A stretch of lines in one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptSpan {
    /// The bytes of the text, whole lines.
    pub range: Range<usize>,
    /// What they are written in.
    pub script: Script,
    /// What tells.
    pub evidence: Evidence,
}

/// The stretches of a text that are written in one script each, in order, all of the text.
///
/// Lines that say nothing belong to the stretch before them, at the start to the one behind; those
/// in Japanese or Korean are a stretch of their own.
///
/// ```
/// use hanfix::convert::{Script, script_spans};
///
/// let spans = script_spans("# 1\n漢字\n---\n汉字\n");
/// assert_eq!(spans.len(), 2);
/// assert_eq!((spans[0].range.clone(), spans[0].script), (0..15, Script::Hant));
/// assert_eq!((spans[1].range.clone(), spans[1].script), (15..22, Script::Hans));
/// ```
pub fn script_spans(text: &str) -> Vec<ScriptSpan> {
    let mut spans: Vec<ScriptSpan> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let evidence = Evidence::of(line);
        let span =
            ScriptSpan { range: start..start + line.len(), script: evidence.script(), evidence };
        start = span.range.end;
        if let Some(last) = spans.last_mut()
            && last.script.join(&mut last.evidence, span.script, evidence)
        {
            last.range.end = start;
        } else {
            spans.push(span);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_both_scripts_say_nothing() {
        assert_eq!(Evidence::of("皇后 著名 乾坤 中文"), Evidence::default());
    }

    #[test]
    fn a_quotation_does_not_make_a_text_mixed() {
        let simplified = "这本书讲述了汉字简化的历史,";
        let traditional = "《漢語》";
        assert_eq!(Evidence::of(&(simplified.repeat(4) + traditional)).script(), Script::Hans);
        assert_eq!(
            Evidence::of(&(simplified.to_owned() + &traditional.repeat(3))).script(),
            Script::Mixed
        );
    }

    #[test]
    fn spans_are_all_of_the_text() {
        let text = "123\n漢字\n\n漢字和汉字\n汉字\n简化\nabc";
        let spans = script_spans(text);
        let scripts: Vec<Script> = spans.iter().map(|span| span.script).collect();
        assert_eq!(scripts, [Script::Hant, Script::Mixed, Script::Hans]);
        let parts: String = spans.iter().map(|span| &text[span.range.clone()]).collect();
        assert_eq!(parts, text);
        assert_eq!(spans[2].evidence, Evidence { simplified: 2, ..Evidence::default() });
        assert!(script_spans("").is_empty());
        assert_eq!(script_spans("abc")[0].script, Script::Neither);
    }

    #[test]
    fn japanese_and_korean_belong_to_no_script() {
        let text = "漢字\n漢字の練習は難しい。\n\n大韓民國의 首都는 서울\n簡化\n";
        let scripts: Vec<Script> = script_spans(text).iter().map(|span| span.script).collect();
        assert_eq!(scripts, [Script::Hant, Script::Neither, Script::Hant]);
        // の stands in the names of Chinese shops
        assert_eq!(Evidence::of("優の良品專賣店").script(), Script::Hant);
    }
}
