//! Trains the language model: counts characters and pairs, writes the table.
//!
//! ```text
//! hanfix-train CORPORA OUTPUT [BUCKETS]
//! ```
//!
//! CORPORA is a folder of `NAME.txt`, one line a line of text; `SOURCES` below
//! names the files, their licences and weights. BUCKETS is the number of buckets of
//! eight pairs, a power of two.
//!
//! Of each file a stretch in the middle is left out, for tests: the lines are in
//! the order of their sources, so a test line is seldom of a source trained on.

mod corpus;
mod counts;
mod table;

use std::path::PathBuf;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (corpora, output, buckets) = match arguments.as_slice() {
        [corpora, output] => (corpora, output, 1 << 14),
        [corpora, output, buckets] => (corpora, output, buckets.parse()?),
        _ => anyhow::bail!("usage: hanfix-train CORPORA OUTPUT [BUCKETS]"),
    };
    let mut counts = counts::Counts::default();
    for source in corpus::SOURCES {
        let path = PathBuf::from(corpora).join(source.file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        for line in corpus::training_lines(&text) {
            counts.add_line(&line, source.weight);
        }
        eprintln!("{}: {} pairs so far", source.file, counts.pairs.len());
    }
    let table = table::build(&counts, buckets);
    std::fs::write(output, &table).with_context(|| format!("cannot write {output}"))?;
    eprintln!("{output}: {} bytes", table.len());
    Ok(())
}
