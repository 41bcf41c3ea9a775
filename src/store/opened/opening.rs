//! Opens a database of either kind.

use super::{Editor, Holder, Opened, Reader};
use crate::store::postgres::Postgres;
use crate::store::sqlite::Sqlite;
use crate::store::{Location, StoreError};
use std::sync::Arc;

impl Location {
    /// Opens the database for a run, creates it if there is none, and migrates it. A file is locked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when another run holds the lock of the file, when this is not a database of this program, or when it
    /// cannot be opened. An existing database is unchanged then.
    pub async fn open(&self) -> Result<Holder, StoreError> {
        let opened = match self {
            Self::File(path) => Opened::file(Sqlite::open(path).await?),
            Self::Server(address) => Opened::server(Postgres::open(address).await?),
        };
        Ok(Holder(Editor(Reader(opened))))
    }

    /// Opens the database to read; creates nothing. A database file of an older version is migrated first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Absent`] when there is no database; another error when it is not a database of this program or cannot be
    /// read.
    pub async fn open_to_read(&self) -> Result<Reader, StoreError> {
        Ok(Reader(match self {
            Self::File(path) => Opened::file(Sqlite::open_to_read(path).await?),
            Self::Server(address) => Opened::server(Postgres::open_to_read(address).await?),
        }))
    }

    /// Opens the database for small changes, which are possible during a run; creates nothing.
    ///
    /// # Errors
    ///
    /// The errors of [`Self::open_to_read`], and one when the database cannot be written.
    pub async fn open_to_change(&self) -> Result<Editor, StoreError> {
        Ok(Editor(Reader(match self {
            Self::File(path) => Opened::file(Sqlite::open_to_change(path).await?),
            Self::Server(address) => Opened::server(Postgres::open_to_change(address).await?),
        })))
    }
}

impl Reader {
    /// A database in memory, for comparisons that need none that stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be created.
    pub async fn in_memory() -> Result<Self, StoreError> {
        Ok(Self(Opened::file(Sqlite::in_memory().await?)))
    }
}

impl Opened {
    fn file(db: Sqlite) -> Self {
        Self::File(Arc::new(db))
    }

    fn server(db: Postgres) -> Self {
        Self::Server(Arc::new(db))
    }
}
