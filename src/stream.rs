//! The pipeline over documents of any size, in constant memory.

use crate::decode::{self, Block, DecodeError};
use crate::fixer::{FixedBytes, Fixer};
use crate::repair::Memory;
use crate::repair::calm_end;

/// Bytes of a file that are fixed at once: a novel, and many times what the evidence for a damage
/// and the page of an injector are found in. Clean text takes ten times that in memory, and text
/// of which every third character is converted, each an edit, about seventy times.
const WINDOW: usize = 2 << 20;

/// Repairs and converts a document that arrives in chunks, window by window.
///
/// A document of up to one and a half times the size of a window is one window, and fixed
/// exactly as [`Fixer::fix_bytes`] fixes it. A larger one is cut at line ends, away from damage
/// where there is such a place. What windows tell is remembered for those that follow: the
/// encoding, the paths that damage came, and the script for a conversion that asks for it.
/// Evidence is never borrowed from a later window, and whether pinyin is injected is told from
/// each window alone.
///
/// ```
/// use hanfix::{Fixer, decode::Options};
///
/// let fixer = Fixer::default();
/// let mut stream = fixer.stream(&Options::default());
/// let mut fixed = Vec::new();
/// for chunk in "第一行\n鐢ㄦ埛鍚嶅拰瀵嗙爜\n".as_bytes().chunks(5) {
///     stream.push(chunk);
///     while let Some(window) = stream.next_window() {
///         fixed.extend(window?.encode()?);
///     }
/// }
/// stream.end();
/// while let Some(window) = stream.next_window() {
///     fixed.extend(window?.encode()?);
/// }
/// assert_eq!(fixed, "第一行\n用户名和密码\n".as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FixStream {
    fixer: Fixer,
    blocks: decode::Stream,
    memory: Memory,
}

/// A part of a document, decoded and fixed.
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// Its text, edits and findings; all offsets are those within the window.
    pub fixed: FixedBytes<'a>,
    /// Where the window starts in the file, in bytes.
    pub offset: u64,
}

impl Fixer {
    /// Fixes a document of any size in windows of about two megabytes.
    pub fn stream(&self, options: &decode::Options) -> FixStream {
        self.stream_in_windows(options, WINDOW)
    }

    /// Fixes a document in windows of `size` bytes, or half as much more or less.
    pub fn stream_in_windows(&self, options: &decode::Options, size: usize) -> FixStream {
        let blocks = decode::Stream::with_block_size(options, size);
        FixStream { fixer: self.clone(), blocks, memory: Memory::default() }
    }
}

impl FixStream {
    /// The size in bytes of the largest document that is fixed as a whole.
    pub fn most(&self) -> usize {
        self.blocks.most()
    }

    /// Takes in the next bytes of the document.
    pub fn push(&mut self, bytes: &[u8]) {
        self.blocks.push(bytes);
    }

    /// Says that there are no more bytes.
    pub fn end(&mut self) {
        self.blocks.end();
    }

    /// The next window, once there are enough bytes for one; after [`FixStream::end`] all that is
    /// left. An empty document has one window.
    ///
    /// # Errors
    /// Where the window is no text, with offsets in bytes of the document. It is skipped then;
    /// [`FixStream::bytes`] are what it holds.
    pub fn next_window(&mut self) -> Option<Result<Window<'_>, DecodeError>> {
        let Block { decoded, offset } = match self.blocks.next_block_to(calm_end)? {
            Ok(block) => block,
            Err(error) => return Some(Err(error)),
        };
        let fixed = self.fixer.fix_decoded(decoded, offset, &mut self.memory);
        Some(Ok(Window { fixed, offset }))
    }

    /// The bytes of the window that was given out, or skipped, last.
    pub fn bytes(&self) -> &[u8] {
        self.blocks.bytes()
    }

    /// Takes out all bytes that were pushed and are in no window yet.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.blocks.take_rest()
    }
}

impl Window<'_> {
    /// The bytes of the window with its edits applied.
    ///
    /// # Errors
    /// Where an edit puts in a character that the encoding cannot hold.
    pub fn encode(&self) -> Result<Vec<u8>, decode::EncodeError> {
        let FixedBytes { decoded, edits, .. } = &self.fixed;
        decoded.encode(edits).map_err(|error| error.moved(self.offset))
    }
}
