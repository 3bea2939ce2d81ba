//! Fields of a JSON record, repaired in place.
//!
//! A record is never parsed and written again: that would reorder keys, round
//! numbers and change escapes. The bytes of a field's string are found in the
//! line, and only what an edit covers is replaced, in the escapes of its surroundings.

mod string;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::RecordError;
use super::field::{Field, Token};
use crate::edit::replace_ranges;
use string::escape;
pub use string::{splice, unescape};

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'f> {
    /// Its field as it was named, with the keys and indices that `*` stood for.
    pub field: Cow<'f, str>,
    /// Its bytes in the record.
    pub range: Range<usize>,
}

impl From<serde_json::Error> for RecordError {
    fn from(error: serde_json::Error) -> RecordError {
        let message = error.to_string();
        // the place is told with the name of the input
        let message = message.split(" at line ").next().unwrap_or(&message);
        RecordError {
            column: error.column().max(1),
            message: format!("not JSON: {}", plain(message)),
        }
    }
}

/// What serde says of broken JSON, in words for those who know only JSON.
fn plain(message: &str) -> Cow<'_, str> {
    match message {
        "expected value" => "expected a value".into(),
        "expected ident" => "expected `true`, `false` or `null`".into(),
        "trailing characters" => "expected nothing behind the object".into(),
        _ => match message.strip_prefix("EOF while parsing ") {
            Some(part) => format!("it ends inside {part}").into(),
            None => message.into(),
        },
    }
}

/// The strings in `record` that `field` names, quotes included.
///
/// A key may be there more than once; a value that is no string is not text.
///
/// # Errors
/// Where the record is no JSON object.
pub fn find<'f>(record: &str, field: &'f Field) -> Result<Vec<Found<'f>>, RecordError> {
    let mut found: Vec<Found<'f>> = members(record, &field.tokens()[0])?
        .into_iter()
        .map(|value| Found { field: name_of(field, "", &value), range: position(record, value.1) })
        .collect();
    for token in &field.tokens()[1..] {
        let mut inner = Vec::new();
        for Found { field: path, range } in found {
            for value in children(&record[range], token)? {
                let (field, range) = (name_of(field, &path, &value), position(record, value.1));
                inner.push(Found { field, range });
            }
        }
        found = inner;
    }
    found.retain(|value| record[value.range.clone()].starts_with('"'));
    Ok(found)
}

/// What the child of a value is called: as it was named, unless a `*` is in there.
fn name_of<'f>(field: &'f Field, parent: &str, child: &Child<'_>) -> Cow<'f, str> {
    if !field.has_wildcard() {
        return field.name().into();
    }
    let token = child.0.replace('~', "~0").replace('/', "~1");
    format!("{parent}/{token}").into()
}

/// A key or index and the value there.
type Child<'r> = (Cow<'r, str>, &'r str);

/// The children of a value that a pointer's token names.
fn children<'r>(value: &'r str, token: &'r Token) -> Result<Vec<Child<'r>>, RecordError> {
    match (value.as_bytes().first(), token) {
        (Some(b'{'), _) => members(value, token),
        (Some(b'['), Token::Every) => {
            let elements: Vec<&RawValue> = serde_json::from_str(value)?;
            let numbered = elements.into_iter().enumerate();
            Ok(numbered.map(|(index, value)| (index.to_string().into(), value.get())).collect())
        }
        (Some(b'['), Token::Name(name)) => element(value, name),
        _ => Ok(Vec::new()),
    }
}

/// The members of an object that a pointer's token names.
fn members<'r>(object: &'r str, token: &'r Token) -> Result<Vec<Child<'r>>, RecordError> {
    let start = object.len() - object.trim_ascii_start().len();
    if object.as_bytes().get(start) != Some(&b'{') {
        let message = "not a JSON object: expected `{`".to_owned();
        return Err(RecordError { column: start + 1, message });
    }
    let mut reader = serde_json::Deserializer::from_str(object);
    let found = reader.deserialize_map(Members { token })?;
    reader.end()?;
    Ok(found.into_iter().map(|(key, value)| (key, value.get())).collect())
}

/// The element of an array at the index that a pointer's token holds.
fn element<'r>(array: &'r str, token: &'r str) -> Result<Vec<Child<'r>>, RecordError> {
    let Ok(index) = token.parse() else { return Ok(Vec::new()) };
    let mut reader = serde_json::Deserializer::from_str(array);
    let found = reader.deserialize_seq(Element { index })?;
    Ok(found.into_iter().map(|found| (token.into(), found.get())).collect())
}

/// The member `id` of a record as it stands there, if it has one.
pub fn id(record: &str) -> Option<String> {
    let token = Token::Name("id".to_owned());
    let found = members(record, &token).ok()?;
    found.first().map(|(_, value)| (*value).to_owned())
}

/// Where a part of `record` that was borrowed from it stands.
fn position(record: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - record.as_ptr().addr();
    start..start + part.len()
}

/// Collects the members of an object that a token names.
struct Members<'k> {
    token: &'k Token,
}

impl<'de: 'k, 'k> Visitor<'de> for Members<'k> {
    type Value = Vec<(Cow<'k, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(key) = map.next_key_seed(Meant(self.token))? {
            match key {
                Some(key) => found.push((key, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// Reads a key, copied only where any will do; none where it is not meant.
struct Meant<'k>(&'k Token);

impl<'de, 'k> DeserializeSeed<'de> for Meant<'k> {
    type Value = Option<Cow<'k, str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        // as bytes, since a key may hold a lone surrogate: `"\ud800"`
        key.deserialize_bytes(self)
    }
}

impl<'k> Visitor<'_> for Meant<'k> {
    type Value = Option<Cow<'k, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(match self.0 {
            Token::Every => Some(String::from_utf8_lossy(key).into_owned().into()),
            Token::Name(name) => (key == name.as_bytes()).then_some(name.into()),
        })
    }
}

