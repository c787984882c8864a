//! An account list: what of it can be edited, and how it is shown.

use phonenumber::country;
use serde::{Serialize, Serializer};

use super::linkage::ListLinkage;
use super::shared_row::{SharedRow, row};
use crate::clock::Stamp;
use crate::db::shared::ListRow;
use crate::guard::base::STAMP;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::collection::{Listed, Times};
use crate::jsonapi::document::resource;
use crate::jsonapi::query::Fieldsets;
use crate::jsonapi::{Code, Json};
use crate::people::kind::{Around, Kind, Primary, Refuse, Type, open};
use crate::people::row::{Row, Value};
use crate::users::linkage::ACCOUNT_LISTS;

/// The attributes that are edited.
pub static KIND: Kind = Kind {
    name: ACCOUNT_LISTS,
    model: "AccountList",
    attributes: &[
        open("currency", Type::Text),
        open("home_country", Type::Text),
        open("monthly_goal", Type::Integer),
        open("name", Type::RequiredText),
    ],
    primary: Primary::Free,
    identity: &[],
    check,
};

fn check(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    let currency = row.get("currency").as_text().map(|code| code.trim().to_ascii_uppercase());
    let Some(code) = currency.filter(|_| !around.keeps(row, "currency")) else { return };
    if code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        row.set("currency", Value::Text(code));
    } else {
        refuse(Code::Invalid, "currency", "must be the code of a currency (ISO 4217), as USD");
    }
}

/// The currency of a list that names none, as in the original.
const DEFAULT_CURRENCY: &str = "USD";

/// The country that a home country names, by its code (ISO 3166) or its English name.
#[must_use]
pub fn country(text: &str) -> Option<country::Id> {
    let name = text.replace(' ', "");
    let country = name.parse().or_else(|_| format!("the{name}").parse::<celes::Country>());
    country.ok()?.alpha2.parse().ok()
}

impl SharedRow for ListRow {
    fn new(id: Id, now: Stamp) -> Self {
        Self {
            id,
            version: 0,
            updated_in_db_at: now,
            updated_at: now,
            created_at: now,
            attribute_stamps: MemberStamps::all_at(now).to_text(),
            name: String::new(),
            home_country: None,
            currency: None,
            monthly_goal: None,
        }
    }

    fn as_row(&self) -> Row {
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
        let goal = self.monthly_goal.map_or(Value::Null, Value::Integer);
        let values =
            vec![text(&self.currency), text(&self.home_country), goal, Value::Text(self.name.clone())];
        let times = (self.created_at, self.updated_at, self.updated_in_db_at);
        row(&KIND, (self.id, self.version), times, &self.attribute_stamps, values)
    }

    fn take(&mut self, row: &Row) {
        let text = |name| row.get(name).as_text().map(str::to_owned);
        (self.version, self.updated_in_db_at) = (row.version, row.stamp);
        (self.created_at, self.updated_at) = (row.created_at, row.updated_at);
        self.attribute_stamps = row.stamps.to_text();
        (self.currency, self.home_country) = (text("currency"), text("home_country"));
        self.name = text("name").unwrap_or_default();
        self.monthly_goal = match row.get("monthly_goal") {
            Value::Integer(goal) => Some(*goal),
            _ => None,
        };
    }
}

impl Listed for ListRow {
    fn id(&self) -> Id {
        self.id
    }

    fn times(&self) -> Times {
        Times { created_at: self.created_at, updated_at: self.updated_at, stamp: self.updated_in_db_at }
    }

    fn text(&self, field: &str) -> Option<&str> {
        (field == "name").then_some(&self.name)
    }
}

/// The names of the attributes that documents show.
pub const ATTRIBUTES: [&str; 21] = [
    "active_mpd_finish_at",
    "active_mpd_monthly_goal",
    "active_mpd_start_at",
    "balance",
    "committed",
    "created_at",
    "currency",
    "default_currency",
    "home_country",
    "last_prayer_letter_at",
    "monthly_goal",
    "name",
    "progress",
    "received",
    "salary_organization",
    "staff_account_ids",
    "tester",
    "total_pledges",
    "updated_at",
    STAMP,
    "weeks_on_mpd",
];

/// The attributes as documents show them, in the order of their names (`mpdx-behaviour.md` 6.4). What only a donation
/// system could know is null or 0.
#[must_use]
pub fn attributes(list: &ListRow) -> Vec<(&'static str, Json)> {
    let time = |at: Stamp| Json::from(at.to_string());
    let goal = || list.monthly_goal.map_or(Json::Null, |goal| Json::Number(goal.to_string()));
    let shown = ATTRIBUTES.into_iter().map(|name| {
        let value = match name {
            "created_at" => time(list.created_at),
            "currency" => list.currency.clone().into(),
            "default_currency" => list.currency.as_deref().unwrap_or(DEFAULT_CURRENCY).into(),
            "home_country" => list.home_country.clone().into(),
            "monthly_goal" => goal(),
            "name" => list.name.as_str().into(),
            "progress" => progress(goal()),
            "staff_account_ids" => Json::Array(Vec::new()),
            "tester" => false.into(),
            "updated_at" => time(list.updated_at),
            STAMP => time(list.updated_in_db_at),
            "balance" | "committed" | "received" | "total_pledges" => nothing(),
            _ => Json::Null,
        };
        (name, value)
    });
    shown.collect()
}

fn nothing() -> Json {
    Json::Number("0".to_owned())
}

fn progress(goal: Json) -> Json {
    let received = ["in_hand_percent", "pledged_percent", "received_pledges", "salary_balance", "balance"];
    let received = received.into_iter().chain(["total_pledges"]).map(|name| (name.to_owned(), nothing()));
    Json::Object(std::iter::once(("monthly_goal".to_owned(), goal)).chain(received).collect())
}

/// An account list as a resource object.
#[derive(Clone, Copy, Debug)]
pub struct ListResource<'a> {
    /// The list.
    pub list: &'a ListRow,
    /// What it names; beside a user only what was asked for.
    pub linkage: Option<&'a ListLinkage>,
    /// The fields that are asked for.
    pub fields: &'a Fieldsets,
}

impl Serialize for ListResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let linked = self.linkage.map(|linkage| linkage.data(self.list.id)).unwrap_or_default();
        resource(serializer, (self.list.id, ACCOUNT_LISTS), attributes(self.list), linked, self.fields)
    }
}
