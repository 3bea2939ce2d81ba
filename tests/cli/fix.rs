//! `hanfix fix` and `hanfix undo`

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

fn repaired() -> String {
    format!("标题\n{SENTENCE}\n结尾\n")
}

#[test]
fn files_are_repaired_in_place() {
    let sandbox = Sandbox::garbled();
    fs::set_permissions(sandbox.path("a.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(outcome(&mut sandbox.hanfix(["fix", "a.txt"])), (String::new(), 0));
    assert_eq!(sandbox.text("a.txt"), repaired());
    assert_eq!(fs::metadata(sandbox.path("a.txt")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(sandbox.names(""), ["a.txt"], "nothing is left behind");
    // and nothing is left to do
    assert_eq!(outcome(&mut sandbox.hanfix(["check", "a.txt"])).1, 0);
}

#[test]
fn clean_files_are_not_touched() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "\u{feff}干净。\r\n没有问题。");
    let before = fs::metadata(sandbox.path("a.txt")).unwrap();
    assert_eq!(outcome(&mut sandbox.hanfix(["fix", "."])).1, 0);
    let after = fs::metadata(sandbox.path("a.txt")).unwrap();
    let identity = |file: &fs::Metadata| (file.ino(), file.mtime(), file.mtime_nsec());
    assert_eq!(identity(&before), identity(&after));
    assert!(!sandbox.directory.path().join(".local").exists(), "no journal of nothing");
}

#[test]
fn stdin_goes_to_stdout() {
    let sandbox = Sandbox::new();
    let (text, code) = outcome(sandbox.hanfix(["fix"]).write_stdin(garbled()));
    assert_eq!((text.as_str(), code), (SENTENCE, 0));
    let (text, _) = outcome(sandbox.hanfix(["fix", "-"]).write_stdin("干净"));
    assert_eq!(text, "干净");
}

#[test]
fn stdin_does_not_stand_beside_files() {
    let sandbox = Sandbox::garbled();
    let mut fix = sandbox.hanfix(["fix", "-", "a.txt"]);
    let (message, code) = complaint(fix.write_stdin("干净"));
    let wanted = "`-` goes to stdout and files are changed in place: give them to two runs";
    assert_eq!((message, code), (format!("hanfix: {wanted}\n"), 2));
    assert!(sandbox.text("a.txt").contains(&garbled()));
}

#[test]
fn stdin_that_is_no_text_passes_unchanged() {
    let sandbox = Sandbox::new();
    let bytes = b"%PDF-1.7\n\xff\x00\x81";
    let output = sandbox.hanfix(["fix", "-"]).write_stdin(bytes.as_slice()).output().unwrap();
    assert_eq!(output.stdout, bytes);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn without_paths_and_input_nothing_is_changed() {
    let sandbox = Sandbox::garbled();
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    let script = format!("{} fix </dev/null", binary.display());
    let (message, code) = complaint(&mut sandbox.program("bash", ["-c", &script]));
    assert_eq!(code, 2, "{message}");
    assert!(sandbox.text("a.txt").contains(&garbled()));
}

#[test]
fn links_are_resolved_not_replaced() {
    let sandbox = Sandbox::garbled();
    symlink("a.txt", sandbox.path("link.txt")).unwrap();
    sandbox.hanfix(["fix", "--symlinks", "skip", "link.txt"]).assert().success();
    assert_ne!(sandbox.text("a.txt"), repaired());
    sandbox.hanfix(["fix", "link.txt"]).assert().success();
    assert!(sandbox.path("link.txt").is_symlink());
    assert_eq!(sandbox.text("a.txt"), repaired());
}

#[test]
fn a_file_that_is_met_twice_is_repaired_once() {
    let sandbox = Sandbox::garbled();
    symlink("a.txt", sandbox.path("link.txt")).unwrap();
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "a.txt", "link.txt", "."]));
    assert_eq!(code, 0, "{message}");
    assert_eq!(sandbox.text("a.txt"), repaired());
}

#[test]
fn hard_links_are_told() {
    let sandbox = Sandbox::garbled();
    fs::hard_link(sandbox.path("a.txt"), sandbox.path("b.txt")).unwrap();
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "a.txt"]));
    assert!(message.contains("a.txt: had 2 hard links"), "{message}");
    assert_eq!(code, 0);
    assert_ne!(sandbox.text("b.txt"), repaired());
}

