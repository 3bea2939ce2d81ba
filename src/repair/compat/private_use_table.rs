//! What private-use code points mean in the character sets that gave them out.

/// U+E815..=U+E864 as GB 18030-2022 encodes them: the bytes FE50..=FEA0.
///
/// GBK had characters there that Unicode lacked. Those that are radicals
/// (⺁ at FE50) are kept as the radicals they are. The standard still leaves six in the
/// private use area, whose characters it has under four bytes elsewhere: they are
/// 𠂇 𠂉 𠃌 𡗗 𢦏 𤇾.
const GB18030_FE: &str = "\
    ⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱\
    䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻";

/// What a code point that GBK or GB 18030-2000 kept in the private use area is in GB 18030-2022.
///
/// `None` where the standard gives it no character.
pub(super) fn gb18030(c: char) -> Option<char> {
    match c {
        '\u{E815}'..='\u{E864}' => GB18030_FE.chars().nth(c as usize - 0xE815),
        '\u{E76C}' => Some('€'),                                 // A2E3
        '\u{E78D}' => Some('︐'),                                // A6D9
        '\u{E78E}' => Some('︒'),                                // A6DA
        '\u{E78F}' => Some('︑'),                                // A6DB
        '\u{E790}'..='\u{E796}' => shifted(c, '\u{E790}', '︓'), // A6DC..=A6DF, A6EC, A6ED, A6F3
        '\u{E7C7}' => Some('ḿ'),                                 // A8BC
        '\u{E7C8}' => Some('ǹ'),                                 // A8BF
        '\u{E7E7}' => Some('〾'),                                // A989
        '\u{E7E8}'..='\u{E7F3}' => shifted(c, '\u{E7E8}', '⿰'), // A98A..=A995
        '\u{E5E5}' => Some('\u{3000}'), // A3A0: a blank of many old pages, as the WHATWG reads it
        _ => None,
    }
}

/// The character as far behind `to` as `c` is behind `from`.
fn shifted(c: char, from: char, to: char) -> Option<char> {
    char::from_u32(to as u32 + (c as u32 - from as u32))
}

/// The bytes of GBK's user-defined zones that give `c`: AAA1..=AFFE, F8A1..=FEFE
/// and A140..=A7A0 are U+E000, U+E234 and U+E4C6 and what follows.
pub(super) fn gbk_user_defined(c: char) -> Option<[u8; 2]> {
    let code = u32::from(c);
    let (first, columns, lead, trail) = match code {
        0xE000..=0xE233 => (0xE000, 94, 0xAA, 0xA1),
        0xE234..=0xE4C5 => (0xE234, 94, 0xF8, 0xA1),
        0xE4C6..=0xE765 => (0xE4C6, 96, 0xA1, 0x40),
        _ => return None,
    };
    let (row, column) = ((code - first) / columns, (code - first) % columns);
    // 7F is no trail byte
    let trail = trail + column + u32::from(columns == 96 && column >= 0x3F);
    Some([(lead + row) as u8, trail as u8])
}

/// The character that an old converter from Big5 to GBK meant by a code of its own row AA.
///
/// It gave the small marks of Big5 (﹐ ﹕ ﹔ ﹖) the trail bytes that the full-width
/// marks have in row A3: AAAC for ， (A3AC), AABA for ： (A3BA).
pub(super) fn big5_converter(c: char) -> Option<char> {
    match c {
        '\u{E00B}' => Some('，'),
        '\u{E019}' => Some('：'),
        '\u{E01A}' => Some('；'),
        '\u{E01E}' => Some('？'),
        _ => None,
    }
}

