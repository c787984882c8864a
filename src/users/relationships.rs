//! `/api/v2/user/relationships/<name>`: linkage by itself (design 9). It is read; what is stored may be sent back;
//! any other change is refused, since rows are written through themselves.

use actix_web::HttpResponse;
use actix_web::http::Method;

use super::linkage::SentRelationship;
use super::render;
use super::show::{check_account_list, current};
use crate::answer::Answer;
use crate::error::Error;
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::{Code, ErrorObject, Fault, Json, Pointer, media_type};
use crate::pipeline::Call;
use crate::sync::idempotency::{self, Begun};

/// A relationship has nothing to include, sort or cut.
const SCHEMA: Schema =
    Schema { kind: "users", collection: false, relationships: |_| &[], sort: &[], filters: &[], own: &[] };

/// `GET`: the linkage as primary data (K56, K58).
///
/// # Errors
/// 400 for the query, 503.
pub async fn show(call: Call, name: &'static str) -> Result<HttpResponse, Error> {
    let query = Query::parse(call.query(), &SCHEMA)?;
    let user = current(&call.state, call.user).await?;
    check_account_list(&query, &user.person)?;
    let body = render::linkage_document(&user.person, name);
    Ok(HttpResponse::Ok().content_type(media_type::ANSWER).body(body))
}

/// `PATCH`, `POST` and `DELETE`: 204 where nothing would change, else 403.
///
/// # Errors
/// 400 for a body that is no linkage, 403, 503.
pub async fn change(call: Call, name: &'static str, method: Method) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &SCHEMA)?;
    let data = Pointer::root().member("data");
    let shape = || Fault::new(Code::InvalidDocument, "The document must have linkage in `data`.");
    let sent = document.get("data").ok_or_else(|| ErrorObject::at(shape(), Pointer::root()))?;
    let to_one = name == super::linkage::MASTER_PERSON;
    let fits = match sent {
        Json::Array(elements) => !to_one && elements.iter().all(|element| matches!(element, Json::Object(_))),
        Json::Object(_) | Json::Null => to_one && method == Method::PATCH,
        _ => false,
    };
    if !fits {
        return Err(shape().at(data).into());
    }
    let user = current(&call.state, call.user).await?;
    check_account_list(&query, &user.person)?;
    let relationship = SentRelationship::read(name, &document, &data);
    let relationship =
        relationship.ok_or_else(|| Error::internal("a relationship of the routes is unknown"))?;
    let stored = relationship.stored(&user.person.linkage, user.person.master_person.id);
    let changes = match method {
        Method::POST => !relationship.is_within(&stored),
        Method::DELETE => relationship.meets(&stored),
        _ => !relationship.equals(&stored),
    };
    let answer = if changes { Err(relationship.refused().into()) } else { Ok(Answer::no_content()) };
    once.settle(&call, answer).await
}
