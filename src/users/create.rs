//! Users come and go, by the command line.

use diesel::prelude::*;
use phonenumber::country;

use super::attributes::Columns;
use super::linkage::Linkage;
use super::person::{Context, MasterPerson, Person};
use super::preferences::{PreferenceChanges, Preferences};
use super::rules::{Field as _, Rule, TEXT_LIMIT, check_text};
use super::store::{Row, lock};
use crate::account_lists::store as account_lists_store;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{
    account_list_users, account_lists, former_people, idempotency_keys, identities, master_people, people,
};
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::error::humanize;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Fault, Json};
use crate::people::kind::{Around, Kind};
use crate::people::row::{Row as OwnedRow, Value};
use crate::people::store as rows;

/// The version that a record begins with.
const FIRST_VERSION: i64 = 1;

/// A user to be made, checked by the rules of the attributes.
#[derive(Clone, Debug)]
pub struct NewUser {
    id: Id,
    master_person_id: Id,
    columns: Columns,
    preferences: Preferences,
    rows: Vec<OwnedRow>,
    /// The account lists to be made with him: id and name.
    pub account_lists: Vec<(Id, String)>,
    made_at: Stamp,
}

/// Deletes a user and all rows that he owns; false where there is none. Belongs into a transaction.
///
/// # Errors
/// The statements'.
pub fn delete(connection: &mut Connection, id: Id, now: Stamp) -> QueryResult<bool> {
    account_lists_store::forget_accounts(connection, id, now)?;
    // What is left behind is his last version: nobody may write another after it is read.
    lock(connection, id)?;
    let columns = (people::version, people::updated_in_db_at, people::token_epoch);
    let person: Option<(i64, Stamp, i64)> =
        people::table.find(id).select(columns).get_result(connection).optional()?;
    let Some((version, stamp, token_epoch)) = person else { return Ok(false) };
    // Tokens may have been revoked up to a time that is still to come.
    let ended = Stamp::from_seconds(token_epoch).map_or(now, |epoch| epoch.max(now));
    // Also where a distributed database has no references between tables (docs/scaling.md).
    diesel::delete(identities::table.filter(identities::person_id.eq(id))).execute(connection)?;
    diesel::delete(people::table.find(id)).execute(connection)?;
    // What was answered to him is not kept longer than he is.
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::caller_id.eq(id))).execute(connection)?;
    let row = (
        (former_people::id.eq(id), former_people::version.eq(version)),
        (former_people::updated_in_db_at.eq(stamp), former_people::deleted_at.eq(ended)),
    );
    diesel::delete(former_people::table.find(id)).execute(connection)?;
    diesel::insert_into(former_people::table).values(row).execute(connection)?;
    Ok(true)
}

/// Where a new user's record begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Born {
    /// His first version.
    pub version: i64,
    /// His first stamp.
    pub at: Stamp,
    /// Tokens issued before this second are another's.
    pub token_epoch: i64,
}

impl Born {
    /// Where the record of a user made at `made_at` begins: under the id of a deleted one, versions and stamps go on
    /// where his ended. That he was stays known: the way from his versions to the new one's is not told by deletions.
    ///
    /// # Errors
    /// The statements'.
    pub(crate) fn under(connection: &mut Connection, id: Id, made_at: Stamp) -> QueryResult<Self> {
        let former = former_people::table.find(id);
        let columns = (former_people::version, former_people::updated_in_db_at, former_people::deleted_at);
        let ended: Option<(i64, Stamp, Stamp)> = former.select(columns).get_result(connection).optional()?;
        let Some((version, stamp, deleted_at)) = ended else { return Ok(Self::first(made_at)) };
        let token_epoch = deleted_at.seconds() + 1;
        Ok(Self { version: version + 1, at: stamp.next(made_at), token_epoch })
    }

    /// Where the record of somebody begins who has never been there.
    pub(crate) fn first(made_at: Stamp) -> Self {
        Self { version: FIRST_VERSION, at: made_at, token_epoch: 0 }
    }

    fn stamps(&self) -> String {
        MemberStamps::all_at(self.at).to_text()
    }
}

/// Why a user can't be made as described: a sentence.
pub type Refusal = String;