#[test]
fn a_backup_is_kept_beside_the_file() {
    let sandbox = Sandbox::garbled();
    let before = sandbox.text("a.txt");
    sandbox.hanfix(["fix", "--backup", "a.txt"]).assert().success();
    assert_eq!(sandbox.text("a.txt.bak"), before);
    sandbox.write("a.txt", &before);
    sandbox.hanfix(["fix", "--backup=.orig", "a.txt"]).assert().success();
    assert_eq!(sandbox.text("a.txt.orig"), before);
}

#[test]
fn a_read_only_file_is_refused_and_the_others_are_done() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", garbled());
    fs::set_permissions(sandbox.path("a.txt"), fs::Permissions::from_mode(0o444)).unwrap();
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "."]));
    assert!(message.contains("a.txt: read-only file"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.text("b.txt"), SENTENCE);
}

#[test]
fn a_run_is_undone() {
    let sandbox = Sandbox::garbled();
    let before = sandbox.read("a.txt");
    sandbox.hanfix(["fix", "."]).assert().success();
    let (runs, _) = outcome(&mut sandbox.hanfix(["undo", "--list"]));
    assert!(runs.starts_with("1\t1 file\t"), "{runs}");
    sandbox.hanfix(["undo"]).assert().success();
    assert_eq!(sandbox.read("a.txt"), before);
    let (message, code) = complaint(&mut sandbox.hanfix(["undo"]));
    assert_eq!((message.as_str(), code), ("hanfix: no run to undo\n", 2));
}

#[test]
fn a_run_that_changed_nothing_is_not_the_last() {
    let sandbox = Sandbox::new();
    sandbox.write("b.txt", garbled());
    sandbox.write("c.txt", garbled());
    sandbox.write("c.txt.bak", "was here first");
    sandbox.hanfix(["fix", "b.txt"]).assert().success();
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--backup", "c.txt"]));
    assert!(message.contains("c.txt.bak exists already; left as it is"), "{message}");
    assert_eq!(code, 3);
    let (message, _) = complaint(&mut sandbox.hanfix(["undo"]));
    assert_eq!(message, "hanfix: run 1 undone in 1 file\n");
    assert_eq!((sandbox.text("b.txt"), sandbox.text("c.txt")), (garbled(), garbled()));
    assert_eq!(sandbox.text("c.txt.bak"), "was here first");
}

#[test]
fn an_undo_leaves_files_that_changed_since() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", garbled());
    sandbox.hanfix(["fix", "."]).assert().success();
    sandbox.write("a.txt", "改写过了");
    let (message, code) = complaint(&mut sandbox.hanfix(["undo", "1"]));
    assert!(message.contains("a.txt: changed since the run"), "{message}");
    assert!(message.ends_with("hanfix: run 1 undone in 1 of 2 files\n"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.text("a.txt"), "改写过了");
    assert_eq!(sandbox.text("b.txt"), garbled());
}

#[test]
fn a_journal_that_ends_within_an_entry_leads_back_as_far_as_it_goes() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", garbled());
    sandbox.write("c.txt", garbled());
    sandbox.hanfix(["fix", "-j1", "--journal=../state", "."]).assert().success();
    let list = sandbox.path("../state/1/changes.jsonl");
    let lines = fs::read(&list).unwrap();
    fs::write(&list, &lines[..lines.len() - 20]).unwrap();
    let (message, code) = complaint(&mut sandbox.hanfix(["undo", "--journal=../state"]));
    let wanted = "hanfix: run 1: its journal ends within an entry, which is passed over\n\
                  hanfix: run 1 undone in 2 files\n";
    assert_eq!((message.as_str(), code), (wanted, 0));
    assert_eq!(sandbox.text("b.txt"), garbled());
    assert_eq!(sandbox.text("c.txt"), SENTENCE);
}

#[test]
fn without_a_journal_nothing_is_changed() {
    let sandbox = Sandbox::garbled();
    sandbox.write("state", "a file where a directory should be");
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--journal", "state", "a.txt"]));
    let wanted = "hanfix: a.txt: cannot write the undo journal (see --journal and --no-journal); \
                  left as it is: ";
    assert!(message.starts_with(wanted), "{message}");
    assert_eq!((message.lines().count(), code), (1, 3), "nothing was changed: {message}");
    assert_ne!(sandbox.text("a.txt"), repaired());
    sandbox.hanfix(["fix", "--journal=state", "--backup", "a.txt"]).assert().code(3);
    assert_eq!(sandbox.names(""), ["a.txt", "state"], "no backup of what was not changed");
    sandbox.hanfix(["fix", "--no-journal", "a.txt"]).assert().success();
    assert_eq!(sandbox.text("a.txt"), repaired());
}

