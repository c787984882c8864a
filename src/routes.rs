//! The only routing table.

mod endpoint;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};

use self::endpoint::Endpoint;
use crate::account_lists::organization_account::ORGANIZATION_ACCOUNTS;
use crate::account_lists::{endpoints as lists, organization_accounts as accounts};
use crate::auth::sign_in;
use crate::console;
use crate::constants;
use crate::documentation;
use crate::error::Error;
use crate::health;
use crate::id::Id;
use crate::jsonapi::atomic::Op;
use crate::jsonapi::error::ERRORS_PAGE;
use crate::juno::ce::endpoints as ce;
use crate::juno::definition::{self, Changeable, Definition};
use crate::juno::dimensions::Dimension;
use crate::juno::tag_types::TagType;
use crate::juno::tags::Tag;
use crate::juno::user::whom::Door;
use crate::juno::user::{endpoints as juno, linked};
use crate::metrics::Metrics;
use crate::openapi;
use crate::people::endpoints::{self as rows, Name};
use crate::people::kind::Kind;
use crate::pipeline::{AnyCall, Call, FlatCall, JunoCall, JunoPageCall};
use crate::policy;
use crate::swagger;
use crate::sync::{batch, changes, deletions, events, operations};
use crate::users::face::Face;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use crate::users::{avatar, pictures, related, relationships, show, update};

/// The id of a resource in a path; anything else there is no path (`mpdx-behaviour.md` 5.1).
const UUID: &str = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";

/// The id of one of JUNO's resources in a path.
const NUMBER: &str = "[1-9][0-9]{0,17}";

/// Registers every path, and has its requests counted.
pub fn configure(config: &mut ServiceConfig, metrics: Option<&Metrics>) {
    for endpoint in all() {
        config.service(endpoint.resource(metrics));
    }
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(Error::route_not_found()) }));
}

/// Every path, as a pattern, with its methods but for OPTIONS and HEAD, which all and those with GET have.
#[must_use]
pub fn listed() -> Vec<(String, Vec<Method>)> {
    all().into_iter().map(Endpoint::listed).collect()
}

/// Every path. Of two that take the same, the first counts.
fn all() -> Vec<Endpoint> {
    let mut all = vec![
        // The first that is looked at.
        Endpoint::at("/api/v2/user").get(show::show).update(update::update),
        Endpoint::at("/healthz").get(health::healthz),
        Endpoint::at("/readyz").get(health::readyz),
        Endpoint::at(ERRORS_PAGE).get(documentation::errors),
        Endpoint::at(openapi::PATH).get(openapi::show),
        Endpoint::at(swagger::PATH).get(swagger::page),
        Endpoint::at(format!("{}/{{file}}", swagger::PATH)).get(swagger::file),
        Endpoint::at(console::PATH).get(console::page),
        Endpoint::at(format!("{}/{{path:.+}}", console::PATH)).get(console::file),
        Endpoint::at(format!("{}/{{person:{UUID}}}/{{token:[0-9a-f]{{32}}}}", pictures::FOLDER))
            .get(avatar::show),
        Endpoint::at("/api/v2/user/authenticate").on(Method::POST, sign_in::authenticate),
        Endpoint::at("/api/v2/user/changes").get(changes::index),
        Endpoint::at("/api/v2/user/events").get(events::listen),
        Endpoint::at("/api/v2/operations").on(Method::POST, operations::run),
        Endpoint::at("/api/v2/batch").on(Method::POST, batch::run),
        Endpoint::at("/api/v2/deleted_records").get(deletions::index),
        Endpoint::at("/api/v2/constants").get(constants::show),
        door("/api/v2/users", "User", Face::User),
        profile(),
    ];
    all.extend(Kind::all().flat_map(rows_of));
    all.extend(OWNED.into_iter().chain([ACCOUNT_LISTS, MASTER_PERSON]).map(linkage));
    all.extend([
        Endpoint::at(format!("/api/v2/user/{ACCOUNT_LISTS}")).get(lists::index),
        Endpoint::at(format!("/api/v2/user/{MASTER_PERSON}")).get(related::master_person),
    ]);
    all.extend(shared());
    all.extend(changeable::<Dimension>());
    all.extend(defined::<TagType>());
    all.extend(changeable::<Tag>());
    all.extend(continuing_education());
    all.extend(juno_users());
    // Behind the names, which a pattern for ids would take as well.
    all.push(door("/api/v2/user", "User", Face::User));
    all
}

