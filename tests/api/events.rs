//! `GET /api/v2/user/events`: design 4 and 9.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION};
use actix_web::rt::spawn;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use steward::clock::Clock as _;
use steward::db::schema::people;
use steward::sync::events::{Bounds, Hub, keep_told};
use steward::users::create::{NewUser, delete};

use crate::support::app::{MADE_AT, REY, STAMP, USER, id, stamp, user};
use crate::support::stream::{Block, Stream};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v2/user/events";

/// A node that tells its listeners.
fn telling(app: TestApp) -> TestApp {
    spawn(keep_told(steward::state::AppState::clone(&app.state)));
    app
}

/// As [`telling`], with a heartbeat that a test can wait for.
fn beating() -> TestApp {
    telling(TestApp::with(|state| {
        state.events = Hub::new(Bounds { per_user: 3, per_node: 5, heartbeat: Duration::from_millis(5) });
    }))
}

async fn rename(app: &TestApp, name: &str) -> Answer {
    let answer = app.put(json!({ "first_name": name, "overwrite": true })).await;
    answer.assert_ok();
    answer
}

/// What an event about the current state says.
async fn current(app: &TestApp) -> Value {
    let answer = app.get().await;
    let stamp = answer.json()["data"]["attributes"]["updated_in_db_at"].clone();
    json!({ "updated_in_db_at": stamp, "etag": answer.header("etag").expect("a tag") })
}

#[actix_web::test]
async fn a_stream_begins_with_a_comment_and_the_newest_version() {
    let app = telling(TestApp::new());
    let mut stream = Stream::open(&app, None).await;
    let headers = stream.response.headers();
    assert_eq!(headers.get("content-type").expect("a type"), "text/event-stream");
    assert_eq!(headers.get("cache-control").expect("caching"), "no-cache");
    assert_eq!(stream.next().await, Block::Comment);
    assert_eq!(stream.next().await, Block::Event(1, current(&app).await));
    rename(&app, "Jack").await;
    assert_eq!(stream.next().await, Block::Event(2, current(&app).await));
}

#[actix_web::test]
async fn what_the_client_has_seen_is_not_sent_again_and_what_never_was_does_not_count() {
    let app = telling(TestApp::new());
    rename(&app, "Jack").await;
    for last in ["1", "7", "-3", "x", ""] {
        let mut stream = Stream::open(&app, Some(last)).await;
        assert_eq!(stream.event().await.map(|event| event.0), Some(2), "after {last:?}");
    }
    let mut stream = Stream::open(&app, Some("2")).await;
    rename(&app, "Joe").await;
    assert_eq!(stream.event().await.map(|event| event.0), Some(3));
}

#[actix_web::test]
async fn every_kind_of_write_is_told_and_a_no_op_is_not() {
    let app = telling(TestApp::new());
    let mut stream = Stream::open(&app, Some("1")).await;
    let site = "11111111-1111-4111-8111-111111111111";
    let row =
        json!({ "data": { "type": "websites", "id": site, "attributes": { "url": "https://a.example" } } });
    let change = json!({ "data": { "type": "websites", "attributes": { "url": "https://b.example", "overwrite": true } } });
    let path = format!("{USER}/websites/{site}");
    let mut nested = user(json!({ "overwrite": true }));
    nested["data"]["relationships"] = json!({ "email_addresses": { "data": [
        { "type": "email_addresses", "attributes": { "email": "b@example.com" } }] } });
    let edit = user(json!({ "first_name": "Jack", "overwrite": true }));
    let writes = [
        (Method::PUT, USER.to_owned(), Some(edit.clone())),
        (Method::POST, format!("{USER}/websites"), Some(row)),
        (Method::PUT, path.clone(), Some(change)),
        (Method::DELETE, path, None),
        (Method::PUT, USER.to_owned(), Some(nested)),
    ];
    let mut version = 1;
    for (method, path, document) in writes {
        // The same edit twice: the second one changes nothing.
        let same = app.call(Method::PUT, USER, Some(&user(json!({ "overwrite": true })))).await;
        assert_eq!(same.status, 200);
        let answer = app.call(method.clone(), &path, document.as_ref()).await;
        assert!(answer.status < 300, "{}", answer.text());
        version += 1;
        let event = stream.event().await.expect("an event");
        assert_eq!(event, (version, current(&app).await), "{method} {path}");
    }
}

#[actix_web::test]
async fn what_another_node_writes_is_told_too() {
    let app = telling(TestApp::new());
    let other = app.second_node();
    let mut stream = Stream::open(&app, Some("1")).await;
    rename(&other, "Jack").await;
    assert_eq!(stream.event().await, Some((2, current(&app).await)));
}

#[actix_web::test]
async fn of_many_versions_the_newest_arrives_and_none_comes_twice() {
    let app = telling(TestApp::new());
    let other = app.second_node();
    let mut streams = [Stream::open(&app, None).await, Stream::open(&app, Some("1")).await];
    for n in 0..20 {
        rename(if n % 2 == 0 { &app } else { &other }, &format!("Jack {n}")).await;
    }
    for stream in &mut streams {
        let mut last = 0;
        while last < 21 {
            let (version, _) = stream.event().await.expect("an event");
            assert!(version > last, "{version} after {last}");
            last = version;
        }
        assert_eq!(last, 21);
    }
}

