//! Escapes left in text: `&#20013;`, `\u4e2d`, `%E4%B8%AD`, `=E4=B8=AD`.
//!
//! Runs only where asked for: in code, markup and addresses escapes are meant.
//! Even then only what becomes Chinese, Japanese or Korean text is decoded, and
//! the punctuation beside it; `&lt;`, `%2F` and `\n` keep the structure of what
//! they stand in. Escapes that were escaped again (`&amp;#20013;`, `%25E4`,
//! `\\u4e2d`) are decoded through both layers at once, so that a second run finds
//! nothing left to do.

use std::ops::Range;

use crate::edit::{Edit, Kind, Step};
use crate::script::{is_cjk_punctuation, is_han_or_kana, is_hangul};

/// Appends the edits that decode the escapes of `text`, sorted by position.
pub(crate) fn repair(text: &str, out: &mut Vec<Edit>) {
    let mut place = Place::default();
    let mut at = 0;
    while let Some(found) = next_escape(text, at) {
        place.pass(&text[at..found]);
        let run = Run::parse(text, found);
        if run.escapes.is_empty() {
            place.pass(&text[found..=found]); // a `&`, `%`, `=` or `\` that escapes nothing
            at = found + 1;
            continue;
        }
        at = run.end;
        let decoded = run.decode(text, &place);
        for (escape, decoded) in run.escapes.iter().zip(&decoded) {
            place.pass(decoded.as_deref().unwrap_or(&text[escape.range.clone()]));
        }
        push_edits(text, &run, &decoded, out);
    }
}

/// The first character from `at` on that may start an escape.
fn next_escape(text: &str, at: usize) -> Option<usize> {
    let found = text.as_bytes()[at..].iter().position(|b| matches!(b, b'&' | b'%' | b'=' | b'\\'));
    found.map(|offset| at + offset)
}

/// How an escape is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `&#20013;`, `&hellip;`
    Entity,
    /// `\u4e2d`, `%u4e2d`
    Unicode,
    /// `%E4`
    Percent,
    /// `=E4`, and `=` before a line break, which continues the line
    Quoted,
}

impl Form {
    fn step(self) -> Step {
        Step::Apply(match self {
            Form::Entity => "unescape-entities",
            Form::Unicode => "unescape-unicode",
            Form::Percent => "unescape-percent",
            Form::Quoted => "unescape-quoted-printable",
        })
    }
}

/// What an escape stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Character(char),
    /// A byte of UTF-8, not yet put together with its neighbours.
    Byte(u8),
    /// A line break that quoted-printable put in.
    SoftBreak,
}

/// One escape; or, once the bytes are put together, those of one character.
#[derive(Clone)]
struct Escape {
    range: Range<usize>,
    form: Form,
    value: Value,
    /// Whether a soft break of quoted-printable is inside of it.
    broken: bool,
}

/// What the text before an escape says of the place it stands in.
#[derive(Default)]
struct Place {
    last: Option<char>,
    /// Inside of a word with a `/`: an address or a path.
    path: bool,
    /// Inside of an encoded word of a mail header, `=?UTF-8?Q?=E4=B8=AD?=`.
    encoded_word: bool,
}

impl Place {
    fn pass(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|') {
                *self = Place::default();
            }
            self.path |= c == '/';
            self.encoded_word |= self.last == Some('=') && c == '?';
            self.last = Some(c);
        }
    }
}

/// Escapes that follow one another directly.
struct Run {
    escapes: Vec<Escape>,
    end: usize,
}

impl Run {
    fn parse(text: &str, start: usize) -> Run {
        let mut escapes: Vec<Escape> = Vec::new();
        let mut end = start;
        while let Some(escape) = escape(text, end) {
            end = escape.range.end;
            escapes.push(escape);
        }
        Run { escapes: assemble(escapes), end }
    }

