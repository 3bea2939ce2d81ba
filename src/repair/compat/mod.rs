//! Radicals and private-use characters that stand for ordinary characters.
//!
//! Neither is wrong-codec damage: no bytes are missing, and a table says what
//! each code point means. What has to be decided is whether it is meant: a
//! radical in running text came out of a PDF, a radical in a table of radicals
//! is the subject; U+E863 in a name is 䶮, U+F120 in a prompt is an icon.

mod private_use;
mod private_use_table;
mod radical;
mod radical_table;

use std::ops::Range;

use super::Repaired;
use crate::edit::{Edit, Kind, Step, applied, compose};

/// A repair gives another its context: U+E863 may make a word of the radical beside it.
/// So the repairs go on until nothing changes, which three rounds nearly always reach.
const ROUNDS: usize = 8;
/// Bytes that are looked at together.
const BLOCK: usize = 256;

/// Folds radicals and maps private-use characters in `text`; those without a known meaning among
/// Chinese text are findings.
pub(crate) fn repair(text: &str) -> Repaired {
    let mut repaired = Repaired::default();
    if is_suspect(text) {
        repaired.edits = edits(text);
        private_use::findings(text, &mut repaired.findings);
    }
    repaired
}

/// The edits, sorted by position.
fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for _ in 0..ROUNDS {
        let more = repair_once(&applied(text, &edits));
        if more.is_empty() {
            break;
        }
        edits = compose(text, edits, more);
    }
    edits
}

/// The edits that `text` as it stands bears out.
fn repair_once(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    radical::repair(text, &mut edits);
    private_use::repair(text, &mut edits);
    edits.sort_by_key(|edit| edit.range.start);
    edits
}

/// Whether `text` holds a radical (E2 BA..BF) or a private-use character (EE, EF 80..A3).
fn is_suspect(text: &str) -> bool {
    let is_start = |first, second| match first {
        0xE2 => second >= 0xBA,
        0xEE => true,
        0xEF => second <= 0xA3,
        _ => false,
    };
    let [firsts, seconds] = [text.as_bytes(), text.as_bytes().get(1..).unwrap_or_default()];
    let mut blocks = firsts.chunks(BLOCK).zip(seconds.chunks(BLOCK));
    // without a branch for each, the compiler makes vectors of them
    blocks.any(|(firsts, seconds)| {
        let starts = firsts.iter().zip(seconds).map(|(&first, &second)| is_start(first, second));
        starts.fold(false, |any, is| any | is)
    })
}

