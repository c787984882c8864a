//! The members of a line.

use diesel::prelude::*;

use super::{DEFINITIONS, JUNO, ce};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimension_values, dimensions, juno_users, tag_types, tags, user_tags};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::json::Members;
use crate::juno::ce::records;
use crate::juno::profile::Profile;

/// What `data.meta` has of a user; nothing of one who never was a user of JUNO.
///
/// # Errors
/// The queries'.
pub(in crate::transfer) fn members(connection: &mut Connection, person: Id) -> QueryResult<Members> {
    let own = juno_users::table.filter(juno_users::person_id.eq(person)).order(juno_users::id);
    let profiles: Vec<Profile> = own.select(Profile::as_select()).load(connection)?;
    if profiles.is_empty() {
        return Ok(Members::new());
    }
    let (mut users, mut education) = (Vec::new(), Vec::new());
    for profile in &profiles {
        let mut members = user(profile);
        members.extend(values(connection, profile)?);
        members.extend(links(connection, profile)?);
        let own = records::of_user(connection, person, profile.id)?;
        if !own.is_empty() {
            members.push((ce::RECORDS.to_owned(), ce::shown(&own)));
        }
        education.extend(own);
        users.push(Json::Object(members));
    }
    let mut members = vec![(JUNO.to_owned(), Json::Array(users))];
    let definitions = definitions(connection, person, ce::programs(education.iter()))?;
    if !definitions.is_empty() {
        members.push((DEFINITIONS.to_owned(), Json::Object(definitions)));
    }
    Ok(members)
}

pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Members {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(super) fn time(at: Option<Stamp>) -> Json {
    at.map(|at| at.to_string()).into()
}

fn user(profile: &Profile) -> Members {
    let id = |id: Option<Id>| Json::from(id.map(|id| id.to_string()));
    object([
        ("id", profile.id.into()),
        ("account_level", profile.account_level.into()),
        ("banned", profile.banned.into()),
        ("client_guid", id(profile.client_guid)),
        ("client_id", profile.client_id.clone().into()),
        ("username", profile.username.clone().into()),
        ("points", profile.points.into()),
        ("utc_offset", profile.utc_offset.into()),
        ("facebook_url", profile.facebook_url.clone().into()),
        ("facebook_account", id(profile.facebook_account_id)),
        ("twitter_url", profile.twitter_url.clone().into()),
        ("twitter_account", id(profile.twitter_account_id)),
        ("date_created", time(profile.created_at)),
        ("date_last_login", time(profile.last_login_at)),
        ("updated_at", time(Some(profile.updated_at))),
        ("deleted_at", time(profile.deleted_at)),
    ])
}

/// The values that lie with JUNO, by the keys of their dimensions.
fn values(connection: &mut Connection, profile: &Profile) -> QueryResult<Option<(String, Json)>> {
    use {dimension_values as v, dimensions as d};
    let own = v::table.filter(v::person_id.eq(profile.person_id)).filter(v::juno_user_id.eq(profile.id));
    let own = own.inner_join(d::table.on(d::id.eq(v::dimension_id)));
    let mut values: Vec<(String, String, Stamp)> =
        own.select((d::key, v::value, v::updated_at)).load(connection)?;
    // Databases sort texts differently.
    values.sort_unstable();
    let shown = |(key, value, at): (String, String, Stamp)| {
        (key, Json::Object(object([("value", value.into()), ("updated_at", time(Some(at)))])))
    };
    let values: Members = values.into_iter().map(shown).collect();
    Ok((!values.is_empty()).then(|| ("dimensions".to_owned(), Json::Object(values))))
}

/// His tags, by their names.
fn links(connection: &mut Connection, profile: &Profile) -> QueryResult<Option<(String, Json)>> {
    use {tags as t, user_tags as l};
    let own = l::table.filter(l::person_id.eq(profile.person_id)).filter(l::juno_user_id.eq(profile.id));
    let own = own.inner_join(t::table.on(t::id.eq(l::tag_id))).order(t::id);
    let links = own.select((t::name, l::score, l::preferred, l::origin));
    let links: Vec<(String, i32, bool, String)> = links.load(connection)?;
    let link = |(name, score, preferred, origin): (String, i32, bool, String)| {
        let link =
            object([("score", score.into()), ("preferred", preferred.into()), ("origin", origin.into())]);
        (name, Json::Object(link))
    };
    let links: Members = links.into_iter().map(link).collect();
    Ok((!links.is_empty()).then(|| ("tags".to_owned(), Json::Object(links))))
}

/// What the site has defined of what a person has.
fn definitions(connection: &mut Connection, person: Id, programs: Vec<Json>) -> QueryResult<Members> {
    let mut members = Members::new();
    let mut add = |name: &str, all: Vec<Json>| {
        if !all.is_empty() {
            members.push((name.to_owned(), Json::Array(all)));
        }
    };
    add("dimensions", own_dimensions(connection, person)?);
    let (types, tags) = own_tags(connection, person)?;
    add("tag_types", types);
    add("tags", tags);
    add(ce::PROGRAMS, programs);
    Ok(members)
}

fn own_dimensions(connection: &mut Connection, person: Id) -> QueryResult<Vec<Json>> {
    use {dimension_values as v, dimensions as d};
    let ids = v::table.filter(v::person_id.eq(person)).select(v::dimension_id).distinct();
    let ids: Vec<i64> = ids.load(connection)?;
    let rows = d::table.filter(d::id.eq_any(ids)).filter(d::system.eq(false)).order(d::id);
    let rows = rows.select((d::id, d::key, d::name, d::value_type, d::locked, d::active));
    let rows: Vec<(i64, String, String, String, bool, bool)> = rows.load(connection)?;
    let shown = |(id, key, name, value_type, locked, active): (_, String, String, String, bool, bool)| {
        Json::Object(object([
            ("id", i64::into(id)),
            ("key", key.into()),
            ("name", name.into()),
            ("value_type", value_type.into()),
            ("locked", locked.into()),
            ("active", active.into()),
        ]))
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The types of his tags, and the tags.
fn own_tags(connection: &mut Connection, person: Id) -> QueryResult<(Vec<Json>, Vec<Json>)> {
    use {tag_types as y, tags as t, user_tags as l};
    let ids: Vec<i64> =
        l::table.filter(l::person_id.eq(person)).select(l::tag_id).distinct().load(connection)?;
    let rows = t::table.inner_join(y::table.on(y::id.eq(t::tag_type_id))).filter(t::id.eq_any(ids));
    let rows: Vec<(i64, String, i64, String)> =
        rows.order(t::id).select((t::id, t::name, y::id, y::name)).load(connection)?;
    let of: Vec<i64> = rows.iter().map(|(_, _, of_type, _)| *of_type).collect();
    let types = y::table.filter(y::id.eq_any(of)).order(y::id);
    let types: Vec<(i64, String, i32, bool, bool)> =
        types.select((y::id, y::name, y::group_number, y::modifiable, y::analytics)).load(connection)?;
    let of_type = |(id, name, group, modifiable, analytics): (i64, String, i32, bool, bool)| {
        Json::Object(object([
            ("id", id.into()),
            ("name", name.into()),
            ("group", group.into()),
            ("modifiable", modifiable.into()),
            ("analytics", analytics.into()),
        ]))
    };
    let tag = |(id, name, _, type_name): (i64, String, i64, String)| {
        Json::Object(object([("id", id.into()), ("name", name.into()), ("type_name", type_name.into())]))
    };
    Ok((types.into_iter().map(of_type).collect(), rows.into_iter().map(tag).collect()))
}
