//! Which field is which attribute of the person, and what moves with it (`juno.md` 5.2, 5.3).

use actix_web::http::Method;
use serde_json::{Value as Json, json};

use super::{Users, all_shown, echo, fields, one, refusal, shown};
use crate::support::app::{REY, STAMP, USER, id, stamp, user};

/// The documented user, the zone aside.
pub fn documented() -> Json {
    json!({
        "first_name": "John", "last_name": "McLane", "designation": "Lt", "title": "Detective",
        "job_type": "law enforcement", "company": "Nakatomi", "email": "jmclane@diehard.com",
        "phone": "123-555-4321", "address": "2121 Avenue of the Stars", "city": "Los Angeles",
        "state_province": "CA", "postal_code": "90067", "country": "United States of America",
        "timezone": -25200, "avatar": "https://nakatomiplaza.com/avatar.png", "account_level": 99,
        "client_id": "A125637", "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98", "banned": false,
        "username": "jmclane", "website": "https://junolive.co",
        "linkedin": "https://www.linkedin.com/in/jmclane/", "twitter": "https://twitter.com/jmclanenypd",
        "facebook": "https://www.facebook.com/john.mclane", "instagram": "https://www.instagram.com/jmclane/",
        "points": 0
    })
}

#[actix_web::test]
async fn a_user_who_is_made_shows_all_that_was_sent() {
    let users = Users::new();
    let made = users.create(&fields(&documented())).expect("a user");
    let sent: std::collections::BTreeMap<_, _> =
        documented().as_object().expect("fields").clone().into_iter().collect();
    let all = all_shown(&made).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(sent, all);
    assert_eq!(made, users.view(made.profile.id));
    assert_eq!(made.profile.created_at, Some(stamp(crate::support::app::MADE_AT)));
    assert_eq!(made.profile.last_login_at, None);
}

#[actix_web::test]
async fn mpdx_shows_of_him_what_is_shared_and_nothing_else() {
    let users = Users::new();
    let made = users.create(&fields(&documented())).expect("a user");
    let document = users.document(made.person()).await;
    let attributes = &document["data"]["attributes"];
    for (name, value) in [
        ("first_name", json!("John")),
        ("last_name", json!("McLane")),
        ("occupation", json!("Detective")),
        ("employer", json!("Nakatomi")),
        ("avatar", json!("https://nakatomiplaza.com/avatar.png")),
        ("title", Json::Null),
        ("legal_first_name", Json::Null),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    let one_of = |kind: &str, name: &str| {
        let rows = document["included"].as_array().expect("rows").iter();
        let rows: Vec<_> =
            rows.filter(|row| row["type"] == kind).map(|row| row["attributes"][name].clone()).collect();
        assert_eq!(rows.len(), 1, "{kind}");
        rows[0].clone()
    };
    assert_eq!(one_of("email_addresses", "email"), "jmclane@diehard.com");
    assert_eq!(one_of("phone_numbers", "number"), "123-555-4321");
    assert_eq!(one_of("facebook_accounts", "username"), "john.mclane");
    assert_eq!(one_of("twitter_accounts", "screen_name"), "jmclanenypd");
    assert_eq!(one_of("linkedin_accounts", "public_url"), "https://www.linkedin.com/in/jmclane/");
    assert_eq!(one_of("websites", "url"), "https://junolive.co");
    let text = document.to_string();
    for own in [
        "Lt",
        "law enforcement",
        "2121 Avenue",
        "90067",
        "A125637",
        "735992af",
        "instagram",
        "juno_users",
        "jmclane\"",
    ] {
        assert!(!text.contains(&format!("\"{own}")), "{own} leaks: {text}");
    }
}

#[actix_web::test]
async fn a_whole_echo_changes_nothing() {
    let users = Users::new();
    for made in [
        users.create(&fields(&documented())).expect("a user"),
        users.link(&json!({ "email": "Rey@Example.com" })),
    ] {
        users.app.clock.advance(60);
        let before = users.document(made.person()).await;
        let made = users.view(made.profile.id);
        let after = users.change(super::SITE, made.profile.id, &echo(&made)).expect("an echo");
        assert_eq!(made, after);
        let own = users.change(super::SELF, made.profile.id, &echo(&made)).expect("an echo of his own");
        assert_eq!(made, own);
        assert_eq!(before, users.document(made.person()).await);
    }
}

#[actix_web::test]
async fn a_write_of_juno_moves_the_stamp_that_offline_clients_are_refused_by() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let known = users.app.stamp().await;
    users.app.get().await.assert_ok();
    users.app.clock.advance(10);
    let before = users.view(rey);
    let after = users.set(rey, &json!({ "title": "Jedi" }));
    assert!(after.version > before.version);
    assert!(after.updated_at > before.updated_at);
    let attributes = users.app.attributes().await;
    assert_eq!(attributes["occupation"], "Jedi", "a remembered state is not shown");
    assert_eq!(attributes["updated_in_db_at"], after.updated_at.to_string());
    assert_eq!(attributes["updated_at"], after.updated_at.to_string());
    let answer = users.app.put(json!({ "occupation": "Scavenger", "updated_in_db_at": known })).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!(["occupation"]));
}

