//! The outermost of several layers, undone by itself where it lost nothing.

use std::iter;
use std::ops::Range;

use super::path::{Layer, Path, variants};
use super::suspect::widened;
use crate::codec::{Codec, Decoder, Flavour, Incremental, Pushed, Scraped, Table};
use crate::edit::{self, Edit, Kind};
use crate::segment::Suspect;

/// Characters on each side of a suspect that are looked at to see whether it can be peeled off whole.
const NEAR: usize = 256;
/// Characters below a layer, at least, that are read by themselves.
const ENOUGH: usize = 12;
/// The byte that scrapers make a blank of, and the one that they take out as a soft hyphen: the last
/// ones of à and í in UTF-8.
const BYTE_OF_SPACE: u8 = 0xA0;
const BYTE_OF_HYPHEN: u8 = 0xAD;
/// The bytes that they take out as C1 controls, the first and the last.
const BYTES_OF_CONTROLS: [u8; 2] = [0x80, 0x9F];

/// The outermost layer of a path, if that has several and this one loses nothing.
pub fn outermost(path: &Path) -> Option<Layer> {
    lossless(path).next()
}

/// The layers above the innermost one of a path, up to one that may lose something.
fn lossless(path: &Path) -> impl Iterator<Item = Layer> {
    let (_, above) = path.layers().split_last().expect("a path has a layer");
    let loses_nothing = |&(nth, Layer { wrong, truth }): &(usize, Layer)| {
        let is_single_byte = !wrong.table().is_double_byte() && wrong.conversion.is_none();
        // what GBK made of UTF-8 may have been saved as GBK, of which E7 94 3F is left of 用
        let is_saved = nth == 0 && truth == Codec::Gbk;
        (truth == Codec::Utf8 || is_saved) && is_single_byte
    };
    above.iter().copied().enumerate().take_while(loses_nothing).map(|(_, layer)| layer)
}

/// Why a stretch of text is not peeled.
#[derive(PartialEq, Eq)]
enum Kept {
    /// The layer did not damage all of it.
    Torn,
    /// A scraper took bytes out of it that may have been any of several.
    Scraped,
}

/// The edits that take a layer off a text, one a character, wherever all that stands between ASCII
/// or other characters was damaged by it or by a variant: `ï` alone may have been read as any.
///
/// There are none where controls went missing: of 十 (E5 8D 81) `Ã¥ÂÂ` is left, which tells that there
/// were two, as the `å` below does not.
pub fn peel(text: &str, layer: Layer) -> Vec<Edit> {
    let others = variants(layer.wrong.codec).iter().map(|&codec| Decoder::new(codec, Flavour::WEB));
    let layers: Vec<(Layer, Scraped)> = iter::once(layer.wrong)
        .chain(others.filter(|other| *other != layer.wrong))
        .map(|wrong| (Layer { wrong, ..layer }, scraped(text, wrong, layer.truth)))
        .collect();
    let mut edits = Vec::new();
    let is_shown = |c: char| {
        layers.iter().any(|(layer, _)| byte_beyond_ascii(layer.wrong.table(), c).is_some())
    };
    let mut start = None;
    for (at, character) in text.char_indices().chain(iter::once((text.len(), '\n'))) {
        if is_shown(character) {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            match undo_any(text, start..at, &layers) {
                Ok(undone) => edits.extend(undone),
                Err(Kept::Torn) => {}
                Err(Kept::Scraped) => return vec![],
            }
        }
    }
    edits
}

/// What a scraper may have taken out of a text; of pairs, nothing tells which byte a half has lost.
fn scraped(text: &str, wrong: Decoder, truth: Codec) -> Scraped {
    match truth {
        Codec::Utf8 => Scraped::possible(text, wrong.table()),
        _ => Scraped::NOTHING,
    }
}

/// Whether the layers of a path that lose nothing can be peeled off all of a suspect, with what goes
/// on beside it, and what is below is to be read by itself. Of a few characters that lost nothing, a
/// search through all layers tells more: `ΓÇó╨à` is 平, and the `•Е` below it alone would not be.
pub fn is_read_below(text: &str, Suspect { core, .. }: &Suspect, path: &Path) -> bool {
    let mut layers = lossless(path).peekable();
    let Some(outermost) = layers.peek().copied() else { return false };
    let is_shown = |c| byte_beyond_ascii(outermost.wrong.table(), c).is_some();
    let mut below = text[widened(text, core.clone(), 0, NEAR, is_shown)].to_owned();
    for layer in layers {
        let peeled = peel(&below, layer);
        let length: usize = peeled.iter().map(|edit| edit.range.len()).sum();
        if length < below.bytes().filter(|byte| !byte.is_ascii()).count() {
            return false;
        }
        below = edit::apply(&below, &peeled);
    }
    let characters = below.chars().filter(|c| !c.is_ascii()).count();
    characters >= ENOUGH || below.contains(char::REPLACEMENT_CHARACTER)
}

/// The one byte that a character beyond ASCII is in a single-byte codec.
fn byte_beyond_ascii(table: &Table, character: char) -> Option<u8> {
    let [byte] = table.only_code_of::<1>(character)?;
    (!byte.is_ascii()).then_some(byte)
}

/// The edits that undo the first layer over a stretch of a text that can be the one; the first of all
/// tells why, if there is none.
fn undo_any(
    text: &str,
    stretch: Range<usize>,
    layers: &[(Layer, Scraped)],
) -> Result<Vec<Edit>, Kept> {
    let mut undone = layers.iter().map(|(layer, scraped)| undo(text, &stretch, layer, *scraped));
    let first = undone.next().unwrap_or(Err(Kept::Torn));
    first.or_else(|kept| undone.find_map(Result::ok).ok_or(kept))
}