/// The rows of a kind, and each of them by its id or its key.
fn rows_of(kind: &'static Kind) -> [Endpoint; 2] {
    let has_keys = kind.attribute("key").is_some();
    let named = move |name: Path<String>| match Id::parse(&name) {
        Some(id) if !has_keys => Name::Id(id),
        _ => Name::Key(name.into_inner()),
    };
    let path = format!("/api/v2/user/{}", kind.path());
    let name = if has_keys { "key:[^/]+".to_owned() } else { format!("id:{UUID}") };
    let all = Endpoint::at(&path).get(move |call: Call| rows::index(call, kind));
    let one = Endpoint::at(format!("{path}/{{{name}}}"))
        .get(move |call: Call, name: Path<String>| rows::show(call, kind, named(name)));
    if kind.is_read_only() {
        return [all, one];
    }
    let update = move |call: Call, name: Path<String>| rows::update(call, kind, named(name));
    let destroy = move |call: Call, name: Path<String>| rows::destroy(call, kind, named(name));
    [
        all.on(Method::POST, move |call: Call| rows::create(call, kind)),
        one.update(update).on(Method::DELETE, destroy),
    ]
}

/// The linkage of a relationship of the user.
fn linkage(name: &'static str) -> Endpoint {
    let change = |op: Op| move |call: Call| relationships::change(call, name, op);
    Endpoint::at(format!("/api/v2/user/relationships/{name}"))
        .get(move |call: Call| relationships::show(call, name))
        .on(Method::POST, change(Op::Add))
        .on(Method::PATCH, change(Op::Update))
        .on(Method::DELETE, change(Op::Remove))
}

/// What users share.
fn shared() -> [Endpoint; 5] {
    let list = format!("/api/v2/account_lists/{{id:{UUID}}}");
    let own = format!("/api/v2/user/{ORGANIZATION_ACCOUNTS}");
    [
        Endpoint::at("/api/v2/account_lists").get(lists::index),
        Endpoint::at(&list)
            .get(|call: Call, id: Path<Id>| lists::show(call, *id))
            .update(|call: Call, id: Path<Id>| lists::update(call, *id)),
        Endpoint::at(format!("{list}/users")).get(|call: Call, id: Path<Id>| lists::users(call, *id)),
        Endpoint::at(&own).get(accounts::index).on(Method::POST, accounts::create),
        Endpoint::at(format!("{own}/{{id:{UUID}}}"))
            .get(|call: Call, id: Path<Id>| accounts::show(call, *id))
            .update(|call: Call, id: Path<Id>| accounts::update(call, *id))
            .on(Method::DELETE, |call: Call, id: Path<Id>| accounts::destroy(call, *id)),
    ]
}

/// What a site defines: all of a kind, and one by its number.
fn defined<D: Definition>() -> [Endpoint; 2] {
    let path = format!("/api/v2/{}", D::KIND);
    [
        Endpoint::at(&path).get(definition::index::<D>).on(Method::POST, definition::create::<D>),
        Endpoint::at(format!("{path}/{{id:{NUMBER}}}"))
            .get(|call: JunoCall, id: Path<i64>| definition::show::<D>(call, *id)),
    ]
}

/// As [`defined`], of what may be changed.
fn changeable<D: Changeable>() -> [Endpoint; 2] {
    let [all, one] = defined::<D>();
    let one = one
        .update(|call: JunoCall, id: Path<i64>| definition::update::<D>(call, *id))
        .on(Method::DELETE, |call: JunoCall, id: Path<i64>| definition::destroy::<D>(call, *id));
    [all, one]
}

