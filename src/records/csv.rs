//! Comma-separated values (RFC 4180, with any delimiter), and tab-separated ones, which
//! know no quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::field::Field;
use super::{FieldEdits, Lines, RecordError, Repaired, text};
use crate::edit::replace_ranges;
use crate::fixer::{Fixed, Fixer};

/// The column that tells what a record is known by elsewhere.
const ID: &str = "id";

/// How cells and records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two cells: an ASCII character.
    pub delimiter: u8,
    /// Whether a cell in double quotes may hold delimiters, line breaks and doubled quotes.
    pub quoted: bool,
}

impl Dialect {
    /// Commas and quotes.
    pub const COMMA: Dialect = Dialect { delimiter: b',', quoted: true };
    /// Tabs; nothing is quoted.
    pub const TAB: Dialect = Dialect { delimiter: b'\t', quoted: false };

    /// How quotes are read from the start of a record, if there are any.
    pub fn quotes(self) -> Option<Quotes> {
        let quotes = Quotes { delimiter: self.delimiter, open: false, edge: true, mark: &[] };
        self.quoted.then_some(quotes)
    }

    /// How quotes are read from the start of a stream, where a byte order mark may stand before the
    /// first cell: `EF BB BF 22` opens a quote.
    pub fn quotes_of_stream(self) -> Option<Quotes> {
        let quotes = self.quotes()?;
        Some(Quotes { mark: "\u{feff}".as_bytes(), ..quotes })
    }
}

/// Where a reader of comma-separated values is: inside quotes or not.
#[derive(Clone, Copy, Debug)]
pub struct Quotes {
    delimiter: u8,
    open: bool,
    /// A quote here opens, or doubles the one before it.
    edge: bool,
    /// What may be left of a byte order mark.
    mark: &'static [u8],
}

impl Quotes {
    /// Goes over one byte of a record.
    fn pass(&mut self, byte: u8) {
        if let Some((first, rest)) = std::mem::take(&mut self.mark).split_first()
            && byte == *first
        {
            self.mark = rest;
            return;
        }
        match (self.open, byte) {
            (true, b'"') => (self.open, self.edge) = (false, true),
            (false, b'"') if self.edge => self.open = true,
            (false, _) => self.edge = byte == self.delimiter || byte == b'\n',
            (true, _) => {}
        }
    }

    /// Goes over some bytes; whether that ends inside quotes.
    pub fn open_after(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().for_each(|byte| self.pass(*byte));
        self.open
    }
}

/// Repairs cells of records.
pub struct Csv<'a> {
    fixer: &'a Fixer,
    dialect: Dialect,
    /// The columns that are text.
    columns: Vec<usize>,
    /// The names of all columns.
    names: Vec<String>,
}

impl<'a> Csv<'a> {
    /// Finds the columns that `fields` names in the first record.
    ///
    /// # Errors
    /// Where a column is missing.
    pub fn new(
        fixer: &'a Fixer,
        dialect: Dialect,
        header: &[u8],
        fields: &[Field],
    ) -> Result<Csv<'a>, RecordError> {
        let header = text(header)?.trim_start_matches('\u{feff}');
        let header = header.trim_end_matches(['\r', '\n']);
        let name = |cell| unquote(&header[cell], dialect).into_owned();
        let names: Vec<String> = cells(header, dialect)?.into_iter().map(name).collect();
        let column = |field: &Field| {
            names.iter().position(|name| name == field.name()).ok_or_else(|| RecordError {
                column: 1,
                message: format!("no column `{}` among `{}`", field.name(), names.join("`, `")),
            })
        };
        let mut columns: Vec<usize> = fields.iter().map(column).collect::<Result<_, _>>()?;
        columns.sort_unstable();
        columns.dedup();
        Ok(Csv { fixer, dialect, columns, names })
    }
}

impl Lines for Csv<'_> {
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError> {
        let record = text(record)?;
        let cells = cells(record, self.dialect)?;
        let mut repaired = Repaired::default();
        let mut rewritten = Vec::new();
        for column in &self.columns {
            // a short record lacks cells
            let Some(cell) = cells.get(*column) else { continue };
            let value = unquote(&record[cell.clone()], self.dialect);
            let Fixed { text, edits, findings } = self.fixer.fix(&value);
            if !edits.is_empty() {
                let new = quote(&text, &record[cell.clone()], self.dialect, cell.start)?;
                rewritten.push((cell.clone(), new));
            }
            let field = Some(self.names[*column].clone());
            repaired.add(FieldEdits { field, edits, findings });
        }
        if !rewritten.is_empty() {
            repaired.record = Some(replace_ranges(record, rewritten).into_bytes());
        }
        Ok(repaired)
    }

    fn id(&self, record: &[u8]) -> Option<String> {
        let column = self.names.iter().position(|name| name == ID)?;
        let record = text(record).ok()?;
        let cell = cells(record, self.dialect).ok()?.get(column)?.clone();
        serde_json::to_string(&unquote(&record[cell], self.dialect)).ok()
    }
}

/// The cells of a record, quotes included.
///
/// # Errors
/// Where a quote is never closed: everything behind it may be other records.
fn cells(record: &str, dialect: Dialect) -> Result<Vec<Range<usize>>, RecordError> {
    let mut quotes = dialect.quotes();
    let mut open = false;
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, byte) in record.bytes().enumerate() {
        if byte == dialect.delimiter && !open {
            cells.push(start..at);
            start = at + 1;
        }
        open = quotes.as_mut().is_some_and(|quotes| quotes.open_after(&[byte]));
    }
    if open {
        let message = "a quote is never closed".to_owned();
        return Err(RecordError { column: start + 1, message });
    }
    cells.push(start..record.len());
    Ok(cells)
}

