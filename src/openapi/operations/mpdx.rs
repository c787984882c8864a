//! What MPDX's clients ask for: the user, what he owns and shares, and sync.

use actix_web::http::Method;

use super::{Answer, Caller, Operation, bare, one};
use crate::account_lists::endpoints::{SORT as LIST_SORT, relationships as of_list};
use crate::account_lists::organization_account::ORGANIZATION_ACCOUNTS;
use crate::account_lists::organization_accounts::reachable as of_account;
use crate::jsonapi::atomic;
use crate::jsonapi::collection::{FILTERS, SORT};
use crate::jsonapi::media_type::{EVENTS, FORM, JSON, JSON_API};
use crate::jsonapi::query::{Relationships, Schema};
use crate::people::kind::Kind;
use crate::sync::{changes, deletions};
use crate::users::face::Face;
use crate::users::include::relationships;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON};
use crate::users::relationships::SCHEMA as OF_LINKAGE;

const USER: &str = "User";
const ROWS: &str = "Rows of the user";
const SHARED: &str = "What users share";
const SYNC: &str = "Sync";

fn user(tag: &'static str, summary: impl Into<String>) -> Operation {
    Operation::new(tag, Caller::User, summary)
}

/// A list of a kind.
fn many(kind: &'static str, relationships: fn(&str) -> Relationships) -> Schema {
    Schema { kind, collection: true, relationships, sort: SORT, filters: FILTERS, own: &[] }
}

pub(super) fn described(path: &str, method: &Method) -> Option<Operation> {
    let below = path.strip_prefix("/api/v2/user/").unwrap_or_default();
    match path {
        "/api/v2/user" | "/api/v2/user/{id}" | "/api/v2/users/{id}" => record(Face::User, method),
        "/api/v2/contacts/people/{id}" => record(Face::Person, method).map(|one| with_form(one, method)),
        "/api/v2/user/authenticate" => Some(sign_in()),
        "/api/v2/user/events" => Some(events()),
        "/api/v2/user/changes" => {
            let pull = user(SYNC, "What changed after a version: the exact pull").asked(changes::SCHEMA);
            Some(pull.plain("changes").refused(&[410]))
        }
        "/api/v2/deleted_records" => {
            let list = user(SYNC, "What the user deleted").asked(deletions::SCHEMA);
            Some(list.plain("deleted_records_list"))
        }
        "/api/v2/operations" => Some(operations()),
        "/api/v2/batch" => Some(batch()),
        "/api/v2/constants" => {
            let shown = user(USER, "What clients offer for choice").asked(bare("constant_list"));
            Some(shown.tagged("constant_list_document"))
        }
        "/api/v2/user/master_person" => {
            let shown = user(USER, "The master person").asked(one("master_people", relationships));
            Some(shown.plain("master_people_document"))
        }
        "/api/v2/account_lists" | "/api/v2/user/account_lists" => Some(lists()),
        "/api/v2/account_lists/{id}" => list(method),
        "/api/v2/account_lists/{id}/users" => {
            let query = Schema { sort: &[], filters: &[], ..many("users", |_| &[]) };
            Some(user(SHARED, "Who shares an account list").asked(query).plain("users_list"))
        }
        _ => match below.split_once('/') {
            Some(("relationships", name)) => linkage(name, method),
            Some((kind, _)) => row(kind, method),
            None => rows(below, method),
        },
    }
}

fn record(face: Face, method: &Method) -> Option<Operation> {
    let (kind, document) = (face.kind(), format!("{}_document", face.kind()));
    Some(match *method {
        Method::GET => {
            user(USER, format!("The caller's record, as `{kind}`")).asked(face.schema()).tagged(document)
        }
        Method::PUT | Method::PATCH => {
            user(USER, "Changes what is sent of the caller's record, if it is what the edit was made on")
                .asked(face.schema())
                .takes(JSON_API, format!("{kind}_edit"))
                .repeatable()
                .conditional()
                .changes(document)
        }
        _ => return None,
    })
}

/// The door of the profile page takes a picture in a form, too.
fn with_form(record: Operation, method: &Method) -> Operation {
    if *method == Method::GET { record } else { record.takes(FORM, "picture_form") }
}

fn sign_in() -> Operation {
    let token = Answer::new("200", "A token", &[]).with(JSON_API, "authenticate_document");
    Operation::new(USER, Caller::Nobody, "From a ticket or token of a provider to a token of Steward")
        .takes(JSON_API, "authenticate_new")
        .answer(token)
        .refused(&[400, 401, 406, 503])
}

fn events() -> Operation {
    let stream = Answer::new("200", "Tells of each new version", &[]).with(EVENTS, "event_stream");
    let mut events =
        user(SYNC, "A stream that tells when there is a new version").asked(OF_LINKAGE).answer(stream);
    events.headers.push("Last-Event-ID");
    events.refused(&[403])
}

