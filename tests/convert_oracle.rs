//! The same bytes as OpenCC itself, in every configuration.
//!
//! ```text
//! eval "$(scripts/oracle.sh)"
//! cargo test --release --features oracle --test convert_oracle
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use hanfix::convert::{Config, Converter};
use hanfix::edit::apply;
use opencc_rust::OpenCC;
use serde_json::Value;

/// Characters of random text for each configuration.
const RANDOM_CHARS: usize = 10_000_000;
/// Characters that the random texts are handed over in, so that a difference is easy to see.
const TEXT_CHARS: usize = 2_000;

fn oracle_folder() -> PathBuf {
    env::var_os("OPENCC_CONFIGS").expect("scripts/oracle.sh sets OPENCC_CONFIGS").into()
}

/// OpenCC and this crate with the same options.
struct Pair {
    name: String,
    oracle: OpenCC,
    own: Converter,
}

impl Pair {
    fn all() -> Vec<Pair> {
        let folders = [(true, oracle_folder()), (false, without_tofu())];
        let pairs = folders.iter().flat_map(|(tofu, folder)| {
            Config::ALL.map(|config| Pair {
                name: format!("{config}, tofu {tofu}"),
                oracle: OpenCC::new(folder.join(format!("{config}.json")))
                    .expect("a configuration"),
                own: Converter::builder(config).tofu(*tofu).build(),
            })
        });
        pairs.collect()
    }

    fn check_with_edits(&self, text: &str) {
        self.check(text);
        let edits = self.own.edits(text);
        assert_eq!(apply(text, &edits), self.own.convert(text), "{}: edits", self.name);
    }

    fn check(&self, text: &str) {
        let expected = self.oracle.convert(text).expect("valid text");
        let converted = self.own.convert(text);
        if converted == expected.as_str() {
            return;
        }
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        for ((line, expected), converted) in
            lines(text).iter().zip(lines(&expected)).zip(lines(&converted))
        {
            assert_eq!(converted, expected, "{}: {line}", self.name);
        }
        panic!("{}: lines differ in {text}", self.name);
    }
}

/// The configurations without the dictionaries that may output tofu, beside all dictionaries.
fn without_tofu() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-tofu");
    fs::create_dir_all(&folder).expect("a folder");
    for entry in fs::read_dir(oracle_folder()).expect("the oracle's folder") {
        let from = entry.expect("an entry").path();
        let to = folder.join(from.file_name().expect("a name"));
        if from.extension().is_some_and(|extension| extension == "json") {
            let json = fs::read_to_string(&from).expect("a configuration");
            let mut config = serde_json::from_str(&json).expect("JSON");
            remove_tofu(&mut config);
            fs::write(&to, config.to_string()).expect("a copy");
        } else {
            fs::copy(&from, &to).expect("a copy");
        }
    }
    folder
}

fn remove_tofu(config: &mut Value) {
    match config {
        Value::Array(values) => {
            values.retain(|value| value["may_output_tofu"] != true);
            values.iter_mut().for_each(remove_tofu);
        }
        Value::Object(fields) => fields.values_mut().for_each(remove_tofu),
        _ => (),
    }
}

/// Every key and value of every dictionary.
fn words() -> Vec<String> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/opencc-compile/vendor/dictionary");
    let mut words = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the dictionaries") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a dictionary");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            words
                .extend(line.split(['\t', ' ']).filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    words.into_iter().collect()
}

/// SplitMix64, so that a failure comes back.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn char_between(&mut self, first: u32, last: u32) -> char {
        let code = first + self.below((last - first + 1) as usize) as u32;
        char::from_u32(code).unwrap_or('\u{FFFD}')
    }

    /// A piece of text that is likely to meet a phrase half way.
    fn piece(&mut self, words: &[String], alphabet: &[char]) -> String {
        let word: Vec<char> = self.pick(words).chars().collect();
        let cut = self.below(word.len() + 1);
        match self.below(32) {
            0..10 => word.into_iter().collect(),
            10..15 => word[cut..].iter().collect(),
            15..20 => word[..cut].iter().collect(),
            20..26 => self.pick(alphabet).to_string(),
            26 => self
                .pick(&["，", "。", "\n", "\r\n", " ", "a", "B", "SQ", "L", "·", "é", "\u{FEFF}"])
                .to_string(),
            27 => self.char_between(0x2FF0, 0x2FFF).to_string(),
            28 => self.char_between(0xF900, 0xFAFF).to_string(),
            29 => self.char_between(0x2F800, 0x2FA1F).to_string(),
            30 => self.char_between(0xFE00, 0xFE0F).to_string(),
            _ => self.char_between(0x1, 0x3_FFFF).to_string(),
        }
    }
}

#[test]
fn words_alone() {
    let words = words();
    for pair in Pair::all() {
        for lines in words.chunks(TEXT_CHARS) {
            pair.check_with_edits(&lines.join("\n"));
        }
    }
}

#[test]
fn words_in_context() {
    let words = words();
    let alphabet: Vec<char> =
        words.iter().flat_map(|word| word.chars()).collect::<BTreeSet<_>>().into_iter().collect();
    let mut random = Random(1);
    for pair in Pair::all() {
        let mut chars = 0;
        while chars < RANDOM_CHARS {
            let mut text = String::new();
            while text.len() < TEXT_CHARS * 3 {
                text += &random.piece(&words, &alphabet);
            }
            pair.check(&text);
            chars += text.chars().count();
        }
    }
}

#[test]
fn real_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no {}", folder.display());
        return;
    };
    let pairs = Pair::all();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "zst") {
            continue;
        }
        let bytes = zstd::decode_all(fs::File::open(&path).expect("a corpus")).expect("zstd");
        let text = String::from_utf8(bytes).expect("UTF-8").replace('\0', "");
        for pair in &pairs {
            pair.check(&text);
        }
    }
}
