//! A document in windows is fixed as the whole document is.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, WINDOWS_1252};
use hanfix::decode::Options;
use hanfix::repair::pinyin::Injector;
use hanfix::{Edit, Fixer, Kind};
use proptest::prelude::*;

const CLEAN: [&str; 4] = [
    "今天下午的会议改到三点，请大家带上上周的报告。\n",
    "明天早上八點在車站門口集合，請不要遲到。\r\n",
    "plain words, and nothing else\n",
    "\n",
];

/// A sentence that is long enough to be suspected wherever it stands.
const SENTENCE: &str = "用户名和密码文件上传成功";

/// The sentence as UTF-8 read as something else, with nothing lost.
fn garbled(wrong: &'static Encoding) -> String {
    wrong.decode_without_bom_handling(SENTENCE.as_bytes()).0.into_owned()
}

/// The bytes and the edits, as ranges of the whole text, that windows of `size` make of `bytes`.
fn in_windows(fixer: &Fixer, bytes: &[u8], chunk: usize, size: usize) -> (Vec<u8>, Vec<Edit>) {
    let mut stream = fixer.stream_in_windows(&Options::default(), size);
    let (mut out, mut edits, mut read) = (Vec::new(), Vec::new(), 0);
    let mut offset = 0;
    let mut chunks = bytes.chunks(chunk);
    loop {
        while let Some(window) = stream.next_window() {
            let window = window.expect("text");
            assert_eq!(window.offset, offset);
            out.extend(window.encode().expect("in the encoding"));
            let shift = |edit: &Edit| {
                let range = edit.range.start + read..edit.range.end + read;
                Edit { range, ..edit.clone() }
            };
            edits.extend(window.fixed.edits.iter().map(shift));
            read += window.fixed.decoded.text.len();
            offset += stream.bytes().len() as u64;
        }
        match chunks.next() {
            Some(chunk) => stream.push(chunk),
            None if stream.bytes().is_empty() && offset == bytes.len() as u64 => break,
            None => stream.end(),
        }
        assert!(offset <= bytes.len() as u64);
    }
    (out, edits)
}

/// What becomes of the whole document at once, and the edits.
fn at_once(fixer: &Fixer, bytes: &[u8]) -> (Vec<u8>, Vec<Edit>) {
    let fixed = fixer.fix_bytes(bytes, &Options::default()).expect("text");
    (fixed.decoded.encode(&fixed.edits).expect("in the encoding"), fixed.edits)
}

fn converting() -> Fixer {
    let config = "t2s".parse().expect("a configuration");
    Fixer::builder().convert(Some(config)).build().expect("sound options")
}

