//! Parts of a text that are left alone on request: Japanese sentences, addresses and code.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use memchr::memmem;

/// A kind of text that does not convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// Sentences and clauses in Japanese, told by their kana.
    Kana,
    /// Addresses: `https://…`, `www.…`.
    Urls,
    /// Code in Markdown: fenced blocks and `inline` spans.
    ///
    /// In inputs so large that they are taken in windows, a block ends with its window.
    Code,
}

/// A name that is no kind of text to keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of text to keep `{0}`, expected one of kana urls code")]
pub struct UnknownKeep(pub String);

impl Keep {
    /// Every kind.
    pub const ALL: [Keep; 3] = [Keep::Kana, Keep::Urls, Keep::Code];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Keep::Kana => "kana",
            Keep::Urls => "urls",
            Keep::Code => "code",
        }
    }

    /// The parts of a text of this kind, in order.
    pub(super) fn find(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Keep::Kana => japanese(text),
            Keep::Urls => addresses(text),
            Keep::Code => code(text),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Keep {
    type Err = UnknownKeep;

    fn from_str(name: &str) -> Result<Keep, UnknownKeep> {
        let known = Keep::ALL.into_iter().find(|keep| keep.name() == name);
        known.ok_or_else(|| UnknownKeep(name.to_owned()))
    }
}

/// Kana that a clause needs to be Japanese: の alone stands in the names of Chinese shops.
const MIN_KANA: usize = 2;
/// A Japanese clause has at least one kana in so many letters; most have one in two.
const KANA_ONE_IN: usize = 5;

/// Clauses in Japanese: what stands between stops, quotation marks, brackets and line ends.
fn japanese(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut clause = Clause::default();
    for (at, c) in text.char_indices() {
        if ends_clause(c) {
            if clause.is_japanese() {
                found.push(start..at);
            }
            clause = Clause::default();
            start = at + c.len_utf8();
        } else {
            clause.add(c);
        }
    }
    if clause.is_japanese() {
        found.push(start..text.len());
    }
    found
}

/// What a clause is written in.
#[derive(Default)]
struct Clause {
    kana: usize,
    /// Kana and ideographs.
    letters: usize,
}

impl Clause {
    fn add(&mut self, c: char) {
        let kana = is_kana(c);
        self.kana += usize::from(kana);
        self.letters += usize::from(kana || is_ideograph(c));
    }

    fn is_japanese(&self) -> bool {
        self.kana >= MIN_KANA && self.kana * KANA_ONE_IN >= self.letters
    }
}

fn ends_clause(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r'
            | '\t'
            | '。'
            | '！'
            | '？'
            | '；'
            | '，'
            | '.'
            | '!'
            | '?'
            | ';'
            | ','
            | '「'
            | '」'
            | '『'
            | '』'
            | '“'
            | '”'
            | '"'
            | '《'
            | '》'
            | '（'
            | '）'
            | '('
            | ')'
            | '【'
            | '】'
            | '['
            | ']'
            | '<'
            | '>'
            | '|'
    )
}

/// Letters only: the middle dot and the long vowel mark also stand in Chinese text.
pub(super) fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ｦ'..='ﾝ')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '㐀'..='鿿' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Addresses, from the scheme or `www.` to where an address cannot go on.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let schemes = memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let scheme = text[..at].bytes().rev().take_while(|b| is_scheme_byte(*b)).count();
        (scheme > 0).then_some((at - scheme, at + "://".len()))
    });
    let hosts = memmem::find_iter(text.as_bytes(), "www.").map(|at| (at, at));
    let mut starts: Vec<_> = schemes.chain(hosts).collect();
    starts.sort_unstable();
    for (start, host) in starts {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let end = host + address_len(&text[host..]);
        if end > host {
            found.push(start..end);
        }
    }
    found
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Bytes of an address behind its scheme.
///
/// In the host nothing but ASCII counts, because Chinese text goes on without a space
/// (`https://example.org的页面`); behind it ideographs do (`…/wiki/漢字`).
fn address_len(text: &str) -> usize {
    let host = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~%:@".contains(c)));
    let host = host.unwrap_or(text.len());
    let path = match text.as_bytes().get(host) {
        Some(b'/' | b'?' | b'#') => {
            let ends = |c: char| {
                c.is_whitespace() || "<>\"'`{}|\\^".contains(c) || !c.is_ascii() && !is_ideograph(c)
            };
            text[host..].find(ends).unwrap_or(text.len() - host)
        }
        _ => 0,
    };
    // the stop behind an address is not of it
    text[..host + path].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']).len()
}

/// Spaces that may stand before a fence; more of them make another kind of code block.
const MAX_INDENT: usize = 3;
/// Characters of a fence.
const MIN_FENCE: usize = 3;

/// Fenced blocks and inline spans, as CommonMark has them.
fn code(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut blocks = Blocks::default();
    // where the block starts, or the paragraph in which inline spans are looked for
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match blocks.line(line) {
            Line::Opens => {
                inline_code(text, start..at, &mut found);
                start = at;
            }
            Line::Closes => {
                found.push(start..end);
                start = end;
            }
            Line::Parts => {
                inline_code(text, start..at, &mut found);
                start = end;
            }
            Line::GoesOn => {}
        }
        at = end;
    }
    if blocks.open.is_some() {
        found.push(start..text.len());
    } else {
        inline_code(text, start..text.len(), &mut found);
    }
    found
}

