//! Private-use characters that a character set gave a meaning.
//!
//! A decoder puts what its set has and Unicode lacked (or lacks) into the private
//! use area. The same code point means different things in different sets, so
//! only what the text around it agrees with is mapped; the rest is reported.

use std::ops::{Range, RangeInclusive};

use encoding_rs::{BIG5, GBK};

use super::edit;
use super::private_use_table::{
    big5_converter, big5_user_defined, gb18030, gbk_user_defined, softbank,
};
use crate::edit::{Edit, Finding, Kind};
use crate::script::{
    first_line, is_cjk_punctuation, is_escaped, is_han_or_kana, is_ideograph, is_kana,
    is_private_use, is_simplified, last_line, neighbours, only_char,
};

/// Appends the edits that map private-use characters of `text`.
pub(super) fn repair(text: &str, out: &mut Vec<Edit>) {
    let document = Document::new(text);
    for (range, meaning) in document.meanings() {
        if let Some(meaning) = meaning {
            out.push(edit(text, range, &meaning, "map-private-use"));
        }
    }
    if document.sources.converter != Converter::Unseen {
        exclamation_marks(text, out);
    }
}

/// Appends a finding for each run of private-use characters that is not mapped
/// and stands where Chinese text lost something.
pub(super) fn findings(text: &str, out: &mut Vec<Finding>) {
    let document = Document::new(text);
    let unknown = document.meanings().filter(|(_, meaning)| meaning.is_none());
    let from = out.len();
    for (range, _) in unknown.filter(|(range, _)| is_among_chinese(text, range)) {
        match out[from..].last_mut() {
            Some(last) if last.range.end == range.start => {
                last.before.push_str(&text[range.clone()]);
                last.range.end = range.end;
            }
            _ => out.push(Finding::new(text, range, Kind::Compat, "lone private-use character")),
        }
    }
}

/// Whether a private-use character touches Chinese text, or stands near it and has a
/// code that GBK and GB 18030 use. Prompts and icon fonts have the others.
fn is_among_chinese(text: &str, range: &Range<usize>) -> bool {
    let is = |codes: RangeInclusive<char>| text[range.clone()].starts_with(|c| codes.contains(&c));
    if is('\u{E0A0}'..='\u{E0D7}')
        || is('\u{F000}'..='\u{F8FF}')
        || is_row_of_code_table(text, range)
        || is_icon_of_label(text, range)
    {
        return false;
    }
    touches_han(text, range) || is('\u{E000}'..='\u{E864}') && around(text, range).any(is_ideograph)
}

/// How many characters on each side of a place tell what text it stands in.
const WINDOW: usize = 64;

/// The characters near a place, on both sides of it.
fn around<'a>(text: &'a str, range: &Range<usize>) -> impl Iterator<Item = char> + 'a {
    let before = text[..range.start].chars().rev().take(WINDOW);
    before.chain(text[range.end..].chars().take(WINDOW))
}

fn touches_han(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = neighbours(text, range.start, range.end);
    before.is_some_and(is_han_or_kana) || after.is_some_and(is_han_or_kana)
}

/// Which sets the private-use characters of a document came from, as far as
/// single characters need more evidence than their own neighbours.
#[derive(Default)]
struct Sources {
    /// The old converter from Big5 to GBK.
    converter: Converter,
    /// SoftBank's emoji.
    softbank: bool,
    /// The Hong Kong and vendors' characters of Big5.
    big5: bool,
}

/// How sure it is that the old converter from Big5 to GBK was at work.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Converter {
    #[default]
    Unseen,
    /// One mark stands where a sentence needs it.
    Seen,
    /// So many marks stand where sentences need them that its others need no context.
    Certain,
}

/// A text with its private-use characters found.
struct Document<'a> {
    text: &'a str,
    /// The maximal runs of private-use characters.
    runs: Vec<Range<usize>>,
    sources: Sources,
}

