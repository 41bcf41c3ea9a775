//! The store on a `PostgreSQL` server, which several machines can share.
//!
//! Every commit is durable on the server before it returns. No state of a session outlives a transaction, so that a connection may
//! break at any moment, and so that a connection pooler may be between. What `connect.rs` promises about connections holds for every
//! statement of this store, because `session.rs` is the only way to one.
//!
//! Each file has the name of its counterpart in the store of database files, where there is one.

mod apply;
mod asked;
mod browse;
mod budget;
mod casts;
mod change;
mod clock;
mod commit;
mod connect;
mod doubt;
mod examine;
mod facts;
mod found;
mod group;
mod history;
mod hit;
mod import;
mod importing;
mod index;
mod inside;
mod ledger;
mod lines;
mod matching;
mod migrate;
mod open;
mod progress;
mod query;
mod read;
mod recipes;
mod recover;
mod rescue;
mod review;
mod run;
mod search;
mod session;
mod share;
mod staging;
mod transfer;
mod trouble;
mod values;
mod verdicts;
mod watch;
mod workers;

pub(super) use import::{Batch, Form};
pub(super) use importing::Import;
pub(super) use run::PostgresRun;
pub(super) use transfer::Transfer;

use session::Session;

/// A database of a server, opened.
pub(super) struct Postgres {
    /// Where it is, for messages: without a password.
    db: String,
    /// The connection for changes. It is opened when it is first used.
    writer: Session,
    /// A second connection, so that reading ahead does not wait for a commit.
    reader: Session,
    /// A third connection, for the limits that runs keep together.
    limits: Session,
    /// Which database this is. A rescue file of another one is never imported.
    id: String,
    /// Requests of dead runs that were in flight when the database was opened for a run.
    interrupted: u64,
    /// Results of a rescue file that were imported when the database was opened for a run.
    rescued: u64,
}

impl Postgres {
    pub(super) fn interrupted(&self) -> u64 {
        self.interrupted
    }

    pub(super) fn rescued(&self) -> u64 {
        self.rescued
    }

    /// Closes the connections. What is not committed is undone by the server.
    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }

    fn db(&self) -> String {
        self.db.clone()
    }
}

/// A count as the database has it; none is negative or beyond its range.
fn count(value: i64) -> u64 {
    value.try_into().unwrap_or(0)
}
