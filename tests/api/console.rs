//! The console (`src/console.rs`): a page with a strict policy, every file of it, and a way to leave it out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use actix_web::test::TestRequest;

use crate::support::TestApp;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/page");

/// The files below a folder, by their paths in it.
fn files(folder: &Path, within: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("a file");
        let name = format!("{within}{}", entry.file_name().to_str().expect("a name"));
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name);
        }
    }
}

#[actix_web::test]
async fn every_file_of_the_page_is_served_as_it_is_and_without_a_token() {
    let app = TestApp::new();
    let mut found = BTreeSet::new();
    files(Path::new(FOLDER), "", &mut found);
    assert!(found.len() > 10, "{found:?}");
    for name in found {
        let answer = app.send_as(None, TestRequest::with_uri(&format!("/console/{name}"))).await;
        assert_eq!(answer.status, 200, "{name}");
        let file = fs::read_to_string(Path::new(FOLDER).join(&name)).expect("text");
        if name == "worker.js" {
            let (before, after) = file.split_once("VERSION").expect("a place for it");
            let version = answer.text().strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            assert_eq!(version.expect("a version in its place").len(), 16);
        } else {
            assert_eq!(answer.text(), file, "{name}");
        }
        let kind = answer.header("content-type").expect("a type").to_owned();
        assert_eq!(
            kind.starts_with("text/javascript"),
            name.rsplit('.').next() == Some("js"),
            "{name}: {kind}"
        );
    }
}

#[actix_web::test]
async fn the_worker_is_told_of_every_file_that_the_page_needs_without_a_network() {
    let app = TestApp::new();
    let list = app.send_as(None, TestRequest::with_uri("/console/assets.json")).await.json();
    let list: BTreeSet<_> =
        list.as_array().expect("a list").iter().filter_map(|path| path.as_str()).collect();
    let mut found = BTreeSet::new();
    files(Path::new(FOLDER), "/console/", &mut found);
    let page = "/console".to_owned();
    let needed = found.iter().filter(|path| !path.ends_with("/index.html") && !path.ends_with("/worker.js"));
    assert_eq!(list, needed.chain([&page]).map(String::as_str).collect());
}

#[actix_web::test]
async fn the_page_takes_no_script_and_nothing_else_from_elsewhere() {
    let app = TestApp::new();
    let page = app.send_as(None, TestRequest::with_uri("/console")).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for tag in page.text().split('<').filter(|tag| tag.starts_with("script")) {
        assert!(tag.starts_with("script type=\"module\" src=\"/console/"), "{tag}");
    }
}

#[actix_web::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let app = TestApp::new();
    let path = "/console/app.js";
    let first = app.send_as(None, TestRequest::with_uri(path)).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = app.send_as(None, TestRequest::with_uri(path).insert_header(("If-None-Match", tag))).await;
    assert_eq!((again.status, again.text()), (304, ""));
}

#[actix_web::test]
async fn where_the_console_is_left_out_there_is_no_such_path() {
    let app = TestApp::with(|state| state.has_console = false);
    for path in ["/console", "/console/app.js", "/console/assets.json"] {
        let answer = app.send_as(None, TestRequest::with_uri(path)).await;
        assert_eq!(
            (answer.status, &answer.json()["errors"][0]["code"]),
            (404, &"route_not_found".into()),
            "{path}"
        );
    }
    let app = TestApp::new();
    assert_eq!(app.send_as(None, TestRequest::with_uri("/console/../Cargo.toml")).await.status, 404);
}