impl<'a> Document<'a> {
    fn new(text: &'a str) -> Document<'a> {
        let mut document = Document { text, runs: runs(text), sources: Sources::default() };
        if !document.runs.is_empty() {
            let softbank = document.has_emoji();
            let big5 = document.has_big5();
            let converter = if softbank { Converter::Unseen } else { document.converter() };
            document.sources = Sources { converter, softbank, big5 };
        }
        document
    }

    /// Every private-use character, with what it is replaced by.
    fn meanings(&self) -> impl Iterator<Item = (Range<usize>, Option<String>)> {
        self.characters().map(|(run, range, c)| {
            let meaning = self.meaning(&run, &range, c);
            (range, meaning)
        })
    }

    /// Every private-use character with its run and range.
    fn characters(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>, char)> {
        self.runs.iter().flat_map(|run| {
            self.text[run.clone()].char_indices().map(move |(at, c)| {
                let start = run.start + at;
                (run.clone(), start..start + c.len_utf8(), c)
            })
        })
    }

    fn meaning(&self, run: &Range<usize>, range: &Range<usize>, c: char) -> Option<String> {
        if is_icon_of_label(self.text, range) {
            return None;
        }
        let as_emoji = self.sources.softbank && !is_inside_text(self.text, run);
        if let Some(emoji) = softbank(c).filter(|_| as_emoji) {
            return Some(emoji.into());
        }
        let as_big5 = self.sources.big5 && touches_han(self.text, run);
        if let Some(character) = big5_character(c).filter(|_| as_big5) {
            return Some(character.into());
        }
        let needed = |range| match self.sources.converter {
            Converter::Unseen => false,
            Converter::Seen => is_lost_mark(self.text, range),
            Converter::Certain => touches_han(self.text, range),
        };
        if let Some(mark) = big5_converter(c).filter(|_| needed(range)) {
            return Some(mark.into());
        }
        gb18030(c)
            .filter(|&character| fits(self.text, run, range, character))
            .map(String::from)
            .or_else(|| swallowed_backslash(self.text, range, c))
    }

    /// Whether emoji of SoftBank's stand where no character of a word can be missing.
    fn has_emoji(&self) -> bool {
        self.runs.iter().any(|run| is_emoji_run(self.text, run))
    }

    /// Whether marks of the converter's stand where a sentence needs them.
    ///
    /// The two marks that were seen in the wild count; the rest of the row is believed beside them.
    fn converter(&self) -> Converter {
        if !is_simplified(self.text) {
            return Converter::Unseen;
        }
        let marks = || self.characters().filter(|(_, _, c)| matches!(c, '\u{E00B}' | '\u{E019}'));
        let needed = marks().filter(|(_, range, _)| is_lost_mark(self.text, range)).take(2).count();
        // no two rare characters happen to have the codes of both
        let may_be =
            |mark| marks().any(|(_, range, c)| c == mark && may_be_mark(self.text, &range));
        match needed {
            2 => Converter::Certain,
            _ if may_be('\u{E00B}') && may_be('\u{E019}') => Converter::Certain,
            1 => Converter::Seen,
            _ => Converter::Unseen,
        }
    }

    /// Whether at least two of the commonest characters that Big5 lacks stand in running text.
    fn has_big5(&self) -> bool {
        let common = |c| big5_character(c).is_some_and(|c| CANTONESE.contains(c));
        let among_text =
            self.characters().filter(|(run, _, c)| common(*c) && touches_han(self.text, run));
        among_text.take(2).count() == 2
    }
}

/// The commonest characters that pages from Hong Kong and Taiwan take from beyond Big5.
const CANTONESE: &str = "啲咗喺嘢嚟嗰噉揾攞瞓冚啱嘥嘞㗎咩冧唥の";

/// What the Hong Kong set and vendors' extensions of Big5 mean by a private-use character.
fn big5_character(c: char) -> Option<char> {
    let bytes = big5_user_defined(c)?;
    let text = BIG5.decode_without_bom_handling_and_without_replacement(&bytes)?;
    only_char(&text).filter(|&c| is_ideograph(c) || is_kana(c))
}

/// The maximal runs of private-use characters of `text`.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    // U+E000..=U+F8FF is EE xx xx, EF 80..A3 xx
    for at in memchr::memchr2_iter(0xEE, 0xEF, text.as_bytes()) {
        if !text[at..].chars().next().is_some_and(is_private_use) {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == at => last.end = at + 3,
            _ => runs.push(at..at + 3),
        }
    }
    runs
}

