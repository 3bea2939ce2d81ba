//! `hanfix batch`

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

/// Runs `batch` with options over records on stdin.
fn batch(args: &[&str], records: &str) -> (String, i32) {
    outcome(Sandbox::new().hanfix(["batch"]).args(args).write_stdin(records))
}

#[test]
fn only_the_field_of_a_damaged_record_changes() {
    let clean = "{\"id\": 1.50, \"text\":\"干净\\u3002\\/\"}\r\n\n";
    let damaged = |text: &str| format!("{{ \"z\":1e3,\"text\" : \"{text}\",\"a\":null }}\n");
    let records = format!("{clean}{}{clean}", damaged(&garbled()));
    let (repaired, code) = batch(&[], &records);
    assert_eq!((repaired, code), (format!("{clean}{}{clean}", damaged(SENTENCE)), 0));
}

#[test]
fn fields_are_named_or_pointed_to() {
    let record = json!({"content": garbled(), "meta": {"parts": [garbled(), garbled()]}});
    let args = ["--field", "content", "--field", "/meta/parts/1"];
    let (repaired, _) = batch(&args, &record.to_string());
    let repaired: Value = serde_json::from_str(&repaired).unwrap();
    assert_eq!(repaired["content"], SENTENCE);
    assert_eq!(repaired["meta"]["parts"], json!([garbled(), SENTENCE]));
}

#[test]
fn every_message_of_a_conversation_is_a_field() {
    let record = |text: &str| {
        format!(
            "{{\"messages\": [{{\"role\":\"user\",\"content\":\"{text}\"}}, \
             {{\"content\":null}},{{\"role\": \"assistant\", \"content\": \"{text}\"}}]}}\n"
        )
    };
    let args = ["--field", "/messages/*/content"];
    assert_eq!(batch(&args, &record(&garbled())), (record(SENTENCE), 0));
}

#[test]
fn records_stay_in_order_over_many_chunks() {
    let pad = "干净的文字。".repeat(100);
    let text = |number: usize| if number % 100 == 7 { garbled() } else { "好".to_owned() };
    let record = |number| json!({"n": number, "text": text(number), "pad": pad}).to_string() + "\n";
    let records: String = (0..2000).map(record).collect();
    let (repaired, _) = batch(&["-j", "4"], &records);
    let wanted = records.replace(&garbled(), SENTENCE);
    assert!(repaired == wanted, "{} bytes of {}", repaired.len(), wanted.len());
}

#[test]
fn every_record_is_a_page_of_its_own() {
    let list = [("開", "kāi"), ("館", "guǎn"), ("時", "shí"), ("間", "jiān"), ("書", "shū")];
    let page = "圖書館開館的時間，書店開門的時間。";
    let inject = |text: &str| {
        list.iter().fold(text.to_owned(), |text, (character, reading)| {
            text.replace(character, &format!("{character}({reading})"))
        })
    };
    let record = |text: &str| json!({"text": text}).to_string() + "\n";
    // a word list of honest readings, one to a record, is not one injected page
    let honest: String = list.iter().map(|(word, _)| record(&inject(word))).collect();
    let records = format!("{honest}{}{honest}", record(&inject(page)));
    assert_eq!(batch(&[], &records), (format!("{honest}{}{honest}", record(page)), 0));
}

#[test]
fn a_broken_record_is_told_and_passes() {
    let good = format!("{{\"text\":\"{}\"}}\n", garbled());
    let records = format!("{good}{{\"text\":\"broken}}\n{good}");
    let sandbox = Sandbox::new();
    let output = sandbox.hanfix(["batch"]).write_stdin(records).output().unwrap();
    let fixed = format!("{{\"text\":\"{SENTENCE}\"}}\n");
    let wanted = format!("{fixed}{{\"text\":\"broken}}\n{fixed}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), wanted);
    assert_eq!(output.status.code(), Some(3));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with("hanfix: stdin:2:16: not JSON: it ends inside a string\n"),
        "{message}"
    );
}

