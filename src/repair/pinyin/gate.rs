//! Injected or honest? Decided on the whole document.
//!
//! An injector works through a list of characters and puts the same bracket
//! behind each occurrence of each. The list holds everyday Traditional characters,
//! because those are what the site's readers cannot be expected to need a reading
//! for. People annotate otherwise: rare characters, at their first occurrence; in
//! textbooks every character, Simplified ones too; polyphones with several readings.

use rustc_hash::{FxHashMap, FxHashSet};

use super::bracket::Bracket;
use super::page::Known;
use super::reading::{Fit, Syllable};
use super::script::{Origin, is_common, is_in_gb2312, origin};
use crate::edit::Bits;
use crate::scan::{CHAR_BYTES, POINTS, point};
use crate::script::is_han;

/// Brackets that a document needs before any is taken for injected.
///
/// Real pages have at least one in 50 characters; four or fewer are what an honest
/// paragraph may hold.
const MIN_BRACKETS: usize = 5;

/// What a bracket behind a character that had one before counts for: nobody gives
/// the reading of an everyday character twice.
const REPEATED: usize = 3;

/// Characters with brackets that a document needs besides: one that is glossed again and again is
/// in a quotation. Lists have hundreds.
const MIN_DISTINCT: usize = 2;

/// Characters of text for each bracket, at least, where all are on the same one: a page that was
/// injected may have one character of the list, as often as text has it, and a quotation repeats
/// its own within a line.
const APART: usize = 20;

/// What a doubled bracket counts for besides, `心(xin)(xin)`. Nobody writes a reading twice in a
/// row, so two are enough for a document of either kind; one may be a slip of the keyboard.
const DOUBLED: usize = MIN_TONELESS / 2;

/// Doubled brackets with which nothing else needs to be the same throughout the document.
const DOUBLED_ENOUGH: usize = 2;

/// Characters with brackets that are enough where none but an injector would have given their
/// readings, and those that are not few; two are what an honest sentence may have.
const FEW: usize = 3;

/// What characters cost in the mean at most whose readings nobody needs, whatever stands before
/// them: 會, 來 and 個 are at 10 to 12 bits, what people gloss is at 15 (盡, 葉) and more (垚: 24).
const EVERYDAY_COST: i32 = 14 * Bits::ONE.0;

/// How unlikely it must be, in bits, that somebody who gives the readings of some characters of
/// the text takes such only as a conversion made, where these are few. With three of running
/// text that was converted it is 4 to 6; with lists of words, in which all may be such, 1 to 3.
const FEW_BITS: Bits = Bits::whole(4);

/// What lines of one length need, which may be verse: of the 30 different characters of a poem, five
/// of which somebody glosses, it is 10 bits where these are of the 13 that a conversion made.
const ALL_CONVERTED_BITS: Bits = Bits::whole(12);

/// Brackets without tones that a document needs: nothing in the characters
/// themselves speaks for an injection there, so more of them have to.
const MIN_TONELESS: usize = 8;

/// One bracket in so many may speak against injection (a page that quotes a reading).
///
/// In 812 brackets of injected pages it was 4, all on 著, which is let off here.
const OUTLIERS: usize = 50;

/// One occurrence in so many of the listed characters may be without bracket: none
/// was in real pages, but shifted text can make one up.
const BARE: usize = 10;

/// Of ten brackets, those on everyday characters; in real pages ten.
const COMMON_OF_TEN: usize = 8;

/// Of ten brackets, those inside running text, with a Han character right before
/// their owner or right behind; in real pages nine and more, in word lists none.
const RUNNING_OF_TEN: usize = 6;

/// Of ten Han characters, those that may bear a toneless bracket: more is a reader
/// that annotates every character. Injected pages have three to five.
const ANNOTATED_OF_TEN: usize = 7;

/// Of ten items of a list of words, those with one reading; the others are titles.
const LISTED_OF_TEN: usize = 8;

/// Characters of a word, in the mean at most; verse has more in a line, and proverbs have four.
const WORD: usize = 4;

/// How many characters a line of regular verse has.
const VERSE: [usize; 4] = [4, 5, 6, 7];

/// Of ten lines of verse, those of the same length; the others are titles and poets.
const VERSE_OF_TEN: usize = 8;

/// Characters of GB2312 that OpenCC's conversion to Traditional puts in the place of
/// others (后→後, 于→於, 干→乾 …), and 著, so that they say nothing about the script.
const OF_BOTH_SCRIPTS: [char; 17] = [
    '著', '後', '於', '乾', '徵', '夥', '藉', '覆', '彷', '吒', '甯', '摺', '捱', '麴', '菸', '榘',
    '薹',
];