/// Whether a run has text on both sides, so that it must be part of a word.
fn is_inside_text(text: &str, run: &Range<usize>) -> bool {
    let (before, after) = neighbours(text, run.start, run.end);
    before.is_some_and(is_han_or_kana) && after.is_some_and(is_han_or_kana)
}

/// Whether a run is emoji beyond doubt: all of it faces, hands or hearts, at the end of a clause, and
/// either behind a mark (`，👌，`) or a particle (`太好笑了😂`), or the same one twice behind some
/// letters or three times (`好吃😂😂😂`). A rare character of a word is none of these, nor is an icon:
/// that is before a label, between blanks, alone in quotation marks, or a value (`评分：★★★★`).
fn is_emoji_run(text: &str, run: &Range<usize>) -> bool {
    let characters = &text[run.clone()];
    if !characters.chars().all(is_feeling) || !around(text, run).any(is_han_or_kana) {
        return false;
    }
    let (before, after) = neighbours(text, run.start, run.end);
    let first = characters.chars().next();
    let is_same = characters.chars().all(|c| Some(c) == first);
    let letters = || text[..run.start].chars().rev().take_while(|&c| is_han_or_kana(c));
    let is_comma = |c: Option<char>| c == Some(',');
    let is_clause = (is_comma(before) || before.is_some_and(is_mark))
        && (is_comma(after) || ends_sentence(after));
    is_clause
        || match characters.chars().count() {
            1 => before.is_some_and(|c| PARTICLES.contains(c)) && ends_sentence(after),
            2 => {
                is_same
                    && letters().take(MORE_THAN_A_NAME).count() == MORE_THAN_A_NAME
                    && ends_sentence(after)
            }
            _ => is_same && !before.is_some_and(is_colon) && ends_clause(after),
        }
}

/// Particles at the end of a clause, behind which no word goes on.
const PARTICLES: &str = "了啊呀吧呢哦啦嘛哈吗";

/// Letters in front of two that are the same, at least, for those not to be a given name: 李婷婷.
const MORE_THAN_A_NAME: usize = 3;

/// Whether a clause ends where this character stands.
fn ends_clause(c: Option<char>) -> bool {
    ends_sentence(c) || c.is_some_and(|c| c.is_whitespace() || c == ',')
}

/// Whether a clause ends where this character stands, and no other one goes on behind a blank.
fn ends_sentence(c: Option<char>) -> bool {
    c.is_none_or(|c| is_mark(c) || matches!(c, '\r' | '\n' | '"'))
}

/// Whether `c` is a mark between clauses, but no comma of a table (`李\u{E056},男`).
fn is_mark(c: char) -> bool {
    matches!(c, '，' | '.' | '。' | '!' | '！' | '?' | '？' | '~' | '～' | '…')
}

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

