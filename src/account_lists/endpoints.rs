//! `/api/v2/account_lists`, `/api/v2/account_lists/<id>` and `/api/v2/account_lists/<id>/users`. A list is everybody's
//! who shares it, and nobody else's.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;

use super::linkage::ListLinkage;
use super::list::{KIND, ListResource, attributes};
use super::organization_account::{AccountResource, ORGANIZATION_ACCOUNTS};
use super::shared_row::{Sent, SharedRow as _, decided};
use super::store;
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::shared::{AccountRow, ListRow, SharedRow as _};
use crate::error::Error;
use crate::guard::Edit;
use crate::id::Id;
use crate::jsonapi::collection::{Collection, FILTERS, Page, page};
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Relationships, Schema};
use crate::jsonapi::{Json, request};
use crate::people::edit::{self, Deed, RowEdit};
use crate::people::surroundings::Surroundings;
use crate::pipeline::Call;
use crate::policy;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};
use crate::users::include::{self, Members as People};
use crate::users::linkage::ACCOUNT_LISTS;
use crate::users::render::{OtherResource, USERS};

/// What account lists can be sorted by.
pub(crate) const SORT: &[&str] = &["created_at", "name", "updated_at"];

/// Raised when the same list is rendered differently.
const RENDERER: u32 = 1;

/// The relationships that may be included from a list. Of what only a donation system has, nothing is found.
pub(crate) fn relationships(kind: &str) -> Relationships {
    match kind {
        ACCOUNT_LISTS => &[
            ("primary_appeal", "appeals"),
            ("users", "members"),
            ("coaches", "coaches"),
            ("notification_preferences", "notification_preferences"),
            (ORGANIZATION_ACCOUNTS, "accounts"),
        ],
        _ => &[],
    }
}

/// `GET /api/v2/account_lists`, and `/api/v2/user/account_lists`, to which the user's relationship leads: the lists
/// that he shares, the oldest first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn index(call: Call) -> Result<HttpResponse, Error> {
    let query = query(&call, &Schema { sort: SORT, filters: FILTERS, ..schema(true) }).await?;
    let mut lists = Lists::load(&call, &query).await?;
    let rows = std::mem::take(&mut lists.rows);
    let Page { resources, meta, links } = page(rows, &query, call.path(), call.query());
    let included = lists.included(&resources, &query);
    let data = resources.iter().map(|list| lists.resource(list, &query)).collect();
    Ok(Answer::document(&Collection { data, included, meta, links }).into_response())
}

/// `GET /api/v2/account_lists/<id>`
///
/// # Errors
/// 404 for a list that he does not share, and as [`index`].
pub async fn show(call: Call, id: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, &schema(false)).await?;
    let lists = Lists::load(&call, &query).await?;
    let shown = lists.represent(&call.state, id, &query, None).ok_or_else(|| not_found(id))?;
    Ok(shown.answer_to(&call))
}

/// `GET /api/v2/account_lists/<id>/users`: those who share the list, who was there first first. Of each no more is
/// shown than of another person anywhere (design 2, decision 19).
///
/// # Errors
/// As [`show`].
pub async fn users(call: Call, id: Id) -> Result<HttpResponse, Error> {
    let schema = Schema { kind: USERS, relationships: |_| &[], ..schema(true) };
    let query = query(&call, &schema).await?;
    let user = call.user.id;
    let read = move |connection: &mut Connection| {
        let list = store::list(connection, user, id)?;
        list.map(|_| include::members(connection, user)).transpose()
    };
    let people = call.state.db.snapshot(read).await?.ok_or_else(|| not_found(id))?;
    let people = people.into_iter().filter(|(list, _)| *list == id).map(|(_, person)| person).collect();
    let Page { resources, meta, links } = page(people, &query, call.path(), call.query());
    let fields = &query.fields;
    let data = resources.iter().map(|other| OtherResource { kind: USERS, other, fields }).collect();
    Ok(Answer::document(&Collection { data, included: None::<()>, meta, links }).into_response())
}

/// `PUT` and `PATCH /api/v2/account_lists/<id>`, guarded by the list's own stamp. Whoever shares the list sees the
/// change at once.
///
/// # Errors
/// 404; 400, 403, 409 and 412 as the guard and the rules say; 503.
pub async fn update(call: Call, id: Id) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, &schema(false)).await?;
    let now = call.state.clock.now();
    let mut resource = request::read(document, edit::expected(&KIND))?;
    Error::check_id(resource.id.as_deref(), id)?;
    let sent = Sent::take(&mut resource);
    let edit = edit::read(&KIND, (id, Deed::Update), resource, call.conditions(), now)?;
    let (state, user) = (call.state.clone(), call.user.id);
    let write = Write { state, user, id, edit, sent, query, now };
    once.write(&call, move |connection| write.answer(connection)).await
}

