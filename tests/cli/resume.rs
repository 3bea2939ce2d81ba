//! `hanfix batch --resume`

use std::fs;

use super::{SENTENCE, Sandbox, complaint, garbled};

/// Records with a garbled one.
fn records() -> String {
    format!("{{\"text\":\"{}\"}}\n", garbled())
}

fn fixed() -> String {
    format!("{{\"text\":\"{SENTENCE}\"}}\n")
}

#[test]
fn what_is_whole_is_not_done_again() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", records());
    sandbox.write("b.jsonl", "rubbish\n");
    let args = ["batch", "-v", "a.jsonl", "b.jsonl", "--output=out", "--resume", "--stats=s.json"];
    let args = [&args[..], &["--on-error=quarantine", "--quarantine=bad"]].concat();
    assert_eq!(complaint(&mut sandbox.hanfix(args.clone())).1, 3);
    // as if the run had been killed before it finished
    fs::remove_file(sandbox.path("out/b.jsonl")).unwrap();
    sandbox.write("out/.b.jsonl.partial", "half");
    sandbox.write("b.jsonl", records());
    let stats = sandbox.text("s.json");
    let before = fs::metadata(sandbox.path("out/a.jsonl")).unwrap().modified().unwrap();
    let (message, code) = complaint(&mut sandbox.hanfix(args.clone()));
    assert_eq!(
        (message.lines().next().unwrap(), code),
        ("hanfix: a.jsonl: done by an earlier run", 0)
    );
    let ends = "1 record, 1 changed; 1 input done by an earlier run: 1 record, 1 changed\n";
    assert!(message.ends_with(ends), "{message}");
    assert_eq!(sandbox.text("out/b.jsonl"), fixed());
    assert_eq!(fs::metadata(sandbox.path("out/a.jsonl")).unwrap().modified().unwrap(), before);
    assert_eq!(sandbox.names("out"), [".hanfix", "a.jsonl", "b.jsonl"]);
    assert_ne!(sandbox.text("s.json"), stats);
    assert_eq!(sandbox.text("bad"), "rubbish\n", "what was taken out before is kept");
}

#[test]
fn an_input_or_output_that_changed_is_done_again() {
    let sandbox = Sandbox::new();
    let args = ["batch", "a.jsonl", "--output=out", "--resume"];
    sandbox.write("a.jsonl", "{}\n");
    complaint(&mut sandbox.hanfix(args));
    sandbox.write("a.jsonl", records());
    complaint(&mut sandbox.hanfix(args));
    assert_eq!(sandbox.text("out/a.jsonl"), fixed());
    sandbox.write("out/a.jsonl", "cut");
    complaint(&mut sandbox.hanfix(args));
    assert_eq!(sandbox.text("out/a.jsonl"), fixed());
}

#[test]
fn other_options_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", records());
    complaint(&mut sandbox.hanfix(["batch", "a.jsonl", "--output=out"]));
    let args = ["batch", "a.jsonl", "--output=out", "--resume", "-s"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    let wanted = "hanfix: out/a.jsonl was written with other options (--convert was not given, \
                  and is `t2s`); run without --resume to write it anew\n";
    assert_eq!((message.as_str(), code), (wanted, 2));
    assert_eq!(
        complaint(&mut sandbox.hanfix(args.into_iter().filter(|arg| *arg != "--resume"))).1,
        0
    );
}

#[test]
fn an_error_of_an_earlier_run_is_not_forgotten() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "rubbish\n");
    let args = ["batch", "a.jsonl", "--output=out", "--resume"];
    let before = "hanfix: 0 records, 0 changed; 1 input done by an earlier run: ";
    for before in ["hanfix: ", before] {
        let (message, code) = complaint(&mut sandbox.hanfix(args));
        let wanted = format!("{before}1 record, 0 changed, 1 could not be read\n");
        assert!(message.ends_with(&wanted), "{message}");
        assert_eq!(code, 3);
    }
}
