//! Query parameters: K80 to K86.

use serde_json::json;

use super::{get, read, text, urls, with_sites};
use crate::support::TestApp;

#[actix_web::test]
async fn k080_a_query_is_read_as_a_form() {
    let app = with_sites(&["a", "b"]).await;
    // `name nulls` is a criterion with a blank in it.
    assert_eq!(urls(&app, "sort=-created_at+nulls").await, ["b", "a"]);
    assert_eq!(urls(&app, "%73ort=%2Dcreated_at%20nulls").await, ["b", "a"]);
    get(&app, "user/websites?sort=-created_at%2Bnulls").await.assert_refused(400, &["invalid_parameter"]);
    assert_eq!(urls(&app, "page%5Bnumber%5D=2&page%5Bsize%5D=1").await, ["b"]);
}

#[actix_web::test]
async fn k081_a_parameter_that_is_unknown_or_ill_named_is_400() {
    let app = TestApp::new();
    for path in ["user", "users/me", "contacts/people/me", "user/websites", "user/relationships/websites"] {
        for parameter in ["foo", "Include", "fields", "filter", "-x", "x_", "", "a%2Bb"] {
            let answer = get(&app, &format!("{path}?{parameter}=1")).await;
            answer.assert_refused(400, &["invalid_parameter"]);
            let named = answer.error()["source"]["parameter"].clone();
            assert_eq!(named, parameter.replace("%2B", "+"), "{path}");
        }
    }
}

#[actix_web::test]
async fn k082_only_since_has_a_name_of_small_letters_alone() {
    let app = with_sites(&["a", "b"]).await;
    assert_eq!(get(&app, "user/changes?since=1").await.status, 200);
    assert_eq!(urls(&app, "per_page=1").await, ["a"], "the only one");
    for name in ["perpage", "per", "size", "limit", "offset", "number", "order", "search", "since", "q"] {
        let answer = get(&app, &format!("user/websites?{name}=1")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn k084_families_have_their_syntax() {
    let app = TestApp::new();
    // A single resource takes any well-formed name of the family.
    for name in ["page", "page[]", "page[number]", "page[a.b]", "page[a][b]", "page[\u{e4}]", "page[a-b]"] {
        assert_eq!(get(&app, &format!("user?{}=1", encoded(name))).await.status, 200, "{name}");
    }
    for name in [
        "page[_]",
        "page[a",
        "page]",
        "page[a]b",
        "page[a..b]",
        "page[.a]",
        "page[a][_]",
        "page[-]",
        "page[a+b]",
        "page[[a]]",
        "filter[_]",
    ] {
        let answer = get(&app, &format!("user?{}=1", encoded(name))).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": name }));
    }
}

fn encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

#[actix_web::test]
async fn k085_brackets_mean_the_same_encoded_or_not() {
    let app = with_sites(&["a", "b", "c"]).await;
    let plain = get(&app, "user/websites?page[size]=1&fields[websites]=url").await;
    let escaped = get(&app, "user/websites?page%5bsize%5D=1&fields%5Bwebsites%5D=url").await;
    assert_eq!((plain.status, plain.text()), (200, escaped.text()));
    assert_eq!(plain.json()["data"][0]["attributes"], json!({ "url": "a" }));
}

#[actix_web::test]
async fn k086_names_in_links_are_percent_encoded() {
    let app = with_sites(&["a", "b", "c"]).await;
    let list = read(&app, "user/websites?page[size]=1&page[number]=2&fields[websites]=url").await;
    for name in ["self", "first", "prev", "next", "last"] {
        let link = text(&list["links"][name]);
        assert!(!link.contains(['[', ']']), "{link}");
        assert!(link.contains("page%5Bnumber%5D=") && link.contains("fields%5Bwebsites%5D=url"), "{link}");
    }
}
