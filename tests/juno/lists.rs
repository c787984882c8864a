//! Lists of what a site defines, shown by those of dimensions.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{Site, document, ids, made, request};

fn named(name: &str) -> Value {
    document("dimensions", json!({ "name": name }))
}

#[actix_web::test]
async fn lists_are_cut_into_pages_with_every_link_and_the_total() {
    let site = Site::new();
    let page = site.get("dimensions?page[size]=5&page[number]=2").await;
    assert_eq!(ids(&page), ["8", "10", "11", "12", "13"]);
    let told = page.json();
    assert_eq!(told["meta"]["total"], 14);
    let link = |number: u8| json!(format!("/api/v2/dimensions?page%5Bnumber%5D={number}&page%5Bsize%5D=5"));
    for (name, number) in [("first", 1), ("prev", 1), ("next", 3), ("last", 3)] {
        assert_eq!(told["links"][name], link(number), "{name}");
    }
    let only = site.get("dimensions").await.json();
    assert_eq!(only["meta"]["pagination"]["per_page"], 25);
    assert!(only["links"]["prev"].is_null() && only["links"]["next"].is_null(), "{}", only["links"]);
    assert!(only["links"].as_object().expect("links").contains_key("prev"));
    let none = site.get("dimensions?filter[name]=nothing").await.json();
    assert_eq!((&none["data"], &none["meta"]["total"]), (&json!([]), &json!(0)));
    for bad in ["page[size]=101", "per_page=101", "page[size]=0", "page[number]=0"] {
        let answer = site.get(&format!("dimensions?{bad}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"]["parameter"], bad.split('=').next().expect("a name"));
    }
    let tag = site.get("dimensions").await.header("etag").expect("a tag").to_owned();
    let known = request(Method::GET, "dimensions", None).insert_header(("If-None-Match", tag.as_str()));
    assert_eq!(site.send(known).await.status, 304);
}

#[actix_web::test]
async fn lists_are_sorted_and_filtered_as_asked_for_and_in_no_other_way() {
    let site = Site::new();
    for name in ["zebra", "Apple", "éclair"] {
        made(&site.post("dimensions", &named(name)).await);
    }
    let custom = |query: &str| format!("dimensions?filter[system]=false{query}");
    assert_eq!(ids(&site.get(&custom("")).await), ["1000", "1001", "1002"]);
    assert_eq!(ids(&site.get(&custom("&sort=-id")).await), ["1002", "1001", "1000"]);
    assert_eq!(ids(&site.get(&custom("&sort=name")).await), ["1001", "1000", "1002"]);
    assert_eq!(ids(&site.get(&custom("&sort=-name,id")).await), ["1002", "1000", "1001"]);
    assert_eq!(ids(&site.get("dimensions?filter[name]=aPPLE").await), ["1001"]);
    assert_eq!(ids(&site.get("dimensions?filter[key]=phone").await), ["5"]);
    site.patch("dimensions/1002", &document("dimensions", json!({ "active": false, "locked": true })))
        .await
        .assert_ok();
    assert_eq!(ids(&site.get("dimensions?filter[active]=false").await), ["1002"]);
    assert_eq!(
        ids(&site.get("dimensions?filter[locked]=true&filter[active]=true").await),
        Vec::<String>::new()
    );
    let sparse = site.get("dimensions/1000?fields[dimensions]=name").await;
    assert_eq!(sparse.json()["data"]["attributes"], json!({ "name": "zebra" }));
    for bad in [
        "sort=key",
        "filter[maps_to]=x",
        "filter[active]=1",
        "filter[account_list_id]=x",
        "include=user",
        "x=1",
        "filter[updated_at]=2022-01-01",
    ] {
        site.get(&format!("dimensions?{bad}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}
