//! The one currency between the stages: an [`Edit`] replaces a range of the
//! input and carries the evidence for doing so.
//!
//! A diff, a report, the metadata of a record and an undo journal are all views
//! of the same list of edits, so none of them can disagree with another about
//! what was changed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

/// A log-likelihood in bits, as a fixed-point number of 1/256 bit.
///
/// Integers make every decision the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bits(pub i32);

impl Bits {
    /// One bit.
    pub const ONE: Bits = Bits(256);

    /// A whole number of bits.
    pub const fn whole(bits: i32) -> Bits {
        Bits(bits * 256)
    }

    /// The odds that it stands for: two to its power.
    ///
    /// Made of correctly rounded operations only, so that they are the same on every machine, as
    /// those of `exp2` are not.
    pub fn odds(self) -> f64 {
        static FRACTIONS: LazyLock<[f64; Bits::ONE.0 as usize]> = LazyLock::new(|| {
            let root = (0..Bits::ONE.0.ilog2()).fold(2.0f64, |root, _| root.sqrt());
            let mut power = 1.0;
            std::array::from_fn(|_| {
                let this = power;
                power *= root;
                this
            })
        });
        // 2^n for whole n is an exponent and nothing else: a seventh of the time of `powi`
        let (least, most) = (f64::MIN_EXP - 1, f64::MAX_EXP - 1);
        let whole = self.0.div_euclid(Bits::ONE.0).clamp(least, most);
        let power = f64::from_bits(((whole - least + 1) as u64) << (f64::MANTISSA_DIGITS - 1));
        power * FRACTIONS[self.0.rem_euclid(Bits::ONE.0) as usize]
    }

    /// −log2 of a share, of which neither part is zero.
    pub(crate) fn of_share(part: u64, whole: u64) -> Bits {
        Bits(log2(whole) - log2(part))
    }

    /// So many 1/256 bit, or the most or least there can be.
    pub(crate) fn saturating(steps: i64) -> Bits {
        Bits(steps.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
    }
}

/// The binary logarithm of a count that is not zero, in 1/256 bit.
fn log2(count: u64) -> i32 {
    const MANTISSA: u32 = 10;
    /// Those of 1 up to 2, which differ by less than 1/256 bit.
    static FRACTIONS: LazyLock<Vec<i32>> = LazyLock::new(|| {
        let powers: Vec<f64> = (1..Bits::ONE.0).map(|steps| Bits(steps).odds()).collect();
        let mantissas = (1 << MANTISSA..2 << MANTISSA).map(|m: u32| f64::from(m));
        let fraction = |m| powers.partition_point(|power| power * f64::from(1 << MANTISSA) <= m);
        mantissas.map(|m| fraction(m) as i32).collect()
    });
    let whole = count.max(1).ilog2();
    let mantissa = count.max(1) << (u64::BITS - 1 - whole) >> (u64::BITS - 1 - MANTISSA);
    let step = mantissa as usize & (FRACTIONS.len() - 1);
    whole as i32 * Bits::ONE.0 + FRACTIONS[step]
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", f64::from(self.0) / 256.0)
    }
}

/// What kind of damage an edit repairs, or that it converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Text that was decoded with the wrong codec.
    Transcode,
    /// Text shifted by a lost or gained byte.
    Slip,
    /// Injected pinyin and its byte ruins.
    Pinyin,
    /// Radicals and private-use characters standing for ordinary ones.
    Compat,
    /// Escapes left in text: `&#20013;`, `\u4e2d`, `%E4%B8%AD`.
    Escape,
    /// Conversion between Traditional and Simplified; not a repair.
    Convert,
    /// Bytes that are ill-formed in the encoding of their file; only reported.
    Malformed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Escape,
        Kind::Slip,
        Kind::Transcode,
        Kind::Pinyin,
        Kind::Compat,
        Kind::Convert,
        Kind::Malformed,
    ];

    /// The kinds that are repaired, where that is asked for.
    pub fn repairs() -> impl Iterator<Item = Kind> {
        let is_repair = |kind: &Kind| !matches!(kind, Kind::Convert | Kind::Malformed);
        Kind::ALL.into_iter().filter(is_repair)
    }

    /// The name used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Transcode => "transcode",
            Kind::Slip => "slip",
            Kind::Pinyin => "pinyin",
            Kind::Compat => "compat",
            Kind::Escape => "escapes",
            Kind::Convert => "convert",
            Kind::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One step of the way from the damaged text to the repaired one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Turn the characters back into bytes with the codec that wrongly decoded them.
    Encode(&'static str),
    /// Decode those bytes with the codec they were written in.
    Decode(&'static str),
    /// Apply a named repair that is not a codec step, such as `strip-pinyin`.
    Apply(&'static str),
    /// Convert between scripts with an OpenCC configuration.
    Convert(&'static str),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Encode(codec) => write!(f, "encode({codec})"),
            Step::Decode(codec) => write!(f, "decode({codec})"),
            Step::Apply(name) => f.write_str(name),
            Step::Convert(config) => write!(f, "convert({config})"),
        }
    }
}

/// How much of an edit rests on evidence in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// No information was missing: re-damaging the repair reproduces the span.
    Exact,
    /// Lost bytes were chosen by the language model; re-damaging still reproduces the span.
    Inferred,
    /// Seen, never changed.
    Reported,
}

