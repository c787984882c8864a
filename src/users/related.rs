//! `/api/v2/user/master_person`: what a user's relationship leads to that is not his own (design 9), to be read only. The
//! rows that he owns are in `people`, the lists that he shares in `account_lists`.

use actix_web::HttpResponse;

use super::include::relationships;
use super::render::{MASTER_PEOPLE, MasterPersonResource};
use super::show::current;
use crate::answer::Answer;
use crate::error::Error;
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Schema};
use crate::pipeline::Call;
use crate::policy;

/// `GET /api/v2/user/master_person`: what the relationship leads to. Each user has one, so it is never null (K54).
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn master_person(call: Call) -> Result<HttpResponse, Error> {
    let schema =
        Schema { kind: MASTER_PEOPLE, collection: false, relationships, sort: &[], filters: &[], own: &[] };
    let query = Query::parse(call.query(), &schema)?;
    let user = current(&call.state, call.user).await?;
    policy::check_filter(&query, &user.person)?;
    let data = MasterPersonResource(&user.person.master_person, &query.fields);
    Ok(Answer::document(&Document { data, included: None::<()>, meta: None }).into_response())
}
