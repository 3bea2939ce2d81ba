//! How much text that slipped by a byte is put straight.
//!
//! ```text
//! cargo bench --bench slip_accuracy
//! ```
//!
//! Text comes from `../shared/corpora`, from the stretch of each file that training left
//! out (`tools/train`: lines 480–530 ‰). Of a line of 8, 16, 32 or 64 characters one byte
//! is lost, gained or doubled, and the bytes are decoded. Rows are counted by the
//! characters that came out wrong.
//!
//! - *straight*: all is right but characters whose bytes are gone, which U+FFFD stands for;
//! - *exact*: those are right, too; *filled*: of the ones that were filled in;
//! - *left*: not changed; *wrong*: everything else.

mod corpora;

use std::collections::BTreeMap;
use std::path::Path;

use fastrand::Rng;
use hanfix::codec::{Codec, Decoder, Flavour};
use hanfix::{Fixer, Kind};

use corpora::{CORPORA, HELD_OUT};

/// Characters of a line.
const LENGTHS: [usize; 4] = [8, 16, 32, 64];
/// Lines for each length, accident and flavour.
const LINES: usize = 60;
/// The least characters of each row.
const ROWS: [usize; 5] = [1, 4, 8, 16, 32];

fn main() {
    if !Path::new(CORPORA).exists() {
        println!("skipped: {CORPORA} is not there");
        return;
    }
    let texts = [
        ("zh-hans", Codec::Gbk),
        ("zh-hant", Codec::Gbk),
        ("zh-hant", Codec::Big5),
        ("ko", Codec::EucKr),
    ];
    println!("lines with one byte lost or gained: % straight, exact; filled right; left, wrong");
    for (name, codec) in texts {
        let lines = corpora::lines(name, HELD_OUT);
        for accident in [Accident::Lost, Accident::Gained, Accident::Doubled] {
            let mut sum = Tally::default();
            for flavour in
                [Flavour::WEB, Flavour::WINDOWS, Flavour::JAVA, Flavour::PYTHON, Flavour::DROP]
            {
                let rows = measure(&lines, accident, &Decoder::new(codec, flavour));
                for (least, tally) in rows {
                    println!("{name} {codec} {accident:?} {flavour:?} {least:>3}+ {tally}");
                    sum.add(&tally);
                }
            }
            println!("{name} {codec} {accident:?} all {sum}");
        }
    }
}

/// Ends of lines, of `length` characters that the codec has.
fn pieces(lines: &[String], length: usize, codec: Codec) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for line in lines {
        let characters: Vec<char> = line.chars().collect();
        let start = characters.len().checked_sub(length);
        pieces.extend(start.map(|start| characters[start..].iter().collect::<String>()));
    }
    let mostly_double =
        |piece: &String| piece.chars().filter(|c| !c.is_ascii()).count() * 2 > length;
    pieces.retain(|piece| mostly_double(piece) && codec.encode(piece).is_some());
    let step = (pieces.len() / LINES).max(1);
    pieces.into_iter().step_by(step).take(LINES).collect()
}

#[derive(Clone, Copy, Debug)]
enum Accident {
    Lost,
    Gained,
    Doubled,
}

/// The bytes after an accident at a random place.
fn slip(bytes: &[u8], accident: Accident, random: &mut Rng) -> Vec<u8> {
    let at = random.usize(..bytes.len() - 1);
    let mut slipped = bytes.to_vec();
    match accident {
        Accident::Lost => drop(slipped.remove(at)),
        Accident::Gained => slipped.insert(at, random.u8(0x80..0xFF)),
        Accident::Doubled => slipped.insert(at, bytes[at]),
    }
    slipped
}

