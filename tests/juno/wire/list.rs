//! Lists of users of JUNO (`juno.md` 2.2).

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{user, with_rey};
use crate::juno::{Site, ids, made, request};

/// Three users, each made a minute after the one before.
async fn with_three() -> Site {
    let site = Site::new();
    for attributes in [
        json!({ "first_name": "John", "last_name": "McLane", "email": "John@Example.com", "client_id": "A1",
                "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98", "username": "JMcLane" }),
        json!({ "first_name": "Holly", "last_name": "Gennaro", "email": "holly@example.com", "client_id": "a1",
                "account_level": 99 }),
        json!({ "first_name": "Argyle", "email": "argyle@example.com", "client_id": "7", "banned": true }),
    ] {
        made(&site.post("juno_users", &user(attributes)).await);
        site.app.clock.advance(60);
    }
    site
}

/// The day and the time at which a user was last changed.
async fn updated(site: &Site, id: &str) -> (String, String) {
    let shown = site.get(&format!("juno_users/{id}")).await.assert_ok();
    let (date, time) = shown["date_updated"].as_str().expect("a time").split_once('T').expect("two parts");
    (date.to_owned(), time.trim_end_matches('Z').to_owned())
}

async fn listed(site: &Site, query: &str) -> Vec<String> {
    ids(&site.get(&format!("juno_users?{query}")).await)
}