#[actix_web::test]
async fn streams_are_bounded_by_user_and_by_node() {
    let app = telling(TestApp::new());
    let other = "22222222-2222-4222-8222-222222222222";
    app.change(|connection| {
        NewUser::new(id(other), "Finn", stamp(MADE_AT)).expect("a user").insert(connection)
    });
    let token = app.state.tokens.issue(id(other), app.clock.now(), 0, 3600).expect("a token");
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(Stream::open(&app, None).await);
    }
    let refused = app.send(TestRequest::get().uri(PATH)).await;
    refused.assert_refused(429, &["too_many_requests"]);
    assert_eq!(refused.header("retry-after"), Some("1"));
    for _ in 0..2 {
        streams.push(Stream::open_as(&app, &token, None).await);
    }
    let refused = app.send_as(Some(&token), TestRequest::get().uri(PATH)).await;
    refused.assert_refused(503, &["unavailable"]);
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Who hangs up makes room.
    streams.remove(0);
    streams.push(Stream::open_as(&app, &token, None).await);
    app.send_as(Some(&token), TestRequest::get().uri(PATH)).await.assert_refused(429, &["too_many_requests"]);
    drop(streams);
    for _ in 0..10 {
        let mut stream = Stream::open(&app, None).await;
        assert_eq!(stream.event().await.map(|event| event.0), Some(1));
    }
}

#[actix_web::test]
async fn a_silent_stream_is_kept_alive_by_comments() {
    let app = beating();
    let mut stream = Stream::open(&app, Some("1")).await;
    for _ in 0..5 {
        assert_eq!(stream.next().await, Block::Comment);
    }
}

#[actix_web::test]
async fn a_stream_ends_with_its_token() {
    let app = beating();
    let short = app.state.tokens.issue(id(REY), app.clock.now(), 0, 60).expect("a token");
    let mut stream = Stream::open_as(&app, &short, None).await;
    assert!(stream.event().await.is_some());
    app.clock.advance(60);
    assert_eq!(stream.event().await, None);
}

#[actix_web::test]
async fn a_stream_ends_when_its_user_may_not_use_the_api_any_more() {
    type Change = fn(&mut steward::db::Connection) -> QueryResult<()>;
    let changes: [Change; 3] = [
        |connection| {
            diesel::update(people::table.find(id(REY)))
                .set(people::disabled.eq(true))
                .execute(connection)
                .map(drop)
        },
        |connection| {
            diesel::update(people::table.find(id(REY)))
                .set(people::token_epoch.eq(MADE_AT + 1))
                .execute(connection)
                .map(drop)
        },
        |connection| delete(connection, id(REY), stamp(MADE_AT)).map(drop),
    ];
    for change in changes {
        let app = telling(TestApp::new());
        let mut stream = Stream::open(&app, None).await;
        assert!(stream.event().await.is_some());
        app.change(change);
        assert_eq!(stream.event().await, None);
    }
}

#[actix_web::test]
async fn a_node_that_stops_ends_its_streams_and_begins_no_more() {
    let app = telling(TestApp::new());
    let mut stream = Stream::open(&app, Some("1")).await;
    assert_eq!(stream.next().await, Block::Comment);
    app.state.events.close();
    assert_eq!(stream.next().await, Block::End);
    app.send(TestRequest::get().uri(PATH)).await.assert_refused(503, &["unavailable"]);
}

#[actix_web::test]
async fn listeners_outlive_a_database_that_does_not_answer() {
    use diesel::connection::SimpleConnection as _;
    let app = beating();
    let mut stream = Stream::open(&app, Some("1")).await;
    app.change(|connection| {
        connection.batch_execute("ALTER TABLE people RENAME COLUMN disabled TO elsewhere")
    });
    for _ in 0..200 {
        assert_eq!(stream.next().await, Block::Comment);
    }
    app.change(|connection| {
        connection.batch_execute("ALTER TABLE people RENAME COLUMN elsewhere TO disabled")
    });
    rename(&app, "Jack").await;
    assert_eq!(stream.event().await, Some((2, current(&app).await)));
}

#[actix_web::test]
async fn a_stream_is_asked_for_like_anything_else() {
    let app = telling(TestApp::new());
    let get = || TestRequest::get().uri(PATH);
    app.send_as(None, get()).await.assert_refused(401, &["unauthorized"]);
    for accept in ["application/vnd.api+json", "text/html", "text/event-stream; q=0"] {
        app.send(get().insert_header((ACCEPT, accept))).await.assert_refused(406, &["not_acceptable"]);
    }
    let open = |request: TestRequest| async {
        use actix_web::dev::Service as _;
        let service = actix_web::test::init_service(steward::server::app(app.state.clone())).await;
        let request = request.insert_header((AUTHORIZATION, format!("Bearer {}", app.token)));
        service.call(request.to_request()).await.expect("an answer").status().as_u16()
    };
    for accept in ["text/event-stream", "*/*", "text/*", "text/html, text/event-stream; q=0.5"] {
        assert_eq!(open(get().insert_header((ACCEPT, accept))).await, 200, "{accept}");
    }
    assert_eq!(open(get()).await, 200);
    assert_eq!(open(TestRequest::default().method(Method::HEAD).uri(PATH)).await, 200);
    let list = crate::support::app::ACCOUNT_LIST;
    assert_eq!(open(TestRequest::get().uri(&format!("{PATH}?filter[account_list_id]={list}"))).await, 200);
    let foreign = format!("{PATH}?filter[account_list_id]={REY}");
    app.send(TestRequest::get().uri(&foreign)).await.assert_refused(404, &["not_found"]);
    let unknown = format!("{PATH}?since=1");
    app.send(TestRequest::get().uri(&unknown)).await.assert_refused(400, &["invalid_parameter"]);
    app.call(Method::POST, PATH, None).await.assert_refused(405, &["method_not_allowed"]);
    assert_eq!(app.stamp().await, STAMP);
}
