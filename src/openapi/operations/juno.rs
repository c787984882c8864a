//! What JUNO's integrations and users ask for.

use actix_web::http::Method;

use super::{Answer, Caller, Operation, TAGGED, WRITTEN, bare, one};
use crate::jsonapi::media_type::{JSON, JSON_API, PAGE};
use crate::jsonapi::query::{Relationships, Schema};
use crate::juno::ce::endpoints::records;
use crate::juno::ce::{programs, resources as ce};
use crate::juno::definition::Definition;
use crate::juno::dimensions::Dimension;
use crate::juno::profile::KIND as USERS;
use crate::juno::tag_types::TagType;
use crate::juno::tags::Tag;
use crate::juno::user::{included, shape};

const TAG: &str = "JUNO";
const EDUCATION: &str = "Continuing education";

fn juno(tag: &'static str, summary: impl Into<String>) -> Operation {
    Operation::new(tag, Caller::Juno, summary)
}

pub(super) fn described(path: &str, method: &Method) -> Option<Operation> {
    let path = path.strip_prefix("/api/v2/")?;
    match path {
        "dimensions" => definitions::<Dimension>(method),
        "dimensions/{id}" => definition::<Dimension>(method),
        "tag_types" => definitions::<TagType>(method),
        "tag_types/{id}" => definition::<TagType>(method),
        "tags" => definitions::<Tag>(method),
        "tags/{id}" => definition::<Tag>(method),
        "juno_users" => users(method),
        "juno_users/{id}" => user(method),
        "juno_users/{id}/relationships/tags" => tags(method),
        "juno_users/{id}/dimension_values" => {
            let query = Schema { collection: true, ..one("dimension_values", included::of_many) };
            Some(juno(TAG, "The values that a user has").asked(query).tagged("dimension_values_list"))
        }
        "juno_users/{id}/dimension_values/{dimension}" => value(method),
        "juno_users/{id}/ce_records" => of_user(method),
        _ => education(path, method),
    }
}

fn definitions<D: Definition>(method: &Method) -> Option<Operation> {
    let kind = D::KIND;
    let all = Schema {
        kind,
        collection: true,
        relationships: D::relationships,
        sort: &["id", "name"],
        filters: D::FILTERS,
        own: &[],
    };
    Some(match *method {
        Method::GET => {
            juno(TAG, format!("All `{kind}` of the site")).asked(all).tagged(format!("{kind}_list"))
        }
        Method::POST => juno(TAG, format!("Makes one of the `{kind}`"))
            .asked(one(kind, D::relationships))
            .takes(JSON_API, format!("{kind}_new"))
            .repeatable()
            .conditional()
            .makes(format!("{kind}_document")),
        _ => return None,
    })
}

fn definition<D: Definition>(method: &Method) -> Option<Operation> {
    let (kind, query) = (D::KIND, one(D::KIND, D::relationships));
    let asked = |summary: &str| juno(TAG, format!("{summary} one of the `{kind}`")).asked(query);
    Some(match *method {
        Method::GET => asked("Shows").tagged(format!("{kind}_document")),
        Method::PUT | Method::PATCH => changed(asked("Changes"), kind),
        Method::DELETE => deleted(asked("Deletes")),
        _ => return None,
    })
}

/// A change by a document, answered with one.
fn changed(asked: Operation, kind: &str) -> Operation {
    let changed = asked.takes(JSON_API, format!("{kind}_edit")).repeatable().conditional();
    changed.changes(format!("{kind}_document"))
}

fn deleted(asked: Operation) -> Operation {
    let deleted = asked.takes(JSON_API, "deletion").repeatable().conditional();
    Operation { needs_body: false, ..deleted.empties("It is deleted") }
}

fn flat(status: &'static str, says: &'static str, headers: &'static [&'static str], part: &str) -> Answer {
    let document = if part.is_empty() { "document" } else { "list" };
    let answer = Answer::new(status, says, headers).with(JSON_API, format!("{USERS}_{document}"));
    answer.with(JSON, format!("{USERS}_flat{part}"))
}

fn users(method: &Method) -> Option<Operation> {
    const MADE: &[&str] = &["ETag", "Last-Modified", "Location", "Idempotent-Replayed"];
    let query = Schema {
        collection: true,
        sort: &shape::SORT,
        filters: &shape::FILTERS,
        own: &[shape::LEGACY],
        ..one(USERS, included::of_many)
    };
    Some(match *method {
        Method::GET => {
            juno(TAG, "Users of JUNO").asked(query).tagged_as(flat("200", "A page of them", TAGGED, "_list"))
        }
        Method::POST => juno(TAG, "Makes a user of JUNO, of a new person or of one who is named")
            .asked(of_one())
            .takes(JSON_API, format!("{USERS}_new"))
            .takes(JSON, format!("{USERS}_flat_new"))
            .repeatable()
            .conditional()
            .answer(flat("201", "He is made", MADE, "")),
        _ => return None,
    })
}

fn of_one() -> Schema {
    Schema { own: &[shape::LEGACY], ..one(USERS, included::of_one) }
}

