//! Who may send: one process at a time, the one that holds the lock, a file beside the database.
//!
//! The system lets go of the lock when its process dies, however that happens. Who holds it stands in the database, for others
//! to read; readers never touch the lock.

use super::file::{beside, connect, mine};
use super::millis;
use crate::store::StoreError;
use sqlx::{Connection, Row, SqliteConnection};
use std::fs::{self, File, Metadata, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A database that is held to run on it, until this is dropped.
pub(super) struct Held {
    /// What the system's lock hangs on.
    _lock: File,
    /// The database and its lock, each with the file that was there when it was taken.
    files: [(PathBuf, FileId); 2],
}

/// Which file of which disk.
type FileId = (u64, u64);

impl Held {
    /// Whether both files are still in their place: a run must not pay for what is written into a file that nobody finds, nor
    /// beside another run that found no lock.
    pub(super) fn is_there(&self) -> bool {
        self.files
            .iter()
            .all(|(path, file)| fs::metadata(path).is_ok_and(|found| id(&found) == *file))
    }
}

fn id(file: &Metadata) -> FileId {
    (file.dev(), file.ino())
}

/// Where the database really is: a link is followed, so that all its names have one lock.
pub(super) fn real(path: &Path) -> PathBuf {
    let linked = path.is_symlink().then(|| fs::canonicalize(path).ok());
    linked.flatten().unwrap_or_else(|| path.to_owned())
}

/// Takes the lock beside `path`, which is there.
pub(super) async fn lock(path: &Path) -> Result<Held, StoreError> {
    let unusable = |source| StoreError::Unusable {
        db: path.display().to_string(),
        source,
    };
    let name = beside(path, "lock");
    let lock = mine().open(&name).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => {
            let database = id(&fs::metadata(path).map_err(unusable)?);
            let locked = id(&lock.metadata().map_err(unusable)?);
            Ok(Held {
                files: [(path.to_owned(), database), (name, locked)],
                _lock: lock,
            })
        }
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
            db: path.display().to_string(),
            holder: holder(path).await,
        }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Who holds the database, in words that follow its name; nothing if that cannot be read.
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

/// Marks runs as ended whose process is gone, so that nobody sees them running until their time is up. Only a help for
/// readers: what cannot be written stays, and the next run settles everything.
pub(super) async fn bury(path: &Path, reader: &mut SqliteConnection) {
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

/// This machine's name, as runs write it down.
pub(super) fn this_host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

/// Whether a process of this machine exists, whoever owns it.
fn is_alive(pid: i64) -> bool {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| {
        let asked = rustix::process::test_kill_process(pid);
        asked != Err(rustix::io::Errno::SRCH)
    })
}
