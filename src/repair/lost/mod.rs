//! Text that is beyond repair: seen, named, never changed.
//!
//! Each wrong decoder leaves its own ruin, and most of them spell a fixed word.
//! U+FFFD is `EF BF BD` in UTF-8, so two of them read as GBK are 锟斤拷
//! (`EFBF BDEF BFBD`), as Big5 嚙踝蕭, as EUC-KR 占쏙옙. The words are quoted in
//! documents and their characters stand in names (高锟), so each rule below asks
//! for more than its word.

mod guesses;
mod replacement;
mod reread;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use encoding_rs::BIG5;

pub(super) use self::guesses::with_guesses;
use self::replacement::replacement;
use self::reread::{AS_BIG5, AS_GBK, Reread};
use crate::edit::{Finding, Kind};
use crate::script::{is_cjk_punctuation, is_ideograph, is_private_use, neighbours};

/// What a signature starts.
#[derive(Clone, Copy)]
enum Ruin {
    /// U+FFFD, alone or in runs, with letters that survived.
    Replacement,
    /// U+FFFD read as GBK or Big5.
    Reread(&'static Reread),
    /// U+FFFD read with a codec in which it spells this word.
    Respelled(&'static str),
    /// Uninitialised memory.
    Fill(char, &'static str),
    /// Several rounds of UTF-8 read as GBK.
    Layers,
    /// UTF-8 read as Big5.
    Big5,
    /// `?` for every character.
    Questions,
}

/// Every signature. The long ones are what 锟斤拷 and any short Chinese text become
/// after one, two, three and more further rounds of UTF-8 read as GBK.
const SIGNATURES: [(&str, Ruin); 21] = [
    ("\u{FFFD}", Ruin::Replacement),
    ("锟", Ruin::Reread(&AS_GBK)),
    ("錕", Ruin::Reread(&AS_GBK)),
    ("嚙", Ruin::Reread(&AS_BIG5)),
    ("占쏙옙", Ruin::Respelled("U+FFFD read as EUC-KR; the text is lost")),
    ("ï¿½", Ruin::Respelled("U+FFFD read as Latin-1; the text is lost")),
    ("пїЅ", Ruin::Respelled("U+FFFD read as windows-1251; the text is lost")),
    ("烫烫烫", Ruin::Fill('烫', "memory filled with 0xCC, read as GBK")),
    ("燙燙燙", Ruin::Fill('燙', "memory filled with 0xCC, read as GBK")),
    ("屯屯屯", Ruin::Fill('屯', "memory filled with 0xCD, read as GBK")),
    ("閿熸枻鎷", Ruin::Layers),
    ("闁跨喐鏋婚幏", Ruin::Layers),
    ("闂佽法鍠愰", Ruin::Layers),
    ("闂傚倸鍊", Ruin::Layers),
    ("嚗", Ruin::Big5), // EFBC, of full-width marks
    ("銝", Ruin::Big5), // E4B8: 一 不 中 …
    ("隞", Ruin::Big5), // E4BB: 他 以 …
    ("雿", Ruin::Big5), // E4BD: 你 作 …
    ("憭", Ruin::Big5), // E5A4: 大 多 …
    ("隤", Ruin::Big5), // E8AA: 說 認 …
    ("????", Ruin::Questions),
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(SIGNATURES.map(|(word, _)| word))
        .expect("a few short patterns")
});

/// What is lost in a text that was repaired as far as it could be, sorted by position.
pub(super) fn findings(text: &str) -> Vec<Finding> {
    let mut losses: Vec<Lost> = Vec::new();
    // where what was last looked at ends, for each signature: no run is looked at twice
    let mut examined = [0; SIGNATURES.len()];
    for found in FINDER.find_iter(text) {
        let (at, signature) = (found.start()..found.end(), found.pattern().as_usize());
        let reported = losses.last().map_or(0, |lost| lost.range.end);
        if at.start < examined[signature].max(reported) {
            continue;
        }
        let (word, ruin) = SIGNATURES[signature];
        let (end, lost) = recognise(text, at, word, ruin);
        examined[signature] = end;
        losses.extend(lost.map(|lost| lost.after(reported)));
    }
    let is_reread = losses.iter().any(|lost| lost.certain && lost.reread);
    let told = losses.into_iter().filter(|lost| lost.certain || is_reread);
    told.map(|lost| Finding::new(text, lost.range, Kind::Transcode, lost.message)).collect()
}

/// A stretch of text that is beyond repair.
struct Lost {
    range: Range<usize>,
    message: &'static str,
    /// Whether it is U+FFFD read with another codec.
    reread: bool,
    /// Whether it stands for itself; else it counts only where the same document holds a
    /// certain one of those that were read again.
    certain: bool,
}

impl Lost {
    fn certain(range: Range<usize>, message: &'static str) -> Lost {
        Lost { range, message, reread: false, certain: true }
    }

    /// The part that lies behind `start`.
    fn after(mut self, start: usize) -> Lost {
        self.range.start = self.range.start.max(start);
        self
    }
}

/// Looks at what `word` starts: where the text looked at ends, and what was lost in it.
fn recognise(text: &str, at: Range<usize>, word: &str, ruin: Ruin) -> (usize, Option<Lost>) {
    match ruin {
        Ruin::Replacement => (at.end, replacement(text, at)),
        Ruin::Reread(reread) => reread.recognise(text, at.start),
        Ruin::Respelled(message) => {
            let rest = text[at.start..].trim_start_matches(word);
            let range = at.start..text.len() - rest.len();
            (range.end, Some(Lost::certain(range, message)))
        }
        Ruin::Fill(fill, message) => filled(text, at.start, fill, message),
        Ruin::Layers => {
            let range = stretch(text, at, |c| !c.is_ascii() && !is_cjk_punctuation(c));
            let message = "UTF-8 read as GBK several times; the text is lost";
            (range.end, Some(Lost::certain(range, message)))
        }
        Ruin::Big5 => utf8_as_big5(text, at),
        Ruin::Questions => questions(text, at),
    }
}

/// The range around `at` to which all characters that `belongs` allows are added.
fn stretch(text: &str, at: Range<usize>, belongs: impl Fn(char) -> bool) -> Range<usize> {
    let start = text[..at.start].trim_end_matches(&belongs).len();
    let end = text.len() - text[at.end..].trim_start_matches(&belongs).len();
    start..end
}

/// Whether a range stands between quotation marks of any kind, brackets or backquotes.
fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = neighbours(text, range.start, range.end);
    let quotes = |c: char| "\"'`“”‘’「」『』[](){}《》<>/|*_".contains(c);
    before.is_some_and(quotes) && after.is_some_and(quotes)
}

/// So many fill characters in a row are memory; fewer are a song (烫烫烫) or a name.
const FILL: usize = 6;

/// A run of a fill character, which may be short where it follows on bytes of a string.
fn filled(text: &str, start: usize, fill: char, message: &'static str) -> (usize, Option<Lost>) {
    let range = stretch(text, start..start, |c| c == fill);
    let (before, after) = neighbours(text, range.start, range.end);
    let bytes = |c: char| c.is_ascii_alphanumeric() || c == '\u{FFFD}' || is_private_use(c);
    let attached = before.is_some_and(bytes) || after == Some('\u{FFFD}');
    let length = range.len() / fill.len_utf8();
    (range.end, (length >= FILL || attached).then(|| Lost::certain(range, message)))
}

/// UTF-8 read as Big5 keeps about two pairs of bytes in five. Those that are left
/// are halves of three-byte sequences: 嚗 is `EF BC` of a full-width mark, 銝 `E4 B8`.
fn utf8_as_big5(text: &str, at: Range<usize>) -> (usize, Option<Lost>) {
    let is_lost = |c| matches!(c, '?' | '\u{FFFD}') || is_private_use(c);
    let range = stretch(text, at, |c| is_ideograph(c) || is_lost(c));
    let (mut lead, mut fits, mut all, mut lost) = (0, 0, 0, 0);
    let mut buffer = [0; 4];
    for c in text[range.clone()].chars() {
        if is_lost(c) {
            lost += 1;
            continue;
        }
        all += 1;
        let (bytes, _, _) = BIG5.encode(c.encode_utf8(&mut buffer));
        match bytes[..] {
            [0xE3..=0xEF, 0x80..=0xBF] => (lead, fits) = (lead + 1, fits + 1),
            [0x80..=0xBF, 0xE3..=0xEF | 0x80..=0xBF] => fits += 1,
            _ => {}
        }
    }
    // in clean Traditional text three characters in ten fit, and one in a hundred is a lead
    let damaged = lost > 0 && all > 2 && lead > 1 && fits * 5 >= all * 4;
    let listed = text[..range.start].ends_with('[');
    let message = "UTF-8 read as Big5; most of the text is lost";
    (range.end, (damaged && !listed).then(|| Lost::certain(range, message)))
}

/// A line whose letters are `?`: runs of different lengths, one of them longer than
/// emphasis or a mask (`????-??-??`) has.
fn questions(text: &str, at: Range<usize>) -> (usize, Option<Lost>) {
    const LONGEST: usize = 6;
    const ALL: usize = 12;
    let line = stretch(text, at, |c| c != '\n');
    let words = text[line.clone()].split(|c| c != '?').filter(|run| !run.is_empty());
    let (longest, count, all) = words.fold((0, 0, 0), |(longest, count, all), run| {
        (run.len().max(longest), count + 1, all + run.len())
    });
    let letters = text[line.clone()].chars().filter(|c| !c.is_whitespace()).count();
    let damaged = count > 1 && longest >= LONGEST && all >= ALL && 2 * all >= letters;
    let message = "every letter is a question mark; the text is lost";
    (line.end, damaged.then(|| Lost::certain(line, message)))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use encoding_rs::GBK;
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<(String, &'static str)> {
        let told = |finding: Finding| match finding.message {
            Cow::Borrowed(message) => (finding.before, message),
            Cow::Owned(message) => panic!("{message} is not fixed"),
        };
        findings(text).into_iter().map(told).collect()
    }

    fn ranges(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(before, _)| before).collect()
    }

