//! The file of a database and the files beside it: how each is opened.
//!
//! What is created is for its owner only (mode 0600). Whose file it is, and whether it may be used, is not decided here.

use crate::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);

/// Rows that may wait for us before the writing thread waits, too: as many as a group returns, so that it never does in the
/// middle of one. Readers keep a few: theirs may be long.
const ROWS_WAITING: usize = 512;

/// The log is written back into the file by the commit that makes it longer than this, in pages: 16 MB.
const LOG_PAGES: u32 = 4_000;

/// How a file is opened that is made for its owner only.
pub(super) fn mine() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    options
}

/// The path of a companion of the database: `backstory.db` and `lock` give `backstory.db.lock`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

pub(super) async fn connect(path: &Path, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let db = || path.display().to_string();
    let unusable = |source| StoreError::Unusable { db: db(), source };
    // A path is a path: `:memory:` and `file:` mean nothing else here.
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
            // Where nothing can be made beside it, and no log waits to be read, the file alone is the whole.
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

/// Whether everything is in the file itself: there is no log beside it, or an empty one.
fn is_whole(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    !std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Whether the file is not `SQLite`'s at all (result code 26).
pub(super) fn not_a_database(err: &sqlx::Error) -> bool {
    err.as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "26")
}
