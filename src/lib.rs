//! Repairs garbled Chinese text, converts Traditional and Simplified, and shows
//! every change as an edit of the original.
//!
//! ```text
//! bytes ─decode─▶ text ─segment─▶ suspect spans ─repair─▶ edits ─convert─▶ edits ─▶ diff · report · write · record
//! ```
//!
//! Each stage is a folder or file of the same name, and everything up to the
//! edits is pure: no files, no printing, no clock. [`Fixer`] runs the stages.
//!
//! ```
//! let fixer = hanfix::Fixer::default();
//! let fixed = fixer.fix("鐢ㄦ埛鍚嶅拰瀵嗙爜");
//! assert_eq!(fixed.text, "用户名和密码");
//! assert_eq!(fixed.edits[0].steps.len(), 2); // encode(gbk), decode(utf-8)
//! ```

pub mod codec;
pub mod convert;
pub mod decode;
#[cfg(feature = "cli")]
pub mod diff;
pub mod edit;
mod fixer;
mod hash;
pub mod model;
#[cfg(feature = "cli")]
mod pieces;
#[cfg(feature = "cli")]
pub mod records;
pub mod repair;
#[cfg(feature = "cli")]
pub mod report;
mod scan;
mod script;
pub mod segment;
mod stream;
#[cfg(feature = "cli")]
pub mod write;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

pub use edit::{Bits, Edit, Filled, Finding, Kind, Lost, Safety, Step};
pub use fixer::{BuildError, Fixed, FixedBytes, Fixer, FixerBuilder};
pub use repair::{Explained, Refusal, Tried};
pub use stream::{FixStream, Window};

/// The examples of the front page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
