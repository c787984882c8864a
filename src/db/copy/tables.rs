//! The tables, in an order in which each comes after those that it refers to.

use std::fmt::Debug;

use diesel::prelude::*;
use diesel::sql_types;
use sha2::{Digest as _, Sha256};

use super::{Sum, Table};
use crate::clock::Stamp;
use crate::db::connection::AnyConnection as Connection;
use crate::db::schema;
use crate::db::sql_types::{SqlStamp, SqlUuid};
use crate::id::Id;

/// Keys of a page: so many rows, or what belongs to so many owners, are in memory at once. Pictures are large.
const fn page_of(table: &str) -> i64 {
    if table.eq_ignore_ascii_case("pictures") { 4 } else { 500 }
}

/// What a column's SQL type is in Rust.
trait Native {
    type Value;
}

macro_rules! natives {
    ($($sql:ty => $value:ty),+ $(,)?) => { $(impl Native for $sql { type Value = $value; })+ };
}

natives! {
    SqlUuid => Id,
    SqlStamp => Stamp,
    sql_types::Text => String,
    sql_types::Binary => Vec<u8>,
    sql_types::BigInt => i64,
    sql_types::Integer => i32,
    sql_types::Bool => bool,
}

impl<T: Native + diesel::sql_types::SqlType> Native for sql_types::Nullable<T> {
    type Value = Option<T::Value>;
}

/// The value of a column.
type Value<C> = <<C as Expression>::SqlType as Native>::Value;

/// The hash of rows, and how many they were.
#[derive(Default)]
struct Hash {
    rows: u64,
    hash: Sha256,
}

impl Hash {
    fn add(&mut self, row: &impl Debug) {
        let text = format!("{row:?}");
        self.hash.update(text.len().to_be_bytes());
        self.hash.update(text);
        self.rows += 1;
    }

