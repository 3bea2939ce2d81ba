//! Text that was decoded with the wrong codec, once or several times over.
//!
//! For each [`suspect`] span: [`candidates`] finds the paths it may have come, of which the
//! [`trials`] are made, [`lattice`] searches the best [`reading`] along each, and the winner's
//! damaged runs become edits ([`run`]), if going down the path again ([`Path::leads_to`]) gives
//! back exactly what was found. A path that was proven once is tried first on the rest of the
//! document, and read on line by line where all is damaged ([`mod@line`]). Of several layers, an
//! outermost one that lost nothing is taken off first ([`mod@peel`]).

mod bytes;
mod candidates;
mod choices;
mod drawing;
mod edges;
mod expand;
mod explain;
mod fit;
mod flavours;
mod group;
mod lattice;
mod leftovers;
mod line;
mod listing;
mod losses;
mod path;
mod peel;
mod quick;
mod reading;
mod refusal;
mod run;
mod straight;
mod suspect;
mod swallowed;
mod throughout;
mod torn;
mod trials;

use std::cell::OnceCell;
use std::convert::Infallible;
use std::iter;
use std::ops::Range;

use memchr::memchr;

use super::Options;
use crate::codec::SOFT_HYPHEN;
use crate::edit::Edit;
use crate::segment::{self, Bar, Suspect};
pub use explain::{Explained, Tried, explain};
use flavours::Flavours;
use lattice::Search;
use line::LineReader;
pub(super) use path::{Layer, Path};
pub(super) use peel::peel;
use reading::Reading;
pub use refusal::Refusal;
use run::Standing;
use suspect::{candidates_of, grow, may_hide_marks, read_known, read_suspect, with_letters_in_gbk};

/// At most one character in this many may be lost: the worst decoder loses one in eight of UTF-8
/// read as GBK.
const LOST_SHARE: usize = 3;
/// At most one in this many of fewer than [`FEW`] characters may be lost: where more are lost than
/// not, nothing that a search finds would be text.
const LOST_SHARE_OF_FEW: usize = 2;
/// Characters from which on there are no longer few.
const FEW: usize = 16;
/// So many `?` of Windows count as one lost character: in markup, every other character stands
/// before ASCII, which goes down with its last byte, and what is left tells it (`锛?/b>`: `：</b>`).
const MARKS: usize = 2;
/// Paths that are remembered, to be tried first: the document was damaged along them elsewhere.
const KNOWN: usize = 2;
/// How far behind damage, in bytes, its path is tried first: all of a page, a book or a log of
/// ordinary size. In a collection, one author's damage says nothing about the `⊙ o ⊙` of another.
const KNOWN_REACH: usize = 1 << 20;
/// Lines that may have lost soft hyphens and had not, from which on no other is read for that.
const REFUTED: usize = 8;

