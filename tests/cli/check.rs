//! `hanfix check`

use serde_json::Value;

use super::{SENTENCE, Sandbox, complaint, outcome};

#[test]
fn one_line_a_finding_and_exit_code_1() {
    let sandbox = Sandbox::garbled();
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "."]));
    assert!(lines.starts_with("a.txt:2:1 transcode ç"), "{lines}");
    assert!(lines.ends_with(&format!("{SENTENCE}\n")), "{lines}");
    assert_eq!((lines.lines().count(), code), (1, 1));
}

#[test]
fn clean_files_are_exit_code_0_and_no_output() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "干净的文字。\n");
    sandbox.write("empty.txt", "");
    assert_eq!(outcome(&mut sandbox.hanfix(["check", "."])), (String::new(), 0));
}

#[test]
fn stdin_is_checked_where_it_is_piped() {
    let sandbox = Sandbox::new();
    let mut check = sandbox.hanfix(["check"]);
    let (lines, code) = outcome(check.write_stdin(super::garbled()));
    assert!(lines.starts_with("stdin:1:1 transcode"), "{lines}");
    assert_eq!(code, 1);
}

#[test]
fn results_come_in_the_order_of_the_paths() {
    let sandbox = Sandbox::new();
    for number in (0..40).rev() {
        sandbox.write(format!("d/{number:02}.txt"), super::garbled());
    }
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "-j", "4", "d"]));
    let paths: Vec<&str> = lines.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(paths.len(), 40);
    assert!(paths.is_sorted(), "{paths:?}");
}

#[test]
fn machine_formats_are_well_formed() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", super::garbled());
    let run = |format| outcome(&mut sandbox.hanfix(["check", ".", "--format", format]));
    let (sarif, code) = run("sarif");
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    assert_eq!(code, 1);
    let (json, _) = run("json");
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["path"], "b.txt");
    assert_eq!(lines[1]["after"], SENTENCE);
    let (github, _) = run("github");
    assert!(github.starts_with("::warning file=a.txt,line=2,endLine=2,col=1,"), "{github}");
}

#[test]
fn json_tells_the_bytes_of_the_file() {
    let sandbox = Sandbox::new();
    // 門 and 開 convert, behind characters of other lengths
    let text = "é😀標題\r\n打開門\n";
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let traditional = "標題\r\n打開門，請進來坐坐。\n";
    let big5 = encoding_rs::BIG5.encode(traditional).0;
    for (name, bytes) in [
        ("utf8.txt", text.as_bytes().to_vec()),
        ("mark.txt", ["\u{feff}", text].concat().into_bytes()),
        ("utf16.txt", utf16(&["\u{feff}", text].concat())),
        ("gb18030.txt", encoding_rs::GB18030.encode(&text.replace('é', "㐂")).0.into_owned()),
        ("big5.txt", big5.to_vec()),
        ("mixed.txt", [traditional.as_bytes(), &big5].concat()),
        ("jis.txt", encoding_rs::ISO_2022_JP.encode("今日は open 開門です。\n").0.into_owned()),
    ] {
        sandbox.write(name, &bytes);
        let check =
            |format| outcome(&mut sandbox.hanfix(["check", "-s", "--format", format, name])).0;
        let lines = check("json");
        assert!(lines.lines().count() >= 2, "{name}: {lines}");
        for line in lines.lines() {
            let item: Value = serde_json::from_str(line).unwrap();
            let place = |key: &str| usize::try_from(item[key].as_u64().unwrap()).unwrap();
            let found = &bytes[place("start")..place("end")];
            let before = item["before"].as_str().unwrap();
            let written = [
                before.as_bytes().to_vec(),
                utf16(before),
                encoding_rs::GB18030.encode(before).0.into_owned(),
                encoding_rs::BIG5.encode(before).0.into_owned(),
                // in its set, between the escape sequences around the run
                encoding_rs::EUC_JP.encode(before).0.iter().map(|byte| byte & 0x7F).collect(),
            ];
            assert!(written.iter().any(|bytes| bytes == found), "{name}: {line}");
        }
    }
}

#[test]
fn json_tells_the_bytes_of_a_file_that_comes_in_parts() {
    let sandbox = Sandbox::new();
    let line = encoding_rs::GBK.encode("这一行没有什么特别的地方，很长的文件里有很多。\n").0;
    let clean = line.repeat(100_000);
    let bytes = [&clean, &*encoding_rs::GBK.encode("開門\n").0].concat();
    sandbox.write("a.txt", &bytes);
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "-s", "--format=json", "a.txt"]));
    let item: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&item["start"], &item["line"]), (&clean.len().into(), &100_001.into()));
}

