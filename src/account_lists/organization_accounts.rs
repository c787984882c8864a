//! `/api/v2/user/organization_accounts` and `/api/v2/user/organization_accounts/<id>`: the accounts by which a user has
//! connected account lists to organizations. Whether a list has one decides on the preference `setup` of all who share
//! it.

mod beside;
mod write;

use actix_web::HttpResponse;

use self::beside::Beside;
use self::write::Write;
use super::organization_account::{AccountResource, KIND, ORGANIZATION_ACCOUNTS, ORGANIZATIONS};
use super::shared_row::Sent;
use super::store;
use crate::answer::Answer;
use crate::db::Connection;
use crate::db::shared::AccountRow;
use crate::error::Error;
use crate::guard::Claim;
use crate::id::Id;
use crate::jsonapi::collection::{Collection, FILTERS, Page, SORT, page};
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Relationships, Schema};
use crate::jsonapi::{Json, request};
use crate::people::edit::{self, Deed};
use crate::people::request::{client_id, deletion, refuse_if_match};
use crate::pipeline::Call;
use crate::policy;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};

/// Raised when the same account is rendered differently.
const RENDERER: u32 = 1;

/// The relationships that may be included from an account.
pub(crate) fn reachable(kind: &str) -> Relationships {
    match kind {
        ORGANIZATION_ACCOUNTS => {
            &[("account_list", "list"), ("organization", ORGANIZATIONS), ("person", "owner")]
        }
        _ => &[],
    }
}

/// `GET …/organization_accounts`: the user's own, the oldest first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn index(call: Call) -> Result<HttpResponse, Error> {
    let query = query(&call, true).await?;
    let mut accounts = Accounts::load(&call, &query).await?;
    let rows = std::mem::take(&mut accounts.rows);
    let Page { resources, meta, links } = page(rows, &query, call.path(), call.query());
    let included = accounts.beside.included(&resources, &query);
    let fields = &query.fields;
    let data = resources
        .iter()
        .map(|account| AccountResource { account, fields, whose: account.person_id })
        .collect();
    Ok(Answer::document(&Collection { data, included, meta, links }).into_response())
}

/// `GET …/organization_accounts/<id>`
///
/// # Errors
/// 404, and as [`index`].
pub async fn show(call: Call, id: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, false).await?;
    let accounts = Accounts::load(&call, &query).await?;
    let account = accounts.rows.iter().find(|account| account.id == id).ok_or_else(|| not_found(id))?;
    Ok(represent(&call.state, account, &accounts.beside, &query, None).answer_to(&call))
}

/// `POST …/organization_accounts`: 201. The relationship `organization` must be there; `account_list` is one of the
/// user's own, where it is not sent his default one, else the first.
///
/// # Errors
/// 400 and 409 as the rules say, 404 for what the relationships name, 503.
pub async fn create(call: Call) -> Result<HttpResponse, Error> {
    write(call, Deed::Create, None).await
}

/// `PUT` and `PATCH …/organization_accounts/<id>`, guarded by the account's own stamp.
///
/// # Errors
/// 404; 400, 403, 409 and 412 as the guard and the rules say; 503.
pub async fn update(call: Call, id: Id) -> Result<HttpResponse, Error> {
    write(call, Deed::Update, Some(id)).await
}

/// `DELETE …/organization_accounts/<id>`: 204. A stamp in a body and `If-Match` must hold; without either it deletes.
///
/// # Errors
/// 404, 409, 412, 503.
pub async fn destroy(call: Call, id: Id) -> Result<HttpResponse, Error> {
    let document = call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let (query, now) = (query(&call, false).await?, call.state.clock.now());
    let edit = deletion(id, document.as_ref(), call.conditions(), now)?;
    let (state, user, sent) = (call.state.clone(), call.user.id, Sent::default());
    let write = Write { state, user, edit, sent, query, now };
    let answer = move |connection: &mut Connection| Ok(write.run(connection)?.map(|_| Answer::no_content()));
    once.write(&call, answer).await
}

async fn write(call: Call, deed: Deed, id: Option<Id>) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let (query, now) = (query(&call, false).await?, call.state.clock.now());
    let mut resource = request::read(document, edit::expected(&KIND))?;
    let id = match id {
        Some(id) => {
            Error::check_id(resource.id.as_deref(), id)?;
            id
        }
        None => client_id(&mut resource)?,
    };
    let sent = Sent::take(&mut resource);
    let mut edit = edit::read(&KIND, (id, deed), resource, call.conditions(), now)?;
    if deed == Deed::Create {
        refuse_if_match(&edit.conditions)?;
        // There is no state that a stamp could be compared with.
        edit.claim = Claim { base: None, overwrite: true };
    }
    let (state, user) = (call.state.clone(), call.user.id);
    let write = Write { state, user, edit, sent, query, now };
    once.write(&call, move |connection| write.answer(connection)).await
}

async fn query(call: &Call, collection: bool) -> Result<Query, Error> {
    let (sort, filters): (&[_], &[_]) = if collection { (SORT, FILTERS) } else { (&[], &[]) };
    let kind = ORGANIZATION_ACCOUNTS;
    let schema = Schema { kind, collection, relationships: reachable, sort, filters, own: &[] };
    let query = Query::parse(call.query(), &schema)?;
    policy::check_filter_of(call, &query).await?;
    Ok(query)
}

fn not_found(id: Id) -> Error {
    policy::not_his(&KIND, id, false)
}

/// The accounts of a user with what is asked for beside them.
struct Accounts {
    rows: Vec<AccountRow>,
    beside: Beside,
}

impl Accounts {
    async fn load(call: &Call, query: &Query) -> Result<Self, Error> {
        let (user, query) = (call.user.id, query.clone());
        let read = move |connection: &mut Connection| {
            let rows = store::accounts_of_person(connection, user)?;
            Ok(Self { beside: Beside::read(connection, user, &rows, &query)?, rows })
        };
        Ok(call.state.db.snapshot(read).await?)
    }
}

fn represent(
    state: &AppState,
    account: &AccountRow,
    beside: &Beside,
    query: &Query,
    meta: Option<Json>,
) -> Representation {
    let included = beside.included(std::slice::from_ref(account), query);
    let data = AccountResource { account, fields: &query.fields, whose: account.person_id };
    let plain = query.fields.is_empty() && included.is_none();
    let body = serde_json::to_vec(&Document { data, included, meta }).unwrap_or_default();
    let (version, stamp) = (account.version, account.updated_in_db_at);
    Representation::new(state, Subject { version, stamp, renderer: RENDERER, plain }, body)
}
