//! Which ordinary character each radical of Unicode stands for.
//!
//! The facts are those of `EquivalentUnifiedIdeograph.txt`, version 15.0, of the
//! Unicode Character Database (licence in `NOTICE`). NFKC knows the Kangxi
//! radicals but only two characters of the supplement.

/// U+2F00..=U+2FD5, each as its unified ideograph.
const KANGXI: &str = "\
    一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕\
    大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日\
    曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿\
    目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行\
    衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音\
    頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// The radicals of U+2E80..=U+2EF3 that have the shape of a whole character.
///
/// A font that draws 长 and ⻓ with one glyph makes a PDF give either; the others
/// in the block (⺮ ⺾ ⻌ ⺡ …) are parts of characters, share no glyph with an
/// ordinary one, and only occur where radicals are the subject.
const SUPPLEMENT: [(char, char); 41] = [
    ('⺎', '兀'),
    ('⺒', '巳'),
    ('⺓', '幺'),
    ('⺛', '旡'),
    ('⺞', '歺'),
    ('⺟', '母'),
    ('⺠', '民'),
    ('⺬', '示'),
    ('⻁', '虎'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻑', '長'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻧', '卤'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻪', '黾'),
    ('⻫', '斉'),
    ('⻬', '齐'),
    ('⻭', '歯'),
    ('⻮', '齿'),
    ('⻯', '竜'),
    ('⻰', '龙'),
    ('⻱', '龜'),
    ('⻲', '亀'),
    ('⻳', '龟'),
];

/// Kangxi radicals that are strokes or parts: no text is written with them.
const PARTS: &str = "丨丶丿亅亠冂冖冫凵勹匚匸卩厶囗夂夊宀屮巛廴廾彐彡彳攴爿疒癶禸虍襾釆髟辵";

const _: () = assert!(KANGXI.len() == 3 * (0x2FD5 - 0x2F00 + 1));

/// The ordinary character that `radical` stands for in text; `None` for parts of
/// characters and for what is no radical.
pub(super) fn ordinary(radical: char) -> Option<char> {
    match radical {
        '\u{2F00}'..='\u{2FD5}' => {
            // every character of the table takes three bytes
            let at = 3 * (radical as usize - 0x2F00);
            KANGXI[at..].chars().next().filter(|&c| !PARTS.contains(c))
        }
        _ => {
            let at = SUPPLEMENT.binary_search_by_key(&radical, |&(radical, _)| radical).ok()?;
            Some(SUPPLEMENT[at].1)
        }
    }
}

/// Whether `c` is a radical that is only ever part of a character.
pub(super) fn is_part(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2EF3}' | '\u{2F00}'..='\u{2FD5}') && ordinary(c).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supplement_is_sorted() {
        assert!(SUPPLEMENT.is_sorted_by_key(|&(radical, _)| radical));
    }

    #[test]
    fn both_blocks_and_no_others_have_meanings() {
        assert_eq!(ordinary('⼀'), Some('一'));
        assert_eq!(ordinary('⿕'), Some('龠'));
        assert_eq!(ordinary('⻓'), Some('长'));
        assert_eq!(ordinary('⻩'), Some('黄'));
        assert_eq!(ordinary('一'), None);
        assert_eq!(ordinary('⺮'), None);
        assert!(is_part('⺮') && is_part('⼧') && !is_part('⼥') && !is_part('宀'));
    }
}
