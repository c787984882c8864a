//! An upload is an edit: the guard, keys, rivals, faults.

use actix_web::http::Method;
use actix_web::http::header::IF_MATCH;
use diesel::connection::SimpleConnection as _;
use futures_util::future::join;
use serde_json::{Value, json};

use super::{PROFILE, avatar, get, pictures, put, set, upload};
use crate::support::TestApp;
use crate::support::app::{REY, STAMP};
use crate::support::backend::{mended, sabotage};
use crate::support::form::{Form, jpeg, of_mpdx_web, png};

const PLACEHOLDER: &str = "https://mpdx.org/images/avatar.png";

fn form() -> Form {
    Form::new().file("avatar", "image/png", &png())
}

#[actix_web::test]
async fn an_upload_without_a_stamp_or_with_an_old_one_is_refused_as_a_document_is() {
    let app = TestApp::new();
    let missing = upload(&app, form()).await;
    missing.assert_refused(409, &["stamp_missing", "stale"]);
    let document = json!({ "data": { "type": "people", "attributes": {} } });
    let without_ids = |answer: &crate::support::Answer| {
        let mut errors = answer.errors();
        for error in &mut errors {
            error["id"] = Value::Null;
        }
        errors
    };
    let same = app.call(Method::PUT, PROFILE, Some(&document)).await;
    assert_eq!(without_ids(&missing), without_ids(&same));
    upload(&app, form().text("updated_in_db_at", "")).await.assert_refused(400, &["invalid_timestamp"]);
    let garbage = form().text("overwrite", "true").text("updated_in_db_at", "soon");
    upload(&app, garbage).await.assert_refused(400, &["invalid_timestamp"]);
    upload(&app, form().text("overwrite", "false")).await.assert_refused(409, &["stamp_missing", "stale"]);
    for unclear in ["1", "TRUE", "", "yes"] {
        let answer = upload(&app, form().text("overwrite", unclear)).await;
        answer.assert_refused(400, &["invalid_document"]);
        assert_eq!(answer.error()["source"]["parameter"], "overwrite");
    }
    assert_eq!(pictures(&app), 0);
    upload(&app, form().text("updated_in_db_at", STAMP)).await.assert_ok();
    let stale =
        Form::new().file("avatar", "image/jpeg", &jpeg()).text("data[attributes][updated_in_db_at]", STAMP);
    let stale = upload(&app, stale).await;
    stale.assert_refused(409, &["stale"]);
    let url = avatar(&app).await;
    assert_eq!(stale.error()["meta"]["changed"], json!({ "avatar": url }));
    assert_eq!(stale.error()["meta"]["conflicting"], json!(["avatar"]));
    assert_eq!(get(&app, url.as_str().expect("a URL")).await.body, png(), "the picture is still there");
}

#[actix_web::test]
async fn an_upload_with_an_old_stamp_is_merged_where_that_loses_nothing() {
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    let merging = |picture: &[u8]| {
        let form = Form::new().file("avatar", "image/png", picture).text("on_conflict", "merge");
        form.text("updated_in_db_at", STAMP)
    };
    let merged = upload(&app, merging(&png())).await;
    assert_eq!(merged.assert_ok()["first_name"], "Jack");
    assert_eq!(merged.json()["meta"]["merged"], json!(["first_name"]));
    let wrong = Form::new().file("avatar", "image/jpeg", &jpeg()).text("data[meta][on_conflict]", "merge");
    upload(&app, wrong.text("updated_in_db_at", STAMP)).await.assert_refused(409, &["stale"]);
    // The very picture that is there contradicts nothing.
    upload(&app, merging(&png())).await.assert_ok();
}

