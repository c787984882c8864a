//! A request of each kind that the API has.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use steward::guard::precondition::Conditions;
use steward::jsonapi::Pointer;
use steward::jsonapi::atomic::ANSWER;
use steward::juno::user::changes::Changes;
use steward::juno::user::rights::Rights;
use steward::juno::user::write::Write;
use steward::people::kind::KINDS;
use steward::users::create::NewUser;

use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, REY, STAMP, USER, id, stamp, user};
use crate::support::education;
use crate::support::form::{Form, jpeg, of_mpdx_web, png};
use crate::support::rows::new_row;

/// Who shares Rey's account list, and is her brother.
pub(super) const FINN: &str = "11111111-1111-4111-8111-111111111111";

const OPERATIONS: &str = "/api/v2/operations";
const CONTACT: &str = "22222222-2222-4222-8222-222222222222";
const ORGANIZATION: &str = "44444444-4444-4444-8444-444444444444";
const ROW: &str = "33333333-3333-4333-8333-333333333333";

/// A dimension and a tag that anybody may have.
const OF_THE_SITE: &str = "INSERT INTO dimensions (id, key, name, name_folded, system, value_type, locked, active, \
                           version, created_at, updated_at) VALUES (1000, 'school', 'School', 'school', false, 'text', \
                           false, true, 1, now(), now()); INSERT INTO tag_types (id, name, name_folded, group_number, \
                           modifiable, analytics, version, created_at, updated_at) VALUES (1000, 'Topic', 'topic', 1, \
                           true, false, 1, now(), now()); INSERT INTO tags (id, name, name_folded, tag_type_id, version, \
                           created_at, updated_at) VALUES (1, 'Golf', 'golf', 1000, 1, now(), now())";

/// Rey, who is a user of JUNO, Finn, and a contact of their account list.
pub(super) fn with_finn() -> TestApp {
    let app = TestApp::new();
    let shared = format!(
        "INSERT INTO organizations VALUES ('{ORGANIZATION}', 'The Resistance', now(), now()); INSERT INTO contacts VALUES ('{CONTACT}', '{ACCOUNT_LIST}', 'A contact', now(), now())"
    );
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT));
        let finn = finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-"));
        finn.expect("Finn").insert(connection)?;
        connection.batch_execute(&shared)?;
        // A user of JUNO, too: then e-mail addresses and time zones are more than her own.
        let (conditions, rights) = (Conditions::default(), Rights { administers: true, is_self: false });
        let write = Write { rights, conditions: &conditions, now: stamp(MADE_AT) };
        let changes = Changes { person: Some((id(REY), Pointer::root())), ..Changes::default() };
        connection.batch_execute(OF_THE_SITE)?;
        let made = write.create(connection, &changes)?.expect("a user of JUNO");
        education::program(connection, ROW)?;
        education::record(connection, (REY, made.profile.id), ROW, ROW).map(drop)
    });
    app
}

/// A request and the status that it is answered with.
pub(super) struct Request {
    method: Method,
    path: String,
    document: Option<Value>,
    form: Option<Form>,
    key: Option<String>,
    status: u16,
}

impl Request {
    fn new(method: Method, path: impl Into<String>, document: Option<Value>, status: u16) -> Self {
        Self { method, path: path.into(), document, form: None, key: None, status }
    }

    fn answered(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) async fn send(self, app: &TestApp) {
        let name = self.name();
        let mut request = TestRequest::with_uri(&self.path).method(self.method);
        if let Some(document) = self.document {
            let content_type = if self.path == OPERATIONS { ANSWER } else { JSON_API };
            request = request.insert_header((CONTENT_TYPE, content_type)).set_payload(document.to_string());
        }
        if let Some(form) = self.form {
            request = request.insert_header((CONTENT_TYPE, form.content_type())).set_payload(form.body());
        }
        if let Some(key) = self.key {
            request = request.insert_header(("Idempotency-Key", key));
        }
        let answer = app.send(request).await;
        assert_eq!(answer.status, self.status, "{name}: {}", answer.text());
    }
}

fn get(path: &str) -> Request {
    Request::new(Method::GET, format!("/api/v2/{path}"), None, 200)
}

fn put_user(attributes: Value, status: u16) -> Request {
    Request::new(Method::PUT, USER, Some(user(attributes)), status)
}

/// A row of a kind, with an id where it has one; relatives are Finn.
fn row(kind: &str, id: Option<&str>, overwrite: bool) -> Value {
    let mut row = new_row(kind, FINN)["data"].take();
    if overwrite {
        row["attributes"]["overwrite"] = true.into();
        if kind == "family_relationships" {
            row["attributes"]["relationship"] = "Cousin".into();
        }
    }
    if let Some(id) = id {
        row["id"] = id.into();
    }
    row
}

/// A picture, in place of another; without it; and looked for.
fn pictures() -> [Request; 4] {
    let upload = |form| Request {
        form: Some(form),
        ..Request::new(Method::PUT, "/api/v2/contacts/people/me", None, 200)
    };
    [
        upload(of_mpdx_web(REY, "image/png", &png())),
        upload(of_mpdx_web(REY, "image/jpeg", &jpeg())),
        Request::new(Method::GET, format!("/pictures/{REY}/{}", "0".repeat(32)), None, 404),
        put_user(json!({ "avatar": null, "overwrite": true }), 200),
    ]
}

