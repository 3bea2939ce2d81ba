//! What is trained on, and how much each text counts.

use std::ops::Range;

use hanfix::convert::{Config, Converter};

use crate::held_out::{self, HELD_OUT};

/// A text to train on.
pub struct Source {
    /// Name in the folder of corpora.
    pub file: &'static str,
    /// Converted so before it is counted, to make Traditional text of Simplified.
    pub convert: Option<Config>,
    /// How often each of its characters counts, in tenths.
    pub weight: u64,
}

/// The training texts; `NOTICE` names their licences. The weights bring the
/// languages to about the same size, so that none is taken for damage.
///
/// What there is of Traditional text is laws and documentation, so the newspaper, the
/// reviews and the stories of the Simplified text count as Traditional too.
pub const SOURCES: &[Source] = &[
    Source { file: "zh-hans.txt", convert: None, weight: 10 },
    Source { file: "zh-hant.txt", convert: None, weight: 20 },
    Source { file: "zh-hans.txt", convert: Some(Config::S2t), weight: 3 },
    Source { file: "words.txt", convert: Some(Config::S2t), weight: 3 },
    Source { file: "classical.txt", convert: None, weight: 5 },
    Source { file: "names.txt", convert: None, weight: 20 },
    Source { file: "yue.txt", convert: None, weight: 20 },
    Source { file: "ja.txt", convert: None, weight: 50 },
    Source { file: "ko.txt", convert: None, weight: 50 },
    // words with their frequencies, from jieba (MIT)
    Source { file: "words.txt", convert: None, weight: 10 },
    // messages of Django (BSD) in 90 languages
    Source { file: "messages.txt", convert: None, weight: 30 },
];

/// Lines (from 0) of `zh-hant.txt` whose licences want more than to be named: the help
/// of LibreOffice (MPL) and manual pages (GFDL).
const NOT_PERMISSIVE: [Range<usize>; 2] = [169_154..187_923, 190_543..209_622];

impl Source {
    /// The lines that are trained on, converted.
    pub fn training_lines(&self, text: &str) -> Vec<String> {
        let converter = self.convert.map(Converter::new);
        let convert = |line: String| match &converter {
            Some(converter) => converter.convert(&line).into_owned(),
            None => line,
        };
        let count = text.lines().count();
        let held_out = held_out::part(count, HELD_OUT);
        let not_permissive = |at: &usize| NOT_PERMISSIVE.iter().any(|lines| lines.contains(at));
        text.lines()
            .enumerate()
            .filter(|(at, _)| !held_out.contains(at))
            .filter(|(at, _)| self.file != "zh-hant.txt" || !not_permissive(at))
            .map(|(_, line)| convert(strip_tags(line)))
            .collect()
    }
}

/// `本报/r  突尼斯/ns` is a line of a tagged newspaper: 本报突尼斯.
fn strip_tags(line: &str) -> String {
    if line.matches("/").count() < 3 || line.matches("  ").count() < 3 {
        return line.to_owned();
    }
    let word = |word: &str| word.rsplit_once('/').map_or(word, |(word, _)| word).to_owned();
    line.split_whitespace().map(|token| word(token.trim_start_matches('['))).collect()
}
