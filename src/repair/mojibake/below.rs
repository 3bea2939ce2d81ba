//! What is below the outermost of several layers.
//!
//! A single-byte decoder loses nothing of UTF-8. So where one read what was damaged before, its
//! layer is peeled off the whole text without a search, and what comes to light is repaired as
//! a text of its own: with all that is known of losses, flavours and neighbouring lines there,
//! and in a hundredth of the time that a search through both layers takes.
//!
//! ```text
//! é ” ›           as windows-1252: E9 94 9B         锛, which lost the byte behind it
//! ```

use crate::edit::{self, Bits, Origins};
use crate::repair::transcode::{Layer, MAX_LAYERS, Transcoder, peel};
use crate::repair::{Draft, Memory, Options, Repaired, run_stages};

/// Repairs what is below the outermost of several layers, as a text of its own that was `peeled` so
/// often; nothing if that is no damage, or none that can be repaired.
pub fn repair(text: &str, layer: Layer, options: &Options, peeled: usize) -> Option<Repaired> {
    if peeled == MAX_LAYERS {
        return None;
    }
    let mut memory = Memory { peeled, ..Memory::default() };
    let peeled = peel(text, layer);
    if peeled.is_empty() {
        return None;
    }
    let below = edit::apply(text, &peeled);
    let (Draft { edits, .. }, mut findings) = run_stages(&below, options, &mut memory);
    let origins = Origins::new(&peeled);
    for finding in &mut findings {
        finding.range = origins.of(finding.range.clone());
        finding.before = text[finding.range.clone()].to_owned();
    }
    let mut edits = edit::compose(text, peeled, edits);
    // nothing speaks for what was peeled off alone: if it is damage, it is so by itself
    edits.retain(|edit| edit.bits > Bits(0));
    // a few characters are told by the way that the others came, and by that alone
    let known: Vec<_> = memory.known.iter().filter_map(|path| path.below(layer)).collect();
    let short = Transcoder::new(text, options, &known).short_spans(&edits);
    edits.extend(short);
    edits.sort_by_key(|edit| edit.range.start);
    (!edits.is_empty()).then_some(Repaired { edits, findings })
}
