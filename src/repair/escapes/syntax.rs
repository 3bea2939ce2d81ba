//! How escapes are written.

use std::ops::Range;

use crate::edit::Step;

/// The first character from `at` on that may start an escape.
pub(super) fn next_escape(text: &str, at: usize) -> Option<usize> {
    let found = text.as_bytes()[at..].iter().position(|b| matches!(b, b'&' | b'%' | b'=' | b'\\'));
    found.map(|offset| at + offset)
}

/// How an escape is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `&#20013;`, `&hellip;`
    Entity,
    /// `\u4e2d`, `%u4e2d`
    Unicode,
    /// `%E4`
    Percent,
    /// `=E4`, and `=` before a line break, which continues the line
    Quoted,
}

impl Form {
    pub(super) fn step(self) -> Step {
        Step::Apply(match self {
            Form::Entity => "unescape-entities",
            Form::Unicode => "unescape-unicode",
            Form::Percent => "unescape-percent",
            Form::Quoted => "unescape-quoted-printable",
        })
    }
}

/// What an escape stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Character(char),
    /// A byte of UTF-8, not yet put together with its neighbours.
    Byte(u8),
    /// A line break that quoted-printable put in.
    SoftBreak,
}

/// One escape; or, once the bytes are put together, those of one character.
#[derive(Clone)]
pub(super) struct Escape {
    pub(super) range: Range<usize>,
    pub(super) form: Form,
    pub(super) value: Value,
    /// Whether a soft break of quoted-printable is inside of it.
    pub(super) broken: bool,
}

/// Puts the bytes that make up a character together.
pub(super) fn assemble(escapes: &[Escape]) -> Vec<Escape> {
    let mut assembled = Vec::with_capacity(escapes.len());
    let mut rest = escapes;
    while let Some(first) = rest.first() {
        let (escape, taken) = character(rest).unwrap_or((first.clone(), 1));
        assembled.push(escape);
        rest = &rest[taken..];
    }
    assembled
}

/// The character whose UTF-8 bytes `escapes` start with, and how many of them it takes;
/// soft breaks may fall between its bytes.
fn character(escapes: &[Escape]) -> Option<(Escape, usize)> {
    let mut bytes = Vec::with_capacity(4);
    for (i, escape) in escapes.iter().enumerate() {
        match escape.value {
            Value::Byte(byte) if escape.form == escapes[0].form => bytes.push(byte),
            Value::SoftBreak if !bytes.is_empty() => continue,
            _ => return None,
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let range = escapes[0].range.start..escape.range.end;
                let value = Value::Character(text.chars().next()?);
                return Some((Escape { range, value, ..escapes[0].clone() }, i + 1));
            }
            Err(error) if error.error_len().is_some() => return None,
            Err(_) => {}
        }
    }
    None
}

/// The escape that starts at `at`, if one does.
pub(super) fn escape(text: &str, at: usize) -> Option<Escape> {
    let rest = &text[at..];
    let (form, (value, length)) = match rest.as_bytes().first()? {
        b'&' => (Form::Entity, entity(rest)?),
        b'\\' => (Form::Unicode, unicode(rest)?),
        b'%' if rest[1..].starts_with('u') => (Form::Unicode, unicode(rest)?),
        b'%' => (Form::Percent, percent(rest)?),
        b'=' => (Form::Quoted, quoted(rest)?),
        _ => return None,
    };
    let broken = form == Form::Entity && rest[..length].contains('\n');
    Some(Escape { range: at..at + length, form, value, broken })
}

/// `&#20013;`, `&#x4e2d;` or a name, with `&amp;` for `&` where it was escaped twice.
fn entity(rest: &str) -> Option<(Value, usize)> {
    let body = rest[1..].strip_prefix("amp;").unwrap_or(&rest[1..]);
    let character;
    let after;
    if let Some(number) = body.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let radix = if hexadecimal.is_some() { 16 } else { 10 };
        let (code, tail) = number_until_semicolon(hexadecimal.unwrap_or(number), radix)?;
        character = char::from_u32(code)?;
        after = tail;
    } else {
        let (name, named) = NAMED.iter().find(|(name, _)| body.starts_with(name))?;
        character = *named;
        after = &body[name.len()..];
    }
    Some((Value::Character(character), rest.len() - after.len()))
}

/// The names of HTML for the punctuation of Chinese text; those that make up markup
/// (`&lt;` `&amp;` `&quot;`) or blanks (`&nbsp;`) stay.
const NAMED: [(&str, char); 10] = [
    ("ldquo;", '“'),
    ("rdquo;", '”'),
    ("lsquo;", '‘'),
    ("rsquo;", '’'),
    ("hellip;", '…'),
    ("mdash;", '—'),
    ("middot;", '·'),
    ("times;", '×'),
    ("bull;", '•'),
    ("yen;", '¥'),
];

/// The number that ends with the next `;`, and the text after it; soft breaks of
/// quoted-printable may fall between its digits, `&#3=⏎0340;`.
fn number_until_semicolon(text: &str, radix: u32) -> Option<(u32, &str)> {
    let mut number = 0u32;
    let mut rest = text;
    loop {
        rest = soft_break(rest).map_or(rest, |length| &rest[length..]);
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c.to_digit(radix) {
            Some(digit) => number = number.checked_mul(radix)?.checked_add(digit)?,
            None => return (c == ';').then_some((number, rest)),
        }
    }
}

/// `\u4e2d`, `%u4e2d`, `\u{4e2d}` or a pair of surrogates `\ud840\udc00`, with `\\` for `\`
/// where it was escaped twice.
fn unicode(rest: &str) -> Option<(Value, usize)> {
    let unit = |text: &str| -> Option<(u32, usize)> {
        let start = ["\\\\u", "\\u", "%u"].into_iter().find(|start| text.starts_with(start))?;
        let body = &text[start.len()..];
        match body.strip_prefix('{') {
            Some(body) => {
                let end = body.bytes().take(7).position(|b| b == b'}').filter(|&end| end > 0)?;
                Some((hex(&body[..end])?, start.len() + end + 2))
            }
            None => Some((hex(body.get(..4)?)?, start.len() + 4)),
        }
    };
    let (first, length) = unit(rest)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Value::Character(character), length));
    }
    let (second, more) = unit(&rest[length..])?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((Value::Character(character), length + more))
}

/// `%E4`, with `%25` for `%` where it was escaped twice.
fn percent(rest: &str) -> Option<(Value, usize)> {
    let byte = |at: usize| hex(rest.get(at..at + 2)?);
    match byte(1)? {
        0x25 => match byte(3) {
            Some(twice @ 0x80..) => Some((Value::Byte(twice as u8), 5)),
            _ => None,
        },
        once => Some((Value::Byte(once as u8), 3)),
    }
}

/// `=E4`, or a soft break.
fn quoted(rest: &str) -> Option<(Value, usize)> {
    if let Some(length) = soft_break(rest) {
        return Some((Value::SoftBreak, length));
    }
    let digits = rest.get(1..3).filter(|digits| !digits.contains(|c: char| c.is_lowercase()))?;
    Some((Value::Byte(hex(digits)? as u8), 3))
}

/// The length of a soft break of quoted-printable at the start of `text`.
fn soft_break(text: &str) -> Option<usize> {
    ["=\n", "=\r\n"].into_iter().find(|soft| text.starts_with(soft)).map(str::len)
}

/// The value of hexadecimal digits; unlike `from_str_radix` it takes no sign.
fn hex(digits: &str) -> Option<u32> {
    digits.chars().try_fold(0, |number, c| Some(number * 16 + c.to_digit(16)?))
}
