//! The store on this machine: one `SQLite` file in WAL mode, one writer, readers at any time.
//!
//! Every commit is synced to the disk before it returns. A lock file keeps a second run away; only this store knows of it.

mod apply;
mod backfill;
mod batch;
mod browse;
mod budget;
mod casts;
mod change;
mod commit;
mod copy;
mod crash;
mod enroll;
mod examine;
mod facts;
mod file;
mod found;
mod group;
mod history;
mod hit;
mod import;
mod importing;
mod index;
mod inside;
mod ledger;
mod lock;
mod matching;
mod open;
mod place;
mod query;
mod read;
mod recover;
mod rescue;
mod review;
mod run;
mod search;
mod staging;
mod terms;
mod transfer;
mod unchanged;
mod values;
mod verdicts;
mod watch;

pub(super) use batch::{Batch, Form};
pub(super) use importing::Import;
pub(super) use run::SqliteRun;
pub(super) use transfer::Transfer;

use super::StoreError;
use lock::Held;
use place::Place;
use sqlx::{Connection, SqliteConnection};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Mutex, MutexGuard};

/// A database file, opened.
pub(in crate::store) struct Sqlite {
    path: PathBuf,
    /// The file that was opened; none of a database in memory.
    place: Option<Place>,
    /// The only connection that writes; of a database opened to read, one that does not.
    writer: Mutex<SqliteConnection>,
    /// A second connection, so that reading ahead does not wait for a commit.
    reader: Option<Mutex<SqliteConnection>>,
    /// Held as long as the database is open to run on it.
    lock: Option<Held>,
    interrupted: u64,
    rescued: u64,
    /// Which database this is.
    id: String,
    /// There was no database before it was opened to run on it.
    made: bool,
}

impl Sqlite {
    /// Requests of killed runs that were in flight, found when the database was opened to run on it: they may have been
    /// charged.
    #[must_use]
    pub(in crate::store) fn interrupted(&self) -> u64 {
        self.interrupted
    }

    /// Endings that an earlier run could not store, and that were imported when the database was opened for a run.
    #[must_use]
    pub(in crate::store) fn rescued(&self) -> u64 {
        self.rescued
    }

    /// Closes the database, so that nothing but the file itself and its lock is left. What cannot be closed is left as it is:
    /// everything in it is stored.
    pub(in crate::store) async fn close(self) {
        if let Some(reader) = self.reader {
            let _ = reader.into_inner().close().await;
        }
        let _ = self.writer.into_inner().close().await;
    }

    /// Closes the database; one that was only just made goes, as if it had never been.
    pub(in crate::store) async fn discard(self) {
        // Another program's file that has taken the path stays.
        let (path, made) = (self.path.clone(), self.made && self.is_there());
        // Held until everything is gone.
        let mut this = self;
        let lock = this.lock.take();
        this.close().await;
        if made && lock.is_some() {
            for file in [path.clone(), file::beside(&path, "lock")] {
                // What cannot be removed is an empty database, which does no harm.
                let _ = std::fs::remove_file(file);
            }
        }
    }

    /// Closes the database and removes its lock file: no other process knows of this database yet.
    pub(in crate::store) async fn close_without_lock_file(self) {
        let lock = file::beside(&self.path, "lock");
        self.close().await;
        // An empty file that cannot be removed does no harm.
        let _ = std::fs::remove_file(lock);
    }

    async fn reader(&self) -> MutexGuard<'_, SqliteConnection> {
        self.reader.as_ref().unwrap_or(&self.writer).lock().await
    }

    /// Whether the file that was opened, and the lock that is held, are still at their paths.
    pub(in crate::store) fn is_there(&self) -> bool {
        self.place.as_ref().is_none_or(Place::is_there)
            && self.lock.as_ref().is_none_or(Held::is_there)
    }

    /// Called before each write: nothing may be written into a file that was removed or replaced.
    fn check_place(&self) -> Result<(), StoreError> {
        if self.is_there() {
            Ok(())
        } else {
            Err(StoreError::Replaced { db: self.db() })
        }
    }

    fn db(&self) -> String {
        self.path.display().to_string()
    }
}

/// Turns what the database said into our error; `doing` is a verb with its object.
fn failed(doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Failed {
        doing,
        source: Box::new(source),
    }
}

/// Milliseconds since 1970; a clock before that reads as 1970.
fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    millis_of(since)
}

fn millis_of(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// A count as the database has it; none is negative or beyond its range.
fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn count(value: i64) -> u64 {
    value.try_into().unwrap_or(0)
}