    /// What stands for each escape of the run; `None` where it stays.
    fn decode(&self, text: &str, place: &Place) -> Vec<Option<String>> {
        let after = text[self.end..].chars().next();
        let meant = self.meant(place, after);
        let mut decoded = vec![None; self.escapes.len()];
        let mut from_left = Spread::beside(place.last);
        for i in 0..decoded.len() {
            from_left.step(&self.escapes[i], meant[i], &mut decoded[i]);
        }
        let mut from_right = Spread::beside(after);
        for i in (0..decoded.len()).rev() {
            from_right.step(&self.escapes[i], meant[i], &mut decoded[i]);
        }
        decoded
    }

    /// Which escapes are meant as they are.
    fn meant(&self, place: &Place, after: Option<char>) -> Vec<bool> {
        let has = |form| self.escapes.iter().any(|escape| escape.form == form);
        let quoted = |escape: &Escape| escape.form == Form::Quoted;
        // a lone `=0A` may be anything; beside these it is mail
        let is_mail = self.escapes.iter().any(|escape| {
            escape.broken
                || escape.value == Value::SoftBreak
                || quoted(escape) && escape.text().is_some()
        });
        let is_broken = self.escapes.iter().any(|escape| escape.broken);
        // neither mail nor an address; and a line break in the run would end the word
        let all = place.encoded_word || has(Form::Percent) && (has(Form::Quoted) || is_broken);
        let mut meant: Vec<bool> = self
            .escapes
            .iter()
            .map(|escape| match escape.form {
                _ if all => true,
                Form::Percent => place.path,
                Form::Quoted => !is_mail,
                Form::Unicode | Form::Entity => false,
            })
            .collect();
        // a character class or range: `[\u4e00-\u9fa5]`
        let is_unicode = |escape: &&Escape| escape.form == Form::Unicode;
        if matches!(place.last, Some('[' | '^' | '-')) {
            let count = self.escapes.iter().take_while(is_unicode).count();
            meant[..count].fill(true);
        }
        if matches!(after, Some('-' | ']')) {
            let count = self.escapes.iter().rev().take_while(is_unicode).count();
            let first = meant.len() - count;
            meant[first..].fill(true);
        }
        meant
    }
}

/// What the characters on one side of an escape let decode.
struct Spread {
    /// Punctuation is decoded beside text, escaped or not.
    punctuation: bool,
    /// Blanks and soft breaks of quoted-printable, beside text that was escaped.
    blanks: bool,
}

impl Spread {
    fn beside(c: Option<char>) -> Spread {
        Spread { punctuation: c.is_some_and(is_text), blanks: false }
    }

    /// Decodes one escape where that is due, and goes on from it.
    fn step(&mut self, escape: &Escape, meant: bool, decoded: &mut Option<String>) {
        let due = match escape.value {
            _ if meant => None,
            Value::Byte(_) => None,
            Value::SoftBreak => self.blanks.then(String::new),
            Value::Character(c) if is_text(c) => {
                *self = Spread { punctuation: true, blanks: true };
                Some(c.into())
            }
            Value::Character(c) if is_punctuation(c) => self.punctuation.then(|| c.into()),
            Value::Character(c) => {
                let blank = escape.form == Form::Quoted && c.is_ascii_whitespace();
                (blank && self.blanks).then(|| c.into())
            }
        };
        match due {
            Some(due) => *decoded = Some(due),
            None if decoded.is_none() => *self = Spread { punctuation: false, blanks: false },
            None => {}
        }
    }
}

impl Escape {
    /// The letter of Chinese, Japanese or Korean text that the escape stands for.
    fn text(&self) -> Option<char> {
        match self.value {
            Value::Character(c) => Some(c).filter(|&c| is_text(c)),
            Value::Byte(_) | Value::SoftBreak => None,
        }
    }
}

/// Whether `c` belongs to Chinese, Japanese or Korean text alone.
fn is_text(c: char) -> bool {
    is_han_or_kana(c)
        || is_hangul(c)
        || is_cjk_punctuation(c)
        || matches!(c, '\u{3100}'..='\u{33FF}' | '\u{FF10}'..='\u{FFE6}')
}

