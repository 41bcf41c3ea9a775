//! Writing the log back into the file while commits go on.
//!
//! Left to itself, `SQLite` does this in the commit that makes the log long, and everybody who waits for that commit waits for
//! the disk twice more. Here a connection of its own does most of it beforehand, beside the commits; what a commit finds left
//! to do is little. It begins only when much has been stored, so a run with a slow service never opens it.

use super::file::connect;
use crate::store::Settlement;
use sqlx::{Connection, SqliteConnection, query};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// What may be stored before it is written back, in bytes of the log: half a thousand of its pages.
const STEP_BYTES: usize = 2 << 20;

/// What a row makes the log grow by beside its text, in bytes; measured.
const ROW_BYTES: usize = 2 << 10;

/// What writes back.
pub(super) struct Backfill {
    path: PathBuf,
    /// Bytes that the log has grown by since writing back last ended.
    grown: Arc<AtomicUsize>,
    /// The connection, once it was needed; held by whoever is at work.
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

    /// Takes note of what was stored, and begins to write back when it is much. Waits for nothing.
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
            // Whatever goes wrong here, the commits will meet it, too, and say so.
            if let Some(connection) = &mut *connection {
                let _ = query("PRAGMA wal_checkpoint(PASSIVE)")
                    .execute(connection)
                    .await;
            }
            // Only now, so that it pauses for a step: a log that was always being written back by us would never be begun
            // anew by a commit, and grow for ever.
            grown.store(0, Ordering::Relaxed);
        });
    }

    /// Finishes what is under way, and closes the connection.
    pub(super) async fn end(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // What cannot be closed is left as it is: everything in it is stored.
            let _ = connection.close().await;
        }
    }
}