#[test]
fn a_repository_is_not_looked_into() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/message", garbled());
    sandbox.write(".hidden.txt", garbled());
    sandbox.hanfix(["fix", "."]).assert().success();
    assert_eq!(sandbox.text(".hidden.txt"), garbled());
    sandbox.hanfix(["fix", "--hidden", "."]).assert().success();
    assert_eq!(sandbox.text(".hidden.txt"), SENTENCE);
    assert_eq!(sandbox.text(".git/message"), garbled());
}

#[test]
fn files_are_written_in_another_encoding_and_put_back() {
    let sandbox = Sandbox::new();
    let clean = "这是一份普通的文件。\n".repeat(4);
    let gbk = encoding_rs::GBK.encode(&clean).0;
    sandbox.write("clean.txt", &gbk);
    sandbox.write("garbled.txt", format!("{}\n", garbled()));
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=utf-8", "."]));
    assert!(message.starts_with("hanfix: 2 changes in 2 files\n"), "{message}");
    assert_eq!(code, 0);
    assert_eq!(sandbox.text("clean.txt"), clean);
    assert_eq!(sandbox.text("garbled.txt"), format!("{SENTENCE}\n"));
    assert_eq!(complaint(&mut sandbox.hanfix(["fix", "--to=utf-8", "."])), (String::new(), 0));
    sandbox.hanfix(["undo"]).assert().success();
    assert_eq!(sandbox.read("clean.txt"), *gbk);
    let mut fix = sandbox.hanfix(["fix", "--from=gbk", "--to=utf-16le"]);
    let output = fix.write_stdin(gbk.as_ref()).output().unwrap();
    assert_eq!(output.stdout, clean.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
}

#[test]
fn a_label_without_byte_order_goes_by_the_mark() {
    let sandbox = Sandbox::new();
    for label in ["utf-16", "UTF-16", "utf16", "utf_16"] {
        sandbox.write("a.txt", b"\xFE\xFF\x4E\x2D\x65\x87\0\n");
        let mut fix = sandbox.hanfix(["fix", "--from", label, "--to=utf-8", "a.txt"]);
        assert_eq!(outcome(&mut fix).1, 0, "{label}");
        assert_eq!(sandbox.text("a.txt"), "\u{FEFF}中文\n", "{label}");
    }
    sandbox.write("a.txt", b"\0\0\xFE\xFF\0\0\x4E\x2D\0\0\0\n");
    let mut fix = sandbox.hanfix(["fix", "--from=utf-32", "--to=utf-8", "a.txt"]);
    assert_eq!(outcome(&mut fix).1, 0);
    assert_eq!(sandbox.text("a.txt"), "\u{FEFF}中\n");
}

#[test]
fn what_the_other_encoding_cannot_hold_is_told_and_nothing_written() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "標題：简化字\n");
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=big5", "a.txt"]));
    let wanted = "U+7B80 `简` at offset 9 cannot be written as big5 (line 1, column 4)";
    assert_eq!(message, format!("hanfix: a.txt: {wanted}\n"));
    assert_eq!(code, 3);
    assert_eq!(sandbox.text("a.txt"), "標題：简化字\n");
    let mut fix = sandbox.hanfix(["fix", "--to=big5", "-"]);
    assert_eq!(outcome(fix.write_stdin("简")), (String::new(), 3));
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=klingon", "a.txt"]));
    assert!(
        message.starts_with("hanfix: unknown encoding `klingon`; encodings go by"),
        "{message}"
    );
    assert_eq!(code, 2);
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=CESU_8", "a.txt"]));
    let wanted = "cesu-8 is only read, not written; utf-8 is what holds the same text";
    assert_eq!((message, code), (format!("hanfix: {wanted}\n"), 2));
}

