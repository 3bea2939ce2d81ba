//! Writes the table file; `src/convert/table/format.rs` has its layout.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};

use crate::dict::Dictionaries;
use crate::format::{
    ALONE, NAME_BYTES, OFFSET_BITS, PAIR_BYTES, SLOT_BYTES, SMALL_TABLE, filter_place,
    hash_of_chars, pair_key,
};
use crate::hash;
use crate::heads::Heads;
use crate::plan::{Flat, Plan, Step};
use crate::precomputed::precomputed;

/// Filter bits for each neutral pair: at most one in a hundred others passes.
const NEUTRAL_BITS: usize = 16;

/// A part of the file: offset and length, or nothing at all.
type Section = (u32, u32);

/// Collects the sections of the file; equal sections are stored once.
pub struct Writer {
    body: Vec<u8>,
    known: HashMap<Vec<u8>, Section>,
    /// Of no configuration: normalization, certainly Simplified, certainly Traditional.
    common: Vec<Section>,
    configs: Vec<([u8; NAME_BYTES], Vec<Section>)>,
}

impl Writer {
    /// A file with what all configurations share.
    pub fn new(dictionaries: &Dictionaries) -> Result<Writer> {
        let mut writer = Writer {
            body: Vec::new(),
            known: HashMap::new(),
            common: Vec::new(),
            configs: Vec::new(),
        };
        let normalization = chars(dictionaries.get("CJK_Compatibility_Ideographs")?)?;
        let scripts = dictionaries.scripts.each_ref().map(plane0);
        writer.common = [normalization]
            .into_iter()
            .chain(scripts)
            .map(|section| writer.section(section))
            .collect();
        Ok(writer)
    }

    /// Adds a configuration.
    pub fn add(&mut self, name: &str, plan: &Plan, dictionaries: &Dictionaries) -> Result<()> {
        let mut padded = [0; NAME_BYTES];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        let heads = Heads::of(plan)?;
        println!("{name}: {heads}");
        let sections = [
            vec![u8::from(plan.segmented_by_second)],
            chars(&plan.first.chars)?,
            phrases(&plan.first)?,
            chars(&plan.second.chars)?,
            phrases(&plan.second)?,
            chars(&plan.tofu)?,
            heads.pairs(),
            filter(&heads.neutral_pairs, NEUTRAL_BITS),
            heads.ascii.iter().flatten().copied().collect(),
            decisions(&precomputed(plan, &heads)?)?,
            choices(name, dictionaries).into_bytes(),
        ]
        .map(|section| self.section(section));
        self.configs.push((padded, sections.to_vec()));
        Ok(())
    }

    fn section(&mut self, bytes: Vec<u8>) -> Section {
        let at = self.body.len() as u32;
        *self.known.entry(bytes).or_insert_with_key(|bytes| {
            self.body.extend_from_slice(bytes);
            (at, bytes.len() as u32)
        })
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        let mut head = Vec::new();
        push_sections(&self.common, &mut head);
        head.extend_from_slice(&(self.configs.len() as u32).to_le_bytes());
        for (name, sections) in &self.configs {
            head.extend_from_slice(name);
            push_sections(sections, &mut head);
        }
        head.extend_from_slice(&self.body);
        head
    }
}

fn push_sections(sections: &[Section], head: &mut Vec<u8>) {
    for (at, length) in sections {
        head.extend_from_slice(&at.to_le_bytes());
        head.extend_from_slice(&length.to_le_bytes());
    }
}

/// The characters of the first plane, as `u16`.
pub fn plane0(chars: &BTreeSet<char>) -> Vec<u8> {
    chars.iter().filter_map(|c| u16::try_from(*c as u32).ok()).flat_map(u16::to_le_bytes).collect()
}

