//! Tags of a user in documents and by themselves (`juno.md` 1.4).

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{user, with_john, with_rey};
use crate::juno::{Site, made, pointers, request};
use crate::support::Answer;

const TAGS: &str = "juno_users/1/relationships/tags";

async fn change(site: &Site, method: Method, data: Value) -> Answer {
    site.send(request(method, TAGS, Some(&json!({ "data": data })))).await
}

fn tag(id: &str) -> Value {
    json!({ "type": "tags", "id": id })
}

fn scored(id: &str, score: impl Into<Value>) -> Value {
    json!({ "type": "tags", "id": id, "meta": { "score": score.into() } })
}

/// The ids and the scores of an answer.
fn linked(answer: &Answer) -> Vec<(String, i64)> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let data = answer.json()["data"].as_array().cloned().expect("linkage");
    let link = |tag: &Value| {
        let id = tag["id"].as_str().expect("an id").to_owned();
        (id, tag["meta"]["score"].as_i64().expect("a score"))
    };
    data.iter().map(link).collect()
}

fn is(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect()
}

async fn with_tags() -> Site {
    let site = with_john().await;
    for (name, of_type) in [("Main Stage", "2"), ("Speaker", "1000"), ("Golf", "1000")] {
        if of_type == "1000" && name == "Speaker" {
            let kind = super::document("tag_types", json!({ "name": "Interest" }));
            assert_eq!(made(&site.post("tag_types", &kind).await), "1000");
        }
        site.tag(name, of_type).await;
    }
    site
}

#[actix_web::test]
async fn tags_are_added_replaced_and_taken_away_by_themselves() {
    let site = with_tags().await;
    assert_eq!(linked(&site.get(TAGS).await), is(&[]));
    let added = change(&site, Method::POST, json!([tag("2"), scored("1", 35)])).await;
    assert_eq!(linked(&added), is(&[("1", 35), ("2", 0)]));
    assert_eq!(added.json()["links"]["self"], "/api/v2/juno_users/1/relationships/tags");
    assert_eq!(linked(&change(&site, Method::PATCH, json!([scored("3", "7")])).await), is(&[("3", 7)]));
    assert_eq!(linked(&change(&site, Method::DELETE, json!([tag("1"), tag("3")])).await), is(&[]));
    assert_eq!(linked(&site.get(TAGS).await), is(&[]));
}

#[actix_web::test]
async fn adding_again_changes_a_score_that_is_sent_and_nothing_else() {
    let site = with_tags().await;
    change(&site, Method::POST, json!([scored("1", 35)])).await;
    let tag_before = site.get("juno_users/1").await.header("etag").expect("a tag").to_owned();
    assert_eq!(linked(&change(&site, Method::POST, json!([tag("1")])).await), is(&[("1", 35)]));
    assert_eq!(site.get("juno_users/1").await.header("etag"), Some(tag_before.as_str()));
    assert_eq!(linked(&change(&site, Method::POST, json!([scored("1", 36)])).await), is(&[("1", 36)]));
    assert_ne!(site.get("juno_users/1").await.header("etag"), Some(tag_before.as_str()));
}

#[actix_web::test]
async fn of_one_tag_twice_in_a_request_the_last_score_counts() {
    let site = with_tags().await;
    let twice = json!([scored("1", 1), scored("1", 2)]);
    assert_eq!(linked(&change(&site, Method::POST, twice).await), is(&[("1", 2)]));
}

#[actix_web::test]
async fn an_unknown_tag_is_404_and_nothing_is_written() {
    let site = with_tags().await;
    for method in [Method::POST, Method::PATCH] {
        for id in ["99", "x"] {
            let answer = change(&site, method.clone(), json!([tag("1"), tag(id)])).await;
            answer.assert_refused(404, &["unknown_tag"]);
            assert_eq!(pointers(&answer), ["/data/1"]);
        }
    }
    assert_eq!(linked(&site.get(TAGS).await), is(&[]));
}