/// Reads the suspects of a text one after the other; what damage came before, the next is
/// likely to have come, too.
pub(super) struct Transcoder<'t> {
    text: &'t str,
    options: &'t Options,
    /// The paths that damage came so far, the last one first.
    known: Vec<Path>,
    /// Where the damage ends that they are known from, the part before this one included.
    proven: usize,
    search: Search<'t>,
    lines: LineReader,
    flavours: Flavours,
    /// Whether there is a soft hyphen anywhere in the text, once that was asked.
    has_hyphens: OnceCell<bool>,
    /// How many lines looked as if they had lost some and had not, since one had.
    refuted: usize,
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
            search: Search::of(text),
            lines: LineReader::default(),
            flavours: Flavours::default(),
            has_hyphens: OnceCell::new(),
            refuted: 0,
            doubtful: vec![],
        }
    }

    /// The text that is read.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The repair of a suspect, if there is one; nothing before `from` is touched.
    ///
    /// Where the likeliest path has several layers, `on_layer` is told the outermost one that can be
    /// peeled off the text: it may end the reading with an error, or have all layers read through.
    ///
    /// # Errors
    ///
    /// That of `on_layer`.
    pub(super) fn read<E>(
        &mut self,
        suspect: &Suspect,
        from: usize,
        on_layer: impl Fn(Layer) -> Result<(), E>,
    ) -> Result<Option<Transcoded>, E> {
        if unreadable(self.text, suspect).is_some() {
            return Ok(None);
        }
        let suspect = &with_letters_in_gbk(self.text, suspect, from);
        let known = self.known_near(suspect).to_vec();
        let reading = match read_known(&mut self.search, self.text, suspect, &known, &self.flavours)
        {
            Some(reading) if self.tells_all(&reading) => Some(reading),
            // what another flavour of the decoder lost is not damage along the known path
            known => {
                let any = self.read_any(suspect, on_layer)?;
                match &any {
                    Some(reading) if reading.losses() > 0 => self.refuted = 0,
                    Some(reading) if reading.is_torn() => self.refuted += 1,
                    _ => {}
                }
                [known, any].into_iter().flatten().min_by_key(Reading::rank)
            }
        };
        Ok(reading.and_then(|reading| self.transcoded(reading, suspect, from, &known)))
    }

    /// Whether a reading along a known path explains all that is found, so that no other is looked for.
    fn tells_all(&self, reading: &Reading) -> bool {
        self.is_along_right_flavour(reading)
            && !self.may_lack_hyphens(&reading.path, || reading.text())
    }

    /// Whether nothing speaks for another flavour than that of a known path.
    fn is_along_right_flavour(&self, reading: &Reading) -> bool {
        // pairs fit any: behind C8, lost alone or with B7, pairs go on either way
        let fits_any = !reading.path.is_true_utf8() && reading.losses() > 0;
        !reading.leaves_losses()
            && !may_hide_marks(&self.text[reading.span()], &reading.path)
            && (!fits_any || self.flavours.tell(&reading.path))
    }

    /// Whether soft hyphens may have been taken out of what reads as this along a path that leaves them,
    /// as there is none in the whole text.
    fn may_lack_hyphens(&self, path: &Path, read: impl FnOnce() -> String) -> bool {
        self.refuted < REFUTED
            && path.shows_pairs_as(SOFT_HYPHEN)
            && torn::is_torn(&read())
            && !self.has_hyphens.get_or_init(|| self.text.contains(SOFT_HYPHEN))
    }

    /// The paths that damage came not far before a suspect.
    fn known_near(&self, suspect: &Suspect) -> &[Path] {
        let near = suspect.core.start.saturating_sub(self.proven) <= KNOWN_REACH;
        if near { &self.known } else { &[] }
    }

    /// The best reading of a suspect along any path; for `on_layer` and its error see
    /// [`Transcoder::read`].
    fn read_any<E>(
        &mut self,
        suspect: &Suspect,
        on_layer: impl Fn(Layer) -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        let candidates = candidates_of(self.text, suspect);
        let is_read_below = |path: &Path| peel::is_read_below(self.text, suspect, path);
        if let Some(likeliest) = candidates.first()
            && let Some(layer) = peel::outermost(&likeliest.path)
        {
            on_layer(layer)?;
            if is_read_below(&likeliest.path) {
                return Ok(None);
            }
        }
        let (search, flavours) = (&mut self.search, &mut self.flavours);
        let reading = read_suspect(search, self.text, suspect, &candidates, flavours);
        Ok(reading.filter(|reading| !is_read_below(&reading.path)))
    }

    /// The repair of a suspect as it was read.
    fn transcoded(
        &mut self,
        reading: Reading,
        suspect: &Suspect,
        from: usize,
        known: &[Path],
    ) -> Option<Transcoded> {
        if reading.is_ruin(known.contains(&reading.path)) {
            return None;
        }
        let reading = match reading.path.is_from_utf16() {
            true => grow(&mut self.search, self.text, from, reading),
            false => reading,
        };
        let reading = reading.settled().without_needless_conversion(self.text);
        let standing = Standing::among(&reading.path, known);
        let edits = reading.edits(self.text, standing, self.options);
        let is_certain = reading.is_certain() || known.contains(&reading.path);
        let doubtful = reading.is_doubtful.then(|| suspect.clone());
        let Reading { path, .. } = reading;
        (!edits.is_empty()).then_some(Transcoded { edits, is_certain, path, doubtful })
    }

    /// Repairs the lines behind one that was repaired up to `end`, as long as each is damaged
    /// along the same path throughout: that needs no gate. Gives the edits, and the start of the
    /// first line that is left.
    pub(super) fn read_on(&mut self, end: usize) -> (Vec<Edit>, usize) {
        let end_of_line = |from: usize| {
            let rest = &self.text.as_bytes()[from..];
            memchr(b'\n', rest).map_or(self.text.len(), |at| from + at + 1)
        };
        let mut start = end_of_line(end);
        let mut edits = Vec::new();
        while start < self.text.len() {
            let line = start..end_of_line(start);
            if !self.text[line.clone()].is_ascii() && !self.read_line(line.clone(), &mut edits) {
                break;
            }
            start = line.end;
        }
        (edits, start)
    }

    /// Appends the edits of a line; says whether all of it is damaged along a known path.
    fn read_line(&mut self, line: Range<usize>, edits: &mut Vec<Edit>) -> bool {
        let Some(path) = self.known.first() else { return false };
        if may_hide_marks(&self.text[line.clone()], path) {
            return false;
        }
        let before_line = edits.len();
        if let Some(run) = self.lines.read(path, self.text, line.clone()) {
            if self.may_lack_hyphens(path, || self.lines.last().into()) {
                return false;
            }
            run.add_edits(self.text, path, Standing::Known, self.options, edits);
        } else {
            let Some(reading) = self.search_line(line) else { return false };
            edits.extend(reading.edits(self.text, Standing::Known, self.options));
        }
        let Some(last) = edits[before_line..].last() else { return false };
        self.proven = last.range.end;
        true
    }

    /// The reading of a line that is damaged throughout, if not without a loss or a doubt.
    fn search_line(&mut self, line: Range<usize>) -> Option<Reading> {
        let text = &self.text[line.clone()];
        if !straight::begins(self.known.first()?, text) {
            return None;
        }
        let first = text.find(|c: char| !c.is_ascii()).unwrap_or(0);
        let suspect = Suspect { core: line.start + first..line.end, span: line };
        let reading =
            read_known(&mut self.search, self.text, &suspect, &self.known, &self.flavours)?;
        let is_taken =
            !reading.is_ruin(true) && reading.is_damaged_throughout() && self.tells_all(&reading);
        is_taken.then(|| reading.settled())
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
    /// gives the edits with the new ones in the place of those that it gave first.
    pub(super) fn settle(&mut self, edits: Vec<Edit>) -> Vec<Edit> {
        self.flavours.finish();
        let mut settled: Vec<Edit> = Vec::with_capacity(edits.len());
        let mut edits = edits.into_iter().peekable();
        for suspect in std::mem::take(&mut self.doubtful) {
            let Range { start, end } = suspect.span;
            settled.extend(iter::from_fn(|| edits.next_if(|edit| edit.range.end <= start)));
            let first: Vec<Edit> =
                iter::from_fn(|| edits.next_if(|edit| edit.range.start < end)).collect();
            let from = settled.last().map_or(0, |edit| edit.range.end);
            let to = edits.peek().map_or(self.text.len(), |edit| edit.range.start);
            let again = self.read_again(&suspect, from);
            let fits = |edits: &Vec<Edit>| edits.last().is_none_or(|edit| edit.range.end <= to);
            settled.extend(again.filter(fits).unwrap_or(first));
        }
        settled.extend(edits);
        settled
    }

    /// The edits of what was in doubt, now that the flavours are known.
    fn read_again(&mut self, suspect: &Suspect, from: usize) -> Option<Vec<Edit>> {
        let Ok(reading) = self.read_any(suspect, read_through);
        let reading = reading?;
        let known = self.known.clone();
        let Transcoded { edits, path, .. } = self.transcoded(reading, suspect, from, &known)?;
        self.remember(path);
        Some(edits)
    }

    /// Repairs what is too short to be suspected on its own, along the paths that the rest of
    /// the document came; `edits` are its repairs so far.
    pub(super) fn short_spans(&mut self, edits: &[Edit]) -> Vec<Edit> {
        let mut more = Vec::new();
        if self.known.is_empty() {
            return more;
        }
        let repaired = edits.iter().map(|edit| edit.range.clone());
        let mut read_to = 0;
        for suspect in segment::suspects_outside(self.text, repaired, Bar::Damaged) {
            let next = edits.partition_point(|edit| edit.range.end <= suspect.core.start);
            // what the paths of a part before are known from, ended at its end
            let before = edits[..next].last().map_or(0, |edit| edit.range.end);
            let behind = edits.get(next).map_or(usize::MAX, |edit| edit.range.start);
            let from = before.max(read_to);
            let Some(suspect) = suspect.between(from, behind) else { continue };
            let suspect = with_letters_in_gbk(self.text, &suspect, from);
            let Some(suspect) = suspect.between(from, behind) else { continue };
            let distance =
                (suspect.span.start - before).min(behind.saturating_sub(suspect.span.end));
            if distance > KNOWN_REACH {
                continue;
            }
            read_to = suspect.span.end;
            let reading =
                read_known(&mut self.search, self.text, &suspect, &self.known, &self.flavours);
            if let Some(reading) = reading.filter(|reading| !reading.is_ruin(true)) {
                let reading = reading.settled();
                more.extend(reading.edits(self.text, Standing::Known, self.options));
            }
        }
        more
    }

    /// The paths that the part of the document behind this text should know.
    pub(super) fn into_known(self) -> Vec<Path> {
        if self.text.len() - self.proven > KNOWN_REACH { vec![] } else { self.known }
    }
}

