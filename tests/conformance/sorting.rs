//! Sorting: K67 to K70.

use serde_json::json;

use super::{get, patch, read, urls, with_sites};
use crate::support::TestApp;
use crate::support::backend::sql;

/// Rey with the websites a, b and c, of which `a` was changed last.
async fn edited() -> TestApp {
    let app = with_sites(&["a", "b", "c"]).await;
    let first = read(&app, "user/websites?page[size]=1").await["data"][0].clone();
    app.clock.advance(60);
    let edit = json!({ "data": {
        "type": "websites", "id": first["id"], "attributes": { "primary": true, "overwrite": true },
    } });
    patch(&app, &format!("user/websites/{}", super::text(&first["id"])), &edit).await.assert_ok();
    app
}

#[actix_web::test]
async fn k067_a_sort_that_is_not_supported_is_400() {
    let app = TestApp::new();
    for path in [
        "user?sort=first_name",
        "user/websites?sort=url",
        "user/websites?sort=created_at,url",
        "user/websites?sort=",
        "user/relationships/websites?sort=id",
    ] {
        let answer = get(&app, path).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": "sort" }), "{path}");
    }
}

#[actix_web::test]
async fn k068_a_field_sorts_upwards_unless_it_has_a_minus() {
    let app = with_sites(&["a", "b", "c"]).await;
    assert_eq!(urls(&app, "sort=created_at").await, ["a", "b", "c"]);
    assert_eq!(urls(&app, "sort=-created_at").await, ["c", "b", "a"]);
}

#[actix_web::test]
async fn k069_several_fields_apply_in_their_order() {
    let app = edited().await;
    assert_eq!(urls(&app, "sort=updated_at,-created_at").await, ["b", "c", "a"]);
    assert_eq!(urls(&app, "sort=-created_at,updated_at").await, ["c", "b", "a"]);
    app.change(|connection| {
        use diesel::connection::SimpleConnection as _;
        connection.batch_execute(sql(
            "UPDATE websites SET created_at = 0",
            "UPDATE websites SET created_at = timestamp '1970-01-01'",
        ))
    });
    assert_eq!(urls(&app, "sort=created_at,-updated_at").await, ["a", "c", "b"]);
}

#[actix_web::test]
async fn k070_primary_data_follows_the_criteria() {
    let app = edited().await;
    assert_eq!(urls(&app, "sort=updated_at").await, ["b", "c", "a"]);
    assert_eq!(urls(&app, "sort=-updated_at").await, ["a", "c", "b"]);
}
