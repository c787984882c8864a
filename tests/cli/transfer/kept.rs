//! Nothing is lost on the way.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use steward::db::{Database, Limits, Target};
use steward::users::create::NewUser;

use super::{Folder, counts, export, numbered, parse};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, USER, id, stamp};
use crate::support::backend::{EPOCH_ON_POSTGRES, is_postgres};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const POE: &str = "99999999-9999-4999-8999-999999999999";

async fn made(app: &TestApp, kind: &str, attributes: Value) -> String {
    made_with(app, kind, json!({ "type": kind, "attributes": attributes })).await
}

async fn made_with(app: &TestApp, kind: &str, data: Value) -> String {
    let answer = app.call(Method::POST, &format!("{USER}/{kind}"), Some(&json!({ "data": data }))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["id"].as_str().expect("an id").to_owned()
}

/// Rey with all that a user can have, and Finn and Poe, who share things with her.
async fn rich() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        for (user, name) in [(FINN, "Finn"), (POE, "Poe")] {
            let email = format!("{name}@Example.com");
            let user = NewUser::new(id(user), name, stamp(MADE_AT)).and_then(|user| {
                user.master_person(id(user_master(name)))
                    .email(id(REY), &email)?
                    .account_list(id(ACCOUNT_LIST), "-")
            });
            user.expect("a user").insert(connection)?;
        }
        connection.batch_execute(&beyond_the_api())
    });
    let answer = app
        .put_bytes(format!(
            r#"{{"data":{{"type":"users","attributes":{{"overwrite":true,"birthday_day":29,"birthday_month":2,
               "gender":"female","title":"Mrs","updated_at":"2021-12-31T23:59:59Z",
               "preferences":{{"zeta":1.50,"alpha":{{"b":1E2,"a":-0}},"locale":null,"é\n\u2028":[123456789012345678901],
               "default_account_list":"{ACCOUNT_LIST}"}}}}}}}}"#
        ))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for (kind, attributes) in [
        ("email_addresses", json!({ "email": " Other@\nExample.org", "historic": true })),
        ("phone_numbers", json!({ "number": "+64 9 373 7999", "remote_id": "r", "location": "home" })),
        ("phone_numbers", json!({ "number": "+1 (213) 456-7890 x12" })),
        ("phone_numbers", json!({ "number": "call me", "created_at": "2001-01-01T00:00:00Z" })),
        ("phone_numbers", json!({ "number": "+1 213 456 7890", "primary": true })),
        (
            "facebook_accounts",
            json!({ "username": "https://www.facebook.com/Rey.S", "remote_id": 9_007_199_254_740_993_i64 }),
        ),
        ("facebook_accounts", json!({ "username": "https://facebook.com/facebook.com" })),
        (
            "linkedin_accounts",
            json!({ "public_url": "https://l.example/r", "authenticated": true, "remote_id": "x" }),
        ),
        ("twitter_accounts", json!({ "screen_name": "rey", "primary": true })),
        ("twitter_accounts", json!({ "screen_name": "rey2" })),
        ("websites", json!({ "url": "rey.example" })),
    ] {
        made(&app, kind, attributes).await;
    }
    for (person, relationship) in [(FINN, "Brother"), (POE, "Son")] {
        let data = json!({
            "type": "family_relationships",
            "attributes": { "relationship": relationship },
            "relationships": { "related_person": { "data": { "type": "people", "id": person } } },
        });
        made_with(&app, "family_relationships", data).await;
    }
    let gone = made(&app, "websites", json!({ "url": "gone.example" })).await;
    let answer = app.call(Method::DELETE, &format!("{USER}/websites/{gone}"), None).await;
    assert_eq!(answer.status, 204);
    aside(&app).await;
    app
}