/// What [`Transcoder::read`] does about a layer if all are to be read through.
pub(super) fn read_through(_: Layer) -> Result<(), Infallible> {
    Ok(())
}

/// Why a suspect is not read at all, if it is not.
fn unreadable(text: &str, suspect: &Suspect) -> Option<Refusal> {
    if is_mostly_lost(&text[suspect.span.clone()]) || is_text_with_losses(text, &suspect.core) {
        return Some(Refusal::MostlyLost);
    }
    drawing::is_drawing(text, &suspect.core).then_some(Refusal::Drawing)
}

/// Whether so much is lost that a search would invent the text.
fn is_mostly_lost(damaged: &str) -> bool {
    let count = |lost: char| damaged.chars().filter(|&c| c == lost).count();
    let characters = damaged.chars().filter(|c| !c.is_ascii()).count();
    are_mostly_lost(count(char::REPLACEMENT_CHARACTER) + count('?') / MARKS, characters)
}

/// Whether so many characters of some are too many to be lost.
fn are_mostly_lost(lost: usize, characters: usize) -> bool {
    let share = if characters >= FEW { LOST_SHARE } else { LOST_SHARE_OF_FEW };
    lost * share > characters
}

/// Whether nothing is left in a core beside lost characters that may be damage.
fn is_text_with_losses(text: &str, core: &Range<usize>) -> bool {
    text[core.clone()].contains(char::REPLACEMENT_CHARACTER)
        && !segment::is_unlikely_beside_losses(text, core.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Decoder, Flavour};
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
        let damaged = Decoder::new(Codec::Latin1, Flavour::WEB).decode(line.as_bytes());
        let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
        assert!(fixed == line);
    }

    #[test]
    fn a_line_is_repaired_wherever_its_chunks_end() {
        // of 。 and the line break behind it, cp936 shows the first two bytes and one `?`
        let cp936 = Decoder::new(Codec::Gbk, Flavour::WINDOWS);
        let lines = "整个文件没有换行。\n".repeat(200);
        for before in 0..14 {
            let text = "一".repeat(before) + &lines;
            let damaged = cp936.decode(text.as_bytes());
            let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
            assert!(!fixed.contains('銆'), "{before}: {fixed}");
        }
    }

    #[test]
    fn korean_that_lost_a_byte_is_no_chinese() {
        let line = "내일 회의는 오후 세 시에 시작합니다. 자료를 미리 준비해 주세요.";
        let bytes = Codec::EucKr.encode(line).unwrap();
        let korean = Decoder::new(Codec::EucKr, Flavour::WEB);
        let kinds = [Kind::Transcode].into();
        let options = Options { kinds, ..Options::default() };
        for lost in 0..bytes.len() {
            let damaged = korean.decode(&[&bytes[..lost], &bytes[lost + 1..]].concat());
            assert_eq!(repair(&damaged, &options).edits, [], "{damaged}");
        }
    }

    #[test]
    fn flavours_need_not_agree_on_how_many_characters_were_lost() {
        // CPython's Big5 loses both bytes of 赛 (C8FC); Java's may have lost one of each of two
        let big5 = Decoder::new(Codec::Big5, Flavour::PYTHON);
        let damaged = big5.decode(&Codec::Gbk.encode("今天晚上的比赛非常精彩").unwrap());
        let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
        assert!(fixed.starts_with("今天晚上的比") && fixed.ends_with("非常精彩"), "{fixed}");
    }

    #[test]
    fn flavours_are_told_apart_behind_the_sample() {
        // CPython's Big5 has 请 at another place than browsers
        let line = "他站在门槛上望着远处山峦，".repeat(suspect::SAMPLE / 12) + "请放心。";
        let big5 = Decoder::new(Codec::Big5, Flavour::PYTHON);
        let damaged = big5.decode(&Codec::Gbk.encode(&line).unwrap());
        let fixed = crate::edit::apply(&damaged, &repair(&damaged, &Options::default()).edits);
        assert!(fixed == line || fixed == line.replace('请', "\u{FFFD}"), "{fixed}");
    }
}