#[test]
fn a_broken_record_goes_to_quarantine_or_ends_the_run() {
    let records = "{\"text\":\"一\"}\n[1]\n{\"text\":\"二\"}\n";
    let sandbox = Sandbox::new();
    let mut hanfix = sandbox.hanfix(["batch", "--on-error=quarantine", "--quarantine=bad.jsonl"]);
    let (rest, code) = outcome(hanfix.write_stdin(records));
    assert_eq!((rest.as_str(), code), ("{\"text\":\"一\"}\n{\"text\":\"二\"}\n", 3));
    assert_eq!(sandbox.text("bad.jsonl"), "[1]\n");
    let (rest, code) = batch(&["--on-error", "fail"], records);
    assert_eq!((rest.as_str(), code), ("{\"text\":\"一\"}\n", 3));
    let (_, code) = batch(&["--on-error", "quarantine"], records);
    assert_eq!(code, 2, "where to?");
}

#[test]
fn records_of_two_inputs_do_not_run_into_each_other_in_quarantine() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "[1]");
    sandbox.write("b.jsonl", "{\"text\":\"一\"}\n");
    sandbox.write("c.jsonl", "[2]\n[3]");
    let inputs = ["a.jsonl", "b.jsonl", "c.jsonl"];
    let args = ["--on-error=quarantine", "--quarantine=bad.jsonl", "--output=out"];
    assert_eq!(outcome(sandbox.hanfix(["batch"]).args(inputs).args(args)).1, 3);
    assert_eq!(sandbox.text("bad.jsonl"), "[1]\n[2]\n[3]");
    sandbox.write("d.jsonl", "[4]");
    outcome(sandbox.hanfix(["batch", "--resume", "d.jsonl"]).args(args));
    assert_eq!(sandbox.text("bad.jsonl"), "[1]\n[2]\n[3]\n[4]");
}

#[test]
fn a_run_that_fails_leaves_no_part_of_an_output() {
    let sandbox = Sandbox::new();
    let good = format!("{{\"text\":\"{}\"}}\n", garbled());
    sandbox.write("a.jsonl", &good);
    sandbox.write("b.jsonl", format!("{good}[1]\n{good}"));
    let args = ["batch", "--on-error=fail", "a.jsonl", "b.jsonl", "--output=out", "--sidecar=out"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    assert!(message.contains("b.jsonl:2:1: not a JSON object: expected `{`\n"), "{message}");
    assert!(message.contains("b.jsonl: out/b.jsonl is not written\n"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.names("out"), [".hanfix", "a.jsonl", "a.jsonl.edits.jsonl"]);
    assert_eq!(sandbox.names("out/.hanfix"), ["a.jsonl.json"]);
}

#[test]
fn input_in_another_form_is_told_in_plain_words() {
    let sandbox = Sandbox::new();
    let lines = "一行\n两行\n";
    let output = sandbox.hanfix(["batch"]).write_stdin(lines).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    let wanted = "hanfix: stdin:1:1: not a JSON object: expected `{`\n\
                  hanfix: stdin:2:1: not a JSON object: expected `{`\n\
                  hanfix: stdin: not one JSON object a line; `--format text` is for lines of text, \
                  and `jq -c .[]` writes the elements of an array as lines\n\
                  hanfix: 2 records, 0 changed, 2 could not be read\n";
    assert_eq!(message, wanted);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), lines);
}

#[test]
fn another_encoding_is_told_with_what_helps() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", encoding_rs::GBK.encode("{\"text\":\"你好\"}\n").0);
    let (message, code) = complaint(&mut sandbox.hanfix(["batch", "a.jsonl"]));
    let wanted = "a.jsonl:1:10: not UTF-8; `hanfix fix --to utf-8` converts a file\n";
    assert!(message.contains(wanted), "{message}");
    assert_eq!(code, 3);
}