/// What the user's document does not show: later than all that it does, and changed once.
async fn aside(app: &TestApp) {
    app.clock.advance(1000);
    let resource =
        |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
    for (method, path, document, status) in [
        (
            Method::POST,
            "options",
            resource("user_options", json!({ "key": "a", "value": "{\"b\":\n1}" })),
            201,
        ),
        (Method::PUT, "options/a", resource("user_options", json!({ "value": "2", "overwrite": true })), 200),
        (Method::POST, "options", resource("user_options", json!({ "key": "empty" })), 201),
        (
            Method::POST,
            "key_accounts",
            resource("key_accounts", json!({ "email": "rey@example.com", "remote_id": "F1" })),
            201,
        ),
        (Method::POST, "devices", resource("user_devices", json!({ "token": "t", "platform": "GCM" })), 201),
    ] {
        let answer = app.call(method, &format!("{USER}/{path}"), Some(&document)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

fn user_master(name: &str) -> &'static str {
    if name == "Finn" { FINN } else { POE }
}

/// What no request writes yet: contacts, organization accounts, a list that was left, a disabled user.
fn beyond_the_api() -> String {
    let id = |id: &str| if is_postgres() { format!("'{id}'") } else { format!("X'{}'", id.replace('-', "")) };
    let time = |seconds: u32| {
        let since_1970 = format!("{EPOCH_ON_POSTGRES} + interval '{seconds} seconds'");
        if is_postgres() { since_1970 } else { seconds.to_string() }
    };
    let times = |from: u32, to: u32| (from..=to).map(time).collect::<Vec<_>>().join(", ");
    let (list, rey, finn, poe) = (id(ACCOUNT_LIST), id(REY), id(FINN), id(POE));
    let (left, one, two) = (id(&numbered(1)), id(&numbered(2)), id(&numbered(3)));
    format!(
        r#"UPDATE account_lists SET home_country = 'NZ';
        INSERT INTO account_lists VALUES ({left}, 1, {}, {}, {}, '{{"*":50}}', 'Left', NULL, 'NZD', 500);
        INSERT INTO contacts VALUES ({one}, {left}, 'One', {}), ({two}, {list}, 'Two', {});
        INSERT INTO parent_contacts VALUES ({rey}, {two}, 0, {}), ({rey}, {one}, 1, {});
        INSERT INTO organizations VALUES ({two}, 'Org', {});
        INSERT INTO organization_accounts VALUES
            ({one}, {two}, {list}, {poe}, 'poe', NULL, TRUE, {}, NULL, {}, 1, {}, '{{"*":19}}'),
            ({two}, {two}, {left}, {rey}, NULL, 'r', FALSE, NULL, {}, NULL, {}, 1, {}, '{{"*":23}}');
        UPDATE people SET disabled = TRUE, token_epoch = 77, default_account_list = {left},
            avatar = 'https://mpdx.org/images/avatar.png', birthday_year = 1900, birthday_day = 1, birthday_month = 2,
            deceased = TRUE, employer = '' WHERE id = {finn};
        INSERT INTO family_relationships VALUES ({finn}, {one}, 1, {}, '{{"*":62}}', 'Sister', {rey});
        UPDATE account_list_users SET created_at = {} WHERE person_id = {poe};
        INSERT INTO identities VALUES ('https://i.example', '00u', {rey}, {}), ('https://cas.example', 'rey', {rey}, {}),
            ('https://i.example', 'é"', {poe}, {});"#,
        time(50),
        time(40),
        time(30),
        times(10, 11),
        times(12, 13),
        time(20),
        time(19),
        times(14, 15),
        time(16),
        times(17, 19),
        time(19),
        time(21),
        times(22, 23),
        time(23),
        times(60, 62),
        time(5),
        time(6),
        time(7),
        time(8),
    )
}

#[actix_web::test]
async fn what_is_exported_imported_and_exported_again_is_the_same_to_the_byte() {
    let app = rich().await;
    let folder = Folder::new();
    let exported = export(&app.place.url());
    assert_eq!(exported.lines().count(), 3);
    // What documents hide is there, so that what follows is about something.
    for hidden in [
        r#""number":"+12134567890;12","#,
        r#""number_sent":"+64 9 373 7999""#,
        r#""email_sent":" Other@\nExample.org""#,
        r#""original_url":"https://www.facebook.com/Rey.S""#,
        r#""authenticated":true"#,
        r#""home_country":"NZ""#,
        r#""disabled":true,"token_epoch":77"#,
        r#""stored":{"avatar":"https://mpdx.org/images/avatar.png","birthday_year":1900,"default_account_list":""#,
        r#""zeta":1.50,"alpha":{"b":1E2,"a":-0}"#,
        r#""identities":{"https://cas.example":"rey","https://i.example":"00u"}"#,
        r#""deleted":{"websites/"#,
        r#""person":{"data":"#,
    ] {
        assert!(exported.contains(hidden), "{hidden} in {exported}");
    }
    assert_eq!(folder.import("b.db", &exported), counts(3, 3, 0, 0, 0));
    assert_eq!(export(&folder.url("b.db")), exported);
    assert_eq!(folder.import("b.db", &exported), counts(3, 0, 0, 3, 0), "safe to run again");
    assert_eq!(export(&folder.url("b.db")), exported);
    let backwards: String = exported.split_inclusive('\n').rev().collect();
    assert_eq!(folder.import("c.db", &backwards), counts(3, 3, 0, 0, 0));
    assert_eq!(export(&folder.url("c.db")), exported, "in whatever order the lines come");
    for (i, line) in exported.split_inclusive('\n').enumerate() {
        folder.import(&format!("{i}.db"), line);
        assert_eq!(export(&folder.url(&format!("{i}.db"))), line, "each by himself");
    }
}

#[actix_web::test]
async fn what_was_imported_is_shown_as_it_was_before() {
    let app = rich().await;
    let folder = Folder::new();
    let path = "/api/v2/user?include=*,family_relationships.related_person,account_lists.users";
    let before = app.send(TestRequest::get().uri(path)).await;
    assert_eq!(before.status, 200, "{}", before.text());
    folder.import("b.db", &export(&app.place.url()));
    let target = Target::parse(&folder.url("b.db")).expect("a path or a URL");
    let wait = Duration::from_secs(30);
    let limits = Limits { connections: 1, wait, lock_wait: wait, keeps: true };
    let other = TestApp::new().with_database(Database::open(&target, limits));
    let after = other.send(TestRequest::get().uri(path)).await;
    assert_eq!(after.text(), before.text());
}

#[actix_web::test]
async fn the_document_of_the_api_itself_can_be_imported() {
    let app = rich().await;
    let folder = Folder::new();
    let mut document = app.send(TestRequest::get().uri("/api/v2/user?include=*")).await.json();
    // Contacts come with an export only.
    document["data"]["attributes"]["parent_contacts"] = json!([]);
    // And so does the URL without which this name is that of nobody.
    let is_nobody = |row: &Value| row["attributes"]["username"] == "facebook.com";
    let included = document["included"].as_array_mut().expect("included");
    let nobody = included.iter().position(is_nobody).expect("the row");
    let nobody = included.remove(nobody)["id"].clone();
    let linked = &mut document["data"]["relationships"]["facebook_accounts"]["data"];
    linked.as_array_mut().expect("linkage").retain(|row| row["id"] != nobody);
    let line = format!("{document}\n");
    assert_eq!(folder.import("b.db", &line), counts(1, 1, 0, 0, 0));
    let exported = parse(&export(&folder.url("b.db")));
    let (told, stored) = (&document["data"]["attributes"], &exported["data"]["attributes"]);
    let attributes = told.as_object().expect("attributes").iter();
    for (name, value) in attributes.filter(|(name, _)| *name != "preferences") {
        assert_eq!(&stored[name], value, "{name}");
    }
    assert_eq!(exported["data"]["meta"].get("stored"), None, "what is computed is not stored");
    let rows = |document: &Value| document["included"].as_array().expect("included").clone();
    for row in rows(&document) {
        let same = |other: &Value| other["id"] == row["id"] && other["type"] == row["type"];
        let stored = rows(&exported).into_iter().find(same);
        assert_eq!(stored.expect("the row")["attributes"], row["attributes"]);
    }
    assert_eq!(folder.import("b.db", &line), counts(1, 0, 0, 1, 0));
}
