//! The pipeline from text to edits.

use std::borrow::Cow;
use std::sync::Arc;

use crate::convert::{Config, Converter, Evidence, Script};
use crate::decode::{self, DecodeError, Decoded};
use crate::edit::{self, Edit, Finding, Kind};
use crate::repair;

/// Repairs and converts text with one set of options.
///
/// Cheap to clone, and safe to use from many threads at once.
#[derive(Clone, Debug)]
pub struct Fixer {
    repairs: repair::Options,
    converter: Option<Arc<Converter>>,
    only: Option<Script>,
}

impl Default for Fixer {
    /// Every repair but escapes, no conversion.
    fn default() -> Fixer {
        Fixer { repairs: repair::Options::default(), converter: None, only: None }
    }
}

/// Sets the options of a [`Fixer`].
#[derive(Clone, Debug, Default)]
pub struct FixerBuilder {
    repairs: repair::Options,
    convert: Option<Config>,
    only: Option<Script>,
}

/// Options that cannot be met.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The confidence is not a probability.
    #[error("confidence must be between 0 and 1, not {0}")]
    Confidence(f32),
}

/// A text after repair and conversion.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed<'a> {
    /// The result; borrowed where nothing changed.
    pub text: Cow<'a, str>,
    /// Every change, sorted by position in the input; applying them to the input gives `text`.
    pub edits: Vec<Edit>,
    /// What was seen but not changed, sorted by position in the input.
    pub findings: Vec<Finding>,
}

/// Bytes after decoding, repair and conversion.
#[derive(Clone, Debug)]
pub struct FixedBytes<'a> {
    /// The text and encoding that were found; [`Decoded::encode`] gives the new bytes.
    pub decoded: Decoded<'a>,
    /// Every change, as ranges of the decoded text.
    pub edits: Vec<Edit>,
    /// What was seen but not changed, as ranges of the decoded text.
    pub findings: Vec<Finding>,
}

impl FixerBuilder {
    /// Converts the repaired text with an OpenCC configuration.
    pub fn convert(mut self, config: Option<Config>) -> FixerBuilder {
        self.convert = config;
        self
    }

    /// Converts only documents in this script; all of them unless told.
    pub fn convert_only(mut self, script: Option<Script>) -> FixerBuilder {
        self.only = script;
        self
    }

    /// Runs only these kinds of repair.
    pub fn repair(mut self, kinds: impl IntoIterator<Item = Kind>) -> FixerBuilder {
        self.repairs.kinds = kinds.into_iter().collect();
        self
    }

    /// The posterior, 0 to 1, that a lost character needs before it is filled in; 0.99 unless told.
    pub fn confidence(mut self, confidence: f32) -> FixerBuilder {
        self.repairs.confidence = confidence;
        self
    }

    /// The fixer with these options.
    ///
    /// # Errors
    /// Where an option is out of its range.
    pub fn build(self) -> Result<Fixer, BuildError> {
        let confidence = self.repairs.confidence;
        if !(0.0..=1.0).contains(&confidence) {
            return Err(BuildError::Confidence(confidence));
        }
        let converter = self.convert.map(|config| Arc::new(Converter::new(config)));
        Ok(Fixer { repairs: self.repairs, converter, only: self.only })
    }
}

impl Fixer {
    /// A builder with the default options.
    pub fn builder() -> FixerBuilder {
        FixerBuilder::default()
    }

    /// Repairs and converts one document.
    ///
    /// The whole document should be given at once: repairs borrow evidence from
    /// each other, and injected pinyin is only told from honest pinyin over a page.
    pub fn fix<'a>(&self, text: &'a str) -> Fixed<'a> {
        let repaired = repair::repair(text, &self.repairs);
        let edits = match &self.converter {
            None => repaired.edits,
            Some(converter) => {
                let middle = edit::apply(text, &repaired.edits);
                let meant = self.only.is_none_or(|only| Evidence::of(&middle).script() == only);
                let converted = if meant { converter.edits(&middle) } else { Vec::new() };
                edit::compose(text, repaired.edits, converted)
            }
        };
        let text = if edits.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(edit::apply(text, &edits))
        };
        Fixed { text, edits, findings: repaired.findings }
    }

    /// Reads bytes as text, repairs and converts it.
    ///
    /// # Errors
    /// Where the bytes are not text in any known encoding.
    pub fn fix_bytes<'a>(
        &self,
        bytes: &'a [u8],
        options: &decode::Options,
    ) -> Result<FixedBytes<'a>, DecodeError> {
        let decoded = decode::decode(bytes, options)?;
        let Fixed { edits, findings, .. } = self.fix(&decoded.text);
        Ok(FixedBytes { decoded, edits, findings })
    }
}
