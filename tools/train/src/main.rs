//! Trains the language model: counts characters, pairs and triples, writes the tables.
//!
//! ```text
//! hanfix-train CORPORA [BUCKETS TRIPLE_BUCKETS]
//! ```
//!
//! CORPORA is a folder of `NAME.txt`, one line a line of text; `SOURCES` in `corpus.rs`
//! names the files, their licences and weights. BUCKETS is the number of buckets of eight pairs,
//! a power of two, half of which are for words, and TRIPLE_BUCKETS that of eight triples. The
//! tables of the model and of the gate are written to where the library includes them.
//!
//! Of each file a stretch in the middle is left out, for tests: the lines are in
//! the order of their sources, so a test line is seldom of a source trained on.

mod ascii;
mod corpus;
mod counts;
mod gate;
// what training leaves out and benchmarks take has one definition
#[path = "../../../benches/corpora/held_out.rs"]
mod held_out;
mod table;

use std::path::Path;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (corpora, buckets, triple_buckets) = match arguments.as_slice() {
        [corpora] => (corpora, 1 << 14, 1 << 14),
        [corpora, buckets, triple_buckets] => (corpora, buckets.parse()?, triple_buckets.parse()?),
        _ => anyhow::bail!("usage: hanfix-train CORPORA [BUCKETS TRIPLE_BUCKETS]"),
    };
    let mut counts = counts::Counts::default();
    let mut ascii = ascii::Ascii::default();
    let mut texts = Vec::new();
    for source in corpus::SOURCES {
        let path = Path::new(corpora).join(source.file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let lines = source.training_lines(&text);
        for line in &lines {
            counts.add_line(line, source.weight);
            ascii.add_line(line, source.weight);
        }
        let (pairs, triples) = (counts.pairs.len(), counts.triples.len());
        eprintln!("{}: {pairs} pairs and {triples} triples so far", source.file);
        if source.convert.is_none() {
            texts.push((source.file, lines));
        }
    }
    let (pairs, triples) = table::build(&counts, buckets, triple_buckets);
    let words = table::words(&word_counts(corpora)?, buckets / 2);
    write("model/ascii.bin", &ascii.table(&counts))?;
    write("model/words.bin", &words)?;
    write("model/table.bin", &pairs)?;
    write("model/triples.bin", &triples)?;
    write("segment/weights.bin", &gate::build(&texts))
}

/// The words of a dictionary with how often each occurs, `WORD COUNT` a line.
fn word_counts(corpora: &str) -> anyhow::Result<Vec<(String, u64)>> {
    let path = Path::new(corpora).join("word-counts.txt");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let line = |line: &str| {
        let (word, count) = line.split_once(' ').context("a line without a count")?;
        Ok((word.to_owned(), count.parse()?))
    };
    text.lines().map(line).collect()
}

/// Writes a table of the library.
fn write(name: &str, table: &[u8]) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src").join(name);
    std::fs::write(&path, table).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("src/{name}: {} bytes", table.len());
    Ok(())
}
