//! Errors: K118 to K125.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;
use steward::jsonapi::Code;
use steward::jsonapi::error::ERRORS_PAGE;

use super::{NOTHING, document, get, names, post, send, text};
use crate::support::app::{ACCOUNT_LIST, STAMP, USER};
use crate::support::{Answer, TestApp, user};

/// Refusals of every layer.
async fn refusals(app: &TestApp) -> Vec<Answer> {
    let untyped = TestRequest::put().uri(USER).set_payload("{}");
    let mut relationship = user(json!({ "overwrite": true }));
    relationship["data"]["relationships"] =
        json!({ "websites": { "data": [{ "id": NOTHING, "type": "websites" }] } });
    vec![
        get(app, "nothing").await,
        get(app, "user?foo=1&bar=2").await,
        get(app, &format!("user/websites/{NOTHING}")).await,
        send(app, Method::DELETE, "user", None).await,
        app.send_as(None, TestRequest::get().uri(USER)).await,
        app.send(TestRequest::get().uri(USER).insert_header(("Accept", "text/html"))).await,
        app.send(untyped).await,
        app.put_bytes("{").await,
        app.put(json!({ "employer": "Cru" })).await,
        app.put(json!({ "employer": 1, "first_name": "", "updated_in_db_at": STAMP })).await,
        app.put_document(&relationship).await,
        post(app, "user/websites", &document("websites", json!({}))).await,
    ]
}

#[actix_web::test]
async fn k118_errors_are_an_array_of_objects_with_members() {
    for answer in refusals(&TestApp::new()).await {
        assert_eq!(names(&answer.json()), ["errors"]);
        let errors = answer.errors();
        assert!(!errors.is_empty() && errors.iter().all(|e| !names(e).is_empty()), "{}", answer.text());
    }
}

#[actix_web::test]
async fn k119_the_status_of_an_error_is_the_http_status_as_text() {
    let mut statuses = BTreeSet::new();
    for answer in refusals(&TestApp::new()).await {
        let status = json!(answer.status.to_string());
        assert!(answer.errors().iter().all(|error| error["status"] == status), "{}", answer.text());
        statuses.insert(answer.status);
    }
    assert_eq!(statuses, BTreeSet::from([400, 401, 403, 404, 405, 406, 409, 415]));
}

#[actix_web::test]
async fn k120_the_title_is_that_of_the_kind_and_the_detail_of_the_occurrence() {
    let app = TestApp::new();
    let rows = [NOTHING, ACCOUNT_LIST].map(|id| format!("user/websites/{id}"));
    let queries = ["user?foo=1".to_owned(), "user?bar=1".to_owned()];
    for [one, other] in [rows, queries] {
        let (one, other) = (get(&app, &one).await.error(), get(&app, &other).await.error());
        assert_eq!((&one["code"], &one["title"]), (&other["code"], &other["title"]));
        assert_ne!(one["detail"], other["detail"]);
    }
}

#[actix_web::test]
async fn k121_a_source_is_a_pointer_a_parameter_or_a_header() {
    let mut kinds = BTreeSet::new();
    for error in refusals(&TestApp::new()).await.iter().flat_map(Answer::errors) {
        if let Some(source) = error.get("source") {
            assert_eq!(names(source).len(), 1, "{error}");
            kinds.insert(names(source)[0].to_owned());
        }
    }
    assert_eq!(kinds, ["header", "parameter", "pointer"].map(str::to_owned).into());
}

#[actix_web::test]
async fn k122_a_pointer_names_a_value_that_was_sent_or_the_object_that_lacks_one() {
    let app = TestApp::new();
    let whole = user(json!({ "first_name": "", "updated_in_db_at": STAMP }));
    let no_stamp = user(json!({ "first_name": "Jack" }));
    let no_type = json!({ "data": { "attributes": {} } });
    for (sent, pointer) in [
        (&whole, "/data/attributes/first_name"),
        (&no_stamp, "/data/attributes"),
        (&no_type, "/data"),
        (&json!({}), ""),
    ] {
        let answer = app.put_document(sent).await;
        let told = answer.errors()[0]["source"]["pointer"].clone();
        assert_eq!(told, pointer, "{sent}");
        assert!(sent.pointer(text(&told)).is_some(), "{sent}");
    }
    let answer = post(&app, "user/websites", &document("websites", json!({}))).await;
    assert_eq!(answer.error()["source"]["pointer"], "/data/attributes");
}

#[actix_web::test]
async fn k123_links_type_of_an_error_leads_to_what_is_written_about_its_code() {
    let app = TestApp::new();
    for error in refusals(&app).await.iter().flat_map(Answer::errors) {
        let link = format!("{ERRORS_PAGE}#{}", text(&error["code"]));
        assert_eq!(error["links"], json!({ "type": link }));
    }
    let page = app.send_as(None, TestRequest::get().uri(ERRORS_PAGE)).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for code in Code::ALL {
        let heading = format!("<h2 id=\"{0}\">{0}</h2>\n<p><strong>{1}", code.as_str(), code.status());
        assert!(page.text().contains(&heading), "{heading}");
    }
    let plain = page.text().split("<p>").skip(1).all(|rest| !rest.starts_with(['#', '-', '|']));
    assert!(
        plain && !page.text().contains("**") && !page.text().contains('`'),
        "nothing is left as Markdown"
    );
}

#[actix_web::test]
async fn k124_problems_of_several_statuses_are_400_and_409_where_a_conflict_is_among_them() {
    let app = TestApp::new();
    let mut edit = user(json!({ "first_name": "", "updated_in_db_at": STAMP }));
    edit["data"]["relationships"] = json!({ "email_addresses": { "data": [] } });
    app.put_document(&edit).await.assert_refused(400, &["blank", "replacement_refused"]);
    edit["data"]["attributes"]["updated_in_db_at"] = json!("2021-01-01T00:00:00Z");
    app.put_document(&edit).await.assert_refused(409, &["stale", "blank", "replacement_refused"]);
}

#[actix_web::test]
async fn k125_codes_and_ids_are_texts_and_no_id_comes_twice() {
    let app = TestApp::new();
    let mut ids = BTreeSet::new();
    let mut answers = refusals(&app).await;
    answers.extend(refusals(&app).await);
    for error in answers.iter().flat_map(Answer::errors) {
        assert!(error["code"].is_string(), "{error}");
        assert!(ids.insert(text(&error["id"]).to_owned()), "{error}");
    }
    assert!(ids.len() > answers.len(), "some answers have several errors");
}
