//! Compiles OpenCC's dictionary texts and configurations into the one table
//! file that `hanfix::convert` embeds.
//!
//! ```text
//! vendor/*.txt ─dict─▶ dictionaries, *.json ─plan─▶ flat steps ─heads─▶ filters ─────────table─▶ tables.bin
//!                                                              └precomputed─▶ phrases' values ─┘
//! ```
//!
//! Run from anywhere in the repository, after `refresh.sh` has fetched new texts:
//! `cargo run --release -p opencc-compile`.

mod dict;
// what the conversion reads and this writes has one definition
#[path = "../../../src/convert/table/format.rs"]
mod format;
#[path = "../../../src/hash.rs"]
mod hash;
mod heads;
mod plan;
mod precomputed;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use dict::Dictionaries;
use plan::Plan;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vendor = root.join("vendor");
    let output = root.join("../../src/convert/tables.bin");

    let dictionaries = Dictionaries::load(&vendor.join("dictionary"))?;
    let mut plans = BTreeMap::new();
    for entry in fs::read_dir(vendor.join("config"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).context("file name")?;
        let json = fs::read_to_string(&path)?;
        let plan = Plan::read(&json, &dictionaries).with_context(|| format!("{name}.json"))?;
        plan.check_breaks()?;
        plans.insert(name.to_owned(), plan);
    }

    let mut tables = table::Writer::new(&dictionaries)?;
    for (name, plan) in &plans {
        tables.add(name, plan, &dictionaries).with_context(|| format!("tables of {name}"))?;
    }
    let bytes = tables.finish();
    println!("{} bytes", bytes.len());
    fs::write(&output, bytes).with_context(|| output.display().to_string())
}
