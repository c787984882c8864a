//! The examples of the OpenAPI document are what is sent and answered in this play. Its names are those of schemas, which each
//! example must obey.

use actix_web::ResponseError as _;
use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use steward::auth::api_keys::X_API_KEY;
use steward::db::schema::organizations;
use steward::error::Error;
use steward::jsonapi::atomic;
use steward::openapi;
use steward::people::kind::Kind;
use steward::people::row::{Row, Value as RowValue};
use steward::people::store;
use steward::users::create::NewUser;

use super::errors;
use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, REY, USER, id, stamp};
use crate::support::{Answer, TestApp};

const FILE: &str = "src/openapi/examples.json";

const PUT_REQUEST: &str = include_str!("../../fixtures/documented_put_request.json");

/// The id that clients make for what they make.
const OWN: &str = "11111111-1111-4111-8111-111111111111";
const FINN: &str = "22222222-2222-4222-8222-222222222222";
const POE: &str = "33333333-3333-4333-8333-333333333333";
const ORGANIZATION: &str = "77777777-7777-4777-8777-777777777777";

/// What was sent and answered so far. Finn shares Rey's account list; Poe has one, which Rey coaches.
pub(super) struct Play {
    pub(super) app: TestApp,
    key: String,
    examples: Map<String, Value>,
}

impl Play {
    fn new() -> Self {
        let app = TestApp::new();
        app.change(|connection| {
            let at = stamp(MADE_AT);
            for (who, name, list) in [(FINN, "Finn", ACCOUNT_LIST), (POE, "Poe", POE)] {
                let user = NewUser::new(id(who), name, at);
                let user = user.and_then(|user| user.account_list(id(list), "Poe's account list"));
                user.expect("a user").insert(connection)?;
            }
            let times = (organizations::created_at.eq(at), organizations::updated_at.eq(at));
            let organization = (organizations::id.eq(id(ORGANIZATION)), organizations::name.eq("Cru"), times);
            diesel::insert_into(organizations::table).values(organization).execute(connection)?;
            let mut coach = Row::new(Kind::of_type("account_list_coaches").expect("a kind"), id(OWN), at);
            coach.set("account_list", RowValue::Id(id(POE)));
            store::insert(connection, id(REY), &coach)
        });
        let key = app.api_key("importer");
        Self { app, key, examples: Map::new() }
    }

    /// Keeps an example, which must obey the schema of its name.
    pub(super) fn keep(&mut self, name: &str, value: Value) {
        let schema = if name.starts_with("errors_") { "errors" } else { name };
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        let faults = crate::support::openapi::faults(&schema, &value);
        assert!(faults.is_empty(), "{name}: {faults:?} in {value}");
        assert!(self.examples.insert(name.to_owned(), value).is_none(), "{name} twice");
    }

    /// Sends a document, and keeps it and its answer under names, of which an empty one keeps nothing.
    async fn send(&mut self, method: Method, path: &str, sent: Option<(&str, Value)>, answered: (u16, &str)) {
        let is_junos = ["juno_users", "dimensions", "tag", "ce_"].iter().any(|part| path.contains(part));
        let mut request =
            TestRequest::with_uri(path).method(method.clone()).insert_header(("X-Request-Id", "example"));
        if let Some((name, document)) = sent {
            let document = self.on_what_is(path, document).await;
            let content_type = match name {
                "operations" => atomic::ANSWER,
                _ if name.contains("_flat") || name == "batch" => "application/json",
                _ => JSON_API,
            };
            request = request.insert_header((CONTENT_TYPE, content_type)).set_payload(document.to_string());
            if !name.is_empty() {
                self.keep(name, document);
            }
        }
        if answered.1.contains("_flat") {
            request = request.insert_header(("Accept", "application/json"));
        }
        let answer = if is_junos {
            let request = request.insert_header((X_API_KEY, self.key.as_str()));
            self.app.send_as(None, request).await
        } else {
            self.app.send(request).await
        };
        self.answered(&answer, answered, &format!("{method} {path}"));
    }

    /// An edit that names a state, on that of now; the documented one is as it is documented.
    async fn on_what_is(&self, path: &str, mut document: Value) -> Value {
        if path != USER && document["data"]["attributes"]["updated_in_db_at"].is_string() {
            let shown = self.app.send(TestRequest::with_uri(path)).await.json();
            document["data"]["attributes"]["updated_in_db_at"] =
                shown["data"]["attributes"]["updated_in_db_at"].clone();
        }
        document
    }

    pub(super) fn answered(&mut self, answer: &Answer, (status, name): (u16, &str), asked: &str) {
        assert_eq!(answer.status, status, "{asked}: {}", answer.text());
        let mut value = if name.is_empty() { return } else { answer.json() };
        if let Some(headers) = value.pointer_mut("/0/headers").and_then(Value::as_object_mut) {
            // Its names come in any order.
            headers.remove("Access-Control-Expose-Headers");
        }
        self.keep(name, value);
    }

