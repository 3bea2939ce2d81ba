//! The corpora that benchmarks take their text from, which are no part of the project.

mod corpus;
mod held_out;

use std::ops::Range;

pub use self::corpus::CORPORA;
use self::corpus::corpus;
pub use self::held_out::HELD_OUT;

/// The lines of a corpus between some of its thousandths; none where it is not there.
pub fn lines(name: &str, thousandths: Range<usize>) -> Vec<String> {
    let text = corpus(name).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let part = &lines[held_out::part(lines.len(), thousandths)];
    part.iter().map(|&line| line.to_owned()).collect()
}
