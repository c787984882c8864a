//! The picture of a user: uploaded through the profile page's resource, and shown to whoever knows its URL. An upload is
//! an edit of the user like any other, with the same guard and the same answers.

pub mod form;
pub mod gallery;
pub mod image;

use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use actix_web::web::{Bytes, Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use tokio::time::timeout;

use super::face::Face;
use super::pictures::{self, Picture, Token};
use super::{edit, update};
use crate::asset;
use crate::error::Error;
use crate::guard::Member;
use crate::id::Id;
use crate::jsonapi::query::Query;
use crate::pipeline::FormCall;
use crate::state::AppState;
use crate::sync::batch;
use crate::sync::idempotency::{self, Begun};
use crate::telemetry::InBatch;
use form::Form;
use gallery::Sending;
use image::Image;

/// A year: what has this URL is always the same.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `PUT` and `PATCH /api/v2/contacts/people/<own id>` with a form.
///
/// # Errors
/// Those of the same request with a document, 400 for a form or a file that is not taken
/// or does not arrive, 413, 429, 503.
pub async fn upload(sent: FormCall, face: Face) -> Result<HttpResponse, Error> {
    let FormCall { call, payload } = sent;
    if call.is_in_batch() {
        return Ok(batch::not_within());
    }
    let gallery = &call.state.pictures;
    let place = gallery.receive(call.user.id)?;
    let form = timeout(gallery.deadline(), Form::receive(call.headers(), payload, face.kind())).await;
    let form = form.map_err(|_| {
        let seconds = gallery.deadline().as_secs();
        Error::bad_request(format!("The form did not arrive within {seconds} seconds."))
    })??;
    let (file, texts) = (form.picture.clone(), form.texts);
    // Off the event loop, which answers others meanwhile.
    let read = block(move || (file.hashed(texts), Image::read(file.bytes, file.declared.as_deref()))).await;
    let (hash, image) = read.map_err(|e| Error::internal(e.to_string()))?;
    let call = call.with_body(Bytes::copy_from_slice(&hash));
    let image = image.map_err(|refusal| form.picture.fault(refusal.to_string()))?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &face.schema())?;
    let now = call.state.clock.now();
    let mut edit = edit::of_document(form.document, call.user.id, face, call.conditions(), now)?;
    let token = Token::random().map_err(|e| Error::internal(e.to_string()))?;
    let changes = &mut edit.changes;
    if changes.columns.avatar.replace(Some(pictures::path(call.user.id, token))).is_some() {
        changes.ignored.push(Member::Borrowed("avatar"));
    }
    changes.ignored.extend(form.ignored.into_iter().map(Member::Owned));
    let picture = Arc::new(Picture { token, image });
    let answer = update::write_whole(&call, once, (face, query), (Arc::new(edit), Some(picture)), now).await;
    drop(place);
    answer
}

/// `GET /pictures/<id>/<token>`: public, since an `<img>` sends no token.
///
/// # Errors
/// 404, 503.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    // The answers of a batch are texts.
    if InBatch::room(&request) > 0 {
        return Ok(batch::not_within());
    }
    let (Some(person), Some(token)) = (Id::parse(&path.0), Token::parse(&path.1)) else {
        return Err(Error::picture_not_found());
    };
    let found = state.db.read(move |connection| pictures::find(connection, person, token)).await?;
    let picture = found.ok_or_else(Error::picture_not_found)?;
    let tag = picture.hash.iter().fold(String::from("\""), |tag, byte| tag + &format!("{byte:02x}")) + "\"";
    let is_known = asset::is_known(&request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, FOR_EVER)).insert_header((ETAG, tag));
    if is_known {
        return Ok(response.finish());
    }
    response
        .insert_header((CONTENT_TYPE, picture.content_type))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'"));
    if request.method() == Method::HEAD {
        let length = u64::try_from(picture.length).unwrap_or_default();
        return Ok(response.body(SizedStream::new(length, stream::empty::<Result<Bytes, Error>>())));
    }
    let permit = state.pictures.send()?;
    let hash = picture.hash.clone();
    let read = async {
        let read = state.db.read(move |connection| pictures::image(connection, person, &hash)).await?;
        read.map(Bytes::from).ok_or_else(Error::picture_not_found)
    };
    let left = state.pictures.bytes(&picture.hash, read).await?;
    Ok(response.body(Sending { left, permit }))
}