    #[test]
    fn replacement_characters_read_again() {
        assert_eq!(ranges("// 锟斤拷锟斤拷 count"), ["锟斤拷锟斤拷"]);
        assert_eq!(ranges("//cJSON锟斤拷"), ["锟斤拷"]);
        assert_eq!(ranges("// 錕斤拷錕斤拷 count"), ["錕斤拷錕斤拷"]);
        // 信息 is D0C5 CFA2: a pair among the ruins that UTF-8 took for one letter
        assert_eq!(ranges("锟斤拷息锟斤拷为"), ["锟斤拷息锟斤拷"]);
        assert_eq!(ranges("// 嚙踝蕭嚙踝蕭"), ["嚙踝蕭嚙踝蕭"]);
        assert_eq!(ranges("(click 嚙踝蕭 here)"), ["嚙踝蕭"]);
        assert_eq!(ranges("count嚙踐\u{FFFD}x"), ["嚙踐\u{FFFD}"]);
        assert_eq!(ranges("占쏙옙占쏙옙 등록"), ["占쏙옙占쏙옙"]);
        assert_eq!(ranges("aï¿½ï¿½b"), ["ï¿½ï¿½"]);
        assert_eq!(found("锟斤拷锟斤拷")[0].1, "U+FFFD read as GBK; the text is lost");
    }

