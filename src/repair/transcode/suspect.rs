//! The best reading of one suspect.

use std::ops::Range;

use super::candidates::{self, Candidate};
use super::fit;
use super::flavours::Flavours;
use super::lattice::{Passage, Read, Search};
use super::path::{Layer, Path};
use super::reading::{NO_LIMIT, Reading};
use super::trials::{read_all, trials};
use super::{are_mostly_lost, is_mostly_lost};
use crate::codec::{Codec, Flavour};
use crate::edit::Bits;
use crate::script::{char_before, is_ideograph, may_be_byte};
use crate::segment::Suspect;

/// Characters of a span on which its readings are compared.
pub const SAMPLE: usize = 256;
/// Two readings that differ by less than this are both possible: neither is taken, or, where
/// only flavours of one decoder differ, what they have in common.
pub const AMBIGUOUS: Bits = Bits::whole(4);
/// A flavour of the same decoder that reads worse by less than this makes what it reads otherwise
/// a guess. By 10 bits, it is right once in 400 times.
pub const DOUBTFUL: Bits = Bits::whole(10);
/// Two readings of what was UTF-16 that differ by less than this are both possible: of ASCII, only
/// common pairs of letters tell the byte order, which at 4 bits was wrong in 3 of 100 texts of 12 to
/// 16 letters.
const AMBIGUOUS_ORDER: Bits = Bits::whole(12);
/// Letters of Latin-1 read as GBK that are added to a core on each side, at most.
const LETTERS: usize = 128;
/// So many letters of Latin-1 read as GBK in a row are no text, though each is a character of
/// Chinese: ÃÜ is 脙脺.
const ROW: usize = 4;
/// Ideographs beside what is suspect from which on that is a hole in a text.
const TEXT_AROUND: usize = 4;
/// Characters at the edges of a span that may be taken as they stand where the span begins or
/// ends inside a damaged character.
const EDGE: usize = 8;

/// The reading of a suspect along a known path, if it reads like any other text.
pub fn read_known(
    search: &mut Search<'_>,
    text: &str,
    suspect: &Suspect,
    known: &[Path],
    flavours: &Flavours,
) -> Option<Reading> {
    let passage = Passage::of(text, suspect.span.clone());
    let mut best: Option<Reading> = None;
    let is_readable = |path: &&Path| {
        (flavours.tell(path) || !differs_by_flavour(passage.text, path))
            && !is_mostly_gone(passage.text, path)
            && !is_ruin_of_utf8(passage.text, path)
    };
    for path in known.iter().filter(is_readable) {
        let limit = best.as_ref().map_or(NO_LIMIT, |best| best.cost - 1);
        let reading = Reading::new(search, passage, path.clone(), limit);
        best = reading.filter(|one| one.is_ordinary() && !one.leaves_leads()).or(best);
        // flavours differ in what they lose
        if best.as_ref().is_some_and(|best| best.losses() == 0) {
            break;
        }
    }
    best
}

/// The best reading of a suspect along one of its candidates, if there is one.
pub fn read_suspect(
    search: &mut Search<'_>,
    text: &str,
    suspect: &Suspect,
    candidates: &[Candidate],
    flavours: &mut Flavours,
) -> Option<Reading> {
    let passage = Passage::of(text, suspect.span.clone());
    // flavours that differ may do so anywhere, and a sample would not tell
    let differ =
        candidates.iter().any(|candidate| differs_by_flavour(passage.text, &candidate.path));
    let end = passage.text.char_indices().nth(SAMPLE).map(|(end, _)| end).filter(|_| !differ);
    let sample = end.map_or(passage, |end| passage.until(end));
    let trials = trials(sample.text, candidates);
    let tried: Vec<Path> = trials.iter().map(|trial| trial.path.clone()).collect();
    let mut readings = read_all(search, sample, trials);
    readings.sort_by_cached_key(|reading| (reading.rank(), reading.nth));
    flavours.learn(&tried, &readings);
    let best = take_best(&mut readings, flavours)?;
    let best = unrivalled(best, &readings, flavours, end.is_none())?;
    match end {
        None => Some(best),
        Some(_) => Reading::new(search, passage, best.path, NO_LIMIT),
    }
}

