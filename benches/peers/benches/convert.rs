//! Conversion beside its peers, on one thread, into a reused buffer where the peer has that.
//!
//! ```text
//! cargo bench -p peers                                              # without OpenCC
//! eval "$(scripts/oracle.sh)" && cargo bench -p peers --features oracle
//! ```
//! The text is `../shared/corpora/zh-hans.txt.zst` and `zh-hant.txt.zst`, or the file
//! or files that `HANS` and `HANT` name (UTF-8, perhaps `.zst`).

#[cfg(feature = "oracle")]
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hanfix::convert::{Config, Converter};

/// Each text is repeated until it has as many bytes, so that no cache holds it.
const TEXT_BYTES: usize = 60_000_000;

static HANS: LazyLock<String> = LazyLock::new(|| read("HANS", "zh-hans.txt.zst"));
static HANT: LazyLock<String> = LazyLock::new(|| read("HANT", "zh-hant.txt.zst"));
/// Simplified text in which nothing is left to change.
static SIMPLIFIED: LazyLock<String> =
    LazyLock::new(|| Converter::new(Config::T2s).convert(&HANS).into_owned());

fn read(variable: &str, default: &str) -> String {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let path = env::var_os(variable).map_or_else(|| corpora.join(default), PathBuf::from);
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let bytes = match path.extension() {
        Some(extension) if extension == "zst" => zstd::decode_all(file).expect("zstd"),
        _ => fs::read(&path).expect("a readable file"),
    };
    // OpenCC's C interface ends a text at NUL
    let text = String::from_utf8(bytes).expect("UTF-8").replace('\0', "");
    text.repeat(TEXT_BYTES.div_ceil(text.len()))
}

/// What is measured: a conversion of a text.
#[derive(Clone, Copy)]
enum Work {
    T2sTraditional,
    T2sSimplified,
    S2t,
    S2twp,
    Tw2sp,
}

const ALL: [Work; 5] =
    [Work::T2sTraditional, Work::T2sSimplified, Work::S2t, Work::S2twp, Work::Tw2sp];

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Work::T2sTraditional => "t2s, Traditional",
            Work::T2sSimplified => "t2s, Simplified",
            Work::S2t => "s2t",
            Work::S2twp => "s2twp",
            Work::Tw2sp => "tw2sp",
        })
    }
}

impl Work {
    fn text(self) -> &'static str {
        match self {
            Work::T2sTraditional | Work::Tw2sp => &HANT,
            Work::T2sSimplified => &SIMPLIFIED,
            Work::S2t | Work::S2twp => &HANS,
        }
    }

    fn config(self) -> Config {
        match self {
            Work::T2sTraditional | Work::T2sSimplified => Config::T2s,
            Work::S2t => Config::S2t,
            Work::S2twp => Config::S2twp,
            Work::Tw2sp => Config::Tw2sp,
        }
    }

    /// Runs `convert` on the text; it appends to its buffer.
    fn measure(self, bencher: Bencher, mut convert: impl FnMut(&str, &mut String)) {
        let text = self.text();
        let mut out = String::with_capacity(2 * text.len());
        bencher.counter(BytesCount::of_str(text)).bench_local(|| {
            out.clear();
            convert(black_box(text), &mut out);
            black_box(out.len())
        });
    }
}

#[divan::bench(args = ALL)]
fn hanfix(bencher: Bencher, work: Work) {
    let converter = Converter::new(work.config());
    work.measure(bencher, |text, out| converter.convert_into(text, out));
}

/// Without a buffer: where nothing changes, nothing is copied.
#[divan::bench(args = ALL)]
fn hanfix_cow(bencher: Bencher, work: Work) {
    let converter = Converter::new(work.config());
    work.measure(bencher, |text, _| {
        black_box(converter.convert(text));
    });
}

#[divan::bench(args = ALL)]
fn zhconv(bencher: Bencher, work: Work) {
    use zhconv::Variant;
    let variant = match work {
        Work::T2sTraditional | Work::T2sSimplified => Variant::ZhHans,
        Work::S2t => Variant::ZhHant,
        Work::S2twp => Variant::ZhTW,
        Work::Tw2sp => Variant::ZhCN,
    };
    let converter = zhconv::get_builtin_converter(variant);
    work.measure(bencher, |text, out| converter.convert_to(text, out));
}

#[divan::bench(args = ALL, sample_count = 3, sample_size = 1)]
fn opencc_fmmseg(bencher: Bencher, work: Work) {
    let mut converter = opencc_fmmseg::OpenCC::new();
    converter.set_parallel(false);
    let config = work.config().name();
    work.measure(bencher, |text, out| out.push_str(&converter.convert(text, config, false)));
}

#[cfg(feature = "oracle")]
#[divan::bench(args = ALL, sample_count = 1, sample_size = 1)]
fn opencc_rust(bencher: Bencher, work: Work) {
    let folder = env::var_os("OPENCC_CONFIGS").expect("scripts/oracle.sh sets OPENCC_CONFIGS");
    let config = Path::new(&folder).join(format!("{}.json", work.config()));
    let converter = opencc_rust::OpenCC::new(config).expect("a configuration");
    work.measure(bencher, |text, out| {
        *out = converter.convert_to_buffer(text, mem::take(out)).expect("valid text");
    });
}

#[divan::bench(args = ALL)]
fn memcpy(bencher: Bencher, work: Work) {
    work.measure(bencher, |text, out| out.push_str(text));
}

#[divan::bench(args = ALL)]
fn simdutf8(bencher: Bencher, work: Work) {
    work.measure(bencher, |text, _| {
        black_box(simdutf8::basic::from_utf8(text.as_bytes())).expect("UTF-8");
    });
}

/// Making a converter, which unpacks its tables.
#[divan::bench(args = Config::ALL)]
fn start(config: Config) -> Converter {
    Converter::new(config)
}

fn main() {
    divan::Divan::default().sample_count(5).sample_size(1).config_with_args().main();
}
