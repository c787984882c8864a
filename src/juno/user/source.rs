//! What is stored of users of JUNO, wherever it lies: one statement for the people, one for each kind of their rows, one
//! each for values, tags and the site's dimensions.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::view::ShownTag;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimension_values, dimensions, people, tag_types, tags, user_tags};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::juno::dimensions::Dimension;
use crate::juno::profile::Profile;
use crate::people::kind::Kind;
use crate::people::row::Row;
use crate::people::store;
use crate::users::attributes::Columns;
use crate::users::preferences::Preferences;

/// The kinds of rows that JUNO shows one of.
pub(super) const KINDS: [&str; 6] = [
    "email_addresses",
    "facebook_accounts",
    "linkedin_accounts",
    "phone_numbers",
    "twitter_accounts",
    "websites",
];

/// What is stored of a user of JUNO.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub profile: Profile,
    /// The person's version.
    pub version: i64,
    /// The person's stamp.
    pub stamp: Stamp,
    pub columns: Columns,
    /// The name of the person's time zone.
    pub time_zone: Option<String>,
    /// His rows by their kinds, the oldest first.
    pub rows: BTreeMap<&'static str, Vec<Row>>,
    /// Values of dimensions that lie with JUNO.
    pub values: BTreeMap<i64, String>,
    /// His tags, by their ids.
    pub tags: Vec<ShownTag>,
}

/// A person as far as JUNO shows him.
type Facts = (Id, i64, Stamp, String, Columns);

/// The dimensions of the site, by their ids.
pub(super) fn all_dimensions(connection: &mut Connection) -> QueryResult<Vec<Dimension>> {
    dimensions::table.order(dimensions::id).select(Dimension::as_select()).load(connection)
}

impl Source {
    /// Reads what is stored of some users, in their order.
    pub(super) fn read(connection: &mut Connection, profiles: Vec<Profile>) -> QueryResult<Vec<Self>> {
        let ids: Vec<Id> = profiles.iter().map(|profile| profile.person_id).collect();
        let columns = (people::id, people::version, people::updated_in_db_at, people::preferences);
        let rows = people::table.filter(people::id.eq_any(ids.clone()));
        let facts: Vec<Facts> = rows
            .select((columns.0, columns.1, columns.2, columns.3, Columns::as_select()))
            .load(connection)?;
        let mut facts: BTreeMap<Id, Facts> = facts.into_iter().map(|facts| (facts.0, facts)).collect();
        let mut rows = owned(connection, &ids)?;
        let (mut values, mut tags) = (values(connection, &profiles)?, tags_of(connection, &profiles)?);
        let source = |profile: Profile| {
            let (person, key) = (profile.person_id, profile.id);
            let (_, version, stamp, preferences, columns) = facts.remove(&person)?;
            let preferences = Preferences::from_text(&preferences).unwrap_or_default();
            let time_zone = preferences.get("time_zone").and_then(Json::as_str).map(str::to_owned);
            let (rows, values) =
                (rows.remove(&person).unwrap_or_default(), values.remove(&key).unwrap_or_default());
            let tags = tags.remove(&key).unwrap_or_default();
            Some(Self { profile, version, stamp, columns, time_zone, rows, values, tags })
        };
        Ok(profiles.into_iter().filter_map(source).collect())
    }

    /// His rows of a kind.
    pub(super) fn rows_of(&self, kind: &str) -> &[Row] {
        self.rows.get(kind).map_or(&[], Vec::as_slice)
    }
}

type Rows = BTreeMap<&'static str, Vec<Row>>;

fn owned(connection: &mut Connection, people: &[Id]) -> QueryResult<BTreeMap<Id, Rows>> {
    let mut owned: BTreeMap<Id, Rows> = BTreeMap::new();
    for kind in KINDS.into_iter().filter_map(Kind::named) {
        for (person, row) in store::load_of(connection, kind, people)? {
            owned.entry(person).or_default().entry(kind.name).or_default().push(row);
        }
    }
    Ok(owned)
}

fn keys(profiles: &[Profile]) -> (Vec<Id>, Vec<i64>) {
    profiles.iter().map(|profile| (profile.person_id, profile.id)).unzip()
}

fn values(
    connection: &mut Connection,
    profiles: &[Profile],
) -> QueryResult<BTreeMap<i64, BTreeMap<i64, String>>> {
    use dimension_values as v;
    let (people, ids) = keys(profiles);
    let rows = v::table.filter(v::person_id.eq_any(people)).filter(v::juno_user_id.eq_any(ids));
    let rows =
        rows.select((v::juno_user_id, v::dimension_id, v::value)).load::<(i64, i64, String)>(connection)?;
    let mut values: BTreeMap<i64, BTreeMap<i64, String>> = BTreeMap::new();
    for (user, dimension, value) in rows {
        values.entry(user).or_default().insert(dimension, value);
    }
    Ok(values)
}

fn tags_of(connection: &mut Connection, profiles: &[Profile]) -> QueryResult<BTreeMap<i64, Vec<ShownTag>>> {
    let (people, ids) = keys(profiles);
    let (link, tag) = (
        (user_tags::juno_user_id, user_tags::score, user_tags::preferred, user_tags::origin),
        (tags::id, tags::name, tag_types::id, tag_types::name),
    );
    let rows = user_tags::table
        .inner_join(tags::table.on(tags::id.eq(user_tags::tag_id)))
        .inner_join(tag_types::table.on(tag_types::id.eq(tags::tag_type_id)))
        .filter(user_tags::person_id.eq_any(people))
        .filter(user_tags::juno_user_id.eq_any(ids))
        .order(user_tags::tag_id)
        .select((link, tag))
        .load::<((i64, i32, bool, String), (i64, String, i64, String))>(connection)?;
    let mut tags: BTreeMap<i64, Vec<ShownTag>> = BTreeMap::new();
    for ((user, score, preferred, origin), (id, name, of_type, type_name)) in rows {
        let tag = ShownTag { id, name, of_type, type_name, score, preferred, origin };
        tags.entry(user).or_default().push(tag);
    }
    Ok(tags)
}