#[test]
fn sizes_may_have_a_unit() {
    let long = format!("{{\"text\":\"{}\"}}\n", garbled().repeat(10));
    for (size, code) in [("1K", 3), ("1M", 0), ("2000", 0), ("1T", 2), ("0", 2), ("M", 2)] {
        assert_eq!(batch(&["--max-record-bytes", size], &long).1, code, "{size}");
    }
}

#[test]
fn a_pointer_with_a_broken_escape_is_refused() {
    let (message, code) = complaint(&mut Sandbox::new().hanfix(["batch", "--field", "/a~"]));
    assert!(message.contains("'/a~'") && message.contains("followed by `0`"), "{message}");
    assert_eq!(code, 2);
}

#[test]
fn a_record_that_is_too_long_passes() {
    let long = format!("{{\"text\":\"{}\"}}\n", garbled().repeat(20_000));
    let short = format!("{{\"text\":\"{}\"}}\n", garbled());
    let args = ["--max-record-bytes", "1000"];
    let (passed, code) = batch(&args, &format!("{long}{short}"));
    assert_eq!(code, 3);
    assert_eq!(passed, format!("{long}{{\"text\":\"{SENTENCE}\"}}\n"));
}

#[test]
fn edits_go_into_a_field() {
    let record = json!({"text": format!("标题：{}", garbled())}).to_string();
    let (with_meta, _) = batch(&["--meta-field", "edits", "--out-field", "fixed"], &record);
    let with_meta: Value = serde_json::from_str(&with_meta).unwrap();
    assert_eq!(with_meta["text"], format!("标题：{}", garbled()));
    assert_eq!(with_meta["fixed"], format!("标题：{SENTENCE}"));
    assert_eq!(with_meta["edits"][0]["start"], "标题：".len());
    assert_eq!(with_meta["edits"][0]["field"], "text");
}

