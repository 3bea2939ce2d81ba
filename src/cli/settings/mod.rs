//! Arguments and configuration file together: what the run is to do.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::IsTerminal;
use std::mem::take;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::args::{Color, Common, FileArgs, OutputArgs, Symlinks, TextArgs};
use super::config::ConfigFile;
use crate::convert::{Config, Dictionary, Keep, Script, UnknownConfig};
use crate::report::place::Place;
use crate::{Fixer, FixerBuilder, Kind, decode, repair};

/// What every command needs to know.
pub struct Settings {
    pub fixer: Fixer,
    pub decoding: decode::Options,
    /// The options that a repaired text depends on, but for defaults.
    pub text: BTreeMap<String, String>,
    /// The files that words were read from.
    pub dictionaries: Vec<PathBuf>,
    pub files: FileFilter,
    pub threads: usize,
    pub color: bool,
}

/// Which files of a directory are meant.
pub struct FileFilter {
    pub globs: Vec<String>,
    pub types: Vec<String>,
    pub hidden: bool,
    pub ignore_files: bool,
    /// Where not said: named links are followed, walked ones are not.
    pub symlinks: Option<Symlinks>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

impl Settings {
    /// The arguments, and where they are silent the configuration file.
    pub fn new(common: Common, output: OutputArgs) -> Result<Settings> {
        let Common { text: args, files, workers, defaults } = common;
        let mut file = ConfigFile::load(defaults.config.as_deref())?;
        // in a configuration file they may stand for the runs that convert
        let asked = !(args.dict.is_empty() && args.protect.is_empty() && args.keep.is_empty());
        let args = completed(args, &mut file);
        let mut text = BTreeMap::new();
        let fixer = fixer(&args, &mut text)?;
        if asked && args.convert.is_none() {
            bail!("--dict, --protect and --keep need a conversion: --convert CONFIG");
        }
        let from = args.from.as_deref().map(parse_encoding).transpose()?;
        note(&mut text, "--from", from.map(str::to_owned));
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Settings {
            fixer: fixer.build()?,
            decoding: decode::Options { from },
            text,
            dictionaries: args.dict,
            threads: workers.threads.or(file.threads).map_or(processors, usize::from),
            files: FileFilter::new(files, file),
            color: wants_color(output.color),
        })
    }
}

impl FileFilter {
    fn new(args: FileArgs, file: ConfigFile) -> FileFilter {
        FileFilter {
            globs: or(args.glob, file.glob),
            types: or(args.types, file.types),
            hidden: args.hidden || file.hidden.unwrap_or(false),
            ignore_files: !(args.no_ignore || file.no_ignore.unwrap_or(false)),
            symlinks: args.symlinks.or(file.symlinks),
        }
    }
}

/// The arguments with what is taken from a configuration file where they are silent.
fn completed(args: TextArgs, file: &mut ConfigFile) -> TextArgs {
    let convert = if args.simplified { Some("t2s".to_owned()) } else { args.convert };
    TextArgs {
        convert: convert.or(file.convert.take()),
        simplified: args.simplified,
        dict: or(args.dict, take(&mut file.dict)),
        protect: or(args.protect, take(&mut file.protect)),
        keep: or(args.keep, take(&mut file.keep)),
        repair: args.repair.or(file.repair.take()),
        from: args.from.or(file.from.take()),
        confidence: args.confidence.or(file.confidence),
    }
}

/// A list, or another where it is empty.
fn or<T>(list: Vec<T>, other: Vec<T>) -> Vec<T> {
    if list.is_empty() { other } else { list }
}

/// Notes the value of an option, if it has one.
fn note(options: &mut BTreeMap<String, String>, option: &str, value: Option<String>) {
    options.extend(value.map(|value| (option.to_owned(), value)));
}

/// What repairs and converts a text; its options are noted in `text`.
fn fixer(args: &TextArgs, text: &mut BTreeMap<String, String>) -> Result<FixerBuilder> {
    note(text, "--convert", args.convert.clone());
    let convert = args.convert.as_deref().map(parse_conversion).transpose()?;
    let (convert, only) = convert.unzip();
    let kinds = match &args.repair {
        Some(kinds) => parse_repairs(kinds)?,
        None => repair::Options::default().kinds,
    };
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    note(text, "--repair", Some(names.join(",")));
    let dictionary = read_dictionary(&args.dict, &args.protect)?;
    note(text, "--dict", digest(&dictionary));
    note(text, "--keep", (!args.keep.is_empty()).then(|| args.keep.join(",")));
    let keep = args.keep.iter().map(|name| Ok(name.parse()?)).collect::<Result<Vec<Keep>>>()?;
    note(text, "--confidence", args.confidence.map(|confidence| confidence.to_string()));
    let builder = Fixer::builder()
        .convert(convert)
        .convert_only(only.flatten())
        .dictionary(dictionary)
        .keep(keep)
        .repair(kinds);
    Ok(match args.confidence {
        Some(confidence) => builder.confidence(confidence),
        None => builder,
    })
}

impl From<OutputArgs> for Verbosity {
    fn from(args: OutputArgs) -> Verbosity {
        match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// Whether stdout is coloured: <https://no-color.org> unless told.
fn wants_color(color: Color) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stdout().is_terminal()
                && !set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// The name of the encoding that goes by `label`.
fn parse_encoding(label: &str) -> Result<&'static str> {
    decode::encoding_name(label).with_context(|| unknown_encoding(label))
}

/// Refuses a label of no encoding, and of one that is not written.
pub fn check_target(label: &str) -> Result<()> {
    match decode::written_name(label) {
        Ok(_) => Ok(()),
        Err(decode::EncodeError::Label { .. }) => bail!(unknown_encoding(label)),
        Err(error) => Err(error.into()),
    }
}

fn unknown_encoding(label: &str) -> String {
    format!(
        "unknown encoding `{label}`; encodings go by most names that browsers, Python or iconv \
         have for them, such as gbk, big5 or utf-16le"
    )
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

/// What a dictionary is known by, whatever the names of its files; nothing where it is empty.
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
