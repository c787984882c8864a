//! How each route is asked for with what is Rey's.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::jsonapi::atomic;
use steward::people::kind::Kind;

use super::{Asked, ORGANIZATION, ROW, education};
use crate::support::app::{ACCOUNT_LIST, JSON_API, REY};
use crate::support::form::{Form, png};
use crate::support::rows::numbered_row;

/// A path as people write it: `/api/v2/user/websites/<id>`.
pub fn plain(pattern: &str) -> String {
    let (mut plain, mut rest) = (String::new(), pattern);
    while let Some((before, after)) = rest.split_once('{') {
        let mut depth = 1;
        let end = after.find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        });
        let (name, behind) = after.split_at(end.expect("the end of a name"));
        plain.push_str(before);
        plain = plain + "<" + name.split(':').next().expect("a name") + ">";
        rest = &behind[1..];
    }
    plain + rest
}

/// What the rest of the API leads to: nobody needs a token for it, or each part of it has its own.
pub fn is_public(route: &str) -> bool {
    let public = [
        "/healthz",
        "/readyz",
        "/docs/errors",
        "/docs",
        "/api/v2/openapi.json",
        "/api/v2/user/authenticate",
        "/api/v2/batch",
    ];
    public.contains(&route)
        || ["/pictures/", "/console", "/docs/"].iter().any(|folder| route.starts_with(folder))
}

/// What a site defines; a row of each is there.
pub const DEFINITIONS: [&str; 3] = ["dimensions", "tag_types", "tags"];

fn definition(route: &str) -> Option<&'static str> {
    let kind = route.strip_prefix("/api/v2/")?.split('/').next()?;
    DEFINITIONS.into_iter().find(|known| *known == kind)
}

const JUNO_USERS: &str = "/api/v2/juno_users";

/// Whether integrations may call a route.
pub fn is_junos(route: &str) -> bool {
    definition(route).is_some() || route.starts_with(JUNO_USERS)
}

/// A request that makes a user of JUNO of somebody.
pub fn juno_user(person: &str, level: u8) -> TestRequest {
    let attributes = json!({ "first_name": "-", "email": format!("{person}@example.com"), "city": "-", "account_level": level });
    let mut document = json!({ "data": { "type": "juno_users", "attributes": attributes } });
    document["data"]["relationships"] = json!({ "user": { "data": { "type": "users", "id": person } } });
    let request = TestRequest::with_uri(JUNO_USERS).method(Method::POST);
    request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string())
}

/// A request for a route, by the `number`th of those who ask; `picture` is the path of Rey's.
pub fn request((route, method, is_form): Asked<'_>, number: u8, own: &str, picture: &str) -> TestRequest {
    let kind = Kind::all().find(|kind| route.starts_with(&format!("/api/v2/user/{}", kind.path())));
    let id = match route {
        _ if route.starts_with("/api/v2/account_lists") => ACCOUNT_LIST,
        _ if route.starts_with("/api/v2/user/organization_accounts") || kind.is_some() => ROW,
        _ if route.starts_with("/api/v2/tags") || route.starts_with(JUNO_USERS) => "1",
        _ if is_junos(route) => "1000",
        _ => REY,
    };
    let path = if education::is_education(route) { education::path(route, method) } else { route.to_owned() };
    let path = path.replace("<person>/<token>", picture).replace("<id>", id).replace("<key>", "a");
    let path = path.replace("<path>", "app.js").replace("<file>", "start.js").replace("<dimension>", "13");
    assert!(!path.contains('<'), "how {route} is asked for is to be said here");
    if is_form {
        return Form::new().file("avatar", "image/png", &png()).text("overwrite", "true").put(&path);
    }
    let request = TestRequest::with_uri(&path).method(method.clone());
    if *method == Method::GET || (*method == Method::DELETE && !route.contains("/relationships/")) {
        return request;
    }
    let content_type = if route == "/api/v2/operations" { atomic::ANSWER } else { JSON_API };
    let document = document(route, method, kind, (number, own));
    request.insert_header((CONTENT_TYPE, content_type)).set_payload(document.to_string())
}

fn document(route: &str, method: &Method, kind: Option<&Kind>, (number, own): (u8, &str)) -> Value {
    let edit = |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
    let overwrite = || json!({ "overwrite": true });
    if education::is_education(route) {
        return education::document(route, number);
    }
    if let Some(kind) = definition(route) {
        let mut document = edit(kind, json!({ "name": format!("{number}") }));
        if kind == "tags" {
            let access_level = json!({ "data": { "type": "tag_types", "id": "2" } });
            document["data"]["relationships"] = json!({ "tag_type": access_level });
        }
        return document;
    }
    match route {
        JUNO_USERS => {
            let email = format!("{number}@example.com");
            edit("juno_users", json!({ "first_name": "-", "email": email }))
        }
        "/api/v2/juno_users/<id>" => edit("juno_users", json!({ "country": format!("{number}") })),
        "/api/v2/juno_users/<id>/dimension_values/<dimension>" => {
            edit("dimension_values", json!({ "value": format!("{number}") }))
        }
        "/api/v2/juno_users/<id>/relationships/tags" => json!({ "data": [] }),
        "/api/v2/user" | "/api/v2/users/<id>" | "/api/v2/user/<id>" => edit("users", overwrite()),
        "/api/v2/contacts/people/<id>" => edit("people", overwrite()),
        "/api/v2/account_lists/<id>" => {
            edit("account_lists", json!({ "name": format!("{number}"), "overwrite": true }))
        }
        "/api/v2/user/organization_accounts" => {
            let organization = json!({ "data": { "type": "organizations", "id": ORGANIZATION } });
            let mut document = edit("organization_accounts", json!({ "username": "x" }));
            document["data"]["relationships"] = json!({ "organization": organization });
            document
        }
        "/api/v2/user/organization_accounts/<id>" => edit("organization_accounts", overwrite()),
        "/api/v2/user/authenticate" => edit("authenticate", json!({ "cas_ticket": "ST-1" })),
        "/api/v2/operations" => {
            let user = edit("users", overwrite())["data"].take();
            json!({ "atomic:operations": [{ "op": "update", "data": user }] })
        }
        "/api/v2/batch" => json!({ "requests": [{ "method": "GET", "path": "/api/v2/user" }] }),
        _ if route.starts_with("/api/v2/user/relationships/") => json!({ "data": [] }),
        _ => {
            let kind = kind.unwrap_or_else(|| panic!("what is sent to {route} is to be said here"));
            match *method {
                Method::POST => numbered_row(kind.name, own, number),
                _ => edit(kind.name, overwrite()),
            }
        }
    }
}
