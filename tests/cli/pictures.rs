//! Pictures in the real program: over the network, in lines, in copies, under its public URL.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::form::{Form, png, webp};
use crate::support::place::Place;
use crate::support::program::{Program, run, run_ok, steward};

struct User {
    id: String,
    authorization: String,
}

fn user(database: &str) -> User {
    let user = run_ok(database, &["user", "add", "--first-name", "Rey", "--email", "rey@example.com"]);
    let user: Value = serde_json::from_str(&user).expect("JSON");
    let text = |name: &str| user[name].as_str().expect("a text").to_owned();
    User { id: text("id"), authorization: format!("Bearer {}", text("token")) }
}

fn form(media_type: &str, picture: &[u8]) -> Form {
    Form::new().text("overwrite", "true").file("avatar", media_type, picture)
}

impl User {
    /// Makes a picture the avatar; returns its URL.
    fn upload(&self, program: &Program, form: Form) -> String {
        let request = Program::agent().put(format!("{}/api/v2/contacts/people/{}", program.url, self.id));
        let request = request.header("Authorization", &self.authorization);
        let request = request.header("Content-Type", form.content_type());
        let mut answer = request.send(&form.body()[..]).expect("an answer");
        let body = answer.body_mut().read_to_string().expect("a body");
        assert_eq!(answer.status(), 200, "{body}");
        let document: Value = serde_json::from_str(&body).expect("JSON");
        document["data"]["attributes"]["avatar"].as_str().expect("a URL").to_owned()
    }

    /// The avatar that is shown, and the tag of the document.
    fn shown(&self, program: &Program) -> (String, String) {
        let request = Program::agent().get(program.user_url()).header("Authorization", &self.authorization);
        let mut answer = request.call().expect("an answer");
        let tag = answer.headers()["etag"].to_str().expect("a tag").to_owned();
        let document = answer.body_mut().read_to_string().expect("a body");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        (document["data"]["attributes"]["avatar"].as_str().expect("a URL").to_owned(), tag)
    }
}

fn get(url: &str) -> (u16, Vec<u8>) {
    let mut answer = Program::agent().get(url).call().expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.body_mut().read_to_vec().expect("a body"))
}

/// The first line of what is answered to these bytes, of which some may never come.
fn raw(program: &Program, head: &str, body: &[u8]) -> String {
    let address = program.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(head.as_bytes()).expect("sent");
    // The server may have answered and closed before it has read all.
    let _ = stream.write_all(body);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_picture_comes_and_goes_over_the_network() {
    let home = Place::empty();
    let database = home.url();
    let rey = user(&database);
    let program = Program::start(&database, &["serve"]);
    let url = rey.upload(&program, form("image/png", &png()));
    assert!(
        url.starts_with(&format!("{}/pictures/{}/", program.url, rey.id)),
        "the address listened on: {url}"
    );
    assert_eq!(get(&url), (200, png()));
    let path = url.strip_prefix(&program.url).expect("a path");
    let head = raw(&program, &format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), b"");
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains(&format!("content-length: {}\r\n", png().len())), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "no body: {head}");
    // Of a stranger nothing is read; of him who goes away nothing is kept.
    let form = form("image/webp", &webp());
    let (content_type, body) = (form.content_type(), form.body());
    let put = |authorization: &str, length: usize| {
        format!(
            "PUT /api/v2/contacts/people/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nAuthorization: {authorization}\r\n\r\n"
        )
    };
    let large = vec![b'x'; 3 * 1024 * 1024];
    assert!(raw(&program, &put("Bearer x", large.len()), &large).starts_with("HTTP/1.1 401"));
    let address = program.url.strip_prefix("http://").expect("an address");
    let mut gone = TcpStream::connect(address).expect("a connection");
    gone.write_all(put(&rey.authorization, body.len()).as_bytes()).expect("sent");
    gone.write_all(&body[..body.len() - 10]).expect("sent");
    drop(gone);
    assert_eq!(rey.shown(&program).0, url);
    assert_eq!(get(&url), (200, png()));
}

