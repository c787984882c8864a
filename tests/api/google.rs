//! Google accounts and integrations are out of scope: what the clients ask of them is no path (`clients.md` 1 and 4).

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;

use crate::support::TestApp;
use crate::support::app::{JSON_API, USER};

const ID: &str = "11111111-1111-4111-8111-111111111111";

#[actix_web::test]
async fn what_clients_ask_of_google_is_no_path_with_a_body_and_without_and_whoever_asks() {
    let app = TestApp::new();
    let (one, integrations) =
        (format!("google_accounts/{ID}"), format!("google_accounts/{ID}/google_integrations"));
    let typed = r#"{"data":{"type":"google_accounts"}}"#;
    let integration =
        r#"{"data":{"type":"google_integrations","id":"undefined","attributes":{"overwrite":true}}}"#;
    for (method, path, body) in [
        (Method::GET, "google_accounts?sort=created_at&include=contact_groups".to_owned(), None),
        (Method::DELETE, one.clone(), None),
        (Method::DELETE, one, Some(typed)),
        (Method::GET, format!("{integrations}?filter[account_list_id]={ID}"), None),
        (Method::POST, integrations.clone(), Some(integration)),
        (Method::PUT, format!("{integrations}/{ID}"), Some(integration)),
        (Method::GET, format!("{integrations}/{ID}/sync?integration=calendar"), None),
        (Method::DELETE, format!("google_integrations/{ID}"), Some(integration)),
    ] {
        for token in [Some(app.token.as_str()), None] {
            let mut request = TestRequest::with_uri(&format!("{USER}/{path}")).method(method.clone());
            if let Some(body) = body {
                request = request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(body);
            }
            let answer = app.send_as(token, request).await;
            answer.assert_refused(404, &["route_not_found"]);
            assert_eq!(answer.error()["detail"], "Route not found", "{method} {path}");
        }
    }
}
