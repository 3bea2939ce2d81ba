//! Text that slipped by a byte: one was lost or gained in the middle of a line, and
//! everything up to the next byte of ASCII is read half a character off.
//!
//! ```text
//! 中国家庭      D6 D0 B9 FA BC D2 CD A5
//! one is lost   D6    B9 FA BC D2 CD A5 ␊
//! 止昂彝�␊      D6B9 FABC D2CD A5 ␊       A5 and the line break are no pair
//! ```
//!
//! [`scan`] finds where text reads better half a character off, [`search`] tries the
//! accidents around that place, [`rivals`] weighs what it found by the language model, and
//! [`proof`] has the accident happen again: it must give the text as it was found. [`bound`]
//! tells the search early where nothing is to be gained.

mod bound;
mod cost;
mod proof;
mod rivals;
mod scan;
mod search;

use std::ops::Range;

use super::resync::Item;
use super::{Repaired, pinyin};
use crate::codec::{Codec, Decoder, Flavour};
use crate::edit::{Bits, Edit, Filled, Finding, Kind, Safety, Step, differing, shifted};
use crate::script::{is_bopomofo, is_private_use, is_sign};
use crate::segment::Suspect;
use cost::{cost, gain_by_triples};
use rivals::{Read, Rivals, Way, accident, characters};
use search::{AROUND, Accident, Complete, MAX_RUN, Note, Search};

/// The codecs whose text slips, the most frequent first.
const CODECS: [Codec; 3] = [Codec::Gbk, Codec::Big5, Codec::EucKr];

/// What the repaired text must be likelier by than the text as it stands where something
/// marks the place of the slip.
const THRESHOLD: i32 = 20 * Bits::ONE.0;

/// What the repaired text must be likelier by where nothing marks the place.
const SILENT_THRESHOLD: i32 = 30 * Bits::ONE.0;

/// What a character of the repaired text may cost at most in the mean, triples counted. Clean text is at
/// 6 to 8 bits; other damage read half a character off, at 12 and more.
const MAX_MEAN: i32 = 10 * Bits::ONE.0;

/// How many characters are read at least: two are as easily found in noise.
const MIN_RUN: usize = 3;

/// How many of them must be there still, and not lost or filled in.
const MIN_STRAIGHT: usize = 2;

/// How many fewer both are in front of a backslash that was half of private use, which stands in no
/// text: `！\n` has but the one.
const BEFORE_ESCAPE: usize = 2;

/// Characters in front of what looks damaged in which the damage may begin.
const CONTEXT: usize = 8;

/// Stretches in a row that turn out to be no slip before the rest of a document is let
/// be: a search is dear, and other damage has thousands of such stretches.
const MISSES: usize = 32;

/// Puts slipped text straight, suspect by suspect.
pub(super) struct Straightener<'t> {
    text: &'t str,
    /// The posterior that a character with a lost byte needs before it is filled in; below it,
    /// U+FFFD stands in its place.
    confidence: f32,
    /// What was looked at so far, and where the last repair ended.
    from: usize,
    floor: usize,
    /// Stretches since then that turned out to be no slip.
    misses: usize,
    /// Whether readings were injected, once something seems to have slipped: what an injector
    /// tore is mended as a whole.
    is_injected: Option<bool>,
}

impl<'t> Straightener<'t> {
    pub(super) fn new(text: &'t str, confidence: f32) -> Straightener<'t> {
        Straightener { text, confidence, from: 0, floor: 0, misses: 0, is_injected: None }
    }

    /// Leaves what stands before byte `end` as it is.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.from = self.from.max(end);
        self.floor = self.floor.max(end);
    }

    /// The repair of the slips that are seen in a suspect, and what is not certain of them.
    pub(super) fn read(&mut self, suspect: &Suspect) -> Repaired {
        let mut repaired = Repaired::default();
        let codecs = self.codecs_to_try(suspect);
        if !codecs.is_empty() {
            self.read_in(suspect, &codecs, &mut repaired);
        }
        if self.is_injected != Some(true)
            && let Some(slip) = torn(self.text, self.floor, suspect.span.end)
        {
            self.repair(slip, &mut repaired);
        }
        repaired
    }

    /// Repairs what slipped within a suspect.
    fn read_in(&mut self, suspect: &Suspect, codecs: &[Codec], repaired: &mut Repaired) {
        self.from = self.from.max(begin(self.text, suspect.core.start));
        while self.misses < MISSES
            && let Some(run) = next_run(self.text, self.from, suspect.core.end)
        {
            let found = look(self.text, self.floor, run.clone(), suspect.span.end, codecs);
            let is_clean = matches!(found, Look::Clean);
            if !is_clean && *self.is_injected.get_or_insert_with(|| pinyin::is_injected(self.text))
            {
                return;
            }
            match found {
                _ if !is_clean && pinyin::is_ruin(self.text, &run) => self.from = run.end,
                Look::Clean => self.from = run.end.min(suspect.span.end),
                Look::Missed { end } => {
                    self.from = end;
                    self.misses += 1;
                }
                Look::Slipped(slip) => self.repair(slip, repaired),
            }
        }
    }

