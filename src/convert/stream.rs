//! Conversion of a text that comes in chunks.

use super::Converter;
use super::keep::Paragraphs;
use super::pieces::last_break;

/// Converts a text chunk by chunk, to the same bytes as in one.
///
/// What may still join a phrase with the next chunk is kept back: all behind the last line
/// feed or full stop (`。！？；`), and with a dictionary as much more as its longest word has
/// bytes. Text without any is kept back as a whole. Where the converter leaves code alone, all
/// behind the last paragraph or block of code is kept back.
///
/// ```
/// use hanfix::convert::{Config, Converter};
///
/// let converter = Converter::new(Config::S2t);
/// let mut stream = converter.stream();
/// let mut out = String::new();
/// stream.push("太后来了。头", &mut out);
/// assert_eq!(out, "太后來了。");
/// stream.push("发", &mut out);
/// stream.finish(&mut out);
/// assert_eq!(out, "太后來了。頭髮");
/// ```
#[derive(Debug)]
pub struct Stream<'a> {
    converter: &'a Converter,
    /// What was kept back.
    kept: String,
    /// Where that may be cut, if code is left alone.
    paragraphs: Paragraphs,
}

impl Converter {
    /// A conversion of one text in chunks.
    pub fn stream(&self) -> Stream<'_> {
        Stream { converter: self, kept: String::new(), paragraphs: Paragraphs::default() }
    }
}

impl Stream<'_> {
    /// Takes the next chunk, and appends to `out` what is certain by now.
    pub fn push(&mut self, chunk: &str, out: &mut String) {
        let kept = self.kept.len();
        self.kept.push_str(chunk);
        // in what was kept before there is none
        let end = match &self.converter.rules {
            Some(rules) => rules.last_break(&self.kept, kept, &mut self.paragraphs),
            None => last_break(&self.kept, kept),
        };
        if let Some(end) = end {
            self.converter.convert_into(&self.kept[..end], out);
            self.kept.drain(..end);
        }
    }

    /// Appends the rest of the conversion to `out`.
    pub fn finish(self, out: &mut String) {
        self.converter.convert_into(&self.kept, out);
    }
}
