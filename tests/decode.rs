//! Bytes in, text out, and the same bytes back.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS};
use hanfix::decode::{DecodeError, Decoded, EncodeError, Options, Stream, decode};
use hanfix::edit::{Edit, Kind, apply};
use proptest::prelude::*;

const SIMPLIFIED: &str = "今天下午的会议改到三点，请大家带上上周的报告。\n";
const TRADITIONAL: &str = "明天早上八點在車站門口集合，請不要遲到。\n";
const JAPANESE: &str = "駅の前にある喫茶店で友達と待ち合わせました。\n";
const KOREAN: &str = "내일 아침에 도서관 앞에서 만나기로 했습니다.\n";
/// Syllables of films and brands that EUC-KR has no codes for.
const MODERN_KOREAN: &str = "찦차를 타고 온 펲시맨과 쑛다리 똠방각하\n";
const RUSSIAN: &str = "Завтра утром мы встретимся у входа в библиотеку.\n";
const FRENCH: &str = "Le café près de l'église était fermé cet été-là.\n";

/// As Python's codec writes them.
const KOREAN_IN_JOHAB: &[u8] =
    b"\x90\x81\xB7\xA9\x20\xB4\x61\xC3\xB1\xB5\x41\x20\x95\xA1\xAC\xE1\x89\xC5\x20\xB4\x7C\xB5\x41\xAC\xE1\x20\
      \xA0\x65\x90\x61\x8B\xA1\x9D\xA1\x20\xD0\x96\xAF\x73\x93\xA1\x94\x61\x2E\n";
const MODERN_KOREAN_IN_JOHAB: &[u8] =
    b"\xBF\xBC\xC0\x61\x9F\x69\x20\xC8\x61\x89\xA1\x20\xB5\xA5\x20\xCD\x5C\xAF\xA1\xA0\x85\x89\xC1\x20\xB2\x75\
      \x94\x61\x9F\xA1\x20\x99\xB1\xA4\x77\x88\x62\xD0\x61\n";
/// As ICU writes it.
const TRADITIONAL_IN_EUC_TW: &[u8] =
    b"\xCD\xFC\xC5\xB2\xC8\xAE\xC4\xB8\xC4\xAC\xF6\xB5\xC7\xE3\xCB\xCF\xD7\xBB\xCF\xDC\xC4\xC7\xE2\xF5\xC7\xD9\
      \xA1\xA2\xEE\xF9\xC4\xE2\xD3\xD1\xF2\xDA\xCC\xAF\xA1\xA4\n";

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{text} in {}", encoding.name());
    bytes.into_owned()
}

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn detected(bytes: &[u8]) -> Decoded<'_> {
    decode(bytes, &Options::default()).expect("text")
}

