//! Every document of `seeds/` is repaired and compared with the clean one it was made from.

use std::fs;
use std::path::Path;

use hanfix::Fixer;
use hanfix::decode::Options;

/// Determined, but not wholly restored so far, and how many lines are: of characters of Big5 that
/// GBK has in its private-use zones.
const NOT_YET: [(&str, usize); 1] = [("big5-as-gbk", 5)];

/// One line of `seeds/seeds.tsv`.
struct Seed {
    name: String,
    damaged: Vec<u8>,
    clean: String,
    exact: bool,
}

fn seeds() -> Vec<Seed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let table = fs::read_to_string(folder.join("seeds.tsv")).expect("seeds.tsv");
    table
        .lines()
        .map(|line| {
            let [name, clean, state] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not three columns: {line}");
            };
            Seed {
                name: name.to_owned(),
                damaged: fs::read(folder.join(format!("{name}.txt"))).expect(name),
                clean: fs::read_to_string(folder.join(format!("clean/{clean}.txt"))).expect(clean),
                exact: state == "exact",
            }
        })
        .collect()
}

fn repaired(fixer: &Fixer, bytes: &[u8]) -> String {
    let fixed = fixer.fix_bytes(bytes, &Options::default()).expect("text");
    hanfix::edit::apply(&fixed.decoded.text, &fixed.edits)
}

#[test]
fn what_is_determined_is_restored() {
    let fixer = Fixer::default();
    let mut failed = Vec::new();
    for seed in seeds().iter().filter(|seed| seed.exact) {
        let got = repaired(&fixer, &seed.damaged);
        let all = seed.clean.lines().count();
        let lines = got.lines().zip(seed.clean.lines()).filter(|(got, clean)| got == clean).count();
        let is_as_expected = match NOT_YET.into_iter().find(|(name, _)| *name == seed.name) {
            Some((_, restored)) => lines == restored,
            None => got == seed.clean,
        };
        if !is_as_expected {
            failed.push(format!("{}: {lines} of {all} lines", seed.name));
            for (got, clean) in got.lines().zip(seed.clean.lines()).filter(|(g, c)| g != c).take(2)
            {
                failed.push(format!("    wanted {clean:?}\n    got    {got:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn clean_documents_come_back_as_they_were() {
    let fixer = Fixer::default();
    for seed in seeds() {
        let fixed = fixer.fix(&seed.clean);
        assert!(fixed.edits.is_empty(), "{}: {:?}", seed.name, fixed.edits);
        assert!(fixed.findings.is_empty(), "{}: {:?}", seed.name, fixed.findings);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let fixer = Fixer::default();
    for seed in seeds() {
        let once = repaired(&fixer, &seed.damaged);
        assert_eq!(fixer.fix(&once).text, once, "{}", seed.name);
    }
}
