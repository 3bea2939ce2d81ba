//! Files larger than a window, and streams.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::Value;

use super::{SENTENCE, Sandbox, garbled, outcome};

/// Lines of ASCII with `lines` spread among them, so that each is in another window.
fn large(lines: &[&str]) -> String {
    let filler = "0123456789 abcdefghijklmnopqrstuvwxyz, and so on until the line is full\n";
    let filler = filler.repeat(1_200_000 / filler.len());
    lines.iter().map(|line| format!("{filler}{line}\n")).collect::<String>() + &filler
}

/// A file of seven megabytes with four garbled lines.
fn damaged() -> String {
    let garbled = garbled();
    large(&[&garbled, "標題", &garbled, &garbled, &garbled])
}

fn repaired() -> String {
    large(&[SENTENCE, "標題", SENTENCE, SENTENCE, SENTENCE])
}

#[test]
fn a_large_file_is_repaired_and_put_back() {
    let sandbox = Sandbox::new();
    let before = damaged();
    sandbox.write("a.txt", &before);
    sandbox.hanfix(["fix", "--backup", "a.txt"]).assert().success();
    assert!(sandbox.text("a.txt") == repaired());
    assert!(sandbox.text("a.txt.bak") == before);
    assert_eq!(sandbox.names(""), ["a.txt", "a.txt.bak"], "nothing is left behind");
    sandbox.hanfix(["undo"]).assert().success();
    assert!(sandbox.text("a.txt") == before);
}

#[test]
fn a_large_clean_file_is_not_touched() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", repaired());
    let before = fs::metadata(sandbox.path("a.txt")).unwrap().modified().unwrap();
    sandbox.hanfix(["fix", "a.txt"]).assert().success();
    assert_eq!(fs::metadata(sandbox.path("a.txt")).unwrap().modified().unwrap(), before);
}

#[test]
fn a_patch_of_a_large_file_applies() {
    for apply in [["git", "apply", "-"], ["patch", "-s", "-p1"]] {
        let sandbox = Sandbox::new();
        sandbox.write("a.txt", damaged());
        let patch = sandbox.hanfix(["diff", "a.txt"]).output().unwrap().stdout;
        let [program, args @ ..] = apply;
        sandbox.program(program, args).write_stdin(patch).assert().success();
        assert!(sandbox.text("a.txt") == repaired(), "{program}");
    }
}

#[test]
fn findings_of_all_windows_have_places_in_the_file() {
    let sandbox = Sandbox::new();
    let before = damaged();
    sandbox.write("a.txt", &before);
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "--format=json", "a.txt"]));
    let found: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((found.len(), code), (4, 1));
    for (one, (at, garbled)) in found.iter().zip(before.match_indices(&garbled())) {
        assert_eq!(one["start"], at);
        assert_eq!(one["end"], at + garbled.len());
        assert_eq!(one["line"], before[..at].matches('\n').count() + 1);
        assert_eq!(one["column"], 1);
    }
    let (sarif, _) = outcome(&mut sandbox.hanfix(["check", "--format=sarif", "a.txt"]));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 4);
    let (encoding, _) = outcome(&mut sandbox.hanfix(["check", "--encoding", "a.txt"]));
    assert_eq!(encoding, "a.txt: utf-8 1.000 valid utf-8\n");
}

#[test]
fn a_filter_passes_on_what_it_cannot_read_and_goes_on() {
    let sandbox = Sandbox::new();
    let zeros = "\0\u{1}".repeat(1_000);
    let [before, after] = [damaged(), repaired()]
        .map(|text| [text.as_bytes(), b"\xFF", zeros.as_bytes(), b"\n", text.as_bytes()].concat());
    let output = sandbox.hanfix(["fix", "-"]).write_stdin(before).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("stdin: binary: NUL byte at offset "), "{message}");
    assert_eq!(output.status.code(), Some(3));
    // what shares a window with the zeros stays as it was
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.matches(&garbled()).count() < 4);
    assert!(text.replace(&garbled(), SENTENCE) == String::from_utf8_lossy(&after));
}

#[test]
fn output_comes_before_the_input_has_ended() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("hanfix"))
        .args(["fix", "-"])
        .current_dir(sandbox.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let text = damaged();
    let writer = std::thread::spawn(move || {
        stdin.write_all(text.as_bytes()).unwrap();
        stdin
    });
    let mut start = vec![0; 1_500_000];
    stdout.read_exact(&mut start).unwrap();
    assert!(start == repaired().as_bytes()[..start.len()]);
    let rest = std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()).unwrap());
    drop(writer.join().unwrap());
    assert_eq!(start.len() + rest.join().unwrap(), repaired().len());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_mark_is_written_once_in_another_encoding() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", repaired());
    sandbox.hanfix(["fix", "--to=utf-16", "--no-journal", "a.txt"]).assert().success();
    let wanted: Vec<u8> = std::iter::once(0xFEFF)
        .chain(repaired().encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(sandbox.read("a.txt") == wanted);
}

#[test]
fn a_disk_that_is_full_is_told_and_the_file_left() {
    let sandbox = Sandbox::garbled();
    let before = sandbox.text("a.txt");
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    let full = format!("{} fix - < a.txt > /dev/full", binary.display());
    let output = sandbox.program("bash", ["-c", &full]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    let wanted = "hanfix: cannot write to stdout: No space left on device (os error 28)\n";
    assert_eq!(message, wanted);
    assert_eq!(output.status.code(), Some(3), "{message}");
    // a limit on the size of files stands for a file system without room
    sandbox.write("b.txt", damaged());
    let limited = format!("trap '' XFSZ; ulimit -f 1000; {} fix b.txt", binary.display());
    let output = sandbox.program("bash", ["-c", &limited]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("hanfix: b.txt: cannot write the new file in "), "{message}");
    assert!(message.ends_with("; left as it is\n"), "{message}");
    assert_eq!(output.status.code(), Some(3));
    assert!(sandbox.text("b.txt") == damaged());
    assert_eq!(sandbox.text("a.txt"), before);
    assert_eq!(sandbox.names(""), ["a.txt", "b.txt"], "nothing is left behind");
}
