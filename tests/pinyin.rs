//! Injected pinyin: pages made by the injector, honest pinyin, and text of any kind.

use std::path::Path;

use hanfix::codec::{Codec, Decoder, Flavour};
use hanfix::repair::pinyin::Injector;
use hanfix::{Edit, Fixer, Kind, Safety};
use proptest::prelude::*;

/// Everyday Traditional characters with the brackets of a site.
const LIST: [(char, &str); 20] = [
    ('圖', "(tú)"),
    ('書', "(shū)"),
    ('館', "(guǎn)"),
    ('開', "(kāi)"),
    ('學', "(xué)"),
    ('閱', "(yuè)"),
    ('覽', "(lǎn)"),
    ('時', "(shí)"),
    ('間', "(jiān)"),
    ('務', "(wù)"),
    ('獎', "(jiǎng)"),
    ('會', "(huì)"),
    ('對', "(duì)"),
    ('還', "(hái)"),
    ('長', "(cháng)"),
    ('門', "(mén)"),
    ('為', "(wèi)"),
    ('現', "(xiàn)"),
    ('動', "(dòng)"),
    ('書', "(shū)"),
];

const PAGE: &str = "圖書館的開放時間延長了，閱覽室為同學們準備了新書。對外開放的活動還會繼續，歡迎大家準時前來。\
館內的要務是保持安靜，門口設有電話。";

/// Cases of a property: each is a page of ruins, the most expensive text there is.
/// `PROPTEST_CASES` asks for more.
const CASES: u32 = 24;

fn config() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: if asked { default.cases } else { CASES }, ..default }
}

fn fixer() -> Fixer {
    Fixer::builder().repair([Kind::Pinyin]).build().expect("valid options")
}

#[test]
fn a_page_comes_back() {
    for fold in [false, true] {
        let damaged = Injector::new(LIST).fold(fold).inject(PAGE);
        assert!(damaged.contains("要?jiǎng)?wù)"), "{damaged}");
        let fixed = fixer().fix(&damaged);
        let expected = if fold { PAGE.replace('，', ",") } else { PAGE.to_owned() };
        assert_eq!(fixed.text, expected);
        assert!(fixed.edits.iter().all(|edit| edit.safety == Safety::Exact), "{:#?}", fixed.edits);
        assert!(fixed.findings.is_empty(), "{:#?}", fixed.findings);
    }
}

#[test]
fn each_bracket_is_an_edit() {
    let damaged =
        Injector::new([('書', "(shū)"), ('館', "(guǎn)"), ('時', "(shí)")]).inject(&PAGE.repeat(2));
    let fixed = fixer().fix(&damaged);
    assert_eq!(fixed.edits.len(), damaged.matches('(').count());
    assert!(fixed.edits.iter().all(|edit| edit.after.is_empty()));
}

#[test]
fn a_ruin_is_mended_alike_wherever_it_stands() {
    // the same context again and again, and once at the very end of the text
    let page = [PAGE, "\n"].concat().repeat(20) + "館內的要務";
    let damaged = Injector::new(LIST).inject(&page);
    assert_eq!(damaged.matches("要?jiǎng)?wù)").count(), 21);
    assert_eq!(fixer().fix(&damaged).text, page);
}

#[test]
fn brackets_go_from_text_that_was_decoded_wrong_too() {
    let injected = Injector::new(LIST).inject(PAGE);
    let latin1 = Decoder::new(Codec::Latin1, Flavour::WEB).decode(injected.as_bytes());
    let damaged = [injected.as_str(), &latin1, &injected].join("\n");
    let fixed = Fixer::default().fix(&damaged);
    assert_eq!(fixed.text, [PAGE; 3].join("\n"));
}

#[test]
fn few_brackets_stay() {
    let honest = "他在躊(chóu)躇(chú)之後，走進了圖書館。";
    assert_eq!(fixer().fix(honest).text, honest);
}