/// Finds one element of an array.
struct Element {
    index: usize,
}

impl<'de> Visitor<'de> for Element {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        for index in 0.. {
            let more = if index == self.index {
                found = elements.next_element()?;
                found.is_some()
            } else {
                elements.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                break;
            }
        }
        Ok(found)
    }
}

/// Bytes around a member that is added: `, "": `.
const ADDED: usize = 6;

/// Sets a top-level member to a JSON value: the values of `key` are replaced, or the
/// member is added behind the last one.
///
/// # Errors
/// Where the record is no JSON object.
pub fn set(record: &str, key: &str, value: &str) -> Result<String, RecordError> {
    let key_token = Token::Name(key.to_owned());
    let old = members(record, &key_token)?;
    if old.is_empty() {
        return Ok(add(record, key, value));
    }
    Ok(replace_ranges(record, old.iter().map(|(_, old)| (position(record, old), value))))
}

/// The object with one more member, behind the last one.
fn add(record: &str, key: &str, value: &str) -> String {
    let mut out = String::with_capacity(record.len() + key.len() + value.len() + ADDED);
    let brace = record.rfind('}').unwrap_or(record.len());
    let body = record[..brace].trim_end();
    // some writers, Python's among them, put a blank behind colons and commas
    let blank = if record.contains("\": ") { " " } else { "" };
    out.push_str(body);
    if !body.ends_with('{') {
        out.push(',');
        out.push_str(blank);
    }
    out.push('"');
    escape(key, false, &mut out);
    out.push_str("\":");
    out.push_str(blank);
    out.push_str(value);
    out.push_str(&record[body.len()..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(record: &'a str, field: &str) -> Vec<&'a str> {
        let field = field.parse().unwrap();
        let values = find(record, &field).unwrap();
        values.into_iter().map(|value| &record[value.range]).collect()
    }

    #[test]
    fn a_star_is_every_child() {
        let record = r#"{"m":[{"c":"一"},{"c":2},{"c":"三"}],"o":{"a/b":"四","~":[]}}"#;
        let named = |field: &str| -> Vec<_> {
            let field = field.parse().unwrap();
            let values = find(record, &field).unwrap();
            values.into_iter().map(|value| value.field.into_owned()).collect()
        };
        assert_eq!(found(record, "/m/*/c"), ["\"一\"", "\"三\""]);
        assert_eq!(named("/m/*/c"), ["/m/0/c", "/m/2/c"]);
        assert_eq!(named("/o/*"), ["/o/a~1b"]);
        assert_eq!(found(record, "/*/1/*"), [""; 0]);
        assert_eq!(named("/*/2/c"), ["/m/2/c"]);
        assert_eq!(found(record, "*"), [""; 0], "a name, not a pointer");
    }

    #[test]
    fn fields_are_found_by_name_and_by_pointer() {
        let record =
            r#"{ "id":1.50, "text" : "一\"", "a/b":{"c~":[null,{"t":"二"}]}, "text":"三"} "#;
        assert_eq!(found(record, "text"), ["\"一\\\"\"", "\"三\""]);
        assert_eq!(found(record, "/text"), found(record, "text"));
        assert_eq!(found(record, "/a~1b/c~0/1/t"), ["\"二\""]);
        assert_eq!(found(record, "/a~1b/c~0/7/t"), [""; 0]);
        assert_eq!(found(record, "id"), [""; 0], "a number is no text");
        assert_eq!(found(record, "none"), [""; 0]);
    }

    #[test]
    fn keys_may_be_escaped() {
        assert_eq!(found(r#"{"\u6587\u672c":"一"}"#, "文本"), ["\"一\""]);
        let lone = r#"{"\ud800":{"t":"一"}}"#;
        assert_eq!(found(lone, "text"), [""; 0], "a lone surrogate is JSON");
        assert_eq!(found(lone, "/*/t"), ["\"一\""]);
    }

    #[test]
    fn what_is_no_object_is_an_error_with_its_column() {
        let told = |record: &str| {
            let RecordError { column, message } = find(record, &Field::named("text")).unwrap_err();
            format!("{column}: {message}")
        };
        assert_eq!(told(r#"{"text":"一}"#), "13: not JSON: it ends inside a string");
        assert_eq!(told(" [1]"), "2: not a JSON object: expected `{`");
        assert_eq!(told("日志"), "1: not a JSON object: expected `{`");
        assert_eq!(told(r#"{"a":1} x"#), "9: not JSON: expected nothing behind the object");
        assert_eq!(told(r#"{"a":tru}"#), "9: not JSON: expected `true`, `false` or `null`");
        assert_eq!(told(r#"{"a":1"#), "6: not JSON: it ends inside an object");
        assert_eq!(told("{a:1}"), "2: not JSON: key must be a string");
    }

    #[test]
    fn members_are_replaced_or_added() {
        assert_eq!(set(r#"{"a":1}"#, "b", "2").unwrap(), r#"{"a":1,"b":2}"#);
        assert_eq!(set(r#"{"a": 1 }"#, "b", "2").unwrap(), r#"{"a": 1, "b": 2 }"#);
        assert_eq!(set("{}", "b", "2").unwrap(), r#"{"b":2}"#);
        assert_eq!(set(r#"{"b":{"x":"}"},"c":3}"#, "b", "2").unwrap(), r#"{"b":2,"c":3}"#);
    }
}