/// What a cell holds.
fn unquote(cell: &str, dialect: Dialect) -> Cow<'_, str> {
    let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
    match inner {
        Some(inner) if dialect.quoted => {
            if inner.contains('"') {
                inner.replace("\"\"", "\"").into()
            } else {
                inner.into()
            }
        }
        _ => cell.into(),
    }
}

/// Whether text stands behind the closing quote of a cell, or a quote inside is not doubled:
/// readers disagree on what `"a" b` and `"a"b"` hold.
fn is_broken(cell: &str, dialect: Dialect) -> bool {
    let Some(inner) = cell.strip_prefix('"').filter(|_| dialect.quoted) else { return false };
    inner.strip_suffix('"').is_none_or(|inner| inner.replace("\"\"", "").contains('"'))
}

/// The cell that holds `value`: in quotes where the cell `old` was, or where it must be.
fn quote(value: &str, old: &str, dialect: Dialect, start: usize) -> Result<String, RecordError> {
    if is_broken(old, dialect) {
        let message = "a cell goes on behind its closing quote".to_owned();
        return Err(RecordError { column: start + 1, message });
    }
    let special = value.contains(['\n', '\r', char::from(dialect.delimiter)]);
    // a quote inside of a cell without quotes, as in `5" pipe`, is kept as it was written
    let has_new_quote = value.contains('"') && !old.contains('"');
    let must_be_quoted = special || has_new_quote || value.starts_with('"');
    if dialect.quoted && (old.starts_with('"') || must_be_quoted) {
        return Ok(format!("\"{}\"", value.replace('"', "\"\"")));
    }
    if special {
        let message = "the repaired text has a delimiter or line break".to_owned();
        return Err(RecordError { column: start + 1, message });
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `用户名或密码` in UTF-8, read as GBK.
    const GARBLED: &str = "鐢ㄦ埛鍚嶆垨瀵嗙爜";

    fn repaired(header: &str, record: &str, dialect: Dialect) -> Option<String> {
        let fixer = Fixer::default();
        let csv = Csv::new(&fixer, dialect, header.as_bytes(), &[Field::named("text")]).unwrap();
        let record = csv.repair(record.replace('G', GARBLED).as_bytes()).unwrap().record?;
        Some(String::from_utf8(record).unwrap().replace("用户名或密码", "R"))
    }

    #[test]
    fn only_the_named_column_changes() {
        let header = "\u{feff}id,\"text\",other\r\n";
        let other = format!("\"a, \"\"b\"\"\",R,{GARBLED}");
        assert_eq!(repaired(header, "\"a, \"\"b\"\"\",G,G", Dialect::COMMA), Some(other));
        let quoted = "1,\"\"\"一\"\"\nG\",5\" x";
        let wanted = quoted.replace('G', "R");
        assert_eq!(repaired(header, quoted, Dialect::COMMA), Some(wanted));
        assert_eq!(repaired(header, "1,一,G", Dialect::COMMA), None);
        assert_eq!(repaired(header, "1, \"G\"", Dialect::COMMA).unwrap(), "1, \"R\"");
        assert_eq!(repaired(header, "1", Dialect::COMMA), None, "a short record");
    }

    #[test]
    fn tabs_know_no_quotes() {
        assert_eq!(repaired("a\ttext", "\"\tG", Dialect::TAB), Some("\"\tR".to_owned()));
    }

    #[test]
    fn a_missing_column_is_told() {
        let fixer = Fixer::default();
        let missing = Csv::new(&fixer, Dialect::COMMA, b"a,b", &[Field::named("text")]);
        assert_eq!(missing.err().unwrap().message, "no column `text` among `a`, `b`");
    }

    #[test]
    fn any_delimiter_will_do() {
        let semicolons = Dialect { delimiter: b';', quoted: true };
        assert_eq!(repaired("id;text", "\"a;b\";G,", semicolons), Some("\"a;b\";R,".to_owned()));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_an_error() {
        let fixer = Fixer::default();
        let csv = Csv::new(&fixer, Dialect::COMMA, b"id,text", &[Field::named("text")]).unwrap();
        assert_eq!(csv.repair(b"1,\"a\n2,b").unwrap_err().column, 3);
        assert_eq!(csv.id(b"\"7\"\"\",x").unwrap(), "\"7\\\"\"");
    }

    #[test]
    fn a_cell_that_goes_on_behind_its_quote_is_not_rewritten() {
        let fixer = Fixer::default();
        let csv = Csv::new(&fixer, Dialect::COMMA, b"id,text", &[Field::named("text")]).unwrap();
        for cell in ["\"G\" x", "\"G\"x\"", "\"x\"\"\" G"] {
            let record = format!("1,{cell}").replace('G', GARBLED);
            let error = csv.repair(record.as_bytes()).unwrap_err();
            assert_eq!(
                (error.column, &*error.message),
                (3, "a cell goes on behind its closing quote")
            );
        }
        let elsewhere = format!("\"1\" x,{GARBLED}");
        assert!(csv.repair(elsewhere.as_bytes()).unwrap().record.is_some());
    }

    #[test]
    fn quotes_open_only_at_the_edge_of_a_cell() {
        let open = |bytes: &str| {
            let mut quotes = Dialect::COMMA.quotes().unwrap();
            quotes.open_after(bytes.as_bytes())
        };
        assert!(open("a,\"b\n"));
        assert!(!open("a,\"b\n\"\"c\"\n"));
        assert!(!open("5\" pipe\n"));
        assert!(open("\"a\"\"\n"));
    }
}
