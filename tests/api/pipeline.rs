//! The order of answers (design 9), media types, methods, ids of requests, and that no error of any layer looks
//! different from any other.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::json;

use crate::support::app::{JSON_API, STAMP, USER};
use crate::support::{TestApp, put, user};

fn request(method: Method, uri: &str) -> TestRequest {
    TestRequest::with_uri(uri).method(method)
}

#[actix_web::test]
async fn each_refusal_comes_before_the_next_one_of_the_order() {
    let app = TestApp::with(|state| state.limits.body = 2000);
    let large = "x".repeat(2001);
    // A request with every fault; one is mended after the other.
    let faulty = |uri: &str, method: Method| {
        request(method, uri)
            .insert_header(("Content-Type", "text/plain"))
            .insert_header(("Accept", "text/html"))
    };
    let nobody = Some("no token");
    let answer = app.send_as(nobody, faulty("/api/v2/nothing", Method::PUT).set_payload(large.clone())).await;
    answer.assert_refused(404, &["route_not_found"]);
    let answer = app.send_as(nobody, faulty(USER, Method::DELETE).set_payload(large.clone())).await;
    answer.assert_refused(405, &["method_not_allowed"]);
    let answer = app.send_as(nobody, faulty(USER, Method::PUT).set_payload(large)).await;
    answer.assert_refused(413, &["payload_too_large"]);
    let answer = app.send_as(nobody, faulty(USER, Method::PUT).set_payload("{")).await;
    answer.assert_refused(415, &["unsupported_media_type"]);
    let typed = || request(Method::PUT, USER).insert_header(("Content-Type", JSON_API)).set_payload("{");
    let answer = app.send_as(nobody, typed().insert_header(("Accept", "text/html"))).await;
    answer.assert_refused(406, &["not_acceptable"]);
    app.send_as(nobody, typed()).await.assert_refused(401, &["unauthorized"]);
    app.send(typed()).await.assert_refused(400, &["invalid_json"]);
    let wrong_type = json!({ "data": { "type": "x", "attributes": { "updated_in_db_at": "" } } });
    app.send(put(&wrong_type)).await.assert_refused(409, &["type_conflict"]);
    let if_match = |document| put(&document).insert_header(("If-Match", "\"x\""));
    let unreadable = user(json!({ "updated_in_db_at": "", "first_name": "" }));
    app.send(if_match(unreadable)).await.assert_refused(400, &["invalid_timestamp"]);
    let stale = user(json!({ "updated_in_db_at": "2021-01-01", "first_name": "" }));
    app.send(if_match(stale.clone())).await.assert_refused(412, &["precondition_failed"]);
    app.send(put(&stale)).await.assert_refused(409, &["stale", "blank"]);
    let invalid = user(json!({ "updated_in_db_at": STAMP, "first_name": "" }));
    app.send(put(&invalid)).await.assert_refused(400, &["blank"]);
}

#[actix_web::test]
async fn a_body_of_the_limit_is_taken_and_one_byte_more_is_413() {
    let document = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).to_string();
    let limit = document.len();
    let app = TestApp::with(|state| state.limits.body = limit);
    app.put_bytes(document.clone()).await.assert_ok();
    app.put_bytes(format!("{document} ")).await.assert_refused(413, &["payload_too_large"]);
    let announced = put(&user(json!({}))).insert_header(("Content-Length", "999999"));
    app.send(announced).await.assert_refused(413, &["payload_too_large"]);
}

