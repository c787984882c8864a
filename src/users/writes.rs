//! Edits of users that share commits (design 7): one round takes what has queued while the last commit ran. Each edit in
//! it succeeds or fails alone, and nobody is told anything before the commit. Edits of one user are decided one on the
//! result of the other, and written as what comes out at last.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;
use futures_util::future::join_all;
use tokio::runtime::Handle;

use super::cache::{PersonCache, Remembered};
use super::edit::UserChanges;
use super::person::{Context, Person};
use super::set_all::set_all;
use crate::clock::Stamp;
use crate::db::{Asked, Connection, Database, DbError, Gather};
use crate::guard::{Decision, Edit, decide};
use crate::id::Id;
use crate::metrics::count::COMMITS;

/// An edit that is to be written: it was decided on a state that was current after its request arrived, and may be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The state.
    pub basis: Arc<Remembered>,
    /// The edit.
    pub edit: Arc<Edit<UserChanges>>,
    /// When its request arrived.
    pub now: Stamp,
}

impl Wish {
    /// Whether it can be written with others: it is decided on the person's own row, and writes nothing else.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let changes = &self.edit.changes;
        // A picture may go with its URL, an offset that JUNO has set with a time zone.
        let has_more = changes.columns.sets("avatar") || changes.preferences.sets("time_zone");
        let is_one_row = changes.rows.is_empty() && changes.parent_contacts.is_none() && !has_more;
        is_one_row && !self.is_behind(&self.basis)
    }

    /// Whether it names a base before the state. What happened to rows since then is known of no state that is remembered.
    fn is_behind(&self, state: &Remembered) -> bool {
        let Edit { claim, conditions, .. } = &*self.edit;
        let stamp = claim.base.as_ref().filter(|_| !claim.overwrite).map(|base| base.stamp);
        stamp.into_iter().chain(conditions.base()).any(|base| base < state.person.stamp)
    }
}

/// What became of an edit.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// What was decided holds, on the way to the state that is shown.
    Decided(Arc<Remembered>, Box<Decision<Person>>),
    /// Somebody else was first, or it takes more than is known here: it is to be read and decided again.
    Lost,
}

/// The edits on their way; clones share them.
#[derive(Clone, Debug)]
pub struct Writes {
    gather: Option<Gather<Wish, Outcome>>,
    /// What the last round has written: who decided on the state before need not read again.
    last: Arc<Mutex<States>>,
}

type States = BTreeMap<Id, Arc<Remembered>>;

impl Writes {
    /// Edits share commits, which are made on a runtime that outlives all requests: a worker that has none any more ends
    /// before the others.
    #[must_use]
    pub fn shared(home: Handle) -> Self {
        // A second round would wait for the first one's disk, or lock.
        Self { gather: Some(Gather::new(1).at_home_on(home)), last: Arc::default() }
    }

    /// Each edit has a commit of its own, to measure what shared ones bring.
    #[must_use]
    pub fn alone() -> Self {
        Self { gather: None, last: Arc::default() }
    }

    /// Writes an edit, with others where there are some.
    ///
    /// # Errors
    /// [`DbError`]; except for [`DbError::OutcomeUnknown`] nothing was written.
    pub async fn write(
        &self,
        db: &Database,
        people: &Arc<PersonCache>,
        wish: Wish,
    ) -> Result<Outcome, DbError> {
        let round = || Round { db: db.clone(), people: Arc::clone(people), last: Arc::clone(&self.last) };
        let Some(gather) = &self.gather else { return round().alone(wish).await };
        let work = || {
            let round = round();
            move |asked| {
                let round = round.clone();
                async move { round.write(asked).await }
            }
        };
        let told = gather.ask(wish, db.wait(), work);
        // Where the round's thread has ended, its transaction may still commit.
        told.await.unwrap_or_else(|| Err(DbError::OutcomeUnknown("a shared commit was given up".to_owned())))
    }
}

/// What rounds are written with.
#[derive(Clone)]
struct Round {
    db: Database,
    people: Arc<PersonCache>,
    last: Arc<Mutex<States>>,
}

