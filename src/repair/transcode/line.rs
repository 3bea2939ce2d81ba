//! Lines that are damaged from end to end and can be read in one way only.
//!
//! Behind a damaged line most others are damaged the same way throughout, and without a loss. Such
//! a line is undone as a whole, one layer after the other, and then priced: the same reading as by
//! the search, in a fiftieth of the time.
//!
//! ```text
//! Ö Ð Î Ä      D6 D0 | CE C4      two groups: ÖÐ is 中, ÎÄ is 文
//! ```

use std::ops::{AddAssign, Range};

use super::expand::{ENTER, LEAVE, inside};
use super::lattice::BIT;
use super::path::{Layer, Path};
use super::reading;
use super::run::Run;
use crate::codec::{Codec, Decoder, First};
use crate::model;
use crate::script::char_before;

/// A way outside of the damage need not be priced any further once it is so much dearer than the
/// straight one: to come back costs more than twice as much again.
const FAR: i32 = 4 * BIT;

/// Reads lines one after the other, in the same memory.
#[derive(Default)]
pub struct LineReader {
    undone: Undone,
    /// What the next layer makes of it.
    inner: Undone,
    /// What each character of the line costs as it was found, and as it was, in 1/256 bit.
    found_costs: Vec<i32>,
    read_costs: Vec<i32>,
}

/// A text as it was before damage.
#[derive(Default)]
struct Undone {
    text: String,
    /// The whole text, as it was found and as it was.
    groups: Vec<Group>,
    bytes: Bytes,
}

/// What a text was decoded from, byte by byte.
#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    /// For each byte that is the last one of a character, [`END`] and the length of that in UTF-8;
    /// 0 for others.
    ends: Vec<u16>,
}

/// One character in a sum of [`Bytes::ends`]. What is above counts characters, what is below their
/// bytes: no four characters are 256 bytes long.
const END: u16 = 1 << 8;

/// The fewest characters that stand for the same bytes as whole characters of the true codec.
#[derive(Clone, Copy, Default)]
struct Group {
    /// The characters as they were found.
    found: Extent,
    /// The characters that they were.
    read: Extent,
}

/// How much of a text something is.
#[derive(Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    characters: usize,
}

impl LineReader {
    /// The run that a line at `range` of `text` is, if all of it but ASCII can be read in one way
    /// only and reads like any other text: the same as a search of the line finds.
    pub fn read(&mut self, path: &Path, text: &str, range: Range<usize>) -> Option<Run> {
        let line = &text[range.clone()];
        self.undo(path, line)?;
        let read = &self.undone.text[..];
        let mut found_costs = costs(line, &mut self.found_costs);
        let mut read_costs = costs(read, &mut self.read_costs);
        let mut outside = Outside::default();
        let mut run = Run::default();
        let (mut cost, mut characters) = (i64::from(ENTER), 0);
        // where the group begins, as found and as read, and the piece that it is of
        let (mut at, mut from) = (range.start, 0);
        let (mut piece_at, mut piece_from, mut piece_cost) = (at, from, 0);
        for group in &self.undone.groups {
            let found = found_costs.split_off(..group.found.characters)?;
            let read_as = read_costs.split_off(..group.read.characters)?;
            let step = sum(read_as);
            if group.found.bytes == 1 {
                // ASCII is as it was
                run.take(piece_at..at, &read[piece_from..from], piece_cost);
                run.pass(at, text.as_bytes()[at].into(), || read_as[0]);
                (piece_at, piece_from, piece_cost) = (at + 1, from + 1, 0);
                outside.go_on(sum(found) - step);
            } else {
                let place = Place { text, at, read, from };
                // the straight way itself comes in at the first group
                if characters > 0 && outside.may_come_back(&place, read_as[0]) {
                    return None;
                }
                outside.go_on_or_leave(&place, found, step);
                cost += step;
                piece_cost += sum(found);
                characters += group.read.characters;
            }
            (at, from) = (at + group.found.bytes, from + group.read.bytes);
        }
        run.take(piece_at..at, &read[piece_from..from], piece_cost);
        run.pay(cost);
        let is_sure = outside.is_dearer() && reading::goes_on(cost, characters, path);
        is_sure.then_some(run)
    }

    /// The last line that was read, as it was before the damage.
    pub fn last(&self) -> &str {
        &self.undone.text
    }

    /// Undoes every layer of a line.
    fn undo(&mut self, path: &Path, line: &str) -> Option<()> {
        let (outer, inner) = path.layers().split_first()?;
        self.undone.undo(outer, line)?;
        for layer in inner {
            self.inner.undo(layer, &self.undone.text)?;
            join(&self.undone.groups, &mut self.inner.groups);
            std::mem::swap(&mut self.undone, &mut self.inner);
        }
        Some(())
    }
}

/// What each character of a line costs, in memory that is used again.
fn costs<'m>(line: &str, memory: &'m mut Vec<i32>) -> &'m [i32] {
    if memory.len() < line.len() {
        memory.resize(line.len(), 0);
    }
    let mut characters = 0;
    for (place, cost) in memory.iter_mut().zip(model::steps_of_each('\n', line)) {
        *place = cost;
        characters += 1;
    }
    &memory[..characters]
}

