//! `steward demo`

use std::io::BufRead as _;

use super::{Place, document, get};
use crate::support::app::REY;
use crate::support::program::Program;

#[test]
fn demo_prints_a_token_and_lines_that_read_and_change_the_documented_user() {
    let place = Place::new();
    let mut program = Program::start(&place.database(), &["demo"]);
    let mut lines = Vec::new();
    while lines.iter().filter(|line: &&String| line.starts_with("curl ")).count() < 2 {
        let mut line = String::new();
        assert!(program.out.read_line(&mut line).expect("a line") > 0, "{lines:?}");
        lines.push(line.trim().to_owned());
    }
    let curl: Vec<Vec<&str>> =
        lines.iter().filter(|l| l.starts_with("curl ")).map(|l| l.split('\'').collect()).collect();
    // A quoted argument is every second piece of a line.
    let authorization = curl[0][1].strip_prefix("Authorization: ").expect("the header");
    let (status, body) = get(&program, authorization.strip_prefix("Bearer ").expect("a token"));
    assert_eq!(status, 200);
    assert!(body.contains(REY) && body.contains(r#""first_name":"Rey""#), "{body}");
    assert!(curl[1][0].contains(&program.user_url()));
    let put = || {
        let request = Program::agent().put(program.user_url()).header("Authorization", authorization);
        let (name, value) = curl[1][3].split_once(": ").expect("a header");
        request.header(name, value).send(curl[1][5]).expect("an answer")
    };
    let mut answer = put();
    assert_eq!(answer.status(), 200);
    assert!(answer.body_mut().read_to_string().expect("a body").contains(r#""first_name":"Jack""#));
    assert_eq!(put().status(), 409, "pasted twice, the guard refuses");
    assert_eq!(program.stop(), Some(0));
    // A second demo on the same database keeps what was changed.
    let program = Program::start(&place.database(), &["demo"]);
    let shown = document(&program, authorization.strip_prefix("Bearer ").expect("a token"));
    assert_eq!(shown["data"]["attributes"]["first_name"], "Jack");
}

#[test]
fn demo_works_again_after_its_user_was_deleted() {
    let place = Place::new();
    assert_eq!(Program::start(&place.database(), &["demo"]).stop(), Some(0));
    place.run_ok(&["user", "delete", REY]);
    assert_eq!(Program::start(&place.database(), &["demo"]).stop(), Some(0));
    assert_eq!(place.json(&["user", "list"])["first_name"], "Rey");
}
