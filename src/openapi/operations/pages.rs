//! Pages for people, and what tells whether the server is well.

use actix_web::http::Method;

use super::{Answer, Caller, Operation};
use crate::jsonapi::media_type::{JSON, JSON_API, PAGE};
use crate::openapi;

const TAG: &str = "Server";

/// What a GET of a path does, where it is one of these.
pub(super) fn described(path: &str, method: &Method) -> Option<Operation> {
    let open = |summary: &str| Operation::new(TAG, Caller::Nobody, summary);
    let well = || Answer::new("200", "It does", &[]).with(JSON_API, "status");
    let described = match path {
        _ if *method != Method::GET => return None,
        "/healthz" => Operation { refusals: Vec::new(), ..open("Whether the process runs").answer(well()) },
        "/readyz" => {
            open("Whether it can serve: the database is there and migrated").answer(well()).refused(&[503])
        }
        "/docs/errors" => {
            let page = Answer::new("200", "A page", &[]).with(PAGE, "page");
            open("Every code of the errors, what it means, what to do").answer(page)
        }
        "/docs" => file(open("This document as a page that sends requests"), &[PAGE], "page"),
        "/docs/{file}" => {
            let types = ["text/css", "text/javascript", "text/plain"];
            file(open("A file of that page"), &types, "file").refused(&[404])
        }
        "/console" => file(open("The console: a page that edits offline"), &[PAGE], "page").refused(&[404]),
        "/console/{path}" => {
            let types = [PAGE, JSON, "image/svg+xml", "text/css", "text/javascript", "text/plain"];
            file(open("A file of the console"), &types, "file").refused(&[404])
        }
        openapi::PATH => file(open("This document"), &[JSON], "openapi"),
        "/pictures/{person}/{token}" => {
            let shown =
                file(open("The picture of a person"), &["image/jpeg", "image/png", "image/webp"], "picture");
            // Too many are being sent.
            shown.refused(&[404, 503])
        }
        _ => return None,
    };
    Some(described)
}

/// What is asked about again and mostly not sent again.
fn file(mut open: Operation, types: &[&'static str], schema: &str) -> Operation {
    open.headers.push("If-None-Match");
    let shown = Answer::new("200", "It", &["ETag"]);
    let shown = types.iter().fold(shown, |shown, media_type| {
        // A list of all of them is among the files of a page.
        let listed = *media_type == JSON && schema == "file";
        shown.with(media_type, if listed { "file_list" } else { schema })
    });
    open.answer(shown).answer(Answer::new("304", "The client has it", &["ETag"]))
}