/// The best reading, in doubt where rivals, the best first, read otherwise; `None` where one of them
/// is as likely. Only readings of the whole suspect can be compared character by character.
fn unrivalled(
    mut best: Reading,
    rivals: &[Reading],
    flavours: &Flavours,
    is_whole: bool,
) -> Option<Reading> {
    let margin = if best.path.is_from_utf16() { AMBIGUOUS_ORDER } else { AMBIGUOUS };
    let rank = best.rank();
    let (limit, doubtful) = (rank.saturating_add(margin.0), rank.saturating_add(DOUBTFUL.0));
    for rival in rivals.iter().take_while(|rival| rival.rank() < doubtful) {
        let is_flavour = best.path.has_same_codecs(&rival.path);
        let is_same = best.text() == rival.text();
        // the next lines may have lost what these two read otherwise: of all that CPython's GBK
        // loses, Java's loses 80 alone
        let is_unproven = is_flavour && best.losses() > 0;
        if is_same && !is_unproven || is_flavour && flavours.exclude(&rival.path) {
            continue;
        }
        // what reads well though nothing was lost is not in doubt because bytes may have vanished
        let invents = rival.losses() > 0 && best.losses() == 0;
        if is_flavour && invents && best.path.is_pairs_in_single_bytes() {
            continue;
        }
        best.is_doubtful |= is_unproven;
        let is_akin =
            is_flavour || best.is_told_from_variants() && best.path.is_variant(&rival.path);
        let is_doubted = is_whole && is_akin && best.doubt(rival);
        if is_doubted || is_same || rival.rank() >= limit {
            continue;
        }
        if !is_flavour {
            return None;
        }
        // what one loses the other leaves as it is, so that only what nothing was lost of is sure
        best.doubt_losses();
    }
    Some(best)
}

/// The paths that a suspect may have come, the likeliest first.
///
/// Where half of it was lost, only UTF-8 is told: see [`Reading::is_ruin`]. So no search is made for
/// `�楚` in a text that was repaired as far as it could be.
pub fn candidates_of(text: &str, suspect: &Suspect) -> Vec<Candidate> {
    let start = start_of_bytes(text, suspect);
    let end = end_of_bytes(text, suspect);
    let previous = char_before(text, start);
    let mut candidates = candidates::candidates(&text[start..end], previous);
    if is_hole_in_text(text, suspect) {
        candidates.retain(|candidate| candidate.path.is_true_utf8());
    }
    candidates
}

/// Whether half of what is suspect or more is U+FFFD, and there is Chinese around it that is not.
fn is_hole_in_text(text: &str, Suspect { core, span }: &Suspect) -> bool {
    let damaged = || text[core.clone()].chars().filter(|c| !c.is_ascii());
    let lost = damaged().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    let around = text[span.start..core.start].chars().chain(text[core.end..span.end].chars());
    lost > 0
        && lost * 2 >= damaged().count()
        && around.filter(|&c| is_ideograph(c)).count() >= TEXT_AROUND
}

/// Where the characters begin that may be a byte each and go on into the core of a suspect. Of
/// `жпспй╠` the gate takes the letters for Russian; a sample from ╠ on, which is the second half of
/// a pair, would tell nothing.
fn start_of_bytes(text: &str, Suspect { core, span }: &Suspect) -> usize {
    if !text[core.start..].starts_with(may_be_byte) {
        return core.start;
    }
    span.start + text[span.start..core.start].trim_end_matches(may_be_byte).len()
}

/// Where they end, with a blank behind the core, which may be one more, or a `?`, for which bytes may have
/// been lost: of 。 before a line break `ã€?` is left.
fn end_of_bytes(text: &str, Suspect { core, span }: &Suspect) -> usize {
    let torn = text[core.end..span.end].trim_start_matches(may_be_byte);
    match torn.starts_with('?') {
        true => span.end - torn.len() + '?'.len_utf8(),
        false => core.end + usize::from(text[core.end..].starts_with(' ')),
    }
}

