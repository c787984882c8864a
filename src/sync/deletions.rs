//! What was deleted: `deleted_records` (`mpdx-behaviour.md` 6.1; design 4 and 9). A deleted row leaves its id for ever,
//! since it is never used again; it is told of for as long as the operator says (`--deleted-records-days`).

use actix_web::HttpResponse;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{former_people, tombstones};
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::collection::{Collection, Frame};
use crate::jsonapi::query::{Fieldsets, Filter, Query, Schema};
use crate::jsonapi::{Code, Fault};
use crate::people::kind::{KINDS, Kind};
use crate::pipeline::Call;
use crate::policy;
use crate::state::AppState;

/// Deletions that one answer of the pull tells of, unless one version has more of them.
const MOST_AT_ONCE: usize = 10_000;

const KIND: &str = "deleted_records";

/// What is known of the query string.
pub(crate) const SCHEMA: Schema = Schema {
    kind: KIND,
    collection: true,
    relationships: |_| &[],
    sort: &["created_at", "deleted_at", "updated_at"],
    filters: &["since_date", "types", "updated_at"],
    own: &[],
};

/// The attributes of a record.
pub(crate) const ATTRIBUTES: [&str; 8] = [
    "created_at",
    "deletable_id",
    "deletable_type",
    "deleted_at",
    "deleted_from_id",
    "deleted_from_type",
    "updated_at",
    "updated_in_db_at",
];

/// Types of the original that leave records there and are not kept here.
const ELSEWHERE: [&str; 4] = ["Contact", "Activity", "Task", "Donation"];

/// A row that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = tombstones)]
pub(super) struct Deletion {
    #[diesel(column_name = person_id)]
    pub(super) person: Id,
    pub(super) kind: String,
    pub(super) id: Id,
    pub(super) changed_in_version: i64,
    #[diesel(column_name = deleted_at)]
    pub(super) at: Stamp,
}

/// `GET /api/v2/deleted_records`: the user's own rows that were deleted, the first one first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn index(call: Call) -> Result<HttpResponse, Error> {
    let query = Query::parse(call.query(), &SCHEMA)?;
    policy::check_filter_of(&call, &query).await?;
    let wanted = Wanted::of(&call, &query)?;
    let (deletions, total) = call.state.db.read(move |connection| wanted.read(connection)).await?;
    let Frame { meta, links } = Frame::of(total, &query, call.path(), call.query());
    let fields = &query.fields;
    let data = deletions.iter().map(|deletion| DeletedRecord { deletion, fields }).collect();
    let document =
        Collection { data, included: query.include.as_ref().map(|_| Vec::<()>::new()), meta, links };
    Ok(Answer::document(&document).into_response())
}

/// The time before which deletions are no longer told of.
pub(super) fn horizon(state: &AppState) -> Stamp {
    let now = state.clock.now();
    let kept = i64::from(state.deleted_records_days) * 24 * 60 * 60;
    Stamp::from_seconds(now.seconds().saturating_sub(kept)).unwrap_or(now)
}

/// The first version from which on all deletions are told of.
pub(super) fn first_known(connection: &mut Connection, person: Id, horizon: Stamp) -> QueryResult<i64> {
    let forgotten = tombstones::table
        .filter(tombstones::person_id.eq(person))
        .filter(tombstones::deleted_at.lt(horizon))
        .select(max(tombstones::changed_in_version));
    let forgotten = forgotten.get_result::<Option<i64>>(connection)?.unwrap_or_default();
    // Whoever had the id before took his rows with him.
    let former = former_people::table.find(person).select(former_people::version);
    let former = former.get_result::<i64>(connection).optional()?.map_or(0, |version| version + 1);
    Ok(forgotten.max(former))
}

/// Deletions after a version, in the order of their versions, and up to which version these are all, if not all.
pub(super) fn since(
    connection: &mut Connection,
    person: Id,
    version: i64,
) -> QueryResult<(Vec<Deletion>, Option<i64>)> {
    let behind = || {
        tombstones::table
            .filter(tombstones::person_id.eq(person))
            .filter(tombstones::changed_in_version.gt(version))
            .order((tombstones::changed_in_version, tombstones::kind, tombstones::id))
            .select(Deletion::as_select())
    };
    let limit = i64::try_from(MOST_AT_ONCE + 1).unwrap_or(i64::MAX);
    let mut deletions: Vec<Deletion> = behind().limit(limit).load(connection)?;
    let (Some(first), Some(left_out)) = (deletions.first(), deletions.get(MOST_AT_ONCE)) else {
        return Ok((deletions, None));
    };
    let (first, left_out) = (first.changed_in_version, left_out.changed_in_version);
    if first == left_out {
        // One version is told of as a whole, or the client would never get past it.
        let all = behind().filter(tombstones::changed_in_version.eq(first)).load(connection)?;
        return Ok((all, Some(first)));
    }
    deletions.retain(|deletion| deletion.changed_in_version < left_out);
    Ok((deletions, Some(left_out - 1)))
}

