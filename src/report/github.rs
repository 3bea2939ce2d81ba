//! Workflow commands that GitHub shows as annotations of a change.

use std::io::{self, Write};

use super::{Format, Item, Report};

/// GitHub annotations: a warning for each edit, a notice for each finding.
#[derive(Clone, Copy, Debug)]
pub struct Github;

impl Format for Github {
    fn document(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut places = report.places();
        let path = property(report.path);
        for item in report.items() {
            let (start, end) = (places.at(item.range().start), places.at(item.range().end));
            let command = match item {
                Item::Edit(_) => "warning",
                Item::Finding(_) => "notice",
            };
            write!(out, "::{command} file={path},line={},endLine={},", start.line, end.line)?;
            // columns are only taken where the annotation stays on one line
            if start.line == end.line {
                write!(out, "col={},endColumn={},", start.column, end.column)?;
            }
            writeln!(out, "title=hanfix {}::{}", item.kind(), data(&item.message()))?;
        }
        Ok(())
    }
}

/// The text of an annotation.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, where colon and comma also have a meaning.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::rendered;

    #[test]
    fn annotations_name_file_and_place() {
        let lines = rendered(&Github);
        assert!(lines.starts_with(
            "::warning file=目录/a b.txt,line=2,endLine=2,col=6,endColumn=11,\
             title=hanfix transcode::鐢ㄦ埛鍚� → 用户名\n::notice "
        ));
        assert_eq!(property("a,b:100%\n"), "a%2Cb%3A100%25%0A");
    }
}