impl Round {
    async fn write(&self, asked: Vec<Asked<Wish, Outcome>>) {
        let wishes: Arc<[Wish]> = asked.iter().map(|asked| asked.question.clone()).collect();
        match self.commit(Arc::clone(&wishes)).await {
            Ok(outcomes) => {
                for (asked, outcome) in asked.into_iter().zip(outcomes) {
                    asked.tell(Ok(outcome));
                }
            }
            // Nothing of it was written. Which of them it was is found out by each going alone.
            Err(error) if asked.len() > 1 && may_be_of_one(&error) => {
                log::info!("edits of a shared commit go alone: {error}");
                let alone = asked.into_iter().map(|asked| async {
                    let outcome = self.alone(asked.question.clone()).await;
                    asked.tell(outcome);
                });
                join_all(alone).await;
            }
            Err(error) => {
                for asked in asked {
                    asked.tell(Err(error.repeated()));
                }
            }
        }
    }

    async fn alone(&self, wish: Wish) -> Result<Outcome, DbError> {
        let outcomes = self.commit([wish].into()).await?;
        Ok(outcomes.into_iter().next().unwrap_or(Outcome::Lost))
    }

    /// Decides and writes in one transaction.
    async fn commit(&self, wishes: Arc<[Wish]>) -> Result<Vec<Outcome>, DbError> {
        COMMITS.add(wishes.len());
        let known = std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner));
        let work = move |connection: &mut Connection| written(connection, &wishes, &known);
        let (outcomes, states) = self.db.write(work).await?;
        for state in states.values() {
            self.people.put(state);
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = states;
        Ok(outcomes)
    }
}

/// Whether an error may be the fault of one edit in a transaction of several, or of a row that somebody else holds.
fn may_be_of_one(error: &DbError) -> bool {
    !matches!(error, DbError::OutcomeUnknown(_) | DbError::Busy)
}

/// The edits of one user, decided one after the other.
struct Chain {
    /// What is stored, as far as is known.
    base: Arc<Remembered>,
    /// What came out so far.
    last: Arc<Remembered>,
    /// By the places of the edits in the round.
    outcomes: Vec<(usize, Outcome)>,
}

impl Chain {
    fn decide(&mut self, place: usize, wish: &Wish) {
        if wish.is_behind(&self.base) {
            return self.outcomes.push((place, Outcome::Lost));
        }
        let decision = decide(&self.last.person, &wish.edit, wish.now);
        if let Decision::Applied { state, .. } = &decision {
            self.last = Remembered::new(Person { context: Context::default(), ..state.clone() });
        }
        self.outcomes.push((place, Outcome::Decided(Arc::clone(&self.last), Box::new(decision))));
    }
}

/// Decides the edits, each on the newest state that is known of its user, and writes what comes out. A state that is newer
/// than the one which an edit was decided on was committed after that one had been read, and so after the request arrived.
fn written(
    connection: &mut Connection,
    wishes: &[Wish],
    known: &States,
) -> QueryResult<(Vec<Outcome>, States)> {
    let mut newest = BTreeMap::<Id, &Arc<Remembered>>::new();
    for wish in wishes {
        let id = wish.basis.person.id;
        for state in known.get(&id).into_iter().chain([&wish.basis]) {
            let newest = newest.entry(id).or_insert(state);
            if newest.person.version < state.person.version {
                *newest = state;
            }
        }
    }
    let chain = |base: &Arc<Remembered>| Chain {
        base: Arc::clone(base),
        last: Arc::clone(base),
        outcomes: Vec::new(),
    };
    let mut chains: BTreeMap<Id, Chain> = newest.into_iter().map(|(id, base)| (id, chain(base))).collect();
    for (place, wish) in wishes.iter().enumerate() {
        if let Some(chain) = chains.get_mut(&wish.basis.person.id) {
            chain.decide(place, wish);
        }
    }
    let moved = |chain: &&Chain| chain.base.person.version != chain.last.person.version;
    let changes: Vec<(&Person, &Person)> =
        chains.values().filter(moved).map(|chain| (&chain.base.person, &chain.last.person)).collect();
    let won = set_all(connection, &changes)?;
    let mut outcomes = vec![Outcome::Lost; wishes.len()];
    let mut states = States::new();
    for (id, chain) in chains {
        if moved(&&chain) {
            if !won.contains(&id) {
                continue;
            }
            states.insert(id, Arc::clone(&chain.last));
        }
        for (place, outcome) in chain.outcomes {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = outcome;
            }
        }
    }
    Ok((outcomes, states))
}
