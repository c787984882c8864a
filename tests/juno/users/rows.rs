//! Which of the person's rows a field is, and what becomes of the others (`juno.md` 5.4, 5.5).

use serde_json::{Value as Json, json};

use super::{EMAIL, Users, shown};
use crate::support::app::{REY, USER, id};

#[actix_web::test]
async fn a_corrected_address_is_written_in_place_and_shown_as_it_was_typed() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let after = users.set(rey, &json!({ "email": "Rey.Skywalker@Example.com" }));
    assert_eq!(shown(&after, "email"), "Rey.Skywalker@Example.com");
    let rows = users.rows(id(REY), "email_addresses").await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].0.as_str(), &rows[0].1["email"]), (EMAIL, &json!("rey.skywalker@example.com")));
    let respelled = users.set(rey, &json!({ "email": "REY.Skywalker@example.com" }));
    assert_eq!(shown(&respelled, "email"), "REY.Skywalker@example.com");
    assert!(respelled.version > after.version);
}

#[actix_web::test]
async fn an_address_that_is_there_already_becomes_the_primary_one() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let other = users
        .add_row(id(REY), "email_addresses", json!({ "email": "old@example.com", "historic": true }))
        .await;
    let after = users.set(rey, &json!({ "email": "Old@example.com" }));
    assert_eq!(shown(&after, "email"), "Old@example.com");
    let rows = users.rows(id(REY), "email_addresses").await;
    assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), [other.as_str(), EMAIL]);
    assert_eq!((&rows[0].1["primary"], &rows[0].1["historic"]), (&json!(true), &json!(false)));
    assert_eq!((&rows[1].1["primary"], &rows[1].1["email"]), (&json!(false), &json!("rey@example.com")));
}

#[actix_web::test]
async fn the_address_of_a_new_user_becomes_the_primary_one_of_the_person_who_is_named() {
    let users = Users::new();
    let rey = users.link(&json!({ "email": "juno@example.com" }));
    assert_eq!(shown(&rey, "email"), "juno@example.com");
    let rows = users.rows(id(REY), "email_addresses").await;
    assert_eq!(rows[0].1["email"], "juno@example.com");
}

#[actix_web::test]
async fn an_address_that_another_system_keeps_is_not_written_but_followed_by_a_new_one() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    users.app.change(|connection| {
        use diesel::prelude::*;
        use steward::db::schema::email_addresses as e;
        diesel::update(e::table.find((id(REY), id(EMAIL)))).set(e::source.eq("DonorHub")).execute(connection)
    });
    assert_eq!(shown(&users.set(rey, &json!({ "email": "new@example.com" })), "email"), "new@example.com");
    let rows = users.rows(id(REY), "email_addresses").await;
    assert_eq!((rows.len(), &rows[1].1["email"]), (2, &json!("rey@example.com")));
}

#[actix_web::test]
async fn a_phone_number_comes_back_as_it_was_sent() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    for sent in ["213-456-7890", "(213) 456-7890", "+12134567890", "213 456 7890", "ask at the desk"] {
        assert_eq!(shown(&users.set(rey, &json!({ "phone": sent })), "phone"), sent);
    }
    assert_eq!(users.rows(id(REY), "phone_numbers").await.len(), 1);
}

#[actix_web::test]
async fn null_takes_the_primary_number_away_and_leaves_the_others() {
    let users = Users::new();
    let rey = users.link(&json!({ "phone": "213-456-7890" })).profile.id;
    let primary = users.rows(id(REY), "phone_numbers").await[0].0.clone();
    let home =
        users.add_row(id(REY), "phone_numbers", json!({ "number": "213-456-7891", "historic": true })).await;
    assert_eq!(shown(&users.set(rey, &json!({ "phone": null })), "phone"), Json::Null);
    let rows = users.rows(id(REY), "phone_numbers").await;
    assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), [home.as_str()]);
    let deleted = users.app.call(actix_web::http::Method::GET, "/api/v2/deleted_records", None).await.json();
    assert!(deleted.to_string().contains(&primary), "{deleted}");
    let risen = users.set(rey, &json!({ "phone": "(213) 456-7891" }));
    assert_eq!(shown(&risen, "phone"), "(213) 456-7891");
    assert_eq!(users.rows(id(REY), "phone_numbers").await[0].0, home, "the historic one is in use again");
}

#[actix_web::test]
async fn a_url_of_an_account_is_the_accounts_name_and_comes_back_as_it_was_sent() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    for (url, name, number) in [
        ("https://www.facebook.com/rey.s?ref=x", "rey.s", Json::Null),
        ("http://m.facebook.com/rey.t/", "rey.t", Json::Null),
        ("https://de-de.fb.com/rey.u", "rey.u", Json::Null),
        ("https://www.facebook.com/profile.php?id=1234", "1234", json!(1234)),
    ] {
        assert_eq!(shown(&users.set(rey, &json!({ "facebook": url })), "facebook"), url);
        let rows = users.rows(id(REY), "facebook_accounts").await;
        assert_eq!(rows.len(), 1);
        assert_eq!((&rows[0].1["username"], &rows[0].1["remote_id"]), (&json!(name), &number), "{url}");
    }
    for (url, name) in [("https://x.com/@rey", "rey"), ("https://mobile.twitter.com/rey_2", "rey_2")] {
        assert_eq!(shown(&users.set(rey, &json!({ "twitter": url })), "twitter"), url);
        let rows = users.rows(id(REY), "twitter_accounts").await;
        assert_eq!((rows.len(), &rows[0].1["screen_name"]), (1, &json!(name)));
    }
}

