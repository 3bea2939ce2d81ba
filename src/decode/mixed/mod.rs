//! Files in several encodings at once: logs, merge conflicts, concatenated pages.
//!
//! Most lines that do not fit the main encoding say by the shape of their bytes what they are in
//! ([`mod@line`]). The others go through a [`lattice`], which finds the likeliest way to read them
//! character by character. The encoding may change between lines at a small cost, beside ASCII at
//! a larger one, and anywhere at the largest. A damaged byte costs less than changing the encoding
//! for it, so a damaged file stays what it is.

mod lattice;
mod line;

use std::ops::Range;

use encoding_rs::WINDOWS_1252;

use super::charset::Charset;
use super::detect;
use super::reading::{Builder, Reading, first_malformed};
use super::sample;
use super::utf8;
use crate::edit::Bits;
use lattice::{Lattice, Start};
use line::{is_weak, line_around, plain, utf8_runs};

/// How much likelier one line must be in another legacy encoding to look at all of them.
const DOUBT: Bits = Bits::whole(32);

/// How many lines are looked at for that.
const DOUBT_LINES: usize = 64;

/// How much likelier than damage to UTF-8 all that reads as other encodings must be together.
///
/// Two ill-formed bytes alone on a line are often a common character: `C0 AF` is 括 in GBK, and
/// worth a few bits; 完成 is worth two dozen. Of pages with one such line, all with what is left
/// of damaged characters stay UTF-8, and of lines in GBK or Big5 19 in 20 are recognised from two
/// characters on, all but a few from three (`cargo bench --bench detect_accuracy`).
const MIXTURE: Bits = Bits::whole(20);

/// ASCII between two lines that are in doubt, over which one still tells of the other.
const GAP: usize = 1024;

/// Stray Western letters are no GBK (`d\xE9j\xE0` is no d閖 and half a character), so the lattice
/// may read them as what they are; they count as damage all the same.
const DECOY: Charset = Charset::Single(WINDOWS_1252);

/// The reading of `bytes` as a mixture, if it is one; `fits` says that they are well-formed in
/// `best` alone.
pub(super) fn read(bytes: &[u8], best: Charset, fits: bool) -> Option<Reading<'_>> {
    if best == Charset::Utf8 && utf8::is_valid_up_to_cut(bytes) {
        return None;
    }
    let sample = sample(bytes);
    let (main, others) = modes(bytes, best, &sample)?;
    let fits = fits && main == best;
    let modes = [&[main], others, &[DECOY]].concat();
    let doubtful = is_doubtful(&sample, main, others);
    let legacy = if doubtful { None } else { legacy(&sample, main, others) };
    let suspects = if main != best || doubtful {
        std::iter::once(0..bytes.len()).collect()
    } else {
        suspects(bytes, places(bytes, main, fits))
    };
    let (mut segments, gain) = Segments::read(bytes, &modes, legacy, suspects);
    // what is not in UTF-8 may also be damaged
    if segments.len() < 2 || main == Charset::Utf8 && gain < MIXTURE {
        return None;
    }
    if main == Charset::Utf8 {
        // in a file that is mixed, a line that is UTF-8 by accident is worth a look
        let ends = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1);
        let weak = std::iter::once(0)
            .chain(ends)
            .filter(|start| *start < bytes.len() && is_weak(&bytes[line_around(bytes, *start)]));
        let mut weak: Vec<usize> = weak.collect();
        if !weak.is_empty() {
            weak.extend(places(bytes, main, fits));
            // not unstable: two runs in order are merged
            weak.sort();
            (segments, _) = Segments::read(bytes, &modes, legacy, self::suspects(bytes, weak));
        }
    }
    // what GBK has in two bytes UTF-8 has in three
    let mut builder = Builder::new(main, bytes.len() + bytes.len() / 2);
    for (range, charset) in segments {
        builder.set_charset(charset);
        match charset.table() {
            Some(encoding) => builder.read_table(encoding, bytes, range),
            None => utf8::read_into(&mut builder, bytes, range.start, range.end),
        }
    }
    Some(builder.finish(bytes.len()))
}

