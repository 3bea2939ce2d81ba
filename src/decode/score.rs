//! How likely is a reading, in bits.

use std::sync::OnceLock;

use encoding_rs::{BIG5, GBK};

use crate::edit::Bits;

const UNKNOWN: u8 = 22;

/// Provisional costs by kind of character, until the language model decides.
fn class_cost(character: char) -> u8 {
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = vec![UNKNOWN; 0x10000];
        let mut zone = |encoding: &'static encoding_rs::Encoding,
                        leads: std::ops::RangeInclusive<u8>,
                        from: u8,
                        cost: u8| {
            for lead in leads {
                for trail in from..=0xFE {
                    let pair = [lead, trail];
                    if let Some(text) =
                        encoding.decode_without_bom_handling_and_without_replacement(&pair)
                        && let Some(c) = text.chars().next()
                        && text.chars().count() == 1
                        && !('\u{E000}'..='\u{F8FF}').contains(&c)
                    {
                        let slot = &mut table[c as usize & 0xFFFF];
                        *slot = (*slot).min(cost);
                    }
                }
            }
        };
        zone(GBK, 0x81..=0xFE, 0x40, 18);
        zone(BIG5, 0xC9..=0xF9, 0x40, 17);
        zone(GBK, 0xD8..=0xF7, 0xA1, 14);
        zone(BIG5, 0xA4..=0xC6, 0x40, 11);
        zone(GBK, 0xB0..=0xD7, 0xA1, 10);
        for (from, to, cost) in [
            (0x20, 0x7E, 6u8),
            (0xA1, 0xBF, 13),
            (0xC0, 0x17F, 9),
            (0x370, 0x3FF, 7),
            (0x400, 0x45F, 7),
            (0x5D0, 0x5EA, 7),
            (0x621, 0x652, 7),
            (0xE01, 0xE5B, 7),
            (0x3041, 0x3093, 7),
            (0x30A1, 0x30FC, 7),
            (0x3001, 0x3002, 7),
            (0xFF0C, 0xFF0C, 7),
            (0xAC00, 0xD7A3, 11),
            (0xFF61, 0xFF9F, 13),
        ] {
            table[from..=to].fill(cost);
        }
        table[9] = 6;
        table[10] = 6;
        table[13] = 6;
        table
    });
    table.get(character as usize).copied().unwrap_or(UNKNOWN)
}

/// The cost of a text.
pub(super) fn text_cost(text: &str) -> Bits {
    Bits(text.chars().map(|character| i32::from(class_cost(character)) * 256).sum())
}
