//! What is no text at all.

/// How formats that are not text start, by name. Only what text does not start with.
const MAGIC: [(&[u8], &str); 24] = [
    (b"\x89PNG\r\n\x1A\n", "PNG image"),
    (b"\xFF\xD8\xFF", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "zip archive"),
    (b"PK\x05\x06", "zip archive"),
    (b"\x1F\x8B\x08", "gzip data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\xFD7zXZ\0", "xz data"),
    (b"\x28\xB5\x2F\xFD", "zstd data"),
    (b"7z\xBC\xAF\x27\x1C", "7z archive"),
    (b"Rar!\x1A\x07", "rar archive"),
    (b"\x7FELF", "ELF object"),
    (b"\xCA\xFE\xBA\xBE", "class file or Mach-O object"),
    (b"\xCF\xFA\xED\xFE", "Mach-O object"),
    (b"\0asm", "WebAssembly module"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"OggS\0", "Ogg media"),
    (b"fLaC\0", "FLAC audio"),
    (b"ID3\x03", "MP3 audio"),
    (b"ID3\x04", "MP3 audio"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE document"),
    (b"wOF2", "WOFF2 font"),
];

/// The name of the format whose magic number `bytes` start with.
pub(super) fn format(bytes: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
}

/// One control character in this many bytes is more than text has, form feeds and terminal
/// escapes included.
const BYTES_PER_CONTROL: usize = 32;

/// How far into a file is looked: what is binary shows early.
const HEAD: usize = 64 << 10;

/// The first control character, where there are too many of them for text.
pub(super) fn control(bytes: &[u8]) -> Option<usize> {
    let (first, count) = controls(bytes)?;
    (count > 1).then_some(first)
}

/// Whether there are so many control characters that text is to be doubted: in a few words, one.
pub(super) fn is_doubtful(bytes: &[u8]) -> bool {
    controls(bytes).is_some()
}

/// The first control character and how many there are, where they are more than text has.
fn controls(bytes: &[u8]) -> Option<(usize, usize)> {
    let bytes = &bytes[..bytes.len().min(HEAD)];
    let is_control = |byte: &u8| {
        *byte == 0x7F
            || *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A | 0x1B)
    };
    let first = bytes.iter().position(is_control)?;
    let count = bytes[first..].iter().filter(|byte| is_control(byte)).count();
    (count * BYTES_PER_CONTROL > bytes.len()).then_some((first, count))
}