/// An encoding that is expected in the main, and the others that are looked for.
type Modes = (Charset, &'static [Charset]);

const CHINESE: Modes = (Charset::Utf8, &[Charset::Gbk, Charset::Big5]);

/// What else the lines of a mixture may be.
static FOREIGN: [Charset; 3] = [Charset::ShiftJis, Charset::EucJp, Charset::EucKr];

/// How many lines that change their encoding are asked for the others.
const GLUED_LINES: usize = 8;

/// What `bytes` that read best as `best` are taken for in the main, and what else is looked for;
/// `sample` are lines of them that are no UTF-8.
///
/// No Western encoding: a stray byte in a UTF-8 file is damage.
fn modes(bytes: &[u8], best: Charset, sample: &[&[u8]]) -> Option<Modes> {
    let expected = match best {
        Charset::Utf8 => CHINESE,
        Charset::Gbk => (best, &[Charset::Utf8, Charset::Big5][..]),
        Charset::Big5 => (best, &[Charset::Utf8, Charset::Gbk][..]),
        Charset::ShiftJis | Charset::EucJp | Charset::EucKr => (best, &[Charset::Utf8][..]),
        Charset::Derived(_) => return None,
        // a mixture can look like anything as a whole
        _ => return has_utf8_line(bytes).then_some(CHINESE),
    };
    let is_glued = |line: &&[u8]| utf8_runs(line).next().is_some();
    let glued: Vec<&[u8]> = sample.iter().copied().filter(is_glued).take(GLUED_LINES).collect();
    if glued.is_empty() {
        return Some(expected);
    }
    Some(match likeliest_foreign(&glued) {
        // Chinese in UTF-8 that was damaged before reads as anything, but the file is in UTF-8
        Some(foreign) if best == Charset::Utf8 => (best, std::slice::from_ref(foreign)),
        Some(foreign) => (*foreign, &[Charset::Utf8]),
        None if matches!(best, Charset::Gbk | Charset::Big5) => expected,
        None => CHINESE,
    })
}

/// What lines that hold UTF-8 among other bytes are in besides, if that is not Chinese.
///
/// The encoding that such a line reads best in as a whole says little of what is beside UTF-8:
/// `EF BC 8C CE C4` is ， and 文 in GBK, but also 鐚, an ill-formed byte and 猟 in EUC-JP.
fn likeliest_foreign(glued: &[&[u8]]) -> Option<&'static Charset> {
    let cost = |modes: &[Charset]| -> i32 {
        let start = Start::of_line(Charset::Utf8);
        let lattice = |line: &&[u8]| Lattice::new(line, 0..line.len(), modes, start, None);
        glued.iter().map(|line| lattice(line).cost.0).sum()
    };
    let (main, others) = CHINESE;
    let limit = cost(&[&[main], others, &[DECOY]].concat()) - DOUBT.0;
    let foreign = FOREIGN.iter().map(|one| (cost(&[*one, Charset::Utf8, DECOY]), one));
    foreign.min_by_key(|(cost, _)| *cost).filter(|(cost, _)| *cost < limit).map(|(_, one)| one)
}

/// Whether a line is sure to be UTF-8.
fn has_utf8_line(bytes: &[u8]) -> bool {
    utf8_runs(bytes).any(|at| {
        let line = &bytes[line_around(bytes, at)];
        utf8::valid(line).is_some()
    })
}

/// Lines from all over `bytes` that are no UTF-8 nor ASCII.
fn sample(bytes: &[u8]) -> Vec<&[u8]> {
    let mut sample = sample::sample(bytes);
    sample.retain(|line| utf8::valid(line).is_none());
    let step = sample.len().div_ceil(DOUBT_LINES).max(1);
    sample.into_iter().step_by(step).collect()
}

/// Whether some lines are in another legacy encoding than the others; their bytes do not show it.
fn is_doubtful(sample: &[&[u8]], main: Charset, others: &[Charset]) -> bool {
    let legacy = others.iter().filter(|other| other.table().is_some());
    main != Charset::Utf8 && legacy.copied().any(|other| is_likelier(sample, other, main))
}

/// Whether a line is much likelier in one encoding than in another.
fn is_likelier(sample: &[&[u8]], one: Charset, other: Charset) -> bool {
    sample.iter().any(|line| {
        let ((one, _), (other, _)) = (detect::cost(one, line), detect::cost(other, line));
        one.0 + DOUBT.0 < other.0
    })
}

/// The only legacy encoding that there is besides UTF-8, as far as a sample tells.
fn legacy(sample: &[&[u8]], main: Charset, others: &[Charset]) -> Option<Charset> {
    if main != Charset::Utf8 {
        return Some(main);
    }
    let [one, other] = *others else { return None };
    match (is_likelier(sample, one, other), is_likelier(sample, other, one)) {
        (true, false) => Some(one),
        (false, true) => Some(other),
        _ => None,
    }
}

/// Where `bytes` may be in another encoding than `main`, in order; `fits` says that they are
/// well-formed in it.
fn places(bytes: &[u8], main: Charset, fits: bool) -> Vec<usize> {
    let mut places = if fits { Vec::new() } else { malformed_lines(bytes, main) };
    if main != Charset::Utf8 {
        places.extend(utf8_runs(bytes));
        places.sort();
    }
    places
}

/// The first ill-formed bytes of each line that has some.
fn malformed_lines(bytes: &[u8], main: Charset) -> Vec<usize> {
    let mut from = 0;
    let next = || {
        let at = from + first_malformed(main, &bytes[from..])?;
        from = line_around(bytes, at).end;
        Some(at)
    };
    std::iter::from_fn(next).collect()
}

