//! Speed on one thread, in bytes of input per second.
//!
//! ```text
//! cargo bench --bench speed
//! ```
//!
//! Text comes from `../shared/corpora` where it is, otherwise from `seeds/clean`, which
//! has no Japanese and no Russian: those benchmarks then run on nothing. `yardstick`
//! copies and validates the same texts in the same run: no machine is faster than that.

#[path = "corpora/corpus.rs"]
mod corpora;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hanfix::codec::{Codec, Decoder, Flavour};
use hanfix::convert::{Config, Converter};
use hanfix::repair::pinyin::Injector;
use hanfix::{Fixer, Kind};
use pinyin::ToPinyin;

/// Bytes of each clean text: beyond the caches, as a document read from disk is.
const CLEAN_BYTES: usize = 8 << 20;
/// Bytes of text that are damaged for one benchmark.
const DAMAGED_BYTES: usize = 256 << 10;
/// Bytes of a page that is a document of its own.
const PAGE_BYTES: usize = 4 << 10;
/// Bytes of each hostile input.
const HOSTILE_BYTES: usize = 1 << 20;
/// Characters that an injected page disguises, of its commonest Traditional ones.
const INJECTED: usize = 200;

fn main() {
    divan::main();
}

/// Whole lines of a corpus, about `bytes` of them.
fn corpus(name: &str, bytes: usize) -> Option<String> {
    corpora::corpus(name).map(|text| repeat(&text, bytes))
}

/// Whole lines of `text`, from its start again where it is shorter than `bytes`.
fn repeat(text: &str, bytes: usize) -> String {
    let mut result = String::with_capacity(bytes + text.len().min(bytes));
    for line in text.split_inclusive('\n').cycle() {
        if result.len() >= bytes || text.is_empty() {
            break;
        }
        result.push_str(line);
    }
    result
}

/// The clean documents of the project, of Traditional or of Simplified text.
fn seeds(traditional: bool) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/clean");
    let entries = std::fs::read_dir(folder).expect("the clean documents");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.to_string_lossy().contains("hant") == traditional)
        .map(|path| std::fs::read_to_string(path).expect("a text"))
        .collect()
}

static HANS: LazyLock<String> = LazyLock::new(|| {
    corpus("zh-hans", CLEAN_BYTES).unwrap_or_else(|| repeat(&seeds(false), CLEAN_BYTES))
});
static HANT: LazyLock<String> = LazyLock::new(|| {
    corpus("zh-hant", CLEAN_BYTES).unwrap_or_else(|| repeat(&seeds(true), CLEAN_BYTES))
});
static ASCII: LazyLock<String> = LazyLock::new(|| {
    repeat("The quick brown fox jumps over the lazy dog; twice, then it rests.\n", CLEAN_BYTES)
});
static JAPANESE: LazyLock<String> = LazyLock::new(|| corpus("ja", CLEAN_BYTES).unwrap_or_default());
static RUSSIAN: LazyLock<String> =
    LazyLock::new(|| corpus("other-ru", CLEAN_BYTES).unwrap_or_default());

const CLEAN: [&str; 5] = ["simplified", "traditional", "ascii", "japanese", "russian"];

fn clean_text(name: &str) -> &'static str {
    match name {
        "simplified" => &HANS,
        "traditional" => &HANT,
        "ascii" => &ASCII,
        "japanese" => &JAPANESE,
        "russian" => &RUSSIAN,
        _ => unreachable!("not a clean text: {name}"),
    }
}

/// Repairs `text` again and again.
fn fix(bencher: Bencher, fixer: &Fixer, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| fixer.fix(black_box(text)).edits.len());
}

/// What the same texts cost where nothing is looked at.
mod yardstick {
    use super::*;

    #[divan::bench(args = CLEAN)]
    fn copy(bencher: Bencher, name: &str) {
        let text = clean_text(name).as_bytes();
        let mut target = vec![0; text.len()];
        bencher
            .counter(BytesCount::of_slice(text))
            .bench_local(|| target.copy_from_slice(black_box(text)));
    }

    #[divan::bench(args = CLEAN)]
    fn simdutf8(bencher: Bencher, name: &str) {
        let text = clean_text(name).as_bytes();
        bencher
            .counter(BytesCount::of_slice(text))
            .bench(|| ::simdutf8::basic::from_utf8(black_box(text)).is_ok());
    }
}

/// Clean text, which comes back as it was.
mod clean {
    use super::*;

    #[divan::bench(args = CLEAN)]
    fn every_repair(bencher: Bencher, name: &str) {
        fix(bencher, &Fixer::default(), clean_text(name));
    }

    #[divan::bench(args = CLEAN)]
    fn gate(bencher: Bencher, name: &str) {
        let text = clean_text(name);
        bencher.counter(BytesCount::of_str(text)).bench(|| {
            hanfix::segment::suspects(black_box(text), hanfix::segment::Bar::Unknown).count()
        });
    }

