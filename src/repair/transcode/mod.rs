//! Text that was decoded with the wrong codec, once or several times over.
//!
//! For each suspect span: [`candidates`] finds the paths it may have come,
//! [`lattice`] searches the best [`reading`] along each, and the winner's damaged runs
//! become edits ([`run`]), if going down the path again ([`Path::leads_to`]) gives
//! back exactly what was found. A path that was proven once is tried first on the rest
//! of the document.

mod candidates;
mod choices;
mod edges;
mod expand;
mod fit;
mod flavours;
mod lattice;
mod losses;
mod path;
mod quick;
pub(super) mod quoted;
mod reading;
mod run;
mod straight;

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memchr;

use super::Options;
use crate::codec::{Codec, Flavour};
use crate::edit::{Bits, Edit};
use crate::segment::{self, Bar, Suspect};
use candidates::Candidate;
use flavours::Flavours;
use lattice::{Passage, Read, Search};
use path::Layer;
pub(super) use path::Path;
use reading::Reading;

/// Characters of a span on which its readings are compared.
const SAMPLE: usize = 256;
/// Two readings that differ by less than this are both possible: neither is taken, or, where
/// only flavours of one decoder differ, what they have in common.
const AMBIGUOUS: Bits = Bits::whole(4);
/// A flavour of the same decoder that reads worse by less than this makes what it reads otherwise
/// a guess. By 10 bits, it is right once in 400 times.
const DOUBTFUL: Bits = Bits::whole(10);
/// The same of what was UTF-16: of ASCII, only common pairs of letters tell the byte order, which
/// at 4 bits was wrong in 3 of 100 texts of 12 to 16 letters.
const AMBIGUOUS_ORDER: Bits = Bits::whole(12);
/// The limit of a reading that is wanted at any cost.
const NO_LIMIT: i32 = i32::MAX;
/// How many more misfits a path may have than the best, and how many times as many: each
/// costs some 20 bits, more than filling in losses any better would save.
const MISFITS: u32 = 4;
const MISFITS_SHARE: u32 = 2;
/// At most one character in this many may be lost, in spans of so many characters: the
/// worst decoder loses one in eight of UTF-8 read as GBK.
const LOST_SHARE: usize = 3;
const LOST_OF: usize = 16;
/// Paths that are tried first, because the document was damaged that way elsewhere.
const KNOWN: usize = 2;
/// Bytes that such evidence reaches: all of a page, a book or a log of ordinary size. In a
/// collection, one author's damage says nothing about the `⊙ o ⊙` of another.
const KNOWN_REACH: usize = 1 << 20;

/// Characters at the edges of a span that may be taken as they stand where the span begins or
/// ends inside a damaged character.
const EDGE: usize = 8;

/// Reads the suspects of a text one after the other; what damage came before, the next is
/// likely to have come, too.
pub(super) struct Transcoder<'t> {
    text: &'t str,
    options: &'t Options,
    /// The paths that damage came so far, the last one first.
    known: Vec<Path>,
    /// Where the damage ends that they are known from, the part before this one included.
    proven: usize,
    search: Search,
    flavours: Flavours,
    /// What was read while another flavour of its decoder may have been right.
    doubtful: Vec<Suspect>,
}

/// What a suspect was before it was decoded with the wrong codec.
pub(super) struct Transcoded {
    /// The repair.
    pub(super) edits: Vec<Edit>,
    /// Whether no other kind of damage can be meant.
    pub(super) is_certain: bool,
    path: Path,
    /// The suspect, if another flavour of the decoder may be right.
    doubtful: Option<Suspect>,
}

