//! The exact pull and the records of deletions: design 4 and 9, mpdx-behaviour 6.1.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{people, tombstones};
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp, user};
use crate::support::{Answer, TestApp};

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const SITE: &str = "11111111-1111-4111-8111-111111111111";
const DAY: i64 = 24 * 3600;

async fn pull(app: &TestApp, since: Option<i64>) -> Answer {
    let query = since.map(|since| format!("?since={since}")).unwrap_or_default();
    app.call(Method::GET, &format!("{USER}/changes{query}"), None).await
}

async fn pulled(app: &TestApp, since: i64) -> (Vec<(String, String)>, i64) {
    let answer = pull(app, Some(since)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    (names(&document), document["meta"]["version"].as_i64().expect("a version"))
}

fn names(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of = |resource: &Value| {
        let kind = text(&resource["type"]);
        let id =
            if kind == "deleted_records" { &resource["attributes"]["deletable_id"] } else { &resource["id"] };
        (kind, text(id))
    };
    document["data"].as_array().expect("a list").iter().map(of).collect()
}

async fn version(app: &TestApp) -> i64 {
    pull(app, None).await.json()["meta"]["version"].as_i64().expect("a version")
}

async fn make_site(app: &TestApp, id: &str) {
    let site =
        json!({ "data": { "type": "websites", "id": id, "attributes": { "url": "https://a.example" } } });
    let made = app.call(Method::POST, &format!("{USER}/websites"), Some(&site)).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

async fn delete(app: &TestApp, path: &str) {
    assert_eq!(app.call(Method::DELETE, &format!("{USER}/{path}"), None).await.status, 204);
}

async fn deletions(app: &TestApp, query: &str) -> Answer {
    app.call(Method::GET, &format!("/api/v2/deleted_records{query}"), None).await
}

#[actix_web::test]
async fn without_a_version_all_that_there_is_comes_and_with_the_current_one_nothing() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    let answer = pull(&app, None).await;
    let document = answer.json();
    assert_eq!(document["data"][0], app.get().await.json()["data"], "the user as his own document shows him");
    let rows = [("users", REY), ("email_addresses", EMAIL), ("websites", SITE)];
    assert_eq!(names(&document), rows.map(|(kind, id)| (kind.to_owned(), id.to_owned())));
    let email = app.call(Method::GET, &format!("{USER}/email_addresses/{EMAIL}"), None).await.json();
    assert_eq!(document["data"][1], email["data"], "a row as its own document shows it");
    let version = document["meta"]["version"].as_i64().expect("a version");
    assert_eq!(document["meta"]["updated_in_db_at"], app.stamp().await);
    assert_eq!(document["meta"]["more"], false);
    assert_eq!(pulled(&app, version).await, (vec![], version));
    assert_eq!(pull(&app, Some(0)).await.text(), answer.text());
}

#[actix_web::test]
async fn what_was_written_since_comes_with_what_was_deleted_since() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    let base = version(&app).await;
    let (users, email) =
        (("users".to_owned(), REY.to_owned()), ("email_addresses".to_owned(), EMAIL.to_owned()));
    let gone = ("deleted_records".to_owned(), SITE.to_owned());
    app.put(json!({ "employer": "Cru", "overwrite": true })).await.assert_ok();
    assert_eq!(pulled(&app, base).await, (vec![users.clone()], base + 1));
    delete(&app, &format!("websites/{SITE}")).await;
    assert_eq!(pulled(&app, base).await, (vec![users.clone(), gone.clone()], base + 2));
    let change = json!({ "data": { "type": "email_addresses", "attributes": { "location": "Home", "overwrite": true } } });
    app.call(Method::PUT, &format!("{USER}/email_addresses/{EMAIL}"), Some(&change)).await.assert_ok();
    assert_eq!(pulled(&app, base).await, (vec![users.clone(), email.clone(), gone], base + 3));
    assert_eq!(pulled(&app, base + 2).await, (vec![users, email], base + 3), "and nothing that came before");
}

