//! Browsers of other origins (design 9, clients.md 1).

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::support::app::USER;
use crate::support::{Answer, TestApp};

const ORIGIN: &str = "https://mpdx.example";

async fn preflight(app: &TestApp, method: &str, headers: &str) -> Answer {
    let request = TestRequest::with_uri(USER)
        .method(Method::OPTIONS)
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Access-Control-Request-Method", method))
        .insert_header(("Access-Control-Request-Headers", headers));
    app.send_as(None, request).await
}

#[actix_web::test]
async fn a_preflight_allows_every_verb_and_header_that_clients_use_from_any_origin() {
    let app = TestApp::new();
    let headers = "accept,accept-language,authorization,content-type,idempotency-key,if-match,if-none-match,\
                   last-event-id,x-api-key,x-http-method-override";
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
        let answer = preflight(&app, method, headers).await;
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let allowed = answer.header("access-control-allow-methods").expect("methods");
        assert!(allowed.split(", ").any(|allowed| allowed == method), "{method} in {allowed}");
        let allowed = answer.header("access-control-allow-headers").expect("headers").to_lowercase();
        for header in headers.split(',') {
            assert!(allowed.split(", ").any(|allowed| allowed == header), "{header} in {allowed}");
        }
    }
}

#[actix_web::test]
async fn answers_expose_what_clients_read_refusals_included() {
    let app = TestApp::new();
    for (uri, status) in [(USER, 200), ("/nothing", 404)] {
        let answer = app.send(TestRequest::get().uri(uri).insert_header(("Origin", ORIGIN))).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let exposed = answer.header("access-control-expose-headers").expect("headers");
        for name in
            ["etag", "last-modified", "location", "retry-after", "x-request-id", "idempotent-replayed"]
        {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{name} in {exposed}");
        }
    }
}

#[actix_web::test]
async fn configured_origins_are_the_only_ones() {
    let app = TestApp::with(|state| state.cors_origins = Arc::from([ORIGIN.to_owned()]));
    let send = async |origin: &'static str| {
        let answer = app.send(TestRequest::get().uri(USER).insert_header(("Origin", origin))).await;
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(send(ORIGIN).await.as_deref(), Some(ORIGIN));
    assert_eq!(send("https://evil.example").await, None);
    assert_eq!(preflight(&app, "PUT", "content-type").await.status, 200);
}
