//! What the server writes for those who watch it.

use serde_json::Value;

use super::serve;
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
