//! U+FFFD read as GBK or Big5: `EFBF BDEF BFBD`, two of them, are 锟斤拷 and 嚙踝蕭.

use std::ops::Range;

use encoding_rs::{BIG5, Encoding, GBK};

use super::{Lost, is_quoted, stretch};
use crate::script::{is_ideograph, neighbours};

/// A double-byte codec with which U+FFFD was read.
pub struct Reread {
    encoding: &'static Encoding,
    /// The word alone, which is two U+FFFD, is damage wherever it is not quoted:
    /// nobody writes 嚙踝蕭, but many a text jokes about 锟斤拷.
    word_is_enough: bool,
    message: &'static str,
}

pub static AS_GBK: Reread = Reread {
    encoding: GBK,
    word_is_enough: false,
    message: "U+FFFD read as GBK; the text is lost",
};
pub static AS_BIG5: Reread = Reread {
    encoding: BIG5,
    word_is_enough: true,
    message: "U+FFFD read as Big5; the text is lost",
};

impl Reread {
    /// What was lost in the run of ideographs from `start` on: from the first to the last
    /// U+FFFD in its bytes.
    pub fn recognise(&self, text: &str, start: usize) -> (usize, Option<Lost>) {
        let run = &text[start..];
        let run = &run[..run.find(|c| !is_ideograph(c)).unwrap_or(run.len())];
        let end = start + run.len();
        let bytes = self.bytes(run);
        let (count, found) = replacements(&bytes);
        // two bytes a character, and one that is only half in counts whole
        let offset = |bytes: usize| -> usize {
            start + run.chars().take(bytes.div_ceil(2)).map(char::len_utf8).sum::<usize>()
        };
        let range = offset(found.start & !1)..offset(found.end);
        (end, self.judge(text, range, count))
    }

    /// Whether `count` of U+FFFD in the bytes of a range are damage.
    fn judge(&self, text: &str, range: Range<usize>, count: usize) -> Option<Lost> {
        let (before, after) = neighbours(text, range.start, range.end);
        let cut_off = after == Some('\u{FFFD}');
        let range = range.start..stretch(text, range.clone(), |c| c == '\u{FFFD}').end;
        let attached = before.into_iter().chain(after).any(|c| c.is_ascii_alphanumeric());
        let certain = match count {
            0 => return None,
            1 if !cut_off => return None, // a name and a word: 曹锟将军 is EFBF BDAB BEFC
            2 => (self.word_is_enough || attached) && !is_quoted(text, &range),
            _ => true,
        };
        Some(Lost { range, message: self.message, reread: true, certain })
    }

    /// The two bytes of each character, up to the first that has not just two.
    fn bytes(&self, run: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4];
        for c in run.chars() {
            // in text that was converted to Traditional afterwards
            let c = if c == '錕' { '锟' } else { c };
            let (encoded, _, failed) = self.encoding.encode(c.encode_utf8(&mut buffer));
            if failed || encoded.len() != 2 {
                break;
            }
            bytes.extend_from_slice(&encoded);
        }
        bytes
    }
}

/// How many U+FFFD there are in UTF-8 `bytes`, and from where to where.
fn replacements(bytes: &[u8]) -> (usize, Range<usize>) {
    let mut count = 0;
    let mut range = 0..0;
    for at in memchr::memmem::find_iter(bytes, "\u{FFFD}") {
        if count == 0 {
            range.start = at;
        }
        range.end = at + "\u{FFFD}".len();
        count += 1;
    }
    (count, range)
}
