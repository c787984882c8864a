//! The signing secret changes while nodes run.

use steward::auth::secrets::Secrets;
use steward::auth::tokens::Tokens;
use steward::clock::Clock as _;

use std::sync::Arc;

use super::get;
use crate::support::TestApp;
use crate::support::app::{REY, id};

/// A node that takes its secret from the database.
fn node(app: &TestApp) -> TestApp {
    let kept = Secrets::read_or_keep(&mut app.connection(), "the first").expect("secrets");
    TestApp::beside(app, |state| state.tokens = Arc::new(Tokens::kept(kept)))
}

fn rotate(app: &TestApp, made: &str, grace: i64) {
    app.change(|connection| Secrets::rotate(connection, made, app.clock.now(), grace));
}

fn token(app: &TestApp) -> String {
    app.state.tokens.issue(id(REY), app.clock.now(), 0, 3600).expect("a token")
}

#[actix_web::test]
async fn a_token_that_another_node_signed_with_a_new_secret_is_taken_at_once() {
    let app = TestApp::new();
    let old = node(&app);
    get(&old, &token(&old)).await.assert_ok();
    rotate(&app, "the second", 60);
    let new = node(&app);
    get(&old, &token(&new)).await.assert_ok();
    get(&new, &token(&old)).await.assert_ok();
}

#[actix_web::test]
async fn old_secrets_count_until_their_end_and_a_later_rotation_can_only_bring_it_nearer() {
    let app = TestApp::new();
    let first = node(&app);
    let oldest = token(&first);
    get(&first, &oldest).await.assert_ok();
    rotate(&app, "the second", 60);
    let second = node(&app);
    let old = token(&second);
    rotate(&app, "the third", 30);
    let third = node(&app);
    for (token, name) in [(&oldest, "first"), (&old, "second"), (&token(&third), "third")] {
        assert_eq!(get(&third, token).await.status, 200, "{name}");
    }
    app.clock.advance(29);
    get(&third, &oldest).await.assert_ok();
    app.clock.advance(1);
    get(&third, &oldest).await.assert_refused(401, &["unauthorized"]);
    get(&third, &old).await.assert_refused(401, &["unauthorized"]);
    rotate(&app, "the fourth", 0);
    let kept = Secrets::read(&mut app.connection()).expect("secrets").expect("some");
    assert!(kept.former.is_empty() && kept.current == "the fourth", "what has ended is not kept");
}

#[actix_web::test]
async fn what_was_verified_with_a_secret_that_ended_is_forgotten() {
    let app = TestApp::new();
    let node = node(&app);
    let old = token(&node);
    get(&node, &old).await.assert_ok();
    rotate(&app, "the second", 0);
    steward::auth::secrets::look(&node.state).await.expect("the secrets");
    get(&node, &old).await.assert_refused(401, &["unauthorized"]);
    get(&node, &token(&node)).await.assert_ok();
}

#[actix_web::test]
async fn tokens_that_are_made_up_do_not_make_the_database_busy() {
    let app = node(&TestApp::new());
    get(&app, "x.y.z").await.assert_refused(401, &["unauthorized"]);
    let before = app.state.db.statements();
    for _ in 0..10 {
        get(&app, "x.y.z").await.assert_refused(401, &["unauthorized"]);
    }
    assert_eq!(app.state.db.statements(), before, "once a second");
}

#[actix_web::test]
async fn a_given_secret_is_not_looked_for() {
    let app = TestApp::new();
    rotate(&app, "another", 0);
    let before = app.state.db.statements();
    get(&app, "x.y.z").await.assert_refused(401, &["unauthorized"]);
    assert_eq!(app.state.db.statements(), before);
    app.get().await.assert_ok();
}