fn stated(bytes: &[u8], from: &'static str) -> Result<Decoded<'static>, DecodeError> {
    let bytes: &'static [u8] = bytes.to_vec().leak();
    decode(bytes, &Options { from: Some(from) })
}

/// Replaces the `nth` occurrence of `before`.
fn replace(text: &str, before: &str, nth: usize, after: &str) -> Edit {
    let (at, _) = text.match_indices(before).nth(nth).expect("is in the text");
    edit(text, at..at + before.len(), after)
}

fn edit(text: &str, range: std::ops::Range<usize>, after: &str) -> Edit {
    Edit::new(text, range, after, Kind::Convert, vec![])
}

#[test]
fn each_encoding_is_recognised_and_written_back() {
    let mut utf8_bom = b"\xEF\xBB\xBF".to_vec();
    utf8_bom.extend_from_slice(SIMPLIFIED.as_bytes());
    for (bytes, text, name) in [
        (SIMPLIFIED.as_bytes().to_vec(), SIMPLIFIED, "utf-8"),
        (utf8_bom, SIMPLIFIED, "utf-8"),
        (encoded(GBK, SIMPLIFIED), SIMPLIFIED, "gbk"),
        (encoded(GBK, TRADITIONAL), TRADITIONAL, "gbk"),
        (encoded(BIG5, TRADITIONAL), TRADITIONAL, "big5"),
        (encoded(SHIFT_JIS, JAPANESE), JAPANESE, "shift_jis"),
        (encoded(EUC_JP, JAPANESE), JAPANESE, "euc-jp"),
        (encoded(EUC_KR, KOREAN), KOREAN, "euc-kr"),
        (KOREAN_IN_JOHAB.to_vec(), KOREAN, "johab"),
        (MODERN_KOREAN_IN_JOHAB.to_vec(), MODERN_KOREAN, "johab"),
        (TRADITIONAL_IN_EUC_TW.to_vec(), TRADITIONAL, "euc-tw"),
        (encoded(encoding_rs::WINDOWS_1251, RUSSIAN), RUSSIAN, "windows-1251"),
        (encoded(encoding_rs::KOI8_R, RUSSIAN), RUSSIAN, "koi8-r"),
        (encoded(encoding_rs::WINDOWS_1252, FRENCH), FRENCH, "windows-1252"),
        (utf16le(SIMPLIFIED), SIMPLIFIED, "utf-16le"),
        (utf16be(TRADITIONAL), TRADITIONAL, "utf-16be"),
        (utf16le("plain words\n"), "plain words\n", "utf-16le"),
        (encoded(GB18030, "𠮷野家开到了㐂街。"), "𠮷野家开到了㐂街。", "gb18030"),
    ] {
        let decoded = detected(&bytes);
        assert_eq!((&*decoded.text, decoded.encoding), (text, name));
        assert_eq!(decoded.encode(&[]).expect("nothing to encode"), bytes);
    }
}

#[test]
fn marks_and_widths_are_read() {
    let text = "\u{FEFF}第一行\r\n第二行\r\n";
    let utf32le: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let utf32be: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    for (bytes, name) in [
        (text.as_bytes().to_vec(), "utf-8"),
        (utf16le(text), "utf-16le"),
        (utf16be(text), "utf-16be"),
        (utf32le.clone(), "utf-32le"),
        (utf32be, "utf-32be"),
        (encoded(GB18030, text), "gb18030"),
    ] {
        let decoded = detected(&bytes);
        assert_eq!((decoded.encoding, decoded.bom), (name, true));
        assert_eq!(decoded.text, "第一行\r\n第二行\r\n");
        let edits = [replace(&decoded.text, "二", 0, "三")];
        let expected = text.replace('二', "三");
        let written = decoded.encode(&edits).expect("in every encoding");
        assert_eq!(detected(&written).text, expected.trim_start_matches('\u{FEFF}'));
        assert_eq!(written.len(), bytes.len());
    }
    assert_eq!(detected(&utf32le[4..]).encoding, "utf-32le");
}

#[test]
fn valid_utf8_is_borrowed() {
    let decoded = detected("混合 text ünd 한글".as_bytes());
    assert!(matches!(decoded.text, std::borrow::Cow::Borrowed(_)));
    assert_eq!((decoded.encoding, decoded.confidence), ("utf-8", 1.0));
}

#[test]
fn a_declared_encoding_decides_among_those_of_a_script() {
    let hungarian = "Kérjük, a pénztárnál őrizze meg a számláját, mert később szüksége lehet rá. ";
    let page = format!("<meta charset=\"iso-8859-2\">{}", hungarian.repeat(20));
    let bytes = encoded(encoding_rs::ISO_8859_2, &page);
    let decoded = detected(&bytes);
    assert_eq!((&*decoded.text, decoded.encoding), (page.as_str(), "iso-8859-2"));
    // but not against the bytes: 9C is ś in windows-1250, and a control character in ISO-8859-2
    let polish = "Proszę zachować paragon, bo może się później okazać potrzebny właśnie jutro. ";
    for label in ["iso-8859-2", "iso-8859-1"] {
        let page = format!("<meta charset=\"{label}\">{}", polish.repeat(20));
        let bytes = encoded(encoding_rs::WINDOWS_1250, &page);
        let decoded = detected(&bytes);
        assert_eq!((&*decoded.text, decoded.encoding), (page.as_str(), "windows-1250"));
    }
}

#[test]
fn damaged_utf8_stays_utf8() {
    let mut bytes = [SIMPLIFIED, FRENCH, TRADITIONAL].concat().into_bytes();
    bytes.remove(1);
    bytes.insert(100, 0xFF);
    let decoded = detected(&bytes);
    assert_eq!(decoded.encoding, "utf-8");
    assert_eq!(decoded.text, String::from_utf8_lossy(&bytes));
    assert_eq!(decoded.malformed[0].bytes, 0..2);
    let edits = [replace(&decoded.text, "早上", 0, "晚上")];
    let written = decoded.encode(&edits).expect("utf-8 holds all");
    assert_eq!(written[..120], bytes[..120]);
    assert!(String::from_utf8_lossy(&written).contains("明天晚上八點"));
}

#[test]
fn a_few_words_of_damaged_utf8_are_utf8() {
    for bytes in [
        ["頭髮".as_bytes(), b"\xFF\xFE", "發展\n".as_bytes()].concat(),
        ["中".as_bytes(), b"\xFF\n"].concat(),
        ["文".as_bytes(), b"\xFE", "件".as_bytes()].concat(),
        ["价格".as_bytes(), b"\xE4\xBB", "表".as_bytes(), b"\xFF\xFF\n"].concat(),
    ] {
        let decoded = detected(&bytes);
        assert_eq!(
            (decoded.encoding, &*decoded.text),
            ("utf-8", &*String::from_utf8_lossy(&bytes))
        );
        assert_eq!(decoded.encode(&[]).as_deref(), Ok(&*bytes));
    }
    // a few words among them do not make text of what is none
    let bytes = [b"ab".as_slice(), &[0xFF; 16], "用户名".repeat(3).as_bytes()].concat();
    assert_eq!(decode(&bytes, &Options::default()).err(), Some(DecodeError::Unknown { offset: 2 }));
}

#[test]
fn what_is_cut_off_at_the_end_is_still_text() {
    let utf32: Vec<u8> = "\u{FEFF}你好".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for (bytes, name, text) in [
        ("你好".as_bytes()[..5].to_vec(), "utf-8", "你\u{FFFD}"),
        ("\u{FEFF}你".as_bytes()[..5].to_vec(), "utf-8", "\u{FFFD}"),
        (encoded(GBK, "你好，世界")[..9].to_vec(), "gbk", "你好，世\u{FFFD}"),
        ([b"\xFF\xFE".as_slice(), &utf16le("你好")[..3]].concat(), "utf-16le", "你\u{FFFD}"),
        (utf32[..10].to_vec(), "utf-32le", "你\u{FFFD}"),
    ] {
        let decoded = detected(&bytes);
        assert_eq!((decoded.encoding, &*decoded.text), (name, text));
        assert_eq!(decoded.encode(&[]).expect("nothing to encode"), bytes);
    }
    // a NUL in front of what is no UTF-32
    let text = "\0你好";
    let bytes = [b"\xFF\xFE".as_slice(), &utf16le(text)].concat();
    assert_eq!((detected(&bytes).encoding, &*detected(&bytes).text), ("utf-16le", text));
}

#[test]
fn an_edit_that_keeps_a_damaged_character_keeps_its_bytes() {
    let text = encoded(GBK, "这个文件里有一个坏掉的字节，其余的都没有问题。");
    let mut bytes = text.clone();
    bytes[13] = 0xFF; // 有 is D3 D0
    let decoded = detected(&bytes);
    assert_eq!(decoded.encoding, "gbk");
    let bad = decoded.malformed[0].clone();
    assert_eq!(bad.bytes, 12..14);
    let start = bad.text - "里".len();
    let range = start..bad.text + "\u{FFFD}".len();
    let edits = [edit(&decoded.text, range, "裏裏\u{FFFD}")];
    let written = decoded.encode(&edits).expect("in gbk");
    let expected = [&text[..10], &encoded(GBK, "裏裏"), &bytes[12..]].concat();
    assert_eq!(written, expected);
}

#[test]
fn characters_that_do_not_fit_are_named_with_their_place() {
    let bytes = encoded(BIG5, TRADITIONAL);
    let decoded = detected(&bytes);
    let edits = [replace(&decoded.text, "車", 0, "车")];
    let error = EncodeError::Unmappable { character: '车', offset: 14, encoding: "big5" };
    assert_eq!(decoded.encode(&edits), Err(error.clone()));
    assert_eq!(error.to_string(), "U+8F66 `车` at offset 14 cannot be written as big5");
    let bytes = encoded(GBK, SIMPLIFIED);
    let error = detected(&bytes).encode_to(&[], "shift_jis");
    let encoding = "shift_jis";
    assert_eq!(error, Err(EncodeError::Unmappable { character: '议', offset: 12, encoding }));
}

#[test]
fn text_is_written_in_another_encoding() {
    let bytes = encoded(GBK, SIMPLIFIED);
    let decoded = detected(&bytes);
    assert_eq!(decoded.encode_to(&[], "utf-8").as_deref(), Ok(SIMPLIFIED.as_bytes()));
    assert_eq!(decoded.encode_to(&[], "utf-16le"), Ok(utf16le(SIMPLIFIED)));
    let marked = [b"\xFF\xFE".as_slice(), &utf16le(SIMPLIFIED)].concat();
    assert_eq!(decoded.encode_to(&[], "utf-16"), Ok(marked));
    let edits = [replace(&decoded.text, "三", 0, "四")];
    let expected = encoded(GB18030, &SIMPLIFIED.replace('三', "四"));
    assert_eq!(decoded.encode_to(&edits, "GB18030"), Ok(expected));
    assert!(matches!(decoded.encode_to(&[], "klingon"), Err(EncodeError::Label { .. })));
}

#[test]
fn a_stated_encoding_is_used_or_contradicted() {
    let bytes = encoded(GBK, SIMPLIFIED);
    assert_eq!(stated(&bytes, "GB2312").expect("is gbk").text, SIMPLIFIED);
    let error = stated(&bytes, "utf-8").expect_err("is not");
    assert_eq!(error, DecodeError::Contradicted { encoding: "utf-8", offset: 0 });
    assert_eq!(error.to_string(), "not utf-8: ill-formed byte at offset 0");
    assert_eq!(stated(&bytes, "latin-1").expect("anything is").encoding, "windows-1252");
    assert!(matches!(stated(&bytes, "nonsense"), Err(DecodeError::Label { .. })));
    let marked = "\u{FEFF}字".as_bytes();
    assert!(stated(marked, "gbk").is_err(), "a mark of UTF-8");
}

/// The encodings of the segments.
fn encodings(decoded: &Decoded<'_>) -> Vec<&'static str> {
    decoded.segments().iter().map(|segment| segment.encoding).collect()
}

#[test]
fn lines_in_two_encodings_are_read_each_in_its_own() {
    let log = ["启动服务失败：端口被占用\n", "12:00 重新连接数据库\n", "一直等待\n", "完成\n"];
    let gbk = |text: &str| encoded(GBK, text);
    let big5 = |text: &str| encoded(BIG5, text);
    let utf8 = |text: &str| text.as_bytes().to_vec();
    let conflict = [
        utf8("<<<<<<< HEAD\n标题：用户手册\n=======\n"),
        gbk("标题：使用手册\n"),
        utf8(">>>>>>> 分支\n"),
    ];
    for (parts, expected) in [
        (vec![utf8(log[0]), gbk(log[1]), utf8(log[2]), gbk(log[3])], log.concat()),
        (vec![gbk(log[0]), gbk(log[1]), utf8(log[2]), utf8(log[3])], log.concat()),
        (vec![utf8(SIMPLIFIED), big5(TRADITIONAL)], [SIMPLIFIED, TRADITIONAL].concat()),
        (vec![gbk(SIMPLIFIED), big5(TRADITIONAL)], [SIMPLIFIED, TRADITIONAL].concat()),
        (
            vec![utf8("错误 [模块]: "), gbk("找不到指定的文件"), utf8(" (代码 2)\n")],
            "错误 [模块]: 找不到指定的文件 (代码 2)\n".to_owned(),
        ),
        (
            conflict.to_vec(),
            "<<<<<<< HEAD\n标题：用户手册\n=======\n标题：使用手册\n>>>>>>> 分支\n".to_owned(),
        ),
    ] {
        let bytes = parts.concat();
        let decoded = detected(&bytes);
        assert_eq!(decoded.text, expected);
        assert!(decoded.segments().len() > 1);
        assert_eq!(decoded.encode(&[]).expect("nothing to encode"), bytes);
    }
}

/// The second in an encoding behind the first in UTF-8, on each of some lines.
fn glued(first: &str, encoding: &'static Encoding, second: &str, lines: usize) -> Vec<u8> {
    [first.as_bytes(), &encoded(encoding, second), b"\n"].concat().repeat(lines)
}

#[test]
fn a_line_that_changes_its_encoding_is_read_in_both() {
    let simplified = [
        "2024 INFO 系统启动完成，",
        "文件已经上传到服务器。",
        "数据库连接失败，请检查配置。",
        "订单号不存在，请重新输入",
        "温度过高，风扇已切换到最大转速",
    ];
    let traditional =
        ["檔案已經上傳到伺服器。", "訂單編號不存在，請重新輸入", "昨天的報表還沒有寄給客戶。"];
    let japanese =
        ["ファイルをサーバーに転送しました", "注文番号が存在しません", "設定を確認してください。"];
    for (encoding, sentences) in
        [(GBK, &simplified[..]), (BIG5, &traditional), (EUC_JP, &japanese), (SHIFT_JIS, &japanese)]
    {
        for (first, second) in sentences.iter().flat_map(|a| sentences.iter().map(move |b| (a, b)))
        {
            for lines in [1, 3] {
                let bytes = glued(first, encoding, second, lines);
                let text = format!("{first}{second}\n").repeat(lines);
                assert_eq!(detected(&bytes).text, text, "{}", encoding.name());
            }
        }
    }
}

#[test]
fn long_mixtures_are_read_line_by_line() {
    let lines =
        [SIMPLIFIED, "完成\n", "12:00 ok\n", "价格 128 元，库存 3,500 件。\n", "一直等待\n"];
    for (encoding, lines) in [(GBK, &lines[..]), (BIG5, &[TRADITIONAL, "完成\n", "ok\n"])] {
        let (mut bytes, mut text) = (Vec::new(), String::new());
        for (index, line) in lines.iter().cycle().take(400).enumerate() {
            let encoding = if index % 7 < 3 { encoding } else { encoding_rs::UTF_8 };
            bytes.extend(encoded(encoding, line));
            text.push_str(line);
        }
        let decoded = detected(&bytes);
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.encode(&[]).expect("nothing to encode"), bytes);
    }
}

#[test]
fn doubtful_lines_are_read_the_same_however_many_there_are() {
    let lines = 2500;
    let text = [SIMPLIFIED.repeat(lines), TRADITIONAL.repeat(lines)];
    let bytes = [encoded(GBK, &text[0]), encoded(BIG5, &text[1])].concat();
    let decoded = detected(&bytes);
    assert_eq!(encodings(&decoded), ["gbk", "big5"]);
    assert_eq!(decoded.text, text.concat());
}

#[test]
fn a_line_of_rubbish_has_an_end_however_long_it_is() {
    // millions of bits in every encoding
    let mut state = 1_u32;
    let rubbish = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"\xE9\xE8 ae"[(state >> 8) as usize % 5]
    });
    let mut bytes = "今天下午的会议改到三点".repeat(20_000).into_bytes();
    bytes.extend(rubbish.take(400_000));
    if let Ok(decoded) = decode(&bytes, &Options::default()) {
        assert!(decoded.encode(&[]).expect("nothing to encode") == bytes);
    }
}

