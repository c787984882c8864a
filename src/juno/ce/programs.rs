//! Programs as they are stored.

use diesel::prelude::*;

use super::records::unreadable;
use super::{Hours, Program, SomeHours, Threshold, Window};
use crate::clock::Stamp;
use crate::db::schema::ce_programs as t;
use crate::db::{Backend, Connection};
use crate::id::Id;
use crate::jsonapi::query::Query;
use crate::juno::{listing, text};

/// The type of the resources, and the name of the table.
pub const KIND: &str = "ce_programs";

/// What messages call one of them.
pub const MODEL: &str = "CeProgram";

/// What lists can be sorted by.
pub const SORT: &[&str] = &["name", "created_at"];

/// What lists can be filtered by.
pub const FILTERS: &[&str] = &["name"];

/// A row of `ce_programs`. Hours are hundredths.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = t, treat_none_as_null = true)]
pub struct ProgramRow {
    /// Its id.
    pub id: Id,
    /// Counts its states.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The name as names are compared.
    pub name_folded: String,
    /// C
    pub ce_credits: i32,
    /// T
    pub ce_threshold: i32,
    /// From when on hours can be claimed.
    pub claim_opens_at: Option<Stamp>,
    /// From when on no more.
    pub claim_closes_at: Option<Stamp>,
    /// Whether fewer hours may be claimed than were earned.
    pub partial_claims: bool,
    /// Of what such a claim must be a multiple.
    pub hour_step: i32,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last changed.
    pub updated_at: Stamp,
}

impl ProgramRow {
    /// A program that is made now, in its first state.
    #[must_use]
    pub fn new(id: Id, name: &str, rules: &Program, now: Stamp) -> Self {
        Self {
            id,
            version: 1,
            name: name.to_owned(),
            name_folded: text::folded(name),
            ce_credits: rules.credits.hundredths(),
            ce_threshold: rules.threshold.percent(),
            claim_opens_at: rules.window.opens_at(),
            claim_closes_at: rules.window.closes_at(),
            partial_claims: rules.partial_claims,
            hour_step: rules.hour_step.hours().hundredths(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The same program with another name and other rules, in the state after this one; this one where nothing differs.
    #[must_use]
    pub fn changed(&self, name: &str, rules: &Program, now: Stamp) -> Self {
        let same = Self {
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            ..Self::new(self.id, name, rules, now)
        };
        if same == *self {
            return same;
        }
        Self { version: self.version + 1, updated_at: self.updated_at.next(now), ..same }
    }

    /// Its rules.
    ///
    /// # Errors
    /// Where the row is none that was written here.
    pub fn rules(&self) -> QueryResult<Program> {
        let rules = || {
            Some(Program {
                credits: Hours::from_hundredths(self.ce_credits)?,
                threshold: Threshold::new(self.ce_threshold)?,
                window: Window::new(self.claim_opens_at, self.claim_closes_at).ok()?,
                partial_claims: self.partial_claims,
                hour_step: SomeHours::new(Hours::from_hundredths(self.hour_step)?)?,
            })
        };
        rules().ok_or_else(|| unreadable("program"))
    }

    /// Finds a program.
    ///
    /// # Errors
    /// The query's.
    pub fn find(connection: &mut Connection, id: Id) -> QueryResult<Option<Self>> {
        t::table.find(id).select(Self::as_select()).get_result(connection).optional()
    }

    /// Finds a program that nobody else changes before the end of the transaction.
    ///
    /// # Errors
    /// The queries'.
    pub fn locked(connection: &mut Connection, id: Id) -> QueryResult<Option<Self>> {
        if let Connection::Postgres(connection) = connection {
            let row = t::table.find(id).select(t::version).for_no_key_update();
            row.get_result::<i64>(connection).optional()?;
        }
        Self::find(connection, id)
    }

    /// Those of some ids.
    ///
    /// # Errors
    /// The query's.
    pub fn some(connection: &mut Connection, ids: Vec<Id>) -> QueryResult<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        t::table.filter(t::id.eq_any(ids)).select(Self::as_select()).load(connection)
    }

    /// The programs of a page, the oldest first unless asked otherwise, and how many there are on all pages.
    ///
    /// # Errors
    /// The queries'.
    pub fn page(connection: &mut Connection, query: &Query) -> QueryResult<(i64, Vec<Self>)> {
        let total = filtered(query).count().get_result(connection)?;
        let mut rows = filtered(query).select(Self::as_select());
        for field in &query.sort {
            rows = match (field.name, field.descending) {
                ("name", false) => rows.then_order_by(t::name_folded.asc()),
                ("name", true) => rows.then_order_by(t::name_folded.desc()),
                (_, false) => rows.then_order_by(t::created_at.asc()),
                (_, true) => rows.then_order_by(t::created_at.desc()),
            };
        }
        let (skipped, taken) = listing::bounds(query);
        let rows = rows.then_order_by((t::created_at.asc(), t::id.asc())).offset(skipped).limit(taken);
        Ok((total, rows.load(connection)?))
    }

    /// Writes a new row; `false` where another has the id.
    ///
    /// # Errors
    /// The statement's.
    pub fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool> {
        Ok(super::records::insert_if_free!(connection, t::table, self))
    }

    /// Writes another state of a row.
    ///
    /// # Errors
    /// The statement's.
    pub fn update(&self, connection: &mut Connection) -> QueryResult<()> {
        diesel::update(t::table.find(self.id)).set(self).execute(connection).map(drop)
    }
}

fn filtered(query: &Query) -> t::BoxedQuery<'static, Backend> {
    // There is one filter.
    listing::filters(query)
        .fold(t::table.into_boxed(), |rows, (_, name)| rows.filter(t::name_folded.eq(text::folded(name))))
}
