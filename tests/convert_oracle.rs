//! The same bytes as OpenCC itself, in every configuration.
//!
//! ```text
//! eval "$(scripts/oracle.sh)"
//! cargo test --release --features oracle --test convert_oracle
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fastrand::Rng;
use hanfix::convert::{Config, Converter};
use hanfix::edit::apply;
use opencc_rust::OpenCC;
use serde_json::Value;

/// Characters of random text for each configuration.
const RANDOM_CHARS: usize = 3_000_000;
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

/// A piece of text that is likely to meet a phrase half way.
fn piece(random: &mut Rng, words: &[String], alphabet: &[char]) -> String {
    let word: Vec<char> = pick(random, words).chars().collect();
    let cut = random.usize(..=word.len());
    match random.u32(..32) {
        0..10 => word.into_iter().collect(),
        10..15 => word[cut..].iter().collect(),
        15..20 => word[..cut].iter().collect(),
        20..26 => pick(random, alphabet).to_string(),
        26 => pick(
            random,
            &["，", "。", "\n", "\r\n", " ", "a", "B", "SQ", "L", "·", "é", "\u{FEFF}"],
        )
        .to_string(),
        27 => random.char('\u{2FF0}'..='\u{2FFF}').to_string(),
        28 => random.char('\u{F900}'..='\u{FAFF}').to_string(),
        29 => random.char('\u{2F800}'..='\u{2FA1F}').to_string(),
        30 => random.char('\u{FE00}'..='\u{FE0F}').to_string(),
        _ => random.char('\u{1}'..='\u{3FFFF}').to_string(),
    }
}

fn pick<'a, T>(random: &mut Rng, from: &'a [T]) -> &'a T {
    &from[random.usize(..from.len())]
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
    // so that a failure comes back
    let mut random = Rng::with_seed(1);
    for pair in Pair::all() {
        let mut chars = 0;
        while chars < RANDOM_CHARS {
            let mut text = String::new();
            while text.len() < TEXT_CHARS * 3 {
                text += &piece(&mut random, &words, &alphabet);
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
