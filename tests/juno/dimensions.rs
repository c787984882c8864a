//! Dimensions (`juno.md` 1.3): rules 1, 9 and 10, and what they have in common with all that a site defines.

use actix_web::http::Method;
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::{Value, json};
use steward::db::schema::dimensions;
use steward::juno::dimensions::MAPPABLE;
use steward::users::attributes;

use super::{Site, document, ids, made, pointers, request};

fn named(name: &str) -> Value {
    document("dimensions", json!({ "name": name }))
}

fn dimension(attributes: Value) -> Value {
    document("dimensions", attributes)
}

#[actix_web::test]
async fn the_documented_dimensions_are_there_with_their_ids_and_the_names_of_their_fields() {
    let site = Site::new();
    let all = site.get("dimensions?page[size]=100").await.json();
    let told: Vec<_> = all["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let attributes = &one["attributes"];
            assert_eq!((&attributes["system"], &attributes["active"]), (&json!(true), &json!(true)));
            (
                one["id"].as_str().expect("an id").to_owned(),
                attributes["key"].as_str().expect("a key").to_owned(),
            )
        })
        .collect();
    let documented = [
        ("1", "instagram"),
        ("2", "facebook"),
        ("3", "twitter"),
        ("4", "website"),
        ("5", "phone"),
        ("8", "linkedin"),
        ("10", "address"),
        ("11", "job_type"),
        ("12", "designation"),
        ("13", "city"),
        ("14", "state_province"),
        ("15", "postal_code"),
        ("16", "country"),
        ("18", "title"),
    ];
    assert_eq!(told, documented.map(|(id, key)| (id.to_owned(), key.to_owned())));
    for unknown in ["6", "7", "9", "17", "19", "999", "1000"] {
        site.get(&format!("dimensions/{unknown}")).await.assert_refused(404, &["not_found"]);
    }
    for odd in ["0", "01", "-1", "1.0", "x", "9999999999999999999"] {
        site.get(&format!("dimensions/{odd}")).await.assert_refused(404, &["route_not_found"]);
    }
}

#[actix_web::test]
async fn custom_ids_begin_at_1000_and_are_never_used_again() {
    let site = Site::new();
    let first = site.post("dimensions", &named("Medical School")).await;
    assert_eq!(made(&first), "1000");
    assert_eq!(first.header("location"), Some("/api/v2/dimensions/1000"));
    assert_eq!(
        first.json()["data"],
        json!({
            "id": "1000", "type": "dimensions",
            "attributes": {
                "key": "medical_school", "name": "Medical School", "system": false, "value_type": "text",
                "locked": false, "active": true, "maps_to": null
            },
            "links": { "self": "/api/v2/dimensions/1000" }
        })
    );
    assert_eq!(made(&site.post("dimensions", &named("B")).await), "1001");
    assert_eq!(site.delete("dimensions/1001").await.status, 204);
    site.delete("dimensions/1001").await.assert_refused(404, &["not_found"]);
    assert_eq!(made(&site.post("dimensions", &named("B")).await), "1002");
    site.post("dimensions", &named("b")).await.assert_refused(409, &["name_taken"]);
    assert_eq!(made(&site.post("dimensions", &named("C")).await), "1003", "a refusal uses no id up");
}

#[actix_web::test]
async fn an_id_that_the_client_made_is_refused() {
    let site = Site::new();
    let mut document = named("A");
    document["data"]["id"] = "14".into();
    let answer = site.post("dimensions", &document).await;
    answer.assert_refused(403, &["client_id_not_supported"]);
    assert_eq!(pointers(&answer), ["/data/id"]);
}