impl NewUser {
    /// A user of whom only the first name is known, made at `now`.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub fn new(id: Id, first_name: &str, now: Stamp) -> Result<Self, Refusal> {
        let first_name = String::read(&Rule::text(), &first_name.into(), now)
            .map_err(|m| format!("First name {}", m.text))?;
        Ok(Self {
            id,
            master_person_id: Id::random(),
            columns: Columns::named(first_name, now),
            preferences: Preferences::default(),
            rows: Vec::new(),
            account_lists: Vec::new(),
            made_at: now,
        })
    }

    /// With the id of the master person.
    #[must_use]
    pub fn master_person(mut self, id: Id) -> Self {
        self.master_person_id = id;
        self
    }

    /// With a last name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn last_name(mut self, name: &str) -> Result<Self, Refusal> {
        self.columns.last_name = Option::read(&Rule::text(), &name.into(), self.made_at)
            .map_err(|m| format!("Last name {}", m.text))?;
        Ok(self)
    }

    /// With members of preferences.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn preferences(mut self, members: Members) -> Result<Self, Refusal> {
        let mut faults: Vec<Fault> = Vec::new();
        let changes = PreferenceChanges::read(Json::Object(members), &mut faults);
        changes.apply(&mut self.preferences, &mut faults);
        match faults.into_iter().next() {
            Some(fault) => Err(fault.detail.unwrap_or_default()),
            None => Ok(self),
        }
    }

    /// With the preferences that a user has whom nobody has asked for his.
    ///
    /// # Errors
    /// None that depends on the user.
    pub fn usual(self) -> Result<Self, Refusal> {
        let members = [("hour_to_send_notifications", 12.into()), ("locale", "en".into())];
        self.preferences(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// With an e-mail address; the first one is primary.
    ///
    /// # Errors
    /// Where it is none, or was given before.
    pub fn email(self, id: Id, sent: &str) -> Result<Self, Refusal> {
        self.row("email_addresses", "email", id, sent)
    }

    /// With a phone number as somebody in the USA writes it; the first one is primary.
    ///
    /// # Errors
    /// Where it was given before.
    pub fn phone(self, id: Id, sent: &str) -> Result<Self, Refusal> {
        self.row("phone_numbers", "number", id, sent)
    }

    /// With a row of a kind, by the rules of the kind.
    fn row(mut self, kind: &str, name: &'static str, id: Id, sent: &str) -> Result<Self, Refusal> {
        let kind = Kind::named(kind).ok_or_else(|| format!("there is no kind {kind:?} of rows"))?;
        let others: Vec<_> = self.rows.iter().filter(|row| row.kind == kind).cloned().collect();
        let mut row = OwnedRow::new(kind, id, self.made_at);
        row.set(name, Value::Text(sent.to_owned()));
        row.set("primary", Value::Boolean(others.is_empty()));
        let mut refusal = check_text(sent, TEXT_LIMIT).err().map(|fault| fault.text);
        let around = Around { before: None, rows: &others, home: country::Id::US, taken: &[] };
        (kind.check)(&mut row, &around, &mut |_, _, message| refusal = Some(message.into()));
        if others.iter().any(|other| other.get(name) == row.get(name)) {
            refusal = Some("has already been taken".into());
        }
        if let Some(message) = refusal {
            return Err(format!("{} {message} ({sent:?})", humanize(name)));
        }
        self.rows.push(row);
        Ok(self)
    }

    /// With an account list that is made for him.
    ///
    /// # Errors
    /// Where the name is blank.
    pub fn account_list(mut self, id: Id, name: &str) -> Result<Self, Refusal> {
        let name = String::read(&Rule::text(), &name.into(), self.made_at);
        self.account_lists.push((id, name.map_err(|m| format!("Account list {}", m.text))?));
        Ok(self)
    }

    /// The user as he would be read after [`NewUser::insert`], without rows: for benches and for showing him before
    /// he is there.
    #[must_use]
    pub fn as_person(&self) -> Person {
        let at = self.made_at;
        Person {
            id: self.id,
            version: FIRST_VERSION,
            stamp: at,
            updated_at: at,
            stamps: MemberStamps::all_at(at),
            columns: self.columns.clone(),
            preferences: self.preferences.clone(),
            default_account_list: None,
            master_person: MasterPerson { id: self.master_person_id, created_at: at, updated_at: at },
            linkage: Linkage::default(),
            context: Context::default(),
        }
    }

    /// Writes the user and all that comes with him. Belongs into a transaction. Shared rows that are there already
    /// are taken as they are; under the id of a deleted user versions and stamps go on where his ended.
    ///
    /// # Errors
    /// The statements'; a unique violation where the id is taken.
    pub fn insert(&self, connection: &mut Connection) -> QueryResult<()> {
        let born = Born::under(connection, self.id, self.made_at)?;
        self.insert_person(connection, &born)?;
        self.insert_rows(connection, &born)?;
        self.insert_account_lists(connection, &born)
    }

    fn insert_person(&self, connection: &mut Connection, born: &Born) -> QueryResult<()> {
        let masters = master_people::table.find(self.master_person_id).count();
        if masters.get_result::<i64>(connection)? == 0 {
            let times = (master_people::created_at.eq(born.at), master_people::updated_at.eq(born.at));
            let row = (master_people::id.eq(self.master_person_id), times);
            diesel::insert_into(master_people::table).values(row).execute(connection)?;
        }
        let row = Row {
            id: self.id,
            version: born.version,
            updated_in_db_at: born.at,
            updated_at: born.at,
            attribute_stamps: born.stamps(),
            master_person_id: self.master_person_id,
            preferences: self.preferences.to_text(),
            default_account_list: None,
            columns: self.columns.clone(),
        };
        diesel::insert_into(people::table)
            .values((&row, people::token_epoch.eq(born.token_epoch)))
            .execute(connection)?;
        Ok(())
    }

    fn insert_rows(&self, connection: &mut Connection, born: &Born) -> QueryResult<()> {
        for row in &self.rows {
            let row = OwnedRow {
                version: born.version,
                created_at: born.at,
                updated_at: born.at,
                stamp: born.at,
                stamps: MemberStamps::all_at(born.at),
                ..row.clone()
            };
            rows::insert(connection, self.id, &row)?;
        }
        Ok(())
    }

    fn insert_account_lists(&self, connection: &mut Connection, born: &Born) -> QueryResult<()> {
        use {account_list_users as m, account_lists as l};
        let (at, stamps) = (born.at, born.stamps());
        for (id, name) in &self.account_lists {
            if l::table.find(*id).count().get_result::<i64>(connection)? == 0 {
                let row = (
                    (l::id.eq(*id), l::version.eq(FIRST_VERSION), l::name.eq(name)),
                    (l::created_at.eq(at), l::updated_at.eq(at), l::updated_in_db_at.eq(at)),
                    l::attribute_stamps.eq(&stamps),
                );
                diesel::insert_into(l::table).values(row).execute(connection)?;
            }
            diesel::insert_into(m::table)
                .values((m::person_id.eq(self.id), m::account_list_id.eq(*id), m::created_at.eq(at)))
                .execute(connection)?;
        }
        Ok(())
    }
}
