//! The paths that a text is tried on, the likeliest to be right first, so that the others can be
//! given up early.

use super::candidates::Candidate;
use super::fit;
use super::lattice::{Passage, Search};
use super::path::Path;
use super::reading::{NO_LIMIT, Reading};
use super::suspect::{AMBIGUOUS, DOUBTFUL};
use super::torn;
use crate::codec::{Afterwards, Codec, Flavour, Scraped, Software, Table};
use crate::script::is_private_use;

/// How many more misfits a path may have than the best, and how many times as many: each
/// costs some 20 bits, more than filling in losses any better would save.
const MISFITS: u32 = 4;
const MISFITS_SHARE: u32 = 2;

/// A path in one flavour, not yet gone.
pub struct Trial {
    pub path: Path,
    /// Which candidate it is of, the likeliest first.
    candidate: usize,
    /// Its place among the trials of all candidates.
    nth: usize,
    misfits: u32,
}

/// The readings along the paths of trials, but those that cannot be the best or its rival.
pub fn read_all(search: &mut Search<'_>, passage: Passage<'_>, trials: Vec<Trial>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    let mut settled: Option<usize> = None;
    for Trial { path, nth, .. } in trials {
        let is_akin = |settled: &Reading| {
            settled.path.has_same_codecs(&path)
                || settled.is_torn() && settled.path.is_variant(&path)
                || settled.is_told_from_variants()
                    && differs_as_variant(passage.text, &settled.path, &path)
        };
        if settled.is_some_and(|at| !is_akin(&readings[at])) {
            continue;
        }
        let limit = limit(&path, &readings);
        let Some(reading) = Reading::new(search, passage, path, limit) else { continue };
        // what reads like any other text is never one of the garbled readings of another codec,
        // but of two bytes of ASCII either may come first
        let is_clear = reading.is_ordinary() && reading.is_certain();
        if settled.is_none() && is_clear && !reading.path.is_from_utf16() {
            settled = Some(readings.len());
        }
        readings.push(Reading { nth, ..reading });
    }
    readings
}

/// What a reading along a path may cost to be the best or a rival of the best so far.
fn limit(path: &Path, readings: &[Reading]) -> i32 {
    // the letters of what was UTF-16 speak for it when it is read
    if path.is_from_utf16() {
        return NO_LIMIT;
    }
    let limit = |reading: &Reading| {
        let is_akin = reading.path.has_same_codecs(path) || reading.path.is_variant(path);
        reading.cost.saturating_add(if is_akin { DOUBTFUL.0 } else { AMBIGUOUS.0 })
    };
    readings.iter().map(limit).min().unwrap_or(NO_LIMIT)
}

/// What is to be tried, so that the rest can be given up early: first what fits the bytes best, of
/// that the likeliest candidate, and of that what loses single bytes, which is searched the fastest.
pub fn trials(damaged: &str, candidates: &[Candidate]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        for (path, misfits) in flavours(damaged, candidate) {
            trials.push(Trial { path, candidate: at, nth: trials.len(), misfits });
        }
    }
    let least = trials.iter().map(|trial| trial.misfits).min().unwrap_or(0);
    trials.retain(|trial| trial.misfits <= MISFITS + MISFITS_SHARE * least);
    let loses_pairs = |trial: &Trial| trial.path.layers()[0].wrong.loses_pairs();
    trials.sort_by_key(|trial| (trial.misfits, trial.candidate, loses_pairs(trial)));
    trials
}

/// Whether the wrong codecs of two paths are variants that show other bytes as some character of
/// the text (`ˇ` is A1 in windows-1250 and B7 in ISO-8859-2), or that lose others, where some were
/// lost: windows-1254 loses the 8E of 与, which is Ž in windows-1252.
fn differs_as_variant(damaged: &str, one: &Path, other: &Path) -> bool {
    let [one_decoder, other_decoder] = [one, other].map(|path| path.layers()[0].wrong);
    let [one_table, other_table] = [one_decoder, other_decoder].map(|decoder| decoder.table());
    let is_lossy = || one_decoder.marker().is_some_and(|marker| damaged.contains(marker));
    let loses_others = || {
        (0x80..=0xFF)
            .any(|byte| one_table.single(byte).is_none() != other_table.single(byte).is_none())
    };
    one.is_variant(other)
        && (!are_shown_alike(damaged, one_table, other_table) || is_lossy() && loses_others())
}

