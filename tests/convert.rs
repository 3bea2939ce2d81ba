//! What holds for every text and every configuration.

use std::borrow::Cow;
use std::sync::LazyLock;

use hanfix::convert::{Config, Converter, Dictionary, Keep};
use hanfix::edit::{Step, apply};
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

/// A piece of text with what may be left alone, and what parts it.
fn kept_piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "程序",
        "里面",
        "后",
        "国へ帰りました",
        "の",
        "`",
        "``",
        "```",
        "~~~",
        "```\n",
        "~~~\n",
        "\n",
        "\n",
        "\n\n",
        " ",
        "https://example.org/后",
        "www.",
        "。",
        "！",
        "⿰",
        "x",
    ])
}

/// The text cut at some places.
fn chunks() -> impl Strategy<Value = (String, Vec<usize>)> {
    text().prop_flat_map(|text| {
        let len = text.len();
        (Just(text), prop::collection::vec(0..=len, 0..8))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Wherever a text is cut; cuts inside a character move to its start.
    #[test]
    fn chunks_convert_as_the_whole((text, mut cuts) in chunks()) {
        cuts.sort_unstable();
        for converter in &*CONVERTERS {
            let mut stream = converter.stream();
            let mut out = String::new();
            let mut from = 0;
            for cut in &cuts {
                let to = text.floor_char_boundary(*cut);
                stream.push(&text[from..to], &mut out);
                from = to;
            }
            stream.push(&text[from..], &mut out);
            stream.finish(&mut out);
            prop_assert_eq!(out, converter.convert(&text), "{:?} {:?}", converter, cuts);
        }
    }

    /// Words of a dictionary may hold a full stop or go on in the next chunk.
    #[test]
    fn chunks_convert_as_the_whole_with_a_dictionary((text, mut cuts) in chunks()) {
        cuts.sort_unstable();
        let mut dictionary = Dictionary::default();
        let words = ["程序", "软", "\n，", "，软件", "程序\r\n软", "\n\n", "一国两制，SQ"];
        words.into_iter().for_each(|word| dictionary.insert(word, "※"));
        let converter = Converter::builder(Config::S2twp).dictionary(dictionary).build();
        let mut stream = converter.stream();
        let mut out = String::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            let to = text.floor_char_boundary(cut);
            stream.push(&text[from..to], &mut out);
            from = to;
        }
        stream.finish(&mut out);
        prop_assert_eq!(out, converter.convert(&text));
    }

    /// What is left alone may begin in one chunk and end in another.
    #[test]
    fn chunks_convert_as_the_whole_around_what_is_left_alone(
        pieces in prop::collection::vec(kept_piece(), 0..24),
        cuts in prop::collection::vec(any::<u16>(), 0..8),
        kinds in prop::sample::subsequence(Keep::ALL.to_vec(), 0..=Keep::ALL.len()),
    ) {
        let text = pieces.concat();
        let mut cuts: Vec<usize> =
            cuts.iter().map(|cut| usize::from(*cut) % (text.len() + 1)).collect();
        cuts.sort_unstable();
        let dictionary: Dictionary = "程序\t程式\n。程\t※\n序里面后\t※".parse().unwrap();
        for dictionary in [Dictionary::default(), dictionary] {
            let builder = Converter::builder(Config::S2twp).dictionary(dictionary);
            let converter = builder.keep(kinds.iter().copied()).build();
            let mut stream = converter.stream();
            let mut out = String::new();
            let mut from = 0;
            for cut in cuts.iter().copied().chain([text.len()]) {
                let to = text.floor_char_boundary(cut);
                stream.push(&text[from..to], &mut out);
                from = to;
            }
            stream.finish(&mut out);
            prop_assert_eq!(out, converter.convert(&text), "{:?}", &kinds);
        }
    }

    /// What the user decides does not change what OpenCC makes of the rest.
    #[test]
    fn edits_make_the_conversion_with_rules(text in text()) {
        let dictionary: Dictionary = "程序\t程式\n里面\t裡頭\n软\t\nSQ\tＳＱ".parse().unwrap();
        for config in [Config::S2t, Config::S2twp, Config::Tw2sp] {
            let builder = Converter::builder(config).dictionary(dictionary.clone());
            let converter = builder.keep(Keep::ALL).build();
            let edits = converter.edits(&text);
            prop_assert_eq!(apply(&text, &edits), converter.convert(&text), "{:?}", converter);
            prop_assert!(edits.iter().all(|edit| text[edit.range.clone()] == edit.before));
        }
    }
}

#[test]
fn a_stream_keeps_little_back() {
    let converter = Converter::new(Config::S2t);
    let mut stream = converter.stream();
    let mut out = String::new();
    stream.push("头发。⿰。", &mut out);
    // the second stop may be a part of a description
    assert_eq!(out, "頭髮。");
    stream.push("发\n", &mut out);
    assert_eq!(out, "頭髮。");
    stream.push(&"发".repeat(100), &mut out);
    stream.push("。头", &mut out);
    assert!(out.ends_with("發。"), "{out}");
    stream.finish(&mut out);
    assert!(out.starts_with("頭髮。⿰。发\n發") && out.ends_with("發。頭"), "{out}");
}

#[test]
fn a_stream_with_a_dictionary_keeps_little_more_back() {
    let dictionary: Dictionary = "。头发\t…".parse().unwrap();
    let converter = Converter::builder(Config::S2t).dictionary(dictionary).build();
    let mut stream = converter.stream();
    let mut out = String::new();
    stream.push("太后。", &mut out);
    assert_eq!(out, "");
    // nine bytes decide whether the word stands there
    stream.push("头里", &mut out);
    assert_eq!(out, "");
    stream.push("里", &mut out);
    assert_eq!(out, "太后。");
    stream.push("。头发，后来\n。好", &mut out);
    assert_eq!(out, "太后。");
    stream.push("好", &mut out);
    assert_eq!(out, "太后。頭裏裏…，後來\n");
}

#[test]
fn a_stream_that_leaves_parts_alone_keeps_a_paragraph_back() {
    let convert = |keep: &[Keep]| {
        let converter = Converter::builder(Config::S2t).keep(keep.iter().copied()).build();
        let mut stream = converter.stream();
        let mut out = String::new();
        let chunks = ["头`发\n里", "`。\n\n后`面\n```\n后\n", "```\n头`发。\n", "```"];
        let lengths = chunks.map(|chunk| {
            stream.push(chunk, &mut out);
            out.chars().count()
        });
        stream.finish(&mut out);
        (out, lengths)
    };
    let (out, lengths) = convert(&[Keep::Code]);
    assert_eq!(out, "頭`发\n里`。\n\n後`面\n```\n后\n```\n頭`發。\n```");
    assert_eq!(lengths, [0, 13, 23, 23]);
    let (out, lengths) = convert(&[Keep::Kana, Keep::Urls]);
    assert_eq!(out, "頭`發\n裏`。\n\n後`面\n```\n後\n```\n頭`發。\n```");
    assert_eq!(lengths, [4, 19, 28, 28]);
}

#[test]
fn words_of_the_user_go_first() {
    let dictionary: Dictionary = "干燥\t乾枯\n头\t頭部".parse().unwrap();
    let converter = Converter::builder(Config::S2t).dictionary(dictionary).build();
    // OpenCC reads 晾干, but what the user says is looked for before
    assert_eq!(converter.convert("晾干燥的头发"), "晾乾枯的頭部發");
    let edits = converter.edits("头发");
    assert_eq!(*edits[0].steps, [Step::Apply("dictionary")]);
    assert_eq!(*edits[1].steps, [Step::Convert("s2t")]);
}

#[test]
fn protected_words_and_parts_stay() {
    let mut dictionary = Dictionary::default();
    dictionary.protect("后海");
    let converter = Converter::builder(Config::S2twp).dictionary(dictionary).build();
    assert_eq!(converter.convert("后海的软件"), "后海的軟體");
    let text = "软件见https://example.org/软件，`软件`。「国へ帰ります」软件";
    let keep = |keep: &[Keep]| {
        let converter = Converter::builder(Config::S2twp).keep(keep.iter().copied()).build();
        converter.convert(text).into_owned()
    };
    assert_eq!(keep(&Keep::ALL), "軟體見https://example.org/软件，`软件`。「国へ帰ります」軟體");
    assert_eq!(keep(&[Keep::Urls]), "軟體見https://example.org/软件，`軟體`。「國へ帰ります」軟體");
}

#[test]
fn guesses_are_told_with_their_place() {
    let converter = Converter::builder(Config::S2twp).keep([Keep::Code]).build();
    let text = "头发和晾干都清楚，`干`，单独的发了、干、里";
    let found: Vec<_> =
        converter.choices(text).into_iter().map(|choice| choice.character).collect();
    // of 了 and 发 the model is sure
    assert_eq!(found, ['干', '里']);
    let last = converter.choices(text).pop().unwrap();
    assert_eq!(&text[last.at..], "里");
    assert_eq!(last.message, "ambiguous: 裏 里 哩");
    // to Simplified there are choices too, and none between the Traditional spellings
    assert!(!Config::T2tw.has_choices() && Config::Hk2sp.has_choices());
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