/// What the document's injector had on its list.
pub(super) struct List<'a> {
    /// Each listed character with what stands behind it.
    pub(super) listed: FxHashMap<char, Listed<'a>>,
    toneless: bool,
}

/// What an injector puts behind a character.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// The bracket as it stands in the text.
    pub(super) bracket: &'a str,
    /// What it holds.
    pub(super) syllable: Syllable,
    /// What each such bracket says.
    judgement: Judgement,
}

impl<'a> List<'a> {
    /// The list of the document's injector; `None` where its brackets are honest or few.
    ///
    /// Where an injector is `known` to have been at the document, and brackets of its are gone
    /// from it by now, few are enough, and their characters may stand elsewhere without.
    pub(super) fn infer(text: &'a str, brackets: &[Bracket], known: bool) -> Option<List<'a>> {
        if brackets.is_empty() {
            return None;
        }
        let infer = |toneless| Self::infer_one(text, brackets, toneless, known);
        infer(false).or_else(|| infer(true))
    }

    fn infer_one(
        text: &'a str,
        brackets: &[Bracket],
        toneless: bool,
        known: bool,
    ) -> Option<List<'a>> {
        let (list, evidence) = Self::gather(text, brackets, toneless);
        let injected = evidence.brackets > 0
            && evidence.is_like_injection()
            && (known || evidence.is_enough(text, &list) && !is_word_list(text, brackets));
        injected.then_some(list)
    }

