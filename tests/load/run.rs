//! A load: many clients, two nodes, some users; what was seen of each user is judged when all have ended.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use steward::auth::tokens::Tokens;
use steward::clock::{Clock as _, SystemClock};
use steward::db::migrations::migrate;
use steward::db::{Target, in_transaction};
use steward::id::Id;
use steward::users::create::NewUser;

use super::check::check;
use super::client::{Client, Log, Seen, Sent};
use super::history::{AT_FIRST, History, Outcome, Read, Write};
use super::table::Row;
use crate::support::app::{SECRET, USER};
use crate::support::program::Program;

pub const CLIENTS: usize = 32;

/// How long a node waits for a connection before it says 503: not for longer than most faults take.
const WAIT_MS: &str = "400";

/// Somebody whom clients read and edit.
pub struct User {
    pub authorization: String,
    /// Whether his edits write a row of his, too.
    pub is_nested: bool,
    /// Whether his rows are read with him, and answered to edits.
    pub is_whole: bool,
}

impl User {
    /// Where he is read and edited.
    pub fn url(&self, node: &str) -> String {
        format!("{node}{USER}{}", if self.is_whole { "?include=websites" } else { "" })
    }
}

/// Makes users in a database, every other one with edits that write a row, and one without such that is read with his rows.
pub fn users(target: &Target, number: usize) -> Vec<User> {
    migrate(target).expect("migrations");
    let (tokens, now) = (Tokens::new(SECRET), SystemClock.now());
    let mut connection = target.connect().expect("a connection");
    let ids: Vec<Id> = (0..number).map(|_| Id::random()).collect();
    let made = in_transaction(&mut connection, |connection| {
        ids.iter().try_for_each(|id| NewUser::new(*id, "Rey", now).expect("a user").insert(connection))
    });
    made.expect("the users");
    let user = |(number, id): (usize, &Id)| {
        let token = tokens.issue(*id, now, 0, 3600).expect("a token");
        User {
            authorization: format!("Bearer {token}"),
            is_nested: number % 2 == 1,
            is_whole: number % 4 != 0,
        }
    };
    ids.iter().enumerate().map(user).collect()
}

/// Two nodes on one database, as clients know them.
pub struct Nodes {
    database: String,
    running: Mutex<Vec<Program>>,
    began: Instant,
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Default)]
struct Progress {
    acknowledged: usize,
    /// Clients that have ended, well or not.
    ended: usize,
    /// Whether something fails now.
    is_faulty: bool,
    /// Whether they need not go on.
    is_enough: bool,
}

impl Nodes {
    pub fn start(database: &str) -> Self {
        let running = Mutex::new((0..2).map(|_| node(database)).collect());
        let (database, began) = (database.to_owned(), Instant::now());
        Self { database, running, began, progress: Mutex::default(), changed: Condvar::new() }
    }

    pub fn url(&self, number: usize) -> String {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running[number % running.len()].url.clone()
    }

    /// Nanoseconds since the nodes were started.
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).expect("less than centuries")
    }

    /// SIGKILL; another node takes its place.
    pub fn kill(&self, number: usize) {
        let killed = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(number);
        killed.kill();
        let another = node(&self.database);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(number, another);
    }

    /// Waits until so many more edits are acknowledged.
    pub fn wait_for_more(&self, number: usize) {
        let before = self.progress().acknowledged;
        let lacking =
            |progress: &mut Progress| progress.acknowledged < before + number && progress.ended < CLIENTS;
        let progress =
            self.changed.wait_while(self.progress(), lacking).unwrap_or_else(PoisonError::into_inner);
        assert!(progress.acknowledged >= before + number, "the clients have ended before that");
    }

    /// Tells the clients that it is enough.
    pub fn end(&self) {
        self.change(|progress| progress.is_enough = true);
    }

    fn is_enough(&self) -> bool {
        self.progress().is_enough
    }

    /// Lets something fail, and tells the clients when it is over.
    pub fn during(&self, fault: impl FnOnce()) {
        self.change(|progress| progress.is_faulty = true);
        fault();
        self.change(|progress| progress.is_faulty = false);
    }

    pub fn wait_for_the_end_of_the_fault(&self) {
        let over = self.changed.wait_while(self.progress(), |progress| progress.is_faulty);
        drop(over.unwrap_or_else(PoisonError::into_inner));
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress());
        self.changed.notify_all();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn node(database: &str) -> Program {
    // Nobody reads what it logs, and a pipe that is full would stop it.
    let flags = ["serve", "--log", "off", "--workers", "1", "--jwt-secret", SECRET, "--db-wait-ms", WAIT_MS];
    Program::start(database, &flags)
}

