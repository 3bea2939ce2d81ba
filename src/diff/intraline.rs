//! Each change with a window of its line, for reading on a terminal.
//!
//! A Chinese paragraph is one line of thousands of characters, so lines are
//! never shown whole:
//!
//! ```text
//! notes.txt:3:15 transcode exact +85.3 bits encode(gbk) decode(utf-8)
//!   - …请输入鐢ㄦ埛鍚嶆垨，然后按回车…
//!   + …请输入用户名，然后按回车…
//! ```

use std::io::{self, Write};

use anstyle::{Effects, Style};

use crate::edit::{Bits, Edit};
use crate::report::Report;
use crate::report::text::{Palette, elided, visible};

/// Code points of unchanged text shown on either side of a change.
const CONTEXT: usize = 16;
/// Code points of input after which a window ends, however near the next change is.
const WINDOW: usize = 72;

/// Writes the edits of a document.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report<'_>, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(color);
    let mut places = report.places();
    let mut edits = report.edits;
    while !edits.is_empty() {
        let (window, rest) = edits.split_at(window_length(&report.decoded.text, edits));
        let place = places.at(window[0].range.start);
        let path = palette.path;
        let name = visible(report.path);
        write!(out, "{path}{name}{path:#}:{}:{}", place.line, place.column)?;
        write_evidence(window, &palette, out)?;
        write_side(Side::Before, &report.decoded.text, window, &palette, out)?;
        write_side(Side::After, &report.decoded.text, window, &palette, out)?;
        edits = rest;
    }
    Ok(())
}

/// How many of the first edits share a window: near each other, on one line, and not too long.
fn window_length(text: &str, edits: &[Edit]) -> usize {
    let mut length = edits[0].range.len();
    for (index, (one, next)) in edits.iter().zip(&edits[1..]).enumerate() {
        let gap = &text[one.range.end..next.range.start];
        // bytes bound the code points, so a long gap is not counted
        let near = gap.len() <= 4 * 2 * CONTEXT && gap.chars().count() <= 2 * CONTEXT;
        length += gap.chars().count() + next.before.chars().count();
        if !near || gap.contains('\n') || length > WINDOW {
            return index + 1;
        }
    }
    edits.len()
}

/// Writes, for each kind of change in a window, how often it is there and what speaks for it.
fn write_evidence(window: &[Edit], palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let alike = |one: &&Edit, other: &&Edit| {
        (one.kind, one.safety, &one.steps) == (other.kind, other.safety, &other.steps)
    };
    let mut told: Vec<&Edit> = Vec::new();
    for edit in window {
        if told.iter().any(|other| alike(&edit, other)) {
            continue;
        }
        told.push(edit);
        let same = || window.iter().filter(|other| alike(&edit, other));
        let note = palette.note;
        write!(out, "{} {note}{}{note:#}", if told.len() > 1 { ";" } else { "" }, edit.kind)?;
        if same().count() > 1 {
            write!(out, " ×{}", same().count())?;
        }
        write!(out, " {}", edit.safety.name())?;
        let bits = Bits(same().map(|edit| edit.bits.0).sum());
        if bits != Bits(0) {
            write!(out, " {bits} bits")?;
        }
        for step in edit.steps.iter() {
            write!(out, " {step}")?;
        }
    }
    writeln!(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Writes one side of a window: context, changes, and what stands between them.
fn write_side(
    side: Side,
    text: &str,
    window: &[Edit],
    palette: &Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (sign, style) = match side {
        Side::Before => ('-', palette.before),
        Side::After => ('+', palette.after),
    };
    let changed = emphasised(style);
    let (first, last) = (&window[0], &window[window.len() - 1]);
    write!(out, "  {style}{sign}{style:#} {}", context_before(&text[..first.range.start]))?;
    let mut at = first.range.start;
    for edit in window {
        write!(out, "{}", visible(&text[at..edit.range.start]))?;
        let shown = if side == Side::Before { &edit.before } else { &edit.after };
        write!(out, "{changed}{}{changed:#}", elided(shown))?;
        at = edit.range.end;
    }
    writeln!(out, "{}", context_after(&text[last.range.end..]))
}

/// The style of what changed; without colours nothing marks it but the other line.
fn emphasised(style: Style) -> Style {
    if style.is_plain() { style } else { style.effects(Effects::BOLD) }
}

/// The end of the line that ends here.
fn context_before(text: &str) -> String {
    let start = text.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    match text[start..].rfind('\n') {
        Some(newline) => visible(&text[start + newline + 1..]).into_owned(),
        None if start == 0 => visible(text).into_owned(),
        None => format!("…{}", visible(&text[start..])),
    }
}

/// The start of the line that goes on here.
fn context_after(text: &str) -> String {
    let end = text.char_indices().nth(CONTEXT).map_or(text.len(), |(at, _)| at);
    match text[..end].find('\n') {
        Some(newline) => visible(text[..newline].trim_end_matches('\r')).into_owned(),
        None if end == text.len() => visible(text).into_owned(),
        None => format!("{}…", visible(&text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Options, decode};
    use crate::report::place::Place;
    use crate::report::tests::edit;

    fn view(text: &str, edits: &[Edit]) -> String {
        let mut out = Vec::new();
        let decoded = decode(text.as_bytes(), &Options::default()).unwrap();
        let start = Place::default();
        let report =
            Report { path: "a.txt", decoded: &decoded, offset: 0, start, edits, findings: &[] };
        write(&report, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_in_a_long_line_is_shown_in_a_window() {
        let text = format!("标题\n{}鐢ㄦ埛鍚�{}\n", "前".repeat(2000), "后".repeat(2000));
        let shown = view(&text, &[edit(&text, "鐢ㄦ埛鍚�", "用户名")]);
        let (before, after) = ("前".repeat(CONTEXT), "后".repeat(CONTEXT));
        assert_eq!(
            shown,
            format!(
                "a.txt:2:2001 transcode exact 40.0 bits encode(gbk) decode(utf-8)\n  \
                 - …{before}鐢ㄦ埛鍚�{after}…\n  + …{before}用户名{after}…\n"
            )
        );
    }

    #[test]
    fn near_changes_share_a_window_and_lines_do_not() {
        let text = "甲乙丙丁\r\n戊己庚辛";
        let edits = [edit(text, "乙", "B"), edit(text, "丁", "D"), edit(text, "戊", "E")];
        assert_eq!(
            view(text, &edits),
            "a.txt:1:2 transcode ×2 exact 80.0 bits encode(gbk) decode(utf-8)\n  \
             - 甲乙丙丁\n  + 甲B丙D\n\
             a.txt:2:1 transcode exact 40.0 bits encode(gbk) decode(utf-8)\n  \
             - 戊己庚辛\n  + E己庚辛\n"
        );
    }

    #[test]
    fn dense_changes_do_not_make_an_endless_window() {
        let text = "門口".repeat(200);
        let edits: Vec<_> = text
            .match_indices('門')
            .map(|(start, before)| Edit {
                range: start..start + before.len(),
                ..edit(&text, before, "门")
            })
            .collect();
        let shown = view(&text, &edits);
        assert!(shown.lines().all(|line| line.chars().count() < WINDOW + 2 * CONTEXT + 20));
        assert_eq!(shown.matches('门').count(), 200);
    }
}