#[actix_web::test]
async fn clocks_have_no_part_in_it() {
    let app = TestApp::new();
    let base = version(&app).await;
    // The clock stands still, and then goes back by a month.
    make_site(&app, SITE).await;
    app.clock.advance(-30 * DAY);
    let token = app.state.tokens.issue(id(REY), stamp(MADE_AT - 30 * DAY), 0, 3600).expect("a token");
    let path = format!("{USER}/websites/{SITE}");
    let gone = app.send_as(Some(&token), TestRequest::delete().uri(&path)).await;
    assert_eq!(gone.status, 204);
    let answer =
        app.send_as(Some(&token), TestRequest::get().uri(&format!("{USER}/changes?since={base}"))).await;
    let told = names(&answer.json());
    assert_eq!(told, [("users".into(), REY.into()), ("deleted_records".into(), SITE.into())]);
    assert_eq!(answer.json()["meta"]["updated_in_db_at"], "2022-01-12T17:18:11Z", "stamps only go forward");
}

#[actix_web::test]
async fn a_version_from_which_the_way_is_not_known_is_410_and_fetching_all_still_works() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    let base = version(&app).await;
    delete(&app, &format!("websites/{SITE}")).await;
    let token = |now: i64| app.state.tokens.issue(id(REY), stamp(now), 0, 3600).expect("a token");
    let get = async |path: &str, now: i64| app.send_as(Some(&token(now)), TestRequest::get().uri(path)).await;
    let since = |version: i64| format!("{USER}/changes?since={version}");
    app.clock.advance(90 * DAY);
    let now = MADE_AT + 90 * DAY;
    assert_eq!(names(&get(&since(base), now).await.json()).len(), 2);
    assert_eq!(get("/api/v2/deleted_records", now).await.json()["meta"]["pagination"]["total_count"], 1);
    app.clock.advance(3);
    let answer = get(&since(base), now).await;
    answer.assert_refused(410, &["sync_horizon"]);
    assert_eq!(answer.error()["meta"]["version"], base + 1);
    assert_eq!(get("/api/v2/deleted_records", now).await.json()["meta"]["pagination"]["total_count"], 0);
    assert_eq!(
        names(&get(&since(base + 1), now).await.json()),
        [],
        "who has seen the deletion needs no record of it"
    );
    assert_eq!(names(&get(&since(0), now).await.json()).len(), 2);
    // The id is never used again, however long ago it was.
    let site = json!({ "data": { "type": "websites", "id": SITE, "attributes": { "url": "x" } } });
    let request = TestRequest::post().uri(&format!("{USER}/websites"));
    let request =
        request.insert_header(("Content-Type", "application/vnd.api+json")).set_payload(site.to_string());
    app.send_as(Some(&token(now)), request).await.assert_refused(409, &["deleted"]);
    // A version that this database never had: it was restored from a copy.
    for version in [base + 2, i64::MAX] {
        get(&since(version), now).await.assert_refused(410, &["sync_horizon"]);
    }
    get(&format!("{USER}/changes?since=99999999999999999999"), now)
        .await
        .assert_refused(410, &["sync_horizon"]);
}

#[actix_web::test]
async fn since_is_a_version_and_nothing_else() {
    let app = TestApp::new();
    for wrong in ["", "-1", "+1", "1.0", "%201", "x", STAMP] {
        let answer = app.call(Method::GET, &format!("{USER}/changes?since={wrong}"), None).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"]["parameter"], "since");
    }
    for query in ["since=1&since=1", "include=websites", "since[]=1", "sort=created_at"] {
        let answer = app.call(Method::GET, &format!("{USER}/changes?{query}"), None).await;
        answer.assert_refused(400, &["invalid_parameter"]);
    }
    app.call(Method::GET, &format!("{USER}?since=1"), None).await.assert_refused(400, &["invalid_parameter"]);
    let sparse =
        app.call(Method::GET, &format!("{USER}/changes?fields[users]=first_name"), None).await.json();
    assert_eq!(sparse["data"][0]["attributes"], json!({ "first_name": "Rey" }));
}