impl<'t> Transcoder<'t> {
    /// `known` are the paths that damage came in what stands before the text.
    pub(super) fn new(text: &'t str, options: &'t Options, known: &[Path]) -> Transcoder<'t> {
        Transcoder {
            text,
            options,
            known: known.to_vec(),
            proven: 0,
            search: Search::default(),
            flavours: Flavours::default(),
            doubtful: vec![],
        }
    }

    /// The text that is read.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The repair of a suspect, if there is one; nothing before `from` is touched.
    pub(super) fn read(&mut self, suspect: &Suspect, from: usize) -> Option<Transcoded> {
        if is_mostly_lost(&self.text[suspect.span.clone()]) || is_drawing(self.text, &suspect.core)
        {
            return None;
        }
        let known = self.known_near(suspect).to_vec();
        let reading = read_known(&mut self.search, self.text, suspect, &known);
        let reading = reading.or_else(|| self.read_any(suspect))?;
        self.transcoded(reading, suspect, from, &known)
    }

    /// The paths that damage came not far before a suspect.
    fn known_near(&self, suspect: &Suspect) -> &[Path] {
        let near = suspect.core.start.saturating_sub(self.proven) <= KNOWN_REACH;
        if near { &self.known } else { &[] }
    }

    /// The best reading of a suspect along any path.
    fn read_any(&mut self, suspect: &Suspect) -> Option<Reading> {
        read_suspect(&mut self.search, self.text, suspect, &mut self.flavours)
    }

    /// The repair of a suspect as it was read.
    fn transcoded(
        &mut self,
        reading: Reading,
        suspect: &Suspect,
        from: usize,
        known: &[Path],
    ) -> Option<Transcoded> {
        if reading.is_ruin() {
            return None;
        }
        let reading = match reading.path.is_from_utf16() {
            true => grow(&mut self.search, self.text, from, reading),
            false => reading,
        };
        let reading = reading.settled();
        let edits = reading.edits(self.text, known, self.options);
        let is_certain = reading.is_certain() || known.contains(&reading.path);
        let doubtful = reading.is_doubtful.then(|| suspect.clone());
        let Reading { path, .. } = reading;
        (!edits.is_empty()).then_some(Transcoded { edits, is_certain, path, doubtful })
    }

    /// Repairs the lines behind one that was repaired up to `end`, as long as each is damaged
    /// along the same path throughout: that needs no gate. Gives the edits, and the start of the
    /// first line that is left.
    pub(super) fn read_on(&mut self, end: usize) -> (Vec<Edit>, usize) {
        let line_end = memchr(b'\n', &self.text.as_bytes()[end..]);
        let mut start = line_end.map_or(self.text.len(), |line_end| end + line_end + 1);
        let mut edits = Vec::new();
        while let Some(line) = self.text[start..].split_inclusive('\n').next() {
            if !line.is_ascii() {
                let Some(more) = self.read_line(start, line) else { break };
                edits.extend(more);
            }
            start += line.len();
        }
        (edits, start)
    }

    /// The edits of a line at `start`, if all of it is damaged along a known path.
    fn read_line(&mut self, start: usize, line: &str) -> Option<Vec<Edit>> {
        let path = self.known.first()?;
        if !straight::begins(path, line) {
            return None;
        }
        if let Some(run) = straight::line(path, self.text, start..start + line.len()) {
            let edits = run.edits(self.text, path, &self.known, self.options);
            self.proven = edits.last()?.range.end;
            return Some(edits);
        }
        let first = line.find(|c: char| !c.is_ascii()).unwrap_or(0);
        let suspect =
            Suspect { core: start + first..start + line.len(), span: start..start + line.len() };
        let reading = read_known(&mut self.search, self.text, &suspect, &self.known)?;
        if reading.is_ruin() || !reading.is_damaged_throughout() {
            return None;
        }
        let edits = reading.settled().edits(self.text, &self.known, self.options);
        self.proven = edits.last()?.range.end;
        Some(edits)
    }

    /// The edits of a repair that is taken, whose path is remembered.
    pub(super) fn take(&mut self, repair: Transcoded) -> Vec<Edit> {
        let Transcoded { edits, path, doubtful, .. } = repair;
        self.proven = edits.last().map_or(self.proven, |edit| edit.range.end);
        match doubtful {
            Some(suspect) => self.doubtful.push(suspect),
            None => self.remember(path),
        }
        edits
    }

    fn remember(&mut self, path: Path) {
        self.known.retain(|known| *known != path);
        self.known.insert(0, path);
        self.known.truncate(KNOWN);
    }

    /// Reads what was in doubt again, now that the flavours are known from the whole text, and
    /// puts the new edits in the place of those that it gave first.
    pub(super) fn settle(&mut self, edits: &mut Vec<Edit>) {
        self.flavours.finish();
        for suspect in std::mem::take(&mut self.doubtful) {
            let Suspect { span, .. } = &suspect;
            let reading = self.read_any(&suspect);
            let known = self.known.clone();
            let again =
                reading.and_then(|reading| self.transcoded(reading, &suspect, span.start, &known));
            let Some(Transcoded { edits: again, path, .. }) = again else { continue };
            let first = edits.partition_point(|edit| edit.range.start < span.start);
            let last = edits.partition_point(|edit| edit.range.end <= span.end);
            edits.splice(first..last.max(first), again);
            self.remember(path);
        }
    }

    /// Repairs what is too short to be suspected on its own, along the paths that the rest of
    /// the document came; `edits` are its repairs so far.
    pub(super) fn short_spans(&mut self, edits: &[Edit]) -> Vec<Edit> {
        let mut more = Vec::new();
        if self.known.is_empty() {
            return more;
        }
        let repaired = edits.iter().map(|edit| edit.range.clone());
        for suspect in segment::suspects_outside(self.text, repaired, Bar::Damaged) {
            let next = edits.partition_point(|edit| edit.range.end <= suspect.span.start);
            if edits.get(next).is_some_and(|edit| edit.range.start < suspect.span.end) {
                continue;
            }
            // what the paths of a part before are known from, ended at its end
            let before = edits[..next].last().map_or(0, |edit| edit.range.end);
            let behind = edits.get(next).map_or(usize::MAX, |edit| edit.range.start);
            let distance =
                (suspect.span.start - before).min(behind.saturating_sub(suspect.span.end));
            if distance > KNOWN_REACH {
                continue;
            }
            let reading = read_known(&mut self.search, self.text, &suspect, &self.known);
            if let Some(reading) = reading.filter(|reading| !reading.is_ruin()) {
                let reading = reading.settled();
                more.extend(reading.edits(self.text, &self.known, self.options));
            }
        }
        more
    }

    /// The paths that the part of the document behind this text should know.
    pub(super) fn into_known(self) -> Vec<Path> {
        if self.text.len() - self.proven > KNOWN_REACH { vec![] } else { self.known }
    }
}

