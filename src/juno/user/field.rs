//! The fields of a user of JUNO that are one value each (`juno.md` 1.2).

/// What a field takes, and what it is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A text that must be there, or null where it may be cleared.
    Name {
        /// Whether null and blank are refused.
        required: bool,
    },
    /// A text, or null; a blank one is null.
    Text,
    /// A text of at most 64 characters, or null.
    Phone,
    /// An e-mail address, never null.
    Email,
    /// An absolute URL (`http`, `https`), or null.
    Url,
    /// Seconds from UTC: whole, -43200 to 50400, a multiple of 900, a number or its text; or null.
    Offset,
    /// 0 or 99, a number or its text.
    Level,
    /// A text or a whole number, which is kept as its text; or null.
    ClientId,
    /// A UUID in any spelling, or null.
    Guid,
    /// True or false, or their texts in any case.
    Flag,
    /// A text without white space, or null.
    Username,
    /// A number that only the server changes.
    Points,
    /// A time of the server, which is not looked at in a write.
    Time,
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, in both codecs.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// The dimension that is the same value.
    pub dimension: Option<i64>,
    /// Whether a user may change his own.
    pub is_users: bool,
}

const fn field(name: &'static str, takes: Takes) -> Field {
    Field { name, takes, dimension: None, is_users: true }
}

const fn dimension(name: &'static str, takes: Takes, id: i64) -> Field {
    Field { dimension: Some(id), ..field(name, takes) }
}

const fn sites(name: &'static str, takes: Takes) -> Field {
    Field { is_users: false, ..field(name, takes) }
}

/// All of them, in the order of documents.
pub const FIELDS: [Field; 29] = [
    field("first_name", Takes::Name { required: true }),
    field("last_name", Takes::Name { required: false }),
    dimension("designation", Takes::Text, 12),
    dimension("title", Takes::Text, 18),
    dimension("job_type", Takes::Text, 11),
    field("company", Takes::Text),
    field("email", Takes::Email),
    dimension("phone", Takes::Phone, 5),
    dimension("address", Takes::Text, 10),
    dimension("city", Takes::Text, 13),
    dimension("state_province", Takes::Text, 14),
    dimension("postal_code", Takes::Text, 15),
    dimension("country", Takes::Text, 16),
    field("timezone", Takes::Offset),
    field("avatar", Takes::Url),
    sites("points", Takes::Points),
    sites("account_level", Takes::Level),
    sites("client_id", Takes::ClientId),
    sites("client_guid", Takes::Guid),
    sites("banned", Takes::Flag),
    sites("username", Takes::Username),
    dimension("website", Takes::Url, 4),
    dimension("linkedin", Takes::Url, 8),
    dimension("twitter", Takes::Url, 3),
    dimension("facebook", Takes::Url, 2),
    dimension("instagram", Takes::Url, 1),
    sites("date_created", Takes::Time),
    sites("date_last_login", Takes::Time),
    sites("date_updated", Takes::Time),
];

impl Field {
    /// The field of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The field that is the same value as a dimension.
    #[must_use]
    pub fn of_dimension(id: i64) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.dimension == Some(id))
    }
}

/// What a field holds, where it is not null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, clean.
    Text(String),
    /// A number.
    Number(i64),
    /// True or false.
    Flag(bool),
}
