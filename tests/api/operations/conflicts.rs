//! What a queue is judged against, and what its refusal tells.

use actix_web::http::header::IF_MATCH;
use serde_json::{Value, json};

use super::{EMAIL, SITE, add_site, edit, operate, remove, request, second, update_site};
use crate::support::TestApp;
use crate::support::app::STAMP;

#[actix_web::test]
async fn a_conflict_tells_what_others_changed_and_not_what_the_operations_before_did() {
    let app = TestApp::new();
    app.clock.advance(5);
    app.put(json!({ "employer": "Cru", "gender": "female", "overwrite": true })).await.assert_ok();
    let operations = json!([
        edit(json!({ "employer": "Mine", "overwrite": true })),
        edit(json!({ "employer": "Cru", "gender": "male", "updated_in_db_at": STAMP })),
    ]);
    let answer = operate(&app, operations).await;
    answer.assert_refused(409, &["stale"]);
    let meta = &answer.error()["meta"];
    let avatar = "https://mpdx.org/images/avatar_f.png";
    assert_eq!(meta["changed"], json!({ "avatar": avatar, "employer": "Cru", "gender": "female" }));
    assert_eq!(meta["conflicting"], json!(["employer", "gender"]));
    assert_eq!(meta["updated_in_db_at"], second(5));
}

#[actix_web::test]
async fn a_merge_in_a_queue_is_judged_against_what_others_changed() {
    let app = TestApp::new();
    app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.assert_ok();
    let merging = |attributes: Value| {
        let mut operation = edit(attributes);
        operation["data"]["meta"] = json!({ "on_conflict": "merge" });
        operation
    };
    // The second operation sets what the first one set: its own device's, not others'.
    let operations = json!([
        merging(json!({ "gender": "male", "updated_in_db_at": STAMP })),
        merging(json!({ "gender": "female", "updated_in_db_at": STAMP })),
    ]);
    let answer = operate(&app, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for result in answer.json()["atomic:results"].as_array().expect("results") {
        assert_eq!(result["meta"], json!({ "merged": ["employer"] }));
        assert_eq!(result["data"]["attributes"]["gender"], "female");
    }
    let answer =
        operate(&app, json!([merging(json!({ "employer": "JUNO", "updated_in_db_at": STAMP }))])).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!(["employer"]));
}

#[actix_web::test]
async fn if_match_guards_the_whole_and_names_the_base_of_every_operation() {
    let app = TestApp::new();
    let tag = app.get().await.header("etag").expect("a tag").to_owned();
    let operations = json!([
        edit(json!({ "first_name": "Jack" })),
        add_site(SITE, "https://a.example"),
        json!({ "op": "update", "data": {
            "type": "email_addresses", "id": EMAIL, "attributes": { "email": "jack@example.com" } } }),
    ]);
    let send = || app.send(request(&operations).insert_header((IF_MATCH, tag.clone())));
    let answer = send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = send().await;
    answer.assert_refused(412, &["precondition_failed"]);
    let error = answer.error();
    assert_eq!(error["source"], json!({ "header": "If-Match" }));
    assert_eq!(error["meta"]["changed"]["first_name"], "Jack");
    assert_eq!(error["meta"]["changed"][format!("websites/{SITE}")]["url"], "https://a.example");
    // It would have set nothing that is not so already, but for the row, which is there.
    assert_eq!(error["meta"]["conflicting"], json!([]));
    // A stamp that is sent is compared all the same.
    let tag = app.get().await.header("etag").expect("a tag").to_owned();
    let operations = json!([edit(json!({ "first_name": "Joe", "updated_in_db_at": STAMP }))]);
    let answer = app.send(request(&operations).insert_header((IF_MATCH, tag))).await;
    answer.assert_refused(409, &["stale"]);
}

#[actix_web::test]
async fn a_removal_honours_a_stamp_and_its_id_is_never_used_again() {
    let app = TestApp::new();
    let mut stale = remove("email_addresses", EMAIL);
    stale["data"] = json!({ "attributes": { "updated_in_db_at": second(-1) } });
    let answer = operate(&app, json!([stale])).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["source"]["pointer"], "/atomic:operations/0/data/attributes/updated_in_db_at");
    let add = json!({ "op": "add", "data": {
        "type": "email_addresses", "id": EMAIL, "attributes": { "email": "new@example.com" } } });
    let answer = operate(&app, json!([remove("email_addresses", EMAIL), add])).await;
    answer.assert_refused(409, &["deleted"]);
    let twice = json!([remove("email_addresses", EMAIL), remove("email_addresses", EMAIL)]);
    operate(&app, twice).await.assert_refused(404, &["not_found"]);
    let mut current = remove("email_addresses", EMAIL);
    current["data"] = json!({ "attributes": { "updated_in_db_at": STAMP } });
    assert_eq!(operate(&app, json!([current])).await.json()["atomic:results"], json!([{}]));
}

#[actix_web::test]
async fn a_nested_row_is_told_what_others_did_and_not_what_the_operations_before_did() {
    let app = TestApp::new();
    operate(&app, json!([add_site(SITE, "https://a.example")])).await;
    app.clock.advance(5);
    operate(&app, json!([update_site(SITE, json!({ "url": "https://others.example", "overwrite": true }))]))
        .await;
    let mut nested = edit(json!({ "updated_in_db_at": app.stamp().await }));
    nested["data"]["relationships"] = json!({ "websites": { "data": [{ "type": "websites", "id": SITE,
        "attributes": { "updated_in_db_at": second(1), "primary": true } }] } });
    let mine = update_site(SITE, json!({ "url": "https://mine.example", "overwrite": true }));
    let answer = operate(&app, json!([mine, nested])).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["changed"], json!({ "url": "https://others.example" }));
}