/// Whether `c` is punctuation or a symbol that such text shares with other text.
fn is_punctuation(c: char) -> bool {
    matches!(c,
        '·' | '×' | '÷' | '°' | '¥' | '§'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}'
        | '\u{2100}'..='\u{214F}' | '\u{2160}'..='\u{2188}' | '\u{2190}'..='\u{21FF}'
        | '\u{2460}'..='\u{24FF}' | '\u{25A0}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}')
}

/// Puts the bytes that make up a character together.
fn assemble(escapes: Vec<Escape>) -> Vec<Escape> {
    let mut assembled = Vec::with_capacity(escapes.len());
    let mut rest = escapes.as_slice();
    while let Some(first) = rest.first() {
        let (escape, taken) = character(rest).unwrap_or((first.clone(), 1));
        assembled.push(escape);
        rest = &rest[taken..];
    }
    assembled
}

/// The character whose UTF-8 bytes `escapes` start with, and how many of them it takes;
/// soft breaks may fall between its bytes.
fn character(escapes: &[Escape]) -> Option<(Escape, usize)> {
    let mut bytes = Vec::with_capacity(4);
    for (i, escape) in escapes.iter().enumerate() {
        match escape.value {
            Value::Byte(byte) if escape.form == escapes[0].form => bytes.push(byte),
            Value::SoftBreak if !bytes.is_empty() => continue,
            _ => return None,
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let range = escapes[0].range.start..escape.range.end;
                let value = Value::Character(text.chars().next()?);
                return Some((Escape { range, value, ..escapes[0].clone() }, i + 1));
            }
            Err(error) if error.error_len().is_some() => return None,
            Err(_) => {}
        }
    }
    None
}

/// The escape that starts at `at`, if one does.
fn escape(text: &str, at: usize) -> Option<Escape> {
    let rest = &text[at..];
    let (form, (value, length)) = match rest.as_bytes().first()? {
        b'&' => (Form::Entity, entity(rest)?),
        b'\\' => (Form::Unicode, unicode(rest)?),
        b'%' if rest[1..].starts_with('u') => (Form::Unicode, unicode(rest)?),
        b'%' => (Form::Percent, percent(rest)?),
        b'=' => (Form::Quoted, quoted(rest)?),
        _ => return None,
    };
    let broken = form == Form::Entity && rest[..length].contains('\n');
    Some(Escape { range: at..at + length, form, value, broken })
}

/// `&#20013;`, `&#x4e2d;` or a name, with `&amp;` for `&` where it was escaped twice.
fn entity(rest: &str) -> Option<(Value, usize)> {
    let body = rest[1..].strip_prefix("amp;").unwrap_or(&rest[1..]);
    let character;
    let after;
    if let Some(number) = body.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let radix = if hexadecimal.is_some() { 16 } else { 10 };
        let (code, tail) = number_until_semicolon(hexadecimal.unwrap_or(number), radix)?;
        character = char::from_u32(code)?;
        after = tail;
    } else {
        let (name, named) = NAMED.iter().find(|(name, _)| body.starts_with(name))?;
        character = *named;
        after = &body[name.len()..];
    }
    Some((Value::Character(character), rest.len() - after.len()))
}

/// The names of HTML for the punctuation of Chinese text; those that make up markup
/// (`&lt;` `&amp;` `&quot;`) or blanks (`&nbsp;`) stay.
const NAMED: [(&str, char); 10] = [
    ("ldquo;", '“'),
    ("rdquo;", '”'),
    ("lsquo;", '‘'),
    ("rsquo;", '’'),
    ("hellip;", '…'),
    ("mdash;", '—'),
    ("middot;", '·'),
    ("times;", '×'),
    ("bull;", '•'),
    ("yen;", '¥'),
];

