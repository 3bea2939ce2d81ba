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
    sandbox.write("b.txt", ["ab".as_bytes(), &[0xff; 16], "用户名".repeat(3).as_bytes()].concat());
    let message = check_with(&sandbox, &["b.txt"]);
    assert!(message.starts_with("hanfix: b.txt: not text in any known encoding"), "{message}");
    assert!(
        message.contains(" at offset 2 (line 1, byte 3);") && message.contains("--from ENCODING"),
        "{message}"
    );
}

#[test]
fn a_file_with_the_mark_of_another_encoding() {
    let sandbox = Sandbox::garbled();
    let gbk = encoding_rs::GBK.encode("用户名和密码\n").0;
    sandbox.write("b.txt", [b"\xef\xbb\xbf", gbk.as_ref()].concat());
    let message = check_with(&sandbox, &["b.txt"]);
    let wanted = "starts with the byte order mark of utf-8, but is not: \
                  ill-formed byte at offset 3 (line 1, byte 4); from there on it reads as gbk";
    assert_eq!(message, format!("hanfix: b.txt: {wanted}\n"));
}

#[test]
fn a_file_that_is_not_in_the_encoding_that_was_stated() {
    let sandbox = Sandbox::new();
    let text = "第一行\n第二行";
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let gbk = encoding_rs::GBK.encode(text).0;
    for (bytes, from, wanted) in [
        (
            b"ab\xd3\xc3\n".to_vec(),
            "utf8",
            "not utf-8: ill-formed byte at offset 2 (line 1, column 3); without --from it reads as gbk",
        ),
        (
            [gbk.as_ref(), b"\xff\n"].concat(),
            "gbk",
            "not gbk: ill-formed byte at offset 13 (line 2, column 4); without --from such bytes are kept as they are",
        ),
        // lines in two encodings, most of them in the one that was stated
        (
            [format!("{text}行\n{text}\n").as_bytes(), gbk.as_ref(), b"\n"].concat(),
            "utf-8",
            "not utf-8: ill-formed byte at offset 43 (line 5, column 1); without --from such bytes are read as gbk",
        ),
        // 第 is B5 DA
        (
            [b"plain\nab ", gbk.as_ref()].concat(),
            "ascii",
            "not ascii: ill-formed byte at offset 9 (line 2, column 4); without --from it reads as gbk",
        ),
        // a surrogate alone, and half a code unit
        (
            [utf16(text), b"\x00\xd8".to_vec(), utf16("。")].concat(),
            "utf-16le",
            "not utf-16le: ill-formed byte at offset 14 (line 2, column 4); without --from such bytes are kept as they are",
        ),
        (
            [b"\xff\xfe".to_vec(), utf16(text), b"!".to_vec()].concat(),
            "utf-16",
            "not utf-16le: ill-formed byte at offset 16 (line 2, column 4); without --from such bytes are kept as they are",
        ),
    ] {
        sandbox.write("b.txt", bytes);
        let (message, code) = complaint(&mut sandbox.hanfix(["check", "--from", from, "b.txt"]));
        assert_eq!((message, code), (format!("hanfix: b.txt: {wanted}\n"), 3));
    }
}

#[test]
fn an_encoding_that_was_stated_and_cannot_hold_the_repair() {
    let sandbox = Sandbox::new();
    let text = format!("{SENTENCE}\n");
    sandbox.write("a.txt", &text);
    for command in ["diff", "fix"] {
        let (message, code) = complaint(&mut sandbox.hanfix([command, "--from=latin1", "a.txt"]));
        let wanted = "U+7528 `用` at offset 0 cannot be written as windows-1252 (line 1, column 1)";
        let help = "without --from it reads as utf-8";
        assert_eq!((message, code), (format!("hanfix: a.txt: {wanted}; {help}\n"), 3));
    }
    assert_eq!(sandbox.text("a.txt"), text);
    sandbox.write("b.txt", encoding_rs::BIG5.encode("標題：頁面説明\n").0);
    let (message, code) = complaint(&mut sandbox.hanfix(["diff", "--from=big5", "-s", "b.txt"]));
    let help = "`hanfix fix --to utf-8` writes an encoding that can hold it\n";
    assert!(message.ends_with(help) && code == 3, "{message}");
}

#[test]
fn words_that_are_not_in_utf8() {
    let sandbox = Sandbox::garbled();
    sandbox.write("words.txt", encoding_rs::GBK.encode("abc\tabd\n鼠标\t滑鼠\n").0);
    let mut check = sandbox.hanfix(["check", "--convert=s2t", "--dict=words.txt", "a.txt"]);
    let (message, code) = complaint(&mut check);
    let wanted = "words.txt: not utf-8: ill-formed byte at offset 8 (line 2, column 1)";
    assert_eq!(message, format!("hanfix: {wanted}; `hanfix fix --to utf-8` converts a file\n"));
    assert_eq!(code, 2);
    sandbox.write("words.txt", "\u{feff}鼠标\t滑鼠\n");
    sandbox.write("b.txt", "鼠标\n");
    let mut check = sandbox.hanfix(["check", "--convert=s2t", "--dict=words.txt", "b.txt"]);
    assert_eq!(outcome(&mut check).0, "b.txt:1:1 convert 鼠标 → 滑鼠\n");
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
