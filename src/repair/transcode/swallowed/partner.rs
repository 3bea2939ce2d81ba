//! Whether a bracket, a quotation mark or the sign of a tag has a partner on its line.

use memchr::memmem;

/// Bytes on each side in which a partner is looked for.
const NEAR: usize = 400;

/// Names of entities that pages are full of.
const ENTITIES: [&[u8]; 24] = [
    b"nbsp", b"lt", b"gt", b"amp", b"quot", b"apos", b"copy", b"reg", b"trade", b"mdash", b"ndash",
    b"hellip", b"ldquo", b"rdquo", b"lsquo", b"rsquo", b"laquo", b"raquo", b"middot", b"bull",
    b"times", b"ensp", b"emsp", b"yen",
];

/// What stands around a place says of a sign that may have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partner {
    /// One stands there that lacks it.
    Asking,
    /// The sign would have none.
    Lacking,
    /// The sign needs none, or nothing is certain.
    Neutral,
}

/// What stands on both sides of a place, up to the next line breaks that are left: one that was
/// swallowed itself ends no line here.
pub struct Surroundings<'t> {
    /// All that is near, other lines included.
    near: &'t [u8],
    before: &'t [u8],
    behind: &'t [u8],
}

/// What ends in a place that may be the end of a text which was decoded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Line,
    /// What stands before a tab, or between quotation marks.
    Field,
}

/// What a quotation mark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Opens,
    Closes,
    /// Behind Chinese and before it, it may do either: `他喊"快跑"就跑了`.
    Either,
}

impl<'t> Surroundings<'t> {
    /// The surroundings of byte `at` of a text.
    pub fn of(text: &'t [u8], at: usize) -> Surroundings<'t> {
        let start = at.saturating_sub(NEAR);
        let near = &text[start..text.len().min(at + NEAR)];
        let (before, behind) = near.split_at(at - start);
        let before = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let behind = behind.split(|&byte| byte == b'\n').next().unwrap_or_default();
        Surroundings { near, before, behind }
    }

    /// What they say of a sign in this place.
    pub fn partner(&self, sign: u8) -> Partner {
        match sign {
            b'(' => of_bracket(self.is_closed(), self.is_opened()),
            b')' => of_bracket(self.is_opened(), self.is_closed()),
            b'"' => self.other_quote(),
            b'*' if self.is_strong() => Partner::Asking,
            b'*' if !self.behind.starts_with(b"*") => Partner::Lacking,
            b'<' => of_rest(self.is_tag()),
            b'&' => of_rest(is_entity(self.behind)),
            _ => Partner::Neutral,
        }
    }

    /// What ends here, as far as can be seen.
    pub fn end(&self) -> Option<End> {
        match self.behind {
            [] | [b'\r', ..] => Some(End::Line),
            [b'\t', ..] => Some(End::Field),
            [b'"', ..] if self.last_quote() == Some(Quote::Opens) => Some(End::Field),
            _ => None,
        }
    }

    fn is_opened(&self) -> bool {
        is_left(self.before.iter().rev(), b')', b'(')
    }

    /// Whether a bracket is closed behind the place; that of `1) first` closes none.
    fn is_closed(&self) -> bool {
        let number = self.behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_item = matches!(number, 1 | 2) && self.behind.get(number) == Some(&b')');
        let behind = if is_item { &self.behind[number + 1..] } else { self.behind };
        is_left(behind.iter(), b'(', b')')
    }

    /// What the quotation marks next to the place say of another one.
    fn other_quote(&self) -> Partner {
        let before = self.last_quote();
        let first = self.behind.iter().position(|&byte| byte == b'"');
        let behind = first.map(|at| {
            quote(self.behind[..at].last().or(self.before.last()), self.behind[at + 1..].first())
        });
        let ends = ends_word(self.behind.first());
        match (before, behind) {
            (Some(Quote::Opens), None | Some(Quote::Opens)) if ends => Partner::Asking,
            (None | Some(Quote::Closes), Some(Quote::Closes)) if !ends => Partner::Asking,
            (None | Some(Quote::Closes), None | Some(Quote::Opens))
            | (Some(Quote::Opens), Some(Quote::Closes)) => Partner::Lacking,
            _ => Partner::Neutral,
        }
    }

    /// What the quotation mark before the place does.
    fn last_quote(&self) -> Option<Quote> {
        let last = self.before.iter().rposition(|&byte| byte == b'"')?;
        Some(quote(self.before[..last].last(), self.before[last + 1..].first()))
    }

    /// Whether one of the asterisks is left that end `**strong**`, and none of `*emphasis*`.
    fn is_strong(&self) -> bool {
        let opened = memmem::find_iter(self.before, b"**").count() % 2 == 1;
        let Some(rest) = self.behind.strip_prefix(b"*") else { return false };
        let pairs = memmem::find_iter(rest, b"**").count();
        let asterisks = rest.iter().filter(|&&byte| byte == b'*').count();
        opened && !rest.starts_with(b"*") && asterisks == 2 * pairs
    }

    /// Whether a tag without its `<` begins here: `/b>`, `br />`, `a href="x">`, or `b>` where the
    /// tag ends nearby. `x>0` is none.
    fn is_tag(&self) -> bool {
        let (is_end, name) = match self.behind.strip_prefix(b"/") {
            Some(name) => (true, name),
            None => (false, self.behind),
        };
        let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, rest) = name.split_at(length);
        let end = rest.iter().position(|byte| matches!(byte, b'<' | b'>'));
        let Some(end) = end.filter(|&end| rest[end] == b'>') else { return false };
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            return false;
        }
        match &rest[..end] {
            [] if is_end => true,
            [] => memmem::find(self.near, &[b"</", name, b">"].concat()).is_some(),
            attributes => attributes.ends_with(b"/") || attributes.contains(&b'='),
        }
    }
}

