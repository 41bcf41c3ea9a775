//! Opens the file of a database and the files next to it.
//!
//! New files are readable and writable only for their owner (mode 0600). Whether a file is a database of this program is
//! checked in `open.rs`, not here.

use crate::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, query};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits while another process writes.
const BUSY: Duration = Duration::from_secs(10);

/// Size of the buffer between the database thread and this one, in rows. It holds all rows that a group returns, so the
/// database thread never waits inside a group. Readers keep the small default, because their rows may be long.
const ROWS_WAITING: usize = 512;

/// The commit that makes the log longer than this runs a checkpoint; in pages (16 MB).
const LOG_PAGES: u32 = 4_000;

/// Options to open a file and to create it with access for its owner only.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    options
}

/// The path of a file next to the database: `backstory.db` and `lock` give `backstory.db.lock`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

pub(super) async fn connect(path: &Path, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let db = || path.display().to_string();
    let unusable = |source| StoreError::Unusable { db: db(), source };
    // An absolute path keeps SQLite from reading `:memory:` and `file:` as special names.
    let file = std::path::absolute(path).map_err(unusable)?;
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .read_only(read_only)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("temp_store", "FILE")
        .pragma("cache_size", "-8000");
    let connected = if read_only {
        match options.clone().connect().await {
            // In a read-only folder SQLite cannot create its helper files. Without a log the database file alone is complete,
            // so it can be opened as immutable.
            Err(err) if !not_a_database(&err) && is_whole(&file) => {
                options.immutable(true).connect().await
            }
            connected => connected,
        }
    } else {
        let durable = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            .row_buffer_size(ROWS_WAITING)
            .pragma("wal_autocheckpoint", LOG_PAGES.to_string());
        durable.connect().await
    };
    connected.map_err(|err| {
        if not_a_database(&err) {
            return StoreError::Foreign { db: db() };
        }
        unusable(io::Error::other(err))
    })
}

/// Writes the log back into the database file and empties it, if no run and no reader prevents that.
///
/// So a file that is moved to this path while another program has the old one open does not meet a log of the old one.
pub(super) async fn write_back(writer: &mut SqliteConnection) {
    let busy = BUSY.as_millis();
    let sql = format!(
        "PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = {busy}"
    );
    // An error is ignored: the change is stored, and the next checkpoint does the same.
    let _ = query(AssertSqlSafe(sql)).execute(writer).await;
}

/// Whether the database file alone is complete: there is no log, or the log is empty.
fn is_whole(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    !std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Whether the file is not an `SQLite` database (result code 26).
pub(super) fn not_a_database(err: &sqlx::Error) -> bool {
    err.as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "26")
}
