//! Text that was damaged first and converted between scripts then.
//!
//! A corpus that is made Simplified is converted with the damaged lines in it, character
//! by character, since no phrases are left to find: 名 read as GBK is 鍚\u{E101}, and 鍚
//! becomes 钖. To undo both at once, the wrong decoder is taken as one that shows 钖 for
//! E5 90 to begin with. Converters differ in what they know, so 鍚 counts as E5 90 as well.

use std::sync::OnceLock;

use super::table::Table;
use super::{Codec, Flavour};
use crate::convert::{Characters, Config};

/// A conversion of Chinese text by OpenCC's characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// To Simplified.
    Simplified,
    /// To Simplified, with rare characters beyond the BMP that fonts may lack (鐄 → 𨱑).
    RareSimplified,
    /// To Traditional.
    Traditional,
}

/// By conversion, codec and flavour: tables, each built at its first use.
static TABLES: [[[OnceLock<Table>; Flavour::SLOTS]; Codec::ALL.len()]; Conversion::ALL.len()] =
    [const { [const { [const { OnceLock::new() }; Flavour::SLOTS] }; Codec::ALL.len()] };
        Conversion::ALL.len()];

impl Conversion {
    /// Every conversion.
    pub const ALL: [Conversion; 3] =
        [Conversion::Simplified, Conversion::RareSimplified, Conversion::Traditional];

    /// OpenCC's configuration for it.
    pub const fn config(self) -> Config {
        match self {
            Conversion::Simplified | Conversion::RareSimplified => Config::T2s,
            Conversion::Traditional => Config::S2t,
        }
    }

    /// The table of a codec with every character converted, and unconverted as a second choice.
    pub(super) fn table(self, codec: Codec, flavour: Flavour) -> &'static Table {
        let flavour = codec.representative(flavour);
        let cell = &TABLES[self as usize][codec as usize][flavour.slot()];
        cell.get_or_init(|| self.build(codec.table(flavour)))
    }

    /// Whether the conversion would change a character of GBK.
    pub fn changes(self, character: char) -> bool {
        let mut pairs = Codec::Gbk.table(Flavour::WEB).pairs_of(character);
        self.characters().get(character) != character && pairs.next().is_some()
    }

    /// What characters become.
    fn characters(self) -> &'static Characters {
        static CHARACTERS: [OnceLock<Characters>; Conversion::ALL.len()] =
            [const { OnceLock::new() }; Conversion::ALL.len()];
        let tofu = self == Conversion::RareSimplified;
        CHARACTERS[self as usize].get_or_init(|| Characters::new(self.config(), tofu))
    }

    fn build(self, table: &Table) -> Table {
        let characters = self.characters();
        let converted = table.pairs().filter_map(|(pair, character)| {
            let converted = characters.get(character);
            (converted != character).then_some((pair, converted))
        });
        table.showing(&converted.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::codec::Code;

    #[test]
    fn converted_characters_are_shown_and_come_first() {
        for codec in [Codec::Gbk, Codec::Big5] {
            for conversion in Conversion::ALL {
                let plain = codec.table(Flavour::WEB);
                let table = conversion.table(codec, Flavour::WEB);
                let mut converted = BTreeMap::<char, Vec<Code>>::new();
                for (pair, character) in plain.pairs() {
                    let to = conversion.characters().get(character);
                    assert_eq!(table.pair(pair[0], pair[1]), Some(to), "{character}");
                    if to != character {
                        converted.entry(to).or_default().push(Code::new(&pair));
                    }
                }
                for character in '\0'..=char::MAX {
                    let first = converted.remove(&character).unwrap_or_default();
                    let codes: Vec<Code> = table.codes(character).collect();
                    if character <= '\u{FFFF}' {
                        assert!(first.is_empty() || codes[0] == first[0], "{character}");
                    }
                    let all: BTreeSet<Code> =
                        first.into_iter().chain(plain.codes(character)).collect();
                    assert_eq!(codes.len(), all.len(), "{character}");
                    assert_eq!(BTreeSet::from_iter(codes), all, "{character}");
                }
            }
        }
    }
}
