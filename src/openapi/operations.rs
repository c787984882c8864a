//! What each route does, takes and answers. A route that is not described here fails a test.

mod juno;
mod mpdx;
mod pages;
mod path;

use actix_web::http::Method;

use crate::jsonapi::media_type::JSON_API;
use crate::jsonapi::query::{Relationships, Schema};
use crate::routes;

pub(super) use path::Pattern;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    User,
    /// A user, or an integration.
    Juno,
}

/// What a route does with a method.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) tag: &'static str,
    pub(super) summary: String,
    pub(super) caller: Caller,
    /// What is known of its query string; `None` where that is not looked at.
    pub(super) query: Option<Schema>,
    /// Media types of bodies, each with its schema.
    pub(super) bodies: Vec<(&'static str, String)>,
    pub(super) needs_body: bool,
    pub(super) headers: Vec<&'static str>,
    pub(super) answers: Vec<Answer>,
    /// The statuses of refusals, which are documents of errors.
    pub(super) refusals: Vec<u16>,
}

/// What is answered where nothing is refused.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// A status, or a range of them such as `4XX`.
    pub(super) status: &'static str,
    pub(super) says: &'static str,
    /// Media types, each with its schema.
    pub(super) content: Vec<(&'static str, String)>,
    pub(super) headers: &'static [&'static str],
}

const TAGGED: &[&str] = &["ETag", "Last-Modified"];
const WRITTEN: &[&str] = &["ETag", "Last-Modified", "Idempotent-Replayed"];

impl Answer {
    fn new(status: &'static str, says: &'static str, headers: &'static [&'static str]) -> Self {
        Self { status, says, content: Vec::new(), headers }
    }

    fn with(mut self, media_type: &'static str, schema: impl Into<String>) -> Self {
        self.content.push((media_type, schema.into()));
        self
    }
}

impl Operation {
    fn new(tag: &'static str, caller: Caller, summary: impl Into<String>) -> Self {
        Self {
            tag,
            summary: summary.into(),
            caller,
            query: None,
            bodies: Vec::new(),
            needs_body: false,
            headers: Vec::new(),
            answers: Vec::new(),
            // Of what is looked at before any route, and of defects.
            refusals: vec![429, 431, 500],
        }
    }

    fn asked(mut self, query: Schema) -> Self {
        self.query = Some(query);
        self.refusals.extend([400, 406, 503]);
        match self.caller {
            Caller::Nobody => {}
            // A filter on an account list of somebody else.
            Caller::User => self.refusals.extend([401, 404]),
            Caller::Juno => self.refusals.extend([401, 403]),
        }
        self
    }

    fn answer(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    fn refused(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    fn takes(mut self, media_type: &'static str, schema: impl Into<String>) -> Self {
        self.bodies.push((media_type, schema.into()));
        self.needs_body = true;
        self.refusals.extend([408, 413, 415]);
        self
    }

    /// A read whose answer has an entity tag.
    fn tagged(self, schema: impl Into<String>) -> Self {
        self.tagged_as(Answer::new("200", "What there is", TAGGED).with(JSON_API, schema))
    }

    /// As [`Operation::tagged`], with an answer of its own.
    fn tagged_as(mut self, shown: Answer) -> Self {
        self.headers.push("If-None-Match");
        self.answer(shown).answer(Answer::new("304", "The client has this very representation", TAGGED))
    }

    /// A read whose answer has none.
    fn plain(self, schema: impl Into<String>) -> Self {
        self.answer(Answer::new("200", "What there is", &[]).with(JSON_API, schema))
    }

    /// A write, which can be repeated.
    fn repeatable(mut self) -> Self {
        self.headers.push("Idempotency-Key");
        self.refused(&[400, 403, 404, 409, 413, 415, 422])
    }

    /// A write of what is there, of which a state can be named.
    fn conditional(mut self) -> Self {
        self.headers.extend(["If-Match", "If-None-Match"]);
        self.refused(&[412])
    }

    fn makes(self, schema: impl Into<String>) -> Self {
        const MADE: &[&str] = &["ETag", "Last-Modified", "Location", "Idempotent-Replayed"];
        self.answer(Answer::new("201", "It is made", MADE).with(JSON_API, schema))
    }

    fn changes(self, schema: impl Into<String>) -> Self {
        self.answer(Answer::new("200", "As it is now", WRITTEN).with(JSON_API, schema))
    }

    fn empties(self, says: &'static str) -> Self {
        self.answer(Answer::new("204", says, &["Idempotent-Replayed"]))
    }

    /// The names of the schemas that it leads to.
    pub(super) fn schemas(&self) -> Vec<String> {
        let answered = self.answers.iter().flat_map(|answer| &answer.content);
        self.bodies.iter().chain(answered).map(|(_, schema)| schema.clone()).collect()
    }
}

/// Nothing to include, sort or filter.
fn bare(kind: &'static str) -> Schema {
    one(kind, |_| &[])
}

/// Of one resource.
fn one(kind: &'static str, relationships: fn(&str) -> Relationships) -> Schema {
    Schema { kind, collection: false, relationships, sort: &[], filters: &[], own: &[] }
}

/// Every method of every route, with what it does.
pub(super) fn all() -> Vec<((Pattern, Method), Operation)> {
    let listed = routes::listed().into_iter();
    let all = listed.flat_map(|(pattern, methods)| {
        methods.into_iter().filter_map(move |method| {
            let pattern = Pattern::parse(&pattern);
            let mut described = described(&pattern.path, &method)?;
            if !pattern.names.is_empty() {
                described.refusals.push(404);
            }
            described.refusals.sort_unstable();
            described.refusals.dedup();
            Some(((pattern, method), described))
        })
    });
    all.collect()
}

fn described(path: &str, method: &Method) -> Option<Operation> {
    pages::described(path, method)
        .or_else(|| mpdx::described(path, method))
        .or_else(|| juno::described(path, method))
}
