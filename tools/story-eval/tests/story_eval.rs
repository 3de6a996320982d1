//! The binary: a window on standard input → a line per entry, and how good the decisions are.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn story_eval(words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_story-eval"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_window_of_entries_is_printed_with_the_story_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.json");
    let labels = labels.to_str().unwrap();
    let title = "انهيار جسر المشاة في مدينة الزيتون";
    let line = |id: &str, source: &str, hour: u8, title: &str| {
        format!(
            "{{\"id\": {id}, \"source\": \"{source}\", \"title\": \"{title}\", \
             \"published\": \"2026-11-23T0{hour}:00:00Z\"}}\n"
        )
    };
    let window = line("2", "ب", 3, &format!("{title} وإصابة عمال"))
        + "\n"
        + &line("\"x\"", "أ", 1, title)
        + &line("3", "ب", 2, "أسعار القمح ترتفع في الأسواق العالمية");
    let printed = story_eval(&["--eval", "-"], &window);
    assert!(printed.status.success(), "{}", err(&printed));
    let lines = out(&printed);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |line: &Value| ["id", "story", "text_group", "method"].map(|key| line[key].clone());
    assert_eq!(row(&lines[0]), ["x", "x", "x", "first"], "in the order of their dates");
    assert_eq!(row(&lines[1]), [3.into(), 3.into(), 3.into(), Value::from("first")]);
    assert_eq!(row(&lines[2]), [2.into(), "x".into(), 2.into(), Value::from("same-event")]);
    assert!(lines[2]["score"].as_f64().unwrap() > 0.32 && lines[2]["nearest"] == "x");
    assert!(err(&printed).contains("3 entries: 1 stories"), "{}", err(&printed));

    std::fs::write(labels, "{\"clusters\": [[\"x\", 2]]}").unwrap();
    let words = ["--eval", "-", "--labels", labels, "--merge", "0.99"];
    let printed = story_eval(&words, &window);
    assert!(err(&printed).contains("pairs: precision 1.000, recall 0.000"), "{}", err(&printed));
    let wrong = story_eval(&words[..2], &(window + "{\"id\": 4"));
    assert_eq!((wrong.status.code(), out(&wrong)), (Some(1), String::new()));
    assert!(err(&wrong).contains("error: -:5: no JSON object"), "{}", err(&wrong));
}
