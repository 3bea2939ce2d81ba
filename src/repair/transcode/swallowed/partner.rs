//! Whether a bracket, a quotation mark or the sign of a tag has a partner on its line.

/// Bytes of a line on each side in which a partner is looked for.
const NEAR: usize = 400;

/// What the line says of a sign that may have stood at a place of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partner {
    /// One without a partner stands there, of which it is the partner.
    Asks,
    /// It would have none.
    Missing,
    /// It needs none.
    None,
}

/// What stands on both sides of such a place.
pub struct Line<'t> {
    before: &'t [u8],
    behind: &'t [u8],
}

impl<'t> Line<'t> {
    /// The line around byte `at` of a text, or of a long one what is near.
    pub fn around(text: &'t [u8], at: usize) -> Line<'t> {
        let (before, behind) = text.split_at(at);
        let near = &before[before.len().saturating_sub(NEAR)..];
        let before = near.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let near = &behind[..behind.len().min(NEAR)];
        let behind = near.split(|&byte| byte == b'\n').next().unwrap_or_default();
        Line { before, behind }
    }

    /// What the line says of a sign in this place.
    pub fn partner(&self, sign: u8) -> Partner {
        let (asks, is_missing) = match sign {
            b'(' => (self.is_closed() && !self.is_opened(), !self.is_closed()),
            b')' => (self.is_opened() && !self.is_closed(), !self.is_opened()),
            b'"' => {
                let (opened, closed) = (self.is_quoted_before(), self.is_quoted_behind());
                let fits = opened == ends_word(self.behind);
                (opened != closed && fits, opened == closed)
            }
            b'*' => (self.is_strong(), !self.behind.starts_with(b"*")),
            b'<' => (is_tag(self.behind), !is_tag(self.behind)),
            b'&' => (is_entity(self.behind), !is_entity(self.behind)),
            _ => (false, false),
        };
        match () {
            () if asks => Partner::Asks,
            () if is_missing => Partner::Missing,
            () => Partner::None,
        }
    }

    fn is_opened(&self) -> bool {
        is_left(self.before.iter().rev(), b')', b'(')
    }

    fn is_closed(&self) -> bool {
        is_left(self.behind.iter(), b'(', b')')
    }

    /// Whether the last quotation mark before the place opens a quotation.
    fn is_quoted_before(&self) -> bool {
        let at = self.before.iter().rposition(|&byte| byte == b'"');
        at.is_some_and(|at| opens_quote(self.before[..at].last()))
    }

    /// Whether the first one behind it closes one.
    fn is_quoted_behind(&self) -> bool {
        let at = self.behind.iter().position(|&byte| byte == b'"');
        at.is_some_and(|at| !opens_quote(self.behind[..at].last().or(self.before.last())))
    }

    /// Whether one of the asterisks is left that end `**strong**`.
    fn is_strong(&self) -> bool {
        let pairs = self.before.windows(2).filter(|pair| pair == b"**").count();
        self.behind.starts_with(b"*") && !self.behind.starts_with(b"**") && pairs % 2 == 1
    }
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

/// Whether a quotation mark opens a quotation, by what stands before it.
fn opens_quote(before: Option<&u8>) -> bool {
    before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'(' | b'[' | b'{' | b'=' | b':' | b','))
}

/// Whether a text begins like what stands behind a quotation.
fn ends_word(text: &[u8]) -> bool {
    text.first().is_none_or(|byte| byte.is_ascii_whitespace() || b",.;:)]}>".contains(byte))
}

/// Whether a text begins like a tag without its `<`: `/b>`, `br />`, `a href="x">`.
fn is_tag(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"/").unwrap_or(text);
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let rest = &name[length..];
    let Some(end) = rest.iter().position(|byte| matches!(byte, b'<' | b'>')) else { return false };
    let attributes = &rest[..end];
    length > 0
        && rest[end] == b'>'
        && (attributes.is_empty() || attributes.ends_with(b"/") || attributes.contains(&b'='))
}

/// Whether a text begins like an entity without its `&`: `nbsp;`, `#39;`.
fn is_entity(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"#").unwrap_or(text);
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    length > 1 && name.get(length) == Some(&b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line says of a sign in the place of its `_`.
    fn partner(sign: u8, line: &str) -> Partner {
        let at = line.find('_').unwrap();
        let text = line.replacen('_', "", 1);
        Line::around(text.as_bytes(), at).partner(sign)
    }

    #[test]
    fn what_has_lost_its_partner_asks_for_it() {
        let asking = [
            (b'(', "a line\ncall_x) of (y)"),
            (b')', "call(x_ of y\n)"),
            (b'"', "name = \"value_,\n"),
            (b'"', "name = _value\", \"other\""),
            (b'*', "- **first_*: second"),
            (b'<', "text_/b> more"),
            (b'<', "text_a href=\"x\">"),
            (b'&', "text_nbsp;more"),
        ];
        for (sign, line) in asking {
            assert_eq!(partner(sign, line), Partner::Asks, "{} {line}", char::from(sign));
        }
    }

    #[test]
    fn what_has_it_does_not() {
        let missing = [
            (b'(', "call(x)_ and on\n)"),
            (b')', "call(x)_ and on"),
            (b'"', "\"one\", \"two_ and\""),
            (b'<', "text_age and > sign"),
            (b'&', "text_nothing"),
        ];
        for (sign, line) in missing {
            assert_eq!(partner(sign, line), Partner::Missing, "{} {line}", char::from(sign));
        }
        assert_eq!(partner(b'"', "\"three_ words\": \"here\""), Partner::Missing);
        assert_eq!(partner(b'*', "- **first**_ second"), Partner::Missing);
        assert_eq!(partner(b'*', "- first_*second**"), Partner::None);
        assert_eq!(partner(b'-', "call(x_"), Partner::None);
    }
}
