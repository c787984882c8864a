//! What JUNO keeps of a person: the row of a user of JUNO (`juno.md` 5.1).

use diesel::prelude::*;

use super::counters;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::juno_users as t;
use crate::id::Id;

/// The type of the resources, and the name of the table.
pub const KIND: &str = "juno_users";

/// What messages call one of them.
pub const MODEL: &str = "JunoUser";

/// The account level of somebody with full access.
pub const FULL: i32 = 99;

/// A row of `juno_users`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = t, treat_none_as_null = true)]
pub struct Profile {
    /// The person.
    pub person_id: Id,
    /// JUNO's own id.
    pub id: i64,
    /// Counts the states of this row.
    pub version: i64,
    /// 0 limited, 99 full; others come from elsewhere and are shown as they are.
    pub account_level: i32,
    /// Whether the site has locked the user out.
    pub banned: bool,
    /// A second id in the client's system.
    pub client_guid: Option<Id>,
    /// The id in the client's system.
    pub client_id: Option<String>,
    /// For sign-in by the site's own means.
    pub username: Option<String>,
    /// Points of the leaderboard.
    pub points: i64,
    /// Seconds; only where the person has no time zone with a name.
    pub utc_offset: Option<i32>,
    /// The URL that was sent; it counts while the account still is the one that it names.
    pub facebook_url: Option<String>,
    /// The account that JUNO shows; the oldest where it is gone.
    pub facebook_account_id: Option<Id>,
    /// As `facebook_url`.
    pub twitter_url: Option<String>,
    /// As `facebook_account_id`.
    pub twitter_account_id: Option<Id>,
    /// `None` where that is unknown.
    pub created_at: Option<Stamp>,
    /// `None` where he never was.
    pub last_login_at: Option<Stamp>,
    /// When this row was last changed.
    pub updated_at: Stamp,
    /// When the user was deleted.
    pub deleted_at: Option<Stamp>,
}

impl Profile {
    /// A user of JUNO with no more than an id, of which nothing is written yet.
    #[must_use]
    pub fn new(person_id: Id, id: i64, now: Stamp) -> Self {
        Self {
            person_id,
            id,
            version: 1,
            account_level: 0,
            banned: false,
            client_guid: None,
            client_id: None,
            username: None,
            points: 0,
            utc_offset: None,
            facebook_url: None,
            facebook_account_id: None,
            twitter_url: None,
            twitter_account_id: None,
            created_at: Some(now),
            last_login_at: None,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// The user of JUNO that a person is.
    ///
    /// # Errors
    /// The query's.
    pub fn of(connection: &mut Connection, person: Id) -> QueryResult<Option<Self>> {
        let rows = t::table.filter(t::person_id.eq(person)).filter(t::deleted_at.is_null());
        rows.select(Self::as_select()).get_result(connection).optional()
    }

    /// The user of JUNO with the id.
    ///
    /// # Errors
    /// The query's.
    pub fn find(connection: &mut Connection, id: i64) -> QueryResult<Option<Self>> {
        let rows = t::table.filter(t::id.eq(id)).filter(t::deleted_at.is_null());
        rows.select(Self::as_select()).get_result(connection).optional()
    }

    /// The id of the next user, which is given by this. Waits for whoever else makes one.
    ///
    /// # Errors
    /// The statements'.
    pub fn next_id(connection: &mut Connection) -> QueryResult<i64> {
        counters::lock(connection, KIND)?;
        let id = counters::next(connection, KIND)?;
        counters::give(connection, KIND, id)?;
        Ok(id)
    }

    /// Takes an id that another system has given; `false` where it is, or was, somebody's. Those that are given later are
    /// higher.
    ///
    /// # Errors
    /// The statements'.
    pub fn take_id(connection: &mut Connection, id: i64) -> QueryResult<bool> {
        counters::lock(connection, KIND)?;
        let others = t::table.filter(t::id.eq(id)).count().get_result::<i64>(connection)?;
        if others > 0 {
            return Ok(false);
        }
        counters::pass(connection, KIND, id)?;
        Ok(true)
    }

    /// Writes a new row.
    ///
    /// # Errors
    /// The statement's.
    pub fn insert(&self, connection: &mut Connection) -> QueryResult<()> {
        diesel::insert_into(t::table).values(self).execute(connection).map(drop)
    }

    /// Writes another state of a row.
    ///
    /// # Errors
    /// The statement's.
    pub fn update(&self, connection: &mut Connection) -> QueryResult<()> {
        diesel::update(t::table.find((self.person_id, self.id))).set(self).execute(connection).map(drop)
    }

    /// Forgets the offset of a person who now has a time zone with a name. The person's version tells of it.
    ///
    /// # Errors
    /// The statement's.
    pub fn forget_offset(connection: &mut Connection, person: Id) -> QueryResult<()> {
        let row = t::table.filter(t::person_id.eq(person)).filter(t::utc_offset.is_not_null());
        let forget = diesel::update(row.filter(t::deleted_at.is_null())).set(t::utc_offset.eq(None::<i32>));
        forget.execute(connection).map(drop)
    }

    /// Notes that a person has signed in, if he is a user of JUNO.
    ///
    /// # Errors
    /// The statement's.
    pub fn signed_in(connection: &mut Connection, person: Id, now: Stamp) -> QueryResult<()> {
        let row = t::table.filter(t::person_id.eq(person)).filter(t::deleted_at.is_null());
        let set = (t::last_login_at.eq(now), t::version.eq(t::version + 1));
        diesel::update(row).set(set).execute(connection).map(drop)
    }
}

/// How somebody with a token stands with JUNO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = t)]
pub struct Standing {
    /// JUNO's id of him.
    pub id: i64,
    /// His account level.
    pub account_level: i32,
    /// Whether the site has locked him out.
    pub banned: bool,
}

impl Standing {
    /// Reads it; `None` where the person is no user of JUNO.
    ///
    /// # Errors
    /// The query's.
    pub fn of(connection: &mut Connection, person: Id) -> QueryResult<Option<Self>> {
        let rows = t::table.filter(t::person_id.eq(person)).filter(t::deleted_at.is_null());
        rows.select(Self::as_select()).get_result(connection).optional()
    }
}
