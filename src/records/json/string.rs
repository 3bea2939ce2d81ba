//! JSON strings: the text that one stands for, and edits of the text written into it.

use std::borrow::Cow;

use memchr::memchr;

use crate::edit::Edit;

/// The text of a JSON string, which is given with its quotes. A lone surrogate, which
/// is no character, reads as U+FFFD.
pub fn unescape(string: &str) -> Cow<'_, str> {
    let inner = &string[1..string.len() - 1];
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(escape) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..escape]);
        let (character, length) = next_character(&rest[escape..]);
        text.push(character);
        rest = &rest[escape + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The first character that a JSON string's content stands for, and how many bytes stand for it.
fn next_character(rest: &str) -> (char, usize) {
    let mut characters = rest.chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), Some('u')) => unicode_escape(rest),
        (Some('\\'), Some(escaped)) => {
            let character = match escaped {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                quoted => quoted,
            };
            (character, 1 + escaped.len_utf8())
        }
        (Some(character), _) => (character, character.len_utf8()),
        (None, _) => (char::REPLACEMENT_CHARACTER, 0),
    }
}

/// Reads `\uXXXX`, or two of them where they are a surrogate pair.
fn unicode_escape(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        let escape = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let units = [unit(0), unit(6)].into_iter().map_while(|unit| unit);
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => (character, 6 * character.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The JSON string with `edits` of its text applied; everything between them stays
/// byte for byte as it was escaped.
pub fn splice(string: &str, edits: &[Edit]) -> String {
    let inner = &string[1..string.len() - 1];
    // `\u4e2d` for everything is a writer's setting, which new characters follow
    let ascii = inner.is_ascii() && inner.contains("\\u");
    let mut cursor = Cursor { inner, raw: 0, text: 0 };
    let mut out = String::with_capacity(string.len());
    out.push('"');
    for edit in edits {
        out.push_str(cursor.advance(edit.range.start));
        cursor.advance(edit.range.end);
        escape(&edit.after, ascii, &mut out);
    }
    out.push_str(&inner[cursor.raw..]);
    out.push('"');
    out
}

/// A place in a JSON string's content and in the text that it stands for.
struct Cursor<'a> {
    inner: &'a str,
    raw: usize,
    text: usize,
}

impl<'a> Cursor<'a> {
    /// Goes to a byte offset of the text; the raw bytes on the way there.
    fn advance(&mut self, text: usize) -> &'a str {
        let start = self.raw;
        while self.text < text {
            let (character, length) = next_character(&self.inner[self.raw..]);
            self.raw += length;
            self.text += character.len_utf8();
        }
        &self.inner[start..self.raw]
    }
}

/// Appends `text` with the escapes that JSON asks for, or with all that is not ASCII escaped.
pub(super) fn escape(text: &str, ascii: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character < ' ' || (ascii && !character.is_ascii()) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::edit;

    #[test]
    fn unescaping_is_json() {
        let all = r#""a\"\\\/\b\f\n\r\t\u4e2d\ud83d\ude00\ud800x""#;
        assert_eq!(unescape(all), "a\"\\/\u{8}\u{c}\n\r\t中😀\u{fffd}x");
    }

    #[test]
    fn splicing_keeps_the_escapes_around() {
        let string = r#""\/一\u9580口""#;
        let text = unescape(string);
        assert_eq!(splice(string, &[edit(&text, "門", "\"门\n")]), r#""\/一\"门\n口""#);
        let string = r#""\u4e00\u9580\ud83d\ude00""#;
        let text = unescape(string);
        assert_eq!(
            splice(string, &[edit(&text, "門", "门😀")]),
            r#""\u4e00\u95e8\ud83d\ude00\ud83d\ude00""#
        );
        assert_eq!(splice(string, &[]), string);
    }
}
