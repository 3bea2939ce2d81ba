//! The one currency between the stages: an [`Edit`] replaces a range of the
//! input and carries the evidence for doing so.
//!
//! A diff, a report, the metadata of a record and an undo journal are all views
//! of the same list of edits, so none of them can disagree with another about
//! what was changed.

mod apply;
mod bits;
mod compose;
mod ends;
mod origins;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use apply::apply;
#[cfg(feature = "cli")]
pub(crate) use apply::replace_ranges;
pub(crate) use apply::{applied, shifted};
pub use bits::Bits;
pub use compose::compose;
pub(crate) use ends::{common_prefix, common_suffix, differing};
pub use origins::Origins;

/// What kind of damage an edit repairs, or that it converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Text that was decoded with the wrong codec.
    Transcode,
    /// Text shifted by a lost or gained byte.
    Slip,
    /// Injected pinyin and its byte ruins.
    Pinyin,
    /// Radicals and private-use characters standing for ordinary ones.
    Compat,
    /// Escapes left in text: `&#20013;`, `\u4e2d`, `%E4%B8%AD`.
    Escape,
    /// Conversion between Traditional and Simplified; not a repair.
    Convert,
    /// Bytes that are ill-formed in the encoding of their file; only reported.
    Malformed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Escape,
        Kind::Slip,
        Kind::Transcode,
        Kind::Pinyin,
        Kind::Compat,
        Kind::Convert,
        Kind::Malformed,
    ];

    /// The kinds that are repaired, where that is asked for.
    pub fn repairs() -> impl Iterator<Item = Kind> {
        let is_repair = |kind: &Kind| !matches!(kind, Kind::Convert | Kind::Malformed);
        Kind::ALL.into_iter().filter(is_repair)
    }

    /// The name used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Transcode => "transcode",
            Kind::Slip => "slip",
            Kind::Pinyin => "pinyin",
            Kind::Compat => "compat",
            Kind::Escape => "escapes",
            Kind::Convert => "convert",
            Kind::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One step of the way from the damaged text to the repaired one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Turn the characters back into bytes with the codec that wrongly decoded them.
    Encode(&'static str),
    /// Decode those bytes with the codec they were written in.
    Decode(&'static str),
    /// Apply a named repair that is not a codec step, such as `strip-pinyin`.
    Apply(&'static str),
    /// Convert between scripts with an OpenCC configuration.
    Convert(&'static str),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Encode(codec) => write!(f, "encode({codec})"),
            Step::Decode(codec) => write!(f, "decode({codec})"),
            Step::Apply(name) => f.write_str(name),
            Step::Convert(config) => write!(f, "convert({config})"),
        }
    }
}

/// How much of an edit rests on evidence in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// No information was missing: re-damaging the repair reproduces the span.
    Exact,
    /// Lost bytes were chosen by the language model; re-damaging still reproduces the span.
    Inferred,
    /// Seen, never changed.
    Reported,
}

impl Safety {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Safety::Exact => "exact",
            Safety::Inferred => "inferred",
            Safety::Reported => "reported",
        }
    }
}

/// A character that was lost in the damage and put back by the language model.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// Byte offset of the character in [`Edit::after`].
    pub at: usize,
    /// The character chosen.
    pub character: char,
    /// Probability of the character given everything else, 0 to 1.
    pub posterior: f32,
}

/// A character that was lost in the damage, and that nothing tells well enough to put it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Byte offset in [`Edit::after`] of the U+FFFD that stands for it.
    pub at: usize,
    /// The bytes of [`Edit::before`] that are left of it, its marker included.
    pub from: Range<usize>,
    /// The best guess, as it was before any conversion.
    pub guess: char,
    /// Probability of the guess given everything else, 0 to 1.
    pub posterior: f32,
}

impl Lost {
    /// The guess for a reader; what nearly reaches a bar is not rounded up to it.
    pub(crate) fn describe(&self) -> String {
        let posterior = (f64::from(self.posterior) * 1000.0).floor() / 1000.0;
        format!("perhaps {:?} with probability {posterior:.3}", self.guess)
    }
}

/// A replacement of one range of the input, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The bytes of the input that are replaced; always on character boundaries.
    pub range: Range<usize>,
    /// The input in that range.
    pub before: String,
    /// What stands there instead.
    pub after: String,
    /// What kind of damage was repaired.
    pub kind: Kind,
    /// The way from `before` to `after`; borrowed where it is always the same, as of the ten
    /// thousands of readings in a page.
    pub steps: Cow<'static, [Step]>,
    /// How much of it rests on evidence.
    pub safety: Safety,
    /// How much likelier `after` is than `before`; zero for a conversion.
    pub bits: Bits,
    /// Characters that were lost and filled in, in the order of `after`.
    pub filled: Vec<Filled>,
    /// Characters that were lost and stay so, in the order of `after`.
    pub lost: Vec<Lost>,
}

/// Something that was seen but not changed: lost beyond repair, or not determined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The bytes of the input it concerns.
    pub range: Range<usize>,
    /// The stage that saw it.
    pub kind: Kind,
    /// The input in that range.
    pub before: String,
    /// What it is, in a few lower-case words.
    pub message: Cow<'static, str>,
}

impl Edit {
    /// An edit that is certain: a table or an escape says what `range` of `text` stands for, and no
    /// likelihood.
    ///
    /// # Panics
    /// Where `range` is not on character boundaries of `text`.
    pub fn new(
        text: &str,
        range: Range<usize>,
        after: impl Into<String>,
        kind: Kind,
        steps: impl Into<Cow<'static, [Step]>>,
    ) -> Edit {
        Edit {
            before: text[range.clone()].to_owned(),
            range,
            after: after.into(),
            kind,
            steps: steps.into(),
            safety: Safety::Exact,
            bits: Bits(0),
            filled: Vec::new(),
            lost: Vec::new(),
        }
    }
}

impl Finding {
    /// A finding of what stands in `range` of `text`.
    ///
    /// # Panics
    /// Where `range` is not on character boundaries of `text`.
    pub fn new(
        text: &str,
        range: Range<usize>,
        kind: Kind,
        message: impl Into<Cow<'static, str>>,
    ) -> Finding {
        let before = text[range.clone()].to_owned();
        Finding { range, kind, before, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit of some kind, with a step named for it.
    pub(super) fn edit(range: Range<usize>, text: &str, after: &str, kind: Kind) -> Edit {
        Edit::new(text, range, after, kind, vec![Step::Apply(kind.name())])
    }
}
