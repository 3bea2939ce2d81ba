//! Encodings that a file claims for itself. Evidence, not truth.

use encoding_rs::WINDOWS_1252;

use super::charset::Charset;

/// How far into a file a declaration can stand; the HTML standard says 1024 bytes.
const HEAD: usize = 1024;

/// How far from the end of a file Vim's and Emacs's settings can stand.
const TAIL: usize = 1024;

/// What an encoding is called where it is stated.
struct Key {
    word: &'static [u8],
    /// What stands between the word and the name of the encoding.
    sign: u8,
    /// Whether there may be blanks before the sign: HTML and XML allow them, Vim and Emacs do not.
    spaced: bool,
    /// Who writes it so.
    by: &'static str,
}

const KEYS: [Key; 7] = [
    Key { word: b"charset", sign: b'=', spaced: true, by: "charset" },
    Key { word: b"charset", sign: b' ', spaced: false, by: "@charset" },
    Key { word: b"encoding", sign: b'=', spaced: true, by: "XML declaration" },
    Key { word: b"coding", sign: b':', spaced: false, by: "coding cookie" },
    Key { word: b"coding", sign: b'=', spaced: false, by: "coding cookie" },
    Key { word: b"fileencoding", sign: b'=', spaced: false, by: "modeline" },
    Key { word: b"fenc", sign: b'=', spaced: false, by: "modeline" },
];

impl Key {
    /// What is behind the sign, where `bytes`, which are behind the word, start with it.
    fn behind_sign<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let bytes = if self.spaced { bytes.trim_ascii_start() } else { bytes };
        bytes.strip_prefix(&[self.sign])
    }
}

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
    let found = KEYS.iter().filter_map(|key| {
        memchr::memmem::find_iter(&lower, key.word).find_map(|at| {
            let name = key.behind_sign(&lower[at + key.word.len()..])?;
            Some((at, named(name)?, key.by))
        })
    });
    let (_, (charset, label), by) = found.min_by_key(|(at, ..)| *at)?;
    Some(Claim { charset, label: label.to_owned(), by })
}

/// The encoding named at the start of `bytes`, in quotes or not.
fn named(bytes: &[u8]) -> Option<(Charset, &str)> {
    let is_quote = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let start = bytes.iter().position(|byte| !is_quote(byte))?;
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
            ("text\n# vim: set ts=4 fenc=gbk :\n", "gbk"),
            ("# vim: fenc=big5", "big5"),
            ("<meta charset = \"big5\">", "big5"),
            ("<meta\n charset\n=\n'gb2312'>", "gbk"),
            ("<?xml version='1.0' encoding = 'big5'?>", "big5"),
        ] {
            assert_eq!(
                find(text.as_bytes()).map(|claim| claim.charset.name()),
                Some(name),
                "{text}"
            );
        }
        assert_eq!(find(b"encoding: unknown, charset=none"), None);
        assert_eq!(find(b"vim: fenc = gbk"), None);
    }
}
