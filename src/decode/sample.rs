//! Parts from all over a file, by which its encoding is told.

/// Files up to this size are sampled by all of their lines, larger ones by [`WINDOWS`] windows.
const WHOLE: usize = 32 << 10;
const WINDOWS: usize = 64;
/// Bytes of a window.
pub const WINDOW: usize = 512;

/// Every so manieth line of the sample is read first, so that an early end has seen all parts.
const STRIDE: usize = 16;

/// Lines from all over `bytes` that are not all ASCII, none longer than a window.
pub fn sample(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.len() <= WHOLE {
        return non_ascii_lines(bytes);
    }
    let stride = bytes.len() / WINDOWS;
    let mut sample = Vec::new();
    for index in 0..WINDOWS {
        let end = if index + 1 == WINDOWS { bytes.len() } else { (index + 1) * stride };
        let part = &bytes[index * stride..end];
        // the first line of a part is a part of a line
        let whole = memchr::memchr(b'\n', &part[..part.len().min(WINDOW)]);
        let part = &part[whole.filter(|_| index > 0).map_or(0, |end| end + 1)..];
        let Some(first) = part.iter().position(|byte| !byte.is_ascii()) else { continue };
        let start = memchr::memrchr(b'\n', &part[..first]).map_or(0, |end| end + 1);
        let start = start.max(first.saturating_sub(WINDOW / 2));
        sample.extend(non_ascii_lines(&part[start..part.len().min(start + WINDOW)]));
    }
    sample
}

/// The lines of `bytes` that are not all ASCII; what is longer than a window is cut beside ASCII.
fn non_ascii_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        let mut rest = line;
        while rest.len() > WINDOW {
            let space = |byte: &u8| matches!(byte, b' '..=b'/' | b':'..=b'?');
            let cut = rest[..WINDOW].iter().rposition(space).map_or(WINDOW, |at| at + 1);
            let (piece, tail) = rest.split_at(cut);
            lines.push(piece);
            rest = tail;
        }
        lines.push(rest);
    }
    lines.retain(|line| !line.is_ascii());
    lines
}

/// All of the lines, every [`STRIDE`]th first.
pub fn in_strides<'a>(lines: &[&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    (0..STRIDE.min(lines.len())).flat_map(|from| lines[from..].iter().step_by(STRIDE).copied())
}

/// Pieces from all over `bytes`, cut at multiples of `unit`.
pub fn sample_units(bytes: &[u8], unit: usize) -> Vec<&[u8]> {
    if bytes.len() <= WHOLE {
        return vec![bytes];
    }
    let stride = bytes.len() / WINDOWS / unit * unit;
    (0..WINDOWS).map(|index| &bytes[index * stride..][..WINDOW]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_of_all_parts() {
        let mut bytes = b"all ascii here\n".repeat(10_000);
        bytes.extend_from_slice("最后一行\n".as_bytes());
        assert_eq!(sample(&bytes), ["最后一行\n".as_bytes()]);
        let text = "中文".repeat(40_000);
        assert!(sample(text.as_bytes()).len() >= WINDOWS);
    }

    #[test]
    fn strides_leave_nothing_out() {
        let lines: Vec<[u8; 1]> = (0..40).map(|byte| [byte]).collect();
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_slice()).collect();
        let mut seen: Vec<&[u8]> = in_strides(&lines).collect();
        assert_eq!(seen[1], [16]);
        seen.sort();
        assert_eq!(seen, lines);
    }
}