#[actix_web::test]
async fn what_is_no_linkage_is_refused_where_it_stands() {
    let site = with_tags().await;
    for (data, status, code, pointer) in [
        (json!(null), 400, "invalid_document", "/data"),
        (json!(["1"]), 400, "invalid_document", "/data/0"),
        (json!([{ "type": "tags" }]), 400, "invalid_document", "/data/0"),
        (json!([{ "type": "users", "id": "1" }]), 409, "type_conflict", "/data/0/type"),
        (json!([scored("1", -1)]), 400, "out_of_range", "/data/0/meta/score"),
        (json!([scored("1", 2_147_483_648_i64)]), 400, "out_of_range", "/data/0/meta/score"),
        (json!([scored("1", "1.5")]), 400, "out_of_range", "/data/0/meta/score"),
    ] {
        let answer = change(&site, Method::POST, data.clone()).await;
        answer.assert_refused(status, &[code]);
        assert_eq!(pointers(&answer), [pointer], "{data}");
    }
    let many: Vec<Value> = (1..=1001).map(|id: u16| tag(&id.to_string())).collect();
    change(&site, Method::POST, many.into()).await.assert_refused(400, &["too_long"]);
    let answer = site.send(request(Method::POST, TAGS, Some(&json!({})))).await;
    answer.assert_refused(400, &["invalid_document"]);
}

#[actix_web::test]
async fn a_document_replaces_the_tags_it_names_and_shows_scores_on_the_links() {
    let site = with_tags().await;
    let mut document = user(json!({}));
    document["data"]["relationships"] = json!({ "tags": { "data": [scored("2", 5), tag("1")] } });
    let answer = site.patch("juno_users/1?include=tags,tags.tag_type", &document).await;
    let shown = answer.json();
    let links = shown["data"]["relationships"]["tags"]["data"].as_array().expect("linkage").clone();
    let scores: Vec<_> = links.iter().map(|link| (&link["id"], &link["meta"]["score"])).collect();
    assert_eq!(scores, [(&json!("1"), &json!(0)), (&json!("2"), &json!(5))]);
    let included: Vec<_> = shown["included"]
        .as_array()
        .expect("resources")
        .iter()
        .map(|one| {
            format!("{} {}", one["type"].as_str().expect("a type"), one["id"].as_str().expect("an id"))
        })
        .collect();
    assert_eq!(included, ["tags 1", "tags 2", "tag_types 2", "tag_types 1000"]);
    document["data"]["relationships"]["tags"]["data"] = json!([{ "type": "tags", "id": "77" }]);
    let unknown = site.patch("juno_users/1", &document).await;
    unknown.assert_refused(404, &["unknown_tag"]);
    assert_eq!(pointers(&unknown), ["/data/relationships/tags/data/0"]);
}

#[actix_web::test]
async fn a_user_picks_and_drops_his_own_and_no_access_level_and_none_of_the_organization() {
    let site = with_rey(0).await;
    let kind = super::document("tag_types", json!({ "name": "Interest" }));
    made(&site.post("tag_types", &kind).await);
    for (name, of_type) in [("Main Stage", "2"), ("Golf", "1000"), ("Speaker", "1000")] {
        site.tag(name, of_type).await;
    }
    assert_eq!(change(&site, Method::POST, json!([tag("3")])).await.status, 200);
    let own = |method: Method, id: &str| {
        let request =
            request(method, "juno_users/me/relationships/tags", Some(&json!({ "data": [tag(id)] })));
        site.as_rey(request)
    };
    let picked = own(Method::POST, "2").await;
    let link = picked.json()["data"][0].clone();
    assert_eq!(
        (&link["id"], &link["meta"]["origin"], &link["meta"]["preferred"]),
        (&json!("2"), &json!("user"), &json!(true))
    );
    assert_eq!(picked.json()["data"][1]["meta"]["origin"], "organization");
    own(Method::POST, "1").await.assert_refused(403, &["read_only"]);
    own(Method::DELETE, "3").await.assert_refused(403, &["read_only"]);
    assert_eq!(linked(&own(Method::DELETE, "2").await), is(&[("3", 0)]));
}
