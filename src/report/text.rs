//! `path:line:col kind before → after`, one line for each edit and finding.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Format, Item, Report};
use crate::script::is_private_use;

/// Characters of a `before` or `after` that are shown, escapes written out; the middle of a
/// longer one is left out.
const SHOWN: usize = 48;

/// Lines for people and for `grep`.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Whether lines are coloured.
    pub color: bool,
}

/// The colours of the line report and of the intraline view.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    /// Paths.
    pub path: Style,
    /// Kinds of damage, and other side notes.
    pub note: Style,
    /// What is taken out.
    pub before: Style,
    /// What is put in.
    pub after: Style,
}

impl Palette {
    /// The colours, or none.
    pub fn new(color: bool) -> Palette {
        if !color {
            return Palette::default();
        }
        Palette {
            path: AnsiColor::Magenta.on_default(),
            note: AnsiColor::Cyan.on_default(),
            before: AnsiColor::Red.on_default(),
            after: AnsiColor::Green.on_default(),
        }
    }
}

impl Format for Text {
    fn document(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Palette { path, note, before, after } = Palette::new(self.color);
        let mut places = report.places();
        let name = visible(report.path);
        for item in report.items() {
            let place = places.at(item.range().start);
            write!(out, "{path}{name}{path:#}:{}:{} ", place.line, place.column)?;
            write!(out, "{note}{}{note:#} ", item.kind())?;
            write!(out, "{before}{}{before:#}", elided(item.before()))?;
            match item {
                Item::Edit(edit) => writeln!(out, " → {after}{}{after:#}", elided(&edit.after))?,
                Item::Finding(finding) => writeln!(out, ": {}", finding.message)?,
            }
        }
        Ok(())
    }
}

/// The text made visible, and its middle left out where it is long.
pub fn elided(text: &str) -> String {
    // every character is shown as one or more, so that more are never looked at
    let fits = text.chars().nth(SHOWN).is_none() && visible(text).chars().count() <= SHOWN;
    if fits {
        return visible(text).into_owned();
    }
    let head = shown_in_half(text.chars());
    let tail = text.len() - shown_in_half(text.chars().rev());
    format!("{}…{}", visible(&text[..head]), visible(&text[tail..]))
}

/// The bytes of the first characters that take half of what is shown.
fn shown_in_half(characters: impl Iterator<Item = char>) -> usize {
    let widths = characters.scan(0, |shown, character| {
        *shown += visible(character.encode_utf8(&mut [0; 4])).chars().count();
        (*shown <= SHOWN / 2).then(|| character.len_utf8())
    });
    widths.sum()
}

/// The text with everything that cannot be seen, or would steer a terminal, as an escape.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_invisible(character) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            }
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Controls, private use, and format characters that have no shape or change direction.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || is_private_use(character)
        || matches!(character,
            '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::rendered;

    #[test]
    fn one_line_for_each_edit_and_finding() {
        assert_eq!(
            rendered(&Text { color: false }),
            "目录/a b.txt:2:6 transcode 鐢ㄦ埛鍚� → 用户名\n\
             目录/a b.txt:2:15 compat \\u{e004}: private-use character of unknown meaning\n"
        );
    }

    #[test]
    fn long_texts_lose_their_middle() {
        let long = "一".repeat(1000) + "\n" + &"二".repeat(1000);
        let shown = elided(&long);
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.starts_with('一') && shown.contains('…') && shown.ends_with('二'));
        assert_eq!(elided("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
        let escapes = elided(&"\u{e004}".repeat(40));
        assert_eq!(escapes, "\\u{e004}".repeat(3) + "…" + &"\\u{e004}".repeat(3));
    }
}
