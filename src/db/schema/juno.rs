//! The tables of JUNO.

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    counters (name) {
        name -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::SqlStamp;

    dimensions (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        name_folded -> Text,
        system -> Bool,
        value_type -> Text,
        locked -> Bool,
        active -> Bool,
        maps_to -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Text};
    use crate::db::sql_types::SqlStamp;

    tag_types (id) {
        id -> BigInt,
        name -> Text,
        name_folded -> Text,
        group_number -> Integer,
        modifiable -> Bool,
        analytics -> Bool,
        version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::SqlStamp;

    tags (id) {
        id -> BigInt,
        name -> Text,
        name_folded -> Text,
        tag_type_id -> BigInt,
        version -> BigInt,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    juno_users (person_id, id) {
        person_id -> SqlUuid,
        id -> BigInt,
        version -> BigInt,
        account_level -> Integer,
        banned -> Bool,
        client_guid -> Nullable<SqlUuid>,
        client_id -> Nullable<Text>,
        username -> Nullable<Text>,
        points -> BigInt,
        utc_offset -> Nullable<Integer>,
        facebook_url -> Nullable<Text>,
        facebook_account_id -> Nullable<SqlUuid>,
        twitter_url -> Nullable<Text>,
        twitter_account_id -> Nullable<SqlUuid>,
        created_at -> Nullable<SqlStamp>,
        last_login_at -> Nullable<SqlStamp>,
        updated_at -> SqlStamp,
        deleted_at -> Nullable<SqlStamp>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    dimension_values (person_id, juno_user_id, dimension_id) {
        person_id -> SqlUuid,
        juno_user_id -> BigInt,
        dimension_id -> BigInt,
        value -> Text,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Text};
    use crate::db::sql_types::SqlUuid;

    user_tags (person_id, juno_user_id, tag_id) {
        person_id -> SqlUuid,
        juno_user_id -> BigInt,
        tag_id -> BigInt,
        score -> Integer,
        preferred -> Bool,
        origin -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(dimension_values, dimensions);
diesel::allow_tables_to_appear_in_same_query!(tag_types, tags, user_tags);
