//! How often raw bytes are decoded exactly, by encoding and length, beside chardetng.
//!
//! ```text
//! cargo bench --bench detect_accuracy [-- SAMPLES]
//! ```
//!
//! Text comes from the part of `../shared/corpora` that training left out. With
//! `HANFIX_LABELLED=FOLDER` reads its files too, in folders named by their encodings, and lists
//! those that are not decoded as labelled; with `HANFIX_STRINGS=FILE` writes the samples there, one a line as
//! `encoding TAB length TAB hex TAB text`, for `benches/detect_accuracy.py`.

mod corpora;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use corpora::{CORPORA, HELD_OUT};
use encoding_rs::Encoding;
use hanfix::decode::{Options, decode, encoding_name};

const LENGTHS: [usize; 5] = [2, 4, 8, 16, 64];

/// An encoding and the corpus that is written in it.
const ROWS: [(&str, &str); 24] = [
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
    ("johab", "ko"),
    ("euc-tw", "zh-hant"),
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
    let mut strings = std::env::var_os("HANFIX_STRINGS")
        .map(|path| fs::File::create(path).expect("the file of samples can be written"));
    println!("decoded exactly, % of {samples} samples: hanfix / chardetng 1");
    print!("{:14}{:10}", "encoding", "corpus");
    LENGTHS.iter().for_each(|length| print!("{length:>16}"));
    println!();
    let mut shown = false;
    for (encoding, corpus) in ROWS {
        let Some(text) = load(corpus) else { continue };
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
            let share = |reader: fn(&[u8]) -> String| {
                let right = taken.iter().filter(|(text, bytes)| reader(bytes) == *text).count();
                100.0 * right as f64 / taken.len().max(1) as f64
            };
            print!("{:>16}", format!("{:.2} / {:.1}", share(ours), share(theirs)));
        }
        println!();
    }
    if !shown {
        println!("no corpora in {CORPORA}: nothing measured");
    }
    whole_files(&ROWS);
    lone_lines();
    if let Some(folder) = std::env::var_os("HANFIX_LABELLED") {
        labelled(Path::new(&folder));
    }
}

/// The size of a whole file.
const FILE: usize = 6000;

/// How often files of some pages are decoded exactly: in one encoding, as UTF-8 with damaged
/// bytes, and with every other line in another encoding.
fn whole_files(rows: &[(&str, &str)]) {
    println!("\nfiles of {FILE} bytes decoded exactly: hanfix / chardetng");
    let mut corpora: Vec<&str> = rows.iter().map(|(_, corpus)| *corpus).collect();
    corpora.sort_unstable();
    corpora.dedup();
    for (encoding, corpus) in rows {
        let Some(text) = load(corpus) else { continue };
        let files: Vec<(String, Vec<u8>)> = files_of(&text)
            .filter_map(|file| Some((file.to_owned(), recoded(file, encoding)?)))
            .collect();
        report(&format!("{encoding} {corpus}"), &files);
    }
    for corpus in &corpora {
        let Some(text) = load(corpus) else { continue };
        let plain = files_of(&text).map(|file| (file.to_owned(), file.as_bytes().to_vec()));
        report(&format!("utf-8 {corpus}"), &plain.collect::<Vec<_>>());
        let damaged = files_of(&text).enumerate().filter_map(|(index, file)| {
            let bytes = damaged(file, index)?;
            Some((String::from_utf8_lossy(&bytes).into_owned(), bytes))
        });
        report(&format!("utf-8 {corpus}, 3 bytes lost"), &damaged.collect::<Vec<_>>());
    }
    for (encoding, corpus) in [("gbk", "zh-hans"), ("big5", "zh-hant")] {
        let Some(text) = load(corpus) else { continue };
        for (name, period) in [("every other line", 2), ("one line in ten", 10)] {
            let mixed = files_of(&text).filter_map(|file| {
                let lines = file.split_inclusive('\n').enumerate();
                let bytes: Option<Vec<Vec<u8>>> = lines
                    .map(|(index, line)| match index % period {
                        0 => Some(line.as_bytes().to_vec()),
                        _ => recoded(line, encoding),
                    })
                    .collect();
                Some((file.to_owned(), bytes?.concat()))
            });
            let mixed: Vec<_> = mixed.collect();
            report(&format!("{encoding} {corpus}, {name} utf-8"), &mixed);
        }
    }
}

/// How often one short line in a file of UTF-8 is read as what it is: some characters in another
/// encoding, or what is left of damaged ones.
fn lone_lines() {
    println!("\nfiles of {FILE} bytes of utf-8 with one short line decoded exactly");
    for (encoding, corpus) in [("gbk", "zh-hans"), ("big5", "zh-hant")] {
        let Some(text) = load(corpus) else { continue };
        for length in 1..=4 {
            let lines = han(&text).map(|run| run.chars().take(length).collect::<String>());
            let files = files_of(&text).zip(lines).filter_map(|(file, line)| {
                let line = recoded(&line, encoding)?;
                let (head, tail) = file.split_at(file.find('\n')? + 1);
                let read = decode(&line, &Options { from: Some(encoding) }).ok()?.text.into_owned();
                let bytes = [head.as_bytes(), &line, b"\n", tail.as_bytes()].concat();
                std::str::from_utf8(&bytes)
                    .is_err()
                    .then(|| (format!("{head}{read}\n{tail}"), bytes))
            });
            report(
                &format!("{encoding} {corpus}, {length} characters"),
                &files.collect::<Vec<_>>(),
            );
        }
        // of two characters of three bytes
        for (name, kept) in
            [("a first byte", 0..1), ("two bytes of three", 0..2), ("two last bytes", 1..3)]
                .into_iter()
                .chain([
                    ("the middle of two characters", 1..5),
                    ("two characters less a byte", 0..5),
                ])
        {
            let files = files_of(&text).zip(han(&text)).filter_map(|(file, run)| {
                let (head, tail) = file.split_at(file.find('\n')? + 1);
                let line = run.as_bytes().get(kept.clone())?;
                let bytes = [head.as_bytes(), line, b"\n", tail.as_bytes()].concat();
                Some((String::from_utf8_lossy(&bytes).into_owned(), bytes))
            });
            report(&format!("utf-8 {corpus}, {name}"), &files.collect::<Vec<_>>());
        }
    }
}

