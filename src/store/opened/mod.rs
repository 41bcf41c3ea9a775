//! An opened database of either kind, and what may be done with it: read, change it between runs, or run on it.
//!
//! Opening decides which; the compiler then checks it. The larger handle can do what the smaller one can. The traits of the store
//! are implemented here for both kinds, in `seam.rs`, by handing each call to the database that is open. What a trait cannot say,
//! because a file and a server differ in it, are functions here that have an answer for both.

mod copying;
mod intake;
mod opening;
mod run;
mod seam;

pub use copying::Copying;
pub use intake::{Batch, Form, Import};
pub use run::CastRun;

use intake::Importing;
use run::Running;

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{NewRun, Sheet, StoreError, Value};
use crate::domain::character::{CastId, CharacterId};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// A database that may be read.
pub struct Reader(Opened);

/// A database that may also be changed between runs, and beside one.
pub struct Editor(Reader);

/// A database on which this process may import sheets and send requests.
///
/// A database file is locked for one such process. On a server there may be several.
pub struct Holder(Editor);

/// The database of a handle. A run on it shares it.
enum Opened {
    File(Arc<Sqlite>),
    Server(Arc<Postgres>),
}

impl Deref for Editor {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl Deref for Holder {
    type Target = Editor;

    fn deref(&self) -> &Editor {
        &self.0
    }
}

impl Reader {
    /// Closes the database. Of a file, only the file itself and its lock are left.
    pub async fn close(self) {
        match self.0 {
            Opened::File(db) => {
                // A run that still has it keeps it open.
                if let Some(db) = Arc::into_inner(db) {
                    db.close().await;
                }
            }
            Opened::Server(db) => db.close().await,
        }
    }

    /// Begins an import. Of a file, no other connection can write until it is applied or abandoned.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    pub async fn import(&self, sheet: Sheet) -> Result<Import<'_>, StoreError> {
        Ok(Import(match &self.0 {
            Opened::File(db) => Importing::File(Box::new(Box::pin(db.import(sheet)).await?)),
            Opened::Server(db) => Importing::Server(Box::new(Box::pin(db.import(sheet)).await?)),
        }))
    }

    /// Runs one statement that reads, and calls `each` with the names of the columns and the values of each row. With `cast`,
    /// the views hold only that cast. Returns the names of the columns.
    ///
    /// # Errors
    ///
    /// What `each` returns; [`StoreError::Statement`] when the statement does more than read, or has an error.
    pub async fn query<E: From<StoreError>>(
        &self,
        sql: &str,
        cast: Option<&str>,
        each: impl FnMut(&[String], Vec<Value>) -> Result<(), E>,
    ) -> Result<Vec<String>, E> {
        match &self.0 {
            Opened::File(db) => db.query(sql, cast, each).await,
            Opened::Server(db) => db.query(sql, cast, each).await,
        }
    }

    /// Writes a copy of a cast into `file`, which is empty: a database file. With `only`, the copy has only these characters.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the copy cannot be written. The content of `file` is not usable then.
    pub async fn copy(
        &self,
        cast: CastId,
        only: Option<&[CharacterId]>,
        file: &Path,
    ) -> Result<(), StoreError> {
        match &self.0 {
            Opened::File(db) => db.copy(cast, only, file).await,
            Opened::Server(db) => copying::into_new_file(db, cast, only, file).await,
        }
    }

    /// When the last request was sent, to any endpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn last_request(&self) -> Result<Option<SystemTime>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.last_request().await,
            Opened::Server(db) => db.last_request().await,
        }
    }
}

impl Editor {
    /// Closes the database. Of a file, only the file itself and its lock are left.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl Holder {
    /// Closes the database. Of a file, only the file itself and its lock are left.
    pub async fn close(self) {
        self.0.close().await;
    }

    /// Closes the database; removes a file that was only just created.
    pub async fn discard(self) {
        match self.0.0.0 {
            Opened::File(db) => {
                if let Some(db) = Arc::into_inner(db) {
                    db.discard().await;
                }
            }
            Opened::Server(db) => db.close().await,
        }
    }

    /// Requests of killed runs that were in flight, found when the database was opened: they may have been charged.
    #[must_use]
    pub fn interrupted(&self) -> u64 {
        match &self.0.0.0 {
            Opened::File(db) => db.interrupted(),
            Opened::Server(db) => db.interrupted(),
        }
    }

    /// Results that an earlier run could not store, and that were imported when the database was opened.
    #[must_use]
    pub fn rescued(&self) -> u64 {
        match &self.0.0.0 {
            Opened::File(db) => db.rescued(),
            Opened::Server(db) => db.rescued(),
        }
    }

    /// Starts a run on a cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; no run is started then.
    pub async fn begin_run(&self, new: NewRun) -> Result<CastRun, StoreError> {
        Ok(CastRun(match &self.0.0.0 {
            Opened::File(db) => Running::File(db.begin_run(new).await?),
            Opened::Server(db) => Running::Server(db.begin_run(new).await?),
        }))
    }

    /// Deletes a cast with its characters, takes, attempts and runs, and frees the disk space of a file.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written. Then either the cast still exists, or it is deleted and only its
    /// disk space is not free yet.
    pub async fn forget(&self, cast: CastId) -> Result<(), StoreError> {
        match &self.0.0.0 {
            Opened::File(db) => db.forget(cast).await,
            Opened::Server(db) => db.forget(cast).await,
        }
    }
}
