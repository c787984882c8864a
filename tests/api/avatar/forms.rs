//! What is taken for a form, and what not.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{PROFILE, avatar, get, path, pictures, put, set, upload};
use crate::support::TestApp;
use crate::support::app::{JSON_API, REY, STAMP, USER};
use crate::support::form::{Form, jpeg, of_mpdx_web, png};

const PLACEHOLDER: &str = "https://mpdx.org/images/avatar.png";
const LIMIT: usize = 5 * 1024 * 1024;

#[actix_web::test]
async fn the_form_of_mpdx_web_makes_the_picture_the_avatar_and_answers_as_the_profile_page_does() {
    let app = TestApp::new();
    let answer = upload(&app, of_mpdx_web(REY, "image/png", &png())).await;
    let shown = answer.assert_ok();
    assert_eq!(answer.json()["data"]["type"], "people");
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:10Z", "the stamp has moved");
    let url = shown["avatar"].as_str().expect("a URL");
    assert!(path(url).starts_with(&format!("/pictures/{REY}/")), "{url}");
    assert!(answer.json().get("meta").is_none(), "nothing was ignored: {}", answer.text());
    let page = app.send(TestRequest::get().uri(PROFILE)).await;
    assert_eq!((page.text(), page.header("etag")), (answer.text(), answer.header("etag")));
    assert_eq!(avatar(&app).await, url, "the user's document shows the same");
    assert_eq!(avatar(&app.second_node()).await, url);
    assert_eq!(get(&app, url).await.body, png());
}

#[actix_web::test]
async fn a_form_may_have_short_names_and_come_as_put_patch_or_a_post_that_stands_for_them() {
    let app = TestApp::new();
    let mut stamps = Vec::new();
    for (method, instead, media_type, picture) in [
        (Method::PUT, None, "image/png", png()),
        (Method::PATCH, None, "image/jpeg", jpeg()),
        (Method::POST, Some("PUT"), "image/png", png()),
    ] {
        let form = Form::new().text("overwrite", "true").file("avatar", media_type, &picture);
        let request = TestRequest::with_uri(PROFILE).method(method);
        let mut request = request.insert_header((CONTENT_TYPE, form.content_type()));
        if let Some(instead) = instead {
            request = request.insert_header(("X-HTTP-Method-Override", instead));
        }
        let shown = app.send(request.set_payload(form.body())).await.assert_ok();
        stamps.push(shown["updated_in_db_at"].clone());
    }
    assert_eq!(stamps, ["2022-01-12T17:18:10Z", "2022-01-12T17:18:11Z", "2022-01-12T17:18:12Z"]);
}

#[actix_web::test]
async fn attributes_may_come_along_and_what_nothing_is_made_of_is_named() {
    let app = TestApp::new();
    let form = of_mpdx_web(REY, "image/png", &png())
        .text("data[attributes][first_name]", "Jack")
        .text("data[attributes][avatar]", "https://example.com/a.png")
        .text("data[attributes][colour]", "red")
        .text("utf8", "✓");
    let answer = upload(&app, form).await;
    let shown = answer.assert_ok();
    assert_eq!(shown["first_name"], "Jack");
    assert!(shown["avatar"].as_str().expect("a URL").contains("/pictures/"), "the file counts");
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["colour", "avatar", "utf8"]));
}

