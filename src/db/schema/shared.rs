//! The tables of what people share.

diesel::table! {
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    master_people (id) {
        id -> SqlUuid,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    account_lists (id) {
        id -> SqlUuid,
        version -> BigInt,
        updated_in_db_at -> SqlStamp,
        updated_at -> SqlStamp,
        created_at -> SqlStamp,
        attribute_stamps -> Text,
        name -> Text,
        home_country -> Nullable<Text>,
        currency -> Nullable<Text>,
        monthly_goal -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    account_list_users (person_id, account_list_id) {
        person_id -> SqlUuid,
        account_list_id -> SqlUuid,
        created_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    contacts (id) {
        id -> SqlUuid,
        account_list_id -> SqlUuid,
        name -> Text,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::Integer;
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    parent_contacts (person_id, contact_id) {
        person_id -> SqlUuid,
        contact_id -> SqlUuid,
        position -> Integer,
        created_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    organizations (id) {
        id -> SqlUuid,
        name -> Text,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    organization_accounts (id) {
        id -> SqlUuid,
        organization_id -> SqlUuid,
        account_list_id -> SqlUuid,
        person_id -> Nullable<SqlUuid>,
        username -> Nullable<Text>,
        remote_id -> Nullable<Text>,
        disable_downloads -> Bool,
        last_download -> Nullable<SqlStamp>,
        latest_donation_date -> Nullable<SqlStamp>,
        locked_at -> Nullable<SqlStamp>,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
        version -> BigInt,
        updated_in_db_at -> SqlStamp,
        attribute_stamps -> Text,
    }
}
