//! Radicals and private-use characters of real excerpts, where they are at hand.
//!
//! The excerpts lie beside the project in `../shared/cases`; elsewhere the test says so
//! and passes.

use std::fs;
use std::path::Path;

use hanfix::{Fixer, Kind};

struct Case {
    id: String,
    kind: String,
    damaged: String,
    truth: Option<String>,
}

/// The cases of a file; `None` where the folder is absent.
fn cases(file: &str) -> Option<Vec<Case>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases").join(file);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: no {file} in ../shared/cases");
        return None;
    };
    let case = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect(line);
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        Case {
            id: text("id").expect("an id"),
            kind: text("kind").expect("a kind"),
            damaged: text("damaged").expect("a damaged text"),
            truth: text("truth"),
        }
    };
    Some(text.lines().map(case).collect())
}

fn fixer(kind: Kind) -> Fixer {
    Fixer::builder().repair([kind]).build().expect("valid options")
}

#[test]
fn determined_excerpts_are_restored() {
    let Some(cases) = cases("mojibake.jsonl") else { return };
    let compat =
        ["kangxi", "kangxi_doubled", "pua_big5conv", "pua_swallow", "pua_gb18030", "pua_emoji"];
    let escapes = ["qp_escapes", "html_entities"];
    let mut checked = 0;
    for case in &cases {
        let kind = match case.kind.as_str() {
            kind if compat.contains(&kind) => Kind::Compat,
            kind if escapes.contains(&kind) => Kind::Escape,
            _ => continue,
        };
        // □ marks what is lost: U+FFFD stands there
        let Some(truth) = case.truth.as_ref().map(|truth| truth.replace('□', "\u{FFFD}")) else {
            continue;
        };
        assert_eq!(fixer(kind).fix(&case.damaged).text, truth, "{}", case.id);
        checked += 1;
    }
    assert!(checked > 0, "no case of these kinds");
}

#[test]
fn clean_excerpts_stay() {
    let Some(cases) = cases("negative.jsonl") else { return };
    let fixer = fixer(Kind::Compat);
    for case in cases {
        assert_eq!(fixer.fix(&case.damaged).text, case.damaged, "{}", case.id);
    }
}
