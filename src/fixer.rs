//! The pipeline from text to edits.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::convert::{Choice, Config, Converter, Dictionary, Keep, Script, script_spans};
use crate::decode::{self, DecodeError, Decoded};
use crate::edit::{self, Edit, Finding, Kind, Origins};
use crate::repair::{self, Explained, Memory, Repaired};

/// Repairs and converts text with one set of options.
///
/// Cheap to clone, and safe to use from many threads at once.
#[derive(Clone, Debug)]
pub struct Fixer {
    repairs: repair::Options,
    converter: Option<Arc<Converter>>,
    only: Option<Script>,
    choices: bool,
}

impl Default for Fixer {
    /// Every repair but escapes, no conversion.
    fn default() -> Fixer {
        Fixer { repairs: repair::Options::default(), converter: None, only: None, choices: false }
    }
}

/// Sets the options of a [`Fixer`].
#[derive(Clone, Debug, Default)]
pub struct FixerBuilder {
    repairs: repair::Options,
    convert: Option<Config>,
    only: Option<Script>,
    dictionary: Dictionary,
    keep: BTreeSet<Keep>,
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
    /// What was seen but not changed, ill-formed bytes included, as ranges of the decoded text.
    pub findings: Vec<Finding>,
}

impl FixerBuilder {
    /// Converts the repaired text with an OpenCC configuration.
    pub fn convert(mut self, config: Option<Config>) -> FixerBuilder {
        self.convert = config;
        self
    }

    /// Converts only lines in this script; all of them unless told. A line that does not tell goes
    /// with the one before, and Japanese or Korean is in none.
    pub fn convert_only(mut self, script: Option<Script>) -> FixerBuilder {
        self.only = script;
        self
    }

    /// Converts these words to what they say, before all of OpenCC's; none unless told.
    pub fn dictionary(mut self, dictionary: Dictionary) -> FixerBuilder {
        self.dictionary = dictionary;
        self
    }

    /// Does not convert these kinds of text; none unless told.
    pub fn keep(mut self, keep: impl IntoIterator<Item = Keep>) -> FixerBuilder {
        self.keep = keep.into_iter().collect();
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
        let converter = self.convert.map(|config| {
            let builder = Converter::builder(config).dictionary(self.dictionary).keep(self.keep);
            Arc::new(builder.build())
        });
        Ok(Fixer { repairs: self.repairs, converter, only: self.only, choices: false })
    }
}

impl Fixer {
    /// A builder with the default options.
    pub fn builder() -> FixerBuilder {
        FixerBuilder::default()
    }

    /// The conversion, where there is one.
    pub fn config(&self) -> Option<Config> {
        self.converter.as_ref().map(|converter| converter.config())
    }

    /// Also finds the characters whose conversion is ambiguous; see [`Converter::choices`].
    pub fn report_choices(mut self) -> Fixer {
        self.choices = true;
        self
    }

    /// Repairs and converts one document.
    ///
    /// The whole document should be given at once: repairs borrow evidence from
    /// each other, and injected pinyin is only told from honest pinyin over a page.
    pub fn fix<'a>(&self, text: &'a str) -> Fixed<'a> {
        let mut memory = Memory::default();
        let (repaired, middle) = repair::repair_part(text, &self.repairs, &mut memory);
        let Some(converter) = &self.converter else {
            let Repaired { edits, findings } = repaired;
            return Fixed { text: middle, edits, findings };
        };
        let Repaired { edits, findings } = self.convert(converter, text, repaired, &middle);
        Fixed { text: edit::applied(text, &edits), edits, findings }
    }

    /// What each stretch of a text that looks damaged was tried as, the candidates that were
    /// turned down included; `edits` are those that [`Fixer::fix`] makes of it.
    pub fn explain(&self, text: &str, edits: &[Edit]) -> Vec<Explained> {
        match self.repairs.kinds.contains(&Kind::Transcode) {
            true => repair::explain(text, edits),
            false => vec![],
        }
    }

    /// Repairs and converts the next part of a document.
    pub(crate) fn fix_part(&self, text: &str, memory: &mut Memory) -> Repaired {
        let (repaired, middle) = repair::repair_part(text, &self.repairs, memory);
        match &self.converter {
            Some(converter) => self.convert(converter, text, repaired, &middle),
            None => repaired,
        }
    }

    /// Converts `middle`, which repairs made of `text`.
    fn convert(
        &self,
        converter: &Converter,
        text: &str,
        mut repaired: Repaired,
        middle: &str,
    ) -> Repaired {
        let lines = self.lines_to_convert(middle);
        if lines.is_empty() {
            return repaired;
        }
        let is_meant = |at: usize| {
            let next = lines.partition_point(|line| line.end <= at);
            lines.get(next).is_some_and(|line| line.start <= at)
        };
        if self.choices {
            let meant = |choice: &Choice| is_meant(choice.at);
            let choices = converter.choices(middle).into_iter().filter(meant);
            repaired.findings.extend(findings(choices, text, &repaired.edits));
            repaired.findings.sort_by_key(|finding| finding.range.start);
        }
        let mut edits = converter.edits(middle);
        edits.retain(|edit| is_meant(edit.range.start));
        let edits = edit::compose(text, repaired.edits, edits);
        Repaired { edits, ..repaired }
    }

    /// The lines that a conversion is meant for, neighbours as one.
    fn lines_to_convert(&self, text: &str) -> Vec<Range<usize>> {
        let Some(only) = self.only else { return std::iter::once(0..text.len()).collect() };
        let spans = script_spans(text).into_iter().filter(|span| span.script == only);
        spans.map(|span| span.range).collect()
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
        Ok(self.fix_decoded(decoded, 0, &mut Memory::default()))
    }

    /// Repairs and converts the next part of a document, which starts at `offset` of the file.
    pub(crate) fn fix_decoded<'a>(
        &self,
        decoded: Decoded<'a>,
        offset: u64,
        memory: &mut Memory,
    ) -> FixedBytes<'a> {
        let Repaired { edits, mut findings } = self.fix_part(&decoded.text, memory);
        let malformed = decoded.findings(&edits, offset);
        if !malformed.is_empty() {
            findings.retain(|finding| !decoded.is_malformed(finding));
            findings.extend(malformed);
            findings.sort_by_key(|finding| finding.range.start);
        }
        FixedBytes { decoded, edits, findings }
    }
}

/// What is ambiguous in what `edits` made of `text`, as places of `text`.
fn findings(choices: impl Iterator<Item = Choice>, text: &str, edits: &[Edit]) -> Vec<Finding> {
    let origins = Origins::new(edits);
    let finding = |choice: Choice| {
        let range = origins.of(choice.at..choice.at + choice.character.len_utf8());
        Finding::new(text, range, Kind::Convert, choice.message)
    };
    choices.map(finding).collect()
}
