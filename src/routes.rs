//! The only routing table.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpResponse, Resource, Route, guard};

use crate::account_lists::organization_account::ORGANIZATION_ACCOUNTS;
use crate::account_lists::{self, organization_accounts};
use crate::auth::sign_in;
use crate::constants;
use crate::documentation;
use crate::error::Error;
use crate::health;
use crate::id::Id;
use crate::jsonapi::atomic::Op;
use crate::jsonapi::error::ERRORS_PAGE;
use crate::people::endpoints::{self, Name};
use crate::people::kind::Kind;
use crate::pipeline::{AnyCall, Call};
use crate::policy;
use crate::sync::{batch, changes, deletions, events, operations};
use crate::users::face::Face;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use crate::users::{avatar, pictures, related, relationships, show, update};

/// Registers every path.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz", vec![(Method::GET, read().to(health::healthz))]))
        .service(resource("/readyz", vec![(Method::GET, read().to(health::readyz))]))
        .service(resource(ERRORS_PAGE, vec![(Method::GET, read().to(documentation::errors))]))
        .service(resource(
            "/api/v2/user",
            vec![
                (Method::GET, read().to(show::show)),
                (Method::PUT, web::put().to(update::update)),
                (Method::PATCH, web::patch().to(update::update)),
            ],
        ))
        .service(resource(
            "/api/v2/user/authenticate",
            vec![(Method::POST, web::post().to(sign_in::authenticate))],
        ))
        .service(resource("/api/v2/user/changes", vec![(Method::GET, read().to(changes::index))]))
        .service(resource("/api/v2/user/events", vec![(Method::GET, read().to(events::listen))]))
        .service(resource("/api/v2/operations", vec![(Method::POST, web::post().to(operations::run))]))
        .service(resource("/api/v2/batch", vec![(Method::POST, web::post().to(batch::run))]))
        .service(resource("/api/v2/deleted_records", vec![(Method::GET, read().to(deletions::index))]))
        .service(resource("/api/v2/constants", vec![(Method::GET, read().to(constants::show))]))
        .service(door("/api/v2/users", "User", Face::User))
        .service(profile())
        .service(resource(
            &format!("{}/{{person:{UUID}}}/{{token:[0-9a-f]{{32}}}}", pictures::FOLDER),
            vec![(Method::GET, read().to(avatar::show))],
        ))
        .default_service(web::to(|| async { Err::<HttpResponse, _>(Error::route_not_found()) }));
    for kind in Kind::all() {
        let mut rows = vec![(Method::GET, read().to(move |call: Call| endpoints::index(call, kind)))];
        let has_keys = kind.attribute("key").is_some();
        let named = move |name: Path<String>| match Id::parse(&name) {
            Some(id) if !has_keys => Name::Id(id),
            _ => Name::Key(name.into_inner()),
        };
        let update = move |call: Call, name: Path<String>| endpoints::update(call, kind, named(name));
        let show = move |call: Call, name: Path<String>| endpoints::show(call, kind, named(name));
        let destroy = move |call: Call, name: Path<String>| endpoints::destroy(call, kind, named(name));
        let mut row = vec![(Method::GET, read().to(show))];
        if !kind.is_read_only() {
            let create = move |call: Call| endpoints::create(call, kind);
            rows.push((Method::POST, web::post().to(create)));
            row.extend([
                (Method::PUT, web::put().to(update)),
                (Method::PATCH, web::patch().to(update)),
                (Method::DELETE, web::delete().to(destroy)),
            ]);
        }
        let path = format!("/api/v2/user/{}", kind.path());
        let pattern = if has_keys { "[^/]+" } else { UUID };
        config.service(resource(&path, rows)).service(resource(&format!("{path}/{{name:{pattern}}}"), row));
    }
    for name in OWNED.into_iter().chain([ACCOUNT_LISTS, MASTER_PERSON]) {
        let change = |method: Method, op: Op| {
            let route = web::method(method.clone());
            (method, route.to(move |call: Call| relationships::change(call, name, op)))
        };
        let show = (Method::GET, read().to(move |call: Call| relationships::show(call, name)));
        let routes = vec![
            show,
            change(Method::POST, Op::Add),
            change(Method::PATCH, Op::Update),
            change(Method::DELETE, Op::Remove),
        ];
        config.service(resource(&format!("/api/v2/user/relationships/{name}"), routes));
    }
    let account_lists = || vec![(Method::GET, read().to(account_lists::endpoints::index))];
    let master_person = vec![(Method::GET, read().to(related::master_person))];
    config
        .service(resource(&format!("/api/v2/user/{ACCOUNT_LISTS}"), account_lists()))
        .service(resource("/api/v2/account_lists", account_lists()))
        .service(resource(&format!("/api/v2/user/{MASTER_PERSON}"), master_person));
    configure_account_lists(config);
    // Behind the names, which a pattern for ids would take as well.
    config.service(door("/api/v2/user", "User", Face::User));
}