fn sum(costs: &[i32]) -> i64 {
    costs.iter().map(|&cost| i64::from(cost)).sum()
}

/// A place between two groups of a line.
struct Place<'t> {
    /// The text as found, and where in it.
    text: &'t str,
    at: usize,
    /// What was read of the line, and where in it.
    read: &'t str,
    from: usize,
}

/// The cheapest other way to read a line: with some of its groups left as they were found.
struct Outside {
    /// How much more it costs than the straight one, in 1/256 bit; where that is [`FAR`] or more, at
    /// least so much.
    excess: i64,
}

impl Default for Outside {
    /// At the start of a line, where the straight way has entered the damage.
    fn default() -> Outside {
        Outside { excess: -i64::from(ENTER) }
    }
}

impl Outside {
    /// Goes on over characters that cost so much more as they were found.
    fn go_on(&mut self, more: i64) {
        self.excess += more;
    }

    /// Goes on over a group behind a place, or leaves the damage there: its characters cost `found`
    /// as they were found, and `step` on the straight way.
    fn go_on_or_leave(&mut self, place: &Place, found: &[i32], step: i64) {
        let mut leave = i64::from(LEAVE) + sum(&found[1..]) - step;
        if leave < i64::from(FAR) {
            let first = place.text[place.at..].chars().next().unwrap_or('\n');
            leave += i64::from(inside(first));
            if leave < i64::from(FAR) {
                leave += i64::from(model::cost(char_before(place.read, place.from), first).0);
            }
        }
        self.excess = leave.min(self.excess + sum(found) - step);
    }

    /// Whether it may be as cheap to come back before a character that costs `next` on the
    /// straight way.
    fn may_come_back(&self, place: &Place, next: i32) -> bool {
        let excess = self.excess + i64::from(ENTER - next);
        if excess > 0 {
            return false;
        }
        let last = char_before(place.text, place.at);
        let first = place.read[place.from..].chars().next().unwrap_or('\n');
        excess + i64::from(inside(last) + model::cost(last, first).0) <= 0
    }

    /// Whether every such way is dearer.
    fn is_dearer(&self) -> bool {
        self.excess > 0
    }
}

impl Undone {
    /// Undoes a layer of a text, where each character has one code of the wrong decoder and those
    /// are all of the true codec. ASCII between such characters stands for itself.
    fn undo(&mut self, layer: &Layer, found: &str) -> Option<()> {
        self.text.clear();
        self.groups.clear();
        self.bytes.encode(&layer.wrong, found)?;
        match layer.truth {
            Codec::Utf8 => self.decode_utf8(),
            truth => self.decode(truth),
        }
    }

    fn decode_utf8(&mut self) -> Option<()> {
        self.text.push_str(str::from_utf8(&self.bytes.bytes).ok()?);
        let mut ends = &self.bytes.ends[..];
        let mut group = Group::default();
        for character in self.text.chars() {
            let of_character = ends.split_off(..character.len_utf8())?;
            group.read(character, of_character)?.end(of_character, &mut self.groups);
        }
        group.is_empty().then_some(())
    }

    /// Decodes text in another codec.
    fn decode(&mut self, truth: Codec) -> Option<()> {
        let Bytes { bytes, ends } = &self.bytes;
        let (mut bytes, mut ends) = (&bytes[..], &ends[..]);
        let mut group = Group::default();
        while !bytes.is_empty() {
            let First::Char(character, length) = truth.first(bytes) else { return None };
            let of_character = ends.split_off(..length)?;
            bytes = &bytes[length..];
            self.text.push(character);
            group.read(character, of_character)?.end(of_character, &mut self.groups);
        }
        group.is_empty().then_some(())
    }
}

impl Bytes {
    /// The bytes that a text was decoded from, where each character has one code.
    fn encode(&mut self, wrong: &Decoder, found: &str) -> Option<()> {
        // what vanished without a marker may have vanished anywhere
        let marker = wrong.marker().filter(|_| !wrong.loses_unmarked())?;
        let table = wrong.table();
        self.bytes.clear();
        self.ends.clear();
        for symbol in found.chars() {
            if symbol == marker {
                return None;
            }
            let end = END + symbol.len_utf8() as u16;
            if let Some([byte]) = table.only_code_of(symbol) {
                self.bytes.push(byte);
                self.ends.push(end);
                continue;
            }
            let code = table.only_code(symbol)?;
            // in UTF-16, ASCII is damaged, too
            if symbol.is_ascii() {
                return None;
            }
            code.append_to(&mut self.bytes);
            self.ends.resize(self.bytes.len() - 1, 0);
            self.ends.push(end);
        }
        Some(())
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.read.characters == 0
    }