/// The lines that some places are in, with those beside them that do not say what they are; in
/// order and apart from each other.
fn suspects(bytes: &[u8], places: Vec<usize>) -> Vec<Range<usize>> {
    let mut suspects: Vec<Range<usize>> = Vec::new();
    for place in places {
        match suspects.last_mut() {
            Some(last) if place < last.end => {}
            last => {
                let floor = last.map_or(0, |last| last.end);
                let lines = weak_lines_around(bytes, place, floor);
                match suspects.last_mut() {
                    Some(last) if last.end == lines.start => last.end = lines.end,
                    _ => suspects.push(lines),
                }
            }
        }
    }
    suspects
}

/// The line that `at` is in and its weak neighbours down to `floor`.
fn weak_lines_around(bytes: &[u8], at: usize, floor: usize) -> Range<usize> {
    let mut lines = line_around(bytes, at);
    while lines.start > floor {
        let line = line_around(bytes, lines.start - 1);
        if !is_weak(&bytes[line.clone()]) {
            break;
        }
        lines.start = line.start;
    }
    while lines.end < bytes.len() {
        let line = line_around(bytes, lines.end);
        if !is_weak(&bytes[line.clone()]) {
            break;
        }
        lines.end = line.end;
    }
    lines.start.max(floor)..lines.end
}

/// The stretches of some bytes and their encodings in the making; neighbours differ.
struct Segments<'a> {
    bytes: &'a [u8],
    /// The encodings to expect, the main one first.
    modes: &'a [Charset],
    legacy: Option<Charset>,
    found: Vec<(Range<usize>, Charset)>,
    /// How much likelier they are than damage to the main encoding, up to [`MIXTURE`].
    gain: Bits,
}

impl<'a> Segments<'a> {
    /// The stretches of `bytes`, which are in the main encoding but for `suspects`, and how much
    /// likelier they are than damage, or [`MIXTURE`] where that is less.
    fn read(
        bytes: &'a [u8],
        modes: &'a [Charset],
        legacy: Option<Charset>,
        suspects: Vec<Range<usize>>,
    ) -> (Vec<(Range<usize>, Charset)>, Bits) {
        let mut segments = Segments { bytes, modes, legacy, found: Vec::new(), gain: Bits(0) };
        let mut at = 0;
        for suspect in suspects {
            segments.add(at..suspect.start, modes[0]);
            at = suspect.end;
            segments.add_lines(suspect);
        }
        segments.add(at..bytes.len(), modes[0]);
        (segments.found, segments.gain)
    }

    fn add(&mut self, range: Range<usize>, charset: Charset) {
        let charset = if charset == DECOY { self.modes[0] } else { charset };
        match self.found.last_mut() {
            Some((last, same)) if *same == charset => last.end = range.end,
            _ if range.is_empty() => {}
            _ => self.found.push((range, charset)),
        }
    }

    /// The encoding up to here.
    fn current(&self) -> Charset {
        self.found.last().map_or(self.modes[0], |(_, charset)| *charset)
    }

    /// Adds whole lines: those that say what they are in, and what the lattice makes of the
    /// others.
    fn add_lines(&mut self, lines: Range<usize>) {
        let mut doubtful = lines.start..lines.start;
        let mut at = lines.start;
        while at < lines.end {
            let line = at..line_around(self.bytes, at).end.min(lines.end);
            at = line.end;
            let bytes = &self.bytes[line.clone()];
            if bytes.is_ascii() {
                continue;
            }
            let plain = plain(bytes, self.legacy);
            if doubtful.is_empty() || line.start - doubtful.end > GAP {
                self.add_doubtful(doubtful.clone(), None);
                self.add(doubtful.end..line.start, self.current());
                doubtful = line.start..line.start;
            }
            match plain {
                Some(charset) => {
                    if charset != self.modes[0] {
                        self.gain = MIXTURE;
                    }
                    self.add_doubtful(doubtful.start..line.start, Some(charset));
                    self.add(line.clone(), charset);
                    doubtful = line.end..line.end;
                }
                None => doubtful.end = line.end,
            }
        }
        self.add_doubtful(doubtful.clone(), None);
        self.add(doubtful.end..lines.end, self.current());
    }

    /// Adds what lattices make of some lines; those behind them are in `next`.
    fn add_doubtful(&mut self, lines: Range<usize>, next: Option<Charset>) {
        let mut start = Start::of_line(self.current());
        let mut rest = lines;
        while !rest.is_empty() {
            let lattice = Lattice::new(self.bytes, rest.clone(), self.modes, start, next);
            let (read, end) = lattice.read();
            let segments = lattice.segments();
            let main = self.modes[0];
            let is_other = |charset: &Charset| ![main, DECOY].contains(charset);
            if self.gain < MIXTURE && segments.iter().any(|(_, found)| is_other(found)) {
                let start = Start { charset: main, ..start };
                let damaged = Lattice::new(self.bytes, read.clone(), &[main], start, None).cost;
                let gain = self.gain.0 + damaged.0 - lattice.cost.0;
                self.gain = Bits(gain).min(MIXTURE);
            }
            for (range, charset) in segments {
                self.add(range, charset);
            }
            rest.start = read.end;
            start = end;
        }
    }
}
