//! THE tables of the rows that a person owns: a kind of row is one entry here, its rules in a file of its own, and a
//! migration. They drive parsing, validation, rendering, the statements and the stamps of the guard.

mod aside;

use phonenumber::country;

pub use aside::ASIDE;

use super::edit::RowChanges;
use super::row::Row;
use super::{email_address, facebook_account, family_relationship, phone_number};
use crate::jsonapi::{Code, Fault};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text that must be there.
    RequiredText,
    /// An e-mail address, which must be there; blanks of all kinds are taken out of it.
    Email,
    /// A URL, or what passes for one, which must be there.
    Url,
    /// A text or null.
    Text,
    /// A client's own text or null, long and with whatever characters.
    State,
    /// `true` or `false`.
    Boolean,
    /// A whole number or null.
    Integer,
    /// A time or null.
    Time,
    /// The id of a person, sent and shown as a relationship.
    Person,
    /// The id of an account list, shown as a relationship.
    AccountList,
}

/// Who may set an attribute, and where it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Set by clients and shown.
    Open,
    /// Set by clients, shown to nobody (`mpdx-behaviour.md` 5.1).
    WriteOnly,
    /// Set by the server and shown.
    ReadOnly,
    /// The server's own.
    Internal,
}

/// An attribute of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name in documents.
    pub name: &'static str,
    /// The name of the column.
    pub column: &'static str,
    /// What it holds.
    pub holds: Type,
    /// Who may set it.
    pub access: Access,
    /// Whether no two rows of the kind may share a value, whoever owns them. One attribute of a kind may be so.
    pub is_unique: bool,
}

/// How the flag `primary` is kept unique among a person's rows (`mpdx-behaviour.md` 4.5, 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primary {
    /// There is no such flag, or no rule for it.
    Free,
    /// At most one row has it.
    AtMostOne,
    /// One of the rows that are not historic has it.
    Elected,
}

/// A kind of row.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The JSON:API type, the relationship of the user and the path.
    pub name: &'static str,
    /// The class of the original, which its messages name.
    pub model: &'static str,
    /// The attributes in the order of their names.
    pub attributes: &'static [Attribute],
    /// How primary is kept.
    pub primary: Primary,
    /// The attributes that say which thing a row stands for: a nested row without an id is the stored one that
    /// agrees in them (`mpdx-behaviour.md` 3.6). None where every row is a thing of its own.
    pub identity: &'static [&'static str],
    /// Normalises a row and checks it against the others of its person.
    pub check: Check,
}

/// The rules of a kind.
pub type Check = fn(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>);

/// What the rules look at beside the row.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What is stored of the row; nothing of a new one.
    pub before: Option<&'a Row>,
    /// The person's rows of the kind; this one may be among them.
    pub rows: &'a [Row],
    /// The country in which the person writes phone numbers.
    pub home: country::Id,
    /// Of the values of the unique attribute, those that rows of other users are known to have.
    pub taken: &'a [String],
}

impl Around<'_> {
    /// Whether another row of the person agrees with this one in all of `names`.
    #[must_use]
    pub fn has_like(&self, row: &Row, names: &[&str]) -> bool {
        self.rows.iter().any(|other| other.id != row.id && other.is_like(row, names))
    }

    /// Whether another row, be it another user's, has the value that must be unique among all of them.
    #[must_use]
    pub fn is_taken(&self, row: &Row) -> bool {
        let own = |name| self.has_like(row, &[name]);
        row.kind.unique().is_some_and(own) || self.taken.iter().any(|taken| row.unique() == Some(taken))
    }

    /// Whether an attribute is the one that is stored.
    #[must_use]
    pub fn keeps(&self, row: &Row, name: &str) -> bool {
        self.before.is_some_and(|before| before.get(name) == row.get(name))
    }

    /// Refuses new values for attributes of a row that another system keeps.
    pub fn refuse_locked(&self, row: &Row, names: &[&'static str], refuse: &mut Refuse<'_>) -> bool {
        let changed = |name: &&&'static str| self.before.is_some() && !self.keeps(row, name);
        let locked: Vec<_> = names.iter().filter(|_| row.is_locked()).filter(changed).collect();
        for name in &locked {
            // By its end the Android client knows the message.
            refuse(Code::Locked, name, "cannot be changed because the source is not MPDX or TntImport");
        }
        !locked.is_empty()
    }
}

/// Takes a fault in an attribute: its kind, the attribute's name, the message.
pub type Refuse<'a> = dyn FnMut(Code, &'static str, &'static str) + 'a;

pub(crate) const fn open(name: &'static str, holds: Type) -> Attribute {
    Attribute { name, column: name, holds, access: Access::Open, is_unique: false }
}

const fn write_only(name: &'static str, holds: Type) -> Attribute {
    Attribute { access: Access::WriteOnly, ..open(name, holds) }
}

const fn read_only(name: &'static str, holds: Type) -> Attribute {
    Attribute { access: Access::ReadOnly, ..open(name, holds) }
}

const fn internal(name: &'static str, holds: Type) -> Attribute {
    Attribute { access: Access::Internal, ..open(name, holds) }
}

