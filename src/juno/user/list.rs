//! Which users of JUNO a list has, and in which order.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::unique;
use crate::clock::Stamp;
use crate::db::schema::{juno_users as j, owners, people, user_tags};
use crate::db::{Backend, Connection, SqlStamp};
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::Fault;
use crate::jsonapi::query::{Filter, Nulls, Query, SortField};
use crate::juno::profile::Profile;
use crate::juno::{date, listing, text};
use crate::people::logins;

/// When either the person or the profile was last changed.
const DATE_UPDATED: &str = "(SELECT CASE WHEN people.updated_in_db_at > juno_users.updated_at \
                            THEN people.updated_in_db_at ELSE juno_users.updated_at END \
                            FROM people WHERE people.id = juno_users.person_id)";

const LAST_NAME: &str = "(SELECT people.last_name FROM people WHERE people.id = juno_users.person_id)";
const HAS_LAST_NAME: &str =
    "(SELECT people.last_name IS NOT NULL FROM people WHERE people.id = juno_users.person_id)";

/// So many ids are looked for at once.
const MOST_IDS: usize = 1_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    query: Query,
    filters: Vec<Wish>,
}

/// A filter, read. What can't be has nobody.
#[derive(Clone, Debug)]
enum Wish {
    /// Whoever has one of the values, which no two have.
    Has(&'static str, Vec<String>),
    Banned(bool),
    Level(Option<i32>),
    Tag(Option<i64>),
    Since(Stamp),
}

impl Wanted {
    /// Reads the filters of a query.
    ///
    /// # Errors
    /// 400 for a time that is none.
    pub(super) fn of(query: &Query) -> Result<Self, Error> {
        let filters = query.filters.iter().filter_map(|filter| match filter {
            Filter::Ids { name, ids } if ids.len() > MOST_IDS => Some(Err(too_many(name))),
            Filter::Ids { ids, .. } => Some(Ok(Wish::Has(unique::CLIENT_ID, ids.clone()))),
            Filter::Text { name, value } => Some(Wish::of(name, value.trim())),
            Filter::AccountLists(_) | Filter::Range { .. } => None,
        });
        Ok(Self { query: query.clone(), filters: filters.collect::<Result<_, _>>()? })
    }

    /// The profiles of the page, and how many there are on all pages.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn page(&self, connection: &mut Connection) -> QueryResult<(Vec<Profile>, i64)> {
        let total = self.filtered().count().get_result(connection)?;
        let (skipped, taken) = listing::bounds(&self.query);
        let rows = self.query.sort.iter().fold(self.filtered(), ordered);
        let rows = rows.then_order_by(j::id.asc()).offset(skipped).limit(taken);
        Ok((rows.select(Profile::as_select()).load(connection)?, total))
    }

    fn filtered(&self) -> j::BoxedQuery<'static, Backend> {
        let all = j::table.filter(j::deleted_at.is_null()).into_boxed();
        self.filters.iter().cloned().fold(all, |rows, wish| match wish {
            Wish::Has(kind, values) => {
                let who = owners::table.filter(owners::kind.eq(kind)).filter(owners::value.eq_any(values));
                rows.filter(j::person_id.eq_any(who.select(owners::person_id)))
            }
            Wish::Banned(banned) => rows.filter(j::banned.eq(banned)),
            // No user has a level that is no number, nor a tag that has no id.
            Wish::Level(level) => rows.filter(j::account_level.eq(level.unwrap_or(i32::MIN))),
            Wish::Tag(tag) => {
                let tagged = user_tags::table.filter(user_tags::tag_id.eq(tag.unwrap_or_default()));
                rows.filter(j::id.eq_any(tagged.select(user_tags::juno_user_id)))
            }
            Wish::Since(time) => {
                let changed = people::table.filter(people::updated_in_db_at.ge(time)).select(people::id);
                rows.filter(j::updated_at.ge(time).or(j::person_id.eq_any(changed)))
            }
        })
    }
}

impl Wish {
    fn of(name: &str, value: &str) -> Result<Self, Error> {
        Ok(match name {
            "email" => Self::Has(logins::KIND, vec![text::folded(value)]),
            "username" => Self::Has(unique::USERNAME, vec![text::folded(value)]),
            "client_guid" => {
                let guid = Id::parse(value).map(|guid| guid.to_string());
                Self::Has(unique::CLIENT_GUID, guid.into_iter().collect())
            }
            "banned" => Self::Banned(listing::flag(value).unwrap_or_default()),
            "account_level" => Self::Level(value.parse().ok()),
            "tag" => Self::Tag(value.parse().ok()),
            _ => Self::Since(date::read(value).ok_or_else(|| no_date(name))?),
        })
    }
}

fn too_many(name: &str) -> Error {
    let fault: Fault = listing::fault(&format!("filter[{name}]"), &format!("names more than {MOST_IDS}"));
    vec![fault].into()
}

fn no_date(name: &str) -> Error {
    let fault: Fault = listing::fault(&format!("filter[{name}]"), "must be a date, or a date and a time");
    vec![fault].into()
}

/// The rows in one order more. Whoever has no last name comes last, unless it is asked otherwise.
fn ordered(rows: j::BoxedQuery<'static, Backend>, field: &SortField) -> j::BoxedQuery<'static, Backend> {
    let (date, name) = (sql::<SqlStamp>(DATE_UPDATED), sql::<Nullable<Text>>(LAST_NAME));
    match (field.name, field.descending) {
        ("date_updated", false) => rows.then_order_by(date.asc()),
        ("date_updated", true) => rows.then_order_by(date.desc()),
        ("last_name", descending) => {
            let has_one = sql::<Bool>(HAS_LAST_NAME);
            let rows = match field.nulls {
                Some(Nulls::First) => rows.then_order_by(has_one.asc()),
                Some(Nulls::Last) | None => rows.then_order_by(has_one.desc()),
            };
            if descending { rows.then_order_by(name.desc()) } else { rows.then_order_by(name.asc()) }
        }
        (_, false) => rows.then_order_by(j::id.asc()),
        (_, true) => rows.then_order_by(j::id.desc()),
    }
}