    #[divan::bench(args = [Kind::Transcode, Kind::Slip, Kind::Pinyin, Kind::Compat])]
    fn one_repair(bencher: Bencher, kind: Kind) {
        let fixer = Fixer::builder().repair([kind]).build().expect("valid options");
        fix(bencher, &fixer, clean_text("simplified"));
    }
}

/// Every line damaged.
mod damaged {
    use super::*;

    fn text() -> String {
        repeat(&HANS, DAMAGED_BYTES)
    }

    fn gbk(text: &str) -> Vec<u8> {
        let table = Codec::Gbk.table(Flavour::WEB);
        text.chars().filter_map(|c| table.codes(c).next()).flat_map(|code| code.bytes()).collect()
    }

    fn read(bytes: &[u8], wrong: Codec) -> String {
        Decoder::new(wrong, Flavour::WEB).decode(bytes)
    }

    #[divan::bench]
    fn lossless_utf8_as_latin1(bencher: Bencher) {
        fix(bencher, &Fixer::default(), &read(text().as_bytes(), Codec::Latin1));
    }

    #[divan::bench]
    fn lossless_gbk_as_latin1(bencher: Bencher) {
        fix(bencher, &Fixer::default(), &read(&gbk(&text()), Codec::Latin1));
    }

    #[divan::bench(args = [Flavour::WEB, Flavour::WINDOWS, Flavour::JAVA, Flavour::PYTHON])]
    fn lossy_utf8_as_gbk(bencher: Bencher, flavour: Flavour) {
        let damaged = Decoder::new(Codec::Gbk, flavour).decode(text().as_bytes());
        fix(bencher, &Fixer::default(), &damaged);
    }

    #[divan::bench]
    fn injected_pinyin(bencher: Bencher) {
        let page = repeat(&HANT, DAMAGED_BYTES);
        let list = injected(&page);
        let list = list.iter().map(|(character, bracket)| (*character, bracket.as_str()));
        fix(bencher, &Fixer::default(), &Injector::new(list).inject(&page));
    }

    /// Documents of a page each, which were also split before marks: what was lost there is
    /// searched for in each of them anew.
    #[divan::bench]
    fn injected_split_pages(bencher: Bencher) {
        let text = Converter::new(Config::S2t).convert(&text()).into_owned();
        let list = injected(&text);
        let list = list.iter().map(|(character, bracket)| (*character, bracket.as_str()));
        let injector = Injector::new(list).split_before("。，；？！".chars());
        let pages: Vec<String> = pages(&text).iter().map(|page| injector.inject(page)).collect();
        let fixer = Fixer::default();
        let bytes: usize = pages.iter().map(String::len).sum();
        bencher.counter(BytesCount::new(bytes)).bench(|| {
            pages.iter().map(|page| fixer.fix(black_box(page)).edits.len()).sum::<usize>()
        });
    }

    /// Whole lines of a text, about [`PAGE_BYTES`] each time.
    fn pages(text: &str) -> Vec<String> {
        let mut pages = vec![String::new()];
        for line in text.split_inclusive('\n') {
            if pages.last().is_some_and(|page| page.len() >= PAGE_BYTES) {
                pages.push(String::new());
            }
            pages.last_mut().expect("at least one").push_str(line);
        }
        pages
    }

    /// The commonest characters of a page that are Traditional only, and their brackets.
    fn injected(page: &str) -> Vec<(char, String)> {
        let simplified = Converter::new(Config::T2s);
        let mut counts = std::collections::BTreeMap::<char, usize>::new();
        for character in page.chars().filter(|c| !c.is_ascii()) {
            *counts.entry(character).or_default() += 1;
        }
        let mut counts: Vec<(char, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let traditional = counts.into_iter().filter(|(character, _)| {
            let text = character.to_string();
            simplified.convert(&text) != text.as_str()
        });
        let bracket = |character: char| Some(format!("({})", character.to_pinyin()?.with_tone()));
        traditional
            .filter_map(|(character, _)| Some((character, bracket(character)?)))
            .take(INJECTED)
            .collect()
    }
}

/// Conversion alone; `benches/peers` has the peers beside it.
mod convert {
    use super::*;

    #[divan::bench(args = ["traditional", "simplified"])]
    fn t2s(bencher: Bencher, name: &str) {
        let (converter, text) = (Converter::new(Config::T2s), clean_text(name));
        let mut out = String::with_capacity(text.len());
        bencher.counter(BytesCount::of_str(text)).bench_local(|| {
            out.clear();
            converter.convert_into(black_box(text), &mut out);
        });
    }

