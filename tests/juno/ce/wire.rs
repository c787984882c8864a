//! Continuing education through the real router: what is stored and answered, and that the rules hold there as they do by
//! themselves.

mod certificates;
mod claims;
mod crash;
mod earning;
mod keys;
mod model;
mod programs;
mod races;
mod records;
mod status;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::juno_users;

use crate::juno::{Site, document, made, request};
use crate::support::Answer;
use crate::support::app::{MADE_AT, REY, stamp};
use crate::support::education::join;

/// An integration, a program, and the record of Rey in it; she is the first user of JUNO.
pub struct School {
    pub site: Site,
    pub program: String,
    pub record: String,
}

/// Where Rey's records are.
pub const RECORDS: &str = "juno_users/1/ce_records";

/// A program that gives all or nothing.
pub fn program(credits: &str, threshold: u8) -> Value {
    json!({ "name": "Ethics", "ce_credits": credits, "ce_threshold": threshold })
}

pub fn new_record(program: &str, is_published: bool) -> Value {
    let mut record = document("ce_records", json!({ "published": is_published }));
    record["data"]["relationships"]["program"] = json!({ "data": { "type": "ce_programs", "id": program } });
    record
}

pub fn new_activity(source: &str, hours: impl Into<Value>) -> Value {
    let attributes = json!({ "hours": hours.into(), "source_type": "session", "source_id": source });
    document("ce_activities", attributes)
}

pub fn new_claim(hours: impl Into<Value>) -> Value {
    document("ce_claims", json!({ "hours": hours.into() }))
}

/// A site on which Rey is a user of JUNO.
pub fn site() -> Site {
    let site = Site::new();
    assert_eq!(site.app.change(|connection| join(connection, REY)), 1);
    site
}

impl School {
    /// A record that is published.
    pub async fn new(rules: Value) -> Self {
        Self::on(site(), rules, true).await
    }

    /// A record that is not.
    pub async fn hidden(rules: Value) -> Self {
        Self::on(site(), rules, false).await
    }

    pub async fn on(site: Site, rules: Value, is_published: bool) -> Self {
        let program = made(&site.post("ce_programs", &document("ce_programs", rules)).await);
        let record = made(&site.post(RECORDS, &new_record(&program, is_published)).await);
        Self { site, program, record }
    }

    /// A path of the record.
    pub fn path(&self, below: &str) -> String {
        format!("ce_records/{}{below}", self.record)
    }

    /// A request of Rey's.
    pub async fn by_rey(&self, method: Method, below: &str, document: Option<&Value>) -> Answer {
        self.site.app.send(request(method, &self.path(below), document)).await
    }

    /// A request of the integration's.
    pub async fn by_key(&self, method: Method, below: &str, document: Option<&Value>) -> Answer {
        self.site.send(request(method, &self.path(below), document)).await
    }

    /// Another request of the integration's, with a header.
    pub fn with(&self, method: Method, below: &str, (name, value): (&str, &str)) -> TestRequest {
        request(method, &self.path(below), None).insert_header((name, value))
    }

    /// Rey has attended something.
    pub async fn attend(&self, source: &str, hours: impl Into<Value>) -> Answer {
        self.site.post(&self.path("/activities"), &new_activity(source, hours)).await
    }

    /// Rey claims so many hours.
    pub async fn claim(&self, hours: impl Into<Value>) -> Answer {
        self.by_rey(Method::POST, "/claims", Some(&new_claim(hours))).await
    }

    /// Rey claims all.
    pub async fn claim_all(&self) -> Answer {
        self.by_rey(Method::POST, "/claims", None).await
    }

    pub async fn reopen(&self) -> Answer {
        self.by_key(Method::POST, "/reopen", None).await
    }

    /// The integration publishes the record or hides it.
    pub async fn set(&self, status: &str) -> Answer {
        let change = document("ce_records", json!({ "ce_status": status }));
        self.by_key(Method::PATCH, "", Some(&change)).await
    }

    /// The rules change.
    pub async fn change(&self, rules: Value) {
        let path = format!("ce_programs/{}", self.program);
        self.site.patch(&path, &document("ce_programs", rules)).await.assert_ok();
    }

    /// What the integration is shown of the record.
    pub async fn shown(&self) -> Value {
        self.by_key(Method::GET, "", None).await.assert_ok()
    }

    pub async fn tag(&self) -> String {
        self.by_key(Method::GET, "", None).await.header("etag").expect("a tag").to_owned()
    }

    /// Status, earned and claimed hours.
    pub async fn at(&self) -> (String, Value, Value) {
        let shown = self.shown().await;
        let status = shown["ce_status"].as_str().expect("a status").to_owned();
        (status, shown["ce_earned_hours"].clone(), shown["ce_claimed_hours"].clone())
    }

    /// Asserts them.
    pub async fn assert_at(&self, status: &str, earned: impl Into<Value>, claimed: impl Into<Value>) {
        assert_eq!(self.at().await, (status.to_owned(), earned.into(), claimed.into()));
    }

    /// The claims as the integration is shown them: hours, and whether it is void.
    pub async fn claims(&self) -> Vec<(Value, bool)> {
        let list = self.by_key(Method::GET, "/claims", None).await;
        let claims = list.json()["data"].as_array().cloned().expect("a list");
        let attributes = claims.iter().map(|claim| &claim["attributes"]);
        attributes.map(|claim| (claim["hours"].clone(), !claim["voided_at"].is_null())).collect()
    }

    /// Sets the clock to so many seconds behind the time at which all was made.
    pub fn clock(&self, seconds: i64) {
        self.site.app.clock.set(stamp(MADE_AT + seconds));
    }

    /// Locks Rey out of the site, or lets her in.
    pub fn ban(&self, banned: bool) {
        self.site.app.change(|connection| {
            diesel::update(juno_users::table).set(juno_users::banned.eq(banned)).execute(connection)
        });
    }
}

/// A time as documents have it.
pub fn time(seconds: i64) -> String {
    stamp(MADE_AT + seconds).to_string()
}

/// Asserts a refusal with one error; returns its `meta`.
pub fn refused(answer: &Answer, status: u16, code: &str) -> Value {
    answer.assert_refused(status, &[code]);
    answer.error()["meta"].clone()
}
