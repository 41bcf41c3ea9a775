//! Opening a database: whose file it is, which version, who holds it.
//!
//! A file that is not ours is never touched. Migrating and sending need the lock, a file beside the database; readers never
//! touch it. What is made is for its owner only (mode 0600).

use super::rescue;
use super::run::recover;
use super::{Sqlite, failed, millis};
use crate::store::StoreError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr, SqliteConnection};
use std::fs::{OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// Marks our databases: `bcks`.
const APPLICATION_ID: i64 = 0x6263_6B73;

/// How long a statement waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);

impl Sqlite {
    /// Opens `path` to run on it: takes the lock, makes the database if there is none, and brings it up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when another run holds it, the file is not ours, or it cannot be opened; an existing file is as before.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let db = path.display().to_string();
        let unusable = |source| StoreError::Unusable {
            db: path.display().to_string(),
            source,
        };
        if path.is_dir() {
            return Err(unusable(io::ErrorKind::IsADirectory.into()));
        }
        let existed = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        if existed {
            // Before anything is made beside it.
            identify(&mut connect(path, true).await?, &db).await?;
        }
        let mine = || {
            let mut options = OpenOptions::new();
            options
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600);
            options
        };
        mine().open(path).map_err(unusable)?;
        let lock = mine().open(beside(path, "lock")).map_err(unusable)?;
        if let Err(err) = lock.try_lock() {
            return Err(match err {
                TryLockError::WouldBlock => StoreError::Locked {
                    holder: holder(path).await,
                    db,
                },
                TryLockError::Error(source) => unusable(source),
            });
        }
        let mut writer = connect(path, false).await?;
        migrate(&mut writer, &db).await?;
        let id = identity(&mut writer).await?;
        // Before the claims that it holds endings for are given up.
        let rescued = rescue::take_in(&mut writer, path, &id).await?;
        let interrupted = recover(&mut writer).await.map_err(failed("recover"))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            reader: Some(Mutex::new(connect(path, true).await?)),
            lock: Some(lock),
            interrupted,
            rescued,
            id,
            made: !existed,
        })
    }

    /// Opens `path` to look into it; makes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoCast`] when there is no database; another when it is not ours or cannot be read.
    pub async fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let db = path.display().to_string();
        match std::fs::metadata(path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoCast { db });
            }
            Err(source) => return Err(StoreError::Unusable { db, source }),
            Ok(file) if file.is_dir() => {
                let source = io::ErrorKind::IsADirectory.into();
                return Err(StoreError::Unusable { db, source });
            }
            Ok(file) if file.len() == 0 => return Err(StoreError::NoCast { db }),
            Ok(_) => {}
        }
        let mut reader = connect(path, true).await?;
        identify(&mut reader, &db).await?;
        bury(path, &mut reader).await;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(reader),
            reader: None,
            lock: None,
            interrupted: 0,
            rescued: 0,
            id: String::new(),
            made: false,
        })
    }

    /// A database in memory, for questions that need none on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for it.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let connecting = failed("open a scratch space");
        let mut writer = SqliteConnectOptions::new()
            .in_memory(true)
            .connect()
            .await
            .map_err(connecting)?;
        migrate(&mut writer, "memory").await?;
        Ok(Self {
            path: PathBuf::from(":memory:"),
            writer: Mutex::new(writer),
            reader: None,
            lock: None,
            interrupted: 0,
            rescued: 0,
            id: String::new(),
            made: false,
        })
    }
}

/// The path of a companion of the database: `backstory.db` and `lock` give `backstory.db.lock`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

pub(super) async fn connect(path: &Path, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(read_only)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("temp_store", "FILE")
        .pragma("cache_size", "-16000");
    let options = if read_only {
        options
    } else {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
    };
    options.connect().await.map_err(|err| {
        if not_a_database(&err) {
            StoreError::Foreign {
                db: path.display().to_string(),
            }
        } else {
            failed("open a connection")(err)
        }
    })
}

/// Whether the file is not `SQLite`'s at all (result code 26).
fn not_a_database(err: &sqlx::Error) -> bool {
    err.as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "26")
}

/// Checks that the database is ours and not from the future, without changing it.
async fn identify(connection: &mut SqliteConnection, db: &str) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign { db: db.to_owned() };
    let id = sqlx::query("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await;
    let id: i64 = match id {
        Ok(row) => row.get(0),
        Err(err) if not_a_database(&err) => return Err(foreign()),
        Err(err) => return Err(failed("read the version")(err)),
    };
    if id != APPLICATION_ID {
        return Err(foreign());
    }
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
        .map_err(|_| foreign())?;
    let ours = migrations().last().map(|migration| migration.version);
    if newest > ours {
        return Err(StoreError::Newer {
            db: db.to_owned(),
            version: env!("CARGO_PKG_VERSION"),
        });
    }
    Ok(())
}

async fn migrate(connection: &mut SqliteConnection, db: &str) -> Result<(), StoreError> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed("read the schema"))?;
    if tables > 0 {
        identify(connection, db).await?;
    }
    Migrator::with_migrations(migrations())
        .run(&mut *connection)
        .await
        .map_err(|err| StoreError::Failed {
            doing: "bring the tables up to date",
            source: Box::new(err),
        })?;
    // Part of each opening, so that a crash between the tables and the mark is mended by the next one.
    sqlx::query("PRAGMA application_id = 1650682739")
        .execute(connection)
        .await
        .map_err(failed("mark the file as ours"))?;
    Ok(())
}

async fn identity(connection: &mut SqliteConnection) -> Result<String, StoreError> {
    sqlx::query_scalar("SELECT id FROM identity")
        .fetch_one(connection)
        .await
        .map_err(failed("read its identity"))
}

fn migrations() -> Vec<Migration> {
    let migration = |version, about: &'static str, sql: &'static str| {
        Migration::new(
            version,
            about.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    vec![migration(
        1,
        "cast",
        include_str!("../../../migrations/sqlite/0001_cast.sql"),
    )]
}

/// Who holds the database, in words that follow its name; nothing if that cannot be read.
async fn holder(path: &Path) -> Option<String> {
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
async fn bury(path: &Path, reader: &mut SqliteConnection) {
    let live = sqlx::query("SELECT id, pid FROM live_runs WHERE host = ?")
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
