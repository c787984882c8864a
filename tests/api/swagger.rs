//! The page of the OpenAPI document (`src/swagger.rs`): Swagger UI out of the program, with a policy that lets it ask nobody
//! else.

use actix_web::test::TestRequest;

use crate::support::TestApp;

fn get(path: &str) -> TestRequest {
    TestRequest::with_uri(path)
}

#[actix_web::test]
async fn all_that_the_page_names_is_served_and_nothing_is_elsewhere() {
    let app = TestApp::new();
    let page = app.send_as(None, get("/docs")).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let named: Vec<&str> = page.text().split('"').filter(|part| part.starts_with("/docs/")).collect();
    assert_eq!(named, ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js"]);
    assert!(!page.text().contains("//"), "{}", page.text());
    for path in named {
        let file = app.send_as(None, get(path)).await;
        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.header("content-security-policy"), page.header("content-security-policy"), "{path}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let start = app.send_as(None, get("/docs/start.js")).await;
    assert!(
        start.text().contains(steward::openapi::PATH) && !start.text().contains("://"),
        "{}",
        start.text()
    );
}

#[actix_web::test]
async fn the_page_takes_no_script_from_elsewhere_and_tells_nobody() {
    let app = TestApp::new();
    let page = app.send_as(None, get("/docs")).await;
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(policy.contains("connect-src 'self'; ") && !policy.contains("http"), "{policy}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for tag in page.text().split('<').filter(|tag| tag.starts_with("script")) {
        assert!(tag.starts_with("script src=\"/docs/"), "{tag}");
    }
}

#[actix_web::test]
async fn a_packed_file_is_the_same_unpacked() {
    let app = TestApp::new();
    for (path, within) in [
        ("/docs/swagger-ui-bundle.js", "SwaggerUIBundle"),
        ("/docs/swagger-ui.css", ".swagger-ui"),
        ("/docs/swagger-ui.LICENSE", "Apache License"),
    ] {
        let plain = app.send_as(None, get(path)).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None), "{path}");
        assert!(plain.text().contains(within), "{path}");
        let packed = app.send_as(None, get(path).insert_header(("Accept-Encoding", "br, gzip"))).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert!(packed.sent < plain.body.len() / 2, "{path}");
        assert!(packed.body == plain.body, "{path}");
        assert_ne!(plain.header("etag"), packed.header("etag"), "{path}");
        let tag = packed.header("etag").expect("a tag").to_owned();
        let known =
            get(path).insert_header(("Accept-Encoding", "gzip")).insert_header(("If-None-Match", tag));
        assert_eq!(app.send_as(None, known).await.status, 304, "{path}");
    }
}

#[actix_web::test]
async fn what_is_no_file_of_the_page_is_not_there() {
    let app = TestApp::new();
    for path in ["/docs/index.html", "/docs/swagger-ui.js", "/docs/a/b"] {
        app.send_as(None, get(path)).await.assert_refused(404, &["route_not_found"]);
    }
}
