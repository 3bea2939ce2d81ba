//! What the bytes of one line say without being read.

use std::ops::Range;

use crate::decode::charset::Charset;
use crate::decode::utf8;

/// The line that `at` is in, with its end.
pub fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
    start..end
}

/// Whether a line is UTF-8 but may be so by accident: `D2 BB D6 B1` is 一直 in GBK.
pub fn is_weak(line: &[u8]) -> bool {
    !line.is_ascii() && utf8::valid(line).is_some() && utf8_run(line, 0).is_none()
}

/// The first place at or behind `from` where UTF-8 is likely: two characters of three bytes, as
/// most of Chinese is, side by side, or one between ASCII.
fn utf8_run(bytes: &[u8], from: usize) -> Option<usize> {
    if bytes.len() - from <= SHORT {
        let at = bytes[from..].windows(PATTERN).position(is_pattern);
        return at.map(|at| from + at);
    }
    (from..bytes.len()).step_by(STRETCH).find_map(|start| {
        // patterns that reach into the next stretch are seen here
        let stretch = &bytes[start..bytes.len().min(start + STRETCH + PATTERN - 1)];
        let holds = stretch.len() >= PATTERN && has_pattern(stretch);
        let at = holds.then(|| stretch.windows(PATTERN).position(is_pattern)).flatten();
        at.map(|at| start + at)
    })
}

/// The starts of the lines where UTF-8 is likely.
pub fn utf8_runs(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let line = line_around(bytes, utf8_run(bytes, from)?);
        from = line.end;
        Some(line.start)
    })
}

/// Bytes for which looking through many at once is not worth its start: most lines.
const SHORT: usize = 256;
/// Bytes that are looked through at once.
const STRETCH: usize = 1024;
/// The length of the longer pattern.
const PATTERN: usize = 6;

fn is_lead(byte: u8) -> bool {
    byte.wrapping_sub(0xE3) < 7
}

