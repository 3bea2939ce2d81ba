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

use crate::edit::Bits;
use crate::model;
use crate::model::format::{FOLLOWERS, SIGNS};
use partner::{Line, Partner};

/// ASCII that a swallowed byte is tried as; a letter would have made a valid pair.
pub const SWALLOWABLE: &[u8; 35] = b"\n\r\t \"'()*+,-./0123456789:;<=>?!#$%&";

/// By [`SWALLOWABLE`] character, in 1/256 bit.
pub type Steps = [i32; SWALLOWABLE.len()];

/// What swallowed ASCII costs.
#[derive(Clone, Copy)]
pub struct Costs {
    /// In the text at hand, but for what the model charges behind the character before it.
    here: Steps,
    /// Without a partner, or among other line breaks.
    unpaired: Steps,
    /// All of this together at most, where its partner asks for it.
    most: Steps,
    /// Before what follows it, but for what the model charges for that.
    ahead: Steps,
}

impl Costs {
    /// Where nothing is swallowed.
    pub const NONE: Costs = Costs {
        here: [0; SWALLOWABLE.len()],
        unpaired: [0; SWALLOWABLE.len()],
        most: [i32::MAX; SWALLOWABLE.len()],
        ahead: [0; SWALLOWABLE.len()],
    };
}

impl Costs {
    /// What the `nth` of [`SWALLOWABLE`] costs behind a character, where the model charges `known`.
    pub fn behind(&self, previous: char, nth: usize, known: i32) -> i32 {
        let is_mark = matches!(previous, '\u{3000}'..='\u{303F}');
        let here = if is_mark { self.here[nth].min(UNSEEN.0) } else { self.here[nth] };
        (known + here + self.unpaired[nth]).min(self.most[nth]) + self.ahead[nth]
    }
}

/// What a sign costs at most that its partner asks for, a bracket, a quotation mark or what a tag
/// begins with: nothing else is as likely, and less than nothing, since all else leaves that alone.
const ASKED_FOR: Bits = Bits::whole(-4);
/// What a bracket or a quotation mark costs on top that has no partner.
const ALONE: Bits = Bits::whole(6);
/// What a sign costs more behind 。 and its like, at most, that the text hardly has elsewhere. Behind
/// these (E3 80 82) nothing is ever left to be counted, as the byte 80 is no half of a pair.
const UNSEEN: Bits = Bits::whole(1);
/// What a line that ends in CR LF costs where others do not, and what a CR alone does.
const MIXED_LINE_BREAKS: Bits = Bits::whole(10);
/// What the lines of lists, headings and comments begin with.
const BULLETS: [char; 7] = ['-', '*', '+', '#', '>', '|', '/'];
/// Parts of one occurrence: what is one in a billion counts, too.
const UNIT: u64 = 1 << 31;

/// Up to three characters behind a sign, letters and digits by their kind: `/b>` goes on like `/p>`.
/// None is looked at behind a line break or beyond ASCII.
type Ahead = [u8; 3];

/// What ASCII below `@` a text has, and before what.
pub struct Swallowed<'t> {
    text: &'t str,
    /// How often each stands behind a character beyond ASCII.
    behind_wide: [u32; SIGNS],
    of_signs: [Sign; SIGNS],
    /// How often a sign stands before what.
    ahead: FxHashMap<(u8, Ahead), u32>,
    /// Whether a line ends in LF alone, as far as is known.
    has_lone_lf: bool,
}

/// How often a sign stands before what, and before anything.
#[derive(Clone, Copy)]
struct Sign {
    before: [u32; FOLLOWERS],
    count: u32,
}

impl<'t> Swallowed<'t> {
    /// Counts the signs of a text.
    pub fn of(text: &'t str) -> Swallowed<'t> {
        let none = Sign { before: [0; FOLLOWERS], count: 0 };
        let mut swallowed = Swallowed {
            text,
            behind_wide: [0; SIGNS],
            of_signs: [none; SIGNS],
            ahead: FxHashMap::default(),
            has_lone_lf: false,
        };
        if text.starts_with(BULLETS) {
            // the first of a list, whatever ends its lines
            swallowed.count(b'\r', b'\n', text.as_bytes());
        }
        let mut before = b'\n';
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            // a `?` is mostly a swallowed byte itself
            if usize::from(byte) < SIGNS && byte != b'?' {
                swallowed.count(before, byte, &text.as_bytes()[at + 1..]);
            }
            before = byte;
        }
        swallowed
    }