const PRIMARY: Attribute = Attribute { column: "is_primary", ..open("primary", Type::Boolean) };
const SOURCE: Attribute = read_only("source", Type::RequiredText);

/// The seven kinds, in the order of the user's document.
pub static KINDS: [Kind; 7] = [
    Kind {
        name: "email_addresses",
        model: "EmailAddress",
        attributes: &[
            open("email", Type::Email),
            internal("email_sent", Type::Text),
            open("historic", Type::Boolean),
            open("location", Type::Text),
            PRIMARY,
            SOURCE,
            open("valid_values", Type::Boolean),
        ],
        primary: Primary::Elected,
        identity: &["email", "source"],
        check: email_address::check,
    },
    Kind {
        name: "facebook_accounts",
        model: "FacebookAccount",
        attributes: &[
            open("first_name", Type::Text),
            open("last_name", Type::Text),
            internal("original_url", Type::Text),
            open("remote_id", Type::Integer),
            open("username", Type::RequiredText),
        ],
        primary: Primary::Free,
        identity: &["username"],
        check: facebook_account::check,
    },
    Kind {
        name: "family_relationships",
        model: "FamilyRelationship",
        attributes: &[
            Attribute { column: "related_person_id", ..open("related_person", Type::Person) },
            open("relationship", Type::RequiredText),
        ],
        primary: Primary::Free,
        identity: &["related_person"],
        check: family_relationship::check,
    },
    Kind {
        name: "linkedin_accounts",
        model: "LinkedinAccount",
        attributes: &[
            write_only("authenticated", Type::Boolean),
            write_only("first_name", Type::Text),
            write_only("last_name", Type::Text),
            open("public_url", Type::Url),
            write_only("remote_id", Type::Text),
        ],
        primary: Primary::Free,
        identity: &[],
        check: nothing_more,
    },
    Kind {
        name: "phone_numbers",
        model: "PhoneNumber",
        attributes: &[
            read_only("country_code", Type::Text),
            open("historic", Type::Boolean),
            open("location", Type::Text),
            open("number", Type::RequiredText),
            internal("number_sent", Type::Text),
            PRIMARY,
            write_only("remote_id", Type::Text),
            SOURCE,
            open("valid_values", Type::Boolean),
        ],
        primary: Primary::Elected,
        identity: &["number"],
        check: phone_number::check,
    },
    Kind {
        name: "twitter_accounts",
        model: "TwitterAccount",
        attributes: &[
            internal("original_url", Type::Text),
            PRIMARY,
            open("remote_id", Type::Text),
            open("screen_name", Type::RequiredText),
        ],
        primary: Primary::AtMostOne,
        identity: &[],
        check: nothing_more,
    },
    Kind {
        name: "websites",
        model: "Website",
        attributes: &[PRIMARY, open("url", Type::Url)],
        primary: Primary::Free,
        identity: &[],
        check: nothing_more,
    },
];

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Type {
    /// Whether a value must be there.
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(self, Self::RequiredText | Self::Email | Self::Url) || self.is_relationship()
    }

    /// Whether it is sent and shown as a relationship.
    #[must_use]
    pub fn is_relationship(self) -> bool {
        !self.leads_to().is_empty()
    }

    /// The types of what a relationship leads to, the one that is shown first; none of an attribute.
    #[must_use]
    pub fn leads_to(self) -> &'static [&'static str] {
        match self {
            Self::Person => &["people", "users"],
            Self::AccountList => &["account_lists"],
            _ => &[],
        }
    }
}

impl Kind {
    /// The kind of a JSON:API type, also one that the user's document does not show.
    #[must_use]
    pub fn of_type(name: &str) -> Option<&'static Self> {
        Self::all().find(|kind| kind.name == name)
    }

    /// The kind of a JSON:API type that the user's document shows.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Every kind, at a place that is its own.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        KINDS.iter().chain(&ASIDE)
    }

    /// Whether the user's document does not show rows of the kind.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        ASIDE.contains(self)
    }

    /// Whether only the server writes rows of the kind.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.attributes.iter().all(|attribute| attribute.access == Access::ReadOnly)
    }

    /// The part of the path behind the user's.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.name.strip_prefix("user_").unwrap_or(self.name)
    }

    /// The name of the attribute whose values no two rows share.
    #[must_use]
    pub fn unique(&self) -> Option<&'static str> {
        self.attributes.iter().find(|attribute| attribute.is_unique).map(|attribute| attribute.name)
    }

    /// An attribute with its place among the values of a row.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<(usize, &'static Attribute)> {
        self.attributes.iter().enumerate().find(|(_, attribute)| attribute.name == name)
    }
}

/// What only presence and types are asked of.
fn nothing_more(_: &mut Row, _: &Around<'_>, _: &mut Refuse<'_>) {}

/// A fault in an attribute of a row: it lies in the value that was sent, or in the object that lacks it.
#[must_use]
pub fn fault(changes: &RowChanges, code: Code, name: &str, message: &'static str) -> Fault {
    let at = match changes.places.get(name) {
        Some(place) => place.clone(),
        None => changes.belongs_in.clone(),
    };
    Fault::attribute(code, name, message, at)
}
