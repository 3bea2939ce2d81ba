//! The characters of GBK by their second bytes, with what they cost on a page.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::search::Search;
use crate::codec::{Codec, Flavour};
use crate::edit::Bits;
use crate::repair::pinyin::page::{Known, Next};

/// Characters so much rarer than the commonest one with their second byte do not count.
pub(super) const RARE: i32 = 14 * Bits::ONE.0;

/// A character by its first byte, with what it costs on the page behind any, and alone.
#[derive(Clone, Copy)]
pub(super) struct OnPage {
    pub(super) first: u8,
    pub(super) next: Next,
    pub(super) alone: i32,
}

impl OnPage {
    pub(super) fn new(search: &Search<'_>, first: u8, character: char) -> OnPage {
        OnAnyPage::new(first, character).on_page_of(search)
    }
}

/// What does not depend on the page of a character by its first byte.
struct OnAnyPage {
    first: u8,
    known: Known,
    alone: i32,
}

impl OnAnyPage {
    fn new(first: u8, character: char) -> OnAnyPage {
        let known = Known::of(character);
        OnAnyPage { first, known, alone: known.cost_alone() }
    }

    fn on_page_of(&self, search: &Search<'_>) -> OnPage {
        let next = search.page.next_known(self.known);
        OnPage { first: self.first, next, alone: search.page.adapted(self.alone, ' ', next) }
    }
}

/// By their second bytes. A page with a split mark asks for all of them: to look them up in the
/// model each time took a tenth of the time of a page.
static BY_TRAIL: LazyLock<Vec<Vec<OnAnyPage>>> = LazyLock::new(|| {
    let table = Codec::Gbk.table(Flavour::WINDOWS);
    let pair = |first, trail| Some(OnAnyPage::new(first, table.pair(first, trail)?));
    let by_trail = |trail| (0x81..=0xFE).filter_map(|first| pair(first, trail)).collect();
    (0..=0xFF).map(by_trail).collect()
});

/// What the characters of GBK cost on a page, by their second bytes, as they are asked for.
#[derive(Default)]
pub(super) struct ByTrail(FxHashMap<u8, Vec<OnPage>>);

impl ByTrail {
    pub(super) fn ending_in(&mut self, search: &Search<'_>, trail: u8) -> &[OnPage] {
        self.0.entry(trail).or_insert_with(|| {
            let all = BY_TRAIL[usize::from(trail)].iter();
            let mut ending: Vec<OnPage> = all.map(|one| one.on_page_of(search)).collect();
            keep_likely(&mut ending, RARE, |one| one.alone);
            ending
        })
    }
}

/// Drops what is so much dearer than the cheapest.
pub(super) fn keep_likely<T>(all: &mut Vec<T>, margin: i32, cost: impl Fn(&T) -> i32) {
    let cheapest = all.iter().map(&cost).min().unwrap_or(0);
    all.retain(|one| cost(one) - cheapest <= margin);
}