/// All of them, in an order in which each finds what it needs.
pub(super) fn requests() -> Vec<Request> {
    let mut all = vec![get("user")];
    all.extend(writes_of_the_user());
    all.extend(pictures());
    for kind in &KINDS {
        all.extend(writes_of_rows(kind.name));
    }
    all.extend(reads());
    all.push(operations());
    all.extend(rows_aside());
    all.extend(what_is_shared());
    for kind in &KINDS {
        let path = format!("{USER}/{}/{ROW}", kind.name);
        all.push(Request::new(Method::DELETE, path, None, 204));
    }
    all.extend(["dimensions", "dimensions/1", "tag_types", "tags"].map(get));
    all.extend(continuing_education());
    all.extend(a_user_of_juno());
    all.push(stale());
    all.push(nested());
    all.push(put_user(json!({ "preferences": { "time_zone": "London" }, "overwrite": true }), 200));
    for path in ["user/changes", "user/changes?since=1", "deleted_records?filter[types]=Website"] {
        all.push(get(path));
    }
    all.push(Request { status: 410, ..get("user/changes?since=99999") });
    all
}

/// Whoever administers the site finds records by `owners`; a user by himself.
fn continuing_education() -> Vec<Request> {
    let record = format!("ce_records/{ROW}");
    let claims = format!("/api/v2/{record}/claims");
    let mut all = vec![
        get("ce_programs"),
        get(&format!("ce_programs/{ROW}")),
        get("juno_users/1/ce_records?include=program"),
        get(&record),
        get(&format!("{record}/activities")),
        Request { key: Some("claim".to_owned()), ..Request::new(Method::POST, &claims, None, 201) },
        Request::new(Method::POST, &claims, None, 409),
    ];
    all.extend([get(&format!("{record}/claims")), get(&format!("{record}/certificate"))]);
    all
}

fn rows_aside() -> Vec<Request> {
    let resource =
        |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
    let option = |attributes: Value| Some(resource("user_options", attributes));
    let account = |attributes: Value| {
        let mut account = resource("key_accounts", attributes);
        account["data"]["id"] = ROW.into();
        Some(account)
    };
    let (accounts, own) = (format!("{USER}/key_accounts"), format!("{USER}/key_accounts/{ROW}"));
    let (options, named) = (format!("{USER}/options"), format!("{USER}/options/a"));
    vec![
        Request::new(Method::POST, options, option(json!({ "key": "a", "value": "1" })), 201),
        Request::new(Method::PUT, named.clone(), option(json!({ "value": "2", "overwrite": true })), 200),
        get("user/options"),
        get("user/options/a"),
        Request::new(Method::DELETE, named, None, 204),
        Request::new(
            Method::POST,
            format!("{USER}/devices"),
            Some(resource("user_devices", json!({ "token": "abc" }))),
            201,
        ),
        Request::new(Method::POST, accounts, account(json!({ "email": "r@e.y", "remote_id": "F1" })), 201),
        Request::new(Method::PUT, own.clone(), account(json!({ "remote_id": "F2", "overwrite": true })), 200),
        get("user/key_accounts"),
        get(&format!("user/key_accounts/{ROW}")),
        Request { status: 404, ..get(&format!("user/key_accounts/{CONTACT}")) },
        Request::new(Method::DELETE, own, None, 204),
    ]
}

fn what_is_shared() -> Vec<Request> {
    let list = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    let edit = |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
    let renamed = edit("account_lists", json!({ "name": "Ours", "overwrite": true }));
    let (accounts, account) =
        (format!("{USER}/organization_accounts"), format!("{USER}/organization_accounts/{ROW}"));
    let mut made = edit("organization_accounts", json!({ "username": "rey" }));
    made["data"]["id"] = ROW.into();
    let organization = json!({ "type": "organizations", "id": ORGANIZATION });
    made["data"]["relationships"] = json!({ "organization": { "data": organization } });
    let changed = edit("organization_accounts", json!({ "username": "rey.s", "overwrite": true }));
    vec![
        get("account_lists"),
        get(&format!("account_lists/{ACCOUNT_LIST}?include=users,coaches,organization_accounts")),
        get(&format!("account_lists/{ACCOUNT_LIST}/users")),
        Request::new(Method::PUT, list, Some(renamed), 200),
        Request::new(Method::POST, &accounts, Some(made), 201),
        get("user/organization_accounts?include=organization,person,account_list"),
        Request::new(Method::PUT, &account, Some(changed), 200),
        Request::new(Method::DELETE, &account, None, 204),
    ]
}

