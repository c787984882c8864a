//! Sort and filters of lists, and what list documents tell of them (`mpdx-behaviour.md` 3.7; design 2, decisions 1 and
//! 14; design 9).

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::app::ACCOUNT_LIST;
use crate::support::{Answer, TestApp};

const SITES: &str = "/api/v2/user/websites";

/// Rey with the websites a, b and c, made a minute after each other from 17:19:09 on. Her tablet says that `a` was edited
/// in 2030, which moved its stamp to 17:22:09.
async fn with_sites() -> TestApp {
    let app = TestApp::new();
    let mut first = String::new();
    for url in ["a", "b", "c"] {
        app.clock.advance(60);
        let site = json!({ "data": { "type": "websites", "attributes": { "url": url } } });
        let made = app.call(Method::POST, SITES, Some(&site)).await.json();
        if url == "a" {
            made["data"]["id"].as_str().expect("an id").clone_into(&mut first);
        }
    }
    app.clock.advance(60);
    let attributes = json!({ "primary": true, "updated_at": "2030-01-01T00:00:00Z", "overwrite": true });
    let edit = json!({ "data": { "type": "websites", "id": first, "attributes": attributes } });
    app.call(Method::PUT, &format!("{SITES}/{first}"), Some(&edit)).await.assert_ok();
    app
}

async fn list(app: &TestApp, query: &str) -> Answer {
    app.call(Method::GET, &format!("{SITES}?{query}"), None).await
}

fn urls(answer: &Answer) -> String {
    let rows = answer.json()["data"].as_array().unwrap_or_else(|| panic!("{}", answer.text())).clone();
    rows.iter().map(|row| row["attributes"]["url"].as_str().expect("a URL").to_owned()).collect()
}

#[actix_web::test]
async fn a_list_tells_its_pages_its_sort_and_its_filters() {
    let app = with_sites().await;
    let pagination = json!({ "page": 1, "per_page": 25, "total_count": 3, "total_pages": 1 });
    let plain = json!({ "pagination": pagination, "sort": null, "filter": {} });
    assert_eq!(list(&app, "").await.json()["meta"], plain);
    let filters = format!("filter[updated_at]=2022-01-12&filter%5Baccount_list_id%5D={ACCOUNT_LIST}");
    let meta =
        list(&app, &format!("sort=-updated_at+-nulls,created_at&{filters}")).await.json()["meta"].clone();
    assert_eq!(meta["sort"], "-updated_at -nulls,created_at");
    assert_eq!(meta["filter"], json!({ "updated_at": "2022-01-12", "account_list_id": ACCOUNT_LIST }));
    let lists = app.call(Method::GET, "/api/v2/user/account_lists?sort=name+nulls", None).await.json();
    assert_eq!((&lists["meta"]["sort"], &lists["meta"]["filter"]), (&json!("name nulls"), &json!({})));
    let one = app.call(Method::GET, "/api/v2/user?filter[account_list_id]=", None).await.json();
    assert_eq!(one.get("meta"), None, "a single resource tells nothing of it");
}

#[actix_web::test]
async fn the_filter_updated_at_matches_the_stamp_and_sort_the_clients_time() {
    let app = with_sites().await;
    assert_eq!(urls(&list(&app, "filter[updated_at]=2022-01-12T17:22:09Z").await), "a");
    assert_eq!(urls(&list(&app, "filter[updated_at]=2030-01-01").await), "");
    assert_eq!(urls(&list(&app, "sort=-updated_at,created_at").await), "acb");
}

#[actix_web::test]
async fn two_dots_take_the_end_in_and_three_leave_it_out() {
    let app = with_sites().await;
    let between = async |dots: &str| {
        let query = format!("filter[updated_at]=2022-01-12T17:20:09Z{dots}2022-01-12T17:21:09Z");
        urls(&list(&app, &query).await)
    };
    assert_eq!((between("..").await.as_str(), between("...").await.as_str()), ("bc", "b"));
    assert_eq!(urls(&list(&app, "filter[updated_at]=2022-01-12").await), "abc");
    assert_eq!(urls(&list(&app, "filter[updated_at]=2022-01-01..2022-01-11").await), "");
    assert_eq!(urls(&list(&app, "filter[updated_at]=2022-01-11...2022-01-12").await), "");
    assert_eq!(urls(&list(&app, "filter[updated_at]=2022-01-12T17:21:09Z..2022-01-13").await), "ac");
}

#[actix_web::test]
async fn faults_of_sort_and_filters_are_told_in_the_originals_words() {
    let app = with_sites().await;
    for (query, parameter, detail) in [
        ("sort=id", "sort", "Sorting by id is not supported for this endpoint."),
        ("sort=url,-id,name", "sort", "Sorting by url, id, and name is not supported for this endpoint."),
        ("sort=created_at+first", "sort", "Bad format for sort param."),
        ("sort=", "sort", "Bad format for sort param."),
        (
            "filter[updated_at]=yesterday",
            "filter[updated_at]",
            "Wrong format of date range for filter 'updated_at', should follow 'YYYY-MM-DD...YYYY-MM-DD' for dates and \
             'YYYY-MM-DDThh:mm:ssZ...YYYY-MM-DDThh:mm:ssZ' for datetimes",
        ),
        ("filter[url]=a", "filter[url]", "The query parameter `filter[url]` is not known here."),
        (
            "filter[account_list_id]=x",
            "filter[account_list_id]",
            "Resource 'AccountList' with id 'x' does not exist.",
        ),
    ] {
        let answer = list(&app, query).await;
        let status = if query.contains("account_list") { 404 } else { 400 };
        let error = answer.error();
        assert_eq!((answer.status, &error["detail"]), (status, &json!(detail)), "{query}");
        assert_eq!(error["source"], json!({ "parameter": parameter }), "{query}");
    }
}

#[actix_web::test]
async fn several_fields_sort_in_their_order_though_the_original_takes_one() {
    let app = with_sites().await;
    let answer = list(&app, "sort=-created_at,updated_at").await;
    assert_eq!((answer.status, urls(&answer).as_str()), (200, "cba"));
    assert_eq!(answer.json()["meta"]["sort"], "-created_at,updated_at");
    assert_eq!(list(&app, "sort=created_at+nulls").await.json()["data"].as_array().map(Vec::len), Some(3));
    assert_ne!(answer.json()["links"]["self"], Value::Null);
}
