//! OpenCC's own test suite, in both tofu modes where they differ.

use std::collections::BTreeMap;

use hanfix::convert::{Config, Converter};
use serde::Deserialize;

/// The checks that OpenCC 1.4.2 has; fewer would mean that some were not read.
const CHECKS: usize = 556;

#[derive(Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    input: String,
    expected: BTreeMap<String, String>,
}

/// The suite is JSON with commas behind the last members, which OpenCC's parser takes.
fn read_suite() -> Suite {
    let json = include_str!("../tools/opencc-compile/vendor/testcases.json");
    let strict: String = {
        let mut lines: Vec<&str> = json.lines().collect();
        for at in 1..lines.len() {
            if lines[at].trim_start().starts_with('}') || lines[at].trim_start().starts_with(']') {
                lines[at - 1] = lines[at - 1].strip_suffix(',').unwrap_or(lines[at - 1]);
            }
        }
        lines.join("\n")
    };
    serde_json::from_str(&strict).expect("the suite is JSON")
}

#[test]
fn opencc_suite() {
    let converters: BTreeMap<&str, Converter> =
        Config::ALL.map(|config| (config.name(), Converter::new(config))).into();
    let mut checks = 0;
    for case in read_suite().cases {
        for (config, expected) in &case.expected {
            let converted = converters[config.as_str()].convert(&case.input);
            assert_eq!(converted, expected.as_str(), "{} {config}", case.id);
            checks += 1;
        }
    }
    assert_eq!(checks, CHECKS);
}