#[test]
fn edits_of_a_mixed_file_are_written_in_the_encoding_of_their_place() {
    let bytes = ["旧的一行\n".as_bytes(), &encoded(GBK, "旧的另一行\n")].concat();
    let decoded = detected(&bytes);
    assert_eq!(encodings(&decoded), ["utf-8", "gbk"]);
    let edits = [replace(&decoded.text, "旧", 0, "新"), replace(&decoded.text, "旧", 1, "新")];
    let expected = ["新的一行\n".as_bytes(), &encoded(GBK, "新的另一行\n")].concat();
    assert_eq!(decoded.encode(&edits), Ok(expected));
}

#[test]
fn a_stray_byte_does_not_change_the_encoding() {
    for stray in [
        b"r\xE9gion\n".as_slice(),
        b"caf\xE9\n",
        b"voil\xE0, d\xE9j\xE0 vu\n",
        b"\xB0C\n",
        b"\xE4\xB8\n",
        // alone on a line, and each a common character of GBK
        b"\xC0\xAF\n",
        b"\xBB\xAD\n",
        b"\xE4\xBB\r\n",
        b"\xB8\xAD\xE5\x9B\n",
        b"\xED\xA0\xBD\n",
    ] {
        let bytes =
            [SIMPLIFIED.as_bytes(), stray, FRENCH.as_bytes(), TRADITIONAL.as_bytes()].concat();
        let decoded = detected(&bytes);
        assert_eq!(decoded.text, String::from_utf8_lossy(&bytes));
        assert_eq!(encodings(&decoded), ["utf-8"]);
    }
}

