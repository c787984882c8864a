//! Objects in JUNO's flat form.

use serde_json::{Value, json};

use crate::juno::Site;

fn john(members: Value) -> String {
    let mut john = json!({ "first_name": "John", "email": "j@x.co" });
    let members = members.as_object().cloned().expect("an object");
    john.as_object_mut().expect("an object").extend(members);
    john.to_string()
}

#[actix_web::test]
async fn points_and_dates_are_taken_as_the_other_system_had_them() {
    let site = Site::new();
    let text = john(json!({
        "points": 120, "date_created": "2022-11-03T21", "date_last_login": "2022-11-04 08:30", "date_updated": "never",
    }));
    site.import_flat(&[], text).assert(1, 0, 0, 0);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(shown["points"], 120);
    assert_eq!(shown["date_created"], "2022-11-03T21:00:00");
    assert_eq!(shown["date_last_login"], "2022-11-04T08:30:00");
    let never = john(json!({ "date_created": "1900-01-01T00:00:00", "date_last_login": "1900-01-01" }));
    site.import_flat(&["--match=email"], never).assert(0, 1, 0, 0);
    let shown = site.get("juno_users/1").await.assert_ok();
    assert_eq!((&shown["date_created"], &shown["date_last_login"]), (&json!(null), &json!(null)));
    assert_eq!(shown["points"], 120, "what is left out stays");
}

#[actix_web::test]
async fn who_is_made_without_dates_was_changed_when_he_was_made() {
    let site = Site::new();
    site.import_flat(&[], john(json!({ "phone": "1", "city": "Los Angeles" }))).assert(1, 0, 0, 0);
    let shown = site.get("juno_users/1").await.assert_ok();
    assert!(shown["date_created"].is_string());
    assert_eq!(shown["date_updated"], shown["date_created"]);
}

#[actix_web::test]
async fn a_user_who_is_refused_is_told_with_the_places_and_the_others_go_on() {
    let site = Site::new();
    let text = [
        john(json!({ "points": -1, "date_created": "yesterday", "date_last_login": 5 })),
        json!({ "first_name": "A", "email": "no address", "timezone": 1 }).to_string(),
        json!({ "email": "b@x.co" }).to_string(),
        john(json!({ "colour": "red" })),
        john(json!({})),
        john(json!({})),
    ];
    let imported = site.import_flat(&[], text.join("\n"));
    imported.assert(1, 0, 0, 5);
    let told: Vec<String> = imported.told();
    let begins: Vec<&str> =
        told.iter().map(|line| line.splitn(4, ' ').take(3).last().map_or("", |_| line)).collect();
    for (line, expected) in begins.iter().zip([
        "line 1: invalid /points: ",
        "line 1: invalid_timestamp /date_created: ",
        "line 1: invalid_timestamp /date_last_login: ",
        "line 2: ",
        "line 2: ",
        "line 3: blank",
        "line 4: unknown_attribute /colour: ",
        "line 6: email_taken /email: ",
    ]) {
        assert!(line.starts_with(expected), "{expected}: {told:?}");
    }
    assert_eq!(told.len(), 8, "{told:?}");
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 1);
}

#[actix_web::test]
async fn a_dimension_of_another_name_is_found_by_its_name_only_where_that_is_asked_for() {
    let site = Site::new();
    assert_eq!(site.dimension(json!({ "name": "Medical School" })).await, "1000");
    let school = json!([{ "id": 14, "name": "medical school", "value": "UCLA" }]);
    let text = john(json!({ "state_province": "CA", "dimensions": school }));
    let refused = site.import_flat(&[], &text);
    refused.assert(0, 0, 0, 1);
    assert!(
        refused.told()[0].starts_with("line 1: dimension_name_mismatch /dimensions/0/name: "),
        "{:?}",
        refused.told()
    );
    site.import_flat(&["--match-dimensions-by=name"], &text).assert(1, 0, 0, 0);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(shown["state_province"], "CA");
    assert_eq!(shown["dimensions"], json!([{ "id": 1000, "name": "Medical School", "value": "UCLA" }]));
}

#[actix_web::test]
async fn a_tag_of_another_name_is_nobodys_and_may_be_found_by_its_name() {
    let site = Site::new();
    for name in ["Side Stage", "Main Stage"] {
        site.tag(name, "2").await;
    }
    let text = john(json!({ "tags": [{ "id": "1", "name": "Main Stage", "type": "2", "score": "35" }] }));
    let refused = site.import_flat(&[], &text);
    refused.assert(0, 0, 0, 1);
    assert_eq!(refused.told(), ["line 1: unknown_tag /tags/0/name: The tag 1 has the name 'Side Stage'."]);
    site.import_flat(&["--match-tags-by=name"], &text).assert(1, 0, 0, 0);
    let tags = site.flat("juno_users/1").await["tags"].clone();
    let expected =
        json!([{ "id": "2", "name": "Main Stage", "type": "2", "type_name": "Access Level", "score": "35" }]);
    assert_eq!(tags, expected);
}

#[actix_web::test]
async fn dimensions_and_tags_that_there_are_not_are_made_only_where_that_is_asked_for() {
    let site = Site::new();
    let text = john(json!({
        "dimensions": [{ "name": "School", "value": "UCLA" }],
        "tags": [{ "name": "Speaker", "type_name": "Session" }, { "name": "Front", "type": "2" }],
    }));
    let refused = site.import_flat(&[], &text);
    refused.assert(0, 0, 0, 1);
    assert_eq!(refused.told().len(), 2, "{:?}", refused.told());
    let faulty = john(json!({ "dimensions": [{ "name": "School", "value": 5 }] }));
    site.import_flat(&["--create-definitions"], faulty).assert(0, 0, 0, 1);
    assert_eq!(
        site.get("dimensions").await.json()["meta"]["total"],
        14,
        "what is refused leaves nothing behind"
    );
    site.import_flat(&["--create-definitions"], &text).assert(1, 0, 0, 0);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(shown["dimensions"], json!([{ "id": 1000, "name": "School", "value": "UCLA" }]));
    let names: Vec<_> =
        shown["tags"].as_array().expect("tags").iter().map(|tag| [&tag["name"], &tag["type_name"]]).collect();
    assert_eq!(names, [["Speaker", "Session"], ["Front", "Access Level"]]);
}