/// The bytes of Big5 that vendors' decoders give the private-use code point `c`:
/// FA40..=FEFE, 8E40..=A0FE, 8140..=8DFE and C6A1..=C8FE, in that order.
pub(super) fn big5_user_defined(c: char) -> Option<[u8; 2]> {
    const COLUMNS: u32 = 157; // trails 40..=7E and A1..=FE
    const LOW: u32 = 63; // of which 40..=7E
    let code = u32::from(c);
    let (index, lead) = match code {
        0xE000..=0xE310 => (code - 0xE000, 0xFA),
        0xE311..=0xEEB7 => (code - 0xE311, 0x8E),
        0xEEB8..=0xF6B0 => (code - 0xEEB8, 0x81),
        0xF6B1..=0xF848 => (code - 0xF6B1 + LOW, 0xC6),
        _ => return None,
    };
    let column = index % COLUMNS;
    let trail = if column < LOW { 0x40 + column } else { 0xA1 + column - LOW };
    Some([(lead + index / COLUMNS) as u8, trail as u8])
}

/// The emoji that SoftBank's telephones, and the first iPhones, sent as `c`.
///
/// From `EmojiSources.txt` of the Unicode Character Database (licence in `NOTICE`):
/// its Shift_JIS codes F941, F741, F9A1, FB41 and FBB5 are U+E001, U+E101, U+E301,
/// U+E401 and U+E515. Keycaps, arrows and signs (U+E2xx) and flags are left out.
pub(super) fn softbank(c: char) -> Option<char> {
    let (row, first) = match c {
        '\u{E001}'..='\u{E05A}' => (E001, 0xE001),
        '\u{E101}'..='\u{E15A}' => (E101, 0xE101),
        '\u{E301}'..='\u{E34D}' => (E301, 0xE301),
        '\u{E401}'..='\u{E44C}' => (E401, 0xE401),
        '\u{E515}'..='\u{E536}' => (E515, 0xE515),
        _ => return None,
    };
    row.chars().nth(c as usize - first)
}

const E001: &str = "\
    👦👧💋👨👩👕👟📷☎📱📠💻👊👍☝✊✌✋🎿⛳🎾⚾🏄⚽🐟🐴🚗⛵✈🚃🚅❓❗❤💔🕐🕑🕒\
    🕓🕔🕕🕖🕗🕘🕙🕚🕛🌸🔱🌹🎄💍💎🏠⛪🏢🚉⛽🗻🎤🎥🎵🔑🎷🎸🎺🍴🍸☕🍰🍺⛄☁☀☔🌙\
    🌄👼🐱🐯🐻🐶🐭🐳🐧😊😃😞😠💩";
const E101: &str = "\
    📫📮📩📲😜😍😱😓🐵🐙🐷👽🚀👑💡🍀💏🎁🔫🔍🏃🔨🎆🍁🍂👿👻💀🔥💼💺🍔⛲⛺♨🎡🎫💿\
    📀📻📼📺👾〽🀄🆚💰🎯🏆🏁🎰🐎🚤🚲🚧🚹🚺🚼💉💤⚡👠🛀🚽🔊📢🎌🔒🔓🌆🍳📖💱💹📡💪\
    🏦🚥🅿🚏🚻👮🏣🏧🏥🏪🏫🏨🚌🚕";
const E301: &str = "\
    📝👔🌺🌷🌻💐🌴🌵🚾🎧🍶🍻㊗🚬💊🎈💣🎉✂🎀㊙💽📣👒👗👡👢💄💅💆💇💈👘👙👜🎬🔔🎶\
    💓💗💘💙💚💛💜✨⭐💨💦⭕❌💢🌟❔❕🍵🍞🍦🍟🍡🍘🍚🍝🍜🍛🍙🍢🍣🍎🍊🍓🍉🍅🍆🎂🍱\
    🍲";
const E401: &str = "\
    😥😏😔😁😉😣😖😪😝😌😨😷😳😒😰😲😭😂😢☺😄😡😚😘👀👃👂👄🙏👋👏👌👎👐🙅🙆💑🙇\
    🙌👫👯🏀🏈🎱🏊🚙🚚🚒🚑🚓🎢🚇🚄🎍💝🎎🎓🎒🎏🌂💒🌊🍧🎇🐚🎐🌀🌾🎃🎑🍃🎅🌅🌇🌃🌈";
