//! Users of JUNO below the wire (`juno.md` 1.2 to 1.4, 5): one way to read and one to write them, and one person for both
//! systems. MPDX's side is asked through its own routes.

mod both;
mod concurrent;
mod dimensions;
mod mapping;
mod mpdx;
mod remembered;
mod rights;
mod rows;
mod tags;
mod values;

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use actix_web::body::MessageBody as _;
use actix_web::http::Method;
use serde_json::{Value as Json, json};
use steward::clock::Clock as _;
use steward::db::Connection;
use steward::error::Error;
use steward::guard::precondition::Conditions;
use steward::id::Id;
use steward::jsonapi::Pointer;
use steward::juno::profile::Profile;
use steward::juno::user::changes::{Changes, Sent, SentTag, SentValue};
use steward::juno::user::field::{FIELDS, Field, Takes, Value};
use steward::juno::user::read::{view, views};
use steward::juno::user::rights::Rights;
use steward::juno::user::view::View;
use steward::juno::user::write::Write;

use crate::support::app::{REY, USER, id};
use crate::support::{Answer, TestApp};

/// An integration, a user himself, a user with full access who is the user.
pub const SITE: Rights = Rights { administers: true, is_self: false };
pub const SELF: Rights = Rights { administers: false, is_self: true };
pub const ADMIN_SELF: Rights = Rights { administers: true, is_self: true };

/// The e-mail address that the documented person has.
pub const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";

/// The result of a write that reached the database.
pub type Done = Result<View, Error>;

pub fn place(name: &str) -> Pointer {
    Pointer::attributes().member(name)
}

fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::Bool(flag) => Some(Value::Flag(*flag)),
        Json::Number(number) => number.as_i64().map(Value::Number),
        other => Some(Value::Text(other.as_str().expect("a text").to_owned())),
    }
}

/// A write that sets fields.
pub fn fields(sent: &Json) -> Changes {
    let sent = sent.as_object().expect("fields").iter().map(|(name, sent)| {
        let field = Field::named(name).expect("a field");
        (field.name, Sent { value: value(sent), at: place(name) })
    });
    Changes { fields: sent.collect(), ..Changes::default() }
}

/// A value of a dimension, as the element of an array.
pub fn entry(index: usize, id: Option<i64>, name: Option<&str>, value: Option<&str>) -> SentValue {
    let at = Pointer::root().member("dimensions").element(index);
    SentValue { id, name: name.map(str::to_owned), value: value.map(str::to_owned), at }
}

/// A tag, as the element of an array.
pub fn tag(index: usize, id: i64, score: Option<i32>) -> SentTag {
    SentTag { id, score, at: Pointer::root().member("tags").element(index) }
}

/// Everything that a document would show, sent back.
pub fn echo(view: &View) -> Changes {
    let own = |field: &&Field| field.takes != Takes::Time;
    let sent = |field: &Field| Sent { value: view.fields.get(field.name).cloned(), at: place(field.name) };
    let values = view.dimensions.iter().enumerate();
    let tags = view.tags.iter().enumerate();
    Changes {
        person: None,
        fields: FIELDS.iter().filter(own).map(|field| (field.name, sent(field))).collect(),
        dimensions: Some(values.map(|(i, v)| entry(i, Some(v.id), Some(&v.name), Some(&v.value))).collect()),
        tags: Some(tags.map(|(i, t)| tag(i, t.id, Some(t.score))).collect()),
        ..Changes::default()
    }
}

/// A refusal: its status, and code and place of each error.
pub fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> (u16, Vec<(String, String)>) {
    let (status, errors) = refused(done);
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let errors = errors.iter().map(|e| (text(&e["code"]), text(&e["source"]["pointer"])));
    (status, errors.collect())
}

/// A refusal with all that its errors say.
pub fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> (u16, Vec<Json>) {
    let response = done.expect_err("a refusal").error_response();
    let status = response.status().as_u16();
    let body = response.into_body().try_into_bytes().expect("a body that is there");
    let document: Json = serde_json::from_slice(&body).expect("JSON");
    (status, document["errors"].as_array().cloned().expect("errors"))
}

/// One error as [`refusal`] tells it.
pub fn one(status: u16, code: &str, at: &str) -> (u16, Vec<(String, String)>) {
    (status, vec![(code.to_owned(), at.to_owned())])
}

/// An application with users of JUNO.
pub struct Users {
    pub app: TestApp,
    key: String,
}

impl Users {
    pub fn new() -> Self {
        let app = TestApp::new();
        let key = app.api_key("importer");
        Self { app, key }
    }