#[actix_web::test]
async fn a_name_that_mpdx_changes_is_shown_as_a_url_of_the_new_one() {
    let users = Users::new();
    let sent = json!({ "facebook": "https://m.facebook.com/rey", "twitter": "https://x.com/rey" });
    let rey = users.link(&sent).profile.id;
    for (kind, name) in [("facebook_accounts", "username"), ("twitter_accounts", "screen_name")] {
        let row = users.rows(id(REY), kind).await[0].0.clone();
        let change =
            json!({ "data": { "type": kind, "id": row, "attributes": { name: "jedi", "overwrite": true } } });
        let path = format!("{USER}/{kind}/{row}");
        users.mpdx(id(REY), actix_web::http::Method::PUT, &path, Some(&change)).await.assert_ok();
    }
    let after = users.view(rey);
    assert_eq!(shown(&after, "facebook"), "https://www.facebook.com/jedi");
    assert_eq!(shown(&after, "twitter"), "https://twitter.com/jedi");
}

#[actix_web::test]
async fn a_url_that_names_no_account_lies_with_juno_and_makes_no_row() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    for url in ["https://example.org/rey", "https://www.facebook.com/groups/1", "https://facebook.com/"] {
        assert_eq!(shown(&users.set(rey, &json!({ "facebook": url })), "facebook"), url);
        assert!(users.rows(id(REY), "facebook_accounts").await.is_empty());
    }
    let long = "https://twitter.com/a_name_of_more_than_fifteen";
    assert_eq!(shown(&users.set(rey, &json!({ "twitter": long })), "twitter"), long);
    assert!(users.rows(id(REY), "twitter_accounts").await.is_empty());
    let account = json!({ "facebook": "https://www.facebook.com/rey" });
    assert_eq!(shown(&users.set(rey, &account), "facebook"), account["facebook"]);
    assert_eq!(users.rows(id(REY), "facebook_accounts").await.len(), 1);
    assert_eq!(shown(&users.set(rey, &json!({ "facebook": null, "twitter": null })), "facebook"), Json::Null);
    assert_eq!(users.field(rey, "twitter"), Json::Null);
}

#[actix_web::test]
async fn of_several_accounts_the_one_that_juno_wrote_is_shown_else_the_oldest_and_only_that_is_written() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    for name in ["first", "second"] {
        users.app.clock.advance(1);
        users.add_row(id(REY), "facebook_accounts", json!({ "username": name })).await;
    }
    assert_eq!(users.field(rey, "facebook"), "https://www.facebook.com/first");
    users.set(rey, &json!({ "facebook": "https://www.facebook.com/second" }));
    assert_eq!(users.field(rey, "facebook"), "https://www.facebook.com/second");
    users.set(rey, &json!({ "facebook": "https://www.facebook.com/third" }));
    let names =
        |rows: Vec<(String, Json)>| rows.into_iter().map(|row| row.1["username"].clone()).collect::<Vec<_>>();
    assert_eq!(names(users.rows(id(REY), "facebook_accounts").await), ["first", "third"]);
    users.set(rey, &json!({ "facebook": null }));
    assert_eq!(names(users.rows(id(REY), "facebook_accounts").await), ["first"]);
}

#[actix_web::test]
async fn of_websites_the_primary_one_is_shown_and_written_of_linkedin_accounts_the_oldest() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    for n in [1, 2] {
        users.app.clock.advance(1);
        let site = json!({ "url": format!("https://example{n}.com"), "primary": n == 2 });
        users.add_row(id(REY), "websites", site).await;
        let account = json!({ "public_url": format!("https://www.linkedin.com/in/rey{n}/") });
        users.add_row(id(REY), "linkedin_accounts", account).await;
    }
    let view = users.view(rey);
    assert_eq!(shown(&view, "website"), "https://example2.com");
    assert_eq!(shown(&view, "linkedin"), "https://www.linkedin.com/in/rey1/");
    users.set(rey, &json!({ "website": "https://rey.example", "linkedin": "https://elsewhere.example/rey" }));
    let of = |rows: Vec<(String, Json)>, name: &str| {
        rows.into_iter().map(|row| row.1[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        of(users.rows(id(REY), "websites").await, "url"),
        ["https://example1.com", "https://rey.example"]
    );
    let accounts = ["https://elsewhere.example/rey", "https://www.linkedin.com/in/rey2/"];
    assert_eq!(of(users.rows(id(REY), "linkedin_accounts").await, "public_url"), accounts);
}
