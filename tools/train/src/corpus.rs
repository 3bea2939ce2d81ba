//! What is trained on, and how much each text counts.

/// A file of text.
pub struct Source {
    /// Name in the folder of corpora.
    pub file: &'static str,
    /// How often each of its characters counts.
    pub weight: f64,
}

/// The training texts; `NOTICE` names their licences. The weights bring the
/// languages to about the same size, so that none is taken for damage.
pub const SOURCES: &[Source] = &[
    Source { file: "zh-hans.txt", weight: 1.0 },
    Source { file: "zh-hant.txt", weight: 2.0 },
    Source { file: "classical.txt", weight: 0.5 },
    Source { file: "names.txt", weight: 2.0 },
    Source { file: "yue.txt", weight: 2.0 },
    Source { file: "ja.txt", weight: 5.0 },
    Source { file: "ko.txt", weight: 5.0 },
    // words with their frequencies, from jieba (MIT)
    Source { file: "words.txt", weight: 1.0 },
    // messages of Django (BSD) in 90 languages
    Source { file: "messages.txt", weight: 3.0 },
];

/// Of each file the lines between these thousandths are kept for tests.
const HELD_OUT: std::ops::Range<usize> = 480..530;

/// The lines that are trained on, without part-of-speech tags.
pub fn training_lines(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().collect();
    let count = lines.len();
    let held_out = count * HELD_OUT.start / 1000..count * HELD_OUT.end / 1000;
    lines
        .into_iter()
        .enumerate()
        .filter(move |(at, _)| !held_out.contains(at))
        .map(|(_, line)| strip_tags(line))
}

/// `本报/r  突尼斯/ns` is a line of a tagged newspaper: 本报突尼斯.
fn strip_tags(line: &str) -> String {
    if line.matches("/").count() < 3 || line.matches("  ").count() < 3 {
        return line.to_owned();
    }
    let word = |word: &str| word.rsplit_once('/').map_or(word, |(word, _)| word).to_owned();
    line.split_whitespace().map(|token| word(token.trim_start_matches('['))).collect()
}