/// An edit that a table determines.
fn edit(text: &str, range: Range<usize>, after: &str, step: &'static str) -> Edit {
    Edit::new(text, range, after, Kind::Compat, vec![Step::Apply(step)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::edit::{Safety, apply};
    use crate::script;

    fn repaired(text: &str) -> String {
        apply(text, &repair(text).edits)
    }

    fn reported(text: &str) -> Vec<String> {
        repair(text).findings.into_iter().map(|finding| finding.before).collect()
    }

    #[test]
    fn radicals_in_running_text_are_folded() {
        assert_eq!(repaired("本⼿册说明⽇常维护的⽅法。"), "本手册说明日常维护的方法。");
        assert_eq!(
            repaired("⻓江与⻩河都流经多个省份，⻉类很多"),
            "长江与黄河都流经多个省份，贝类很多"
        );
        assert_eq!(repaired("請輸⼊⾧度"), "請輸入長度");
        assert_eq!(repaired("⽇本語を⼊⼒してください"), "日本語を入力してください");
    }

    #[test]
    fn forms_of_today_are_preferred() {
        assert_eq!(repaired("请输入用⼾名，这里显示用⼾列表"), "请输入用户名，这里显示用户列表");
        assert_eq!(repaired("請輸入用⼾名，這裡顯示"), "請輸入用戶名，這裡顯示");
        assert_eq!(repaired("⾭年旅舍"), "青年旅舍");
    }

    #[test]
    fn a_radical_beside_its_character_is_one_character() {
        assert_eq!(repaired("支持⾃自定义主题"), "支持自定义主题");
        assert_eq!(repaired("⼀⼀列举如下"), "一一列举如下");
    }

    #[test]
    fn radicals_between_marks_count_with_others() {
        let page = "⼀、⽤途与范围\n第 ⼆ 章介绍安装⽅法，需要 3 ⽉完成准备⼯作。";
        assert_eq!(repaired(page), "一、用途与范围\n第 二 章介绍安装方法，需要 3 月完成准备工作。");
        assert_eq!(repaired("他的态度“温和”⽽⼲⼲，不好"), "他的态度“温和”而干干，不好");
    }

    #[test]
    fn a_line_of_radicals_that_is_a_word_is_a_heading() {
        assert_eq!(repaired("⽤⼾\n\n用户是这样登录的。"), "用户\n\n用户是这样登录的。");
        assert_eq!(repaired("⼈⼝"), "人口");
    }

    #[test]
    fn radicals_that_are_meant_stay() {
        for text in [
            "⼀⼁",
            "⽣⾊\t⽤⾍",
            "⺮ 是竹字的变形，⺾ 是草字的变形",
            "部首⼥与汉字女不是同一个码位",
            "\"⼙\": \"卩\", \"⼥\": \"女\"",
            "⼀\t一\tyī\n⼈\t人\trén\n",
            "⿰⼥⼦",
            "[⼀-⿕]",
            "⼀⼁⼂⼃⼄⼅",
            "字典按⼀⼁⼂⼃⼄⼅的顺序排列",
        ] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn gb18030_characters_come_out_of_the_private_use_area() {
        assert_eq!(repaired("经办人：刘\u{E863}，2019 年入职"), "经办人：刘䶮，2019 年入职");
        assert_eq!(repaired("湖上有\u{E85D}鹭飞过"), "湖上有䴔鹭飞过");
        assert_eq!(repaired("\u{E5E5}\u{E5E5}春天到了。"), "\u{3000}\u{3000}春天到了。");
        assert_eq!(repaired("售价\u{E76C}25"), "售价€25");
        let edits = edits("刘\u{E863}");
        assert_eq!((edits[0].kind, edits[0].safety), (Kind::Compat, Safety::Exact));
        assert_eq!(*edits[0].steps, [Step::Apply("map-private-use")]);
    }

    #[test]
    fn marks_of_the_old_converter_come_back() {
        let damaged = "write(\"他转过身来\u{E00B}慢慢地走到门口\u{E00B}说道\u{E019}\\n\");\nwrite(\"你给我站住ⅵ\\n\");";
        let clean =
            "write(\"他转过身来，慢慢地走到门口，说道：\\n\");\nwrite(\"你给我站住！\\n\");";
        assert_eq!(repaired(damaged), clean);
        let certain = "他说\u{E019}慢\u{E00B}快，我不知道这些道理\u{E019}\"你在门口等了我们多久\u{E00B}怎么不说\"";
        assert_eq!(repaired(certain).chars().filter(|&c| script::is_private_use(c)).count(), 0);
        let both = "地址\u{E019}台北市\u{E00B}电话";
        assert_eq!(repaired(both), "地址：台北市，电话");
        for text in ["第ⅵ章，我们来看这个问题", "春风\u{E00B}又绿，人在江南岸"]
        {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn a_swallowed_backslash_comes_back() {
        assert_eq!(repaired("say(\"这里有人在。\u{E5A2}n\");"), "say(\"这里有人在。\\n\");");
        assert_eq!(
            repaired("say(\"我不是说过的\u{E4E2}n\");"),
            "say(\"我不是说过的\u{FFFD}\\n\");"
        );
        // 寺 is CBC2, 健 is BDA1: its A1 and the A3 of U+E5A2 are 。 of shifted text
        let shifted = "say(\"我在这里健\u{E5A2}n\");";
        assert_eq!(repaired(shifted), shifted);
    }

    #[test]
    fn emoji_of_telephones_come_back() {
        let damaged = "5,\"味道很好\u{E056}\u{E056}\u{E056}\"\n4,\"\u{E00E}送餐也快\"";
        assert_eq!(repaired(damaged), "5,\"味道很好😊😊😊\"\n4,\"👍送餐也快\"");
        assert_eq!(repaired("今天真开心\u{E415}\u{E415}"), "今天真开心😄😄");
        assert_eq!(repaired("太好笑了\u{E412}。"), "太好笑了😂。");
        // one or two at the end of a name may be the name's rare characters
        for text in ["李\u{E056},男,1970", "李\u{E056}\u{E056}"] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn cantonese_comes_out_of_the_private_use_area() {
        // 啲 9DF8, 咗 9DF7
        assert_eq!(repaired("快\u{ECDA}啦，食\u{ECD9}飯未呀"), "快啲啦，食咗飯未呀");
    }

    #[test]
    fn icons_and_unknown_meanings_stay() {
        for text in [
            "~/项目 on \u{E0A0} main",
            "1: \u{F120} 终端",
            "FE50:\"⺁\u{E816}\u{E817}\u{E818}⺄㑳㑇\"",
            "相\u{E35C},sio-siāng",
            "点击 \u{E412} 打开菜单",
            "\u{E415} 返回",
            "\"icon\": \"\u{E412}\", \"name\": \"设置\"",
            "评分：\u{E412}\u{E412}\u{E412}\u{E412}",
            "评分：\u{E5E5}\u{E5E5}",
            "\u{E863}首页 \u{E863}分类",
            "\u{E00B}首页 \u{E019}分类",
        ] {
            assert_eq!(repaired(text), text);
        }
        assert_eq!(reported("~/项目 on \u{E0A0} main \u{F120}"), [""; 0]);
        assert_eq!(reported("相\u{E35C}\u{E35D},好\u{E863}"), ["\u{E35C}\u{E35D}"]);
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "⼀", "一", "⾃", "自", "⼾", "⻓", "⺮", "⼙", "⿰", "部首", "的", "是", "们", "們",
            "，", "。", " ", "\t", "\n", "\"", "”", "a", "n", "\\", "3", "ⅵ", "\u{E863}",
            "\u{E862}", "䴙", "\u{E00B}", "\u{E019}", "\u{E01A}", "\u{E5A2}", "\u{E4E2}",
            "\u{E5E5}", "\u{E420}", "\u{E412}", "\u{E76C}", "\u{ECDA}", "\u{ECD9}", "\u{E7E8}",
            "\u{E815}", "\u{E7C8}", "\u{F120}", "\u{FFFD}",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn repairing_twice_changes_nothing_more(text in hostile()) {
            let once = repaired(&text);
            prop_assert_eq!(repaired(&once), once);
        }

        #[test]
        fn edits_are_sorted_and_apart(text in hostile()) {
            let edits = edits(&text);
            prop_assert!(edits.is_sorted_by(|one, two| one.range.end <= two.range.start));
            prop_assert!(edits.iter().all(|edit| edit.before == text[edit.range.clone()]));
        }

        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            repaired(&text);
            reported(&text);
        }

        #[test]
        fn text_of_neither_block_is_unchanged(text in "[^\u{2E80}-\u{2FD5}\u{E000}-\u{F8FF}]*") {
            prop_assert!(edits(&text).is_empty());
        }
    }
}