/// Whether a private-use character is an icon before a label, and another one before the next or the
/// last: `\u{E815}首页 \u{E820}分类`.
fn is_icon_of_label(text: &str, range: &Range<usize>) -> bool {
    let (before, behind) = (&text[..range.start], &text[range.end..]);
    let is_gap = |c: char| c.is_whitespace();
    if !before.chars().next_back().is_none_or(is_gap) || !behind.starts_with(is_han_or_kana) {
        return false;
    }
    let end = |text: &str| text.char_indices().nth(WINDOW).map_or(text.len(), |(end, _)| end);
    let start = before.char_indices().rev().take(WINDOW).last().map_or(before.len(), |(at, _)| at);
    let near = [last_line(&before[start..]), first_line(&behind[..end(behind)])];
    let is_label = |field: &str| {
        let mut characters = field.chars();
        characters.next().is_some_and(is_private_use)
            && characters.next().is_some_and(is_han_or_kana)
    };
    // the first of those behind is the label of this one
    near[0].split(is_gap).any(is_label) || near[1].split(is_gap).skip(1).any(is_label)
}

/// Whether `c` is one of SoftBank's faces, hands or hearts: what reviews and chats use.
fn is_feeling(c: char) -> bool {
    matches!(c,
        '\u{E00D}'..='\u{E012}' // 👊 👍 ☝ ✊ ✌ ✋
        | '\u{E022}' | '\u{E023}' // ❤ 💔
        | '\u{E056}'..='\u{E059}' // 😊 😃 😞 😠
        | '\u{E105}'..='\u{E108}' // 😜 😍 😱 😓
        | '\u{E14C}' // 💪
        | '\u{E327}'..='\u{E32E}' // 💓 … ✨
        | '\u{E401}'..='\u{E418}' // 😥 … 😘
        | '\u{E41D}' | '\u{E41F}'..='\u{E422}') // 🙏 👏 👌 👎 👐
}

/// Whether the text around a private-use character bears out what GB 18030 means by it.
fn fits(text: &str, run: &Range<usize>, range: &Range<usize>, character: char) -> bool {
    let (before, after) = neighbours(text, range.start, range.end);
    let is_beside = |fits: fn(char) -> bool| before.is_some_and(fits) || after.is_some_and(fits);
    match character {
        '€' => is_beside(|c| c.is_ascii_digit()),
        'ḿ' | 'ǹ' => is_beside(|c| c.is_ascii_alphabetic() || matches!(c, '(' | '（')),
        // Big5 has its commonest characters at the bytes of these: 位 is A6EC
        '⿰'..='⿻' | '〾' => after.is_some_and(is_ideograph) && is_readable(text, range),
        '︐'..='︙' => around(text, range).any(|c| matches!(c, '\u{FE10}'..='\u{FE48}')),
        '\u{3000}' => {
            let (before, after) = neighbours(text, run.start, run.end);
            let is_value = before.is_some_and(is_colon) && ends_sentence(after);
            touches_han(text, run)
                || before.is_some_and(is_cjk_punctuation) && !is_value
                || after.is_some_and(is_cjk_punctuation)
        }
        _ => touches_han(text, run) && !is_row_of_code_table(text, range),
    }
}

/// Whether a character stands beside its neighbour of the code table, as in `FE50:⺁…㑳㑇`.
fn is_row_of_code_table(text: &str, range: &Range<usize>) -> bool {
    let Some(c) = text[range.clone()].chars().next().filter(|&c| gb18030(c).is_some()) else {
        return false;
    };
    let at = |offset: i32| char::from_u32((c as u32).checked_add_signed(offset)?);
    let is = |c: Option<char>, neighbour: Option<char>| {
        c.is_some() && (c == neighbour || c == neighbour.and_then(gb18030))
    };
    let (before, after) = neighbours(text, range.start, range.end);
    is(before, at(-1)) || is(after, at(1))
}

/// The commonest characters of written Chinese, in both scripts where they differ.
const COMMON: &str = "的一是不了在人有我他这這中来來上个個到说說们們为為子和你地出道也时時得就那要下以生会會自着著去之过過家";

/// At least one in so many ideographs of readable Chinese is among [`COMMON`]; there it is
/// about one in four, in wrongly decoded text one in fifty.
const COMMON_SHARE: usize = 16;

