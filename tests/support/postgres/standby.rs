//! Servers as they should be run: nothing is lost when one fails, and another one can take its place.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::{Cluster, run};

/// What a server is told beside what all are told, so that it loses nothing, and sends all to its standby. A commit takes
/// as long as on a slow disk: what fails then fails in the middle of some.
const DURABLE: &str = "-c listen_addresses= -c fsync=on -c full_page_writes=on -c wal_level=replica \
                       -c max_wal_senders=4 -c hot_standby=on -c commit_delay=20000 -c commit_siblings=0";

/// For clients to send some edits.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

impl Cluster {
    /// As [`Cluster::start`], waiting for its disk, and able to have a standby.
    pub fn start_durable() -> Self {
        let cluster = Self::init();
        cluster.up_with(DURABLE);
        cluster
    }

    /// Fails, and comes back at once with what it has on its disk.
    pub fn restart_immediately(&self) {
        let mut restart = self.programs.command("pg_ctl");
        restart.args(["restart", "-s", "-w", "-t", "60", "-m", "immediate", "-D"]).arg(self.data());
        run(restart.arg("-l").arg(self.folder.join("log")));
    }

    /// Makes a standby of it, and from then on answers no commit that the standby has not applied.
    pub fn with_standby(&self) -> Self {
        let standby = Self::nothing();
        let mut copy = standby.programs.command("pg_basebackup");
        copy.args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-U", "steward", "-h"]).arg(&self.folder);
        run(copy.arg("-D").arg(standby.data()));
        standby.up_with(DURABLE);
        let mut connection = self.connect("postgres");
        let synchronous = [
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "ALTER SYSTEM SET synchronous_commit = 'remote_apply'",
            "SELECT pg_reload_conf()",
        ];
        for statement in synchronous {
            connection.batch_execute(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
        }
        let is_followed = || {
            let sync = "(SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync') \
                        AND current_setting('synchronous_commit') = 'remote_apply'";
            // A new session, which is told what is set now.
            diesel::select(diesel::dsl::sql::<Bool>(sync)).get_result::<bool>(&mut self.connect("postgres"))
        };
        while !is_followed().expect("an answer") {}
        standby
    }

    /// Lets a standby apply nothing of what it receives, until so many commits of its server wait for it, or for long enough.
    pub fn hold_back(&self, server: &Self, commits: i64) {
        self.connect("postgres").batch_execute("SELECT pg_wal_replay_pause()").expect("paused");
        let mut connection = server.connect("postgres");
        let mut waiting = || {
            let waiting = "(SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')";
            diesel::select(diesel::dsl::sql::<BigInt>(waiting)).get_result::<i64>(&mut connection)
        };
        let deadline = Instant::now() + LONG_ENOUGH;
        while waiting().expect("a number") < commits && Instant::now() < deadline {}
    }

    /// Lets a standby take the place of its server.
    pub fn promote(&self) {
        let mut promote = self.programs.command("pg_ctl");
        run(promote.args(["promote", "-s", "-w", "-t", "60", "-D"]).arg(self.data()));
    }

    /// Where a database is, on this server or on another: whichever can be written to.
    pub fn url_with(&self, other: &Self, name: &str) -> String {
        format!("postgres://steward@/{name}?host={},{}", self.folder.display(), other.folder.display())
    }
}
