//! `hanfix diff`: patches are applied by the tools they are made for.

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

/// Makes the patch of all files, applies it with git and with patch, and compares
/// both with what `fix` makes of the files.
fn applies(files: &[(&str, Vec<u8>)]) {
    applies_with("--repair=transcode", files);
}

/// Compares the patch of all files, made with an option, with what `fix` makes of them.
fn applies_with(option: &str, files: &[(&str, Vec<u8>)]) {
    let mut results = Vec::new();
    for apply in [["git", "apply", "-"], ["patch", "-s", "-p1"], ["hanfix", "fix", "."]] {
        let sandbox = Sandbox::new();
        for (name, content) in files {
            sandbox.write(name, content);
        }
        let patch = sandbox.hanfix(["diff", option, "."]).output().unwrap();
        assert_eq!(patch.status.code(), Some(1), "{patch:?}");
        let mut command = match apply {
            ["hanfix", command, path] => sandbox.hanfix([command, option, path]),
            [program, args @ ..] => sandbox.program(program, args),
        };
        let output = command.write_stdin(patch.stdout.as_slice()).output().unwrap();
        assert!(output.status.success(), "{apply:?}: {output:?}");
        results.push(files.iter().map(|(name, _)| sandbox.read(name)).collect::<Vec<_>>());
    }
    let before: Vec<_> = files.iter().map(|(_, content)| content.clone()).collect();
    assert_ne!(results[0], before, "something is repaired");
    assert_eq!(results[0], results[2], "git apply");
    assert_eq!(results[1], results[2], "patch -p1");
}

#[test]
fn a_patch_applies() {
    let many: String = (0..40).map(|n| format!("第{n}行\n")).collect();
    let many = many.replace("第7行", &garbled()).replace("第30行", &garbled());
    applies(&[
        ("a.txt", format!("标题\n{}\n结尾\n", garbled()).into()),
        ("clean.txt", "干净。\n".into()),
        ("empty.txt", vec![]),
        ("many.txt", many.into()),
        ("no newline.txt", format!("标题\n{}", garbled()).into()),
        ("crlf.txt", format!("标题\r\n{}\r\n结尾\r\n", garbled()).into()),
        ("mixed-ends.txt", format!("标题\r\n{}\n结尾\r\r\n", garbled()).into()),
    ]);
}

#[test]
fn a_patch_of_odd_names_applies() {
    for name in
        ["目录/文 件.txt", "sub dir/b.txt", "quo\"te.txt", "tab\there.txt", "back\\slash.txt"]
    {
        applies(&[(name, format!("{}\n", garbled()).into())]);
    }
}

#[test]
fn a_patch_is_of_the_bytes_of_the_file() {
    // a byte order mark is no part of the text, but of the first line of the file
    applies(&[("bom.txt", format!("\u{feff}{}\n第二行\n", garbled()).into())]);
}

#[test]
fn a_patch_of_legacy_files_is_in_their_encoding() {
    let text = "这是一份普通的文件。\n请输入&#29992;&#25143;&#21517;\n再继续\n结尾\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    applies_with(
        "--repair=escapes",
        &[
            ("gbk.txt", encoding_rs::GBK.encode(text).0.into_owned()),
            ("little.txt", utf16(u16::to_le_bytes)),
            ("big.txt", utf16(u16::to_be_bytes)),
        ],
    );
}

#[test]
fn a_character_that_the_file_cannot_hold_is_told() {
    let sandbox = Sandbox::new();
    // Big5 has no simplified characters
    let text = "這是一份普通的文件。\n請輸入&#38376;\n再繼續\n";
    let text = encoding_rs::BIG5.encode(text).0;
    sandbox.write("a.txt", &text);
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--repair=escapes", "a.txt"]));
    assert!(message.contains("a.txt: U+95E8 `门`") && message.contains("as big5"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.read("a.txt"), *text);
}

#[test]
fn a_patch_of_a_link_is_of_its_file() {
    let sandbox = Sandbox::garbled();
    std::os::unix::fs::symlink("a.txt", sandbox.path("link.txt")).unwrap();
    let (patch, _) = outcome(&mut sandbox.hanfix(["diff", "link.txt"]));
    assert!(patch.contains("\n+++ b/a.txt\n"), "{patch}");
}

#[test]
fn no_difference_is_no_output() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "干净。\n");
    assert_eq!(outcome(&mut sandbox.hanfix(["diff", "."])), (String::new(), 0));
}

#[test]
fn the_intraline_view_is_short_however_long_the_line() {
    let sandbox = Sandbox::new();
    let clean = "这是一段很长的文字，".repeat(300);
    sandbox.write("a.txt", format!("{clean}{}{clean}\n", garbled()));
    let (view, code) = outcome(&mut sandbox.hanfix(["diff", "--style", "intraline", "a.txt"]));
    assert_eq!(code, 1);
    assert!(view.chars().count() < 400, "{view}");
    let header = view.lines().next().unwrap();
    assert!(header.starts_with("a.txt:1:3001 transcode exact "), "{header}");
    assert!(header.ends_with(" bits encode(windows-1252) decode(utf-8)"), "{header}");
    assert!(view.contains(&format!("{SENTENCE}这是")), "{view}");
    assert!(!view.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn colours_are_asked_for() {
    let sandbox = Sandbox::garbled();
    let args = ["diff", "--style=intraline", "--color=always", "a.txt"];
    assert!(outcome(&mut sandbox.hanfix(args)).0.contains("\u{1b}[31m"));
}
