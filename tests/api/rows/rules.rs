//! The rules of each kind: mpdx-behaviour 4.3, 4.4 and 4.6, design 9.

use actix_web::http::Method;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::email_addresses;
use steward::users::create::NewUser;

use super::{EMAIL, OTHER, create, document, send, update, whole};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, id, stamp};

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
    let nope = json!({ "email": "nope", "updated_in_db_at": STAMP });
    update(&app, "email_addresses", EMAIL, nope).await.assert_refused(400, &["locked"]);
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
async fn numbers_are_normalised_and_shown_as_the_original_shows_them() {
    let app = TestApp::new();
    for (sent, shown, country) in [
        ("213.456.7890", "(213) 456-7890", json!("1")),
        ("+1 (213) 456-7890", "(213) 456-7890", json!("1")),
        ("213-456-7890 ext. 12", "(213) 456-7890;12", json!("1")),
        ("+49 30 901820", "+4930901820", json!("49")),
        // Nothing is read into a text or left out of it: another number would be called.
        ("call the office", "call the office", Value::Null),
        ("call 555 1234 after 6", "call 555 1234 after 6", Value::Null),
        ("911", "911", Value::Null),
        ("+800 1234 5678", "+800 1234 5678", Value::Null),
        ("0049 30 123456", "0049 30 123456", Value::Null),
        ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958", Value::Null),
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
        ("HTTPS://Facebook.com:443/rey.four#about", "rey.four"),
        ("https://facebook.com/people/Rey-One/1001", "1001"),
        ("https://www.facebook.com/#!/rey.five", "rey.five"),
        ("//facebook.com/rey.six", "rey.six"),
        ("rey.three", "rey.three"),
        ("https://notfacebook.com/rey", "https://notfacebook.com/rey"),
    ] {
        let made = create(&app, "facebook_accounts", json!({ "username": sent })).await;
        assert_eq!(made.json()["data"]["attributes"]["username"], username, "{sent}");
    }
    create(&app, "facebook_accounts", json!({ "username": "fb.com/rey.one" }))
        .await
        .assert_refused(400, &["taken"]);
    for nobody in ["id=%00", "id=%0A", "id=%20", "id=%FF", "id=", "x=1"] {
        let url = format!("https://facebook.com/profile.php?{nobody}");
        create(&app, "facebook_accounts", json!({ "username": url })).await.assert_refused(400, &["invalid"]);
    }
    let with_id = create(&app, "facebook_accounts", json!({ "username": "x", "remote_id": 4711 })).await;
    assert_eq!(with_id.json()["data"]["attributes"]["remote_id"], 4711);
    assert_eq!(app.attributes().await["avatar"], "https://graph.facebook.com/4711/picture?type=large");
    let stale = app.put(json!({ "employer": "x", "updated_in_db_at": STAMP })).await;
    let avatar = "https://graph.facebook.com/4711/picture?type=large";
    assert_eq!(stale.error()["meta"]["changed"]["avatar"], avatar, "what is shown has changed");
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
async fn what_the_server_fills_in_is_named_when_another_value_was_sent() {
    let app = TestApp::new();
    let made = create(&app, "phone_numbers", json!({ "number": "2134567890", "country_code": "49" })).await;
    assert_eq!(made.json()["data"]["attributes"]["country_code"], "1");
    assert_eq!(made.json()["meta"]["ignored_attributes"], json!(["country_code"]));
    let id = made.json()["data"]["id"].as_str().expect("an id").to_owned();
    let edit = json!({ "number": "ask Bob", "overwrite": true });
    let shown = update(&app, "phone_numbers", &id, edit).await.assert_ok();
    assert_eq!((&shown["number"], &shown["country_code"]), (&json!("ask Bob"), &Value::Null));
}

#[actix_web::test]
async fn numbers_are_read_as_somebody_at_home_writes_them() {
    let app = TestApp::new();
    app.change(|c| {
        use steward::db::schema::account_lists;
        diesel::update(account_lists::table).set(account_lists::home_country.eq("DE")).execute(c)
    });
    let made = create(&app, "phone_numbers", json!({ "number": "+49 30 901820" })).await;
    assert_eq!(made.json()["data"]["attributes"]["number"], "+4930901820");
    // Without the country's code, with the zero that is dialled inside the country, and with those before its code.
    for number in ["30 901821", "030 901821", "0049 30 901821"] {
        let made = create(&app, "phone_numbers", json!({ "number": number })).await;
        assert_eq!(made.json()["data"]["attributes"]["number"], "+4930901821", "{number}");
    }
}

#[actix_web::test]
async fn a_relative_who_has_left_the_list_is_still_a_relative() {
    let app = TestApp::new();
    let other = "22222222-2222-4222-8222-222222222222";
    app.change(|connection| {
        let finn = NewUser::new(id(other), "Finn", stamp(MADE_AT)).expect("a user");
        finn.account_list(id(ACCOUNT_LIST), "A list").expect("a list").insert(connection)
    });
    let mut brother = whole("family_relationships");
    brother["data"]["relationships"]["related_person"]["data"]["id"] = json!(other);
    let made = send(&app, Method::POST, "family_relationships", Some(&brother)).await.json();
    app.change(|c| {
        use steward::db::schema::account_list_users as m;
        diesel::delete(m::table.filter(m::person_id.eq(id(other)))).execute(c)
    });
    let mut echo = json!({ "data": made["data"] });
    echo["data"]["attributes"]["relationship"] = json!("Brother");
    let path = format!("family_relationships/{}", made["data"]["id"].as_str().expect("an id"));
    assert_eq!(send(&app, Method::PUT, &path, Some(&echo)).await.assert_ok()["relationship"], "Brother");
    for (wrong, status, code) in [
        (json!({ "type": "dogs", "id": other }), 409, "type_conflict"),
        (
            json!({ "type": "people", "id": REY, "attributes": { "first_name": "x" } }),
            403,
            "replacement_refused",
        ),
    ] {
        let mut document = whole("family_relationships");
        document["data"]["relationships"]["related_person"]["data"] = wrong;
        send(&app, Method::POST, "family_relationships", Some(&document))
            .await
            .assert_refused(status, &[code]);
    }
    let mut document = whole("family_relationships");
    document["included"] = json!([{ "type": "people", "id": REY, "attributes": { "first_name": "x" } }]);
    let answer = send(&app, Method::POST, "family_relationships", Some(&document)).await;
    answer.assert_refused(403, &["replacement_refused"]);
}
