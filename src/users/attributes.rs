//! THE table of a user's attributes. It drives parsing, validation, rendering, the stamps of the guard and the
//! columns that are read and written: a new attribute is one row here and one migration.

use std::sync::LazyLock;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::rules::{Field, Group, Message, Rule};
use crate::clock::Stamp;
use crate::db::lists::{MoreLists, push_value};
use crate::db::schema::people;
use crate::db::{Backend, SqlStamp};
use crate::guard::Member;
use crate::jsonapi::Json;

/// What an attribute of the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A column of `people`, with the rule that its values obey.
    Column(Rule),
    /// The ids of the contacts that the person belongs to.
    ParentContacts,
    /// The preferences, merged member by member.
    Preferences,
    /// The client's own time of the edit.
    UpdatedAt,
    /// The stamp of the guard.
    UpdatedInDbAt,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The name in documents.
    pub name: &'static str,
    /// The documented description.
    pub description: &'static str,
    /// Where its value comes from.
    pub kind: Kind,
    /// Whether the value may be null.
    pub is_nullable: bool,
}

macro_rules! columns {
    ($(#[doc = $doc:literal] $name:ident: $rust:ty as $sql:ty = $rule:expr),+ $(,)?) => {
        /// The attributes that are columns of `people`, as stored.
        #[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
        #[diesel(table_name = people, treat_none_as_default_value = false)]
        pub struct Columns { $(#[doc = $doc] pub $name: $rust),+ }

        /// New values for columns: absent where nothing was sent.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct ColumnChanges { $(#[doc = $doc] pub $name: Option<$rust>),+ }

        /// The columns of several people, each as a list, for a statement that writes them all.
        #[derive(Debug, Default)]
        pub(crate) struct ColumnLists<'a> { $($name: Vec<&'a $rust>),+ }

        impl<'a> FromIterator<&'a Columns> for ColumnLists<'a> {
            fn from_iter<I: IntoIterator<Item = &'a Columns>>(people: I) -> Self {
                let mut lists = Self::default();
                for person in people {
                    $(lists.$name.push(&person.$name);)+
                }
                lists
            }
        }

        impl<'a> ColumnLists<'a> {
            /// The names of the columns, in the order of [`ColumnLists::push_lists`].
            pub(crate) const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Writes `, list` for all columns.
            pub(super) fn push_lists<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<Array<$sql>, Vec<&'a $rust>>(&self.$name)?;
                )+
                Ok(())
            }
        }

        impl<'a> MoreLists for ColumnLists<'a> {
            fn names(&self) -> &'static [&'static str] {
                Self::NAMES
            }

            fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                self.push_lists(out)
            }

            fn push_values<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                $(
                    out.push_sql(", ");
                    push_value::<$sql, &'a $rust>(&self.$name, row, out)?;
                )+
                Ok(())
            }
        }

        const COLUMNS: &[Attribute] = &[
            $(Attribute {
                name: stringify!($name),
                description: $doc.trim_ascii(),
                kind: Kind::Column($rule),
                is_nullable: <$rust as Field>::IS_NULLABLE,
            }),+
        ];

        impl Columns {
            /// The values of a person made at `made_at` of whom only the first name is known.
            #[must_use]
            pub fn named(first_name: String, made_at: Stamp) -> Self {
                Self { first_name, ..Self { $($name: <$rust as Field>::initial(made_at)),+ } }
            }

            /// The stored value of a column; `None` where the name is not one.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<Json> {
                match name {
                    $(stringify!($name) => Some(self.$name.to_json()),)+
                    _ => None,
                }
            }

            /// The names of the columns whose values differ.
            #[must_use]
            pub fn differences(&self, other: &Self) -> Vec<Member> {
                let mut names = Vec::new();
                $(if self.$name != other.$name { names.push(Member::Borrowed(stringify!($name))); })+
                names
            }

            /// Writes `column = value, …` for all columns: a statement whose text never changes can be prepared once.
            pub(super) fn push_assignments<'b>(&'b self, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
                $(
                    out.push_sql(", ");
                    out.push_identifier(stringify!($name))?;
                    out.push_sql(" = ");
                    out.push_bind_param::<$sql, $rust>(&self.$name)?;
                )+
                Ok(())
            }
        }

        impl ColumnChanges {
            /// Reads the value sent for a column; `None` where the name is not one.
            pub fn read(&mut self, name: &str, sent: &Json, now: Stamp) -> Option<Result<(), Message>> {
                match name {
                    $(stringify!($name) => {
                        let read = <$rust as Field>::read(&$rule, sent, now);
                        Some(read.map(|value| self.$name = Some(value)))
                    })+
                    _ => None,
                }
            }

            /// Whether a value was sent for the column.
            #[must_use]
            pub fn sets(&self, name: &str) -> bool {
                match name {
                    $(stringify!($name) => self.$name.is_some(),)+
                    _ => false,
                }
            }

            /// Sets what was sent, except where `is_shown` says that the document shows that very value already.
            pub fn apply(&self, to: &mut Columns, is_shown: impl Fn(&str, &Json) -> bool) {
                $(if let Some(value) = &self.$name
                    && !is_shown(stringify!($name), &value.to_json())
                {
                    to.$name.clone_from(value);
                })+
            }
        }
    };
}