/// Whether the text around a place is Chinese that reads as such, not wrongly decoded text,
/// which has private-use characters of its own.
fn is_readable(text: &str, range: &Range<usize>) -> bool {
    let (mut common, mut all) = (0, 0);
    for c in around(text, range).filter(|&c| is_ideograph(c)) {
        common += usize::from(COMMON.contains(c));
        all += 1;
    }
    common > 0 && common * COMMON_SHARE >= all
}

/// A clause of at least so many letters may be two that lost the mark between them;
/// a shorter one, above all a verse of five or seven, rather lost a character.
const TWO_CLAUSES: usize = 8;

/// Whether a mark of a sentence can have stood in the place of a private-use character, and nothing else.
fn is_lost_mark(text: &str, range: &Range<usize>) -> bool {
    let [before, after] = letters_beside(text, range);
    let is_inside_clause = before > 0 && after > 0;
    may_be_mark(text, range)
        && is_readable(text, range)
        && (!is_inside_clause || before + after >= TWO_CLAUSES)
}

/// Whether a mark of a sentence may stand in the place of a private-use character: one letter beside
/// it would be half of a word, and no mark is the first character of a line.
fn may_be_mark(text: &str, range: &Range<usize>) -> bool {
    let [before, after] = letters_beside(text, range);
    let is_word = |here, there| here != 1 || there == 0;
    let is_behind_text =
        text[..range.start].chars().next_back().is_some_and(|c| !c.is_whitespace());
    touches_han(text, range) && is_behind_text && is_word(before, after) && is_word(after, before)
}

/// How many letters stand before a place without a gap, and behind it.
fn letters_beside(text: &str, range: &Range<usize>) -> [usize; 2] {
    let is_letter =
        |c: &char| is_ideograph(*c) || matches!(c, '$' | '0'..='9' | 'a'..='z' | 'A'..='Z');
    let before = text[..range.start].chars().rev().take(WINDOW).take_while(is_letter).count();
    let after = text[range.end..].chars().take(WINDOW).take_while(is_letter).count();
    [before, after]
}

/// Appends edits for the `ⅵ` that the converter gave for `！`.
///
/// It took Big5's ﹗ to A2A6, which GBK reads as ⅵ. After a Chinese letter and before
/// no other it is no numeral.
fn exclamation_marks(text: &str, out: &mut Vec<Edit>) {
    for (at, mark) in text.match_indices('ⅵ') {
        let range = at..at + mark.len();
        let (before, after) = neighbours(text, range.start, range.end);
        let ends = after.is_none_or(|c| !c.is_alphanumeric() && c != '、');
        if before.is_some_and(is_ideograph) && ends {
            out.push(edit(text, range, "！", "map-private-use"));
        }
    }
}

/// The backslash of an escape that a stray lead byte swallowed: `。\u{E5A2}n` is A3 and `\n`.
///
/// After a mark the lead byte is junk. After a letter it is what is left of a
/// mark (A1 of 。, A3 of ！), which U+FFFD then stands for.
fn swallowed_backslash(text: &str, range: &Range<usize>, c: char) -> Option<String> {
    let [0xA1 | 0xA3, b'\\'] = gbk_user_defined(c)? else { return None };
    let (before, after) = neighbours(text, range.start, range.end);
    if !after.is_some_and(is_escaped) || !is_readable(text, range) {
        return None;
    }
    match before {
        // shifted text, which another repair realigns: the letter's second byte or the
        // private-use pair before is half of the mark
        Some(c) if is_private_use(c) || c == '\u{FFFD}' || ends_with_mark_byte(c) => None,
        Some(c) if is_ideograph(c) => Some("\u{FFFD}\\".to_owned()),
        _ => Some("\\".to_owned()),
    }
}

/// Whether `c` is an ideograph whose second byte in GBK is A1 or A3, of which marks are made.
fn ends_with_mark_byte(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, _) = GBK.encode(c.encode_utf8(&mut buffer));
    is_ideograph(c) && matches!(bytes[..], [_, 0xA1 | 0xA3])
}
