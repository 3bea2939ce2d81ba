//! Input that cannot be read: told with its name, and the others are still done.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

/// Runs `check` on paths; what it said on stderr, after seeing that `a.txt` was still done.
fn check_with(sandbox: &Sandbox, paths: &[&str]) -> String {
    let mut check = sandbox.hanfix(["check", "-q"]);
    let output = check.args(paths).arg("a.txt").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains(SENTENCE));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_missing_file() {
    let message = check_with(&Sandbox::garbled(), &["missing.txt"]);
    assert_eq!(message, "hanfix: missing.txt: No such file or directory (os error 2)\n");
}

#[test]
fn a_directory_without_permission() {
    let sandbox = Sandbox::garbled();
    sandbox.write("closed/b.txt", garbled());
    let set = |mode| {
        fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o000);
    if fs::read_dir(sandbox.path("closed")).is_ok() {
        println!("skipped: this user may read everything");
    } else {
        let message = check_with(&sandbox, &["closed"]);
        assert!(message.contains("closed") && message.contains("ermission denied"), "{message}");
    }
    set(0o755);
}

#[test]
fn a_binary_file_is_skipped_unless_it_is_named() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.bin", b"GIF89a\x01\x00\x01\x00");
    sandbox.write("c.txt", b"text\0with a zero byte\n");
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "."]));
    assert!(!message.contains(".bin"), "{message}");
    assert_eq!(code, 1);
    let (message, _) = complaint(&mut sandbox.hanfix(["check", "-v", "."]));
    assert!(message.contains("b.bin: skipped, binary: GIF"), "{message}");
    assert!(message.contains("c.txt: skipped, binary: NUL"), "{message}");
    let message = check_with(&sandbox, &["b.bin"]);
    assert!(message.starts_with("hanfix: b.bin: binary: GIF"), "{message}");
}

#[test]
fn a_file_in_no_known_encoding() {
    let sandbox = Sandbox::garbled();
    // the mark of UTF-8, and nothing of it
    sandbox.write("b.txt", b"\xef\xbb\xbf\xd3\xc3\xbb\xa7\xc3\xfb\n");
    let message = check_with(&sandbox, &["b.txt"]);
    assert!(message.starts_with("hanfix: b.txt: not text in any known encoding"), "{message}");
    assert!(
        message.contains(" at offset 3 (line 1, byte 4);") && message.contains("--from ENCODING"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_not_in_the_encoding_that_was_stated() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", b"ab\xd3\xc3\n");
    let message = check_with(&sandbox, &["--from=utf8", "b.txt"]);
    let place = "not utf-8: ill-formed byte at offset 2 (line 1, byte 3)";
    assert_eq!(message, format!("hanfix: b.txt: {place}; without --from it reads as gbk\n"));
}

#[test]
fn files_are_chosen_by_glob_type_and_ignore_file() {
    let sandbox = Sandbox::new();
    for name in ["a.md", "b.txt", "c.html", "d/e.md"] {
        sandbox.write(name, garbled());
    }
    sandbox.write(".ignore", "c.html\n");
    let paths = |args: &[&str]| {
        let (lines, _) = outcome(sandbox.hanfix(["check"]).args(args).arg("."));
        lines.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&[]), ["a.md", "b.txt", "d/e.md"]);
    assert_eq!(paths(&["-g", "*.md"]), ["a.md", "d/e.md"]);
    assert_eq!(paths(&["-g", "!*.md"]), ["b.txt"]);
    assert_eq!(paths(&["-t", "md"]), ["a.md", "d/e.md"]);
    assert_eq!(paths(&["--no-ignore", "-t", "html"]), ["c.html"]);
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "-t", "md", "c.html"]));
    assert!(lines.starts_with("c.html:"), "a named file is never filtered");
}