columns! {
    /// The college a person graduated from
    alma_mater: Option<String> as Nullable<Text> = Rule::text(),
    /// Anniversary Day
    anniversary_day: Option<i32> as Nullable<Integer> = Rule::day(Group::Anniversary),
    /// Anniversary Month
    anniversary_month: Option<i32> as Nullable<Integer> = Rule::month(Group::Anniversary),
    /// Anniversary Year
    anniversary_year: Option<i32> as Nullable<Integer> = Rule::year(Group::Anniversary),
    /// Avatar
    avatar: Option<String> as Nullable<Text> = Rule::Url,
    /// Birthday Day
    birthday_day: Option<i32> as Nullable<Integer> = Rule::day(Group::Birthday),
    /// Birthday Month
    birthday_month: Option<i32> as Nullable<Integer> = Rule::month(Group::Birthday),
    /// Birthday Year
    birthday_year: Option<i32> as Nullable<Integer> = Rule::year(Group::Birthday),
    /// Created At
    created_at: Stamp as SqlStamp = Rule::Time,
    /// Deceased
    deceased: bool as Bool = Rule::Boolean,
    /// Employer
    employer: Option<String> as Nullable<Text> = Rule::text(),
    /// First Name
    first_name: String as Text = Rule::text(),
    /// Gender
    gender: Option<String> as Nullable<Text> = Rule::text(),
    /// Last Name
    last_name: Option<String> as Nullable<Text> = Rule::text(),
    /// Legal First Name
    legal_first_name: Option<String> as Nullable<Text> = Rule::text(),
    /// Marital Status
    marital_status: Option<String> as Nullable<Text> = Rule::text(),
    /// Middle Name
    middle_name: Option<String> as Nullable<Text> = Rule::text(),
    /// Occupation
    occupation: Option<String> as Nullable<Text> = Rule::text(),
    /// Optout of enewsletter
    optout_enewsletter: bool as Bool = Rule::Boolean,
    /// Suffix
    suffix: Option<String> as Nullable<Text> = Rule::abbreviated(&["Jr.", "Sr."]),
    /// Title
    title: Option<String> as Nullable<Text> = Rule::abbreviated(&["Mr.", "Mrs.", "Miss", "Ms.", "Rev.", "Hon.", "Dr."]),
}

const OTHERS: &[Attribute] = &[
    Attribute {
        name: "parent_contacts",
        description: "Parent contacts of this user",
        kind: Kind::ParentContacts,
        is_nullable: false,
    },
    Attribute {
        name: "preferences",
        description: "User preferences",
        kind: Kind::Preferences,
        is_nullable: false,
    },
    Attribute {
        name: "updated_at",
        description: "The timestamp of when this resource was last updated",
        kind: Kind::UpdatedAt,
        is_nullable: false,
    },
    Attribute {
        name: "updated_in_db_at",
        description: "This is to be used as a reference for the last time the resource was updated in the remote \
                      database - specifically for when data is updated while the client is offline.",
        kind: Kind::UpdatedInDbAt,
        is_nullable: false,
    },
];

/// All attributes in the order of the document, which is the alphabet's.
pub static ATTRIBUTES: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    let mut all = [COLUMNS, OTHERS].concat();
    all.sort_unstable_by_key(|attribute| attribute.name);
    all
});

/// The row of `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

/// The usual texts of an attribute; none where the attribute has none.
#[must_use]
pub fn abbreviations(name: &str) -> &'static [&'static str] {
    match find(name).map(|attribute| attribute.kind) {
        Some(Kind::Column(Rule::Text(list))) => list,
        _ => &[],
    }
}

/// The members of the group that `member` belongs to, or itself alone: a date is one value in three parts, so a
/// change of one part changes the date (design 3).
pub fn group_of(member: &Member) -> Vec<Member> {
    let group = |attribute: &Attribute| match attribute.kind {
        Kind::Column(rule) => rule.group(),
        _ => None,
    };
    match find(member).and_then(group) {
        Some(wanted) => {
            let members = ATTRIBUTES.iter().filter(|a| group(a) == Some(wanted));
            members.map(|a| Member::Borrowed(a.name)).collect()
        }
        None => vec![member.clone()],
    }
}