    fn end(self) -> Sum {
        let bytes = self.hash.finalize();
        (self.rows, bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    }
}

/// The tables with all their columns. One that is missing does not compile; see `ALL`.
macro_rules! tables {
    ($($table:ident ($first:ident $(, $key:ident)*) { $($column:ident),+ $(,)? }),+ $(,)?) => {
        $(mod $table {
            use super::*;

            /// A row with all columns.
            #[derive(Debug, Insertable, Queryable)]
            #[diesel(table_name = schema::$table)]
            struct Row { $($column: Value<schema::$table::$column>),+ }

            /// All columns of the table are those of the row, in their order, or this does not compile.
            const ALL: <schema::$table::table as diesel::Table>::AllColumns = ($(schema::$table::$column),+);

            const PAGE: i64 = page_of(stringify!($table));

            type First = Value<schema::$table::$first>;

            /// Calls `each` with every row, in the order of the key. Pages end where the first column of the key
            /// changes, which every key begins with.
            fn each(
                connection: &mut Connection,
                each: &mut dyn FnMut(&Row) -> QueryResult<()>,
            ) -> QueryResult<()> {
                use schema::$table as t;
                let first = t::table.select(t::$first).order(t::$first).limit(1);
                let mut next: Option<First> = first.get_result(connection).optional()?;
                while let Some(from) = next {
                    let ahead = t::table.select(t::$first).filter(t::$first.ge(&from)).order(t::$first);
                    let last: Option<First> = ahead.offset(PAGE - 1).limit(1).get_result(connection).optional()?;
                    let page = t::table.select(ALL).filter(t::$first.ge(&from)).order((t::$first, $(t::$key),*));
                    let rows: Vec<Row> = match &last {
                        Some(last) => page.filter(t::$first.le(last)).load(connection)?,
                        None => page.load(connection)?,
                    };
                    rows.iter().try_for_each(&mut *each)?;
                    next = match last {
                        Some(last) => {
                            let behind = t::table.select(t::$first).filter(t::$first.gt(last)).order(t::$first);
                            behind.limit(1).get_result(connection).optional()?
                        }
                        None => None,
                    };
                }
                Ok(())
            }

            pub(super) fn copy(
                source: &mut Connection,
                target: &mut Connection,
                progress: &mut dyn FnMut(u64),
            ) -> QueryResult<Sum> {
                let mut hash = Hash::default();
                each(source, &mut |row| {
                    hash.add(row);
                    progress(hash.rows);
                    diesel::insert_into(schema::$table::table).values(row).execute(target).map(drop)
                })?;
                Ok(hash.end())
            }

            pub(super) fn hash(connection: &mut Connection) -> QueryResult<Sum> {
                let mut hash = Hash::default();
                each(connection, &mut |row| {
                    hash.add(row);
                    Ok(())
                })?;
                Ok(hash.end())
            }

            pub(super) fn count(connection: &mut Connection) -> QueryResult<i64> {
                schema::$table::table.count().get_result(connection)
            }
        })+

        /// Every table.
        pub(super) static TABLES: [Table; [$(stringify!($table)),+].len()] = [$(Table {
            name: stringify!($table),
            count: $table::count,
            copy: $table::copy,
            hash: $table::hash,
        }),+];
    };
}

tables! {
    settings (name) {
        name, value
    },
    master_people (id) {
        id, created_at, updated_at
    },
    account_lists (id) {
        id, version, updated_in_db_at, updated_at, created_at, attribute_stamps, name, home_country,
        currency, monthly_goal
    },
    organizations (id) {
        id, name, created_at, updated_at
    },
    contacts (id) {
        id, account_list_id, name, created_at, updated_at
    },
    people (id) {
        id, version, updated_in_db_at, updated_at, attribute_stamps, disabled, token_epoch,
        master_person_id, preferences, default_account_list, alma_mater, anniversary_day, anniversary_month,
        anniversary_year, avatar, birthday_day, birthday_month, birthday_year, created_at, deceased,
        employer, first_name, gender, last_name, legal_first_name, marital_status, middle_name, occupation,
        optout_enewsletter, suffix, title
    },
    former_people (id) {
        id, version, updated_in_db_at, deleted_at
    },
    email_addresses (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        email, email_sent, historic, location, is_primary, source, valid_values
    },
    phone_numbers (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        number, number_sent, country_code, historic, location, is_primary, source, remote_id, valid_values
    },
    facebook_accounts (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        username, first_name, last_name, remote_id, original_url
    },
    linkedin_accounts (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        public_url, authenticated, first_name, last_name, remote_id
    },
    twitter_accounts (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        screen_name, is_primary, remote_id, original_url
    },
    websites (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps, url,
        is_primary
    },
    user_options (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        key, value
    },
    user_devices (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        locale, platform, token, version
    },
    key_accounts (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        email, first_name, last_download, last_name, is_primary, remote_id
    },
    account_list_coaches (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        account_list_id
    },
    owners (kind, value) {
        kind, value, person_id, id
    },
    family_relationships (person_id, id) {
        person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps,
        relationship, related_person_id
    },
    tombstones (person_id, kind, id) {
        person_id, kind, id, changed_in_version, deleted_at
    },
    account_list_users (person_id, account_list_id) {
        person_id, account_list_id, created_at
    },
    parent_contacts (person_id, contact_id) {
        person_id, contact_id, position, created_at
    },
    organization_accounts (id) {
        id, organization_id, account_list_id, person_id, username, remote_id, disable_downloads,
        last_download, latest_donation_date, locked_at, created_at, updated_at, version, updated_in_db_at,
        attribute_stamps
    },
    idempotency_keys (caller_id, key) {
        caller_id, key, fingerprint, created_at, status, etag, location, last_modified, body,
        content_type
    },
    identities (issuer, subject) {
        issuer, subject, person_id, created_at
    },
    pictures (person_id) {
        person_id, token, hash, content_type, created_at, image
    },
    api_keys (id) {
        id, name, hash, ending, created_at, revoked_at
    },
    counters (name) {
        name, last
    },
    dimensions (id) {
        id, key, name, name_folded, system, value_type, locked, active, maps_to, version, created_at,
        updated_at
    },
    tag_types (id) {
        id, name, name_folded, group_number, modifiable, analytics, version, created_at, updated_at
    },
    tags (id) {
        id, name, name_folded, tag_type_id, version, created_at, updated_at
    },
    juno_users (person_id, id) {
        person_id, id, version, account_level, banned, client_guid, client_id, username, points, utc_offset,
        facebook_url, facebook_account_id, twitter_url, twitter_account_id, created_at, last_login_at,
        updated_at, deleted_at
    },
    dimension_values (person_id, juno_user_id, dimension_id) {
        person_id, juno_user_id, dimension_id, value, updated_at
    },
    user_tags (person_id, juno_user_id, tag_id) {
        person_id, juno_user_id, tag_id, score, preferred, origin
    },
    ce_programs (id) {
        id, version, name, name_folded, ce_credits, ce_threshold, claim_opens_at, claim_closes_at,
        partial_claims, hour_step, created_at, updated_at
    },
    ce_records (person_id, id) {
        person_id, id, juno_user_id, program_id, version, hidden, created_at, updated_at
    },
    ce_activities (person_id, id) {
        person_id, id, record_id, added_in_version, source_type, source_id, hours, created_at, updated_at
    },
    ce_claims (person_id, id) {
        person_id, id, record_id, made_in_version, hours, ce_credits, ce_threshold, earned_hours,
        claimed_at, claimed_by, voided_at, voided_by
    },
}
