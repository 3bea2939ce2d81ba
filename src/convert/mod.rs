//! Traditional ⇄ Simplified, the same bytes as OpenCC 1.4.2 in all of its 16 configurations.
//!
//! The dictionaries are OpenCC's own, compiled ahead by `tools/opencc-compile`; the engine is
//! not, because OpenCC is C++, holds a process-wide lock in its binding and converts at a
//! twentieth of the speed. A differential test (feature `oracle`) holds the two together.
//!
//! ```text
//! text ─normalize─▶ text without compatibility ideographs ─engine─▶ by character, where that is all
//!                                                         └─exact─▶ by phrase, around the rest
//! ```

mod config;
mod diff;
mod engine;
mod exact;
mod ids;
mod normalize;
mod script;
mod table;

use std::borrow::Cow;
use std::fmt;

use crate::edit::{Bits, Edit, Kind, Safety, Step, compose};
use engine::Engine;

pub use config::{Config, UnknownConfig};
pub use script::{Evidence, Script};

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
}

impl Converter {
    /// A converter as OpenCC's library has it.
    pub fn new(config: Config) -> Converter {
        Converter { config, engine: Engine::new(config, true) }
    }

    /// A converter with other options.
    pub fn builder(config: Config) -> ConverterBuilder {
        ConverterBuilder { config, tofu: true }
    }

    /// The configuration.
    pub fn config(&self) -> Config {
        self.config
    }

    /// The converted text; borrowed, and nothing copied, where nothing changes.
    pub fn convert<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let normalized = normalize::normalize(text);
        let mut first_change = None;
        self.engine.changes(&normalized, |range, _| {
            first_change = Some(range.start);
            false
        });
        let Some(same) = first_change else { return normalized };
        let mut out = String::with_capacity(normalized.len());
        out.push_str(&normalized[..same]);
        self.engine.convert_into(&normalized[same..], &mut out);
        Cow::Owned(out)
    }

    /// Appends the converted text to `out`.
    pub fn convert_into(&self, text: &str, out: &mut String) {
        out.reserve(text.len());
        self.engine.convert_into(&normalize::normalize(text), out);
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
        let normalized = normalize::normalize(text);
        let mut edits = Vec::new();
        self.engine.changes(&normalized, |range, converted| {
            let start = range.start;
            let pieces = diff::pieces(&normalized[range], converted);
            edits.extend(pieces.map(|piece| self.edit(piece, start)));
            true
        });
        match normalized {
            Cow::Borrowed(_) => edits,
            Cow::Owned(normalized) => {
                let first = diff::pieces(text, &normalized).map(|piece| self.edit(piece, 0));
                compose(text, first.collect(), edits)
            }
        }
    }

    fn edit(&self, piece: diff::Piece<'_>, offset: usize) -> Edit {
        Edit {
            range: piece.at + offset..piece.at + offset + piece.before.len(),
            before: piece.before.to_owned(),
            after: piece.after.to_owned(),
            kind: Kind::Convert,
            steps: vec![Step::Convert(self.config.name())],
            safety: Safety::Exact,
            bits: Bits(0),
            filled: Vec::new(),
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
}

impl ConverterBuilder {
    /// Whether to write rare Simplified characters that mainstream fonts cannot show (㑮 → 𫝈).
    ///
    /// On unless told, as in OpenCC's library; OpenCC's command line has it off.
    pub fn tofu(mut self, tofu: bool) -> ConverterBuilder {
        self.tofu = tofu;
        self
    }

    /// The converter with these options.
    pub fn build(self) -> Converter {
        Converter { config: self.config, engine: Engine::new(self.config, self.tofu) }
    }
}
