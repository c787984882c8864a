//! `/api/v2/user/account_lists` and `/api/v2/user/master_person`: what a user's relationships lead to that is not his
//! own (design 9), to be read only. The rows that he owns are in `people`.

use actix_web::HttpResponse;

use super::include::{self, AccountList, relationships};
use super::linkage::ACCOUNT_LISTS;
use super::render::{ListResource, MASTER_PEOPLE, MasterPersonResource, OtherResource, USERS};
use super::show::{check_account_list, current};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::collection::{Collection, FILTERS, Listed, Page, page};
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Schema};
use crate::pipeline::Call;

/// What account lists can be sorted by.
const SORT: &[&str] = &["created_at", "name", "updated_at"];

impl Listed for AccountList {
    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Stamp {
        self.created_at
    }

    fn updated_at(&self) -> Stamp {
        self.updated_at
    }

    fn stamp(&self) -> Stamp {
        self.updated_in_db_at
    }

    fn text(&self, field: &str) -> Option<&str> {
        (field == "name").then_some(&self.name)
    }
}

/// `GET /api/v2/user/account_lists`: the lists that the user shares, the oldest first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn account_lists(call: Call) -> Result<HttpResponse, Error> {
    let schema = Schema {
        kind: ACCOUNT_LISTS,
        collection: true,
        relationships,
        sort: SORT,
        filters: FILTERS,
        own: &[],
    };
    let query = Query::parse(call.query(), &schema)?;
    let user = current(&call.state, call.user).await?;
    check_account_list(&query, &user.person)?;
    let (id, wanted) = (call.user.id, query.include.as_ref().is_some_and(|tree| tree.get(USERS).is_some()));
    let read = call.state.db.read(move |connection| include::account_lists(connection, id, wanted));
    let (lists, members) = read.await?;
    let Page { resources, meta, links } = page(lists, &query, call.path(), call.query());
    let fields = &query.fields;
    let included = query.include.as_ref().map(|_| {
        let mut seen = Vec::new();
        let mut others = Vec::new();
        // Of those of all lists, the ones whom the lists of this page name (K38), each once (K40).
        for (list, other) in members.iter().flatten() {
            if resources.iter().any(|shown| shown.id == *list) && !seen.contains(&other.id) {
                seen.push(other.id);
                others.push(OtherResource { kind: USERS, other, fields });
            }
        }
        others
    });
    let members = members.as_deref();
    let data = resources.iter().map(|list| ListResource { list, members, fields }).collect();
    Ok(Answer::document(&Collection { data, included, meta, links }).into_response())
}

/// `GET /api/v2/user/master_person`: what the relationship leads to. Each user has one, so it is never null (K54).
///
/// # Errors
/// As [`account_lists`].
pub async fn master_person(call: Call) -> Result<HttpResponse, Error> {
    let schema =
        Schema { kind: MASTER_PEOPLE, collection: false, relationships, sort: &[], filters: &[], own: &[] };
    let query = Query::parse(call.query(), &schema)?;
    let user = current(&call.state, call.user).await?;
    check_account_list(&query, &user.person)?;
    let data = MasterPersonResource(&user.person.master_person, &query.fields);
    Ok(Answer::document(&Document { data, included: None::<()>, meta: None }).into_response())
}
