//! `/api/v2/user/relationships/<name>`: linkage by itself (design 9). It is read; what is stored may be sent back;
//! any other change is refused, since rows are written through themselves.

use actix_web::HttpResponse;

use super::linkage::{MASTER_PERSON, SentRelationship};
use super::person::Person;
use super::render;
use super::show::current;
use crate::answer::Answer;
use crate::error::Error;
use crate::jsonapi::atomic::Op;
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::{Code, Fault, Json, Pointer, media_type};
use crate::pipeline::Call;
use crate::policy;
use crate::sync::idempotency::{self, Begun};

/// A relationship has nothing to include, sort or cut.
pub const SCHEMA: Schema =
    Schema { kind: "users", collection: false, relationships: |_| &[], sort: &[], filters: &[], own: &[] };

/// `GET`: the linkage as primary data (K56, K58).
///
/// # Errors
/// 400 for the query, 503.
pub async fn show(call: Call, name: &'static str) -> Result<HttpResponse, Error> {
    let query = Query::parse(call.query(), &SCHEMA)?;
    let user = current(&call.state, call.user).await?;
    policy::check_filter(&query, &user.person)?;
    let body = render::linkage_document(&user.person, name);
    Ok(HttpResponse::Ok().content_type(media_type::ANSWER).body(body))
}

/// `PATCH`, `POST` and `DELETE`: 204 where nothing would change, else 403.
///
/// # Errors
/// 400 for a body that is no linkage, 403, 503.
pub async fn change(call: Call, name: &'static str, op: Op) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &SCHEMA)?;
    let change = LinkageChange::read(name, op, &document)?;
    let user = current(&call.state, call.user).await?;
    policy::check_filter(&query, &user.person)?;
    let answer = match change.refusal(&user.person) {
        Some(fault) => Err(fault.into()),
        None => Ok(Answer::no_content()),
    };
    once.settle(&call, answer).await
}

/// A change of a relationship by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkageChange {
    op: Op,
    sent: SentRelationship,
}

impl LinkageChange {
    /// Reads the linkage in `data`.
    ///
    /// # Errors
    /// 400 for what is no linkage of the relationship.
    pub fn read(name: &'static str, op: Op, document: &Json) -> Result<Self, Fault> {
        let data = Pointer::root().member("data");
        let shape = || Fault::new(Code::InvalidDocument, "The document must have linkage in `data`.");
        let linkage = document.get("data").ok_or_else(|| shape().at(Pointer::root()))?;
        let to_one = name == MASTER_PERSON;
        let fits = match linkage {
            Json::Array(elements) => {
                !to_one && elements.iter().all(|element| matches!(element, Json::Object(_)))
            }
            Json::Object(_) | Json::Null => to_one && op == Op::Update,
            _ => false,
        };
        let sent = SentRelationship::read(name, document, &data).filter(|_| fits);
        Ok(Self { op, sent: sent.ok_or_else(|| shape().at(data))? })
    }

    /// Why it is refused; `None` where it would change nothing.
    #[must_use]
    pub fn refusal(&self, person: &Person) -> Option<Fault> {
        let stored = self.sent.stored(&person.linkage, person.master_person.id);
        let changes = match self.op {
            Op::Add => !self.sent.is_within(&stored),
            Op::Remove => self.sent.meets(&stored),
            Op::Update => !self.sent.equals(&stored),
        };
        changes.then(|| self.sent.refused())
    }
}
