//! The outermost of several layers, undone by itself where it lost nothing.

use std::iter;
use std::ops::Range;

use super::candidates::Candidate;
use super::path::{Layer, Path, variants};
use crate::codec::{Codec, Decoder, Flavour, Table};
use crate::edit::{Edit, Kind};
use crate::segment::Suspect;

/// Characters below a layer that are read by themselves. That fewer are damage of one more layer
/// speaks for them, too: `ΓÇó╨à` is 平, and the `•Е` below it alone would not be.
const ENOUGH: usize = 16;

/// The outermost layer of the likeliest path, if that has several and this one loses nothing.
pub fn outermost(candidates: &[Candidate]) -> Option<Layer> {
    let [outer, _, ..] = *candidates.first()?.path.layers() else { return None };
    let Layer { wrong, truth } = outer;
    let loses_nothing = !wrong.table().is_double_byte() && wrong.conversion.is_none();
    (truth == Codec::Utf8 && loses_nothing).then_some(outer)
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

/// Whether all of a suspect can be peeled off and enough comes to light to be read by itself, so that
/// no search through all layers tells more.
pub fn leaves_enough(text: &str, suspect: &Suspect, layer: Layer) -> bool {
    let core = &text[suspect.core.clone()];
    let peeled = peel(core, layer);
    let length: usize = peeled.iter().map(|edit| edit.range.len()).sum();
    let is_whole = length == core.bytes().filter(|byte| !byte.is_ascii()).count();
    is_whole && peeled.len() >= ENOUGH
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