fn measure(lines: &[String], accident: Accident, decoder: &Decoder) -> BTreeMap<usize, Tally> {
    let fixer = Fixer::builder().repair([Kind::Transcode, Kind::Slip]).build().expect("valid");
    let mut rows: BTreeMap<usize, Tally> = BTreeMap::new();
    // the same in every run
    let mut random = Rng::with_seed(0);
    for length in LENGTHS {
        let pieces = pieces(lines, length, decoder.codec);
        for pair in pieces.windows(2) {
            let truth = format!("{}\n{}\n", pair[0], pair[1]);
            let bytes = decoder.codec.encode(&truth).expect("pieces are in the codec");
            let line = decoder.codec.encode(&pair[0]).expect("the same").len();
            let mut slipped = slip(&bytes[..line], accident, &mut random);
            slipped.extend(&bytes[line..]);
            let damaged = decoder.decode(&slipped);
            let wrong = differing(&damaged, &truth);
            if wrong == 0 || decoder.decode(&bytes) != truth {
                continue;
            }
            let row = ROWS.into_iter().rev().find(|&least| least <= wrong).expect("one at least");
            let fixed = fixer.fix(&damaged);
            rows.entry(row).or_default().judge(&damaged, &fixed, &truth);
        }
    }
    rows
}

/// How many characters of `damaged` stand between those that it begins and ends with as `truth` does.
fn differing(damaged: &str, truth: &str) -> usize {
    let (damaged, truth): (Vec<char>, Vec<char>) =
        (damaged.chars().collect(), truth.chars().collect());
    let start = damaged.iter().zip(&truth).take_while(|(a, b)| a == b).count();
    let rest = damaged[start..].iter().rev().zip(truth[start..].iter().rev());
    damaged.len() - start - rest.take_while(|(a, b)| a == b).count()
}

#[derive(Default)]
struct Tally {
    straight: usize,
    exact: usize,
    left: usize,
    wrong: usize,
    filled: usize,
    filled_right: usize,
}

impl Tally {
    fn judge(&mut self, damaged: &str, fixed: &hanfix::Fixed<'_>, truth: &str) {
        let text: Vec<char> = fixed.text.chars().collect();
        let truth_characters: Vec<char> = truth.chars().collect();
        let agree = is_straight(&text, &truth_characters);
        if fixed.text == truth {
            self.exact += 1;
        }
        if agree {
            self.straight += 1;
        } else if fixed.text == damaged {
            self.left += 1;
        } else {
            self.wrong += 1;
        }
        let filled: usize = fixed.edits.iter().map(|edit| edit.filled.len()).sum();
        self.filled += filled;
        self.filled_right += if agree { filled } else { 0 };
        let show = std::env::var("SHOW").unwrap_or_default();
        if !agree && (show == "all" || show == "wrong" && fixed.text != damaged) {
            eprintln!("truth {truth:?}\n  damaged {damaged:?}\n    fixed {:?}", fixed.text);
        }
    }

    fn add(&mut self, other: &Tally) {
        self.straight += other.straight;
        self.exact += other.exact;
        self.left += other.left;
        self.wrong += other.wrong;
        self.filled += other.filled;
        self.filled_right += other.filled_right;
    }
}

/// Whether a text is the truth but for U+FFFD in the place of characters. A byte that came
/// in may have left one more: no decoder tells it from one that lost its partner.
fn is_straight(text: &[char], truth: &[char]) -> bool {
    const LOST: char = char::REPLACEMENT_CHARACTER;
    let same = |text: &[char]| {
        text.len() == truth.len() && text.iter().zip(truth).all(|(a, b)| a == b || *a == LOST)
    };
    let lost = text.iter().filter(|&&c| c == LOST).count();
    let one_more =
        |at: &usize| text[*at] == LOST && same(&[&text[..*at], &text[*at + 1..]].concat());
    lost <= 4 && (same(text) || (0..text.len()).any(|at| one_more(&at)))
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = self.straight + self.left + self.wrong;
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        write!(
            f,
            "{:5.1} {:5.1} ({all}); {:5.1} ({}); {} {}",
            share(self.straight, all),
            share(self.exact, all),
            share(self.filled_right, self.filled),
            self.filled,
            self.left,
            self.wrong
        )
    }
}
