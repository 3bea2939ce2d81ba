//! Arguments and configuration file together: what the run is to do.

mod text;

use std::io::IsTerminal;
use std::mem::take;

use anyhow::{Context, Result, bail, ensure};

use self::text::TextOptions;
use super::args::{Color, Common, FileArgs, OutputArgs, Symlinks, TextArgs};
use super::config::ConfigFile;
use crate::{Fixer, decode};

/// What every command needs to know.
pub struct Settings {
    pub fixer: Fixer,
    pub decoding: decode::Options,
    pub text: TextOptions,
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
        let mut args = completed(args, &mut file);
        let from = args.from.take();
        let text = TextOptions::parse(args)?;
        ensure!(
            !asked || text.converts(),
            "--dict, --protect and --keep need a conversion: --convert CONFIG"
        );
        let from = from.as_deref().map(parse_encoding).transpose()?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Settings {
            fixer: text.fixer()?,
            decoding: decode::Options { from },
            text,
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
