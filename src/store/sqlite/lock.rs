//! The lock of a database: only the process that holds it may send requests. It is a lock on a file next to the database.
//!
//! The operating system releases the lock when the process ends in any way. The table of runs says which process holds it, so
//! readers never touch the lock.

use super::file::{beside, connect, private_file};
use super::millis;
use super::place::Place;
use crate::store::StoreError;
use crate::store::process::{is_alive, this_host};
use sqlx::{Connection, Row, SqliteConnection};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The lock of a database; dropping it releases the lock.
pub(super) struct Held {
    /// The open file that the operating system has locked.
    _lock: File,
    /// That file at its path.
    place: Place,
}

impl Held {
    /// Whether the lock file is still at its path. Otherwise the run must stop, because another run could take a new lock there.
    pub(super) fn is_there(&self) -> bool {
        self.place.is_there()
    }
}

/// The real path of the database. A symbolic link is followed, so that all names of a database have the same lock.
pub(super) fn real(path: &Path) -> PathBuf {
    let linked = path.is_symlink().then(|| fs::canonicalize(path).ok());
    linked.flatten().unwrap_or_else(|| path.to_owned())
}

/// Takes the lock of the database at `path`, which exists.
pub(super) async fn lock(path: &Path) -> Result<Held, StoreError> {
    let unusable = |source| StoreError::Unusable {
        db: path.display().to_string(),
        source,
    };
    let name = beside(path, "lock");
    let lock = private_file().open(&name).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(Held {
            place: Place::of(&name).map_err(unusable)?,
            _lock: lock,
        }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
            db: path.display().to_string(),
            holder: holder(path).await,
        }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Which process holds the lock, as the end of a message; `None` if that cannot be read.
pub(super) async fn holder(path: &Path) -> Option<String> {
    let mut reader = connect(path, true).await.ok()?;
    let row = sqlx::query(
        "SELECT pid, strftime('%Y-%m-%d %H:%M:%S', started_ms / 1000.0, 'unixepoch')
         FROM runs WHERE ended_ms IS NULL ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(&mut reader)
    .await
    .ok()??;
    reader.close().await.ok()?;
    let (pid, since): (i64, String) = (row.get(0), row.get(1));
    Some(format!(": process {pid}, since {since} UTC"))
}

/// Marks runs as ended whose process no longer exists. Without it, they would look live until their time is over. Errors are
/// ignored, because the next run ends them in any case.
pub(super) async fn end_dead_runs(path: &Path, reader: &mut SqliteConnection) {
    let live = sqlx::query("SELECT id, pid FROM z_live_runs WHERE host = ?")
        .bind(this_host())
        .fetch_all(reader)
        .await
        .unwrap_or_default();
    let dead: Vec<i64> = live
        .iter()
        .filter(|row| !is_alive(row.get(1)))
        .map(|row| row.get(0))
        .collect();
    if dead.is_empty() {
        return;
    }
    let Ok(mut writer) = connect(path, false).await else {
        return;
    };
    for run in dead {
        let _ = sqlx::query("UPDATE runs SET ended_ms = ? WHERE id = ? AND ended_ms IS NULL")
            .bind(millis(SystemTime::now()))
            .bind(run)
            .execute(&mut writer)
            .await;
    }
    let _ = writer.close().await;
}