    /// Repair and conversion together, as the command line does it.
    #[divan::bench]
    fn t2s_after_repair(bencher: Bencher) {
        let fixer = Fixer::builder().convert(Some(Config::T2s)).build().expect("valid options");
        fix(bencher, &fixer, clean_text("traditional"));
    }
}

/// Inputs that look damaged all over: time must stay in proportion to length.
///
/// Each runs on a quarter and on the whole: throughput must be about the same.
mod hostile {
    use super::*;

    const SIZES: [usize; 2] = [HOSTILE_BYTES / 4, HOSTILE_BYTES];

    /// Numbers of 24 bits without a pattern (a linear congruence).
    fn random() -> impl Iterator<Item = u32> {
        let mut state = 1_u32;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        })
    }

    /// Characters of the CJK block in an order without a pattern.
    fn random_han(bytes: usize) -> String {
        let character = |number| char::from_u32(0x4E00 + number % 0x5000).expect("a CJK character");
        random().map(character).take(bytes / 3).collect()
    }

    /// Clean text without line breaks, damaged by one decoder after the other.
    fn mojibake(bytes: usize, wrong: &[Codec]) -> String {
        // the damage is half as long again, or twice as long
        let line: String = HANS.chars().filter(|c| !c.is_ascii()).take(bytes / 3).collect();
        let web = |codec| Decoder::new(codec, Flavour::WEB);
        let mut damaged =
            wrong.iter().fold(line, |line, &codec| web(codec).decode(line.as_bytes()));
        damaged.truncate(damaged.floor_char_boundary(bytes));
        damaged
    }

    /// The inputs, by what they are made of.
    const INPUTS: [&str; 16] = [
        "鐨",
        "Ã",
        "U+FFFD",
        "鍚?",
        "鍚U+FFFD",
        "U+FFFD喜",
        "ä¸",
        "我U+E00B",
        "⼀我",
        "⽤⼾，",
        "壹(yī)",
        "random Han",
        "UTF-8 as GBK",
        "UTF-8 as Latin-1",
        "ruins as GBK",
        "ruins as EUC-KR",
    ];

    fn input(name: &str, bytes: usize) -> String {
        match name {
            "random Han" => random_han(bytes),
            "UTF-8 as GBK" => mojibake(bytes, &[Codec::Gbk]),
            "UTF-8 as Latin-1" => mojibake(bytes, &[Codec::Latin1]),
            // 嚙踝蕭 and U+FFFD saved once more: 锟斤拷 and 占쏙옙 between what survived
            "ruins as GBK" => mojibake(bytes, &[Codec::Big5, Codec::Gbk]),
            "ruins as EUC-KR" => mojibake(bytes, &[Codec::EucKr, Codec::EucKr]),
            piece => {
                let piece = piece.replace("U+FFFD", "\u{FFFD}").replace("U+E00B", "\u{E00B}");
                piece.repeat(bytes / piece.len())
            }
        }
    }

    #[divan::bench(args = INPUTS, consts = SIZES, sample_count = 3, sample_size = 1)]
    fn line<const BYTES: usize>(bencher: Bencher, name: &str) {
        fix(bencher, &Fixer::default(), &input(name, BYTES));
    }

    /// The inputs in doubtful encodings, by what they are made of.
    const ENCODED: [&str; 3] = ["GBK, then Big5", "UTF-8 and a byte", "UTF-8, then bytes"];

    fn encoded(name: &str, bytes: usize) -> Vec<u8> {
        let (hans, hant) =
            ("今天下午的会议改到三点，请带上报告。\n", "明天早上八點在車站集合，請不要遲到。\n");
        let repeated = |line: &[u8], bytes: usize| line.repeat(bytes / line.len());
        match name {
            "GBK, then Big5" => {
                let (hans, hant) =
                    (encoding_rs::GBK.encode(hans).0, encoding_rs::BIG5.encode(hant).0);
                [repeated(&hans, bytes / 2), repeated(&hant, bytes / 2)].concat()
            }
            // all in one line
            "UTF-8 and a byte" => {
                let half = repeated(hans.trim_end().as_bytes(), bytes / 2);
                [half.as_slice(), b"\xFF", &half].concat()
            }
            "UTF-8, then bytes" => {
                let rubbish = random().map(|number| b"\xE9\xE8 ae"[number as usize % 5]);
                let text = repeated(hans.trim_end().as_bytes(), bytes / 2);
                text.into_iter().chain(rubbish.take(bytes / 2)).collect()
            }
            _ => unreachable!("no such bytes: {name}"),
        }
    }

    #[divan::bench(args = ENCODED, consts = SIZES, sample_count = 3, sample_size = 1)]
    fn bytes<const BYTES: usize>(bencher: Bencher, name: &str) {
        let (fixer, bytes) = (Fixer::default(), encoded(name, BYTES));
        let options = hanfix::decode::Options::default();
        bencher
            .counter(BytesCount::of_slice(&bytes))
            .bench(|| fixer.fix_bytes(black_box(&bytes), &options).is_ok());
    }
}