#[actix_web::test]
async fn users_are_found_by_what_no_two_share() {
    let site = with_three().await;
    for (query, expected) in [
        ("filter[email]=john@example.com", &["1"][..]),
        ("filter[email]=HOLLY@example.COM", &["2"]),
        ("filter[email]=nobody@example.com", &[]),
        ("filter[client_id]=A1", &["1"]),
        ("filter[client_id]=a1", &["2"]),
        ("filter[client_id]=A1,7", &["1", "3"]),
        ("filter[client_guid]={735992AF-C8A2-4CAC-9072-5F1A29437E98}", &["1"]),
        ("filter[client_guid]=735992af", &[]),
        ("filter[username]=jmclane", &["1"]),
        ("filter[username]=mclane", &[]),
    ] {
        assert_eq!(listed(&site, query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn users_are_found_by_ban_level_and_tag_and_all_filters_hold() {
    let site = with_three().await;
    site.tag("Main Stage", "2").await;
    let tag = json!({ "data": [{ "type": "tags", "id": "1" }] });
    for id in ["1", "2"] {
        let path = format!("juno_users/{id}/relationships/tags");
        assert_eq!(site.send(request(Method::POST, &path, Some(&tag))).await.status, 200);
    }
    for (query, expected) in [
        ("filter[banned]=true", &["3"][..]),
        ("filter[banned]=false", &["1", "2"]),
        ("filter[account_level]=99", &["2"]),
        ("filter[account_level]=0", &["1", "3"]),
        ("filter[account_level]=full", &[]),
        ("filter[tag]=1", &["1", "2"]),
        ("filter[tag]=2", &[]),
        ("filter[tag]=x", &[]),
        ("filter[tag]=1&filter[account_level]=99", &["2"]),
        ("filter[tag]=1&filter[banned]=true", &[]),
    ] {
        assert_eq!(listed(&site, query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn users_are_found_by_when_they_were_changed_in_any_spelling_of_a_time() {
    let site = with_three().await;
    let (date, time) = updated(&site, "2").await;
    let (_, last) = updated(&site, "3").await;
    let hours: u8 = time[..2].parse().expect("hours");
    for (since, expected) in [
        (date.clone(), &["1", "2", "3"][..]),
        ("2022-01-13".to_owned(), &[]),
        (format!("{date}T{hours}"), &["1", "2", "3"]),
        (format!("{date}T{}", hours + 1), &[]),
        (format!("{date}T{}", &time[..5]), &["2", "3"]),
        (format!("{date} {}", &time[..5]), &["2", "3"]),
        (format!("{date}T{time}"), &["2", "3"]),
        (format!("{date} {time}"), &["2", "3"]),
        (format!("{date}T{time}.999"), &["2", "3"]),
        (format!("{date}T{time}Z"), &["2", "3"]),
        (format!("{date}T{}{}%2B01:00", hours + 1, &time[2..]), &["2", "3"]),
        (format!("{date}T{}{}-05:00", hours - 5, &last[2..]), &["3"]),
        (format!("{date}T{last}"), &["3"]),
        ("1900-01-01T00:00:00".to_owned(), &["1", "2", "3"]),
    ] {
        let query = format!("filter[updated_since]={}", since.replace(' ', "%20"));
        assert_eq!(listed(&site, &query).await, expected, "{since}");
    }
    for bad in
        ["yesterday", "2022-13-01", "2022-1-2", "2022-01-12T25", "2022-01-12T17:19:09+0100", "", "20220112"]
    {
        let answer = site.get(&format!("juno_users?filter[updated_since]={bad}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"]["parameter"], "filter[updated_since]");
    }
}

#[actix_web::test]
async fn what_mpdx_changes_of_a_person_counts_as_a_change_of_the_user() {
    let site = with_rey(0).await;
    site.app.clock.advance(1800);
    assert_eq!(listed(&site, "filter[updated_since]=2022-01-12T17:30").await, Vec::<String>::new());
    site.app.put(json!({ "employer": "Resistance", "overwrite": true })).await.assert_ok();
    assert_eq!(listed(&site, "filter[updated_since]=2022-01-12T17:30").await, ["1"]);
    let shown = site.shown().await;
    assert_eq!(
        (&shown["company"], &shown["date_updated"]),
        (&json!("Resistance"), &json!("2022-01-12T17:48:09Z"))
    );
}

#[actix_web::test]
async fn users_are_sorted_as_asked_for_those_without_a_name_last() {
    let site = with_three().await;
    site.app.clock.advance(60);
    site.set(json!({ "city": "New York" })).await.assert_ok();
    for (query, expected) in [
        ("", ["1", "2", "3"]),
        ("sort=id", ["1", "2", "3"]),
        ("sort=-id", ["3", "2", "1"]),
        ("sort=date_updated", ["2", "3", "1"]),
        ("sort=-date_updated", ["1", "3", "2"]),
        ("sort=last_name", ["2", "1", "3"]),
        ("sort=-last_name", ["1", "2", "3"]),
        ("sort=last_name nulls", ["3", "2", "1"]),
        ("sort=-last_name,id", ["1", "2", "3"]),
    ] {
        assert_eq!(listed(&site, &query.replace(' ', "%20")).await, expected, "{query}");
    }
    site.get("juno_users?sort=email").await.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn lists_are_cut_into_pages_with_every_link_the_total_and_a_tag() {
    let site = with_three().await;
    let page = site.get("juno_users?page[size]=1&page[number]=2&sort=-id").await;
    assert_eq!((ids(&page), &page.json()["meta"]["total"]), (vec!["2".to_owned()], &json!(3)));
    let link = |n: u8| json!(format!("/api/v2/juno_users?sort=-id&page%5Bnumber%5D={n}&page%5Bsize%5D=1"));
    for (name, number) in [("first", 1), ("prev", 1), ("next", 3), ("last", 3)] {
        assert_eq!(page.json()["links"][name], link(number), "{name}");
    }
    let known = page.header("etag").expect("a tag").to_owned();
    let again = request(Method::GET, "juno_users?page[size]=1&page[number]=2&sort=-id", None);
    assert_eq!(site.send(again.insert_header(("If-None-Match", known))).await.status, 304);
    for bad in [
        "page[size]=101",
        "filter[banned]=1",
        "filter[city]=x",
        "filter[account_list_id]=x",
        "include=user",
        "include=ce_records",
        "x=1",
    ] {
        site.get(&format!("juno_users?{bad}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn so_many_ids_are_looked_for_at_once_and_no_more() {
    let site = with_three().await;
    let filter = |n: usize| format!("filter[client_id]=A1{}", ",7".repeat(n));
    assert_eq!(listed(&site, &filter(999)).await, ["1", "3"]);
    let answer = site.get(&format!("juno_users?{}", filter(1000))).await;
    answer.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn what_is_included_in_a_list_comes_once() {
    let site = with_three().await;
    site.tag("Main Stage", "2").await;
    site.dimension(json!({ "name": "Medical School" })).await;
    for id in ["1", "2"] {
        let body = json!({ "tags": [{ "id": 1 }], "dimensions": [{ "id": 1000, "value": "UCLA" }] });
        assert_eq!(site.send_flat(Method::PUT, &format!("juno_users/{id}"), &body).await.status, 200);
    }
    let include = "include=tags.tag_type,dimension_values.dimension&fields[juno_users]=tags,dimension_values";
    let list = site.get(&format!("juno_users?{include}")).await.json();
    let named: Vec<Value> =
        list["included"].as_array().expect("resources").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(named, ["1", "2", "1-1000", "2-1000", "1000"]);
    assert_eq!(list["included"][0]["type"], "tags");
    assert_eq!(list["included"][1]["type"], "tag_types");
    assert!(list["data"][0].get("attributes").is_none(), "sparse: {}", list["data"][0]);
}

#[actix_web::test]
async fn only_who_administers_the_site_is_shown_all() {
    let site = with_rey(0).await;
    site.as_rey(request(Method::GET, "juno_users", None)).await.assert_refused(403, &["forbidden"]);
    site.set(json!({ "account_level": 99 })).await.assert_ok();
    assert_eq!(ids(&site.as_rey(request(Method::GET, "juno_users", None)).await), ["1"]);
    site.set(json!({ "banned": true })).await.assert_ok();
    site.as_rey(request(Method::GET, "juno_users", None)).await.assert_refused(403, &["user_banned"]);
}