impl Safety {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Safety::Exact => "exact",
            Safety::Inferred => "inferred",
            Safety::Reported => "reported",
        }
    }
}

/// A character that was lost in the damage and put back by the language model.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// Byte offset of the character in [`Edit::after`].
    pub at: usize,
    /// The character chosen.
    pub character: char,
    /// Probability of the character given everything else, 0 to 1.
    pub posterior: f32,
}

/// A character that was lost in the damage, and that nothing tells well enough to put it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Byte offset in [`Edit::after`] of the U+FFFD that stands for it.
    pub at: usize,
    /// The bytes of [`Edit::before`] that are left of it, its marker included.
    pub from: Range<usize>,
    /// The best guess, as it was before any conversion.
    pub guess: char,
    /// Probability of the guess given everything else, 0 to 1.
    pub posterior: f32,
}

impl Lost {
    /// The guess for a reader; what nearly reaches a bar is not rounded up to it.
    pub(crate) fn told(&self) -> String {
        let posterior = (f64::from(self.posterior) * 1000.0).floor() / 1000.0;
        format!("perhaps {:?} with probability {posterior:.3}", self.guess)
    }
}

/// A replacement of one range of the input, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The bytes of the input that are replaced; always on character boundaries.
    pub range: Range<usize>,
    /// The input in that range.
    pub before: String,
    /// What stands there instead.
    pub after: String,
    /// What kind of damage was repaired.
    pub kind: Kind,
    /// The way from `before` to `after`; borrowed where it is always the same, as of the ten
    /// thousands of readings in a page.
    pub steps: Cow<'static, [Step]>,
    /// How much of it rests on evidence.
    pub safety: Safety,
    /// How much likelier `after` is than `before`; zero for a conversion.
    pub bits: Bits,
    /// Characters that were lost and filled in, in the order of `after`.
    pub filled: Vec<Filled>,
    /// Characters that were lost and stay so, in the order of `after`.
    pub lost: Vec<Lost>,
}

/// Something that was seen but not changed: lost beyond repair, or not determined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The bytes of the input it concerns.
    pub range: Range<usize>,
    /// The stage that saw it.
    pub kind: Kind,
    /// The input in that range.
    pub before: String,
    /// What it is, in a few lower-case words.
    pub message: Cow<'static, str>,
}

impl Edit {
    /// An edit that is certain: a table or an escape says what `range` of `text` stands for, and no
    /// likelihood.
    pub fn new(
        text: &str,
        range: Range<usize>,
        after: impl Into<String>,
        kind: Kind,
        steps: impl Into<Cow<'static, [Step]>>,
    ) -> Edit {
        Edit {
            before: text[range.clone()].to_owned(),
            range,
            after: after.into(),
            kind,
            steps: steps.into(),
            safety: Safety::Exact,
            bits: Bits(0),
            filled: Vec::new(),
            lost: Vec::new(),
        }
    }
}

impl Finding {
    /// A finding of what stands in `range` of `text`.
    pub fn new(
        text: &str,
        range: Range<usize>,
        kind: Kind,
        message: impl Into<Cow<'static, str>>,
    ) -> Finding {
        let before = text[range.clone()].to_owned();
        Finding { range, kind, before, message: message.into() }
    }
}

