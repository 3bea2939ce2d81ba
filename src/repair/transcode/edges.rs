//! Where damage begins and ends in the midst of letters.
//!
//! Where both codecs have two bytes for a character, any character of a text can be clean or
//! damaged, and a model of pairs hardly knows which. What does is where words end:
//!
//! ```text
//! 少甜ㄛ婬懂珨爺      少|并，再来一份   or   少甜|，再来一份
//! ```

use super::expand::{INSIDE, inside};
use super::lattice::{BIT, Emitted, Read};
use super::path::Path;
use crate::codec::Codec;
use crate::model;

/// How far an edge is moved, in characters.
const REACH: usize = 3;
/// What letters must read better by as they stand to be taken so.
const CLEARLY: i32 = 4 * BIT;

/// Takes letters at the edges of damage as they stand where that reads better; says by how much
/// the cost of the reading changes.
pub fn settle(reads: &mut [Read], path: &Path) -> i32 {
    let [layer] = path.layers() else { return 0 };
    if layer.truth == Codec::Utf8 || !layer.wrong.table().is_double_byte() {
        return 0;
    }
    let is_whole = |read: &Read| {
        let code = layer.wrong.table().first_code(read.symbol);
        read.damaged && code.is_some_and(|code| code.len() == 2) && whole(read).is_some()
    };
    let mut change = 0i32;
    for at in 1..reads.len() {
        let edge = [reads[at - 1].damaged, reads[at].damaged];
        let moved: Vec<usize> = match edge {
            [false, true] => (at..reads.len()).take(REACH).collect(),
            [true, false] => (0..at).rev().take(REACH).collect(),
            _ => continue,
        };
        let beside = if edge[0] { at } else { at - 1 };
        let Some(beside) = reads[beside].emitted.last().filter(|&c| inside(c) > 0) else {
            continue;
        };
        let is_forward = !edge[0];
        let whole = moved.iter().take_while(|&&at| is_whole(&reads[at])).count();
        let candidates = moved[..whole].iter().map(|&at| &reads[at]);
        let characters: Vec<(char, char)> =
            candidates.filter_map(|read| Some((read.symbol, self::whole(read)?))).collect();
        let (taken, saved) = cleaner(beside, &characters, is_forward);
        for &at in &moved[..taken] {
            let read = &mut reads[at];
            let cost = read.cost;
            *read = Read::sure(read.symbol, false, cost, Emitted::clean(read.symbol));
        }
        change = change.saturating_add(saved);
    }
    change
}

/// The one character beyond ASCII that a character of the text was read as, if nothing of it was
/// lost.
pub fn whole(read: &Read) -> Option<char> {
    let mut emitted = read.emitted.iter();
    let (character, lost) = emitted.next().filter(|(character, _)| !character.is_ascii())?;
    (emitted.next().is_none() && !lost).then_some(character)
}

/// How many of the characters next to an edge are better taken as they stand, and what that adds
/// to the cost; each is given as it stands and as it was undone, and the last one is not moved.
fn cleaner(beside: char, characters: &[(char, char)], is_forward: bool) -> (usize, i32) {
    let cost = |one, other| match is_forward {
        true => model::cost(one, other).0,
        false => model::cost(other, one).0,
    };
    let between = |one, other| if inside(one) > 0 && inside(other) > 0 { INSIDE } else { 0 };
    let Some(&(_, first)) = characters.first() else { return (0, 0) };
    let (mut as_found, mut undone) = (0, between(beside, first));
    let (mut found_before, mut undone_before) = (beside, beside);
    let mut best = (0, -CLEARLY);
    for (taken, pair) in (1..).zip(characters.windows(2)) {
        let ((found, read), (_, next)) = (pair[0], pair[1]);
        as_found += cost(found_before, found);
        undone += cost(undone_before, read);
        (found_before, undone_before) = (found, read);
        let change =
            as_found + cost(found, next) + between(found, next) - undone - cost(read, next);
        if change < best.1 {
            best = (taken, change);
        }
    }
    if best.0 == 0 { (0, 0) } else { best }
}

#[cfg(test)]
mod tests {
    use crate::codec::{Codec, Decoder, Flavour};
    use crate::repair::{Options, repair};

    #[test]
    fn damage_begins_and_ends_at_a_mark_rather_than_inside_a_word() {
        let big5 = Decoder::new(Codec::Big5, Flavour::WEB);
        for (before, damaged, behind) in [
            ("少甜", "，请把面包切好再送来", ""),
            ("少甜", "，数据已经备份完毕", ""),
            ("", "新的密码已经发到邮箱，", "请查收"),
        ] {
            let damage = big5.decode(&Codec::Gbk.encode(damaged).unwrap());
            let found = [before, &damage, behind].concat();
            let fixed = crate::edit::apply(&found, &repair(&found, &Options::default()).edits);
            assert_eq!(fixed, [before, damaged, behind].concat());
        }
    }
}
