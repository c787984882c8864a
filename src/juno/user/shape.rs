//! What a client asks to be shown of users of JUNO, and in which form.

use diesel::QueryResult;
use serde_json::Value;

use super::codec::{document, flat};
use super::included;
use super::view::View;
use crate::db::Connection;
use crate::error::Error;
use crate::jsonapi::document::Document;
use crate::jsonapi::media_type::{Form, JSON};
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::{Code, Fault, Json};
use crate::juno::listing;
use crate::juno::profile::KIND;
use crate::pipeline::FlatCall;
use crate::representation::{Representation, Subject};
use crate::state::AppState;

/// Raised when the same user is rendered differently.
const RENDERER: u32 = 1;

/// The parameter by which a client asks for JUNO's own spelling of flags.
pub(crate) const LEGACY: &str = "legacy";

/// What lists can be sorted by.
pub(crate) const SORT: [&str; 3] = ["id", "date_updated", "last_name"];

/// What lists can be filtered by.
pub(crate) const FILTERS: [&str; 8] =
    ["email", "client_id", "client_guid", "username", "banned", "account_level", "tag", "updated_since"];

/// What is to be shown.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// What the query string asks for.
    pub(super) query: Query,
    wanted: Form,
    legacy: bool,
}

impl Shape {
    /// Reads what a request asks for, of one user or of many.
    ///
    /// # Errors
    /// 400 for its query string.
    pub(super) fn of(FlatCall { call, wanted, .. }: &FlatCall, collection: bool) -> Result<Self, Error> {
        let (relationships, sort, filters): (fn(&str) -> _, &[_], &[_]) =
            if collection { (included::of_many, &SORT, &FILTERS) } else { (included::of_one, &[], &[]) };
        let schema = Schema { kind: KIND, collection, relationships, sort, filters, own: &[LEGACY] };
        let query = listing::query(call.query(), &schema, &["banned"])?;
        let fault = |name: &str, detail: &str| {
            Error::from(Fault::new(Code::InvalidParameter, detail).in_parameter(name))
        };
        let legacy = match query.own(LEGACY) {
            None => false,
            Some("1") => true,
            Some(_) => return Err(fault(LEGACY, "`legacy` is 1, or left out.")),
        };
        if *wanted == Form::Flat && query.include.is_some() {
            return Err(fault("include", "Flat objects include nothing: ask for a document."));
        }
        Ok(Self { query, wanted: *wanted, legacy })
    }

    /// A user as he is to be shown.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn represent(
        &self,
        connection: &mut Connection,
        state: &AppState,
        view: &View,
    ) -> QueryResult<Representation> {
        // Time alone moves the offset of a zone, and others change what tags and dimensions are called.
        let subject =
            Subject { version: view.version, stamp: view.updated_at, renderer: RENDERER, plain: false };
        if self.wanted == Form::Flat {
            let object = flat::object_of(view, self.legacy, &self.query.fields);
            return Ok(Representation::new(state, subject, object.to_text()).typed(Some(JSON)));
        }
        let included = included::read(connection, std::slice::from_ref(view), &self.query)?;
        let data = document::resource(view).restricted(&self.query.fields);
        let body = serde_json::to_vec(&Document { data, included, meta: None::<Json> });
        // Strings, numbers and lists of them can always be written into memory.
        Ok(Representation::new(state, subject, body.unwrap_or_default()))
    }

    /// A page of users, of `total`; `path` and `sent` are the request's, for links to other pages.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn list(
        &self,
        connection: &mut Connection,
        (views, total): (&[View], i64),
        (path, sent): (&str, &str),
    ) -> QueryResult<Representation> {
        let Self { query, wanted, legacy } = self;
        if *wanted == Form::Document {
            let included = included::read(connection, views, query)?;
            let data = views.iter().map(|view| document::resource(view).restricted(&query.fields)).collect();
            return Ok(Representation::timeless(listing::document(
                total,
                data,
                included,
                (query, path, sent),
            )));
        }
        let data: Vec<Json> =
            views.iter().map(|view| flat::object_of(view, *legacy, &query.fields)).collect();
        let body = listing::document(total, data, None::<Vec<Value>>, (query, path, sent));
        Ok(Representation::timeless(body).typed(Some(JSON)))
    }
}