/// What users share.
fn configure_account_lists(config: &mut ServiceConfig) {
    let update = |call: Call, id: Path<Id>| account_lists::endpoints::update(call, *id);
    let list = vec![
        (Method::GET, read().to(|call: Call, id: Path<Id>| account_lists::endpoints::show(call, *id))),
        (Method::PUT, web::put().to(update)),
        (Method::PATCH, web::patch().to(update)),
    ];
    let users = |call: Call, id: Path<Id>| account_lists::endpoints::users(call, *id);
    let path = format!("/api/v2/account_lists/{{id:{UUID}}}");
    config
        .service(resource(&path, list))
        .service(resource(&format!("{path}/users"), vec![(Method::GET, read().to(users))]));
    let update = |call: Call, id: Path<Id>| organization_accounts::update(call, *id);
    let account = vec![
        (Method::GET, read().to(|call: Call, id: Path<Id>| organization_accounts::show(call, *id))),
        (Method::PUT, web::put().to(update)),
        (Method::PATCH, web::patch().to(update)),
        (
            Method::DELETE,
            web::delete().to(|call: Call, id: Path<Id>| organization_accounts::destroy(call, *id)),
        ),
    ];
    let accounts = vec![
        (Method::GET, read().to(organization_accounts::index)),
        (Method::POST, web::post().to(organization_accounts::create)),
    ];
    let path = format!("/api/v2/user/{ORGANIZATION_ACCOUNTS}");
    config.service(resource(&path, accounts)).service(resource(&format!("{path}/{{id:{UUID}}}"), account));
}

/// Another door to the caller's record: the same requests at a path that ends with his id, or `me`.
fn door(path: &str, model: &'static str, face: Face) -> Resource {
    let change = move |call: Call, id: Path<String>| async move {
        policy::check_door(&call, &id, model)?;
        update::update_as(call, face).await
    };
    let routes = vec![
        (Method::GET, look(model, face)),
        (Method::PUT, web::put().to(change)),
        (Method::PATCH, web::patch().to(change)),
    ];
    resource(&format!("{path}/{{id:me|{UUID}}}"), routes)
}

/// The door of the profile page, through which a picture comes in a form as well.
fn profile() -> Resource {
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
    let routes = vec![
        (Method::GET, look(MODEL, Face::Person)),
        (Method::PUT, web::put().to(change)),
        (Method::PATCH, web::patch().to(change)),
    ];
    resource(&format!("/api/v2/contacts/people/{{id:me|{UUID}}}"), routes)
}

fn look(model: &'static str, face: Face) -> Route {
    read().to(move |call: Call, id: Path<String>| async move {
        policy::check_door(&call, &id, model)?;
        show::show_as(call, face).await
    })
}

/// The id of a resource in a path; anything else there is no path (`mpdx-behaviour.md` 5.1).
const UUID: &str = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";

/// HEAD is a GET whose body is not sent.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A path with its methods. OPTIONS lists them, any other is 405 with `Allow`.
fn resource(path: &str, routes: Vec<(Method, Route)>) -> Resource {
    let mut allow: Vec<String> = routes.iter().map(|(method, _)| method.to_string()).collect();
    if let Some(get) = allow.iter().position(|method| method == "GET") {
        allow.insert(get + 1, "HEAD".to_owned());
    }
    allow.push("OPTIONS".to_owned());
    let allow = allow.join(", ");
    let listed = allow.clone();
    let options = web::method(Method::OPTIONS).to(move || {
        let allow = listed.clone();
        async move { HttpResponse::NoContent().insert_header((ALLOW, allow)).finish() }
    });
    let refused = web::to(move || {
        let error = Error::method_not_allowed(&allow);
        async move { Err::<HttpResponse, _>(error) }
    });
    let resource = web::resource(path).route(options).default_service(refused);
    routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route))
}