/// The reading of a suspect along a known path, if it reads like any other text.
fn read_known(
    search: &mut Search,
    text: &str,
    suspect: &Suspect,
    known: &[Path],
) -> Option<Reading> {
    let passage = Passage::of(text, suspect.span.clone());
    let mut best: Option<Reading> = None;
    for path in known.iter().filter(|path| !differs_by_flavour(passage.text, path)) {
        let limit = best.as_ref().map_or(NO_LIMIT, |best| best.cost - 1);
        let reading = Reading::new(search, passage, path.clone(), limit);
        let reading = reading.map(|one| Reading { start: suspect.span.start, ..one });
        best = reading.filter(|one| one.is_ordinary() && !one.leaves_leads()).or(best);
        // flavours differ in what they lose
        if best.as_ref().is_some_and(|best| best.losses() == 0) {
            break;
        }
    }
    best
}

/// The best reading of a suspect, if there is one.
fn read_suspect(
    search: &mut Search,
    text: &str,
    suspect: &Suspect,
    flavours: &mut Flavours,
) -> Option<Reading> {
    let Suspect { core, span } = suspect;
    let passage = Passage::of(text, span.clone());
    let start = start_of_bytes(text, suspect);
    let before = text[..start].chars().next_back().unwrap_or('\n');
    // a blank behind the core may be a byte of it
    let blank = usize::from(text[core.end..].starts_with(' '));
    let candidates = candidates::candidates(&text[start..core.end + blank], before);
    // flavours that differ may do so anywhere, and a sample would not tell
    let differ =
        candidates.iter().any(|candidate| differs_by_flavour(passage.text, &candidate.path));
    let end = passage.text.char_indices().nth(SAMPLE).map(|(end, _)| end).filter(|_| !differ);
    let sample = end.map_or(passage, |end| passage.until(end));
    let trials = trials(sample.text, &candidates);
    let tried: Vec<Path> = trials.iter().map(|trial| trial.path.clone()).collect();
    let mut readings = read_all(search, sample, trials);
    readings.sort_by_cached_key(|reading| (reading.rank(), reading.nth));
    flavours.learn(&tried, &readings);
    let mut best = take_best(&mut readings, flavours)?;
    let margin = if best.path.is_from_utf16() { AMBIGUOUS_ORDER } else { AMBIGUOUS };
    let rank = best.rank();
    let (limit, doubtful) = (rank.saturating_add(margin.0), rank.saturating_add(DOUBTFUL.0));
    for rival in readings.iter().take_while(|rival| rival.rank() < doubtful) {
        let is_flavour = best.path.has_same_codecs(&rival.path);
        if best.text() == rival.text() || is_flavour && flavours.exclude(&rival.path) {
            continue;
        }
        // beyond the sample, nothing is known of their differences
        let is_akin =
            is_flavour || best.is_told_from_variants() && best.path.is_variant(&rival.path);
        let is_doubted = end.is_none() && is_akin && best.doubt(rival);
        if !is_doubted && rival.rank() < limit {
            return None;
        }
    }
    let best = match end {
        None => Some(best),
        Some(_) => Reading::new(search, passage, best.path, NO_LIMIT),
    };
    best.map(|best| Reading { start: span.start, ..best })
}