fn is_trail(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Whether a window is one of the patterns of [`utf8_run`].
fn is_pattern(window: &[u8]) -> bool {
    let three =
        |at: usize| is_lead(window[at]) && is_trail(window[at + 1]) && is_trail(window[at + 2]);
    three(0) && three(3) || window[0].is_ascii() && three(1) && window[4].is_ascii()
}

/// Whether one of the patterns occurs in `bytes`, which are no shorter than it.
fn has_pattern(bytes: &[u8]) -> bool {
    // without branches, so that it is done many bytes at a time
    let mut three = [0; STRETCH + PATTERN];
    let [a, b, c] = std::array::from_fn(|offset| &bytes[offset..][..bytes.len() - 2]);
    for (at, three) in three.iter_mut().enumerate().take(a.len()) {
        *three = u8::from(is_lead(a[at])) & u8::from(is_trail(b[at])) & u8::from(is_trail(c[at]));
    }
    let len = bytes.len() + 1 - PATTERN;
    let [first, second, fourth] = [0, 1, 3].map(|offset| &three[offset..][..len]);
    let [before, behind] = [0, 4].map(|offset| &bytes[offset..][..len]);
    let found = |at: usize| {
        let between = u8::from(before[at] < 0x80) & u8::from(behind[at] < 0x80);
        first[at] & fourth[at] | second[at] & between
    };
    (0..len).fold(0, |any, at| any | found(at)) != 0
}

/// The encoding that a line is in without a doubt, where the only legacy encoding to expect is
/// `legacy`; most lines of a file in two encodings say so in a glance at their bytes.
pub fn plain(line: &[u8], legacy: Option<Charset>) -> Option<Charset> {
    let has_utf8 = utf8_run(line, 0).is_some();
    if utf8::valid(line).is_some() {
        return has_utf8.then_some(Charset::Utf8);
    }
    let is_plain = match legacy? {
        _ if has_utf8 => false,
        Charset::Gbk => Pairs::of(line).is_some_and(|pairs| pairs.are_gb2312()),
        Charset::Big5 => Pairs::of(line).is_some_and(|pairs| pairs.are_big5()),
        _ => false,
    };
    legacy.filter(|_| is_plain)
}

/// Fewer pairs may be anything: `r\xE9gion` is a letter, `\xB0 C` a degree.
const ENOUGH: usize = 6;

/// The double-byte characters of a line, by what their bytes are.
#[derive(Clone, Copy, Debug, Default)]
struct Pairs {
    all: usize,
    /// With a second byte from A1 up, as all of GB 2312 has.
    high: usize,
    /// Of ASCII for a second byte, as half of Big5 has.
    low: usize,
    /// Of the first level of GB 2312 or its marks, which are nearly all of a text.
    gb2312: usize,
    /// Of the first level of Big5 or its marks.
    big5: usize,
}

impl Pairs {
    /// The pairs of a line; none where a byte is left over.
    fn of(line: &[u8]) -> Option<Pairs> {
        let mut pairs = Pairs::default();
        let mut at = 0;
        while let Some(lead) = line.get(at) {
            if lead.is_ascii() {
                at += 1;
                continue;
            }
            let second = *line.get(at + 1)?;
            if !matches!(lead, 0x81..=0xFE) || !matches!(second, 0x40..=0x7E | 0x80..=0xFE) {
                return None;
            }
            pairs.all += 1;
            pairs.high += usize::from(second >= 0xA1);
            pairs.low += usize::from(second.is_ascii());
            pairs.gb2312 += usize::from(matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xD7));
            pairs.big5 += usize::from(matches!(lead, 0xA1 | 0xA4..=0xC6));
            at += 2;
        }
        Some(pairs)
    }

    fn are_gb2312(self) -> bool {
        self.all >= ENOUGH && self.high == self.all && 8 * self.gb2312 >= 7 * self.all
    }

    /// Text of GB 2312 has no second byte below A1, and that of Big5 half of them.
    fn are_big5(self) -> bool {
        self.all >= ENOUGH && 4 * self.low >= self.all && 8 * self.big5 >= 7 * self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_shows_in_other_bytes() {
        let (gbk, _, _) = encoding_rs::GBK.encode("这一行是国标码，没有别的东西。");
        assert_eq!(utf8_runs(&gbk).count(), 0);
        for text in ["中文", "状态: 是\n", "a是b是c"] {
            let bytes = [&gbk, text.as_bytes(), &gbk].concat();
            assert_eq!(utf8_runs(&bytes).count(), 1, "{text}");
        }
    }

    #[test]
    fn lines_say_what_they_are_in_or_nothing() {
        let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
        let big5 = |text: &str| encoding_rs::BIG5.encode(text).0.into_owned();
        let (simplified, traditional) =
            ("今天下午的会议改到三点，请带上报告", "明天早上八點在車站集合，請不要遲到");
        let [in_gbk, in_big5] = [Charset::Gbk, Charset::Big5].map(Some);
        assert_eq!(plain(simplified.as_bytes(), in_gbk), Some(Charset::Utf8));
        assert_eq!(plain(&gbk(simplified), in_gbk), in_gbk);
        assert_eq!(plain(&big5(traditional), in_big5), in_big5);
        assert_eq!(plain(&gbk(simplified), in_big5), None);
        assert_eq!(plain(&big5(traditional), in_gbk), None);
        assert_eq!(plain(&gbk(simplified), None), None);
        assert_eq!(plain(b"d\xE9j\xE0 vu, caf\xE9, \xE9t\xE9, r\xE9gion, p\xE8re", in_gbk), None);
        // 一直 in GBK is valid UTF-8, and a truncated line is none of either
        assert_eq!(plain(b"\xD2\xBB\xD6\xB1", in_gbk), None);
        assert_eq!(plain(&gbk(simplified)[1..], in_gbk), None);
    }

    #[test]
    fn long_files_are_looked_through_at_every_edge() {
        for at in STRETCH - 8..STRETCH + 2 {
            let mut bytes = vec![b'.'; 3 * STRETCH];
            bytes[at..at + 6].copy_from_slice("中文".as_bytes());
            assert!(utf8_run(&bytes, 0).is_some(), "{at}");
        }
    }
}
