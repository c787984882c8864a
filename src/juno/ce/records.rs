//! Records as they are stored, with their activities and claims. Each is found by its person; whoever is not told the
//! person finds it through `owners`.

use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::programs::ProgramRow;
use super::{Activity, Claim, Hours, Program, Record, Snapshot, SomeHours, Source, Status, Threshold};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{ce_activities as a, ce_claims as c, ce_records as t, juno_users, owners};
use crate::id::Id;

/// The type of the resources, and the name of the table.
pub const KIND: &str = "ce_records";

/// What messages call one of them.
pub const MODEL: &str = "CeRecord";

/// A row of `ce_records`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = t)]
pub struct RecordRow {
    /// The person.
    pub person_id: Id,
    /// Its id.
    pub id: Id,
    /// JUNO's id of the user.
    pub juno_user_id: i64,
    /// The program.
    pub program_id: Id,
    /// Counts its states, of which each activity and each claim makes one.
    pub version: i64,
    /// Not to be shown to the user while it is not claimed.
    pub hidden: bool,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last changed.
    pub updated_at: Stamp,
}

/// A row of `ce_activities`. Hours are hundredths.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = a)]
pub struct ActivityRow {
    /// The person.
    pub person_id: Id,
    /// Its id.
    pub id: Id,
    /// The record.
    pub record_id: Id,
    /// The version of the record that it was added in.
    pub added_in_version: i64,
    /// What kind of thing the hours were earned by.
    pub source_type: String,
    /// Its id there.
    pub source_id: String,
    /// How many hours.
    pub hours: i32,
    /// When it was first told of.
    pub created_at: Stamp,
    /// When its hours grew.
    pub updated_at: Stamp,
}

/// A row of `ce_claims`. Hours are hundredths.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = c)]
pub struct ClaimRow {
    /// The person.
    pub person_id: Id,
    /// Its id.
    pub id: Id,
    /// The record.
    pub record_id: Id,
    /// The version of the record that it made.
    pub made_in_version: i64,
    /// K
    pub hours: i32,
    /// C when it was made.
    pub ce_credits: i32,
    /// T when it was made.
    pub ce_threshold: i32,
    /// E when it was made.
    pub earned_hours: i32,
    /// When it was made.
    pub claimed_at: Stamp,
    /// By whom, as the access log names callers.
    pub claimed_by: String,
    /// When it was made void.
    pub voided_at: Option<Stamp>,
    /// By whom.
    pub voided_by: Option<String>,
}

/// A record with all that it is made of.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its row.
    pub row: RecordRow,
    /// Its program.
    pub program: ProgramRow,
    /// The program's rules.
    pub rules: Program,
    /// What the rules look at.
    pub record: Record,
    /// Its activities, in the order in which they were added.
    pub activities: Vec<ActivityRow>,
    /// Its claims, in the order in which they were made.
    pub claims: Vec<ClaimRow>,
}

/// Writes a row where no other has its key.
macro_rules! insert_if_free {
    ($connection:expr, $table:expr, $row:expr) => {
        match $connection {
            $crate::db::Connection::Sqlite(connection) => {
                diesel::insert_into($table).values($row).on_conflict_do_nothing().execute(connection)? > 0
            }
            $crate::db::Connection::Postgres(connection) => {
                diesel::insert_into($table).values($row).on_conflict_do_nothing().execute(connection)? > 0
            }
        }
    };
}

pub(super) use insert_if_free;

/// The error of a row that was not written here.
pub(super) fn unreadable(what: &str) -> QueryError {
    QueryError::DeserializationError(format!("a {what} of continuing education").into())
}

impl ActivityRow {
    fn activity(&self) -> Option<Activity> {
        let source = Source { kind: self.source_type.clone(), id: self.source_id.clone() };
        let hours = SomeHours::new(Hours::from_hundredths(self.hours)?)?;
        Some(Activity { id: self.id, source, hours })
    }
}

impl ClaimRow {
    /// The row of a claim on a record, of which it makes the next state.
    #[must_use]
    pub fn new(record: &RecordRow, claim: &Claim, by: &str) -> Self {
        let Claim { id, hours, claimed_at, snapshot, voided_at } = *claim;
        Self {
            person_id: record.person_id,
            id,
            record_id: record.id,
            made_in_version: record.version + 1,
            hours: hours.hundredths(),
            ce_credits: snapshot.credits.hundredths(),
            ce_threshold: snapshot.threshold.percent(),
            earned_hours: snapshot.earned.hundredths(),
            claimed_at,
            claimed_by: by.to_owned(),
            voided_at,
            voided_by: None,
        }
    }

