//! What holds for any text and any bytes, through the public API.

use hanfix::codec::{Code, Codec, Decoder, Flavour, Incremental, Pushed, Unit};
use hanfix::edit::{self, Edit, Safety, Step};
use hanfix::{Fixed, Fixer, Kind, decode};
use proptest::prelude::*;
use proptest::sample::select;

/// Cases of a property that runs the whole pipeline: a few seconds in a debug build.
/// `PROPTEST_CASES` asks for more.
const CASES: u32 = 64;

fn config() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig::default();
    ProptestConfig { cases: if asked { default.cases } else { CASES }, ..default }
}

/// Text that is damaged in the properties, as it was written.
const CHINESE: &[&str] = &[
    "请输入用户名和密码",
    "今天下午三点在会议室开会，请大家准时参加。",
    "他说：“我们明天再谈。”",
    "第二章　山里的雪",
    "繁體字與簡體字的差別並不大",
    "价格：￥128.00（含税）",
    "联系电话010-6555（周一至周五）",
    "老师，这道题怎么做？\n我也不会。",
    "春天来了，树上的叶子绿了",
    "機場捷運每十五分鐘一班",
];

/// Sentences in many languages and things that are no language; nothing here is damaged.
const CLEAN: &[&str] = &[
    "我昨天在图书馆借了三本书，其中一本是关于古代天文学的。",
    "這家餐廳的牛肉麵很有名，假日常常要排隊一個小時。",
    "子曰：「學而時習之，不亦說乎？」",
    "重庆(chóng qìng)的夜景很美。",
    "昨日は雨が降っていたので、家で本を読んでいました。",
    "コーヒーを二つください。お会計はカードで。",
    "오늘은 날씨가 좋아서 공원에서 산책을 했습니다.",
    "Dün akşam kardeşimle birlikte güzel bir film izledik, çok eğlenceliydi.",
    "Hôm qua tôi đã mua một quyển sách rất hay ở hiệu sách gần nhà.",
    "L’été dernier, nous avons passé deux semaines à la mer près de Saint-Malo.",
    "Včera večer jsme šli na procházku podél řeky a potkali jsme staré přátele.",
    "Χθες το βράδυ διάβασα ένα πολύ ενδιαφέρον βιβλίο για τη θάλασσα.",
    "Вчера вечером мы долго гуляли по набережной и разговаривали о книгах.",
    "ذهبت أمس إلى السوق واشتريت بعض الفواكه والخضروات الطازجة.",
    "אתמול בערב הלכנו לטייל לאורך החוף ואכלנו גלידה.",
    "เมื่อวานนี้ฉันไปตลาดกับแม่และซื้อผลไม้มากมาย",
    "Größe, Übung, Straße: über den Wolken muß die Freiheit grenzenlos sein.",
    "El niño comió jamón y después preguntó: ¿dónde está mi pingüino?",
    "👩‍👩‍👧‍👦 🎉🎉 好的👌🏽 see you 🇨🇳🇯🇵",
    "┌──────┬─────┐\n│ 名称 │ 值  │\n├──────┼─────┤\n│ 甲   │ 1   │\n└──────┴─────┘",
    "█▓▒░ 50% ░▒▓█",
    "fn main() { println!(\"你好，{}\", name); } // 打印\n",
    "if (a[i] != '?') { b = x ? y : z; } /* ok? */",
    "E = mc², ∑ xᵢ ≤ ∞, α → β, 5 ± 0.3 µm",
    "",
    "\u{FEFF}\r\n\t",
];

/// Characters and strings that repairs look at.
const TELLING: &[&str] = &[
    "的",
    "是",
    "當",
    "(dāng)",
    "（dàng）",
    "(",
    ")",
    "（",
    "）",
    "?",
    "??",
    "\u{FFFD}",
    "\u{FFFD}\u{FFFD}",
    "锟斤拷",
    "Ã©",
    "â€œ",
    "ï¼Œ",
    "鐢ㄦ埛",
    "涓",
    "鈥",
    "⼀",
    "⾃",
    "ⅵ",
    "\u{E00B}",
    "\u{E5E5}",
    "\u{E863}",
    "\u{F120}",
    " ",
    "\n",
    "\r\n",
    "\"",
    "\\",
    "a",
    "7",
    ".",
    "&#20013;",
    "\\u4e2d",
    "%E4%B8%AD",
    "\u{80}",
    "\0",
    "\u{10FFFF}",
    "𠮷",
    "é",
    "e\u{301}",
    "ř",
    "ı",
    "ş",
    "ЖЖ",
    "ｱ",
    "カ",
    "ひ",
    "한",
    "뀐",
    "€",
    "烫烫烫",
];