#[test]
fn ill_formed_bytes_are_told_by_value_and_offset() {
    let sandbox = Sandbox::new();
    let clean = "这是一份普通的文件。\n";
    let utf16 = clean.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let gbk = encoding_rs::GBK.encode(clean).0;
    for (bytes, wanted) in [
        (
            [clean.as_bytes(), b"plain \xff words\n"].concat(),
            "2:7 malformed \u{fffd}: byte FF at offset 37 is no valid utf-8",
        ),
        (
            [clean.as_bytes(), "a\u{2}陶".as_bytes(), b"\xe4\xb8\xed\xa0\xbd", "。\n".as_bytes()]
                .concat(),
            "2:4 malformed \u{fffd}\u{fffd}\u{fffd}\u{fffd}: \
             bytes E4 B8 ED A0 BD at offset 36 are no valid utf-8",
        ),
        (
            [clean.as_bytes(), b"[", &b"\xff".repeat(20), b"]\n", clean.repeat(20).as_bytes()]
                .concat(),
            &format!(
                "2:2 malformed {}: bytes FF FF FF FF FF FF FF FF … at offset 32 are no valid utf-8",
                "\u{fffd}".repeat(20)
            ),
        ),
        (
            [clean.as_bytes(), b"\xed\xa0\xbd\xed\xb8\x80\n"].concat(),
            "2:1 malformed 😀: bytes ED A0 BD ED B8 80 at offset 31 are no valid utf-8; \
             `fix --to utf-8` writes what they stand for",
        ),
        // 状态 in GBK, and half of 标, in what else is UTF-8
        (
            [clean.repeat(4).as_bytes(), b"a \xd7\xb4\xcc\xac\xb1 b\n"].concat(),
            "5:5 malformed \u{fffd}: byte B1 at offset 130 is no valid gbk",
        ),
        (
            [&gbk, &*gbk, b"a \xff\n"].concat(),
            "3:3 malformed \u{fffd}: byte FF at offset 44 is no valid gbk",
        ),
        (
            [b"\xff\xfe".as_slice(), &utf16, b"\x3c\xd8"].concat(),
            "2:1 malformed \u{fffd}: bytes 3C D8 at offset 24 are no valid utf-16le",
        ),
    ] {
        sandbox.write("a.txt", &bytes);
        let (lines, code) = outcome(&mut sandbox.hanfix(["check", "a.txt"]));
        assert_eq!((lines, code), (format!("a.txt:{wanted}\n"), 1));
        let (lines, code) = outcome(&mut sandbox.hanfix(["check", "--repairable-only", "a.txt"]));
        assert_eq!((lines, code), (String::new(), 0));
    }
    // one that the file has is another matter
    sandbox.write("a.txt", [clean.as_bytes(), b"\xff.\n", "陶\u{fffd}的歌\n".as_bytes()].concat());
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "--format=json", "a.txt"]));
    let items: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        items.iter().map(|item| (&item["kind"], &item["start"], &item["end"])).collect();
    assert_eq!(told[0], (&"malformed".into(), &31.into(), &32.into()));
    assert_eq!(told[1], (&"transcode".into(), &37.into(), &40.into()));
    assert_eq!(told.len(), 2);
}

#[test]
fn ill_formed_bytes_of_a_stream_have_offsets_of_the_file() {
    let sandbox = Sandbox::new();
    let clean = "这一行没有什么特别的地方，很长的文件里有很多。\n".repeat(80_000);
    let bytes = [clean.as_bytes(), b"a \xff b\n"].concat();
    let mut check = sandbox.hanfix(["check", "-"]);
    let (lines, _) = outcome(check.write_stdin(bytes));
    let at = clean.len() + 2;
    let wanted = format!("stdin:80001:3 malformed �: byte FF at offset {at} is no valid utf-8\n");
    assert_eq!(lines, wanted);
}

#[test]
fn an_empty_sarif_log_is_whole() {
    let sandbox = Sandbox::new();
    let (sarif, code) = outcome(&mut sandbox.hanfix(["check", ".", "--format", "sarif"]));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!((&sarif["runs"][0]["results"], code), (&Value::Array(vec![]), 0));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let sandbox = Sandbox::new();
    for args in [
        ["check", "--no-such-option"],
        ["check", "--repair=nonsense"],
        ["check", "--convert=x2y"],
        ["check", "--from=klingon"],
        ["check", "--confidence=2"],
        ["check", "--config=missing.toml"],
        ["check", "--type=nonsense"],
        ["check", "--glob=[z"],
    ] {
        let (message, code) = complaint(&mut sandbox.hanfix(args));
        assert_eq!(code, 2, "{args:?}: {message}");
        assert!(!message.is_empty());
    }
}

