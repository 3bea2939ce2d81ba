//! Two lists of edits as one: those of a text, and those of what the first made of it.

use std::ops::Range;

use super::apply::{Shift, apply, apply_within, shifted};
use super::{Bits, Edit, Filled, Kind, Lost, Origins, Safety, Step};

/// Joins edits of `text` with edits of its result into one list on `text`.
///
/// `second` was made for `apply(text, first)`. Edits that touch the same place
/// become one edit with the steps of both, so a span that was repaired and then
/// converted shows as a single change.
///
/// # Panics
/// Where `first` was not made for `text`, or `second` not for what it makes of it.
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
    // by the first edits of the groups so far
    let mut shift = Shift::default();
    loop {
        let first_is_next = match (first.peek(), second.peek()) {
            (None, None) => break,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(two)) => one.result.start <= two.range.start,
        };
        let mut group = Group::default();
        if first_is_next {
            group.first.extend(first.next());
        } else {
            group.second.extend(second.next());
        }
        loop {
            let end = group.end();
            if let Some(one) = first.next_if(|one| one.result.start < end) {
                group.first.push(one);
            } else if let Some(two) = second.next_if(|two| two.range.start < end) {
                group.second.push(two);
            } else {
                break;
            }
        }
        joined.push(group.join(text, &middle, &mut shift));
    }
    joined.retain(|edit| edit.before != edit.after);
    joined
}

/// An edit together with the range its `after` takes in the result.
struct Placed {
    edit: Edit,
    result: Range<usize>,
}

impl Placed {
    fn all(edits: Vec<Edit>) -> Vec<Placed> {
        let mut shift = Shift::default();
        edits.into_iter().map(|edit| Placed { result: shift.pass(&edit), edit }).collect()
    }
}

/// Edits of both lists that overlap in the text between them.
#[derive(Default)]
struct Group {
    first: Vec<Placed>,
    second: Vec<Edit>,
}

impl Group {
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

    /// One edit on `text` for the whole group. `shift`, by the first edits before the group, passes
    /// those in it, too.
    fn join(self, text: &str, middle: &str, shift: &mut Shift) -> Edit {
        let (start, end) = (self.start(), self.end());
        let from = shift.to_text(start);
        for one in &self.first {
            shift.pass(&one.edit);
        }
        let range = from..shift.to_text(end);
        let after = apply_within(middle, start..end, &self.second);
        let moves = Moves::new(&self.second);
        let filled = self.filled(start, &after, &moves);
        let lost = self.lost(start, &range, &moves);
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
    fn filled(&self, start: usize, after: &str, moves: &Moves<'_>) -> Vec<Filled> {
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
    fn lost(&self, start: usize, range: &Range<usize>, moves: &Moves<'_>) -> Vec<Lost> {
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
    /// The shift before each edit, and that behind the last one.
    shifts: Vec<Shift>,
}

impl<'e> Moves<'e> {
    fn new(edits: &'e [Edit]) -> Moves<'e> {
        let mut shift = Shift::default();
        let mut shifts = vec![shift];
        for edit in edits {
            shift.pass(edit);
            shifts.push(shift);
        }
        Moves { edits, shifts }
    }

    /// Where the `nth` edit stands in the result.
    fn start(&self, nth: usize) -> usize {
        self.shifts[nth].to_result(self.edits[nth].range.start)
    }

    /// Where a character at an offset stands in the result; nowhere where an edit replaces it by
    /// another number of characters.
    fn of(&self, offset: usize) -> Option<usize> {
        let next = self.edits.partition_point(|edit| edit.range.end <= offset);
        let Some(edit) = self.edits.get(next).filter(|edit| edit.range.start <= offset) else {
            return Some(self.shifts[next].to_result(offset));
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
    use crate::edit::tests::edit;

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
