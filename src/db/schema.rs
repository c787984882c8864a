//! The tables of both backends, compared with what the migrations make by a test. Joins are written out in the
//! queries, so only the tables that are queried together are named as such.

mod ce;
mod juno;
mod shared;

pub use ce::*;
pub use juno::*;
pub use shared::*;

diesel::table! {
    use diesel::sql_types::Text;

    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    people (id) {
        id -> SqlUuid,
        version -> BigInt,
        updated_in_db_at -> SqlStamp,
        updated_at -> SqlStamp,
        attribute_stamps -> Text,
        disabled -> Bool,
        token_epoch -> BigInt,
        master_person_id -> SqlUuid,
        preferences -> Text,
        default_account_list -> Nullable<SqlUuid>,
        alma_mater -> Nullable<Text>,
        anniversary_day -> Nullable<Integer>,
        anniversary_month -> Nullable<Integer>,
        anniversary_year -> Nullable<Integer>,
        avatar -> Nullable<Text>,
        birthday_day -> Nullable<Integer>,
        birthday_month -> Nullable<Integer>,
        birthday_year -> Nullable<Integer>,
        created_at -> SqlStamp,
        deceased -> Bool,
        employer -> Nullable<Text>,
        first_name -> Text,
        gender -> Nullable<Text>,
        last_name -> Nullable<Text>,
        legal_first_name -> Nullable<Text>,
        marital_status -> Nullable<Text>,
        middle_name -> Nullable<Text>,
        occupation -> Nullable<Text>,
        optout_enewsletter -> Bool,
        suffix -> Nullable<Text>,
        title -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    former_people (id) {
        id -> SqlUuid,
        version -> BigInt,
        updated_in_db_at -> SqlStamp,
        deleted_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    email_addresses (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        email -> Text,
        email_sent -> Nullable<Text>,
        historic -> Bool,
        location -> Nullable<Text>,
        is_primary -> Bool,
        source -> Text,
        valid_values -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    phone_numbers (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        number -> Text,
        number_sent -> Nullable<Text>,
        country_code -> Nullable<Text>,
        historic -> Bool,
        location -> Nullable<Text>,
        is_primary -> Bool,
        source -> Text,
        remote_id -> Nullable<Text>,
        valid_values -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    facebook_accounts (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        username -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        remote_id -> Nullable<BigInt>,
        original_url -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    linkedin_accounts (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        public_url -> Text,
        authenticated -> Bool,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        remote_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    twitter_accounts (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        screen_name -> Text,
        is_primary -> Bool,
        remote_id -> Nullable<Text>,
        original_url -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    websites (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        url -> Text,
        is_primary -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    user_options (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        key -> Text,
        value -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    user_devices (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        locale -> Nullable<Text>,
        platform -> Nullable<Text>,
        token -> Text,
        version -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    family_relationships (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        relationship -> Text,
        related_person_id -> SqlUuid,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    tombstones (person_id, kind, id) {
        person_id -> SqlUuid,
        kind -> Text,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        deleted_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    idempotency_keys (caller_id, key) {
        caller_id -> SqlUuid,
        key -> Text,
        fingerprint -> Binary,
        created_at -> SqlStamp,
        status -> Integer,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        body -> Binary,
        content_type -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        person_id -> SqlUuid,
        created_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    key_accounts (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        email -> Text,
        first_name -> Nullable<Text>,
        last_download -> Nullable<SqlStamp>,
        last_name -> Nullable<Text>,
        is_primary -> Bool,
        remote_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::SqlUuid;

    owners (kind, value) {
        kind -> Text,
        value -> Text,
        person_id -> SqlUuid,
        id -> SqlUuid,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    account_list_coaches (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        changed_in_version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
        account_list_id -> SqlUuid,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    pictures (person_id) {
        person_id -> SqlUuid,
        token -> Binary,
        hash -> Binary,
        content_type -> Text,
        created_at -> SqlStamp,
        image -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    api_keys (id) {
        id -> SqlUuid,
        name -> Text,
        hash -> Binary,
        ending -> Text,
        created_at -> SqlStamp,
        revoked_at -> Nullable<SqlStamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(people, juno_users);
diesel::allow_tables_to_appear_in_same_query!(juno_users, owners);
diesel::allow_tables_to_appear_in_same_query!(juno_users, user_tags);
diesel::joinable!(people -> master_people (master_person_id));
diesel::allow_tables_to_appear_in_same_query!(people, master_people);
diesel::allow_tables_to_appear_in_same_query!(contacts, account_list_users);
diesel::joinable!(account_list_users -> account_lists (account_list_id));
diesel::allow_tables_to_appear_in_same_query!(account_lists, account_list_users);
diesel::allow_tables_to_appear_in_same_query!(organization_accounts, account_list_users);
diesel::joinable!(account_list_coaches -> account_lists (account_list_id));
diesel::allow_tables_to_appear_in_same_query!(account_lists, account_list_coaches);