#[test]
fn a_short_line_in_another_encoding_is_no_damage() {
    let log = "2024-01-02 12:00 服务已启动\n2024-01-02 12:01 正在读取配置文件\n".repeat(5);
    for (encoding, line) in [
        (GBK, "完成\n"),
        (GBK, "2024-01-02 12:02 失败\n"),
        (GBK, "状态：好\n"),
        (BIG5, "時間\n"),
        (BIG5, "2024-01-02 12:02 連線逾時\n"),
    ] {
        let bytes = [log.as_bytes(), &encoded(encoding, line), log.as_bytes()].concat();
        assert_eq!(detected(&bytes).text, [&log, line, &log].concat());
    }
    // characters that are alone, but not the only ones
    let line = encoded(GBK, "是\n");
    let bytes = [log.as_bytes(), &line, log.as_bytes(), &line, log.as_bytes()].concat();
    assert_eq!(detected(&bytes).text, [&log, "是\n", &log, "是\n", &log].concat());
}

#[test]
fn what_fits_one_encoding_is_no_mixture_that_fits_none() {
    // slang, which is as unlikely in Korean as its bytes are in GBK
    let slang = "ㄱㄱ 亞 능 乙 九月 굳\nㄱㄱ 쨩 넘흐 ★\nㅋㅋㅋ 헐 ★ ㄱㄱ\n졸 엄훠 ⓣⓥ\n";
    let bytes = EUC_KR.encode(slang).0;
    let decoded = decode(&bytes, &Options::default()).expect("it is text");
    assert_eq!(decoded.malformed, []);
}