/// The edits that undo a layer over a stretch of a text, if all of that was damaged by it and then
/// `scraped`.
fn undo(
    text: &str,
    stretch: &Range<usize>,
    layer: &Layer,
    scraped: Scraped,
) -> Result<Vec<Edit>, Kept> {
    let table = layer.wrong.table();
    let steps = Path::new(vec![*layer]).steps();
    let edit = |range: Range<usize>, after: String| {
        Edit::new(text, range, after, Kind::Transcode, steps.clone())
    };
    let mut edits = Vec::new();
    let (mut begun, mut start) = (Incremental::default(), stretch.start);
    for (at, symbol) in text[stretch.clone()].char_indices() {
        let at = stretch.start + at;
        let byte = byte_beyond_ascii(table, symbol).ok_or(Kept::Torn)?;
        let mut pushed = begun.push(layer.truth, byte);
        if pushed == Pushed::Invalid && !begun.is_empty() {
            edits.push(edit(start..at, without_last(begun, scraped)?));
            begun = Incremental::default();
            pushed = begun.push(layer.truth, byte);
        }
        if begun.is_empty() {
            start = at;
        }
        begun = match pushed {
            Pushed::Pending(more) => more,
            Pushed::Char(character) => {
                edits.push(edit(start..at + symbol.len_utf8(), character.into()));
                Incremental::default()
            }
            Pushed::Invalid => return Err(Kept::Torn),
        };
    }
    if begun.is_empty() {
        return Ok(edits);
    }
    // a pair may end with a letter: of 名A, 8D41 is 岮 to GBK
    if let Some(next) = text[stretch.end..].chars().next().filter(char::is_ascii)
        && layer.truth != Codec::Utf8
        && let Pushed::Char(character) = begun.push(layer.truth, next as u8)
    {
        edits.push(edit(start..stretch.end + next.len_utf8(), character.into()));
        return Ok(edits);
    }
    let is_before_blank = scraped.spaces && text[stretch.end..].starts_with(' ');
    edits.push(match begun.push(layer.truth, BYTE_OF_SPACE) {
        Pushed::Char(character) if is_before_blank => {
            edit(start..stretch.end + ' '.len_utf8(), character.into())
        }
        _ => edit(start..stretch.end, without_last(begun, scraped)?),
    });
    Ok(edits)
}

/// A character of which the last byte was scraped, if that can only be a soft hyphen.
fn without_last(begun: Incremental, scraped: Scraped) -> Result<String, Kept> {
    let ended = |byte| match begun.push(Codec::Utf8, byte) {
        Pushed::Char(character) => Some(character),
        _ => None,
    };
    // any byte that goes on a character of UTF-8 goes it on like all others
    if scraped.controls && BYTES_OF_CONTROLS.iter().any(|&byte| ended(byte).is_some()) {
        return Err(Kept::Scraped);
    }
    let hyphen = ended(BYTE_OF_HYPHEN).filter(|_| scraped.hyphens);
    hyphen.map(String::from).ok_or(Kept::Torn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is below windows-1252 in a text.
    fn below(text: &str) -> String {
        let wrong = Decoder::new(Codec::Cp1252, Flavour::WEB);
        edit::apply(text, &peel(text, Layer { wrong, truth: Codec::Utf8 }))
    }

    #[test]
    fn what_was_saved_as_gbk_comes_back_as_far_as_it_is_whole() {
        let wrong = Decoder::new(Codec::Latin1, Flavour::WEB);
        let layer = Layer { wrong, truth: Codec::Gbk };
        let saved = |text: &str| edit::apply(text, &peel(text, layer));
        // 名A is E590 8D41, and 用 before a blank that went down E794 and a question mark
        let read = wrong.decode(b"\xE5\x90\x8DA \xE7\x94?");
        assert_eq!(saved(&read), "鍚岮 鐢?");
        // half a pair is none, before a blank as well
        let read = wrong.decode(b"\xE7\x94\xA8 \xE7\x94?");
        assert_eq!(saved(&read), "ç\u{94}¨ 鐢?");
    }

    #[test]
    fn what_was_scraped_of_the_layer_comes_back() {
        // ä½ and a no-break space, with a control and a soft hyphen elsewhere
        let kept = "Â\u{81} Â\u{AD} ";
        assert_eq!(below(&format!("{kept}Ã¤Â½Â .")), "\u{81} \u{AD} ä½\u{A0}.");
        // ä¸ and a soft hyphen
        let kept = "Â\u{81} Â\u{A0} ";
        assert_eq!(below(&format!("{kept}Ã¤Â¸Â.")), "\u{81} \u{A0} ä¸\u{AD}.");
        // what is gone may be any control, and so nothing is peeled
        let scraped = "Â\u{A0} Â\u{AD} Ã¥Â.";
        assert_eq!(below(scraped), scraped);
        // of ” (E2 80 9D) the control is gone
        let scraped = "Ã§â€Â·Ã¥Â»Âº";
        assert_eq!(below(scraped), scraped);
        // nothing is gone
        let kept = "Â\u{81} Â\u{A0} Â\u{AD} ";
        assert_eq!(below(&format!("{kept}Ã¥Â.")), "\u{81} \u{A0} \u{AD} Ã¥Â.");
    }
}