/// Where the characters begin that may be a byte each and go on into the core of a suspect. Of
/// `жпспй╠` the gate takes the letters for Russian; a sample from ╠ on, which is the second half of
/// a pair, would tell nothing.
fn start_of_bytes(text: &str, Suspect { core, span }: &Suspect) -> usize {
    let may_be_byte = |c: char| ('\u{80}'..'\u{2E80}').contains(&c);
    if !text[core.start..].starts_with(may_be_byte) {
        return core.start;
    }
    span.start + text[span.start..core.start].trim_end_matches(may_be_byte).len()
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
fn grow(search: &mut Search, text: &str, from: usize, mut reading: Reading) -> Reading {
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
            Some(grown) => reading = Reading { start, ..grown },
            None => break,
        }
    }
    reading
}

/// A path in one flavour, not yet gone.
struct Trial {
    path: Path,
    /// Its place among those of the candidates, the likeliest first.
    nth: usize,
    misfits: u32,
}

/// The readings along the paths of trials, but those that cannot be the best or its rival.
fn read_all(search: &mut Search, passage: Passage<'_>, trials: Vec<Trial>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    let mut settled: Option<usize> = None;
    for Trial { path, nth, .. } in trials {
        let is_akin = |settled: &Reading| {
            settled.path.has_same_codecs(&path)
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

/// What is to be tried, so that the rest can be given up early: first what fits the bytes best,
/// and of that what loses single bytes, which is searched the fastest.
fn trials(damaged: &str, candidates: &[Candidate]) -> Vec<Trial> {
    let paths = candidates.iter().flat_map(|candidate| flavours(damaged, candidate));
    let trial = |(nth, path): (usize, Path)| {
        let misfits = fit::misfits(damaged, &path.layers()[0]);
        Trial { path, nth, misfits }
    };
    let mut trials: Vec<Trial> = paths.enumerate().map(trial).collect();
    let least = trials.iter().map(|trial| trial.misfits).min().unwrap_or(0);
    trials.retain(|trial| trial.misfits <= MISFITS + MISFITS_SHARE * least);
    trials.sort_by_key(|trial| (trial.misfits, trial.path.layers()[0].wrong.loses_pairs()));
    trials
}

/// Whether so much is lost that a search would invent the text.
fn is_mostly_lost(damaged: &str) -> bool {
    let lost = damaged.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER || c == '?').count();
    let characters = damaged.chars().filter(|c| !c.is_ascii()).count();
    characters >= LOST_OF && lost * LOST_SHARE > characters
}

/// Whether all but the ASCII of a text is lines, blocks and shapes that repeat: `╔═══╗`
/// reads as 轄桁桁 in GBK decoded as cp437. The bytes of true text seldom repeat so soon.
fn is_drawing(text: &str, core: &Range<usize>) -> bool {
    let damaged = &text[core.clone()];
    // first, because it spares nearly every text the rest
    if !damaged.chars().all(|c| c.is_ascii() || is_shape(c)) {
        return false;
    }
    let drawn: Vec<char> = damaged.chars().filter(|c| !c.is_ascii()).collect();
    let kinds: BTreeSet<char> = drawn.iter().copied().collect();
    kinds.len() * 3 <= drawn.len() * 2 && !are_lead_bytes(damaged, text[core.end..].chars().next())
}

fn is_shape(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{25FF}')
}

/// Whether each ASCII character behind a shape can be the second byte of a pair, as those of kana
/// are: `┐o┐C┐g` is バイト in Shift_JIS read as KOI8-R. A drawing has blanks and words, and what
/// encloses a table ends its line: `│A│B│`.
fn are_lead_bytes(damaged: &str, behind: Option<char>) -> bool {
    let is_trail = |c: char| matches!(c, '\x40'..='\x7E');
    let followers = damaged.chars().skip(1).chain(behind);
    let mut pairs = damaged.chars().zip(followers);
    let shapes = damaged.chars().filter(|&c| is_shape(c)).count();
    let letters = damaged.chars().chain(behind).filter(|&c| is_trail(c)).count();
    behind.is_some_and(is_trail)
        && letters * 2 >= shapes
        && pairs.all(|(one, next)| is_shape(next) || is_shape(one) && is_trail(next))
}

/// Whether flavours of a path's last decoder show different bytes as a character of the text.
/// Those of Big5 do: CPython's has け where others have ぐ, and each line tells by itself which
/// it was.
fn differs_by_flavour(damaged: &str, path: &Path) -> bool {
    let Layer { wrong, .. } = path.layers()[0];
    if wrong.codec != Codec::Big5 {
        return false;
    }
    let [web, python] = [Flavour::Web, Flavour::Python].map(|it| wrong.in_flavour(it).table());
    let differs = |symbol: char| {
        web.first_code(symbol).zip(python.first_code(symbol)).is_some_and(|(a, b)| a != b)
    };
    damaged.chars().any(differs)
}

/// Whether the wrong codecs of two paths are variants that show other bytes as some character of
/// the text: `ˇ` is A1 in windows-1250 and B7 in ISO-8859-2.
fn differs_as_variant(damaged: &str, one: &Path, other: &Path) -> bool {
    let [one_table, other_table] = [one, other].map(|path| path.layers()[0].wrong.table());
    let differs = |symbol: char| !one_table.codes(symbol).eq(other_table.codes(symbol));
    one.is_variant(other) && damaged.chars().any(differs)
}

/// The candidate in the flavours that the losses and the characters speak for.
fn flavours(damaged: &str, candidate: &Candidate) -> Vec<Path> {
    let web = candidate.path.layers()[0];
    let table = |flavour| web.in_flavour(flavour).wrong.table();
    let shown_alike = |flavour: Flavour| {
        let (one, other) = (web.wrong.table(), table(flavour));
        std::ptr::eq(one, other) || damaged.chars().all(|c| one.codes(c).eq(other.codes(c)))
    };
    let replaced = damaged.contains(char::REPLACEMENT_CHARACTER);
    let vanished = candidate.lossy && !replaced;
    // nothing is left of what a scraper takes out
    let is_bare = || {
        let (web, stripped) = (web.wrong.table(), table(Flavour::Stripped));
        !web.is_double_byte() && damaged.chars().all(|c| web.has_code(c) == stripped.has_code(c))
    };
    let wanted = |flavour: &Flavour| match flavour {
        Flavour::Web => true,
        // half a surrogate pair is the same to all
        _ if web.wrong.codec.is_utf16() => false,
        Flavour::Narrow | Flavour::Java | Flavour::Python if replaced => true,
        Flavour::Windows if damaged.contains('?') => true,
        Flavour::Drop => vanished && !is_bare(),
        Flavour::Stripped => vanished && is_bare(),
        Flavour::Spaced => candidate.spaced && !vanished,
        flavour => !shown_alike(*flavour),
    };
    let in_flavour = |flavour| candidate.path.in_flavour(flavour);
    Flavour::ALL.into_iter().filter(wanted).map(in_flavour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Decoder;
    use crate::edit::Kind;
    use crate::repair::repair;

    /// What is repaired of `⊙ o ⊙` so many bytes behind a line of Big5 read as GBK.
    fn repaired_behind(damaged: &str, bytes: usize) -> usize {
        let text =
            format!("{damaged}\n{}好累( ⊙ o ⊙ )啊\n", "今天下午没有课。\n".repeat(bytes / 25));
        let repaired = repair(&text, &Options::default());
        let behind = |edit: &&Edit| edit.range.start > damaged.len();
        repaired.edits.iter().filter(behind).count()
    }

    #[test]
    fn one_damaged_line_says_nothing_about_a_whole_collection() {
        let (bytes, _, _) = encoding_rs::BIG5.encode("這一行的內容已經不適用於現在的版本");
        let (damaged, _, _) = encoding_rs::GBK.decode(&bytes);
        let one = repair(&damaged, &Options::default());
        assert_eq!(one.edits.len(), 1);
        assert_eq!(repaired_behind(&damaged, KNOWN_REACH + 1000), 0);
    }

    #[test]
    fn a_line_of_megabytes_is_repaired() {
        let line = "整个文件只有这一行，中间没有任何换行。".repeat(20_000);
        let damaged = Decoder::new(Codec::Latin1, Flavour::Web).decode(line.as_bytes());
        let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
        assert!(fixed == line);
    }

    #[test]
    fn korean_that_lost_a_byte_is_no_chinese() {
        let line = "내일 회의는 오후 세 시에 시작합니다. 자료를 미리 준비해 주세요.";
        let bytes = Codec::EucKr.encode(line).unwrap();
        let korean = Decoder::new(Codec::EucKr, Flavour::Web);
        let kinds = [Kind::Transcode].into();
        let options = Options { kinds, ..Options::default() };
        for lost in 0..bytes.len() {
            let damaged = korean.decode(&[&bytes[..lost], &bytes[lost + 1..]].concat());
            assert_eq!(repair(&damaged, &options).edits, [], "{damaged}");
        }
    }

    #[test]
    fn flavours_are_told_apart_behind_the_sample() {
        // CPython's Big5 has 请 at another place than browsers
        let line = "他站在门槛上望着远处山峦，".repeat(SAMPLE / 12) + "请放心。";
        let big5 = Decoder::new(Codec::Big5, Flavour::Python);
        let damaged = big5.decode(&Codec::Gbk.encode(&line).unwrap());
        let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
        assert!(fixed == line || fixed == line.replace('请', "\u{FFFD}"), "{fixed}");
    }
}