#[test]
fn the_configuration_file_is_found_above_and_arguments_win() {
    let sandbox = Sandbox::garbled();
    sandbox.write("hanfix.toml", "repair = \"none\"\n");
    sandbox.write("sub/b.txt", super::garbled());
    let code = |args: [&str; 3]| outcome(sandbox.hanfix(args).current_dir(sandbox.path("sub"))).1;
    assert_eq!(code(["check", "-q", "b.txt"]), 0);
    assert_eq!(code(["check", "--repair=transcode", "b.txt"]), 1);
    sandbox.write("hanfix.toml", "repairs = \"none\"\n");
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "."]));
    assert_eq!(code, 2);
    assert!(message.contains("hanfix.toml") && message.contains("repairs"), "{message}");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.write(format!("{number}.txt"), format!("{}\n", super::garbled()).repeat(30));
    }
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    let script = format!("{} check . | head -n 1; echo \"${{PIPESTATUS[0]}}\"", binary.display());
    let (lines, _) = outcome(&mut sandbox.program("bash", ["-c", &script]));
    assert_eq!(lines.lines().last(), Some("0"), "{lines}");
}

#[test]
fn a_finding_in_a_long_line_is_a_short_line() {
    let sandbox = Sandbox::new();
    let long = "干净的文字".repeat(400);
    let private = "\u{e4c6}".repeat(300);
    sandbox.write("a.txt", format!("{long}{}{long}\n{private}\n", super::garbled().repeat(40)));
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "a.txt"]));
    assert!(lines.lines().count() >= 2, "{lines}");
    assert!(lines.lines().all(|line| line.chars().count() <= 200), "{lines}");
    assert_eq!(code, 1);
}

#[test]
fn encodings_are_told_with_their_evidence() {
    let sandbox = Sandbox::new();
    let clean = "这是一份普通的文件。\n";
    sandbox.write("gbk.txt", encoding_rs::GBK.encode(&clean.repeat(4)).0);
    sandbox.write("utf8.txt", format!("\u{feff}{}", super::garbled()));
    sandbox.write("image.gif", b"GIF89a\x01\x00\x01\x00");
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "--encoding", "."]));
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].starts_with("gbk.txt: gbk 1.000 "), "{lines:?}");
    assert!(lines[0].contains(" bits likelier than "), "{lines:?}");
    assert_eq!(lines[1..], ["utf8.txt: utf-8 1.000 byte order mark"]);
    assert_eq!(code, 0, "encodings are no findings");
    let (stated, _) =
        outcome(&mut sandbox.hanfix(["check", "--encoding", "--from=cp936", "gbk.txt"]));
    assert_eq!(stated, "gbk.txt: gbk 1.000 stated\n");
    let (_, code) = outcome(&mut sandbox.hanfix(["check", "--encoding", "--format=sarif", "."]));
    assert_eq!(code, 2);
}

#[test]
fn what_a_file_says_of_itself_is_told_true_or_not() {
    let sandbox = Sandbox::new();
    let page = |label: &str| {
        let body = "这是一份普通的网页，没有什么特别的地方。\n".repeat(4);
        format!("<meta charset=\"{label}\">\n{body}")
    };
    let xml = "<?xml version=\"1.0\" encoding=\"Big5\"?>\n<a>這是一份普通的文件</a>\n";
    let in_gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let in_greek = |label: &str, text: &str| {
        let text = format!("<?xml version='1.0' encoding='{label}'?>\n{}", text.repeat(6));
        encoding_rs::ISO_8859_7.encode(&text).0.into_owned()
    };
    for (bytes, wanted) in [
        (page("gb2312").into_bytes(), "utf-8 1.000 valid utf-8; charset says gb2312: overruled"),
        (page("utf-8").into_bytes(), "utf-8 1.000 valid utf-8; declared by charset"),
        (in_gbk(&page("UTF-8")), "charset says utf-8: overruled"),
        (in_gbk(&page("GB2312")), "declared by charset"),
        // an extension of what it says
        (in_gbk(&format!("{}㐂", page("gbk"))), "declared by charset"),
        (
            ["\u{feff}", xml].concat().into_bytes(),
            "byte order mark; XML declaration says big5: overruled",
        ),
        ([page("gbk").into_bytes(), in_gbk(&page("gbk"))].concat(), "gbk; declared by charset"),
        // what reads alike in both, and what does not
        (in_greek("iso-8859-7", "Καλημέρα σας, τι κάνετε;"), "declared by XML declaration"),
        (
            in_greek("windows-1251", "Καλημέρα σας, τι κάνετε;"),
            "XML declaration says windows-1251: overruled",
        ),
        // ASCII is part of any
        (b"<meta charset=gb2312>\n".to_vec(), "utf-8 1.000 valid utf-8"),
    ] {
        sandbox.write("a.html", bytes);
        let (line, code) = outcome(&mut sandbox.hanfix(["check", "--encoding", "a.html"]));
        assert!(line.ends_with(&format!("{wanted}\n")) && code == 0, "{line}{wanted}");
    }
}

