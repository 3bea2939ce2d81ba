//! The command line as clap reads it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

use crate::records::field::Field;

/// Repair garbled Chinese text, convert Traditional and Simplified, and show every change as a diff.
#[derive(Debug, Parser)]
#[command(name = "hanfix", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub output: OutputArgs,
}

const AFTER_HELP: &str = "\
A file of up to 3 MiB is repaired as a whole; a larger one, and stdin, in windows of about 2 MiB,
so that memory does not grow with it.

Exit codes: 0 done, nothing (left) to do; 1 `diff` has differences or `check` has findings;
2 usage, configuration or internal error; 3 some inputs could not be read or written.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Preview the changes: a patch for `git apply` or `patch -p1`, or an intraline view on a terminal
    Diff {
        #[command(flatten)]
        args: DiffArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Change files in place, atomically; with `-` or piped input, stdin to stdout
    Fix {
        #[command(flatten)]
        args: FixArgs,
        #[command(flatten)]
        common: Common,
    },
    /// List what would change and what is beyond repair, one line each
    Check {
        #[command(flatten)]
        args: CheckArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Repair fields of records: stdin to stdout, or files to a directory
    Batch {
        #[command(flatten)]
        args: BatchArgs,
        #[command(flatten)]
        text: TextArgs,
        #[command(flatten)]
        workers: Workers,
        #[command(flatten)]
        defaults: ConfigArgs,
    },
    /// Show step by step how a text would be repaired, and how sure that is
    Explain {
        #[command(flatten)]
        args: ExplainArgs,
        #[command(flatten)]
        text: TextArgs,
        #[command(flatten)]
        defaults: ConfigArgs,
    },
    /// Put back what an in-place run changed, one of the last 100
    Undo(UndoArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

/// How much is told and in what colours; every command takes these.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputArgs {
    /// When to colour what goes to a terminal
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        help_heading = "Other"
    )]
    pub color: Color,
    /// Say nothing but errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Other")]
    pub quiet: bool,
    /// Say what is skipped and why
    #[arg(short, long, global = true, action = ArgAction::SetTrue, help_heading = "Other")]
    pub verbose: bool,
}

/// Options of the commands that walk over files.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    pub text: TextArgs,
    #[command(flatten)]
    pub files: FileArgs,
    #[command(flatten)]
    pub workers: Workers,
    #[command(flatten)]
    pub defaults: ConfigArgs,
}

/// What is done with a text.
#[derive(Debug, Args)]
pub struct TextArgs {
    /// Convert the repaired text with an OpenCC configuration, such as t2s or s2twp; `auto` is t2s
    /// for lines in Traditional Chinese only
    #[arg(long, value_name = "CONFIG", help_heading = "Text")]
    pub convert: Option<String>,
    /// The same as `--convert t2s`
    #[arg(short, long, conflicts_with = "convert", help_heading = "Text")]
    pub simplified: bool,
    /// Words that convert as a file says, before OpenCC's own: a line for each, the word, a tab
    /// and what it becomes, up to the first blank; may be repeated, and the first file that has
    /// a word counts
    #[arg(long, value_name = "FILE", help_heading = "Text")]
    pub dict: Vec<PathBuf>,
    /// A word that does not convert; may be repeated
    #[arg(long, value_name = "WORD", help_heading = "Text")]
    pub protect: Vec<String>,
    /// Kinds of text that do not convert, a list: kana (Japanese sentences), urls, code (of
    /// Markdown: fenced blocks and `inline` spans)
    #[arg(long, value_name = "KINDS", value_delimiter = ',', help_heading = "Text")]
    pub keep: Vec<String>,
    /// The repairs to run: a list of transcode, slip, pinyin, compat, escapes; `+KIND` and `-KIND`
    /// change the default, which is all but escapes; or `all` or `none`
    #[arg(long, value_name = "KINDS", allow_hyphen_values = true, help_heading = "Text")]
    pub repair: Option<String>,
    /// The encoding of the input, such as gbk, big5 or utf-16; detected unless given
    #[arg(long, value_name = "ENCODING", help_heading = "Text")]
    pub from: Option<String>,
    /// How sure a lost character must be to be filled in, 0 to 1 [default: 0.99]
    #[arg(long, value_name = "P", value_parser = parse_probability, help_heading = "Text")]
    pub confidence: Option<f32>,
}

