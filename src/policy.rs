//! Who sees and changes what. A user has his own record, his own rows, and the account lists that he shares; a coach is
//! shown the lists that he coaches. Of everything else nothing is told, not even that it is there: 404, but 403 where the
//! original says so (`mpdx-behaviour.md` 5.1). What a site defines is shown to all and changed by those who administer
//! it, who see all users of JUNO; a user of it sees himself. Whether somebody may use the API at all is decided before
//! ([`crate::auth`]).
//!
//! What is the user's own is found by statements that name him, so nothing else can be read by mistake; here is what is
//! answered when something is asked for by an id, and nothing was found. `docs/access.md` tells it for every route.

use crate::auth::caller::Caller;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::query::Query;
use crate::jsonapi::{Code, ErrorObject};
use crate::juno::profile::{FULL, MODEL as JUNO_USER};
use crate::juno::refusals::not_found;
use crate::people::kind::Kind;
use crate::pipeline::Call;
use crate::users::person::Person;
use crate::users::show::current;

/// The kinds of rows of which a user is told that another has them.
const TOLD_OF: [&str; 1] = ["key_accounts"];

/// Whether it matters for an answer that another user has a row of the kind.
#[must_use]
pub fn is_told_of(kind: &Kind) -> bool {
    TOLD_OF.contains(&kind.name)
}

/// What is answered about a row that the caller does not have: 403 where he may be told that another has it, else 404.
#[must_use]
pub fn not_his(kind: &Kind, id: Id, is_anothers: bool) -> Error {
    if is_anothers && is_told_of(kind) {
        return Error::forbidden(kind.name, id);
    }
    Error::record_not_found(kind.model, id)
}

/// Whether an id in a path, or `me`, is the caller's own: the other doors to his record (design 2, decision 19).
///
/// # Errors
/// 404 for anybody else's.
pub fn check_door(call: &Call, id: &str, model: &str) -> Result<(), Error> {
    match Id::parse(id) {
        _ if id == "me" => Ok(()),
        Some(id) if id == call.user.id => Ok(()),
        Some(id) => Err(Error::record_not_found(model, id)),
        None => Err(Error::route_not_found()),
    }
}

/// Whether the caller has all rights on what JUNO keeps of the site and its users: integrations, and users with full
/// access.
#[must_use]
pub fn administers(caller: &Caller) -> bool {
    match caller {
        Caller::Key(_) => true,
        Caller::User(_, standing) => standing.is_some_and(|standing| standing.account_level == FULL),
    }
}

/// Whether the caller may change what a whole site uses: its definitions.
///
/// # Errors
/// 403 for anybody who does not administer the site.
pub fn may_administer(caller: &Caller) -> Result<(), Error> {
    if administers(caller) {
        return Ok(());
    }
    let detail = "Only an integration with an API key, or a user with full access, may do this.";
    Err(ErrorObject::new(Code::Forbidden, detail).into())
}

/// Whether the caller may see a user of JUNO: one who administers the site everybody, a user himself.
///
/// # Errors
/// 404 for anybody else's.
pub fn may_see(caller: &Caller, juno_user: i64) -> Result<(), Error> {
    let own = match caller {
        Caller::Key(_) | Caller::User(_, None) => None,
        Caller::User(_, Some(standing)) => Some(standing.id),
    };
    if administers(caller) || own == Some(juno_user) {
        return Ok(());
    }
    Err(not_found(JUNO_USER, juno_user))
}

/// Whether a filter on account lists names only lists that the user shares. Android adds `filter[account_list_id]` to
/// every path (design 2, decision 14).
///
/// # Errors
/// 404 for any other.
pub fn check_filter(query: &Query, person: &Person) -> Result<(), Error> {
    let own = |id: &str| Id::parse(id).is_some_and(|id| person.linkage.has_account_list(id));
    match query.account_lists().iter().find(|id| !own(id)) {
        Some(foreign) => Err(Error::account_list_not_found(foreign)),
        None => Ok(()),
    }
}

/// As [`check_filter`], for a request that needs nothing else of the user's document.
///
/// # Errors
/// As [`check_filter`]; 401 where he has been deleted meanwhile, 503.
pub async fn check_filter_of(call: &Call, query: &Query) -> Result<(), Error> {
    if query.account_lists().is_empty() {
        return Ok(());
    }
    check_filter(query, &current(&call.state, call.user).await?.person)
}
