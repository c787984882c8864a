//! Facebook accounts (`mpdx-behaviour.md` 4.6).

use super::kind::Refuse;
use super::row::Row;
use crate::jsonapi::Code;

/// The username, or the number behind `id=`, of a Facebook URL; any other text is a username as it is.
#[must_use]
pub fn username(sent: &str) -> String {
    let sent = sent.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| sent.strip_prefix(scheme)).unwrap_or(sent);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let is_facebook = ["facebook.com", "fb.com"].iter().any(|known| {
        host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    if !is_facebook {
        return sent.to_owned();
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let id = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "id")
        .map(|(_, id)| id.into_owned());
    id.unwrap_or_else(|| path.split('/').next().unwrap_or_default().to_owned())
}

/// The rules of the row.
pub(super) fn check(row: &mut Row, before: Option<&Row>, others: &[Row], refuse: &mut Refuse<'_>) {
    if before.is_some_and(|before| before.get("username") == row.get("username")) {
        return;
    }
    let name = row.get("username").as_text().map(username).unwrap_or_default();
    if name.is_empty() {
        refuse(Code::Invalid, "username", "is invalid");
        return;
    }
    row.set_normalized("username", &name, "original_url", before);
    if others.iter().any(|other| other.get("username") == row.get("username")) {
        refuse(Code::Taken, "username", "has already been taken");
    }
}