/// Where options come from that are not given.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The configuration file [default: hanfix.toml here or in a directory above]
    #[arg(long, value_name = "FILE", help_heading = "Other")]
    pub config: Option<PathBuf>,
}

/// Which files of a directory are meant.
#[derive(Debug, Default, Args)]
pub struct FileArgs {
    /// Include or, with a leading `!`, exclude files that match; may be repeated
    #[arg(short, long, value_name = "GLOB", help_heading = "Files")]
    pub glob: Vec<String>,
    /// Only files of a type, such as md, html or txt; may be repeated
    #[arg(short = 't', long = "type", value_name = "TYPE", help_heading = "Files")]
    pub types: Vec<String>,
    /// Walk hidden files and directories too
    #[arg(long, help_heading = "Files")]
    pub hidden: bool,
    /// Do not respect .gitignore, .ignore and the like
    #[arg(long, help_heading = "Files")]
    pub no_ignore: bool,
    /// Symbolic links: by default named ones are followed and walked ones are not
    #[arg(long, value_name = "HOW", help_heading = "Files")]
    pub symlinks: Option<Symlinks>,
}

/// How many work at once.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Workers {
    /// Worker threads [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = parse_threads, help_heading = "Other")]
    pub threads: Option<NonZeroUsize>,
}

/// What is done with symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Symlinks {
    Follow,
    Skip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Files and directories, or `-` for stdin; unless given, what is piped in, or on a terminal
    /// the current directory
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How changes are shown [default: intraline on a terminal, patch elsewhere]
    #[arg(long, value_name = "STYLE")]
    pub style: Option<DiffStyle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffStyle {
    /// A unified patch
    Patch,
    /// Each change with a window of the line around it
    Intraline,
}

#[derive(Debug, Args)]
pub struct FixArgs {
    /// Files and directories, or `-` alone for stdin to stdout
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write every file in this encoding, also those that are clean; a file with a character that
    /// the encoding cannot hold, or with bytes that stand for none, is left as it is
    #[arg(long, value_name = "ENCODING")]
    pub to: Option<String>,
    /// Keep the original of each changed file beside it [suffix unless given: .bak]
    #[arg(
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".bak"
    )]
    pub backup: Option<String>,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Do not keep what `hanfix undo` needs
    #[arg(long, conflicts_with = "journal")]
    pub no_journal: bool,
}

#[derive(Debug, Args)]
pub struct JournalArgs {
    /// Where undo journals are [default: $XDG_STATE_HOME/hanfix or ~/.local/state/hanfix]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files and directories, or `-` for stdin; unless given, what is piped in, or on a terminal
    /// the current directory
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CheckFormat,
    /// Leave out what is only reported: list, and exit with 1 for, what `fix` would change
    #[arg(long, conflicts_with = "encoding")]
    pub repairable_only: bool,
    /// Also list the characters that have several values of which no phrase tells the right one:
    /// `ambiguous`, or `ambiguous, likely right` where the neighbours speak for the one that was
    /// taken; with --convert, to or from Simplified
    #[arg(long, conflicts_with_all = ["repairable_only", "encoding"])]
    pub ambiguous: bool,
    /// List the encoding of each file instead, how sure it is and what it was told by
    #[arg(long)]
    pub encoding: bool,
    /// List the script of each file instead, line by line where it changes: Hans (Simplified),
    /// Hant (Traditional), mixed or neither, and how many characters tell
    #[arg(long, conflicts_with_all = ["repairable_only", "ambiguous", "encoding"])]
    pub script: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// `path:line:col kind before → after`
    Text,
    /// One JSON object a line; `start` and `end` are byte offsets in the file
    Json,
    /// A SARIF 2.1.0 log
    Sarif,
    /// GitHub workflow annotations
    Github,
}

