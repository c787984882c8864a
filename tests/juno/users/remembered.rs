//! What is written by JUNO's routes is seen at once by MPDX, also where it was remembered with everything included.

use serde_json::json;

use super::Users;
use crate::support::full::Full;

#[actix_web::test]
async fn a_write_by_junos_routes_is_seen_at_once_in_a_remembered_document() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let mut full = Full::of(&users.app);
    full.assert_changed("nothing yet").await;
    for fields in [
        json!({ "first_name": "Kira" }),
        json!({ "email": "kira@example.com" }),
        json!({ "timezone": -25200 }),
    ] {
        users.set(rey, &fields);
        full.assert_changed(&fields.to_string()).await;
    }
}