/// The number that ends with the next `;`, and the text after it; soft breaks of
/// quoted-printable may fall between its digits, `&#3=⏎0340;`.
fn number_until_semicolon(text: &str, radix: u32) -> Option<(u32, &str)> {
    let mut number = 0u32;
    let mut rest = text;
    loop {
        rest = soft_break(rest).map_or(rest, |length| &rest[length..]);
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c.to_digit(radix) {
            Some(digit) => number = number.checked_mul(radix)?.checked_add(digit)?,
            None => return (c == ';').then_some((number, rest)),
        }
    }
}

/// `\u4e2d`, `%u4e2d`, `\u{4e2d}` or a pair of surrogates `\ud840\udc00`, with `\\` for `\`
/// where it was escaped twice.
fn unicode(rest: &str) -> Option<(Value, usize)> {
    let unit = |text: &str| -> Option<(u32, usize)> {
        let start = ["\\\\u", "\\u", "%u"].into_iter().find(|start| text.starts_with(start))?;
        let body = &text[start.len()..];
        match body.strip_prefix('{') {
            Some(body) => {
                let end = body.bytes().take(7).position(|b| b == b'}').filter(|&end| end > 0)?;
                Some((hex(&body[..end])?, start.len() + end + 2))
            }
            None => Some((hex(body.get(..4)?)?, start.len() + 4)),
        }
    };
    let (first, length) = unit(rest)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Value::Character(character), length));
    }
    let (second, more) = unit(&rest[length..])?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((Value::Character(character), length + more))
}

/// `%E4`, with `%25` for `%` where it was escaped twice.
fn percent(rest: &str) -> Option<(Value, usize)> {
    let byte = |at: usize| hex(rest.get(at..at + 2)?);
    match byte(1)? {
        0x25 => match byte(3) {
            Some(twice @ 0x80..) => Some((Value::Byte(twice as u8), 5)),
            _ => None,
        },
        once => Some((Value::Byte(once as u8), 3)),
    }
}

/// `=E4`, or a soft break.
fn quoted(rest: &str) -> Option<(Value, usize)> {
    if let Some(length) = soft_break(rest) {
        return Some((Value::SoftBreak, length));
    }
    let digits = rest.get(1..3).filter(|digits| !digits.contains(|c: char| c.is_lowercase()))?;
    Some((Value::Byte(hex(digits)? as u8), 3))
}

/// The length of a soft break of quoted-printable at the start of `text`.
fn soft_break(text: &str) -> Option<usize> {
    ["=\n", "=\r\n"].into_iter().find(|soft| text.starts_with(soft)).map(str::len)
}

/// The value of hexadecimal digits; unlike `from_str_radix` it takes no sign.
fn hex(digits: &str) -> Option<u32> {
    digits.chars().try_fold(0, |number, c| Some(number * 16 + c.to_digit(16)?))
}