/// A suspect with all letters of Latin-1 around it that were read as GBK: half of them are characters
/// of every day, so that the gate finds a few pieces of what is one damage, or takes it together with
/// the clean text before it.
pub fn with_letters_in_gbk(text: &str, suspect: &Suspect, from: usize) -> Suspect {
    let Suspect { core, span } = suspect;
    let Some(letter) = letters_in_gbk(&text[core.clone()]).map(|at| core.start + at) else {
        return suspect.clone();
    };
    let Range { start, end } = widened(text, letter..core.end, from, LETTERS, is_letter_in_gbk);
    Suspect { core: start..end, span: span.start.min(start)..span.end.max(end) }
}

/// A range of a text with so many of the characters on each side, from `from` on, as are alike.
pub fn widened(
    text: &str,
    range: Range<usize>,
    from: usize,
    most: usize,
    is_alike: impl Fn(char) -> bool,
) -> Range<usize> {
    let before = text[from..range.start].chars().rev().take(most).take_while(|&c| is_alike(c));
    let behind = text[range.end..].chars().take(most).take_while(|&c| is_alike(c));
    let before: usize = before.map(char::len_utf8).sum();
    range.start - before..range.end + behind.map(char::len_utf8).sum::<usize>()
}

/// Where letters of Latin-1 that were read as GBK stand in a text, if it begins with one or there are
/// so many in a row that they are nothing else.
fn letters_in_gbk(text: &str) -> Option<usize> {
    if text.starts_with(is_letter_in_gbk) {
        return Some(0);
    }
    let mut row = 0;
    let ends_row = |&(_, character): &(usize, char)| {
        row = if is_letter_in_gbk(character) { row + 1 } else { 0 };
        row == ROW
    };
    text.char_indices().find(ends_row).map(|(at, _)| at)
}

/// Whether a character is what GBK makes of a letter of Latin-1 in UTF-8: Ã is C3 83, and so is 脙. Of
/// 密, which is ÃÜ in Latin-1, 脙脺 is left, of which the gate suspects 脺 only.
fn is_letter_in_gbk(c: char) -> bool {
    let pair = Codec::Gbk.table(Flavour::WEB).only_code_of::<2>(c);
    pair.is_some_and(|pair| matches!(pair, [0xC2 | 0xC3, 0x80..=0xBF]))
}

/// Takes the best of the readings, of which the first is the cheapest: another flavour of its
/// decoder that reads about as well where the document speaks against its own.
fn take_best(readings: &mut Vec<Reading>, flavours: &Flavours) -> Option<Reading> {
    let first = readings.first()?;
    let is_better = |reading: &Reading| {
        reading.path.has_same_codecs(&first.path)
            && reading.rank() < first.rank().saturating_add(DOUBTFUL.0)
            && !flavours.exclude(&reading.path)
    };
    let at = readings.iter().position(is_better).unwrap_or(0);
    Some(readings.remove(at))
}

/// A reading along a path that damages all of a text, ASCII and line breaks included, with what
/// stands around it up to the next line break or `from`: the gate takes some of what such a path
/// makes for clean, like the Korean in UTF-16. Each time twice as much is read, as long as there
/// is damage at an edge, so that the whole takes at most four times what the last reading does.
pub fn grow(search: &mut Search<'_>, text: &str, from: usize, mut reading: Reading) -> Reading {
    let line = text[..reading.start].rfind('\n').map_or(0, |at| at + 1);
    let from = line.max(from).min(reading.start);
    let end = text[reading.start..].find('\n').map_or(text.len(), |at| reading.start + at);
    while reading.is_ordinary() {
        let span = reading.span();
        let damaged = |read: &Read| read.damaged;
        let first = reading.reads.iter().take(EDGE).any(damaged);
        let last = reading.reads.iter().rev().take(EDGE).any(damaged);
        let more = reading.reads.len();
        let before = text[from..span.start].char_indices().rev().take(if first { more } else { 0 });
        let start = before.last().map_or(span.start, |(at, _)| from + at);
        let behind = &text[span.end..end.max(span.end)];
        let behind = behind.char_indices().nth(if last { more } else { 0 });
        let to = behind.map_or(end.max(span.end), |(at, _)| span.end + at);
        if (start..to) == span {
            break;
        }
        let path = reading.path.clone();
        match Reading::new(search, Passage::of(text, start..to), path, NO_LIMIT) {
            Some(grown) => reading = grown,
            None => break,
        }
    }
    reading
}

