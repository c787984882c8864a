//! What a site defines goes along in a copy, and what a copy would overwrite keeps it from being made.

use serde_json::json;
use steward::db::copy::{CopyError, copy};

use super::{Site, document, made};
use crate::support::Place;

#[actix_web::test]
async fn a_copy_has_the_definitions_as_they_were_changed_and_goes_on_with_their_ids() {
    let site = Site::new();
    let change = document("dimensions", json!({ "name": "Town", "locked": true }));
    site.patch("dimensions/13", &change).await.assert_ok();
    for name in ["A", "B"] {
        made(&site.post("dimensions", &document("dimensions", json!({ "name": name }))).await);
    }
    assert_eq!(site.delete("dimensions/1001").await.status, 204);
    made(&site.post("tag_types", &document("tag_types", json!({ "name": "Session" }))).await);
    let target = Place::migrated();
    let copied = copy(&site.app.place.target(), &target.target(), |_, _| {}).expect("a copy");
    let rows = |name: &str| copied.iter().find(|one| one.table == name).expect("a table").rows;
    assert_eq!((rows("dimensions"), rows("tag_types"), rows("counters"), rows("api_keys")), (15, 2, 4, 1));
    let there = site.app.on_another_place(target);
    let there = Site { app: there, key: site.key.clone() };
    for path in ["dimensions", "tag_types", "dimensions/13"] {
        assert_eq!(there.get(path).await.text(), site.get(path).await.text());
    }
    let next = there.post("dimensions", &document("dimensions", json!({ "name": "C" }))).await;
    assert_eq!(made(&next), "1002", "the id of what was deleted is not given again");
}

#[actix_web::test]
async fn a_target_whose_definitions_were_changed_is_not_empty() {
    let source = Place::migrated();
    for (write, path, attributes) in [
        ("POST", "dimensions", json!({ "name": "A" })),
        ("PATCH", "dimensions/13", json!({ "name": "Town" })),
        ("POST", "tag_types", json!({ "name": "Session" })),
    ] {
        let target = Site::new();
        let kind = path.split('/').next().expect("a kind");
        let request =
            super::request(write.parse().expect("a method"), path, Some(&document(kind, attributes)));
        assert!(target.send(request).await.status < 300);
        target.app.change(|connection| {
            use diesel::connection::SimpleConnection as _;
            let emptied = [
                "api_keys",
                "account_list_users",
                "account_lists",
                "email_addresses",
                "people",
                "master_people",
            ];
            emptied.iter().try_for_each(|table| connection.batch_execute(&format!("DELETE FROM {table}")))
        });
        let refused =
            copy(&source.target(), &target.app.place.target(), |_, _| {}).expect_err("it is not empty");
        assert!(matches!(refused, CopyError::NotEmpty("counters" | "dimensions")), "{path}: {refused}");
    }
}
