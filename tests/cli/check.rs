//! `hanfix check`

use serde_json::Value;

use super::{SENTENCE, Sandbox, complaint, outcome};

#[test]
fn one_line_a_finding_and_exit_code_1() {
    let sandbox = Sandbox::garbled();
    let (lines, code) = outcome(&mut sandbox.hanfix(["check", "."]));
    assert!(lines.starts_with("a.txt:2:1 transcode ç"), "{lines}");
    assert!(lines.ends_with(&format!("{SENTENCE}\n")), "{lines}");
    assert_eq!((lines.lines().count(), code), (1, 1));
}

#[test]
fn clean_files_are_exit_code_0_and_no_output() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "干净的文字。\n");
    sandbox.write("empty.txt", "");
    assert_eq!(outcome(&mut sandbox.hanfix(["check", "."])), (String::new(), 0));
}

#[test]
fn stdin_is_checked_where_it_is_piped() {
    let sandbox = Sandbox::new();
    let mut check = sandbox.hanfix(["check"]);
    let (lines, code) = outcome(check.write_stdin(super::garbled()));
    assert!(lines.starts_with("stdin:1:1 transcode"), "{lines}");
    assert_eq!(code, 1);
}

#[test]
fn results_come_in_the_order_of_the_paths() {
    let sandbox = Sandbox::new();
    for number in (0..40).rev() {
        sandbox.write(format!("d/{number:02}.txt"), super::garbled());
    }
    let (lines, _) = outcome(&mut sandbox.hanfix(["check", "-j", "4", "d"]));
    let paths: Vec<&str> = lines.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(paths.len(), 40);
    assert!(paths.is_sorted(), "{paths:?}");
}

#[test]
fn machine_formats_are_well_formed() {
    let sandbox = Sandbox::garbled();
    sandbox.write("b.txt", super::garbled());
    let run = |format| outcome(&mut sandbox.hanfix(["check", ".", "--format", format]));
    let (sarif, code) = run("sarif");
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    assert_eq!(code, 1);
    let (json, _) = run("json");
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["path"], "b.txt");
    assert_eq!(lines[1]["after"], SENTENCE);
    let (github, _) = run("github");
    assert!(github.starts_with("::warning file=a.txt,line=2,endLine=2,col=1,"), "{github}");
}

#[test]
fn an_empty_sarif_log_is_whole() {
    let sandbox = Sandbox::new();
    let (sarif, code) = outcome(&mut sandbox.hanfix(["check", ".", "--format", "sarif"]));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!((&sarif["runs"][0]["results"], code), (&Value::Array(vec![]), 0));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let sandbox = Sandbox::new();
    for args in [
        ["check", "--no-such-option"],
        ["check", "--repair=nonsense"],
        ["check", "--convert=x2y"],
        ["check", "--from=klingon"],
        ["check", "--confidence=2"],
        ["check", "--config=missing.toml"],
        ["check", "--type=nonsense"],
        ["check", "--glob=[z"],
    ] {
        let (message, code) = complaint(&mut sandbox.hanfix(args));
        assert_eq!(code, 2, "{args:?}: {message}");
        assert!(!message.is_empty());
    }
}

#[test]
fn the_configuration_file_is_found_above_and_arguments_win() {
    let sandbox = Sandbox::garbled();
    sandbox.write("hanfix.toml", "repair = \"none\"\n");
    sandbox.write("sub/b.txt", super::garbled());
    let code = |args: [&str; 3]| outcome(sandbox.hanfix(args).current_dir(sandbox.path("sub"))).1;
    assert_eq!(code(["check", "-q", "b.txt"]), 0);
    assert_eq!(code(["check", "--repair=transcode", "b.txt"]), 1);
    sandbox.write("hanfix.toml", "repairs = \"none\"\n");
    let (message, code) = complaint(&mut sandbox.hanfix(["check", "."]));
    assert_eq!(code, 2);
    assert!(message.contains("hanfix.toml") && message.contains("repairs"), "{message}");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.write(format!("{number}.txt"), format!("{}\n", super::garbled()).repeat(30));
    }
    let binary = assert_cmd::cargo::cargo_bin("hanfix");
    let script = format!("{} check . | head -n 1; echo \"${{PIPESTATUS[0]}}\"", binary.display());
    let (lines, _) = outcome(&mut sandbox.program("bash", ["-c", &script]));
    assert_eq!(lines.lines().last(), Some("0"), "{lines}");
}