/// Whether two tables show the same bytes as each character of the text.
fn are_shown_alike(damaged: &str, one: &Table, other: &Table) -> bool {
    std::ptr::eq(one, other) || damaged.chars().all(|c| one.codes(c).eq(other.codes(c)))
}

/// The path of a candidate in the flavours that the losses and the characters speak for, each with
/// how many characters do not fit it.
fn flavours(damaged: &str, candidate: &Candidate) -> Vec<(Path, u32)> {
    let web = candidate.path.layers()[0];
    let of_web = fit::misfits(damaged, &web);
    let table = |flavour| web.in_flavour(flavour).wrong.table();
    let replaced = damaged.contains(char::REPLACEMENT_CHARACTER);
    // the markers of a layer below another one were characters to that, and show otherwise: 锟斤拷
    let replaced_below = candidate.path.layers().len() > 1 && candidate.lossy;
    let is_marked = |flavour: Flavour| {
        let marker = web.in_flavour(flavour).wrong.marker();
        marker.is_some_and(|marker| damaged.contains(marker))
    };
    // the candidate knows the losses of its sample; only UTF-8 tells where others are
    let misses_bytes = web.truth == Codec::Utf8 && of_web.whole > 0;
    let is_lossy = candidate.lossy || misses_bytes;
    let vanished = !replaced && is_lossy;
    let is_double_byte = web.wrong.table().is_double_byte();
    let may_be_stripped =
        misses_bytes && web.wrong.codec == Codec::Gbk && !damaged.contains(is_private_use);
    let scraped = Scraped::possible(damaged, web.wrong.table());
    // of pairs, hardly any has a byte that is a control
    let are_pairs = candidate.path.is_pairs_in_single_bytes();
    let scraped = Scraped { controls: scraped.controls && !are_pairs, ..scraped };
    let is_torn = are_pairs && scraped.hyphens && torn::is_torn_below(damaged, &candidate.path);
    let wanted = |&flavour: &Flavour| match flavour.afterwards {
        _ if flavour == Flavour::WEB => true,
        // half a surrogate pair is the same to all
        _ if web.wrong.codec.is_utf16() => false,
        Afterwards::Kept => {
            is_marked(flavour)
                || flavour.software != Software::Windows && replaced_below
                || !are_shown_alike(damaged, web.wrong.table(), table(flavour))
        }
        // of single bytes, no decoder loses what a scraper does not take out as well
        Afterwards::Unmarked => vanished && is_double_byte,
        Afterwards::Questioned => is_lossy && is_double_byte && is_marked(flavour),
        Afterwards::Stripped => {
            may_be_stripped && (flavour.software == Software::Web || is_marked(flavour))
        }
        Afterwards::Scraped(one) => {
            let is_scraped = vanished || is_torn || scraped.spaces && candidate.spaced;
            !replaced && one == scraped && is_scraped
        }
    };
    let with_misfits = |flavour| {
        let misfits = match flavour {
            Flavour::WEB => of_web,
            _ => fit::misfits(damaged, &web.in_flavour(flavour)),
        };
        (candidate.path.in_flavour(flavour), misfits.least)
    };
    Flavour::ALL.into_iter().filter(wanted).map(with_misfits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Decoder;
    use crate::repair::transcode::path::Layer;

    #[test]
    fn the_likeliest_candidate_comes_first_in_all_flavours() {
        let layer = |wrong, truth| Layer { wrong: Decoder::new(wrong, Flavour::WEB), truth };
        let candidate = |below, lossy| {
            let layers = vec![layer(Codec::Gbk, Codec::Utf8), layer(below, Codec::Utf8)];
            Candidate { path: Path::new(layers), cost: 0, lossy, spaced: false }
        };
        let candidates = [candidate(Codec::Latin1, false), candidate(Codec::Iso8859_15, true)];
        // 要, of which windows-1252 and ISO-8859-15 show E8 A6 otherwise
        let trials = trials("猫娄聛", &candidates);
        let candidates: Vec<usize> = trials.iter().map(|trial| trial.candidate).collect();
        assert!(candidates.is_sorted() && candidates.len() > 2, "{candidates:?}");
    }
}
