//! Every folder of `golden/` is a case: data only, run by this one test.
//!
//! | file | meaning |
//! |---|---|
//! | `input` | the bytes that go in |
//! | `expected` | the bytes that come out; absent where they are those of `input` |
//! | `args` | options of the command line, separated by white space; absent where there are none |
//! | `findings` | what stays and is reported, each line `LINE:COLUMN KIND TEXT`; absent where it does not matter |
//! | `case.toml` | `label` and `comment`: what the case shows and where it comes from |
//!
//! A case goes through the binary: `hanfix fix ARGS -` must turn `input` into
//! `expected`, and must then leave `expected` as it is.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde::Deserialize;

/// What `case.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    #[serde(default)]
    label: String,
    #[serde(default)]
    comment: String,
}

struct Case {
    name: String,
    input: Vec<u8>,
    expected: Option<Vec<u8>>,
    args: Vec<String>,
    findings: Option<String>,
    about: About,
}

impl Case {
    fn read(directory: &Path) -> Case {
        let name = directory.file_name().unwrap().to_str().expect("a readable name").to_owned();
        let known = ["input", "expected", "args", "findings", "case.toml"];
        for entry in fs::read_dir(directory).unwrap() {
            let file = entry.unwrap().file_name();
            assert!(known.iter().any(|known| file == *known), "{name}: what is {file:?}?");
        }
        let optional = |file| fs::read_to_string(directory.join(file)).ok();
        let about = optional("case.toml").unwrap_or_default();
        Case {
            input: fs::read(directory.join("input")).expect("every case has an input"),
            expected: fs::read(directory.join("expected")).ok(),
            args: optional("args")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            findings: optional("findings"),
            about: toml::from_str(&about).unwrap_or_else(|error| panic!("{name}: {error}")),
            name,
        }
    }

    /// What is wrong with the case, in lines for a person.
    fn problems(&self) -> Vec<String> {
        let expected = self.expected.as_ref().unwrap_or(&self.input);
        let mut problems = Vec::new();
        let mut compare = |what: &str, got: &[u8], wanted: &[u8]| {
            if got != wanted {
                let (got, wanted) = (String::from_utf8_lossy(got), String::from_utf8_lossy(wanted));
                problems.push(format!("{what}\n    wanted {wanted:?}\n    got    {got:?}"));
            }
        };
        compare("the result differs", &self.run("fix", &self.input), expected);
        if self.expected.is_some() {
            compare("a second run changes it", &self.run("fix", expected), expected);
        }
        if let Some(findings) = &self.findings {
            let found = self.findings();
            compare("the findings differ", found.as_bytes(), findings.as_bytes());
        }
        problems
    }

    fn run(&self, command: &str, input: &[u8]) -> Vec<u8> {
        let mut hanfix = Command::cargo_bin("hanfix").unwrap();
        hanfix.arg(command).args(&self.args).arg("-").write_stdin(input);
        let output = hanfix.output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {}: {message}", self.name, output.status);
        output.stdout
    }

    /// What is reported but not changed, as the file `findings` has it.
    fn findings(&self) -> String {
        let mut hanfix = Command::cargo_bin("hanfix").unwrap();
        hanfix.args(["check", "--format", "json"]).args(&self.args).arg("-");
        let output = hanfix.write_stdin(self.input.as_slice()).output().unwrap().stdout;
        let lines = std::str::from_utf8(&output).unwrap().lines();
        let items = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        items
            .filter(|item| item["type"] == "finding")
            .map(|item| {
                let text = |key: &str| item[key].as_str().unwrap().to_owned();
                let (kind, before) = (text("kind"), text("before"));
                format!("{}:{} {kind} {before}\n", item["line"], item["column"])
            })
            .collect()
    }
}

#[test]
fn every_golden_case_comes_out_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let entries = fs::read_dir(&root).expect("the folder of the cases");
    let mut directories: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    directories.sort();
    let mut failed = Vec::new();
    for directory in &directories {
        let case = Case::read(directory);
        let problems = case.problems();
        if !problems.is_empty() {
            let About { label, comment } = &case.about;
            let about = format!("{} {label} {comment}", case.name);
            failed.push(format!("{}\n  {}", about.trim_end(), problems.join("\n  ")));
        }
    }
    let (count, all) = (failed.len(), directories.len());
    assert!(failed.is_empty(), "{count} of {all} cases failed:\n{}", failed.join("\n"));
    assert!(all > 0, "no case was found");
}
