//! Ctrl-C, SIGTERM and SIGHUP while files are written: the run ends at once, but what is being
//! put in the place of a file is put there in full, and no temporary file is left.
//!
//! Commands that write to stdout only are ended by the signal itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::write::temporary::leave;

/// What a shell reports for a process that ended by SIGINT: 128 and the signal's number.
const EXIT_CODE: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on, a signal ends the process without traces; a second one does not wait for a file
/// system that does not answer.
///
/// # Errors
/// Where the handler cannot be set.
pub fn leave_no_traces() -> Result<()> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(EXIT_CODE);
        }
        // this thread has to hear the second one
        thread::spawn(|| leave(EXIT_CODE));
    };
    ctrlc::set_handler(handler).context("cannot handle interrupts")
}