/// What is said of a bracket whose partner stands there without one, or not, and which stands there
/// without a partner itself, or not.
fn of_bracket(has_partner: bool, has_other: bool) -> Partner {
    match (has_partner, has_other) {
        (false, _) => Partner::Lacking,
        (true, false) => Partner::Asking,
        (true, true) => Partner::Neutral,
    }
}

/// What is said of a sign that begins what the rest of is there, or not.
fn of_rest(is_there: bool) -> Partner {
    if is_there { Partner::Asking } else { Partner::Lacking }
}

/// What a quotation mark does between two characters.
fn quote(before: Option<&u8>, behind: Option<&u8>) -> Quote {
    let begins = before.is_none_or(|byte| b" \t([{=:,".contains(byte));
    match (begins, ends_word(behind)) {
        (true, false) => Quote::Opens,
        (false, true) => Quote::Closes,
        _ => Quote::Either,
    }
}

/// Whether a character may stand behind a quotation.
fn ends_word(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| byte.is_ascii_whitespace() || b",.;:)]}>/".contains(byte))
}

/// Whether a bracket comes whose partner does not come before it.
fn is_left<'b>(bytes: impl Iterator<Item = &'b u8>, partner: u8, bracket: u8) -> bool {
    let mut open = 0;
    for &byte in bytes {
        if byte == partner {
            open += 1;
        } else if byte == bracket {
            if open == 0 {
                return true;
            }
            open -= 1;
        }
    }
    false
}

/// Whether an entity without its `&` begins here: `nbsp;`, `#39;`.
fn is_entity(text: &[u8]) -> bool {
    let Some(end) = text.iter().take(8).position(|&byte| byte == b';') else { return false };
    let name = &text[..end];
    match name.strip_prefix(b"#") {
        Some(number) => number.iter().all(u8::is_ascii_alphanumeric) && !number.is_empty(),
        None => ENTITIES.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what is said of signs, each in the place of the `_` of a text.
    fn assert_partner(said: Partner, cases: &[(u8, &str)]) {
        for &(sign, text) in cases {
            let at = text.find('_').unwrap();
            let without = text.replacen('_', "", 1);
            let partner = Surroundings::of(without.as_bytes(), at).partner(sign);
            assert_eq!(partner, said, "{} {text}", char::from(sign));
        }
    }

    #[test]
    fn what_has_lost_its_partner_asks_for_it() {
        assert_partner(
            Partner::Asking,
            &[
                (b'(', "a line\ncall_x) of (y)"),
                (b')', "call(x_ of y\n)"),
                (b'"', "name = \"甲_,\n"),
                (b'"', "title=\"甲_/>"),
                (b'"', "name = _甲\", \"乙\""),
                (b'*', "- **甲_*：乙"),
                (b'<', "甲_/b> more"),
                (b'<', "甲_a href=\"x\">"),
                (b'<', "甲_b>乙</b>"),
                (b'&', "甲_nbsp;乙"),
            ],
        );
    }

    #[test]
    fn what_has_it_does_not() {
        assert_partner(
            Partner::Lacking,
            &[
                (b'(', "call(x)_ and on\n)"),
                (b'(', "甲_1) first"),
                (b')', "call(x)_ and on"),
                (b'"', "\"one\", \"two\"_ and"),
                (b'"', "\"甲_ 乙\": \"丙\""),
                (b'<', "甲_x>0 and on"),
                (b'<', "甲_age and > sign"),
                (b'&', "甲_break;"),
                (b'*', "- **甲**_ 乙"),
            ],
        );
        assert_partner(
            Partner::Neutral,
            &[
                (b'"', "甲_他喊\"快跑\"就跑了"),
                (b'*', "**甲**，_*乙* 丙"),
                (b'*', "**甲**，**_*乙* 丙"),
                (b'-', "call(x_"),
            ],
        );
    }
}