#[test]
fn ill_formed_bytes_are_written_in_no_encoding() {
    let sandbox = Sandbox::new();
    let clean = "这是一份普通的文件。\n";
    let in_gbk = encoding_rs::GBK.encode(clean).0.repeat(4);
    let in_gb18030 = encoding_rs::GB18030.encode("㐂街的𠮷野家开到了这里。\n").0.repeat(3);
    for (bytes, bad, own) in [
        (in_gbk, b"\xff".as_slice(), "gbk"),
        (in_gb18030, b"\xff", "gb18030"),
        (clean.repeat(3).into_bytes(), b"\xc0\xaf", "utf-8"),
        (clean.repeat(3).into_bytes(), b"\xed\xa0\xbd", "utf-8"),
    ] {
        let (at, lines) = (bytes.len() + 1, bytes.iter().filter(|byte| **byte == b'\n').count());
        let bytes = [&bytes, b" ".as_slice(), bad, b" \n"].concat();
        sandbox.write("a.txt", &bytes);
        for label in [own, "utf-8", "utf-16"] {
            let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to", label, "a.txt"]));
            let name = if label == "utf-16" { "utf-16le" } else { label };
            let wanted = format!(
                "hanfix: a.txt: ill-formed bytes at offset {at} cannot be written as {name} (line {}, column 2); \
                 `hanfix check` lists all such bytes\n",
                lines + 1
            );
            assert_eq!((message, code), (wanted, 3), "{own} to {label}");
            let mut filter = sandbox.hanfix(["fix", "--to", label, "-"]);
            assert_eq!(outcome(filter.write_stdin(bytes.as_slice())), (String::new(), 3));
        }
        // what was not asked for in a proper encoding stays as it is
        sandbox.hanfix(["fix", "a.txt"]).assert().success();
        assert_eq!(sandbox.read("a.txt"), bytes);
    }
}

#[test]
fn surrogate_pairs_in_utf8_become_utf8_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let cesu = ["今天很高兴".as_bytes(), b"\xed\xa0\xbd\xed\xb8\x80, a\xc0\x80b\n"].concat();
    sandbox.write("a.txt", &cesu);
    sandbox.hanfix(["fix", "a.txt"]).assert().success();
    assert_eq!(sandbox.read("a.txt"), cesu);
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=utf-8", "a.txt"]));
    assert!(message.starts_with("hanfix: 1 change in 1 file\n"), "{message}");
    assert_eq!((sandbox.text("a.txt").as_str(), code), ("今天很高兴😀, a\0b\n", 0));
    sandbox.hanfix(["undo"]).assert().success();
    assert_eq!(sandbox.read("a.txt"), cesu);
}

#[test]
fn older_standards_are_written_as_they_are() {
    let sandbox = Sandbox::new();
    for (text, label, outside) in [
        (
            "总理朱镕基\n",
            "gb2312",
            "U+9555 `镕` at offset 9 cannot be written as gb2312 (line 1, column 4)",
        ),
        (
            "价格\n€5\n",
            "GB2312",
            "U+20AC `€` at offset 7 cannot be written as gb2312 (line 2, column 1)",
        ),
        ("第ⅳ章\n", "hz", "U+2173 `ⅳ` at offset 3 cannot be written as hz (line 1, column 2)"),
        (
            "naïve\n",
            "ascii",
            "U+00EF `ï` at offset 2 cannot be written as ascii (line 1, column 3)",
        ),
        (
            "a “b”\n",
            "latin1",
            "U+201C `“` at offset 2 cannot be written as iso-8859-1 (line 1, column 3)",
        ),
    ] {
        sandbox.write("a.txt", text);
        let mut fix = sandbox.hanfix(["fix", "--to", label, "a.txt"]);
        assert_eq!(complaint(&mut fix), (format!("hanfix: a.txt: {outside}\n"), 3));
        assert_eq!(sandbox.text("a.txt"), text);
    }
    for (text, label, bytes) in [
        ("简体——，①", "gb2312", b"\xbc\xf2\xcc\xe5\xa1\xaa\xa1\xaa\xa3\xac\xa2\xd9".as_slice()),
        ("镕€", "gbk", b"\xe9\x46\x80"),
        ("café", "iso-8859-1", b"caf\xe9"),
        ("a “b”", "cp1252", b"a \x93b\x94"),
        ("plain", "us-ascii", b"plain"),
    ] {
        let mut fix = sandbox.hanfix(["fix", "--from=utf-8", "--to", label, "-"]);
        assert_eq!(fix.write_stdin(text).output().unwrap().stdout, bytes, "{label}");
    }
    // also where the file is in what the web reads under the name
    let in_gbk = encoding_rs::GBK.encode("总理朱镕基访问了上海。\n").0;
    sandbox.write("a.txt", &in_gbk);
    let (message, code) = complaint(&mut sandbox.hanfix(["fix", "--to=gb2312", "a.txt"]));
    assert!(message.contains(" `镕` at offset 6 ") && code == 3, "{message}");
}

#[test]
fn a_run_that_there_was_not_is_told() {
    let (message, code) = complaint(&mut Sandbox::new().hanfix(["undo", "99"]));
    assert_eq!(message, "hanfix: no run 99; `hanfix undo --list` lists those there are\n");
    assert_eq!(code, 2);
}
