//! `PUT` and `PATCH /api/v2/user`: decide on the current state, then compare and set its version (design 3).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::cache::Remembered;
use super::edit::{self, UserChanges};
use super::face::Face;
use super::person::{Context, Person};
use super::pictures::{self, Picture};
use super::show::{View, current, notes, represent_alone};
use super::store::{self, Wanted};
use super::writes::{Outcome, Wish};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::{Decision, Edit, Member, decide};
use crate::id::Id;
use crate::jsonapi::document::meta;
use crate::jsonapi::query::Query;
use crate::mutants::mutant;
use crate::pipeline::Call;
use crate::policy;
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun, Once};

/// How often an edit is decided anew because another write came first, before the person's row is locked.
const TRIES: usize = 3;

/// `PUT` and `PATCH /api/v2/user`
///
/// # Errors
/// As [`update_as`].
pub async fn update(call: Call) -> Result<HttpResponse, Error> {
    update_as(call, Face::User).await
}

/// Applies an edit to the caller's own record.
///
/// # Errors
/// 400, 403, 409, 412 as the guard and the rules of the attributes say, 404 for a filter on another's account list,
/// 503.
pub async fn update_as(call: Call, face: Face) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &face.schema())?;
    let now = call.state.clock.now();
    let edit = Arc::new(edit::of_document(document, call.user.id, face, call.conditions(), now)?);
    // Whatever writes other rows goes alone (design 7), and off the event loop: there may be thousands. What is answered
    // with other rows is read before the commit, since afterwards they may be those of a later state.
    let includes = query.include.as_ref().is_some_and(|include| !include.is_empty());
    if once.is_keyed() || includes || !edit.changes.rows.is_empty() {
        return write_whole(&call, once, (face, query), (edit, None), now).await;
    }
    let user = call.user;
    mutant!("remembered_no_op", let user = mutant!(remembered of call, &edit, now));
    let first = current(&call.state, user).await?;
    policy::check_filter(&query, &first.person)?;
    let (state, decision) = apply(&call.state, first, &edit, now).await?;
    if matches!(decision, Decision::Applied { .. }) {
        call.state.events.wake(call.user.id);
    }
    let shown = |ignored: &[Member], merged: Option<&[Member]>| {
        represent_alone(&call.state, &state, face, &query, meta(notes(ignored, merged)))
    };
    let shown = match &decision {
        Decision::Applied { ignored, merged, .. } | Decision::Unchanged { ignored, merged } => {
            shown(ignored, merged.as_deref())
        }
        _ => return Err(Error::refused(decision, &edit.stamp_belongs_in)),
    };
    Ok(shown.respond(call.state.clock.now()))
}

/// Decides, writes and answers an edit in one transaction, with the picture that it brings.
///
/// # Errors
/// As [`update_as`].
pub(super) async fn write_whole(
    call: &Call,
    once: Once,
    (face, query): (Face, Query),
    (edit, picture): (Arc<Edit<UserChanges>>, Option<Arc<Picture>>),
    now: Stamp,
) -> Result<HttpResponse, Error> {
    policy::check_filter_of(call, &query).await?;
    let write = Locked { state: call.state.clone(), id: call.user.id, face, query, edit, picture, now };
    once.write(call, move |connection| write.answer(connection)).await
}

/// An edit that is decided, written and answered in one transaction: its answer is recorded with it, or it writes or
/// shows other rows.
struct Locked {
    state: Data<AppState>,
    id: Id,
    face: Face,
    query: Query,
    edit: Arc<Edit<UserChanges>>,
    picture: Option<Arc<Picture>>,
    now: Stamp,
}

impl Locked {
    fn answer(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        let Self { state, id, face, query, edit, picture, now } = self;
        let Some((person, decision)) = decide_locked(connection, *id, (edit, picture.as_deref()), *now)?
        else {
            return Ok(Err(Error::unauthorized()));
        };
        let (after, ignored, merged) = match &decision {
            Decision::Applied { state: after, ignored, merged } => (after, ignored, merged),
            Decision::Unchanged { ignored, merged } => (&person, ignored, merged),
            _ => return Ok(Err(Error::refused(decision, &edit.stamp_belongs_in))),
        };
        let (view, meta) = (View { face: *face, query }, meta(notes(ignored, merged.as_deref())));
        let shown = view.represent_within(connection, state, after, meta)?;
        Ok(Ok(shown.answer(state.clock.now())))
    }
}

