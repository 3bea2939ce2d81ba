//! A second look at what climbed: whether the language model, too, finds it as unlikely as damage.
//!
//! The weights of the gate know single characters and a few pairs; the model knows what stands
//! beside what. What it costs tells nearly all of clean text from damage, the better the fewer
//! scripts a core has: these are bits a character beyond ASCII, of cores of four characters.
//!
//! | cores of                 | damage, the least 1 % | clean, the middle         |
//! |--------------------------|-----------------------|---------------------------|
//! | ideographs               | 13.1                  | 11 (hans), 14 (classical) |
//! | Latin letters and signs  | 14                    | 12 (cs), 14 (fr), 15 (de) |
//! | anything, kana for one   | 10                    |                           |
//!
//! French costs as much as damage, but each `é` stands alone: see [`is_spelled`].

use std::ops::Range;

use super::Bar;
use crate::edit::Bits;
use crate::model::{self, Class};
use crate::scan::skip_ascii;
use crate::script::{self, char_before};

/// What a character of damage costs on average, at least: half-width katakana, which GBK
/// read as Shift_JIS turns into, come down to 10, and clean text is at 6 to 8.
const UNLIKELY: Bits = Bits::whole(9);
/// What ideographs and Chinese punctuation alone cost on average in damage. 99.7 % of what becomes
/// such cores on a path between double-byte codecs costs as much, Korean read as GBK or EUC-JP the
/// least; of those in clean text, 37 % (Simplified) and 56 % (Traditional), which are verse and
/// names, and ideographs beside English.
const UNLIKELY_CHINESE: Bits = Bits::whole(12);
/// What Latin letters and signs alone cost on average in damage: 99.9 % of damage on each path, and
/// of clean cores 26 % (Czech) to 96 % (German and French).
const UNLIKELY_LATIN: Bits = Bits::whole(13);
/// What is more than this an ideograph, summed up and held at zero from below, climbs in damage,
/// and in clean text at a rare character; over the peak, the core holds damage with clean text
/// between, whatever its mean. (In Latin letters, clean text costs hardly less than damage.)
const CLIMBING: Bits = Bits::whole(11);
const PEAK: Bits = Bits::whole(20);

/// What letters of an alphabet that has no ASCII gain, at least, by a repair of nothing else: the
/// search asks as much. Capitals that open a sentence or a list cost 10 to 20 bits each: four in ten
/// suspects of Russian text were such.
const GAIN_OF_LETTERS: Bits = Bits::whole(45);
/// What such a letter is read as costs at least. Three are a syllable of Korean in UTF-8, which is
/// 6 and more.
const READ_LETTER: Bits = Bits::whole(2);
/// Letters on each side of a core that are read with it, at most.
const BESIDE: usize = 16;

/// Whether a core may be damage by what it costs.
pub(super) fn is_unlikely(text: &str, core: Range<usize>, bar: Bar) -> bool {
    is_unlikely_but_for(text, core.clone(), None)
        && !(bar == Bar::Unknown && is_few_letters(text, core))
}

/// Whether a core is letters of such an alphabet that cost too little for a repair of nothing else.
fn is_few_letters(text: &str, core: Range<usize>) -> bool {
    let Range { start, end } = with_letters_beside(text, core);
    let letters = &text[start..end];
    let before = char_before(text, start);
    // `ЎC` is the 。 of Big5, and in `Ў°` the sign is a byte, too; what is below 40 is none
    let is_part = |c: char| !matches!(c, '\0'..'\x40' | '\x7F');
    let goes_on = !before.is_ascii() || text[end..].starts_with(is_part);
    if goes_on || letters.chars().any(|c| is_part(c) && !is_letter_of_its_own(c)) {
        return false;
    }
    let costs = letters.chars().zip(model::steps_of_each(before, letters));
    let of_letters = costs.filter(|(c, _)| !c.is_ascii());
    let gain = of_letters.map(|(_, cost)| i64::from((cost - READ_LETTER.0).max(0)));
    gain.sum::<i64>() < GAIN_OF_LETTERS.0.into()
}

/// A core with the letters that go on beside it, of which the gate takes some for clean.
fn with_letters_beside(text: &str, core: Range<usize>) -> Range<usize> {
    let length = |letters: &mut dyn Iterator<Item = char>| -> usize {
        let letters = letters.take(BESIDE).take_while(|&c| is_letter_of_its_own(c));
        letters.map(char::len_utf8).sum()
    };
    let before = length(&mut text[..core.start].chars().rev());
    let behind = length(&mut text[core.end..].chars());
    core.start - before..core.end + behind
}

/// Whether it is a letter of an alphabet that has no ASCII.
fn is_letter_of_its_own(c: char) -> bool {
    let of_alphabet =
        matches!(Class::of(c), Class::CyrillicLower | Class::CyrillicUpper | Class::Greek);
    of_alphabet && script::is_letter(c)
}

/// Whether a core may be damage by what is left in it beside lost characters: not so is text that
/// was repaired as far as it could be.
pub fn is_unlikely_beside_losses(text: &str, core: Range<usize>) -> bool {
    is_unlikely_but_for(text, core, Some(char::REPLACEMENT_CHARACTER))
}

