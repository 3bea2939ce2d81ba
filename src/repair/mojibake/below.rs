//! What is below the outermost of several layers.
//!
//! A single-byte decoder loses nothing of UTF-8. So where one read what was damaged before, its
//! layer is peeled off the whole text without a search, and what comes to light is repaired as
//! a text of its own: with all that is known of losses, flavours and neighbouring lines there,
//! and without a search through both layers.
//!
//! ```text
//! é ” ›           as windows-1252: E9 94 9B         锛, which lost the byte behind it
//! ```

use super::leave_quotations;
use crate::edit::Bits;
use crate::repair::transcode::{Layer, Transcoder, peel};
use crate::repair::{Draft, Memory, Options, Repaired, run_stages};

/// Layers that are peeled off a text one after the other, at most: as many as the worst damage has that
/// is met. What is below them is searched through all layers that are left.
const MAX_PEELED: usize = 4;

/// Repairs what is below the outermost of several layers, as a text of its own that was `peeled` so
/// often; nothing if that is no damage, or none that can be repaired.
pub fn repair(text: &str, layer: Layer, options: &Options, peeled: usize) -> Option<Repaired> {
    if peeled == MAX_PEELED {
        return None;
    }
    let mut draft = Draft::new(text);
    if !draft.add(peel(text, layer)) {
        return None;
    }
    let mut memory = Memory::default();
    let (Draft { edits, .. }, findings) = run_stages(&draft.result, options, &mut memory, peeled);
    let findings = draft.origins(findings).collect();
    draft.add(edits);
    let mut edits = draft.edits;
    // nothing speaks for what was peeled off alone: if it is damage, it is so by itself
    edits.retain(|edit| edit.bits > Bits(0));
    // a few characters are told by the way that the others came, and by that alone
    let known: Vec<_> = memory.known.iter().filter_map(|path| path.under(layer)).collect();
    let short = Transcoder::new(text, options, &known).short_spans(&edits);
    edits.extend(short);
    edits.sort_by_key(|edit| edit.range.start);
    let mut repaired = Repaired { edits, findings };
    leave_quotations(text, &mut repaired);
    (!repaired.edits.is_empty()).then_some(repaired)
}