#[test]
fn compressed_files_stay_compressed() {
    let sandbox = Sandbox::new();
    let record = |text: &str| format!("{{\"text\":\"{text}\"}}\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(record(&garbled()).as_bytes()).unwrap();
    sandbox.write("a.jsonl.gz", gzip.finish().unwrap());
    let zstandard = zstd::encode_all(record(&garbled()).as_bytes(), 0).unwrap();
    sandbox.write("b.jsonl.zst", zstandard);
    let mut hanfix =
        sandbox.hanfix(["batch", "a.jsonl.gz", "b.jsonl.zst", "--output=out", "--stats=s.json"]);
    assert_eq!(outcome(&mut hanfix), (String::new(), 0));
    let mut text = String::new();
    let file = sandbox.read("out/a.jsonl.gz");
    flate2::read::GzDecoder::new(file.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, record(SENTENCE));
    let file = zstd::decode_all(sandbox.read("out/b.jsonl.zst").as_slice()).unwrap();
    assert_eq!(file, record(SENTENCE).as_bytes());
    assert_eq!(sandbox.names("out"), [".hanfix", "a.jsonl.gz", "b.jsonl.zst"]);
    let stats: Value = serde_json::from_str(&sandbox.text("s.json")).unwrap();
    assert_eq!((&stats["records"], &stats["edits"]["transcode"]), (&json!(2), &json!(2)));
}

#[test]
fn a_truncated_file_is_no_result() {
    let sandbox = Sandbox::new();
    let records = format!("{{\"text\":\"{}\"}}\n", garbled()).repeat(1000);
    let whole = zstd::encode_all(records.as_bytes(), 0).unwrap();
    sandbox.write("a.jsonl.zst", &whole[..whole.len() / 2]);
    sandbox.write("b.jsonl", "{\"text\":\"二\"}\n");
    let args = ["batch", "a.jsonl.zst", "missing.jsonl", "b.jsonl", "--output=out"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    assert!(message.contains("hanfix: a.jsonl.zst: "), "{message}");
    assert!(message.contains("hanfix: missing.jsonl: No such file"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.names("out"), [".hanfix", "b.jsonl"]);
}

#[test]
fn records_of_two_inputs_do_not_run_into_each_other() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"text\":\"一\"}");
    sandbox.write("b.jsonl", "{\"text\":\"二\"}");
    let (records, _) = outcome(&mut sandbox.hanfix(["batch", "a.jsonl", "b.jsonl"]));
    assert_eq!(records, "{\"text\":\"一\"}\n{\"text\":\"二\"}");
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_does_not_steer_the_terminal() {
    let sandbox = Sandbox::new();
    let (message, code) = complaint(&mut sandbox.hanfix(["batch", "\u{1b}[2J.jsonl"]));
    assert!(message.starts_with("hanfix: \\u{1b}[2J.jsonl: "), "{message}");
    assert_eq!(code, 3);
}

#[test]
fn what_is_read_is_never_written() {
    let sandbox = Sandbox::new();
    for name in ["a.jsonl", "sub/a.jsonl", "a.jsonl.edits.jsonl"] {
        sandbox.write(name, "{}\nno record\n");
    }
    sandbox.write("words.txt", "软件\t軟體\n");
    fs::hard_link(sandbox.path("a.jsonl"), sandbox.path("hard.json")).unwrap();
    symlink("a.jsonl", sandbox.path("soft.json")).unwrap();
    let quarantine = |name: &str| format!("a.jsonl --on-error=quarantine --quarantine={name}");
    for args in [
        "a.jsonl --output=.",
        "a.jsonl a.jsonl.edits.jsonl --sidecar=.",
        "a.jsonl --stats=a.jsonl",
        "a.jsonl --stats=./sub/../hard.json",
        "sub/a.jsonl --convert=s2twp --dict=words.txt --stats=words.txt",
        &quarantine("a.jsonl"),
        &quarantine("soft.json"),
    ] {
        let (message, code) = complaint(sandbox.hanfix(["batch"]).args(args.split(' ')));
        assert!(message.contains(", which is read; choose another place\n"), "{args}: {message}");
        assert_eq!(code, 2, "{args}");
    }
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    for redirected in ["--stats=a.jsonl < a.jsonl", "a.jsonl >> hard.json"] {
        let script = format!("{} batch {redirected}", binary.display());
        let (message, code) = complaint(&mut sandbox.program("bash", ["-c", &script]));
        assert!(message.contains(", which is read; "), "{redirected}: {message}");
        assert_eq!(code, 2, "{redirected}");
    }
    assert_eq!(sandbox.text("a.jsonl"), "{}\nno record\n");
    assert_eq!(sandbox.text("words.txt"), "软件\t軟體\n");
    // a device has nothing to lose
    let stderr = ["batch", "-q", "a.jsonl", "--stats=/dev/stderr", "--sidecar=edits"];
    let (message, code) = complaint(&mut sandbox.hanfix(stderr));
    assert!(message.ends_with("}\n") && code == 3, "{message}");
}

#[test]
fn nothing_is_written_twice() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{}\n");
    sandbox.write("sub/a.jsonl", "{}\n");
    for args in [
        "a.jsonl sub/a.jsonl --output=out",
        "a.jsonl --output=out --stats=sub/../out/a.jsonl",
        "a.jsonl --stats=all --on-error=quarantine --quarantine=all",
    ] {
        let (message, code) = complaint(sandbox.hanfix(["batch"]).args(args.split(' ')));
        assert!(message.contains(" would both be written to "), "{args}: {message}");
        assert_eq!(code, 2, "{args}");
    }
    assert_eq!(sandbox.names(""), ["a.jsonl", "sub"]);
}

#[test]
fn a_reader_that_leaves_is_told_where_files_were_wanted() {
    let sandbox = Sandbox::new();
    let records = format!("{{\"text\":\"{}\"}}\nno record\n", garbled());
    sandbox.write("a.jsonl", &records);
    sandbox.write("b.jsonl", records.repeat(2_000));
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    let run = |options: &str| {
        let script = format!(
            "{} batch -q a.jsonl b.jsonl {options} | head -n1; exit ${{PIPESTATUS[0]}}",
            binary.display()
        );
        complaint(&mut sandbox.program("bash", ["-c", &script]))
    };
    let (message, code) =
        run("--sidecar=edits --on-error=quarantine --quarantine=bad.jsonl --stats=stats.json");
    let wanted = "hanfix: stdout was closed; an input that was not done by then has no files\n";
    assert!(message.ends_with(wanted), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.names("edits"), ["a.jsonl.edits.jsonl"]);
    assert_eq!(sandbox.text("bad.jsonl"), "no record\n");
    assert_eq!(sandbox.names(""), ["a.jsonl", "b.jsonl", "bad.jsonl", "edits"]);
    assert_eq!(run("").1, 0);
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    for args in [
        ["--format=text", "--field=text"].as_slice(),
        &["--from=gbk"],
        &["--quarantine=bad.jsonl"],
        &["--out-field=fixed", "--field=a", "--field=b"],
        &["--out-field=fixed", "--field=/a/*"],
        &["--format=wet", "--field=text"],
        &["--format=wet", "--meta-field=edits"],
        &["--delimiter=;"],
        &["--resume"],
    ] {
        assert_eq!(batch(args, "{}\n"), (String::new(), 2), "{args:?}");
    }
}

#[test]
fn a_configured_encoding_is_for_lines_of_text() {
    let sandbox = Sandbox::new();
    sandbox.write("hanfix.toml", "from = \"gbk\"\n");
    sandbox.write("a.jsonl", "{\"text\":\"干净的文字\"}\n");
    sandbox.write("b.txt", b"\xB8\xC9\xBE\xBB\n");
    let (records, code) = outcome(&mut sandbox.hanfix(["batch", "a.jsonl"]));
    assert_eq!((records, code), (sandbox.text("a.jsonl"), 0));
    let output = sandbox.hanfix(["batch", "b.txt"]).output().unwrap();
    assert_eq!((output.stdout, output.status.code()), (sandbox.read("b.txt"), Some(0)));
}

#[test]
fn lines_of_utf16_are_refused() {
    let sandbox = Sandbox::new();
    // 上 is 0A 4E
    sandbox.write("a.txt", b"\x0A\x4E\x0A\x00");
    for from in ["utf-16le", "utf-16", "UTF-32BE"] {
        let (message, code) = complaint(&mut sandbox.hanfix(["batch", "a.txt", "--from", from]));
        assert!(message.contains("do not end with a byte of their own"), "{message}");
        assert_eq!(code, 2);
    }
}

#[test]
fn columns_of_tables_are_fields() {
    let sandbox = Sandbox::new();
    let table = format!("id,text\r\n1,\"a, \"\"b\"\"\n{0}\"\r\n2,{0}\r\n3,好", garbled());
    sandbox.write("a.csv", &table);
    let output = sandbox.hanfix(["batch", "a.csv"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), table.replace(&garbled(), SENTENCE));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message, "hanfix: 3 records, 2 changed\n");
    sandbox.write("b.tsv", format!("id\ttext\n\"\t{}\n", garbled()));
    let (table, _) = outcome(&mut sandbox.hanfix(["batch", "b.tsv"]));
    assert_eq!(table, format!("id\ttext\n\"\t{SENTENCE}\n"));
    let (message, code) = complaint(&mut sandbox.hanfix(["batch", "--field=x", "a.csv"]));
    assert!(message.starts_with("hanfix: a.csv: no column `x` among `id`, `text`\n"), "{message}");
    assert_eq!(code, 3);
}