/// A piece of a text.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(TELLING).prop_map(str::to_owned),
        2 => "[\u{4E00}-\u{9FFF}]{1,6}",
        1 => "[\u{3041}-\u{30FF}]{1,4}",
        1 => "[\u{AC00}-\u{D7A3}]{1,4}",
        1 => "[\u{A0}-\u{17F}]{1,4}",
        1 => "[\u{E000}-\u{F8FF}]{1,2}",
        1 => "[ -~]{1,8}",
        1 => "\\PC{1,4}",
        2 => select(CLEAN).prop_map(str::to_owned),
        4 => damaged(),
    ]
}

fn codec() -> impl Strategy<Value = Codec> {
    select(Codec::ALL.to_vec())
}

fn decoder() -> impl Strategy<Value = Decoder> {
    let flavour = select(Flavour::ALL.to_vec());
    (codec(), flavour).prop_map(|(codec, flavour)| Decoder::new(codec, flavour))
}

/// The text in a codec, each character in its shortest code, without those it has none for.
fn encode(text: &str, codec: Codec) -> Vec<u8> {
    if codec == Codec::Utf8 {
        return text.as_bytes().to_vec();
    }
    let table = codec.table(Flavour::WEB);
    text.chars().filter_map(|c| table.codes(c).next()).flat_map(Code::bytes).collect()
}

/// A piece of Chinese that went down a random path, of one layer mostly.
fn damaged() -> impl Strategy<Value = String> {
    let truth = prop_oneof![
        4 => Just(Codec::Utf8),
        2 => Just(Codec::Gbk),
        1 => select(vec![Codec::Big5, Codec::ShiftJis, Codec::EucKr, Codec::EucJp]),
    ];
    let wrong = prop_oneof![
        3 => select(Flavour::ALL.to_vec()).prop_map(|flavour| Decoder::new(Codec::Gbk, flavour)),
        2 => decoder(),
    ];
    let layers = prop_oneof![3 => 1..=1usize, 1 => 2..=3usize]
        .prop_flat_map(move |count| prop::collection::vec((truth.clone(), wrong.clone()), count));
    let original = prop_oneof![
        3 => select(CHINESE).prop_map(str::to_owned),
        1 => "[\u{4E00}-\u{9FA5}]{1,12}",
    ];
    let cut = any::<(prop::sample::Index, prop::sample::Index)>();
    (original, layers, cut).prop_map(|(original, layers, (from, to))| {
        let damage =
            |text: String, (truth, wrong): (Codec, Decoder)| wrong.decode(&encode(&text, truth));
        let text: Vec<char> = layers.into_iter().fold(original, damage).chars().collect();
        let (from, to) = (from.index(text.len() + 1), to.index(text.len() + 1));
        // half of the pieces whole, the others cut anywhere
        if from < to { text[from..to].iter().collect() } else { text.into_iter().collect() }
    })
}

fn mixture() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..10).prop_map(|pieces| pieces.concat())
}

fn every_kind() -> Fixer {
    let kinds = Kind::ALL;
    Fixer::builder().repair(kinds).confidence(0.0).build().expect("a probability")
}

fn check_shape(text: &str, fixed: &Fixed<'_>) -> Result<(), TestCaseError> {
    for edit in &fixed.edits {
        // slicing would panic between two bytes of a character
        prop_assert_eq!(text.get(edit.range.clone()), Some(edit.before.as_str()));
        prop_assert_ne!(&edit.before, &edit.after);
        for filled in &edit.filled {
            let rest = edit.after.get(filled.at..);
            prop_assert!(rest.is_some_and(|rest| rest.starts_with(filled.character)), "{edit:?}");
        }
    }
    let apart = fixed.edits.is_sorted_by(|one, two| one.range.end <= two.range.start);
    prop_assert!(apart, "{:#?}", fixed.edits);
    for finding in &fixed.findings {
        prop_assert_eq!(text.get(finding.range.clone()), Some(finding.before.as_str()));
    }
    prop_assert!(fixed.findings.is_sorted_by_key(|finding| finding.range.start));
    prop_assert_eq!(edit::apply(text, &fixed.edits), fixed.text.as_ref());
    Ok(())
}

fn check_idempotent(fixer: &Fixer, text: &str) -> Result<(), TestCaseError> {
    let once = fixer.fix(text).text;
    let twice = fixer.fix(&once);
    prop_assert_eq!(twice.text.as_ref(), once.as_ref(), "of {:?}", text);
    Ok(())
}