fn any_line() -> impl Strategy<Value = String> {
    let damaged = [garbled(GBK), garbled(WINDOWS_1252)];
    let compat = "本⼿册说明⽇常维护的⽅法。";
    let lines = damaged.into_iter().chain([compat.to_owned()]).map(|line| line + "\n");
    prop_oneof![
        3 => prop::sample::select(CLEAN.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(lines.collect::<Vec<_>>()),
    ]
}

proptest! {
    // a search takes its time without optimization
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lines_are_fixed_alike_in_windows_of_any_size(
        lines in prop::collection::vec(any_line(), 1..40),
        chunk in 1..3000usize,
        size in 300..2000usize,
    ) {
        let text = lines.concat();
        for fixer in [Fixer::default(), converting()] {
            let whole = at_once(&fixer, text.as_bytes());
            prop_assert_eq!(in_windows(&fixer, text.as_bytes(), chunk, size), whole);
        }
    }

    #[test]
    fn a_line_without_end_is_fixed_alike(
        damaged in prop::collection::vec(any::<bool>(), 1..40),
        size in 600..3000usize,
    ) {
        // of one kind: damage of two kinds in one line explains, to what repairs it, one another
        let part = |damaged| if damaged { garbled(GBK) + "，" } else { CLEAN[1].replace("\r\n", "，") };
        let text: String = damaged.into_iter().map(part).collect();
        let (wanted, _) = at_once(&converting(), text.as_bytes());
        let (out, _) = in_windows(&converting(), text.as_bytes(), 1000, size);
        prop_assert_eq!(String::from_utf8(out), String::from_utf8(wanted));
    }

    #[test]
    fn windows_of_any_bytes_lose_nothing(
        bytes in prop::collection::vec(prop::sample::select(b"\n\r \xFF\xE4\xB8\xAD\xD6\xD0a~{}\x1B$B".to_vec()), 0..600),
        size in 2..200usize,
    ) {
        let fixer = Fixer::builder().repair([]).build().expect("sound options");
        let mut stream = fixer.stream_in_windows(&Options::default(), size);
        stream.push(&bytes);
        stream.end();
        let mut out = Vec::new();
        while let Some(window) = stream.next_window() {
            match window.map(|window| window.encode()) {
                Ok(encoded) => out.extend(encoded.expect("nothing to encode")),
                Err(_) => out.extend(stream.bytes()),
            }
        }
        prop_assert_eq!(out, bytes);
    }
}

#[test]
fn legacy_bytes_are_fixed_alike() {
    let text = [CLEAN[1], CLEAN[2]].concat().repeat(60);
    for encoding in [GBK, BIG5, GB18030] {
        let (bytes, _, _) = encoding.encode(&text);
        let whole = at_once(&Fixer::default(), &bytes);
        assert_eq!(in_windows(&Fixer::default(), &bytes, 100, 700), whole);
    }
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(in_windows(&converting(), &utf16, 99, 700), at_once(&converting(), &utf16));
}

#[test]
fn a_page_with_pinyin_is_not_cut() {
    let page = "圖書館的開放時間延長了，閱覽室為同學們準備了新書。對外開放的活動還會繼續。\n";
    let list = [('圖', "(tú)"), ('書', "(shū)"), ('開', "(kāi)"), ('時', "(shí)"), ('對', "(duì)")];
    let page = Injector::new(list).inject(page);
    let text = CLEAN[0].repeat(100) + &page.repeat(3) + &CLEAN[0].repeat(100);
    let whole = at_once(&Fixer::default(), text.as_bytes());
    assert!(whole.1.iter().filter(|edit| edit.kind == Kind::Pinyin).count() > 10);
    for size in (3000..8000).step_by(371) {
        assert_eq!(in_windows(&Fixer::default(), text.as_bytes(), 512, size), whole, "{size}");
    }
}

#[test]
fn the_path_of_a_damage_is_remembered() {
    let short = GBK.decode_without_bom_handling("名称".as_bytes()).0.into_owned() + "\n";
    let text = garbled(GBK) + "\n" + &CLEAN[0].repeat(100) + &short + &CLEAN[0].repeat(30);
    let whole = at_once(&Fixer::default(), text.as_bytes());
    assert_eq!(whole.1.len(), 2);
    assert_eq!(in_windows(&Fixer::default(), text.as_bytes(), 512, 1500), whole);
}

#[test]
fn lines_of_another_script_are_not_converted() {
    let t2s = "t2s".parse().expect("a configuration");
    let only = Some(hanfix::convert::Script::Hant);
    let fixer = Fixer::builder().convert(Some(t2s)).convert_only(only).build().expect("sound");
    let (ascii, hans, hant) = (CLEAN[2].repeat(60), CLEAN[0].repeat(30), CLEAN[1].repeat(30));
    let alone = at_once(&fixer, hant.as_bytes()).1.len();
    assert!(alone > 0);
    for text in [[&*ascii, &hant, &hans].concat(), [&*ascii, &hans, &hant].concat()] {
        assert_eq!(in_windows(&fixer, text.as_bytes(), 512, 900).1.len(), alone);
    }
}
