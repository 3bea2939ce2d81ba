//! Traditional ⇄ Simplified, exactly as OpenCC converts.

use crate::edit::Edit;

/// One of OpenCC's configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Config {
    /// Traditional to Simplified.
    T2s,
}

/// Converts text with one configuration.
#[derive(Debug)]
pub struct Converter {
    config: Config,
}

impl Converter {
    /// A converter for a configuration.
    pub fn new(config: Config) -> Converter {
        Converter { config }
    }

    /// The changes that conversion makes to `text`.
    pub fn edits(&self, text: &str) -> Vec<Edit> {
        let _ = (text, self.config);
        Vec::new()
    }
}