#[test]
fn encodings_of_mixed_files_are_told_by_stretch() {
    let sandbox = Sandbox::new();
    let clean = "这是一份普通的文件，没有什么特别的地方。\n".repeat(4);
    let gbk = encoding_rs::GBK.encode(&clean).0;
    let broken = b"\xff\n".as_slice();
    sandbox.write("a.txt", [gbk.as_ref(), clean.as_bytes(), broken].concat());
    let (line, _) = outcome(&mut sandbox.hanfix(["check", "--encoding", "--format=json", "."]));
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["encoding"], &line["bom"]), (&"utf-8".into(), &false.into()));
    assert_eq!(line["evidence"][0], "several encodings: gbk, utf-8");
    assert_eq!(line["segments"][0]["end"], gbk.len());
    let broken_at = gbk.len() + clean.len();
    assert_eq!((&line["malformed"], &line["malformed_at"][0]), (&1.into(), &broken_at.into()));
    let (line, _) = outcome(&mut sandbox.hanfix(["check", "--encoding", "a.txt"]));
    let evidence = "several encodings: gbk, utf-8";
    let expected = format!("a.txt: utf-8 1.000 {evidence}; 1 ill-formed at offset {broken_at}\n");
    assert_eq!(line, expected);
}

#[test]
fn utf_32_is_text() {
    let sandbox = Sandbox::new();
    let units =
        super::garbled().chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<_>>();
    sandbox.write("a.txt", units);
    let (line, _) = outcome(&mut sandbox.hanfix(["check", "--from=utf-32le", "a.txt"]));
    assert!(line.ends_with(&format!("{SENTENCE}\n")), "{line}");
}

#[test]
fn what_is_beyond_repair_can_be_left_out() {
    let sandbox = Sandbox::new();
    let lost = "标题\n这里丢了\u{fffd}\u{fffd}\u{fffd}几个字。\n";
    sandbox.write("lost.txt", lost);
    let check = |args: &[&str]| outcome(sandbox.hanfix(["check"]).args(args));
    let (line, code) = check(&["lost.txt"]);
    assert!(line.starts_with("lost.txt:2:5 "), "{line}");
    assert_eq!(code, 1);
    assert_eq!(check(&["--repairable-only", "lost.txt"]), (String::new(), 0));
    sandbox.write("both.txt", format!("{lost}{}\n", super::garbled()));
    let (line, code) = check(&["--repairable-only", "both.txt"]);
    assert!(line.starts_with("both.txt:3:1 transcode ") && line.lines().count() == 1, "{line}");
    assert_eq!(code, 1);
}

#[test]
fn only_traditional_lines_are_converted_by_auto() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "hans.txt",
        "这本书讲汉字简化的历史，书名是《漢字》。顯著、头发、干净。\n".repeat(2),
    );
    sandbox.write("hant.txt", "漢字簡化的歷史\n");
    sandbox.write("both.txt", "汉字简化的历史\n漢字簡化的歷史\n漢字の練習は難しい。\n");
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "--convert=auto", "."]));
    assert!(lines.contains("hant.txt:1:1 convert 漢 → 汉\n"), "{lines}");
    assert!(!lines.contains("hans.txt"), "{lines}");
    assert!(lines.contains("both.txt:2:1 convert 漢 → 汉\n"), "{lines}");
    assert!(!lines.contains("both.txt:1:") && !lines.contains("both.txt:3:"), "{lines}");
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "--convert=x2y", "."]));
    assert!(message.contains("`x2y`") && message.ends_with("tw2t, or auto\n"), "{message}");
    assert_eq!(code, 2);
}
