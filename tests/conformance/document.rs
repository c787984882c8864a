//! Document structure: K16 to K50.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    EMAIL, RELATIONSHIPS, document, documents, full, get, included_types, names, new_row, patch, post, read,
    resources, text, with_sites,
};
use crate::support::app::{REY, STAMP};
use crate::support::{TestApp, user};

const EVERYTHING: &str = "user?include=*,family_relationships.related_person,account_lists.users";

/// Documents of success and of failure.
async fn all_documents(app: &TestApp) -> Vec<Value> {
    let mut documents = documents(app).await;
    for path in ["nothing", "user?foo=1&include=websites", "user/websites?sort=x"] {
        documents.push(get(app, path).await.json());
    }
    for name in RELATIONSHIPS {
        documents.push(read(app, &format!("user/relationships/{name}")).await);
    }
    documents
}

fn key(resource: &Value) -> (&str, &str) {
    (text(&resource["type"]), text(&resource["id"]))
}

/// Whether a name is one that JSON:API allows for members of its own and of implementations.
fn is_member_name(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric() || c >= '\u{80}';
    name.starts_with(edge)
        && name.ends_with(edge)
        && name.chars().all(|c| edge(c) || matches!(c, '-' | '_' | ' '))
}

#[actix_web::test]
async fn k016_the_root_of_every_document_is_an_object() {
    let app = full().await;
    for document in all_documents(&app).await {
        assert!(document.is_object(), "{document}");
    }
    app.put_document(&json!([])).await.assert_refused(400, &["invalid_document"]);
}

#[actix_web::test]
async fn k017_every_document_has_data_errors_or_meta() {
    let app = full().await;
    for document in all_documents(&app).await {
        assert!(["data", "errors", "meta"].iter().any(|name| document.get(name).is_some()), "{document}");
    }
}

#[actix_web::test]
async fn k018_data_and_errors_are_never_together() {
    let app = full().await;
    for document in all_documents(&app).await {
        assert!(document.get("data").is_some() != document.get("errors").is_some(), "{document}");
    }
}

#[actix_web::test]
async fn k019_included_comes_with_data_only() {
    let app = full().await;
    let shown = read(&app, "user?include=websites").await;
    assert!(shown["data"].is_object() && shown["included"].is_array());
    let refused = get(&app, "user?include=websites&foo=1").await.json();
    assert_eq!(names(&refused), ["errors"]);
}

#[actix_web::test]
async fn k020_members_are_those_of_the_specification_and_unknown_ones_are_ignored() {
    let app = full().await;
    for document in all_documents(&app).await {
        let top = ["data", "errors", "meta", "links", "included", "jsonapi"];
        assert!(names(&document).iter().all(|name| top.contains(name)), "{document}");
        for resource in resources(&document).into_iter().filter(|r| r.get("attributes").is_some()) {
            let known = ["id", "type", "attributes", "relationships", "links", "meta"];
            assert!(names(resource).iter().all(|name| known.contains(name)), "{resource}");
        }
    }
    let app = TestApp::new();
    let mut edit = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
    (edit["robots"], edit["data"]["robots"]) = (json!([1]), json!({ "x": null }));
    assert_eq!(app.put_document(&edit).await.assert_ok()["first_name"], "Jack");
}

#[actix_web::test]
async fn k021_a_single_target_is_a_resource_object_or_an_identifier() {
    let app = full().await;
    for path in ["user", "users/me", "contacts/people/me", &format!("user/email_addresses/{EMAIL}")] {
        let data = read(&app, path).await["data"].clone();
        assert!(data.is_object() && data["attributes"].is_object(), "{path}: {data}");
    }
    let data = read(&app, "user/relationships/master_person").await["data"].clone();
    assert!(data.is_object() && data.get("attributes").is_none(), "{data}");
}

#[actix_web::test]
async fn k022_a_collection_is_an_array_with_none_one_or_many() {
    for urls in [&[][..], &["a"], &["a", "b"]] {
        let app = with_sites(urls).await;
        let data = read(&app, "user/websites").await["data"].clone();
        assert_eq!(data.as_array().map(Vec::len), Some(urls.len()), "{data}");
    }
}

#[actix_web::test]
async fn k023_every_resource_object_has_an_id_and_a_type() {
    let app = full().await;
    for document in documents(&app).await {
        for resource in resources(&document) {
            let (kind, id) = key(resource);
            assert!(!kind.is_empty() && !id.is_empty(), "{resource}");
        }
    }
    let made = post(&app, "user/websites", &document("websites", json!({ "url": "x" }))).await;
    assert!(!text(&made.json()["data"]["id"]).is_empty(), "the server made one");
}

#[actix_web::test]
async fn k024_ids_and_types_that_are_no_strings_are_refused() {
    let app = TestApp::new();
    for (member, wrong) in
        [("id", json!(1)), ("id", json!({})), ("type", json!(1)), ("type", json!(["users"]))]
    {
        let mut edit = user(json!({ "overwrite": true }));
        edit["data"]["id"] = json!(REY);
        edit["data"][member] = wrong;
        let answer = app.put_document(&edit).await;
        answer.assert_refused(400, &["invalid_document"]);
        assert_eq!(answer.error()["source"]["pointer"], format!("/data/{member}"));
    }
}

