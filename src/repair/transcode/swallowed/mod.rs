//! Which ASCII character went down with the last byte of another.
//!
//! Windows takes any byte behind a lead byte for its second one. Where the two make no character,
//! it shows a single `?`, and what stood behind is gone as well:
//!
//! ```text
//! 输入：</b>     ： is EF BC 9A, and of 9A and `<` one ? is left: 杈撳叆锛?/b>
//! ```
//!
//! The characters around it tell little. What follows tells more, and the rest of the text most of
//! all: every other `<` stood behind a whole pair and is still there.

mod partner;

use rustc_hash::FxHashMap;

use crate::codec::SWALLOWABLE;
use crate::edit::Bits;
use crate::model;
use crate::model::format::{FOLLOWERS, SIGNS};
use partner::{End, Partner, Surroundings};

/// What a sign costs at most that its partner asks for, a bracket, a quotation mark or the rest of a
/// tag. It is negative: with any other sign the partner would stay alone, which those are not charged.
const ASKED_FOR: Bits = Bits::whole(-4);
/// What a bracket or a quotation mark costs on top that has no partner.
const ALONE: Bits = Bits::whole(6);
/// What a sign costs on top behind 。 and its like, at most, if the text hardly has it elsewhere. Of
/// 。 (E3 80 82), the last byte always leads a pair, since 80 leads none that 82 could end: what
/// stands behind always goes down with it, and is never there to be counted.
const UNSEEN: Bits = Bits::whole(1);
/// What a line that ends in CR LF costs where others do not, and what a CR alone does.
const MIXED_LINE_BREAKS: Bits = Bits::whole(10);
/// What a line break costs on top between two characters of Chinese that are no marks: the texts that
/// the model learned from have a sentence or a name a line, and `梁朝伟 刘德华` is one line.
const LINE_BREAK: Bits = Bits::whole(4);
/// What the lines of lists, headings and comments begin with.
const BULLETS: [char; 7] = ['-', '*', '+', '#', '>', '|', '/'];
/// What is known of other texts counts as much as so many occurrences in this one.
const PRIOR: u32 = 2;
/// Parts that each occurrence is counted as, so that shares of one in a billion count, too.
const UNIT: u64 = 1 << 30;

/// What a lost byte costs that nothing went down with, at the end of a line. Windows leaves a `?`
/// for it where the text ends, and such a text may be a message that was decoded by itself:
/// `文件不存在。` and then a line break that a program wrote.
const MESSAGE: Bits = Bits::whole(3);
/// What a lost byte costs that nothing went down with, at the end of a field. It is negative, since in a
/// file that was decoded as a whole, the quotation mark of `。"` would have gone down.
const FIELD: Bits = Bits::whole(-4);

/// What swallowed ASCII costs in a place.
#[derive(Clone, Copy)]
pub struct Costs {
    /// By [`SWALLOWABLE`] character.
    each: [Cost; SWALLOWABLE.len()],
    /// What it costs that nothing was swallowed, if that may be.
    pub nothing: Option<i32>,
}

/// What one of the characters costs, in 1/256 bit.
#[derive(Clone, Copy)]
struct Cost {
    /// In the text at hand, but for what the model charges behind the character before it.
    here: i32,
    /// On top, without a partner or as another line break than others.
    misfit: i32,
    /// On top, behind another character than a mark.
    behind_letter: i32,
    /// All of this at most, where its partner asks for it.
    most: i32,
    /// Before what follows it, but for what the model charges for that.
    behind: i32,
}

impl Costs {
    /// Where nothing is swallowed.
    pub const NONE: Costs = Costs {
        each: [Cost { here: 0, misfit: 0, behind_letter: 0, most: i32::MAX, behind: 0 };
            SWALLOWABLE.len()],
        nothing: None,
    };

    /// What the `nth` of [`SWALLOWABLE`] costs behind a character, where the model charges `charged`.
    pub fn of(&self, nth: usize, previous: char, charged: i32) -> i32 {
        let Cost { here, misfit, behind_letter, most, behind } = self.each[nth];
        let is_mark = matches!(previous, '\u{3000}'..='\u{303F}');
        let here = if is_mark { here.min(UNSEEN.0) } else { here + behind_letter };
        (charged + here + misfit).min(most) + behind
    }
}