    fn count(&mut self, before: u8, sign: u8, rest: &[u8]) {
        let of_sign = &mut self.of_signs[usize::from(sign)];
        of_sign.count += 1;
        of_sign.before[follower(rest)] += 1;
        self.behind_wide[usize::from(sign)] += u32::from(!before.is_ascii());
        *self.ahead.entry((sign, ahead(rest))).or_default() += 1;
        self.has_lone_lf |= sign == b'\n' && !matches!(before, b'\r' | b'?');
    }

    /// What each of the [`SWALLOWABLE`] characters costs that went down before byte `at` of the
    /// text, with a byte of the character before it.
    pub fn costs_at(&self, at: usize) -> Costs {
        let rest = &self.text.as_bytes()[at..];
        let line = Line::around(self.text.as_bytes(), at);
        let all: u32 = SWALLOWABLE.iter().map(|&sign| self.behind_wide[usize::from(sign)]).sum();
        let mut costs = Costs::NONE;
        costs.ahead = self.costs_ahead(rest);
        for (nth, &sign) in SWALLOWABLE.iter().enumerate() {
            let known = model::cost_of_sign(sign).0;
            let here = adapted(self.behind_wide[usize::from(sign)], all, known);
            costs.here[nth] = here - model::mean_of_pairs(sign).0;
            match line.partner(sign) {
                Partner::Asks => costs.most[nth] = ASKED_FOR.0,
                Partner::Missing => costs.unpaired[nth] = ALONE.0,
                Partner::None => {}
            }
            if sign == b'\r'
                && (self.has_lone_lf || rest.first().is_some_and(|&next| next != b'\n'))
            {
                costs.unpaired[nth] = MIXED_LINE_BREAKS.0;
            }
        }
        costs
    }

    /// What it costs that `rest` stands behind each of the characters, but for what the model
    /// charges for its first one.
    fn costs_ahead(&self, rest: &[u8]) -> Steps {
        let Some(&next) = rest.first() else { return Costs::NONE.ahead };
        let ascii = next.is_ascii().then_some(next);
        let ahead = ahead(rest);
        let before_next =
            SWALLOWABLE.map(|sign| self.of_signs[usize::from(sign)].before[follower(rest)]);
        let before_all =
            SWALLOWABLE.map(|sign| self.ahead.get(&(sign, ahead)).map_or(0, |&count| count));
        // what goes on like this behind the next character, whatever stands before that
        let [any_next, any_all] =
            [before_next, before_all].map(|counts| counts.iter().sum::<u32>());
        let goes_on =
            Bits::of_share((2 * any_all + 1).into(), (2 * any_next.max(any_all) + 2).into()).0;
        std::array::from_fn(|nth| {
            let sign = SWALLOWABLE[nth];
            let known = model::cost_behind_sign(sign, ascii).0;
            let here = adapted(before_next[nth], self.of_signs[usize::from(sign)].count, known);
            // beyond ASCII, the model knows what stands behind which sign
            let Some(ascii) = ascii else { return here - known };
            let charged = model::cost(char::from(sign), char::from(ascii)).0;
            here - charged + adapted(before_all[nth], before_next[nth], goes_on) - goes_on
        })
    }
}

/// The cost of what was counted so often, of so many, where `known` is what it costs elsewhere, which
/// counts as half an occurrence.
fn adapted(count: u32, of: u32, known: i32) -> i32 {
    let prior = ((UNIT / 2) as f64 / Bits(known).odds()) as u64;
    Bits::of_share(u64::from(count) * UNIT + prior.max(1), u64::from(of) * UNIT + UNIT / 2).0
}

/// The first characters of a text.
fn ahead(text: &[u8]) -> Ahead {
    let mut ahead = [0; 3];
    for (place, &byte) in ahead.iter_mut().zip(text) {
        *place = kind(byte);
        if byte == b'\n' || !byte.is_ascii() {
            break;
        }
    }
    ahead
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

/// The place of what follows in a [`Sign`].
fn follower(rest: &[u8]) -> usize {
    rest.first().map_or(0, |&next| usize::from(next).min(FOLLOWERS - 1))
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
            let sign = char::from(SWALLOWABLE[nth]);
            let known = model::mean_of_pairs(SWALLOWABLE[nth]).0;
            let charged = next.map_or(0, |next| model::cost(sign, next).0);
            costs.behind('甲', nth, known) + charged
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
