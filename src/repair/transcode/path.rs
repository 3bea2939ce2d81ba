//! A path: how text got from the codec it was written in to the characters at hand.

use std::borrow::Cow;
use std::iter;

use crate::codec::{Afterwards, Codec, Conversion, Decoder, Flavour, Software};
use crate::edit::{Bits, Step};

/// One wrong decoding: bytes of `truth` were read by `wrong`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// The decoder that was used.
    pub wrong: Decoder,
    /// The codec that the bytes are in.
    pub truth: Codec,
}

impl Layer {
    /// The layer in another flavour.
    pub fn in_flavour(self, flavour: Flavour) -> Layer {
        Layer { wrong: self.wrong.in_flavour(flavour), ..self }
    }

    /// The bytes of a text in the true codec; `None` where a character is not in it.
    fn bytes<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        match self.truth {
            Codec::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
            truth => truth.encode(text).map(Cow::Owned),
        }
    }

    /// Whether the wrong decoder makes `found` of bytes.
    fn shows(&self, bytes: &[u8], found: &str) -> bool {
        let wrong = self.wrong;
        if wrong.conversion.is_none() {
            return wrong.shows(bytes, found);
        }
        let plain = wrong.unconverted();
        let mut either = wrong.characters(bytes).zip(plain.characters(bytes));
        found.chars().all(|c| either.next().is_some_and(|(one, other)| c == one || c == other))
            && either.next().is_none()
    }
}

/// Layers of damage, the one to undo first (the last that was done) in front.
#[derive(Clone, Debug, PartialEq)]
pub struct Path(Vec<Layer>);

/// Layers of a path, at most: damage of two to four is met. Those that were peeled off a text before it
/// was searched are not counted.
pub const MAX_LAYERS: usize = 4;

/// What each layer after the first costs on top, and a conversion between scripts, in bits:
/// two layers are met once where one is met some dozens of times.
const FURTHER: i32 = 6;

/// What layers cost before anything is known of the text: −log2 of how often they are met, in
/// whole bits, in the order in which reports of users have them.
pub fn prior(layers: &[Layer]) -> i32 {
    let one = |layer: &Layer| match (layer.truth, layer.wrong.codec) {
        (Codec::Utf8, Codec::Gbk) => 1,
        (Codec::Utf8, Codec::Cp1252) | (Codec::Gbk, Codec::Latin1) => 3,
        // of the codecs for Central Europe, Windows' own is the one that programs fall back on
        (Codec::Utf8, Codec::Iso8859_2) | (_, Codec::Utf16Be | Codec::Utf16Le) => 12,
        // Chinese tells the two apart, if it is not said too soon which it was
        (_, Codec::Iso8859_2) => 9,
        (Codec::Utf8, _) | (Codec::Gbk, _) => 5,
        (Codec::Big5, _) => 6,
        _ => 8,
    };
    let further = layers.len() - 1;
    let converted = layers.iter().filter(|layer| layer.wrong.conversion.is_some()).count();
    layers.iter().map(one).sum::<i32>() + (further + converted) as i32 * FURTHER
}

/// A codec with those for the same languages that are taken for it; nothing if there are none.
pub fn variants(codec: Codec) -> &'static [Codec] {
    const VARIANTS: [&[Codec]; 3] = [
        &[Codec::Latin1, Codec::Cp1252, Codec::Cp1254, Codec::Iso8859_15],
        &[Codec::Cp1250, Codec::Iso8859_2],
        &[Codec::Cp437, Codec::Cp850],
    ];
    VARIANTS.into_iter().find(|variants| variants.contains(&codec)).unwrap_or_default()
}

impl Path {
    /// A path of one to [`MAX_LAYERS`] layers.
    pub fn new(layers: Vec<Layer>) -> Path {
        debug_assert!((1..=MAX_LAYERS).contains(&layers.len()));
        Path(layers)
    }

    /// The path of what came this one and was then damaged by one more layer, if that is not too long.
    pub fn under(&self, outermost: Layer) -> Option<Path> {
        let layers = || iter::once(outermost).chain(self.0.iter().copied()).collect();
        (self.0.len() < MAX_LAYERS).then(|| Path(layers()))
    }

    /// The layers, the one to undo first in front.
    pub fn layers(&self) -> &[Layer] {
        &self.0
    }

    /// The path without a conversion between scripts.
    pub fn unconverted(&self) -> Path {
        let plain = |layer: &Layer| Layer { wrong: layer.wrong.unconverted(), ..*layer };
        Path(self.0.iter().map(plain).collect())
    }

    /// The path in another flavour: all decoders are of one kind, but a scraper comes behind the last
    /// of them only. In 十 read as windows-1252 twice (`Ã¥Â\u{8D}Â\u{81}`), the layer below had its
    /// controls.
    pub fn in_flavour(&self, flavour: Flavour) -> Path {
        let takes_out = matches!(flavour.afterwards, Afterwards::Stripped | Afterwards::Scraped(_));
        let of_layer = |(nth, layer): (usize, &Layer)| match takes_out && nth > 0 {
            true => layer.in_flavour(Flavour::WEB),
            false => layer.in_flavour(flavour),
        };
        Path(self.0.iter().enumerate().map(of_layer).collect())
    }

    /// Whether two paths differ in the flavours of their decoders at most.
    pub fn has_same_codecs(&self, other: &Path) -> bool {
        let codecs = |path: &Path| {
            let one = |layer: &Layer| (layer.wrong.codec, layer.wrong.conversion, layer.truth);
            path.0.iter().map(one).collect::<Vec<_>>()
        };
        codecs(self) == codecs(other)
    }