/// The shape of up to three characters behind a sign, letters and digits by their kind: `/b>` goes on
/// like `/p>`. None is looked at behind a line break or beyond ASCII.
type Shape = [u8; 3];

/// What ASCII below `@` a text has, and before what.
pub struct Swallowed<'t> {
    text: &'t str,
    /// What each of [`SWALLOWABLE`] costs, but for what the model charges behind a character.
    here: [i32; SWALLOWABLE.len()],
    of_signs: [Followers; SIGNS],
    /// How often a sign stands before a shape.
    shapes: FxHashMap<(u8, Shape), u32>,
    /// Whether a line ends in LF alone, as far as is known.
    has_lf: bool,
    /// Whether one ends in CR LF.
    has_crlf: bool,
}

/// How often each character stands behind a sign, and how often any does.
#[derive(Clone, Copy)]
struct Followers {
    each: [u32; FOLLOWERS],
    any: u32,
}

impl<'t> Swallowed<'t> {
    /// Counts the signs of a text.
    pub fn of(text: &'t str) -> Swallowed<'t> {
        let none = Followers { each: [0; FOLLOWERS], any: 0 };
        let mut swallowed = Swallowed {
            text,
            here: [0; SWALLOWABLE.len()],
            of_signs: [none; SIGNS],
            shapes: FxHashMap::default(),
            has_lf: false,
            has_crlf: false,
        };
        // a line break at the end parts nothing
        let bytes = text.trim_end_matches(['\r', '\n']).as_bytes();
        if text.starts_with(BULLETS) {
            swallowed.count(b'\n', bytes);
        }
        // how often each stands behind a character beyond ASCII
        let mut behind_wide = [0; SIGNS];
        let mut before = b'\n';
        for (at, &byte) in bytes.iter().enumerate() {
            // a `?` is mostly a swallowed byte itself
            if usize::from(byte) < SIGNS && byte != b'?' {
                swallowed.count(byte, &bytes[at + 1..]);
                behind_wide[usize::from(byte)] += u32::from(!before.is_ascii());
                match (before, byte) {
                    (b'\r', b'\n') => swallowed.has_crlf = true,
                    (b'?', b'\n') => {}
                    (_, b'\n') => swallowed.has_lf = true,
                    _ => {}
                }
            }
            before = byte;
        }
        let count = |sign: u8| behind_wide[usize::from(sign)];
        let all = SWALLOWABLE.iter().map(|&sign| count(sign)).sum();
        swallowed.here = SWALLOWABLE.map(|sign| {
            let here = adapted(count(sign), all, model::cost_of_sign(sign).0);
            here - model::mean_of_pairs(sign).0
        });
        swallowed
    }

    /// Counts a sign and what stands behind it.
    fn count(&mut self, sign: u8, rest: &[u8]) {
        let followers = &mut self.of_signs[usize::from(sign)];
        followers.any += 1;
        if let Some(&next) = rest.first() {
            followers.each[follower(next)] += 1;
            *self.shapes.entry((sign, shape(rest))).or_default() += 1;
        }
    }

    /// What each of the [`SWALLOWABLE`] characters costs that went down before byte `at` of the
    /// text, with a byte of the character before it.
    pub fn costs_at(&self, at: usize) -> Costs {
        let rest = &self.text.as_bytes()[at..];
        let around = Surroundings::of(self.text.as_bytes(), at);
        let is_before_lf = rest.first().is_none_or(|&next| next == b'\n');
        let is_before_wide = rest.first().is_some_and(|next| !next.is_ascii());
        let ends_in_cr = self.has_crlf && !self.has_lf && is_before_lf;
        let mut costs = Costs::NONE;
        for ((cost, &sign), here) in costs.each.iter_mut().zip(SWALLOWABLE).zip(self.here) {
            cost.here = here;
            match around.partner(sign) {
                Partner::Asking => cost.most = ASKED_FOR.0,
                Partner::Lacking => cost.misfit = ALONE.0,
                Partner::Neutral if sign == b'\r' && !ends_in_cr => {
                    cost.misfit = MIXED_LINE_BREAKS.0;
                }
                Partner::Neutral if sign == b'\n' && is_before_wide => {
                    cost.behind_letter = LINE_BREAK.0
                }
                Partner::Neutral => {}
            }
        }
        costs.nothing = match around.end() {
            Some(End::Line) if ends_in_cr => Some(MESSAGE.0 + MIXED_LINE_BREAKS.0),
            Some(End::Line) => Some(MESSAGE.0),
            Some(End::Field) => Some(FIELD.0),
            None => None,
        };
        self.add_costs_behind(rest, &mut costs);
        costs
    }

    /// Adds what it costs that `rest` stands behind each of the signs: the share of the signs that
    /// the next character stands behind here, in place of the model's, times how much oftener it
    /// goes on with this shape behind the sign than behind any.
    fn add_costs_behind(&self, rest: &[u8], costs: &mut Costs) {
        let Some(&next) = rest.first() else { return };
        let ascii = next.is_ascii().then_some(next);
        let shape = shape(rest);
        let with_next = SWALLOWABLE.map(|sign| self.followers(sign).each[follower(next)]);
        let with_shape =
            SWALLOWABLE.map(|sign| self.shapes.get(&(sign, shape)).map_or(0, |&count| count));
        let [any_next, any_shape] =
            [with_next, with_shape].map(|counts| counts.iter().sum::<u32>());
        let goes_on = Bits::of_share((2 * any_shape + 1).into(), (2 * any_next + 2).into()).0;
        for (nth, cost) in costs.each.iter_mut().enumerate() {
            let sign = SWALLOWABLE[nth];
            let elsewhere = model::cost_behind_sign(sign, ascii).0;
            let here = adapted(with_next[nth], self.followers(sign).any, elsewhere);
            cost.behind = match ascii {
                Some(ascii) => {
                    let charged = model::cost(sign.into(), ascii.into()).0;
                    here - charged + adapted(with_shape[nth], with_next[nth], goes_on) - goes_on
                }
                // beyond ASCII, the model knows what stands behind which sign
                None => here - elsewhere,
            };
        }
    }

    fn followers(&self, sign: u8) -> &Followers {
        &self.of_signs[usize::from(sign)]
    }
}

/// The cost of what was counted so often, of so many, where `elsewhere` is what it costs in other
/// texts.
fn adapted(count: u32, of: u32, elsewhere: i32) -> i32 {
    let prior = u64::from(PRIOR) * UNIT;
    let share = (prior as f64 / Bits(elsewhere).odds()) as u64;
    Bits::of_share(u64::from(count) * UNIT + share.max(1), u64::from(of) * UNIT + prior).0
}

/// The shape of the first characters of a text.
fn shape(text: &[u8]) -> Shape {
    let mut shape = [0; 3];
    for (place, &byte) in shape.iter_mut().zip(text) {
        *place = kind(byte);
        if byte == b'\n' || !byte.is_ascii() {
            break;
        }
    }
    shape
}

/// One byte for all that go on alike.
fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => b'a',
        b'0'..=b'9' => b'0',
        0x80.. => 0x80,
        sign => sign,
    }
}