    /// The codecs in which a suspect may have slipped.
    fn codecs_to_try(&self, suspect: &Suspect) -> Vec<Codec> {
        if self.misses == MISSES || self.is_injected == Some(true) {
            return vec![];
        }
        // text half a character off is of rare Han or Hangul, whatever letters are between them;
        // `╔══╦══╗` is not: ═ is F9F9 in Big5 and reads the same half a character off
        let is_other = |c: char| c < '\u{2E80}' || is_sign(c) || is_bopomofo(c);
        if self.text[suspect.span.clone()].chars().all(is_other) {
            return vec![];
        }
        let codecs = CODECS.into_iter().zip(scan::may_gain(self.text, &suspect.core, CODECS));
        codecs.filter_map(|(codec, may_gain)| may_gain.then_some(codec)).collect()
    }

    fn repair(&mut self, slip: Slip, repaired: &mut Repaired) {
        let range = slip.way.range.clone();
        self.from = range.end;
        match slip.edit(self.text, self.confidence) {
            Some(edit) => {
                (self.floor, self.misses) = (range.end, 0);
                repaired.edits.push(edit);
            }
            None => {
                self.misses += 1;
                repaired.findings.push(undetermined(self.text, range));
            }
        }
    }
}

/// Text that is shifted, but not for certain anything else.
fn undetermined(text: &str, range: Range<usize>) -> Finding {
    Finding::new(text, range, Kind::Slip, "text shifted by a byte; too little of it is certain")
}

/// Where the damage may begin that is seen from `core` on.
fn begin(text: &str, core: usize) -> usize {
    let before = text[..core].char_indices().rev().take(CONTEXT);
    before.take_while(|(_, c)| !c.is_ascii()).last().map_or(core, |(at, _)| at)
}

/// The next characters from `from` on that are not ASCII, if they begin before `limit`.
fn next_run(text: &str, from: usize, limit: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find(|c: char| !c.is_ascii())?;
    let run = text[start..].char_indices().take(MAX_RUN).take_while(|(_, c)| !c.is_ascii());
    let end = run.last().map(|(at, c)| start + at + c.len_utf8())?;
    (start < limit).then_some(start..end)
}

/// What a look at a run of characters gave.
enum Look {
    /// Nothing reads better half a character off.
    Clean,
    /// Something does up to byte `end`, but it is no slip.
    Missed {
        end: usize,
    },
    Slipped(Slip),
}

/// Looks at a run of characters for a slip of one of some codecs in front of `limit`; what stands
/// before `floor` is not to be touched.
fn look(text: &str, floor: usize, run: Range<usize>, limit: usize, codecs: &[Codec]) -> Look {
    let mut missed = None;
    let mut best: Option<Slip> = None;
    for &codec in codecs {
        let Some(scan::Stretch { range: stretch, most }) =
            scan::stretch(text, run.clone(), limit, codec)
        else {
            continue;
        };
        if most < if is_marked(text, &stretch) { THRESHOLD } else { SILENT_THRESHOLD } {
            continue;
        }
        missed = missed.max(Some(stretch.end));
        let slip = Slip::of(text, floor, &stretch, codec);
        best = best.into_iter().chain(slip).reduce(Slip::better);
    }
    match (best, missed) {
        (Some(slip), _) => Look::Slipped(slip),
        (None, Some(end)) => Look::Missed { end },
        (None, None) => Look::Clean,
    }
}

/// The slip behind the line break before byte `start` that tore a character apart, up to an escape.
fn torn(text: &str, floor: usize, start: usize) -> Option<Slip> {
    let read = |codec| Slip::of(text, floor, &scan::torn_escape(text, start, codec)?, codec);
    CODECS.into_iter().filter_map(read).reduce(Slip::better)
}

/// Whether something near a stretch may stand for a byte that was lost.
fn is_marked(text: &str, stretch: &Range<usize>) -> bool {
    around(text, stretch).contains([char::REPLACEMENT_CHARACTER, ' ', '\n'])
}

/// A stretch with the characters near it in which the slip may begin or end.
fn around<'t>(text: &'t str, stretch: &Range<usize>) -> &'t str {
    &text[search::back(text, stretch.start)..search::forth(text, stretch.end)]
}