#[test]
fn a_byte_order_mark_does_not_hide_a_quote() {
    let table = format!("\u{feff}\"编\n号\",text\r\n1,{}\r\n", garbled());
    let (fixed, code) = batch(&["--format=csv"], &table);
    assert_eq!((fixed, code), (table.replace(&garbled(), SENTENCE), 0));
}

#[test]
fn a_delimiter_can_be_named() {
    let table = format!("id;text\n1;\"a;{0}\"\n", garbled());
    let (fixed, code) = batch(&["--format=csv", "--delimiter=;"], &table);
    assert_eq!((fixed, code), (table.replace(&garbled(), SENTENCE), 0));
    let (message, code) =
        complaint(Sandbox::new().hanfix(["batch", "--format=csv"]).write_stdin(table));
    assert_eq!(code, 3);
    assert!(message.contains("no column `text`"), "{message}");
}

#[test]
fn a_quote_that_is_never_closed_is_told() {
    let table = format!("text\n{0}\n\"{0}\n{0}\n", garbled());
    let sandbox = Sandbox::new();
    let output = sandbox.hanfix(["batch", "--format=csv"]).write_stdin(table.clone()).output();
    let output = output.unwrap();
    let wanted = table.replacen(&garbled(), SENTENCE, 1);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), wanted);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("hanfix: stdin:3:1: a quote is never closed\n"), "{message}");
}

