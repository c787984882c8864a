//! `steward user …`

use clap::{Args, Subcommand};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use serde_json::json;

use super::{Failure, Store, advice, print, token};
use crate::auth::tokens::LIFETIME;
use crate::clock::{Clock as _, SystemClock};
use crate::db::schema::people;
use crate::db::{Connection, DbError, in_transaction};
use crate::id::Id;
use crate::users::create::{self, NewUser};
use crate::users::store::{Status, lock};

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user; prints his id, account lists and a token as JSON
    Add(AddArgs),
    /// Print every user as a line of JSON
    List,
    /// Refuse a user's requests
    Disable {
        /// The user's id
        id: Id,
    },
    /// Accept a disabled user's requests again
    Enable {
        /// The user's id
        id: Id,
    },
    /// Delete a user and all rows that he owns
    Delete {
        /// The user's id
        id: Id,
    },
    /// Refuse all tokens of a user that were made until now
    RevokeTokens {
        /// The user's id
        id: Id,
    },
}

/// Arguments of `user add`.
#[derive(Args, Debug)]
pub(super) struct AddArgs {
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: String,

    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,

    /// The user's id [default: a random one]
    #[arg(long, value_name = "UUID")]
    id: Option<Id>,

    /// E-mail address; may be given several times, the first is primary
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,

    /// Phone number; may be given several times, the first is primary
    #[arg(long = "phone", value_name = "NUMBER")]
    phones: Vec<String>,

    /// Name of an account list to make for him; may be given several times
    #[arg(long = "account-list", value_name = "NAME")]
    account_lists: Vec<String>,

    /// Time zone, such as "Auckland" or "Pacific/Auckland"
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,

    /// Locale, such as "en"
    #[arg(long, value_name = "LOCALE")]
    locale: Option<String>,

    /// Key to sign the token with; default: the one kept in the database
    #[arg(long, env = "STEWARD_JWT_SECRET", hide_env_values = true, value_name = "TEXT")]
    jwt_secret: Option<String>,
}

/// Runs a command on users.
pub(super) fn run(store: &Store, command: UserCommand) -> Result<(), Failure> {
    let mut connection = store.open()?;
    match command {
        UserCommand::Add(arguments) => add(&mut connection, &arguments),
        UserCommand::List => list(&mut connection),
        UserCommand::Disable { id } => set_disabled(&mut connection, id, true),
        UserCommand::Enable { id } => set_disabled(&mut connection, id, false),
        UserCommand::Delete { id } => delete(&mut connection, id),
        UserCommand::RevokeTokens { id } => revoke_tokens(&mut connection, id),
    }
}

fn add(connection: &mut Connection, arguments: &AddArgs) -> Result<(), Failure> {
    let id = arguments.id.unwrap_or_else(Id::random);
    let mut user = NewUser::new(id, &arguments.first_name, SystemClock.now())?;
    if let Some(name) = &arguments.last_name {
        user = user.last_name(name)?;
    }
    let preferences = [("time_zone", &arguments.time_zone), ("locale", &arguments.locale)];
    let given =
        preferences.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
    user = user.preferences(given.collect())?;
    for email in &arguments.emails {
        user = user.email(Id::random(), email)?;
    }
    for phone in &arguments.phones {
        user = user.phone(Id::random(), phone)?;
    }
    for name in &arguments.account_lists {
        user = user.account_list(Id::random(), name)?;
    }
    match in_transaction(connection, |connection| user.insert(connection)) {
        Err(DbError::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
            return Err(Failure::new(format!("there is a user {id} already; leave --id out for a new id")));
        }
        outcome => outcome?,
    }
    let token = token::issue(connection, id, arguments.jwt_secret.as_deref(), LIFETIME)?;
    let lists = user.account_lists.iter().map(|(id, name)| json!({ "id": id, "name": name }));
    print(json!({ "id": id, "account_lists": lists.collect::<Vec<_>>(), "token": token }))
}

fn list(connection: &mut Connection) -> Result<(), Failure> {
    let columns = (people::id, people::first_name, people::last_name, people::disabled);
    let rows = people::table.select(columns).order(people::id);
    for (id, first_name, last_name, disabled) in
        rows.load::<(Id, String, Option<String>, bool)>(connection)?
    {
        print(json!({ "id": id, "first_name": first_name, "last_name": last_name, "disabled": disabled }))?;
    }
    Ok(())
}

fn set_disabled(connection: &mut Connection, id: Id, disabled: bool) -> Result<(), Failure> {
    let update = diesel::update(people::table.find(id)).set(people::disabled.eq(disabled));
    found(id, in_transaction(connection, |connection| update.execute(connection))?)
}

fn delete(connection: &mut Connection, id: Id) -> Result<(), Failure> {
    let deleted = in_transaction(connection, |connection| create::delete(connection, id, SystemClock.now()))?;
    found(id, usize::from(deleted))
}

/// Tokens are made in whole seconds, so those of the current second are revoked with those before it; and a token
/// made after a revocation of this very second is dated after that, so the next one must go beyond it.
fn revoke_tokens(connection: &mut Connection, id: Id) -> Result<(), Failure> {
    let now = SystemClock.now().seconds();
    let revoked = in_transaction(connection, |connection| {
        lock(connection, id)?;
        let Some(status) = Status::read(connection, id)? else { return Ok(0) };
        let epoch = now.max(status.token_epoch) + 1;
        diesel::update(people::table.find(id)).set(people::token_epoch.eq(epoch)).execute(connection)
    })?;
    found(id, revoked)
}

fn found(id: Id, rows: usize) -> Result<(), Failure> {
    if rows == 0 { Err(Failure::new(advice::no_user(id))) } else { Ok(()) }
}
