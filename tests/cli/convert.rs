//! What conversion has beyond OpenCC: words and parts that are left alone, guesses, scripts.

use serde_json::Value;

use super::{Sandbox, complaint, outcome};

const TEXT: &str = "后海的软件，见https://example.org/软件。\n";

#[test]
fn a_dictionary_goes_before_opencc() {
    let sandbox = Sandbox::new();
    sandbox.write("words.txt", "# 词\n软件\t軟體 軟件\n");
    sandbox.write("a.txt", TEXT);
    let args = ["check", "a.txt", "--convert", "s2t", "--dict", "words.txt", "--protect", "后海"];
    let (lines, code) = outcome(&mut sandbox.hanfix(args));
    let expected = [
        "a.txt:1:4 convert 软件 → 軟體",
        "a.txt:1:7 convert 见 → 見",
        "a.txt:1:28 convert 软件 → 軟體",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    assert_eq!(code, 1);
}

#[test]
fn a_dictionary_of_the_configuration_file_is_found_beside_it() {
    let sandbox = Sandbox::new();
    let config = "convert = 's2t'\ndict = ['../words.txt']\nprotect = ['后海']\nkeep = ['urls']\n";
    sandbox.write("in/hanfix.toml", config);
    sandbox.write("words.txt", "软件\t軟體\n");
    sandbox.write("in/a.txt", TEXT);
    let args = ["fix", "in/a.txt", "--config", "in/hanfix.toml", "--no-journal"];
    assert_eq!(outcome(&mut sandbox.hanfix(args)).1, 0);
    assert_eq!(sandbox.text("in/a.txt"), "后海的軟體，見https://example.org/软件。\n");
}

#[test]
fn what_is_no_dictionary_is_told_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("words.txt", "软件\t軟體\n内存 記憶體\n");
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "--dict", "words.txt"]));
    assert!(message.contains("words.txt: line 2: no tab behind the word"), "{message}");
    assert_eq!(code, 2);
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "--keep", "code"]));
    assert!(message.contains("need a conversion: --convert CONFIG"), "{message}");
    assert_eq!(code, 2);
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "--keep", "html"]));
    assert!(message.contains("unknown kind of text to keep `html`"), "{message}");
    assert_eq!(code, 2);
}

#[test]
fn a_word_that_would_go_or_means_two_things_is_refused() {
    let sandbox = Sandbox::new();
    let told = |words: &str| {
        sandbox.write("words.txt", words);
        let args = ["check", "--convert=s2t", "--dict=words.txt", "."];
        let (message, code) = complaint(&mut sandbox.hanfix(args));
        assert_eq!(code, 2, "{message}");
        message
    };
    let message = told("软件\t軟體\n内存\t\n");
    assert!(message.contains("words.txt: `内存` becomes nothing"), "{message}");
    let message = told("软件\t軟體\n软件\t軟件\n");
    let wanted = "words.txt: `软件` becomes `軟體`, and on a later line `軟件`";
    assert!(message.contains(wanted), "{message}");
}

#[test]
fn of_two_dictionaries_the_first_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("mine.txt", "软件\t軟體\n软件\t軟體\n");
    sandbox.write("ours.txt", "软件\t軟件\n内存\t記憶體\n");
    let args = ["fix", "-", "--convert=s2t", "--dict=mine.txt", "--dict=ours.txt"];
    let (text, code) = outcome(sandbox.hanfix(args).write_stdin("软件和内存"));
    assert_eq!((text.as_str(), code), ("軟體和記憶體", 0));
}

#[test]
fn ambiguous_characters_are_listed_where_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "头发，干\n他的面\n");
    let run = |args: &[&str]| outcome(&mut sandbox.hanfix(args.iter().copied()));
    let (lines, code) = run(&["check", "a.txt", "--convert", "s2t", "--ambiguous"]);
    let expected = [
        "a.txt:1:1 convert 头发 → 頭髮",
        "a.txt:1:4 convert 干 → 幹",
        "a.txt:1:4 convert 干: ambiguous: 幹 乾 干 榦",
        "a.txt:2:3 convert 面: ambiguous, likely right: 面 麪",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    assert_eq!(code, 1);
    assert_eq!(run(&["check", "a.txt", "--convert", "s2t"]).0.lines().count(), 2);
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "a.txt", "--ambiguous"]));
    assert!(message.contains("--ambiguous needs a conversion: --convert CONFIG"), "{message}");
    assert_eq!(code, 2);
}

#[test]
fn repair_and_conversion_of_a_span_are_one_change() {
    let sandbox = Sandbox::new();
    // 資料庫的設定 in UTF-8, read as Latin-1
    let garbled: String = "資料庫的設定".bytes().map(char::from).collect();
    sandbox.write("a.txt", &garbled);
    let args = ["check", "a.txt", "--simplified", "--format", "json"];
    let (lines, _) = outcome(&mut sandbox.hanfix(args));
    let items: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(items.len(), 1, "{lines}");
    assert_eq!(
        (&items[0]["before"], &items[0]["after"]),
        (&garbled.into(), &"资料库的设定".into())
    );
    let steps = ["encode(latin-1)", "decode(utf-8)", "convert(t2s)"];
    assert_eq!(items[0]["steps"], serde_json::json!(steps));
}

#[test]
fn scripts_are_listed_where_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "漢字\n汉字\n");
    sandbox.write("b.txt", "漢字\n");
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "--script", "."]));
    let expected = [
        "a.txt:1-1 Hant 1 traditional, 0 simplified",
        "a.txt:2-2 Hans 0 traditional, 1 simplified",
        "b.txt: Hant 1 traditional, 0 simplified",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    assert_eq!(code, 0);
    let args = ["check", "--script", "a.txt", "--format", "json"];
    let line: Value = serde_json::from_str(&outcome(&mut sandbox.hanfix(args)).0).unwrap();
    assert_eq!(line["script"], "mixed");
}
