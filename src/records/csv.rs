//! Comma-separated values (RFC 4180), and tab-separated ones, which know no quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::json::Field;
use super::{Lines, RecordError, Repaired};
use crate::fixer::Fixer;

/// How cells and records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Commas; a cell in double quotes may hold commas, line breaks and doubled quotes.
    Comma,
    /// Tabs; nothing is quoted.
    Tab,
}

impl Dialect {
    fn delimiter(self) -> u8 {
        match self {
            Dialect::Comma => b',',
            Dialect::Tab => b'\t',
        }
    }

    /// Whether a newline may stand inside a record.
    pub fn quotes(self) -> bool {
        self == Dialect::Comma
    }
}

/// Where a reader of comma-separated values is: inside quotes or not.
#[derive(Clone, Copy, Debug)]
pub struct Quotes {
    open: bool,
    /// A quote here opens, or doubles the one before it.
    edge: bool,
}

impl Quotes {
    /// At the start of a record.
    pub const START: Quotes = Quotes { open: false, edge: true };

    /// Goes over one byte of a record.
    fn pass(&mut self, byte: u8) {
        match (self.open, byte) {
            (true, b'"') => *self = Quotes::START,
            (false, b'"') if self.edge => self.open = true,
            (false, b',' | b'\n') => self.edge = true,
            (false, _) => self.edge = false,
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
        let cells = cells(header, dialect);
        let names: Vec<_> = cells.into_iter().map(|cell| unquote(&header[cell], dialect)).collect();
        let column = |field: &Field| {
            names.iter().position(|name| name == field.name()).ok_or_else(|| RecordError {
                column: 1,
                message: format!("no column `{}`", field.name()),
            })
        };
        let mut columns: Vec<usize> = fields.iter().map(column).collect::<Result<_, _>>()?;
        columns.sort_unstable();
        columns.dedup();
        Ok(Csv { fixer, dialect, columns })
    }
}

impl Lines for Csv<'_> {
    fn repair(&self, record: &[u8]) -> Result<Repaired, RecordError> {
        let record = text(record)?;
        let cells = cells(record, self.dialect);
        let mut repaired = Repaired::default();
        let mut out = String::new();
        let mut at = 0;
        for cell in self.columns.iter().filter_map(|column| cells.get(*column)) {
            let value = unquote(&record[cell.clone()], self.dialect);
            let fixed = self.fixer.fix(&value);
            repaired.count(&fixed.edits, fixed.findings.len());
            if !fixed.edits.is_empty() {
                out.push_str(&record[at..cell.start]);
                let quoted = record[cell.clone()].starts_with('"');
                out.push_str(&quote(&fixed.text, quoted, self.dialect, cell.start)?);
                at = cell.end;
            }
        }
        if at > 0 {
            out.push_str(&record[at..]);
            repaired.record = Some(out.into_bytes());
        }
        Ok(repaired)
    }

    fn quotes(&self) -> bool {
        self.dialect.quotes()
    }
}

fn text(record: &[u8]) -> Result<&str, RecordError> {
    std::str::from_utf8(record).map_err(|error| RecordError {
        column: error.valid_up_to() + 1,
        message: "not UTF-8".to_owned(),
    })
}

/// The cells of a record, quotes included.
fn cells(record: &str, dialect: Dialect) -> Vec<Range<usize>> {
    let mut quotes = Quotes::START;
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, byte) in record.bytes().enumerate() {
        if byte == dialect.delimiter() && !quotes.open {
            cells.push(start..at);
            start = at + 1;
        }
        if dialect.quotes() {
            quotes.pass(byte);
        }
    }
    cells.push(start..record.len());
    cells
}

/// What a cell holds.
fn unquote(cell: &str, dialect: Dialect) -> Cow<'_, str> {
    let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
    match inner {
        Some(inner) if dialect.quotes() => {
            if inner.contains('"') {
                inner.replace("\"\"", "\"").into()
            } else {
                inner.into()
            }
        }
        _ => cell.into(),
    }
}

/// The cell that holds `value`: in quotes where it was, or where it must be.
fn quote(value: &str, quoted: bool, dialect: Dialect, start: usize) -> Result<String, RecordError> {
    let special = value.contains(['\n', '\r', char::from(dialect.delimiter())]);
    match dialect {
        Dialect::Comma if quoted || special || value.contains('"') => {
            Ok(format!("\"{}\"", value.replace('"', "\"\"")))
        }
        Dialect::Tab if special => Err(RecordError {
            column: start + 1,
            message: "the repaired text has a tab or line break".to_owned(),
        }),
        _ => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `用户名或密码` in UTF-8, read as GBK.
    const GARBLED: &str = "鐢ㄦ埛鍚嶆垨瀵嗙爜";

    fn repaired(header: &str, record: &str, dialect: Dialect) -> Option<String> {
        let fixer = Fixer::default();
        let csv = Csv::new(&fixer, dialect, header.as_bytes(), &[Field::new("text")]).unwrap();
        let record = csv.repair(record.replace('G', GARBLED).as_bytes()).unwrap().record?;
        Some(String::from_utf8(record).unwrap().replace("用户名或密码", "R"))
    }

    #[test]
    fn only_the_named_column_changes() {
        let header = "\u{feff}id,\"text\",other\r\n";
        let other = format!("\"a, \"\"b\"\"\",R,{GARBLED}");
        assert_eq!(repaired(header, "\"a, \"\"b\"\"\",G,G", Dialect::Comma), Some(other));
        let quoted = "1,\"\"\"一\"\"\nG\",5\" x";
        let wanted = quoted.replace('G', "R");
        assert_eq!(repaired(header, quoted, Dialect::Comma), Some(wanted));
        assert_eq!(repaired(header, "1,一,G", Dialect::Comma), None);
        assert_eq!(repaired(header, "1", Dialect::Comma), None, "a short record");
    }

    #[test]
    fn tabs_know_no_quotes() {
        assert_eq!(repaired("a\ttext", "\"\tG", Dialect::Tab), Some("\"\tR".to_owned()));
    }

    #[test]
    fn a_missing_column_is_told() {
        let fixer = Fixer::default();
        let missing = Csv::new(&fixer, Dialect::Comma, b"a,b", &[Field::new("text")]);
        assert_eq!(missing.err().unwrap().message, "no column `text`");
    }

    #[test]
    fn quotes_open_only_at_the_edge_of_a_cell() {
        let open = |bytes: &str| {
            let mut quotes = Quotes::START;
            quotes.open_after(bytes.as_bytes())
        };
        assert!(open("a,\"b\n"));
        assert!(!open("a,\"b\n\"\"c\"\n"));
        assert!(!open("5\" pipe\n"));
        assert!(open("\"a\"\"\n"));
    }
}