const E515: &str = "\
    👱👲👳👴👵👶👷👸🗽💂💃🐬🐦🐠🐤🐹🐛🐘🐨🐒🐑🐺🐮🐰🐍🐔🐗🐫🐸🅰🅱🆎🅾👣";

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, GB18030};

    fn decode(encoding: &'static encoding_rs::Encoding, bytes: [u8; 2]) -> char {
        encoding.decode_without_bom_handling(&bytes).0.chars().next().unwrap()
    }

    #[test]
    fn gb18030_agrees_with_the_decoder() {
        let trails = (0x50..=0x7E).chain(0x80..=0xA0);
        for (trail, code) in trails.zip(0xE815..) {
            let decoded = decode(GB18030, [0xFE, trail]);
            let character = gb18030(char::from_u32(code).unwrap()).unwrap();
            let still_private = "𠂇𠂉𠃌𡗗𢦏𤇾".contains(character);
            let expected =
                if still_private { decoded as u32 == code } else { decoded == character };
            assert!(expected, "FE{trail:X} {character} {decoded:?}");
        }
        let rows = [(0xA6D9, 0xE78D, 7), (0xA6EC, 0xE794, 2), (0xA6F3, 0xE796, 1)];
        for (bytes, code, count) in rows.into_iter().chain([(0xA989, 0xE7E7, 13)]) {
            for i in 0..count {
                let [lead, trail] = u16::to_be_bytes(bytes + i);
                let code = char::from_u32(code + u32::from(i)).unwrap();
                assert_eq!(gb18030(code), Some(decode(GB18030, [lead, trail])), "{code:?}");
            }
        }
        assert_eq!(gb18030('\u{E863}'), Some('䶮'));
        assert_eq!(gb18030('\u{E77D}'), None);
    }

    #[test]
    fn user_defined_zones_are_those_of_the_decoder() {
        for code in 0xE000..=0xE765 {
            let c = char::from_u32(code).unwrap();
            let bytes = gbk_user_defined(c).unwrap();
            let decoded = decode(GB18030, bytes);
            assert!(decoded == c || bytes == [0xA3, 0xA0], "{code:X} {bytes:X?} {decoded:?}");
        }
        assert_eq!(gbk_user_defined('\u{E5A2}'), Some([0xA3, 0x5C]));
        assert_eq!(gbk_user_defined('\u{E4E2}'), Some([0xA1, 0x5C]));
        assert_eq!(gbk_user_defined('\u{E00B}'), Some([0xAA, 0xAC]));
    }

    #[test]
    fn big5_zones_hold_what_hong_kong_put_there() {
        let hkscs = |c| decode(BIG5, big5_user_defined(c).unwrap());
        assert_eq!(big5_user_defined('\u{E000}'), Some([0xFA, 0x40]));
        assert_eq!(big5_user_defined('\u{E310}'), Some([0xFE, 0xFE]));
        assert_eq!(big5_user_defined('\u{EEB7}'), Some([0xA0, 0xFE]));
        assert_eq!(big5_user_defined('\u{F6B0}'), Some([0x8D, 0xFE]));
        assert_eq!(big5_user_defined('\u{F6B1}'), Some([0xC6, 0xA1]));
        assert_eq!(big5_user_defined('\u{F848}'), Some([0xC8, 0xFE]));
        assert_eq!(hkscs('\u{F724}'), 'の');
    }

    #[test]
    fn the_rows_of_emoji_are_complete() {
        let rows = [
            (0xE001, 0xE05A, '👦', '💩'),
            (0xE101, 0xE15A, '📫', '🚕'),
            (0xE301, 0xE34D, '📝', '🍲'),
            (0xE401, 0xE44C, '😥', '🌈'),
            (0xE515, 0xE536, '👱', '👣'),
        ];
        for (first, last, one, other) in rows {
            assert_eq!(softbank(char::from_u32(first).unwrap()), Some(one));
            assert_eq!(softbank(char::from_u32(last).unwrap()), Some(other));
            assert_eq!(softbank(char::from_u32(last + 1).unwrap()), None);
        }
        assert_eq!(softbank('\u{E420}'), Some('👌'));
        assert_eq!(softbank('\u{E412}'), Some('😂'));
    }
}