/// The place of a character in [`Followers`].
fn follower(next: u8) -> usize {
    usize::from(next).min(FOLLOWERS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The likeliest sign in the place of the last `_` of a text, which follows a character that
    /// says nothing.
    fn likeliest(text: &str) -> char {
        let at = text.rfind('_').unwrap();
        let text = text.replacen('_', "?", 1);
        let costs = Swallowed::of(&text).costs_at(at + 1);
        let next = text[at + 1..].chars().next();
        let cost = |nth: usize| {
            let sign = SWALLOWABLE[nth];
            let charged = next.map_or(0, |next| model::cost(sign.into(), next).0);
            costs.of(nth, '甲', model::mean_of_pairs(sign).0) + charged
        };
        let nth = (0..SWALLOWABLE.len()).min_by_key(|&nth| cost(nth)).unwrap();
        char::from(SWALLOWABLE[nth])
    }

    #[test]
    fn the_text_tells_what_was_swallowed() {
        assert_eq!(likeliest("<b>甲</b>\n<b>乙_/b>\n"), '<');
        assert_eq!(likeliest("甲 $x$ 乙 $y$ 丙_$z$\n"), ' ');
        assert_eq!(likeliest("甲\r\n乙\r\n丙_\n"), '\r');
        assert_eq!(likeliest("- **甲**：乙\n- **丙**：丁_- **戊**\n"), '\n');
        assert_eq!(likeliest("\"甲\": \"乙_,\n"), '"');
    }
}
