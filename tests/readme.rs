//! The tables on the front pages say what really happens.

use std::fs;
use std::path::Path;

use hanfix::Fixer;

/// Injected readings are told by a page, not a line: such a row is repeated to one.
const PAGE_LINES: usize = 5;

/// A row `| what | `before` | `after` |`.
struct Row<'a> {
    what: &'a str,
    before: &'a str,
    after: &'a str,
}

impl Row<'_> {
    /// Only rows of the first table have nothing but code in their last two cells.
    fn parse(line: &str) -> Option<Row<'_>> {
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let [what, before, after] = cells.collect::<Vec<_>>()[..] else { return None };
        Some(Row { what, before: code_of(before)?, after: code_of(after)? })
    }

    fn lines(&self) -> usize {
        let page = self.what.contains("page") || self.what.contains("整页");
        if page { PAGE_LINES } else { 1 }
    }
}

fn code_of(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

#[test]
fn every_row_comes_out_as_promised() {
    let fixer = Fixer::default();
    for name in ["README.md", "README.zh-CN.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = fs::read_to_string(path).expect(name);
        let rows: Vec<Row> = page.lines().filter_map(Row::parse).collect();
        assert!(rows.len() >= 6, "{name} has {} rows", rows.len());
        for row in rows {
            let text = |line: &str| format!("{line}\n").repeat(row.lines());
            assert_eq!(fixer.fix(&text(row.before)).text, text(row.after), "{name}: {}", row.what);
        }
    }
}
