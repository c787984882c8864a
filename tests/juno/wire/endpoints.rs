//! `/api/v2/juno_users`: who may do what, conditions, repeated writes (`juno.md` 2.2).

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{JSON, least, user, with_john, with_rey};
use crate::juno::{Site, made, pointers, request};
use crate::support::app::{REY, USER};

fn me(method: Method, sent: Option<&Value>) -> actix_web::test::TestRequest {
    request(method, "juno_users/me", sent)
}

#[actix_web::test]
async fn what_is_made_is_told_where_and_found_there() {
    let site = Site::new();
    let answer = site.post("juno_users", &user(least("a@example.com"))).await;
    assert_eq!((made(&answer), answer.header("location")), ("1".to_owned(), Some("/api/v2/juno_users/1")));
    let shown = site.get("juno_users/1").await;
    assert_eq!((shown.text(), shown.header("etag")), (answer.text(), answer.header("etag")));
    let person = shown.json()["data"]["relationships"]["user"]["data"]["id"].clone();
    assert_ne!(person, REY, "a person of his own, since nobody is found by his address");
    assert_eq!(made(&site.post("juno_users", &user(least("b@example.com"))).await), "2");
}

#[actix_web::test]
async fn who_is_made_was_changed_when_he_was_made_in_junos_documents_and_in_mpdxs() {
    let site = Site::new();
    let new = user(json!({
        "first_name": "John", "email": "a@example.com", "phone": "1", "website": "https://x.co", "title": "Detective",
        "twitter": "https://twitter.com/j", "city": "Los Angeles",
    }));
    let answer = site.post("juno_users?include=user", &new).await;
    made(&answer);
    let (user, person) = (&answer.json()["data"]["attributes"], &answer.json()["included"][0]["attributes"]);
    let created = &user["date_created"];
    assert!(created.is_string());
    for (name, at) in [
        ("date_updated", &user["date_updated"]),
        ("created_at", &person["created_at"]),
        ("updated_at", &person["updated_at"]),
        ("updated_in_db_at", &person["updated_in_db_at"]),
    ] {
        assert_eq!(at, created, "{name}");
    }
    let changed = site.set(json!({ "city": "Pasadena", "title": "Officer" })).await.assert_ok();
    assert!(
        changed["date_updated"].as_str() > created.as_str(),
        "a change is later, also in the same second"
    );
    assert_eq!(&changed["date_created"], created);
}

#[actix_web::test]
async fn no_node_answers_with_what_it_remembered_before_a_write_of_juno() {
    let site = with_rey(0).await;
    let other = site.app.second_node();
    for name in ["Kira", "Rey", "Kira"] {
        let before = other.send(request(Method::GET, "user", None)).await;
        site.set(json!({ "first_name": name, "company": name })).await.assert_ok();
        let known = request(Method::GET, "user", None)
            .insert_header(("If-None-Match", before.header("etag").expect("a tag")));
        let after = other.send(known).await.assert_ok();
        assert_eq!((&after["first_name"], &after["employer"]), (&json!(name), &json!(name)));
        let shown = other.send(request(Method::GET, "juno_users/me", None)).await.assert_ok();
        assert_eq!(shown["first_name"], name);
    }
}

#[actix_web::test]
async fn who_was_mpdxs_before_is_changed_by_becoming_junos() {
    let site = Site::new();
    let mut rey = user(json!({ "first_name": "Rey", "email": "rey@example.com", "company": "Resistance" }));
    rey["data"]["relationships"] = json!({ "user": { "data": { "type": "users", "id": REY } } });
    let shown = site.post("juno_users?include=user", &rey).await;
    made(&shown);
    let shown = shown.json();
    let stamp = &shown["included"][0]["attributes"]["updated_in_db_at"];
    assert_eq!(&shown["data"]["attributes"]["date_updated"], stamp);
    assert!(stamp.as_str() > shown["included"][0]["attributes"]["created_at"].as_str());
}