/// One page of them. The database cuts it: they may be many.
#[derive(Debug)]
struct Wanted {
    person: Id,
    kinds: Vec<&'static str>,
    from: Stamp,
    /// The first time that is too late.
    before: Option<Stamp>,
    newest_first: bool,
    limit: i64,
    offset: i64,
}

impl Wanted {
    fn of(call: &Call, query: &Query) -> Result<Self, Error> {
        let mut wanted = Self {
            person: call.user.id,
            kinds: KINDS.iter().map(|kind| kind.name).collect(),
            from: horizon(&call.state),
            before: None,
            // Created, updated and deleted at once: the first criterion says it all.
            newest_first: query.sort.first().is_some_and(|field| field.descending),
            limit: i64::try_from(query.page.size()).unwrap_or(i64::MAX),
            offset: i64::try_from(query.page.skipped()).unwrap_or(i64::MAX),
        };
        for filter in &query.filters {
            match filter {
                Filter::Range { name, range } => {
                    wanted.from = wanted.from.max(range.from);
                    // One date is the first one (mpdx-behaviour 6.1).
                    if !(range.single && *name == "since_date") {
                        wanted.before = wanted.before.into_iter().chain(range.before).min();
                    }
                }
                // An empty list is no filter.
                Filter::Text { value, .. } if value.trim().is_empty() => {}
                Filter::Text { value, .. } => wanted.kinds = kinds(value)?,
                Filter::AccountLists(_) | Filter::Ids { .. } => {}
            }
        }
        Ok(wanted)
    }

    fn read(&self, connection: &mut Connection) -> QueryResult<(Vec<Deletion>, u64)> {
        let (before, open) = (self.before.unwrap_or(self.from), self.before.is_none());
        let matching = || {
            tombstones::table
                .filter(tombstones::person_id.eq(self.person))
                .filter(tombstones::kind.eq_any(self.kinds.clone()))
                .filter(tombstones::deleted_at.ge(self.from))
                .filter(tombstones::deleted_at.lt(before).or(open.into_sql::<Bool>()))
        };
        let total = matching().count().get_result::<i64>(connection)?;
        let page = matching().select(Deletion::as_select()).limit(self.limit).offset(self.offset);
        let deletions = if self.newest_first {
            let order = (tombstones::deleted_at.desc(), tombstones::kind.desc(), tombstones::id.desc());
            page.order(order).load(connection)?
        } else {
            page.order((tombstones::deleted_at, tombstones::kind, tombstones::id)).load(connection)?
        };
        Ok((deletions, u64::try_from(total).unwrap_or_default()))
    }
}

/// The kinds that `filter[types]` names, by their types or the original's classes.
fn kinds(sent: &str) -> Result<Vec<&'static str>, Fault> {
    let mut kinds = Vec::new();
    for name in sent.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match KINDS.iter().find(|kind| kind.name == name || kind.model == name) {
            Some(kind) => kinds.push(kind.name),
            None if ELSEWHERE.contains(&name) => {}
            None => {
                let detail = format!("`{name}` is no type of which deletions are recorded.");
                return Err(Fault::new(Code::InvalidParameter, detail).in_parameter("filter[types]"));
            }
        }
    }
    Ok(kinds)
}

/// A deletion as a resource object.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeletedRecord<'a> {
    pub(super) deletion: &'a Deletion,
    pub(super) fields: &'a Fieldsets,
}

impl Serialize for DeletedRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Deletion { person, kind, id, at, .. } = self.deletion;
        let model = Kind::named(kind).map_or(kind.as_str(), |kind| kind.model);
        let linked = |id: &Id, kind: &str| json!({ "data": { "id": id, "type": kind } });
        let attributes = ATTRIBUTES.map(|name| {
            let value = match name {
                "deletable_id" => json!(id),
                "deletable_type" => json!(model),
                "deleted_from_id" => json!(person),
                "deleted_from_type" => json!("Person"),
                _ => json!(at),
            };
            (name, value)
        });
        let relationships = [
            ("deletable", linked(id, kind)),
            ("deleted_from", linked(person, "people")),
            ("deleted_by", linked(person, "people")),
        ];
        let shown = |members: &[(&'static str, serde_json::Value)]| {
            let shown = members.iter().filter(|(name, _)| self.fields.allows(KIND, name));
            Shown(shown.cloned().collect())
        };
        let mut map = serializer.serialize_map(None)?;
        // The same deletion is the same record wherever it is told of.
        map.serialize_entry("id", &id.derived(kind))?;
        map.serialize_entry("type", KIND)?;
        for (name, members) in [("attributes", shown(&attributes)), ("relationships", shown(&relationships))]
        {
            if !members.0.is_empty() {
                map.serialize_entry(name, &members)?;
            }
        }
        map.end()
    }
}

/// Members in their order, which a map of values would not keep.
struct Shown(Vec<(&'static str, serde_json::Value)>);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