#[actix_web::test]
async fn what_juno_alone_keeps_moves_its_own_version_and_not_the_person() {
    let users = Users::new();
    let rey = users.link(&json!({}));
    users.app.clock.advance(10);
    let person = users.document(id(REY)).await;
    let after = users.set(rey.profile.id, &json!({ "city": "Jakku", "designation": "Lt" }));
    assert_eq!((shown(&after, "city"), shown(&after, "designation")), (json!("Jakku"), json!("Lt")));
    assert_eq!(after.version, rey.version + 1);
    assert_eq!(after.updated_at, stamp(crate::support::app::MADE_AT + 10));
    assert_eq!(person, users.document(id(REY)).await);
}

#[actix_web::test]
async fn a_write_of_mpdx_is_seen_by_juno() {
    let users = Users::new();
    let rey = users.link(&json!({}));
    let sent =
        json!({ "employer": "Resistance", "avatar": "https://example.com/a.png", "updated_in_db_at": STAMP });
    users.app.put(sent).await.assert_ok();
    let after = users.view(rey.profile.id);
    assert_eq!(
        (shown(&after, "company"), shown(&after, "avatar")),
        (json!("Resistance"), json!("https://example.com/a.png"))
    );
    assert!(after.version > rey.version && after.updated_at > rey.updated_at);
}

#[actix_web::test]
async fn a_rule_of_the_person_is_told_of_junos_field() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let long = "x".repeat(300);
    let sent = fields(&json!({ "company": long, "email": "a@b..c", "timezone": 3600 }));
    let (status, errors) = refusal(users.change(super::SITE, rey, &sent));
    let own = |code: &str, name: &str| (code.to_owned(), format!("/data/attributes/{name}"));
    assert_eq!((status, errors), (400, vec![own("too_long", "company"), own("invalid", "email")]));
    assert_eq!(users.field(rey, "email"), "rey@example.com");
}

#[actix_web::test]
async fn the_placeholder_of_a_picture_is_not_shown_and_one_of_ours_is_shown_with_its_url() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    assert_eq!(users.field(rey, "avatar"), Json::Null);
    let path = format!("/pictures/{REY}/{}", "0".repeat(32));
    let own = path.clone();
    users.app.change(|connection| {
        use diesel::prelude::*;
        use steward::db::schema::people;
        diesel::update(people::table.find(id(REY))).set(people::avatar.eq(own)).execute(connection)
    });
    let url = users.field(rey, "avatar");
    assert_eq!(url, users.app.attributes().await["avatar"]);
    assert!(
        url.as_str().expect("a URL").starts_with("http") && url.as_str().expect("a URL").ends_with(&path)
    );
    let version = users.view(rey).version;
    assert_eq!(users.set(rey, &json!({ "avatar": url })).version, version, "its URL is an echo");
    let gone = url.as_str().expect("a URL").replace(&"0".repeat(32), &"1".repeat(32));
    let sent = fields(&json!({ "avatar": gone }));
    assert_eq!(
        refusal(users.change(super::SITE, rey, &sent)),
        one(400, "invalid", "/data/attributes/avatar")
    );
    assert_eq!(users.set(rey, &json!({ "avatar": null })).fields.get("avatar"), None);
}

/// The documented person lives in Auckland: 12 hours ahead, 13 in his summer.
#[actix_web::test]
async fn a_zone_with_a_name_is_shown_as_its_offset_now_and_either_of_its_offsets_is_an_echo() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let before = users.view(rey);
    assert_eq!(shown(&before, "timezone"), 13 * 3600, "January");
    users.app.clock.set(stamp(crate::support::app::MADE_AT + 180 * 86400));
    assert_eq!(users.field(rey, "timezone"), 12 * 3600, "July");
    for offset in [12, 13] {
        let after = users.set(rey, &json!({ "timezone": offset * 3600 }));
        assert_eq!((after.version, shown(&after, "timezone")), (before.version, json!(12 * 3600)));
    }
    let document = users.document(id(REY)).await;
    assert_eq!(document["data"]["attributes"]["preferences"]["time_zone"], "Auckland");
}

#[actix_web::test]
async fn another_offset_takes_the_place_of_the_name_and_null_clears_both() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    assert_eq!(shown(&users.set(rey, &json!({ "timezone": -25200 })), "timezone"), -25200);
    assert_eq!(users.app.attributes().await["preferences"]["time_zone"], Json::Null, "no name is guessed");
    assert_eq!(shown(&users.set(rey, &json!({ "timezone": null })), "timezone"), Json::Null);
    let put = user(json!({ "preferences": { "time_zone": "London" }, "overwrite": true }));
    users.mpdx(id(REY), Method::PUT, USER, Some(&put)).await.assert_ok();
    assert_eq!(users.field(rey, "timezone"), 0);
    assert_eq!(shown(&users.set(rey, &json!({ "timezone": null })), "timezone"), Json::Null);
}

#[actix_web::test]
async fn a_name_of_a_zone_from_mpdx_clears_the_offset_for_ever() {
    let users = Users::new();
    let rey = users.link(&json!({ "timezone": -25200 })).profile.id;
    for (zone, offset) in [(json!("London"), json!(0)), (Json::Null, Json::Null)] {
        users.app.put(json!({ "preferences": { "time_zone": zone }, "overwrite": true })).await.assert_ok();
        assert_eq!(users.field(rey, "timezone"), offset);
    }
}