#[actix_web::test]
async fn content_types_of_bodies() {
    let app = TestApp::new();
    for (content_type, accepted) in [
        ("application/vnd.api+json", true),
        ("Application/Vnd.API+JSON", true),
        ("application/vnd.api+json; charset=utf-8", true),
        ("application/vnd.api+json;charset=\"UTF-8\"", true),
        ("application/vnd.api+json; profile=\"https://example.com/unknown\"", true),
        ("application/vnd.api+json; ext=\"\"", true),
        ("application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"", false),
        ("application/vnd.api+json; charset=latin1", false),
        ("application/vnd.api+json; version=1", false),
        ("application/vnd.api+json; broken", false),
        ("application/json", false),
        ("text/plain", false),
        ("", false),
    ] {
        let request = request(Method::PUT, USER)
            .insert_header(("Content-Type", content_type))
            .set_payload(user(json!({ "overwrite": true })).to_string());
        let answer = app.send(request).await;
        assert_eq!(answer.status, if accepted { 200 } else { 415 }, "{content_type}");
    }
    let untyped = request(Method::PUT, USER).set_payload("{}");
    app.send(untyped).await.assert_refused(415, &["unsupported_media_type"]);
    let twice = request(Method::PUT, USER)
        .append_header(("Content-Type", JSON_API))
        .append_header(("Content-Type", "text/plain"))
        .set_payload("{}");
    app.send(twice).await.assert_refused(415, &["unsupported_media_type"]);
    let compressed = put(&user(json!({ "overwrite": true }))).insert_header(("Content-Encoding", "gzip"));
    app.send(compressed).await.assert_refused(415, &["unsupported_media_type"]);
    let get = request(Method::GET, USER).insert_header(("Content-Type", "text/plain"));
    assert_eq!(app.send(get).await.status, 200, "a request without a body needs none");
}

#[actix_web::test]
async fn accepted_answers() {
    let app = TestApp::new();
    for (accept, accepted) in [
        ("*/*", true),
        ("application/*", true),
        ("application/vnd.api+json", true),
        ("application/vnd.api+json; charset=utf-8", true),
        ("application/vnd.api+json; profile=\"https://example.com/a b,c\"", true),
        ("text/html, application/vnd.api+json;q=0.5", true),
        ("application/vnd.api+json; version=1, application/vnd.api+json", true),
        ("application/vnd.api+json; ext=\"https://example.com/x\", */*;q=0.1", true),
        ("", true),
        ("application/vnd.api+json; version=1", false),
        ("application/vnd.api+json; ext=\"https://example.com/x\"", false),
        ("application/vnd.api+json;q=0", false),
        ("application/json", false),
        ("text/html", false),
    ] {
        let answer = app.send(request(Method::GET, USER).insert_header(("Accept", accept))).await;
        assert_eq!(answer.status, if accepted { 200 } else { 406 }, "{accept}");
    }
    let two_lines = request(Method::GET, USER)
        .append_header(("Accept", "text/html"))
        .append_header(("Accept", "application/vnd.api+json"));
    assert_eq!(app.send(two_lines).await.status, 200);
}

#[actix_web::test]
async fn methods_that_a_path_lacks_are_405_with_allow_and_options_lists_them_without_a_token() {
    let app = TestApp::new();
    for method in [Method::POST, Method::DELETE, Method::TRACE] {
        let answer = app.send(request(method, USER)).await;
        answer.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, PUT, PATCH, OPTIONS"));
    }
    let answer = app.send_as(None, request(Method::OPTIONS, USER)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, PUT, PATCH, OPTIONS"));
    for path in ["/healthz", "/readyz"] {
        let answer = app.send_as(None, request(Method::PUT, path)).await;
        answer.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
}

#[actix_web::test]
async fn head_has_the_headers_of_get() {
    let app = TestApp::new();
    let (get, head) = (app.get().await, app.send(request(Method::HEAD, USER)).await);
    assert_eq!(head.status, 200);
    for name in ["etag", "content-type", "cache-control", "last-modified"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[actix_web::test]
async fn a_post_may_ask_to_be_another_method_and_only_a_post() {
    let app = TestApp::new();
    let post = |method: &str, document: &serde_json::Value| {
        put(document).method(Method::POST).insert_header(("X-HTTP-Method-Override", method))
    };
    let edit = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
    let answer = app.send(post("put", &edit)).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack");
    let edit = user(json!({ "first_name": "Joe", "overwrite": true }));
    assert_eq!(app.send(post("PATCH", &edit)).await.assert_ok()["first_name"], "Joe");
    assert_eq!(app.send(post("GET", &edit)).await.assert_ok()["first_name"], "Joe");
    app.send(post("DELETE", &edit)).await.assert_refused(405, &["method_not_allowed"]);
    app.send(post("LINK", &edit)).await.assert_refused(405, &["method_not_allowed"]);
    let get = request(Method::GET, USER).insert_header(("X-HTTP-Method-Override", "DELETE"));
    assert_eq!(app.send(get).await.status, 200);
}

#[actix_web::test]
async fn patch_is_put() {
    let app = TestApp::new();
    let edit = put(&user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }))).method(Method::PATCH);
    assert_eq!(app.send(edit).await.assert_ok()["first_name"], "Jack");
}

#[actix_web::test]
async fn the_request_id_is_the_clients_where_it_is_harmless() {
    let app = TestApp::new();
    let send = async |id: &str| {
        let answer = app.send(request(Method::GET, USER).insert_header(("X-Request-Id", id))).await;
        answer.header("x-request-id").expect("an id").to_owned()
    };
    assert_eq!(send("abc-123_x.y:z/1").await, "abc-123_x.y:z/1");
    for harmful in ["", "a b", "<script>", &"x".repeat(129)] {
        let id = send(harmful).await;
        assert_eq!(id.len(), 36, "a new one for {harmful:?}");
    }
    let refused = request(Method::GET, "/nothing").insert_header(("X-Request-Id", "mine"));
    let answer = app.send(refused).await;
    assert_eq!(answer.error()["id"], "mine.0");
}

#[actix_web::test]
async fn unknown_paths_are_documents_everywhere_and_a_trailing_slash_is_the_same_path() {
    let app = TestApp::new();
    for path in
        ["/", "/api", "/api/v2", "/api/v2/users", "/favicon.ico", "/api/v2/user/x/y", "/%00", "/..%2f"]
    {
        app.send(request(Method::GET, path)).await.assert_refused(404, &["route_not_found"]);
    }
    let answer = app.send(request(Method::GET, "/nothing")).await;
    assert_eq!(answer.error()["detail"], "Route not found");
    let refused = app.send(request(Method::GET, &format!("{USER}?foo=1"))).await;
    assert_eq!(
        refused.header("cache-control"),
        Some("private, no-cache"),
        "refusals too are for their caller alone"
    );
    assert_eq!(app.send(request(Method::GET, "/api/v2/user/")).await.status, 200);
}

#[actix_web::test]
async fn health_needs_no_token_and_readiness_needs_the_database() {
    let app = TestApp::new();
    for path in ["/healthz", "/readyz"] {
        let answer = app.send_as(None, request(Method::GET, path)).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "meta": { "status": "ok" } })));
    }
    app.change(|connection| connection.batch_execute("DELETE FROM __diesel_schema_migrations"));
    let answer = app.send_as(None, request(Method::GET, "/readyz")).await;
    answer.assert_refused(503, &["unavailable"]);
}