#[actix_web::test]
async fn a_key_that_is_left_out_is_made_from_the_name_and_another_where_that_is_taken() {
    let site = Site::new();
    for (name, key) in [
        ("École de Médecine", "ecole_de_medecine"),
        ("  T-shirt (size)! ", "t_shirt_size"),
        ("2nd phone", "dimension_2nd_phone"),
        ("学校", "dimension"),
        ("学生", "dimension_2"),
        ("City?", "city_2"),
        ("City!", "city_3"),
    ] {
        let shown = site.post("dimensions", &named(name)).await.json();
        assert_eq!(shown["data"]["attributes"]["key"], key, "{name}");
        assert_eq!(shown["data"]["attributes"]["name"], name.trim());
    }
    let own = site.post("dimensions", &dimension(json!({ "name": "Own", "key": "my_key" }))).await;
    assert_eq!(own.json()["data"]["attributes"]["key"], "my_key");
    for taken in ["my_key", "city"] {
        let answer = site.post("dimensions", &dimension(json!({ "name": "Z", "key": taken }))).await;
        answer.assert_refused(409, &["name_taken"]);
        assert_eq!(pointers(&answer), ["/data/attributes/key"]);
    }
    for odd in ["Big", "1st", "a b", "é", "_a"] {
        let answer = site.post("dimensions", &dimension(json!({ "name": "Z", "key": odd }))).await;
        answer.assert_refused(400, &["invalid"]);
    }
}

#[actix_web::test]
async fn a_key_never_changes_and_neither_does_what_is_the_systems() {
    let site = Site::new();
    let custom = format!("dimensions/{}", made(&site.post("dimensions", &named("A")).await));
    for (path, attributes, refused) in [
        (custom.as_str(), json!({ "key": "b" }), "key"),
        (&custom, json!({ "key": null }), "key"),
        (&custom, json!({ "system": true }), "system"),
        ("dimensions/14", json!({ "key": "state" }), "key"),
        ("dimensions/14", json!({ "value_type": "url" }), "value_type"),
        ("dimensions/14", json!({ "system": false }), "system"),
        ("dimensions/14", json!({ "maps_to": "suffix" }), "maps_to"),
    ] {
        let before = site.get(path).await;
        let answer = site.patch(path, &dimension(attributes)).await;
        answer.assert_refused(403, &["read_only"]);
        assert_eq!(pointers(&answer), [format!("/data/attributes/{refused}")]);
        assert_eq!(site.get(path).await.text(), before.text());
    }
    let answer = site.post("dimensions", &dimension(json!({ "name": "B", "system": true }))).await;
    answer.assert_refused(403, &["read_only"]);
    site.delete("dimensions/14").await.assert_refused(403, &["read_only"]);
    let changed =
        json!({ "name": "State", "locked": true, "active": false, "key": "state_province", "system": true });
    let shown = site.patch("dimensions/14", &dimension(changed)).await.assert_ok();
    assert_eq!(
        (&shown["name"], &shown["locked"], &shown["active"]),
        (&json!("State"), &json!(true), &json!(false))
    );
}

#[actix_web::test]
async fn no_two_dimensions_have_one_name_whatever_its_case_or_composition() {
    let site = Site::new();
    made(&site.post("dimensions", &named("Straße é")).await);
    for same in ["STRASSE É", " straße e\u{301} ", "strasse é"] {
        let answer = site.post("dimensions", &named(same)).await;
        answer.assert_refused(409, &["name_taken"]);
        assert_eq!(pointers(&answer), ["/data/attributes/name"], "{same}");
    }
    site.post("dimensions", &named("CITY")).await.assert_refused(409, &["name_taken"]);
    let other = format!("dimensions/{}", made(&site.post("dimensions", &named("Other")).await));
    site.patch(&other, &named("city")).await.assert_refused(409, &["name_taken"]);
    assert_eq!(
        site.patch(&other, &named("OTHER")).await.assert_ok()["name"],
        "OTHER",
        "its own is not another's"
    );
}

#[actix_web::test]
async fn of_rivals_for_a_name_on_two_nodes_one_gets_it_and_the_others_are_told() {
    let site = Site::new();
    let other = Site { app: site.app.second_node(), key: site.key.clone() };
    let names = ["Church", "church", "CHURCH", "chUrch", "ChurcH", "churCh"];
    let documents: Vec<Value> = names.iter().map(|name| named(name)).collect();
    let rivals =
        documents.iter().enumerate().map(|(i, document)| [&site, &other][i % 2].post("dimensions", document));
    let answers = join_all(rivals).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    let several: Vec<Value> = (0..8).map(|i| named(&format!("N{i}"))).collect();
    let made_at_once =
        join_all(several.iter().enumerate().map(|(i, one)| [&site, &other][i % 2].post("dimensions", one)));
    let mut given: Vec<String> = made_at_once.await.iter().map(made).collect();
    given.sort();
    let expected: Vec<String> = (1001..1009).map(|id| id.to_string()).collect();
    assert_eq!(given, expected, "no id is given twice, and none left out");
}

