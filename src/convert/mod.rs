//! Traditional ⇄ Simplified, the same bytes as OpenCC 1.4.2 in all of its 16 configurations.
//!
//! The dictionaries are OpenCC's own, compiled ahead by `tools/opencc-compile`; the engine is
//! not, because OpenCC is C++, holds a process-wide lock in its binding and converts at a
//! twentieth of the speed. A differential test (feature `oracle`) holds the two together.
//!
//! ```text
//! text ─reserved─▶ parts ─pieces─▶ sentences ─engine─fast─▶ by character, where that is all
//!         │                            ▲        └─exact─▶ by phrase, around the rest
//!         └▶ the user's words,     normalize, where compatibility ideographs are
//!            parts left alone
//! ```
//!
//! Without a [`Dictionary`] and without anything to [`Keep`] there is one part: all of the text.

mod characters;
mod choices;
mod config;
mod dictionary;
mod diff;
mod engine;
mod exact;
mod fast;
mod ids;
mod keep;
mod normalize;
mod output;
mod pieces;
mod reserved;
mod script;
mod stream;
mod table;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use crate::edit::{Bits, Edit, Kind, Safety, Step, compose};
use engine::{Engine, NotNormalized};
use normalize::normalize;
use pieces::pieces;
use reserved::{Part, Rules};

pub(crate) use characters::Characters;
pub use choices::Choice;
pub use config::{Config, UnknownConfig};
pub use dictionary::{Dictionary, DictionaryError};
pub use keep::{Keep, UnknownKeep};
pub use script::{Evidence, Script, ScriptSpan, script_spans};
pub use stream::Stream;

/// The step that each configuration is, in the order of [`Config::ALL`].
static STEPS: [[Step; 1]; Config::ALL.len()] = {
    let mut steps = [const { [Step::Convert("")] }; Config::ALL.len()];
    let mut at = 0;
    while at < steps.len() {
        steps[at] = [Step::Convert(Config::ALL[at].name())];
        at += 1;
    }
    steps
};

/// Converts text with one configuration.
///
/// ```
/// use hanfix::convert::{Config, Converter};
///
/// let converter = Converter::new(Config::S2twp);
/// assert_eq!(converter.convert("服务器的内存"), "伺服器的記憶體");
/// ```
pub struct Converter {
    config: Config,
    engine: Engine,
    rules: Option<Rules>,
}

impl Converter {
    /// A converter as OpenCC's library has it.
    pub fn new(config: Config) -> Converter {
        Converter::builder(config).build()
    }

    /// A converter with other options.
    pub fn builder(config: Config) -> ConverterBuilder {
        ConverterBuilder {
            config,
            tofu: true,
            dictionary: Dictionary::default(),
            keep: BTreeSet::new(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> Config {
        self.config
    }

    /// The converted text; borrowed, and nothing copied, where nothing changes.
    pub fn convert<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.rules.is_some() {
            let mut out = String::new();
            self.convert_into(text, &mut out);
            return if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) };
        }
        let mut same = 0;
        for piece in pieces(text) {
            match self.first_change(piece) {
                None => same += piece.len(),
                Some(at) => {
                    let (same, rest) = text.split_at(same + at);
                    let mut out = String::with_capacity(text.len() + fast::ROOM);
                    out.push_str(same);
                    self.convert_into(rest, &mut out);
                    return Cow::Owned(out);
                }
            }
        }
        Cow::Borrowed(text)
    }

    /// Appends the converted text to `out`.
    pub fn convert_into(&self, text: &str, out: &mut String) {
        out.reserve(text.len() + fast::ROOM);
        for part in self.parts(text) {
            match part {
                Part::Converts(text) => self.convert_plain_into(text, out),
                Part::Reserved(_, value) => out.push_str(value),
            }
        }
    }

    /// What the user's rules make of a text: one part where there are none.
    fn parts<'a>(&'a self, text: &'a str) -> Vec<Part<'a>> {
        match &self.rules {
            Some(rules) => rules.parts(text),
            None => vec![Part::Converts(text)],
        }
    }

    /// Appends the converted text to `out`, as OpenCC has it.
    fn convert_plain_into(&self, text: &str, out: &mut String) {
        for piece in pieces(text) {
            let start = out.len();
            if let Err(NotNormalized) = self.engine.convert_into(piece, out) {
                out.truncate(start);
                self.engine.convert_into(&normalize(piece), out).expect("normalized text");
            }
        }
    }

    /// A place in a piece before which nothing changes, and from which on conversion may start,
    /// where anything changes.
    fn first_change(&self, piece: &str) -> Option<usize> {
        let mut first = None;
        let found = self.engine.changes(piece, |range, _| {
            first = Some(range.start);
            false
        });
        match found {
            Ok(()) => first,
            Err(NotNormalized) => Some(0),
        }
    }

