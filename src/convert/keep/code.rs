//! Code in Markdown, as CommonMark has it.

use std::ops::Range;

/// Spaces that may stand before a fence; more of them make another kind of code block.
const MAX_INDENT: usize = 3;
/// Characters of a fence.
const MIN_FENCE: usize = 3;

/// Fenced blocks and inline spans, as CommonMark has them.
pub(super) fn code(text: &str) -> Vec<Range<usize>> {
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
pub struct Paragraphs {
    blocks: Blocks,
    /// The end of the last whole line.
    seen: usize,
    /// The last place that is known.
    last: usize,
}

impl Paragraphs {
    /// The last place in a text that was longer by what stands behind `from` than when it was
    /// last asked for; 0 if there is none.
    pub fn last_end(&mut self, text: &str, from: usize) -> usize {
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
    pub fn cut(&mut self) {
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

    fn kept(text: &str) -> Vec<&str> {
        code(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn code_of_markdown() {
        let text = "用`后`和``里`干``。\n\n```rust\n// 后\n~~~\n```\n后 `没有\n\n关`\n~~~\n里";
        assert_eq!(kept(text), ["`后`", "``里`干``", "```rust\n// 后\n~~~\n```\n", "~~~\n里"]);
        assert_eq!(kept("    ```\n里"), [""; 0]);
        assert_eq!(kept("```后```"), ["```后```"]);
    }
}