#[actix_web::test]
async fn k026_types_are_member_names() {
    let app = full().await;
    let mut kinds = BTreeSet::new();
    for document in documents(&app).await {
        kinds.extend(resources(&document).into_iter().map(|r| text(&r["type"]).to_owned()));
    }
    assert_eq!(kinds.len(), 7 + 4, "rows, users, people, account lists, master people: {kinds:?}");
    assert!(kinds.iter().all(|kind| is_member_name(kind)), "{kinds:?}");
}

#[actix_web::test]
async fn k027_attributes_and_relationships_share_a_namespace_without_id_and_type() {
    let app = full().await;
    for document in documents(&app).await {
        for resource in resources(&document) {
            let mut fields = names(&resource["attributes"]);
            fields.extend(names(&resource["relationships"]));
            let unique: BTreeSet<_> = fields.iter().collect();
            assert_eq!(unique.len(), fields.len(), "{resource}");
            assert!(!fields.contains(&"id") && !fields.contains(&"type"), "{resource}");
        }
    }
    app.put(json!({ "id": REY, "overwrite": true })).await.assert_refused(409, &["reserved_attribute"]);
    let answer = app.put(json!({ "type": "robots", "overwrite": true })).await;
    assert_eq!((answer.status, &answer.json()["data"]["type"]), (200, &json!("users")));
}

#[actix_web::test]
async fn k028_attributes_are_an_object() {
    let app = full().await;
    for document in documents(&app).await {
        assert!(resources(&document).iter().all(|r| r["attributes"].is_object()), "{document}");
    }
    for wrong in [json!([]), json!("x"), json!(1)] {
        app.put_document(&user(wrong)).await.assert_refused(400, &["invalid_document"]);
    }
}

#[actix_web::test]
async fn k029_foreign_keys_are_no_attributes() {
    let app = full().await;
    for document in documents(&app).await {
        for resource in resources(&document) {
            // The id at another system, of which this one knows nothing.
            let keys = names(&resource["attributes"]).into_iter().filter(|name| *name != "remote_id");
            assert!(!keys.into_iter().any(|name| name.ends_with("_id")), "{resource}");
        }
    }
    app.put(json!({ "account_list_id": REY })).await.assert_refused(409, &["reserved_attribute"]);
}

#[actix_web::test]
async fn k030_relationships_are_an_object_of_objects_with_data() {
    let app = full().await;
    let mut seen = 0;
    for document in documents(&app).await {
        for resource in resources(&document).into_iter().filter(|r| r.get("relationships").is_some()) {
            let relationships = resource["relationships"].as_object().expect("K30: an object");
            assert!(
                relationships.values().all(|one| one.is_object() && one.get("data").is_some()),
                "{resource}"
            );
            seen += relationships.len();
        }
    }
    assert!(seen > RELATIONSHIPS.len(), "{seen}");
}

#[actix_web::test]
async fn k033_linkage_is_an_array_of_identifiers_or_an_identifier() {
    let app = TestApp::new();
    let user = read(&app, "user").await["data"]["relationships"].clone();
    assert_eq!(user["websites"]["data"], json!([]));
    assert_eq!(user["email_addresses"]["data"], json!([{ "id": EMAIL, "type": "email_addresses" }]));
    assert_eq!(user["master_person"]["data"]["type"], "master_people");
    let made = post(&app, "user/family_relationships", &new_row("family_relationships", REY)).await.json();
    let related = &made["data"]["relationships"]["related_person"]["data"];
    assert_eq!(*related, json!({ "id": REY, "type": "people" }));
}