/// Applies `edits`, which are sorted and do not overlap, to the text they were made for.
///
/// ```
/// use hanfix::edit::{Edit, Kind, Step, apply};
///
/// let edit = Edit::new("大門口", 3..6, "门", Kind::Convert, vec![Step::Convert("t2s")]);
/// assert_eq!(apply("大門口", &[edit]), "大门口");
/// ```
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.after);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// The parts of two texts between what both begin and both end with.
pub(crate) fn differing(one: &str, other: &str) -> (Range<usize>, Range<usize>) {
    let start = common_prefix(one, other);
    let end = common_suffix(&one[start..], &other[start..]);
    (start..one.len() - end, start..other.len() - end)
}

/// Bytes of the characters that two texts both begin with.
pub(crate) fn common_prefix(one: &str, other: &str) -> usize {
    common(one.chars().zip(other.chars()))
}

/// Bytes of the characters that two texts both end with.
pub(crate) fn common_suffix(one: &str, other: &str) -> usize {
    common(one.chars().rev().zip(other.chars().rev()))
}

/// Bytes of the first characters that are pairwise equal.
fn common(pairs: impl Iterator<Item = (char, char)>) -> usize {
    pairs.take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}

/// Where the places of a result were in the input.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// By position: the range of each edit in the result and in the input.
    edits: Vec<(Range<usize>, Range<usize>)>,
    /// By position: the range of each lost character in them, in the result and in the input.
    lost: Vec<(Range<usize>, Range<usize>)>,
}

impl Origins {
    /// The places that `edits` led to.
    pub fn new(edits: &[Edit]) -> Origins {
        let mut origins = Origins::default();
        let mut grown = 0isize;
        for edit in edits {
            let start = moved(edit.range.start, grown);
            grown += edit.after.len() as isize - edit.range.len() as isize;
            origins.edits.push((start..start + edit.after.len(), edit.range.clone()));
            let lost = edit.lost.iter().map(|lost| {
                let at = start + lost.at;
                let from = shifted(&lost.from, edit.range.start);
                (at..at + char::REPLACEMENT_CHARACTER.len_utf8(), from)
            });
            origins.lost.extend(lost);
        }
        origins
    }

    /// The range of the input that a range of the result came from; edits that the range
    /// touches are in it whole, but for the lost characters that it begins or ends with.
    pub fn of(&self, range: Range<usize>) -> Range<usize> {
        let start = self.edits.partition_point(|(result, _)| result.end <= range.start);
        let end = self.edits.partition_point(|(result, _)| result.start < range.end);
        let touched = self.edits.get(start..end).unwrap_or_default();
        // outside of edits a place keeps its distance from the edit before it
        let outside = |at: usize, edits: usize| match self.edits[..edits].last() {
            Some((result, input)) => input.end + (at - result.end),
            None => at,
        };
        let from = match touched.first() {
            Some((result, input)) if result.start <= range.start => input.start,
            _ => outside(range.start, start),
        };
        let to = match touched.last() {
            Some((result, input)) if result.end >= range.end => input.end,
            _ => outside(range.end, start.max(end)),
        };
        let begins_lost = self.lost.binary_search_by_key(&range.start, |(result, _)| result.start);
        let ends_lost = self.lost.binary_search_by_key(&range.end, |(result, _)| result.end);
        let from = begins_lost.map_or(from, |at| self.lost[at].1.start);
        let to = ends_lost.map_or(to, |at| self.lost[at].1.end);
        from..to.max(from)
    }
}

/// Joins edits of `text` with edits of its result into one list on `text`.
///
/// `second` was made for `apply(text, first)`. Edits that touch the same place
/// become one edit with the steps of both, so a span that was repaired and then
/// converted shows as a single change.
pub fn compose(text: &str, first: Vec<Edit>, second: Vec<Edit>) -> Vec<Edit> {
    if second.is_empty() {
        return first;
    }
    if first.is_empty() {
        return second;
    }
    let middle = apply(text, &first);
    let mut joined = Vec::with_capacity(first.len() + second.len());
    let mut first = Placed::all(first).into_iter().peekable();
    let mut second = second.into_iter().peekable();
    // how far the text between two first edits is shifted by those before it
    let mut shift = 0isize;
    loop {
        let first_is_next = match (first.peek(), second.peek()) {
            (None, None) => break,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(two)) => one.result.start <= two.range.start,
        };
        let mut group = Group::default();
        if first_is_next {
            group.add_first(first.next().expect("peeked"));
        } else {
            group.add_second(second.next().expect("peeked"));
        }
        loop {
            let end = group.end();
            if let Some(one) = first.next_if(|one| one.result.start < end) {
                group.add_first(one);
            } else if let Some(two) = second.next_if(|two| two.range.start < end) {
                group.add_second(two);
            } else {
                break;
            }
        }
        joined.push(group.join(text, &middle, &mut shift));
    }
    joined.retain(|edit| edit.before != edit.after);
    joined
}