#[test]
fn binary_files_are_left_alone() {
    let png = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR";
    let noise: Vec<u8> =
        (0..4000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let zeros = [0; 64];
    for bytes in [png.as_slice(), b"text\0with a NUL", b"\x7FELF\x02\x01\x01", &noise, &zeros] {
        let error = decode(bytes, &Options::default()).expect_err("binary");
        assert!(matches!(error, DecodeError::Binary { .. }), "{error}");
    }
}

#[test]
fn blank_lines_are_no_utf16() {
    let bytes = [b"<html>\n".as_slice(), &[b'\n'; 600], &encoded(EUC_JP, JAPANESE)].concat();
    assert_eq!(detected(&bytes).encoding, "euc-jp");
}

#[test]
fn padding_is_no_utf16() {
    // of two blanks, UTF-16 makes one character: †
    for pad in [' ', '-', '='] {
        let padding = pad.to_string().repeat(80);
        let simplified = format!("{padding}\n  名称{padding}数量{padding}\n  铅笔{padding}12\n");
        let traditional = format!("{padding}\n  名稱{padding}數量{padding}\n  鉛筆{padding}12\n");
        assert_eq!(detected(&encoded(GBK, &simplified)).encoding, "gbk", "{pad:?}");
        assert_eq!(detected(&encoded(BIG5, &traditional)).encoding, "big5", "{pad:?}");
    }
}

#[test]
fn utf16_that_is_valid_utf8_shows_by_a_control_character() {
    // 「。」 is 02 30
    let bytes = utf16le("詳細を参照してください。");
    assert!(str::from_utf8(&utf16le("照してください。")).is_ok());
    assert_eq!(detected(&bytes).encoding, "utf-16le");
    assert_eq!(detected(&utf16le("照してください。")).text, "照してください。");
    for text in ["key=\u{1}value.", "a\u{2}b\u{2}c.", "ok\u{7f}", "\u{10}中文"] {
        assert_eq!(detected(text.as_bytes()).text, text);
    }
}

#[test]
fn ascii_is_no_utf16_however_long_it_is() {
    // 我 and 敢潮整敷 in UTF-16
    let text = "\u{11}b".repeat(200) + &"benotewe".repeat(50_000);
    assert_eq!(detected(text.as_bytes()).encoding, "utf-8");
}

#[test]
fn both_editions_of_gb18030_are_kept() {
    // A6 DB: U+FE11 in the edition of 2022, private use in that of 2005; 㐅 has four bytes only
    let bytes = b"\xD6\xD0\xCE\xC4\xA6\xDB\xD6\xD0\xCE\xC4\x81\x39\xEF\x34\xD6\xD0\xCE\xC4";
    let decoded = detected(bytes);
    assert_eq!((&*decoded.text, decoded.encoding), ("中文\u{FE11}中文\u{3405}中文", "gb18030"));
    let edits = [replace(&decoded.text, "中文", 1, "汉字")];
    let written = decoded.encode(&edits).expect("in gbk");
    assert_eq!(written[..6], bytes[..6]);
    assert_eq!(written[10..], bytes[10..]);
}

#[test]
fn seven_bit_encodings_are_read_and_edited() {
    let hz = b"a~{<:Ky2;S{#,NpJ)l6HK!#~}b\nplain\n";
    let decoded = detected(hz);
    assert_eq!((&*decoded.text, decoded.encoding), ("a己所不欲，勿施於人。b\nplain\n", "hz"));
    let edits =
        [replace(&decoded.text, "欲，勿", 0, "要 勿"), replace(&decoded.text, "b\n", 0, "字\n")];
    let written = decoded.encode(&edits).expect("in GB 2312");
    assert_eq!(detected(&written).text, "a己所不要 勿施於人。字\nplain\n");
    let unchanged = &b"a~{<:Ky2;"[..];
    assert_eq!(&written[..9], unchanged);
    let lisp = b"(format t \"~{~a~^, ~}\" list) (format nil \"~{ab~}\")";
    assert_eq!(detected(lisp).encoding, "utf-8");
    let jp = b"\x1B$B$3$s$K$A$O\x1B(B, Emacs\n";
    assert_eq!(detected(jp).text, "こんにちは, Emacs\n");
}

#[test]
fn a_directive_of_lisp_is_not_hz() {
    for text in ["(format t \"~{~a~}\" list)\n", "{\"format\":\"~{~a~}\",\"key\":\"value\"}\n"] {
        assert_eq!(detected(text.as_bytes()).text, text);
    }
}

#[test]
fn seven_bit_encodings_are_recognised_when_written() {
    for (label, text) in [
        ("hz", "勿施于人。\n所不欲\n"),
        ("iso-2022-jp", "こんにちは\nabc\n"),
        ("iso-2022-kr", "abc\n안녕하세요\n한글\n"),
        ("iso-2022-cn", "中文\n臺灣\n"),
    ] {
        let written = detected(text.as_bytes()).encode_to(&[], label).expect("has them all");
        assert!(written.is_ascii(), "{label}");
        let again = detected(&written);
        assert_eq!((again.encoding, &*again.text), (label, text));
    }
    let korean = detected("한글\n글\n".as_bytes()).encode_to(&[], "iso-2022-kr").expect("has them");
    assert_eq!(korean, b"\x1B$)C\x0EGQ1[\x0F\n\x0E1[\x0F\n", "announced once");
}

/// A stream announces its character set in the first block alone.
#[test]
fn a_stream_is_announced_once() {
    let text = "한글 한글 한글\n".repeat(20);
    let mut stream = Stream::with_block_size(&Options::default(), 64);
    stream.push(text.as_bytes());
    stream.end();
    let mut out = Vec::new();
    while let Some(block) = stream.next_block() {
        let block = block.expect("is text").decoded;
        out.extend(block.encode_to(&[], "iso-2022-kr").expect("has them all"));
    }
    assert_eq!(out.windows(4).filter(|bytes| bytes == b"\x1B$)C").count(), 1);
    assert_eq!(detected(&out).text, text);
}

#[test]
fn offsets_lead_back_to_the_file() {
    let bytes = encoded(GBK, SIMPLIFIED);
    let decoded = detected(&bytes);
    let at = SIMPLIFIED.find("三点").expect("is there");
    assert_eq!(decoded.byte_offset(at), 18);
    assert_eq!(decoded.byte_offset(SIMPLIFIED.len()), bytes.len());
}

/// The text and the bytes that a stream of blocks gives for chunks of a file.
fn streamed(bytes: &[u8], chunk: usize, block: usize) -> (String, Vec<u8>) {
    let mut stream = Stream::with_block_size(&Options::default(), block);
    let (mut text, mut written) = (String::new(), Vec::new());
    let mut take = |stream: &mut Stream| {
        while let Some(block) = stream.next_block() {
            let block = block.expect("text");
            assert_eq!(block.offset, written.len() as u64);
            text.push_str(&block.decoded.text);
            written.extend(block.decoded.encode(&[]).expect("nothing to encode"));
        }
    };
    for chunk in bytes.chunks(chunk) {
        stream.push(chunk);
        take(&mut stream);
    }
    stream.end();
    take(&mut stream);
    (text, written)
}

#[test]
fn a_stream_reads_what_the_whole_file_reads() {
    let text = [SIMPLIFIED, "second line\r\n", TRADITIONAL].concat().repeat(8);
    let long_line = SIMPLIFIED.trim_end().repeat(30);
    for bytes in [
        text.clone().into_bytes(),
        encoded(GBK, &text),
        encoded(GB18030, &["㐂", &long_line].concat()),
        utf16le(&text),
        [b"\xFE\xFF".as_slice(), &utf16be(&long_line)].concat(),
        encoded(BIG5, &TRADITIONAL.repeat(20)),
        encoded(encoding_rs::ISO_2022_JP, &JAPANESE.repeat(20)),
        [b"ascii only\n".repeat(50), encoded(GBK, &text)].concat(),
        [text.as_bytes(), &encoded(GBK, &text)].concat(),
        long_line.into_bytes(),
        Vec::new(),
    ] {
        let whole = detected(&bytes);
        for (chunk, block) in [(1, 300), (7, 256), (1000, 400), (100_000, 1 << 20)] {
            let (text, written) = streamed(&bytes, chunk, block);
            assert_eq!(text, whole.text, "chunks of {chunk}, blocks of {block}");
            assert_eq!(written, bytes);
        }
    }
}

#[test]
fn blocks_end_at_line_ends() {
    let bytes = encoded(GBK, &[SIMPLIFIED, "一\r\n"].concat().repeat(50));
    let mut stream = Stream::with_block_size(&Options::default(), 200);
    stream.push(&bytes);
    let mut blocks = 0;
    while let Some(block) = stream.next_block() {
        assert!(block.expect("text").decoded.text.ends_with('\n'));
        blocks += 1;
    }
    assert!(blocks > 5, "{blocks}");
}

#[test]
fn errors_of_a_stream_have_offsets_of_the_file() {
    let mut bytes = SIMPLIFIED.repeat(20).into_bytes();
    let at = bytes.len() - 10;
    bytes[at] = 0;
    let mut stream = Stream::with_block_size(&Options::default(), 300);
    stream.push(&bytes);
    stream.end();
    let mut errors = Vec::new();
    while let Some(block) = stream.next_block() {
        errors.extend(block.err());
    }
    assert_eq!(errors, [DecodeError::Binary { what: "NUL byte", offset: at }]);
}

fn any_encoding() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "utf-8",
        "utf-16le",
        "utf-16be",
        "utf-32le",
        "utf-32be",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "johab",
        "euc-tw",
        "windows-1252",
        "hz",
        "iso-2022-jp",
        "iso-2022-kr",
        "iso-2022-cn",
    ])
}

