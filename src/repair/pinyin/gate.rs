//! Injected or honest? Decided on the whole document.
//!
//! An injector works through a list of characters and puts the same bracket
//! behind each occurrence of each. The list holds everyday Traditional characters,
//! because those are what the site's readers cannot be expected to need a reading
//! for. People annotate otherwise: rare characters, at their first occurrence; in
//! textbooks every character, Simplified ones too; polyphones with several readings.

use rustc_hash::FxHashMap;

use super::bracket::Bracket;
use super::reading::{Fit, Syllable};
use super::script::{is_common, is_in_gb2312};
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
        let minimum = if toneless { MIN_TONELESS } else { MIN_BRACKETS };
        let mut list = List { listed: FxHashMap::default(), toneless };
        let mut evidence = Evidence::default();
        let mut end = 0;
        // those that straddle characters are too rare to tell anything
        for bracket in brackets.iter().filter(|bracket| !bracket.straddles) {
            let doubled = bracket.range.start == end;
            if list.admit(text, bracket, doubled, &mut evidence) {
                end = bracket.range.end;
                if !doubled {
                    evidence.add_site(text, bracket);
                }
            }
        }
        let is_enough = || evidence.weight() >= minimum && evidence.is_everywhere(text, &list);
        let injected =
            evidence.brackets > 0 && evidence.is_like_injection() && (known || is_enough());
        injected.then_some(list)
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
    /// Characters with brackets, those with several counted once.
    sites: usize,
    common: usize,
    running: usize,
}

impl Evidence {
    fn add_site(&mut self, text: &str, bracket: &Bracket) {
        self.sites += 1;
        self.common += usize::from(is_common(bracket.owner));
        let before = text[..bracket.owner_at].chars().next_back();
        let behind = text[bracket.range.end..].chars().next();
        let running = |neighbour: Option<char>| neighbour.is_some_and(|n| is_han(n) || n == ')');
        self.running += usize::from(running(before) || running(behind));
    }

    /// How many brackets an injector would have made, those that repeat one counted higher.
    fn weight(&self) -> usize {
        let repeated = self.brackets.saturating_sub(self.distinct);
        self.brackets + repeated * (REPEATED - 1)
    }

    fn is_like_injection(&self) -> bool {
        self.against * OUTLIERS <= self.brackets
            && self.common * 10 >= self.sites * COMMON_OF_TEN
            && self.running * 10 >= self.sites * RUNNING_OF_TEN
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
