//! What the gate suspects: text that was decoded with the wrong codec, or that slipped by a byte.
//!
//! Both look alike from outside, and in double-byte codecs either can be read as the other:
//! Korean that slipped by a byte is a row of rare Chinese characters in GBK. So each suspect
//! that the first way leaves in doubt is read the second way, too, which then has priority:
//! half a character off, hardly any text but a slipped one reads well.

mod below;
mod cues;
mod quoted;
mod vanished;

use super::slip::Straightener;
use super::transcode::{Layer, Transcoder, read_through};
use super::{Options, Repaired, Seen, pinyin, remnant};
use crate::edit::{Edit, Finding, Kind};
use crate::segment::{self, Bar, Suspect};

/// Repairs the suspects of `text`, given what was seen of it so far.
pub(super) fn repair(text: &str, options: &Options, seen: &mut Seen) -> Repaired {
    // a layer that can be peeled off ends the reading; where nothing comes of what is below it, all
    // layers are read through
    let layer = match read(text, options, seen, Err) {
        Ok(repaired) => return repaired,
        Err(layer) => layer,
    };
    if let Some(repaired) = below::repair(text, layer, options, seen.peeled + 1) {
        return repaired;
    }
    let Ok(repaired) = read(text, options, seen, read_through);
    repaired
}

/// Repairs the suspects of `text`, with `on_layer` as in [`Transcoder::read`].
///
/// # Errors
///
/// That of `on_layer`.
fn read<E>(
    text: &str,
    options: &Options,
    seen: &mut Seen,
    on_layer: impl Fn(Layer) -> Result<(), E>,
) -> Result<Repaired, E> {
    let mut readers = Readers::new(text, options, seen);
    let mut repaired = Repaired::default();
    let mut suspects = segment::suspects(text, Bar::Unknown);
    let mut end = 0;
    while let Some(suspect) = suspects.next() {
        // the suspect before may have slipped up to the end of the line
        if suspect.core.start < end {
            continue;
        }
        let suspect = suspect.behind(end);
        // what an injector of readings tore beyond repair is no other damage
        if seen.injected && pinyin::is_torn(&text[suspect.span.clone()]) {
            continue;
        }
        let found = readers.read(&suspect, end, &on_layer)?;
        repaired.findings.extend(found.findings);
        let Some(last) = found.edits.last() else { continue };
        end = last.range.end;
        let was_undone = last.kind == Kind::Transcode;
        repaired.edits.extend(found.edits);
        if was_undone && suspects.are_of_next_line() {
            let (edits, next) = readers.read_on(end);
            suspects.skip_to(next);
            repaired.edits.extend(edits);
        }
    }
    if let Some(mut transcoder) = readers.transcoder {
        repaired.edits = transcoder.settle(repaired.edits);
        repaired.edits.extend(transcoder.short_spans(&repaired.edits));
        repaired.edits.sort_by_key(|edit| edit.range.start);
        repaired.edits.extend(transcoder.left_lines(&repaired.edits));
        repaired.edits.sort_by_key(|edit| edit.range.start);
        seen.known = transcoder.into_known();
    }
    leave_quotations(text, &mut repaired);
    repaired.findings.extend(vanished::tell(&mut repaired.edits));
    Ok(repaired)
}

/// The readers of the kinds that are asked for.
struct Readers<'t> {
    transcoder: Option<Transcoder<'t>>,
    straightener: Option<Straightener<'t>>,
}

impl<'t> Readers<'t> {
    fn new(text: &'t str, options: &'t Options, seen: &Seen) -> Readers<'t> {
        let runs = |kind| options.kinds.contains(&kind);
        // what an injector of readings tore is mended as a whole
        let slips = runs(Kind::Slip) && !seen.injected;
        let transcoder = || Transcoder::new(text, options, &seen.known);
        Readers {
            transcoder: runs(Kind::Transcode).then(transcoder),
            straightener: slips.then(|| Straightener::new(text, options.confidence)),
        }
    }

    /// The repair of the next suspect, with `on_layer` as in [`Transcoder::read`]; the one before
    /// ended at `from`.
    ///
    /// # Errors
    ///
    /// That of `on_layer`.
    fn read<E>(
        &mut self,
        suspect: &Suspect,
        from: usize,
        on_layer: impl Fn(Layer) -> Result<(), E>,
    ) -> Result<Repaired, E> {
        let transcoded = match &mut self.transcoder {
            Some(reader) => reader.read(suspect, from, on_layer)?,
            None => None,
        };
        let is_certain = transcoded.as_ref().is_some_and(|repair| repair.is_certain);
        let slipped = match &mut self.straightener {
            Some(reader) if !is_certain => reader.read(suspect),
            _ => Repaired::default(),
        };
        if !slipped.edits.is_empty() {
            return Ok(slipped);
        }
        let Some(transcoder) = &mut self.transcoder else { return Ok(slipped) };
        let Some(transcoded) = transcoded else {
            let edits = remnant::repair(transcoder.text(), &suspect.span);
            return Ok(Repaired { edits, ..slipped });
        };
        let edits = transcoder.take(transcoded);
        self.skip_to(edits.last().map_or(0, |last| last.range.end));
        Ok(Repaired { edits, findings: vec![] })
    }

    /// The repair of the lines behind one that was undone up to `end`, as long as they are
    /// damaged alike, and the start of the first line that is left.
    fn read_on(&mut self, end: usize) -> (Vec<Edit>, usize) {
        let Some(transcoder) = &mut self.transcoder else { return (vec![], end) };
        let (edits, next) = transcoder.read_on(end);
        self.skip_to(next);
        (edits, next)
    }

    fn skip_to(&mut self, end: usize) {
        if let Some(straightener) = &mut self.straightener {
            straightener.skip_to(end);
        }
    }
}

/// Damage that is quoted becomes a finding.
fn leave_quotations(text: &str, repaired: &mut Repaired) {
    if repaired.edits.is_empty() {
        return;
    }
    let mut is_quoted = quoted::quoted(text, &repaired.edits).into_iter();
    let quoted = repaired.edits.extract_if(.., |_| is_quoted.next() == Some(true));
    repaired.findings.extend(quoted.map(|Edit { range, kind, before, .. }| Finding {
        range,
        kind,
        before,
        message: "damaged text that is quoted".into(),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspect_that_another_grew_into_loses_its_context() {
        // what was UTF-16 grows up to `捫，`, which the suspect behind has for context
        let spaces = "\u{2000}".repeat(8);
        let text = format!("\u{230}{spaces}⼀⼀\u{2000}捫，演奏期间把/boo\u{706}");
        let edits = repair(&text, &Options::default(), &mut Seen::default()).edits;
        assert!(edits.is_sorted_by(|one, next| one.range.end <= next.range.start), "{edits:?}");
    }
}