fn schema(collection: bool) -> Schema {
    Schema { kind: ACCOUNT_LISTS, collection, relationships, sort: &[], filters: &[], own: &[] }
}

/// What the query asks for; a filter on an account list must name one of the user's own.
async fn query(call: &Call, schema: &Schema) -> Result<Query, Error> {
    let query = Query::parse(call.query(), schema)?;
    policy::check_filter_of(call, &query).await?;
    Ok(query)
}

fn not_found(id: Id) -> Error {
    policy::not_his(&KIND, id, false)
}

/// The account lists of a user with what is asked for beside them, in one state.
struct Lists {
    user: Id,
    rows: Vec<ListRow>,
    linkage: ListLinkage,
    people: People,
    coaches: People,
    accounts: Vec<AccountRow>,
}

impl Lists {
    async fn load(call: &Call, query: &Query) -> Result<Self, Error> {
        let (user, query) = (call.user.id, query.clone());
        Ok(call.state.db.snapshot(move |connection| Self::read(connection, user, &query)).await?)
    }

    fn read(connection: &mut Connection, user: Id, query: &Query) -> QueryResult<Self> {
        let wanted = |name| query.include.as_ref().is_some_and(|include| include.get(name).is_some());
        Ok(Self {
            user,
            rows: store::lists(connection, user)?,
            linkage: ListLinkage::read(connection, user)?,
            people: if wanted(USERS) { include::members(connection, user)? } else { Vec::new() },
            coaches: if wanted("coaches") { include::coaches(connection, user)? } else { Vec::new() },
            accounts: if wanted(ORGANIZATION_ACCOUNTS) {
                store::accounts_of_lists(connection, user)?
            } else {
                Vec::new()
            },
        })
    }

    fn resource<'a>(&'a self, list: &'a ListRow, query: &'a Query) -> ListResource<'a> {
        ListResource { list, linkage: Some(&self.linkage), fields: &query.fields }
    }

    /// What comes along with the lists that are `shown`: only what they name (K38), each once (K40).
    fn included<'a>(&'a self, shown: &[ListRow], query: &'a Query) -> Option<Vec<Beside<'a>>> {
        query.include.as_ref()?;
        let (fields, mut seen, mut included) = (&query.fields, BTreeSet::new(), Vec::new());
        let is_shown = |id: Id| shown.iter().any(|list| list.id == id);
        for (kind, people) in [(USERS, &self.people), ("people", &self.coaches)] {
            for (_, other) in people.iter().filter(|(list, _)| is_shown(*list)) {
                if seen.insert((kind, other.id)) {
                    included.push(Beside::Person(OtherResource { kind, other, fields }));
                }
            }
        }
        let accounts = self.accounts.iter().filter(|account| is_shown(account.account_list_id));
        let whose = Some(self.user);
        included.extend(accounts.map(|account| Beside::Account(AccountResource { account, whose, fields })));
        Some(included)
    }

    /// The document of one of them.
    fn represent(
        &self,
        state: &AppState,
        id: Id,
        query: &Query,
        meta: Option<Json>,
    ) -> Option<Representation> {
        let list = self.rows.iter().find(|list| list.id == id)?;
        let included = self.included(std::slice::from_ref(list), query);
        let document = Document { data: self.resource(list, query), included, meta };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let (version, stamp) = (list.version, list.updated_in_db_at);
        // It names people, who come and go.
        Some(Representation::new(state, Subject { version, stamp, renderer: RENDERER, plain: false }, body))
    }
}

/// A resource that comes along with a list.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Beside<'a> {
    Person(OtherResource<'a>),
    Account(AccountResource<'a>),
}

/// A write with all that it needs, so that it can be done and answered in one transaction.
struct Write {
    state: Data<AppState>,
    user: Id,
    id: Id,
    edit: Edit<RowEdit>,
    sent: Sent,
    query: Query,
    now: Stamp,
}

impl Write {
    fn answer(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        store::lock(connection, self.id)?;
        let Some(mut list) = store::list(connection, self.user, self.id)? else {
            return Ok(Err(not_found(self.id)));
        };
        let (before, shown, mut edit) = (list.as_row(), attributes(&list), self.edit.clone());
        let linkage = ListLinkage::read(connection, self.user)?;
        self.sent.compare_relationships(&mut edit, |name, sent| linkage.equals(self.id, name, sent));
        let (row, meta) = match decided(
            Some(&before),
            &edit,
            (&KIND, self.now, Surroundings::default()),
            (&self.sent, &shown),
        ) {
            Ok(done) => done,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(row) = row {
            list.take(&row);
            list.update(connection)?;
            store::move_members(connection, self.id)?;
        }
        let lists = Lists::read(connection, self.user, &self.query)?;
        let answer = lists.represent(&self.state, self.id, &self.query, meta);
        Ok(answer.map(|shown| shown.answer(self.state.clock.now())).ok_or_else(|| not_found(self.id)))
    }
}