#[actix_web::test]
async fn me_is_the_caller_and_a_key_and_who_is_no_user_of_juno_are_404() {
    let site = with_rey(0).await;
    let own = site.as_rey(me(Method::GET, None)).await;
    assert_eq!(own.json()["data"]["id"], "1");
    assert_eq!(own.text(), site.get("juno_users/1").await.text());
    for method in [Method::PUT, Method::PATCH] {
        let set = user(json!({ "city": method.as_str() }));
        assert_eq!(site.as_rey(me(method.clone(), Some(&set))).await.assert_ok()["city"], method.as_str());
    }
    site.send(me(Method::GET, None)).await.assert_refused(404, &["not_found"]);
    let stranger = Site::new();
    stranger.as_rey(me(Method::GET, None)).await.assert_refused(404, &["not_found"]);
    stranger.as_rey(me(Method::PUT, Some(&user(json!({}))))).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_user_sees_and_changes_himself_and_nobody_else_not_even_that_he_is() {
    let site = with_rey(0).await;
    made(&site.post("juno_users", &user(least("john@example.com"))).await);
    assert_eq!(site.as_rey(request(Method::GET, "juno_users/1", None)).await.status, 200);
    let change = user(json!({ "city": "x" }));
    for id in ["2", "3"] {
        let path = format!("juno_users/{id}");
        let tags = json!({ "data": [] });
        for refused in [
            request(Method::GET, &path, None),
            request(Method::PATCH, &path, Some(&change)),
            request(Method::GET, &format!("{path}/relationships/tags"), None),
            request(Method::PATCH, &format!("{path}/relationships/tags"), Some(&tags)),
            request(Method::GET, &format!("{path}/dimension_values"), None),
            request(Method::DELETE, &format!("{path}/dimension_values/13"), None),
        ] {
            let answer = site.as_rey(refused).await;
            answer.assert_refused(404, &["not_found"]);
            assert_eq!(answer.error()["detail"], format!("Couldn't find JunoUser with 'id'={id}"));
        }
        site.as_rey(request(Method::DELETE, &path, None)).await.assert_refused(403, &["forbidden"]);
    }
    site.as_rey(request(Method::POST, "juno_users", Some(&user(least("a@example.com")))))
        .await
        .assert_refused(403, &["forbidden"]);
    site.as_rey(request(Method::DELETE, "juno_users/1", None)).await.assert_refused(403, &["forbidden"]);
}

#[actix_web::test]
async fn what_is_the_sites_a_user_may_send_back_and_not_change() {
    let site = with_rey(0).await;
    for (field, sent) in [
        ("account_level", json!(99)),
        ("banned", json!(true)),
        ("client_id", json!("x")),
        ("client_guid", json!("735992af-c8a2-4cac-9072-5f1a29437e98")),
        ("username", json!("rey")),
        ("points", json!(1)),
    ] {
        let answer = site.as_rey(me(Method::PATCH, Some(&user(json!({ field: sent }))))).await;
        assert_eq!(answer.status, 403, "{field}: {}", answer.text());
        assert_eq!(pointers(&answer), [format!("/data/attributes/{field}")]);
    }
    let before = site.as_rey(me(Method::GET, None)).await;
    let echo = site.as_rey(me(Method::PUT, Some(&before.json()))).await;
    assert_eq!((echo.status, echo.header("etag")), (200, before.header("etag")), "{}", echo.text());
}

#[actix_web::test]
async fn somebody_with_full_access_does_what_an_integration_does() {
    let site = with_rey(99).await;
    let post = request(Method::POST, "juno_users", Some(&user(least("john@example.com"))));
    assert_eq!(made(&site.as_rey(post).await), "2");
    let set = user(json!({ "account_level": 99, "banned": true }));
    assert_eq!(site.as_rey(request(Method::PATCH, "juno_users/2", Some(&set))).await.status, 200);
    assert_eq!(site.as_rey(request(Method::DELETE, "juno_users/2", None)).await.status, 204);
    site.as_rey(request(Method::GET, "juno_users/2", None)).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_whole_echo_moves_neither_date_nor_tag() {
    let site = with_rey(0).await;
    site.tag("Main Stage", "2").await;
    site.dimension(json!({ "name": "Medical School" })).await;
    let body = json!({ "city": "x", "tags": [{ "id": 1, "score": 2 }], "dimensions": [{ "id": 1000, "value": "y" }] });
    assert_eq!(site.send_flat(Method::PUT, "juno_users/1", &body).await.status, 200);
    let before = site.get("juno_users/1").await;
    let user_before = site.app.get().await;
    site.app.clock.advance(60);
    for method in [Method::PUT, Method::PATCH] {
        let echo = site.send(request(method, "juno_users/1", Some(&before.json()))).await;
        assert_eq!((echo.text(), echo.header("etag")), (before.text(), before.header("etag")));
    }
    let user_after = site.app.get().await;
    assert_eq!(
        (user_after.text(), user_after.header("etag")),
        (user_before.text(), user_before.header("etag"))
    );
}

#[actix_web::test]
async fn if_match_is_optional_and_a_state_that_is_past_is_412() {
    let site = with_rey(0).await;
    let past = site.get("juno_users/1").await.header("etag").expect("a tag").to_owned();
    let write = |tag: &str, city: &str| {
        let patch = request(Method::PATCH, "juno_users/1", Some(&user(json!({ "city": city }))));
        site.send(patch.insert_header(("If-Match", tag)))
    };
    let first = write(&past, "A").await;
    assert_eq!(first.assert_ok()["city"], "A");
    let refused = write(&past, "B").await;
    refused.assert_refused(412, &["precondition_failed"]);
    assert_eq!(refused.error()["source"]["header"], "If-Match");
    assert_eq!(site.set(json!({ "city": "C" })).await.assert_ok()["city"], "C", "without it");
    assert_eq!(write("*", "D").await.status, 200);
    // A column that MPDX shares is changed through MPDX.
    let now = site.get("juno_users/1").await.header("etag").expect("a tag").to_owned();
    site.app.put(json!({ "first_name": "Rey S.", "overwrite": true })).await.assert_ok();
    write(&now, "E").await.assert_refused(412, &["precondition_failed"]);
    let delete = request(Method::DELETE, "juno_users/1", None).insert_header(("If-Match", now));
    site.send(delete).await.assert_refused(412, &["precondition_failed"]);
    assert_eq!(site.shown().await["city"], "D");
}

#[actix_web::test]
async fn a_sparse_read_has_a_tag_that_holds_for_a_write_and_its_own_304() {
    let site = with_john().await;
    let sparse = "juno_users/1?fields[juno_users]=city";
    let read = site.get(sparse).await;
    assert_eq!(read.json()["data"]["attributes"], json!({ "city": null }));
    let tag = read.header("etag").expect("a tag").to_owned();
    let again = |path: &str| {
        site.send(request(Method::GET, path, None).insert_header(("If-None-Match", tag.clone())))
    };
    assert_eq!(again(sparse).await.status, 304);
    assert_eq!(again("juno_users/1").await.status, 200);
    let write = request(Method::PATCH, "juno_users/1", Some(&user(json!({ "city": "A" }))));
    assert_eq!(site.send(write.insert_header(("If-Match", tag.clone()))).await.status, 200);
}

#[actix_web::test]
async fn time_alone_moves_the_tag_of_who_has_a_zone_with_a_name_and_no_condition() {
    let site = with_rey(0).await;
    let before = site.get("juno_users/1").await;
    assert_eq!(before.assert_ok()["timezone"], 13 * 3600, "Auckland in January");
    let winter = 180 * 24 * 3600;
    site.app.clock.advance(winter);
    let after = site.get("juno_users/1").await;
    assert_eq!(after.assert_ok()["timezone"], 12 * 3600);
    assert_ne!(after.header("etag"), before.header("etag"));
    let write = request(Method::PATCH, "juno_users/1", Some(&user(json!({ "city": "A" }))));
    let tag = before.header("etag").expect("a tag").to_owned();
    assert_eq!(site.send(write.insert_header(("If-Match", tag))).await.status, 200);
}

#[actix_web::test]
async fn the_person_comes_along_for_who_asks() {
    let site = with_rey(0).await;
    for answer in [
        site.get("juno_users/1?include=user").await,
        site.as_rey(me(Method::GET, None)).await,
        site.as_rey(request(Method::GET, "juno_users/me?include=user&fields[users]=first_name", None)).await,
    ] {
        let document = answer.json();
        if let Some(included) = document.get("included") {
            assert_eq!((&included[0]["type"], &included[0]["id"]), (&json!("users"), &json!(REY)));
            assert_eq!(included[0]["attributes"]["first_name"], "Rey");
        }
    }
    let included = site.get("juno_users/1?include=user").await.json()["included"][0].clone();
    assert_eq!(included, site.app.get().await.json()["data"]);
    for bad in ["include=ce_records", "include=user.email_addresses", "include=dimensions"] {
        site.get(&format!("juno_users/1?{bad}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn who_is_to_be_a_user_of_juno_must_be_there_and_stays_who_he_is() {
    let site = Site::new();
    let mut rey = user(json!({ "first_name": "Rey", "email": "rey@example.com" }));
    let named = |id: &str| json!({ "user": { "data": { "type": "users", "id": id } } });
    rey["data"]["relationships"] = named("11111111-1111-4111-8111-111111111111");
    let answer = site.post("juno_users", &rey).await;
    answer.assert_refused(404, &["not_found"]);
    rey["data"]["relationships"] = named("nobody");
    site.post("juno_users", &rey).await.assert_refused(404, &["not_found"]);
    rey["data"]["relationships"] = json!({ "user": { "data": null } });
    site.post("juno_users", &rey).await.assert_refused(400, &["blank"]);
    rey["data"]["relationships"] = json!({ "user": { "data": { "type": "people", "id": REY } } });
    site.post("juno_users", &rey).await.assert_refused(409, &["type_conflict"]);
    rey["data"]["relationships"] = named(REY);
    assert_eq!(made(&site.post("juno_users", &rey).await), "1");
    site.post("juno_users", &rey).await.assert_refused(409, &["duplicate"]);
    let mut john = user(json!({}));
    john["data"]["relationships"] = named("11111111-1111-4111-8111-111111111111");
    let moved = site.patch("juno_users/1", &john).await;
    moved.assert_refused(403, &["read_only"]);
    assert_eq!(pointers(&moved), ["/data/relationships/user/data/id"]);
    john["data"]["relationships"] = json!({ "ce_records": { "data": [] } });
    site.patch("juno_users/1", &john).await.assert_refused(403, &["read_only"]);
}

#[actix_web::test]
async fn ids_are_the_servers_and_those_of_a_path_hold() {
    let site = with_john().await;
    let mut sent = user(least("b@example.com"));
    sent["data"]["id"] = "7".into();
    let answer = site.post("juno_users", &sent).await;
    answer.assert_refused(403, &["client_id_not_supported"]);
    assert_eq!(pointers(&answer), ["/data/id"]);
    site.patch("juno_users/1", &sent).await.assert_refused(409, &["id_conflict"]);
    sent["data"]["id"] = 1.into();
    site.patch("juno_users/1", &sent).await.assert_refused(400, &["invalid_document"]);
    for path in ["juno_users/0", "juno_users/01", "juno_users/x", "juno_users/-1"] {
        site.get(path).await.assert_refused(404, &["route_not_found"]);
    }
}

#[actix_web::test]
async fn who_is_deleted_is_gone_and_his_id_is_never_given_again() {
    let site = with_john().await;
    assert_eq!(site.delete("juno_users/1").await.status, 204);
    site.get("juno_users/1").await.assert_refused(404, &["not_found"]);
    site.set(json!({ "city": "x" })).await.assert_refused(404, &["not_found"]);
    site.delete("juno_users/1").await.assert_refused(404, &["not_found"]);
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
    assert_eq!(
        made(&site.post("juno_users", &user(least("john@example.com"))).await),
        "2",
        "the address is free"
    );
}

#[actix_web::test]
async fn a_write_that_is_repeated_under_its_key_is_done_once_in_either_form() {
    let site = Site::new();
    let flat = |email: &str| {
        let post = request(Method::POST, "juno_users", None).insert_header((CONTENT_TYPE, JSON));
        let post = post.insert_header((ACCEPT, JSON)).insert_header(("Idempotency-Key", "k1"));
        site.send(post.set_payload(least(email).to_string()))
    };
    let first = flat("a@example.com").await;
    let again = flat("a@example.com").await;
    assert_eq!((first.status, again.status, again.header("idempotent-replayed")), (201, 201, Some("true")));
    for header in ["etag", "location", "content-type"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
    assert_eq!((again.text(), again.header("content-type")), (first.text(), Some(JSON)));
    flat("b@example.com").await.assert_refused(422, &["key_reused"]);
    let document = || {
        let post = request(Method::POST, "juno_users", Some(&user(least("c@example.com"))));
        site.send(post.insert_header(("Idempotency-Key", "k2")))
    };
    let (first, again) = (document().await, document().await);
    assert_eq!((made(&again), again.text()), (made(&first), first.text()));
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 2);
}

#[actix_web::test]
async fn of_users_with_one_address_that_are_made_at_once_one_is() {
    let site = Site::new();
    let nodes: Vec<Site> =
        (0..3).map(|_| Site { app: site.app.second_node(), key: site.key.clone() }).collect();
    let spellings = ["john@example.com", "John@Example.com", "JOHN@EXAMPLE.COM"];
    let posts = nodes.iter().zip(spellings).flat_map(|(node, email)| {
        (0..3).map(move |_| async move { node.post("juno_users", &user(least(email))).await })
    });
    let answers = join_all(posts).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.assert_refused(409, &["email_taken"]);
        assert_eq!(pointers(refused), ["/data/attributes/email"]);
    }
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 1);
}

#[actix_web::test]
async fn what_is_taken_has_a_code_of_its_own_and_its_place() {
    let site = with_john().await;
    let guid = "735992af-c8a2-4cac-9072-5f1a29437e98";
    site.set(json!({ "client_id": "A1", "client_guid": guid, "username": "jmclane" })).await.assert_ok();
    made(&site.post("juno_users", &user(least("b@example.com"))).await);
    for (field, value, code) in [
        ("email", "JOHN@example.com", "email_taken"),
        ("client_id", "A1", "client_id_taken"),
        ("client_guid", "735992AFC8A24CAC90725F1A29437E98", "client_guid_taken"),
        ("username", "JMcLane", "username_taken"),
    ] {
        let document = site.patch("juno_users/2", &user(json!({ field: value }))).await;
        document.assert_refused(409, &[code]);
        assert_eq!(pointers(&document), [format!("/data/attributes/{field}")]);
        let flat = site.send_flat(Method::PATCH, "juno_users/2", &json!({ field: value })).await;
        flat.assert_refused(409, &[code]);
        assert_eq!(pointers(&flat), [format!("/{field}")]);
    }
    assert_eq!(
        site.patch("juno_users/2", &user(json!({ "client_id": "a1" }))).await.status,
        200,
        "its case is kept"
    );
}

#[actix_web::test]
async fn nothing_of_juno_is_shown_in_the_documents_of_users() {
    let site = with_rey(99).await;
    let before = site.app.get().await.json();
    site.set(json!({ "city": "x", "username": "rey", "client_id": "A1" })).await.assert_ok();
    let after = site.app.get().await.json();
    let names = |document: &Value, part: &str| -> Vec<String> {
        document["data"][part].as_object().expect("members").keys().cloned().collect()
    };
    for part in ["attributes", "relationships"] {
        assert_eq!(names(&after, part), names(&before, part));
    }
    assert!(!after.to_string().contains("juno"), "{after} at {USER}");
}