#[actix_web::test]
async fn more_deletions_than_one_answer_holds_come_in_several() {
    let app = TestApp::new();
    let base = version(&app).await;
    // 12,000 deletions of 6 versions, as so many nested deletes would leave them.
    app.change(|connection| {
        let row = |i: i64| {
            let id = id(&format!("00000000-0000-4000-8000-{i:012}"));
            (
                (tombstones::person_id.eq(crate::support::app::id(REY)), tombstones::kind.eq("websites")),
                (tombstones::id.eq(id), tombstones::changed_in_version.eq(base + 1 + i / 2000)),
                tombstones::deleted_at.eq(stamp(MADE_AT)),
            )
        };
        for i in 0..12_000 {
            diesel::insert_into(tombstones::table).values(row(i)).execute(connection)?;
        }
        diesel::update(people::table).set(people::version.eq(base + 6)).execute(connection)
    });
    let first = pull(&app, Some(base)).await.json();
    assert_eq!((&first["meta"]["version"], &first["meta"]["more"]), (&json!(base + 5), &json!(true)));
    assert_eq!(names(&first).len(), 10_000);
    let second = pull(&app, Some(base + 5)).await.json();
    assert_eq!((&second["meta"]["version"], &second["meta"]["more"]), (&json!(base + 6), &json!(false)));
    assert_eq!(names(&second).len(), 2001, "the rest, and the user");
    assert_eq!(first["meta"].get("updated_in_db_at"), None, "half a state is no base for an edit");
    assert_eq!(second["meta"]["updated_in_db_at"], app.stamp().await);
}

#[actix_web::test]
async fn however_many_deletions_one_version_has_the_pull_gets_past_it() {
    let app = TestApp::new();
    let base = version(&app).await;
    app.change(|connection| {
        for i in 0..10_500_i64 {
            let row = (
                (tombstones::person_id.eq(id(REY)), tombstones::kind.eq("websites")),
                tombstones::id.eq(id(&format!("00000000-0000-4000-8000-{i:012}"))),
                (tombstones::changed_in_version.eq(base + 1), tombstones::deleted_at.eq(stamp(MADE_AT))),
            );
            diesel::insert_into(tombstones::table).values(row).execute(connection)?;
        }
        diesel::update(people::table).set(people::version.eq(base + 2)).execute(connection)
    });
    let first = pull(&app, Some(base)).await.json();
    assert_eq!((&first["meta"]["version"], &first["meta"]["more"]), (&json!(base + 1), &json!(true)));
    assert_eq!(names(&first).len(), 10_500);
    assert_eq!(pulled(&app, base + 1).await, (vec![("users".into(), REY.into())], base + 2));
}

#[actix_web::test]
async fn whoever_knew_the_user_who_had_the_id_before_fetches_all() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    let last = version(&app).await;
    app.change(|connection| steward::users::create::delete(connection, id(REY), stamp(MADE_AT)));
    app.clock.advance(60);
    app.change(|connection| {
        NewUser::new(id(REY), "Ray", stamp(MADE_AT + 60)).expect("a user").insert(connection)
    });
    let token = app.state.tokens.issue(id(REY), stamp(MADE_AT + 60), 0, 3600).expect("a token");
    let get = async |since: i64| {
        let path = format!("{USER}/changes?since={since}");
        app.send_as(Some(&token), TestRequest::get().uri(&path)).await
    };
    for since in [1, last] {
        get(since).await.assert_refused(410, &["sync_horizon"]);
    }
    let all = get(0).await.json();
    assert_eq!(names(&all), [("users".to_owned(), REY.to_owned())]);
    assert_eq!(names(&get(last + 1).await.json()), []);
}