/// The flavours that what is lost around a stretch speaks for.
fn flavours(text: &str, stretch: &Range<usize>, codec: Codec) -> Vec<Flavour> {
    let around = around(text, stretch);
    let mut flavours = vec![Flavour::WEB];
    let mut lost = around.split(char::REPLACEMENT_CHARACTER).skip(1).peekable();
    if lost.peek().is_none() {
        flavours.push(Flavour::DROP);
    } else if lost.any(|behind| behind.starts_with(|c: char| c >= '@')) {
        // before what is no trail byte, all flavours do the same
        flavours.extend([Flavour::NARROW, Flavour::JAVA, Flavour::PYTHON]);
    }
    let windows_only = |c| is_private_use(c) && !codec.table(Flavour::WEB).has_code(c);
    if around.contains(|c| c == '?' || windows_only(c)) {
        flavours.push(Flavour::WINDOWS);
    }
    flavours
}

/// Slipped text as it was.
struct Slip {
    codec: Codec,
    way: Way,
}

impl Slip {
    /// Reads a stretch of text half a character off in the likeliest flavour of a codec, none of it
    /// before `floor`.
    fn of(text: &str, floor: usize, stretch: &Range<usize>, codec: Codec) -> Option<Slip> {
        let read = |flavour| Slip::read(text, floor, stretch, Decoder::new(codec, flavour));
        flavours(text, stretch, codec).into_iter().filter_map(read).reduce(Slip::better)
    }

    /// Reads a stretch of text half a character off, none of it before `floor`.
    fn read(text: &str, floor: usize, stretch: &Range<usize>, decoder: Decoder) -> Option<Slip> {
        let search = Search::new(text, floor, stretch, decoder);
        let holds = |one: &Complete| {
            let items = search.items(one);
            // the proof is dear and the last to be asked for
            one.gain >= threshold(&items)
                && is_plausible(&text[..one.end], &items)
                && proof::reproduces(&items, text, one.end, decoder)
        };
        let rivals = Rivals::new(text, &search)?;
        let likeliest = rivals.likeliest(holds)?;
        Some(Slip { codec: decoder.codec, way: rivals.way(likeliest) })
    }

    /// The likelier of two; of equals, the first.
    fn better(self, other: Slip) -> Slip {
        if other.way.gain > self.way.gain { other } else { self }
    }

    /// The edit; `None` where too little of the text is sure.
    fn edit(self, text: &str, confidence: f32) -> Option<Edit> {
        let Way { range, gain, reads, gained } = self.way;
        let mut after = String::new();
        let mut filled = Vec::new();
        for (nth, Read { character, guessed, posterior }) in reads.iter().copied().enumerate() {
            let sure = posterior >= confidence;
            // a byte that came in may be the half of a character that was lost
            let missing = gained.is_some_and(|(share, at)| at == nth && share < confidence);
            let lost = usize::from(missing) + usize::from(!sure);
            after.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, lost));
            if sure && guessed {
                filled.push(Filled { at: after.len(), character, posterior });
            }
            if sure {
                after.push(character);
            }
        }
        let (before, read) = differing(&text[range.clone()], &after);
        let range = shifted(&before, range.start);
        filled.retain(|fill: &Filled| read.contains(&fill.at));
        let after = &after[read.clone()];
        let lost = after.matches(char::REPLACEMENT_CHARACTER).count();
        let straight = after.chars().count() - lost - filled.len();
        let frees_escape = after.ends_with('\\') && text[..range.end].ends_with(is_private_use);
        if straight < least(MIN_STRAIGHT, frees_escape) || straight + filled.len() < lost {
            return None;
        }
        filled.iter_mut().for_each(|fill| fill.at -= read.start);
        let steps = vec![Step::Encode(self.codec.name()), Step::Decode(self.codec.name())];
        Some(Edit {
            safety: Safety::Inferred,
            bits: gain,
            filled,
            ..Edit::new(text, range, after, Kind::Slip, steps)
        })
    }
}

/// What a reading must gain.
fn threshold(items: &[Item<Note>]) -> i32 {
    match accident(items) {
        Some(Note { accident: Accident::Torn | Accident::Blanked, .. }) => THRESHOLD,
        _ => SILENT_THRESHOLD,
    }
}

/// How many characters there are at least, `usual` but for text up to an escape that was half of
/// private use.
fn least(usual: usize, frees_escape: bool) -> usize {
    usual.saturating_sub(if frees_escape { BEFORE_ESCAPE } else { 0 })
}

