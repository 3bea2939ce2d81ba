//! Where converted bytes go: behind a text, and checked to be text as well.

use std::mem;

/// The end of a text that is being written.
///
/// The bytes are written where they stay. To collect them elsewhere, and append what was checked
/// of them to the text, which needs no `unsafe`, makes t2s 10 % slower
/// (`cargo bench -p peers --bench convert -- hanfix`).
pub struct Output<'o> {
    /// Empty until this is dropped, which puts the bytes back.
    text: &'o mut String,
    bytes: Vec<u8>,
    /// So many of the bytes are UTF-8, whole characters.
    checked: usize,
}

impl<'o> Output<'o> {
    /// The end of `text`, which gets about as many more bytes as is said.
    pub fn new(text: &'o mut String, more: usize) -> Output<'o> {
        let mut bytes = mem::take(text).into_bytes();
        bytes.reserve(more);
        Output { text, checked: bytes.len(), bytes }
    }

    /// Appends text.
    pub fn push_str(&mut self, text: &str) {
        self.check();
        self.bytes.extend_from_slice(text.as_bytes());
        self.checked = self.bytes.len();
    }

    /// Appends bytes, and gives them to be changed.
    #[inline(always)]
    pub fn append(&mut self, bytes: &[u8]) -> &mut [u8] {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        &mut self.bytes[start..]
    }

    /// Drops the last bytes, none of which were checked.
    pub fn drop_last(&mut self, count: usize) {
        let len = self.bytes.len().checked_sub(count).filter(|&len| self.checked <= len);
        self.bytes.truncate(len.expect("checked bytes stay"));
    }

    /// Replaces the last `from` bytes but for the last `kept` of them.
    pub fn replace(&mut self, from: usize, kept: usize, value: &[u8]) {
        let end = self.bytes.len() - kept;
        let start = self.bytes.len() - from;
        if start < self.checked {
            let is_boundary = self.bytes[start] & 0xC0 != 0x80;
            assert!(is_boundary, "characters are replaced whole");
            self.checked = start;
        }
        // what becomes as many bytes, which is frequent, takes a copy alone
        if end - start == value.len() {
            self.bytes[start..end].copy_from_slice(value);
        } else {
            self.bytes.splice(start..end, value.iter().copied());
        }
    }

    /// Checks what was written since the last time.
    ///
    /// Best where that still is in the first-level cache.
    pub fn check(&mut self) {
        let checked = simdutf8::basic::from_utf8(&self.bytes[self.checked..]);
        checked.expect("characters are written whole");
        self.checked = self.bytes.len();
    }

    /// Checks the rest, and leaves the text with all that was written.
    pub fn finish(mut self) {
        self.check();
    }
}

/// Leaves the text with what was checked.
impl Drop for Output<'_> {
    #[expect(unsafe_code, reason = "the bytes were checked piece by piece, in the cache")]
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(self.checked);
        // SAFETY: the first `checked` bytes are UTF-8 at all times. `new` takes them from a
        // `String`. `push_str` and `check` add to them when they are all there are: a `str`, and
        // what `from_utf8` found to be one; UTF-8 behind UTF-8 is UTF-8. `append` and
        // `drop_last` leave them as they are. `replace` first counts them down to the start of a
        // character, before which UTF-8 ends whole, and changes none before that. Nothing else
        // has access to them.
        *self.text = unsafe { String::from_utf8_unchecked(bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_checked_is_not_in_the_text() {
        let mut text = String::from("门");
        let mut out = Output::new(&mut text, 0);
        out.append("門x\u{FF}".as_bytes())[..3].copy_from_slice("间".as_bytes());
        out.drop_last(2);
        out.check();
        out.append(b"\x80");
        drop(out);
        assert_eq!(text, "门间x");
    }

    #[test]
    fn replaces_what_was_checked() {
        for (value, expected) in [("间", "a间c"), ("", "ac"), ("时间", "a时间c")] {
            let mut text = String::from("a門");
            let mut out = Output::new(&mut text, 0);
            out.append(b"c");
            out.replace(4, 1, value.as_bytes());
            out.finish();
            assert_eq!(text, expected);
        }
    }

    #[test]
    #[should_panic(expected = "characters are replaced whole")]
    fn no_part_of_a_character_is_replaced() {
        Output::new(&mut String::from("門"), 0).replace(1, 0, b"\x80");
    }

    #[test]
    #[should_panic(expected = "checked bytes stay")]
    fn no_part_of_a_character_is_dropped() {
        Output::new(&mut String::from("門"), 0).drop_last(1);
    }

    #[test]
    #[should_panic(expected = "characters are written whole")]
    fn no_part_of_a_character_is_written() {
        let mut text = String::new();
        let mut out = Output::new(&mut text, 0);
        out.append(&"門".as_bytes()[..2]);
        out.push_str("x");
    }
}