    /// Adds a character of the true codec, of whose bytes these are the [`Bytes::ends`]; `None` for
    /// one that was lost before this damage, which is for the search to weigh.
    fn read(&mut self, character: char, ends: &[u16]) -> Option<&mut Group> {
        let found: u16 = ends.iter().sum();
        self.found +=
            Extent { bytes: usize::from(found % END), characters: usize::from(found / END) };
        self.read += Extent { bytes: character.len_utf8(), characters: 1 };
        (character != char::REPLACEMENT_CHARACTER).then_some(self)
    }

    /// Adds it to `groups` and begins the next one, if the last byte of what was read is the last
    /// of a character as found.
    fn end(&mut self, ends: &[u16], groups: &mut Vec<Group>) {
        if ends.last() != Some(&0) {
            groups.push(std::mem::take(self));
        }
    }
}

impl AddAssign for Extent {
    fn add_assign(&mut self, more: Extent) {
        self.bytes += more.bytes;
        self.characters += more.characters;
    }
}

/// Makes groups of what was undone twice: `inner` from the text between both to what it was, and
/// then from the text as found to what it was.
fn join(outer: &[Group], inner: &mut Vec<Group>) {
    let mut outer = outer.iter();
    let mut joined = Group::default();
    // how much more the outer groups have taken of the text between than the inner ones
    let mut ahead = 0;
    inner.retain_mut(|group| {
        joined.read += group.read;
        while ahead < group.found.bytes
            && let Some(outer) = outer.next()
        {
            joined.found += outer.found;
            ahead += outer.read.bytes;
        }
        ahead -= group.found.bytes;
        let is_whole = ahead == 0;
        if is_whole {
            *group = std::mem::take(&mut joined);
        }
        is_whole
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Decoder, Flavour};
    use crate::edit::Edit;
    use crate::repair::Options;
    use crate::repair::transcode::lattice::{Passage, Search};
    use crate::repair::transcode::reading::{NO_LIMIT, Reading};
    use crate::repair::transcode::run::Standing;

    const LINES: [&str; 3] = [
        "系统正在检查您的网络连接，请稍候再试一次。\n",
        "第3页：打印机(HP)缺纸，请加纸后按“继续”。\n",
        "會議改在下週二下午三點，地點不變。\n",
    ];

    fn layer(wrong: Codec, truth: Codec) -> Layer {
        Layer { wrong: Decoder::new(wrong, Flavour::WEB), truth }
    }

    /// What a path makes of a text, and the path.
    fn damaged(layers: &[Layer], text: &str) -> Option<(String, Path)> {
        let damage =
            |text: String, layer: &Layer| Some(layer.wrong.decode(&layer.truth.encode(&text)?));
        let shown = layers.iter().rev().try_fold(text.to_owned(), damage)?;
        Some((shown, Path::new(layers.to_vec())))
    }

    fn edits_of_line(path: &Path, text: &str) -> Option<Vec<Edit>> {
        let run = LineReader::default().read(path, text, 0..text.len())?;
        let mut edits = Vec::new();
        run.add_edits(text, path, Standing::Known, &Options::default(), &mut edits);
        Some(edits)
    }

    #[test]
    fn a_line_is_read_as_by_the_search() {
        let paths: [&[Layer]; 6] = [
            &[layer(Codec::Latin1, Codec::Utf8)],
            &[layer(Codec::Latin1, Codec::Gbk)],
            &[layer(Codec::Koi8R, Codec::Big5)],
            &[layer(Codec::Gbk, Codec::Big5)],
            &[layer(Codec::Cp1252, Codec::Utf8), layer(Codec::Latin1, Codec::Utf8)],
            &[layer(Codec::Latin1, Codec::Utf8), layer(Codec::Latin1, Codec::Gbk)],
        ];
        let mut read = 0;
        for (layers, line) in paths.iter().flat_map(|path| LINES.map(|line| (path, line))) {
            let Some((shown, path)) = damaged(layers, line) else { continue };
            let Some(edits) = edits_of_line(&path, &shown) else { continue };
            let passage = Passage::of(&shown, 0..shown.len());
            let reading = Reading::new(&mut Search::of(&shown), passage, path.clone(), NO_LIMIT);
            let searched = reading.unwrap().edits(&shown, Standing::Known, &Options::default());
            assert_eq!(edits, searched, "{shown}");
            assert_eq!(crate::edit::apply(&shown, &edits), line);
            read += 1;
        }
        assert!(read >= 12, "{read}");
    }

    #[test]
    fn a_line_with_a_loss_or_with_clean_text_is_for_the_search() {
        let (shown, path) = damaged(&[layer(Codec::Gbk, Codec::Big5)], LINES[2]).unwrap();
        let middle = shown.char_indices().nth(9).unwrap().0;
        let (before, behind) = shown.split_at(middle);
        assert!(edits_of_line(&path, &shown).is_some());
        for between in ["\u{FFFD}", "按下开始按钮以后等待", "приветствие"] {
            assert_eq!(
                edits_of_line(&path, &[before, between, behind].concat()),
                None,
                "{between}"
            );
        }
    }
}
