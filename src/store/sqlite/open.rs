//! Opens a database, after checking that the file is one of this program and of a known version.
//!
//! A file of another program is never changed. Migrations and runs need the lock. New files are accessible only to their
//! owner (mode 0600).

use super::file::{connect, not_a_database, private_file};
use super::lock::{end_dead_runs, lock, real};
use super::place::Place;
use super::recover::recover;
use super::{Sqlite, failed};
use super::{crash, rescue};
use crate::store::StoreError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqlSafeStr, SqliteConnection};
use std::cmp::Ordering;
use std::io;
use std::path::Path;
use tokio::sync::Mutex;

/// The application id of our databases: `bcks`, set by the first migration.
const APPLICATION_ID: i64 = 0x6263_6B73;

impl Sqlite {
    /// Opens `path` for a run: takes the lock, creates the database if there is none, and migrates it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when another run holds the lock, when the file is not a database of this program, or when it cannot be
    /// opened. An existing file is unchanged then.
    pub(in crate::store) async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = &real(path);
        let db = path.display().to_string();
        let unusable = |source| StoreError::Unusable {
            db: path.display().to_string(),
            source,
        };
        if path.is_dir() {
            return Err(unusable(io::ErrorKind::IsADirectory.into()));
        }
        if std::fs::metadata(path).is_ok_and(|file| !file.is_file()) {
            return Err(unusable(io::Error::other("it is not a regular file")));
        }
        let existed = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        if existed {
            // The check comes before any other file is created next to it.
            let mut reader = connect(path, true).await?;
            identify(&mut reader, &db).await?;
            let _ = reader.close().await;
        }
        private_file().open(path).map_err(unusable)?;
        let place = Place::of(path).map_err(unusable)?;
        let lock = lock(path).await?;
        let mut writer = connect(path, false).await?;
        crash::point("made");
        migrate(&mut writer, &db).await?;
        crash::point("migrated");
        let id = identity(&mut writer).await?;
        // The rescue file comes before `recover`, because its results are valid only while the claims of the dead run hold.
        let rescued = rescue::import(&mut writer, path, &id).await?;
        let interrupted = recover(&mut writer).await.map_err(failed("recover"))?;
        Ok(Self {
            path: path.to_owned(),
            place: Some(place),
            writer: Mutex::new(writer),
            reader: Some(Mutex::new(connect(path, true).await?)),
            lock: Some(lock),
            interrupted,
            rescued,
            id,
            made: !existed,
        })
    }

    /// Opens `path` to read; creates nothing. A database of an older version is migrated first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Absent`] when there is no database; another error when the file is not a database of this program or
    /// cannot be read.
    pub(in crate::store) async fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let path = &real(path);
        // The place is read first, so that a file that is replaced meanwhile is noticed.
        let place = Place::of(path).ok();
        let mut reader = existing(path).await?;
        end_dead_runs(path, &mut reader).await;
        Self::unlocked(path, place, reader, None)
    }

    /// Opens `path` for small changes, which are possible during a run; creates nothing.
    ///
    /// # Errors
    ///
    /// The errors of [`Self::open_to_read`], and one when the database cannot be written.
    pub(in crate::store) async fn open_to_change(path: &Path) -> Result<Self, StoreError> {
        let path = &real(path);
        let place = Place::of(path).ok();
        let mut reader = existing(path).await?;
        end_dead_runs(path, &mut reader).await;
        let writer = connect(path, false).await?;
        Self::unlocked(path, place, writer, Some(reader))
    }

    /// A database that was opened without the lock; another process may hold it. An error if another file is at its place
    /// already.
    fn unlocked(
        path: &Path,
        place: Option<Place>,
        writer: SqliteConnection,
        reader: Option<SqliteConnection>,
    ) -> Result<Self, StoreError> {
        let opened = Self {
            path: path.to_owned(),
            place,
            writer: Mutex::new(writer),
            reader: reader.map(Mutex::new),
            lock: None,
            interrupted: 0,
            rescued: 0,
            id: String::new(),
            made: false,
        };
        opened.check_place()?;
        Ok(opened)
    }

    /// A database in memory, for comparisons that need none on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be created.
    pub(in crate::store) async fn in_memory() -> Result<Self, StoreError> {
        let connecting = failed("open a scratch space");
        let mut writer = SqliteConnectOptions::new()
            .in_memory(true)
            .connect()
            .await
            .map_err(connecting)?;
        migrate(&mut writer, "memory").await?;
        Self::unlocked(Path::new(":memory:"), None, writer, None)
    }
}