/// A range moved by so many bytes.
pub(crate) fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// An offset moved by what the edits before it grew or shrank the text.
fn moved(offset: usize, by: isize) -> usize {
    offset.checked_add_signed(by).expect("edits stay inside their text")
}

/// An edit together with the range its `after` takes in the result.
struct Placed {
    edit: Edit,
    result: Range<usize>,
}

impl Placed {
    fn all(edits: Vec<Edit>) -> Vec<Placed> {
        let mut grown = 0isize;
        edits
            .into_iter()
            .map(|edit| {
                let start = moved(edit.range.start, grown);
                grown += edit.after.len() as isize - edit.range.len() as isize;
                Placed { result: start..start + edit.after.len(), edit }
            })
            .collect()
    }
}

/// Edits of both lists that overlap in the text between them.
#[derive(Default)]
struct Group {
    first: Vec<Placed>,
    second: Vec<Edit>,
}

impl Group {
    fn add_first(&mut self, placed: Placed) {
        self.first.push(placed);
    }

    fn add_second(&mut self, edit: Edit) {
        self.second.push(edit);
    }

    fn start(&self) -> usize {
        let first = self.first.first().map_or(usize::MAX, |one| one.result.start);
        let second = self.second.first().map_or(usize::MAX, |two| two.range.start);
        first.min(second)
    }

    fn end(&self) -> usize {
        let first = self.first.last().map_or(0, |one| one.result.end);
        let second = self.second.last().map_or(0, |two| two.range.end);
        first.max(second)
    }

    /// One edit on `text` for the whole group; `shift` carries the offset between
    /// `text` and `middle` over the groups.
    fn join(self, text: &str, middle: &str, shift: &mut isize) -> Edit {
        let (start, end) = (self.start(), self.end());
        let from = moved(start, -*shift);
        for one in &self.first {
            *shift += one.edit.after.len() as isize - one.edit.range.len() as isize;
        }
        let range = from..moved(end, -*shift);
        let after = {
            let mut after = String::with_capacity(end - start);
            let mut at = start;
            for two in &self.second {
                after.push_str(&middle[at..two.range.start]);
                after.push_str(&two.after);
                at = two.range.end;
            }
            after.push_str(&middle[at..end]);
            after
        };
        let filled = self.filled(start, &after);
        let lost = self.lost(start, &range);
        let mut steps = steps_of(self.first.iter().map(|one| &one.edit));
        steps.extend(steps_of(self.second.iter()));
        let all = || self.first.iter().map(|one| &one.edit).chain(&self.second);
        let kind = all().next().map_or(Kind::Convert, |edit| edit.kind);
        let safety = all().map(|edit| edit.safety).max().unwrap_or(Safety::Exact);
        let bits = Bits::saturating(all().map(|edit| i64::from(edit.bits.0)).sum());
        Edit { safety, bits, filled, lost, ..Edit::new(text, range, after, kind, steps) }
    }

    /// The characters that were filled in, in the text between both lists from `start` on, as they
    /// stand in `after`.
    fn filled(&self, start: usize, after: &str) -> Vec<Filled> {
        let moves = &Moves::new(&self.second);
        let of_first = self.first.iter().flat_map(|one| {
            let moved = |fill: &Filled| moves.of(one.result.start + fill.at);
            one.edit.filled.iter().filter_map(move |fill| Some((moved(fill)?, fill)))
        });
        let of_second = self.second.iter().enumerate().flat_map(|(nth, two)| {
            two.filled.iter().map(move |fill| (moves.start(nth) + fill.at, fill))
        });
        let placed = |(at, fill): (usize, &Filled)| {
            let at = at - start;
            let character = after[at..].chars().next()?;
            Some(Filled { at, character, ..*fill })
        };
        let mut filled: Vec<Filled> = of_first.chain(of_second).filter_map(placed).collect();
        filled.sort_by_key(|fill| fill.at);
        filled
    }

