//! Signals, while a run waits for a pipe that says nothing more.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{Sandbox, garbled};

/// How long a run may take to do what takes it milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that is killed where a test fails.
struct Run {
    child: Child,
    /// What nothing more comes through.
    _stdin: ChildStdin,
}

impl Run {
    /// The binary with arguments, which has read some of its input.
    fn start(sandbox: &Sandbox, args: &[&str], input: &str) -> Run {
        fs::create_dir_all(sandbox.path("")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hanfix"))
            .args(args)
            .current_dir(sandbox.path(""))
            .env("HOME", sandbox.directory.path())
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        Run { child, _stdin: stdin }
    }

    fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// How the run ends, with its input still open.
    fn end(mut self) -> ExitStatus {
        let mut ended = None;
        wait_until("the run ends", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // one that has ended need not be
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}: not so after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_filter_is_ended_by_the_signal_itself() {
    let sandbox = Sandbox::new();
    for args in [["fix", "-"], ["batch", "-"], ["check", "-"]] {
        let run = Run::start(&sandbox, &args, &garbled());
        run.signal("-TERM");
        let ended = run.end();
        assert_eq!(ended.signal(), Some(15), "{args:?}: {ended}");
    }
}

#[test]
fn an_interrupt_leaves_no_half_file() {
    let records = format!("{{\"text\":\"{}\"}}\n", garbled());
    for signal in ["-INT", "-TERM", "-HUP"] {
        let sandbox = Sandbox::new();
        sandbox.write("a.jsonl", &records);
        let args = ["batch", "-", "a.jsonl", "--output=out", "--sidecar=edits"];
        let run = Run::start(&sandbox, &args, &records);
        wait_until("it writes", || sandbox.path("edits/.stdin.edits.jsonl.partial").exists());
        run.signal(signal);
        assert_eq!(run.end().code(), Some(130));
        assert_eq!(sandbox.names("out"), [""; 0]);
        assert_eq!(sandbox.names("edits"), [""; 0]);
    }
}

#[test]
fn a_file_that_nobody_writes_to_does_not_hold_a_run_up() {
    let sandbox = Sandbox::new();
    sandbox.write("b.txt", garbled());
    let pipe = sandbox.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = Run::start(&sandbox, &["fix", "-j1", "b.txt", "pipe"], "");
    wait_until("the first file is done", || sandbox.text("b.txt") != garbled());
    run.signal("-TERM");
    assert_eq!(run.end().code(), Some(130));
    assert_eq!(sandbox.names(""), ["b.txt", "pipe"]);
    sandbox.hanfix(["undo"]).assert().success();
    assert_eq!(sandbox.text("b.txt"), garbled());
}