    /// The steps that undo the damage.
    pub fn steps(&self) -> Vec<Step> {
        let undo = |layer: &Layer| {
            let convert = layer.wrong.conversion.map(|conversion| {
                Step::Apply(match conversion {
                    Conversion::Traditional => "undo-s2t",
                    Conversion::Simplified | Conversion::RareSimplified => "undo-t2s",
                })
            });
            let codecs = [Step::Encode(layer.wrong.codec.name()), Step::Decode(layer.truth.name())];
            convert.into_iter().chain(codecs)
        };
        let mut steps = Vec::with_capacity(3 * self.0.len());
        steps.extend(self.0.iter().flat_map(undo));
        steps
    }

    /// What the path costs before anything is known of the text: see [`prior`].
    pub fn prior(&self) -> i32 {
        prior(&self.0)
    }

    /// What the flavour costs among those of the same decoders, in 1/256 bit.
    pub fn rarity(&self) -> i32 {
        let Decoder { codec, flavour, .. } = self.0[0].wrong;
        match (flavour.afterwards, flavour.software) {
            // where one `?` may be either, it is mostly one of Windows: with 2 bits, two of 170 cases of
            // users lose the line break that it had swallowed; two or three losses tell more
            (Afterwards::Questioned, _) => 8 * Bits::ONE.0,
            (Afterwards::Stripped, _) => 4 * Bits::ONE.0,
            // of pairs, nothing but what is read shows that a byte vanished: two rare characters in a
            // row, which names and verse have, are no dearer
            (Afterwards::Scraped(_), _) if self.is_pairs_in_single_bytes() => 10 * Bits::ONE.0,
            // Big5 of browsers, Windows and Java agrees where CPython's has kana of its own, and
            // whoever decodes text by mistake seldom does so in a program
            (Afterwards::Kept, Software::Python) if codec == Codec::Big5 => 8 * Bits::ONE.0,
            (_, Software::Python) => 2 * Bits::ONE.0,
            (Afterwards::Unmarked, _) => 6 * Bits::ONE.0,
            // iconv itself writes no marker: it takes a program that does for it
            (_, Software::Narrow) => 3 * Bits::ONE.0,
            _ => 0,
        }
    }

    /// Whether two paths of one layer differ in nothing but the wrong codec, where each is
    /// another's variant for the same languages.
    pub fn is_variant(&self, other: &Path) -> bool {
        let ([one], [other]) = (self.layers(), other.layers()) else { return false };
        one.truth == other.truth && variants(one.wrong.codec).contains(&other.wrong.codec)
    }

    /// Whether the true text was written in UTF-8, which few byte strings are by chance.
    pub fn is_true_utf8(&self) -> bool {
        self.0.last().is_some_and(|layer| layer.truth == Codec::Utf8)
    }

    /// Whether the damage was done to whole texts, in which no ASCII stayed as it was.
    pub fn is_from_utf16(&self) -> bool {
        self.0[0].wrong.codec.is_utf16()
    }

    /// Whether the true text was written in UTF-16.
    pub fn is_true_utf16(&self) -> bool {
        self.0.last().is_some_and(|layer| layer.truth.is_utf16())
    }

    /// Whether private-use characters were taken out behind the last decoder.
    pub fn is_stripped(&self) -> bool {
        self.0[0].wrong.flavour.is_stripped()
    }

    /// Whether each byte of UTF-8 became a character of its own.
    pub fn is_utf8_in_single_bytes(&self) -> bool {
        let one =
            |layer: &Layer| layer.truth == Codec::Utf8 && !layer.wrong.table().is_double_byte();
        self.0.iter().all(one)
    }

    /// Whether one decoder made a character of each byte of two-byte ones.
    pub fn is_pairs_in_single_bytes(&self) -> bool {
        self.0.len() == 1 && self.is_pairs_below()
    }

    /// Whether one decoder made a character of each byte of two-byte ones, and this one of some.
    pub fn shows_pairs_as(&self, character: char) -> bool {
        self.is_pairs_in_single_bytes() && self.0[0].wrong.table().has_code(character)
    }

    /// Whether GBK read UTF-8 first, and its text was saved and read as single bytes.
    pub fn is_saved_with_losses(&self) -> bool {
        let [outermost, innermost] = self.layers() else { return false };
        !outermost.wrong.table().is_double_byte()
            && (outermost.truth, innermost.wrong.codec) == (Codec::Gbk, Codec::Gbk)
    }

    /// Whether the first of the decoders did, whatever became of it afterwards.
    pub fn is_pairs_below(&self) -> bool {
        let pairs =
            |layer: &Layer| layer.truth != Codec::Utf8 && !layer.wrong.table().is_double_byte();
        self.0.last().is_some_and(pairs)
    }

    /// Does the damage to `text` again and compares: the proof that it is what was damaged.
    ///
    /// A conversion at the end may have left any character as it was, since converters
    /// differ in those they know.
    pub fn leads_to(&self, text: &str, found: &str) -> bool {
        let (last, before) = self.0.split_first().expect("a path has a layer");
        let mut text = Cow::Borrowed(text);
        for layer in before.iter().rev() {
            let Some(bytes) = layer.bytes(&text) else { return false };
            text = Cow::Owned(layer.wrong.decode(&bytes));
        }
        last.bytes(&text).is_some_and(|bytes| last.shows(&bytes, found))
    }
}