/// What a user of JUNO asks of his own. What others ask is found by his number, on every part.
fn a_user_of_juno() -> Vec<Request> {
    let own = "/api/v2/juno_users/me";
    let user =
        |attributes: Value| Some(json!({ "data": { "type": "juno_users", "attributes": attributes } }));
    let (tags, value) = (format!("{own}/relationships/tags"), format!("{own}/dimension_values/1000"));
    let tag = || Some(json!({ "data": [{ "type": "tags", "id": "1", "meta": { "score": 2 } }] }));
    let school = json!({ "data": { "type": "dimension_values", "attributes": { "value": "UCLA" } } });
    let all = json!({
        "first_name": "Rey", "title": "Scavenger", "city": "Niima", "phone": "123-555-4321", "timezone": 0,
        "email": "rey@resistance.example", "website": "https://rey.example",
        "twitter": "https://twitter.com/rey", "facebook": "https://www.facebook.com/rey",
        "linkedin": "https://www.linkedin.com/in/rey/",
    });
    let put = |attributes: Value| Request::new(Method::PUT, own, user(attributes), 200);
    vec![
        get("juno_users/me"),
        put(all),
        put(json!({ "city": null })),
        Request { key: Some("juno".to_owned()), ..put(json!({ "city": "Jakku" })) },
        put(json!({ "website": "no URL" })).answered(400),
        Request::new(Method::POST, &tags, tag(), 200),
        Request::new(Method::PUT, &value, Some(school), 200),
        get("juno_users/1?include=tags.tag_type,dimension_values.dimension,user"),
        get("juno_users/me/relationships/tags"),
        get("juno_users/me/dimension_values?include=dimension"),
        get("juno_users/me/dimension_values/1000"),
        Request::new(Method::DELETE, &tags, tag(), 200),
        Request::new(Method::DELETE, &value, None, 204),
        get("juno_users").answered(403),
        get("juno_users/2").answered(404),
    ]
}

fn operations() -> Request {
    let update = user(json!({ "employer": "Cru", "overwrite": true }));
    let mut operations = vec![json!({ "op": "update", "data": update["data"] })];
    operations
        .extend(KINDS.iter().map(|kind| json!({ "op": "update", "data": row(kind.name, Some(ROW), true) })));
    operations.push(json!({ "op": "add", "data": row("websites", None, false) }));
    Request::new(Method::POST, OPERATIONS, Some(json!({ "atomic:operations": operations })), 200)
}

fn writes_of_the_user() -> Vec<Request> {
    let keyed = |first_name| Request {
        key: Some("k1".to_owned()),
        ..put_user(json!({ "first_name": first_name, "overwrite": true }), 200)
    };
    let merge = |mut request: Request| {
        let document = request.document.as_mut().expect("a document");
        document["data"]["meta"] = json!({ "on_conflict": "merge" });
        request
    };
    vec![
        put_user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }), 200),
        put_user(json!({ "first_name": "Jim", "updated_in_db_at": STAMP }), 409),
        merge(put_user(json!({ "employer": "Cru", "updated_in_db_at": STAMP }), 200)),
        put_user(json!({ "parent_contacts": [CONTACT], "overwrite": true }), 200),
        put_user(json!({ "preferences": { "locale": "de" }, "overwrite": true }), 200),
        keyed("Joe"),
        keyed("Joe"),
        Request { status: 422, ..keyed("Jim") },
    ]
}

fn writes_of_rows(kind: &str) -> Vec<Request> {
    let (all, one) = (format!("{USER}/{kind}"), format!("{USER}/{kind}/{ROW}"));
    let data = |row: Value| Some(json!({ "data": row }));
    vec![
        Request::new(Method::POST, &all, data(row(kind, Some(ROW), false)), 201),
        Request::new(Method::GET, &all, None, 200),
        Request::new(Method::GET, &one, None, 200),
        Request::new(Method::PUT, &one, data(row(kind, Some(ROW), true)), 200),
        Request {
            key: Some(kind.to_owned()),
            ..Request::new(Method::PUT, &one, data(row(kind, Some(ROW), true)), 200)
        },
        Request::new(Method::GET, format!("{USER}/relationships/{kind}"), None, 200),
    ]
}

fn reads() -> Vec<Request> {
    let mut reads: Vec<_> = [
        "user?include=*",
        "user?include=family_relationships.related_person,account_lists.users",
        "user?filter[account_list_id]=64e69b34-623b-416b-80ce-5a255f5d82fa",
        "users/me",
        "contacts/people/me",
        "user/account_lists",
        "user/account_lists?include=users",
        "user/master_person",
        "user/relationships/account_lists",
        "user/relationships/master_person",
        "user/account_list_coaches?include=account_list",
        "constants",
        "deleted_records",
    ]
    .map(get)
    .into();
    reads.push(Request::new(Method::GET, "/readyz", None, 200));
    reads
}

/// An edit on an old state: the answer tells of all that happened since.
fn stale() -> Request {
    put_user(json!({ "last_name": "Storm", "first_name": "Jim", "updated_in_db_at": STAMP }), 409)
}

/// A PUT of the user with a new row of each kind.
fn nested() -> Request {
    let mut document = user(json!({ "overwrite": true }));
    for kind in &KINDS {
        document["data"]["relationships"][kind.name] = json!({ "data": [row(kind.name, None, false)] });
    }
    Request { key: Some("nested".to_owned()), ..Request::new(Method::PUT, USER, Some(document), 200) }
}