#[actix_web::test]
async fn the_database_itself_keeps_names_and_reserved_ids_apart() {
    let site = Site::new();
    let row = |id: i64, name: &str| {
        let flags = (dimensions::system.eq(false), dimensions::locked.eq(false), dimensions::active.eq(true));
        let at = crate::support::app::stamp(0);
        let times = (dimensions::version.eq(1), dimensions::created_at.eq(at), dimensions::updated_at.eq(at));
        let texts = (
            dimensions::key.eq(format!("k{id}")),
            dimensions::name.eq(name.to_owned()),
            dimensions::name_folded.eq(name.to_owned()),
        );
        diesel::insert_into(dimensions::table)
            .values((dimensions::id.eq(id), texts, dimensions::value_type.eq("text"), flags, times))
            .execute(&mut site.app.connection())
    };
    for id in [0, 6, 7, 9, 17] {
        row(id, "free").expect_err("a reserved id");
    }
    row(2000, "city").expect_err("a name that is taken");
    row(2000, "free").expect("a row");
}

#[actix_web::test]
async fn a_dimension_maps_to_a_text_of_the_person_that_no_field_of_juno_stands_for_and_no_two_to_one() {
    let site = Site::new();
    for name in MAPPABLE {
        let attribute =
            attributes::ATTRIBUTES.iter().find(|attribute| attribute.name == name).expect("an attribute");
        let is_text =
            matches!(attribute.kind, attributes::Kind::Column(steward::users::rules::Rule::Text(_)));
        assert!(is_text, "{name}");
    }
    let mapped = site
        .post("dimensions", &dimension(json!({ "name": "Medical School", "maps_to": "alma_mater" })))
        .await;
    let path = format!("dimensions/{}", made(&mapped));
    assert_eq!(mapped.json()["data"]["attributes"]["maps_to"], "alma_mater");
    for field in ["first_name", "employer", "occupation", "avatar", "id", "disabled", "preferences", "x"] {
        let answer = site.post("dimensions", &dimension(json!({ "name": "Z", "maps_to": field }))).await;
        answer.assert_refused(400, &["invalid"]);
        assert_eq!(pointers(&answer), ["/data/attributes/maps_to"]);
    }
    let second = site.post("dimensions", &dimension(json!({ "name": "Z", "maps_to": "alma_mater" }))).await;
    second.assert_refused(409, &["name_taken"]);
    assert_eq!(pointers(&second), ["/data/attributes/maps_to"]);
    let url = json!({ "name": "Z", "maps_to": "suffix", "value_type": "url" });
    site.post("dimensions", &dimension(url)).await.assert_refused(400, &["invalid"]);
    site.patch(&path, &dimension(json!({ "value_type": "url" }))).await.assert_refused(400, &["invalid"]);
    assert!(site.patch(&path, &dimension(json!({ "maps_to": null }))).await.assert_ok()["maps_to"].is_null());
    made(&site.post("dimensions", &dimension(json!({ "name": "Z", "maps_to": "alma_mater" }))).await);
}