fn operations() -> Operation {
    let done = Answer::new("200", "What became of each", super::WRITTEN).with(atomic::ANSWER, "results");
    user(SYNC, "Edits that belong together, all or none")
        .asked(OF_LINKAGE)
        .takes(atomic::ANSWER, "operations")
        .repeatable()
        .conditional()
        .answer(done)
}

fn batch() -> Operation {
    let done = Answer::new("200", "The answer to each", &[]).with(JSON, "batch_answers");
    let refused = |status, says| {
        let refused = Answer::new(status, says, &["Retry-After", "WWW-Authenticate", "Allow"]);
        refused.with(JSON, "batch_refusal").with(JSON_API, "errors")
    };
    let mut batch =
        Operation::new(SYNC, Caller::Nobody, "Independent requests in one; each has its own answer")
            .answer(done)
            .answer(refused(
                "4XX",
                "No batch; or with `on_error: ABORT` the answers up to the first that failed",
            ))
            .answer(refused("5XX", "With `on_error: ABORT` the answers up to the first that failed"));
    (batch.refusals, batch.bodies) = (Vec::new(), vec![(JSON, "batch".to_owned())]);
    batch.needs_body = true;
    batch.headers.push("Idempotency-Key");
    batch
}

fn lists() -> Operation {
    let query = Schema { sort: LIST_SORT, ..many(ACCOUNT_LISTS, of_list) };
    user(SHARED, "The account lists that the user shares").asked(query).plain("account_lists_list")
}

fn list(method: &Method) -> Option<Operation> {
    Some(match *method {
        Method::GET => user(SHARED, "An account list")
            .asked(one(ACCOUNT_LISTS, of_list))
            .tagged("account_lists_document"),
        Method::PUT | Method::PATCH => user(SHARED, "Changes an account list for all who share it")
            .asked(one(ACCOUNT_LISTS, of_list))
            .takes(JSON_API, "account_lists_edit")
            .repeatable()
            .conditional()
            .changes("account_lists_document"),
        _ => return None,
    })
}

/// The linkage of a relationship of the user.
fn linkage(name: &str, method: &Method) -> Option<Operation> {
    let schema = if name == MASTER_PERSON { MASTER_PERSON } else { "linkage" };
    let linkage = user(ROWS, format!("The linkage of `{name}`")).asked(OF_LINKAGE);
    Some(match *method {
        Method::GET => linkage.plain(schema),
        Method::POST | Method::PATCH | Method::DELETE => {
            let summary =
                "Takes linkage that changes nothing; rows are written through themselves".to_owned();
            let taken = Operation { summary, ..linkage }.takes(JSON_API, format!("{schema}_edit"));
            taken.repeatable().empties("Nothing changes")
        }
        _ => return None,
    })
}

/// What can be included from a kind.
type Below = fn(&str) -> Relationships;

/// The type of rows at a path below the user's, with what can be included from it.
fn kind_at(path: &str) -> Option<(&'static str, Below)> {
    if path == ORGANIZATION_ACCOUNTS {
        return Some((ORGANIZATION_ACCOUNTS, of_account));
    }
    let kind = Kind::all().find(|kind| kind.path() == path)?;
    Some((kind.name, relationships))
}

fn rows(path: &str, method: &Method) -> Option<Operation> {
    let (kind, below) = kind_at(path)?;
    Some(match *method {
        Method::GET => {
            user(ROWS, format!("The user's `{kind}`")).asked(many(kind, below)).plain(format!("{kind}_list"))
        }
        Method::POST => {
            let made = user(ROWS, format!("Makes one of the user's `{kind}`")).asked(one(kind, below));
            let made = made.takes(JSON_API, format!("{kind}_new")).repeatable().conditional();
            let made = made.makes(format!("{kind}_document"));
            // A device that registers once more is the one that there is.
            if kind == "user_devices" { made.changes(format!("{kind}_document")) } else { made }
        }
        _ => return None,
    })
}

fn row(path: &str, method: &Method) -> Option<Operation> {
    let (kind, below) = kind_at(path)?;
    let document = format!("{kind}_document");
    Some(match *method {
        Method::GET => {
            // Of another's key account more is told than that it is not there.
            user(ROWS, format!("One of the user's `{kind}`"))
                .asked(one(kind, below))
                .tagged(document)
                .refused(&[403])
        }
        Method::PUT | Method::PATCH => {
            user(ROWS, format!("Changes one of the user's `{kind}`, if it is what the edit was made on"))
                .asked(one(kind, below))
                .takes(JSON_API, format!("{kind}_edit"))
                .repeatable()
                .conditional()
                .changes(document)
        }
        Method::DELETE => {
            let deleted = user(ROWS, format!("Deletes one of the user's `{kind}`")).asked(one(kind, below));
            let deleted = deleted.takes(JSON_API, "deletion").repeatable().conditional();
            Operation { needs_body: false, ..deleted.empties("It is deleted") }
        }
        _ => return None,
    })
}
