//! The binary as a user runs it: on files in a directory of its own, with nothing
//! of this machine's configuration.

mod batch;
mod check;
mod convert;
mod diff;
mod fix;
mod input;
mod interrupt;
mod large;
#[cfg(feature = "parquet")]
mod parquet;
mod resume;
mod usage;
mod wet;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A directory with files, and the binary in it.
struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    fn new() -> Sandbox {
        Sandbox { directory: tempfile::tempdir().unwrap() }
    }

    /// One with a file `a.txt` that has a garbled second line.
    fn garbled() -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.write("a.txt", format!("标题\n{}\n结尾\n", garbled()));
        sandbox
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join("files").join(name)
    }

    fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The names of the files in a directory, sorted.
    fn names(&self, name: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// The binary with arguments, to be run among the files.
    fn hanfix<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::cargo_bin("hanfix").unwrap();
        self.prepare(command.args(args));
        command
    }

    /// Another program with arguments, to be run among the files.
    fn program<'a>(&self, name: &str, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(name);
        self.prepare(command.args(args));
        command
    }

    fn prepare(&self, command: &mut Command) {
        fs::create_dir_all(self.path("")).unwrap();
        command
            .current_dir(self.path(""))
            .env("HOME", self.directory.path())
            .env_remove("XDG_STATE_HOME")
            .env_remove("NO_COLOR")
            // the files are no part of a repository around them
            .env("GIT_CEILING_DIRECTORIES", self.directory.path());
    }
}

/// A sentence, and what it looks like as UTF-8 read as windows-1252.
const SENTENCE: &str = "用户名或密码错误，请重新输入后再试一次。";

fn garbled() -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(SENTENCE.as_bytes()).0.into_owned()
}

/// What a command wrote to stdout, and its exit code.
fn outcome(command: &mut Command) -> (String, i32) {
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

/// What a command wrote to stderr, and its exit code.
fn complaint(command: &mut Command) -> (String, i32) {
    let output = command.output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

#[test]
fn manual_pages_and_completions_are_printed() {
    let sandbox = Sandbox::new();
    let (page, code) = outcome(&mut sandbox.hanfix(["man"]));
    assert!(page.contains(".TH hanfix 1") && page.contains("hanfix\\-fix(1)"), "{page}");
    assert_eq!(code, 0);
    let (page, _) = outcome(&mut sandbox.hanfix(["man", "batch"]));
    assert!(page.contains(".TH hanfix-batch 1") && page.contains("quarantine"), "{page}");
    assert_eq!(outcome(&mut sandbox.hanfix(["man", "nonsense"])).1, 2);
    let (script, _) = outcome(&mut sandbox.hanfix(["completions", "bash"]));
    assert!(script.contains("_hanfix()"), "{script}");
}

#[test]
fn explain_tells_the_way_and_the_evidence() {
    let sandbox = Sandbox::new();
    let (text, code) = outcome(&mut sandbox.hanfix(["explain", &garbled()]));
    for line in ["  step    encode(windows-1252)", "  step    decode(utf-8)", "  safety  exact"] {
        assert!(text.lines().any(|found| found == line), "{text}");
    }
    assert!(text.contains(&format!("  after   {SENTENCE}\n")), "{text}");
    assert_eq!(code, 0);
    assert_eq!(outcome(&mut sandbox.hanfix(["explain", "好"])).0, "nothing to repair\n");
}

#[test]
fn explain_tells_what_else_was_tried() {
    let sandbox = Sandbox::new();
    let explain = |text| outcome(&mut sandbox.hanfix(["explain", text])).0;
    let text = explain("schÃ¶n");
    let others: Vec<&str> = text.lines().filter(|line| line.starts_with("  other")).collect();
    // what reads as ö along another path is no other repair
    assert!(!others.is_empty() && others.iter().all(|line| !line.contains(" ö by ")), "{text}");
    assert!(others.iter().all(|line| line.ends_with(" bits behind another reading")), "{text}");
    // ⊙ is A1D1 in GBK, which is × in Big5
    let text = explain("⊙ o ⊙ )啊");
    assert!(text.starts_with("1:1 suspect\n  seen    ⊙ o ⊙ )啊\n"), "{text}");
    let tried = "  tried   × o × )陛 by encode(gbk), decode(big5): ";
    let refusal = text.lines().find_map(|line| line.strip_prefix(tried));
    assert!(refusal.is_some_and(|it| it.ends_with(" likelier; 26.0 are needed")), "{text}");
}
