//! What holds for every text and every configuration.

use std::borrow::Cow;
use std::sync::LazyLock;

use hanfix::convert::{Config, Converter};
use hanfix::edit::apply;
use proptest::prelude::*;

/// Text that meets phrases, their beginnings and ends, and everything OpenCC treats specially.
fn text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "头发",
        "干燥",
        "晾干",
        "干",
        "里面",
        "后来",
        "软件",
        "软体",
        "軟體",
        "程序",
        "程式碼",
        "着",
        "著",
        "埠",
        "SQL注入",
        "SQ",
        "PN结",
        "U盤",
        "威廉·莎士比亚",
        "·",
        "一国两制",
        "鐘錶",
        "乾隆",
        "甚麼",
        "為什麼",
        "峰",
        "\u{F901}",
        "\u{2F800}",
        "⿰",
        "⿱艹",
        "㑮",
        "𫝈",
        "\u{FE00}",
        "\u{FEFF}",
        "\r\n",
        "\n",
        "\0",
        "，",
        "é",
        "ж",
    ]);
    let piece = prop_oneof![6 => words.prop_map(str::to_owned), 2 => "[一-龥]", 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

static CONVERTERS: LazyLock<[Converter; 16]> = LazyLock::new(|| Config::ALL.map(Converter::new));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn edits_make_the_conversion(text in text()) {
        for converter in &*CONVERTERS {
            let edits = converter.edits(&text);
            prop_assert_eq!(apply(&text, &edits), converter.convert(&text), "{:?}", converter);
            prop_assert!(edits.iter().all(|edit| edit.before != edit.after));
            prop_assert!(edits.iter().all(|edit| text[edit.range.clone()] == edit.before));
            prop_assert!(edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
        }
    }

    #[test]
    fn appending_gives_the_same(text in text()) {
        for converter in &*CONVERTERS {
            let mut out = String::from("before");
            converter.convert_into(&text, &mut out);
            prop_assert_eq!(out, format!("before{}", converter.convert(&text)));
        }
    }

    /// No phrase holds a line feed, so lines may be converted one by one. (A description
    /// sequence may hold one: there the text is left alone.)
    #[test]
    fn lines_convert_one_by_one(text in text(), repeat in 1..20usize) {
        let text = text.replace(|c| ('⿰'..='⿿').contains(&c), "").repeat(repeat);
        for converter in &*CONVERTERS {
            let lines: Vec<_> = text.split('\n').map(|line| converter.convert(line)).collect();
            prop_assert_eq!(lines.join("\n"), converter.convert(&text));
        }
    }
}

#[test]
fn unchanged_text_is_borrowed() {
    let converter = Converter::new(Config::T2s);
    let text = "清晨的巷子里传来卖豆腐脑的吆喝声。".repeat(500);
    assert!(matches!(converter.convert(&text), Cow::Borrowed(same) if same == text));
    assert!(matches!(converter.convert(""), Cow::Borrowed("")));
    assert!(converter.edits(&text).is_empty());
}

#[test]
fn special_characters_pass() {
    let converter = Converter::new(Config::S2t);
    assert_eq!(converter.convert("\u{FEFF}头\0发\r\n"), "\u{FEFF}頭\0發\r\n");
    assert_eq!(converter.convert("发\u{FE00}"), "發\u{FE00}");
    assert_eq!(converter.convert("⿰发发发"), "⿰发发發");
}

#[test]
fn tofu_is_an_option() {
    let convert =
        |tofu| Converter::builder(Config::T2s).tofu(tofu).build().convert("㑮").into_owned();
    assert_eq!(convert(true), "𫝈");
    assert_eq!(convert(false), "㑮");
}

#[test]
fn neutral_phrases_keep_others_from_matching() {
    let converter = Converter::new(Config::S2t);
    // 一地里 is a phrase, in which 地里 is not looked for
    assert_eq!(converter.convert("一地里"), "一地裏");
    // the block of 4096 bytes ends inside the words
    for before in 4080..4100 {
        let text = "a".repeat(before) + "太后的头发很干燥";
        assert_eq!(converter.convert(&text), "a".repeat(before) + "太后的頭髮很乾燥");
    }
}

#[test]
fn phrases_that_start_with_ascii() {
    let converter = Converter::new(Config::S2twp);
    assert_eq!(converter.convert("用SQL注入攻击"), "用SQL隱碼攻擊");
    assert_eq!(converter.convert("MySQL注入abcdefgU盘"), "MySQL隱碼攻擊abcdefg隨身碟");
    assert_eq!(Converter::new(Config::Tw2sp).convert("得了B型肝炎與B肝"), "得了乙型肝炎与乙肝");
}

#[test]
fn compatibility_ideographs_in_long_texts() {
    let converter = Converter::new(Config::T2s);
    // 64 KB are converted at once: some pieces with such a character, others without; 﨎 stays
    let line = "這一行要重複許多次，乾燥的頭髮，\u{FA0E}。\n";
    let text = line.repeat(2000) + "\u{F901}好，乾\u{F9CE}。\n" + &line.repeat(2000);
    let converted = converter.convert(&text);
    assert_eq!(apply(&text, &converter.edits(&text)), converted);
    let lines: Vec<&str> = converted.lines().collect();
    assert_eq!(lines.len(), 4001);
    assert_eq!(lines[2000], "更好，干硫。");
    let others = lines.iter().enumerate().filter(|(at, _)| *at != 2000);
    for (at, line) in others {
        assert_eq!(*line, "这一行要重复许多次，干燥的头发，\u{FA0E}。", "line {at}");
    }
    // as a part of a description it stays
    assert!(matches!(converter.convert("⿰\u{F901}\u{F901}"), Cow::Borrowed(_)));
    assert!(matches!(converter.convert("\u{FA0E}"), Cow::Borrowed(_)));
}
