//! Classes of characters: what the model falls back on where it has not seen a pair.

use std::sync::LazyLock;

/// By BMP code point. Going through the definitions took a fifth of the time of a repair
/// of UTF-8 read as Latin-1: letters of Latin-1 come late there, and their case is searched for.
static OF_BMP: LazyLock<Box<[Class]>> = LazyLock::new(|| {
    let define = |code_point| char::from_u32(code_point).map_or(Class::OtherScript, Class::define);
    (0..0x1_0000).map(define).collect()
});

/// A class of characters that behave alike in running text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // the names say it
pub enum Class {
    LineBreak,
    Space,
    Digit,
    AsciiLower,
    AsciiUpper,
    AsciiPunctuation,
    LatinLower,
    LatinUpper,
    Latin1Symbol,
    Typographic,
    Greek,
    CyrillicLower,
    CyrillicUpper,
    OtherScript,
    BoxDrawing,
    Symbol,
    CjkPunctuation,
    FullwidthAlphanumeric,
    Hiragana,
    Katakana,
    HalfwidthKatakana,
    Han,
    RareHan,
    Hangul,
    CjkOther,
    PrivateUse,
    Replacement,
    Control,
    Combining,
    Astral,
}

impl Class {
    /// How many classes there are.
    pub const COUNT: usize = Class::Astral as usize + 1;

    /// The class of a character.
    #[inline]
    pub fn of(character: char) -> Class {
        OF_BMP.get(character as usize).copied().unwrap_or(Class::Astral)
    }

    /// Whether it is of letters that open sentences and names.
    pub(super) fn is_capital(self) -> bool {
        matches!(self, Class::AsciiUpper | Class::LatinUpper | Class::CyrillicUpper)
    }

    /// The class of a character, from the definitions of the classes.
    fn define(character: char) -> Class {
        match character {
            '\u{4E00}'..='\u{9FA5}' => Class::Han,
            '\n' | '\r' => Class::LineBreak,
            ' ' | '\t' | '\u{3000}' => Class::Space,
            '0'..='9' => Class::Digit,
            'a'..='z' => Class::AsciiLower,
            'A'..='Z' => Class::AsciiUpper,
            '!'..='~' => Class::AsciiPunctuation,
            '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{AD}' | '\u{200B}'..='\u{200F}' => {
                Class::Control
            }
            '\u{FEFF}' | '\u{FFF0}'..='\u{FFFC}' | '\u{FFFE}'.. if character < '\u{10000}' => {
                Class::Control
            }
            '\u{FFFD}' => Class::Replacement,
            'ª' | 'º' | 'µ' | '\u{A0}'..='¿' | '×' | '÷' => Class::Latin1Symbol,
            'À'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
                if character.is_uppercase() {
                    Class::LatinUpper
                } else {
                    Class::LatinLower
                }
            }
            '\u{300}'..='\u{36F}' | '\u{20D0}'..='\u{20FF}' => Class::Combining,
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Class::Greek,
            '\u{400}'..='\u{52F}' => {
                if character.is_uppercase() {
                    Class::CyrillicUpper
                } else {
                    Class::CyrillicLower
                }
            }
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7A3}' => Class::Hangul,
            '\u{2010}'..='\u{20CF}' | '\u{2122}' => Class::Typographic,
            '\u{2500}'..='\u{259F}' => Class::BoxDrawing,
            '\u{2100}'..='\u{2BFF}' => Class::Symbol,
            '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{303F}' => Class::CjkPunctuation,
            '々' | '〆' | '〇' => Class::Han,
            '\u{3040}'..='\u{309F}' => Class::Hiragana,
            '\u{30A0}'..='\u{30FF}' => Class::Katakana,
            '\u{3400}'..='\u{4DBF}' | '\u{9FA6}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => {
                Class::RareHan
            }
            '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
                Class::FullwidthAlphanumeric
            }
            '\u{FE10}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFEF}' => {
                Class::CjkPunctuation
            }
            '\u{FF61}'..='\u{FF9F}' => Class::HalfwidthKatakana,
            '\u{2E80}'..='\u{33FF}' => Class::CjkOther,
            '\u{E000}'..='\u{F8FF}' => Class::PrivateUse,
            '\u{10000}'.. => Class::Astral,
            _ => Class::OtherScript,
        }
    }
}