/// Whether this is text at all, and not only likelier than what stands there, at the end of `text`.
fn is_plausible(text: &str, items: &[Item<Note>]) -> bool {
    let Some(Note { start, .. }) = accident(items) else { return false };
    let mut read: Vec<char> = text[..*start].chars().rev().take(AROUND).collect();
    read.reverse();
    let before = read.len();
    read.extend(characters(items).map(|(character, _)| character));
    let frees_escape = read.ends_with(&['\\']) && text.ends_with(is_private_use);
    let count = read.len() - before;
    let first = read.get(before.wrapping_sub(1)).copied().unwrap_or('\n');
    let pairs = std::iter::once(first).chain(read[before..].iter().copied()).zip(&read[before..]);
    let sum: i32 = pairs.map(|(previous, &next)| cost(previous, next)).sum();
    let plausible = MAX_MEAN * count as i32;
    count >= least(MIN_RUN, frees_escape) && sum - gain_by_triples(&read) <= plausible
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::{Options, repair};

    const LINE: &str = "系统正在检查您的网络连接，请稍候再试一次。";

    /// What is read where one byte of `text` is taken out or put in.
    fn damaged(text: &str, decoder: Decoder, change: impl Fn(&mut Vec<u8>)) -> String {
        let mut bytes = decoder.codec.encode(text).unwrap();
        change(&mut bytes);
        decoder.decode(&bytes)
    }

    fn slips(text: &str) -> Vec<Edit> {
        let kinds = [Kind::Slip].into();
        repair(text, &Options { kinds, ..Options::default() }).edits
    }

    /// The text that `text` is repaired to.
    fn repaired(text: &str) -> String {
        crate::edit::apply(text, &slips(text))
    }

    #[test]
    fn all_but_the_lost_characters_come_back() {
        // these two read every pair, and keep what is no trail byte
        for flavour in [Flavour::WEB, Flavour::JAVA] {
            let decoder = Decoder::new(Codec::Gbk, flavour);
            // 查 is B2E9
            let text = damaged(&format!("{LINE}\n后面"), decoder, |bytes| {
                bytes.remove(10);
            });
            let fixed = repaired(&text);
            assert!(fixed.starts_with("系统正在检"), "{flavour:?} {fixed}");
            assert!(fixed.contains("您的网络连接"), "{flavour:?} {fixed}");
        }
    }

    #[test]
    fn a_gained_byte_is_left_out() {
        let decoder = Decoder::new(Codec::Gbk, Flavour::WEB);
        let text = damaged(&format!("{LINE}\n"), decoder, |bytes| bytes.insert(11, 0x9A));
        let fixed = repaired(&text).replace('\u{FFFD}', "");
        assert!(fixed.starts_with("系统正在检查您的网络连接，请稍候再试一次"), "{fixed}");
    }

    #[test]
    fn text_far_behind_the_slip_comes_back() {
        let decoder = Decoder::new(Codec::Gbk, Flavour::WEB);
        for at in 2..24 {
            let text = damaged(&format!("{LINE}\n"), decoder, |bytes| {
                bytes.remove(at);
            });
            let fixed = repaired(&text);
            assert!(fixed.contains("请稍候再试一次"), "{at} {text} {fixed}");
        }
    }

    #[test]
    fn what_may_be_half_of_the_damage_is_not_kept() {
        let decoder = Decoder::new(Codec::Gbk, Flavour::WEB);
        // 掌握 is D5C6 CED5; with a byte in between, D5C6 C8CE is 掌任
        let text = damaged("他对这门技术的掌握能力还不够强。\n", decoder, |bytes| {
            bytes.insert(16, 0xC8);
        });
        assert!(text.contains("掌任"), "{text}");
        let fixed = repaired(&text);
        assert!(!fixed.contains('任') && fixed.contains("能力还不够强"), "{fixed}");
    }

    #[test]
    fn private_use_of_windows_is_read() {
        let decoder = Decoder::new(Codec::Big5, Flavour::WINDOWS);
        let line = "這個檔案的內容已經傳送到遠端伺服器，請稍後再試一次。\n";
        let slipped = |at| {
            damaged(line, decoder, |bytes| {
                bytes.remove(at);
            })
        };
        let has_private_use = |text: &String| text.contains(is_private_use) && !text.contains('?');
        let texts: Vec<String> = (2..30).map(slipped).filter(has_private_use).collect();
        assert!(!texts.is_empty());
        for text in texts {
            let fixed = repaired(&text);
            assert!(fixed.contains("請稍後再試"), "{text} {fixed}");
        }
    }

    #[test]
    fn what_is_repaired_stays() {
        let decoder = Decoder::new(Codec::Gbk, Flavour::WEB);
        for at in 2..30 {
            let text = damaged(&format!("{LINE}\n"), decoder, |bytes| {
                bytes.remove(at);
            });
            let once = repaired(&text);
            assert_eq!(repaired(&once), once, "{text}");
        }
    }

    #[test]
    fn clean_text_with_a_lost_character_is_no_slip() {
        for text in
            ["歌手陶\u{FFFD}的新歌发布了", "他说什么?我不知道。", "啊阿埃挨哎唉哀皑癌蔼矮艾碍爱隘"]
        {
            assert_eq!(slips(text), [], "{text}");
        }
    }
}
