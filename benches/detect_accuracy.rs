//! How often raw bytes are decoded exactly, by encoding and length, beside chardetng.
//!
//! ```text
//! cargo bench --bench detect_accuracy [-- SAMPLES]
//! ```
//!
//! Reads `*.txt` and `*.txt.zst` from the folder `HANFIX_CORPUS`, `../shared/corpora` unless set;
//! with `HANFIX_STRINGS=FILE` writes the samples there, one a line as
//! `encoding TAB length TAB hex TAB text`, for `benches/detect_accuracy.py`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use hanfix::decode::{Options, decode};

const LENGTHS: [usize; 5] = [2, 4, 8, 16, 64];

/// An encoding, the corpus written in it, and the share of a sample that must not be ASCII.
const ROWS: [(&str, &str); 22] = [
    ("gbk", "zh-hans"),
    ("gbk", "zh-hant"),
    ("big5", "zh-hant"),
    ("big5-hkscs", "yue"),
    ("utf-16le", "zh-hans"),
    ("utf-16be", "zh-hans"),
    ("utf-16le", "zh-hant"),
    ("utf-16le", "other-en"),
    ("utf-16le", "other-ru"),
    ("utf-32le", "zh-hans"),
    ("shift_jis", "ja"),
    ("euc-jp", "ja"),
    ("utf-16le", "ja"),
    ("euc-kr", "ko"),
    ("utf-16be", "ko"),
    ("windows-1252", "other-fr"),
    ("windows-1252", "other-de"),
    ("windows-1250", "other-cs"),
    ("windows-1251", "other-ru"),
    ("koi8-r", "other-ru"),
    ("windows-1253", "other-el"),
    ("windows-1254", "other-tr"),
];

fn main() {
    // cargo passes `--bench`
    let samples = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(2000);
    let folder = std::env::var_os("HANFIX_CORPUS")
        .map_or_else(|| PathBuf::from("../shared/corpora"), PathBuf::from);
    let mut strings = std::env::var_os("HANFIX_STRINGS")
        .map(|path| fs::File::create(path).expect("the file of samples can be written"));
    println!("decoded exactly, % of {samples} samples: hanfix / chardetng 1");
    print!("{:14}{:10}", "encoding", "corpus");
    LENGTHS.iter().for_each(|length| print!("{length:>16}"));
    println!();
    let mut shown = false;
    for (encoding, corpus) in ROWS {
        let Some(text) = load(&folder, corpus) else { continue };
        shown = true;
        print!("{encoding:14}{corpus:10}");
        for length in LENGTHS {
            let taken = take(&text, encoding, length, samples);
            if let Some(file) = &mut strings {
                for (sample, bytes) in &taken {
                    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    writeln!(file, "{encoding}\t{length}\t{hex}\t{sample}").expect("disk has room");
                }
            }
            if std::env::var_os("HANFIX_MISSES").is_some() {
                for (sample, bytes) in
                    taken.iter().filter(|(text, bytes)| ours(bytes) != *text).take(8)
                {
                    let d = decode(bytes, &Options::default());
                    eprintln!(
                        "MISS {encoding} {corpus} {length}\t{sample}\t{:?}",
                        d.map(|d| (d.text.to_string(), d.encoding, d.evidence))
                    );
                }
            }
            let share = |reader: fn(&[u8]) -> String| {
                let right = taken.iter().filter(|(text, bytes)| reader(bytes) == *text).count();
                100.0 * right as f64 / taken.len().max(1) as f64
            };
            print!("{:>16}", format!("{:.2} / {:.1}", share(ours), share(theirs)));
        }
        println!();
    }
    if !shown {
        println!("no corpora in {}: nothing measured", folder.display());
    }
}

fn ours(bytes: &[u8]) -> String {
    decode(bytes, &Options::default()).map(|decoded| decoded.text.into_owned()).unwrap_or_default()
}

fn theirs(bytes: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow).decode(bytes).0.into_owned()
}

fn load(folder: &Path, name: &str) -> Option<String> {
    let plain = folder.join(format!("{name}.txt"));
    if let Ok(text) = fs::read_to_string(plain) {
        return Some(text);
    }
    let packed = fs::read(folder.join(format!("{name}.txt.zst"))).ok()?;
    String::from_utf8(zstd::decode_all(packed.as_slice()).ok()?).ok()
}

/// Pieces of lines with `length` characters, spread over `text`, and their bytes.
///
/// A piece has no ASCII control and, where the text has them at all, a character outside ASCII;
/// in Chinese, Japanese and Korean half of it.
fn take(text: &str, encoding: &str, length: usize, samples: usize) -> Vec<(String, Vec<u8>)> {
    let ascii_text = text.chars().take(2000).filter(|c| !c.is_ascii()).count() < 20;
    let wide = text.chars().take(2000).filter(|c| *c >= '\u{3000}').count() > 500;
    let needed = if ascii_text {
        0
    } else if wide {
        length.div_ceil(2)
    } else {
        1
    };
    let options = Options { from: Some("utf-8") };
    let step = text.len() / (samples * 8);
    let mut taken = Vec::with_capacity(samples);
    for index in 0..samples * 8 {
        let at = (index * step..).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let piece: String = text[at..].chars().take(length).collect();
        let outside = piece.chars().filter(|c| !c.is_ascii()).count();
        let fits = piece.chars().count() == length
            && outside >= needed
            && !piece.chars().any(char::is_control);
        let decoded = decode(piece.as_bytes(), &options).expect("a piece of text is text");
        if fits && let Ok(bytes) = decoded.encode_to(&[], encoding) {
            taken.push((piece, bytes));
        }
        if taken.len() == samples {
            break;
        }
    }
    taken
}