#[actix_web::test]
async fn a_form_has_one_picture_and_each_field_once() {
    let app = TestApp::new();
    let form = || Form::new().text("overwrite", "true");
    for (form, code, field) in [
        (form(), "invalid_document", "avatar"),
        (form().file("avatar", "application/octet-stream", b""), "invalid_document", "avatar"),
        (
            form().file("avatar", "image/png", &png()).file("avatar", "image/png", &png()),
            "invalid_document",
            "avatar",
        ),
        (
            of_mpdx_web(REY, "image/png", &png()).file("avatar", "image/png", &png()),
            "invalid_document",
            "avatar",
        ),
        (form().file("picture", "image/png", &png()), "invalid_document", "picture"),
        (
            form().file("avatar", "image/png", &png()).text("overwrite", "true"),
            "invalid_document",
            "overwrite",
        ),
        (
            form().file("avatar", "image/png", &png()).text("data[attributes][overwrite]", "false"),
            "invalid_document",
            "data[attributes][overwrite]",
        ),
        (
            form().part("name=\"id\"", None, b"\xff").file("avatar", "image/png", &png()),
            "invalid_document",
            "id",
        ),
        (form().text("id", &"x".repeat(9000)).file("avatar", "image/png", &png()), "invalid_document", "id"),
    ] {
        let answer = upload(&app, form).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(answer.error()["source"]["parameter"], field, "{}", answer.text());
    }
    let many = (0..40).fold(form(), |form, i| form.text(&format!("f{i}"), ""));
    upload(&app, many.file("avatar", "image/png", &png())).await.assert_refused(400, &["invalid_document"]);
    let wrong = |name: &str, value: &str| of_mpdx_web(REY, "image/png", &png()).text(name, value);
    upload(&app, wrong("included[0][type]", "videos")).await.assert_refused(409, &["type_conflict"]);
    let other = of_mpdx_web("11111111-1111-4111-8111-111111111111", "image/png", &png());
    upload(&app, other).await.assert_refused(409, &["id_conflict"]);
    assert_eq!((avatar(&app).await, pictures(&app)), (PLACEHOLDER.into(), 0));
}

#[actix_web::test]
async fn a_form_that_breaks_off_changes_nothing() {
    let app = TestApp::new();
    let form = of_mpdx_web(REY, "image/png", &png());
    let (content_type, body) = (form.content_type(), form.body());
    let last = body.windows(8).rposition(|part| part == b"[primary").expect("the last field");
    for end in [0, 10, 100, last - 60, last, body.len() - 20] {
        let request = TestRequest::with_uri(PROFILE).method(Method::PUT);
        let request = request.insert_header((CONTENT_TYPE, content_type.clone()));
        let answer = app.send(request.set_payload(body[..end].to_vec())).await;
        assert_eq!(answer.status, 400, "{end}: {}", answer.text());
    }
    let request = TestRequest::with_uri(PROFILE).method(Method::PUT);
    let request = request.insert_header((CONTENT_TYPE, "multipart/form-data"));
    app.send(request.set_payload(body)).await.assert_refused(400, &["bad_request"]);
    assert_eq!((avatar(&app).await, pictures(&app)), (PLACEHOLDER.into(), 0));
}

/// A PNG of so many bytes.
fn png_of(size: usize) -> Vec<u8> {
    use img_parts::png::{Png, PngChunk};
    let mut picture = Png::from_bytes(png().into()).expect("a PNG");
    let more = vec![7; size - png().len() - 12];
    picture.chunks_mut().insert(2, PngChunk::new(*b"IDAT", more.into()));
    picture.encoder().bytes().to_vec()
}

#[actix_web::test]
async fn a_picture_may_have_5_mebibytes_and_not_one_byte_more() {
    let app = TestApp::new();
    let largest = png_of(LIMIT);
    assert_eq!(largest.len(), LIMIT);
    let url = set(&app, "image/png", &largest).await;
    assert_eq!(get(&app, &url).await.body, largest);
    let form = |size| of_mpdx_web(REY, "image/png", &png_of(size));
    upload(&app, form(LIMIT + 1)).await.assert_refused(413, &["payload_too_large"]);
    // Not read to its end.
    upload(&app, form(LIMIT + 100 * 1024)).await.assert_refused(413, &["payload_too_large"]);
    // Many texts, each of which is short enough.
    let texts = (0..9).fold(of_mpdx_web(REY, "image/png", &png()), |form, i| {
        form.text(&format!("f{i}"), &"x".repeat(8000))
    });
    upload(&app, texts).await.assert_refused(413, &["payload_too_large"]);
    // Nor begun, where it is announced.
    let request = put(Form::new()).insert_header((CONTENT_LENGTH, LIMIT + 100 * 1024));
    app.send(request).await.assert_refused(413, &["payload_too_large"]);
    assert_eq!(avatar(&app).await, url);
    // Documents have the limit that they had.
    let document =
        json!({ "data": { "type": "people", "attributes": { "first_name": "x".repeat(1024 * 1024) } } });
    app.call(Method::PUT, PROFILE, Some(&document)).await.assert_refused(413, &["payload_too_large"]);
}