    async fn get(&mut self, path: &str, name: &str) {
        self.send(Method::GET, path, None, (200, name)).await;
    }

    /// Makes a resource, reads it, alone and among all, and edits it.
    async fn resource(&mut self, (all, one): (&str, &str), kind: &str, new: Value, edit: Option<Value>) {
        let (sent, document) = (format!("{kind}_new"), format!("{kind}_document"));
        let path = all.split('?').next().unwrap_or(all);
        self.send(Method::POST, path, Some((&sent, new)), (201, &document)).await;
        self.get(all, &format!("{kind}_list")).await;
        if let Some(edit) = edit {
            let sent = format!("{kind}_edit");
            self.send(Method::PATCH, one, Some((&sent, edit)), (200, "")).await;
        }
    }

    /// The same of one of the user's own rows.
    async fn row(&mut self, path: &str, kind: &str, attributes: Value, edit: Value) {
        let new = with_id(OWN, resource(kind, attributes));
        let (all, one) = (format!("{USER}/{path}"), format!("{USER}/{path}/{OWN}"));
        let one = if kind == "user_options" { format!("{USER}/{path}/setup_position") } else { one };
        self.resource((&all, &one), kind, new, Some(resource(kind, edit))).await;
    }
}

fn resource(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

fn with_id(id: &str, mut document: Value) -> Value {
    document["data"]["id"] = id.into();
    document
}

fn related(name: &str, kind: &str, id: &str, mut document: Value) -> Value {
    document["data"]["relationships"] = json!({ name: { "data": { "type": kind, "id": id } } });
    document
}

const STAMP: &str = "2022-01-12T17:18:09Z";

async fn own_rows(play: &mut Play) {
    let stamped = |name: &str, value: &str| json!({ name: value, "updated_in_db_at": STAMP });
    let email = json!({ "email": "rey@work.example", "location": "Work" });
    play.row("email_addresses", "email_addresses", email, stamped("location", "Home")).await;
    let facebook = json!({ "username": "rey.skywalker" });
    play.row("facebook_accounts", "facebook_accounts", facebook, stamped("username", "rey")).await;
    let linkedin = json!({ "public_url": "https://www.linkedin.com/in/rey" });
    let moved = stamped("public_url", "https://www.linkedin.com/in/rey-skywalker");
    play.row("linkedin_accounts", "linkedin_accounts", linkedin, moved).await;
    let phone = json!({ "number": "+12134567890", "location": "Mobile", "primary": true });
    play.row("phone_numbers", "phone_numbers", phone, stamped("location", "Home")).await;
    let twitter = json!({ "screen_name": "rey" });
    play.row("twitter_accounts", "twitter_accounts", twitter, stamped("screen_name", "rey_s")).await;
    play.row(
        "websites",
        "websites",
        json!({ "url": "https://example.com" }),
        stamped("url", "https://example.org"),
    )
    .await;
    let account = json!({ "email": "rey@example.com", "remote_id": "F4A2" });
    play.row("key_accounts", "key_accounts", account, stamped("first_name", "Rey")).await;
    let device = json!({ "platform": "ios", "token": "ExponentPushToken[1]", "version": "5.1" });
    play.row("devices", "user_devices", device, stamped("version", "5.2")).await;
    let option = json!({ "key": "setup_position", "value": "start" });
    play.row("options", "user_options", option, stamped("value", "finish")).await;
    let kind = "family_relationships";
    let new = related(
        "related_person",
        "people",
        FINN,
        with_id(OWN, resource(kind, json!({ "relationship": "Brother" }))),
    );
    let edit = Some(resource(kind, stamped("relationship", "Cousin (Male)")));
    let (all, one) = (format!("{USER}/{kind}"), format!("{USER}/{kind}/{OWN}"));
    play.resource((&all, &one), kind, new, edit).await;
    let kind = "organization_accounts";
    let new = related(
        "organization",
        "organizations",
        ORGANIZATION,
        with_id(OWN, resource(kind, json!({ "username": "rey" }))),
    );
    let edit = Some(resource(kind, stamped("username", "rey.s")));
    let (all, one) = (format!("{USER}/{kind}"), format!("{USER}/{kind}/{OWN}"));
    play.resource((&all, &one), kind, new, edit).await;
    play.get(&format!("{USER}/account_list_coaches"), "account_list_coaches_list").await;
    play.get(&format!("{USER}/account_list_coaches/{OWN}"), "account_list_coaches_document").await;
}

async fn user(play: &mut Play) {
    let put = serde_json::from_str(PUT_REQUEST).expect("JSON");
    play.get(USER, "users_document").await;
    play.send(Method::PUT, USER, Some(("users_edit", put)), (200, "")).await;
    play.get("/api/v2/contacts/people/me", "people_document").await;
    let edit =
        resource("people", json!({ "occupation": "Scavenger", "updated_in_db_at": "2022-01-12T17:18:10Z" }));
    play.send(Method::PUT, "/api/v2/contacts/people/me", Some(("people_edit", edit)), (200, "")).await;
    play.get(&format!("{USER}/master_person"), "master_people_document").await;
    play.get(&format!("{USER}/relationships/email_addresses"), "linkage").await;
    play.get(&format!("{USER}/relationships/master_person"), "master_person").await;
    let all =
        json!({ "data": [{ "type": "email_addresses", "id": "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f" }] });
    let path = format!("{USER}/relationships/email_addresses");
    play.send(Method::PATCH, &path, Some(("linkage_edit", all)), (204, "")).await;
    let one = json!({ "data": { "type": "master_people", "id": "df2cc53d-87d3-46e9-84b8-757921ebda71" } });
    let path = format!("{USER}/relationships/master_person");
    play.send(Method::PATCH, &path, Some(("master_person_edit", one)), (204, "")).await;
    let list = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    play.get("/api/v2/account_lists", "account_lists_list").await;
    play.get(&list, "account_lists_document").await;
    play.get(&format!("{list}/users"), "users_list").await;
    let edit = resource("account_lists", json!({ "name": "Rey's list", "updated_in_db_at": STAMP }));
    play.send(Method::PUT, &list, Some(("account_lists_edit", edit)), (200, "")).await;
}

async fn sync(play: &mut Play) {
    let website = format!("{USER}/websites/{OWN}");
    let deletion = json!({ "data": { "attributes": { "updated_in_db_at": "2022-01-12T17:18:10Z" } } });
    play.send(Method::DELETE, &website, Some(("deletion", deletion)), (204, "")).await;
    play.get("/api/v2/deleted_records", "deleted_records_list").await;
    let since =
        play.app.send(TestRequest::get().uri("/api/v2/user/changes")).await.json()["meta"]["version"].clone();
    play.get(&format!("{USER}/changes?since={}", since.as_i64().expect("a version") - 1), "changes").await;
    let made = with_id(FINN, resource("websites", json!({ "url": "https://finn.example" })))["data"].take();
    let edit = resource("users", json!({ "employer": "Cru", "overwrite": true }))["data"].take();
    let both = [json!({ "op": "add", "data": made }), json!({ "op": "update", "data": edit })];
    let sent = json!({ "atomic:operations": both });
    play.send(Method::POST, "/api/v2/operations", Some(("operations", sent)), (200, "results")).await;
    let sent = json!({ "requests": [{ "method": "GET", "path": "/api/v2/user/websites?page[size]=1" }] });
    play.send(Method::POST, "/api/v2/batch", Some(("batch", sent)), (200, "batch_answers")).await;
    play.send(Method::POST, "/api/v2/batch", Some(("", json!({}))), (400, "batch_problems")).await;
    play.keep("authenticate_new", resource("authenticate", json!({ "cas_ticket": "ST-1" })));
    play.send(Method::GET, "/healthz", None, (200, "status")).await;
}

async fn site(play: &mut Play) {
    let dimension = resource("dimensions", json!({ "name": "Medical School" }));
    let edit = Some(resource("dimensions", json!({ "locked": true })));
    play.resource(
        ("/api/v2/dimensions?filter[system]=false", "/api/v2/dimensions/1000"),
        "dimensions",
        dimension,
        edit,
    )
    .await;
    let kind = resource("tag_types", json!({ "name": "Interests", "group": 1 }));
    play.resource(("/api/v2/tag_types", ""), "tag_types", kind, None).await;
    let tag = related("tag_type", "tag_types", "2", resource("tags", json!({ "name": "Main Stage" })));
    let edit = Some(resource("tags", json!({ "name": "Main Stage 2022" })));
    play.resource(("/api/v2/tags", "/api/v2/tags/1"), "tags", tag, edit).await;
    let rey = json!({ "first_name": "Rey", "email": "rey@example.com", "city": "Los Angeles" });
    let new = related("user", "users", REY, resource("juno_users", rey));
    let edit = Some(resource("juno_users", json!({ "company": "Cru", "timezone": -28800 })));
    play.resource(("/api/v2/juno_users", "/api/v2/juno_users/1"), "juno_users", new, edit).await;
    let flat = json!({ "country": "USA", "tags": [{ "id": 1, "score": 35 }] });
    let one = "/api/v2/juno_users/1";
    play.send(Method::PUT, one, Some(("juno_users_flat_edit", flat)), (200, "juno_users_flat")).await;
    play.get("/api/v2/juno_users", "juno_users_flat_list").await;
    play.keep("juno_users_flat_new", json!({ "first_name": "John", "email": "jmclane@diehard.com" }));
    let tags = json!({ "data": [{ "type": "tags", "id": "1", "meta": { "score": 40 } }] });
    let linked = format!("{one}/relationships/tags");
    play.send(Method::PATCH, &linked, Some(("user_tags_edit", tags)), (200, "user_tags")).await;
    let value = resource("dimension_values", json!({ "value": "University of Washington" }));
    let at = format!("{one}/dimension_values/1000");
    play.send(Method::PUT, &at, Some(("dimension_values_edit", value)), (200, "dimension_values_document"))
        .await;
    play.get(&format!("{one}/dimension_values"), "dimension_values_list").await;
}

async fn education(play: &mut Play) {
    let program = json!({ "name": "Bible Survey", "ce_credits": 2, "ce_threshold": 50 });
    let program = with_id(OWN, resource("ce_programs", program));
    let at = format!("/api/v2/ce_programs/{OWN}");
    let edit = Some(resource("ce_programs", json!({ "partial_claims": true })));
    play.resource(("/api/v2/ce_programs", &at), "ce_programs", program, edit).await;
    let record = with_id(OWN, resource("ce_records", json!({ "published": true })));
    let record = related("program", "ce_programs", OWN, record);
    let at = format!("/api/v2/ce_records/{OWN}");
    let edit = Some(resource("ce_records", json!({ "ce_status": "Open" })));
    play.resource(("/api/v2/juno_users/1/ce_records", &at), "ce_records", record, edit).await;
    let activity = json!({ "hours": 1.5, "source_type": "session", "source_id": "4711" });
    let activity = with_id(OWN, resource("ce_activities", activity));
    play.resource((&format!("{at}/activities"), ""), "ce_activities", activity, None).await;
    let claim = with_id(OWN, resource("ce_claims", json!({ "hours": 1.5 })));
    play.resource((&format!("{at}/claims"), ""), "ce_claims", claim, None).await;
    play.get(&format!("{at}/certificate"), "ce_certificates_document").await;
}

/// What is answered where a test can't easily bring the server to it.
async fn constructed(play: &mut Play) {
    let errors = [
        Error::unsupported_media_type(&[JSON_API.to_owned()]),
        Error::payload_too_large(1024 * 1024),
        Error::too_many_requests("You have 16 streams of events open already."),
        Error::internal("-"),
        Error::busy("-"),
        Error::method_not_allowed("GET, HEAD, OPTIONS"),
    ];
    for error in errors {
        let status = error.status_code().as_u16();
        let body = to_bytes(error.answer("example").into_body()).await.expect("a body");
        play.keep(&format!("errors_{status}"), serde_json::from_slice(&body).expect("JSON"));
    }
}

#[actix_web::test]
async fn the_examples_are_real_and_obey_their_schemas() {
    let mut play = Play::new();
    user(&mut play).await;
    errors::play(&mut play).await;
    own_rows(&mut play).await;
    sync(&mut play).await;
    site(&mut play).await;
    education(&mut play).await;
    constructed(&mut play).await;
    let made = Value::Object(play.examples);
    if std::env::var_os("STEWARD_WRITE_DOCS").is_some() {
        let text = serde_json::to_string_pretty(&made).expect("JSON");
        return std::fs::write(FILE, text + "\n").expect("the file");
    }
    let text = std::fs::read_to_string(FILE).expect("the file");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written, made, "{FILE}: STEWARD_WRITE_DOCS=1 cargo test writes it anew");
    let shown = &openapi::document()["components"]["examples"];
    assert_eq!(shown.as_object().expect("examples").len(), made.as_object().expect("examples").len());
}

/// Of what has no example: a token is another one each time, and the constants are long.
const WITHOUT: [&str; 2] = ["authenticate_document", "constant_list_document"];

#[test]
fn every_document_that_is_sent_or_answered_has_an_example() {
    let components = &openapi::document()["components"];
    let schemas = components["schemas"].as_object().expect("schemas").keys();
    let documents =
        schemas.filter(|name| ["_document", "_list", "_new", "_edit"].iter().any(|end| name.ends_with(end)));
    let missing: Vec<_> =
        documents.filter(|name| components["examples"].get(name.as_str()).is_none()).collect();
    // What is called a list there is none of resources.
    let missing: Vec<_> =
        missing.into_iter().filter(|name| !["constant_list", "file_list"].contains(&name.as_str())).collect();
    assert_eq!(missing, WITHOUT);
}
