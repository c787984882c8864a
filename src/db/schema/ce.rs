//! The tables of continuing education.

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    ce_programs (id) {
        id -> SqlUuid,
        version -> BigInt,
        name -> Text,
        name_folded -> Text,
        ce_credits -> Integer,
        ce_threshold -> Integer,
        claim_opens_at -> Nullable<SqlStamp>,
        claim_closes_at -> Nullable<SqlStamp>,
        partial_claims -> Bool,
        hour_step -> Integer,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    ce_records (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        juno_user_id -> BigInt,
        program_id -> SqlUuid,
        version -> BigInt,
        hidden -> Bool,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    ce_activities (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        record_id -> SqlUuid,
        added_in_version -> BigInt,
        source_type -> Text,
        source_id -> Text,
        hours -> Integer,
        created_at -> SqlStamp,
        updated_at -> SqlStamp,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::db::sql_types::{SqlStamp, SqlUuid};

    ce_claims (person_id, id) {
        person_id -> SqlUuid,
        id -> SqlUuid,
        record_id -> SqlUuid,
        made_in_version -> BigInt,
        hours -> Integer,
        ce_credits -> Integer,
        ce_threshold -> Integer,
        earned_hours -> Integer,
        claimed_at -> SqlStamp,
        claimed_by -> Text,
        voided_at -> Nullable<SqlStamp>,
        voided_by -> Nullable<Text>,
    }
}
