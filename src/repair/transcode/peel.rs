//! The outermost of several layers, undone by itself where it lost nothing.

use std::iter;
use std::ops::Range;

use super::path::{Layer, Path, variants};
use super::suspect::widened;
use crate::codec::{Codec, Decoder, Flavour, Table};
use crate::edit::{self, Edit, Kind};
use crate::segment::Suspect;

/// Characters on each side of a suspect that are looked at to see whether it can be peeled off whole.
const NEAR: usize = 256;
/// Characters below a layer, at least, that are read by themselves.
const ENOUGH: usize = 12;

/// The outermost layer of a path, if that has several and this one loses nothing.
pub fn outermost(path: &Path) -> Option<Layer> {
    lossless(path).next()
}

/// The layers above the innermost one of a path, up to one that may lose something.
fn lossless(path: &Path) -> impl Iterator<Item = Layer> {
    let (_, above) = path.layers().split_last().expect("a path has a layer");
    let loses_nothing = |Layer { wrong, truth }: &Layer| {
        let is_single_byte = !wrong.table().is_double_byte() && wrong.conversion.is_none();
        *truth == Codec::Utf8 && is_single_byte
    };
    above.iter().copied().take_while(loses_nothing)
}

/// The edits that take a layer off a text, one a character, wherever all that stands between ASCII
/// or other characters was damaged by it or by a variant: `ï` alone may have been read as any.
pub fn peel(text: &str, layer: Layer) -> Vec<Edit> {
    let others = variants(layer.wrong.codec).iter().map(|&codec| Decoder::new(codec, Flavour::Web));
    let layers: Vec<Layer> = iter::once(layer.wrong)
        .chain(others.filter(|other| *other != layer.wrong))
        .map(|wrong| Layer { wrong, ..layer })
        .collect();
    let mut edits = Vec::new();
    let is_shown =
        |c: char| layers.iter().any(|layer| byte_beyond_ascii(layer.wrong.table(), c).is_some());
    let mut start = None;
    for (at, character) in text.char_indices().chain(iter::once((text.len(), '\n'))) {
        if is_shown(character) {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            let undone = layers.iter().find_map(|layer| undo(text, start..at, layer));
            edits.extend(undone.into_iter().flatten());
        }
    }
    edits
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

/// The edits that undo a layer over a stretch of a text, if all of that was damaged by it.
fn undo(text: &str, stretch: Range<usize>, layer: &Layer) -> Option<Vec<Edit>> {
    let table = layer.wrong.table();
    let symbols = text[stretch.clone()].char_indices().map(|(at, c)| (stretch.start + at, c));
    let (mut starts, bytes): (Vec<usize>, Vec<Option<u8>>) =
        symbols.map(|(at, c)| (at, byte_beyond_ascii(table, c))).unzip();
    starts.push(stretch.end);
    let undone = String::from_utf8(bytes.into_iter().collect::<Option<_>>()?).ok()?;
    let steps = Path::new(vec![*layer]).steps();
    let edit = |(at, character): (usize, char)| {
        let range = starts[at]..starts[at + character.len_utf8()];
        Edit::new(text, range, character, Kind::Transcode, steps.clone())
    };
    Some(undone.char_indices().map(edit).collect())
}