/// Locks a person, decides on him as he then is, and writes what is decided; `None` where there is nobody.
fn decide_locked(
    connection: &mut Connection,
    id: Id,
    (edit, picture): (&Edit<UserChanges>, Option<&Picture>),
    now: Stamp,
) -> QueryResult<Option<(Person, Decision<Person>)>> {
    store::lock(connection, id)?;
    for _ in 0..store::READ_TRIES {
        let Some(person) = store::read_with(connection, id, &Wanted::of(edit))? else { return Ok(None) };
        let same = match picture {
            Some(picture) => with_same_picture(connection, &person, edit, picture)?,
            None => None,
        };
        let decision = decide(&person, same.as_ref().unwrap_or(edit), now);
        let Decision::Applied { state: after, .. } = &decision else { return Ok(Some((person, decision))) };
        // Under the person's lock nobody else can have written him; but a value that must be unique may be gone.
        if !store::compare_and_set(connection, &person, after)? {
            continue;
        }
        if let Some(picture) = picture.filter(|_| same.is_none()) {
            pictures::put(connection, id, picture, after.stamp)?;
        }
        return Ok(Some((person, decision)));
    }
    Err(QueryError::RollbackTransaction)
}

/// The edit with the picture that the person has, if it brings that very one: what is there already is no change.
fn with_same_picture(
    connection: &mut Connection,
    person: &Person,
    edit: &Edit<UserChanges>,
    picture: &Picture,
) -> QueryResult<Option<Edit<UserChanges>>> {
    let stored = pictures::token_of(connection, person.id, &picture.image)?;
    Ok(stored.map(|token| {
        let mut same = edit.clone();
        same.changes.columns.avatar = Some(Some(pictures::path(person.id, token)));
        same
    }))
}

/// Decides until a decision holds: one that writes holds when the compare-and-set finds the version that was decided
/// on, any other because it rests on a state that was current after the request arrived.
async fn apply(
    state: &AppState,
    first: Arc<Remembered>,
    edit: &Arc<Edit<UserChanges>>,
    now: Stamp,
) -> Result<(Arc<Remembered>, Decision<Person>), Error> {
    let id = first.person.id;
    let mut basis = basis_of(state, first, edit).await?;
    for _ in 0..TRIES {
        let decision = decide(&basis.person, edit, now);
        let Decision::Applied { state: after, .. } = &decision else { return Ok((basis, decision)) };
        let wish = Wish { basis, edit: Arc::clone(edit), now };
        if wish.is_plain() {
            let outcome = state.writes.write(&state.db, &state.people, wish).await?;
            if let Outcome::Decided(shown, decision) = outcome {
                return Ok((shown, *decision));
            }
        } else {
            let (before, wanted) = (wish.basis, after.clone());
            let won = move |connection: &mut _| store::compare_and_set(connection, &before.person, &wanted);
            if state.db.write(won).await? {
                return Ok((remember(state, after), decision));
            }
        }
        basis = Remembered::new(stored(state, id, edit).await?);
    }
    let locked_edit = Arc::clone(edit);
    let locked = move |connection: &mut Connection| decide_locked(connection, id, (&locked_edit, None), now);
    let (person, decision) = state.db.write(locked).await?.ok_or_else(Error::unauthorized)?;
    match &decision {
        Decision::Applied { state: after, .. } => Ok((remember(state, after), decision)),
        _ => Ok((Remembered::new(person), decision)),
    }
}

/// The basis of the first decision. No remembered state says which contacts the user can see, nor what happened to
/// his rows since an older base, of which a refusal and a merge tell.
async fn basis_of(
    state: &AppState,
    first: Arc<Remembered>,
    edit: &Edit<UserChanges>,
) -> Result<Arc<Remembered>, Error> {
    let Wanted { contacts, rows_since, .. } = Wanted::of(edit);
    let behind = rows_since.is_some_and(|base| base < first.person.stamp);
    if contacts.is_empty() && !behind {
        return Ok(first);
    }
    stored(state, first.person.id, edit).await.map(Remembered::new)
}

async fn stored(state: &AppState, id: Id, edit: &Edit<UserChanges>) -> Result<Person, Error> {
    let wanted = Wanted::of(edit);
    let person = state.db.read(move |connection| store::read_with(connection, id, &wanted)).await?;
    person.ok_or_else(Error::unauthorized)
}

fn remember(state: &AppState, after: &Person) -> Arc<Remembered> {
    // What was read for this request only is not remembered.
    let remembered = Remembered::new(Person { context: Context::default(), ..after.clone() });
    state.people.put(&remembered);
    remembered
}
