//! What a text is repaired by and converted to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::cli::args::TextArgs;
use crate::convert::{Config, Dictionary, Keep, Script, UnknownConfig};
use crate::report::place::Place;
use crate::{BuildError, Fixer, Kind, decode, repair};

/// What is repaired, and the conversion with its words.
pub struct TextOptions {
    args: TextArgs,
    kinds: BTreeSet<Kind>,
    /// The conversion, and the script it is for where that is only one.
    conversion: Option<(Config, Option<Script>)>,
    dictionary: Dictionary,
    keep: Vec<Keep>,
}

impl TextOptions {
    /// Reads what the arguments name, the files of words included.
    pub(super) fn parse(args: TextArgs) -> Result<TextOptions> {
        Ok(TextOptions {
            conversion: args.convert.as_deref().map(parse_conversion).transpose()?,
            kinds: match &args.repair {
                Some(kinds) => parse_repairs(kinds)?,
                None => repair::Options::default().kinds,
            },
            dictionary: read_dictionary(&args.dict, &args.protect)?,
            keep: args.keep.iter().map(|name| Ok(name.parse()?)).collect::<Result<_>>()?,
            args,
        })
    }

    /// Whether a text is converted.
    pub(super) fn converts(&self) -> bool {
        self.conversion.is_some()
    }

    /// What repairs and converts a text.
    pub(super) fn fixer(&self) -> Result<Fixer, BuildError> {
        let (convert, only) = self.conversion.unzip();
        let builder = Fixer::builder()
            .convert(convert)
            .convert_only(only.flatten())
            .dictionary(self.dictionary.clone())
            .keep(self.keep.iter().copied())
            .repair(self.kinds.iter().copied());
        match self.args.confidence {
            Some(confidence) => builder.confidence(confidence).build(),
            None => builder.build(),
        }
    }

    /// The values of the options by their names, but for defaults. Words are known by a digest,
    /// whatever the names of their files.
    pub fn values(&self) -> BTreeMap<String, String> {
        let TextArgs { convert, keep, confidence, .. } = &self.args;
        let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        let values = [
            ("--convert", convert.clone()),
            ("--repair", Some(kinds.join(","))),
            ("--dict", digest(&self.dictionary)),
            ("--keep", (!keep.is_empty()).then(|| keep.join(","))),
            ("--confidence", confidence.map(|confidence| confidence.to_string())),
        ];
        let given = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        given.collect()
    }

    /// The files that words were read from.
    pub fn dictionaries(&self) -> &[PathBuf] {
        &self.args.dict
    }
}

/// The conversion that goes by `name`, and the script it is for where that is only one.
fn parse_conversion(name: &str) -> Result<(Config, Option<Script>)> {
    match name {
        "auto" => Ok((Config::T2s, Some(Script::Hant))),
        _ => Ok((name.parse().map_err(|error: UnknownConfig| anyhow!("{error}, or auto"))?, None)),
    }
}

/// The words of some files, and those that are protected, which go before them.
fn read_dictionary(files: &[PathBuf], protect: &[String]) -> Result<Dictionary> {
    let mut dictionary = Dictionary::default();
    protect.iter().for_each(|word| dictionary.protect(word));
    for file in files {
        let name = || file.display().to_string();
        let bytes = fs::read(file).with_context(name)?;
        let words: Dictionary = utf8(&bytes).with_context(name)?.parse().with_context(name)?;
        refuse_doubtful(&words).with_context(name)?;
        dictionary.extend(words);
    }
    Ok(dictionary)
}

/// The text of a file that must be UTF-8: few words are little to tell another encoding by.
fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let stated = decode::Options { from: Some("utf-8") };
    match decode::decode(bytes, &stated) {
        Ok(decoded) => Ok(decoded.text),
        Err(error) => {
            let before = error.offset().and_then(|offset| bytes.get(..offset)).unwrap_or_default();
            let place = Place::default().behind(&String::from_utf8_lossy(before));
            bail!("{error} ({place}); `hanfix fix --to utf-8` converts a file")
        }
    }
}

/// Refuses a file of words that would do what hardly anybody means: to delete a word, or to say
/// two things of it, of which one would be ignored.
fn refuse_doubtful(words: &Dictionary) -> Result<()> {
    let mut values = HashMap::new();
    for (word, value) in words.iter() {
        ensure!(
            !value.is_empty(),
            "`{word}` becomes nothing; a word that is to stay becomes itself"
        );
        let first = *values.entry(word).or_insert(value);
        ensure!(first == value, "`{word}` becomes `{first}`, and on a later line `{value}`");
    }
    Ok(())
}

/// What a dictionary is known by; nothing where it is empty.
fn digest(dictionary: &Dictionary) -> Option<String> {
    let lines = dictionary.iter().map(|(word, value)| format!("{word}\t{value}\n"));
    (!dictionary.is_empty()).then(|| hex::encode(Sha256::digest(lines.collect::<String>())))
}

/// Reads `transcode,pinyin`, `all`, `none`, or changes of the default: `+escapes,-pinyin`.
fn parse_repairs(list: &str) -> Result<BTreeSet<Kind>> {
    let items = || list.split(',').map(str::trim).filter(|item| !item.is_empty());
    let mut kinds = match items().next() {
        Some(first) if first.starts_with(['+', '-']) => repair::Options::default().kinds,
        _ => BTreeSet::new(),
    };
    for item in items() {
        let name = item.trim_start_matches(['+', '-']);
        let named = match name {
            "none" => Vec::new(),
            "all" => Kind::repairs().collect(),
            _ => {
                let kind = Kind::repairs().find(|kind| kind.name() == name);
                vec![kind.with_context(|| unknown_repair(name))?]
            }
        };
        for kind in named {
            if item.starts_with('-') {
                kinds.remove(&kind);
            } else {
                kinds.insert(kind);
            }
        }
    }
    Ok(kinds)
}

fn unknown_repair(name: &str) -> String {
    let known: Vec<_> = Kind::repairs().map(Kind::name).collect();
    format!("unknown repair `{name}`; there are {}, all and none", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repairs(list: &str) -> Vec<&'static str> {
        parse_repairs(list).unwrap().into_iter().map(Kind::name).collect()
    }

    #[test]
    fn repairs_are_listed_or_changed() {
        assert_eq!(repairs("transcode"), ["transcode"]);
        assert_eq!(repairs("none"), [""; 0]);
        assert_eq!(repairs("all").len(), 5);
        assert_eq!(repairs("+escapes").len(), 5);
        assert_eq!(repairs("+escapes,-pinyin"), ["transcode", "slip", "compat", "escapes"]);
        assert_eq!(repairs("all,-slip,-compat"), ["transcode", "pinyin", "escapes"]);
        assert!(parse_repairs("convert").is_err());
    }
}