fn user(method: &Method) -> Option<Operation> {
    Some(match *method {
        Method::GET => juno(TAG, "A user of JUNO").asked(of_one()).tagged_as(flat("200", "He", TAGGED, "")),
        Method::PUT | Method::PATCH => juno(TAG, "Changes what is sent of a user")
            .asked(of_one())
            .takes(JSON_API, format!("{USERS}_edit"))
            .takes(JSON, format!("{USERS}_flat_edit"))
            .repeatable()
            .conditional()
            .answer(flat("200", "As he is now", WRITTEN, "")),
        Method::DELETE => deleted(juno(TAG, "Deletes a user of JUNO; the person stays").asked(of_one()))
            .takes_too(JSON, "deletion"),
        _ => return None,
    })
}

impl Operation {
    /// Another media type for a body that may be left out.
    fn takes_too(mut self, media_type: &'static str, schema: &str) -> Self {
        self.bodies.push((media_type, schema.to_owned()));
        self
    }
}

fn tags(method: &Method) -> Option<Operation> {
    let summary = match *method {
        Method::GET => return Some(juno(TAG, "The tags of a user").asked(bare("tags")).tagged("user_tags")),
        Method::POST => "Adds tags to a user",
        Method::PATCH => "Replaces the tags of a user",
        Method::DELETE => "Takes tags from a user",
        _ => return None,
    };
    let asked = juno(TAG, summary).asked(bare("tags")).takes(JSON_API, "user_tags_edit");
    Some(asked.repeatable().conditional().changes("user_tags"))
}

fn value(method: &Method) -> Option<Operation> {
    let asked = |summary: &str| juno(TAG, summary).asked(one("dimension_values", included::of_many));
    Some(match *method {
        Method::GET => asked("A value that a user has").tagged("dimension_values_document"),
        Method::PUT | Method::PATCH => {
            changed(asked("Sets a value of a user"), "dimension_values").empties("The value is taken away")
        }
        Method::DELETE => deleted(asked("Takes a value from a user")),
        _ => return None,
    })
}

fn of_user(method: &Method) -> Option<Operation> {
    let (kind, query) = (records::KIND, one(records::KIND, records::reachable));
    Some(match *method {
        Method::GET => {
            let query = Schema { collection: true, filters: records::FILTERS, ..query };
            juno(EDUCATION, "What a user has earned").asked(query).tagged("ce_records_list")
        }
        Method::POST => made(juno(EDUCATION, "Begins a record of a user in a program").asked(query), kind),
        _ => return None,
    })
}

fn made(asked: Operation, kind: &str) -> Operation {
    let made = asked.takes(JSON_API, format!("{kind}_new")).repeatable().conditional();
    made.makes(format!("{kind}_document"))
}

fn education(path: &str, method: &Method) -> Option<Operation> {
    let asked = |summary: &str, kind: &'static str, relationships: fn(&str) -> Relationships| {
        juno(EDUCATION, summary).asked(one(kind, relationships))
    };
    let listed = |summary: &str, kind: &'static str| {
        let query = Schema { collection: true, ..bare(kind) };
        juno(EDUCATION, summary).asked(query).tagged(format!("{kind}_list"))
    };
    let record = |summary: &str| asked(summary, records::KIND, records::reachable);
    Some(match (path, method.as_str()) {
        ("ce_programs", "GET") => {
            let all = Schema {
                sort: programs::SORT,
                filters: programs::FILTERS,
                collection: true,
                ..bare(programs::KIND)
            };
            juno(EDUCATION, "What can be earned").asked(all).tagged("ce_programs_list")
        }
        ("ce_programs", "POST") => made(asked("Makes a program", programs::KIND, |_| &[]), programs::KIND),
        ("ce_programs/{id}", "GET") => {
            asked("A program", programs::KIND, |_| &[]).tagged("ce_programs_document")
        }
        ("ce_programs/{id}", _) => {
            changed(asked("Changes a program", programs::KIND, |_| &[]), programs::KIND)
        }
        ("ce_records/{id}", "GET") => record("A record").tagged("ce_records_document"),
        ("ce_records/{id}", _) => changed(record("Publishes a record, or hides it"), records::KIND),
        ("ce_records/{id}/reopen", _) => {
            let reopened = record("Makes the claim of a record void").takes(JSON_API, "deletion");
            let reopened = reopened.repeatable().conditional().changes("ce_records_document");
            Operation { needs_body: false, ..reopened }
        }
        ("ce_records/{id}/activities", "GET") => listed("What hours were earned by", ce::ACTIVITIES),
        ("ce_records/{id}/activities", _) => {
            let added = made(asked("Adds hours that were earned", ce::ACTIVITIES, |_| &[]), ce::ACTIVITIES);
            added.changes("ce_activities_document")
        }
        ("ce_records/{id}/activities/{activity}", _) => {
            deleted(asked("Takes hours back", ce::ACTIVITIES, |_| &[]))
        }
        ("ce_records/{id}/claims", "GET") => listed("The claims of a record, the void ones too", ce::CLAIMS),
        ("ce_records/{id}/claims", _) => {
            let claim = made(asked("Claims hours, which ends the record", ce::CLAIMS, |_| &[]), ce::CLAIMS);
            Operation { needs_body: false, ..claim }
        }
        ("ce_records/{id}/certificate", _) => {
            let shown = asked("The certificate of a record that is claimed", ce::CERTIFICATES, |_| &[]);
            let page = Answer::new("200", "It, or a page to be printed", TAGGED);
            let page = page.with(JSON_API, "ce_certificates_document").with(PAGE, "page");
            shown.tagged_as(page)
        }
        _ => return None,
    })
}
