//! Addresses in running text.

use std::ops::Range;

use memchr::memmem;

use super::is_ideograph;

/// Addresses, from the scheme or `www.` to where an address cannot go on.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let schemes = memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let scheme = text[..at].bytes().rev().take_while(|b| is_scheme_byte(*b)).count();
        (scheme > 0).then_some((at - scheme, at + "://".len()))
    });
    let hosts = memmem::find_iter(text.as_bytes(), "www.").map(|at| (at, at));
    let mut starts: Vec<_> = schemes.chain(hosts).collect();
    starts.sort_unstable();
    for (start, host) in starts {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let end = host + address_len(&text[host..]);
        if end > host {
            found.push(start..end);
        }
    }
    found
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Bytes of an address behind its scheme.
///
/// In the host nothing but ASCII counts, because Chinese text goes on without a space
/// (`https://example.org的页面`); behind it ideographs do (`…/wiki/漢字`).
fn address_len(text: &str) -> usize {
    let host = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~%:@".contains(c)));
    let host = host.unwrap_or(text.len());
    let path = match text.as_bytes().get(host) {
        Some(b'/' | b'?' | b'#') => {
            let ends = |c: char| {
                c.is_whitespace() || "<>\"'`{}|\\^".contains(c) || !c.is_ascii() && !is_ideograph(c)
            };
            text[host..].find(ends).unwrap_or(text.len() - host)
        }
        _ => 0,
    };
    // the stop behind an address is not of it
    text[..host + path].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<&str> {
        addresses(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn addresses_end_where_chinese_goes_on() {
        let text = "见https://example.org的页面，和http://example.org/后台?页=里#干。或www.example.org/里)。";
        let addresses =
            ["https://example.org", "http://example.org/后台?页=里#干", "www.example.org/里"];
        assert_eq!(kept(text), addresses);
        assert_eq!(kept("a://b.c/x://y ://z http://"), ["a://b.c/x://y"]);
    }
}
