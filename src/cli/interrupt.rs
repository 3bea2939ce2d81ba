//! Ctrl-C during `fix`: what is begun is finished, so that no temporary file is left.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// What a shell reports for a process that ended by SIGINT: 128 and the signal's number.
pub const EXIT_CODE: u8 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on, an interrupt asks the run to end; a second one ends it at once.
///
/// # Errors
/// Where the handler cannot be set.
pub fn defer() -> Result<()> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
    };
    ctrlc::set_handler(handler).context("cannot handle interrupts")
}

/// Whether the run was asked to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
