//! What a field makes of the person's rows (`juno.md` 5.4, 5.5): the one that JUNO shows is written, others are not touched.

use phonenumber::country;

use super::changes::Sent;
use super::field::Value;
use super::social::{Handle, Network};
use super::source::Source;
use crate::id::Id;
use crate::jsonapi::Pointer;
use crate::people::edit::{Deed, RowEdit};
use crate::people::email_address;
use crate::people::phone_number::{self, Normalized};
use crate::people::row::{Row, Value as RowValue};

/// The kinds of rows that fields show one of.
pub(super) const FIELDS: [(&str, &str); 6] = [
    ("email", "email_addresses"),
    ("facebook", "facebook_accounts"),
    ("linkedin", "linkedin_accounts"),
    ("phone", "phone_numbers"),
    ("twitter", "twitter_accounts"),
    ("website", "websites"),
];

/// The text that was sent.
pub(super) fn text(sent: &Sent) -> Option<&str> {
    match &sent.value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn texts(values: &[(&'static str, &str)]) -> Vec<(&'static str, RowValue)> {
    values.iter().map(|(name, text)| (*name, RowValue::Text((*text).to_owned()))).collect()
}

/// An edit all of whose faults lie in the field.
fn edit(row: Option<&Row>, values: Vec<(&'static str, RowValue)>, at: &Pointer) -> RowEdit {
    let (id, deed) = row.map_or_else(|| (Id::random(), Deed::Create), |row| (row.id, Deed::Update));
    let mut edit = RowEdit::bare(id, deed, at.clone());
    edit.changes.places = values.iter().map(|(name, _)| (*name, at.clone())).collect();
    edit.changes.values = values.into_iter().collect();
    edit
}

fn deletion(row: Option<&Row>, at: &Pointer) -> Vec<RowEdit> {
    row.map(|row| RowEdit::bare(row.id, Deed::Delete, at.clone())).into_iter().collect()
}

const PRIMARY: (&str, RowValue) = ("primary", RowValue::Boolean(true));

/// Another address that is there already becomes the primary one; else the primary one is corrected. One that another
/// system keeps can't be: then the new one comes beside it.
pub(super) fn email(source: &Source, sent: &Sent) -> Vec<RowEdit> {
    let Some(address) = text(sent) else { return Vec::new() };
    let normal = email_address::normalize(address);
    let is_same =
        |row: &&Row| normal.as_deref().is_some_and(|normal| row.get("email").as_text() == Some(normal));
    let rows = source.rows_of("email_addresses");
    let values = texts(&[("email", address), ("email_sent", address)]);
    vec![reach(rows, source.email(), is_same, values, &sent.at)]
}

/// As [`email`]; but there may be none.
pub(super) fn phone(source: &Source, sent: &Sent, home: country::Id) -> Vec<RowEdit> {
    let Some(number) = text(sent) else { return deletion(source.phone(), &sent.at) };
    let normal = phone_number::normalize(number, home).map(|Normalized { number, .. }| number);
    let is_same = |row: &&Row| row.get("number").as_text() == Some(normal.as_deref().unwrap_or(number));
    let values = texts(&[("number", number), ("number_sent", number)]);
    vec![reach(source.rows_of("phone_numbers"), source.phone(), is_same, values, &sent.at)]
}

fn reach(
    rows: &[Row],
    primary: Option<&Row>,
    is_same: impl Fn(&&Row) -> bool,
    mut values: Vec<(&'static str, RowValue)>,
    at: &Pointer,
) -> RowEdit {
    let same = primary.filter(&is_same).or_else(|| {
        let same = || rows.iter().filter(&is_same);
        same().find(|row| !row.get("historic").is_true()).or_else(|| same().next())
    });
    match (same, primary.filter(|row| !row.is_locked())) {
        (Some(row), _) => {
            values.extend([PRIMARY, ("historic", RowValue::Boolean(false))]);
            edit(Some(row), values, at)
        }
        (None, Some(row)) => edit(Some(row), values, at),
        (None, None) => {
            values.push(PRIMARY);
            edit(None, values, at)
        }
    }
}

pub(super) fn website(source: &Source, sent: &Sent) -> Vec<RowEdit> {
    let Some(url) = text(sent) else { return deletion(source.website(), &sent.at) };
    let mut values = texts(&[("url", url)]);
    values.extend(source.website().is_none().then_some(PRIMARY));
    vec![edit(source.website(), values, &sent.at)]
}

pub(super) fn linkedin(source: &Source, sent: &Sent) -> Vec<RowEdit> {
    let Some(url) = text(sent) else { return deletion(source.linkedin(), &sent.at) };
    vec![edit(source.linkedin(), texts(&[("public_url", url)]), &sent.at)]
}

/// What a URL of a network comes to.
#[derive(Debug)]
pub(super) struct Social {
    /// What becomes of the rows.
    pub edits: Vec<RowEdit>,
    /// The row that then is shown, where there is one.
    pub account: Option<Id>,
    /// The text that no row can hold.
    pub beside: Option<String>,
}

/// A URL that names an account is the account's: of one that is there already, else of the one that was shown, else of a
/// new one. Any other takes the place of the one that was shown, and so does null.
pub(super) fn social(network: Network, source: &Source, sent: &Sent) -> Social {
    let (rows, shown) = match network {
        Network::Facebook => (source.rows_of("facebook_accounts"), source.facebook()),
        Network::Twitter => (source.rows_of("twitter_accounts"), source.twitter()),
    };
    let url = text(sent);
    let Some((url, handle)) = url.and_then(|url| Some((url, network.handle(url)?))) else {
        let edits = deletion(shown, &sent.at);
        return Social { edits, account: None, beside: url.map(str::to_owned) };
    };
    let is_his = |row: &&Row| stored(network, row).is_some_and(|name| handle.is(&network.name(name)));
    if let Some(row) = shown.filter(&is_his).or_else(|| rows.iter().find(&is_his)) {
        return Social { edits: Vec::new(), account: Some(row.id), beside: None };
    }
    let edit = edit(shown, values(network, url, &handle), &sent.at);
    Social { account: Some(edit.id), edits: vec![edit], beside: None }
}

fn stored(network: Network, row: &Row) -> Option<&str> {
    match network {
        Network::Facebook => row.get("username").as_text(),
        Network::Twitter => row.get("screen_name").as_text(),
    }
}

/// The number of another account goes with its name.
fn values(network: Network, url: &str, handle: &Handle) -> Vec<(&'static str, RowValue)> {
    let number = handle.number.map_or(RowValue::Null, RowValue::Integer);
    let mut values = match network {
        // Read by the rules of the row, which keeps the URL beside it.
        Network::Facebook => texts(&[("username", url)]),
        Network::Twitter => texts(&[("screen_name", &handle.name)]),
    };
    values.push(("remote_id", number));
    values
}
