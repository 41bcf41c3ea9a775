//! A run on a cast of a database of either kind.

use crate::domain::character::CastId;
use crate::domain::tally::Counts;
use crate::store::postgres::PostgresRun;
use crate::store::sqlite::SqliteRun;
use crate::store::{Committed, Group, Ledger, Settlement, StoreError};
use std::path::PathBuf;
use std::time::SystemTime;

/// A started run. The runner uses it as its ledger.
pub struct CastRun(pub(super) Running);

/// The run in its database.
pub(super) enum Running {
    File(SqliteRun),
    Server(PostgresRun),
}

impl CastRun {
    /// The cast of the run.
    #[must_use]
    pub fn cast(&self) -> CastId {
        match &self.0 {
            Running::File(run) => run.cast(),
            Running::Server(run) => run.cast(),
        }
    }

    /// When the last request to this endpoint started, in any run.
    #[must_use]
    pub fn last_start(&self) -> Option<SystemTime> {
        match &self.0 {
            Running::File(run) => run.last_start(),
            Running::Server(run) => run.last_start(),
        }
    }

    /// The number of pending characters that this run may try.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn wanted(&self) -> Result<u64, StoreError> {
        match &self.0 {
            Running::File(run) => run.wanted().await,
            Running::Server(run) => run.wanted().await,
        }
    }

    /// The number of failed characters; if the run is limited to some characters, only of these.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn failed(&self) -> Result<u64, StoreError> {
        match &self.0 {
            Running::File(run) => run.failed().await,
            Running::Server(run) => run.failed().await,
        }
    }

    /// Writes settlements that could not be stored to a rescue file, which the next run imports. Returns its path: next to a
    /// database file; for a server, in the current directory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] when no file could be written either.
    pub fn rescue(&self, unsaved: &[Settlement]) -> Result<PathBuf, StoreError> {
        match &self.0 {
            Running::File(run) => run.rescue(unsaved),
            Running::Server(run) => run.rescue(unsaved),
        }
    }

    /// Ends the run with its exit code. A database file is then complete without its log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that cannot be written. All settlements before are stored in any case.
    pub async fn end(self, exit: u8) -> Result<(), StoreError> {
        match self.0 {
            Running::File(run) => run.end(exit).await,
            Running::Server(run) => run.end(exit).await,
        }
    }
}

impl Ledger for CastRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        match &self.0 {
            Running::File(run) => run.commit(group).await,
            Running::Server(run) => run.commit(group).await,
        }
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        match &self.0 {
            Running::File(run) => run.counts().await,
            Running::Server(run) => run.counts().await,
        }
    }
}
