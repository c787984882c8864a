//! The avatar as an upload through the profile page's resource (docs/avatar.md).

mod files;
mod forms;
mod guarded;
mod images;
mod load;
mod shown;

use actix_web::test::TestRequest;
use serde_json::Value;

use crate::support::app::REY;
use crate::support::form::{Form, of_mpdx_web};
use crate::support::{Answer, TestApp};

const PROFILE: &str = "/api/v2/contacts/people/me";

/// A PUT of a form.
fn put(form: Form) -> TestRequest {
    form.put(PROFILE)
}

async fn upload(app: &TestApp, form: Form) -> Answer {
    app.send(put(form)).await
}

/// Makes a picture the avatar, whatever is stored; returns its URL.
async fn set(app: &TestApp, content_type: &str, picture: &[u8]) -> String {
    let shown = upload(app, of_mpdx_web(REY, content_type, picture)).await.assert_ok();
    shown["avatar"].as_str().expect("a URL").to_owned()
}

/// The path of a URL of this server.
fn path(url: &str) -> &str {
    url.strip_prefix("http://127.0.0.1:8080").expect("an absolute URL of the server")
}

async fn get(app: &TestApp, url: &str) -> Answer {
    app.send_as(None, TestRequest::get().uri(path(url))).await
}

/// The pictures that are stored.
fn pictures(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    use steward::db::schema::pictures::dsl::pictures;
    app.change(|connection| pictures.count().get_result(connection))
}

async fn avatar(app: &TestApp) -> Value {
    app.attributes().await["avatar"].clone()
}
