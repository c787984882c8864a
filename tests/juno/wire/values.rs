//! What the fields take and show (`juno.md` 1.2), in documents and flat objects the same.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{least, user, with_john};
use crate::juno::{Site, pointers};

/// Sets a field in both forms, one after the other, and looks what is shown.
async fn takes(site: &Site, field: &str, sent: Value, shown: Value) {
    let flat = json!({ field: sent });
    for answer in [
        site.set(json!({ field: sent })).await,
        site.send_flat(Method::PATCH, "juno_users/1", &flat).await,
        site.send_flat(Method::PUT, "juno_users/1", &flat).await,
    ] {
        assert_eq!(answer.assert_ok()[field], shown, "{field}: {sent}");
    }
    assert_eq!(site.shown().await[field], shown, "{field}: {sent}");
}

/// Sets a field in both forms, which is refused and changes nothing.
async fn refuses(site: &Site, field: &str, sent: Value, code: &str) {
    let status = if code == "read_only" { 403 } else { 400 };
    let before = site.get("juno_users/1").await;
    let document = site.set(json!({ field: sent })).await;
    document.assert_refused(status, &[code]);
    assert_eq!(pointers(&document), [format!("/data/attributes/{field}")], "{sent}");
    let flat = site.send_flat(Method::PATCH, "juno_users/1", &json!({ field: sent })).await;
    flat.assert_refused(status, &[code]);
    assert_eq!(pointers(&flat), [format!("/{field}")], "{sent}");
    let after = site.get("juno_users/1").await;
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")), "{sent}");
}

#[actix_web::test]
async fn points_are_the_servers_an_equal_value_is_ignored_and_another_refused() {
    let site = with_john().await;
    takes(&site, "points", json!(0), json!(0)).await;
    refuses(&site, "points", json!(1), "read_only").await;
    refuses(&site, "points", json!("0"), "wrong_type").await;
    refuses(&site, "points", json!(0.5), "invalid").await;
}

#[actix_web::test]
async fn an_account_level_is_0_or_99_as_a_number_or_its_text() {
    let site = with_john().await;
    assert_eq!(site.shown().await["account_level"], 0);
    for (sent, shown) in [(json!(99), 99), (json!("0"), 0), (json!("99"), 99), (json!(0), 0)] {
        takes(&site, "account_level", sent, json!(shown)).await;
    }
    for (sent, code) in [
        (json!(1), "invalid"),
        (json!("admin"), "invalid"),
        (json!(-0.5), "invalid"),
        (json!(null), "blank"),
        (json!(true), "wrong_type"),
    ] {
        refuses(&site, "account_level", sent, code).await;
    }
}

#[actix_web::test]
async fn a_level_that_came_from_elsewhere_is_shown_as_it_is_and_may_be_sent_back() {
    let site = with_john().await;
    site.app.change(|connection| {
        use diesel::prelude::*;
        use steward::db::schema::juno_users as j;
        diesel::update(j::table).set(j::account_level.eq(5)).execute(connection)
    });
    takes(&site, "account_level", json!(5), json!(5)).await;
    refuses(&site, "account_level", json!(6), "invalid").await;
}

#[actix_web::test]
async fn a_client_id_is_a_text_or_a_whole_number_and_its_case_is_kept() {
    let site = with_john().await;
    for (sent, shown) in [
        (json!("A125637"), json!("A125637")),
        (json!("a125637"), json!("a125637")),
        (json!(125_637), json!("125637")),
        (json!(" x "), json!("x")),
        (json!(""), json!(null)),
        (json!("1"), json!("1")),
        (json!(null), json!(null)),
    ] {
        takes(&site, "client_id", sent, shown).await;
    }
    refuses(&site, "client_id", json!(1.5), "wrong_type").await;
    refuses(&site, "client_id", json!(true), "wrong_type").await;
    refuses(&site, "client_id", json!("x".repeat(256)), "too_long").await;
}

#[actix_web::test]
async fn a_client_guid_is_a_uuid_in_any_spelling_and_shown_in_one() {
    let site = with_john().await;
    let shown = json!("735992af-c8a2-4cac-9072-5f1a29437e98");
    for spelling in [
        "735992af-c8a2-4cac-9072-5f1a29437e98",
        "735992AF-C8A2-4CAC-9072-5F1A29437E98",
        "{735992af-c8a2-4cac-9072-5f1a29437e98}",
        "735992afc8a24cac90725f1a29437e98",
    ] {
        takes(&site, "client_guid", json!(spelling), shown.clone()).await;
    }
    for bad in [json!("735992af"), json!("")] {
        refuses(&site, "client_guid", bad, "invalid").await;
    }
    refuses(&site, "client_guid", json!(1), "wrong_type").await;
    takes(&site, "client_guid", json!(null), json!(null)).await;
}

#[actix_web::test]
async fn banned_is_a_flag_or_its_text_in_any_case_and_nothing_else() {
    let site = with_john().await;
    for (sent, shown) in [
        (json!(true), true),
        (json!("false"), false),
        (json!("True"), true),
        (json!("FALSE"), false),
        (json!("true"), true),
        (json!(false), false),
    ] {
        takes(&site, "banned", sent, json!(shown)).await;
    }
    for (sent, code) in [
        (json!(0), "wrong_type"),
        (json!(1), "wrong_type"),
        (json!(""), "invalid"),
        (json!(" true "), "invalid"),
        (json!("yes"), "invalid"),
        (json!(null), "blank"),
    ] {
        refuses(&site, "banned", sent, code).await;
    }
}