#[actix_web::test]
async fn a_deletion_leaves_a_record_that_names_what_was_deleted() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    delete(&app, &format!("websites/{SITE}")).await;
    let gone = user(json!({ "overwrite": true }));
    let mut nested = gone;
    nested["data"]["relationships"] = json!({ "email_addresses": { "data": [
        { "type": "email_addresses", "id": EMAIL, "attributes": { "_destroy": true } } ] } });
    app.put_document(&nested).await.assert_ok();
    let document = deletions(&app, "").await.json();
    let first = &document["data"][0];
    assert_eq!(
        first["attributes"],
        json!({
            "created_at": "2022-01-12T17:18:11Z",
            "deletable_id": SITE,
            "deletable_type": "Website",
            "deleted_at": "2022-01-12T17:18:11Z",
            "deleted_from_id": REY,
            "deleted_from_type": "Person",
            "updated_at": "2022-01-12T17:18:11Z",
            "updated_in_db_at": "2022-01-12T17:18:11Z",
        })
    );
    assert_eq!(first["relationships"]["deletable"]["data"], json!({ "id": SITE, "type": "websites" }));
    assert_eq!(document["data"][1]["relationships"]["deletable"]["data"]["id"], EMAIL);
    assert_eq!(document["meta"]["pagination"]["total_count"], 2);
    let again = pull(&app, Some(1)).await.json();
    assert!(again["data"].as_array().expect("a list").contains(first), "the same record in the pull");
}

#[actix_web::test]
async fn records_are_filtered_sorted_and_cut_into_pages() {
    let app = TestApp::new();
    make_site(&app, SITE).await;
    app.clock.advance(60);
    delete(&app, &format!("websites/{SITE}")).await;
    app.clock.advance(DAY - 120);
    let token = app.state.tokens.issue(id(REY), stamp(MADE_AT + DAY - 60), 0, 3600).expect("a token");
    let path = format!("{USER}/email_addresses/{EMAIL}");
    assert_eq!(app.send_as(Some(&token), TestRequest::delete().uri(&path)).await.status, 204);
    let list = async |query: &str| {
        let path = format!("/api/v2/deleted_records?{query}");
        let answer = app.send_as(Some(&token), TestRequest::get().uri(&path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        names(&answer.json()).into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    let (site, email) = ([SITE], [EMAIL]);
    assert_eq!(list("").await, [SITE, EMAIL]);
    assert_eq!(list("sort=-deleted_at").await, [EMAIL, SITE]);
    assert_eq!(list("filter[since_date]=2022-01-13").await, email);
    assert_eq!(list("filter[since_date]=2022-01-12").await, [SITE, EMAIL], "from that day on");
    assert_eq!(list("filter[since_date]=2022-01-12..2022-01-12").await, site);
    assert_eq!(list("filter[types]=websites,Contact").await, site);
    assert_eq!(list("filter[types]=EmailAddress").await, email);
    assert_eq!(list("filter[types]=Contact,Task,Donation").await, [""; 0]);
    assert_eq!(list("filter[types]=").await, [SITE, EMAIL], "an empty list is no filter");
    assert_eq!(list(&format!("filter[account_list_id]={ACCOUNT_LIST}&per_page=1&page=2")).await, email);
    for wrong in ["filter[types]=Wookiee", "filter[since_date]=soon", "include=deletable", "sort=id"] {
        let path = format!("/api/v2/deleted_records?{wrong}");
        let answer = app.send_as(Some(&token), TestRequest::get().uri(&path)).await;
        answer.assert_refused(400, &["invalid_parameter"]);
    }
    let foreign = format!("/api/v2/deleted_records?filter[account_list_id]={SITE}");
    app.send_as(Some(&token), TestRequest::get().uri(&foreign)).await.assert_refused(404, &["not_found"]);
}