#[actix_web::test]
async fn query_parameters_that_are_unknown_repeated_or_unsupported_are_400_and_named() {
    let app = TestApp::new();
    for (query, parameter) in [
        ("foo=1", "foo"),
        ("sort=name", "sort"),
        ("include=friends", "include"),
        ("page=1&page=1", "page"),
        ("filter%5Bupdated_at%5D=x", "filter[updated_at]"),
        ("%FF=1", "\u{fffd}"),
    ] {
        let answer = app.send(request(Method::GET, &format!("{USER}?{query}"))).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": parameter }), "{query}");
    }
    let answer = app.send(request(Method::GET, &format!("{USER}?foo=1&sort=x&bar"))).await;
    answer.assert_refused(400, &["invalid_parameter"; 3]);
    for query in ["", "include=", "include=**", "page[size]=1", "page[limit]=1", "page=1&per_page=25"] {
        assert_eq!(app.send(request(Method::GET, &format!("{USER}?{query}"))).await.status, 200, "{query}");
    }
}

#[actix_web::test]
async fn the_account_list_filter_of_android_must_name_ones_own() {
    let app = TestApp::new();
    let own = crate::support::app::ACCOUNT_LIST;
    let get = async |id: &str| {
        app.send(request(Method::GET, &format!("{USER}?filter[account_list_id]={id}"))).await
    };
    for list in [own.to_owned(), format!("{own},+{own},"), String::new(), ",".to_owned()] {
        assert_eq!(get(&list).await.status, 200, "{list}");
    }
    let foreign = get(&format!("{own},x,y")).await;
    assert_eq!((foreign.status, foreign.errors().len()), (404, 1));
    assert_eq!(foreign.error()["detail"], "Resource 'AccountList' with id 'x' does not exist.");
    for other in [crate::support::app::REY, "x"] {
        let answer = get(other).await;
        answer.assert_refused(404, &["not_found"]);
        let detail = format!("Resource 'AccountList' with id '{other}' does not exist.");
        assert_eq!(answer.error()["detail"], detail);
    }
    let edit = put(&user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })));
    app.send(edit.uri(&format!("{USER}?filter[account_list_id]=x")))
        .await
        .assert_refused(404, &["not_found"]);
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn what_clients_of_the_field_send_works() {
    let app = TestApp::new();
    let get = request(Method::GET, USER)
        .insert_header(("Accept-Language", "es-419, in_ID;q=0.9, ???"))
        .insert_header(("Content-Type", JSON_API))
        .insert_header(("Accept", JSON_API));
    assert_eq!(app.send(get).await.status, 200);
    let body = request(Method::GET, USER).insert_header(("Content-Type", "text/plain")).set_payload("x");
    assert_eq!(app.send(body).await.status, 200, "a GET's body is not looked at");
}
