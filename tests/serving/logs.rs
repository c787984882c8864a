//! What the server writes for those who watch it.

use std::io::Write as _;

use serde_json::Value;

use super::{connect, heard, serve};
use crate::support::app::REY;
use crate::support::program::Program;

#[test]
fn a_json_log_has_one_object_per_line_with_what_the_text_has_and_no_secrets() {
    let (_place, mut program, token) = serve(&["--log", "info", "--log-format", "json"]);
    let request = Program::agent().get(format!("{}?filter[account_list_id]=hidden", program.user_url()));
    let request = request.header("Authorization", format!("Bearer {token}")).header("X-Request-Id", "mine");
    assert_eq!(request.call().expect("an answer").status(), 404);
    assert_eq!(
        Program::agent().get(format!("{}/nothing", program.url)).call().expect("an answer").status(),
        404
    );
    let log = program.log_after_stop();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    for line in &lines {
        for member in ["time", "level", "target", "message"] {
            assert!(line[member].is_string(), "{member} of {line}");
        }
    }
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "steward::access").collect();
    assert_eq!(access.len(), 2, "{log}");
    let line = access[0];
    assert_eq!(line["level"], "INFO");
    assert_eq!((&line["method"], &line["path"]), (&"GET".into(), &"/api/v2/user".into()));
    assert_eq!(
        (&line["status"], &line["request"], &line["user"]),
        (&404.into(), &"mine".into(), &REY.into())
    );
    let text = line["message"].as_str().expect("a text");
    let micros = line["micros"].as_u64().expect("a number");
    assert_eq!(text, format!("GET /api/v2/user 404 {micros}us request=mine user={REY}"));
    assert_eq!(access[1].get("user"), None, "nobody is known");
    assert!(!log.contains("hidden") && !log.contains(&token), "{log}");
}

#[test]
fn what_is_no_request_is_answered_and_leaves_nothing_in_the_log() {
    let (_place, mut program, _) = serve(&["--log", "info"]);
    for sent in ["what is this\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno header\r\n\r\n"] {
        let mut connection = connect(&program);
        connection.write_all(sent.as_bytes()).expect("sent");
        let answer = loop {
            if let Some(text) = heard(&mut connection) {
                break text;
            }
        };
        assert!(answer.starts_with("HTTP/1.1 400 "), "{sent:?}: {answer}");
    }
    let log = program.log_after_stop();
    assert!(!log.contains("ERROR") && !log.contains("stream error"), "{log}");
}
