//! The names of OpenCC's configurations.

use std::fmt;
use std::str::FromStr;

/// One of OpenCC's configurations.
///
/// `s` is Simplified (mainland), `t` Traditional in OpenCC's own spelling, `tw` and `hk` are the
/// spellings of Taiwan and Hong Kong, `jp` is Japanese; a final `p` also exchanges regional words
/// (软件 ⇄ 軟體).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Config {
    /// Hong Kong to Simplified.
    Hk2s,
    /// Hong Kong to Simplified, with words.
    Hk2sp,
    /// Hong Kong to Traditional.
    Hk2t,
    /// New Japanese characters (shinjitai) to old ones, which are Traditional.
    Jp2t,
    /// Simplified to Hong Kong.
    S2hk,
    /// Simplified to Hong Kong, with words.
    S2hkp,
    /// Simplified to Traditional.
    S2t,
    /// Simplified to Taiwan.
    S2tw,
    /// Simplified to Taiwan, with words.
    S2twp,
    /// Traditional to Hong Kong.
    T2hk,
    /// Traditional to new Japanese characters.
    T2jp,
    /// Traditional to Simplified.
    T2s,
    /// Traditional to Taiwan.
    T2tw,
    /// Taiwan to Simplified.
    Tw2s,
    /// Taiwan to Simplified, with words.
    Tw2sp,
    /// Taiwan to Traditional.
    Tw2t,
}

impl Config {
    /// Every configuration, by name.
    pub const ALL: [Config; 16] = [
        Config::Hk2s,
        Config::Hk2sp,
        Config::Hk2t,
        Config::Jp2t,
        Config::S2hk,
        Config::S2hkp,
        Config::S2t,
        Config::S2tw,
        Config::S2twp,
        Config::T2hk,
        Config::T2jp,
        Config::T2s,
        Config::T2tw,
        Config::Tw2s,
        Config::Tw2sp,
        Config::Tw2t,
    ];

    /// OpenCC's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Config::Hk2s => "hk2s",
            Config::Hk2sp => "hk2sp",
            Config::Hk2t => "hk2t",
            Config::Jp2t => "jp2t",
            Config::S2hk => "s2hk",
            Config::S2hkp => "s2hkp",
            Config::S2t => "s2t",
            Config::S2tw => "s2tw",
            Config::S2twp => "s2twp",
            Config::T2hk => "t2hk",
            Config::T2jp => "t2jp",
            Config::T2s => "t2s",
            Config::T2tw => "t2tw",
            Config::Tw2s => "tw2s",
            Config::Tw2sp => "tw2sp",
            Config::Tw2t => "tw2t",
        }
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is none of OpenCC's configurations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown conversion `{0}`, expected one of {names}", names = Config::ALL.map(Config::name).join(" "))]
pub struct UnknownConfig(pub String);

impl FromStr for Config {
    type Err = UnknownConfig;

    fn from_str(name: &str) -> Result<Config, UnknownConfig> {
        Config::ALL
            .into_iter()
            .find(|config| config.name() == name)
            .ok_or_else(|| UnknownConfig(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for (index, config) in Config::ALL.into_iter().enumerate() {
            assert_eq!(config.name().parse(), Ok(config));
            assert_eq!(config as usize, index);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let error = "t2x".parse::<Config>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown conversion `t2x`, expected one of hk2s hk2sp"),
            "{error}"
        );
        assert!(error.ends_with("tw2t"), "{error}");
        assert!("T2S".parse::<Config>().is_err());
    }
}