/// `from: u32, to: u32`, sorted; a `to` above U+10FFFF packs two characters of 16 bits.
fn chars(flat: &Flat) -> Result<Vec<u8>> {
    let mut sorted = BTreeMap::new();
    for (key, value) in flat.iter() {
        let (mut key, mut value) = (key.chars(), value.chars());
        let from = key.next().context("an empty key")?;
        ensure!(key.next().is_none(), "{flat:?} has keys of several characters");
        ensure!(from >= '\u{800}', "{from} has fewer than three bytes");
        let to = match (value.next(), value.next(), value.next()) {
            (Some(c), None, None) => c as u32,
            (Some(a), Some(b), None) => {
                ensure!(a >= '\u{11}' && b <= '\u{FFFF}', "{a}{b} cannot be packed");
                u32::from(u16::try_from(a as u32)?) << 16 | b as u32
            }
            _ => anyhow::bail!("{from} becomes nothing, or more than two characters"),
        };
        if to != from as u32 {
            sorted.insert(from as u32, to);
        }
    }
    Ok(sorted.into_iter().flat_map(|(from, to)| [from, to]).flat_map(u32::to_le_bytes).collect())
}

/// A hash table of the first two characters, and the entries of each pair, longest first.
///
/// The value of a phrase that converts as its characters do is left out.
fn phrases(step: &Step) -> Result<Vec<u8>> {
    let mut pairs: BTreeMap<[char; 2], Vec<(&str, &str)>> = BTreeMap::new();
    for (key, value) in step.phrases.iter() {
        let mut chars = key.chars();
        let (Some(a), Some(b)) = (chars.next(), chars.next()) else {
            anyhow::bail!("{key} is not a phrase");
        };
        ensure!(!value.is_empty(), "{key} becomes nothing");
        let value = if step.chars.convert(key) == value { "" } else { value };
        pairs.entry([a, b]).or_default().push((&key[key.len() - chars.as_str().len()..], value));
    }
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    // small tables are nearly empty and the large one three quarters full at most: most
    // lookups find nothing, and end at once where the slot is free
    let slots = (pairs.len() * 4).next_power_of_two().min(SMALL_TABLE);
    let slots = slots.max((pairs.len() * 4 / 3 + 1).next_power_of_two());
    let mut table = vec![0u32; slots];
    // no bucket is at zero, which marks a free slot
    let mut bytes = vec![0];
    for (pair, mut rests) in pairs {
        rests.sort_by_key(|(rest, _)| (std::cmp::Reverse(rest.len()), *rest));
        ensure!(bytes.len() < 1 << OFFSET_BITS, "too many phrases");
        let hash = hash_of_chars(pair[0], pair[1]);
        let mut slot = (hash >> (64 - slots.ilog2())) as usize;
        while table[slot] != 0 {
            slot = (slot + 1) % slots;
        }
        table[slot] = (hash as u32) << OFFSET_BITS | bytes.len() as u32;
        let pair = String::from_iter(pair);
        bytes.push(u8::try_from(pair.len())?);
        bytes.extend_from_slice(pair.as_bytes());
        bytes.push(u8::try_from(rests.len())?);
        for (rest, value) in rests {
            bytes.push(u8::try_from(rest.len())?);
            bytes.push(u8::try_from(value.len())?);
            bytes.extend_from_slice(rest.as_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
    }
    let mut section = Vec::new();
    section.extend_from_slice(&slots.ilog2().to_le_bytes());
    section.extend(table.into_iter().flat_map(u32::to_le_bytes));
    section.extend(bytes);
    Ok(section)
}

/// A hash table of the first six bytes, and what each becomes alone and with more behind.
fn decisions(precomputed: &Flat) -> Result<Vec<u8>> {
    let mut buckets: BTreeMap<[u8; PAIR_BYTES], Bucket> = BTreeMap::new();
    for (key, value) in precomputed.iter() {
        let (head, rest) = key.as_bytes().split_first_chunk().context(key.to_owned())?;
        let value = if key == value { "" } else { value };
        let bucket = buckets.entry(*head).or_default();
        if rest.is_empty() {
            bucket.alone = Some(value);
        } else {
            bucket.longer.push((rest, value));
        }
    }
    // half full, so that most lookups end at the first slot
    let slots = (buckets.len() * 2).next_power_of_two();
    let mut table = vec![[0; SLOT_BYTES]; slots];
    let mut bytes = Vec::new();
    for (head, bucket) in buckets {
        let mut slot = hash::place(pair_key(head), slots.ilog2());
        while table[slot] != [0; SLOT_BYTES] {
            slot = (slot + 1) % slots;
        }
        ensure!(bytes.len() < ALONE as usize, "too many stretches");
        let alone = if bucket.alone.is_some() { ALONE } else { 0 };
        let offset = bytes.len() as u32 | alone;
        table[slot][..PAIR_BYTES].copy_from_slice(&head);
        table[slot][PAIR_BYTES..][..2].copy_from_slice(&bucket.thirds().to_le_bytes());
        table[slot][PAIR_BYTES + 2..].copy_from_slice(&offset.to_le_bytes());
        bucket.write(&mut bytes)?;
    }
    let mut section = Vec::new();
    section.extend_from_slice(&slots.ilog2().to_le_bytes());
    section.extend(table.into_iter().flatten());
    section.extend(bytes);
    Ok(section)
}

/// What a head of stretches becomes.
#[derive(Default)]
struct Bucket<'a> {
    /// With nothing behind, if that is known.
    alone: Option<&'a str>,
    /// With bytes behind.
    longer: Vec<(&'a [u8], &'a str)>,
}

impl Bucket<'_> {
    /// A bit for the low four bits of each third byte behind.
    fn thirds(&self) -> u16 {
        let third = |rest: &[u8]| rest.get(2).map_or(u16::MAX, |byte| 1 << (byte & 15));
        self.longer.iter().fold(0, |thirds, (rest, _)| thirds | third(rest))
    }

    /// Appends what it becomes alone, then the longer ones, longest first.
    fn write(mut self, bytes: &mut Vec<u8>) -> Result<()> {
        if let Some(value) = self.alone {
            bytes.push(u8::try_from(value.len())?);
            bytes.extend_from_slice(value.as_bytes());
        }
        self.longer.sort_by_key(|(rest, _)| (std::cmp::Reverse(rest.len()), *rest));
        bytes.push(u8::try_from(self.longer.len())?);
        for (rest, value) in self.longer {
            bytes.push(u8::try_from(rest.len())?);
            bytes.push(u8::try_from(value.len())?);
            bytes.extend_from_slice(rest);
            bytes.extend_from_slice(value.as_bytes());
        }
        Ok(())
    }
}

/// Two lines for each character with several values: the character, and what a report says of
/// it where it may be wrong, and where it is likely right.
fn choices(name: &str, dictionaries: &Dictionaries) -> String {
    let [simplified, traditional] = &dictionaries.choices;
    let choices = if name.starts_with('s') {
        simplified
    } else if name.ends_with("2s") || name.ends_with("2sp") {
        traditional
    } else {
        return String::new();
    };
    let lines = choices.iter().map(|(key, values)| {
        let values = values.join(" ");
        format!("{key}ambiguous: {values}\n{key}ambiguous, likely right: {values}\n")
    });
    lines.collect()
}

/// Sets three bits of one word for every pair.
fn filter(pairs: &BTreeSet<[u8; PAIR_BYTES]>, bits_per_pair: usize) -> Vec<u8> {
    let words = (pairs.len() * bits_per_pair / 64).next_power_of_two().max(2);
    let mut filter = vec![0u64; words];
    for &pair in pairs {
        let (word, bits) = filter_place(pair_key(pair), words.ilog2());
        filter[word] |= bits;
    }
    filter.into_iter().flat_map(u64::to_le_bytes).collect()
}