    /// The list of an injector if it was at a document that only has brackets, few or none, as it
    /// makes them.
    pub(super) fn suspect(text: &'a str, brackets: &[Bracket]) -> Option<List<'a>> {
        let (list, evidence) = Self::gather(text, brackets, false);
        evidence.is_like_injection().then_some(list)
    }

    /// Lists the owners of all brackets that an injector may have made.
    fn gather(text: &'a str, brackets: &[Bracket], toneless: bool) -> (List<'a>, Evidence) {
        let mut list = List { listed: FxHashMap::default(), toneless };
        let mut evidence = Evidence::default();
        let (mut end, mut in_row) = (0, 0);
        // those that straddle characters are too rare to tell anything
        for bracket in brackets.iter().filter(|bracket| !bracket.straddles) {
            let doubled = bracket.range.start == end;
            if list.admit(text, bracket, doubled, &mut evidence) {
                end = bracket.range.end;
                in_row = if doubled { in_row + 1 } else { 1 };
                evidence.doubled += usize::from(in_row == 2);
                if !doubled {
                    evidence.add_site(text, bracket);
                }
            }
        }
        (list, evidence)
    }

    /// Lists the owner of a bracket that an injector would have made, with what it says; whether it
    /// is one.
    fn admit(
        &mut self,
        text: &'a str,
        bracket: &Bracket,
        doubled: bool,
        evidence: &mut Evidence,
    ) -> bool {
        let judgement = self.judgement(bracket);
        match judgement {
            Judgement::Neutral if !self.strips(bracket) => return false,
            Judgement::Against => {
                evidence.against += 1;
                return false;
            }
            Judgement::Neutral | Judgement::For => {}
        }
        let speaks_for = judgement == Judgement::For;
        let as_listed = self.listed.entry(bracket.owner).or_insert_with(|| {
            evidence.distinct += usize::from(speaks_for);
            let Bracket { range, syllable, .. } = bracket;
            Listed { bracket: &text[range.clone()], syllable: *syllable, judgement }
        });
        if speaks_for && as_listed.syllable != bracket.syllable {
            evidence.against += 1;
            return false;
        }
        evidence.brackets += usize::from(speaks_for && !doubled);
        true
    }

    /// Whether the characters are so common that nobody gives their readings.
    fn is_everyday(&self) -> bool {
        let listed = self.listed.iter().filter(|(_, listed)| listed.judgement == Judgement::For);
        let costs: Vec<i32> = listed.map(|(&owner, _)| Known::of(owner).cost_alone()).collect();
        costs.iter().sum::<i32>() <= EVERYDAY_COST * costs.len() as i32
    }

    /// What a bracket says; most are like the one that is listed.
    fn judgement(&self, bracket: &Bracket) -> Judgement {
        let listed = self.listed.get(&bracket.owner);
        let alike = listed.filter(|listed| listed.syllable == bracket.syllable);
        alike.map_or_else(|| self.judge(bracket), |listed| listed.judgement)
    }

    fn judge(&self, bracket: &Bracket) -> Judgement {
        match (self.toneless, bracket.syllable.has_tone(), bracket.fit) {
            (true, false, Some(_)) => Judgement::For,
            (true, false, None) => Judgement::Neutral,
            // somebody writes tones here and leaves out the neutral one: 子(zi)
            (true, true, _) => Judgement::Against,
            _ if OF_BOTH_SCRIPTS.contains(&bracket.owner) => Judgement::Neutral,
            // 麼(me) has no tone to tell it from an English gloss, 數據(data)
            (false, false, _) => Judgement::Neutral,
            (false, true, Some(_)) if !is_in_gb2312(bracket.owner) => Judgement::For,
            (false, true, _) => Judgement::Against,
        }
    }

    /// Whether a character may be on the list: where brackets have tones, one of Traditional text.
    pub(super) fn may_have(&self, character: char) -> bool {
        self.toneless || !is_in_gb2312(character) || OF_BOTH_SCRIPTS.contains(&character)
    }

    /// Whether a bracket of this document goes.
    pub(super) fn strips(&self, bracket: &Bracket) -> bool {
        let has_tone = bracket.syllable.has_tone();
        let listed = !(self.toneless && has_tone) && self.may_have(bracket.owner);
        let fits = match bracket.fit {
            Some(Fit::Usual) => true,
            Some(_) => !bracket.straddles || self.listed.contains_key(&bracket.owner),
            None => false,
        };
        listed && fits
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Judgement {
    For,
    Against,
    Neutral,
}

/// What a document's brackets have in common.
#[derive(Default)]
struct Evidence {
    /// Brackets that an injector would have made.
    brackets: usize,
    /// Characters whose first bracket is one of those.
    distinct: usize,
    /// Brackets that no injector makes.
    against: usize,
    /// Brackets that give another reading than the usual one, as people do.
    unusual: usize,
    /// Characters with the same bracket twice and more in a row.
    doubled: usize,
    /// Characters with brackets, those with several counted once.
    sites: usize,
    common: usize,
    running: usize,
}

impl Evidence {
    fn add_site(&mut self, text: &str, bracket: &Bracket) {
        self.sites += 1;
        self.common += usize::from(is_common(bracket.owner));
        self.unusual += usize::from(bracket.fit != Some(Fit::Usual));
        let before = text[..bracket.owner_at].chars().next_back();
        let behind = text[bracket.range.end..].chars().next();
        let running = |neighbour: Option<char>| neighbour.is_some_and(|n| is_han(n) || n == ')');
        self.running += usize::from(running(before) || running(behind));
    }

    /// How many brackets an injector would have made, those that repeat one counted higher.
    fn weight(&self) -> usize {
        let repeated = self.brackets.saturating_sub(self.distinct);
        self.brackets + repeated * (REPEATED - 1) + self.doubled * DOUBLED
    }

    /// Whether there are more brackets than an honest document may have.
    fn is_enough(&self, text: &str, list: &List<'_>) -> bool {
        self.doubled >= DOUBLED_ENOUGH
            || self.is_of_many(text, list)
            || !list.toneless && self.is_of_few(text, list)
    }

    /// Whether there are many brackets, on characters that always bear theirs.
    ///
    /// Where they are on two characters only, or in verse, people may have put them there, but
    /// not on everyday ones.
    fn is_of_many(&self, text: &str, list: &List<'_>) -> bool {
        let minimum = if list.toneless { MIN_TONELESS } else { MIN_BRACKETS };
        self.weight() >= minimum
            && (self.distinct >= MIN_DISTINCT || self.are_apart(text))
            && self.is_everywhere(text, list)
            && (list.is_everyday()
                || self.distinct >= FEW && (!is_verse(text) || self.is_of_all_converted(text)))
    }

    /// Whether (nearly) all characters that a conversion made bear brackets, and so many that
    /// nobody took these for being rare: `首頁(yè)⏎產(chǎn)品展示⏎聯(lián)繫…` has lines of the
    /// same length without being verse.
    fn is_of_all_converted(&self, text: &str) -> bool {
        let (converted, all) = converted(&distinct_han(text));
        converted.saturating_sub(self.distinct) * BARE <= converted
            && accident(self.distinct, converted, all) >= ALL_CONVERTED_BITS
    }

    /// Whether the brackets are as far apart as in a page that was injected.
    fn are_apart(&self, text: &str) -> bool {
        text.chars().filter(|&character| is_han(character)).count() >= APART * self.brackets
    }

    fn is_like_injection(&self) -> bool {
        self.against * OUTLIERS <= self.brackets
            && self.common * 10 >= self.sites * COMMON_OF_TEN
            // word lists have no doubled ones either
            && (self.running + self.doubled) * 10 >= self.sites * RUNNING_OF_TEN
    }

    /// Whether few brackets are where an injector puts them and people do not: in running text on
    /// the most common characters, each in its usual reading, and just on those that a conversion
    /// made.
    ///
    /// Verse is left alone: it is what people annotate.
    fn is_of_few(&self, text: &str, list: &List<'_>) -> bool {
        if self.against + self.unusual > 0 || self.common < self.sites || self.distinct < FEW {
            return false;
        }
        if !list.is_everyday() || is_verse(text) {
            return false;
        }
        let han = distinct_han(text);
        let is_simplified =
            |&character: &char| is_in_gb2312(character) && origin(character) == Origin::Alien;
        if han.iter().any(is_simplified) {
            return false;
        }
        let (converted, all) = converted(&han);
        accident(self.distinct, converted, all) >= FEW_BITS && self.is_everywhere(text, list)
    }

    /// Whether (nearly) every occurrence of a listed character bears its bracket.
    fn is_everywhere(&self, text: &str, list: &List<'_>) -> bool {
        let mut listed = vec![0u64; POINTS.div_ceil(64)];
        for &character in list.listed.keys() {
            if (character as usize) < POINTS {
                listed[character as usize / 64] |= 1 << (character as usize % 64);
            }
        }
        // at the other bytes of characters there is a point that no Han character has
        let occurrences = text.as_bytes().windows(CHAR_BYTES).filter(|bytes| {
            let point = point(bytes.first_chunk().expect("a window"));
            listed[point / 64] >> (point % 64) & 1 == 1
        });
        let bare = occurrences.count().saturating_sub(self.sites);
        let han = || text.chars().filter(|&character| is_han(character)).count();
        bare * BARE <= self.sites && (!list.toneless || self.sites * 10 <= han() * ANNOTATED_OF_TEN)
    }
}

/// The Han characters of a text, each once.
fn distinct_han(text: &str) -> FxHashSet<char> {
    text.chars().filter(|&character| is_han(character)).collect()
}

/// How many of some characters a conversion made of common ones, and how many there are.
fn converted(han: &FxHashSet<char>) -> (usize, usize) {
    let is_converted = |&&character: &&char| is_common(character) && !is_in_gb2312(character);
    (han.iter().filter(is_converted).count(), han.len())
}

/// Whether a text is a list of words with one reading each, `學(xué)習⏎電(diàn)話⏎飛(fēi)機`:
/// an injector leaves some words as they are and puts two readings into others.
fn is_word_list(text: &str, brackets: &[Bracket]) -> bool {
    let is_between = |c: char| c.is_whitespace() || "，。；？！、：,.;?!:/|".contains(c);
    let index = |at| brackets.partition_point(|bracket| bracket.range.end <= at);
    // the blank of `會(huì )` is between no items
    let is_outside =
        |&at: &usize| brackets.get(index(at)).is_none_or(|bracket| at < bracket.range.start);
    let ends = text.match_indices(is_between).map(|(at, _)| at).filter(is_outside);
    let (mut items, mut with_one, mut han) = (0, 0, 0);
    let mut start = 0;
    for end in ends.chain(std::iter::once(text.len())) {
        let inside = &brackets[index(start)..index(end)];
        let characters = text[start..end].chars().filter(|&c| is_han(c)).count();
        start = end;
        if characters == 0 {
            continue;
        }
        let is_one = inside
            .first()
            .is_some_and(|first| inside.iter().all(|bracket| bracket.owner_at == first.owner_at));
        (items, with_one, han) = (items + 1, with_one + usize::from(is_one), han + characters);
    }
    with_one * 10 >= items * LISTED_OF_TEN && han <= items * WORD
}

/// How unlikely it is that as many characters as are `taken` of `all` are of the `special` ones.
fn accident(taken: usize, special: usize, all: usize) -> Bits {
    let count = |count: usize, nth: usize| count.saturating_sub(nth).max(1) as u64;
    let bits = |nth: usize| Bits::of_share(count(special, nth), count(all, nth)).0;
    Bits((0..taken.min(all)).map(bits).sum())
}

/// Whether a text is lines of the same length between its marks, but for a title.
fn is_verse(text: &str) -> bool {
    let is_mark = |character: char| "，。；？！、：,.;?!:\n".contains(character);
    let lengths = text
        .split(is_mark)
        .map(|line| line.chars().filter(|&character| is_han(character)).count())
        .filter(|&length| length > 0);
    let lengths: Vec<usize> = lengths.collect();
    VERSE.into_iter().any(|verse| {
        let lines = lengths.iter().filter(|&&length| length == verse).count();
        lines >= 2 && lines * 10 >= lengths.len() * VERSE_OF_TEN
    })
}

#[cfg(test)]
mod tests {
    use super::super::bracket::brackets;
    use super::*;

    fn is_injected(text: &str) -> bool {
        List::infer(text, &brackets(text), false).is_some()
    }

    #[test]
    fn a_reading_is_never_doubled_by_people() {
        assert!(is_injected("船(chuan)(chuan)還沒有靠岸，碼頭上站滿(man)(man)了人。"));
        assert!(!is_injected("船(chuan)還沒有靠岸，碼頭上站滿(man)(man)了人。"));
        assert!(!is_injected("船(chuan)還沒有靠岸，碼頭上站滿(man)了人。"));
    }

    #[test]
    fn few_are_enough_on_everyday_characters_of_converted_text() {
        assert!(is_injected("橋建成後，這(zhè)裏的村民過(guò)河不必再繞路，來(lái)往方便。"));
        // people gloss these
        assert!(!is_injected("廚(chú)房的窗戶朝東，早上曬(shài)得到太陽，爐(lú)子在門邊。"));
        // words by themselves
        assert!(!is_injected("這(zhè)裏、過(guò)河、來(lái)往"));
        // Simplified text that quotes Traditional characters
        assert!(!is_injected("简化以前，这裏的字是這(zhè)樣寫的，來(lái)去的過(guò)程也是。"));
        // verse
        assert!(!is_injected("春風過(guò)大江，夜雨來(lái)小樓。這(zhè)裏無人問，明日又行舟。"));
    }

    #[test]
    fn one_character_again_and_again_is_a_quotation() {
        assert!(!is_injected(&"「快讓(ràng)開！」他又喊。".repeat(5)));
        let page = "我們沿著河岸走了一個上午，中午在樹下吃飯，傍晚才從這(zhè)邊坐船回去。\n";
        assert!(is_injected(&page.repeat(5)));
        assert!(is_injected(&"這(zhè)時他又來(lái)喊。".repeat(3)));
    }

    #[test]
    fn taking_some_of_many_is_an_accident() {
        // of 4 one takes 2 in 6 ways, of 2 in one
        assert_eq!(accident(2, 2, 4).0 / Bits::ONE.0, 2);
        assert_eq!(accident(3, 9, 9), Bits(0));
    }

    #[test]
    fn verse_is_told_by_its_lines() {
        assert!(is_verse("江雪：千山鳥飛絕，萬徑人蹤滅。孤舟蓑笠翁，獨釣寒江雪。"));
        assert!(!is_verse("船還沒有靠岸，碼頭上已經站滿了接人的鄉親。"));
        assert!(!is_verse("首頁\n產品\n關於我們"));
    }

    #[test]
    fn words_with_one_reading_each_are_a_list() {
        assert!(!is_injected("生詞：\n學(xué)習\n電(diàn)話\n飛(fēi)機\n車(chē)站\n書(shū)包\n"));
        let menu = "首頁(yè)\n飛(fēi)機(jī)車(chē)票\n電(diàn)話(huà)\n天氣\n書(shū)店\n";
        assert!(is_injected(menu));
        assert!(is_injected("開(kāi )門(mén )以後，請(qǐng )從這(zhè )邊走，不要過(guò )河。"));
    }

    #[test]
    fn a_menu_is_no_verse() {
        let menu = "學(xué)校概況\n師(shī)資隊(duì)伍\n校園(yuán)風(fēng)采\n聯(lián)繫(xì)方式\n";
        assert!(is_verse(menu) && is_injected(menu));
        // where the rarest of them are glossed
        let poem = "國破山河在，城春草木深。感時花濺(jiàn)淚，恨別鳥驚(jīng)心。\
                    烽火連(lián)三月，家書抵萬(wàn)金。白頭搔更短，渾(hún)欲不勝簪。";
        assert!(is_verse(poem) && !is_injected(poem));
    }
}