    fn claim(&self) -> Option<Claim> {
        let snapshot = Snapshot {
            credits: Hours::from_hundredths(self.ce_credits)?,
            threshold: Threshold::new(self.ce_threshold)?,
            earned: Hours::from_hundredths(self.earned_hours)?,
        };
        let hours = Hours::from_hundredths(self.hours)?;
        Some(Claim { id: self.id, hours, claimed_at: self.claimed_at, snapshot, voided_at: self.voided_at })
    }

    /// Writes a new row; `false` where another has the id, or the record has a claim.
    ///
    /// # Errors
    /// The statement's.
    pub fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool> {
        Ok(insert_if_free!(connection, c::table, self))
    }

    /// Makes a claim void.
    ///
    /// # Errors
    /// The statement's.
    pub fn annul(connection: &mut Connection, record: &RecordRow, by: &str, now: Stamp) -> QueryResult<()> {
        let valid = c::table
            .filter(c::person_id.eq(record.person_id))
            .filter(c::record_id.eq(record.id))
            .filter(c::voided_at.is_null());
        let values = (c::voided_at.eq(now), c::voided_by.eq(by));
        diesel::update(valid).set(values).execute(connection).map(drop)
    }
}

impl ActivityRow {
    /// Writes a new row; `false` where another of the person's has the id.
    ///
    /// # Errors
    /// The statement's.
    pub fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool> {
        Ok(insert_if_free!(connection, a::table, self))
    }

    /// Writes the hours of a row.
    ///
    /// # Errors
    /// The statement's.
    pub fn update(&self, connection: &mut Connection) -> QueryResult<()> {
        let values = (a::hours.eq(self.hours), a::updated_at.eq(self.updated_at));
        diesel::update(a::table.find((self.person_id, self.id))).set(values).execute(connection).map(drop)
    }

    /// Deletes the row.
    ///
    /// # Errors
    /// The statement's.
    pub fn delete(&self, connection: &mut Connection) -> QueryResult<()> {
        diesel::delete(a::table.find((self.person_id, self.id))).execute(connection).map(drop)
    }
}

impl RecordRow {
    /// Finds a record of a person.
    ///
    /// # Errors
    /// The query's.
    pub fn find(connection: &mut Connection, person: Id, id: Id) -> QueryResult<Option<Self>> {
        t::table.find((person, id)).select(Self::as_select()).get_result(connection).optional()
    }

    /// Finds a record that nobody else changes before the end of the transaction.
    ///
    /// # Errors
    /// The queries'.
    pub fn locked(connection: &mut Connection, person: Id, id: Id) -> QueryResult<Option<Self>> {
        if let Connection::Postgres(connection) = connection {
            let row = t::table.find((person, id)).select(t::version).for_no_key_update();
            row.get_result::<i64>(connection).optional()?;
        }
        Self::find(connection, person, id)
    }

    /// The records of a user of JUNO, the oldest first.
    ///
    /// # Errors
    /// The query's.
    pub fn of(connection: &mut Connection, person: Id, juno_user: i64) -> QueryResult<Vec<Self>> {
        let rows = t::table.filter(t::person_id.eq(person)).filter(t::juno_user_id.eq(juno_user));
        rows.order((t::created_at, t::id)).select(Self::as_select()).load(connection)
    }

    /// Writes a new row; `false` where the id is another's, also another person's. No other record of the user may be of
    /// its program, and nobody else may be making one: see [`lock_user`].
    ///
    /// # Errors
    /// The statements'.
    pub fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool> {
        let owner = (
            (owners::kind.eq(KIND), owners::value.eq(self.id.to_string())),
            (owners::person_id.eq(self.person_id), owners::id.eq(self.id)),
        );
        if !insert_if_free!(connection, owners::table, owner) {
            return Ok(false);
        }
        diesel::insert_into(t::table).values(self).execute(connection).map(|_| true)
    }

    /// Moves the record to its next state. It must be locked: where it is in another state nothing is written.
    ///
    /// # Errors
    /// The statement's; [`QueryError::NotFound`] where the state was another.
    pub fn advance(&mut self, connection: &mut Connection, now: Stamp) -> QueryResult<()> {
        let known = t::table.find((self.person_id, self.id)).filter(t::version.eq(self.version));
        (self.version, self.updated_at) = (self.version + 1, self.updated_at.next(now));
        let values =
            (t::version.eq(self.version), t::hidden.eq(self.hidden), t::updated_at.eq(self.updated_at));
        match diesel::update(known).set(values).execute(connection)? {
            0 => Err(QueryError::NotFound),
            _ => Ok(()),
        }
    }
}

