//! OpenCC's dictionary texts: `key TAB value SPACE value …`, comments with `#`.
//!
//! Five more dictionaries are generated from the texts when OpenCC is built;
//! [`Dictionaries::load`] generates the same ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::plan::Flat;

/// Marks, on the line before an entry, a value that mainstream fonts cannot show.
const TOFU_RISK: &str = "# @tofu-risk:";
/// `# @reverse-prefer: VALUE KEY`: KEY comes first when the dictionary is reversed.
const REVERSE_PREFER: &str = "# @reverse-prefer:";
/// Regional phrases of fewer characters than this would split longer Simplified words.
const SHORTEST_REGIONAL_PHRASE: usize = 3;

/// Entries in the order of the file; only the first value of a key converts.
type Entries = Vec<(String, Vec<String>)>;

/// Every dictionary by its name without extension.
pub struct Dictionaries {
    all: HashMap<String, Flat>,
    /// Characters that only Simplified text has, and that only Traditional text has.
    pub scripts: [BTreeSet<char>; 2],
    /// Characters with several values, from Simplified and from Traditional.
    pub choices: [Choices; 2],
}

/// A character and what it may become, by preference.
pub type Choices = BTreeMap<String, Vec<String>>;

impl Dictionaries {
    /// Reads the texts of a folder and generates the derived dictionaries.
    pub fn load(folder: &Path) -> Result<Dictionaries> {
        let mut texts = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).context("file name")?;
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            texts.insert(name.to_owned(), text);
        }
        let mut all = Dictionaries {
            all: HashMap::new(),
            scripts: Default::default(),
            choices: Default::default(),
        };
        for (name, text) in &texts {
            all.all.insert(name.clone(), first_values(parse(text)?));
        }
        let text = |name: &str| texts.get(name).with_context(|| format!("{name}.txt is missing"));
        all.all.insert("TSCharactersExt".into(), tofu_entries(text("TSCharacters")?)?);
        for name in ["TWVariants", "HKVariants", "JPShinjitaiCharacters"] {
            all.all.insert(format!("{name}Rev"), reversed(text(name)?)?);
        }
        let regional = regional_phrases(&[text("HKPhrases")?, text("TWPhrases")?], &all)?;
        all.all.insert("STPhrases_GeneratedFromRegionalPhrases".into(), regional);
        all.scripts = [certain(text("STCharacters")?)?, certain(text("TSCharacters")?)?];
        all.choices = [choices(text("STCharacters")?)?, choices(text("TSCharacters")?)?];
        Ok(all)
    }

    /// The dictionary of that name.
    pub fn get(&self, name: &str) -> Result<&Flat> {
        self.all.get(name).with_context(|| format!("no dictionary {name}"))
    }
}

fn parse(text: &str) -> Result<Entries> {
    let mut entries = Entries::new();
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let (key, values) = line.split_once('\t').with_context(|| format!("no tab: {line}"))?;
        entries.push((key.to_owned(), values.split(' ').map(str::to_owned).collect()));
    }
    Ok(entries)
}

fn first_values(entries: Entries) -> Flat {
    entries.into_iter().map(|(key, mut values)| (key, values.swap_remove(0))).collect()
}

/// Characters that always change: those that may stay (后 in 皇后) say nothing of the script.
fn certain(text: &str) -> Result<BTreeSet<char>> {
    let entries = parse(text)?.into_iter().filter(|(key, values)| !values.contains(key));
    Ok(entries.filter_map(|(key, _)| key.chars().next()).collect())
}

/// The characters of a dictionary with several values.
fn choices(text: &str) -> Result<Choices> {
    Ok(parse(text)?.into_iter().filter(|(_, values)| values.len() > 1).collect())
}

/// The entries after a tofu mark, without the key itself as a value.
fn tofu_entries(text: &str) -> Result<Flat> {
    let mut flat = Flat::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with(TOFU_RISK) {
            continue;
        }
        let entry = lines.next().context("a tofu mark ends the file")?;
        let (key, values) = entry.split_once('\t').context("a tofu mark without an entry")?;
        let value = values.split_whitespace().find(|value| *value != key);
        flat.insert(key.to_owned(), value.context("no value at risk")?.to_owned());
    }
    Ok(flat)
}

/// Values to keys; among several keys of a value the preferred one, or the first of the file.
fn reversed(text: &str) -> Result<Flat> {
    let mut flat = Flat::default();
    for (key, values) in parse(text)? {
        for value in values {
            flat.insert_if_absent(value, key.clone());
        }
    }
    let has = |key: &str, value: &str| {
        text.lines().any(|line| {
            line.split_once('\t')
                .is_some_and(|(k, values)| k == key && values.split(' ').any(|v| v == value))
        })
    };
    for mark in text.lines().filter_map(|line| line.strip_prefix(REVERSE_PREFER)) {
        let fields: Vec<&str> = mark.split_whitespace().collect();
        let (value, key) = match fields[..] {
            [both] => (both, both),
            [value, key] => (value, key),
            _ => bail!("not a reverse preference: {mark}"),
        };
        ensure!(has(key, value), "the reverse preference {mark} has no entry");
        flat.insert(value.to_owned(), key.to_owned());
    }
    Ok(flat)
}

/// Keys of regional phrases as they read in Simplified text, so that segmentation keeps them whole.
fn regional_phrases(texts: &[&String], dictionaries: &Dictionaries) -> Result<Flat> {
    let t2s = Flat::short_circuit([
        dictionaries.get("TSPhrases")?,
        dictionaries.get("TSCharactersExt")?,
        dictionaries.get("TSCharacters")?,
    ]);
    let mut flat = Flat::default();
    for text in texts {
        for (key, _) in parse(text)? {
            let simplified = t2s.convert(&key);
            if simplified.chars().count() < SHORTEST_REGIONAL_PHRASE {
                continue;
            }
            let earlier = flat.insert_if_absent(simplified.clone(), key.clone());
            ensure!(earlier == key, "{simplified} stands for both {earlier} and {key}");
        }
    }
    Ok(flat)
}