    #[test]
    fn a_word_alone_counts_beside_certain_ones() {
        assert_eq!(ranges("见 锟斤拷 处"), [""; 0]);
        assert_eq!(ranges("见 锟斤拷 处\n锟斤拷锟斤拷"), ["锟斤拷", "锟斤拷锟斤拷"]);
    }

    #[test]
    fn signatures_in_real_words_are_none() {
        for text in [
            "光纤之父高锟教授获奖",
            "光纖之父高錕教授獲獎",
            "曹锟将军与曹锟解职",
            "乱码“锟斤拷”和“烫烫烫”的由来",
            "水还烫烫烫的，别急着喝",
            "作者：屯屯屯屯的回答",
            "鼠嚙談何容易",
            "`\u{FFFD}` 是替换字符，连用两个写作 \"\u{FFFD}\u{FFFD}\"",
            "caf\u{FFFD} au lait",
            "你说什么????我不信!!!!",
            "日期掩码 ????-??-?? ??:??:??",
            "銝",
            "嚗",
        ] {
            assert_eq!(ranges(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn memory_fill() {
        assert_eq!(ranges("烫烫烫烫烫烫"), ["烫烫烫烫烫烫"]);
        assert_eq!(ranges("hello烫烫烫"), ["烫烫烫"]);
        assert_eq!(ranges("名稱：燙燙燙燙燙燙"), ["燙燙燙燙燙燙"]);
        assert_eq!(ranges("名称：屯屯屯屯屯屯屯"), ["屯屯屯屯屯屯屯"]);
    }

    #[test]
    fn lost_characters() {
        let single = "lost character (U+FFFD)";
        assert_eq!(found("歌手陶\u{FFFD}的新歌"), [("\u{FFFD}".to_owned(), single)]);
        let run = "run of U+FFFD; the text is lost";
        assert_eq!(found("// \u{FFFD}\u{FFFD}\u{FFFD}"), [("\u{FFFD}".repeat(3), run)]);
    }

    #[test]
    fn gbk_read_as_utf8_keeps_what_survived() {
        // 状态标识 is D7B4 CCAC B1EA CAB6
        let bytes = b"\xD7\xB4\xCC\xAC\xB1\xEA\xCA\xB6 ok";
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(
            found(&text),
            [("״̬\u{FFFD}\u{FFFD}ʶ".to_owned(), "GBK read as UTF-8; most of the text is lost")]
        );
        // Russian with two lost letters is no GBK
        assert_eq!(ranges("привет\u{FFFD}\u{FFFD}мир"), ["\u{FFFD}\u{FFFD}"]);
    }

    #[test]
    fn utf8_read_as_big5() {
        // 不存在的資料，請確認。 as Windows reads it
        let damaged = "銝???函?鞈??嚗??蝣箄???";
        let message = "UTF-8 read as Big5; most of the text is lost";
        assert_eq!(found(&format!("提示 {damaged}")), [(damaged.to_owned(), message)]);
    }

    #[test]
    fn layers() {
        let once = |text: &str| GBK.decode(text.as_bytes()).0.into_owned();
        let damaged = once(&once("锟斤拷锟斤拷"));
        assert_eq!(ranges(&format!("值为 {damaged}, 好")).len(), 1, "{damaged}");
    }

    #[test]
    fn question_marks_for_every_letter() {
        let line = "????:???????? 2???? v???";
        assert_eq!(ranges(&format!("标题\n{line}\n正文")), [line]);
    }

    proptest! {
        #[test]
        fn findings_are_sorted_and_apart(text in "[锟斤拷嚙踝蕭烫屯嚗銝?\u{FFFD}é闂傚倸鍊中 \"\na]{0,40}") {
            let out = findings(&text);
            prop_assert!(out.is_sorted_by(|one, two| one.range.end <= two.range.start));
            prop_assert!(out.iter().all(|finding| !finding.before.is_empty()));
            prop_assert!(out.iter().all(|finding| finding.before == text[finding.range.clone()]));
        }
    }
}
