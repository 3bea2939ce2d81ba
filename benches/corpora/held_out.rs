//! Which lines of a corpus are for tests: training leaves them out, and benchmarks take them.

use std::ops::Range;

/// Thousandths of each corpus that are held out: mostly sources of their own.
pub const HELD_OUT: Range<usize> = 480..530;

/// The lines, from 0, that some thousandths of `count` lines are.
pub fn part(count: usize, thousandths: Range<usize>) -> Range<usize> {
    let line = |thousandth| count * thousandth / 1000;
    line(thousandths.start)..line(thousandths.end)
}