#[actix_web::test]
async fn k035_identifiers_are_type_and_id_but_for_the_documented_times_of_the_master_person() {
    let app = full().await;
    for document in documents(&app).await {
        for resource in resources(&document) {
            for (name, relationship) in resource["relationships"].as_object().into_iter().flatten() {
                let data = &relationship["data"];
                if data.is_null() {
                    continue;
                }
                for one in data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice) {
                    assert!(one["id"].is_string() && one["type"].is_string(), "{name}: {one}");
                    let more: &[_] =
                        if name == "master_person" { &["created_at", "updated_at"] } else { &[] };
                    let beside: Vec<_> =
                        names(one).into_iter().filter(|n| !["id", "type"].contains(n)).collect();
                    assert_eq!(beside, more, "{name}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn k037_included_resources_are_an_array_at_the_top() {
    let app = full().await;
    let shown = read(&app, EVERYTHING).await;
    let included = shown["included"].as_array().expect("an array");
    assert!(included.len() > RELATIONSHIPS.len() && included.iter().all(|r| r["attributes"].is_object()));
}

#[actix_web::test]
async fn k038_everything_that_is_included_is_linked_from_primary_data() {
    let app = full().await;
    for path in [
        EVERYTHING,
        "contacts/people/me?include=*",
        "user/family_relationships?include=related_person",
        "user/account_lists?include=users",
    ] {
        let document = read(&app, path).await;
        let mut reached: BTreeSet<_> = BTreeSet::new();
        for resource in resources(&document) {
            for relationship in resource["relationships"].as_object().into_iter().flat_map(|r| r.values()) {
                let data = &relationship["data"];
                if data.is_null() {
                    continue;
                }
                reached.extend(
                    data.as_array().map_or_else(|| vec![key(data)], |all| all.iter().map(key).collect()),
                );
            }
        }
        for resource in document["included"].as_array().expect("included") {
            assert!(reached.contains(&key(resource)), "{path}: {resource}");
        }
    }
}

#[actix_web::test]
async fn k039_only_a_sparse_fieldset_takes_the_linkage_of_what_is_included() {
    let app = full().await;
    let sparse = read(&app, "user?include=websites&fields[users]=first_name").await;
    assert_eq!(sparse["data"].get("relationships"), None);
    assert_eq!(included_types(&sparse), ["websites"]);
}

#[actix_web::test]
async fn k040_no_resource_is_in_a_document_twice() {
    let app = full().await;
    post(&app, "user/family_relationships", &new_row("family_relationships", REY)).await;
    let all = "include=*,family_relationships.related_person";
    let mut paths = vec![EVERYTHING.to_owned(), "user/account_lists?include=users".to_owned()];
    paths.extend(["contacts/people/me", "user"].map(|path| format!("{path}?{all}")));
    for path in paths {
        let document = read(&app, &path).await;
        let mut seen = BTreeMap::new();
        for resource in resources(&document) {
            *seen.entry(key(resource)).or_insert(0) += 1;
        }
        assert!(seen.values().all(|times| *times == 1), "{path}: {seen:?}");
    }
}

#[actix_web::test]
async fn k041_every_meta_is_an_object() {
    let app = full().await;
    assert!(read(&app, "user/websites").await["meta"].is_object());
    let ignored = patch(&app, "user", &user(json!({ "robots": 1, "overwrite": true }))).await;
    assert_eq!(ignored.json()["meta"], json!({ "ignored_attributes": ["robots"] }));
    let stale = app.put(json!({ "first_name": "Jack", "updated_in_db_at": "2021-01-01T00:00:00Z" })).await;
    assert!(stale.error()["meta"].is_object());
}

#[actix_web::test]
async fn k042_links_are_an_object_of_texts_and_nulls() {
    let app = full().await;
    let list = read(&app, "user/websites?page[size]=1").await;
    let links = list["links"].as_object().expect("an object");
    assert!(links.values().all(|link| link.is_string() || link.is_null()), "{links:?}");
    assert!(text(&links["self"]).starts_with("/api/v2/user/websites?"));
}

#[actix_web::test]
async fn k045_the_self_link_repeats_the_query_of_the_request() {
    let app = with_sites(&["a", "b"]).await;
    let list = read(&app, "user/websites?sort=-created_at&fields[websites]=url&page[size]=1").await;
    let link = text(&list["links"]["self"]);
    for part in ["sort=-created_at", "fields%5Bwebsites%5D=url", "page%5Bsize%5D=1"] {
        assert!(link.contains(part), "{link}");
    }
}

#[actix_web::test]
async fn k048_member_names_are_well_formed_and_their_case_counts() {
    fn check(value: &Value) {
        for (name, value) in value.as_object().into_iter().flatten() {
            assert!(is_member_name(name), "{name}");
            check(value);
        }
        value.as_array().into_iter().flatten().for_each(check);
    }
    let app = full().await;
    all_documents(&app).await.iter().for_each(check);
    let answer = app.put(json!({ "First_Name": "Jack", "overwrite": true })).await;
    assert_eq!(answer.assert_ok()["first_name"], "Rey");
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["First_Name"]));
    app.put(json!({ "preferences": { "locale": "de" }, "overwrite": true })).await.assert_ok();
    let told = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.error();
    let ill_named: Vec<_> =
        names(&told["meta"]["changed"]).into_iter().filter(|name| !is_member_name(name)).collect();
    assert!(ill_named.contains(&"preferences.locale"), "{told}");
    assert!(ill_named.iter().all(|name| name.contains(['.', '/'])), "{told}");
}

#[actix_web::test]
async fn k049_at_members_are_ignored() {
    let app = TestApp::new();
    let before = app.get().await;
    let at = json!({ "id": 1 });
    let document = json!({
        "@context": at,
        "data": {
            "@context": at, "type": "users",
            "attributes": { "@context": at, "@list_id": 1, "overwrite": true },
            "relationships": { "@context": at },
        },
    });
    let answer = app.put_document(&document).await;
    assert_eq!((answer.status, answer.text()), (200, before.text()), "not applied, not stored, not named");
}
