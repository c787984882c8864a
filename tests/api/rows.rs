//! The rows that a user owns: design 3, 5 and 9; mpdx-behaviour 4.3 to 4.6 and 5.1.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{email_addresses, people};
use steward::people::kind::KINDS;
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, REY, STAMP, id, stamp};
use crate::support::{Answer, TestApp};

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const OTHER: &str = "11111111-1111-4111-8111-111111111111";

fn document(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

async fn send(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    let request = TestRequest::with_uri(&format!("/api/v2/user/{path}")).method(method);
    let request = match document {
        Some(document) => request.insert_header(("Content-Type", JSON_API)).set_payload(document.to_string()),
        None => request,
    };
    app.send(request).await
}

async fn create(app: &TestApp, kind: &str, attributes: Value) -> Answer {
    send(app, Method::POST, kind, Some(&document(kind, attributes))).await
}

async fn update(app: &TestApp, kind: &str, id: &str, attributes: Value) -> Answer {
    send(app, Method::PUT, &format!("{kind}/{id}"), Some(&document(kind, attributes))).await
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = send(app, Method::GET, path, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Ids and flags of all e-mail addresses.
async fn primaries(app: &TestApp, kind: &str) -> Vec<(String, bool)> {
    let rows = get(app, kind).await;
    let rows = rows["data"].as_array().expect("rows").iter();
    rows.map(|row| {
        (
            row["id"].as_str().expect("an id").to_owned(),
            row["attributes"]["primary"].as_bool().expect("a flag"),
        )
    })
    .collect()
}

/// What each kind needs.
fn least(kind: &str) -> Value {
    match kind {
        "email_addresses" => json!({ "email": "new@example.com" }),
        "facebook_accounts" => json!({ "username": "rey" }),
        "family_relationships" => json!({ "relationship": "Wife" }),
        "linkedin_accounts" => json!({ "public_url": "https://www.linkedin.com/in/rey" }),
        "phone_numbers" => json!({ "number": "2134567890" }),
        "twitter_accounts" => json!({ "screen_name": "rey" }),
        _ => json!({ "url": "https://example.com" }),
    }
}

/// The document that creates a row of a kind; relatives are related to the user himself.
fn whole(kind: &str) -> Value {
    let mut document = document(kind, least(kind));
    if kind == "family_relationships" {
        document["data"]["relationships"] =
            json!({ "related_person": { "data": { "type": "people", "id": REY } } });
    }
    document
}

#[actix_web::test]
async fn every_kind_is_created_read_changed_and_deleted_and_each_time_the_users_stamp_moves() {
    for kind in &KINDS {
        let kind = kind.name;
        let app = TestApp::new();
        let mut stamps = vec![app.stamp().await];
        let made = send(&app, Method::POST, kind, Some(&whole(kind))).await;
        assert_eq!(made.status, 201, "{kind}: {}", made.text());
        let row = made.json()["data"].clone();
        let id = row["id"].as_str().expect("an id").to_owned();
        assert_eq!(made.header("location"), Some(format!("/api/v2/user/{kind}/{id}").as_str()));
        stamps.push(app.stamp().await);
        assert_eq!(made.json()["meta"]["user"], json!({ "id": REY, "updated_in_db_at": stamps[1] }));
        for (name, value) in
            least(kind).as_object().expect("attributes").iter().filter(|(name, _)| *name != "number")
        {
            assert_eq!(&row["attributes"][name], value, "{kind}");
        }
        let path = format!("{kind}/{id}");
        assert_eq!(get(&app, &path).await["data"], row);
        let rows = get(&app, kind).await;
        assert!(rows["data"].as_array().expect("rows").contains(&row), "{kind}");
        let linked = app.get().await.json()["data"]["relationships"][kind]["data"].clone();
        assert!(linked.as_array().expect("linkage").contains(&json!({ "id": id, "type": kind })), "{kind}");

        let base = &row["attributes"]["updated_in_db_at"];
        let name = least(kind).as_object().expect("attributes").keys().next().expect("one").clone();
        let value = if kind == "phone_numbers" {
            "(213) 456-7891".to_owned()
        } else {
            "other@example.org".to_owned()
        };
        let changed = update(&app, kind, &id, json!({ name.clone(): value, "updated_in_db_at": base })).await;
        assert_eq!(changed.assert_ok()[&name], value, "{kind}");
        stamps.push(app.stamp().await);
        assert_eq!(changed.json()["meta"]["user"]["updated_in_db_at"], stamps[2]);
        update(&app, kind, &id, json!({ name: "third@example.org", "updated_in_db_at": base }))
            .await
            .assert_refused(409, &["stale"]);

        let gone = send(&app, Method::DELETE, &path, None).await;
        assert_eq!((gone.status, gone.body.len()), (204, 0), "{kind}");
        stamps.push(app.stamp().await);
        assert!(stamps.is_sorted_by(|a, b| a < b), "{kind}: {stamps:?}");
        let missing = send(&app, Method::GET, &path, None).await;
        missing.assert_refused(404, &["not_found"]);
        let detail = missing.error()["detail"].as_str().expect("a detail").to_owned();
        assert!(
            detail.starts_with("Couldn't find ") && detail.ends_with(&format!(" with 'id'={id}")),
            "{detail}"
        );
        send(&app, Method::DELETE, &path, None).await.assert_refused(404, &["not_found"]);
    }
}

#[actix_web::test]
async fn documents_have_the_attributes_of_the_original_in_the_order_of_their_names() {
    let app = TestApp::new();
    let body = send(&app, Method::GET, &format!("email_addresses/{EMAIL}"), None).await;
    assert_eq!(
        body.text(),
        format!(
            r#"{{"data":{{"id":"{EMAIL}","type":"email_addresses","attributes":{{"created_at":"{STAMP}","email":"rey@example.com","historic":false,"location":null,"primary":true,"source":"MPDX","updated_at":"{STAMP}","updated_in_db_at":"{STAMP}","valid_values":true}}}}}}"#
        )
    );
    let made = send(&app, Method::POST, "family_relationships", Some(&whole("family_relationships"))).await;
    let linked = &made.json()["data"]["relationships"];
    assert_eq!(*linked, json!({ "related_person": { "data": { "id": REY, "type": "people" } } }));
    let made = create(
        &app,
        "phone_numbers",
        json!({ "number": "+64 9 123 4567", "remote_id": "r", "location": "Work" }),
    )
    .await;
    let shown = made.json()["data"]["attributes"].clone();
    assert_eq!((&shown["number"], &shown["country_code"]), (&json!("+6491234567"), &json!("64")));
    assert!(shown.get("remote_id").is_none(), "written, not shown");
}

#[actix_web::test]
async fn a_client_may_make_the_id_and_an_id_is_used_once() {
    let app = TestApp::new();
    let mut row = whole("websites");
    row["data"]["id"] = json!(OTHER);
    let made = send(&app, Method::POST, "websites", Some(&row)).await;
    assert_eq!((made.status, &made.json()["data"]["id"]), (201, &json!(OTHER)));
    let again = send(&app, Method::POST, "websites", Some(&row)).await;
    again.assert_refused(409, &["duplicate"]);
    let detail = again.error()["detail"].as_str().expect("a detail").to_owned();
    assert!(detail.contains("duplicate key value violates unique constraint"), "{detail}");
    app.clock.advance(60);
    send(&app, Method::DELETE, &format!("websites/{OTHER}"), None).await;
    let deleted = send(&app, Method::POST, "websites", Some(&row)).await;
    deleted.assert_refused(409, &["deleted"]);
    assert_eq!(deleted.error()["meta"], json!({ "deleted_at": "2022-01-12T17:19:09Z" }));
    row["data"]["id"] = json!("not-a-uuid");
    send(&app, Method::POST, "websites", Some(&row)).await.assert_refused(400, &["invalid"]);
    row["data"]["id"] = json!("undefined");
    assert_eq!(send(&app, Method::POST, "websites", Some(&row)).await.status, 201, "as if it had none");
}

#[actix_web::test]
async fn a_create_takes_a_stamp_that_means_nothing_but_must_be_readable() {
    let app = TestApp::new();
    let made =
        create(&app, "websites", json!({ "url": "x", "updated_in_db_at": "2001-01-01 00:00:00 UTC" })).await;
    assert_eq!(made.status, 201);
    let garbage = create(&app, "websites", json!({ "url": "x", "updated_in_db_at": "" })).await;
    garbage.assert_refused(400, &["invalid_timestamp"]);
}

#[actix_web::test]
async fn what_must_be_there_is_missed_with_a_pointer_to_what_was_sent() {
    let app = TestApp::new();
    for (kind, name, words) in [
        ("email_addresses", "email", "Email can't be blank"),
        ("facebook_accounts", "username", "Username can't be blank"),
        ("linkedin_accounts", "public_url", "Public url can't be blank"),
        ("phone_numbers", "number", "Number can't be blank"),
        ("twitter_accounts", "screen_name", "Screen name can't be blank"),
        ("websites", "url", "Url can't be blank"),
    ] {
        for (attributes, pointer) in [
            (json!({}), "/data/attributes".to_owned()),
            (json!({ name: null }), format!("/data/attributes/{name}")),
            (json!({ name: "  " }), format!("/data/attributes/{name}")),
        ] {
            let answer = create(&app, kind, attributes).await;
            answer.assert_refused(400, &["blank"]);
            let error = answer.error();
            assert_eq!((&error["detail"], &error["source"]["pointer"]), (&json!(words), &json!(pointer)));
        }
    }
    let answer = create(&app, "family_relationships", json!({})).await;
    answer.assert_refused(400, &["blank", "blank"]);
    let told: Vec<_> = answer.errors().iter().map(|error| error["detail"].clone()).collect();
    assert_eq!(told, ["Related person can't be blank", "Relationship can't be blank"]);
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn addresses_are_cleaned_checked_and_unique() {
    let app = TestApp::new();
    let made = create(&app, "email_addresses", json!({ "email": " Rey\u{200b} @Example.ORG " })).await;
    assert_eq!(made.json()["data"]["attributes"]["email"], "rey@example.org");
    for wrong in ["x", "x@", "@example.com", "a b"] {
        let answer = create(&app, "email_addresses", json!({ "email": wrong })).await;
        answer.assert_refused(400, &["invalid"]);
        assert_eq!(answer.error()["detail"], "Email is invalid");
    }
    let taken = create(&app, "email_addresses", json!({ "email": "REY@example.com" })).await;
    taken.assert_refused(400, &["taken"]);
    assert_eq!(taken.error()["detail"], "Email has already been taken");
    let row = made.json()["data"].clone();
    let stamp = &row["attributes"]["updated_in_db_at"];
    let id = row["id"].as_str().expect("an id");
    let answer =
        update(&app, "email_addresses", id, json!({ "email": "rey@example.com", "updated_in_db_at": stamp }))
            .await;
    answer.assert_refused(400, &["taken"]);
    let same =
        update(&app, "email_addresses", id, json!({ "email": "REY@EXAMPLE.ORG", "updated_in_db_at": stamp }))
            .await;
    assert_eq!(same.assert_ok()["updated_in_db_at"], *stamp, "the same address is no change");
}

#[actix_web::test]
async fn rows_of_other_sources_are_locked_in_the_words_that_android_matches() {
    let app = TestApp::new();
    app.change(|c| {
        diesel::update(email_addresses::table).set(email_addresses::source.eq("Siebel")).execute(c)
    });
    let edit =
        json!({ "email": "x@example.com", "location": "Home", "historic": true, "updated_in_db_at": STAMP });
    let answer = update(&app, "email_addresses", EMAIL, edit).await;
    answer.assert_refused(400, &["locked", "locked"]);
    for (error, name) in answer.errors().iter().zip(["email", "location"]) {
        assert_eq!(error["source"]["pointer"], format!("/data/attributes/{name}"));
        let detail = error["detail"].as_str().expect("a detail");
        assert!(
            detail.ends_with("cannot be changed because the source is not MPDX or TntImport"),
            "{detail}"
        );
    }
    let edit = json!({ "email": "rey@example.com", "historic": true, "updated_in_db_at": STAMP });
    assert_eq!(update(&app, "email_addresses", EMAIL, edit).await.assert_ok()["historic"], true);
    // The address of another source may be the same.
    assert_eq!(create(&app, "email_addresses", json!({ "email": "rey@example.com" })).await.status, 201);
}

#[actix_web::test]
async fn the_source_is_the_servers_own() {
    let app = TestApp::new();
    let made = create(&app, "websites", json!({ "url": "x", "source": "Siebel" })).await;
    assert_eq!(made.json()["meta"]["ignored_attributes"], json!(["source"]), "a website has none");
    let made = create(&app, "phone_numbers", json!({ "number": "2134567890", "source": "Siebel" })).await;
    assert_eq!(made.json()["data"]["attributes"]["source"], "MPDX");
    assert_eq!(made.json()["meta"]["ignored_attributes"], json!(["source"]));
    let made = create(&app, "phone_numbers", json!({ "number": "2134567891", "source": "MPDX" })).await;
    assert!(made.json()["meta"].get("ignored_attributes").is_none());
}

#[actix_web::test]
async fn one_row_that_is_not_historic_is_primary() {
    let app = TestApp::new();
    let second = create(&app, "email_addresses", json!({ "email": "b@example.com", "primary": true })).await;
    let second = second.json()["data"]["id"].as_str().expect("an id").to_owned();
    let flags = async || {
        primaries(&app, "email_addresses")
            .await
            .into_iter()
            .filter(|(_, p)| *p)
            .map(|(id, _)| id)
            .collect::<Vec<_>>()
    };
    assert_eq!(flags().await.join(","), second, "the row that was just saved wins");
    let first = app.get().await.json()["data"]["relationships"]["email_addresses"]["data"][0]["id"].clone();
    assert_eq!(first, second, "primary first");
    let edit = json!({ "historic": true, "overwrite": true });
    let historic = update(&app, "email_addresses", &second, edit).await.assert_ok();
    assert_eq!(historic["primary"], false);
    assert_eq!(flags().await, [EMAIL.to_owned()]);
    let edit = json!({ "primary": false, "overwrite": true });
    assert_eq!(
        update(&app, "email_addresses", EMAIL, edit).await.assert_ok()["primary"],
        true,
        "somebody must be"
    );
    send(&app, Method::DELETE, &format!("email_addresses/{EMAIL}"), None).await;
    assert_eq!(flags().await, Vec::<String>::new(), "historic rows are not elected");
    let third = create(&app, "email_addresses", json!({ "email": "c@example.com" })).await;
    assert_eq!(third.json()["data"]["attributes"]["primary"], true, "the first one that can be");
}

#[actix_web::test]
async fn who_loses_an_election_keeps_his_time_of_edit_and_moves_his_stamp() {
    let app = TestApp::new();
    app.clock.advance(60);
    create(&app, "email_addresses", json!({ "email": "b@example.com", "primary": true })).await;
    let loser = get(&app, &format!("email_addresses/{EMAIL}")).await["data"]["attributes"].clone();
    assert_eq!((&loser["primary"], &loser["updated_at"]), (&json!(false), &json!(STAMP)));
    assert_eq!(loser["updated_in_db_at"], "2022-01-12T17:19:09Z");
    let stale =
        update(&app, "email_addresses", EMAIL, json!({ "location": "Home", "updated_in_db_at": STAMP }))
            .await;
    assert_eq!(stale.error()["meta"]["changed"], json!({ "primary": false }));
}

#[actix_web::test]
async fn twitter_keeps_one_primary_and_websites_any() {
    let app = TestApp::new();
    for (kind, name, kept) in [("twitter_accounts", "screen_name", 1), ("websites", "url", 2)] {
        for value in ["a", "b"] {
            create(&app, kind, json!({ name: value, "primary": true })).await;
        }
        let count = primaries(&app, kind).await.iter().filter(|(_, primary)| *primary).count();
        assert_eq!(count, kept, "{kind}");
    }
}

#[actix_web::test]
async fn numbers_are_normalised_and_shown_as_the_original_shows_them() {
    let app = TestApp::new();
    for (sent, shown, country) in [
        ("213.456.7890", "(213) 456-7890", json!("1")),
        ("+1 (213) 456-7890", "(213) 456-7890", json!("1")),
        ("213-456-7890 ext. 12", "(213) 456-7890;12", json!("1")),
        ("+49 30 901820", "+4930901820", json!("49")),
        ("call the office", "call the office", Value::Null),
    ] {
        let made = create(&app, "phone_numbers", json!({ "number": sent })).await;
        let attributes = made.json()["data"]["attributes"].clone();
        assert_eq!((&attributes["number"], &attributes["country_code"]), (&json!(shown), &country), "{sent}");
        let id = made.json()["data"]["id"].as_str().expect("an id").to_owned();
        let echo = json!({ "number": shown, "updated_in_db_at": attributes["updated_in_db_at"] });
        let echo = update(&app, "phone_numbers", &id, echo).await.assert_ok();
        assert_eq!(echo["updated_in_db_at"], attributes["updated_in_db_at"], "the shown form is an echo");
    }
}

#[actix_web::test]
async fn facebook_urls_are_cut_to_the_username_and_a_username_is_unique() {
    let app = TestApp::new();
    for (sent, username) in [
        ("https://www.facebook.com/rey.one", "rey.one"),
        ("m.facebook.com/rey.two/photos?x=1", "rey.two"),
        ("https://facebook.com/profile.php?id=1234&x=y", "1234"),
        ("rey.three", "rey.three"),
        ("https://notfacebook.com/rey", "https://notfacebook.com/rey"),
    ] {
        let made = create(&app, "facebook_accounts", json!({ "username": sent })).await;
        assert_eq!(made.json()["data"]["attributes"]["username"], username, "{sent}");
    }
    create(&app, "facebook_accounts", json!({ "username": "fb.com/rey.one" }))
        .await
        .assert_refused(400, &["taken"]);
    let with_id = create(&app, "facebook_accounts", json!({ "username": "x", "remote_id": 4711 })).await;
    assert_eq!(with_id.json()["data"]["attributes"]["remote_id"], 4711);
    assert_eq!(app.attributes().await["avatar"], "https://graph.facebook.com/4711/picture?type=large");
    let stale = app.put(json!({ "employer": "x", "updated_in_db_at": STAMP })).await;
    let avatar = "https://graph.facebook.com/4711/picture?type=large";
    assert_eq!(stale.error()["meta"]["changed"], json!({ "avatar": avatar }), "what is shown has changed");
}

#[actix_web::test]
async fn relatives_are_people_of_ones_own_account_lists_and_each_once() {
    let app = TestApp::new();
    let (near, far) = (OTHER, "22222222-2222-4222-8222-222222222222");
    app.change(|connection| {
        let person = |who: &str, list: &str| {
            let user = NewUser::new(id(who), "Finn", stamp(MADE_AT)).expect("a user");
            user.account_list(id(list), "A list").expect("a list")
        };
        person(near, ACCOUNT_LIST).insert(connection)?;
        person(far, "33333333-3333-4333-8333-333333333333").insert(connection)
    });
    let related = |who: &str| {
        let mut document = document("family_relationships", json!({ "relationship": "Brother" }));
        document["data"]["relationships"] =
            json!({ "related_person": { "data": { "type": "people", "id": who } } });
        document
    };
    let answer = send(&app, Method::POST, "family_relationships", Some(&related(near))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let twice = send(&app, Method::POST, "family_relationships", Some(&related(near))).await;
    twice.assert_refused(409, &["duplicate"]);
    for nobody in [far, ACCOUNT_LIST] {
        let answer = send(&app, Method::POST, "family_relationships", Some(&related(nobody))).await;
        answer.assert_refused(404, &["not_found"]);
        assert_eq!(answer.error()["detail"], format!("Couldn't find Person with 'id'={nobody}"));
    }
}

#[actix_web::test]
async fn the_guard_of_a_row_is_the_users() {
    let app = TestApp::new();
    let path = "email_addresses";
    update(&app, path, EMAIL, json!({ "location": "Home" }))
        .await
        .assert_refused(409, &["stamp_missing", "stale"]);
    update(&app, path, EMAIL, json!({ "updated_in_db_at": null }))
        .await
        .assert_refused(400, &["invalid_timestamp"]);
    update(&app, path, EMAIL, json!({ "location": "Home", "updated_in_db_at": STAMP })).await.assert_ok();
    let stale = json!({ "location": "Work", "historic": true, "updated_in_db_at": STAMP });
    let answer = update(&app, path, EMAIL, stale.clone()).await;
    answer.assert_refused(409, &["stale"]);
    let meta = answer.error()["meta"].clone();
    assert_eq!(
        (&meta["changed"], &meta["conflicting"]),
        (&json!({ "location": "Home" }), &json!(["location"]))
    );
    let mut merge = document(path, json!({ "valid_values": false, "updated_in_db_at": STAMP }));
    merge["data"]["meta"] = json!({ "on_conflict": "merge" });
    let answer = send(&app, Method::PUT, &format!("{path}/{EMAIL}"), Some(&merge)).await;
    answer.assert_ok();
    assert_eq!(answer.json()["meta"]["merged"], json!(["location"]));
    let mut overwrite = stale;
    overwrite["overwrite"] = json!(true);
    assert_eq!(update(&app, path, EMAIL, overwrite).await.assert_ok()["location"], "Work");
}

#[actix_web::test]
async fn conditions_hold_for_rows_as_for_the_user() {
    let app = TestApp::new();
    let path = format!("/api/v2/user/email_addresses/{EMAIL}");
    let read = app.send(TestRequest::get().uri(&path)).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    let request = TestRequest::get().uri(&path).insert_header(("If-None-Match", tag.clone()));
    assert_eq!(app.send(request).await.status, 304);
    let put = |tag: &str| {
        let edit = document("email_addresses", json!({ "location": tag }));
        let request = TestRequest::put().uri(&path).insert_header(("If-Match", tag));
        request.insert_header(("Content-Type", JSON_API)).set_payload(edit.to_string())
    };
    app.send(put(&tag)).await.assert_ok();
    app.send(put(&tag)).await.assert_refused(412, &["precondition_failed"]);
    let delete = TestRequest::delete().uri(&path).insert_header(("If-Match", tag));
    app.send(delete).await.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn a_delete_honours_a_stamp_in_its_body_and_tolerates_any_other_body() {
    let app = TestApp::new();
    let path = format!("email_addresses/{EMAIL}");
    let stale = document("email_addresses", json!({ "updated_in_db_at": "2021-01-01" }));
    let answer = send(&app, Method::DELETE, &path, Some(&stale)).await;
    answer.assert_refused(409, &["stale"]);
    let odd =
        json!({ "data": { "id": "undefined", "type": "cbb8d3fs", "attributes": { "overwrite": true } } });
    assert_eq!(send(&app, Method::DELETE, &path, Some(&odd)).await.status, 204);
}

#[actix_web::test]
async fn rows_of_others_and_paths_that_are_none_are_404() {
    let app = TestApp::new();
    app.change(|c| diesel::update(people::table).set(people::disabled.eq(false)).execute(c));
    for path in [format!("email_addresses/{OTHER}"), format!("websites/{EMAIL}")] {
        for method in [Method::GET, Method::DELETE] {
            send(&app, method, &path, None).await.assert_refused(404, &["not_found"]);
        }
        let kind = path.split('/').next().expect("a kind");
        let edit = document(kind, json!({ "overwrite": true }));
        send(&app, Method::PUT, &path, Some(&edit)).await.assert_refused(404, &["not_found"]);
    }
    for path in ["email_addresses/x", "emails", "email_addresses/1/2"] {
        send(&app, Method::GET, path, None).await.assert_refused(404, &["route_not_found"]);
    }
    let answer = send(&app, Method::POST, &format!("websites/{OTHER}"), Some(&whole("websites"))).await;
    answer.assert_refused(405, &["method_not_allowed"]);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, PUT, PATCH, DELETE, OPTIONS"));
    let wrong = send(&app, Method::POST, "websites", Some(&whole("phone_numbers"))).await;
    wrong.assert_refused(409, &["type_conflict"]);
}

#[actix_web::test]
async fn every_fault_of_a_row_is_told_at_once() {
    let app = TestApp::new();
    let edit = json!({ "email": 1, "historic": "yes", "location": "x".repeat(256), "created_at": "never", "shoe": 1 });
    let answer = create(&app, "email_addresses", edit).await;
    answer.assert_refused(400, &["invalid_timestamp", "wrong_type", "wrong_type", "too_long"]);
}

#[actix_web::test]
async fn a_user_has_at_most_a_thousand_rows_of_a_kind() {
    let app = TestApp::new();
    app.change(|connection| {
        use diesel::connection::SimpleConnection as _;
        connection.batch_execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
             INSERT INTO websites SELECT p.id, randomblob(16), 1, 0, 0, 0, '{\"*\":0}', 'u' || i, 0 FROM n, people p",
        )
    });
    create(&app, "websites", json!({ "url": "x" })).await.assert_refused(400, &["too_long"]);
    assert_eq!(get(&app, "websites?per_page=10000").await["data"].as_array().expect("rows").len(), 1000);
}
