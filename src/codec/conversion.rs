//! Text that was damaged first and converted between scripts then.
//!
//! A corpus that is made Simplified is converted with the damaged lines in it, character
//! by character, since no phrases are left to find: 名 read as GBK is 鍚\u{E101}, and 鍚
//! becomes 钖. To undo both at once, the wrong decoder is taken as one that shows 钖 for
//! E5 90 to begin with. Converters differ in what they know, so 鍚 counts as E5 90 as well.

use std::sync::OnceLock;

use super::table::Table;
use super::{Codec, Flavour};
use crate::convert::{Config, Converter};

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
static TABLES: [[[OnceLock<Table>; Flavour::ALL.len()]; Codec::ALL.len()]; Conversion::ALL.len()] =
    [const { [const { [const { OnceLock::new() }; Flavour::ALL.len()] }; Codec::ALL.len()] };
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
        let cell = &TABLES[self as usize][codec as usize][flavour as usize];
        cell.get_or_init(|| self.build(codec.table(flavour)))
    }

    /// Whether the conversion would change a character of GBK.
    pub fn changes(self, character: char) -> bool {
        let mut codes = Codec::Gbk.table(Flavour::Web).codes(character);
        let Some(code) = codes.find(|code| code.len() == 2) else { return false };
        let mut bytes = code.bytes();
        let converted = bytes
            .next()
            .zip(bytes.next())
            .and_then(|(lead, trail)| self.table(Codec::Gbk, Flavour::Web).pair(lead, trail));
        converted != Some(character)
    }

    fn build(self, table: &Table) -> Table {
        let tofu = self == Conversion::RareSimplified;
        let converter = Converter::builder(self.config()).tofu(tofu).build();
        let converted = table.pairs().filter_map(|(pair, character)| {
            let mut buffer = [0; 4];
            let converted = converter.convert(character.encode_utf8(&mut buffer)).chars().next()?;
            (converted != character).then_some((pair, converted))
        });
        // what a pair is given first is what it shows
        Table::new(|byte| table.single(byte), converted.chain(table.pairs()))
    }
}