/// The person whose a record is.
///
/// # Errors
/// The query's.
pub fn whose(connection: &mut Connection, id: Id) -> QueryResult<Option<Id>> {
    let row = owners::table.find((KIND, id.to_string())).select(owners::person_id);
    row.get_result(connection).optional()
}

/// Keeps a user of JUNO from being deleted, and others from making records of his, for the rest of the transaction;
/// whether he is there.
///
/// # Errors
/// The queries'.
pub fn lock_user(connection: &mut Connection, person: Id, juno_user: i64) -> QueryResult<bool> {
    let row = juno_users::table.find((person, juno_user)).select(juno_users::deleted_at);
    let deleted_at = match connection {
        Connection::Sqlite(connection) => row.get_result::<Option<Stamp>>(connection).optional()?,
        Connection::Postgres(connection) => {
            row.for_no_key_update().get_result::<Option<Stamp>>(connection).optional()?
        }
    };
    Ok(deleted_at == Some(None))
}

/// Reads what records of one person are made of: a statement for each table.
///
/// # Errors
/// The queries'.
pub fn load(connection: &mut Connection, rows: Vec<RecordRow>) -> QueryResult<Vec<Stored>> {
    let Some(person) = rows.first().map(|row| row.person_id) else { return Ok(Vec::new()) };
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let of_these = a::table.filter(a::person_id.eq(person)).filter(a::record_id.eq_any(ids.clone()));
    let activities: Vec<ActivityRow> =
        of_these.order((a::added_in_version, a::id)).select(ActivityRow::as_select()).load(connection)?;
    let of_these = c::table.filter(c::person_id.eq(person)).filter(c::record_id.eq_any(ids));
    let claims: Vec<ClaimRow> =
        of_these.order(c::made_in_version).select(ClaimRow::as_select()).load(connection)?;
    let mut programs: Vec<Id> = rows.iter().map(|row| row.program_id).collect();
    programs.sort_unstable();
    programs.dedup();
    let programs = ProgramRow::some(connection, programs)?;
    rows.into_iter().map(|row| Stored::of(row, &programs, &activities, &claims)).collect()
}

impl Stored {
    /// A record out of what was read for several.
    fn of(
        row: RecordRow,
        programs: &[ProgramRow],
        activities: &[ActivityRow],
        claims: &[ClaimRow],
    ) -> QueryResult<Self> {
        let program = programs.iter().find(|program| program.id == row.program_id).cloned();
        let program = program.ok_or(QueryError::NotFound)?;
        let rules = program.rules()?;
        let activities: Vec<_> = activities.iter().filter(|one| one.record_id == row.id).cloned().collect();
        let claims: Vec<_> = claims.iter().filter(|one| one.record_id == row.id).cloned().collect();
        let earned = activities.iter().map(ActivityRow::activity).collect::<Option<_>>();
        let claimed = claims.iter().map(ClaimRow::claim).collect::<Option<_>>();
        let (earned, claimed) = earned.zip(claimed).ok_or_else(|| unreadable("record"))?;
        let record = Record::stored(row.hidden, earned, claimed);
        Ok(Self { row, program, rules, record, activities, claims })
    }

    /// Its status at `now`.
    #[must_use]
    pub fn status(&self, now: Stamp) -> Status {
        self.record.status(&self.rules, now)
    }
}

/// Deletes the records of a user of JUNO but those that are `Done`, which prove what was claimed. For whoever deletes the
/// user, in the same transaction.
///
/// # Errors
/// The statements'.
pub fn forget(connection: &mut Connection, person: Id, juno_user: i64) -> QueryResult<()> {
    lock_user(connection, person, juno_user)?;
    let mut gone = Vec::new();
    for RecordRow { id, .. } in RecordRow::of(connection, person, juno_user)? {
        // A claim that is at work is waited for, and read only then.
        let row = RecordRow::locked(connection, person, id)?;
        let stored = load(connection, row.into_iter().collect())?;
        gone.extend(stored.iter().filter(|one| one.record.claim().is_none()).map(|one| one.row.id));
    }
    let names: Vec<String> = gone.iter().map(Id::to_string).collect();
    let owned = owners::table.filter(owners::kind.eq(KIND)).filter(owners::value.eq_any(names));
    diesel::delete(owned).execute(connection)?;
    let rows = t::table.filter(t::person_id.eq(person)).filter(t::id.eq_any(gone));
    diesel::delete(rows).execute(connection).map(drop)
}

/// The records of a user of JUNO, the oldest first.
///
/// # Errors
/// The queries'.
pub fn of_user(connection: &mut Connection, person: Id, juno_user: i64) -> QueryResult<Vec<Stored>> {
    let rows = RecordRow::of(connection, person, juno_user)?;
    load(connection, rows)
}