#[actix_web::test]
async fn a_username_has_no_white_space_and_may_be_null() {
    let site = with_john().await;
    takes(&site, "username", json!("jmclane"), json!("jmclane")).await;
    takes(&site, "username", json!("JMcLane"), json!("JMcLane")).await;
    takes(&site, "username", json!(""), json!(null)).await;
    takes(&site, "username", json!(null), json!(null)).await;
    refuses(&site, "username", json!("j mclane"), "invalid").await;
    refuses(&site, "username", json!("j\tmclane"), "invalid").await;
    refuses(&site, "username", json!(7), "wrong_type").await;
}

#[actix_web::test]
async fn a_time_zone_is_seconds_in_steps_of_a_quarter_of_an_hour() {
    let site = with_john().await;
    for (sent, shown) in [
        (json!(-25200), json!(-25200)),
        (json!("-25200"), json!(-25200)),
        (json!("20700"), json!(20700)),
        (json!(0), json!(0)),
        (json!(-43200), json!(-43200)),
        (json!(50400), json!(50400)),
        (json!(null), json!(null)),
    ] {
        takes(&site, "timezone", sent, shown).await;
    }
    for (sent, code) in [
        (json!(-43201), "out_of_range"),
        (json!(51300), "out_of_range"),
        (json!(901), "invalid"),
        (json!(900.0), "invalid"),
        (json!("+900"), "invalid"),
        (json!("America/Los_Angeles"), "invalid"),
        (json!(""), "invalid"),
        (json!(false), "wrong_type"),
    ] {
        refuses(&site, "timezone", sent, code).await;
    }
}

#[actix_web::test]
async fn dates_are_the_servers_and_whatever_is_sent_for_them_is_ignored() {
    let site = with_john().await;
    let before = site.get("juno_users/1").await;
    let dates = before.assert_ok();
    assert_eq!(dates["date_created"], "2022-01-12T17:18:09Z");
    assert_eq!(dates["date_last_login"], json!(null));
    for field in ["date_created", "date_last_login", "date_updated"] {
        for sent in
            [json!("1900-01-01T00:00:00"), json!("2022-11-03T21"), json!("soon"), json!(1), json!(null)]
        {
            takes(&site, field, sent, dates[field].clone()).await;
        }
    }
    assert_eq!(site.get("juno_users/1").await.header("etag"), before.header("etag"));
}

#[actix_web::test]
async fn an_unknown_member_is_refused_where_it_stands_and_nothing_is_changed() {
    let site = with_john().await;
    refuses(&site, "colour", json!("red"), "unknown_attribute").await;
    refuses(&site, "updated_in_db_at", json!("2022-01-12T17:18:09Z"), "unknown_attribute").await;
    let both = site.set(json!({ "city": "Los Angeles", "colour": "red", "banned": 1 })).await;
    both.assert_refused(400, &["unknown_attribute", "wrong_type"]);
    assert_eq!(site.shown().await["city"], json!(null));
    let mut related = user(json!({ "city": "x" }));
    related["data"]["relationships"] = json!({ "friends": { "data": [] } });
    let answer = site.patch("juno_users/1", &related).await;
    answer.assert_refused(400, &["unknown_attribute"]);
    assert_eq!(pointers(&answer), ["/data/relationships/friends"]);
}

#[actix_web::test]
async fn absent_leaves_a_value_and_null_clears_it_whichever_the_method() {
    let site = with_john().await;
    site.set(json!({ "city": "Los Angeles", "country": "United States of America" })).await.assert_ok();
    let put = |attributes: Value| crate::juno::request(Method::PUT, "juno_users/1", Some(&user(attributes)));
    let shown = site.send(put(json!({ "city": null }))).await.assert_ok();
    assert_eq!((&shown["city"], &shown["country"]), (&json!(null), &json!("United States of America")));
}

#[actix_web::test]
async fn who_is_made_needs_a_first_name_and_an_address_and_is_told_of_both() {
    let site = Site::new();
    let answer = site.post("juno_users", &user(json!({}))).await;
    answer.assert_refused(400, &["blank", "blank"]);
    assert_eq!(pointers(&answer), ["/data/attributes", "/data/attributes"]);
    let answer = site.send_flat(Method::POST, "juno_users", &json!({})).await;
    answer.assert_refused(400, &["blank", "blank"]);
    assert_eq!(pointers(&answer), ["", ""]);
    let answer = site.post("juno_users", &user(json!({ "first_name": null, "email": " " }))).await;
    answer.assert_refused(400, &["blank", "blank"]);
    assert_eq!(pointers(&answer), ["/data/attributes/first_name", "/data/attributes/email"]);
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
    site.post("juno_users", &user(least("a@b.c"))).await;
}

#[actix_web::test]
async fn the_printed_example_is_no_json_and_is_never_repaired() {
    let site = Site::new();
    for broken in [r#"{ "title": "Detective," "job_type": "x" }"#, r#"{ "client_id": A125637 }"#] {
        let request = crate::juno::request(Method::POST, "juno_users", None);
        let request = request.insert_header(("Content-Type", super::JSON)).set_payload(broken);
        site.send(request).await.assert_refused(400, &["invalid_json"]);
    }
}