#[test]
fn pairs_that_vanished_are_not_passed_over() {
    // 彈，往往任 is 8F97 A3AC CDF9 CDF9 C8CE: 97A3 is 棧, and F9CD and F9C8 vanish
    let list = LIST.into_iter().chain([('棧', "(zhàn)"), ('術', "(shù)")]);
    let page = format!("{PAGE}沒有銀彈，往往任何技術都有用。");
    let damaged = Injector::new(list).inject(&page);
    assert!(damaged.contains("彈?zhàn)魏渭夹g(shù)都"), "{damaged}");
    let fixed = fixer().fix(&damaged);
    assert!(fixed.text.ends_with("沒有銀彈，\u{FFFD}何技術都有用。"), "{}", fixed.text);
    let left: Vec<&str> = fixed.findings.iter().map(|finding| finding.before.as_str()).collect();
    assert_eq!(left, ["魏"]);
}

#[test]
fn what_stays_lost_is_marked_and_no_slip_for_a_second_run() {
    // 們日 is 8283 C8D5, and 83C8 is 內; 常可 is B3A3 BFC9, split before A3BF
    let list = LIST.into_iter().chain([('內', "(nèi)")]);
    let injector = Injector::new(list).split_before("。，；？！".chars());
    let page = format!("{PAGE}這在我們日常生活中的例子很多。通常可忽略不計，但同時也要注意。");
    let damaged = injector.inject(&page);
    let fixer = Fixer::default();
    let fixed = fixer.fix(&damaged);
    let text = "這在我們日常生活中的例子很\u{FFFD}。通常可忽略不\u{FFFD}，但同時也要注意。";
    assert!(fixed.text.ends_with(text), "{}", fixed.text);
    let left = |edit: &Edit| {
        let left = edit.lost.iter().map(|lost| edit.before[lost.from.clone()].to_owned());
        left.collect::<Vec<String>>()
    };
    assert_eq!(fixed.edits.iter().flat_map(left).collect::<Vec<_>>(), ["?"; 2]);
    let again = fixer.fix(&fixed.text);
    assert!(again.edits.is_empty(), "{:#?}", again.edits);
}

#[test]
fn a_tear_ends_where_the_next_begins() {
    // ；，ends aligned, and the bracket behind it would stand inside a character
    let damaged = Injector::new(LIST).inject(PAGE) + "??;?，?wù)（huì）";
    let fixed = fixer().fix(&damaged);
    assert!(fixed.text.starts_with(PAGE), "{}", fixed.text);
    assert!(fixed.text.ends_with("?wù)（huì）"), "{}", fixed.text);
}

#[test]
fn the_scraped_document_comes_back() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let Ok(damaged) = std::fs::read_to_string(shared.join("003_2d896b80177dcbe6.txt")) else {
        println!("skipped: no {}", shared.display());
        return;
    };
    let fixed = fixer().fix(&damaged);
    assert!(fixed.text.contains("肯定。現將我支部"), "{:#?}", fixed.edits);
    assert!(fixed.text.contains("第一要務,組織會員"));
    assert!(
        !fixed.text.contains('(') && !fixed.text.contains('?') && !fixed.text.contains('\u{FFFD}')
    );
    assert_eq!(fixed.text.matches('\u{A0}').count(), damaged.matches('\u{A0}').count());
    assert!(fixed.findings.is_empty(), "{:#?}", fixed.findings);
}

/// Pieces that brackets and ruins are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("(dāng)"),
        Just("(xué)"),
        Just("(xue)"),
        Just("(會)"),
        Just("（huì）"),
        Just("?jiǎng)"),
        Just("?wù)"),
        Just("?，"),
        Just("??;"),
        Just("?"),
        Just("當"),
        Just("學"),
        Just("要"),
        Just("茖W"),
        Just("Pi"),
        Just("，"),
        Just("。"),
        Just("\n"),
        Just("("),
        Just(")"),
        Just("\u{FFFD}"),
        Just("赥"),
        Just("\u{E310}"),
        Just("é"),
        Just("𠮷"),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn never_panics_and_is_stable(noise in pieces()) {
        let page = format!("{}{noise}", Injector::new(LIST).inject(PAGE));
        for text in [noise, page] {
            let fixer = Fixer::builder().repair([Kind::Pinyin, Kind::Slip]).build().unwrap();
            let fixed = fixer.fix(&text);
            prop_assert_eq!(&hanfix::edit::apply(&text, &fixed.edits), &fixed.text);
            let again = fixer.fix(&fixed.text);
            prop_assert_eq!(&again.text, &fixed.text);
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC*") {
        fixer().fix(&text);
    }
}