/// Lets the clients end where what happens meanwhile fails itself.
struct Meanwhile<'a>(&'a Nodes);

impl Drop for Meanwhile<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.change(|progress| (progress.is_faulty, progress.is_enough) = (false, true));
        }
    }
}

/// Ends a client's turn however it ends.
struct Turn<'a>(&'a Nodes);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.change(|progress| progress.ended += 1);
    }
}

/// Lets the clients work, each so many times at most, and something happen meanwhile; judges what they have seen.
pub fn load(
    fault: &'static str,
    nodes: &Nodes,
    users: &[User],
    times: usize,
    meanwhile: impl FnOnce(),
) -> Row {
    let logs = thread::scope(|scope| {
        let client = |number| {
            scope.spawn(move || {
                let _turn = Turn(nodes);
                let mut client = Client::new(nodes, users, number);
                for _ in (0..times).take_while(|_| !nodes.is_enough()) {
                    client.work(|| nodes.change(|progress| progress.acknowledged += 1));
                }
                client.log
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        let guard = Meanwhile(nodes);
        meanwhile();
        drop(guard);
        clients.into_iter().map(|client| client.join().expect("a client")).collect::<Vec<Log>>()
    });
    let mut row = Row { fault, requests: logs.iter().map(|log| log.requests).sum(), ..Row::default() };
    for number in 0..users.len() {
        judge(nodes, users, number, &logs, &mut row);
    }
    row
}

/// Judges the history of one user, and counts it.
fn judge(nodes: &Nodes, users: &[User], number: usize, logs: &[Log], row: &mut Row) {
    let (mut reads, seen) = at_last(nodes, users, number);
    let seen_by_clients = logs.iter().flat_map(|log| &log.reads).filter(|(user, _)| *user == number);
    reads.extend(seen_by_clients.map(|(_, read)| read.clone()));
    let sent = || {
        let all = logs.iter().flat_map(|log| &log.writes);
        all.filter(|(user, _)| *user == number).map(|(_, sent)| sent)
    };
    let writes: Vec<Write> = sent().map(|sent| sent.write.clone()).collect();
    let first = reads.iter().find(|read| read.tokens == [AT_FIRST; 2]).map(|read| read.stamp);
    let history = History { first_stamp: first.expect("he was read before he was edited"), writes, reads };
    let order = check(&history).unwrap_or_else(|violation| panic!("{violation:?} in {history:?}"));
    let applied = |sent: &&Sent| matches!(sent.write.outcome, Outcome::Applied(_));
    let is_there = |sent: &&Sent| order.contains(&sent.write.token);
    let doubted = || sent().filter(|sent| sent.was_in_doubt);
    let unknown = sent().filter(|sent| sent.write.outcome == Outcome::Unknown).filter(is_there).count();
    let acknowledged = sent().filter(applied).count();
    let counted = usize::try_from(seen.counter).expect("a small number");
    assert_eq!(counted, order.len() - 1, "one for each edit that is there");
    row.acknowledged += acknowledged;
    row.in_doubt += doubted().count();
    row.there += doubted().filter(is_there).count();
    row.lost += (acknowledged + unknown).saturating_sub(counted);
}

/// What both nodes show at last, and the state that it is.
fn at_last(nodes: &Nodes, users: &[User], number: usize) -> (Vec<Read>, Seen) {
    let mut client = Client::new(nodes, users, CLIENTS);
    let seen = [client.read_from_the_next_node(number), client.read_from_the_next_node(number)];
    let reads = client.log.reads.into_iter().map(|(_, read)| read).collect();
    (reads, seen.into_iter().flatten().next_back().expect("a node that answers"))
}