/// Opens an existing database read-only. A database of an older version is migrated first.
async fn existing(path: &Path) -> Result<SqliteConnection, StoreError> {
    let db = path.display().to_string();
    let unusable = |db, source| Err(StoreError::Unusable { db, source });
    match std::fs::metadata(path) {
        Err(err) if err.kind() == io::ErrorKind::NotFound && folder_is_there(path) => {
            return Err(StoreError::Absent { db });
        }
        Err(source) => return unusable(db, source),
        Ok(file) if file.is_dir() => return unusable(db, io::ErrorKind::IsADirectory.into()),
        Ok(file) if !file.is_file() => {
            return unusable(db, io::Error::other("it is not a regular file"));
        }
        Ok(file) if file.len() == 0 => return Err(StoreError::NoCast { db }),
        Ok(_) => {}
    }
    let mut reader = connect(path, true).await?;
    match identify(&mut reader, &db).await? {
        Contents::Nothing => Err(StoreError::NoCast { db }),
        Contents::Ours => Ok(reader),
        Contents::Older => {
            let made_by = made_by(&mut reader).await;
            let _ = reader.close().await;
            let upgraded = upgrade(path, &db).await;
            upgraded.map_err(|source| StoreError::Older {
                db,
                made_by,
                version: env!("CARGO_PKG_VERSION"),
                source: Box::new(source),
            })?;
            connect(path, true).await
        }
    }
}

fn folder_is_there(path: &Path) -> bool {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.is_none_or(Path::is_dir)
}

/// Migrates a database of an older version, under the lock.
async fn upgrade(path: &Path, db: &str) -> Result<(), StoreError> {
    let _lock = lock(path).await?;
    let mut writer = connect(path, false).await?;
    migrate(&mut writer, db).await?;
    writer.close().await.map_err(failed("close"))
}

/// The content of a database that may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    /// No tables yet: the file is new, or the process that created it died early.
    Nothing,
    /// Our tables, in the version of this program.
    Ours,
    /// Our tables, in an older version.
    Older,
}

/// Checks that the database is ours and not of a newer version, without changing it.
async fn identify(connection: &mut SqliteConnection, db: &str) -> Result<Contents, StoreError> {
    let unreadable = |err| {
        if not_a_database(&err) {
            StoreError::Foreign { db: db.to_owned() }
        } else {
            failed("read the version")(err)
        }
    };
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> '_sqlx_migrations'",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(unreadable)?;
    if tables == 0 {
        return Ok(Contents::Nothing);
    }
    let id: i64 = sqlx::query_scalar("SELECT application_id FROM pragma_application_id")
        .fetch_one(&mut *connection)
        .await
        .map_err(unreadable)?;
    if id != APPLICATION_ID {
        return Err(StoreError::Foreign { db: db.to_owned() });
    }
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .map_err(unreadable)?;
    let ours = migrations().last().map(|migration| migration.version);
    match newest.cmp(&ours) {
        Ordering::Less => Ok(Contents::Older),
        Ordering::Equal => Ok(Contents::Ours),
        Ordering::Greater => Err(StoreError::Newer {
            db: db.to_owned(),
            made_by: made_by(connection).await,
            version: env!("CARGO_PKG_VERSION"),
        }),
    }
}

/// The version of the program that last ran on the database; `unknown` if that cannot be read.
async fn made_by(connection: &mut SqliteConnection) -> String {
    sqlx::query_scalar("SELECT version FROM runs ORDER BY id DESC LIMIT 1")
        .fetch_one(connection)
        .await
        .unwrap_or_else(|_| "unknown".to_owned())
}

async fn migrate(connection: &mut SqliteConnection, db: &str) -> Result<(), StoreError> {
    identify(connection, db).await?;
    let migrating = |err| StoreError::Failed {
        doing: "bring the tables up to date",
        source: Box::new(err),
    };
    Migrator::with_migrations(migrations())
        .run(connection)
        .await
        .map_err(migrating)
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
    vec![
        migration(
            1,
            "cast",
            include_str!("../../../migrations/sqlite/0001_cast.sql"),
        ),
        migration(
            2,
            "looking in",
            include_str!("../../../migrations/sqlite/0002_looking_in.sql"),
        ),
        migration(
            3,
            "money",
            include_str!("../../../migrations/sqlite/0003_money.sql"),
        ),
        migration(
            4,
            "sheet digest",
            include_str!("../../../migrations/sqlite/0004_sheet_digest.sql"),
        ),
        migration(
            5,
            "pick",
            include_str!("../../../migrations/sqlite/0005_pick.sql"),
        ),
        migration(
            6,
            "request fields",
            include_str!("../../../migrations/sqlite/0006_request_fields.sql"),
        ),
        migration(
            7,
            "answered",
            include_str!("../../../migrations/sqlite/0007_answered.sql"),
        ),
        migration(
            8,
            "budget",
            include_str!("../../../migrations/sqlite/0008_budget.sql"),
        ),
        migration(
            9,
            "review",
            include_str!("../../../migrations/sqlite/0009_review.sql"),
        ),
    ]
}