/// Whether a core may be damage by what it costs, leaving one character out.
fn is_unlikely_but_for(text: &str, core: Range<usize>, left_out: Option<char>) -> bool {
    let bytes = &text.as_bytes()[..core.end];
    let mut previous = char_before(text, core.start);
    // a line of a megabyte costs more than 32 bits hold
    let (mut cost, mut characters) = (0i64, 0);
    let (mut climb, mut peak) = (0, 0);
    let (mut is_chinese, mut is_latin) = (true, true);
    let mut at = core.start;
    while let Some(next) = text[at..core.end].chars().next() {
        let is_left_out = left_out == Some(next);
        if !is_left_out {
            let step = model::cost(previous, next).0;
            cost += i64::from(step);
            climb = (climb + step - CLIMBING.0).clamp(0, PEAK.0);
            peak = peak.max(climb);
            is_chinese &= is_in_chinese(next);
            is_latin &= is_in_latin(next);
            characters += 1;
        }
        let behind = at + next.len_utf8();
        at = skip_ascii(bytes, behind);
        previous = match at > behind {
            true => char::from(bytes[at - 1]),
            // whatever stood there, it was no worse a neighbour than a blank
            false if is_left_out => ' ',
            false => next,
        };
    }
    let least = if is_latin {
        UNLIKELY_LATIN
    } else if is_chinese && peak < PEAK.0 {
        UNLIKELY_CHINESE
    } else {
        UNLIKELY
    };
    let is_dear = characters > 0 && cost >= i64::from(least.0) * characters;
    is_dear && !(is_latin && is_spelled(text, core))
}

/// Whether letters with accents stand alone among plain ones, as in `État d’âme : « créé »`.
///
/// UTF-8 of which every byte became a character has two or more in a row. What a scraper takes
/// out of them leaves capitals alone, of which four lead letters of Latin scripts and two more
/// those of Russian: `sÃ` for sí. In double-byte codecs, letters mostly lead rare ideographs (`é` E9
/// in GBK), and what is behind them is seldom ASCII.
fn is_spelled(text: &str, core: Range<usize>) -> bool {
    let mut before = ['\n', char_before(text, core.start)];
    for c in text[core].chars() {
        let fits = match before {
            _ if c.is_ascii() => true,
            // `é »` with a no-break space is E9 A0 BB
            [letter, sign] if is_spelled_letter(letter) && is_typographic(sign) => false,
            [_, previous] if is_spelled_letter(c) => previous.is_ascii() || previous == '’',
            [_, previous] => is_typographic(c) && (previous.is_ascii() || !is_capital(previous)),
        };
        if !fits {
            return false;
        }
        before = [before[1], c];
    }
    true
}

/// Whether a letter with an accent is not one that UTF-8 often leads with: C2 to C5, D0 and D1.
fn is_spelled_letter(c: char) -> bool {
    let leads = ['Â', 'Ã', 'Ä', 'Å', 'Ð', 'Ñ'];
    Class::of(c) == Class::LatinLower || is_capital(c) && !leads.contains(&c)
}

fn is_capital(c: char) -> bool {
    Class::of(c) == Class::LatinUpper
}

/// Whether it is a sign that languages in Latin letters have in every text.
fn is_typographic(c: char) -> bool {
    matches!(c, '\u{A0}' | '«' | '»' | '–' | '—' | '‘' | '’' | '“' | '”' | '…')
}

/// Whether Chinese text is made of such characters.
fn is_in_chinese(c: char) -> bool {
    matches!(Class::of(c), Class::Han)
        || c.is_ascii()
        || matches!(c, '，' | '。' | '、' | '；' | '：' | '？' | '！' | '“' | '”' | '‘' | '’')
        || matches!(c, '（' | '）' | '《' | '》')
}

/// Whether text in Latin letters is made of such characters, and what single-byte codecs make
/// of other text: signs, and lines and blocks.
fn is_in_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}' | '\u{2000}'..='\u{2E7F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, Decoder, Flavour};

    fn is_all_spelled(text: &str) -> bool {
        is_spelled(text, 0..text.len())
    }

    #[test]
    fn languages_in_latin_letters_are_spelled() {
        for text in
            ["État d’âme «\u{A0}fier\u{A0}», déjà… à l’œil", "Köln – schöne Straße", "añadió"]
        {
            assert!(is_all_spelled(text), "{text}");
        }
    }

    #[test]
    fn a_few_letters_are_no_damage() {
        let is_few = |text: &str, core: &str| {
            let start = text.find(core).unwrap();
            is_few_letters(text, start..start + core.len())
        };
        assert!(is_few("команду Формат – Строка", "Ф"));
        assert!(is_few("новыми. В режиме перезаписи", "В р"));
        // モデ in Shift_JIS, 。 in Big5, and Korean in UTF-8, of which the gate takes a part
        assert!(!is_few("ГВГf", "ГВГ"));
        assert!(!is_few("看到ЎC在", "Ў"));
        assert!(!is_few("ьЮмЫД", "Юм"));
    }

    #[test]
    fn what_decoders_make_of_them_is_not() {
        let lines = ["déjà créé", "Grüße", "– 20 €", "naïf", "sí", "привет", "中文", "日本"];
        for line in lines {
            for codec in [Codec::Latin1, Codec::Cp1252, Codec::MacRoman, Codec::Cp437] {
                for flavour in Flavour::ALL {
                    let damaged = Decoder::new(codec, flavour).decode(line.as_bytes());
                    assert!(!is_all_spelled(&damaged), "{codec} {flavour:?} {damaged}");
                }
            }
        }
    }
}