fn any_line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        SIMPLIFIED,
        TRADITIONAL,
        JAPANESE,
        FRENCH,
        "中\n",
        "一直\r\n",
        "no Chinese here\n",
        "没有行尾",
    ])
}

fn any_legacy() -> impl Strategy<Value = &'static Encoding> {
    prop::sample::select(vec![encoding_rs::UTF_8, GBK, BIG5, GB18030, SHIFT_JIS, EUC_JP, EUC_KR])
}

/// Lines in several encodings, of which up to so many bytes are lost, behind the bytes `first`.
fn mixture(
    first: &'static [&'static [u8]],
    lost: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<u8>> {
    let parts = prop::collection::vec((any_line(), any_legacy()), 1..6);
    let lost = prop::collection::vec(any::<prop::sample::Index>(), lost);
    (prop::sample::select(first), parts, lost).prop_map(|(first, parts, lost)| {
        let encoded =
            |(line, encoding): (&str, &'static Encoding)| encoding.encode(line).0.into_owned();
        let mut bytes = [first, &parts.into_iter().flat_map(encoded).collect::<Vec<u8>>()].concat();
        for index in lost {
            bytes.remove(index.index(bytes.len()));
        }
        bytes
    })
}

/// Edits that put `x` in the place of some characters.
fn some_edits(text: &str, picks: &[bool]) -> Vec<Edit> {
    let picked = text.char_indices().zip(picks).filter(|(_, pick)| **pick);
    picked.map(|((at, c), _)| edit(text, at..at + c.len_utf8(), "x")).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(decoded) = decode(&bytes, &Options::default()) {
            prop_assert_eq!(decoded.encode(&[]).expect("nothing to encode"), bytes);
        }
    }

    #[test]
    fn what_is_written_in_another_encoding_is_well_formed(
        bytes in mixture(&[b"", b"\xED\xA0\xBD\xED\xB8\x80\n", b"\xC0\x80\n"], 0..2),
        label in any_encoding(),
    ) {
        if let Ok(decoded) = decode(&bytes, &Options::default()) {
            match decoded.encode_to(&[], label) {
                Ok(written) => {
                    prop_assert!(decoded.malformed.is_empty());
                    let again = decode(&written, &Options { from: Some(label) });
                    prop_assert_eq!(&*again.expect("is in it").text, &*decoded.text);
                    prop_assert!(label != "utf-8" || str::from_utf8(&written).is_ok());
                }
                Err(error) => {
                    let offset = error.offset().expect("the label is known");
                    prop_assert!(offset < bytes.len());
                    if let EncodeError::Unmappable { character, .. } = error {
                        let at = decoded.text_offset(offset);
                        prop_assert!(decoded.text[at..].starts_with(character));
                    }
                }
            }
        }
    }

    #[test]
    fn edits_change_what_they_say(
        text in "[a-z~\n中文字符測試こカ한글é，。😀]{0,40}",
        label in any_encoding(),
        picks in prop::collection::vec(any::<bool>(), 40),
    ) {
        let source = decode(text.as_bytes(), &Options { from: Some("utf-8") }).expect("is utf-8");
        if let Ok(bytes) = source.encode_to(&[], label) {
            let decoded = decode(&bytes, &Options { from: Some(label) }).expect("was written in it");
            prop_assert_eq!(&*decoded.text, &text);
            let edits = some_edits(&text, &picks);
            let written = decoded.encode(&edits).expect("x is everywhere");
            let again = decode(&written, &Options { from: Some(label) }).expect("was written in it");
            prop_assert_eq!(&*again.text, &apply(&text, &edits));
        }
    }

    #[test]
    fn nothing_but_the_edit_changes_in_damaged_mixtures(
        bytes in mixture(&[b""], 0..3),
        place in any::<prop::sample::Index>(),
    ) {
        if let Ok(decoded) = decode(&bytes, &Options::default()) {
            prop_assert_eq!(&decoded.encode(&[]).expect("nothing to encode"), &bytes);
            let characters: Vec<(usize, char)> = decoded.text.char_indices().collect();
            let (at, character) = characters[place.index(characters.len())];
            let range = at..at + character.len_utf8();
            let kept = (decoded.byte_offset(range.start), decoded.byte_offset(range.end));
            prop_assert_eq!(decoded.text_offset(kept.0), at);
            prop_assert_eq!(decoded.text_offset(kept.1 - 1), at);
            let ranges = decoded.byte_ranges(&[range.clone(), 0..decoded.text.len()]);
            prop_assert_eq!(ranges, [kept.0..kept.1, 0..bytes.len()]);
            let written = decoded.encode(&[edit(&decoded.text, range, "x")]).expect("x is everywhere");
            prop_assert!(written.starts_with(&bytes[..kept.0]));
            prop_assert!(written.ends_with(&bytes[kept.1..]));
            let (_, streamed) = streamed(&bytes, 50, 1 << 20);
            prop_assert_eq!(streamed, bytes);
        }
    }
}
