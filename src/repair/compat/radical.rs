//! Radicals (U+2E80..=U+2FD5) in place of ordinary characters.
//!
//! Fonts draw ⼀ and 一 with one glyph, and a PDF reader that maps the glyph back
//! may give either: `为⼈⼯智能提供算⼒`. Some give both: `⾃自定义`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::edit;
use super::radical_table::{is_part, ordinary};
use crate::edit::{Bits, Edit};
use crate::model;
use crate::script::{is_cjk_punctuation, is_han_or_kana, is_simplified, neighbours, only_char};

/// Words that make a line one about radicals, where they are meant as radicals.
const SUBJECT: [&str; 10] =
    ["部首", "偏旁", "字旁", "字头", "康熙字", "康熙部", "Radical", "radical", "U+2E", "U+2F"];

/// A run of at least so many radicals in the order of their code points is a list of them.
const LIST: usize = 4;

/// What a character costs behind another in a word that is often written, at most.
const COMMON: Bits = Bits::whole(9);

/// Radicals that touch no running text are folded once so many others of the
/// document were: one or two may be examples in an otherwise clean document.
const EVIDENCE: usize = 3;

/// Appends the edits that fold radicals of `text` into ordinary characters.
pub(super) fn repair(text: &str, out: &mut Vec<Edit>) {
    let sites = sites(text);
    let attached = sites.iter().filter(|site| site.attached).count();
    let simplified = sites.iter().any(|site| site.radical == '⼾') && is_simplified(text);
    for site in sites {
        if !site.attached && attached < EVIDENCE {
            continue;
        }
        let Some(target) = target(site.radical, simplified) else { continue };
        let range = doubled(text, &site, target);
        out.push(edit(text, range, target.encode_utf8(&mut [0; 4]), "fold-radical"));
    }
}

/// A radical that may stand for an ordinary character.
struct Site {
    at: usize,
    radical: char,
    /// Whether it is part of running text, not alone between marks or blanks.
    attached: bool,
}

/// The range that the ordinary character replaces: the radical, with the
/// ordinary character after it where a PDF gave both (`⾃自定义`).
///
/// It cannot be a reduplicated word: one font gives the same code point twice.
fn doubled(text: &str, site: &Site, target: char) -> Range<usize> {
    let end = site.at + site.radical.len_utf8();
    let end = if text[end..].starts_with(target) { end + target.len_utf8() } else { end };
    site.at..end
}

/// What a radical stands for in running text.
fn target(radical: char, simplified: bool) -> Option<char> {
    match radical {
        // Unicode equates these with 戶 and 靑, the forms of the dictionary they
        // are named after; fonts of today share the glyphs of 户 and 青
        '⼾' if simplified => Some('户'),
        '⾭' => Some('青'),
        _ => ordinary(radical),
    }
}

fn is_radical(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2EF3}' | '\u{2F00}'..='\u{2FD5}')
}

/// An ideographic description character: what follows describes a character by its parts.
fn is_description(c: char) -> bool {
    matches!(c, '\u{2FF0}'..='\u{2FFF}' | '\u{31EF}')
}

fn sites(text: &str) -> Vec<Site> {
    let mut sites = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        if line.chars().any(is_radical) {
            sites_of_line(line, from, &mut sites);
        }
        from += line.len();
    }
    sites
}

