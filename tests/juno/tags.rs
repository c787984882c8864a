//! Types of tags, and tags (`juno.md` 1.4).

use actix_web::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Site, document, ids, made, pointers, request};

fn tag(name: &str, of_type: impl Into<Value>) -> Value {
    let mut tag = document("tags", json!({ "name": name }));
    tag["data"]["relationships"] =
        json!({ "tag_type": { "data": { "type": "tag_types", "id": of_type.into() } } });
    tag
}

fn tag_type(attributes: Value) -> Value {
    document("tag_types", attributes)
}

#[actix_web::test]
async fn the_access_level_is_the_type_with_the_documented_id() {
    let site = Site::new();
    assert_eq!(ids(&site.get("tag_types").await), ["2"]);
    let shown = site.get("tag_types/2").await.json();
    assert_eq!(
        shown["data"],
        json!({
            "id": "2", "type": "tag_types",
            "attributes": { "name": "Access Level", "group": 0, "modifiable": true, "analytics": false },
            "links": { "self": "/api/v2/tag_types/2" }
        })
    );
    site.get("tag_types/1").await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn types_are_made_with_ids_from_1000_and_one_name_each_and_are_not_changed() {
    let site = Site::new();
    let first =
        site.post("tag_types", &tag_type(json!({ "name": "Session", "group": 3, "analytics": true }))).await;
    assert_eq!((made(&first), first.header("location")), ("1000".to_owned(), Some("/api/v2/tag_types/1000")));
    let attributes = json!({ "name": "Session", "group": 3, "modifiable": true, "analytics": true });
    assert_eq!(first.json()["data"]["attributes"], attributes);
    for same in ["SESSION", "access level"] {
        let answer = site.post("tag_types", &tag_type(json!({ "name": same }))).await;
        answer.assert_refused(409, &["name_taken"]);
        assert_eq!(pointers(&answer), ["/data/attributes/name"]);
    }
    let plain = site.post("tag_types", &tag_type(json!({ "name": "Plain" }))).await;
    assert_eq!(
        plain.json()["data"]["attributes"],
        json!({ "name": "Plain", "group": 1, "modifiable": true, "analytics": false })
    );
    let odd = json!({ "name": null, "group": -1, "modifiable": "no", "analytics": 0, "colour": 1 });
    let codes = ["blank", "out_of_range", "wrong_type", "wrong_type", "unknown_attribute"];
    site.post("tag_types", &tag_type(odd)).await.assert_refused(400, &codes);
    for group in [json!(1.5), json!(2_147_483_648_u32)] {
        site.post("tag_types", &tag_type(json!({ "name": "Z", "group": group })))
            .await
            .assert_refused(400, &["out_of_range"]);
    }
    for method in [Method::PATCH, Method::PUT, Method::DELETE] {
        site.send(request(method, "tag_types/1000", None)).await.assert_refused(405, &["method_not_allowed"]);
    }
    assert_eq!(ids(&site.get("tag_types?sort=-name").await), ["1000", "1001", "2"]);
    assert_eq!(ids(&site.get("tag_types?filter[analytics]=true&filter[modifiable]=true").await), ["1000"]);
}

#[actix_web::test]
async fn a_tag_shows_its_type_as_a_relationship_and_its_name_beside() {
    let site = Site::new();
    let first = site.post("tags", &tag("Main Stage", "2")).await;
    assert_eq!((made(&first), first.header("location")), ("1".to_owned(), Some("/api/v2/tags/1")));
    assert_eq!(
        first.json()["data"],
        json!({
            "id": "1", "type": "tags",
            "attributes": { "name": "Main Stage", "type_name": "Access Level" },
            "relationships": { "tag_type": { "data": { "id": "2", "type": "tag_types" } } },
            "links": { "self": "/api/v2/tags/1" }
        })
    );
    let with_type = site.get("tags/1?include=tag_type").await;
    assert_eq!(with_type.json()["included"], json!([site.get("tag_types/2").await.json()["data"]]));
    assert_ne!(with_type.header("etag"), first.header("etag"), "another representation");
    assert_eq!(
        made(&site.post("tags", &tag("Second", 2)).await),
        "2",
        "an id may be a number where it is read"
    );
    let list = site.get("tags?include=tag_type&fields[tag_types]=name").await.json();
    assert_eq!(list["included"].as_array().map(Vec::len), Some(1), "each once");
    assert_eq!(list["included"][0]["attributes"], json!({ "name": "Access Level" }));
    assert_eq!(site.get("tags/1?include=").await.json()["included"], json!([]));
    site.get("tags?include=type").await.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn a_tag_needs_a_name_and_one_type_that_there_is() {
    let site = Site::new();
    let mut none = tag("A", "2");
    none["data"].as_object_mut().expect("an object").remove("relationships");
    let answer = site.post("tags", &none).await;
    answer.assert_refused(400, &["blank"]);
    assert_eq!(pointers(&answer), ["/data"]);
    let place = "/data/relationships/tag_type/data";
    for (linked, status, code, at) in [
        (Value::Null, 400, "blank", ""),
        (json!([]), 400, "invalid_document", ""),
        (json!({ "type": "tag_types", "id": "4711" }), 404, "not_found", "/id"),
        (json!({ "type": "tag_types", "id": "two" }), 404, "not_found", "/id"),
        (json!({ "type": "tags", "id": "2" }), 409, "type_conflict", "/type"),
    ] {
        let mut document = tag("A", "2");
        document["data"]["relationships"]["tag_type"]["data"] = linked;
        let answer = site.post("tags", &document).await;
        answer.assert_refused(status, &[code]);
        assert_eq!(pointers(&answer), [format!("{place}{at}")]);
    }
    let mut nameless = tag("A", "2");
    nameless["data"]["attributes"] = json!({});
    site.post("tags", &nameless).await.assert_refused(400, &["blank"]);
    let mut foreign = tag("A", "2");
    foreign["data"]["attributes"]["type"] = "2".into();
    site.post("tags", &foreign).await.assert_refused(400, &["unknown_attribute"]);
    assert_eq!(ids(&site.get("tags").await), Vec::<String>::new());
}

#[actix_web::test]
async fn a_tag_is_renamed_moved_and_deleted_and_its_id_never_comes_back() {
    let site = Site::new();
    made(&site.post("tag_types", &tag_type(json!({ "name": "Session" }))).await);
    let first = site.post("tags", &tag("A", "2")).await;
    let mut echo = json!({ "data": first.json()["data"] });
    echo["data"]["attributes"]["type_name"] = "whatever".into();
    let echoed = site.patch("tags/1", &echo).await;
    assert_eq!(
        (echoed.status, echoed.header("etag")),
        (200, first.header("etag")),
        "the type's name is not read"
    );
    assert_eq!(
        site.patch("tags/1", &tag("B", "1000")).await.assert_ok(),
        json!({ "name": "B", "type_name": "Session" })
    );
    let late = request(Method::DELETE, "tags/1", None)
        .insert_header(("If-Match", first.header("etag").expect("a tag")));
    site.send(late).await.assert_refused(412, &["precondition_failed"]);
    assert_eq!(site.delete("tags/1").await.status, 204);
    assert_eq!(made(&site.post("tags", &tag("B", "2")).await), "2");
    let mut own = tag("C", "2");
    own["data"]["id"] = "1".into();
    site.post("tags", &own).await.assert_refused(403, &["client_id_not_supported"]);
}

#[actix_web::test]
async fn no_two_tags_have_one_name_also_when_they_are_made_at_once() {
    let site = Site::new();
    let other = Site { app: site.app.second_node(), key: site.key.clone() };
    let documents = ["Stage", "STAGE", "stage", "sTaGe"].map(|name| tag(name, "2"));
    let rivals =
        documents.iter().enumerate().map(|(i, document)| [&site, &other][i % 2].post("tags", document));
    let mut statuses: Vec<u16> = join_all(rivals).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    made(&site.post("tags", &tag("Other", "2")).await);
    site.patch("tags/2", &tag("stage", "2")).await.assert_refused(409, &["name_taken"]);
}

#[actix_web::test]
async fn tags_of_a_type_that_is_not_modifiable_are_neither_made_nor_moved_there_nor_away_nor_changed() {
    let site = Site::new();
    let fixed =
        made(&site.post("tag_types", &tag_type(json!({ "name": "Admin", "modifiable": false }))).await);
    site.post("tags", &tag("A", fixed.as_str())).await.assert_refused(403, &["read_only"]);
    made(&site.post("tags", &tag("A", "2")).await);
    site.patch("tags/1", &tag("A", fixed.as_str())).await.assert_refused(403, &["read_only"]);
    // As an import would leave one.
    site.app.change(|connection| {
        use diesel::prelude::*;
        use steward::db::schema::tags;
        diesel::update(tags::table.find(1_i64)).set(tags::tag_type_id.eq(1000_i64)).execute(connection)
    });
    let shown = site.get("tags/1").await;
    assert_eq!(shown.assert_ok()["type_name"], "Admin");
    for change in [tag("B", "1000"), tag("A", "2")] {
        site.patch("tags/1", &change).await.assert_refused(403, &["read_only"]);
    }
    site.delete("tags/1").await.assert_refused(403, &["read_only"]);
    assert_eq!(site.patch("tags/1", &tag("A", "1000")).await.status, 200, "an echo changes nothing");
    assert_eq!(site.get("tags/1").await.text(), shown.text());
}

#[actix_web::test]
async fn tags_are_listed_by_type_and_name_in_pages() {
    let site = Site::new();
    made(&site.post("tag_types", &tag_type(json!({ "name": "Session" }))).await);
    for (name, of_type) in [("c", "2"), ("B", "1000"), ("a", "2")] {
        made(&site.post("tags", &tag(name, of_type)).await);
    }
    assert_eq!(ids(&site.get("tags?sort=name").await), ["3", "2", "1"]);
    assert_eq!(ids(&site.get("tags?filter[tag_type]=2").await), ["1", "3"]);
    assert_eq!(ids(&site.get("tags?filter[name]=b").await), ["2"]);
    assert_eq!(ids(&site.get("tags?filter[tag_type]=x").await), Vec::<String>::new());
    let page = site.get("tags?page[size]=2&page[number]=2").await;
    assert_eq!((ids(&page), &page.json()["meta"]["total"]), (vec!["3".to_owned()], &json!(3)));
    assert_eq!(page.json()["links"]["prev"], "/api/v2/tags?page%5Bnumber%5D=1&page%5Bsize%5D=2");
}
