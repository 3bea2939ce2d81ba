//! Encodings that a file claims for itself. Evidence, not truth.

use encoding_rs::WINDOWS_1252;

use super::charset::Charset;

/// How far into a file a declaration can stand; the HTML standard says 1024 bytes.
const HEAD: usize = 1024;

/// How far from the end of a file Vim's and Emacs's settings can stand.
const TAIL: usize = 1024;

/// What stands before the name of the encoding, and who writes it so.
const KEYS: [(&[u8], &str); 6] = [
    (b"charset=", "charset"),
    (b"charset ", "@charset"),
    (b"encoding=", "XML declaration"),
    (b"coding:", "coding cookie"),
    (b"coding=", "coding cookie"),
    (b"fileencoding=", "modeline"),
];

/// What a file claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub charset: Charset,
    /// The encoding as it is spelled there, in lower case.
    pub label: String,
    /// Where it stands.
    pub by: &'static str,
}

/// The encoding that the file claims.
pub(super) fn find(bytes: &[u8]) -> Option<Claim> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    [head, tail].into_iter().find_map(find_in)
}

fn find_in(bytes: &[u8]) -> Option<Claim> {
    let lower = bytes.to_ascii_lowercase();
    let found = KEYS.iter().filter_map(|(key, by)| {
        memchr::memmem::find_iter(&lower, key)
            .find_map(|at| Some((at, named(&lower[at + key.len()..])?, *by)))
    });
    let (_, (charset, label), by) = found.min_by_key(|(at, ..)| *at)?;
    Some(Claim { charset, label: label.to_owned(), by })
}

/// The encoding named at the start of `bytes`, in quotes or not.
fn named(bytes: &[u8]) -> Option<(Charset, &str)> {
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'"' | b'\''))?;
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let len = bytes[start..].iter().take_while(|byte| is_label(byte)).count();
    let label = std::str::from_utf8(&bytes[start..start + len]).ok()?;
    // Emacs adds the line ending: utf-8-unix
    let label =
        ["-unix", "-dos", "-mac"].iter().find_map(|end| label.strip_suffix(end)).unwrap_or(label);
    let charset = match Charset::from_label(label)? {
        // files that call themselves ASCII are in what browsers read under that name
        Charset::Ascii => Charset::Single(WINDOWS_1252),
        charset => charset,
    };
    Some((charset, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_of_each_kind_are_found() {
        for (text, name) in [
            ("<meta http-equiv=Content-Type content=\"text/html; charset=gb2312\">", "gbk"),
            ("<META CHARSET='Big5'>", "big5"),
            ("<?xml version=\"1.0\" encoding=\"GB18030\"?>", "gb18030"),
            ("#!/usr/bin/python\n# -*- coding: cp936 -*-\n", "gbk"),
            ("; -*- coding: big5-unix -*-", "big5"),
            ("@charset \"EUC-JP\";", "euc-jp"),
            ("text\n# vim: set fileencoding=euc-kr :\n", "euc-kr"),
        ] {
            assert_eq!(
                find(text.as_bytes()).map(|claim| claim.charset.name()),
                Some(name),
                "{text}"
            );
        }
        assert_eq!(find(b"encoding: unknown, charset=none"), None);
    }
}