    /// A request of the integration that keeps what the site defines.
    pub async fn site(&self, method: Method, path: &str, document: Option<&Json>) -> Answer {
        let request = super::request(method, path, document);
        self.app.send_as(None, request.insert_header(("X-API-Key", self.key.as_str()))).await
    }

    /// Does a write, with the rights of a caller and no conditions.
    pub fn write<T>(
        &self,
        rights: Rights,
        work: impl FnOnce(&Write<'_>, &mut Connection) -> diesel::QueryResult<T>,
    ) -> T {
        let (conditions, now) = (Conditions::default(), self.app.clock.now());
        self.app.change(|connection| work(&Write { rights, conditions: &conditions, now }, connection))
    }

    pub fn create(&self, changes: &Changes) -> Done {
        self.write(SITE, |write, connection| write.create(connection, changes))
    }

    /// Makes the documented person a user of JUNO.
    pub fn link(&self, sent: &Json) -> View {
        let person = Some((id(REY), Pointer::root().member("data").member("relationships")));
        self.create(&Changes { person, ..fields(sent) }).expect("a user")
    }

    /// Makes somebody who was not there before.
    pub fn add(&self, email: &str) -> View {
        self.create(&fields(&json!({ "first_name": "Finn", "email": email }))).expect("a user")
    }

    pub fn change(&self, rights: Rights, user: i64, changes: &Changes) -> Done {
        self.write(rights, |write, connection| write.change(connection, user, changes))
    }

    /// The site sets fields, and nothing speaks against it.
    pub fn set(&self, user: i64, sent: &Json) -> View {
        self.change(SITE, user, &fields(sent)).expect("a change")
    }

    pub fn view(&self, user: i64) -> View {
        let now = self.app.clock.now();
        self.app.change(|connection| {
            let profile = Profile::find(connection, user)?.expect("a user");
            view(connection, profile, now)
        })
    }

    /// A field as documents show it.
    pub fn field(&self, user: i64, name: &str) -> Json {
        shown(&self.view(user), name)
    }

    /// All users in one read, and how many statements it took does not matter here.
    pub fn views(&self, users: &[i64]) -> Vec<View> {
        let now = self.app.clock.now();
        self.app.change(|connection| {
            let profiles = users.iter().map(|user| Profile::find(connection, *user));
            let profiles = profiles.collect::<Result<Vec<_>, _>>()?;
            views(connection, profiles.into_iter().map(|profile| profile.expect("a user")).collect(), now)
        })
    }

    /// The document of a person on MPDX's side, with all that is his.
    pub async fn document(&self, person: Id) -> Json {
        let path = format!(
            "{USER}?include=email_addresses,phone_numbers,facebook_accounts,twitter_accounts,linkedin_accounts,websites"
        );
        let answer = self.mpdx(person, Method::GET, &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A request of a person on MPDX's side.
    pub async fn mpdx(&self, person: Id, method: Method, path: &str, document: Option<&Json>) -> Answer {
        let token = self.app.token_of(&person.to_string());
        self.app.call_as(&token, method, path, document).await
    }

    /// His rows of a kind, as MPDX shows them: their attributes beside their ids, the primary one first.
    pub async fn rows(&self, person: Id, kind: &str) -> Vec<(String, Json)> {
        let document = self.document(person).await;
        let included = document["included"].as_array().cloned().unwrap_or_default();
        let ids = document["data"]["relationships"][kind]["data"].as_array().cloned().expect("linkage");
        let row = |id: &Json| {
            let row =
                included.iter().find(|row| row["type"] == kind && row["id"] == id["id"]).expect("a row");
            (id["id"].as_str().expect("an id").to_owned(), row["attributes"].clone())
        };
        ids.iter().map(row).collect()
    }

    /// Adds a row of a kind on MPDX's side.
    pub async fn add_row(&self, person: Id, kind: &str, attributes: Json) -> String {
        let document = json!({ "data": { "type": kind, "attributes": attributes } });
        let answer = self.mpdx(person, Method::POST, &format!("{USER}/{kind}"), Some(&document)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["data"]["id"].as_str().expect("an id").to_owned()
    }
}

/// A field of a view as documents hold it.
pub fn shown(view: &View, name: &str) -> Json {
    match view.fields.get(name) {
        None => Json::Null,
        Some(Value::Text(text)) => text.as_str().into(),
        Some(Value::Number(number)) => (*number).into(),
        Some(Value::Flag(flag)) => (*flag).into(),
    }
}

/// Fields of a view as documents hold them.
pub fn all_shown(view: &View) -> BTreeMap<&'static str, Json> {
    view.fields.keys().map(|name| (*name, shown(view, name))).collect()
}
