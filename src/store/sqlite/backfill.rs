//! Checkpoints: copies the write-ahead log into the database file while commits continue.
//!
//! By default, `SQLite` runs a checkpoint inside the commit that makes the log too long. All requests that wait for that commit
//! then wait for two more disk syncs. Here a separate connection does most of this work at the same time as the commits. The
//! connection is opened only after many bytes were stored, so a run with a slow service never opens it.

use super::file::connect;
use crate::store::Settlement;
use sqlx::{Connection, SqliteConnection, query};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// A checkpoint starts when the log has grown by this many bytes: about 500 pages.
const STEP_BYTES: usize = 2 << 20;

/// How much one row adds to the log, without its text, in bytes; measured.
const ROW_BYTES: usize = 2 << 10;

/// Runs checkpoints in the background.
pub(super) struct Backfill {
    path: PathBuf,
    /// How much the log has grown since the last checkpoint ended, in bytes.
    grown: Arc<AtomicUsize>,
    /// The connection, after its first use. The task that runs a checkpoint holds the lock.
    connection: Arc<Mutex<Option<SqliteConnection>>>,
}

impl Backfill {
    /// For the database at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            grown: Arc::default(),
            connection: Arc::default(),
        }
    }

    /// Counts what was stored, and starts a checkpoint when the log has grown enough. Never waits.
    pub(super) fn stored(&self, settlements: &[Settlement]) {
        let bytes = |ended: &Settlement| ROW_BYTES + ended.ending.text.len();
        let more = settlements.iter().map(bytes).sum();
        let grown = self.grown.fetch_add(more, Ordering::Relaxed) + more;
        if grown < STEP_BYTES {
            return;
        }
        let Ok(mut connection) = Arc::clone(&self.connection).try_lock_owned() else {
            return;
        };
        let (path, grown) = (self.path.clone(), Arc::clone(&self.grown));
        tokio::spawn(async move {
            if connection.is_none() {
                *connection = connect(&path, false).await.ok();
            }
            // An error is ignored: the next commit meets the same problem and reports it.
            if let Some(connection) = &mut *connection {
                let _ = query("PRAGMA wal_checkpoint(PASSIVE)")
                    .execute(connection)
                    .await;
            }
            // The counter is reset after the checkpoint, so that the next one starts later. A commit can restart the log only
            // while no checkpoint runs; without this pause the log would grow without limit.
            grown.store(0, Ordering::Relaxed);
        });
    }

    /// Waits for a running checkpoint, and closes the connection.
    pub(super) async fn end(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // An error is ignored: all data is already committed.
            let _ = connection.close().await;
        }
    }
}
