//! Escapes left in text: `&#20013;`, `\u4e2d`, `%E4%B8%AD`, `=E4=B8=AD`.
//!
//! Runs only where asked for: in code, markup and addresses escapes are meant.
//! Even then only what becomes Chinese, Japanese or Korean text is decoded, and
//! the punctuation beside it; `&lt;`, `%2F` and `\n` keep the structure of what
//! they stand in. Escapes that were escaped again (`&amp;#20013;`, `%25E4`,
//! `\\u4e2d`) are decoded through both layers at once, so that a second run finds
//! nothing left to do.

mod syntax;

use crate::edit::{Edit, Kind};
use crate::script::{is_cjk_letter, is_cjk_punctuation};
use syntax::{Escape, Form, Value, assemble, escape, next_escape};

/// The edits that decode the escapes of `text`, sorted by position.
pub(crate) fn repair(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut context = Context::default();
    let mut at = 0;
    while let Some(found) = next_escape(text, at) {
        context.pass(&text[at..found]);
        let run = Run::parse(text, found);
        if run.escapes.is_empty() {
            context.pass(&text[found..=found]); // a `&`, `%`, `=` or `\` that escapes nothing
            at = found + 1;
            continue;
        }
        at = run.end;
        let decoded = run.decode(text, &context);
        for (escape, decoded) in run.escapes.iter().zip(&decoded) {
            context.pass(decoded.as_deref().unwrap_or(&text[escape.range.clone()]));
        }
        push_edits(text, &run, &decoded, &mut edits);
    }
    edits
}

/// What the text before an escape says of what an escape is in.
#[derive(Default)]
struct Context {
    last: Option<char>,
    /// Inside of a word with a `/`: an address or a path.
    path: bool,
    /// Inside of an encoded word of a mail header, `=?UTF-8?Q?=E4=B8=AD?=`.
    encoded_word: bool,
}

impl Context {
    fn pass(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|') {
                *self = Context::default();
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
        Run { escapes: assemble(&escapes), end }
    }

    /// What stands for each escape of the run; `None` where it stays.
    fn decode(&self, text: &str, context: &Context) -> Vec<Option<String>> {
        let after = text[self.end..].chars().next();
        let meant = self.meant(context, after);
        let mut decoded = vec![None; self.escapes.len()];
        let mut from_left = Spread::beside(context.last);
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
    fn meant(&self, context: &Context, after: Option<char>) -> Vec<bool> {
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
        let all = context.encoded_word || has(Form::Percent) && (has(Form::Quoted) || is_broken);
        let mut meant: Vec<bool> = self
            .escapes
            .iter()
            .map(|escape| match escape.form {
                _ if all => true,
                Form::Percent => context.path,
                Form::Quoted => !is_mail,
                Form::Unicode | Form::Entity => false,
            })
            .collect();
        // a character class or range: `[\u4e00-\u9fa5]`
        let is_unicode = |escape: &&Escape| escape.form == Form::Unicode;
        if matches!(context.last, Some('[' | '^' | '-')) {
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
    is_cjk_letter(c)
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
    use crate::edit::{Step, apply};

    fn repaired(text: &str) -> String {
        apply(text, &repair(text))
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
        let edits = repair("甲 =E8=8C=B6&#21494; 乙");
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