    /// The changes that conversion makes to `text`, sorted; applying them gives what
    /// [`Converter::convert`] gives.
    ///
    /// ```
    /// use hanfix::convert::{Config, Converter};
    ///
    /// let edits = Converter::new(Config::S2t).edits("头发干燥");
    /// let changed: Vec<_> = edits.iter().map(|edit| (&*edit.before, &*edit.after)).collect();
    /// assert_eq!(changed, [("头发", "頭髮"), ("干", "乾")]);
    /// ```
    pub fn edits(&self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut start = 0;
        for part in self.parts(text) {
            match part {
                Part::Converts(text) => {
                    self.add_plain_edits(text, start, &mut edits);
                    start += text.len();
                }
                Part::Reserved(before, after) => {
                    if before != after {
                        let steps = Cow::Borrowed(&[Step::Apply("dictionary")][..]);
                        let piece = diff::Piece { at: 0, before, after };
                        edits.push(Edit { steps, ..self.edit(piece, start) });
                    }
                    start += before.len();
                }
            }
        }
        edits
    }

    /// Adds the edits of a text that stands at `start` and converts as OpenCC has it.
    fn add_plain_edits(&self, text: &str, start: usize, edits: &mut Vec<Edit>) {
        let mut start = start;
        for piece in pieces(text) {
            let from = edits.len();
            if let Err(NotNormalized) = self.add_edits(piece, start, edits) {
                edits.truncate(from);
                edits.extend(self.edits_after_normalization(piece, start));
            }
            start += piece.len();
        }
    }

    /// Adds the edits of a piece that stands at `start`.
    fn add_edits(
        &self,
        text: &str,
        start: usize,
        edits: &mut Vec<Edit>,
    ) -> Result<(), NotNormalized> {
        self.engine.changes(text, |range, converted| {
            let start = start + range.start;
            let pieces = diff::pieces(&text[range], converted);
            edits.extend(pieces.map(|piece| self.edit(piece, start)));
            true
        })
    }

    /// The edits of a text that stands at `start` and holds compatibility ideographs.
    fn edits_after_normalization(&self, text: &str, start: usize) -> Vec<Edit> {
        let normalized = normalize(text);
        let first = diff::pieces(text, &normalized).map(|piece| self.edit(piece, 0)).collect();
        let mut second = Vec::new();
        self.add_edits(&normalized, 0, &mut second).expect("normalized text");
        let mut edits = compose(text, first, second);
        for edit in &mut edits {
            edit.range = edit.range.start + start..edit.range.end + start;
        }
        edits
    }

    fn edit(&self, piece: diff::Piece<'_>, offset: usize) -> Edit {
        Edit {
            range: piece.at + offset..piece.at + offset + piece.before.len(),
            before: piece.before.to_owned(),
            after: piece.after.to_owned(),
            kind: Kind::Convert,
            steps: Cow::Borrowed(&STEPS[self.config as usize]),
            safety: Safety::Exact,
            bits: Bits(0),
            filled: Vec::new(),
            lost: Vec::new(),
        }
    }
}

impl fmt::Debug for Converter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Converter").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Sets the options of a [`Converter`].
#[derive(Clone, Debug)]
pub struct ConverterBuilder {
    config: Config,
    tofu: bool,
    dictionary: Dictionary,
    keep: BTreeSet<Keep>,
}

impl ConverterBuilder {
    /// Whether to write rare Simplified characters that mainstream fonts cannot show (㑮 → 𫝈).
    ///
    /// On unless told, as in OpenCC's library; OpenCC's command line has it off.
    pub fn tofu(mut self, tofu: bool) -> ConverterBuilder {
        self.tofu = tofu;
        self
    }

    /// Words that become what the user says; none unless told.
    pub fn dictionary(mut self, dictionary: Dictionary) -> ConverterBuilder {
        self.dictionary = dictionary;
        self
    }

    /// Kinds of text that are left alone; none unless told, as in OpenCC.
    ///
    /// ```
    /// use hanfix::convert::{Config, Converter, Keep};
    ///
    /// let converter = Converter::builder(Config::S2t).keep([Keep::Kana, Keep::Code]).build();
    /// assert_eq!(converter.convert("「国へ帰ります」里的`国`"), "「国へ帰ります」裏的`国`");
    /// ```
    pub fn keep(mut self, keep: impl IntoIterator<Item = Keep>) -> ConverterBuilder {
        self.keep = keep.into_iter().collect();
        self
    }

    /// The converter with these options.
    pub fn build(self) -> Converter {
        Converter {
            config: self.config,
            engine: Engine::new(self.config, self.tofu),
            rules: Rules::new(self.dictionary, self.keep),
        }
    }
}
