//! The tables and sessions on the front pages say what really happens.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use assert_cmd::cargo::cargo_bin;
use hanfix::Fixer;

const PAGES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// Commands on files that the pages do not show.
const UNSHOWN: [&str; 3] = ["hanfix diff note.txt", "hanfix check --encoding .", "hanfix check ."];

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name)
}

/// Injected readings are told by a page, not a line: such a row is repeated to one.
const PAGE_LINES: usize = 5;

/// A row `| what | `before` | `after` |`.
struct Row<'a> {
    what: &'a str,
    before: &'a str,
    after: &'a str,
}

impl Row<'_> {
    /// Only rows of the first table have nothing but code in their last two cells.
    fn parse(line: &str) -> Option<Row<'_>> {
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let [what, before, after] = cells.collect::<Vec<_>>()[..] else { return None };
        Some(Row { what, before: code_of(before)?, after: code_of(after)? })
    }

    fn lines(&self) -> usize {
        let page = self.what.contains("page") || self.what.contains("整页");
        if page { PAGE_LINES } else { 1 }
    }
}

fn code_of(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

#[test]
fn every_row_comes_out_as_promised() {
    let fixer = Fixer::default();
    for name in PAGES {
        let page = page(name);
        let rows: Vec<Row> = page.lines().filter_map(Row::parse).collect();
        assert!(rows.len() >= 6, "{name} has {} rows", rows.len());
        for row in rows {
            let text = |line: &str| format!("{line}\n").repeat(row.lines());
            assert_eq!(fixer.fix(&text(row.before)).text, text(row.after), "{name}: {}", row.what);
        }
    }
}

/// What a shell prints for a command in a directory.
fn printed(command: &str, directory: &Path) -> String {
    let hanfix = cargo_bin("hanfix");
    let path = format!("{}:{}", hanfix.parent().unwrap().display(), env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    // `printf '\ufffd'` is for the locale to say
    shell.args(["-c", command]).current_dir(directory).env("PATH", path).env("LC_ALL", "C.UTF-8");
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

#[test]
fn every_command_prints_what_is_shown() {
    for name in PAGES {
        let directory = tempfile::tempdir().unwrap();
        let page = page(name);
        let sessions = page.split("```console\n").skip(1).map(|rest| rest.split("```").next());
        let sessions = format!("\n{}", sessions.flatten().collect::<String>());
        for command in sessions.split("\n$ ").skip(1) {
            let (command, shown) = command.split_once('\n').unwrap();
            let shown = format!("{}\n", shown.trim_end());
            match command.strip_prefix("cat ") {
                Some(file) => fs::write(directory.path().join(file), shown).unwrap(),
                None if UNSHOWN.contains(&command) => {}
                None => assert_eq!(printed(command, directory.path()), shown, "{name}: {command}"),
            }
        }
    }
}