/// Programs, and what users earn of them.
fn continuing_education() -> [Endpoint; 9] {
    let programs = "/api/v2/ce_programs";
    let record = format!("/api/v2/ce_records/{{id:{UUID}}}");
    let activity = format!("{record}/activities/{{activity:{UUID}}}");
    [
        Endpoint::at(programs).get(ce::programs::index).on(Method::POST, ce::programs::create),
        Endpoint::at(format!("{programs}/{{id:{UUID}}}"))
            .get(|call: JunoCall, id: Path<Id>| ce::programs::show(call, *id))
            .update(|call: JunoCall, id: Path<Id>| ce::programs::update(call, *id)),
        Endpoint::at(format!("/api/v2/juno_users/{{id:{NUMBER}}}/ce_records"))
            .get(|call: JunoCall, id: Path<i64>| ce::records::index(call, *id))
            .on(Method::POST, |call: JunoCall, id: Path<i64>| ce::records::create(call, *id)),
        Endpoint::at(&record)
            .get(|call: JunoCall, id: Path<Id>| ce::records::show(call, *id))
            .update(|call: JunoCall, id: Path<Id>| ce::records::update(call, *id)),
        Endpoint::at(format!("{record}/activities"))
            .get(|call: JunoCall, id: Path<Id>| ce::activities::index(call, *id))
            .on(Method::POST, |call: JunoCall, id: Path<Id>| ce::activities::create(call, *id)),
        Endpoint::at(activity).on(Method::DELETE, |call: JunoCall, ids: Path<(Id, Id)>| {
            let (record, activity) = ids.into_inner();
            ce::activities::destroy(call, record, activity)
        }),
        Endpoint::at(format!("{record}/claims"))
            .get(|call: JunoCall, id: Path<Id>| ce::claims::index(call, *id))
            .on(Method::POST, |call: JunoCall, id: Path<Id>| ce::claims::create(call, *id)),
        Endpoint::at(format!("{record}/reopen"))
            .on(Method::POST, |call: JunoCall, id: Path<Id>| ce::records::reopen(call, *id)),
        Endpoint::at(format!("{record}/certificate"))
            .get(|call: JunoPageCall, id: Path<Id>| ce::certificates::show(call, *id)),
    ]
}

/// Users of JUNO, each by his number or as `me`, and what belongs to each.
fn juno_users() -> [Endpoint; 5] {
    let path = "/api/v2/juno_users";
    let one = format!("{path}/{{id:me|{NUMBER}}}");
    let (tags, values) = (format!("{one}/relationships/tags"), format!("{one}/dimension_values"));
    let change = |op: Op| move |call: JunoCall, door: Path<Door>| linked::change_tags(call, *door, op);
    [
        Endpoint::at(path).get(juno::index).on(Method::POST, juno::create),
        Endpoint::at(&one)
            .get(|call: FlatCall, door: Path<Door>| juno::show(call, *door))
            .update(|call: FlatCall, door: Path<Door>| juno::update(call, *door))
            .on(Method::DELETE, |call: FlatCall, door: Path<Door>| juno::destroy(call, *door)),
        Endpoint::at(tags)
            .get(|call: JunoCall, door: Path<Door>| linked::show_tags(call, *door))
            .on(Method::POST, change(Op::Add))
            .on(Method::PATCH, change(Op::Update))
            .on(Method::DELETE, change(Op::Remove)),
        Endpoint::at(&values).get(|call: JunoCall, door: Path<Door>| linked::values(call, *door)),
        Endpoint::at(format!("{values}/{{dimension:{NUMBER}}}"))
            .get(|call: JunoCall, at: Path<(Door, i64)>| linked::value(call, at.0, at.1))
            .update(|call: JunoCall, at: Path<(Door, i64)>| linked::put_value(call, at.0, at.1))
            .on(Method::DELETE, |call: JunoCall, at: Path<(Door, i64)>| {
                linked::delete_value(call, at.0, at.1)
            }),
    ]
}

/// Another door to the caller's record: the same requests at a path that ends with his id, or `me`.
fn door(path: &str, model: &'static str, face: Face) -> Endpoint {
    let change = move |call: Call, id: Path<String>| async move {
        policy::check_door(&call, &id, model)?;
        update::update_as(call, face).await
    };
    seen_through(path, model, face).update(change)
}

/// The door of the profile page, through which a picture comes in a form as well.
fn profile() -> Endpoint {
    const MODEL: &str = "Person";
    let change = |call: AnyCall, id: Path<String>| async move {
        match call {
            AnyCall::Document(call) => {
                policy::check_door(&call, &id, MODEL)?;
                update::update_as(call, Face::Person).await
            }
            AnyCall::Form(form) => {
                policy::check_door(&form.call, &id, MODEL)?;
                avatar::upload(form, Face::Person).await
            }
        }
    };
    seen_through("/api/v2/contacts/people", MODEL, Face::Person).update(change)
}

fn seen_through(path: &str, model: &'static str, face: Face) -> Endpoint {
    Endpoint::at(format!("{path}/{{id:me|{UUID}}}")).get(move |call: Call, id: Path<String>| async move {
        policy::check_door(&call, &id, model)?;
        show::show_as(call, face).await
    })
}