/// The one layer of damage that an edit undid, if it was one.
fn layer(edit: &Edit) -> Option<(Codec, Codec)> {
    let named = |name: &str| Codec::ALL.into_iter().find(|codec| codec.name() == name);
    match *edit.steps {
        [Step::Encode(wrong), Step::Decode(truth)] => Some((named(wrong)?, named(truth)?)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn edits_are_sorted_apart_and_lead_to_the_text(text in mixture()) {
        check_shape(&text, &Fixer::default().fix(&text))?;
        check_shape(&text, &every_kind().fix(&text))?;
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        check_shape(&text, &Fixer::default().fix(&text))?;
        check_idempotent(&Fixer::default(), &text)?;
    }

    #[test]
    fn converted_edits_lead_to_the_text(text in mixture()) {
        let config = hanfix::convert::Config::T2s;
        let fixer = Fixer::builder().convert(Some(config)).build().expect("in range");
        check_shape(&text, &fixer.fix(&text))?;
    }

    #[test]
    fn fixing_twice_changes_nothing_more(text in mixture()) {
        check_idempotent(&Fixer::default(), &text)?;
    }

    #[test]
    fn fixing_twice_at_any_confidence_changes_nothing_more(text in mixture()) {
        check_idempotent(&every_kind(), &text)?;
    }

    #[test]
    fn damage_inside_clean_text_is_taken(
        before in select(CLEAN), text in damaged(), after in select(CLEAN)
    ) {
        let text = [before, "\n", &text, "\n", after].concat();
        check_shape(&text, &Fixer::default().fix(&text))?;
        check_idempotent(&Fixer::default(), &text)?;
    }

    #[test]
    fn damaging_an_exact_repair_gives_what_was_found(text in mixture()) {
        let transcode = Fixer::builder().repair([Kind::Transcode]).build().expect("in range");
        for edit in transcode.fix(&text).edits {
            let Some((wrong, truth)) = layer(&edit) else { continue };
            if edit.safety == Safety::Exact {
                let bytes = encode(&edit.after, truth);
                let reproduces = |flavour| Decoder::new(wrong, flavour).decode(&bytes) == edit.before;
                prop_assert!(Flavour::ALL.into_iter().any(reproduces), "{edit:?}");
            }
        }
    }

    #[test]
    fn bytes_without_edits_are_written_back(bytes in bytes()) {
        let Ok(fixed) = Fixer::default().fix_bytes(&bytes, &decode::Options::default()) else {
            return Ok(());
        };
        let written = fixed.decoded.encode(&fixed.edits);
        if fixed.edits.is_empty() {
            prop_assert_eq!(written.as_deref(), Ok(bytes.as_slice()));
        }
    }
}

proptest! {
    #[test]
    fn every_decoded_character_has_its_bytes_among_its_codes(
        decoder in decoder(), bytes in bytes()
    ) {
        let mut rest = bytes.as_slice();
        let mut text = String::new();
        while !rest.is_empty() {
            let (unit, len) = decoder.unit(rest);
            match unit {
                Unit::Char(character) => {
                    let mut codes = decoder.table().codes(character);
                    let known = codes.any(|code| code.bytes().eq(rest[..len].iter().copied()));
                    prop_assert!(known, "{character:?} is {:X?}", &rest[..len]);
                    text.push(character);
                }
                Unit::Lost => text.extend(decoder.marker_of(&rest[..len])),
            }
            rest = &rest[len..];
        }
        prop_assert_eq!(decoder.decode(&bytes), text);
    }

    #[test]
    fn what_is_encoded_is_read_back_byte_by_byte(codec in codec(), text in any::<String>()) {
        // what the codec has, and GB18030's four bytes for what GBK has not
        let known = text.chars().filter_map(|c| Some((c, codec.encode(c.encode_utf8(&mut [0; 4]))?)));
        let (known, bytes): (String, Vec<Vec<u8>>) = known.unzip();
        if codec.is_utf16() || matches!(codec, Codec::Utf8 | Codec::Gbk) {
            prop_assert_eq!(&known, &text.replace('\0', ""));
        }
        if !matches!(codec, Codec::Utf8 | Codec::Gbk) && !codec.table(Flavour::WEB).is_double_byte() {
            return Ok(()); // single bytes are never what text was written in
        }
        let (mut begun, mut read) = (Incremental::default(), String::new());
        for byte in bytes.concat() {
            match std::mem::take(&mut begun).push(codec, byte) {
                Pushed::Pending(more) => begun = more,
                Pushed::Char(character) => read.push(character),
                Pushed::Invalid => prop_assert!(false, "{byte:X} in {bytes:X?}"),
            }
        }
        prop_assert!(begun.is_empty());
        prop_assert_eq!(read, known);
    }

    #[test]
    fn every_code_decodes_to_its_character(decoder in decoder(), character in any::<char>()) {
        for code in decoder.table().codes(character) {
            let bytes: Vec<u8> = code.bytes().collect();
            prop_assert_eq!(decoder.unit(&bytes), (Unit::Char(character), bytes.len()));
        }
    }
}

/// Bytes of any kind: noise, text in some codec, and the two next to each other.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let text = (mixture(), codec()).prop_map(|(text, codec)| encode(&text, codec));
    let noise = prop::collection::vec(any::<u8>(), 0..24);
    let piece = prop_oneof![3 => text, 1 => noise];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

#[test]
fn clean_text_is_unchanged() {
    let fixer = Fixer::default();
    for text in CLEAN {
        assert_eq!(fixer.fix(text).edits, [], "{text}");
    }
    let all = CLEAN.join("\n");
    assert_eq!(fixer.fix(&all).edits, [], "all together");
}
