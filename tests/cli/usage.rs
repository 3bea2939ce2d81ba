//! The command line itself: what it says of itself, and of what it does not take.

use std::process::{Command, Stdio};

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

#[test]
fn a_command_lists_only_the_options_that_it_takes() {
    let sandbox = Sandbox::new();
    let help = |command: &str| outcome(&mut sandbox.hanfix([command, "--help"])).0;
    for command in ["diff", "fix", "check"] {
        let help = help(command);
        assert!(help.contains("--convert") && help.contains("--glob"), "{help}");
    }
    let batch = help("batch");
    assert!(batch.contains("--convert") && batch.contains("--threads"), "{batch}");
    assert!(!batch.contains("--glob"), "{batch}");
    let explain = help("explain");
    assert!(explain.contains("--convert") && !explain.contains("--threads"), "{explain}");
    for command in ["undo", "completions", "man"] {
        let help = help(command);
        assert!(help.contains("--quiet"), "{help}");
        assert!(!help.contains("--convert") && !help.contains("--glob"), "{help}");
    }
    let (message, code) = complaint(&mut sandbox.hanfix(["undo", "--convert=t2s"]));
    assert!(message.contains("unexpected argument '--convert'"), "{message}");
    assert_eq!(code, 2);
}

#[test]
fn what_is_no_run_is_told() {
    let (message, code) = complaint(&mut Sandbox::new().hanfix(["undo", "x"]));
    let wanted = "'x' for '[RUN]': not the number of a run; `hanfix undo --list` lists them";
    assert!(message.contains(wanted), "{message}");
    assert_eq!(code, 2);
}

#[test]
fn without_a_path_a_pipe_or_a_terminal_nothing_is_read() {
    let sandbox = Sandbox::garbled();
    for command in ["diff", "check", "fix", "batch", "explain"] {
        let output = Command::new(env!("CARGO_BIN_EXE_hanfix"))
            .arg(command)
            .current_dir(sandbox.path(""))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("given, and nothing is piped in"), "{command}: {message}");
        assert_eq!((output.stdout.as_slice(), output.status.code()), (&b""[..], Some(2)));
    }
}

#[test]
fn results_that_cannot_be_written_are_told() {
    let sandbox = Sandbox::garbled();
    let binary = env!("CARGO_BIN_EXE_hanfix");
    for args in
        ["diff a.txt", "check a.txt", "batch --format text a.txt", "explain -", "completions bash"]
    {
        let script = format!("{binary} {args} < a.txt > /dev/full");
        let (message, code) = complaint(&mut sandbox.program("bash", ["-c", &script]));
        let wanted = "hanfix: cannot write to stdout: No space left on device (os error 28)\n";
        assert_eq!((message.as_str(), code), (wanted, 3), "{args}");
    }
}

#[test]
fn a_text_from_a_pipe_is_explained_part_by_part() {
    let sandbox = Sandbox::new();
    let clean = "这是一段很普通的文字，没有什么问题。\n".repeat(150_000);
    let lines = clean.lines().count() + 1;
    let explain = |text: String| outcome(sandbox.hanfix(["explain"]).write_stdin(text));
    let (text, code) = explain(format!("{clean}{}\n", garbled()));
    assert!(text.starts_with(&format!("{lines}:1 transcode\n")), "{text}");
    assert!(text.contains(&format!("  after   {SENTENCE}\n")), "{text}");
    assert_eq!(code, 0);
    assert_eq!(explain(clean), ("nothing to repair\n".to_owned(), 0));
}