#[actix_web::test]
async fn if_match_holds_for_an_upload() {
    let app = TestApp::new();
    let tag = app.get().await.header("etag").expect("a tag").to_owned();
    let with_tag = || put(form()).insert_header((IF_MATCH, tag.clone()));
    app.send(with_tag()).await.assert_ok();
    app.send(with_tag()).await.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn the_picture_that_is_there_already_is_no_change() {
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    let version = app.get().await.header("etag").expect("a tag").to_owned();
    assert_eq!(set(&app, "image/png", &png()).await, url);
    assert_eq!(app.get().await.header("etag"), Some(version.as_str()));
}

#[actix_web::test]
async fn the_same_upload_under_its_key_is_done_once_though_its_boundary_is_another() {
    let app = TestApp::new();
    let keyed = |form: Form| put(form).insert_header(("Idempotency-Key", "k1"));
    let form = |boundary: &str, picture: &[u8]| {
        let form = Form::with_boundary(boundary).text("overwrite", "true");
        form.file("avatar", "application/octet-stream", picture)
    };
    let first = app.send(keyed(form("one", &png()))).await;
    first.assert_ok();
    set(&app, "image/jpeg", &jpeg()).await;
    let second = app.second_node().send(keyed(form("two", &png()))).await;
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!((second.status, &second.body), (200, &first.body));
    assert_eq!(pictures(&app), 1);
    app.send(keyed(form("three", &jpeg()))).await.assert_refused(422, &["key_reused"]);
    // A refusal of the guard is an answer as well.
    let stale =
        || put(Form::new().file("avatar", "image/png", &png())).insert_header(("Idempotency-Key", "k2"));
    app.send(stale()).await.assert_refused(409, &["stamp_missing", "stale"]);
    assert_eq!(app.send(stale()).await.header("idempotent-replayed"), Some("true"));
}

#[actix_web::test]
async fn of_an_upload_and_an_edit_with_the_same_stamp_one_wins_and_the_other_is_told() {
    for round in 0..8 {
        let app = TestApp::new();
        let other = app.second_node();
        let upload = upload(&app, form().text("updated_in_db_at", STAMP));
        let edit = other.put(json!({ "avatar": "https://example.com/a.png", "updated_in_db_at": STAMP }));
        let (uploaded, edited) = if round % 2 == 0 {
            join(upload, edit).await
        } else {
            let (edited, uploaded) = join(edit, upload).await;
            (uploaded, edited)
        };
        let (won, lost) = if uploaded.status == 200 { (&uploaded, &edited) } else { (&edited, &uploaded) };
        lost.assert_refused(409, &["stale"]);
        assert_eq!(lost.error()["meta"]["conflicting"], json!(["avatar"]));
        let shown = avatar(&app).await;
        assert_eq!(won.assert_ok()["avatar"], shown);
        assert_eq!(pictures(&app), i64::from(uploaded.status == 200), "a picture exactly where it is shown");
    }
}

#[actix_web::test]
async fn uploads_at_once_leave_one_picture_which_is_the_one_that_is_shown() {
    let app = TestApp::new();
    let other = app.second_node();
    let (a, b) = join(set(&app, "image/png", &png()), set(&other, "image/jpeg", &jpeg())).await;
    let shown = avatar(&app).await;
    let shown = shown.as_str().expect("a URL");
    assert!(shown == a || shown == b);
    assert_eq!(pictures(&app), 1);
    assert_eq!(get(&app, shown).await.status, 200);
    assert_eq!(get(&app, if shown == a { &b } else { &a }).await.status, 404);
}

#[actix_web::test]
async fn where_a_part_of_it_can_not_be_written_nothing_is() {
    let app = TestApp::new();
    let first = set(&app, "image/png", &png()).await;
    let before = app.get().await;
    for (table, event) in [("pictures", "INSERT"), ("people", "UPDATE")] {
        app.change(|connection| connection.batch_execute(&sabotage(table, event)));
        let answer = upload(&app, of_mpdx_web(REY, "image/jpeg", &jpeg())).await;
        assert!(answer.status >= 500, "{}", answer.text());
        assert_eq!(app.second_node().get().await.body, before.body);
        assert_eq!(get(&app, &first).await.body, png());
        app.change(|connection| connection.batch_execute(&mended(table)));
        app.change(|connection| {
            connection.batch_execute(if crate::support::backend::is_postgres() {
                "DROP FUNCTION IF EXISTS refuse"
            } else {
                "SELECT 1"
            })
        });
    }
    assert_ne!(avatar(&app).await, PLACEHOLDER);
    assert_ne!(set(&app, "image/jpeg", &jpeg()).await, first);
}