#[actix_web::test]
async fn every_fault_of_a_document_is_told_at_once_and_nothing_is_changed() {
    let site = Site::new();
    let odd = json!({
        "name": " ", "value_type": "number", "locked": "yes", "active": null, "maps_to": 1, "colour": "red",
        "updated_in_db_at": "2022-01-12T17:18:09Z"
    });
    let answer = site.post("dimensions", &dimension(odd)).await;
    let codes =
        ["blank", "invalid", "wrong_type", "blank", "wrong_type", "unknown_attribute", "unknown_attribute"];
    answer.assert_refused(400, &codes);
    let names = ["name", "value_type", "locked", "active", "maps_to", "colour", "updated_in_db_at"];
    assert_eq!(pointers(&answer), names.map(|name| format!("/data/attributes/{name}")));
    let missing = site.post("dimensions", &dimension(json!({}))).await;
    missing.assert_refused(400, &["blank"]);
    assert_eq!(pointers(&missing), ["/data/attributes"]);
    let mut related = named("A");
    related["data"]["relationships"] = json!({ "user": { "data": null } });
    let answer = site.post("dimensions", &related).await;
    answer.assert_refused(400, &["unknown_attribute"]);
    assert_eq!(pointers(&answer), ["/data/relationships/user"]);
    for (name, code) in
        [(json!("a\u{7}b"), "invalid"), (json!("a".repeat(256)), "too_long"), (json!(5), "wrong_type")]
    {
        site.post("dimensions", &dimension(json!({ "name": name }))).await.assert_refused(400, &[code]);
    }
    assert_eq!(ids(&site.get("dimensions").await).len(), 14);
    site.post("dimensions", &document("tags", json!({ "name": "A" })))
        .await
        .assert_refused(409, &["type_conflict"]);
    let mut other = named("A");
    other["data"]["id"] = "13".into();
    site.patch("dimensions/14", &other).await.assert_refused(409, &["id_conflict"]);
    other["data"]["id"] = "14".into();
    assert_eq!(site.patch("dimensions/14", &other).await.assert_ok()["name"], "A");
}

#[actix_web::test]
async fn if_match_guards_whoever_sends_it_and_an_echo_moves_nothing() {
    let site = Site::new();
    let first = site.post("dimensions", &named("A")).await;
    let path = format!("dimensions/{}", made(&first));
    let tag = first.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with('"'), "a strong one: {tag}");
    assert_eq!(site.get(&path).await.header("etag"), Some(tag.as_str()));
    let echo = site.patch(&path, &json!({ "data": first.json()["data"] })).await;
    assert_eq!((echo.status, echo.header("etag")), (200, Some(tag.as_str())));
    let known =
        site.send(request(Method::GET, &path, None).insert_header(("If-None-Match", tag.as_str()))).await;
    assert_eq!((known.status, known.header("etag")), (304, Some(tag.as_str())));
    let guarded = |method: Method, document: Option<Value>| {
        request(method, &path, document.as_ref()).insert_header(("If-Match", tag.as_str()))
    };
    let changed = site.send(guarded(Method::PUT, Some(named("B")))).await;
    assert_eq!(changed.assert_ok()["name"], "B");
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    for late in [
        guarded(Method::PATCH, Some(named("C"))),
        guarded(Method::PUT, Some(named("B"))),
        guarded(Method::DELETE, None),
    ] {
        let answer = site.send(late).await;
        answer.assert_refused(412, &["precondition_failed"]);
        assert_eq!(answer.error()["source"]["header"], "If-Match");
    }
    assert_eq!(site.patch(&path, &named("D")).await.assert_ok()["name"], "D", "nobody has to send it");
    assert_eq!(
        site.send(request(Method::DELETE, &path, None).insert_header(("If-Match", "*"))).await.status,
        204
    );
}

#[actix_web::test]
async fn whoever_calls_may_read_and_only_integrations_may_write() {
    let site = Site::new();
    made(&site.post("dimensions", &named("A")).await);
    let token = &site.app.token;
    for path in ["dimensions", "dimensions/1", "dimensions/1000"] {
        let shown = site.app.send_as(Some(token), request(Method::GET, path, None)).await;
        assert_eq!((shown.status, shown.text()), (200, site.get(path).await.text()));
    }
    for (method, path) in [
        (Method::POST, "dimensions"),
        (Method::PATCH, "dimensions/1000"),
        (Method::PUT, "dimensions/1"),
        (Method::DELETE, "dimensions/1000"),
        (Method::DELETE, "dimensions/4711"),
    ] {
        let document = (method != Method::DELETE).then(|| named("B"));
        let answer = site.app.send_as(Some(token), request(method, path, document.as_ref())).await;
        answer.assert_refused(403, &["forbidden"]);
    }
    assert_eq!(site.get("dimensions/1000").await.assert_ok()["name"], "A");
}