    /// The characters that the first edits left lost and the second ones did not touch, and those
    /// that the second ones left lost, which are told by the whole of the first edits that they came
    /// from; `range` is what the group replaces.
    fn lost(&self, start: usize, range: &Range<usize>) -> Vec<Lost> {
        let moves = &Moves::new(&self.second);
        let of_first = self.first.iter().flat_map(|one| {
            let moved = |lost: &Lost| Some(moves.of(one.result.start + lost.at)? - start);
            let before = one.edit.range.start - range.start;
            one.edit.lost.iter().filter_map(move |lost| {
                Some(Lost { at: moved(lost)?, from: shifted(&lost.from, before), ..lost.clone() })
            })
        });
        let origins = &self.origins(start, range.start);
        let of_second = self.second.iter().enumerate().flat_map(|(nth, two)| {
            two.lost.iter().map(move |lost| Lost {
                at: moves.start(nth) + lost.at - start,
                from: origins.of(shifted(&lost.from, two.range.start - start)),
                ..lost.clone()
            })
        });
        let mut lost: Vec<Lost> = of_first.chain(of_second).collect();
        lost.sort_by_key(|lost| lost.at);
        lost
    }

    /// Where the places of the first edits' result were in the text, both told from the start of the
    /// group on, which is `start` in the result and `from` in the text.
    fn origins(&self, start: usize, from: usize) -> Origins {
        let place = |one: &Placed| {
            let Range { start: begin, end } = one.edit.range;
            (one.result.start - start..one.result.end - start, begin - from..end - from)
        };
        Origins { edits: self.first.iter().map(place).collect(), lost: vec![] }
    }
}

/// Where edits move the characters of the text they were made for.
struct Moves<'e> {
    edits: &'e [Edit],
    /// How much each edit and those before it grew the text; first of all, not at all.
    grown: Vec<isize>,
}