fn sites_of_line(line: &str, from: usize, sites: &mut Vec<Site>) {
    let parts = line.chars().filter(|&c| is_part(c)).count();
    if parts > 1 || SUBJECT.iter().any(|word| line.contains(word)) {
        return;
    }
    let stretches = stretches(line);
    // beside text of at least two characters a radical alone may be a word: `第 ⼀ 章`
    let beside_text = stretches.iter().any(|stretch| is_running_text(stretch));
    let glosses = lone_characters(line);
    let all = line.trim().len();
    let is_glossed = |&(_, c): &(usize, char)| ordinary(c).is_some_and(|c| glosses.contains(&c));
    for stretch in stretches {
        if stretch.iter().any(|&(_, c)| is_part(c) || is_description(c)) || is_list(&stretch) {
            continue;
        }
        let mut attached = is_running_text(&stretch) || is_heading(&stretch, all);
        if !attached {
            if !beside_text || stretch.iter().any(is_glossed) {
                continue;
            }
            let Some(touches_mark) = bare(line, &stretch) else { continue };
            // a word of its own, as `⽽⽣` in `属性”⽽⽣。`
            attached = touches_mark && stretch.len() > 1;
        }
        let radicals = stretch.iter().filter(|(_, c)| is_radical(*c));
        sites.extend(radicals.map(|&(at, radical)| Site { at: from + at, radical, attached }));
    }
}

/// The maximal runs of ideographs, kana, radicals and description characters of a line.
fn stretches(line: &str) -> Vec<Vec<(usize, char)>> {
    let belongs = |c| is_han_or_kana(c) || is_radical(c) || is_description(c);
    let mut stretches = Vec::new();
    let mut stretch = Vec::new();
    for (at, c) in line.char_indices() {
        if belongs(c) {
            stretch.push((at, c));
        } else if !stretch.is_empty() {
            stretches.push(std::mem::take(&mut stretch));
        }
    }
    stretches.push(stretch);
    stretches
}

/// Whether a stretch is text: it holds a letter that is not just the meaning of
/// the radical beside it, as in the entry `⼏几` of a list.
fn is_running_text(stretch: &[(usize, char)]) -> bool {
    let letters = stretch.iter().filter(|(_, c)| is_han_or_kana(*c)).count();
    match stretch {
        [(_, one), (_, two)] => {
            letters > 0 && ordinary(*one) != Some(*two) && ordinary(*two) != Some(*one)
        }
        _ => letters > 0 && stretch.len() > 1,
    }
}

/// Whether a stretch is all of its line, so many bytes, and a word that is often written: `⽤⼾`, a
/// heading.
fn is_heading(stretch: &[(usize, char)], all: usize) -> bool {
    let [(start, _), .., (last, c)] = stretch else { return false };
    let is_common = |pair: &[(usize, char)]| {
        let (Some(one), Some(next)) = (target(pair[0].1, true), target(pair[1].1, true)) else {
            return false;
        };
        model::cost(one, next) <= COMMON
    };
    last + c.len_utf8() - start == all && stretch.windows(2).all(is_common)
}

/// Whether a stretch holds radicals in the order of their code points.
fn is_list(stretch: &[(usize, char)]) -> bool {
    let ascending = |run: &[(usize, char)]| {
        run.iter().all(|(_, c)| is_radical(*c)) && run.is_sorted_by(|one, two| one.1 < two.1)
    };
    stretch.windows(LIST).any(ascending)
}

/// Whether a stretch that stands between blanks, digits and marks of a sentence touches
/// a CJK mark; `None` where it is an entry of a table, between quotes, tabs or bars.
fn bare(line: &str, stretch: &[(usize, char)]) -> Option<bool> {
    let (&(start, _), &(last, c)) = (stretch.first()?, stretch.last()?);
    let (before, after) = neighbours(line, start, last + c.len_utf8());
    let is_mark = |c: char| is_cjk_punctuation(c) && !"《》「」『』【】〈〉｜".contains(c);
    let is_bare = |c: Option<char>| {
        c.is_none_or(|c| {
            is_mark(c) || c.is_whitespace() && c != '\t' || c.is_ascii_digit() || "()".contains(c)
        })
    };
    let touches_mark = before.into_iter().chain(after).any(is_mark);
    let left = is_bare(before) || before == Some('”');
    let right = is_bare(after) || after == Some('“');
    (left && right).then_some(touches_mark)
}

/// The characters that stand alone on a line: in `⼀ 一 U+4E00` they gloss its radicals.
fn lone_characters(line: &str) -> BTreeSet<char> {
    line.split_whitespace().filter_map(only_char).collect()
}
