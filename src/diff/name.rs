//! The name of a file in a patch.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// The name of a file in a patch: relative, without `.` and `..`.
#[derive(Debug)]
pub struct PatchName(Vec<u8>);

impl PatchName {
    /// The name of `path` as seen from the directory `here`. A path that is not
    /// below it is named from the root, for `patch -p1 -d /`.
    pub fn new(path: &Path, here: &Path) -> PatchName {
        let mut parts = Vec::new();
        for part in here.join(path).components() {
            match part {
                Component::Normal(name) => parts.push(name.to_owned()),
                Component::ParentDir => drop(parts.pop()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let absolute: PathBuf = parts.iter().collect();
        let here: PathBuf =
            here.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        let relative = absolute.strip_prefix(&here).unwrap_or(&absolute);
        PatchName(relative.as_os_str().as_encoded_bytes().to_owned())
    }

    pub(super) fn write_header(&self, out: &mut dyn Write) -> io::Result<()> {
        // git ends a name with blanks by a tab, so that no date is looked for in it
        let end = if self.0.contains(&b' ') { "\t" } else { "" };
        out.write_all(b"diff --git ")?;
        self.write_side("a/", out)?;
        out.write_all(b" ")?;
        self.write_side("b/", out)?;
        out.write_all(b"\n--- ")?;
        self.write_side("a/", out)?;
        write!(out, "{end}\n+++ ")?;
        self.write_side("b/", out)?;
        writeln!(out, "{end}")
    }

    /// Writes one side's name, quoted where git quotes with `core.quotePath` off, so
    /// that Chinese names stay readable.
    fn write_side(&self, side: &str, out: &mut dyn Write) -> io::Result<()> {
        let readable = std::str::from_utf8(&self.0).is_ok();
        let special = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'"' | b'\\');
        if readable && !self.0.iter().any(special) {
            out.write_all(side.as_bytes())?;
            return out.write_all(&self.0);
        }
        write!(out, "\"{side}")?;
        for byte in &self.0 {
            match byte {
                b'"' | b'\\' => out.write_all(&[b'\\', *byte])?,
                b'\n' => out.write_all(b"\\n")?,
                b'\t' => out.write_all(b"\\t")?,
                0x20..=0x7e => out.write_all(&[*byte])?,
                _ => write!(out, "\\{byte:03o}")?,
            }
        }
        out.write_all(b"\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> String {
        let mut out = Vec::new();
        PatchName::new(Path::new(path), Path::new("/here")).write_side("a/", &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_relative_and_quoted_only_where_they_must_be() {
        assert_eq!(name("./目录/../文 件.txt"), "a/文 件.txt");
        assert_eq!(name("/here/b.txt"), "a/b.txt");
        assert_eq!(name("../there/b.txt"), "a/there/b.txt");
        assert_eq!(name("q\"门\n.txt"), "\"a/q\\\"\\351\\227\\250\\n.txt\"");
    }
}