#[derive(Debug, Args)]
pub struct BatchArgs {
    /// Files of records, or `-`; stdin unless given. Gzip and Zstandard are recognised, but around
    /// parquet
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The form of the records [default: by the name of the input, which ends in .jsonl, .ndjson,
    /// .json, .csv, .tsv, .txt or .wet, with .gz or .zst behind it or not, or in .parquet; jsonl for
    /// stdin]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<RecordFormat>,
    /// A field or column to repair, by name or JSON pointer, in which `*` is every element or
    /// member: `/messages/*/content`; may be repeated [default: text]
    #[arg(long = "field", value_name = "NAME|/POINTER")]
    pub fields: Vec<Field>,
    /// Leave the field and put the repaired text into this one
    #[arg(long, value_name = "NAME")]
    pub out_field: Option<String>,
    /// Add the edits and findings of each changed record as this field
    #[arg(long, value_name = "NAME")]
    pub meta_field: Option<String>,
    /// Write each input under its own name into this directory
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Tell every edit of each input in this directory, in a file NAME.edits.jsonl, which takes the
    /// place of one that is there
    #[arg(long, value_name = "DIR")]
    pub sidecar: Option<PathBuf>,
    /// Go on where a run was interrupted: inputs whose output in --output is whole, and was made
    /// with the same options, are skipped
    #[arg(long, requires = "output")]
    pub resume: bool,
    /// What stands between two cells of csv or tsv: one ASCII character
    #[arg(long, value_name = "CHARACTER", value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,
    /// What is done with a record that cannot be read
    #[arg(long, value_name = "HOW", default_value = "keep")]
    pub on_error: OnError,
    /// Where `--on-error quarantine` puts records
    #[arg(long, value_name = "FILE", required_if_eq("on_error", "quarantine"))]
    pub quarantine: Option<PathBuf>,
    /// Write what was done as JSON, with --resume by the earlier runs too
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
    /// A record over this size, with K, M or G for 1024 bytes, their square or their cube, counts as
    /// one that cannot be read
    #[arg(long, value_name = "BYTES", default_value = "16M", value_parser = parse_bytes)]
    pub max_record_bytes: NonZeroUsize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordFormat {
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values, the first record being the names of the columns
    Csv,
    /// Tab-separated values, likewise
    Tsv,
    /// One text a line
    Text,
    /// WARC records with the texts of web pages (.warc.wet)
    Wet,
    /// Apache Parquet
    #[cfg(feature = "parquet")]
    Parquet,
}

impl BatchArgs {
    /// Whether anything goes to files, not to stdout alone.
    pub fn writes_files(&self) -> bool {
        [&self.output, &self.sidecar, &self.quarantine, &self.stats]
            .into_iter()
            .any(Option::is_some)
    }
}

/// Reads what is to stand between cells.
fn parse_delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("that has another meaning"),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("not one ASCII character"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnError {
    /// The record passes unchanged, and the exit code is 3
    Keep,
    /// The record goes to the quarantine file instead, and the exit code is 3
    Quarantine,
    /// The run ends there; an input that goes to --output has no file then
    Fail,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The text, or `-` for stdin; unless given, what is piped in
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
}

#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The run to undo, by its number; the last one unless given
    #[arg(value_name = "RUN", value_parser = parse_run)]
    pub run: Option<u32>,
    /// List the runs that can be undone
    #[arg(long, conflicts_with = "run")]
    pub list: bool,
    #[command(flatten)]
    pub journal: JournalArgs,
}

/// Reads a number of bytes: `1000`, `64K`, `16M`, `1G`.
fn parse_bytes(text: &str) -> Result<NonZeroUsize, &'static str> {
    const UNITS: [(char, usize); 3] = [('K', 1 << 10), ('M', 1 << 20), ('G', 1 << 30)];
    let in_unit = |&(letter, unit): &(char, usize)| {
        let number = text.strip_suffix([letter, letter.to_ascii_lowercase()])?;
        Some((number, unit))
    };
    let (number, unit) = UNITS.iter().find_map(in_unit).unwrap_or((text, 1));
    let bytes = number.parse().ok().and_then(|number: usize| number.checked_mul(unit));
    bytes.and_then(NonZeroUsize::new).ok_or("not a number of bytes, such as 1000000 or 16M")
}

/// Reads a probability.
fn parse_probability(text: &str) -> Result<f32, &'static str> {
    let number = text.parse().ok();
    number.filter(|number| (0.0..=1.0).contains(number)).ok_or("not a number from 0 to 1")
}

fn parse_threads(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "not a number from 1 up")
}

/// Reads the number of a run.
fn parse_run(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "not the number of a run; `hanfix undo --list` lists them")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
