//! The one way to read users of JUNO.

use diesel::QueryResult;

use super::source::{Source, all_dimensions};
use super::view::View;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::juno::profile::Profile;

/// Users as documents show them at a moment, in the order of their profiles. The number of statements does not depend on
/// that of users. Belongs into a snapshot or a transaction.
///
/// # Errors
/// The queries'.
pub fn views(connection: &mut Connection, profiles: Vec<Profile>, now: Stamp) -> QueryResult<Vec<View>> {
    if profiles.is_empty() {
        return Ok(Vec::new());
    }
    let dimensions = all_dimensions(connection)?;
    let sources = Source::read(connection, profiles)?;
    Ok(sources.iter().map(|source| source.view(&dimensions, now)).collect())
}

/// As [`views`], of one user.
///
/// # Errors
/// The queries'.
pub fn view(connection: &mut Connection, profile: Profile, now: Stamp) -> QueryResult<View> {
    let view = views(connection, vec![profile], now)?.pop();
    view.ok_or(diesel::result::Error::NotFound)
}
