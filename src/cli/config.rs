//! `hanfix.toml`: defaults for a project, found in the current directory or above.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::args::Symlinks;

/// The name that is looked for.
const NAME: &str = "hanfix.toml";

/// What a configuration file may set; each key is the long option of the same name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigFile {
    pub convert: Option<String>,
    /// Relative to the file itself.
    #[serde(default)]
    pub dict: Vec<PathBuf>,
    #[serde(default)]
    pub protect: Vec<String>,
    #[serde(default)]
    pub keep: Vec<String>,
    pub repair: Option<String>,
    pub from: Option<String>,
    pub confidence: Option<f32>,
    #[serde(default)]
    pub glob: Vec<String>,
    #[serde(default, rename = "type")]
    pub types: Vec<String>,
    pub hidden: Option<bool>,
    pub no_ignore: Option<bool>,
    pub symlinks: Option<Symlinks>,
    pub threads: Option<std::num::NonZeroUsize>,
}

impl ConfigFile {
    /// The file that was named, or the nearest one upwards, or the defaults.
    pub fn load(named: Option<&Path>) -> Result<ConfigFile> {
        let found = match named {
            Some(path) => Some(path.to_owned()),
            None => discover(),
        };
        found.map_or_else(|| Ok(ConfigFile::default()), |path| read(&path))
    }
}

fn discover() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|directory| directory.join(NAME)).find(|path| path.is_file())
}

fn read(path: &Path) -> Result<ConfigFile> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut file: ConfigFile = toml::from_str(&text).with_context(|| path.display().to_string())?;
    for dict in &mut file.dict {
        *dict = path.with_file_name(&*dict);
    }
    Ok(file)
}