#[test]
fn edits_are_told_beside_the_records() {
    let sandbox = Sandbox::new();
    let text = format!("标题：{}", garbled());
    let records = [
        json!({"text": "好"}).to_string(),
        json!({"id": "七", "m": [{"text": ""}, {"text": text}]}).to_string(),
        json!({"m": {"a/b": {"text": text}}}).to_string(),
    ];
    sandbox.write("a.jsonl", records.join("\n"));
    sandbox.write("b.csv", format!("id,text\n3,{text}\n"));
    sandbox.write("c.txt", &text);
    let mut hanfix = sandbox.hanfix(["batch", "a.jsonl", "--field=/m/*/text", "--sidecar=edits"]);
    assert_eq!(outcome(&mut hanfix).0, records.join("\n").replace(&garbled(), SENTENCE));
    let told = |name: &str| -> Vec<Value> {
        let told = sandbox.text(name);
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let edits = told("edits/a.jsonl.edits.jsonl");
    let edit = json!({
        "record": 2,
        "id": "七",
        "field": "/m/1/text",
        "start": "标题：".len(),
        "end": text.len(),
        "kind": "transcode",
        "before": garbled(),
        "after": SENTENCE,
        "steps": ["encode(windows-1252)", "decode(utf-8)"],
        "safety": "exact",
        "bits": edits[0]["bits"],
    });
    assert_eq!(edits[0], edit);
    assert_eq!((edits.len(), &edits[1]["record"]), (2, &json!(3)));
    assert_eq!((&edits[1]["field"], &edits[1]["id"]), (&json!("/m/a~1b/text"), &Value::Null));
    outcome(&mut sandbox.hanfix(["batch", "b.csv", "c.txt", "--sidecar=edits", "--output=out"]));
    let (cell, line) = (&told("edits/b.csv.edits.jsonl")[0], &told("edits/c.txt.edits.jsonl")[0]);
    assert_eq!(
        (&cell["record"], &cell["id"], &cell["field"]),
        (&json!(2), &json!("3"), &json!("text"))
    );
    assert_eq!((&line["record"], &line["after"]), (&json!(1), &json!(SENTENCE)));
    assert_eq!(sandbox.names("edits").len(), 3, "nothing else is left");
}

#[test]
fn a_compressed_file_without_damage_is_copied() {
    let sandbox = Sandbox::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all("{\"text\":\"好\"}\n".as_bytes()).unwrap();
    let file = gzip.finish().unwrap();
    sandbox.write("a.jsonl.gz", &file);
    outcome(&mut sandbox.hanfix(["batch", "a.jsonl.gz", "--output=out"]));
    assert_eq!(sandbox.read("out/a.jsonl.gz"), file);
}

#[test]
fn lines_of_text_are_records_too() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", format!("干净\r\n{}\r\n", garbled()));
    let (text, code) = outcome(&mut sandbox.hanfix(["batch", "a.txt"]));
    assert_eq!((text, code), (format!("干净\r\n{SENTENCE}\r\n"), 0));
}