impl<'e> Moves<'e> {
    fn new(edits: &'e [Edit]) -> Moves<'e> {
        let mut grown = vec![0];
        for edit in edits {
            let before = grown[grown.len() - 1];
            grown.push(before + edit.after.len() as isize - edit.range.len() as isize);
        }
        Moves { edits, grown }
    }

    /// Where an edit stands in the result.
    fn start(&self, at: usize) -> usize {
        moved(self.edits[at].range.start, self.grown[at])
    }

    /// Where a character at an offset stands in the result; nowhere where an edit replaces it by
    /// another number of characters.
    fn of(&self, offset: usize) -> Option<usize> {
        let next = self.edits.partition_point(|edit| edit.range.end <= offset);
        let Some(edit) = self.edits.get(next).filter(|edit| edit.range.start <= offset) else {
            return Some(moved(offset, self.grown[next]));
        };
        if edit.before.chars().count() != edit.after.chars().count() {
            return None;
        }
        let nth = edit.before[..offset - edit.range.start].chars().count();
        let (inside, _) = edit.after.char_indices().nth(nth)?;
        Some(self.start(next) + inside)
    }
}

/// The steps of neighbouring edits, each run of equal ones told once.
fn steps_of<'a>(edits: impl Iterator<Item = &'a Edit>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for edit in edits {
        if !steps.ends_with(&edit.steps) {
            steps.extend(edit.steps.iter().cloned());
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, text: &str, after: &str, kind: Kind) -> Edit {
        Edit::new(text, range, after, kind, vec![Step::Apply(kind.name())])
    }

    #[test]
    fn odds_are_powers_of_two() {
        for (bits, odds) in [(0, 1.0), (3, 8.0), (-2, 0.25), (-1022, f64::MIN_POSITIVE)] {
            assert_eq!(Bits::whole(bits).odds(), odds);
        }
        for steps in [-1000, -100, -1, 1, 128, 700] {
            let odds = Bits(steps).odds();
            assert!((odds.log2() * 256.0 - f64::from(steps)).abs() < 1e-9, "{odds}");
        }
        assert_eq!(Bits(i32::MIN).odds(), f64::MIN_POSITIVE);
        assert!(Bits(i32::MAX).odds().is_finite());
    }

    #[test]
    fn a_place_in_the_result_is_found_in_the_input() {
        let text = "ab(dāng)cdef";
        let edits = [edit(2..9, text, "", Kind::Pinyin), edit(11..12, text, "XYZ", Kind::Compat)];
        assert_eq!(apply(text, &edits), "abcdXYZf");
        let origins = Origins::new(&edits);
        assert_eq!(origins.of(0..2), 0..2);
        assert_eq!(origins.of(2..3), 9..10);
        assert_eq!(origins.of(5..6), 11..12);
        assert_eq!(origins.of(3..8), 10..13);
        assert_eq!(origins.of(7..8), 12..13);
        // the edit grew by more than all that stands before the range
        let grown = Origins::new(&[edit(0..1, text, "\u{FFFD}VWXYZ", Kind::Slip)]);
        assert_eq!(grown.of(0..3), 0..1);
    }

    #[test]
    fn what_was_lost_and_filled_keeps_its_place() {
        // 記 was filled in, 鍚� is left of 名
        let text = "：瑷鍚�。";
        let filled = Filled { at: 0, character: '記', posterior: 0.995 };
        let lost = Lost { at: 3, from: 3..9, guess: '名', posterior: 0.9 };
        let range = "：".len()..text.len() - "。".len();
        let repair = Edit {
            filled: vec![filled.clone()],
            lost: vec![lost.clone()],
            ..edit(range, text, "記\u{FFFD}", Kind::Transcode)
        };
        let origins = Origins::new(std::slice::from_ref(&repair));
        assert_eq!(origins.of(6..9), 6..12);
        assert_eq!(origins.of(3..9), 3..12);
        let middle = "：記\u{FFFD}。";
        let convert =
            [edit(0..3, middle, "", Kind::Compat), edit(3..6, middle, "记", Kind::Convert)];
        let [_, joined] = &compose(text, vec![repair.clone()], convert.to_vec())[..] else {
            panic!("one edit before the repair, and one with it");
        };
        assert_eq!(joined.filled, [Filled { character: '记', ..filled }]);
        assert_eq!(joined.lost, [lost]);
        // nothing is known of what another edit replaced by something longer
        let longer = vec![edit(3..9, middle, "abc", Kind::Convert)];
        let joined = &compose(text, vec![repair], longer)[0];
        assert_eq!((joined.filled.len(), joined.lost.len()), (0, 0));
    }

    #[test]
    fn what_a_second_edit_left_lost_is_found_in_the_input() {
        // E9 8D 9A is 鍚 in UTF-8, and 鍚� is left of 名
        let text = "xé\u{8D}\u{9A}\u{FFFD}y";
        let peeled = vec![edit(1..7, text, "鍚", Kind::Transcode)];
        let middle = apply(text, &peeled);
        let lost = Lost { at: 0, from: 0..6, guess: '名', posterior: 0.9 };
        let repair =
            Edit { lost: vec![lost.clone()], ..edit(1..7, &middle, "\u{FFFD}", Kind::Transcode) };
        let joined = &compose(text, peeled, vec![repair])[0];
        assert_eq!((&joined.before[..], &joined.after[..]), (&text[1..10], "\u{FFFD}"));
        assert_eq!(joined.lost, [Lost { from: 0..9, ..lost }]);
    }

    #[test]
    fn evidence_beyond_all_bounds_is_the_most_there_can_be() {
        let sure = |range| Edit { bits: Bits(i32::MAX), ..edit(range, "ab", "c", Kind::Transcode) };
        let convert = edit(0..2, "cc", "d", Kind::Convert);
        let joined = compose("ab", vec![sure(0..1), sure(1..2)], vec![convert]);
        assert_eq!(joined[0].bits, Bits(i32::MAX));
    }

    #[test]
    fn composing_equals_applying_one_after_the_other() {
        let text = "當(dāng)前ab位置";
        let open = text.find('(').unwrap();
        let close = text.find(')').unwrap() + 1;
        let first = vec![
            edit(open..close, text, "", Kind::Pinyin),
            edit(close + 3..close + 5, text, "xyz", Kind::Compat),
        ];
        let middle = apply(text, &first);
        assert_eq!(middle, "當前xyz位置");
        let second = vec![
            edit(0..3, &middle, "当", Kind::Convert),
            edit(8..12, &middle, "!", Kind::Convert),
        ];
        let last = apply(&middle, &second);
        let joined = compose(text, first, second);
        assert_eq!(apply(text, &joined), last);
        assert_eq!(joined.len(), 3, "{joined:#?}");
        assert_eq!(joined[2].before, "ab位");
        assert_eq!(*joined[2].steps, [Step::Apply("compat"), Step::Apply("convert")]);
    }
}
