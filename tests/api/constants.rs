//! `GET /api/v2/constants`: what clients offer for choice, and that it is what the server goes by.

use actix_web::http::Method;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::clock::Clock as _;
use steward::constants::{LANGUAGES, LOCALES};
use steward::users::create::NewUser;

use crate::support::TestApp;
use crate::support::app::{MADE_AT, id, stamp, user};

const CONSTANTS: &str = "/api/v2/constants";
const FINN: &str = "11111111-1111-4111-8111-111111111111";

async fn constants(app: &TestApp) -> Value {
    app.call(Method::GET, CONSTANTS, None).await.assert_ok()
}

#[actix_web::test]
async fn the_constants_are_one_resource() {
    let app = TestApp::new();
    let document = app.call(Method::GET, CONSTANTS, None).await.json();
    assert_eq!(
        (&document["data"]["id"], &document["data"]["type"]),
        (&json!("constant_list"), &json!("constant_list"))
    );
    let attributes = &document["data"]["attributes"];
    let names: Vec<_> = attributes.as_object().expect("members").keys().collect();
    let expected = [
        "family_relationships",
        "languages",
        "locales",
        "locations",
        "marital_statuses",
        "mobile_alert_hours",
        "sources",
        "suffixes",
        "time_zones",
        "titles",
    ];
    assert_eq!(names, expected);
    assert_eq!(attributes["languages"]["de"], "Deutsch");
    let swiss = json!({ "english_name": "Swiss French (fr-CH)", "native_name": "français suisse" });
    assert_eq!(attributes["locales"]["fr-CH"], swiss);
    assert_eq!(attributes["time_zones"]["Auckland"], "Pacific/Auckland");
    assert_eq!(attributes["family_relationships"][0], "Husband");
    assert_eq!(attributes["locations"]["phone_numbers"], json!(["Mobile", "Home", "Work"]));
    assert_eq!(attributes["mobile_alert_hours"].as_array().expect("hours").len(), 25);
    app.send_as(None, TestRequest::get().uri(CONSTANTS)).await.assert_refused(401, &["unauthorized"]);
    app.call(Method::POST, CONSTANTS, Some(&json!({}))).await.assert_refused(405, &["method_not_allowed"]);
}

#[actix_web::test]
async fn every_constant_is_taken_by_the_attribute_that_it_is_for_and_kept_as_it_is() {
    let app = TestApp::new();
    let offered = constants(&app).await;
    let texts = |name: &str| offered[name].as_array().expect("a list").clone();
    for (list, attribute) in
        [("titles", "title"), ("suffixes", "suffix"), ("marital_statuses", "marital_status")]
    {
        assert!(!texts(list).is_empty(), "{list}");
        for text in texts(list) {
            let shown = app.put(json!({ attribute: text, "overwrite": true })).await.assert_ok();
            assert_eq!(shown[attribute], text);
        }
    }
    for hour in texts("mobile_alert_hours") {
        let edit = json!({ "preferences": { "hour_to_send_notifications": hour["key"] }, "overwrite": true });
        let shown = app.put(edit).await.assert_ok();
        assert_eq!(shown["preferences"]["hour_to_send_notifications"], hour["key"], "{hour}");
    }
    let beyond = user(json!({ "preferences": { "hour_to_send_notifications": 24 }, "overwrite": true }));
    app.put_document(&beyond).await.assert_refused(400, &["out_of_range"]);
    // A few of the many, the first and the last among them.
    for (list, attribute) in [("time_zones", "time_zone"), ("locales", "locale"), ("languages", "locale")] {
        let codes: Vec<_> = offered[list].as_object().expect("members").keys().collect();
        for code in codes.iter().step_by(25).chain(codes.last()) {
            let edit = json!({ "preferences": { attribute: code }, "overwrite": true });
            assert_eq!(app.put(edit).await.assert_ok()["preferences"][attribute], json!(code));
        }
    }
}

#[actix_web::test]
async fn titles_and_suffixes_without_their_full_stop_get_it() {
    let app = TestApp::new();
    let offered = constants(&app).await;
    for (list, attribute) in [("titles", "title"), ("suffixes", "suffix")] {
        for text in offered[list].as_array().expect("a list").iter().filter_map(Value::as_str) {
            let sent = text.strip_suffix('.').unwrap_or(text);
            let shown = app.put(json!({ attribute: sent, "overwrite": true })).await.assert_ok();
            assert_eq!(shown[attribute], text);
        }
    }
}

#[actix_web::test]
async fn the_hours_are_told_by_the_clock_of_twelve_hours() {
    let hours = constants(&TestApp::new()).await["mobile_alert_hours"].clone();
    for (at, key, text) in [
        (0, json!(null), "Immediately"),
        (1, json!(0), "12:00 AM"),
        (6, json!(5), "5:00 AM"),
        (13, json!(12), "12:00 PM"),
        (24, json!(23), "11:00 PM"),
    ] {
        assert_eq!(hours[at], json!({ "key": key, "value": text }));
    }
}

#[actix_web::test]
async fn constants_can_be_sparse_and_are_not_sent_again() {
    let app = TestApp::new();
    app.change(|connection| {
        NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).expect("a user").insert(connection)
    });
    let finn = app.state.tokens.issue(id(FINN), app.clock.now(), 0, 3600).expect("a token");
    let get = |path: &str, tag: Option<&str>| {
        let request = TestRequest::get().uri(path);
        match tag {
            Some(tag) => request.insert_header((IF_NONE_MATCH, tag)),
            None => request,
        }
    };
    let all = app.send(get(CONSTANTS, None)).await;
    let tag = all.header("etag").expect("a tag").to_owned();
    assert_eq!(all.header("last-modified"), None);
    assert_eq!(app.send(get(CONSTANTS, Some(&tag))).await.status, 304);
    let his = app.send_as(Some(&finn), get(CONSTANTS, None)).await;
    assert_eq!((his.text(), his.header("etag")), (all.text(), Some(tag.as_str())), "the same for everybody");
    let sparse = format!("{CONSTANTS}?fields[constant_list]=titles,suffixes");
    let answer = app.send(get(&sparse, Some(&tag))).await;
    let shown = answer.assert_ok();
    assert_eq!(shown.as_object().expect("members").keys().collect::<Vec<_>>(), ["suffixes", "titles"]);
    let nothing = app.send(get(&format!("{CONSTANTS}?fields[constant_list]="), None)).await.json();
    assert_eq!(nothing["data"], json!({ "id": "constant_list", "type": "constant_list" }));
    app.send(get(&format!("{CONSTANTS}?include=x"), None)).await.assert_refused(400, &["invalid_parameter"]);
    let foreign = format!("{CONSTANTS}?filter[account_list_id]={FINN}");
    app.send(get(&foreign, None)).await.assert_refused(404, &["not_found"]);
}

#[test]
fn locales_have_codes_and_names_and_each_language_is_one_of_them() {
    assert!(LOCALES.is_sorted_by(|a, b| a.code < b.code));
    for locale in LOCALES {
        let mut parts = locale.code.split('-');
        let language = parts.next().expect("a language");
        assert!(
            matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase()),
            "{locale:?}"
        );
        let region = parts.next();
        assert!(region.is_none_or(|part| matches!(part.len(), 2..=4)), "{locale:?}");
        assert!(
            parts.next().is_none() && !locale.name.is_empty() && !locale.native_name.is_empty(),
            "{locale:?}"
        );
    }
    assert!(LANGUAGES.is_sorted());
    for code in LANGUAGES {
        assert!(LOCALES.iter().any(|locale| locale.code == code), "{code}");
    }
}