/// Whether a `?` between two characters may be what Windows made of a third, where the path has another
/// flavour: of pairs in another double-byte codec, each that is lost is lost alone.
pub fn may_hide_marks(damaged: &str, path: &Path) -> bool {
    let Layer { wrong, truth } = path.layers()[0];
    let windows = wrong.in_flavour(Flavour::WINDOWS);
    let are_pairs = wrong.table().is_double_byte() && truth != Codec::Utf8;
    let is_hidden = are_pairs && wrong.marker() != windows.marker();
    let Some(marker) = windows.marker().filter(|_| is_hidden) else { return false };
    let is_between = |(at, _): (usize, &str)| {
        let beside = [damaged[..at].chars().next_back(), damaged[at..].chars().nth(1)];
        beside.into_iter().all(|c| c.is_some_and(|c| !c.is_ascii()))
    };
    damaged.match_indices(marker).any(is_between)
}

/// Whether most of a text vanished, or is no damage along a path that leaves no marker: nothing
/// else tells that, and a search takes the longest there.
fn is_mostly_gone(damaged: &str, path: &Path) -> bool {
    let layer = path.layers()[0];
    if !layer.wrong.loses_unmarked() {
        return false;
    }
    let characters = damaged.chars().filter(|c| !c.is_ascii()).count();
    are_mostly_lost(fit::misfits(damaged, &layer).least as usize, characters)
}

/// Whether more characters of UTF-8 lost bytes than did not, whatever was lost: of `��航�質�`, nine
/// bytes or more, none is a whole character.
fn is_ruin_of_utf8(damaged: &str, path: &Path) -> bool {
    /// Bytes of a character, at most.
    const BYTES: usize = 4;
    /// Stands for bytes that were lost, and is in no UTF-8.
    const LOST: u8 = 0xFF;
    let [Layer { wrong, truth: Codec::Utf8 }] = path.layers() else { return false };
    let is_marked = damaged.contains(char::REPLACEMENT_CHARACTER);
    if !is_marked || wrong.marker() != Some(char::REPLACEMENT_CHARACTER) {
        return false;
    }
    // Big5 leaves a quarter of UTF-8 whole, and where as much is marked as elsewhere, nothing that
    // a search of twenty kilobytes a second would find
    if wrong.codec == Codec::Big5 && is_mostly_lost(damaged) {
        return true;
    }
    let mut bytes = Vec::with_capacity(damaged.len());
    for character in damaged.chars() {
        match wrong.table().first_code(character) {
            Some(code) => code.append_to(&mut bytes),
            None => bytes.push(LOST),
        }
    }
    let (mut whole, mut torn) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        torn += chunk.invalid().len();
    }
    torn > BYTES * whole
}

/// Whether flavours of a path's last decoder show different bytes as a character of the text.
/// The flavours of Big5 do: CPython's has け where others have ぐ, and each line tells by itself which
/// it was.
fn differs_by_flavour(damaged: &str, path: &Path) -> bool {
    let Layer { wrong, .. } = path.layers()[0];
    if wrong.codec != Codec::Big5 {
        return false;
    }
    let [web, python] = [Flavour::WEB, Flavour::PYTHON].map(|it| wrong.in_flavour(it).table());
    let differs = |symbol: char| {
        web.first_code(symbol).zip(python.first_code(symbol)).is_some_and(|(a, b)| a != b)
    };
    damaged.chars().any(differs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Decoder;

    #[test]
    fn a_question_mark_between_pairs_may_be_one_of_windows() {
        let path = |flavour, truth| {
            let wrong = Decoder::new(Codec::EucKr, flavour);
            Path::new(vec![Layer { wrong, truth }])
        };
        let of_pairs = path(Flavour::WEB, Codec::Gbk);
        // 书证上的 without 上
        assert!(may_hide_marks("蝎聯?돨", &of_pairs));
        assert!(!may_hide_marks("蝎聯?", &of_pairs));
        assert!(!may_hide_marks("蝎聯? 돨", &of_pairs));
        assert!(!may_hide_marks("蝎聯?돨", &path(Flavour::WINDOWS, Codec::Gbk)));
        assert!(!may_hide_marks("蝎聯?돨", &path(Flavour::WEB, Codec::Utf8)));
    }
}