/// Whether the lines of a text so far end in a block of code.
#[derive(Debug, Default)]
struct Blocks {
    open: Option<Fence>,
}

/// What a line does.
enum Line {
    /// It opens a block.
    Opens,
    /// It closes the block.
    Closes,
    /// It parts paragraphs.
    Parts,
    /// It goes on what is before it.
    GoesOn,
}

impl Blocks {
    /// Takes the next line, with its end.
    fn line(&mut self, line: &str) -> Line {
        match (&self.open, Fence::of(line)) {
            (Some(open), Some(fence)) if fence.closes(open) => {
                self.open = None;
                Line::Closes
            }
            (None, Some(fence)) if fence.may_open => {
                self.open = Some(fence);
                Line::Opens
            }
            (None, _) if line.trim().is_empty() => Line::Parts,
            _ => Line::GoesOn,
        }
    }
}

/// Where a text that grows may be cut so that no code reaches across.
#[derive(Debug, Default)]
pub(super) struct Paragraphs {
    blocks: Blocks,
    /// The end of the last whole line.
    seen: usize,
    /// The last place that is known.
    last: usize,
}

impl Paragraphs {
    /// The last place in a text that was longer by what stands behind `from` than when it was
    /// last asked for; 0 if there is none.
    pub(super) fn last_end(&mut self, text: &str, from: usize) -> usize {
        if let Some(end) = text[from..].rfind('\n') {
            for line in text[self.seen..=from + end].split_inclusive('\n') {
                let start = self.seen;
                self.seen += line.len();
                self.last = match self.blocks.line(line) {
                    Line::Opens => start,
                    Line::Closes | Line::Parts => self.seen,
                    Line::GoesOn => self.last,
                };
            }
        }
        self.last
    }

    /// Takes note that the text is cut at the last place.
    pub(super) fn cut(&mut self) {
        self.seen -= std::mem::take(&mut self.last);
    }
}

/// A line that may open or close a block of code.
#[derive(Debug)]
struct Fence {
    mark: char,
    len: usize,
    /// What stands behind backticks must not hold any to open a block.
    may_open: bool,
    /// Nothing stands behind it.
    may_close: bool,
}

impl Fence {
    fn of(line: &str) -> Option<Fence> {
        let text = line.trim_start_matches(' ');
        let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = text.trim_start_matches(mark);
        let len = text.len() - info.len();
        let fence = Fence {
            mark,
            len,
            may_open: mark == '~' || !info.contains('`'),
            may_close: info.trim().is_empty(),
        };
        (len >= MIN_FENCE && line.len() - text.len() <= MAX_INDENT).then_some(fence)
    }

    fn closes(&self, open: &Fence) -> bool {
        self.may_close && self.mark == open.mark && self.len >= open.len
    }
}

/// Adds the inline spans of one paragraph: from some backticks to as many.
fn inline_code(text: &str, paragraph: Range<usize>, found: &mut Vec<Range<usize>>) {
    let runs = backticks(&text[paragraph.clone()]);
    let mut next = 0;
    while let Some(open) = runs.get(next) {
        let close = runs[next + 1..].iter().position(|run| run.len() == open.len());
        next += 1;
        if let Some(close) = close {
            next += close + 1;
            let close = &runs[next - 1];
            found.push(paragraph.start + open.start..paragraph.start + close.end);
        }
    }
}

/// The runs of backticks of a text.
fn backticks(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'`', text.as_bytes()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(keep: Keep, text: &str) -> Vec<&str> {
        keep.find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn japanese_sentences() {
        let text = "他说：「学校へ行きました」，然后走了。優の良品。東京の天気は晴れです。";
        assert_eq!(kept(Keep::Kana, text), ["学校へ行きました", "東京の天気は晴れです"]);
        assert_eq!(kept(Keep::Kana, "カタカナ"), ["カタカナ"]);
        let chinese = "那家店叫做かな可是里面没有一个人会说日语大家都说中文";
        assert_eq!(kept(Keep::Kana, chinese), [""; 0]);
    }

    #[test]
    fn addresses_end_where_chinese_goes_on() {
        let text = "见https://example.org的页面，和http://example.org/后台?页=里#干。或www.example.org/里)。";
        let addresses =
            ["https://example.org", "http://example.org/后台?页=里#干", "www.example.org/里"];
        assert_eq!(kept(Keep::Urls, text), addresses);
        assert_eq!(kept(Keep::Urls, "a://b.c/x://y ://z http://"), ["a://b.c/x://y"]);
    }

    #[test]
    fn code_of_markdown() {
        let text = "用`后`和``里`干``。\n\n```rust\n// 后\n~~~\n```\n后 `没有\n\n关`\n~~~\n里";
        assert_eq!(
            kept(Keep::Code, text),
            ["`后`", "``里`干``", "```rust\n// 后\n~~~\n```\n", "~~~\n里"]
        );
        assert_eq!(kept(Keep::Code, "    ```\n里"), [""; 0]);
        assert_eq!(kept(Keep::Code, "```后```"), ["```后```"]);
    }

    #[test]
    fn names_are_read_back() {
        assert!(Keep::ALL.into_iter().all(|keep| keep.name().parse() == Ok(keep)));
        let error = "html".parse::<Keep>().unwrap_err().to_string();
        assert_eq!(error, "unknown kind of text to keep `html`, expected one of kana urls code");
    }
}
