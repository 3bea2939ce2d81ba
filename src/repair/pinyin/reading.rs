//! Readings: a pinyin syllable as it stands in a bracket, and the characters it fits.

use pinyin::{ToPinyin, ToPinyinMulti};

/// One syllable of pinyin, letters and tone apart.
///
/// `yè` is the same syllable whether its mark is composed (U+00E8) or combining
/// (U+0065 U+0300); `ɡ` (U+0261), which many fonts and input methods of China
/// put for `g`, counts as `g`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Syllable {
    /// Lower-case letters, `ü` as `v`, the rest zero.
    letters: [u8; MAX_LETTERS],
    /// 1 to 4, or 0 where no tone is marked.
    tone: u8,
}

/// `chuang`, `shuang` and `zhuang` are the longest syllables.
const MAX_LETTERS: usize = 6;

/// How well a syllable fits a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The usual reading of the character; a syllable without tone fits every tone.
    Usual,
    /// Another of its readings: 編 biān is biàn in old books.
    Other,
    /// A reading but for its tone: the standards of the mainland and of Taiwan
    /// differ in tones, as in 績 jì and jī.
    OtherTone,
}

impl Syllable {
    /// Reads a syllable from the front of `text`; gives it with its length in bytes.
    ///
    /// The syllable ends at the first character that is no letter of pinyin, and
    /// need not exist in Mandarin: [`fit`](Self::fit) decides that.
    pub(super) fn parse(text: &str) -> Option<(Syllable, usize)> {
        let mut syllable = Syllable { letters: [0; MAX_LETTERS], tone: 0 };
        let mut len = 0;
        let mut end = text.len();
        for (at, character) in text.char_indices() {
            if let Some((letter, tone)) = letter(character) {
                *syllable.letters.get_mut(len)? = letter;
                len += 1;
                syllable.mark(tone)?;
            } else if let Some(mark) = combining(character) {
                let last = syllable.letters[..len].last_mut()?;
                match mark {
                    Mark::Tone(tone) => syllable.mark(tone)?,
                    Mark::Diaeresis if *last == b'u' => *last = b'v',
                    Mark::Diaeresis => return None,
                }
            } else {
                end = at;
                break;
            }
        }
        (len > 0).then_some((syllable, end))
    }

    /// Sets the tone; a syllable bears one mark only.
    fn mark(&mut self, tone: u8) -> Option<()> {
        match tone {
            0 => Some(()),
            _ if self.tone == 0 => {
                self.tone = tone;
                Some(())
            }
            _ => None,
        }
    }

    /// Whether a tone is marked.
    pub(super) fn has_tone(self) -> bool {
        self.tone != 0
    }

    /// The letters, whatever the tone.
    pub(super) fn letters(self) -> [u8; MAX_LETTERS] {
        self.letters
    }

    /// Whether and how the syllable is a reading of `character`.
    pub(super) fn fit(self, character: char) -> Option<Fit> {
        let readings = readings(character);
        readings.filter_map(|(reading, is_usual)| self.fit_reading(reading, is_usual)).min()
    }

    /// Whether and how the syllable is one reading of a character.
    pub(super) fn fit_reading(self, reading: Syllable, is_usual: bool) -> Option<Fit> {
        let same_tone = reading.tone == self.tone || self.tone == 0;
        (reading.letters == self.letters).then_some(match (same_tone, is_usual) {
            (true, true) => Fit::Usual,
            (true, false) => Fit::Other,
            (false, _) => Fit::OtherTone,
        })
    }
}

/// The readings of a character, each with whether it is the usual one.
pub(super) fn readings(character: char) -> impl Iterator<Item = (Syllable, bool)> {
    let all = character.to_pinyin_multi().into_iter().flatten();
    let usual = character.to_pinyin();
    all.filter_map(move |reading| {
        // the neutral tone goes unmarked in the table as well: 的 de
        let (syllable, _) = Syllable::parse(reading.with_tone())?;
        Some((syllable, usual == Some(reading)))
    })
}

/// A letter of pinyin with the tone it bears, 0 for none.
fn letter(character: char) -> Option<(u8, u8)> {
    /// The vowels in the order of their tones, which is also their order in GB2312 (A8A1–A8B9).
    const MARKED: [(u8, [char; 4]); 6] = [
        (b'a', ['ā', 'á', 'ǎ', 'à']),
        (b'e', ['ē', 'é', 'ě', 'è']),
        (b'i', ['ī', 'í', 'ǐ', 'ì']),
        (b'o', ['ō', 'ó', 'ǒ', 'ò']),
        (b'u', ['ū', 'ú', 'ǔ', 'ù']),
        (b'v', ['ǖ', 'ǘ', 'ǚ', 'ǜ']),
    ];
    match character {
        'a'..='z' => Some((character as u8, 0)),
        'ü' => Some((b'v', 0)),
        'ɡ' => Some((b'g', 0)),
        '\u{0}'..='\u{7F}' => None,
        _ => MARKED.iter().find_map(|&(letter, marked)| {
            let tone = marked.iter().position(|&vowel| vowel == character)?;
            Some((letter, tone as u8 + 1))
        }),
    }
}

enum Mark {
    Tone(u8),
    Diaeresis,
}

fn combining(character: char) -> Option<Mark> {
    Some(match character {
        '\u{304}' => Mark::Tone(1),
        '\u{301}' => Mark::Tone(2),
        '\u{30C}' => Mark::Tone(3),
        '\u{300}' => Mark::Tone(4),
        '\u{308}' => Mark::Diaeresis,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syllable(text: &str) -> Syllable {
        let (syllable, len) = Syllable::parse(text).unwrap();
        assert_eq!(len, text.len(), "{text}");
        syllable
    }

    #[test]
    fn forms_of_one_syllable_are_equal() {
        assert_eq!(syllable("yè"), syllable("ye\u{300}"));
        assert_eq!(syllable("lǜ"), syllable("lu\u{308}\u{300}"));
        assert_eq!(syllable("lǜ"), syllable("lü\u{300}"));
        assert_eq!(syllable("ɡuān"), syllable("guān"));
        assert_ne!(syllable("lǜ"), syllable("lù"));
    }

    #[test]
    fn what_is_no_syllable_is_refused() {
        assert_eq!(Syllable::parse("設備"), None);
        assert_eq!(Syllable::parse("\u{301}a"), None);
        assert_eq!(Syllable::parse("sarcoma"), None);
        assert_eq!(Syllable::parse("càncér"), None);
        assert_eq!(Syllable::parse("kuò)大").unwrap().1, "kuò".len());
    }

    #[test]
    fn fits_polyphones_and_both_scripts() {
        for (character, readings) in
            [('長', "cháng zhǎng"), ('樂', "lè yuè"), ('头', "tóu tou"), ('觀', "guān guàn guan")]
        {
            for reading in readings.split(' ') {
                let fit = syllable(reading).fit(character);
                assert!(matches!(fit, Some(Fit::Usual | Fit::Other)), "{reading}");
            }
        }
        assert_eq!(syllable("jì").fit('績'), Some(Fit::OtherTone));
        assert_eq!(syllable("biān").fit('編'), Some(Fit::Usual));
        assert_eq!(syllable("biàn").fit('編'), Some(Fit::Other));
        assert_eq!(syllable("guó").fit('家'), None);
        assert_eq!(syllable("shì").fit('あ'), None);
    }
}