#[actix_web::test]
async fn a_form_anywhere_else_is_of_an_unsupported_media_type() {
    let app = TestApp::new();
    let form = of_mpdx_web(REY, "image/png", &png());
    let (content_type, body) = (form.content_type(), form.body());
    let to = |method: Method, path: &str| {
        let request = TestRequest::with_uri(path).method(method);
        request.insert_header((CONTENT_TYPE, content_type.clone())).set_payload(body.clone())
    };
    for (method, path) in [
        (Method::PUT, USER.to_owned()),
        (Method::PUT, "/api/v2/users/me".to_owned()),
        (Method::PUT, "/api/v2/user/me".to_owned()),
        (Method::POST, format!("{USER}/websites")),
        (Method::POST, "/api/v2/operations".to_owned()),
    ] {
        app.send(to(method, &path)).await.assert_refused(415, &["unsupported_media_type"]);
    }
    let compressed = to(Method::PUT, PROFILE).insert_header((CONTENT_ENCODING, "gzip"));
    app.send(compressed).await.assert_refused(415, &["unsupported_media_type"]);
    app.send(to(Method::POST, PROFILE)).await.assert_refused(405, &["method_not_allowed"]);
    let other = "/api/v2/contacts/people/11111111-1111-4111-8111-111111111111";
    app.send(to(Method::PUT, other)).await.assert_refused(404, &["not_found"]);
    app.send_as(None, to(Method::PUT, PROFILE)).await.assert_refused(401, &["unauthorized"]);
    let html = to(Method::PUT, PROFILE).insert_header(("Accept", "text/html"));
    app.send(html).await.assert_refused(406, &["not_acceptable"]);
    assert_eq!(pictures(&app), 0);
}

#[actix_web::test]
async fn a_form_in_a_batch_is_refused_whatever_the_batch_says_it_is() {
    let app = TestApp::new();
    let form = of_mpdx_web(REY, "text/plain", b"no picture");
    let content_type = form.content_type();
    let body = String::from_utf8(form.body()).expect("a text");
    let requests = json!([
        { "method": "PUT", "path": PROFILE, "body": body },
        { "method": "PATCH", "path": PROFILE, "body": "no form" },
        { "method": "GET", "path": PROFILE },
    ]);
    for (content_type, expected) in [(content_type.as_str(), [403, 403, 200]), (JSON_API, [400, 400, 200])] {
        let batch = TestRequest::post().uri("/api/v2/batch").insert_header((CONTENT_TYPE, content_type));
        let answer = app.send(batch.set_payload(json!({ "requests": requests }).to_string())).await;
        let items = answer.json();
        let statuses: Vec<_> = items.as_array().expect("items").iter().map(|item| &item["status"]).collect();
        assert_eq!(statuses, expected, "{content_type}: {}", answer.text());
    }
    assert_eq!(app.attributes().await["updated_in_db_at"], Value::from(STAMP));
}

#[actix_web::test]
async fn a_picture_is_not_shown_in_a_batch_whose_answers_are_texts() {
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    let requests =
        json!({ "requests": [{ "method": "GET", "path": path(&url) }, { "method": "GET", "path": USER }] });
    let answer = app.call(Method::POST, "/api/v2/batch", Some(&requests)).await;
    let statuses: Vec<_> =
        answer.json().as_array().expect("items").iter().map(|i| i["status"].clone()).collect();
    assert_eq!(statuses, [403, 200], "{}", answer.text());
}
