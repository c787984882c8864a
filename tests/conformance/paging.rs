//! Pagination and filtering: K71 to K79.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use super::{get, names, read, text, urls, with_sites};
use crate::support::TestApp;
use crate::support::backend::many_websites;

#[actix_web::test]
async fn k071_the_links_of_a_page_stand_beside_the_list() {
    let app = with_sites(&["a", "b"]).await;
    let list = read(&app, "user/websites?page[size]=1").await;
    assert!(list["links"]["next"].is_string(), "{list}");
    assert!(list["data"].as_array().expect("rows").iter().all(|row| row.get("links").is_none()));
}

#[actix_web::test]
async fn k072_the_links_are_called_first_last_prev_and_next() {
    let app = with_sites(&["a", "b", "c"]).await;
    let list = read(&app, "user/websites?page[size]=1&page[number]=2").await;
    let links = names(&list["links"]).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(links, BTreeSet::from(["self", "first", "prev", "next", "last"]));
    for (name, url) in [("first", "a"), ("prev", "a"), ("next", "c"), ("last", "c")] {
        let page = app.send(TestRequest::get().uri(text(&list["links"][name]))).await.json();
        assert_eq!(page["data"][0]["attributes"]["url"], url, "{name}");
    }
}

#[actix_web::test]
async fn k073_a_link_that_leads_nowhere_is_null() {
    let app = with_sites(&["a", "b"]).await;
    let first = read(&app, "user/websites?page[size]=1").await["links"].clone();
    assert!(first["prev"].is_null() && first["next"].is_string(), "{first}");
    let last = read(&app, "user/websites?page[size]=1&page[number]=2").await["links"].clone();
    assert!(last["next"].is_null() && last["prev"].is_string(), "{last}");
}

#[actix_web::test]
async fn k074_the_order_of_pages_is_that_of_the_sort() {
    let app = with_sites(&["a", "b", "c", "d", "e"]).await;
    let mut seen = Vec::new();
    let mut next = json!("/api/v2/user/websites?sort=-created_at&page[size]=2");
    while let Value::String(url) = next {
        let page = app.send(TestRequest::get().uri(&url)).await.json();
        let rows = page["data"].as_array().expect("rows").clone();
        seen.extend(rows.iter().map(|row| text(&row["attributes"]["url"]).to_owned()));
        next = page["links"]["next"].clone();
    }
    assert_eq!(seen, ["e", "d", "c", "b", "a"]);
}

#[actix_web::test]
async fn k075_pages_are_asked_for_by_the_page_family() {
    let app = with_sites(&["a", "b", "c"]).await;
    assert_eq!(urls(&app, "page[number]=2&page[size]=1").await, ["b"]);
    assert_eq!(urls(&app, "page[number]=2&page[size]=2").await, ["c"]);
    get(&app, "user/websites?page[limit]=1").await.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn k076_rows_of_one_time_are_ordered_by_their_ids() {
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute(&many_websites("Rey", 20)));
    let app = app.second_node();
    for sort in ["created_at", "-created_at", "updated_at,-created_at"] {
        let mut ids = Vec::new();
        for page in 1..=7 {
            let query = format!("sort={sort}&page[size]=3&page[number]={page}");
            let list = read(&app, &format!("user/websites?{query}")).await;
            ids.extend(list["data"].as_array().expect("rows").iter().map(|row| text(&row["id"]).to_owned()));
        }
        assert_eq!(ids.len(), 20);
        assert!(ids.is_sorted_by(|a, b| a < b), "{sort}: {ids:?}");
    }
}

#[actix_web::test]
async fn k077_a_size_that_is_no_positive_integer_or_too_large_is_400() {
    let app = TestApp::new();
    for size in ["0", "-1", "x", "1.5", "", "%2B1"] {
        let answer = get(&app, &format!("user/websites?page[size]={size}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": "page[size]" }), "{size}");
        assert_eq!(answer.error().get("meta"), None, "{size}");
    }
    let answer = get(&app, "user/websites?page[size]=10001").await;
    answer.assert_refused(400, &["invalid_parameter"]);
    assert_eq!(answer.error()["source"], json!({ "parameter": "page[size]" }));
    assert_eq!(answer.error()["meta"], json!({ "page": { "maxSize": 10000 } }));
    assert_eq!(get(&app, "user/websites?page[size]=10000").await.status, 200);
}

#[actix_web::test]
async fn k079_filters_are_of_the_filter_family() {
    let app = with_sites(&["a", "b", "c"]).await;
    let range = "2022-01-12T17:20:00Z..2022-01-12T17:20:30Z";
    assert_eq!(urls(&app, &format!("filter[updated_at]={range}")).await, ["b"]);
    get(&app, &format!("user/websites?updated_at={range}")).await.assert_refused(400, &["invalid_parameter"]);
}