#[test]
fn a_picture_is_shown_under_the_public_url_wherever_that_is() {
    let home = Place::empty();
    let database = home.url();
    let rey = user(&database);
    let program = Program::start(&database, &["serve", "--public-url", "https://api.example/steward/"]);
    let url = rey.upload(&program, form("image/png", &png()));
    assert!(url.starts_with(&format!("https://api.example/steward/pictures/{}/", rey.id)), "{url}");
    let (shown, tag) = rey.shown(&program);
    assert_eq!(shown, url);
    program.kill();
    // It moves to another host: the document is another one, the record is the same.
    let program = Program::start(&database, &["serve", "--public-url", "https://other.example"]);
    let request = Program::agent().get(program.user_url()).header("Authorization", &rey.authorization);
    assert_eq!(request.header("If-None-Match", &tag).call().expect("an answer").status(), 200);
    let path = url.strip_prefix("https://api.example/steward").expect("a path");
    let (shown, new_tag) = rey.shown(&program);
    assert_eq!(shown, format!("https://other.example{path}"));
    assert_ne!(new_tag, tag);
    assert_eq!(get(&format!("{}{path}", program.url)), (200, png()));
    let edit = json!({ "data": { "type": "users", "attributes": { "avatar": url, "employer": "Cru" } } });
    let request = Program::agent().put(program.user_url()).header("Authorization", &rey.authorization);
    let request = request.header("Content-Type", "application/vnd.api+json").header("If-Match", &tag);
    assert_eq!(
        request.send(edit.to_string()).expect("an answer").status(),
        200,
        "the old tag names the state"
    );
    assert_eq!(rey.shown(&program).0, shown, "the old URL is an echo");
    for wrong in [
        "api.example",
        "ftp://api.example",
        "https://api.example/?a=b",
        "https:api.example",
        " https://api.example",
        "https://u:p@api.example",
    ] {
        assert_eq!(run(&database, &["serve", "--public-url", wrong]).status.code(), Some(2), "{wrong}");
    }
}

/// Imports a line from standard input.
fn import(database: &str, lines: &str) -> std::process::Output {
    let mut command = steward(database);
    command.args(["import", "-"]).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program");
    child.stdin.take().expect("its input").write_all(lines.as_bytes()).expect("read");
    child.wait_with_output().expect("its end")
}

#[test]
fn a_picture_travels_with_its_user_in_lines_and_in_copies() {
    let (home, second, third) = (Place::empty(), Place::empty(), Place::empty());
    let database = home.url();
    let rey = user(&database);
    let program = Program::start(&database, &["serve"]);
    let url = rey.upload(&program, form("image/webp", &webp()));
    let path = url.strip_prefix(&program.url).expect("a path").to_owned();
    program.kill();
    let line = run_ok(&database, &["export"]);
    for _ in 0..2 {
        let output = import(&second.url(), &line);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(run_ok(&second.url(), &["export"]), line, "the same to the byte");
    }
    assert!(run("unused.db", &["copy", "--from", &database, "--to", &third.url()]).status.success());
    for place in [&second, &third] {
        let program = Program::start(&place.url(), &["serve"]);
        assert_eq!(get(&format!("{}{path}", program.url)), (200, webp()));
        program.kill();
    }
    let document: Value = serde_json::from_str(&line).expect("JSON");
    for (member, wrong) in [
        ("token", json!("0123")),
        ("image", json!("%")),
        ("image", json!("bm8gcGljdHVyZQ==")),
        ("image", Value::Null),
    ] {
        let mut refused = document.clone();
        refused["data"]["meta"]["picture"][member] = wrong;
        let output = import(&second.url(), &refused.to_string());
        let told = String::from_utf8(output.stderr).expect("a text");
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("invalid /data/meta/picture: Picture "), "{told}");
    }
    // Another picture, and then none.
    let mut newer = document;
    newer["data"]["meta"]["picture"]["token"] = "f".repeat(32).into();
    newer["data"]["meta"]["picture"]["image"] = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(png()).into()
    };
    let output = import(&second.url(), &newer.to_string());
    assert!(output.status.success(), "{output:?}");
    let program = Program::start(&second.url(), &["serve"]);
    let other = format!("{}/pictures/{}/{}", program.url, rey.id, "f".repeat(32));
    assert_eq!(get(&other), (200, png()));
    assert_eq!(get(&format!("{}{path}", program.url)).0, 404, "one picture");
    program.kill();
    let mut without: Value = serde_json::from_str(&run_ok(&second.url(), &["export"])).expect("JSON");
    without["data"]["attributes"]["avatar"] = "https://example.com/a.png".into();
    without["data"]["meta"].as_object_mut().expect("meta").remove("picture");
    let output = import(&second.url(), &without.to_string());
    assert!(output.status.success(), "{output:?}");
    let program = Program::start(&second.url(), &["serve"]);
    assert_eq!(get(&format!("{}/pictures/{}/{}", program.url, rey.id, "f".repeat(32))).0, 404);
    program.kill();
    run_ok(&third.url(), &["user", "delete", &rey.id]);
    let program = Program::start(&third.url(), &["serve"]);
    assert_eq!(get(&format!("{}{path}", program.url)).0, 404);
}