/// Appends an edit for each stretch of escapes that are decoded.
fn push_edits(text: &str, run: &Run, decoded: &[Option<String>], out: &mut Vec<Edit>) {
    let mut open = false;
    for (escape, decoded) in run.escapes.iter().zip(decoded) {
        let Some(decoded) = decoded else {
            open = false;
            continue;
        };
        let step = escape.form.step();
        match out.last_mut().filter(|_| open) {
            Some(edit) => {
                edit.range.end = escape.range.end;
                edit.before.push_str(&text[escape.range.clone()]);
                edit.after.push_str(decoded);
                if !edit.steps.contains(&step) {
                    edit.steps.to_mut().push(step);
                }
            }
            None => {
                let range = escape.range.clone();
                out.push(Edit::new(text, range, decoded, Kind::Escape, vec![step]));
            }
        }
        open = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::edit::apply;

    fn repaired(text: &str) -> String {
        let mut edits = Vec::new();
        repair(text, &mut edits);
        apply(text, &edits)
    }

    #[test]
    fn entities_of_chinese_text_are_decoded() {
        assert_eq!(repaired("<b>&#26597;&#30475;</b>"), "<b>查看</b>");
        assert_eq!(repaired("&#x67E5;&#X770b;&#65292;"), "查看，");
        assert_eq!(repaired("&ldquo;&#22909;&rdquo;&hellip;&hellip;"), "“好”……");
        assert_eq!(repaired("他说&ldquo;走吧&rdquo;"), "他说“走吧”");
    }

    #[test]
    fn markup_and_other_languages_stay() {
        for text in ["&lt;p&gt;&amp;&quot;&nbsp;", "caf&#233; &hellip;", "&#60;b&#62;", "&#20013"] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn unicode_escapes_are_decoded() {
        assert_eq!(repaired(r#"{"name":"\u8d75\u516d"}"#), r#"{"name":"赵六"}"#);
        assert_eq!(repaired(r"\u3402\ud840\udc0b\u{20BB7}\n"), "㐂𠀋𠮷\\n");
        assert_eq!(repaired("%u8D75%u516D"), "赵六");
        assert_eq!(repaired(r"\u0041\u8d75"), r"\u0041赵");
    }

    #[test]
    fn character_classes_stay() {
        for text in [r"[\u4e00-\u9fa5]", r"[^\u3400\u4e00]", r"\u4e00-\u9fff"] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn percent_is_decoded_outside_of_addresses() {
        assert_eq!(repaired("keyword=%E8%8C%B6%E5%8F%B6&page=2"), "keyword=茶叶&page=2");
        for text in
            ["https://example.org/wiki/%E8%8C%B6", "[茶](./docs/%E8%8C%B6.md)", "100%E8", "%41%42"]
        {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn quoted_printable_is_decoded_with_its_soft_breaks() {
        assert_eq!(repaired("=E6=82=A8=E5=A5=\n=BD=EF=BC=8C=\r\nTom"), "您好，Tom");
        assert_eq!(repaired("=0A=E6=82=A8=20ok"), "\n您 ok");
        assert_eq!(repaired("=0A&#24744;&#2=\n2909;"), "\n您好");
        for text in
            ["a=0A&b", "x =\n y", "=?UTF-8?Q?=E6=82=A8?=", "=?=\n&#20013;=E4=B8=AD", "url?q=3D"]
        {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn two_layers_are_decoded_at_once() {
        assert_eq!(repaired("&amp;#33590;&amp;#21494;"), "茶叶");
        assert_eq!(repaired("q=%25E8%258C%25B6"), "q=茶");
        assert_eq!(repaired(r"\\u8336\\u53f6"), "茶叶");
    }

    #[test]
    fn an_edit_tells_every_form() {
        let mut edits = Vec::new();
        repair("甲 =E8=8C=B6&#21494; 乙", &mut edits);
        assert_eq!(edits.len(), 1);
        assert_eq!((edits[0].kind, edits[0].after.as_str()), (Kind::Escape, "茶叶"));
        let steps: Vec<String> = edits[0].steps.iter().map(Step::to_string).collect();
        assert_eq!(steps, ["unescape-quoted-printable", "unescape-entities"]);
    }

    /// Pieces of escapes in any order: most of the ways in which two of them can meet.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "&#20013;",
            "&#8230;",
            "&hellip;",
            "&amp;",
            "#",
            "20013;",
            "\\u4e2d",
            "\\u2026",
            "\\",
            "u4e2d",
            "\\ud840",
            "\\udc0b",
            "%E4%B8%AD",
            "%E4",
            "%B8",
            "%AD",
            "%25",
            "E4",
            "%E2%80%A6",
            "=E4=B8=AD",
            "=E4",
            "=B8",
            "=AD",
            "=0A",
            "=20",
            "=3D",
            "=\n",
            "=\r\n",
            "=",
            "\n",
            "/",
            "[",
            "]",
            "-",
            "中",
            "…",
            " ",
            "=?",
            "?Q?",
            "&",
            "%",
            "a",
            "\"",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn repairing_twice_changes_nothing_more(text in hostile()) {
            let once = repaired(&text);
            prop_assert_eq!(repaired(&once), once);
        }

        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            repaired(&text);
        }

        #[test]
        fn text_without_escapes_is_unchanged(text in "[^&%=\\\\]*") {
            prop_assert_eq!(repaired(&text), text);
        }
    }
}
