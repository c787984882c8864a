//! What lists ask of the database.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::json;
use steward::auth::api_keys::X_API_KEY;

use super::log::{Logged, Statement};
use crate::support::TestApp;
use crate::support::app::JSON_API;
use crate::support::backend::only_on_postgres;

#[actix_web::test]
async fn a_longer_list_of_users_of_juno_takes_no_more_statements() {
    only_on_postgres!();
    let app = TestApp::new();
    let key = app.api_key("importer");
    for name in ["a", "b", "c"] {
        let attributes = json!({ "first_name": name, "email": format!("{name}@example.com"), "city": name });
        let document = json!({ "data": { "type": "juno_users", "attributes": attributes } });
        let request = TestRequest::with_uri("/api/v2/juno_users").method(Method::POST);
        let request =
            request.insert_header((CONTENT_TYPE, JSON_API)).insert_header((X_API_KEY, key.as_str()));
        let made = app.send_as(None, request.set_payload(document.to_string())).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    let mut node = Logged::node(&app);
    let mut counts = Vec::new();
    for size in [1, 3] {
        let path =
            format!("/api/v2/juno_users?page[size]={size}&include=tags.tag_type,dimension_values.dimension");
        let request = TestRequest::get().uri(&path).insert_header((X_API_KEY, key.as_str()));
        let list = node.app.send_as(None, request).await;
        assert_eq!(list.json()["data"].as_array().map(Vec::len), Some(size), "{}", list.text());
        counts.push(node.sent().iter().filter(|sent| Statement::has_rows(sent)).count());
    }
    assert!(counts[0] > 5 && counts[0] == counts[1], "{counts:?}");
}