/// Runs of ideographs from all over the text, of four at least.
fn han(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|c| !('\u{4E00}'..'\u{A000}').contains(&c));
    let long = runs.filter(|run| run.len() >= 4 * '一'.len_utf8());
    long.step_by(101)
}

/// Runs of whole lines of about [`FILE`] bytes, up to a few hundred from all over the text.
fn files_of(text: &str) -> impl Iterator<Item = &str> {
    let step = (text.len() / 300).max(FILE);
    (0..text.len()).step_by(step).filter_map(move |at| {
        let start = at + text.as_bytes()[at..].iter().position(|byte| *byte == b'\n')? + 1;
        let limit = (start + FILE).min(text.len());
        let end = text.as_bytes()[start..limit].iter().rposition(|byte| *byte == b'\n')?;
        Some(&text[start..start + end + 1])
    })
}

fn recoded(text: &str, encoding: &str) -> Option<Vec<u8>> {
    let options = Options { from: Some("utf-8") };
    decode(text.as_bytes(), &options).ok()?.encode_to(&[], encoding).ok()
}

/// The bytes of `text` without three that are not ASCII.
fn damaged(text: &str, seed: usize) -> Option<Vec<u8>> {
    let mut bytes = text.as_bytes().to_vec();
    for draw in 0..3 {
        let outside: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] >= 0x80).collect();
        if outside.len() < 60 {
            return None;
        }
        bytes.remove(outside[(seed * 7919 + draw * 104_729) % outside.len()]);
    }
    std::str::from_utf8(&bytes).is_err().then_some(bytes)
}

fn report(name: &str, files: &[(String, Vec<u8>)]) {
    let right = |reader: fn(&[u8]) -> String| {
        files.iter().filter(|(text, bytes)| reader(bytes) == *text).count()
    };
    println!("{name:44}{:4} of {:4} / {:4}", right(ours), files.len(), right(theirs));
}

/// Decodes files in folders named by their encodings.
fn labelled(folder: &Path) {
    let mut files = 0;
    let mut right = [0; 2];
    for (path, label) in files_by_label(folder) {
        let bytes = fs::read(&path).expect("a file that was listed can be read");
        let Some(truth) = truth(&bytes, &label) else {
            println!("{}: no {label}", path.display());
            continue;
        };
        files += 1;
        right[1] += usize::from(theirs(&bytes).trim_start_matches('\u{FEFF}') == truth);
        match decode(&bytes, &Options::default()) {
            Ok(decoded) if decoded.text == truth => right[0] += 1,
            Ok(decoded) => println!("{}: {}", path.display(), decoded.encoding),
            Err(error) => println!("{}: {error}", path.display()),
        }
    }
    println!("{files} files decoded as labelled: hanfix {}, chardetng {}", right[0], right[1]);
}

/// The files in the folders of `folder` whose names are encodings.
fn files_by_label(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let labelled = |folder: &PathBuf| {
        // chardet names a language behind some: windows-1250-polish
        let name = folder.file_name()?.to_string_lossy().to_lowercase();
        let parts: Vec<&str> = name.split('-').collect();
        (1..=parts.len()).rev().find_map(|count| {
            encoding_name(&parts[..count].join("-")).map(|_| parts[..count].join("-"))
        })
    };
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    folders
        .filter_map(|folder| Some((labelled(&folder)?, folder)))
        .flat_map(|(label, folder)| {
            entries(&folder).into_iter().map(move |file| (file, label.clone()))
        })
        .filter(|(file, _)| file.is_file())
        .collect()
}

/// The text of `bytes` as the label says, U+FFFD for what is ill-formed.
fn truth(bytes: &[u8], label: &str) -> Option<String> {
    let text = match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => {
            encoding.decode(bytes).0.into_owned()
        }
        _ => {
            // the label itself: utf-32 goes by its byte order mark
            let from = Some(&*label.to_owned().leak());
            decode(bytes, &Options { from }).ok()?.text.into_owned()
        }
    };
    Some(text.trim_start_matches('\u{FEFF}').to_owned())
}

fn ours(bytes: &[u8]) -> String {
    decode(bytes, &Options::default()).map(|decoded| decoded.text.into_owned()).unwrap_or_default()
}

fn theirs(bytes: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow).decode(bytes).0.into_owned()
}

/// The held-out text of a corpus; `None` where it is not there.
fn load(name: &str) -> Option<String> {
    let lines = corpora::lines(name, HELD_OUT);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Pieces of lines with `length` characters, spread over `text`, and their bytes.
///
/// A piece has no ASCII control and, where the text has them at all, a character outside ASCII;
/// in Chinese, Japanese and Korean half of it.
fn take(text: &str, encoding: &str, length: usize, samples: usize) -> Vec<(String, Vec<u8>)> {
    let count = |is_counted: fn(char) -> bool| text.chars().filter(|c| is_counted(*c)).count();
    let all = count(|_| true);
    let is_ascii = count(|c| !c.is_ascii()) < all / 100;
    let is_wide = count(|c| c >= '\u{3000}') > all / 4;
    let needed = if is_ascii {
        0
    } else if is_wide {
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
