//! Statements that differ by more than their types, such as by a table, so that their texts are what they are known by.

/// Makes statements such ones, to be run on a kind of connection.
macro_rules! known_by_their_text {
    ($connection:ident: $($statement:ty),+) => {
        $(
            impl diesel::query_builder::QueryId for $statement {
                type QueryId = ();
                const HAS_STATIC_QUERY_ID: bool = false;
            }

            impl diesel::RunQueryDsl<$connection> for $statement {}
        )+
    };
}

pub(crate) use known_by_their_text;
